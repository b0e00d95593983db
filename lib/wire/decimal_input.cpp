#include "wire/decimal_input.h"

#include "base/bytes.h"

namespace opentaos::wire {
namespace {

__extension__ typedef unsigned __int128 Unscaled;

constexpr int kMaxDigits = 38;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool read_exponent(std::string_view text, int &out) {
  bool negative = false;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  if (text.empty()) return false;
  int v = 0;
  for (char c : text) {
    if (!is_digit(c)) return false;
    if (v < 100000) v = v * 10 + (c - '0');
  }
  out = negative ? -v : v;
  return true;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

bool parse_decimal(std::string_view text, int size, int precision, int scale, uint8_t *to) {
  text = trim(text);
  bool negative = false;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  size_t mantissa_size = text.find_first_of("eE");
  int exponent = 0;
  if (mantissa_size != std::string_view::npos) {
    if (!read_exponent(text.substr(mantissa_size + 1), exponent)) return false;
    text = text.substr(0, mantissa_size);
  }
  size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const std::string_view fraction = point == std::string_view::npos ? std::string_view() : text.substr(point + 1);
  if (whole.empty() && fraction.empty()) return false;

  // Digits stand at positions counted from the point; those up to `scale` places behind it are kept.
  const int64_t kept = static_cast<int64_t>(whole.size()) + exponent + scale;
  const size_t total = whole.size() + fraction.size();
  Unscaled value = 0;
  bool overflow = false, round_up = false;
  constexpr Unscaled kTop = ~Unscaled{0} / 10 - 1;
  auto push = [&](unsigned digit) {
    if (value > kTop) overflow = true;
    value = value * 10 + digit;
  };
  for (size_t i = 0; i < total; ++i) {
    char c = i < whole.size() ? whole[i] : fraction[i - whole.size()];
    if (!is_digit(c)) return false;
    if (static_cast<int64_t>(i) < kept)
      push(static_cast<unsigned>(c - '0'));
    else if (static_cast<int64_t>(i) == kept)
      round_up = c >= '5';
  }
  for (int64_t i = static_cast<int64_t>(total); i < kept && value != 0 && !overflow; ++i) push(0);
  if (overflow) return false;
  if (round_up) ++value;

  Unscaled bound = 1;
  for (int i = 0; i < precision && i < kMaxDigits; ++i) bound *= 10;
  if (value >= bound) return false;
  if (negative) value = ~value + 1;
  base::store_le(to, static_cast<uint64_t>(value));
  if (size == 16) base::store_le(to + 8, static_cast<uint64_t>(value >> 64));
  return true;
}

bool looks_like_number_text(const uint8_t *bytes, int size) {
  for (int i = 0; i < size; ++i) {
    char c = static_cast<char>(bytes[i]);
    if (!is_digit(c) && c != '+' && c != '-' && c != '.' && c != 'e' && c != 'E' && c != ' ') return false;
  }
  return true;
}

}  // namespace opentaos::wire
