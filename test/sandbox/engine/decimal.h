// DECIMAL(p, s) as a 128-bit unscaled integer and a scale kept elsewhere.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/value.h"

namespace opentaos::sandbox {

constexpr int kMaxDecimal64 = 18;
constexpr int kMaxDecimal = 38;

struct DecimalType {
  int precision;
  int scale;
};

// 10^n for 0 <= n <= 38.
Int128 power_of_ten(int n);

// Rounds half away from zero to `type.scale`. Throws kErrDecimalOverflow when it needs more digits than the precision
// has; nullopt when `text` is no number. Accepts a sign and an exponent.
std::optional<Int128> decimal_from_text(std::string_view text, DecimalType type);

// "12.50", "0" for zero of any scale: the server's way of printing.
std::string decimal_text(Int128 unscaled, int scale);

// The same number with another scale, rounded half away from zero. Throws on overflow of 38 digits.
Int128 decimal_rescale(Int128 unscaled, int from, int to);

// Throws kErrDecimalOverflow unless it has at most `precision` digits.
void check_decimal_range(Int128 unscaled, int precision);

int decimal_compare(Int128 a, int a_scale, Int128 b, int b_scale);

// Result of + - * / %, by the server's rules. It computes in 128 bits: the type is always kDecimal128.
DecimalType decimal_result_type(char op, DecimalType a, DecimalType b);

// The decimal an integer type becomes when it meets one: BIGINT is DECIMAL(19, 0).
DecimalType decimal_of_integer(uint8_t type);

// nullopt for a division by zero. `out` is decimal_result_type().
std::optional<Int128> decimal_calculate(char op, Int128 a, DecimalType at, Int128 b, DecimalType bt, DecimalType out);

}  // namespace opentaos::sandbox
