// Bound expressions become values.
#include <cmath>

#include "engine/cast.h"
#include "engine/decimal.h"
#include "engine/expression.h"
#include "engine/json_tag.h"
#include "engine/text.h"

namespace opentaos::sandbox {

namespace {

Int128 unscaled(const Value &v) {
  if (auto *d = std::get_if<Decimal>(&v)) return d->unscaled;
  if (auto *i = std::get_if<int64_t>(&v)) return *i;
  if (auto *u = std::get_if<uint64_t>(&v)) return *u;
  if (auto *b = std::get_if<bool>(&v)) return *b;
  return 0;
}

DecimalType decimal_type(const Field &f) {
  if (is_decimal_type(f.type)) return {f.precision, f.scale};
  return decimal_of_integer(f.type);
}

int64_t integer(const Value &v) {
  if (auto *i = std::get_if<int64_t>(&v)) return *i;
  if (auto *u = std::get_if<uint64_t>(&v)) return static_cast<int64_t>(*u);
  return static_cast<int64_t>(to_double(v));
}

int64_t wrapping_add(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}

Value time_sum(const Expr &e, const EvalInput &in) {
  const Expr *left = e.args[0].get(), *right = e.args[1].get();
  if (left->kind == ExprKind::kDuration && right->kind != ExprKind::kDuration && e.name == "+") std::swap(left, right);
  Value a = evaluate(*left, in), b = evaluate(*right, in);
  if (is_null(a) || is_null(b)) return {};
  int64_t sign = e.name == "-" ? -1 : 1;
  if (right->kind == ExprKind::kDuration) return add_duration(integer(a), right->duration, sign, in.precision);
  return wrapping_add(integer(a), sign * integer(b));
}

Value arithmetic(const Expr &e, const EvalInput &in) {
  if (e.type.type == kTimestamp) return time_sum(e, in);
  Value a = evaluate(*e.args[0], in), b = evaluate(*e.args[1], in);
  if (is_null(a) || is_null(b)) return {};
  const Field &ta = e.args[0]->type, &tb = e.args[1]->type;
  char op = e.name[0];
  if (op == '&') return integer(a) & integer(b);
  if (op == '|') return integer(a) | integer(b);
  if (e.type.type == kBigInt)
    return static_cast<int64_t>(static_cast<uint64_t>(integer(a)) - static_cast<uint64_t>(integer(b)));
  if (is_decimal_type(e.type.type)) {
    auto r = decimal_calculate(op, unscaled(a), decimal_type(ta), unscaled(b), decimal_type(tb),
                               {e.type.precision, e.type.scale});
    return r ? Value{Decimal{*r}} : Value{};
  }
  double x = to_double(a, ta.scale), y = to_double(b, tb.scale), r = 0;
  switch (op) {
    case '+': r = x + y; break;
    case '-': r = x - y; break;
    case '*': r = x * y; break;
    case '/':
      if (y == 0) return {};
      r = x / y;
      break;
    default:
      if (y == 0) return {};
      r = std::fmod(x, y);
  }
  if (std::isnan(r)) return {};
  return r;
}

// What a JSON member compares as.
Value member_value(const JsonMember &m) {
  switch (m.kind) {
    case JsonMember::kString: return m.plain;
    case JsonMember::kNumber: return m.number;
    case JsonMember::kBool: return m.number != 0;
    default: return {};
  }
}

std::optional<JsonMember> member(const Expr &e, const EvalInput &in) {
  Value document = evaluate(*e.args[0], in), key = evaluate(*e.args[1], in);
  auto *text = std::get_if<std::string>(&document);
  auto *name = std::get_if<std::string>(&key);
  return text && name ? json_member(*text, *name) : std::nullopt;
}

// The value for comparing: JSON members by what they are, not by their text.
Value comparable(const Expr &e, const EvalInput &in) {
  if (e.kind != ExprKind::kJsonMember) return evaluate(e, in);
  auto m = member(e, in);
  return m ? member_value(*m) : Value{};
}

// nullopt: unknown.
std::optional<int> compare_exprs(const Expr &a, const Value &x, const Expr &b, const Value &y, const EvalInput &in) {
  if (is_null(x) || is_null(y)) return std::nullopt;
  auto *text_x = std::get_if<std::string>(&x);
  auto *text_y = std::get_if<std::string>(&y);
  bool json = a.kind == ExprKind::kJsonMember || b.kind == ExprKind::kJsonMember;
  if ((text_x != nullptr) != (text_y != nullptr)) {
    if (json) return std::nullopt;
    const Field &other = text_x ? b.type : a.type;
    const std::string &text = text_x ? *text_x : *text_y;
    Value converted = to_double(Value{text});
    if (other.type == kTimestamp) {
      auto t = parse_timestamp(text, *in.context->zone, in.precision);
      if (!t) return std::nullopt;
      converted = *t;
    }
    return text_x ? compare(converted, 0, y, b.type.scale) : compare(x, a.type.scale, converted, 0);
  }
  return compare(x, a.type.scale, y, b.type.scale);
}

Value compare_values(const Expr &e, const EvalInput &in) {
  const Expr &a = *e.args[0], &b = *e.args[1];
  if (e.name == "contains") {
    Value document = evaluate(a, in), key = evaluate(b, in);
    auto *text = std::get_if<std::string>(&document);
    auto *name = std::get_if<std::string>(&key);
    if (!text || !name) return {};
    return json_member(*text, *name).has_value() != e.negated;
  }
  Value x = comparable(a, in), y = comparable(b, in);
  if (is_null(x) || is_null(y)) return {};
  if (e.name == "like" || e.name == "match") {
    auto *text = std::get_if<std::string>(&x);
    auto *pattern = std::get_if<std::string>(&y);
    if (!text || !pattern) return false;
    bool ok = true;
    bool found = e.name == "like" ? like(*text, *pattern) : regex_match(*text, *pattern, &ok);
    if (!ok) fail(kErrInvalidParameter, "Invalid regular expression: " + *pattern);
    return found != e.negated;
  }
  auto r = compare_exprs(a, x, b, y, in);
  if (!r) return {};
  if (e.name == "=") return *r == 0;
  if (e.name == "<>") return *r != 0;
  if (e.name == "<") return *r < 0;
  if (e.name == "<=") return *r <= 0;
  if (e.name == ">") return *r > 0;
  return *r >= 0;
}

// true, false or unknown (NULL).
Value truth(const Expr &e, const EvalInput &in) {
  Value v = evaluate(e, in);
  if (is_null(v)) return v;
  return to_double(v, e.type.scale) != 0;
}

Value logic(const Expr &e, const EvalInput &in) {
  bool is_and = e.name == "and";
  Value a = truth(*e.args[0], in);
  if (!is_null(a) && std::get<bool>(a) != is_and) return a;
  Value b = truth(*e.args[1], in);
  if (!is_null(b) && std::get<bool>(b) != is_and) return b;
  if (is_null(a) || is_null(b)) return {};
  return is_and;
}

Value in_list(const Expr &e, const EvalInput &in) {
  Value x = comparable(*e.args[0], in);
  if (is_null(x)) return {};
  bool unknown = false;
  for (size_t i = 1; i < e.args.size(); i++) {
    Value y = comparable(*e.args[i], in);
    auto r = compare_exprs(*e.args[0], x, *e.args[i], y, in);
    if (r && *r == 0) return !e.negated;
    unknown = unknown || is_null(y);
  }
  if (unknown) return {};
  return e.negated;
}

Value between(const Expr &e, const EvalInput &in) {
  Value x = comparable(*e.args[0], in), low = comparable(*e.args[1], in), high = comparable(*e.args[2], in);
  auto a = compare_exprs(*e.args[0], x, *e.args[1], low, in), b = compare_exprs(*e.args[0], x, *e.args[2], high, in);
  if (!a || !b) return {};
  return (*a >= 0 && *b <= 0) != e.negated;
}

Value case_when(const Expr &e, const EvalInput &in) {
  size_t i = e.has_operand ? 1 : 0, last = e.args.size() - (e.has_else ? 1 : 0);
  const Expr *chosen = e.has_else ? e.args.back().get() : nullptr;
  Value operand = e.has_operand ? comparable(*e.args[0], in) : Value{};
  for (; i + 1 < last; i += 2) {
    bool hit = false;
    if (e.has_operand) {
      Value y = comparable(*e.args[i], in);
      auto r = compare_exprs(*e.args[0], operand, *e.args[i], y, in);
      hit = r && *r == 0;
    } else {
      hit = holds(*e.args[i], in);
    }
    if (hit) {
      chosen = e.args[i + 1].get();
      break;
    }
  }
  if (!chosen) return {};
  Value v = evaluate(*chosen, in);
  return chosen->type.type == e.type.type ? v : cast_value(v, chosen->type, e.type, in.precision, *in.context->zone);
}

Value call(const Expr &e, const EvalInput &in) {
  std::vector<Value> args;
  args.reserve(e.args.size());
  for (auto &a : e.args) {
    args.push_back(evaluate(*a, in));
    if (!e.function->nulls && is_null(args.back())) return {};
  }
  return e.function->run(e, args, *in.context, in.precision);
}

}  // namespace

bool holds(const Expr &e, const EvalInput &in) {
  Value v = truth(e, in);
  return !is_null(v) && std::get<bool>(v);
}

Value evaluate(const Expr &e, const EvalInput &in) {
  switch (e.origin) {
    case Origin::kRow: return (*in.row)[e.slot];
    case Origin::kAggregate: return (*in.aggregates)[e.slot];
    case Origin::kWindow:
      return e.slot == 0 ? in.window.start : e.slot == 1 ? in.window.end : in.window.end - in.window.start;
    case Origin::kCompute: break;
  }
  switch (e.kind) {
    case ExprKind::kLiteral: return e.value;
    case ExprKind::kDuration: return e.duration.ticks(in.precision);
    case ExprKind::kCast:
      return cast_value(evaluate(*e.args[0], in), e.args[0]->type, e.type, in.precision, *in.context->zone);
    case ExprKind::kNegate: {
      Value v = evaluate(*e.args[0], in);
      if (is_null(v)) return v;
      if (auto *d = std::get_if<Decimal>(&v)) return Decimal{-d->unscaled};
      return -to_double(v);
    }
    case ExprKind::kBinary: return arithmetic(e, in);
    case ExprKind::kCompare: return compare_values(e, in);
    case ExprKind::kLogic: return logic(e, in);
    case ExprKind::kNot: {
      Value v = truth(*e.args[0], in);
      return is_null(v) ? v : Value{!std::get<bool>(v)};
    }
    case ExprKind::kIn: return in_list(e, in);
    case ExprKind::kBetween: return between(e, in);
    case ExprKind::kIsNull: return is_null(comparable(*e.args[0], in)) != e.negated;
    case ExprKind::kCase: return case_when(e, in);
    case ExprKind::kJsonMember: {
      auto m = member(e, in);
      return m ? Value{m->text} : Value{};
    }
    case ExprKind::kCall: return call(e, in);
    default: return {};
  }
}

}  // namespace opentaos::sandbox
