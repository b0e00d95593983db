#include "rest_values.h"

#include <charconv>
#include <cmath>
#include <cstdio>

#include "engine/calendar.h"
#include "json.h"
#include "types.h"

namespace opentaos::sandbox::server {
namespace {

constexpr int64_t kTicks[] = {1000, 1000000, 1000000000};

// Shortest digits that read back the same; an exponent below 1e-6 and from 1e21.
template <typename T>
void append_float(T number, std::string *out) {
  if (!std::isfinite(number)) {
    *out += "null";
    return;
  }
  char text[64];
  T size = std::fabs(number);
  bool exponent = size != 0 && (size < static_cast<T>(1e-6) || size >= static_cast<T>(1e21));
  auto form = exponent ? std::chars_format::scientific : std::chars_format::fixed;
  out->append(text, std::to_chars(text, text + sizeof text, number, form).ptr);
}

// RFC 3339 with as many fraction digits as the precision has.
void append_time(int64_t ticks, int precision, const TimeZone &zone, std::string *out) {
  int64_t per_second = kTicks[precision];
  int64_t seconds = floor_div(ticks, per_second);
  int64_t fraction = floor_mod(ticks, per_second);
  int32_t offset = zone.offset_at(seconds);
  int64_t local = seconds + offset;
  Civil date = civil_from_days(floor_div(local, 86400));
  auto of_day = static_cast<int>(floor_mod(local, 86400));
  char text[96];
  int n = std::snprintf(text, sizeof text, "\"%04lld-%02d-%02dT%02d:%02d:%02d.%0*lld",
                        static_cast<long long>(date.year), date.month, date.day, of_day / 3600, of_day / 60 % 60,
                        of_day % 60, 3 * (precision + 1), static_cast<long long>(fraction));
  out->append(text, static_cast<size_t>(n));
  if (offset == 0) {
    *out += "Z\"";
    return;
  }
  int minutes = std::abs(offset) / 60;
  n = std::snprintf(text, sizeof text, "%c%02d:%02d\"", offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
  out->append(text, static_cast<size_t>(n));
}

void append_hex(std::string_view bytes, std::string *out) {
  static constexpr char kHex[] = "0123456789abcdef";
  out->push_back('"');
  for (char c : bytes) {
    out->push_back(kHex[(c >> 4) & 15]);
    out->push_back(kHex[c & 15]);
  }
  out->push_back('"');
}

}  // namespace

void append_rest_value(const Value &value, const Field &field, int precision, const TimeZone &zone, std::string *out) {
  if (is_null(value)) {
    *out += "null";
    return;
  }
  if (const auto *text = std::get_if<std::string>(&value)) {
    if (field.type == kJson) {
      *out += text->empty() ? "null" : *text;
    } else if (field.type == kVarchar || field.type == kNchar) {
      append_quoted(*out, *text);
    } else {
      append_hex(*text, out);
    }
  } else if (const auto *decimal = std::get_if<Decimal>(&value)) {
    append_quoted(*out, decimal_text(decimal->unscaled, field.scale));
  } else if (field.type == kBool) {
    *out += as_i64(value).value_or(0) != 0 ? "true" : "false";
  } else if (field.type == kTimestamp) {
    append_time(as_i64(value).value_or(0), precision, zone, out);
  } else if (field.type == kFloat) {
    append_float(static_cast<float>(as_double(value).value_or(0)), out);
  } else if (field.type == kDouble) {
    append_float(as_double(value).value_or(0), out);
  } else if (auto i = as_i64(value)) {
    *out += std::to_string(*i);
  } else if (auto u = as_u64(value)) {
    *out += std::to_string(*u);
  } else {
    append_float(as_double(value).value_or(0), out);
  }
}

void append_rest_column(const Field &field, std::string *out) {
  out->push_back('[');
  append_quoted(*out, field.name);
  const TypeInfo *info = type_info(field.type == kNull ? uint8_t{kVarchar} : field.type);
  std::string name = info == nullptr ? "" : info->name;
  if (is_decimal(field.type)) name += "(" + std::to_string(field.precision) + "," + std::to_string(field.scale) + ")";
  *out += ",\"" + name + "\"," + std::to_string(user_width(field)) + "]";
}

}  // namespace opentaos::sandbox::server
