// to_char() and to_timestamp().
#include <algorithm>
#include <cctype>

#include "engine/calendar.h"
#include "engine/text.h"
#include "engine/time_text.h"

namespace opentaos::sandbox {

namespace {

constexpr int64_t kDaySeconds = 86400;

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
  int64_t days = floor_div(seconds, kDaySeconds), clock = floor_mod(seconds, kDaySeconds);
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
    *value = 0;
    for (char c : text.substr(0, n)) *value = *value * 10 + (c - '0');
    text.remove_prefix(n);
    return n > 0;
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
  int64_t unit = ticks_per_second(precision), ticks = 0;
  int64_t seconds = days * kDaySeconds + hour * 3600 + minute * 60 + second;
  if (__builtin_mul_overflow(seconds, unit, &ticks) ||
      __builtin_add_overflow(ticks, nanos / (1000000000 / unit), &ticks))
    return std::nullopt;
  return ticks;
}

}  // namespace opentaos::sandbox
