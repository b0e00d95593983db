// The raw block: a table's rows as columns, the form in which results travel.
#pragma once

#include <cstddef>
#include <string>

#include "engine/engine.h"

namespace opentaos::sandbox::server {

constexpr size_t kMaxBlockRows = 4096;

// Appends rows [first, first + count) of the table. `trailing_byte`: current servers append one more byte, older
// ones do not. False when a value does not fit its column; `error` says which.
bool append_block(const Table &table, size_t first, size_t count, bool trailing_byte, std::string *out,
                  std::string *error);

}  // namespace opentaos::sandbox::server
