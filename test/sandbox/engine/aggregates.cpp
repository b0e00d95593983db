#include "engine/aggregates.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "engine/cast.h"
#include "engine/decimal.h"

namespace opentaos::sandbox {

namespace {

constexpr std::string_view kNames[] = {"count",    "sum",        "avg",         "min",        "max",
                                       "first",    "last",       "last_row",    "spread",     "stddev",
                                       "std",      "stddev_pop", "stddev_samp", "variance",   "var_pop",
                                       "var_samp", "mode",       "elapsed",     "percentile", "apercentile"};
constexpr std::string_view kSelectors[] = {"min", "max", "first", "last", "last_row", "mode"};

class Count final : public Aggregator {
 public:
  bool add(const std::vector<Value> &args, int64_t) override {
    n_ += args.empty() || !is_null(args[0]);
    return false;
  }
  Value result() const override { return n_; }

 private:
  int64_t n_ = 0;
};

// sum and avg; integers and decimals are summed exactly.
class Sum final : public Aggregator {
 public:
  Sum(const AggregateCall &call, bool average) : in_(call.args[0]->type), out_(call.type), average_(average) {}

  bool add(const std::vector<Value> &args, int64_t) override {
    const Value &v = args[0];
    if (is_null(v)) return false;
    n_++;
    if (auto *i = std::get_if<int64_t>(&v)) whole_ += *i;
    if (auto *u = std::get_if<uint64_t>(&v)) whole_ += *u;
    if (auto *d = std::get_if<Decimal>(&v)) whole_ += d->unscaled;
    if (auto *d = std::get_if<double>(&v)) real_ += *d;
    return false;
  }
  Value result() const override {
    if (n_ == 0) return {};
    if (is_decimal_type(out_.type)) {
      check_decimal_range(whole_, kMaxDecimal);
      if (!average_) return Decimal{whole_};
      DecimalType sum{kMaxDecimal, in_.scale}, count{19, 0};
      auto r = decimal_calculate('/', whole_, sum, n_, count, {out_.precision, out_.scale});
      return r ? Value{Decimal{*r}} : Value{};
    }
    double total = is_float_type(in_.type) ? real_ : static_cast<double>(whole_);
    if (average_) return total / static_cast<double>(n_);
    if (out_.type == kDouble) return total;
    if (out_.type == kUBigInt) return static_cast<uint64_t>(whole_);
    return static_cast<int64_t>(whole_);
  }

 private:
  Field in_, out_;
  bool average_;
  int64_t n_ = 0;
  Int128 whole_ = 0;
  double real_ = 0;
};

class Extreme final : public Aggregator {
 public:
  Extreme(const AggregateCall &call, bool largest) : scale_(call.type.scale), largest_(largest) {}
  bool add(const std::vector<Value> &args, int64_t) override {
    if (is_null(args[0])) return false;
    if (!is_null(best_)) {
      auto r = compare(args[0], scale_, best_, scale_);
      if (!r || (largest_ ? *r <= 0 : *r >= 0)) return false;
    }
    best_ = args[0];
    return true;
  }
  Value result() const override { return best_; }

 private:
  int scale_;
  bool largest_;
  Value best_;
};

class FirstLast final : public Aggregator {
 public:
  FirstLast(bool last, bool with_null) : last_(last), with_null_(with_null) {}
  bool add(const std::vector<Value> &args, int64_t time) override {
    if (is_null(args[0]) && !with_null_) return false;
    if (any_ && (last_ ? time < time_ : time >= time_)) return false;
    any_ = true;
    time_ = time;
    value_ = args[0];
    return true;
  }
  Value result() const override { return value_; }

 private:
  bool last_, with_null_, any_ = false;
  int64_t time_ = 0;
  Value value_;
};

class Spread final : public Aggregator {
 public:
  explicit Spread(const AggregateCall &call) : scale_(call.args[0]->type.scale) {}
  bool add(const std::vector<Value> &args, int64_t) override {
    if (is_null(args[0])) return false;
    double d = to_double(args[0], scale_);
    low_ = any_ ? std::min(low_, d) : d;
    high_ = any_ ? std::max(high_, d) : d;
    any_ = true;
    return false;
  }
  Value result() const override { return any_ ? Value{high_ - low_} : Value{}; }

 private:
  int scale_;
  bool any_ = false;
  double low_ = 0, high_ = 0;
};

// Standard deviation and variance, of the population or of a sample.
class Deviation final : public Aggregator {
 public:
  Deviation(const AggregateCall &call, bool root, bool sample)
      : scale_(call.args[0]->type.scale), root_(root), sample_(sample) {}
  bool add(const std::vector<Value> &args, int64_t) override {
    if (is_null(args[0])) return false;
    double d = to_double(args[0], scale_);
    n_++;
    sum_ += d;
    squares_ += d * d;
    return false;
  }
  Value result() const override {
    auto n = static_cast<double>(n_);
    if (n_ == 0 || (sample_ && n_ == 1)) return {};
    double mean = sum_ / n;
    double variance = std::fabs(squares_ / n - mean * mean);
    if (sample_) variance *= n / (n - 1);
    return root_ ? std::sqrt(variance) : variance;
  }

 private:
  int scale_;
  bool root_, sample_;
  int64_t n_ = 0;
  double sum_ = 0, squares_ = 0;
};

class Mode final : public Aggregator {
 public:
  bool add(const std::vector<Value> &args, int64_t) override {
    if (is_null(args[0])) return false;
    std::string key;
    append_key(&key, args[0]);
    int64_t n = ++counts_[key];
    if (n <= most_) return false;
    most_ = n;
    value_ = args[0];
    return true;
  }
  Value result() const override { return value_; }

 private:
  std::map<std::string, int64_t> counts_;
  int64_t most_ = 0;
  Value value_;
};

class Elapsed final : public Aggregator {
 public:
  explicit Elapsed(int64_t unit) : unit_(std::max<int64_t>(unit, 1)) {}
  bool add(const std::vector<Value> &args, int64_t) override {
    auto *t = std::get_if<int64_t>(&args[0]);
    if (!t) return false;
    low_ = any_ ? std::min(low_, *t) : *t;
    high_ = any_ ? std::max(high_, *t) : *t;
    any_ = true;
    return false;
  }
  Value result() const override {
    return any_ ? Value{static_cast<double>(high_ - low_) / static_cast<double>(unit_)} : Value{};
  }

 private:
  int64_t unit_;
  bool any_ = false;
  int64_t low_ = 0, high_ = 0;
};

// By sorting. percentile() interpolates; apercentile() promises an approximation and gets a value that is there.
class Percentile final : public Aggregator {
 public:
  explicit Percentile(const AggregateCall &call)
      : scale_(call.args[0]->type.scale), approximate_(call.name == "apercentile") {}
  bool add(const std::vector<Value> &args, int64_t) override {
    percent_ = to_double(args[1]);
    if (!is_null(args[0])) values_.push_back(to_double(args[0], scale_));
    return false;
  }
  Value result() const override {
    if (values_.empty()) return {};
    std::vector<double> sorted = values_;
    std::sort(sorted.begin(), sorted.end());
    double at = std::clamp(percent_, 0.0, 100.0) / 100 * static_cast<double>(sorted.size() - 1);
    auto low = static_cast<size_t>(at);
    if (approximate_) return sorted[low];
    size_t high = std::min(low + 1, sorted.size() - 1);
    return sorted[low] + (sorted[high] - sorted[low]) * (at - static_cast<double>(low));
  }

 private:
  int scale_;
  bool approximate_;
  double percent_ = 50;
  std::vector<double> values_;
};

[[noreturn]] void bad_type(const AggregateCall &call) {
  fail(kErrParameterType, "Invalid parameter data type : " + call.name);
}

}  // namespace

bool is_aggregate(std::string_view name) {
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

bool is_selector(std::string_view name) {
  return std::find(std::begin(kSelectors), std::end(kSelectors), name) != std::end(kSelectors);
}

Field aggregate_type(const AggregateCall &call) {
  const std::string &n = call.name;
  size_t most = n == "elapsed" || n == "apercentile" ? 3 : n == "percentile" ? 2 : 1;
  size_t least = n == "percentile" || n == "apercentile" ? 2 : 1;
  if (n == "count" && call.args.empty()) return make_field("", kBigInt);
  if (call.args.size() < least || call.args.size() > most)
    fail(kErrParameterCount, "Invalid number of parameters : " + n);
  Field in = call.args[0]->type;
  in.name.clear();
  bool null = in.type == kVarchar && in.width == 0;
  if (n == "count") return make_field("", kBigInt);
  if (n == "first" || n == "last" || n == "last_row" || n == "mode") return in;
  if (n == "min" || n == "max") {
    if (!is_numeric_type(in.type) && !is_text_type(in.type) && in.type != kTimestamp && in.type != kBool)
      bad_type(call);
    return in;
  }
  if (n == "elapsed") {
    if (in.type != kTimestamp) bad_type(call);
    return make_field("", kDouble);
  }
  if (n == "spread" && in.type == kTimestamp) return make_field("", kDouble);
  if (!is_numeric_type(in.type) && !null) bad_type(call);
  if (n == "sum") {
    if (is_decimal_type(in.type)) return decimal_field("", kMaxDecimal, in.scale);
    if (is_unsigned_type(in.type)) return make_field("", kUBigInt);
    if (is_signed_type(in.type) || null) return make_field("", kBigInt);
  }
  if (n == "avg" && is_decimal_type(in.type)) {
    DecimalType t = decimal_result_type('/', {kMaxDecimal, in.scale}, {19, 0});
    return decimal_field("", t.precision, t.scale);
  }
  return make_field("", kDouble);
}

std::unique_ptr<Aggregator> make_aggregator(const AggregateCall &call, int precision) {
  const std::string &n = call.name;
  if (n == "count") return std::make_unique<Count>();
  if (n == "sum" || n == "avg") return std::make_unique<Sum>(call, n == "avg");
  if (n == "min" || n == "max") return std::make_unique<Extreme>(call, n == "max");
  if (n == "first") return std::make_unique<FirstLast>(false, false);
  if (n == "last") return std::make_unique<FirstLast>(true, false);
  if (n == "last_row") return std::make_unique<FirstLast>(true, true);
  if (n == "spread") return std::make_unique<Spread>(call);
  if (n == "mode") return std::make_unique<Mode>();
  if (n == "elapsed") {
    bool unit = call.args.size() > 1 && call.args[1]->kind == ExprKind::kDuration;
    return std::make_unique<Elapsed>(unit ? call.args[1]->duration.ticks(precision) : 1);
  }
  if (n == "percentile" || n == "apercentile") return std::make_unique<Percentile>(call);
  bool root = n.rfind("std", 0) == 0, sample = n.size() > 5 && n.substr(n.size() - 5) == "_samp";
  return std::make_unique<Deviation>(call, root, sample);
}

Value empty_result(const AggregateCall &call) { return call.name == "count" ? Value{int64_t{0}} : Value{}; }

}  // namespace opentaos::sandbox
