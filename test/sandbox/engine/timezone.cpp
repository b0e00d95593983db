#include "engine/timezone.h"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <sstream>

#include "engine/calendar.h"

namespace opentaos::sandbox {

namespace {

// Big-endian numbers with a bounds check that sticks.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}
  uint64_t number(size_t width) {
    if (bytes_.size() - at_ < width) {
      ok_ = false;
      return 0;
    }
    uint64_t v = 0;
    for (size_t i = 0; i < width; i++) v = v << 8 | static_cast<unsigned char>(bytes_[at_++]);
    return v;
  }
  void skip(uint64_t n) {
    if (bytes_.size() - at_ < n) {
      ok_ = false;
      at_ = bytes_.size();
    } else {
      at_ += n;
    }
  }
  std::string_view rest() const { return bytes_.substr(at_); }
  bool ok() const { return ok_; }

 private:
  std::string_view bytes_;
  size_t at_ = 0;
  bool ok_ = true;
};

struct Counts {
  uint64_t utc, standard, leap, moments, kinds, chars;
};

bool read_header(Reader *r, Counts *c) {
  if (r->number(4) != 0x545a6966) return false;  // "TZif"
  r->skip(16);
  c->utc = r->number(4);
  c->standard = r->number(4);
  c->leap = r->number(4);
  c->moments = r->number(4);
  c->kinds = r->number(4);
  c->chars = r->number(4);
  return r->ok();
}

// Pieces of a POSIX rule; each takes what it read off the front.
bool take_name(std::string_view *s) {
  size_t n = 0;
  if (!s->empty() && s->front() == '<') {
    n = s->find('>');
    if (n == std::string_view::npos) return false;
    s->remove_prefix(n + 1);
    return true;
  }
  while (n < s->size() && std::isalpha(static_cast<unsigned char>((*s)[n]))) n++;
  if (n < 3) return false;
  s->remove_prefix(n);
  return true;
}

bool take_number(std::string_view *s, int *value) {
  size_t n = 0;
  *value = 0;
  while (n < s->size() && n < 6 && std::isdigit(static_cast<unsigned char>((*s)[n])))
    *value = *value * 10 + ((*s)[n++] - '0');
  s->remove_prefix(n);
  return n > 0;
}

bool take_char(std::string_view *s, char c) {
  if (s->empty() || s->front() != c) return false;
  s->remove_prefix(1);
  return true;
}

// [+-]hh[:mm[:ss]]
bool take_clock(std::string_view *s, int32_t *seconds) {
  bool minus = take_char(s, '-');
  if (!minus) take_char(s, '+');
  int h = 0, m = 0, sec = 0;
  if (!take_number(s, &h)) return false;
  if (take_char(s, ':') && !take_number(s, &m)) return false;
  if (take_char(s, ':') && !take_number(s, &sec)) return false;
  *seconds = (h * 60 + m) * 60 + sec;
  if (minus) *seconds = -*seconds;
  return true;
}

}  // namespace

std::shared_ptr<const TimeZone> TimeZone::utc() { return std::make_shared<TimeZone>(); }

std::shared_ptr<const TimeZone> TimeZone::load(std::string_view name) {
  if (name.empty()) return utc();
  auto zone = std::make_shared<TimeZone>();
  bool plain =
      name.front() != '/' && name.find("..") == std::string_view::npos && name.find('\0') == std::string_view::npos;
  if (plain && zone->read_file("/usr/share/zoneinfo/" + std::string(name))) return zone;
  if (auto rule = parse_rule(name)) {
    zone->rule_ = rule;
    zone->kinds_ = {rule->standard};
    return zone;
  }
  if (name == "UTC" || name == "GMT" || name == "Etc/UTC") return utc();
  return nullptr;
}

bool TimeZone::read_file(const std::string &path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream bytes;
  if (!in || !(bytes << in.rdbuf())) return false;
  return read_data(bytes.str());
}

bool TimeZone::read_data(std::string_view bytes) {
  Reader r(bytes);
  Counts c{};
  if (!read_header(&r, &c)) return false;
  // The first part has 32-bit times; skip it, everything of this century has the second one.
  r.skip(c.moments * 5 + c.kinds * 6 + c.chars + c.leap * 8 + c.standard + c.utc);
  if (!read_header(&r, &c) || c.kinds == 0 || c.moments > 100000 || c.kinds > 256) return false;
  moments_.clear();
  indexes_.clear();
  kinds_.clear();
  for (uint64_t i = 0; i < c.moments; i++) moments_.push_back(static_cast<int64_t>(r.number(8)));
  for (uint64_t i = 0; i < c.moments; i++) indexes_.push_back(static_cast<uint8_t>(r.number(1)));
  for (uint64_t i = 0; i < c.kinds; i++) {
    Kind k;
    k.offset = static_cast<int32_t>(r.number(4));
    k.daylight = r.number(1) != 0;
    r.skip(1);
    kinds_.push_back(k);
  }
  r.skip(c.chars + c.leap * 12 + c.standard + c.utc);
  if (!r.ok()) return false;
  for (auto i : indexes_)
    if (i >= kinds_.size()) return false;
  std::string_view footer = r.rest();
  if (footer.size() > 2 && footer.front() == '\n') {
    footer.remove_prefix(1);
    rule_ = parse_rule(footer.substr(0, footer.find('\n')));
  }
  return true;
}

std::optional<TimeZone::Rule> TimeZone::parse_rule(std::string_view s) {
  Rule rule;
  int32_t west = 0;
  if (!take_name(&s) || !take_clock(&s, &west)) return std::nullopt;
  rule.standard.offset = -west;
  if (s.empty()) return rule;
  if (!take_name(&s)) return std::nullopt;
  rule.has_daylight = true;
  rule.daylight = {rule.standard.offset + 3600, true};
  if (!s.empty() && s.front() != ',') {
    if (!take_clock(&s, &west)) return std::nullopt;
    rule.daylight.offset = -west;
  }
  for (RuleDay *day : {&rule.start, &rule.end}) {
    if (!take_char(&s, ',') || !take_char(&s, 'M') || !take_number(&s, &day->month) || !take_char(&s, '.') ||
        !take_number(&s, &day->week) || !take_char(&s, '.') || !take_number(&s, &day->weekday))
      return std::nullopt;
    if (take_char(&s, '/') && !take_clock(&s, &day->seconds)) return std::nullopt;
    if (day->month < 1 || day->month > 12 || day->week < 1 || day->week > 5 || day->weekday > 6) return std::nullopt;
  }
  if (!s.empty()) return std::nullopt;
  return rule;
}

int64_t TimeZone::rule_moment(const RuleDay &day, int64_t year) {
  int64_t first = days_from_civil(year, day.month, 1);
  int64_t weekday = ((first + 4) % 7 + 7) % 7;  // 1970-01-01 was a Thursday
  int64_t d = 1 + (day.weekday - weekday + 7) % 7 + (day.week - 1) * 7;
  if (d > days_in_month(year, day.month)) d -= 7;
  return days_from_civil(year, day.month, static_cast<int>(d)) * 86400 + day.seconds;
}

const TimeZone::Kind &TimeZone::kind_at(int64_t seconds) const {
  if (rule_ && (moments_.empty() || seconds >= moments_.back())) {
    if (!rule_->has_daylight) return rule_->standard;
    int64_t year = civil_from_days(floor_div(seconds + rule_->standard.offset, 86400)).year;
    int64_t start = rule_moment(rule_->start, year) - rule_->standard.offset;
    int64_t end = rule_moment(rule_->end, year) - rule_->daylight.offset;
    bool daylight = start < end ? seconds >= start && seconds < end : seconds >= start || seconds < end;
    return daylight ? rule_->daylight : rule_->standard;
  }
  auto after = std::upper_bound(moments_.begin(), moments_.end(), seconds);
  if (after == moments_.begin()) return kinds_.front();
  return kinds_[indexes_[static_cast<size_t>(after - moments_.begin() - 1)]];
}

int32_t TimeZone::offset_at(int64_t seconds) const { return kind_at(seconds).offset; }

int32_t TimeZone::standard_offset_at(int64_t seconds) const {
  const Kind &now = kind_at(seconds);
  if (!now.daylight) return now.offset;
  if (rule_ && (moments_.empty() || seconds >= moments_.back())) return rule_->standard.offset;
  auto i = static_cast<size_t>(std::upper_bound(moments_.begin(), moments_.end(), seconds) - moments_.begin());
  while (i-- > 0)
    if (!kinds_[indexes_[i]].daylight) return kinds_[indexes_[i]].offset;
  return now.offset - 3600;
}

int64_t TimeZone::to_utc(int64_t local) const {
  // The offsets a day before and a day after bracket any change in between.
  int32_t before = offset_at(local - 86400), after = offset_at(local + 86400);
  int64_t early = local - before, late = local - after;
  if (offset_at(early) == before) return early;
  if (offset_at(late) == after) return late;
  return early;
}

}  // namespace opentaos::sandbox
