// What a query reads from: tables, system tables, subqueries and joins, all as rows under a scope.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "engine/expression.h"
#include "engine/rows.h"

namespace opentaos::sandbox {

using RowVisitor = std::function<bool(Row row)>;

class Source {
 public:
  virtual ~Source() = default;
  // `conditions` are bound to scope() and must all hold for a row to matter: a source may use them to read less, the
  // caller checks them again. `visit` returns false to stop.
  virtual void scan(const std::vector<ExprPtr> &conditions, const EvalInput &base, const RowVisitor &visit) const = 0;
  // One row per subtable with tags and tbname only; false when the source has no subtables.
  virtual bool scan_tags(const RowVisitor &) const { return false; }
  const Scope &scope() const { return scope_; }

 protected:
  Scope scope_;
};

// `from` nullptr: one row without columns. `conditions` is the WHERE of the query, for joins written with a comma.
std::unique_ptr<Source> make_source(const TableRef *from, const Context &context, bool plan_only);

// The parts of an AND.
std::vector<ExprPtr> split_and(const ExprPtr &e);

// Whether the bound expression needs no row, aggregate or window.
bool is_constant(const Expr &e);

// The times the conditions leave over for the time key in `slot`.
TimeRange time_range(const std::vector<ExprPtr> &conditions, int slot, const EvalInput &base);

int time_slot(const Scope &scope);  // -1 when there is none

}  // namespace opentaos::sandbox
