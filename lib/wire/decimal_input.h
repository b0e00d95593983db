// Decimals a program hands over for a prepared statement: as unscaled integers (what 3.3.7 takes) or as text (what
// later servers take).
#pragma once
#include <cstdint>
#include <string_view>

namespace opentaos::wire {

// Writes text as an unscaled little-endian integer of `size` (8 or 16) bytes, rounded half away from zero to `scale`
// digits. Sign, digits with at most one point, and an exponent; blanks around it are fine. False if it is no number or
// needs more than `precision` digits.
bool parse_decimal(std::string_view text, int size, int precision, int scale, uint8_t *to);

// Whether `size` bytes can only be text: all of them occur in a written number. No unscaled integer of 8 bytes looks
// like that, since its last byte would be beyond 18 digits; of 16 bytes only ones that fill nearly all 38 digits.
bool looks_like_number_text(const uint8_t *bytes, int size);

}  // namespace opentaos::wire
