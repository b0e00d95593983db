// The binary binds of statements of the second generation, taken apart.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.h"

namespace opentaos::sandbox::server {

// Action 9: tables one after the other. `named` says whether there is an area of names at all.
struct Stmt2Bind {
  bool named = false;
  std::vector<BoundTable> tables;
};
// False, with the adapter's text, for what does not fit.
bool read_stmt2_bind(std::string_view blob, Stmt2Bind *bind, std::string *error);

// Action 11: one column per placeholder, table names and tags repeated on every row.
struct Stmt2Rows {
  uint32_t rows = 0;
  uint32_t tables = 0;
  std::vector<BoundColumn> fields;
};
bool read_stmt2_rows(std::string_view blob, Stmt2Rows *rows, std::string *error);

}  // namespace opentaos::sandbox::server
