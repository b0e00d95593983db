// INSERT in all its forms. Parsed completely before anything is written, so that a statement with a mistake leaves
// nothing behind.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "engine/context.h"
#include "engine/lexer.h"

namespace opentaos::sandbox {

// Rows for one table, which may still have to be made.
struct InsertBatch {
  std::string db, name;
  TableInfo *table = nullptr;  // nullptr: make it from `super` and `tags`
  TableInfo *super = nullptr;
  Row tags;
  std::vector<int> columns;
  std::vector<Row> rows;
};

using InsertPlan = std::deque<InsertBatch>;

// `sql` has been through fold_case(). `plan_only` does not run the query of INSERT ... SELECT.
InsertPlan parse_insert(std::string_view sql, const Context &context, bool plan_only);

// Returns the number of rows.
int64_t run_insert(const InsertPlan &plan, const Context &context);

// The values of TAGS (...), for CREATE TABLE ... USING. `lexer` stands in front of the parenthesis.
Row parse_tags(Lexer *lexer, const TableInfo &super, const std::vector<std::string> &names, const Context &context);

}  // namespace opentaos::sandbox
