// Timestamps as text and back, durations, and arithmetic in a database's precision.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/timezone.h"

namespace opentaos::sandbox {

// Ticks of one second: 1000, 1000000, 1000000000.
int64_t ticks_per_second(int precision);

// From one precision to another; a finer one that overflows saturates.
int64_t convert_precision(int64_t ticks, int from, int to);

int64_t now_ticks(int precision);

// "2024-01-31", "2024-01-31 10:20:30.123", with T instead of the space, with Z or +08:00 behind (then `zone` does not
// matter), or a plain number of ticks. Digits beyond the precision are cut off.
std::optional<int64_t> parse_timestamp(std::string_view text, const TimeZone &zone, int precision);

// "2024-01-31T10:20:30.123+0800" with as many fraction digits as the precision has.
std::string iso8601_text(int64_t ticks, int precision, int32_t offset_seconds);

// A length of time: fixed ones in nanoseconds, months and years by count.
struct Duration {
  int64_t count = 0;
  char unit = 's';  // b u a s m h d w n y
  bool calendar() const { return unit == 'n' || unit == 'y'; }
  // Ticks of a fixed duration.
  int64_t ticks(int precision) const;
  int64_t months() const { return unit == 'y' ? count * 12 : count; }
};

// "10s"; nullopt when it is none.
std::optional<Duration> parse_duration(std::string_view text);

// Adds n times; month ends stay month ends ("31 January + 1 month" is 28 or 29 February). In UTC.
int64_t add_duration(int64_t ticks, const Duration &d, int64_t times, int precision);

// Start of the window that holds `ticks`, windows counted from 1970-01-01 (weeks from the Thursday that was) of a
// clock `offset_seconds` east, plus `shift` ticks.
int64_t window_start(int64_t ticks, const Duration &length, int64_t shift, int precision, int32_t offset_seconds);

// to_char() and to_timestamp(): "yyyy-mm-dd hh24:mi:ss.ms" and friends.
std::string format_timestamp(int64_t ticks, int precision, std::string_view format);
std::optional<int64_t> parse_formatted(std::string_view text, std::string_view format, int precision);

}  // namespace opentaos::sandbox
