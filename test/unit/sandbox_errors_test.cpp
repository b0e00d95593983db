// Wrong statements: codes and texts as a TDengine 3.3.7.5 gives them (test/conformance/expected/native/errors.txt).
#include "sandbox_support.h"

using namespace sandbox_test;

namespace {

struct Wrong {
  const char *sql, *answer;
};

}  // namespace

TEST_CASE("sandbox errors: syntax") {
  Box box;
  const Wrong cases[] = {
      {"", "0x2601 Incomplete SQL statement"},
      {" ", "0x2601 Incomplete SQL statement"},
      {";", "0x2600 syntax error near \";\""},
      {"selec 1", "0x2600 syntax error near \"selec 1\""},
      {"select", "0x2601 Incomplete SQL statement"},
      {"select 1 from", "0x2601 Incomplete SQL statement"},
      {"select * from", "0x2601 Incomplete SQL statement"},
      {"create", "0x2601 Incomplete SQL statement"},
      {"create table", "0x2601 Incomplete SQL statement"},
      {"insert into", "0x2601 Incomplete SQL statement"},
      {"drop", "0x2601 Incomplete SQL statement"},
      {"use", "0x2601 Incomplete SQL statement"},
      {"select 'abc", "0x2600 unrecognized token: \"'abc\""},
      {"select (1", "0x2601 Incomplete SQL statement"},
      {"select 1)", "0x2600 syntax error near \")\""},
      {"select 1; select 2", "ok"},
      {"-- comment", "0x2601 Incomplete SQL statement"},
      {"/* c */ select 1", "ok"},
      {"select 1 -- c", "ok"},
      {"select @x", "0x2600 unrecognized token: \"@x\""},
      {"select \"a\"", "ok"},
      {"insert into t values", "0x0200 db is not specified"},
      {"alter database", "0x2601 Incomplete SQL statement"},
      {"show nothing", "0x2601 Incomplete SQL statement"},
      {"select * from t where", "0x2616 Database not specified"},
      {"select 1 limit -1", "0x2600 syntax error near \"-1\""},
      {"select cast(1 as nosuch)", "0x2600 syntax error near \"nosuch)\""},
      {"select nosuchfunc(1)", "0x0374 Func not exists"},
      {"select abs('x')", "0x2802 Invalid parameter data type : abs"},
      {"select abs()", "0x2600 syntax error near \")\""},
      {"select 1 + 'a'", "ok"},
      {"select count(*)", "0x2602 Invalid column name: *"},
      {"kill query 'x'", "0x030c Invalid query id"},
      {"begin", "0x2600 syntax error near \"begin\""},
      {"explain", "0x2601 Incomplete SQL statement"},
      {"SELECT TTL FROM X", "0x2600 syntax error near \"ttl from x\""},
  };
  for (auto &c : cases) {
    INFO(c.sql);
    CHECK(box.error(c.sql) == c.answer);
  }
}

TEST_CASE("sandbox errors: objects") {
  Box box;
  const Wrong cases[] = {
      {"use pc_err", "0x0388 Database not exist"},
      {"select * from pc_err.t", "0x0388 Database not exist"},
      {"select * from t", "0x2616 Database not specified"},
      {"create table t (ts timestamp, v int)", "0x2616 Database not specified"},
      {"insert into t values (1, 1)", "0x0200 db is not specified"},
      {"drop database pc_err", "0x0388 Database not exist"},
      {"drop database if exists pc_err", "ok"},
      {"create database pc_err keep 36500", "ok"},
      {"create database pc_err", "0x0381 Database already exists"},
      {"create database if not exists pc_err", "ok"},
      {"use pc_err", "ok"},
      {"select * from nosuch", "0x2603 Table does not exist"},
      {"drop table nosuch", "0x2603 Table does not exist"},
      {"drop table if exists nosuch", "ok"},
      {"create table t (ts timestamp, v int)", "ok"},
      {"create table t (ts timestamp, v int)", "0x0603 Table already exists"},
      {"create table if not exists t (ts timestamp, v int)", "ok"},
      {"create table t2 (v int, ts timestamp)", "0x2641 First column must be timestamp"},
      {"create table t2 (ts timestamp)", "0x263f Illegal number of columns"},
      {"create table t2 (ts timestamp, ts int)", "0x263c Duplicated column names"},
      {"create table t2 (ts timestamp, v nosuch)", "0x2600 syntax error near \"nosuch)\""},
      {"create table t2 (ts timestamp, v varchar)", "0x2600 syntax error near \")\""},
      {"create table t2 (ts timestamp, v varchar(70000))", "0x2642 Invalid column length for var length type"},
      {"create table t2 (ts timestamp, v decimal(40,2))",
       "0x2602 Invalid column type DECIMAL(40,2) , invalid precision or scale"},
      {"create table t2 (ts timestamp, v decimal(10,12))",
       "0x2602 Invalid column type DECIMAL(10,12) , invalid precision or scale"},
      {"create table t2 (ts timestamp, a blob, b blob)", "0x6306 only one blob column allowed"},
      {"create stable s (ts timestamp, v int) tags (g int)", "ok"},
      {"create stable s (ts timestamp, v int) tags (g int)", "0x0360 STable already exists"},
      {"insert into s values (1, 1)",
       "0x0216 syntax error near ' values (1, 1)' ((...tbname, ts...) bounded cols is expected for supertable "
       "insertion)"},
      {"insert into c using s values (1, 1)", "0x0216 syntax error near 'values (1, 1)' (TAGS is expected)"},
      {"insert into c using s tags () values (1, 1)",
       "0x0216 syntax error near ') values (1, 1)' (invalid data or symbol)"},
      {"insert into c using s tags (1, 2) values (1, 1)", "0x260d Tags number not matched"},
      {"insert into c using s tags ('x') values (1, 1)", "0x0216 syntax error near 'x' (invalid int data)"},
      {"insert into c using nosuch tags (1) values (1, 1)", "0x2603 Table does not exist"},
      {"insert into c using t tags (1) values (1, 1)", "0x0216 syntax error near '1) values (1, 1)' () is expected)"},
      {"insert into t values (1)", "0x0216 syntax error near ')' (, expected)"},
      {"insert into t values (1, 2, 3)", "0x263f Illegal number of columns"},
      {"insert into t (ts) values (1, 2)", "0x263f Illegal number of columns"},
      {"insert into t (v) values (1)", "0x0200 Primary timestamp column should not be null"},
      {"insert into t values (null, 1)",
       "0x0216 syntax error near 'null, 1)' (Primary timestamp column should not be null)"},
      {"insert into t values ('2024-13-45', 1)", "0x0216 syntax error near '2024-13-45' (invalid timestamp)"},
      {"insert into t values (-99999999999999, 1)", "0x060b Timestamp data out of range"},
      {"insert into t (ts, nosuch) values (1, 1)", "0x2602 Invalid column name: nosuch"},
      {"insert into nosuch values (1, 1)", "0x2603 Table does not exist"},
      {"select nosuch from t", "0x2602 Invalid column name: nosuch"},
      {"select t.v, x.v from t", "0x2603 Table does not exist: x"},
      {"select v from t group by nosuch", "0x2602 Invalid column name: nosuch"},
      {"select count(*), v from t", "0x260c Not a single-group group function"},
      {"select * from t interval(1s)", "0x2667 Invalid usage of expr: ts"},
      {"select tbname from t where tbname = 1", "ok"},
      {"alter table t add column v int", "0x263c Duplicated column names"},
      {"alter table t drop column nosuch", "0x2651 No columns can be dropped"},
      {"alter table t drop column ts", "0x2651 No columns can be dropped"},
      {"create index i on nosuch (x)", "0x2603 Table does not exist"},
      {"drop topic pc_err_nosuch", "0x03e1 Topic not exist"},
      {"drop topic if exists pc_err_nosuch", "ok"},
      {"create user root pass 'x'", "0x2611 Password too short or empty"},
      {"create user pc_e pass ''", "0x2611 Password too short or empty"},
      {"create user pc_e pass 'short'", "0x2611 Password too short or empty"},
      {"drop user pc_no_user", "0x0351 Invalid user"},
      {"drop user root", "0x2644 Permission denied or target object not exist"},
      {"create database pc_err2 precision 'xx'", "0x2619 Invalid option precision: xx"},
      {"create database pc_err2 replica 3", "0x0334 Out of dnodes"},
      {"create database pc_err2 vgroups 0", "0x2619 Invalid option vgroups: 0, valid range: [1, 1024]"},
      {"create database pc_err2 keep -1", "0x2600 syntax error near \"-1\""},
      {"explain select count(*) from nosuch", "0x2603 Table does not exist"},
      {"update t set v = 2", "0x2600 syntax error near \"t set v = 2\""},
  };
  for (auto &c : cases) {
    INFO(c.sql);
    CHECK(box.error(c.sql) == c.answer);
  }
}

TEST_CASE("sandbox errors: identifiers") {
  Box box;
  box.use("d");
  std::string x(300, 'x');
  CHECK(box.error("create table " + x.substr(0, 192) + " (ts timestamp, v int)") == "ok");
  CHECK(box.error("create table " + x.substr(0, 193) + " (ts timestamp, v int)") ==
        "0x2617 Invalid identifier name: " + x.substr(0, 193) + " (ts timestamp, v int)");
  CHECK(box.error("create database " + x.substr(0, 64)) == "ok");
  CHECK(box.error("create database " + x.substr(0, 65) + " vgroups 1") ==
        "0x2617 Invalid identifier name: " + x.substr(0, 65) + " vgroups 1");
  CHECK(box.error("create table t (ts timestamp, " + x.substr(0, 65) + " int)") ==
        "0x2617 Invalid identifier name: " + x.substr(0, 65) + " int)");
  CHECK(box.error("create table `Has Space` (ts timestamp, `a b` int)") == "ok");
  CHECK(box.error("insert into `Has Space` values (1, 1)") == "ok");
  CHECK(box.fields("select * from `Has Space`") == "ts:9:8,a b:4:4");
  CHECK(box.error("select * from `has space`") == "0x2603 Table does not exist");
  CHECK(box.error("create table `select` (ts timestamp, v int)") == "ok");
  CHECK(box.error("create table select (ts timestamp, v int)") ==
        "0x2600 syntax error near \"select (ts timestamp, v int)\"");
  CHECK(box.error("create table 1abc (ts timestamp, v int)") ==
        "0x2600 syntax error near \"1abc (ts timestamp, v int)\"");
  CHECK(box.error("create table a.b.c (ts timestamp, v int)") ==
        "0x2600 syntax error near \".c (ts timestamp, v int)\"");
  CHECK(box.error("create table `a.b` (ts timestamp, v int)") == "0x2617 The table name cannot contain '.'");
}

TEST_CASE("sandbox errors: values") {
  Box box;
  box.use("d");
  box.ok(
      "create table t (ts timestamp, b bool, i1 tinyint, i4 int, u1 tinyint unsigned, u8 bigint unsigned, f float, d "
      "double, "
      "s varchar(8), n nchar(8), vb varbinary(8), g geometry(64), c decimal(10,2))");
  const Wrong cases[] = {
      {"i1) values (1, 128)", "0x0216 syntax error near '128)' (tinyint data overflow)"},
      {"i1) values (1, -129)", "0x0216 syntax error near '-129)' (tinyint data overflow)"},
      {"u1) values (1, 256)", "0x0216 syntax error near '256)' (unsigned tinyint data overflow)"},
      {"u1) values (1, -1)", "0x0216 syntax error near '-1)' (invalid unsigned tinyint data)"},
      {"i4) values (1, 2147483648)", "0x0216 syntax error near '2147483648)' (int data overflow)"},
      {"u8) values (1, 18446744073709551616)",
       "0x0216 syntax error near '18446744073709551616)' (invalid unsigned bigint data)"},
      {"b) values (1, 'maybe')", "0x0216 syntax error near 'maybe' (invalid bool data)"},
      {"i4) values (1, 'x')", "0x0216 syntax error near 'x' (invalid int data)"},
      {"i4) values (1, '12')", "ok"},
      {"i4) values (1, 1.6)", "ok"},
      {"s) values (1, 12)", "ok"},
      {"vb) values (1, '\\xzz')", "0x266a Invalid varbinary value: vb"},
      {"g) values (1, 'POINT(')", "0x0216 syntax error near 'POINT(' (Invalid function para value)"},
      {"f) values (1, 'abc')", "0x0216 syntax error near 'abc' (illegal float data)"},
      {"f) values (1, 3.5e38)", "0x0216 syntax error near '3.5e38)' (illegal float data)"},
      {"d) values (1, 1.8e308)", "0x0216 syntax error near '1.8e308)' (illegal float data)"},
      {"f) values (1, 'nan')", "0x0216 syntax error near 'nan' (illegal float data)"},
      {"i4) values (1, )", "0x263f Illegal number of columns"},
      {"s) values (1, '123456789')", "0x2653 Value too long for column/tag: s"},
      {"n) values (1, '123456789')", "0x2653 Value too long for column/tag: n"},
      {"n) values (1, '12345678')", "ok"},
      {"n) values (1, '\xff\xfe')", "0x0216 syntax error near '\xff\xfe' (Unknown error -2130771884)"},
      {"c) values (1, 123456789.0)", "0x013d Decimal value overflow"},
  };
  for (auto &c : cases) {
    INFO(c.sql);
    CHECK(box.error(std::string("insert into t (ts, ") + c.sql) == c.answer);
  }
  CHECK(box.error("insert into t (ts) values ('not a time')") ==
        "0x0216 syntax error near 'not a time' (invalid timestamp)");
  CHECK(box.rows("select ts, i4, s, n from t") == "1,2,12,12345678");
  box.ok("create table js (ts timestamp, v int) tags (j json)");
  CHECK(box.error("insert into bad using js tags('{\"漢\":1}') values (1, 1)") ==
        "0x0216 syntax error near '漢' (json key not validate)");
  CHECK(box.error("insert into bad using js tags('{not json') values (1, 1)") ==
        "0x0216 syntax error near '{not json' (json parse error)");
}

TEST_CASE("sandbox errors: what it does not support says so") {
  Box box;
  box.use("d");
  box.ok("create table t (ts timestamp, v int)");
  for (const char *sql :
       {"create topic x as stable t where v > 1", "create stream s into x as select * from t",
        "create function f as 'x' outputtype int", "create view v as select * from t", "grant all on d to root",
        "explain select * from t", "select diff(v) from t", "select top(v, 1) from t", "show queries",
        "show table distributed t", "compact database d", "alter dnode 1 'x' '1'",
        "create table x (ts timestamp, k int primary key)", "select * from t where v in (select v from t)",
        "select (select 1)", "insert into t file 'x.csv'", "explain analyze select 1"}) {
    Outcome o = box.run(sql);
    INFO(sql << ": " << o.message);
    CHECK(o.code == 0x2600);
    CHECK(o.message.rfind("taos-sandbox does not support ", 0) == 0);
  }
}

TEST_CASE("sandbox errors: long statements") {
  Box box;
  std::string sql = "select '" + std::string(1048576 - 9, 'x') + "'";
  CHECK(sql.size() == 1048576);
  CHECK(box.error(sql) == "ok");
  CHECK(box.error(sql + "+1") == "0x0219 SQL statement too long");
  CHECK(box.error("select 1" + std::string(2000000, ' ')) == "ok");
}

TEST_CASE("sandbox errors: nesting has an end") {
  Box box;
  std::string open(100000, '('), close(100000, ')');
  CHECK(box.run("select " + open + "1" + close).code == 0x2600);
  CHECK(box.run("select " + std::string(100000, '-') + "1").code != 0);  // a comment in the end
  std::string nots;
  for (int i = 0; i < 10000; i++) nots += "not ";
  CHECK(box.run("select " + nots + "1").code == 0x2600);
  std::string sum = "1";
  for (int i = 0; i < 100000; i++) sum += "+1";
  CHECK(box.run("select " + sum).code == 0x2600);
  sum = "1";
  for (int i = 0; i < 500; i++) sum += "+1";
  CHECK(box.rows("select " + sum) == "501");
  std::string sub = "select 1 as v";
  for (int i = 0; i < 300; i++) sub = "select v from (" + sub + ")";
  CHECK(box.run(sub).code == 0x2600);
  std::string tables = "select 1 from t0";
  for (int i = 1; i < 50; i++) tables += ", t" + std::to_string(i);
  CHECK(box.run(tables).code == 0x2600);
}
