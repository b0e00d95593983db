// NCHAR as UTF-8 and decimals as text.
#include <catch2/catch.hpp>
#include <string>

#include "base/bytes.h"
#include "wire/decimal_text.h"
#include "wire/ucs4.h"

using namespace opentaos;

namespace {

std::string utf8(std::u32string_view s) {
  std::string out(s.size() * 4, 'x');
  out.resize(wire::ucs4_to_utf8(reinterpret_cast<const uint8_t *>(s.data()), s.size() * 4,
                                reinterpret_cast<uint8_t *>(out.data())));
  return out;
}

std::u32string ucs4(std::string_view s, bool *ok) {
  std::u32string out(s.size(), U'x');
  size_t n = 0;
  *ok = wire::utf8_to_ucs4(reinterpret_cast<const uint8_t *>(s.data()), s.size(),
                           reinterpret_cast<uint8_t *>(out.data()), &n);
  out.resize(*ok ? n / 4 : 0);
  return out;
}

__extension__ typedef __int128 i128;
__extension__ typedef unsigned __int128 u128;

std::string decimal(i128 v, int size, int scale) {
  uint8_t raw[16];
  std::memcpy(raw, &v, static_cast<size_t>(size));
  char text[wire::kDecimalTextMax];
  size_t n = wire::decimal_to_text(raw, size, scale, text);
  CHECK(std::string(text).size() == n);
  return text;
}

}  // namespace

TEST_CASE("ucs4: every length of encoding, at every position of a run of four") {
  CHECK(utf8(U"") == "");
  CHECK(utf8(U"abcdefgh") == "abcdefgh");
  CHECK(utf8(U"aé漢😀z") == "aé漢😀z");
  for (size_t length : {12, 37}) {
    for (size_t at = 0; at < length; at++) {
      for (const auto &[c, text] : {std::pair(U'\x80', "\u0080"), std::pair(U'漢', "漢"), std::pair(U'😀', "😀")}) {
        std::u32string s(length, U'a');
        s[at] = c;
        std::string expected(length, 'a');
        expected.replace(at, 1, text);
        CHECK(utf8(s) == expected);
      }
    }
  }
  CHECK(utf8(U"\x7f\x80\x7ff\x800\xd7ff\xe000\xffff\x10000\x10ffff") ==
        "\x7f\u0080\u07ff\u0800\ud7ff\ue000\uffff\U00010000\U0010ffff");
}

TEST_CASE("ucs4: what UTF-8 cannot carry becomes the replacement character") {
  const char32_t bad[] = {0xd800, 0xdfff, 0x110000, 0xffffffff};
  for (char32_t c : bad) CHECK(utf8(std::u32string(1, c)) == "\ufffd");
}

TEST_CASE("ucs4: a torn last character is left out") {
  uint8_t out[16];
  const uint8_t in[7] = {'a', 0, 0, 0, 'b', 0, 0};
  CHECK(wire::ucs4_to_utf8(in, 7, out) == 1);
}

TEST_CASE("utf8 to ucs4: there and back, and malformed text is refused") {
  bool ok = false;
  CHECK(ucs4("aé漢😀z", &ok) == U"aé漢😀z");
  CHECK(ok);
  for (const char *bad : {"\x80", "\xc0\x80", "\xc3", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80",
                          "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "a\xe6\xb6"}) {
    (void)ucs4(bad, &ok);
    CHECK_FALSE(ok);
  }
}

TEST_CASE("decimal text") {
  CHECK(decimal(12345, 8, 2) == "123.45");
  CHECK(decimal(-12345, 8, 2) == "-123.45");
  CHECK(decimal(5, 8, 2) == "0.05");
  CHECK(decimal(0, 8, 2) == "0");
  CHECK(decimal(0, 16, 19) == "0");
  CHECK(decimal(-1, 16, 0) == "-1");
  CHECK(decimal(1, 16, 19) == "0.0000000000000000001");
  CHECK(decimal(INT64_MIN, 8, 0) == "-9223372036854775808");
  CHECK(decimal(static_cast<i128>(1) << 126, 16, 0) == "85070591730234615865843651857942052864");
  CHECK(decimal(static_cast<i128>(static_cast<u128>(1) << 127), 16, 38) == "-1.70141183460469231731687303715884105728");
  // 10^20, as in PROTOCOL 4.4
  CHECK(decimal(static_cast<i128>(10000000000) * 10000000000, 16, 0) == "100000000000000000000");
  CHECK(decimal(15, 8, 200) == "15");  // a scale from the wire that no decimal can have
}
