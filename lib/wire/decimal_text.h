// Decimals travel as unscaled two's complement integers; programs get text.
#pragma once
#include <cstddef>
#include <cstdint>

namespace opentaos::wire {

// Longest text: sign, 39 digits, point, leading "0", NUL.
constexpr size_t kDecimalTextMax = 64;

// Writes the NUL-terminated text of unscaled / 10^scale and returns its length. Zero is "0" whatever the scale, as
// native libtaos prints it. `size` is 8 or 16; `to` has room for kDecimalTextMax bytes.
size_t decimal_to_text(const uint8_t *unscaled, int size, int scale, char *to);

}  // namespace opentaos::wire
