// INSERT in all its forms, and DELETE.
#include <cstdlib>

#include "sandbox_support.h"

using namespace sandbox_test;

namespace {

struct Meters : Box {
  Meters() {
    use("d");
    ok("create table t (ts timestamp, v int, s varchar(20))");
    ok("create table st (ts timestamp, v int, s varchar(20)) tags (g int, n nchar(10))");
  }
};

}  // namespace

TEST_CASE("sandbox insert: values") {
  Meters box;
  CHECK(box.ok("insert into t values (1, 1, 'a')") == 1);
  CHECK(box.ok("insert into d.t values (2, 2, 'b') (3, 3, 'c'), (4, null, NULL)") == 3);
  CHECK(box.ok("insert into t (v, ts) values (5, 5)") == 1);
  CHECK(box.ok("INSERT INTO T (TS, `v`) VALUES (6, 6);") == 1);
  CHECK(box.rows("select * from t") == "1,1,a|2,2,b|3,3,c|4,NULL,NULL|5,5,NULL|6,6,NULL");
}

TEST_CASE("sandbox insert: the same time again") {
  Meters box;
  CHECK(box.ok("insert into t values (1, 1, 'a') (1, 2, 'b') (1, 3, null)") == 1);
  CHECK(box.rows("select * from t") == "1,3,NULL");
  CHECK(box.ok("insert into t (ts, s) values (1, 'x')") == 1);
  CHECK(box.rows("select * from t") == "1,3,x");
  CHECK(box.ok("insert into t values (2, 1, 'a') t values (2, 2, 'b') (3, 3, 'c')") == 2);
  CHECK(box.rows("select * from t where ts = 2") == "2,2,b");
}

TEST_CASE("sandbox insert: subtables") {
  Meters box;
  CHECK(box.ok("insert into c1 using st tags (1, '一') values (1, 10, 'a') (2, 20, 'b') "
               "c2 using st (n) tags ('zwei') (ts, v) values (1, 30) c1 values (3, 40, null) "
               "t values (1, 1, 'plain')") == 5);
  CHECK(box.rows("select tbname, * from st order by tbname, ts") ==
        "c1,1,10,a,1,一|c1,2,20,b,1,一|c1,3,40,NULL,1,一|c2,1,30,NULL,NULL,zwei");
  // Tags of a table that is there are read and forgotten.
  CHECK(box.ok("insert into c1 using st tags (99, 'x') values (4, 1, null)") == 1);
  CHECK(box.rows("select distinct g from c1") == "1");
  CHECK(box.ok("insert into c3 (ts, s) using st tags (3, null) values (1, 's')") == 1);
  CHECK(box.rows("select * from c3") == "1,NULL,s");
  box.ok("create table other (ts timestamp, v int) tags (g int)");
  CHECK(box.error("insert into c1 using other tags (1) values (1, 1)").rfind("0x0603", 0) == 0);
  CHECK(box.error("insert into t using st tags (1, 'x') values (1, 1, 'a')").rfind("0x0603", 0) == 0);
}

TEST_CASE("sandbox insert: rows that name their subtable") {
  Meters box;
  CHECK(box.ok("insert into st (tbname, ts, v, g, n) values ('x', 1, 1, 7, 'seven') ('y', 1, 2, 8, null) ('x', 2, 3, "
               "9, 'no')") == 3);
  CHECK(box.rows("select tbname, ts, v, g, n from st order by tbname, ts") ==
        "x,1,1,7,seven|x,2,3,7,seven|y,1,2,8,NULL");
  CHECK(box.ok("insert into st (ts, tbname) values (5, 'Z 1')") == 1);
  CHECK(box.rows("select * from `Z 1`") == "5,NULL,NULL");
  CHECK(box.error("insert into st (ts, v) values (1, 1)").rfind("0x0200", 0) == 0);
  CHECK(box.error("insert into st (tbname, v) values ('a', 1)").rfind("0x0200", 0) == 0);
  CHECK(box.error("insert into st (tbname, ts) values (null, 1)").rfind("0x0200", 0) == 0);
  CHECK(box.error("insert into st (tbname, ts, w) values ('a', 1, 1)") == "0x2602 Invalid column name: w");
}

TEST_CASE("sandbox insert: times") {
  Meters box;
  auto time = [&](const std::string &literal) {
    box.ok("delete from t");
    box.ok("insert into t (ts) values (" + literal + ")");
    return box.rows("select ts from t");
  };
  CHECK(time("'2024-01-01 00:00:00'") == "1704067200000");
  CHECK(time("'2024-01-01'") == "1704067200000");
  CHECK(time("\"2024-01-01 00:00:00.1239\"") == "1704067200123");
  CHECK(time("'2024-02-29T23:59:59.999Z'") == "1709251199999");
  CHECK(time("'2024-01-01T08:00:00+08:00'") == "1704067200000");
  CHECK(time("'2024-01-01 08:00:00+0800'") == "1704067200000");
  CHECK(time("'2024-01-01 00:00:00' + 1h - 1s") == "1704070799000");
  CHECK(time("1704067200000 + 1n") == "1706745600000");
  CHECK(time("-1000") == "-1000");
  CHECK(time("'1704067200000'") == "1704067200000");
  int64_t now = std::stoll(time("now"));
  CHECK(std::llabs(now - std::stoll(time("now() + 1d")) + 86400000) < 60000);
  CHECK(std::stoll(time("today()")) % 86400000 == 0);
  box.session.tz = "Asia/Shanghai";
  CHECK(time("'2024-01-01 08:00:00'") == "1704067200000");
  CHECK(time("'2024-01-01T00:00:00Z'") == "1704067200000");
  for (const char *bad :
       {"'2024-02-30'", "'2024-01-01 24:00:00'", "'2024-01-01 10:00'", "'24-01-01'", "1.5", "true", "'x'",
        "'2024-01-01 00:00:00 UTC'", "'2024-01-01T00:00:00+99:00'", "1 + 1", "now + 1x", "now +", "''"}) {
    INFO(bad);
    CHECK(box.run("insert into t (ts) values (" + std::string(bad) + ")").code != 0);
  }
}

TEST_CASE("sandbox insert: precisions") {
  const std::pair<const char *, const char *> cases[] = {
      {"ms", "1704067200123"}, {"us", "1704067200123456"}, {"ns", "1704067200123456789"}};
  for (auto &[precision, ticks] : cases) {
    Box box;
    box.use("d", "precision '" + std::string(precision) + "'");
    box.ok("create table t (ts timestamp, v timestamp)");
    box.ok("insert into t values ('2024-01-01 00:00:00.123456789', '2024-01-01 00:00:00.123456789')");
    CHECK(box.rows("select * from t") == std::string(ticks) + "," + ticks);
    CHECK(box.run("select * from t").table.precision == (precision[0] == 'm' ? 0 : precision[0] == 'u' ? 1 : 2));
    CHECK(box.rows("select count(*) from t where ts = '2024-01-01 00:00:00.123456789'") == "1");
    CHECK(box.rows("select ts + 1s - ts, ts - 1a < ts from t").rfind("1000", 0) == 0);
    CHECK(box.ok("insert into t values (now, now+1a)") == 1);
  }
}

TEST_CASE("sandbox insert: how long rows are kept") {
  Box box;
  box.ok("create database d keep 10");
  box.ok("use d");
  box.ok("create table t (ts timestamp, v int)");
  CHECK(box.ok("insert into t values (now - 9d, 1)") == 1);
  CHECK(box.error("insert into t values (now - 11d, 1)") == "0x060b Timestamp data out of range");
  CHECK(box.ok("insert into t values ('2960-01-01', 1)") == 1);
  CHECK(box.error("insert into t values ('2980-01-01', 1)") == "0x060b Timestamp data out of range");
}

TEST_CASE("sandbox insert: text") {
  Box box;
  box.use("d");
  box.ok("create table t (ts timestamp, s varchar(40), n nchar(10), vb varbinary(10), b blob)");
  box.ok(R"(insert into t values (1, 'it''s \"q\" \\ \n', "say ""x""", 'plain', 'hello'))");
  box.ok(R"(insert into t values (2, '\x41\%\_\a', '漢\t', '\x00fF10', '\x0001'))");
  box.ok("insert into t values (3, '', '', '', '') (4, null, null, null, null) (5, 12.50, -3, 77, 1)");
  CHECK(box.rows("select s, n, vb, b from t") ==
        "it's \"q\" \\ \n,say \"x\",x706c61696e,x68656c6c6f|\\x41\\%\\_a,漢\t,x00ff10,x0001|,,x,x|NULL,NULL,NULL,NULL|"
        "12.50,-3,x3737,x31");
  CHECK(box.rows("select length(s), length(n), char_length(n) from t where ts = 2") == "9,8,2");
}

TEST_CASE("sandbox insert: numbers") {
  Box box;
  box.use("d");
  box.ok("create table t (ts timestamp, b bool, i bigint, u bigint unsigned, f float, d double, c decimal(10,2))");
  box.ok("insert into t values (1, true, -9223372036854775808, 18446744073709551615, 1e3, 2.5e-3, 1.005)");
  box.ok("insert into t values (2, 0, 0x1F, 0b101, 1, '2.5', '-1.005')");
  box.ok("insert into t values (3, 'TRUE', 9223372036854775807, 1.5, -0.1, true, 1e2)");
  box.ok("insert into t values (4, 2.5, -2.5, '7', 0, 0, null)");
  CHECK(box.rows("select b, i, u, f, d, c from t") ==
        "true,-9223372036854775808,18446744073709551615u,1000,0.0025,1.01|false,31,5u,1,2.5,-1.01|"
        "true,9223372036854775807,2u,-0.10000000149,1,100.00|true,-3,7u,0,0,NULL");
}

TEST_CASE("sandbox insert: from a query") {
  Meters box;
  box.ok("insert into c1 using st tags (1, 'a') values (1, 10, 'x') (2, 20, 'y')");
  CHECK(box.ok("insert into t select ts + 10s, v, s from c1") == 2);
  CHECK(box.ok("insert into t (v, ts) select v * 2, ts from c1 where v > 10") == 1);
  CHECK(box.rows("select * from t") == "2,40,NULL|10001,10,x|10002,20,y");
  CHECK(box.ok("insert into st (tbname, ts, v, g) select 'auto1', ts, v, 5 from t") == 3);
  CHECK(box.rows("select count(*), sum(v), first(g) from auto1") == "3,70,5");
  CHECK(box.error("insert into t select ts, v from c1") == "0x263f Illegal number of columns");
  CHECK(box.error("insert into t select ts, v, nosuch from c1") == "0x2602 Invalid column name: nosuch");
  CHECK(box.error("insert into t select ts, v, s from c1)") == "0x2600 syntax error near \")\"");
}

TEST_CASE("sandbox insert: malformed") {
  Meters box;
  for (const char *sql : {"insert t values (1, 1, 'a')",
                          "insert into",
                          "insert into t",
                          "insert into t values",
                          "insert into t values (",
                          "insert into t values (1",
                          "insert into t values (1,",
                          "insert into t values (1, 1, 'a'",
                          "insert into t values (1, 1, 'a)",
                          "insert into t values (1 1 'a')",
                          "insert into t (",
                          "insert into t (ts",
                          "insert into t (ts,) values (1)",
                          "insert into t (ts, ts) values (1, 1)",
                          "insert into t () values ()",
                          "insert into c using",
                          "insert into c using st",
                          "insert into c using st tags",
                          "insert into c using st tags (1, 'x'",
                          "insert into c using st (g tags (1) values (1,1,1)",
                          "insert into c using st (nosuch) tags (1) values (1, 1, 'x')",
                          "insert into t values (1, 1, 'a') x",
                          "insert into t values (now(, 1, 'a')",
                          "insert into t values (@, 1, 'a')",
                          "insert into t values (1, abc, 'a')",
                          "insert into 5 values (1)",
                          "insert into d. values (1)",
                          "insert into nosuch.t values (1, 1, 'a')"}) {
    INFO(sql);
    CHECK(box.run(sql).code != 0);
  }
  CHECK(box.rows("select count(*) from t") == "0");
  CHECK(box.rows("show tables") == "t");
}

TEST_CASE("sandbox insert: delete") {
  Meters box;
  box.ok(
      "insert into c1 using st tags (1, 'a') values (1, 1, 'x') (2, 2, 'y') (3, 3, 'z') "
      "c2 using st tags (2, 'b') values (1, 1, 'x') (5, 5, 'y')");
  CHECK(box.ok("delete from c1 where ts = 2") == 1);
  CHECK(box.ok("delete from c1 where ts = 99") == 0);
  CHECK(box.error("delete from c1 where v = 1").rfind("0x2656", 0) == 0);
  CHECK(box.ok("delete from st where ts >= 3 and g = 2") == 1);
  CHECK(box.rows("select tbname, ts from st") == "c1,1|c1,3|c2,1");
  CHECK(box.ok("delete from st where ts < 2") == 2);
  CHECK(box.ok("delete from c1") == 1);
  CHECK(box.error("delete from nosuch") == "0x2603 Table does not exist");
}

TEST_CASE("sandbox insert: many rows") {
  Meters box;
  int64_t expected = 0;
  for (int part = 0; part < 4; part++) {
    std::string sql = "insert into t values";
    for (int i = 0; i < 25000; i++)
      sql += " (" + std::to_string(part * 25000 + i) + "," + std::to_string(i) + ",'r" + std::to_string(i) + "')";
    CHECK(box.ok(sql) == 25000);
    expected += 25000LL * 24999 / 2;
  }
  CHECK(box.rows("select count(*), sum(v) from t") == "100000," + std::to_string(expected));
}
