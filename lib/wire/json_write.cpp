#include "wire/json_write.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <cmath>
#include <cstring>

namespace opentaos::wire {
namespace {

// Which of the next eight bytes JSON does not take as they are: the lowest set bit is in the first of them.
uint64_t escapes_in(uint64_t w) {
  constexpr uint64_t kOnes = 0x0101010101010101ull;
  constexpr uint64_t kHighs = 0x8080808080808080ull;
  const auto zero_bytes = [](uint64_t v) { return (v - kOnes) & ~v; };
  const uint64_t below_space = (w - kOnes * 0x20) & ~w;
  return (below_space | zero_bytes(w ^ (kOnes * '"')) | zero_bytes(w ^ (kOnes * '\\'))) & kHighs;
}

// Copies up to the first byte that needs an escape and returns how many bytes that are; up to eight more than asked for
// may be written.
size_t copy_plain(uint8_t *to, const uint8_t *from, size_t n) {
  size_t i = 0;
#ifdef __SSE2__
  const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\'), last_control = _mm_set1_epi8(0x1f);
  for (; i + 16 <= n; i += 16) {
    const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i *>(from + i));
    _mm_storeu_si128(reinterpret_cast<__m128i *>(to + i), v);
    const __m128i special = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(v, quote), _mm_cmpeq_epi8(v, backslash)),
                                         _mm_cmpeq_epi8(_mm_min_epu8(v, last_control), v));
    const int hits = _mm_movemask_epi8(special);
    if (hits) return i + static_cast<size_t>(__builtin_ctz(static_cast<unsigned>(hits)));
  }
#endif
  for (; i + 8 <= n; i += 8) {
    const auto w = base::load_le<uint64_t>(from + i);
    base::store_le(to + i, w);
    if (const uint64_t hits = escapes_in(w)) return i + static_cast<size_t>(__builtin_ctzll(hits) >> 3);
  }
  if (i == n) return n;
  uint64_t w = 0x2020202020202020ull;
  std::memcpy(&w, from + i, n - i);
  base::store_le(to + i, w);
  const uint64_t hits = escapes_in(w);
  return hits ? i + static_cast<size_t>(__builtin_ctzll(hits) >> 3) : n;
}

size_t write_escape(uint8_t *to, uint8_t c) {
  to[0] = '\\';
  switch (c) {
    case '"': to[1] = '"'; return 2;
    case '\\': to[1] = '\\'; return 2;
    case '\n': to[1] = 'n'; return 2;
    case '\r': to[1] = 'r'; return 2;
    case '\t': to[1] = 't'; return 2;
    default:
      std::memcpy(to + 1, "u00", 3);
      to[4] = static_cast<uint8_t>('0' + (c >> 4));
      to[5] = static_cast<uint8_t>("0123456789abcdef"[c & 15]);
      return 6;
  }
}

constexpr size_t kLongestEscape = 6;
constexpr size_t kOverwritten = 8;  // behind what counts, see copy_plain()

}  // namespace

void append_json_escaped(base::Buffer &out, std::string_view text) {
  const auto *p = reinterpret_cast<const uint8_t *>(text.data());
  size_t left = text.size();
  while (left > 0) {
    out.reserve(out.size() + left + kLongestEscape + kOverwritten);
    uint8_t *to = out.end();
    const uint8_t *room_end = out.data() + out.capacity();
    // As long as there is room for the rest and one more escape.
    while (left > 0 && static_cast<size_t>(room_end - to) >= left + kLongestEscape + kOverwritten) {
      const size_t n = copy_plain(to, p, left);
      to += n;
      p += n;
      left -= n;
      if (left == 0) break;
      to += write_escape(to, *p++);
      left--;
    }
    out.set_size(static_cast<size_t>(to - out.data()));
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
