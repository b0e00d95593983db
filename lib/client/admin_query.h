// Questions to the system tables: small answers, every value as text.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "client/connection.h"

namespace opentaos::client {

using TextRow = std::vector<std::optional<std::string>>;  // nullopt: NULL

// All rows of a query. More than `most` of them, or a column that cannot be told as text, is a failure.
base::StatusOr<std::vector<TextRow>> read_rows(Connection &connection, std::string_view sql, size_t most);

// 'text' as a literal, and `name` as an identifier.
std::string sql_literal(std::string_view text);
std::string sql_name(std::string_view name);

// The integer that a value of read_rows() is; `otherwise` for NULL and anything else.
int64_t integer_of(const std::optional<std::string> &value, int64_t otherwise);

}  // namespace opentaos::client
