// NCHAR travels as UCS-4 little-endian; programs get UTF-8.
#pragma once
#include <cstddef>
#include <cstdint>

namespace opentaos::wire {

// Writes the UTF-8 form of `bytes` (a multiple of four is expected, a rest is ignored) and returns its length. A code
// point takes at most as many bytes as its UCS-4 form, so `to` needs room for `bytes`. Code points that UTF-8 cannot
// carry (surrogates, beyond U+10FFFF) become U+FFFD.
size_t ucs4_to_utf8(const uint8_t *from, size_t bytes, uint8_t *to);

// Writes the UCS-4 form of UTF-8 and returns its length in bytes, at most 4 * n. Malformed UTF-8: false.
bool utf8_to_ucs4(const uint8_t *from, size_t n, uint8_t *to, size_t *written);

}  // namespace opentaos::wire
