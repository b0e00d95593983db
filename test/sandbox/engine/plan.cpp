#include "engine/plan.h"

#include <algorithm>
#include <map>

namespace opentaos::sandbox {

namespace {

constexpr size_t kMaxFieldName = 64;

bool has_aggregate(const Expr &e) {
  if (e.kind == ExprKind::kCall && is_aggregate(e.name)) return true;
  return std::any_of(e.args.begin(), e.args.end(), [](const ExprPtr &a) { return has_aggregate(*a); });
}

ExprPtr column_expr(const ScopeColumn &c) {
  auto e = std::make_shared<Expr>();
  e->kind = ExprKind::kColumn;
  e->name = e->text = c.field.name;
  e->table = c.table;
  return e;
}

class Planner {
 public:
  Planner(const SelectCore &core, const Context &context, bool plan_only) : core_(core), context_(context) {
    plan_.source = make_source(core.from.get(), context, plan_only);
    plan_.precision = scope().precision;
    plan_.window = core.window;
    plan_.distinct = core.distinct;
  }

  SelectPlan run(const std::vector<OrderItem> &order) {
    expand_items();
    bind_where();
    bind_groups();
    bind_items();
    bind_order(order);
    if (plan_.aggregated) check_groups();
    find_tag_scan();
    return std::move(plan_);
  }

 private:
  const Scope &scope() const { return plan_.source->scope(); }

  void add_item(ExprPtr e, std::string name) {
    plan_.items.push_back(std::move(e));
    names_.push_back(name.substr(0, kMaxFieldName));
  }

  // *, t.*, and last(*) become what they stand for.
  void expand_items() {
    for (const SelectItem &item : core_.items) {
      const ExprPtr &e = item.expr;
      if (e->kind == ExprKind::kStar) {
        if (!scope().any_source) fail(kErrInvalidColumn, "Invalid column name: *");
        for (auto &c : star_columns(*e)) add_item(column_expr(c), c.field.name);
        continue;
      }
      bool selector = e->kind == ExprKind::kCall && (e->name == "first" || e->name == "last" || e->name == "last_row");
      bool star = selector && e->args.size() == 1 && e->args[0]->kind == ExprKind::kStar;
      if (selector && (star || e->args.size() > 1)) {
        std::vector<ExprPtr> args = e->args;
        if (star) {
          args.clear();
          for (auto &c : star_columns(*e->args[0]))
            if (!c.tag) args.push_back(column_expr(c));
        }
        for (auto &a : args) {
          auto call = std::make_shared<Expr>(*e);
          call->args = {a};
          call->text = e->name + "(" + a->text + ")";
          add_item(call, call->text);
        }
        continue;
      }
      std::string name = item.alias;
      if (name.empty()) name = e->kind == ExprKind::kColumn ? e->name : e->text;
      add_item(e, name);
    }
  }

  std::vector<ScopeColumn> star_columns(const Expr &star) const {
    std::vector<ScopeColumn> columns;
    bool known = star.table.empty();
    for (auto &c : scope().columns) {
      if (!star.table.empty() && c.table != star.table) continue;
      known = true;
      if (!c.hidden) columns.push_back(c);
    }
    if (!known) fail(kErrTableNotExist, "Table does not exist: " + star.table);
    return columns;
  }

  void bind_where() {
    if (!core_.where) return;
    Binder(context_, scope()).bind(*core_.where);
    plan_.where = split_and(core_.where);
  }

  // A group may be named by the alias of an item.
  ExprPtr group_expr(const ExprPtr &e) {
    if (e->kind != ExprKind::kColumn || !e->table.empty() || e->name == "tbname") return e;
    for (auto &c : scope().columns)
      if (c.field.name == e->name) return e;
    for (size_t i = 0; i < core_.items.size(); i++)
      if (core_.items[i].alias == e->name && !has_aggregate(*core_.items[i].expr)) return core_.items[i].expr;
    return e;
  }

  void bind_groups() {
    Binder binder(context_, scope());
    std::map<std::string, ExprPtr> aliases;
    for (const SelectItem &item : core_.partition_by) {
      binder.bind(*item.expr);
      plan_.partition_by.push_back(item.expr);
    }
    for (const ExprPtr &e : core_.group_by) {
      ExprPtr g = group_expr(e);
      binder.bind(*g);
      plan_.group_by.push_back(g);
    }
    WindowSpec &w = plan_.window;
    for (ExprPtr e : {w.expr, w.start, w.end})
      if (e) binder.bind(*e);
    if (w.kind == WindowSpec::kNone) return;
    if (!plan_.group_by.empty()) fail(kErrSyntax, "GROUP BY and WINDOW-clause can't be used together");
    if (time_slot(scope()) < 0) fail(kErrInvalidExpression, "Primary timestamp column is required for windows");
    if (w.kind == WindowSpec::kInterval && w.length.count <= 0)
      fail(0x2615, "This interval value is too small : interval");
    for (auto &v : w.fill_values) binder.bind(*v);
  }

  void bind_items() {
    plan_.aggregated = plan_.window.kind != WindowSpec::kNone || !plan_.group_by.empty() || core_.having != nullptr ||
                       std::any_of(plan_.items.begin(), plan_.items.end(), [](auto &e) { return has_aggregate(*e); });
    Binder binder = output_binder();
    for (size_t i = 0; i < plan_.items.size(); i++) {
      Expr &e = *plan_.items[i];
      binder.bind(e);
      if (e.kind == ExprKind::kDuration) fail(kErrSyntax, "syntax error near \"" + e.text + "\"");
      Field f = e.type;
      f.name = names_[i];
      plan_.fields.push_back(f);
    }
    if (core_.having) {
      binder.bind(*core_.having);
      plan_.having = core_.having;
    }
  }

  Binder output_binder() {
    Binder binder(context_, scope());
    binder.collect_aggregates(&plan_.calls);
    binder.allow_window(plan_.window.kind != WindowSpec::kNone);
    return binder;
  }

  void bind_order(const std::vector<OrderItem> &order) {
    for (const OrderItem &o : order) {
      OrderKey key;
      key.descending = o.descending;
      key.nulls_first = o.nulls_first.value_or(!o.descending);
      const Expr &e = *o.expr;
      auto *position = std::get_if<int64_t>(&e.value);
      if (e.kind == ExprKind::kLiteral && position) {
        if (*position < 1 || *position > static_cast<int64_t>(plan_.items.size()))
          fail(kErrInvalidExpression, "Invalid usage of expr: " + e.text);
        key.item = static_cast<int>(*position) - 1;
      }
      for (size_t i = 0; i < plan_.items.size() && key.item < 0; i++) {
        bool by_name = e.kind == ExprKind::kColumn && e.table.empty() && names_[i] == e.name;
        if (by_name || plan_.items[i]->text == e.text) key.item = static_cast<int>(i);
      }
      if (key.item < 0) {
        if (plan_.distinct) fail(0x260b, "Not SELECTed expression");
        key.expr = o.expr;
        output_binder().bind(*key.expr);
      }
      plan_.order.push_back(key);
    }
  }

  // ---- which plain columns an aggregated query may show

  static bool same_expr(const Expr &a, const Expr &b) {
    if (a.kind != b.kind || a.origin != b.origin) return false;
    if (a.origin == Origin::kRow) return a.slot == b.slot;
    return a.text == b.text;
  }

  bool is_group_key(const Expr &e) const {
    auto same = [&](const ExprPtr &g) { return same_expr(*g, e); };
    return std::any_of(plan_.group_by.begin(), plan_.group_by.end(), same) ||
           std::any_of(plan_.partition_by.begin(), plan_.partition_by.end(), same) ||
           (plan_.window.kind == WindowSpec::kState && same_expr(*plan_.window.expr, e));
  }

  bool grouped_by_table() const {
    auto by_table = [](const ExprPtr &e) { return e->kind == ExprKind::kColumn && e->name == "tbname"; };
    return std::any_of(plan_.group_by.begin(), plan_.group_by.end(), by_table) ||
           std::any_of(plan_.partition_by.begin(), plan_.partition_by.end(), by_table);
  }

  void check_column(const Expr &e) const {
    if (e.origin == Origin::kAggregate || is_group_key(e)) return;
    if (e.origin == Origin::kRow) {
      const ScopeColumn &c = scope().columns[e.slot];
      if (c.tag && (grouped_by_table() || scope().single_table)) return;
      bool one_selector = plan_.calls.size() == 1 && is_selector(plan_.calls[0].name);
      if (one_selector) return;
      if (plan_.window.kind != WindowSpec::kNone) fail(kErrInvalidExpression, "Invalid usage of expr: " + e.text);
      if (!plan_.group_by.empty()) fail(0x260a, "Not a GROUP BY expression");
      fail(kErrNotSingleGroup, "Not a single-group group function");
    }
    for (auto &a : e.args) check_column(*a);
  }

  void check_groups() const {
    for (auto &e : plan_.items) check_column(*e);
    if (plan_.having) check_column(*plan_.having);
    for (auto &k : plan_.order)
      if (k.expr) check_column(*k.expr);
  }

  // SELECT DISTINCT over tags only, and SELECT TAGS, ask the subtables themselves.
  void find_tag_scan() {
    if (plan_.aggregated || !(plan_.distinct || core_.tags) || scope().single_table) return;
    auto tags_only = [&](const ExprPtr &e) { return uses_tags(*e); };
    plan_.tag_scan = std::all_of(plan_.items.begin(), plan_.items.end(), tags_only) &&
                     std::all_of(plan_.where.begin(), plan_.where.end(), tags_only) &&
                     std::all_of(plan_.partition_by.begin(), plan_.partition_by.end(), tags_only);
    if (core_.tags && !plan_.tag_scan) fail(kErrInvalidTagName, "Only tags can be used with SELECT TAGS");
  }
  bool uses_tags(const Expr &e) const {
    if (e.origin == Origin::kRow) return scope().columns[e.slot].tag;
    return std::all_of(e.args.begin(), e.args.end(), [&](const ExprPtr &a) { return uses_tags(*a); });
  }

  const SelectCore &core_;
  const Context &context_;
  SelectPlan plan_;
  std::vector<std::string> names_;
};

}  // namespace

SelectPlan make_plan(const SelectCore &core, const std::vector<OrderItem> &order, const Context &context,
                     bool plan_only) {
  return Planner(core, context, plan_only).run(order);
}

}  // namespace opentaos::sandbox
