#include <cmath>
#include <numbers>

#include "engine/decimal.h"
#include "engine/functions.h"

namespace opentaos::sandbox {

namespace {

using Unary = double (*)(double);

void bind_double(Expr &e, const Scope &, const Context &) {
  need_numeric(e);
  e.type = make_field("", kDouble);
}

// The type of the argument; NULL counts as DOUBLE.
void bind_same(Expr &e, const Scope &, const Context &) {
  need_numeric(e);
  const Field &f = e.args[0]->type;
  e.type = is_numeric_type(f.type) ? f : make_field("", kDouble);
  e.type.name.clear();
}

Value finite(double d) { return std::isnan(d) ? Value{} : Value{d}; }

template <Unary F>
Value run_double(const Expr &e, const std::vector<Value> &args, const Context &, int) {
  return finite(F(to_double(args[0], e.args[0]->type.scale)));
}

// Integers pass through; a FLOAT stays one.
template <Unary F>
Value run_same(const Expr &e, const std::vector<Value> &args, const Context &, int) {
  if (auto *d = std::get_if<double>(&args[0])) {
    double r = F(*d);
    return e.type.type == kFloat ? static_cast<double>(static_cast<float>(r)) : r;
  }
  if (auto *d = std::get_if<Decimal>(&args[0])) {
    Int128 one = power_of_ten(e.type.scale);
    Int128 whole = d->unscaled / one, rest = d->unscaled % one;
    double tail = F(static_cast<double>(rest) / static_cast<double>(one));
    return Decimal{(whole + static_cast<Int128>(tail)) * one};
  }
  return args[0];
}

Value run_abs(const Expr &, const std::vector<Value> &args, const Context &, int) {
  if (auto *i = std::get_if<int64_t>(&args[0]))
    return *i < 0 ? static_cast<int64_t>(0 - static_cast<uint64_t>(*i)) : *i;
  if (auto *d = std::get_if<Decimal>(&args[0])) return Decimal{d->unscaled < 0 ? -d->unscaled : d->unscaled};
  if (auto *d = std::get_if<double>(&args[0])) return std::fabs(*d);
  return args[0];
}

Value run_round(const Expr &e, const std::vector<Value> &args, const Context &c, int precision) {
  if (args.size() == 1) return run_same<std::round>(e, args, c, precision);
  auto digits = static_cast<int>(to_double(args[1]));
  if (auto *d = std::get_if<Decimal>(&args[0])) {
    if (digits >= e.type.scale) return *d;
    Int128 r = decimal_rescale(d->unscaled, e.type.scale, std::max(digits, 0));
    return Decimal{decimal_rescale(r, std::max(digits, 0), e.type.scale)};
  }
  if (digits > 15) return args[0];
  double scale = std::pow(10, digits), x = to_double(args[0]);
  double r = (e.name == "round" ? std::round(x * scale) : std::trunc(x * scale)) / scale;
  if (std::holds_alternative<int64_t>(args[0])) return static_cast<int64_t>(r);
  if (std::holds_alternative<uint64_t>(args[0])) return static_cast<uint64_t>(r);
  return r;
}

Value run_sign(const Expr &e, const std::vector<Value> &args, const Context &, int) {
  double d = to_double(args[0], e.args[0]->type.scale);
  double r = d > 0 ? 1 : d < 0 ? -1 : 0;
  if (std::holds_alternative<int64_t>(args[0])) return static_cast<int64_t>(r);
  if (std::holds_alternative<uint64_t>(args[0])) return static_cast<uint64_t>(r);
  if (std::holds_alternative<Decimal>(args[0])) return Decimal{static_cast<Int128>(r) * power_of_ten(e.type.scale)};
  return r;
}

Value run_pow(const Expr &e, const std::vector<Value> &args, const Context &, int) {
  return finite(std::pow(to_double(args[0], e.args[0]->type.scale), to_double(args[1], e.args[1]->type.scale)));
}

Value run_log(const Expr &e, const std::vector<Value> &args, const Context &, int) {
  double x = to_double(args[0], e.args[0]->type.scale);
  if (x <= 0) return {};
  if (args.size() == 1) return std::log(x);
  double base = to_double(args[1], e.args[1]->type.scale);
  if (base <= 0 || base == 1) return {};
  return finite(std::log(x) / std::log(base));
}

Value run_mod(const Expr &e, const std::vector<Value> &args, const Context &, int) {
  double y = to_double(args[1], e.args[1]->type.scale);
  if (y == 0) return {};
  return finite(std::fmod(to_double(args[0], e.args[0]->type.scale), y));
}

Value run_pi(const Expr &, const std::vector<Value> &, const Context &, int) { return std::numbers::pi; }

double degrees(double x) { return x * 180 / std::numbers::pi; }
double radians(double x) { return x * std::numbers::pi / 180; }

constexpr ScalarFunction kFunctions[] = {
    {"abs", 1, 1, bind_same, run_abs},
    {"ceil", 1, 1, bind_same, run_same<std::ceil>},
    {"ceiling", 1, 1, bind_same, run_same<std::ceil>},
    {"floor", 1, 1, bind_same, run_same<std::floor>},
    {"round", 1, 2, bind_same, run_round},
    {"truncate", 2, 2, bind_same, run_round},
    {"trunc", 2, 2, bind_same, run_round},
    {"sign", 1, 1, bind_same, run_sign},
    {"sqrt", 1, 1, bind_double, run_double<std::sqrt>},
    {"exp", 1, 1, bind_double, run_double<std::exp>},
    {"ln", 1, 1, bind_double, run_log},
    {"log", 1, 2, bind_double, run_log},
    {"pow", 2, 2, bind_double, run_pow},
    {"power", 2, 2, bind_double, run_pow},
    {"mod", 2, 2, bind_double, run_mod},
    {"sin", 1, 1, bind_double, run_double<std::sin>},
    {"cos", 1, 1, bind_double, run_double<std::cos>},
    {"tan", 1, 1, bind_double, run_double<std::tan>},
    {"asin", 1, 1, bind_double, run_double<std::asin>},
    {"acos", 1, 1, bind_double, run_double<std::acos>},
    {"atan", 1, 1, bind_double, run_double<std::atan>},
    {"degrees", 1, 1, bind_double, run_double<degrees>},
    {"radians", 1, 1, bind_double, run_double<radians>},
    {"pi", 0, 0, bind_double, run_pi},
};

}  // namespace

std::span<const ScalarFunction> math_functions() { return kFunctions; }

}  // namespace opentaos::sandbox
