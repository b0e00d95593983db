#include "engine/select.h"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include "engine/cast.h"
#include "engine/plan.h"

namespace opentaos::sandbox {

namespace {

std::string row_key(const std::vector<ExprPtr> &exprs, const EvalInput &in) {
  std::string key;
  for (auto &e : exprs) append_key(&key, evaluate(*e, in));
  return key;
}

OutputRow project(const SelectPlan &plan, const EvalInput &in) {
  OutputRow out;
  out.values.reserve(plan.items.size());
  for (auto &e : plan.items) out.values.push_back(evaluate(*e, in));
  for (auto &k : plan.order)
    if (k.expr) out.keys.push_back(evaluate(*k.expr, in));
  return out;
}

bool passes(const SelectPlan &plan, const EvalInput &in) {
  return std::all_of(plan.where.begin(), plan.where.end(), [&](const ExprPtr &c) { return holds(*c, in); });
}

// Rows that pass the WHERE.
void scan(const SelectPlan &plan, const EvalInput &base, const RowVisitor &visit) {
  auto filtered = [&](Row row) {
    EvalInput in = base;
    in.row = &row;
    return passes(plan, in) ? visit(std::move(row)) : true;
  };
  if (plan.tag_scan && plan.source->scan_tags(filtered)) return;
  plan.source->scan(plan.where, base, filtered);
}

// Partitions in the order their first row came.
template <typename T>
class Partitions {
 public:
  T &at(const std::string &key) {
    auto [it, fresh] = index_.emplace(key, list_.size());
    if (fresh) list_.emplace_back();
    return list_[it->second];
  }
  std::vector<T> &list() { return list_; }

 private:
  std::unordered_map<std::string, size_t> index_;
  std::vector<T> list_;
};

void apply_limit(std::vector<OutputRow> *rows, const Limit &l) {
  auto size = static_cast<int64_t>(rows->size());
  int64_t from = std::min(l.offset, size);
  int64_t count = l.count < 0 ? size - from : std::min(l.count, size - from);
  if (from > 0) rows->erase(rows->begin(), rows->begin() + from);
  rows->resize(static_cast<size_t>(count));
}

void remove_duplicates(std::vector<OutputRow> *rows) {
  std::unordered_set<std::string> seen;
  std::erase_if(*rows, [&](const OutputRow &r) {
    std::string key;
    for (auto &v : r.values) append_key(&key, v);
    return !seen.insert(key).second;
  });
}

void sort_rows(const std::vector<OrderKey> &order, std::vector<OutputRow> *rows) {
  if (order.empty()) return;
  std::stable_sort(rows->begin(), rows->end(), [&](const OutputRow &a, const OutputRow &b) {
    size_t at = 0;
    for (const OrderKey &k : order) {
      size_t key = k.expr ? at++ : 0;
      const Value &x = k.expr ? a.keys[key] : a.values[k.item];
      const Value &y = k.expr ? b.keys[key] : b.values[k.item];
      if (is_null(x) != is_null(y)) return is_null(x) == k.nulls_first;
      int r = opentaos::sandbox::order(x, y);
      if (r != 0) return k.descending ? r > 0 : r < 0;
    }
    return false;
  });
}

// The lines of each partition (one when there is no PARTITION BY), unsorted.
std::vector<std::vector<OutputRow>> plain_rows(const SelectPlan &plan, const EvalInput &base, int64_t enough) {
  Partitions<std::vector<OutputRow>> parts;
  int64_t n = 0;
  scan(plan, base, [&](Row row) {
    EvalInput in = base;
    in.row = &row;
    parts.at(row_key(plan.partition_by, in)).push_back(project(plan, in));
    return enough < 0 || ++n < enough;
  });
  return std::move(parts.list());
}

std::vector<std::vector<OutputRow>> grouped_rows(const SelectPlan &plan, const EvalInput &base) {
  struct Partition {
    std::unordered_map<std::string, size_t> index;
    std::vector<std::unique_ptr<GroupState>> groups;
  };
  Partitions<Partition> parts;
  scan(plan, base, [&](Row row) {
    EvalInput in = base;
    in.row = &row;
    Partition &p = parts.at(row_key(plan.partition_by, in));
    auto [it, fresh] = p.index.emplace(row_key(plan.group_by, in), p.groups.size());
    if (fresh) p.groups.push_back(std::make_unique<GroupState>(plan));
    p.groups[it->second]->add(row, in);
    return true;
  });
  std::vector<std::vector<OutputRow>> out;
  for (auto &p : parts.list()) {
    out.emplace_back();
    for (auto &g : p.groups) g->finish(base, &out.back());
  }
  // Without groups and rows the server still answers with a line, but only when there is something to count.
  bool counts = std::any_of(plan.calls.begin(), plan.calls.end(), [](auto &c) { return c.name == "count"; });
  if (out.empty() && plan.group_by.empty() && plan.partition_by.empty() && counts) {
    out.emplace_back();
    GroupState(plan).finish(base, &out.back());
  }
  return out;
}

std::vector<std::vector<OutputRow>> window_rows(const SelectPlan &plan, const EvalInput &base) {
  Partitions<std::vector<Row>> parts;
  scan(plan, base, [&](Row row) {
    EvalInput in = base;
    in.row = &row;
    parts.at(row_key(plan.partition_by, in)).push_back(std::move(row));
    return true;
  });
  // NULL_F and VALUE_F fill even where there is nothing.
  bool forced = plan.window.fill == "null_f" || plan.window.fill == "value_f";
  if (parts.list().empty() && forced && plan.partition_by.empty()) parts.at("");
  std::vector<std::vector<OutputRow>> out;
  for (auto &rows : parts.list()) {
    out.emplace_back();
    run_windows(plan, std::move(rows), base, &out.back());
  }
  return out;
}

std::vector<OutputRow> run_plan(const SelectPlan &plan, const Query &query, const EvalInput &base) {
  bool one_part = query.parts.size() == 1;
  std::vector<std::vector<OutputRow>> parts;
  if (!plan.aggregated) {
    bool early =
        one_part && plan.order.empty() && !plan.distinct && plan.partition_by.empty() && query.limit.count >= 0;
    if (early && query.limit.count == 0) return {};
    parts = plain_rows(plan, base, early ? query.limit.count + query.limit.offset : -1);
  } else if (plan.window.kind == WindowSpec::kNone) {
    parts = grouped_rows(plan, base);
  } else {
    parts = window_rows(plan, base);
  }
  // SLIMIT counts partitions; LIMIT counts the lines of each unless they are sorted across.
  if (one_part && !plan.partition_by.empty()) {
    if (query.slimit.count >= 0) {
      auto size = static_cast<int64_t>(parts.size());
      int64_t from = std::min(query.slimit.offset, size);
      parts.erase(parts.begin(), parts.begin() + from);
      parts.resize(static_cast<size_t>(std::min(query.slimit.count, size - from)));
    }
    if (plan.order.empty())
      for (auto &p : parts) apply_limit(&p, query.limit);
  }
  std::vector<OutputRow> rows;
  for (auto &p : parts)
    for (auto &r : p) rows.push_back(std::move(r));
  if (plan.distinct) remove_duplicates(&rows);
  if (one_part) {
    sort_rows(plan.order, &rows);
    if (plan.partition_by.empty() || !plan.order.empty()) apply_limit(&rows, query.limit);
  }
  return rows;
}

// Columns of a UNION take the first part's name and type, widened for text.
void merge_fields(std::vector<Field> *fields, const std::vector<Field> &other) {
  if (fields->size() != other.size()) fail(0x2609, "Selected columns of the parts of UNION do not match");
  for (size_t i = 0; i < other.size(); i++) {
    Field &f = (*fields)[i];
    if (f.type == kVarchar && f.width == 0) {
      std::string name = f.name;
      f = other[i];
      f.name = name;
    }
    if (is_var_type(f.type) && is_var_type(other[i].type)) f.width = std::max(f.width, other[i].width);
  }
}

}  // namespace

GroupState::GroupState(const SelectPlan &plan) : plan_(plan), time_slot_(time_slot(plan.source->scope())) {
  for (auto &c : plan.calls) aggregators_.push_back(make_aggregator(c, plan.precision));
}

void GroupState::add(const Row &row, const EvalInput &base) {
  EvalInput in = base;
  in.row = &row;
  auto *ticks = time_slot_ >= 0 ? std::get_if<int64_t>(&row[time_slot_]) : nullptr;
  bool chosen = false;
  for (size_t i = 0; i < aggregators_.size(); i++) {
    std::vector<Value> args;
    for (auto &a : plan_.calls[i].args) args.push_back(evaluate(*a, in));
    chosen = aggregators_[i]->add(args, ticks ? *ticks : 0) || chosen;
  }
  bool one_selector = aggregators_.size() == 1 && is_selector(plan_.calls[0].name);
  if (!any_ || (one_selector && chosen)) row_ = row;
  any_ = true;
}

void GroupState::finish(const EvalInput &base, std::vector<OutputRow> *out) const {
  Row aggregates;
  for (size_t i = 0; i < aggregators_.size(); i++)
    aggregates.push_back(any_ ? aggregators_[i]->result() : empty_result(plan_.calls[i]));
  Row nothing(plan_.source->scope().columns.size());
  EvalInput in = base;
  in.row = any_ ? &row_ : &nothing;
  in.aggregates = &aggregates;
  in.window = bounds;
  if (plan_.having && !holds(*plan_.having, in)) return;
  out->push_back(project(plan_, in));
}

Table run_query(const Query &query, const Context &context, bool plan_only) {
  std::vector<SelectPlan> plans;
  bool one_part = query.parts.size() == 1;
  Table table;
  for (auto &part : query.parts) {
    plans.push_back(make_plan(part.core, one_part ? query.order_by : std::vector<OrderItem>{}, context, plan_only));
    SelectPlan &plan = plans.back();
    if (plans.size() == 1) {
      table.fields = plan.fields;
      table.precision = plan.precision;
    } else {
      merge_fields(&table.fields, plan.fields);
    }
  }
  std::vector<OrderKey> union_order;
  if (!one_part) {
    for (auto &o : query.order_by) {
      OrderKey k;
      k.descending = o.descending;
      k.nulls_first = o.nulls_first.value_or(!o.descending);
      auto *position = std::get_if<int64_t>(&o.expr->value);
      if (position && o.expr->kind == ExprKind::kLiteral) k.item = static_cast<int>(*position) - 1;
      for (size_t i = 0; i < table.fields.size() && k.item < 0; i++)
        if (table.fields[i].name == (o.expr->kind == ExprKind::kColumn ? o.expr->name : o.expr->text))
          k.item = static_cast<int>(i);
      if (k.item < 0 || k.item >= static_cast<int>(table.fields.size()))
        fail(kErrInvalidColumn, "Invalid column name: " + o.expr->text);
      union_order.push_back(k);
    }
  }
  if (plan_only) return table;

  std::vector<OutputRow> rows;
  for (size_t i = 0; i < plans.size(); i++) {
    EvalInput base;
    base.context = &context;
    base.precision = plans[i].precision;
    std::vector<OutputRow> more = run_plan(plans[i], query, base);
    for (auto &r : more) {
      for (size_t c = 0; c < table.fields.size() && !one_part; c++) {
        const Field &from = plans[i].fields[c];
        if (from.type != table.fields[c].type)
          r.values[c] = cast_value(r.values[c], from, table.fields[c], table.precision, *context.zone);
      }
      rows.push_back(std::move(r));
    }
    if (!query.parts[i].all) remove_duplicates(&rows);
  }
  if (!one_part) {
    sort_rows(union_order, &rows);
    apply_limit(&rows, query.limit);
  }
  table.rows.reserve(rows.size());
  for (auto &r : rows) table.rows.push_back(std::move(r.values));
  return table;
}

}  // namespace opentaos::sandbox
