#include "wire/decimal_input.h"

#include <catch2/catch.hpp>
#include <string>

#include "base/bytes.h"
#include "wire/decimal_text.h"

using namespace opentaos::wire;

namespace {

bool parse64(std::string_view text, int precision, int scale, int64_t &out) {
  uint8_t bytes[16];
  if (!parse_decimal(text, 8, precision, scale, bytes)) return false;
  out = opentaos::base::load_le<int64_t>(bytes);
  return true;
}

}  // namespace

TEST_CASE("decimal_input: text to unscaled integers", "[wire][decimal]") {
  struct Case {
    const char *text;
    int precision, scale;
    int64_t expected;
  };
  const Case cases[] = {{"123.45", 5, 2, 12345},
                        {"-123.45", 5, 2, -12345},
                        {"+0.5", 5, 2, 50},
                        {"7", 5, 2, 700},
                        {".5", 5, 2, 50},
                        {"5.", 5, 2, 500},
                        {"0", 18, 0, 0},
                        {"-0.00", 18, 2, 0},
                        {"  1.5\t", 5, 1, 15},
                        {"000000000000000000000000000000000000000000000001", 5, 2, 100},
                        {"1.005", 5, 2, 101},
                        {"-1.005", 5, 2, -101},
                        {"1.004999", 5, 2, 100},
                        {"0.004", 5, 2, 0},
                        {"0.005", 5, 2, 1},
                        {"0.0049999999", 5, 2, 0},
                        {"1e2", 5, 2, 10000},
                        {"1.25E-1", 5, 3, 125},
                        {"12345e-3", 5, 3, 12345},
                        {"1e-100", 5, 2, 0},
                        {"0e99999999", 5, 2, 0},
                        {"5e-3", 5, 2, 1},
                        {"0.05e1", 5, 1, 5},
                        {"999999999999999999", 18, 0, 999999999999999999},
                        {"-999999999999999999", 18, 0, -999999999999999999},
                        {"9.994", 3, 2, 999}};
  for (const Case &c : cases) {
    INFO(c.text);
    int64_t v = 1;
    REQUIRE(parse64(c.text, c.precision, c.scale, v));
    CHECK(v == c.expected);
  }
  for (const char *bad : {"",      " ",   "-",    "+",   ".",   "-.",  "e5",  "1e", "1e+",  "1e1.5",
                          "1.2.3", "1,5", "0x10", "NaN", "inf", "1 2", "--1", "1-", "1e5x", "\xe6\xb6\x9b"}) {
    INFO(bad);
    int64_t v = 0;
    CHECK_FALSE(parse64(bad, 18, 2, v));
  }
  for (const char *big :
       {"1000", "999.995", "1e3", "1e38", "1e1000000", "99999999999999999999999999999999999999999999999999"}) {
    INFO(big);
    int64_t v = 0;
    CHECK_FALSE(parse64(big, 5, 2, v));
  }
}

TEST_CASE("decimal_input: 128 bits, there and back", "[wire][decimal]") {
  for (const char *text :
       {"-12345678901234567890.0123456789", "9999999999999999999999999999.9999999999",
        "-9999999999999999999999999999.9999999999", "0.0000000001", "100000000000000000000.0000000000"}) {
    INFO(text);
    uint8_t bytes[16];
    REQUIRE(parse_decimal(text, 16, 38, 10, bytes));
    char back[kDecimalTextMax];
    size_t n = decimal_to_text(bytes, 16, 10, back);
    CHECK(std::string(back, n) == text);
    CHECK_FALSE(looks_like_number_text(bytes, 16));
  }
  uint8_t bytes[16];
  CHECK_FALSE(parse_decimal("10000000000000000000000000000", 16, 38, 10, bytes));
}

TEST_CASE("decimal_input: stored integers never look like text", "[wire][decimal]") {
  for (int64_t v : {int64_t{0}, int64_t{1}, int64_t{-1}, int64_t{999999999999999999}, int64_t{-999999999999999999},
                    int64_t{0x30303030}}) {
    uint8_t bytes[8];
    opentaos::base::store_le(bytes, v);
    CHECK_FALSE(looks_like_number_text(bytes, 8));
  }
  CHECK(looks_like_number_text(reinterpret_cast<const uint8_t *>("1234.567"), 8));
  CHECK(looks_like_number_text(reinterpret_cast<const uint8_t *>("-1.5e+10"), 8));
}
