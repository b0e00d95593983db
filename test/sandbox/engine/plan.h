// A SELECT with everything bound, between planning (plan.cpp) and running (select.cpp, windows.cpp).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/aggregates.h"
#include "engine/source.h"

namespace opentaos::sandbox {

struct OrderKey {
  ExprPtr expr;   // nullptr: the item below
  int item = -1;  // output column
  bool descending = false;
  bool nulls_first = true;
};

struct SelectPlan {
  std::unique_ptr<Source> source;
  std::vector<ExprPtr> items;
  std::vector<Field> fields;
  std::vector<ExprPtr> where;  // parts of the AND
  std::vector<ExprPtr> partition_by, group_by;
  ExprPtr having;
  WindowSpec window;
  std::vector<AggregateCall> calls;
  std::vector<OrderKey> order;
  bool aggregated = false;
  bool distinct = false;
  bool tag_scan = false;  // one row per subtable, data or not
  int precision = 0;
};

// Throws what the server says to a wrong query.
SelectPlan make_plan(const SelectCore &core, const std::vector<OrderItem> &order, const Context &context,
                     bool plan_only);

// One line of the answer with the values it is sorted by.
struct OutputRow {
  Row values, keys;
};

// A partition's rows with their aggregates: what windows and groups come down to.
class GroupState {
 public:
  GroupState(const SelectPlan &plan);
  void add(const Row &row, const EvalInput &base);
  // Appends a line unless HAVING refuses it.
  void finish(const EvalInput &base, std::vector<OutputRow> *out) const;
  bool empty() const { return !any_; }
  WindowBounds bounds;

 private:
  const SelectPlan &plan_;
  std::vector<std::unique_ptr<Aggregator>> aggregators_;
  int time_slot_;
  Row row_;  // what plain columns show: the row a selector stands on, else the first
  bool any_ = false;
};

// Cuts the rows of one partition into windows and appends a line for each. Rows need not be sorted.
void run_windows(const SelectPlan &plan, std::vector<Row> rows, const EvalInput &base, std::vector<OutputRow> *out);

}  // namespace opentaos::sandbox
