#include "wire/json_write.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <cmath>
#include <cstring>

namespace opentaos::wire {
namespace {

#ifndef __SSE2__
// Which of the next eight bytes JSON does not take as they are: the lowest set bit is in the first of them.
uint64_t escapes_in(uint64_t w) {
  constexpr uint64_t kOnes = 0x0101010101010101ull;
  constexpr uint64_t kHighs = 0x8080808080808080ull;
  const auto zero_bytes = [](uint64_t v) { return (v - kOnes) & ~v; };
  const uint64_t below_space = (w - kOnes * 0x20) & ~w;
  return (below_space | zero_bytes(w ^ (kOnes * '"')) | zero_bytes(w ^ (kOnes * '\\'))) & kHighs;
}
#endif

bool is_escaped(uint8_t c) { return c < 0x20 || c == '"' || c == '\\'; }

// The bytes met so far, or'ed together: whether all of them are ASCII.
struct Met {
  uint64_t bits = 0;
#ifdef __SSE2__
  __m128i wide = _mm_setzero_si128();
  bool ascii() const { return (bits & 0x8080808080808080ull) == 0 && _mm_movemask_epi8(wide) == 0; }
#else
  bool ascii() const { return (bits & 0x8080808080808080ull) == 0; }
#endif
};

// Copies up to the first byte that needs an escape and returns how many bytes that are.
inline size_t copy_plain(uint8_t *to, const uint8_t *from, size_t n, Met &met) {
  size_t i = 0;
#ifdef __SSE2__
  const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\'), last_control = _mm_set1_epi8(0x1f);
  const auto escapes = [&](__m128i v) {
    const __m128i special = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(v, quote), _mm_cmpeq_epi8(v, backslash)),
                                         _mm_cmpeq_epi8(_mm_min_epu8(v, last_control), v));
    return static_cast<unsigned>(_mm_movemask_epi8(special));
  };
  for (; i + 16 <= n; i += 16) {
    const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i *>(from + i));
    _mm_storeu_si128(reinterpret_cast<__m128i *>(to + i), v);
    met.wide = _mm_or_si128(met.wide, v);
    if (const unsigned hits = escapes(v)) return i + static_cast<size_t>(__builtin_ctz(hits));
  }
  const auto eight = [&](size_t at) {
    const __m128i v = _mm_loadl_epi64(reinterpret_cast<const __m128i *>(from + at));
    _mm_storel_epi64(reinterpret_cast<__m128i *>(to + at), v);
    met.wide = _mm_or_si128(met.wide, v);
    const unsigned hits = escapes(v) & 0xff;
    return hits ? at + static_cast<size_t>(__builtin_ctz(hits)) : n;
  };
#else
  const auto eight = [&](size_t at) {
    const auto w = base::load_le<uint64_t>(from + at);
    base::store_le(to + at, w);
    met.bits |= w;
    const uint64_t hits = escapes_in(w);
    return hits ? at + static_cast<size_t>(__builtin_ctzll(hits) >> 3) : n;
  };
#endif
  for (; i + 8 <= n; i += 8)
    if (const size_t end = eight(i); end != n) return end;
  if (i == n) return n;
  if (n >= 8) return eight(n - 8);  // some of them once more
  for (; i < n && !is_escaped(from[i]); ++i) {
    to[i] = from[i];
    met.bits |= from[i];
  }
  return i;
}

size_t write_escape(uint8_t *to, uint8_t c) {
  to[0] = '\\';
  if (c >= 0x20) {
    to[1] = c;
    return 2;
  }
  switch (c) {
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

}  // namespace

bool append_json_escaped(base::Buffer &out, std::string_view text) {
  Met met;
  const auto *p = reinterpret_cast<const uint8_t *>(text.data());
  size_t left = text.size();
  while (left > 0) {
    out.reserve(out.size() + left + kLongestEscape);
    uint8_t *to = out.end();
    const uint8_t *room_end = out.data() + out.capacity();
    // As long as there is room for the rest and one more escape.
    while (left > 0 && static_cast<size_t>(room_end - to) >= left + kLongestEscape) {
      const size_t n = copy_plain(to, p, left, met);
      to += n;
      p += n;
      left -= n;
      if (left == 0) break;
      to += write_escape(to, *p++);
      left--;
    }
    out.set_size(static_cast<size_t>(to - out.data()));
  }
  return met.ascii();
}

void append_json_string(base::Buffer &out, std::string_view text) {
  out.append("\"");
  (void)append_json_escaped(out, text);
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
