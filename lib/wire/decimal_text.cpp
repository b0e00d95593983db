#include "wire/decimal_text.h"

#include <cstring>

#include "base/bytes.h"

namespace opentaos::wire {

size_t decimal_to_text(const uint8_t *unscaled, int size, int scale, char *to) {
  __extension__ using u128 = unsigned __int128;
  bool negative;
  u128 v;
  if (size == 8) {
    int64_t n = base::load_le<int64_t>(unscaled);
    negative = n < 0;
    v = negative ? ~static_cast<uint64_t>(n) + 1 : static_cast<uint64_t>(n);
  } else {
    uint64_t low = base::load_le<uint64_t>(unscaled), high = base::load_le<uint64_t>(unscaled + 8);
    v = (static_cast<u128>(high) << 64) | low;
    negative = (high >> 63) != 0;
    if (negative) v = ~v + 1;
  }
  if (v == 0) {
    to[0] = '0';
    to[1] = 0;
    return 1;
  }
  if (scale < 0 || scale > 38) scale = 0;  // the column info came from the wire

  char digits[48];
  int n = 0;
  while (v > UINT64_MAX) {  // 128-bit division is slow: take nineteen digits at a time
    constexpr uint64_t kChunk = 10000000000000000000ull;
    auto rest = static_cast<uint64_t>(v % kChunk);
    v /= kChunk;
    for (int i = 0; i < 19; i++, rest /= 10) digits[n++] = static_cast<char>('0' + rest % 10);
  }
  for (auto rest = static_cast<uint64_t>(v); rest != 0; rest /= 10) digits[n++] = static_cast<char>('0' + rest % 10);
  while (n <= scale) digits[n++] = '0';  // at least one digit before the point

  char *o = to;
  if (negative) *o++ = '-';
  while (n > 0) {
    if (n == scale) *o++ = '.';
    *o++ = digits[--n];
  }
  *o = 0;
  return static_cast<size_t>(o - to);
}

}  // namespace opentaos::wire
