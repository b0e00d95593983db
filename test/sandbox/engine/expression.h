// Binding and evaluating expressions.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/ast.h"
#include "engine/context.h"

namespace opentaos::sandbox {

// A column of what a query reads from.
struct ScopeColumn {
  std::string table;  // name or alias it is known by
  Field field;
  bool tag = false;
  bool hidden = false;  // tbname: not part of *
  bool time_key = false;
};

struct Scope {
  std::vector<ScopeColumn> columns;
  int precision = 0;
  bool any_source = false;    // there is a FROM
  bool single_table = false;  // one normal table or subtable: tbname and tags are constants
};

// An aggregate call of a query, filled by the binder.
struct AggregateCall {
  std::string name;
  std::vector<ExprPtr> args;  // bound to rows; count(*) has none
  Field type;
};

struct ScalarFunction {
  std::string_view name;
  int least_args, most_args;  // -1: any number
  // Checks the arguments and sets call.type.
  void (*bind)(Expr &call, const Scope &scope, const Context &context);
  // Gets evaluated arguments; none of them is NULL unless `nulls`.
  Value (*run)(const Expr &call, const std::vector<Value> &args, const Context &context, int precision);
  bool nulls = false;
};

const ScalarFunction *find_function(std::string_view name);
bool is_aggregate(std::string_view name);
bool is_selector(std::string_view name);               // picks a row: min, max, first, last, last_row, mode
bool is_other_server_function(std::string_view name);  // exists in TDengine, not here

struct WindowBounds {
  int64_t start = 0, end = 0;
};

struct EvalInput {
  const Row *row = nullptr;
  const Row *aggregates = nullptr;
  WindowBounds window;
  const Context *context = nullptr;
  int precision = 0;
};

class Binder {
 public:
  Binder(const Context &context, const Scope &scope) : context_(context), scope_(scope) {}

  // Where aggregate calls go; without it they are refused.
  void collect_aggregates(std::vector<AggregateCall> *calls) { aggregates_ = calls; }
  void allow_window(bool allowed) { window_ = allowed; }

  void bind(Expr &e);

 private:
  void bind_args(Expr &e);
  void bind_column(Expr &e);
  void bind_call(Expr &e);
  void bind_aggregate(Expr &e);
  void bind_arithmetic(Expr &e);
  void bind_compare(Expr &e);
  void bind_case(Expr &e);
  void adapt_to_time(const Expr &model, Expr &literal);

  const Context &context_;
  const Scope &scope_;
  std::vector<AggregateCall> *aggregates_ = nullptr;
  bool window_ = false;
  bool inside_aggregate_ = false;
};

Value evaluate(const Expr &e, const EvalInput &in);

// A condition: NULL counts as false.
bool holds(const Expr &e, const EvalInput &in);

// Type of an aggregate's result; throws for arguments it cannot take.
Field aggregate_type(const AggregateCall &call);

}  // namespace opentaos::sandbox
