// ws_*: rows and timestamps as text.
#include <charconv>
#include <cinttypes>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <string>

#include "base/bytes.h"
#include "taosws.h"
#include "wire/types.h"
#include "ws_edge.h"

using namespace opentaos;
using namespace opentaos::edge;
using base::load_le;

namespace {

// The shortest text that reads back as the same number: 1.0, 0.1, 1e16, 1.5e-5, as TDengine's WebSocket library has it.
template <typename Float>
std::string float_text(Float v) {
  if (std::isnan(v)) return "NaN";
  if (std::isinf(v)) return v < 0 ? "-inf" : "inf";
  const Float size = std::fabs(v);
  const bool exponent = size >= Float(1e16) || (size != 0 && size < Float(1e-4));
  char room[64];
  const auto format = exponent ? std::chars_format::scientific : std::chars_format::fixed;
  std::string text(room, std::to_chars(room, room + sizeof room, v, format).ptr);
  if (!exponent) return text.find('.') == std::string::npos ? text + ".0" : text;
  const size_t e = text.find('e');
  size_t digits = e + 1;
  const bool negative = text[digits] == '-';
  while (digits < text.size() - 1 && (text[digits] == '-' || text[digits] == '+' || text[digits] == '0')) digits++;
  return text.substr(0, e + 1) + (negative ? "-" : "") + text.substr(digits);
}

std::string hex_text(const uint8_t *bytes, size_t n) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out = "\\x";
  for (size_t i = 0; i < n; i++) {
    out += kDigits[bytes[i] >> 4];
    out += kDigits[bytes[i] & 15];
  }
  return out;
}

std::string value_text(int type, const void *p) {
  const auto *bytes = static_cast<const uint8_t *>(p);
  switch (type) {
    case wire::kBool:
    case wire::kTinyInt: return std::to_string(load_le<int8_t>(p));
    case wire::kSmallInt: return std::to_string(load_le<int16_t>(p));
    case wire::kInt: return std::to_string(load_le<int32_t>(p));
    case wire::kTimestamp:
    case wire::kBigInt: return std::to_string(load_le<int64_t>(p));
    case wire::kUTinyInt: return std::to_string(load_le<uint8_t>(p));
    case wire::kUSmallInt: return std::to_string(load_le<uint16_t>(p));
    case wire::kUInt: return std::to_string(load_le<uint32_t>(p));
    case wire::kUBigInt: return std::to_string(load_le<uint64_t>(p));
    case wire::kFloat: return float_text(load_le<float>(p));
    case wire::kDouble: return float_text(load_le<double>(p));
    case wire::kVarchar:
    case wire::kNchar:
    case wire::kJson:
    case wire::kGeometry: return {static_cast<const char *>(p), load_le<uint16_t>(bytes - 2)};
    case wire::kVarbinary: return hex_text(bytes, load_le<uint16_t>(bytes - 2));
    case wire::kBlob:
    case wire::kMediumBlob: return hex_text(bytes, load_le<uint32_t>(bytes - 4));
    case wire::kDecimal:
    case wire::kDecimal64: return {static_cast<const char *>(p), strnlen(static_cast<const char *>(p), 64)};
    default: return {};
  }
}

struct Civil {
  int64_t year;
  int month, day;
};

// Days since 1970-01-01 to a date of the Gregorian calendar, in eras of 400 years that begin in March.
Civil civil_of_days(int64_t days) {
  days += 719468;
  const int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const auto of_era = static_cast<int>(days - era * 146097);
  const int year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  const int of_year = of_era - (365 * year + year / 4 - year / 100);
  const int march_month = (5 * of_year + 2) / 153;
  const int month = march_month < 10 ? march_month + 3 : march_month - 9;
  return {year + era * 400 + (month <= 2), month, of_year - (153 * march_month + 2) / 5 + 1};
}

int64_t floor_divide(int64_t a, int64_t b) { return a / b - (a % b < 0); }

}  // namespace

extern "C" {

int32_t ws_print_row(char *str, int32_t str_len, WS_ROW row, const struct WS_FIELD *fields, int32_t num_fields) {
  return ws_guard<int32_t>(0, [&]() -> int32_t {
    if (!str || !row || !fields || num_fields <= 0 || str_len <= 1) return 0;
    const auto room = static_cast<size_t>(str_len) - 1;
    size_t n = 0;
    for (int32_t i = 0; i < num_fields; i++) {
      if (i > 0 && n < room) str[n++] = ' ';
      // A value is there as a whole or not at all.
      const std::string text = row[i] ? value_text(fields[i].type, row[i]) : "NULL";
      if (text.size() > room - n) continue;
      std::memcpy(str + n, text.data(), text.size());
      n += text.size();
    }
    str[n] = 0;
    return static_cast<int32_t>(n);
  });
}

void ws_timestamp_to_rfc3339(uint8_t *dest, int64_t raw, int32_t precision, bool use_z) {
  if (!dest) return;
  const int digits = precision == 1 ? 6 : precision == 2 ? 9 : 3;
  const int64_t unit = precision == 1 ? 1000000 : precision == 2 ? 1000000000 : 1000;
  const int64_t seconds = floor_divide(raw, unit);
  // Behind the second; not raw - seconds * unit, which the smallest number overflows.
  const int64_t part = raw % unit < 0 ? raw % unit + unit : raw % unit;
  const int64_t days = floor_divide(seconds, 86400);
  const int64_t of_day = seconds - days * 86400;
  const Civil date = civil_of_days(days);
  const char *year_format = date.year < 0 || date.year > 9999 ? "%+05" PRId64 : "%04" PRId64;
  // Room as promised: the longest year that fits 64 bits of milliseconds has nine digits and a sign.
  constexpr size_t kRoom = 36;
  char *to = reinterpret_cast<char *>(dest);
  int n = std::snprintf(to, kRoom, year_format, date.year);
  std::snprintf(to + n, kRoom - static_cast<size_t>(n), "-%02d-%02dT%02d:%02d:%02d.%0*" PRId64 "%s", date.month,
                date.day, static_cast<int>(of_day / 3600), static_cast<int>(of_day / 60 % 60),
                static_cast<int>(of_day % 60), digits, part, use_z ? "Z" : "+00:00");
}

}  // extern "C"
