// Schemaless writes: the three protocols, tables made on the way.
#include "sandbox_support.h"

using namespace sandbox_test;

namespace {

struct Points : Box {
  std::string message;
  Points() { use("d"); }

  int write(int protocol, const std::string &data, const std::string &precision = "", const std::string &key = "") {
    SchemalessWrite w;
    w.protocol = protocol;
    w.precision = precision;
    w.table_name_key = key;
    w.data = data;
    int64_t affected = 0, total = 0;
    message.clear();
    int code = engine->write_schemaless(session, w, &affected, &total, &message);
    if (code == 0) CHECK(affected <= total);
    return code;
  }
  std::string columns(const std::string &table) {
    std::string text;
    for (auto &row : run("describe `" + table + "`").table.rows)
      text += (text.empty() ? "" : ",") + std::get<std::string>(row[0]) + ":" + std::get<std::string>(row[1]) + ":" +
              std::to_string(std::get<int64_t>(row[2]));
    return text;
  }
};

constexpr int kLine = 1, kTelnet = 2, kJsonPoints = 3;

}  // namespace

TEST_CASE("sandbox schemaless: values of lines") {
  Points box;
  struct {
    const char *text, *type, *value;
  } cases[] = {{"1", "DOUBLE", "1"},
               {"-1.5e3", "DOUBLE", "-1500"},
               {"2f64", "DOUBLE", "2"},
               {"2.5f32", "FLOAT", "2.5"},
               {"-128i8", "TINYINT", "-128"},
               {"32767i16", "SMALLINT", "32767"},
               {"7i32", "INT", "7"},
               {"7i64", "BIGINT", "7"},
               {"7i", "BIGINT", "7"},
               {"255u8", "TINYINT UNSIGNED", "255u"},
               {"65535u16", "SMALLINT UNSIGNED", "65535u"},
               {"7u32", "INT UNSIGNED", "7u"},
               {"18446744073709551615u64", "BIGINT UNSIGNED", "18446744073709551615u"},
               {"-9223372036854775808i64", "BIGINT", "-9223372036854775808"},
               {"t", "BOOL", "true"},
               {"FALSE", "BOOL", "false"},
               {"\"a b,c=d\\\"\\\\\"", "VARCHAR", "a b,c=d\"\\"},
               {"\"\"", "VARCHAR", ""},
               {"L\"\xe6\xb6\x9b\"", "NCHAR", "\xe6\xb6\x9b"},
               {"B\"\\x00ff\"", "VARBINARY", "x00ff"}};
  int n = 0;
  for (auto &c : cases) {
    std::string table = "m" + std::to_string(n++);
    INFO(c.text);
    REQUIRE(box.write(kLine, table + ",k=1 v=" + c.text + " 1", "ms") == 0);
    CHECK(box.columns(table).find(std::string(",v:") + c.type + ":") != std::string::npos);
    CHECK(box.rows("select v from " + table) == c.value);
  }
  for (const char *bad : {"", "x", "1i9", "128i8", "-1u8", "65536u16", "1e999", "4e38f32", "9223372036854775808i64",
                          "tru", "\"open", "X\"x\"", "L\"\xff\"", "B\"\\xzz\"", "G\"nowhere\"", "1 2x"}) {
    INFO(bad);
    CHECK(box.write(kLine, std::string("bad,k=1 v=") + bad + " 1", "ms") != 0);
  }
  CHECK(box.rows("select count(*) from information_schema.ins_stables where stable_name = 'bad'") == "0");
}

TEST_CASE("sandbox schemaless: tables are made, extended and widened") {
  Points box;
  REQUIRE(box.write(kLine, "m.x,b=1,a=2 v=1i8 1\nm.x,a=2,b=1,c=33 w=\"abc\" 2", "ms") == 0);
  CHECK(box.columns("m_x") == "_ts:TIMESTAMP:8,v:TINYINT:1,w:VARCHAR:4,b:NCHAR:2,a:NCHAR:2,c:NCHAR:4");
  // The order of tags does not make another table, another tag does.
  CHECK(box.rows("select count(*) from (select distinct tbname from m_x)") == "2");
  REQUIRE(box.write(kLine, "m.x,a=2,b=1 w=\"abcdefgh\",z=true 1", "ms") == 0);
  CHECK(box.columns("m_x") == "_ts:TIMESTAMP:8,v:TINYINT:1,w:VARCHAR:16,z:BOOL:1,b:NCHAR:2,a:NCHAR:2,c:NCHAR:4");
  CHECK(box.rows("select _ts, v, w, z, a, b, c from m_x order by _ts") ==
        "1,1,abcdefgh,true,2,1,NULL|2,NULL,abc,NULL,2,1,33");
  REQUIRE(box.write(kLine, "plain v=1 1", "ms") == 0);
  CHECK(box.columns("plain") == "_ts:TIMESTAMP:8,v:DOUBLE:8,_tag_null:NCHAR:1");
  REQUIRE(box.write(kLine, "named,t=Tab,u=1 v=1 1", "ms", "t") == 0);
  CHECK(box.rows("select tbname, u from named") == "Tab,1");
  CHECK(box.write(kLine, "other,t=Tab v=1 1", "ms", "t") == 0x0603);
  CHECK(box.write(kLine, "m.x,v=1 q=1 1", "ms") == 0x263c);
}

TEST_CASE("sandbox schemaless: times") {
  for (const char *precision : {"ms", "us", "ns"}) {
    Points box;
    box.use("times", std::string("precision '") + precision + "'");
    int64_t unit = precision[0] == 'm' ? 1 : precision[0] == 'u' ? 1000 : 1000000;
    std::string want = std::to_string(1672002000000 * unit);
    for (auto &[p, time] : {std::pair{"h", "464445"},
                            {"m", "27866700"},
                            {"s", "1672002000"},
                            {"ms", "1672002000000"},
                            {"u", "1672002000000000"},
                            {"ns", "1672002000000000000"},
                            {"", "1672002000000000000"}})
      REQUIRE(box.write(kLine, std::string("p,k=") + (*p ? p : "none") + " v=1 " + time, p) == 0);
    CHECK(box.rows("select distinct _ts from p") == want);
    REQUIRE(box.write(kTelnet, "tel 1672002000 1 k=s\ntel 1672002000000 1 k=ms") == 0);
    CHECK(box.rows("select distinct _ts from tel") == want);
    REQUIRE(box.write(kJsonPoints, R"([{"metric":"j","timestamp":1672002000,"value":1,"tags":{"k":1}},
                                       {"metric":"j","timestamp":{"value":1672002000000,"type":"ms"},"value":1,"tags":{"k":2}}])") ==
            0);
    CHECK(box.rows("select distinct _ts from j") == want);
    REQUIRE(box.write(kLine, "now v=1\nnow,k=1 v=1 0") == 0);
    CHECK(box.rows("select count(*) from now where _ts > now - 1h and _ts <= now") == "2");
  }
}

TEST_CASE("sandbox schemaless: one bad point leaves nothing behind") {
  Points box;
  CHECK(box.write(kLine, "ok,k=1 v=1 1\nbroken", "ms") == 0x3002);
  CHECK(box.write(kLine, "ok,k=1 v=1 1\nok,k=1 v=\"x\" 1", "ms") == 0x3004);
  CHECK(box.write(kTelnet, "ok 1672002000 1 k=1\nok x 1 k=1") == 0x0127);
  CHECK(box.write(kJsonPoints, R"([{"metric":"ok","timestamp":1672002000,"value":1,"tags":{"k":1}},{}])") == 0x0221);
  CHECK(box.write(kLine, "ok,k=1 v=1 1\nok,k=2 v=1 31556995200001000000") != 0);
  CHECK(box.write(9, "ok v=1") == 0x3000);
  CHECK(box.rows("show stables") == "");
  box.session.db = "nodb";
  CHECK(box.write(kLine, "ok v=1") == 0x0388);
  box.session.db.clear();
  CHECK(box.write(kLine, "ok v=1") == 0x2616);
}
