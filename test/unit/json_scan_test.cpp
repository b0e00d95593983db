#include "wire/json_scan.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "vector_file.h"
#include "wire/json_tree.h"
#include "wire/json_write.h"

using opentaos::base::Buffer;
using opentaos::test::ExactCopy;
using opentaos::wire::append_json_double;
using opentaos::wire::append_json_string;
using opentaos::wire::JsonScan;
using opentaos::wire::JsonTree;
using opentaos::wire::unescape_json;

namespace {

int64_t signed_of(std::string_view text, bool *ok) {
  JsonScan s(text);
  int64_t v = 77;
  *ok = s.read_i64(v) && s.at_end();
  return v;
}
uint64_t unsigned_of(std::string_view text, bool *ok) {
  JsonScan s(text);
  uint64_t v = 77;
  *ok = s.read_u64(v) && s.at_end();
  return v;
}
std::string string_of(std::string_view text, bool *ok) {
  JsonScan s(text);
  std::string v;
  *ok = s.read_string(v) && s.at_end();
  return v;
}
bool skips(std::string_view text) {
  JsonScan s(text);
  return s.skip_value() && s.at_end();
}
std::string written(std::string_view text) {
  Buffer b;
  append_json_string(b, text);
  return std::string(b.text());
}

}  // namespace

TEST_CASE("json_scan reads 64-bit integers exactly", "[wire][json]") {
  bool ok = false;
  CHECK(signed_of("9223372036854775807", &ok) == INT64_MAX);
  CHECK(ok);
  CHECK(signed_of("-9223372036854775808", &ok) == INT64_MIN);
  CHECK(ok);
  CHECK(signed_of(" -0 ", &ok) == 0);
  CHECK(ok);
  CHECK(unsigned_of("18446744073709551615", &ok) == UINT64_MAX);
  CHECK(ok);
  CHECK(unsigned_of("9007199254740993", &ok) == 9007199254740993u);
  CHECK(ok);
  CHECK(unsigned_of("00000000000000000000000000000000000007", &ok) == 7);
  CHECK(ok);
  CHECK(signed_of("null", &ok) == 0);
  CHECK(ok);
  for (const char *bad : {"9223372036854775808", "-9223372036854775809", "1.0", "1e3", "1E3", "-", "", "+1", "x",
                          "\"1\"", "true", "[1]", "0x10", "99999999999999999999999", "nul"}) {
    INFO(bad);
    (void)signed_of(bad, &ok);
    CHECK_FALSE(ok);
  }
  for (const char *bad : {"18446744073709551616", "-1", "18446744073709551615.5", "184467440737095516150"}) {
    INFO(bad);
    (void)unsigned_of(bad, &ok);
    CHECK_FALSE(ok);
  }
}

TEST_CASE("json_scan undoes escapes", "[wire][json]") {
  bool ok = false;
  CHECK(string_of(R"("plain")", &ok) == "plain");
  CHECK(ok);
  CHECK(string_of(R"("a\"b\\c\/d\b\f\n\r\t")", &ok) == "a\"b\\c/d\b\f\n\r\t");
  CHECK(ok);
  CHECK(string_of(R"("\u0041\u00e9\u6d9b\ud83d\ude00")", &ok) == "A\xc3\xa9\xe6\xb6\x9b\xf0\x9f\x98\x80");
  CHECK(ok);
  CHECK(string_of(R"("\u003ctag\u003E")", &ok) == "<tag>");
  CHECK(ok);
  CHECK(string_of(R"("x\u0000y")", &ok) == std::string("x\0y", 3));
  CHECK(ok);
  // Lone surrogates, in every position.
  CHECK(string_of(R"("\ud83d")", &ok) == "\xef\xbf\xbd");
  CHECK(ok);
  CHECK(string_of(R"("\ude00a")", &ok) ==
        "\xef\xbf\xbd"
        "a");
  CHECK(ok);
  CHECK(string_of(R"("\ud83d\u0041")", &ok) ==
        "\xef\xbf\xbd"
        "A");
  CHECK(ok);
  CHECK(string_of("null", &ok).empty());
  CHECK(ok);
  for (const char *bad : {R"("\u12")", R"("\u12g4")", R"("\x41")", R"("abc)", R"("abc\)", R"("abc\")", R"(abc)", R"(")",
                          R"("\ud83d\u12")", "1", "{}"}) {
    INFO(bad);
    (void)string_of(bad, &ok);
    CHECK_FALSE(ok);
  }
}

TEST_CASE("json_scan finds the end of strings of every length and alignment", "[wire][json]") {
  for (size_t before = 0; before < 9; ++before) {
    for (size_t n = 0; n < 40; ++n) {
      std::string content(n, 'q');
      for (size_t escape = 0; escape <= n; ++escape) {
        std::string body = content;
        if (escape < n) body.replace(escape, 1, "\\\"");
        std::string text = std::string(before, ' ') + '"' + body + "\"";
        ExactCopy exact(text.data(), text.size());
        bool ok = false;
        std::string expected = content;
        if (escape < n) expected[escape] = '"';
        REQUIRE(string_of(exact.text(), &ok) == expected);
        REQUIRE(ok);
      }
    }
  }
}

TEST_CASE("json_scan hands out strings without escapes in place", "[wire][json]") {
  std::string text = R"(["in place","with \n escape"])";
  JsonScan s(text);
  std::string scratch;
  std::string_view v;
  REQUIRE(s.enter_array());
  REQUIRE(s.next_element());
  REQUIRE(s.read_string(v, scratch));
  CHECK(v == "in place");
  CHECK(v.data() == text.data() + 2);
  REQUIRE(s.next_element());
  REQUIRE(s.read_string(v, scratch));
  CHECK(v == "with \n escape");
  CHECK(v.data() == scratch.data());
  CHECK_FALSE(s.next_element());
  CHECK(s.at_end());
}

TEST_CASE("json_scan walks objects and skips what nobody asked for", "[wire][json]") {
  std::string_view text =
      " { \"a\" : 1 , \"skip\" : {\"x\":[1,{\"y\":\"}]\\\"\"},null],\"z\":-1.5e+10} ,\n"
      "\t\"t\":true,\"f\":false,\"s\":\"v\",\"\\u0061b\":[],\"e\":{},\"a\":2}\r\n";
  JsonScan s(text);
  std::string_view key;
  std::string keys;
  int64_t a = 0;
  REQUIRE(s.enter_object());
  while (s.next_member(key)) {
    keys.append(key).append(",");
    if (key == "a")
      REQUIRE(s.read_i64(a));
    else
      REQUIRE(s.skip_value());
  }
  CHECK_FALSE(s.failed());
  CHECK(s.at_end());
  CHECK(keys == "a,skip,t,f,s,ab,e,a,");
  CHECK(a == 2);
}

TEST_CASE("json_scan refuses malformed texts", "[wire][json]") {
  for (const char *bad : {"",     " ",      "{",  "}", "[", "]",     "{]",   "[}", "[[]", "[{]}", "tru",
                          "nulL", "{\"a\"", "\"", ",", ":", "[\"a]", "\"\\", "a",  "[a]", "\x01"}) {
    INFO(bad);
    CHECK_FALSE(skips(bad));
  }
  for (const char *bad : {"{\"a\":1", "{\"a\" 1}", "{\"a\":1,}", "{,}", "{\"a\":1 \"b\":2}", "{a:1}", "{1:1}", "[1]",
                          "{\"a\":1]", "{\"a\":}", "{\"a\\u00\":1}"}) {
    INFO(bad);
    JsonScan s(bad);
    std::string_view key;
    int64_t v = 0;
    bool ok = s.enter_object();
    while (ok && s.next_member(key)) ok = s.read_i64(v);
    CHECK((s.failed() || !s.at_end()));
    CHECK_FALSE(s.read_i64(v));  // nothing works after a failure
    CHECK_FALSE(s.enter_array());
  }
}

TEST_CASE("json_scan hands out the text of a value", "[wire][json]") {
  JsonScan s(R"({"d": {"a":[1,"}"]} ,"n":null})");
  std::string_view key, raw;
  REQUIRE(s.enter_object());
  REQUIRE(s.next_member(key));
  REQUIRE(s.raw_value(raw));
  CHECK(raw == R"({"a":[1,"}"]})");
  REQUIRE(s.next_member(key));
  REQUIRE(s.raw_value(raw));
  CHECK(raw == "null");
  CHECK_FALSE(s.next_member(key));
  CHECK(s.at_end());
}

TEST_CASE("json_scan has a depth limit and no recursion", "[wire][json]") {
  auto nested = [](size_t n) { return std::string(n, '[') + std::string(n, ']'); };
  CHECK(skips(nested(JsonScan::kMaxDepth)));
  CHECK_FALSE(skips(nested(JsonScan::kMaxDepth + 1)));
  CHECK_FALSE(skips(std::string(1 << 20, '[')));
  CHECK_FALSE(skips(nested(1 << 20)));

  const std::string deep = nested(1000);
  JsonScan s(deep);
  unsigned depth = 0;
  while (s.enter_array() && s.next_element()) ++depth;
  CHECK(s.failed());
  CHECK(depth == JsonScan::kMaxDepth);
}

TEST_CASE("json_scan reads ranges and booleans", "[wire][json]") {
  JsonScan s("[5,300,true,false,null,1]");
  int64_t v = 0;
  int32_t small = 0;
  bool b = false;
  REQUIRE(s.enter_array());
  REQUIRE(s.next_element());
  REQUIRE(s.read_int(0, 255, v));
  CHECK(v == 5);
  REQUIRE(s.next_element());
  REQUIRE(s.read_i32(0, 300, small));
  CHECK(small == 300);
  REQUIRE(s.next_element());
  REQUIRE(s.read_bool(b));
  CHECK(b);
  REQUIRE(s.next_element());
  REQUIRE(s.read_bool(b));
  CHECK_FALSE(b);
  REQUIRE(s.next_element());
  REQUIRE(s.read_bool(b));
  CHECK_FALSE(b);
  REQUIRE(s.next_element());
  CHECK_FALSE(s.read_bool(b));
  CHECK(s.failed());
  JsonScan high("256"), low("-1");
  CHECK_FALSE(high.read_int(0, 255, v));
  CHECK_FALSE(low.read_int(0, 255, v));
}

TEST_CASE("json strings are escaped as JSON asks", "[wire][json]") {
  CHECK(written("") == "\"\"");
  CHECK(written("select * from t") == "\"select * from t\"");
  CHECK(written("a\"b\\c\nd\re\tf") == R"("a\"b\\c\nd\re\tf")");
  CHECK(written(std::string_view("\0\x01\x1f\x7f", 4)) == "\"\\u0000\\u0001\\u001f\x7f\"");
  CHECK(written("\xe6\xb6\x9b\xff\xc0") == "\"\xe6\xb6\x9b\xff\xc0\"");  // not UTF-8 either: as it is

  // Every byte at every position of a word, read back by the scanner.
  for (int c = 0; c < 256; ++c) {
    for (size_t at = 0; at < 20; ++at) {
      std::string text(20, 'x');
      text[at] = static_cast<char>(c);
      ExactCopy exact(text.data(), text.size());
      bool ok = false;
      REQUIRE(string_of(written(exact.text()), &ok) == text);
      REQUIRE(ok);
    }
  }
}

TEST_CASE("json doubles read back the same", "[wire][json]") {
  for (double v : {0.0, -2.25, 1e-7, 1e300, 0.1, 5e-324, 123456789.125}) {
    Buffer b;
    append_json_double(b, v);
    CHECK(std::strtod(std::string(b.text()).c_str(), nullptr) == v);
  }
  for (double v : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(), -HUGE_VAL}) {
    Buffer b;
    append_json_double(b, v);
    CHECK(b.text() == "null");
  }
}

TEST_CASE("json_tree guards cJSON", "[wire][json]") {
  JsonTree t;
  REQUIRE(t.parse(R"( {"a":1,"A":2,"a":3,"s":"x","n":null,"f":1.5,"big":9007199254740994} )").is_ok());
  int64_t v = 0;
  std::string_view s;
  CHECK((JsonTree::integer(t.root(), "a", 0, 10, v) && v == 3));
  CHECK((JsonTree::integer(t.root(), "A", 0, 10, v) && v == 2));
  CHECK((JsonTree::integer(t.root(), "n", 0, 10, v) && v == 0));
  CHECK((JsonTree::integer(t.root(), "absent", 0, 10, v) && v == 0));
  CHECK_FALSE(JsonTree::integer(t.root(), "a", 0, 2, v));
  CHECK_FALSE(JsonTree::integer(t.root(), "f", 0, 10, v));
  CHECK_FALSE(JsonTree::integer(t.root(), "s", 0, 10, v));
  CHECK_FALSE(JsonTree::integer(t.root(), "big", 0, INT64_MAX, v));
  CHECK((JsonTree::text(t.root(), "s", s) && s == "x"));
  CHECK((JsonTree::text(t.root(), "n", s) && s.empty()));
  CHECK_FALSE(JsonTree::text(t.root(), "a", s));
  CHECK(JsonTree::member(t.root(), "b") == nullptr);

  std::string deep = std::string(JsonTree::kMaxDepth, '[') + std::string(JsonTree::kMaxDepth, ']');
  CHECK(t.parse(deep).is_ok());
  CHECK_FALSE(t.parse("[" + deep + "]").is_ok());
  CHECK_FALSE(t.parse(std::string(1 << 20, '[')).is_ok());
  CHECK(t.parse("[\"" + std::string(100, '[') + "\"]").is_ok());  // brackets in strings do not nest
  CHECK(t.parse("[\"\\\"" + std::string(100, '[') + "\"]").is_ok());
  for (const char *bad : {"", "{", "{}x", "[1,]", "nul"}) {
    INFO(bad);
    ExactCopy exact(bad, std::strlen(bad));
    CHECK_FALSE(t.parse(exact.text()).is_ok());
    CHECK(t.root() == nullptr);
  }
}
