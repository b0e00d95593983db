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
      has_offset = take_offset(&s, &offset);
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

namespace {

constexpr const char *kMonths[] = {"january", "february", "march",     "april",   "may",      "june",
                                   "july",    "august",   "september", "october", "november", "december"};
constexpr const char *kDays[] = {"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"};

enum class Piece {
  kYear4,
  kYear3,
  kYear2,
  kYear1,
  kMonth,
  kMonthName,
  kMonthShort,
  kDay,
  kDayOfYear,
  kDayName,
  kDayShort,
  kHour24,
  kHour12,
  kMinute,
  kSecond,
  kMilli,
  kMicro,
  kNano,
  kMeridiem
};

struct Pattern {
  const char *text;
  Piece piece;
};

// Longer ones first.
constexpr Pattern kPatterns[] = {
    {"yyyy", Piece::kYear4},      {"yyy", Piece::kYear3},      {"yy", Piece::kYear2},      {"y", Piece::kYear1},
    {"month", Piece::kMonthName}, {"mon", Piece::kMonthShort}, {"mm", Piece::kMonth},      {"mi", Piece::kMinute},
    {"ms", Piece::kMilli},        {"ddd", Piece::kDayOfYear},  {"dd", Piece::kDay},        {"day", Piece::kDayName},
    {"dy", Piece::kDayShort},     {"hh24", Piece::kHour24},    {"hh12", Piece::kHour12},   {"hh", Piece::kHour12},
    {"ss", Piece::kSecond},       {"us", Piece::kMicro},       {"ns", Piece::kNano},       {"am", Piece::kMeridiem},
    {"pm", Piece::kMeridiem},     {"a.m.", Piece::kMeridiem},  {"p.m.", Piece::kMeridiem},
};

const Pattern *match_pattern(std::string_view format) {
  for (const auto &p : kPatterns) {
    std::string_view text(p.text);
    if (format.size() >= text.size() && to_lower(format.substr(0, text.size())) == text) return &p;
  }
  return nullptr;
}

// The case of a name follows the case of its pattern: MONTH, Month, month.
std::string in_case(std::string name, std::string_view pattern) {
  bool first = std::isupper(static_cast<unsigned char>(pattern[0])) != 0;
  bool second = pattern.size() > 1 && std::isupper(static_cast<unsigned char>(pattern[1])) != 0;
  if (first && second) return to_upper(name);
  if (first) name[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(name[0])));
  return name;
}

}  // namespace

std::string format_timestamp(int64_t ticks, int precision, std::string_view format) {
  int64_t unit = ticks_per_second(precision);
  int64_t seconds = floor_div(ticks, unit), nanos = floor_mod(ticks, unit) * (1000000000 / unit);
  int64_t days = floor_div(seconds, kDay), clock = floor_mod(seconds, kDay);
  Civil c = civil_from_days(days);
  int hour = static_cast<int>(clock / 3600), hour12 = hour % 12 == 0 ? 12 : hour % 12;
  int weekday = static_cast<int>(floor_mod(days + 4, 7));
  std::string out;
  while (!format.empty()) {
    if (format[0] == '"') {  // quoted text stays as it is
      size_t end = format.find('"', 1);
      out += format.substr(1, end == std::string_view::npos ? end : end - 1);
      format.remove_prefix(end == std::string_view::npos ? format.size() : end + 1);
      continue;
    }
    const Pattern *p = match_pattern(format);
    if (!p) {
      out.push_back(format[0]);
      format.remove_prefix(1);
      continue;
    }
    std::string_view text = format.substr(0, std::string_view(p->text).size());
    auto year = static_cast<int>(c.year);
    switch (p->piece) {
      case Piece::kYear4: out += printf_text("%04d", year); break;
      case Piece::kYear3: out += printf_text("%03d", year % 1000); break;
      case Piece::kYear2: out += printf_text("%02d", year % 100); break;
      case Piece::kYear1: out += printf_text("%d", year % 10); break;
      case Piece::kMonth: out += printf_text("%02d", c.month); break;
      case Piece::kMonthName: out += printf_text("%-9s", in_case(kMonths[c.month - 1], text).c_str()); break;
      case Piece::kMonthShort: out += in_case(std::string(kMonths[c.month - 1]).substr(0, 3), text); break;
      case Piece::kDay: out += printf_text("%02d", c.day); break;
      case Piece::kDayOfYear:
        out += printf_text("%03d", static_cast<int>(days - days_from_civil(c.year, 1, 1) + 1));
        break;
      case Piece::kDayName: out += printf_text("%-9s", in_case(kDays[weekday], text).c_str()); break;
      case Piece::kDayShort: out += in_case(std::string(kDays[weekday]).substr(0, 3), text); break;
      case Piece::kHour24: out += printf_text("%02d", hour); break;
      case Piece::kHour12: out += printf_text("%02d", hour12); break;
      case Piece::kMinute: out += printf_text("%02d", static_cast<int>(clock / 60 % 60)); break;
      case Piece::kSecond: out += printf_text("%02d", static_cast<int>(clock % 60)); break;
      case Piece::kMilli: out += printf_text("%03d", static_cast<int>(nanos / 1000000)); break;
      case Piece::kMicro: out += printf_text("%06d", static_cast<int>(nanos / 1000)); break;
      case Piece::kNano: out += printf_text("%09d", static_cast<int>(nanos)); break;
      case Piece::kMeridiem: {
        std::string half = hour < 12 ? "am" : "pm";
        if (text.size() == 4) half = hour < 12 ? "a.m." : "p.m.";
        out += std::isupper(static_cast<unsigned char>(text[0])) ? to_upper(half) : half;
        break;
      }
    }
    format.remove_prefix(text.size());
  }
  return out;
}

std::optional<int64_t> parse_formatted(std::string_view text, std::string_view format, int precision) {
  int year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0, day_of_year = 0;
  int64_t nanos = 0;
  std::optional<bool> afternoon;
  // Up to `digits` digits; a fraction is read as digits behind a point.
  auto number = [&](size_t digits, int *value) {
    size_t n = 0;
    while (n < digits && n < text.size() && std::isdigit(static_cast<unsigned char>(text[n]))) n++;
    return n > 0 && take_digits(&text, n, value);
  };
  auto fraction = [&](size_t digits) {
    int64_t unit = 1000000000;
    size_t n = 0;
    for (; n < digits && !text.empty() && std::isdigit(static_cast<unsigned char>(text.front())); n++) {
      unit /= 10;
      nanos += (text.front() - '0') * unit;
      text.remove_prefix(1);
    }
    return n > 0;
  };
  auto name = [&](const char *const *names, int count, size_t letters, int *value) {
    for (int i = 0; i < count; i++) {
      std::string_view full(names[i]);
      std::string_view want = full.substr(0, letters);
      if (text.size() >= want.size() && to_lower(text.substr(0, want.size())) == want) {
        text.remove_prefix(want.size());
        *value = i + 1;
        return true;
      }
    }
    return false;
  };
  while (!format.empty()) {
    const Pattern *p = match_pattern(format);
    if (!p) {
      if (!text.empty()) text.remove_prefix(1);
      format.remove_prefix(1);
      continue;
    }
    bool ok = true;
    int ignored = 0;
    switch (p->piece) {
      case Piece::kYear4: ok = number(4, &year); break;
      case Piece::kYear3:
        ok = number(3, &year);
        year += 2000;
        break;
      case Piece::kYear2:
        ok = number(2, &year);
        year += year < 70 ? 2000 : 1900;
        break;
      case Piece::kYear1:
        ok = number(1, &year);
        year += 2020;
        break;
      case Piece::kMonth: ok = number(2, &month); break;
      case Piece::kMonthName: ok = name(kMonths, 12, std::string_view::npos, &month); break;
      case Piece::kMonthShort: ok = name(kMonths, 12, 3, &month); break;
      case Piece::kDay: ok = number(2, &day); break;
      case Piece::kDayOfYear: ok = number(3, &day_of_year); break;
      case Piece::kDayName: ok = name(kDays, 7, std::string_view::npos, &ignored); break;
      case Piece::kDayShort: ok = name(kDays, 7, 3, &ignored); break;
      case Piece::kHour24:
      case Piece::kHour12: ok = number(2, &hour); break;
      case Piece::kMinute: ok = number(2, &minute); break;
      case Piece::kSecond: ok = number(2, &second); break;
      case Piece::kMilli: ok = fraction(3); break;
      case Piece::kMicro: ok = fraction(6); break;
      case Piece::kNano: ok = fraction(9); break;
      case Piece::kMeridiem:
        ok = !text.empty();
        if (ok) {
          afternoon = text[0] == 'p' || text[0] == 'P';
          text.remove_prefix(std::min(text.size(), std::string_view(p->text).size()));
        }
        break;
    }
    if (!ok) return std::nullopt;
    format.remove_prefix(std::string_view(p->text).size());
  }
  if (month < 1 || month > 12 || day < 1 || day > days_in_month(year, month) || hour > 23 || minute > 59 || second > 59)
    return std::nullopt;
  if (afternoon) hour = hour % 12 + (*afternoon ? 12 : 0);
  int64_t days = day_of_year > 0 ? days_from_civil(year, 1, 1) + day_of_year - 1 : days_from_civil(year, month, day);
  return to_ticks(days * kDay + hour * 3600 + minute * 60 + second, nanos / (1000000000 / ticks_per_second(precision)),
                  precision);
}

}  // namespace opentaos::sandbox
