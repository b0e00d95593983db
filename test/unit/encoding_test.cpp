#include "base/encoding.h"

#include <catch2/catch.hpp>
#include <cstring>

using namespace opentaos::base;

TEST_CASE("encoding: UTF-8") {
  for (std::string_view good :
       {"", "a", "plain ASCII, longer than eight bytes", "\xc3\xa4", "\xe6\xbc\xa2", "\xf0\x9f\x98\x80", "\x7f",
        "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80",
        "\xf4\x8f\xbf\xbf", "1234567\xc3\xa4", "12345678\xc3\xa4"}) {
    CHECK(is_utf8(good));
  }
  CHECK(is_utf8(std::string_view("a\0b", 3)));
  for (std::string_view bad : {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc3", "\xc3(", "\xe0\x9f\xbf", "\xe6\xbc",
                               "\xe6", "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf0\x9f\x98",
                               "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xfe", "12345678\xff", "1234567\xff"}) {
    CHECK_FALSE(is_utf8(bad));
  }
}

TEST_CASE("encoding: prefixes end between characters") {
  std::string_view text = "a\xc3\xa4\xe6\xbc\xa2\xf0\x9f\x98\x80";  // 1 + 2 + 3 + 4 bytes
  size_t expected[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10};
  for (size_t most = 0; most < std::size(expected); most++) {
    CHECK(utf8_prefix(text, most).size() == expected[most]);
    CHECK(is_utf8(utf8_prefix(text, most)));
  }
  CHECK(utf8_prefix("\x80\x80\x80\x80\x80\x80", 5).size() <= 5);
}

TEST_CASE("encoding: bounded copies") {
  char buffer[8];
  for (size_t cap = 0; cap <= sizeof buffer; cap++) {
    std::memset(buffer, '#', sizeof buffer);
    CHECK(copy_bounded(buffer, cap, "abcdef") == 6);
    if (cap > 0) {
      CHECK(std::strlen(buffer) == std::min<size_t>(cap - 1, 6));
      CHECK(std::string_view("abcdef").starts_with(buffer));
    }
    for (size_t i = cap; i < sizeof buffer; i++) CHECK(buffer[i] == '#');
  }
  CHECK(copy_bounded(nullptr, 10, "abc") == 3);
  CHECK(copy_bounded(buffer, sizeof buffer, {}) == 0);
  CHECK(buffer[0] == '\0');

  CHECK(copy_bounded_utf8(buffer, 4, "ab\xe6\xbc\xa2") == 5);
  CHECK(std::string(buffer) == "ab");
  CHECK(copy_bounded_utf8(buffer, 6, "ab\xe6\xbc\xa2") == 5);
  CHECK(std::string(buffer) == "ab\xe6\xbc\xa2");
  CHECK(copy_bounded_utf8(nullptr, 6, "ab") == 2);
}

TEST_CASE("encoding: presentable text") {
  CHECK(presentable("plain\n\ttext") == "plain\n\ttext");
  CHECK(presentable(std::string_view("a\0b\x1b[31mc\x7f\r", 11)) == "a b [31mc  ");
  CHECK(presentable("\xe6\xbc\xa2\xff\xc3") == "\xe6\xbc\xa2??");
  CHECK(presentable("ab\xe6\xbc\xa2", 4) == "ab");
  CHECK(presentable(std::string(5000, 'x')).size() == 4095);
  CHECK(presentable("abc", 0).empty());
}

TEST_CASE("encoding: time zone names") {
  for (std::string_view good : {"UTC", "Asia/Shanghai", "America/Argentina/Buenos_Aires", "Etc/GMT+8", "UTC-8",
                                "<+03>-3", "EST5EDT", "CET-1CEST,M3.5.0,M10.5.0/3", "Not/AZone"}) {
    INFO(good);
    CHECK(is_timezone_name(good));
  }
  for (std::string_view bad :
       {"", "a b", "a\nb", "../../etc/passwd", "/etc/localtime", "a;b", "Asia/Shanghai'", "\xc3\xa4"}) {
    INFO(bad);
    CHECK_FALSE(is_timezone_name(bad));
  }
  CHECK_FALSE(is_timezone_name(std::string(65, 'a')));
  CHECK_FALSE(is_timezone_name(std::string_view("a\0b", 3)));
}

TEST_CASE("encoding: character sets and locales") {
  for (const char *name : {"UTF-8", "utf8", "US-ASCII"}) CHECK(is_utf8_charset(name));
  for (const char *name : {"", "GBK", "UTF-16", "UTF-8 "}) CHECK_FALSE(is_utf8_charset(name));
  CHECK(is_known_charset("UTF-8"));
  CHECK(is_known_charset("ISO-8859-1"));
  CHECK_FALSE(is_known_charset("no-such-charset"));
  CHECK_FALSE(is_known_charset(""));
  CHECK_FALSE(is_known_charset("../../x"));
  CHECK(is_known_locale("C"));
  CHECK_FALSE(is_known_locale("xx_XX.none"));
  CHECK_FALSE(is_known_locale(""));
  CHECK_FALSE(is_known_locale("/tmp"));
  CHECK_FALSE(is_known_locale(std::string_view("C\0", 2)));
}

TEST_CASE("encoding: helpers") {
  CHECK(trim(" \t a b \r\n") == "a b");
  CHECK(trim(" \t ").empty());
  CHECK(trim("").empty());
  CHECK(equals_ignoring_case("AbC", "aBc"));
  CHECK_FALSE(equals_ignoring_case("abc", "abcd"));
  CHECK_FALSE(equals_ignoring_case("@", "`"));  // a bit apart, but no letters
  CHECK(to_lower("AZ\xc3\x84[") == "az\xc3\x84[");

  std::string secret = "a secret that is longer than a short string";
  const char *place = secret.data();
  size_t length = secret.size();
  wipe(secret);
  CHECK(secret.empty());
  CHECK(secret.data() == place);  // still our memory: look what is left in it
  secret.resize(length);
  CHECK(secret == std::string(length, '\0'));
}
