#include "engine/time_text.h"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <limits>

#include "engine/calendar.h"
#include "engine/text.h"

namespace opentaos::sandbox {

namespace {

constexpr int64_t kDay = 86400;

// Exactly `digits` digits in front, as a number.
bool take_digits(std::string_view *s, size_t digits, int *value) {
  if (s->size() < digits) return false;
  *value = 0;
  for (size_t i = 0; i < digits; i++) {
    if (!std::isdigit(static_cast<unsigned char>((*s)[i]))) return false;
    *value = *value * 10 + ((*s)[i] - '0');
  }
  s->remove_prefix(digits);
  return true;
}

// One or two digits, as strptime takes them.
bool take_short(std::string_view *s, int *value) {
  size_t n = s->size() > 1 && std::isdigit(static_cast<unsigned char>((*s)[1])) ? 2 : 1;
  return take_digits(s, n, value);
}

bool take_char(std::string_view *s, char c) {
  if (s->empty() || s->front() != c) return false;
  s->remove_prefix(1);
  return true;
}

std::optional<int64_t> parse_number(std::string_view s) {
  bool minus = take_char(&s, '-');
  if (!minus) take_char(&s, '+');
  if (s.empty() || s.size() > 19) return std::nullopt;
  __extension__ typedef __int128 Wide;
  Wide v = 0;
  for (char c : s) {
    if (!std::isdigit(static_cast<unsigned char>(c))) return std::nullopt;
    v = v * 10 + (c - '0');
  }
  if (minus) v = -v;
  if (v > INT64_MAX || v < INT64_MIN) return std::nullopt;
  return static_cast<int64_t>(v);
}

// +08, +0800, +08:00 in seconds.
bool take_offset(std::string_view *s, int64_t *offset) {
  bool minus = take_char(s, '-');
  if (!minus && !take_char(s, '+')) return false;
  int h = 0, m = 0;
  if (!take_digits(s, 2, &h)) return false;
  if (take_char(s, ':')) {
    if (!take_digits(s, 2, &m)) return false;
  } else if (!s->empty() && !take_digits(s, 2, &m)) {
    return false;
  }
  if (h > 14 || m > 59) return false;
  *offset = (h * 60 + m) * 60 * (minus ? -1 : 1);
  return true;
}

std::optional<int64_t> to_ticks(int64_t seconds, int64_t fraction, int precision) {
  int64_t ticks = 0;
  if (__builtin_mul_overflow(seconds, ticks_per_second(precision), &ticks) ||
      __builtin_add_overflow(ticks, fraction, &ticks))
    return std::nullopt;
  return ticks;
}

}  // namespace

int64_t ticks_per_second(int precision) { return precision == 2 ? 1000000000 : precision == 1 ? 1000000 : 1000; }

int64_t convert_precision(int64_t ticks, int from, int to) {
  int64_t a = ticks_per_second(from), b = ticks_per_second(to);
  if (a >= b) return floor_div(ticks, a / b);
  int64_t r = 0;
  if (__builtin_mul_overflow(ticks, b / a, &r)) return ticks < 0 ? INT64_MIN : INT64_MAX;
  return r;
}

int64_t now_ticks(int precision) {
  auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch());
  return convert_precision(ns.count(), 2, precision);
}

std::optional<int64_t> parse_timestamp(std::string_view s, const TimeZone &zone, int precision) {
  while (!s.empty() && s.front() == ' ') s.remove_prefix(1);
  while (!s.empty() && s.back() == ' ') s.remove_suffix(1);
  if (auto n = parse_number(s)) return n;

  int year = 0, month = 0, day = 0, h = 0, m = 0, sec = 0;
  int64_t fraction = 0, offset = 0;
  bool has_offset = false;
  if (!take_digits(&s, 4, &year) || !take_char(&s, '-') || !take_short(&s, &month) || !take_char(&s, '-') ||
      !take_short(&s, &day))
    return std::nullopt;
  if (month < 1 || month > 12 || day < 1 || day > days_in_month(year, month)) return std::nullopt;
  if (!s.empty()) {
    if (!take_char(&s, ' ') && !take_char(&s, 'T') && !take_char(&s, 't')) return std::nullopt;
    if (!take_short(&s, &h) || !take_char(&s, ':') || !take_short(&s, &m) || !take_char(&s, ':') ||
        !take_short(&s, &sec))
      return std::nullopt;
    if (h > 23 || m > 59 || sec > 60) return std::nullopt;
    if (take_char(&s, '.')) {
      int64_t unit = ticks_per_second(precision);
      if (s.empty() || !std::isdigit(static_cast<unsigned char>(s.front()))) return std::nullopt;
      while (!s.empty() && std::isdigit(static_cast<unsigned char>(s.front()))) {
        unit /= 10;
        fraction += (s.front() - '0') * unit;
        s.remove_prefix(1);
      }
    }
    if (take_char(&s, 'Z') || take_char(&s, 'z')) {
      has_offset = true;
    } else if (!s.empty()) {
      if (!take_offset(&s, &offset)) return std::nullopt;
      has_offset = true;
    }
    if (!s.empty()) return std::nullopt;
  }
  int64_t local = days_from_civil(year, month, day) * kDay + h * 3600 + m * 60 + sec;
  return to_ticks(has_offset ? local - offset : zone.to_utc(local), fraction, precision);
}

std::string iso8601_text(int64_t ticks, int precision, int32_t offset) {
  int64_t unit = ticks_per_second(precision);
  int64_t local = floor_div(ticks, unit) + offset, fraction = floor_mod(ticks, unit);
  Civil c = civil_from_days(floor_div(local, kDay));
  int64_t clock = floor_mod(local, kDay);
  int minutes = std::abs(offset) / 60;
  return printf_text("%04lld-%02d-%02dT%02lld:%02lld:%02lld.%0*lld%c%02d%02d", static_cast<long long>(c.year), c.month,
                     c.day, static_cast<long long>(clock / 3600), static_cast<long long>(clock / 60 % 60),
                     static_cast<long long>(clock % 60), 3 * (precision + 1), static_cast<long long>(fraction),
                     offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

int64_t Duration::ticks(int precision) const {
  int64_t ns = 1;
  switch (unit) {
    case 'u': ns = 1000; break;
    case 'a': ns = 1000000; break;
    case 's': ns = 1000000000; break;
    case 'm': ns = 60LL * 1000000000; break;
    case 'h': ns = 3600LL * 1000000000; break;
    case 'd': ns = kDay * 1000000000; break;
    case 'w': ns = 7 * kDay * 1000000000; break;
    case 'n': ns = 30 * kDay * 1000000000; break;
    case 'y': ns = 365 * kDay * 1000000000; break;
    default: break;
  }
  int64_t per_tick = 1000000000 / ticks_per_second(precision);
  __extension__ typedef __int128 Wide;
  Wide t = static_cast<Wide>(count) * ns / per_tick;
  if (t > INT64_MAX) return INT64_MAX;
  if (t < INT64_MIN) return INT64_MIN;
  return static_cast<int64_t>(t);
}

std::optional<Duration> parse_duration(std::string_view s) {
  if (s.size() < 2) return std::nullopt;
  char unit = s.back();
  if (std::string_view("buasmhdwny").find(unit) == std::string_view::npos) return std::nullopt;
  s.remove_suffix(1);
  auto n = parse_number(s);
  if (!n) return std::nullopt;
  return Duration{*n, unit};
}

int64_t add_duration(int64_t ticks, const Duration &d, int64_t times, int precision) {
  if (!d.calendar()) {
    int64_t step = 0, r = 0;
    if (__builtin_mul_overflow(d.ticks(precision), times, &step) || __builtin_add_overflow(ticks, step, &r))
      return (d.count < 0) != (times < 0) ? INT64_MIN : INT64_MAX;
    return r;
  }
  int64_t per_day = ticks_per_second(precision) * kDay;
  Civil c = civil_from_days(floor_div(ticks, per_day));
  int64_t months = c.year * 12 + (c.month - 1) + d.months() * times;
  int64_t year = floor_div(months, 12);
  int month = static_cast<int>(floor_mod(months, 12)) + 1;
  int day = std::min(c.day, days_in_month(year, month));
  return days_from_civil(year, month, day) * per_day + floor_mod(ticks, per_day);
}

int64_t window_start(int64_t ticks, const Duration &length, int64_t shift, int precision, int32_t offset) {
  int64_t zone = offset * ticks_per_second(precision);
  int64_t local = ticks + zone - shift;
  if (!length.calendar()) {
    int64_t step = std::max<int64_t>(length.ticks(precision), 1);
    return floor_div(local, step) * step - zone + shift;
  }
  int64_t per_day = ticks_per_second(precision) * kDay;
  Civil c = civil_from_days(floor_div(local, per_day));
  int64_t months = (c.year - 1970) * 12 + (c.month - 1), step = std::max<int64_t>(length.months(), 1);
  int64_t first = floor_div(months, step) * step;
  int64_t start = days_from_civil(1970 + floor_div(first, 12), static_cast<int>(floor_mod(first, 12)) + 1, 1) * per_day;
  return start - zone + shift;
}

}  // namespace opentaos::sandbox
