// Time zones without touching the process: reads the system's TZif files and understands POSIX rules such as
// "UTC-8" or "EST5EDT,M3.2.0,M11.1.0".
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace opentaos::sandbox {

class TimeZone {
 public:
  // nullptr when there is no such zone.
  static std::shared_ptr<const TimeZone> load(std::string_view name);
  static std::shared_ptr<const TimeZone> utc();

  // Seconds east of Greenwich at a moment, given in seconds since 1970 UTC.
  int32_t offset_at(int64_t seconds) const;

  // The same without daylight saving time.
  int32_t standard_offset_at(int64_t seconds) const;

  // The moment a clock in this zone shows `local` (seconds since 1970-01-01 00:00 of that clock). A time that comes
  // twice is the earlier one; one that is skipped counts with the offset before the gap.
  int64_t to_utc(int64_t local) const;

 private:
  struct Kind {
    int32_t offset = 0;
    bool daylight = false;
  };
  struct RuleDay {
    int month = 0, week = 0, weekday = 0;  // Mm.w.d
    int32_t seconds = 7200;
  };
  struct Rule {
    Kind standard, daylight;
    bool has_daylight = false;
    RuleDay start, end;
  };

  bool read_file(const std::string &path);
  bool read_data(std::string_view bytes);
  static std::optional<Rule> parse_rule(std::string_view text);
  static int64_t rule_moment(const RuleDay &day, int64_t year);
  const Kind &kind_at(int64_t seconds) const;

  std::vector<int64_t> moments_;
  std::vector<uint8_t> indexes_;
  std::vector<Kind> kinds_{Kind{}};
  std::optional<Rule> rule_;  // after the last moment
};

}  // namespace opentaos::sandbox
