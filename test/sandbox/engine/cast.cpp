#include "engine/cast.h"

#include <cmath>
#include <cstdlib>

#include "engine/decimal.h"
#include "engine/errors.h"
#include "engine/literal.h"
#include "engine/text.h"

namespace opentaos::sandbox {

namespace {

// Into 64 bits with wrap-around; the fraction is dropped.
uint64_t integer_bits(const Value &v, const Field &from) {
  if (auto *b = std::get_if<bool>(&v)) return *b ? 1 : 0;
  if (auto *i = std::get_if<int64_t>(&v)) return static_cast<uint64_t>(*i);
  if (auto *u = std::get_if<uint64_t>(&v)) return *u;
  if (auto *d = std::get_if<Decimal>(&v)) return static_cast<uint64_t>(d->unscaled / power_of_ten(from.scale));
  double d = 0;
  if (auto *s = std::get_if<std::string>(&v)) {
    char *end = nullptr;
    long long whole = std::strtoll(s->c_str(), &end, 10);
    if (*end != '.' && *end != 'e' && *end != 'E') {
      if (s->find('-') == std::string::npos) return std::strtoull(s->c_str(), nullptr, 10);
      return static_cast<uint64_t>(whole);
    }
    d = std::strtod(s->c_str(), nullptr);
  } else {
    d = std::get<double>(v);
  }
  if (std::isnan(d)) return 0;
  if (d >= 18446744073709551615.0) return UINT64_MAX;
  if (d <= -9223372036854775808.0) return static_cast<uint64_t>(INT64_MIN);
  return d < 0 ? static_cast<uint64_t>(static_cast<int64_t>(d)) : static_cast<uint64_t>(d);
}

Value to_integer(uint64_t bits, uint8_t type) {
  switch (type) {
    case kTinyInt: return int64_t{static_cast<int8_t>(bits)};
    case kSmallInt: return int64_t{static_cast<int16_t>(bits)};
    case kInt: return int64_t{static_cast<int32_t>(bits)};
    case kUTinyInt: return uint64_t{static_cast<uint8_t>(bits)};
    case kUSmallInt: return uint64_t{static_cast<uint16_t>(bits)};
    case kUInt: return uint64_t{static_cast<uint32_t>(bits)};
    case kUBigInt: return bits;
    default: return static_cast<int64_t>(bits);
  }
}

Value to_decimal(const Value &v, const Field &from, const Field &to) {
  DecimalType type{to.precision, to.scale};
  if (auto *d = std::get_if<Decimal>(&v)) {
    Int128 r = decimal_rescale(d->unscaled, from.scale, to.scale);
    check_decimal_range(r, to.precision);
    return Decimal{r};
  }
  std::string text;
  if (auto *s = std::get_if<std::string>(&v)) {
    text = *s;
  } else if (auto *d = std::get_if<double>(&v)) {
    text = printf_text("%.17g", *d);
  } else {
    text = value_text(v, from);
    if (std::holds_alternative<bool>(v)) text = std::get<bool>(v) ? "1" : "0";
  }
  auto r = decimal_from_text(text, type);
  return r ? Value{Decimal{*r}} : Value{};
}

}  // namespace

void check_cast(const Field &from, const Field &to) {
  bool text_in = from.type == kVarchar || from.type == kNchar;
  bool bad = is_blob_type(to.type) || is_blob_type(from.type) || to.type == kJson || from.type == kJson ||
             ((to.type == kVarbinary || to.type == kGeometry) && from.type != to.type) ||
             ((from.type == kVarbinary || from.type == kGeometry) && from.type != to.type && !text_in);
  if (bad) fail(kErrCastType, "Cannot convert to specific type");
}

std::string value_text(const Value &v, const Field &field) {
  if (auto *b = std::get_if<bool>(&v)) return *b ? "true" : "false";
  if (auto *i = std::get_if<int64_t>(&v)) return std::to_string(*i);
  if (auto *u = std::get_if<uint64_t>(&v)) return std::to_string(*u);
  if (auto *d = std::get_if<double>(&v)) return printf_text(field.type == kFloat ? "%g" : "%.15g", *d);
  if (auto *s = std::get_if<std::string>(&v)) return *s;
  if (auto *d = std::get_if<Decimal>(&v)) return decimal_text(d->unscaled, field.scale);
  return {};
}

Value cast_value(const Value &v, const Field &from, const Field &to, int precision, const TimeZone &zone) {
  if (is_null(v)) return v;
  switch (to.type) {
    case kBool:
      if (auto *s = std::get_if<std::string>(&v)) return to_lower(*s) == "true" || to_double(v) != 0;
      return to_double(v, from.scale) != 0;
    case kFloat: return static_cast<double>(static_cast<float>(to_double(v, from.scale)));
    case kDouble: return to_double(v, from.scale);
    case kVarchar: return value_text(v, from).substr(0, static_cast<size_t>(to.width));
    case kNchar: {
      std::string text = value_text(v, from);
      return std::string(utf8_substr(text, 0, to.width));
    }
    case kTimestamp:
      if (auto *s = std::get_if<std::string>(&v)) {
        auto t = parse_timestamp(*s, zone, precision);
        return t ? Value{*t} : Value{};
      }
      return to_integer(integer_bits(v, from), kBigInt);
    case kDecimal64:
    case kDecimal128: return to_decimal(v, from, to);
    case kVarbinary:
    case kGeometry: return v;
    default: return to_integer(integer_bits(v, from), to.type);
  }
}

Value assign_value(const Value &v, const Field &from, int from_precision, const Field &to, int to_precision,
                   const TimeZone &zone) {
  if (is_null(v)) return v;
  if (from.type == kTimestamp && to.type == kTimestamp)
    return convert_precision(std::get<int64_t>(v), from_precision, to_precision);
  if (from.type == to.type && is_var_type(to.type)) return adopt_value(v, to);
  check_cast(from, to);
  return cast_value(v, from, to, to_precision, zone);
}

}  // namespace opentaos::sandbox
