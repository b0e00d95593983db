#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "engine/geometry.h"
#include "engine/schemaless.h"
#include "engine/text.h"

namespace opentaos::sandbox {

namespace {

constexpr size_t kMaxMeasure = 192;
constexpr size_t kMaxKey = 64;

std::string with(const char *message, std::string_view near) { return message + std::string(near); }

struct NumberSuffix {
  const char *suffix;
  uint8_t type;
  const char *range;
};
constexpr NumberSuffix kSuffixes[] = {
    {"i8", kTinyInt, "tiny int out of range[-128,127]:"},
    {"u8", kUTinyInt, "unsigned tiny int out of range[0,255]:"},
    {"i16", kSmallInt, "small int out of range[-32768,32767]:"},
    {"u16", kUSmallInt, "unsigned small int out of range[0,65535]:"},
    {"i32", kInt, "int out of range[-2147483648,2147483647]:"},
    {"u32", kUInt, "unsigned int out of range[0,4294967295]:"},
    {"i64", kBigInt, "big int out of range[-9223372036854775808,9223372036854775807]:"},
    {"u64", kUBigInt, "unsigned big int out of range[0,18446744073709551615]:"},
    {"i", kBigInt, "big int out of range[-9223372036854775808,9223372036854775807]:"},
    {"u", kUBigInt, "unsigned big int out of range[0,18446744073709551615]:"},
    {"f32", kFloat, "float out of range[-3.402823466e+38,3.402823466e+38]:"},
    {"f64", kDouble, "double out of range[-1.7976931348623158e+308,1.7976931348623158e+308]:"},
    {"", kDouble, "double out of range[-1.7976931348623158e+308,1.7976931348623158e+308]:"},
};

// False when it is no number with a known suffix.
bool read_number(std::string_view text, std::string_view near, PointValue *out) {
  if (text.empty() || std::string_view("+-.0123456789").find(text[0]) == std::string_view::npos) return false;
  std::string s(text);
  char *end = nullptr;
  double d = std::strtod(s.c_str(), &end);
  if (end == s.c_str()) return false;
  std::string suffix = to_lower(end);
  for (const NumberSuffix &kind : kSuffixes) {
    if (suffix != kind.suffix) continue;
    out->type = kind.type;
    auto refuse = [&] { fail(kErrInvalidValue, with(kind.range, near)); };
    if (is_float_type(kind.type)) {
      double limit =
          kind.type == kFloat ? double{std::numeric_limits<float>::max()} : std::numeric_limits<double>::max();
      if (!(std::fabs(d) <= limit)) refuse();
      out->value = kind.type == kFloat ? double{static_cast<float>(d)} : d;
      return true;
    }
    // Whole numbers exactly, others as the server cuts them.
    const char *from = s.c_str() + (s[0] == '+' ? 1 : 0);
    if (is_unsigned_type(kind.type)) {
      uint64_t u = 0;
      auto r = std::from_chars(from, end, u);
      bool exact = r.ec == std::errc() && r.ptr == end;
      if (!exact && !(d >= 0 && d < 18446744073709551616.0)) refuse();
      if (!exact) u = static_cast<uint64_t>(d);
      if (u > max_of(kind.type)) refuse();
      out->value = u;
    } else {
      int64_t i = 0;
      auto r = std::from_chars(from, end, i);
      bool exact = r.ec == std::errc() && r.ptr == end;
      if (!exact && !(d >= -9223372036854775808.0 && d < 9223372036854775808.0)) refuse();
      if (!exact) i = static_cast<int64_t>(d);
      if (i < min_of(kind.type) || (i > 0 && static_cast<uint64_t>(i) > max_of(kind.type))) refuse();
      out->value = i;
    }
    return true;
  }
  return false;
}

bool read_bool(std::string_view text, PointValue *out) {
  std::string s = to_lower(text);
  if (s != "t" && s != "f" && s != "true" && s != "false") return false;
  out->type = kBool;
  out->value = s[0] == 't';
  return true;
}

// Behind a backslash `specials` stand for themselves.
std::string unescape_point(std::string_view text, std::string_view specials) {
  std::string out;
  for (size_t i = 0; i < text.size(); i++) {
    if (text[i] == '\\' && i + 1 < text.size() && specials.find(text[i + 1]) != std::string_view::npos) i++;
    out.push_back(text[i]);
  }
  return out;
}

// Where one of `ends` stands that no backslash takes back; the end of the text otherwise.
size_t find_end(std::string_view text, size_t from, std::string_view ends) {
  for (size_t i = from; i < text.size(); i++) {
    if (text[i] == '\\') {
      i++;
    } else if (ends.find(text[i]) != std::string_view::npos) {
      return i;
    }
  }
  return text.size();
}

void skip_spaces(std::string_view line, size_t *at) {
  while (*at < line.size() && line[*at] == ' ') ++*at;
}

std::vector<std::string_view> split_lines(std::string_view data) {
  std::vector<std::string_view> lines;
  while (!data.empty()) {
    size_t end = std::min(data.find('\n'), data.size());
    std::string_view line = data.substr(0, end);
    data.remove_prefix(std::min(end + 1, data.size()));
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.empty() || line[0] != '#') lines.push_back(line);
  }
  if (lines.empty()) fail(kErrLineData, "line num is invalid");
  return lines;
}

// ---- line protocol: measure,tag=value field=value time

int64_t line_time(std::string_view text, const PointContext &context) {
  if (text.empty()) return context.now;
  int64_t n = 0;
  auto r = std::from_chars(text.data(), text.data() + text.size(), n);
  if (r.ec != std::errc() || r.ptr != text.data() + text.size())
    fail(kErrLineTime, with("SML line invalid timestamp:", text));
  if (n < 0) fail(kErrLineTime, "Invalid timestamp format");
  if (n == 0) return context.now;
  // By way of nanoseconds, which end in 2262: what is later comes out as that.
  const std::string &p = context.precision;
  int64_t unit = p == "h"               ? 3600000000000
                 : p == "m"             ? 60000000000
                 : p == "s"             ? 1000000000
                 : p == "ms"            ? 1000000
                 : p == "u" || p == "μ" ? 1000
                                        : 1;
  int64_t ns = n > INT64_MAX / unit ? INT64_MAX : n * unit;
  return convert_precision(ns, 2, context.time_precision);
}

class LineReader {
 public:
  LineReader(std::string_view line, const PointContext &context) : line_(line), context_(context) {}

  Point read() {
    skip_spaces(line_, &at_);
    if (at_ < line_.size() && line_[at_] == ',') fail(kErrLineData, "Invalid data format");
    size_t end = find_end(line_, at_, ", ");
    if (end == at_ || end - at_ > kMaxMeasure) fail(kErrLineMeasure, "SML line measure is empty or too large than 192");
    point_.as_written = line_.substr(at_, end - at_);
    point_.measure = super_table_name(unescape_point(point_.as_written, ", "));
    at_ = end;
    while (at_ < line_.size() && line_[at_] == ',') tag();
    skip_spaces(line_, &at_);
    if (at_ >= line_.size()) fail(kErrLineData, "SML line cols is empty");
    field();
    while (at_ < line_.size() && line_[at_] == ',') at_++, field();
    skip_spaces(line_, &at_);
    end = find_end(line_, at_, " ");
    point_.ticks = line_time(line_.substr(at_, end - at_), context_);
    return std::move(point_);
  }

 private:
  std::string key(const char *message) {
    size_t end = find_end(line_, at_, "=, ");
    std::string k = unescape_point(line_.substr(at_, end - at_), ",= ");
    if (end >= line_.size() || line_[end] != '=' || k.empty() || k.size() > kMaxKey)
      fail(kErrLineKey, with(message, line_.substr(at_)));
    at_ = end + 1;
    return k;
  }

  void tag() {
    at_++;
    PointValue v;
    v.key = key("invalid key or key is too long than 64:");
    v.near = line_.substr(at_);
    size_t end = find_end(line_, at_, ", ");
    std::string value = unescape_point(line_.substr(at_, end - at_), ",= ");
    if (value.empty()) fail(kErrLineData, with("invalid value:", line_.substr(at_)));
    if (!valid_utf8(value)) fail(kErrInvalidValue, with("invalid data:", line_.substr(at_)));
    check_new_key(point_.tags, v.key);
    v.type = kNchar;
    v.value = value;
    point_.tags.push_back(std::move(v));
    at_ = end;
  }

  void field() {
    PointValue v;
    v.key = key("SML line invalid key or key is too long than 64:");
    std::string_view near = line_.substr(at_);
    // A comma or a space inside quotes belongs to the value.
    bool quoted = false;
    size_t end = at_;
    for (; end < line_.size(); end++) {
      if (quoted && line_[end] == '\\') {
        end++;
      } else if (line_[end] == '"') {
        quoted = !quoted;
      } else if (!quoted && (line_[end] == ',' || line_[end] == ' ')) {
        break;
      }
    }
    if (quoted) fail(kErrLineData, with("SML line unbalanced quotes:", near));
    end = std::min(end, line_.size());
    if (end == at_) fail(kErrLineData, with("SML line invalid value:", near));
    read_point_value(line_.substr(at_, end - at_), near, &v);
    check_new_key(point_.fields, v.key);
    point_.fields.push_back(std::move(v));
    at_ = end;
  }

  std::string_view line_;
  const PointContext &context_;
  size_t at_ = 0;
  Point point_;
};

// ---- telnet protocol: metric time value tag=value ...

// The next word; empty when nothing follows it, as the server wants more behind each.
std::string_view telnet_word(std::string_view line, size_t *at) {
  skip_spaces(line, at);
  size_t end = line.find(' ', *at);
  if (end == std::string_view::npos) {
    *at = line.size();
    return {};
  }
  std::string_view word = line.substr(*at, end - *at);
  *at = end;
  return word;
}

Point read_telnet_line(std::string_view line, const PointContext &context) {
  Point p;
  size_t at = 0;
  std::string_view word = telnet_word(line, &at);
  if (word.empty() || word.size() > kMaxMeasure)
    fail(kErrLineMeasure, with("SML telnet invalid measure:", line.substr(at)));
  p.as_written = super_table_name(word);
  p.measure = p.as_written;

  word = telnet_word(line, &at);
  if (word.empty()) fail(kErrLineData, with("SML telnet invalid timestamp:", line.substr(at)));
  int64_t n = 0;
  auto r = std::from_chars(word.data(), word.data() + word.size(), n);
  bool number = r.ec == std::errc() && r.ptr == word.data() + word.size() && n >= 0;
  bool known = word == "0" || word.size() == 10 || word.size() == 13;  // now, seconds, milliseconds
  if (!number || !known) fail(kErrLineTime, with("SML telnet parse timestamp failed:", line.substr(at)));
  p.ticks = word == "0" ? context.now : convert_precision(word.size() == 10 ? n * 1000 : n, 0, context.time_precision);

  word = telnet_word(line, &at);
  if (word.empty()) fail(kErrInvalidValue, with("SML telnet invalid value:", line.substr(at)));
  PointValue value;
  value.key = "_value";
  read_point_value(word, line.substr(static_cast<size_t>(word.data() - line.data())), &value);
  p.fields.push_back(std::move(value));

  for (skip_spaces(line, &at); at < line.size(); skip_spaces(line, &at)) {
    size_t end = std::min(line.find(' ', at), line.size());
    std::string_view tag = line.substr(at, end - at);
    size_t equals = tag.find('=');
    if (equals == std::string_view::npos || equals == 0 || equals > kMaxKey)
      fail(kErrLineKey, with("invalid key or key is too long than 64:", line.substr(at)));
    PointValue v;
    v.key = tag.substr(0, equals);
    v.type = kNchar;
    v.value = std::string(tag.substr(equals + 1));
    v.near = line.substr(at + equals + 1);
    if (equals + 1 == tag.size()) fail(kErrLineData, "invalid value:" + v.near);
    if (!valid_utf8(tag)) fail(kErrInvalidValue, "invalid data:" + v.near);
    check_new_key(p.tags, v.key);
    p.tags.push_back(std::move(v));
    at = end;
  }
  if (p.tags.empty()) fail(kErrLineKey, "invalid key or key is too long than 64:");
  return p;
}

}  // namespace

void read_point_value(std::string_view text, std::string_view near, PointValue *out) {
  out->near = near;
  auto invalid = [&] { fail(kErrInvalidValue, with("invalid data:", near)); };
  size_t quote = text.find('"');
  if (quote <= 1 && text.size() >= quote + 2 && text.back() == '"') {
    std::string inner = unescape_point(text.substr(quote + 1, text.size() - quote - 2), "\"\\");
    char prefix = quote == 0 ? ' ' : text[0];
    switch (prefix) {
      case ' ': out->type = kVarchar; break;
      case 'L':
      case 'l': out->type = kNchar; break;
      case 'B':
      case 'b':
        out->type = kVarbinary;
        if (inner.rfind("\\x", 0) == 0) {
          std::string bytes;
          if (!from_hex(std::string_view(inner).substr(2), &bytes)) invalid();
          inner = bytes;
        }
        break;
      case 'G':
      case 'g': {
        out->type = kGeometry;
        auto wkb = wkb_from_wkt(inner);
        if (!wkb) invalid();
        inner = *wkb;
        break;
      }
      default: invalid();
    }
    if (out->type == kNchar && !valid_utf8(inner)) invalid();
    out->value = inner;
    return;
  }
  if (!read_bool(text, out) && !read_number(text, near, out)) invalid();
}

void check_new_key(const std::vector<PointValue> &values, std::string_view key) {
  for (const PointValue &v : values)
    if (v.key == key) fail(kErrDuplicatedColumn, "Duplicated column names");
}

std::string super_table_name(std::string_view measure) {
  std::string name(measure);
  for (char &c : name)
    if (c == '.') c = '_';
  return name;
}

std::vector<Point> read_lines(std::string_view data, const PointContext &context) {
  std::vector<Point> points;
  for (std::string_view line : split_lines(data)) points.push_back(LineReader(line, context).read());
  return points;
}

std::vector<Point> read_telnet(std::string_view data, const PointContext &context) {
  std::vector<Point> points;
  for (std::string_view line : split_lines(data)) points.push_back(read_telnet_line(line, context));
  return points;
}

}  // namespace opentaos::sandbox
