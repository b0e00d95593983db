#include "engine/source.h"

#include <algorithm>
#include <tuple>
#include <unordered_map>

#include "engine/select.h"
#include "engine/system_tables.h"

namespace opentaos::sandbox {

namespace {

// Whether every row value the expression uses is in an allowed slot, and nothing but row values.
bool uses_only(const Expr &e, const std::function<bool(int slot)> &allowed) {
  if (e.origin == Origin::kRow) return allowed(e.slot);
  if (e.origin != Origin::kCompute) return false;
  return std::all_of(e.args.begin(), e.args.end(), [&](const ExprPtr &a) { return uses_only(*a, allowed); });
}

class OneRow final : public Source {
 public:
  void scan(const std::vector<ExprPtr> &, const EvalInput &, const RowVisitor &visit) const override { visit({}); }
};

// Rows: columns, tags, tbname.
class TableSource final : public Source {
 public:
  TableSource(const TableInfo &table, const std::string &alias, const Context &context)
      : table_(table), context_(context) {
    bool super = table.kind == TableInfo::kSuper;
    auto add = [&](const Field &f, bool tag, bool hidden) {
      ScopeColumn c{alias, f, tag, hidden, false};
      c.time_key = scope_.columns.empty();
      scope_.columns.push_back(c);
    };
    for (auto &c : table.columns()) add(c.field, false, false);
    for (auto &c : table.tags()) add(c.field, true, !super);
    add(make_field("tbname", kVarchar, kTbnameWidth), true, !(super && context.session->bi));
    scope_.precision = table.precision;
    scope_.any_source = true;
    scope_.single_table = !super;
  }

  void scan(const std::vector<ExprPtr> &conditions, const EvalInput &base, const RowVisitor &visit) const override {
    if (context_.logged) return scan_logged(*context_.logged, visit);
    TimeRange range = time_range(conditions, 0, base);
    if (range.from > range.to) return;
    std::vector<const Expr *> on_tags;
    for (auto &c : conditions)
      if (uses_only(*c, [&](int slot) { return scope_.columns[slot].tag; })) on_tags.push_back(c.get());
    std::vector<const TableInfo *> owners(table_.children.begin(), table_.children.end());
    if (table_.kind != TableInfo::kSuper) owners = {&table_};
    bool more = true;
    for (const TableInfo *owner : owners) {
      Row tail = tags_of(*owner);
      EvalInput in = base;
      in.row = &tail;
      if (!std::all_of(on_tags.begin(), on_tags.end(), [&](const Expr *c) { return holds(*c, in); })) continue;
      size_t columns = table_.columns().size();
      scan_rows(context_.db, *owner, range, [&](const TableInfo &, Row row) {
        row.reserve(tail.size());
        row.insert(row.end(), tail.begin() + static_cast<long>(columns), tail.end());
        return more = visit(std::move(row));
      });
      if (!more) return;
    }
  }

  bool scan_tags(const RowVisitor &visit) const override {
    if (table_.kind == TableInfo::kNormal) return false;
    std::vector<const TableInfo *> owners(table_.children.begin(), table_.children.end());
    if (table_.kind != TableInfo::kSuper) owners = {&table_};
    for (const TableInfo *owner : owners)
      if (!visit(tags_of(*owner))) break;
    return true;
  }

 private:
  void scan_logged(const LoggedRows &logged, const RowVisitor &visit) const {
    const std::vector<Column> &now = table_.columns();
    std::vector<int> from(now.size(), -1);
    for (size_t i = 0; i < now.size(); i++)
      for (size_t j = 0; j < logged.columns->size(); j++)
        if ((*logged.columns)[j].id == now[i].id) from[i] = static_cast<int>(j);
    for (const Row &values : *logged.rows) {
      Row row = tags_of(*logged.owner);
      for (size_t i = 0; i < now.size(); i++)
        if (from[i] >= 0) row[i] = values[from[i]];
      if (!visit(std::move(row))) return;
    }
  }

  // A row with the columns left NULL.
  Row tags_of(const TableInfo &owner) const {
    Row row(table_.columns().size());
    row.insert(row.end(), owner.tag_values.begin(), owner.tag_values.end());
    row.emplace_back(owner.name);
    return row;
  }

  const TableInfo &table_;
  const Context &context_;
};

// A result that is already there: system tables and subqueries.
class ResultSource final : public Source {
 public:
  ResultSource(Table table, const std::string &alias, bool timed) : rows_(std::move(table.rows)) {
    bool keyed = !timed;
    for (auto &f : table.fields) {
      ScopeColumn c{alias, f, false, false, false};
      if (!keyed && f.type == kTimestamp) keyed = c.time_key = true;
      scope_.columns.push_back(c);
    }
    scope_.precision = table.precision;
    scope_.any_source = true;
  }
  void scan(const std::vector<ExprPtr> &, const EvalInput &, const RowVisitor &visit) const override {
    for (const Row &row : rows_)
      if (!visit(row)) return;
  }

 private:
  std::vector<Row> rows_;
};

// Hash join on the first equality of the condition; the rest is checked pair by pair.
class JoinSource final : public Source {
 public:
  JoinSource(std::unique_ptr<Source> left, std::unique_ptr<Source> right, const TableRef &ref, const Context &context)
      : left_(std::move(left)), right_(std::move(right)), kind_(ref.join_kind), on_(ref.on) {
    if (kind_ == "right" || kind_ == "full") unsupported(kind_ + " joins");
    scope_ = left_->scope();
    const Scope &other = right_->scope();
    split_ = scope_.columns.size();
    for (ScopeColumn c : other.columns) {
      c.time_key = false;
      scope_.columns.push_back(c);
    }
    scope_.any_source = true;
    scope_.single_table = scope_.single_table && other.single_table;
    if (scope_.precision != other.precision) unsupported("joins of databases with different precisions");
    if (on_) Binder(context, scope_).bind(*on_);
  }

  void scan(const std::vector<ExprPtr> &conditions, const EvalInput &base, const RowVisitor &visit) const override {
    std::vector<ExprPtr> tests = on_ ? split_and(on_) : std::vector<ExprPtr>{};
    std::vector<ExprPtr> equalities = tests;
    if (kind_ == "inner") equalities.insert(equalities.end(), conditions.begin(), conditions.end());
    int left_slot = -1, right_slot = -1;
    std::tie(left_slot, right_slot) = find_equality(equalities);
    std::vector<Row> rows;
    right_->scan({}, base, [&](Row row) {
      rows.push_back(std::move(row));
      return true;
    });
    std::unordered_multimap<std::string, const Row *> by_key;
    if (left_slot >= 0)
      for (const Row &row : rows) by_key.emplace(key_of(row[right_slot]), &row);

    bool more = true;
    left_->scan({}, base, [&](Row left) {
      bool matched = false;
      auto pair_with = [&](const Row &right) {
        Row both = left;
        both.insert(both.end(), right.begin(), right.end());
        EvalInput in = base;
        in.row = &both;
        if (!std::all_of(tests.begin(), tests.end(), [&](const ExprPtr &t) { return holds(*t, in); })) return;
        matched = true;
        more = more && visit(std::move(both));
      };
      if (left_slot >= 0) {
        auto [from, to] = by_key.equal_range(key_of(left[left_slot]));
        // A multimap keeps no order; rows come in the order of the right side.
        std::vector<const Row *> found;
        for (auto it = from; it != to; ++it) found.push_back(it->second);
        std::sort(found.begin(), found.end());
        for (const Row *right : found) {
          if (!more) break;
          pair_with(*right);
        }
      } else {
        for (const Row &right : rows) {
          if (!more) break;
          pair_with(right);
        }
      }
      if (!matched && kind_ == "left") {
        left.resize(scope_.columns.size());
        more = more && visit(std::move(left));
      }
      return more;
    });
  }

 private:
  static std::string key_of(const Value &v) {
    std::string key;
    append_key(&key, v);
    return key;
  }

  // a.x = b.y with the same kind of value on both sides.
  std::pair<int, int> find_equality(const std::vector<ExprPtr> &tests) const {
    for (auto &t : tests) {
      if (t->kind != ExprKind::kCompare || t->name != "=") continue;
      const Expr &a = *t->args[0], &b = *t->args[1];
      if (a.origin != Origin::kRow || b.origin != Origin::kRow || a.type.type != b.type.type ||
          a.type.scale != b.type.scale)
        continue;
      auto split = static_cast<int>(split_);
      if (a.slot < split && b.slot >= split) return {a.slot, b.slot - split};
      if (b.slot < split && a.slot >= split) return {b.slot, a.slot - split};
    }
    return {-1, -1};
  }

  std::unique_ptr<Source> left_, right_;
  std::string kind_;
  ExprPtr on_;
  size_t split_ = 0;
};

}  // namespace

std::unique_ptr<Source> make_source(const TableRef *from, const Context &context, bool plan_only) {
  if (!from) return std::make_unique<OneRow>();
  switch (from->kind) {
    case TableRef::kQuery:
      return std::make_unique<ResultSource>(run_query(*from->query, context, plan_only), from->alias, true);
    case TableRef::kJoin:
      return std::make_unique<JoinSource>(make_source(from->left.get(), context, plan_only),
                                          make_source(from->right.get(), context, plan_only), *from, context);
    case TableRef::kTable: break;
  }
  const std::string &alias = from->alias.empty() ? from->name : from->alias;
  std::string db = context.database_of(from->db);
  if (is_system_database(db))
    return std::make_unique<ResultSource>(system_table(db, from->name, context), alias, false);
  return std::make_unique<TableSource>(context.table({db, from->name}), alias, context);
}

std::vector<ExprPtr> split_and(const ExprPtr &e) {
  if (!e) return {};
  if (e->kind != ExprKind::kLogic || e->name != "and") return {e};
  std::vector<ExprPtr> parts = split_and(e->args[0]);
  for (auto &p : split_and(e->args[1])) parts.push_back(p);
  return parts;
}

bool is_constant(const Expr &e) {
  return uses_only(e, [](int) { return false; });
}

TimeRange time_range(const std::vector<ExprPtr> &conditions, int slot, const EvalInput &base) {
  TimeRange range;
  auto narrow = [&](std::string op, const Expr &bound, bool swapped) {
    if (!is_constant(bound)) return;
    Value v = evaluate(bound, base);
    auto *t = std::get_if<int64_t>(&v);
    if (!t) return;
    if (swapped && op[0] == '<') {
      op[0] = '>';
    } else if (swapped && op[0] == '>') {
      op[0] = '<';
    }
    if (op == "=" || op == ">=") range.from = std::max(range.from, *t);
    if (op == "=" || op == "<=") range.to = std::min(range.to, *t);
    if (op == ">") range.from = std::max(range.from, *t == INT64_MAX ? *t : *t + 1);
    if (op == "<") range.to = std::min(range.to, *t == INT64_MIN ? *t : *t - 1);
  };
  auto is_key = [&](const Expr &e) { return e.origin == Origin::kRow && e.slot == slot; };
  for (auto &c : conditions) {
    if (c->kind == ExprKind::kCompare &&
        (c->name[0] == '=' || c->name == "<" || c->name == "<=" || c->name[0] == '>')) {
      if (is_key(*c->args[0])) narrow(c->name, *c->args[1], false);
      if (is_key(*c->args[1])) narrow(c->name, *c->args[0], true);
    } else if (c->kind == ExprKind::kBetween && !c->negated && is_key(*c->args[0])) {
      narrow(">=", *c->args[1], false);
      narrow("<=", *c->args[2], false);
    }
  }
  return range;
}

int time_slot(const Scope &scope) {
  for (size_t i = 0; i < scope.columns.size(); i++)
    if (scope.columns[i].time_key) return static_cast<int>(i);
  return -1;
}

}  // namespace opentaos::sandbox
