#include "wire/ucs4.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/bytes.h"

namespace opentaos::wire {

using base::load_le;
using base::store_le;

namespace {

// Eight ASCII characters at once, if that is what comes next.
bool eight_ascii(const uint8_t *from, uint8_t *to) {
#ifdef __SSE2__
  const __m128i a = _mm_loadu_si128(reinterpret_cast<const __m128i *>(from));
  const __m128i b = _mm_loadu_si128(reinterpret_cast<const __m128i *>(from + 16));
  const __m128i high = _mm_and_si128(_mm_or_si128(a, b), _mm_set1_epi32(~0x7f));
  if (_mm_movemask_epi8(_mm_cmpeq_epi32(high, _mm_setzero_si128())) != 0xffff) return false;
  const __m128i words = _mm_packs_epi32(a, b);
  _mm_storel_epi64(reinterpret_cast<__m128i *>(to), _mm_packus_epi16(words, words));
  return true;
#else
  (void)from, (void)to;
  return false;
#endif
}

}  // namespace

size_t ucs4_to_utf8(const uint8_t *from, size_t bytes, uint8_t *to) {
  uint8_t *o = to;
  const uint8_t *end = from + (bytes & ~size_t{3});
  while (from < end) {
    uint32_t c = load_le<uint32_t>(from);
    if (c < 0x80) {
      if (end - from >= 32 && eight_ascii(from, o)) {
        o += 8;
        from += 32;
        continue;
      }
      if (end - from >= 16) {
        const uint64_t a = load_le<uint64_t>(from), b = load_le<uint64_t>(from + 8);
        if (((a | b) & 0xFFFFFF80FFFFFF80ull) == 0) {
          const uint64_t ab = (a | a >> 24) & 0xffff, cd = (b | b >> 24) & 0xffff;
          store_le<uint32_t>(o, static_cast<uint32_t>(ab | cd << 16));
          o += 4;
          from += 16;
          continue;
        }
      }
      *o++ = static_cast<uint8_t>(c);
      from += 4;
      continue;
    }
    from += 4;
    if (c - 0x800 < 0xd800 - 0x800) {  // most of the characters of the world
      // One store of four bytes where three are meant: there is room, as every code point took four.
      store_le<uint32_t>(o, (0xe0 | c >> 12) | (0x80 | (c >> 6 & 0x3f)) << 8 | (0x80 | (c & 0x3f)) << 16);
      o += 3;
      continue;
    }
    if (c < 0x800) {
      store_le<uint16_t>(o, static_cast<uint16_t>((0xc0 | c >> 6) | (0x80 | (c & 0x3f)) << 8));
      o += 2;
      continue;
    }
    if (c > 0x10ffff || (c & 0xfffff800) == 0xd800) c = 0xfffd;
    if (c < 0x10000) {
      store_le<uint32_t>(o, (0xe0 | c >> 12) | (0x80 | (c >> 6 & 0x3f)) << 8 | (0x80 | (c & 0x3f)) << 16);
      o += 3;
    } else {
      store_le<uint32_t>(o, (0xf0 | c >> 18) | (0x80 | (c >> 12 & 0x3f)) << 8 | (0x80 | (c >> 6 & 0x3f)) << 16 |
                                (0x80 | (c & 0x3f)) << 24);
      o += 4;
    }
  }
  return static_cast<size_t>(o - to);
}

bool utf8_to_ucs4(const uint8_t *from, size_t n, uint8_t *to, size_t *written) {
  uint8_t *o = to;
  const uint8_t *end = from + n;
  while (from < end) {
    uint32_t c = *from++;
    if (c >= 0x80) {
      int more = c >= 0xf0 && c < 0xf5 ? 3 : c >= 0xe0 && c < 0xf0 ? 2 : c >= 0xc2 && c < 0xe0 ? 1 : 0;
      if (more == 0 || end - from < more) return false;
      c &= 0x3fu >> more;
      for (int i = 0; i < more; i++, from++) {
        if ((*from & 0xc0) != 0x80) return false;
        c = (c << 6) | (*from & 0x3fu);
      }
      if ((more == 2 && (c < 0x800 || (c >= 0xd800 && c < 0xe000))) || (more == 3 && (c < 0x10000 || c > 0x10ffff)))
        return false;
    }
    store_le<uint32_t>(o, c);
    o += 4;
  }
  *written = static_cast<size_t>(o - to);
  return true;
}

}  // namespace opentaos::wire
