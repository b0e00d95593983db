#include "client/schemaless_json.h"

#include <cstdint>

namespace opentaos::client {
namespace {

// Deeper documents are refused by the server before it looks at them.
constexpr int kMostNested = 1100;

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = static_cast<char>(c | 0x20);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// Finds the ends of values; what stands between them is not judged.
class Scan {
 public:
  explicit Scan(std::string_view text) : p_(text.data()), end_(p_ + text.size()) {
    if (text.starts_with("\xef\xbb\xbf")) p_ += 3;
  }

  // The first character of what comes next, 0 at the end.
  char peek() {
    while (p_ != end_ && static_cast<uint8_t>(*p_) <= ' ') p_++;
    return p_ == end_ ? '\0' : *p_;
  }
  bool take(char c) {
    if (peek() != c) return false;
    p_++;
    return true;
  }

  // A string with its quotes; what is between them comes without undoing escapes.
  bool string(std::string_view *out) {
    if (!take('"')) return false;
    const char *start = p_;
    for (; p_ != end_; p_++) {
      if (*p_ == '"') {
        *out = {start, static_cast<size_t>(p_ - start)};
        p_++;
        return true;
      }
      if (*p_ == '\\' && ++p_ == end_) break;
    }
    return false;
  }

  // Any value. Brackets are counted, not followed: no recursion on what a program passes in.
  bool skip() {
    int open = 0;
    do {
      const char c = peek();
      std::string_view s;
      switch (c) {
        case '\0': return false;
        case '{':
        case '[':
          if (++open > kMostNested) return false;
          p_++;
          break;
        case '}':
        case ']':
          if (open-- == 0) return false;
          p_++;
          break;
        case ',':
        case ':':
          if (open == 0) return false;
          p_++;
          break;
        case '"':
          if (!string(&s)) return false;
          break;
        default:
          // A number or a word, right or wrong.
          while (p_ != end_ && static_cast<uint8_t>(*p_) > ' ' && *p_ != ',' && *p_ != ':' && *p_ != '"' &&
                 *p_ != '{' && *p_ != '}' && *p_ != '[' && *p_ != ']')
            p_++;
      }
    } while (open > 0);
    return true;
  }

 private:
  const char *p_;
  const char *end_;
};

// Names are compared without regard to case, and after escapes are undone.
bool is_name(std::string_view raw, std::string_view lower_case) {
  size_t at = 0;
  for (size_t i = 0; i < raw.size(); i++) {
    int c = static_cast<uint8_t>(raw[i]);
    if (c == '\\') {
      if (++i == raw.size()) return false;
      c = raw[i];
      if (c == 'u') {
        if (raw.size() - i <= 4) return false;
        c = 0;
        for (int digit = 0; digit < 4; digit++) {
          const int v = hex_value(raw[++i]);
          if (v < 0) return false;
          c = c * 16 + v;
        }
        if (c == 0) break;  // the server's strings end there
      } else if (c != '/' && c != '\\' && c != '"') {
        return false;  // a control character: in none of the names
      }
    }
    if (c >= 'A' && c <= 'Z') c |= 0x20;
    if (at == lower_case.size() || c != static_cast<uint8_t>(lower_case[at])) return false;
    at++;
  }
  return at == lower_case.size();
}

enum class Point { kHarmless, kFatal, kBroken };

Point look_at_object(Scan &scan) {
  (void)scan.take('{');
  if (scan.take('}')) return Point::kHarmless;
  bool fatal = false;
  do {
    std::string_view name;
    if (!scan.string(&name) || !scan.take(':')) return Point::kBroken;
    const char kind = scan.peek();
    if (kind != '"' && is_name(name, "metric")) fatal = true;
    if (kind == '[' && is_name(name, "tags")) fatal = true;
    if (!scan.skip()) return Point::kBroken;
  } while (scan.take(','));
  if (!scan.take('}')) return Point::kBroken;
  return fatal ? Point::kFatal : Point::kHarmless;
}

Point look_at_point(Scan &scan) {
  switch (scan.peek()) {
    case '{': return look_at_object(scan);
    case '[': {
      Scan inside = scan;
      (void)inside.take('[');
      const bool empty = inside.peek() == ']';
      if (!scan.skip()) return Point::kBroken;
      return empty ? Point::kHarmless : Point::kFatal;
    }
    default: return scan.skip() ? Point::kHarmless : Point::kBroken;
  }
}

}  // namespace

bool is_fatal_json(std::string_view document) {
  Scan scan(document);
  if (scan.peek() == '{') return look_at_object(scan) == Point::kFatal;
  if (!scan.take('[')) return false;
  if (scan.take(']')) return false;
  bool fatal = false;
  do {
    const Point point = look_at_point(scan);
    if (point == Point::kBroken) return false;  // the server does not get as far as to look at any of them
    fatal = fatal || point == Point::kFatal;
  } while (scan.take(','));
  return fatal && scan.take(']');
}

}  // namespace opentaos::client
