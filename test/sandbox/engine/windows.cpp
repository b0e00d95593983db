// INTERVAL, SESSION, STATE_WINDOW, EVENT_WINDOW, COUNT_WINDOW, and FILL.
#include <algorithm>
#include <map>

#include "engine/cast.h"
#include "engine/plan.h"

namespace opentaos::sandbox {

namespace {

constexpr int64_t kMaxFilled = 10000000;

class Windows {
 public:
  Windows(const SelectPlan &plan, std::vector<Row> rows, const EvalInput &base, std::vector<OutputRow> *out)
      : plan_(plan),
        w_(plan.window),
        base_(base),
        out_(out),
        slot_(time_slot(plan.source->scope())),
        rows_(std::move(rows)) {
    std::erase_if(rows_, [&](const Row &r) { return is_null(r[slot_]); });
    std::stable_sort(rows_.begin(), rows_.end(), [&](const Row &a, const Row &b) { return time(a) < time(b); });
  }

  void run() {
    switch (w_.kind) {
      case WindowSpec::kInterval: interval(); break;
      case WindowSpec::kSession: session(); break;
      case WindowSpec::kState: state(); break;
      case WindowSpec::kEvent: event(); break;
      case WindowSpec::kCount: count(); break;
      case WindowSpec::kNone: break;
    }
  }

 private:
  int64_t time(const Row &r) const { return std::get<int64_t>(r[slot_]); }

  // One window over rows [from, to).
  void emit(size_t from, size_t to, WindowBounds bounds) {
    GroupState g(plan_);
    for (size_t i = from; i < to; i++) g.add(rows_[i], base_);
    g.bounds = bounds;
    g.finish(base_, out_);
  }
  void emit_rows(size_t from, size_t to) { emit(from, to, {time(rows_[from]), time(rows_[to - 1])}); }

  // Time windows are counted in the server's zone, which is UTC.
  void interval() {
    const Duration &step = w_.sliding ? *w_.sliding : w_.length;
    int64_t shift = w_.offset ? w_.offset->ticks(plan_.precision) : 0;
    std::map<int64_t, std::pair<size_t, size_t>> windows;  // start -> rows
    for (size_t i = 0; i < rows_.size(); i++) {
      int64_t t = time(rows_[i]);
      int64_t start = window_start(t, step, shift, plan_.precision, 0);
      while (add_duration(start, w_.length, 1, plan_.precision) > t) {
        auto [it, fresh] = windows.emplace(start, std::make_pair(i, i + 1));
        if (!fresh) it->second.second = i + 1;
        start = add_duration(start, step, -1, plan_.precision);
      }
    }
    bool filling = !w_.fill.empty() && w_.fill != "none";
    bool forced = w_.fill == "null_f" || w_.fill == "value_f";
    if (filling && (forced || !windows.empty())) {
      fill(windows, step, shift);
      return;
    }
    for (auto &[start, range] : windows)
      emit(range.first, range.second, {start, add_duration(start, w_.length, 1, plan_.precision)});
  }

  // Every window of the queried range gets a line.
  void fill(const std::map<int64_t, std::pair<size_t, size_t>> &windows, const Duration &step, int64_t shift) {
    TimeRange range = time_range(plan_.where, slot_, base_);
    if (range.from == INT64_MIN || range.to == INT64_MAX)
      fail(0x2634, "Start(end) time of query range required or time range too large");
    int64_t start = window_start(range.from, step, shift, plan_.precision, 0);
    std::vector<bool> real;
    size_t first = out_->size();
    for (int64_t n = 0; start <= range.to; n++) {
      if (n >= kMaxFilled) fail(0x2634, "Start(end) time of query range required or time range too large");
      auto it = windows.find(start);
      WindowBounds bounds{start, add_duration(start, w_.length, 1, plan_.precision)};
      size_t before = out_->size();
      if (it != windows.end()) {
        emit(it->second.first, it->second.second, bounds);
        if (out_->size() > before) real.push_back(true);
      } else {
        empty_window(bounds);
        if (out_->size() > before) real.push_back(false);
      }
      start = add_duration(start, step, 1, plan_.precision);
    }
    fill_values(first, real);
  }

  // Plain columns are those of the partition; aggregates come later.
  void empty_window(WindowBounds bounds) {
    Row aggregates(plan_.calls.size());
    Row nothing(plan_.source->scope().columns.size());
    EvalInput in = base_;
    in.row = rows_.empty() ? &nothing : &rows_.front();
    in.aggregates = &aggregates;
    in.window = bounds;
    OutputRow row;
    for (auto &e : plan_.items) row.values.push_back(evaluate(*e, in));
    for (auto &k : plan_.order)
      if (k.expr) row.keys.push_back(evaluate(*k.expr, in));
    out_->push_back(std::move(row));
  }

  static bool uses_aggregate(const Expr &e) {
    if (e.origin == Origin::kAggregate) return true;
    return std::any_of(e.args.begin(), e.args.end(), [](const ExprPtr &a) { return uses_aggregate(*a); });
  }

  void fill_values(size_t first, const std::vector<bool> &real) {
    size_t nth = 0;  // of the filled columns
    for (size_t c = 0; c < plan_.items.size(); c++) {
      if (!uses_aggregate(*plan_.items[c])) continue;
      for (size_t i = 0; i < real.size(); i++) {
        if (real[i]) continue;
        (*out_)[first + i].values[c] = filled(first, real, i, c, nth);
      }
      nth++;
    }
  }

  Value filled(size_t first, const std::vector<bool> &real, size_t i, size_t c, size_t nth) const {
    auto value = [&](size_t k) -> const Value & { return (*out_)[first + k].values[c]; };
    if (w_.fill == "value" || w_.fill == "value_f") {
      if (nth >= w_.fill_values.size()) fail(kErrSyntax, "syntax error near \"fill\"");
      const Expr &e = *w_.fill_values[nth];
      return cast_value(evaluate(e, base_), e.type, plan_.fields[c], plan_.precision, *base_.context->zone);
    }
    std::optional<size_t> before, after;
    for (size_t k = i; k-- > 0 && !before;)
      if (real[k]) before = k;
    for (size_t k = i + 1; k < real.size() && !after; k++)
      if (real[k]) after = k;
    if (w_.fill == "prev") return before ? value(*before) : Value{};
    if (w_.fill == "next") return after ? value(*after) : Value{};
    if (w_.fill != "linear" || !before || !after) return {};
    const Value &a = value(*before), &b = value(*after);
    if (is_null(a) || is_null(b) || !is_numeric_type(plan_.fields[c].type)) return {};
    double share = static_cast<double>(i - *before) / static_cast<double>(*after - *before);
    int scale = plan_.fields[c].scale;
    double d = to_double(a, scale) + (to_double(b, scale) - to_double(a, scale)) * share;
    return cast_value(d, make_field("", kDouble), plan_.fields[c], plan_.precision, *base_.context->zone);
  }

  void session() {
    int64_t gap = w_.length.ticks(plan_.precision);
    for (size_t from = 0; from < rows_.size();) {
      size_t to = from + 1;
      while (to < rows_.size() && time(rows_[to]) - time(rows_[to - 1]) <= gap) to++;
      emit_rows(from, to);
      from = to;
    }
  }

  Value at(const Expr &e, size_t row) const {
    EvalInput in = base_;
    in.row = &rows_[row];
    return evaluate(e, in);
  }
  bool true_at(const Expr &e, size_t row) const {
    EvalInput in = base_;
    in.row = &rows_[row];
    return holds(e, in);
  }

  void state() {
    for (size_t from = 0; from < rows_.size();) {
      Value s = at(*w_.expr, from);
      size_t to = from + 1;
      while (to < rows_.size() && order(at(*w_.expr, to), s) == 0) to++;
      if (!is_null(s)) emit_rows(from, to);
      from = to;
    }
  }

  void event() {
    for (size_t from = 0; from < rows_.size(); from++) {
      if (!true_at(*w_.start, from)) continue;
      size_t to = from;
      while (to < rows_.size() && !true_at(*w_.end, to)) to++;
      if (to == rows_.size()) return;  // still open
      emit_rows(from, to + 1);
      from = to;
    }
  }

  void count() {
    auto rows = static_cast<size_t>(w_.rows), step = static_cast<size_t>(w_.rows_sliding);
    for (size_t from = 0; from < rows_.size(); from += step) emit_rows(from, std::min(from + rows, rows_.size()));
  }

  const SelectPlan &plan_;
  const WindowSpec &w_;
  const EvalInput &base_;
  std::vector<OutputRow> *out_;
  int slot_;
  std::vector<Row> rows_;
};

}  // namespace

void run_windows(const SelectPlan &plan, std::vector<Row> rows, const EvalInput &base, std::vector<OutputRow> *out) {
  Windows(plan, std::move(rows), base, out).run();
}

}  // namespace opentaos::sandbox
