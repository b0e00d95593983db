// Values as INSERT writes them: a token and the column it goes into make a value.
#pragma once

#include <string>
#include <string_view>

#include "engine/context.h"
#include "engine/lexer.h"

namespace opentaos::sandbox {

// `syntax error near '...' (why)`: how INSERT reports a token it cannot use.
[[noreturn]] void insert_error(const Token &at, std::string_view sql, std::string_view why);

// Reads one value for `field`, arithmetic on times included, and leaves the lexer behind it. `precision` is that of
// the table's database.
Value read_literal(Lexer *lexer, const Field &field, int precision, const Context &context);

// A value that came ready-made (prepared statements, schemaless, raw blocks): brought into the column's own kind,
// ranges and lengths checked.
Value adopt_value(const Value &v, const Field &field);

// Text into VARCHAR, NCHAR, VARBINARY, GEOMETRY, JSON, BLOB. `near` is for error messages.
Value value_from_text(const std::string &text, const Field &field);

}  // namespace opentaos::sandbox
