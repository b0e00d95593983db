#include "engine/calendar.h"
#include "engine/functions.h"
#include "engine/text.h"

namespace opentaos::sandbox {

namespace {

// A time given as TIMESTAMP, as a number of ticks, or as text. Text without a zone is in the session's.
std::optional<int64_t> time_argument(const Expr &arg, const Value &v, const Context &c, int precision) {
  if (auto *s = std::get_if<std::string>(&v)) return parse_timestamp(*s, *c.zone, precision);
  if (auto *i = std::get_if<int64_t>(&v)) return *i;
  if (auto *u = std::get_if<uint64_t>(&v)) return static_cast<int64_t>(*u);
  (void)arg;
  return std::nullopt;
}

void need_time(const Expr &e, size_t at) {
  uint8_t t = e.args[at]->type.type;
  if (t != kTimestamp && !is_integer_type(t) && !is_text_type(t)) bad_argument_type(e);
}

const Duration &duration_argument(const Expr &e, size_t at) {
  if (e.args[at]->kind != ExprKind::kDuration) bad_argument_type(e);
  return e.args[at]->duration;
}

void bind_now(Expr &e, const Scope &, const Context &) { e.type = make_field("", kTimestamp); }

Value run_now(const Expr &e, const std::vector<Value> &, const Context &c, int precision) {
  if (e.name == "now") return c.now(precision);
  int64_t seconds = floor_div(c.now_ns, 1000000000);
  int32_t offset = c.zone->offset_at(seconds);
  return (floor_div(seconds + offset, 86400) * 86400 - offset) * ticks_per_second(precision);
}

void bind_iso(Expr &e, const Scope &, const Context &) {
  need_time(e, 0);
  if (e.args.size() > 1) need_text(e, 1);
  e.type = make_field("", kVarchar, 62);
}

// A number that belongs to no table is in the precision its digits suggest.
int guess_precision(int64_t ticks) {
  uint64_t v = ticks < 0 ? 0 - static_cast<uint64_t>(ticks) : static_cast<uint64_t>(ticks);
  return v >= 1000000000000000000ULL ? 2 : v >= 1000000000000000ULL ? 1 : 0;
}

// Daylight saving time is ignored here by the server: New York prints -0500 in July.
Value run_iso(const Expr &e, const std::vector<Value> &args, const Context &c, int precision) {
  auto t = time_argument(*e.args[0], args[0], c, precision);
  if (!t) return {};
  if (is_integer_type(e.args[0]->type.type)) precision = guess_precision(*t);
  int32_t offset = c.zone->standard_offset_at(floor_div(*t, ticks_per_second(precision)));
  if (args.size() > 1) {
    const std::string &zone = std::get<std::string>(args[1]);
    auto at = parse_timestamp("1970-01-01T00:00:00" + (zone == "z" ? std::string("Z") : zone), *c.zone, 0);
    if (!at) fail(kErrParameterValue, "Invalid parameter value : to_iso8601");
    offset = static_cast<int32_t>(-*at / 1000);
    if (zone == "z" || zone == "Z") {
      std::string text = iso8601_text(*t, precision, 0);
      return text.substr(0, text.size() - 5) + zone;
    }
    std::string text = iso8601_text(*t, precision, offset);
    return text.substr(0, text.size() - 5) + zone;
  }
  return iso8601_text(*t, precision, offset);
}

void bind_unix(Expr &e, const Scope &, const Context &) {
  need_text(e, 0);
  e.type = make_field("", e.args.size() > 1 && e.args[1]->kind == ExprKind::kLiteral && to_double(e.args[1]->value) == 1
                              ? kTimestamp
                              : kBigInt);
}
Value run_unix(const Expr &, const std::vector<Value> &args, const Context &c, int precision) {
  auto t = parse_timestamp(std::get<std::string>(args[0]), *c.zone, precision);
  return t ? Value{*t} : Value{};
}

void bind_char(Expr &e, const Scope &, const Context &) {
  need_text(e, 1);
  if (e.name == "to_char") {
    if (e.args[0]->type.type != kTimestamp) bad_argument_type(e);
    e.type = make_field("", kVarchar, 4094);
  } else {
    need_text(e, 0);
    e.type = make_field("", kTimestamp);
  }
}
// Both work in the server's zone, which is UTC.
Value run_char(const Expr &e, const std::vector<Value> &args, const Context &, int precision) {
  const std::string &format = std::get<std::string>(args[1]);
  if (e.name == "to_char") return format_timestamp(std::get<int64_t>(args[0]), precision, format);
  auto t = parse_formatted(std::get<std::string>(args[0]), format, precision);
  return t ? Value{*t} : Value{};
}

void bind_truncate(Expr &e, const Scope &, const Context &) {
  need_time(e, 0);
  duration_argument(e, 1);
  if (e.args.size() > 2) need_numeric(e, 2);
  e.type = make_field("", kTimestamp);
}
Value run_truncate(const Expr &e, const std::vector<Value> &args, const Context &c, int precision) {
  auto t = time_argument(*e.args[0], args[0], c, precision);
  if (!t) return {};
  const Duration &d = duration_argument(e, 1);
  bool use_zone = args.size() < 3 || to_double(args[2]) != 0;
  bool day_or_more = d.unit == 'd' || d.unit == 'w' || d.calendar();
  int32_t offset = use_zone && day_or_more ? c.zone->standard_offset_at(floor_div(*t, ticks_per_second(precision))) : 0;
  return window_start(*t, d, 0, precision, offset);
}

void bind_difference(Expr &e, const Scope &, const Context &) {
  need_time(e, 0);
  need_time(e, 1);
  if (e.args.size() > 2) duration_argument(e, 2);
  e.type = make_field("", kBigInt);
}
Value run_difference(const Expr &e, const std::vector<Value> &args, const Context &c, int precision) {
  auto a = time_argument(*e.args[0], args[0], c, precision), b = time_argument(*e.args[1], args[1], c, precision);
  if (!a || !b) return {};
  int64_t ticks = static_cast<int64_t>(static_cast<uint64_t>(*a) - static_cast<uint64_t>(*b));
  if (args.size() < 3) return ticks;
  int64_t unit = duration_argument(e, 2).ticks(precision);
  return unit == 0 ? ticks : ticks / unit;
}

constexpr ScalarFunction kFunctions[] = {
    {"now", 0, 0, bind_now, run_now},
    {"today", 0, 0, bind_now, run_now},
    {"to_iso8601", 1, 2, bind_iso, run_iso},
    {"to_unixtimestamp", 1, 2, bind_unix, run_unix},
    {"to_char", 2, 2, bind_char, run_char},
    {"to_timestamp", 2, 2, bind_char, run_char},
    {"timetruncate", 2, 3, bind_truncate, run_truncate},
    {"timediff", 2, 3, bind_difference, run_difference},
};

}  // namespace

std::span<const ScalarFunction> time_functions() { return kFunctions; }

}  // namespace opentaos::sandbox
