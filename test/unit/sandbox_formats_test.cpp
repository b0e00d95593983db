// The small parts below the engine: text, time, zones, geometry, decimals, tokens.
#include <cmath>

#include "engine/calendar.h"
#include "engine/errors.h"
#include "engine/geometry.h"
#include "engine/json_tag.h"
#include "engine/lexer.h"
#include "engine/time_text.h"
#include "sandbox_support.h"

using namespace sandbox_test;

TEST_CASE("sandbox formats: UTF-8") {
  CHECK(valid_utf8("aé漢😀"));
  CHECK(utf8_length("aé漢😀") == 4);
  CHECK(utf8_substr("aé漢😀", 1, 2) == "é漢");
  CHECK(utf8_substr("abc", 5, 2).empty());
  for (const char *bad : {"\xff", "\xc3", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "a\x80"})
    CHECK_FALSE(valid_utf8(bad));
}

TEST_CASE("sandbox formats: LIKE") {
  CHECK(like("", ""));
  CHECK(like("", "%"));
  CHECK_FALSE(like("", "_"));
  CHECK(like("abc", "a%"));
  CHECK(like("abc", "%b%"));
  CHECK(like("abc", "A_C"));
  CHECK_FALSE(like("abc", "a_"));
  CHECK(like("a漢c", "a_c"));
  CHECK(like("50%", "50\\%"));
  CHECK_FALSE(like("50x", "50\\%"));
  CHECK(like("a_b", "a\\_b"));
  CHECK_FALSE(like("axb", "a\\_b"));
  CHECK(like("aXbXc", "a%x%c"));
  CHECK(like(std::string(5000, 'a'), "%a%a%a%a%a"));
  CHECK_FALSE(like(std::string(5000, 'a'), "%a%a%a%a%ab"));
}

TEST_CASE("sandbox formats: hexadecimal and base64") {
  std::string bytes;
  CHECK(from_hex("00fF10", &bytes));
  CHECK(hex_text(bytes) == "00ff10");
  CHECK(hex_text(bytes, true) == "00FF10");
  CHECK_FALSE(from_hex("0", &bytes));
  CHECK_FALSE(from_hex("zz", &bytes));
  CHECK(base64_text("") == "");
  CHECK(base64_text("f") == "Zg==");
  CHECK(base64_text("fo") == "Zm8=");
  CHECK(base64_text("foo") == "Zm9v");
}

TEST_CASE("sandbox formats: calendar") {
  for (int64_t day : {-1000000LL, -719468LL, -1LL, 0LL, 58LL, 59LL, 60LL, 11016LL, 19782LL, 1000000LL}) {
    Civil c = civil_from_days(day);
    CHECK(days_from_civil(c.year, c.month, c.day) == day);
  }
  CHECK(days_from_civil(1970, 1, 1) == 0);
  CHECK(days_from_civil(2000, 3, 1) == 11017);
  CHECK(days_in_month(2024, 2) == 29);
  CHECK(days_in_month(1900, 2) == 28);
}

TEST_CASE("sandbox formats: timestamps") {
  auto utc = TimeZone::utc();
  auto parse = [&](const char *s, int precision = 0) { return parse_timestamp(s, *utc, precision).value_or(-12345); };
  CHECK(parse("1970-01-01 00:00:00") == 0);
  CHECK(parse("1969-12-31 23:59:59.999") == -1);
  CHECK(parse("1969-12-31 23:59:59.000001", 1) == -999999);
  CHECK(parse("2261-01-01 00:00:00", 1) == 9183110400000000);
  CHECK(parse("2024-1-2 3:4:5") == 1704164645000);
  CHECK(parse("9223372036854775807") == INT64_MAX);
  CHECK(parse("2024") == 2024);  // a number of ticks
  CHECK(parse("2024-01-01 ") == 1704067200000);
  for (const char *bad :
       {"", "x", "2024-00-01", "2024-01-01x", "2024-01-01 1", "2024-01-01 25:00:00", "2024-01-01 00:00:00.",
        "2024-01-01T00:00:00+", "2024-01-01T00:00:00+1", "9223372036854775808", "2024-01-01 00:00:00Zx"}) {
    INFO(bad);
    CHECK_FALSE(parse_timestamp(bad, *utc, 0));
  }
  CHECK_FALSE(parse_timestamp("9999-01-01", *utc, 2));
  CHECK(iso8601_text(-1, 0, 0) == "1969-12-31T23:59:59.999+0000");
  CHECK(iso8601_text(1, 2, -5400) == "1969-12-31T22:30:00.000000001-0130");
  CHECK(convert_precision(1500, 0, 2) == 1500000000);
  CHECK(convert_precision(-1, 2, 0) == -1);
  CHECK(convert_precision(INT64_MAX, 0, 2) == INT64_MAX);
}

TEST_CASE("sandbox formats: durations") {
  CHECK(parse_duration("10s")->ticks(0) == 10000);
  CHECK(parse_duration("1b")->ticks(2) == 1);
  CHECK(parse_duration("1u")->ticks(2) == 1000);
  CHECK(parse_duration("1w")->ticks(0) == 604800000);
  CHECK(parse_duration("-3m")->ticks(0) == -180000);
  for (const char *bad : {"", "s", "10", "1x", "1.5s", "99999999999999999999s"}) CHECK_FALSE(parse_duration(bad));
  CHECK(add_duration(0, *parse_duration("1n"), -1, 0) == -2678400000);
  CHECK(add_duration(INT64_MAX, *parse_duration("1s"), 1, 0) == INT64_MAX);
  CHECK(window_start(-1, *parse_duration("1s"), 0, 0, 0) == -1000);
  CHECK(window_start(5500, *parse_duration("2s"), 1000, 0, 0) == 5000);
  CHECK(window_start(1719837000000, *parse_duration("1d"), 0, 0, 28800) == 1719763200000);
}

TEST_CASE("sandbox formats: time zones") {
  CHECK(TimeZone::load("")->offset_at(0) == 0);
  CHECK_FALSE(TimeZone::load("Not/AZone"));
  CHECK_FALSE(TimeZone::load("../../etc/passwd"));
  CHECK_FALSE(TimeZone::load("/etc/passwd"));
  CHECK(TimeZone::load("UTC-8")->offset_at(0) == 28800);
  CHECK(TimeZone::load("<+0530>-5:30")->offset_at(0) == 19800);
  auto rule = TimeZone::load("EST5EDT,M3.2.0,M11.1.0");
  REQUIRE(rule);
  CHECK(rule->offset_at(1719837000) == -14400);
  CHECK(rule->standard_offset_at(1719837000) == -18000);
  CHECK(rule->offset_at(1704067200) == -18000);
  auto south = TimeZone::load("AEST-10AEDT,M10.1.0,M4.1.0/3");
  REQUIRE(south);
  CHECK(south->offset_at(1704067200) == 39600);
  CHECK(south->offset_at(1719837000) == 36000);
  for (const char *bad : {"X5", "EST5EDT,M3", "EST5EDT,M13.1.0,M1.1.0", "EST5EDT,M3.2.0,M11.1.0x"}) {
    INFO(bad);
    CHECK_FALSE(TimeZone::load(bad));
  }
}

TEST_CASE("sandbox formats: zones from the system's files") {
  auto paris = TimeZone::load("Europe/Paris");
  auto york = TimeZone::load("America/New_York");
  REQUIRE(paris);  // needs the package tzdata
  REQUIRE(york);
  CHECK(paris->offset_at(1704067200) == 3600);
  CHECK(paris->offset_at(1719837000) == 7200);
  CHECK(paris->offset_at(4075000000) == 3600);  // 2099, by the rule in the file's footer
  CHECK(paris->offset_at(4087000000) == 7200);
  CHECK(york->offset_at(-3000000000) == -17762);  // before standard time
  CHECK(york->standard_offset_at(1719837000) == -18000);
  // 02:30 does not exist on 10 March 2024, 01:30 comes twice on 3 November.
  CHECK(york->to_utc(days_from_civil(2024, 3, 10) * 86400 + 9000) == 1710055800);
  CHECK(york->to_utc(days_from_civil(2024, 11, 3) * 86400 + 5400) == 1730611800);
  CHECK(york->to_utc(days_from_civil(2024, 7, 1) * 86400 + 45000) == 1719851400);
}

TEST_CASE("sandbox formats: geometry") {
  auto round_trip = [](const char *wkt) {
    auto wkb = wkb_from_wkt(wkt);
    return wkb ? wkt_from_wkb(*wkb).value_or("bad wkb") : "bad wkt";
  };
  CHECK(hex_text(*wkb_from_wkt("POINT(1 2)")) == "0101000000000000000000f03f0000000000000040");
  CHECK(round_trip("point ( 1.5  -2.25 )") == "POINT (1.500000 -2.250000)");
  CHECK(round_trip("LINESTRING(1 1, 2 2, 3 4)") ==
        "LINESTRING (1.000000 1.000000, 2.000000 2.000000, 3.000000 4.000000)");
  CHECK(round_trip("POLYGON((0 0, 1 0, 1 1, 0 0), (0 0, 1 0, 1 1, 0 0))") ==
        "POLYGON ((0.000000 0.000000, 1.000000 0.000000, 1.000000 1.000000, 0.000000 0.000000), "
        "(0.000000 0.000000, 1.000000 0.000000, 1.000000 1.000000, 0.000000 0.000000))");
  CHECK(round_trip("MULTIPOINT((1 2), 3 4)") == "MULTIPOINT ((1.000000 2.000000), (3.000000 4.000000))");
  CHECK(round_trip("MULTILINESTRING((1 2, 3 4))") == "MULTILINESTRING ((1.000000 2.000000, 3.000000 4.000000))");
  CHECK(round_trip("MULTIPOLYGON(((0 0, 1 0, 1 1, 0 0)))") ==
        "MULTIPOLYGON (((0.000000 0.000000, 1.000000 0.000000, 1.000000 1.000000, 0.000000 0.000000)))");
  CHECK(round_trip("GEOMETRYCOLLECTION(POINT(1 2), LINESTRING EMPTY)") ==
        "GEOMETRYCOLLECTION (POINT (1.000000 2.000000), LINESTRING EMPTY)");
  CHECK(round_trip("POINT EMPTY") == "POINT EMPTY");
  for (const char *bad :
       {"", "POINT", "POINT(", "POINT(1)", "POINT(1 2", "POINT(1 2) x", "POINT(1 x)", "POINT(1 2 3)", "LINESTRING(1 1)",
        "POLYGON((0 0, 1 0, 1 1))", "POLYGON((0 0, 1 0, 1 1, 5 5))", "CIRCLE(1 2)", "POINT(inf 1)", "POINT(1,2)"}) {
    INFO(bad);
    CHECK_FALSE(wkb_from_wkt(bad));
  }
  std::string deep;
  for (int i = 0; i < 1000; i++) deep += "GEOMETRYCOLLECTION(";
  CHECK_FALSE(wkb_from_wkt(deep));
  std::string wkb =
      *wkb_from_wkt("GEOMETRYCOLLECTION(POINT(1 2), LINESTRING(1 2, 3 4), POLYGON((0 0, 1 0, 1 1, 0 0)))");
  for (size_t n = 0; n < wkb.size(); n++) CHECK_FALSE(wkt_from_wkb(wkb.substr(0, n)));
  CHECK_FALSE(wkt_from_wkb(wkb + "x"));
}

TEST_CASE("sandbox formats: decimals") {
  auto text = [](const char *s, int p, int scale) { return decimal_text(*decimal_from_text(s, {p, scale}), scale); };
  CHECK(text("1.005", 10, 2) == "1.01");
  CHECK(text("-1.005", 10, 2) == "-1.01");
  CHECK(text("1.004999", 10, 2) == "1.00");
  CHECK(text("12e3", 10, 2) == "12000.00");
  CHECK(text("12.5e-3", 10, 4) == "0.0125");
  CHECK(text(".5", 3, 1) == "0.5");
  CHECK(text("0", 3, 2) == "0");
  CHECK(text("-0.01", 3, 2) == "-0.01");
  CHECK(text("1e-400", 38, 10) == "0");
  CHECK(text("99999999999999999999999999999999999999", 38, 0) == "99999999999999999999999999999999999999");
  for (const char *bad : {"", ".", "-", "x", "1x", "1e", "1.2.3", "1 "}) CHECK_FALSE(decimal_from_text(bad, {10, 2}));
  auto code = [](auto f) {
    try {
      f();
    } catch (const SqlError &e) {
      return e.code;
    }
    return 0;
  };
  CHECK(code([] { (void)decimal_from_text("123456789.0", {10, 2}); }) == kErrDecimalOverflow);
  CHECK(code([] { (void)decimal_from_text("99.995", {4, 2}); }) == kErrDecimalOverflow);
  CHECK(code([] { (void)decimal_from_text("1e38", {38, 0}); }) == kErrDecimalOverflow);
  CHECK(code([] { (void)decimal_from_text("1e99999999999", {38, 0}); }) == kErrDecimalOverflow);

  CHECK(decimal_compare(10, 1, 100, 2) == 0);
  CHECK(decimal_compare(-1, 0, power_of_ten(37), 38) < 0);
  CHECK(decimal_compare(power_of_ten(37), 0, power_of_ten(37), 38) > 0);
  CHECK(decimal_rescale(125, 2, 1) == 13);
  CHECK(decimal_rescale(-125, 2, 1) == -13);
  CHECK(decimal_rescale(124, 2, 0) == 1);
  // Against integer arithmetic.
  for (int a : {-987654321, -7, 0, 1, 123456789}) {
    for (int b : {-1000003, -3, 2, 99991}) {
      DecimalType t{19, 0};
      CHECK(*decimal_calculate('+', a, t, b, t, {38, 0}) == a + b);
      CHECK(*decimal_calculate('-', a, t, b, t, {38, 0}) == a - b);
      CHECK(*decimal_calculate('*', a, t, b, t, {38, 0}) == static_cast<Int128>(a) * b);
      CHECK(*decimal_calculate('%', a, t, b, t, {38, 0}) == a % b);
      CHECK(*decimal_calculate('/', a, t, b, t, {38, 0}) ==
            static_cast<Int128>(std::llround(static_cast<double>(a) / b)));
    }
  }
  Int128 big = power_of_ten(37);  // 10^37 / 0.1
  CHECK(code([&] { (void)decimal_calculate('/', big, {38, 0}, big, {38, 38}, {38, 0}); }) == kErrDecimalOverflow);
  CHECK(*decimal_calculate('/', big, {38, 0}, 1, {1, 0}, {38, 0}) == big);
  CHECK(*decimal_calculate('*', big, {38, 37}, big, {38, 37}, {38, 37}) == big);
  CHECK_FALSE(decimal_calculate('/', 1, {1, 0}, 0, {1, 0}, {38, 6}));
}

TEST_CASE("sandbox formats: tokens") {
  std::string sql = "a1 `B``c` 'it''s \\' x' 12 0x1f 1.5e3 10s >= <> -> /* c */ ? 1abc -- end";
  Lexer lexer(sql);
  auto next = [&] { return lexer.next(); };
  CHECK(next().kind == TokenKind::kName);
  Token t = next();
  CHECK(t.kind == TokenKind::kQuotedName);
  CHECK(unquote_name(t.text) == "B`c");
  t = next();
  CHECK(t.kind == TokenKind::kString);
  CHECK(unescape(t.text) == "it's ' x");
  CHECK(next().kind == TokenKind::kInteger);
  CHECK(next().text == "0x1f");
  CHECK(next().kind == TokenKind::kFloat);
  CHECK(next().kind == TokenKind::kDuration);
  CHECK(next().text == ">=");
  CHECK(next().text == "<>");
  CHECK(next().text == "->");
  CHECK(next().text == "?");
  CHECK(next().text == "1");
  CHECK(next().text == "abc");
  CHECK(next().kind == TokenKind::kEnd);
  CHECK(next().kind == TokenKind::kEnd);
  for (const char *bad : {"'x", "\"x", "`x", "'x\\'", "$", "\x01"})
    CHECK(Lexer(bad).next().kind == TokenKind::kIllegal);
  CHECK(fold_case("SELECT 'Aa', \"Bb\", `Cc`, DD") == "select 'Aa', \"Bb\", `Cc`, dd");
  CHECK(is_reserved("select"));
  CHECK_FALSE(is_reserved("meters"));
}

TEST_CASE("sandbox formats: JSON") {
  CHECK(canonical_json(" {\"b\":1, \"a\":\"x\"} ") == "{\"a\":\"x\",\"b\":1}");
  CHECK(canonical_json("").empty());
  CHECK(canonical_json("{}").empty());
  CHECK(canonical_json("NULL").empty());
  auto m = json_member("{\"a\":1.25,\"b\":null}", "a");
  REQUIRE(m);
  CHECK(m->text == "1.250000000");
  CHECK(json_member("{\"a\":1,\"b\":null}", "b")->text == "null");
  CHECK_FALSE(json_member("{\"a\":1}", "c"));
  CHECK_FALSE(json_member("nonsense", "c"));
}
