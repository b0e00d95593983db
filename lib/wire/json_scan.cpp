#include "wire/json_scan.h"

#include <cstring>

namespace opentaos::wire {
namespace {

constexpr uint64_t kOnes = 0x0101010101010101ull;
constexpr uint64_t kHighs = 0x8080808080808080ull;

// A high bit in every byte of v that is zero; bits above the first match may be wrong, so only the lowest counts.
constexpr uint64_t zero_bytes(uint64_t v) { return (v - kOnes) & ~v & kHighs; }

// The first quote or backslash in [p, end), or end.
const char *find_quote_or_escape(const char *p, const char *end) {
  while (end - p >= 8) {
    uint64_t w;
    std::memcpy(&w, p, 8);
    uint64_t hit = zero_bytes(w ^ (kOnes * '"')) | zero_bytes(w ^ (kOnes * '\\'));
    if (hit) return p + (__builtin_ctzll(hit) >> 3);
    p += 8;
  }
  while (p != end && *p != '"' && *p != '\\') ++p;
  return p;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool read_hex4(const char *p, const char *end, uint32_t &out) {
  if (end - p < 4) return false;
  uint32_t v = 0;
  for (int i = 0; i < 4; ++i) {
    int d = hex_digit(p[i]);
    if (d < 0) return false;
    v = v << 4 | static_cast<uint32_t>(d);
  }
  out = v;
  return true;
}

void append_utf8(std::string &out, uint32_t c) {
  if (c < 0x80) {
    out.push_back(static_cast<char>(c));
  } else if (c < 0x800) {
    out.push_back(static_cast<char>(0xc0 | c >> 6));
    out.push_back(static_cast<char>(0x80 | (c & 0x3f)));
  } else if (c < 0x10000) {
    out.push_back(static_cast<char>(0xe0 | c >> 12));
    out.push_back(static_cast<char>(0x80 | (c >> 6 & 0x3f)));
    out.push_back(static_cast<char>(0x80 | (c & 0x3f)));
  } else {
    out.push_back(static_cast<char>(0xf0 | c >> 18));
    out.push_back(static_cast<char>(0x80 | (c >> 12 & 0x3f)));
    out.push_back(static_cast<char>(0x80 | (c >> 6 & 0x3f)));
    out.push_back(static_cast<char>(0x80 | (c & 0x3f)));
  }
}

}  // namespace

bool unescape_json(std::string_view raw, std::string &out) {
  out.clear();
  out.reserve(raw.size());
  const char *p = raw.data();
  const char *end = p + raw.size();
  while (p != end) {
    const void *hit = std::memchr(p, '\\', static_cast<size_t>(end - p));
    if (!hit) {
      out.append(p, end);
      return true;
    }
    const char *slash = static_cast<const char *>(hit);
    out.append(p, slash);
    p = slash + 1;
    if (p == end) return false;
    char c = *p++;
    switch (c) {
      case '"':
      case '\\':
      case '/': out.push_back(c); break;
      case 'b': out.push_back('\b'); break;
      case 'f': out.push_back('\f'); break;
      case 'n': out.push_back('\n'); break;
      case 'r': out.push_back('\r'); break;
      case 't': out.push_back('\t'); break;
      case 'u': {
        uint32_t unit = 0;
        if (!read_hex4(p, end, unit)) return false;
        p += 4;
        if (unit >= 0xd800 && unit < 0xdc00) {
          uint32_t low = 0;
          if (end - p >= 6 && p[0] == '\\' && p[1] == 'u' && read_hex4(p + 2, end, low) && low >= 0xdc00 &&
              low < 0xe000) {
            unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
            p += 6;
          } else {
            unit = 0xfffd;
          }
        } else if (unit >= 0xdc00 && unit < 0xe000) {
          unit = 0xfffd;
        }
        append_utf8(out, unit);
        break;
      }
      default: return false;
    }
  }
  return true;
}

JsonScan::Kind JsonScan::peek() {
  skip_space();
  if (p_ == end_) return Kind::kNone;
  switch (*p_) {
    case '{': return Kind::kObject;
    case '[': return Kind::kArray;
    case '"': return Kind::kString;
    case 't':
    case 'f': return Kind::kBool;
    case 'n': return Kind::kNull;
    case '-': return Kind::kNumber;
    default: return is_digit(*p_) ? Kind::kNumber : Kind::kNone;
  }
}

bool JsonScan::enter(char open) {
  if (failed_) return false;
  skip_space();
  if (p_ == end_ || *p_ != open || depth_ == kMaxDepth) return fail();
  ++p_;
  first_ |= uint64_t{1} << depth_;
  ++depth_;
  return true;
}

// True if another entry follows; false, one level up, after the closing bracket.
bool JsonScan::leave_or_separate(char close) {
  if (failed_ || depth_ == 0) return fail();
  skip_space();
  if (p_ == end_) return fail();
  uint64_t bit = uint64_t{1} << (depth_ - 1);
  if (*p_ == close) {
    ++p_;
    --depth_;
    first_ &= ~bit;
    return false;
  }
  if (first_ & bit) {
    first_ &= ~bit;
    return true;
  }
  if (*p_ != ',') return fail();
  ++p_;
  return true;
}

bool JsonScan::next_member(std::string_view &key) {
  if (!leave_or_separate('}')) return false;
  bool has_escape = false;
  if (!string_token(key, has_escape)) return false;
  if (has_escape) {
    if (!unescape_json(key, key_)) return fail();
    key = key_;
  }
  skip_space();
  if (p_ == end_ || *p_ != ':') return fail();
  ++p_;
  return true;
}

bool JsonScan::next_element() { return leave_or_separate(']'); }

bool JsonScan::literal(std::string_view word) {
  if (static_cast<size_t>(end_ - p_) < word.size() || std::memcmp(p_, word.data(), word.size()) != 0) return fail();
  p_ += word.size();
  return true;
}

bool JsonScan::take_null() {
  skip_space();
  return p_ != end_ && *p_ == 'n' && literal("null");
}

bool JsonScan::string_token(std::string_view &raw, bool &has_escape) {
  skip_space();
  if (p_ == end_ || *p_ != '"') return fail();
  const char *start = ++p_;
  has_escape = false;
  for (;;) {
    p_ = find_quote_or_escape(p_, end_);
    if (p_ == end_) return fail();
    if (*p_ == '"') break;
    has_escape = true;
    if (end_ - p_ < 2) return fail();
    p_ += 2;
  }
  raw = std::string_view(start, static_cast<size_t>(p_ - start));
  ++p_;
  return true;
}

bool JsonScan::read_bool(bool &out) {
  switch (peek()) {
    case Kind::kNull: out = false; return literal("null");
    case Kind::kBool: out = *p_ == 't'; return literal(out ? "true" : "false");
    default: return fail();
  }
}

// Only behind take_null(), which has skipped the white space.
bool JsonScan::magnitude(bool &negative, uint64_t &value) {
  const char *p = p_;
  negative = p != end_ && *p == '-';
  if (negative) ++p;
  // The first 19 digits cannot overflow.
  const char *safe = end_ - p > 19 ? p + 19 : end_;
  const char *start = p;
  uint64_t v = 0;
  for (; p != safe && is_digit(*p); ++p) v = v * 10 + static_cast<uint64_t>(*p - '0');
  if (p == start) return fail();
  for (; p != end_ && is_digit(*p); ++p) {
    uint64_t digit = static_cast<uint64_t>(*p - '0');
    if (v > (UINT64_MAX - digit) / 10) return fail();
    v = v * 10 + digit;
  }
  if (p != end_ && (*p == '.' || *p == 'e' || *p == 'E')) return fail();
  p_ = p;
  value = v;
  return true;
}

bool JsonScan::read_i64(int64_t &out) {
  if (take_null()) {
    out = 0;
    return true;
  }
  bool negative = false;
  uint64_t v = 0;
  if (!magnitude(negative, v)) return false;
  if (v > static_cast<uint64_t>(INT64_MAX) + (negative ? 1 : 0)) return fail();
  out = static_cast<int64_t>(negative ? 0 - v : v);
  return true;
}

bool JsonScan::read_u64(uint64_t &out) {
  if (take_null()) {
    out = 0;
    return true;
  }
  bool negative = false;
  uint64_t v = 0;
  if (!magnitude(negative, v)) return false;
  if (negative && v) return fail();
  out = v;
  return true;
}

bool JsonScan::read_int(int64_t low, int64_t high, int64_t &out) {
  int64_t v = 0;
  if (!read_i64(v)) return false;
  if (v < low || v > high) return fail();
  out = v;
  return true;
}

bool JsonScan::read_i32(int32_t low, int32_t high, int32_t &out) {
  int64_t v = 0;
  if (!read_int(low, high, v)) return false;
  out = static_cast<int32_t>(v);
  return true;
}

bool JsonScan::read_string(std::string_view &out, std::string &scratch) {
  if (take_null()) {
    out = {};
    return true;
  }
  bool has_escape = false;
  if (!string_token(out, has_escape)) return false;
  if (has_escape) {
    if (!unescape_json(out, scratch)) return fail();
    out = scratch;
  }
  return true;
}

bool JsonScan::read_string(std::string &out) {
  if (take_null()) {
    out.clear();
    return true;
  }
  std::string_view raw;
  bool has_escape = false;
  if (!string_token(raw, has_escape)) return false;
  if (!has_escape) {
    out.assign(raw);
    return true;
  }
  return unescape_json(raw, out) || fail();
}

bool JsonScan::skip_value() {
  uint64_t objects = 0;  // one bit per level opened here: '{' or '['
  unsigned level = 0;
  do {
    skip_space();
    if (failed_ || p_ == end_) return fail();
    char c = *p_;
    std::string_view raw;
    bool has_escape = false;
    switch (c) {
      case '"':
        if (!string_token(raw, has_escape)) return false;
        break;
      case '{':
      case '[':
        if (depth_ + level >= kMaxDepth) return fail();
        objects = objects << 1 | (c == '{' ? 1 : 0);
        ++level;
        ++p_;
        break;
      case '}':
      case ']':
        if (level == 0 || (objects & 1) != (c == '}' ? 1u : 0u)) return fail();
        objects >>= 1;
        --level;
        ++p_;
        break;
      case ',':
      case ':':
        if (level == 0) return fail();
        ++p_;
        break;
      case 't':
        if (!literal("true")) return false;
        break;
      case 'f':
        if (!literal("false")) return false;
        break;
      case 'n':
        if (!literal("null")) return false;
        break;
      default:
        if (c != '-' && !is_digit(c)) return fail();
        do ++p_;
        while (p_ != end_ && (is_digit(*p_) || *p_ == '.' || *p_ == 'e' || *p_ == 'E' || *p_ == '+' || *p_ == '-'));
    }
  } while (level);
  return true;
}

bool JsonScan::raw_value(std::string_view &out) {
  skip_space();
  const char *start = p_;
  if (!skip_value()) return false;
  out = std::string_view(start, static_cast<size_t>(p_ - start));
  return true;
}

bool JsonScan::at_end() {
  skip_space();
  return !failed_ && p_ == end_;
}

}  // namespace opentaos::wire
