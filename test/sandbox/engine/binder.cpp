// Names become slots, expressions get types.
#include <algorithm>

#include "engine/cast.h"
#include "engine/decimal.h"
#include "engine/expression.h"

namespace opentaos::sandbox {

namespace {

bool is_literal_text(const Expr &e) {
  return e.kind == ExprKind::kLiteral && std::holds_alternative<std::string>(e.value);
}

DecimalType decimal_type(const Field &f) {
  if (is_decimal_type(f.type)) return {f.precision, f.scale};
  return decimal_of_integer(f.type);
}

// The type a CASE, IF or COALESCE of both has.
Field wider(const Field &a, const Field &b) {
  if (a.type == b.type) return a.width >= b.width ? a : b;
  if (a.type == kVarchar && a.width == 0) return b;  // NULL
  if (b.type == kVarchar && b.width == 0) return a;
  if (is_text_type(a.type) || is_text_type(b.type)) {
    uint8_t type = a.type == kNchar || b.type == kNchar ? kNchar : kVarchar;
    auto width = [](const Field &f) { return is_text_type(f.type) ? f.width : 40; };
    return make_field("", type, std::max(width(a), width(b)));
  }
  if (is_float_type(a.type) || is_float_type(b.type)) return make_field("", kDouble);
  if (is_decimal_type(a.type) || is_decimal_type(b.type)) return make_field("", kDouble);
  if (a.type == kTimestamp || b.type == kTimestamp) return make_field("", kTimestamp);
  if (a.type == kUBigInt || b.type == kUBigInt) return make_field("", kUBigInt);
  return make_field("", kBigInt);
}

}  // namespace

void Binder::bind_args(Expr &e) {
  for (auto &a : e.args) bind(*a);
}

void Binder::bind(Expr &e) {
  switch (e.kind) {
    case ExprKind::kLiteral:
    case ExprKind::kDuration: break;
    case ExprKind::kColumn: bind_column(e); break;
    case ExprKind::kStar: fail(kErrInvalidColumn, "Invalid column name: *");
    case ExprKind::kCall: bind_call(e); break;
    case ExprKind::kCast: {
      bind_args(e);
      Field &to = e.type;
      const Field &from = e.args[0]->type;
      if (is_var_type(to.type) && to.width == 0) to.width = is_var_type(from.type) ? from.width : 64;
      check_cast(from, to);
      break;
    }
    case ExprKind::kNegate:
      bind_args(e);
      e.type = is_decimal_type(e.args[0]->type.type) ? e.args[0]->type : make_field("", kDouble);
      break;
    case ExprKind::kBinary: bind_arithmetic(e); break;
    case ExprKind::kCompare:
    case ExprKind::kIn:
    case ExprKind::kBetween: bind_compare(e); break;
    case ExprKind::kLogic:
    case ExprKind::kNot:
    case ExprKind::kIsNull:
      bind_args(e);
      e.type = make_field("", kBool);
      break;
    case ExprKind::kCase: bind_case(e); break;
    case ExprKind::kJsonMember:
      bind_args(e);
      if (e.args[0]->type.type != kJson) fail(kErrInvalidColumn, "Invalid column name: " + e.args[0]->text);
      e.type = make_field("", kJson);
      break;
  }
}

void Binder::bind_column(Expr &e) {
  static constexpr std::string_view kWindow[] = {"_wstart", "_wend", "_wduration"};
  for (int i = 0; i < 3; i++) {
    if (e.name != kWindow[i]) continue;
    if (!window_ || inside_aggregate_) fail(kErrInvalidColumn, "There is no valid pseudo column: " + e.name);
    e.origin = Origin::kWindow;
    e.slot = i;
    e.type = make_field("", i == 2 ? kBigInt : kTimestamp);
    return;
  }
  for (std::string_view word : {"_qstart", "_qend", "_qduration", "_irowts", "_isfilled", "_flow", "_fhigh", "_frowts"})
    if (e.name == word) unsupported("the pseudo column " + e.name);
  bool time = e.name == "_rowts" || e.name == "_c0";
  bool table_known = e.table.empty();
  int found = -1;
  for (size_t i = 0; i < scope_.columns.size(); i++) {
    const ScopeColumn &c = scope_.columns[i];
    if (!e.table.empty() && c.table != e.table) continue;
    table_known = true;
    if (time ? !c.time_key : c.field.name != e.name) continue;
    if (found >= 0) fail(kErrAmbiguousColumn, "Column ambiguously defined: " + e.name);
    found = static_cast<int>(i);
  }
  if (!table_known) fail(kErrTableNotExist, "Table does not exist: " + e.table);
  if (found < 0) fail(kErrInvalidColumn, "Invalid column name: " + e.name);
  e.origin = Origin::kRow;
  e.slot = found;
  e.type = scope_.columns[found].field;
}

void Binder::bind_call(Expr &e) {
  if (is_aggregate(e.name)) {
    bind_aggregate(e);
    return;
  }
  const ScalarFunction *f = find_function(e.name);
  if (!f) {
    if (is_other_server_function(e.name)) unsupported("the function " + e.name + "()");
    fail(kErrFunctionNotExist, "Func not exists");
  }
  auto n = static_cast<int>(e.args.size());
  if (n < f->least_args || (f->most_args >= 0 && n > f->most_args))
    fail(kErrParameterCount, "Invalid number of parameters : " + e.name);
  bind_args(e);
  e.function = f;
  f->bind(e, scope_, context_);
}

void Binder::bind_aggregate(Expr &e) {
  if (!aggregates_ || inside_aggregate_) fail(kErrAggregateMisuse, "There mustn't be aggregation");
  AggregateCall call;
  call.name = e.name;
  bool star = e.args.size() == 1 && e.args[0]->kind == ExprKind::kStar;
  if (star && e.name == "count") {
    if (!scope_.any_source) fail(kErrInvalidColumn, "Invalid column name: *");
  } else {
    inside_aggregate_ = true;
    for (auto &a : e.args) bind(*a);
    inside_aggregate_ = false;
    call.args = e.args;
  }
  call.type = aggregate_type(call);
  e.type = call.type;
  e.origin = Origin::kAggregate;
  e.slot = static_cast<int>(aggregates_->size());
  aggregates_->push_back(std::move(call));
}

void Binder::bind_arithmetic(Expr &e) {
  bind_args(e);
  const Field &a = e.args[0]->type, &b = e.args[1]->type;
  auto blob_like = [](const Field &f) {
    return is_blob_type(f.type) || f.type == kVarbinary || f.type == kGeometry || f.type == kJson;
  };
  if (blob_like(a) || blob_like(b)) fail(kErrWrongValueType, "Invalid value type: " + e.text);
  char op = e.name[0];
  if (op == '&' || op == '|') {
    e.type = make_field("", kBigInt);
    return;
  }
  bool duration = e.args[0]->kind == ExprKind::kDuration || e.args[1]->kind == ExprKind::kDuration;
  bool time_a = a.type == kTimestamp, time_b = b.type == kTimestamp;
  if (time_a && time_b && op == '-') {
    e.type = make_field("", kBigInt);
  } else if ((op == '+' || op == '-') &&
             ((time_a && is_integer_type(b.type)) || (time_b && is_integer_type(a.type) && op == '+'))) {
    e.type = make_field("", kTimestamp);
  } else if (duration && !time_a && !time_b && is_integer_type(a.type) && is_integer_type(b.type)) {
    e.type = make_field("", kTimestamp);  // 1700000000000 + 1s
  } else if ((is_decimal_type(a.type) && (is_decimal_type(b.type) || is_integer_type(b.type))) ||
             (is_decimal_type(b.type) && is_integer_type(a.type))) {
    DecimalType t = decimal_result_type(op, decimal_type(a), decimal_type(b));
    e.type = make_field("", kDecimal128);
    e.type.precision = static_cast<uint8_t>(t.precision);
    e.type.scale = static_cast<uint8_t>(t.scale);
  } else {
    e.type = make_field("", kDouble);
  }
}

// '2024-01-01' next to a timestamp is a time.
void Binder::adapt_to_time(const Expr &model, Expr &literal) {
  if (model.type.type != kTimestamp || !is_literal_text(literal)) return;
  const std::string &text = std::get<std::string>(literal.value);
  auto t = parse_timestamp(text, *context_.zone, scope_.precision);
  if (!t) fail(kErrWrongValueType, "Invalid value type: '" + text + "'");
  literal.value = *t;
  literal.type = make_field("", kTimestamp);
}

void Binder::bind_compare(Expr &e) {
  bind_args(e);
  Expr &first = *e.args[0];
  for (size_t i = 1; i < e.args.size(); i++) {
    Expr &other = *e.args[i];
    adapt_to_time(first, other);
    adapt_to_time(other, first);
    bool json = first.type.type == kJson || other.type.type == kJson;
    bool member = first.kind == ExprKind::kJsonMember || other.kind == ExprKind::kJsonMember;
    if (e.name == "contains") {
      if (first.type.type != kJson || first.kind == ExprKind::kJsonMember)
        fail(kErrWrongValueType, "Invalid value type: " + first.text);
    } else if ((json && !member) || is_blob_type(first.type.type)) {
      fail(kErrWrongValueType, "Invalid value type: " + e.text);
    } else if ((e.name == "like" || e.name == "match") && !is_text_type(first.type.type) && !member) {
      fail(kErrWrongValueType, "Invalid value type: " + first.text);
    }
  }
  e.type = make_field("", kBool);
}

void Binder::bind_case(Expr &e) {
  bind_args(e);
  size_t i = e.has_operand ? 1 : 0;
  size_t last = e.args.size() - (e.has_else ? 1 : 0);
  bool any = false;
  Field type = make_field("", kVarchar, 0);
  auto result = [&](const Field &f) {
    type = any ? wider(type, f) : f;
    any = true;
  };
  for (; i + 1 < last; i += 2) {
    if (e.has_operand) adapt_to_time(*e.args[0], *e.args[i]);
    result(e.args[i + 1]->type);
  }
  if (e.has_else) result(e.args.back()->type);
  e.type = type;
  e.type.name.clear();
}

}  // namespace opentaos::sandbox
