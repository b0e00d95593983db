#include "engine/decimal.h"

#include <algorithm>
#include <array>

#include "engine/errors.h"

namespace opentaos::sandbox {

namespace {

// Signed 512-bit integer: room for any product, quotient or rescaling of two decimals.
struct Wide {
  bool negative = false;
  std::array<uint32_t, 16> limb{};  // little end first

  static Wide from(Int128 v) {
    __extension__ typedef unsigned __int128 Unsigned;
    Wide w;
    w.negative = v < 0;
    Unsigned u = w.negative ? -static_cast<Unsigned>(v) : static_cast<Unsigned>(v);
    for (int i = 0; i < 4; i++, u >>= 32) w.limb[i] = static_cast<uint32_t>(u);
    return w;
  }
  bool zero() const {
    return std::all_of(limb.begin(), limb.end(), [](uint32_t x) { return x == 0; });
  }
  // Into 127 bits; throws when it does not fit.
  Int128 to_int128() const {
    __extension__ typedef unsigned __int128 Unsigned;
    for (size_t i = 4; i < limb.size(); i++)
      if (limb[i] != 0) fail(kErrDecimalOverflow, "Decimal value overflow");
    Unsigned u = 0;
    for (int i = 3; i >= 0; i--) u = (u << 32) | limb[i];
    if (u >> 127) fail(kErrDecimalOverflow, "Decimal value overflow");
    return negative ? -static_cast<Int128>(u) : static_cast<Int128>(u);
  }
};

Wide multiply(const Wide &a, const Wide &b) {
  Wide r;
  r.negative = a.negative != b.negative;
  for (size_t i = 0; i < r.limb.size(); i++) {
    uint64_t carry = 0;
    for (size_t j = 0; i + j < r.limb.size(); j++) {
      uint64_t x = static_cast<uint64_t>(a.limb[i]) * b.limb[j] + r.limb[i + j] + carry;
      r.limb[i + j] = static_cast<uint32_t>(x);
      carry = x >> 32;
    }
  }
  return r;
}

int compare_magnitude(const Wide &a, const Wide &b) {
  for (size_t i = a.limb.size(); i-- > 0;)
    if (a.limb[i] != b.limb[i]) return a.limb[i] < b.limb[i] ? -1 : 1;
  return 0;
}

void subtract_magnitude(Wide *a, const Wide &b) {
  int64_t borrow = 0;
  for (size_t i = 0; i < a->limb.size(); i++) {
    int64_t x = static_cast<int64_t>(a->limb[i]) - b.limb[i] - borrow;
    borrow = x < 0;
    a->limb[i] = static_cast<uint32_t>(x + (borrow << 32));
  }
}

void add_magnitude(Wide *a, const Wide &b) {
  uint64_t carry = 0;
  for (size_t i = 0; i < a->limb.size(); i++) {
    uint64_t x = static_cast<uint64_t>(a->limb[i]) + b.limb[i] + carry;
    a->limb[i] = static_cast<uint32_t>(x);
    carry = x >> 32;
  }
}

void shift_left_one(Wide *a) {
  uint32_t carry = 0;
  for (auto &x : a->limb) {
    uint32_t next = x >> 31;
    x = (x << 1) | carry;
    carry = next;
  }
}

// Long division bit by bit: slow and plainly right. Rounds half away from zero when asked, else truncates.
Wide divide(const Wide &a, const Wide &b, bool round, Wide *remainder = nullptr) {
  Wide q, r;
  for (size_t bit = a.limb.size() * 32; bit-- > 0;) {
    shift_left_one(&r);
    r.limb[0] |= (a.limb[bit / 32] >> (bit % 32)) & 1;
    shift_left_one(&q);
    if (compare_magnitude(r, b) >= 0) {
      subtract_magnitude(&r, b);
      q.limb[0] |= 1;
    }
  }
  q.negative = a.negative != b.negative;
  if (remainder) {
    *remainder = r;
    remainder->negative = a.negative;
  }
  if (round) {
    shift_left_one(&r);
    if (compare_magnitude(r, b) >= 0) add_magnitude(&q, Wide::from(1));
  }
  return q;
}

Wide scale_up(Wide w, int digits) {
  while (digits > 0) {
    int n = std::min(digits, kMaxDecimal);
    w = multiply(w, Wide::from(power_of_ten(n)));
    digits -= n;
  }
  return w;
}

Wide add(const Wide &a, const Wide &b) {
  Wide r = a;
  if (a.negative == b.negative) {
    add_magnitude(&r, b);
  } else if (compare_magnitude(a, b) >= 0) {
    subtract_magnitude(&r, b);
  } else {
    r = b;
    subtract_magnitude(&r, a);
  }
  return r;
}

// To another scale, rounding half away from zero.
Wide rescale(const Wide &w, int from, int to) {
  if (to >= from) return scale_up(w, to - from);
  Wide r = w;
  for (int drop = from - to; drop > 0;) {
    int n = std::min(drop, kMaxDecimal);
    drop -= n;
    r = divide(r, Wide::from(power_of_ten(n)), drop == 0);
  }
  return r;
}

}  // namespace

Int128 power_of_ten(int n) {
  Int128 r = 1;
  for (int i = 0; i < n; i++) r *= 10;
  return r;
}

void check_decimal_range(Int128 unscaled, int precision) {
  Int128 limit = power_of_ten(precision);
  if (unscaled >= limit || unscaled <= -limit) fail(kErrDecimalOverflow, "Decimal value overflow");
}

std::optional<Int128> decimal_from_text(std::string_view text, DecimalType type) {
  size_t i = 0;
  bool negative = false;
  if (i < text.size() && (text[i] == '+' || text[i] == '-')) negative = text[i++] == '-';
  std::string digits;
  int point = 0;  // digits behind the decimal point
  bool seen_point = false, any = false;
  for (; i < text.size(); i++) {
    char c = text[i];
    if (c == '.' && !seen_point) {
      seen_point = true;
    } else if (c >= '0' && c <= '9') {
      any = true;
      digits.push_back(c);
      point += seen_point;
    } else {
      break;
    }
  }
  if (!any) return std::nullopt;
  long exponent = 0;
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    i++;
    bool minus = false, digit = false;
    if (i < text.size() && (text[i] == '+' || text[i] == '-')) minus = text[i++] == '-';
    for (; i < text.size() && text[i] >= '0' && text[i] <= '9'; i++, digit = true)
      if (exponent < 100000) exponent = exponent * 10 + (text[i] - '0');
    if (!digit) return std::nullopt;
    if (minus) exponent = -exponent;
  }
  if (i != text.size()) return std::nullopt;

  // value = digits * 10^(exponent - point); wanted is value * 10^scale, so `keep` digits stay in front of the cut.
  digits.erase(0, digits.find_first_not_of('0') == std::string::npos ? digits.size() : digits.find_first_not_of('0'));
  if (digits.empty()) return Int128{0};
  long keep = static_cast<long>(digits.size()) + exponent - point + type.scale;
  if (keep < 0) return Int128{0};
  if (keep > kMaxDecimal) fail(kErrDecimalOverflow, "Decimal value overflow");
  Int128 v = 0;
  for (long k = 0; k < keep; k++) v = v * 10 + (k < static_cast<long>(digits.size()) ? digits[k] - '0' : 0);
  if (keep < static_cast<long>(digits.size()) && digits[keep] >= '5') v += 1;
  if (negative) v = -v;
  check_decimal_range(v, type.precision);
  return v;
}

std::string decimal_text(Int128 unscaled, int scale) {
  if (unscaled == 0) return "0";
  std::string text = int128_text(unscaled < 0 ? -unscaled : unscaled);
  if (scale > 0) {
    if (static_cast<int>(text.size()) <= scale) text.insert(0, scale + 1 - text.size(), '0');
    text.insert(text.size() - scale, ".");
  }
  return unscaled < 0 ? "-" + text : text;
}

Int128 decimal_rescale(Int128 unscaled, int from, int to) {
  Int128 r = rescale(Wide::from(unscaled), from, to).to_int128();
  check_decimal_range(r, kMaxDecimal);
  return r;
}

int decimal_compare(Int128 a, int a_scale, Int128 b, int b_scale) {
  int scale = std::max(a_scale, b_scale);
  Wide x = scale_up(Wide::from(a), scale - a_scale), y = scale_up(Wide::from(b), scale - b_scale);
  if (x.negative != y.negative) return x.zero() && y.zero() ? 0 : (x.negative ? -1 : 1);
  int r = compare_magnitude(x, y);
  return x.negative ? -r : r;
}

DecimalType decimal_result_type(char op, DecimalType a, DecimalType b) {
  int precision = 0, scale = 0;
  switch (op) {
    case '*':
      scale = a.scale + b.scale;
      precision = a.precision + b.precision + 1;
      break;
    case '/':
      scale = std::max(6, a.scale + b.precision + 1);
      precision = a.precision - a.scale + b.scale + scale;
      break;
    case '%':
      scale = std::max(a.scale, b.scale);
      precision = std::min(a.precision - a.scale, b.precision - b.scale) + scale;
      break;
    default:
      scale = std::max(a.scale, b.scale);
      precision = std::max(a.precision - a.scale, b.precision - b.scale) + scale + 1;
  }
  if (precision > kMaxDecimal) {
    int least = std::min(scale, 6);
    scale = std::max(scale - (precision - kMaxDecimal), least);
    precision = kMaxDecimal;
  }
  return {precision, scale};
}

DecimalType decimal_of_integer(uint8_t type) {
  switch (type) {
    case kBool: return {1, 0};
    case kTinyInt:
    case kUTinyInt: return {3, 0};
    case kSmallInt:
    case kUSmallInt: return {5, 0};
    case kInt:
    case kUInt: return {10, 0};
    case kUBigInt: return {20, 0};
    default: return {19, 0};
  }
}

std::optional<Int128> decimal_calculate(char op, Int128 a, DecimalType at, Int128 b, DecimalType bt, DecimalType out) {
  Wide x = Wide::from(a), y = Wide::from(b), r;
  int common = std::max(at.scale, bt.scale);
  switch (op) {
    case '+':
    case '-':
      if (op == '-') y.negative = !y.negative;
      r = rescale(add(scale_up(x, common - at.scale), scale_up(y, common - bt.scale)), common, out.scale);
      break;
    case '*': r = rescale(multiply(x, y), at.scale + bt.scale, out.scale); break;
    case '/':
      if (b == 0) return std::nullopt;
      // x / y has scale at - bt; bring the dividend to where the quotient has the wanted scale.
      if (int up = out.scale - (at.scale - bt.scale); up >= 0) {
        r = divide(scale_up(x, up), y, true);
      } else {
        r = divide(x, scale_up(y, -up), true);
      }
      break;
    case '%': {
      if (b == 0) return std::nullopt;
      Wide rest;
      divide(scale_up(x, common - at.scale), scale_up(y, common - bt.scale), false, &rest);
      r = rescale(rest, common, out.scale);
      break;
    }
    default: return std::nullopt;
  }
  Int128 v = r.to_int128();
  check_decimal_range(v, kMaxDecimal);
  return v;
}

}  // namespace opentaos::sandbox
