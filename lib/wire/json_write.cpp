#include "wire/json_write.h"

#include <cmath>
#include <cstring>

namespace opentaos::wire {
namespace {

constexpr uint64_t kOnes = 0x0101010101010101ull;
constexpr uint64_t kHighs = 0x8080808080808080ull;

constexpr uint64_t zero_bytes(uint64_t v) { return (v - kOnes) & ~v & kHighs; }

bool needs_escape(uint8_t c) { return c < 0x20 || c == '"' || c == '\\'; }

// The first byte of [p, end) that JSON does not take as it is, or end.
const uint8_t *find_escape(const uint8_t *p, const uint8_t *end) {
  while (end - p >= 8) {
    uint64_t w = base::load_le<uint64_t>(p);
    uint64_t below_space = (w - kOnes * 0x20) & ~w & kHighs;
    uint64_t hit = below_space | zero_bytes(w ^ (kOnes * '"')) | zero_bytes(w ^ (kOnes * '\\'));
    if (hit) return p + (__builtin_ctzll(hit) >> 3);
    p += 8;
  }
  while (p != end && !needs_escape(*p)) ++p;
  return p;
}

}  // namespace

void append_json_escaped(base::Buffer &out, std::string_view text) {
  const auto *p = reinterpret_cast<const uint8_t *>(text.data());
  const uint8_t *end = p + text.size();
  out.reserve(out.size() + text.size());
  for (;;) {
    const uint8_t *stop = find_escape(p, end);
    out.append(p, static_cast<size_t>(stop - p));
    if (stop == end) return;
    char escape[6] = {'\\', 0, '0', '0', 0, 0};
    size_t size = 2;
    switch (*stop) {
      case '"': escape[1] = '"'; break;
      case '\\': escape[1] = '\\'; break;
      case '\n': escape[1] = 'n'; break;
      case '\r': escape[1] = 'r'; break;
      case '\t': escape[1] = 't'; break;
      default:
        escape[1] = 'u';
        escape[4] = static_cast<char>('0' + (*stop >> 4));
        escape[5] = "0123456789abcdef"[*stop & 15];
        size = 6;
    }
    out.append(escape, size);
    p = stop + 1;
  }
}

void append_json_string(base::Buffer &out, std::string_view text) {
  out.append("\"");
  append_json_escaped(out, text);
  out.append("\"");
}

void append_json_double(base::Buffer &out, double value) {
  if (!std::isfinite(value)) {
    out.append("null");
    return;
  }
  char text[32];
  auto end = std::to_chars(text, text + sizeof text, value);
  out.append(text, static_cast<size_t>(end.ptr - text));
}

}  // namespace opentaos::wire
