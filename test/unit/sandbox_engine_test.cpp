// The engine's interface: databases, tables, users, files, and the calls that other layers build on.
#include <unistd.h>

#include <cstdio>
#include <thread>

#include "sandbox_support.h"

using namespace sandbox_test;

TEST_CASE("sandbox engine: databases") {
  Box box;
  CHECK(box.rows("show databases") == "information_schema|performance_schema");
  box.ok("CREATE DATABASE Db1 PRECISION 'us' KEEP 36500 VGROUPS 3");
  box.ok("create database db2");
  CHECK(box.rows("show databases") == "information_schema|performance_schema|db1|db2");
  CHECK(box.rows("show user databases") == "db1|db2");
  CHECK(box.fields("show databases") == "name:8:64");
  CHECK(box.rows("select database()") == "NULL");
  CHECK(box.fields("select database()") == "database():8:63");
  box.ok("use DB1");
  CHECK(box.session.db == "db1");
  CHECK(box.rows("select database()") == "db1");
  CHECK(box.fields("SELECT DATABASE()") == "database():8:3");
  std::string text = box.rows("show create database db1");
  CHECK(text.find("CREATE DATABASE `db1`") != std::string::npos);
  CHECK(text.find("KEEP 36500d,36500d,36500d") != std::string::npos);
  CHECK(text.find("PRECISION 'us'") != std::string::npos);
  CHECK(text.find("VGROUPS 3") != std::string::npos);
  box.ok("alter database db1 keep 100 buffer 16");
  CHECK(box.rows("show create database db1").find("KEEP 100d,100d,100d") != std::string::npos);
  CHECK(box.error("alter database db1 precision 'ms'").rfind("0x2600 taos-sandbox does not support", 0) == 0);
  CHECK(box.rows("select name, ntables, `precision`, `replica`, `strict` from information_schema.ins_databases "
                 "where name = 'db1'") == "db1,0,us,1,on");
  box.ok("flush database db1");
  CHECK(box.error("flush database nosuch") == "0x0388 Database not exist");
  box.ok("drop database db1");
  CHECK(box.session.db == "db1");  // as on the server: the name stays, the database is gone
  CHECK(box.error("create table x (ts timestamp, v int)") == "0x0388 Database not exist");
  box.ok("use information_schema");
  CHECK(box.rows("select count(*) from ins_databases") == "3");
}

TEST_CASE("sandbox engine: tables") {
  Box box;
  box.use("d");
  box.ok("create stable st (ts timestamp, v int, s varchar(20)) tags (g int, n nchar(5)) comment 'the meters'");
  box.ok("create table c1 using st tags (1, 'x') c2 using st (n) tags ('二')");
  box.ok("create table if not exists c1 using st tags (9, 'y') c3 using d.st tags (-3, null) ttl 10");
  box.ok("create table plain (ts timestamp, d double encode 'disabled' compress 'zlib' level 'high')");
  CHECK(box.error("create table c1 using st tags (1, 'x')") == "0x0603 Table already exists");
  CHECK(box.error("create table c9 using st tags (1)") == "0x260d Tags number not matched");
  CHECK(box.error("create table c9 using plain tags (1)").rfind("0x2618", 0) == 0);
  CHECK(box.error("create table c9 using nosuch tags (1)") == "0x2603 Table does not exist");
  CHECK(box.rows("show tables") == "c1|c2|c3|plain");
  CHECK(box.fields("show tables") == "table_name:8:192");
  CHECK(box.rows("show d.tables like 'c_'") == "c1|c2|c3");
  CHECK(box.rows("show normal tables") == "plain");
  CHECK(box.rows("show child d.tables") == "c1|c2|c3");
  CHECK(box.rows("show stables") == "st");
  CHECK(box.fields("show stables") == "stable_name:8:192");
  CHECK(box.rows("show table tags from st") == "c1,1,x|c2,NULL,二|c3,-3,NULL");
  CHECK(box.fields("show table tags from st") == "tbname:8:270,g:4:4,n:10:5");
  CHECK(box.rows("show tags from c1") == "c1,d,st,g,INT,1|c1,d,st,n,NCHAR(5),x");
  CHECK(box.rows("show create table st") ==
        "st,CREATE STABLE `st` (`ts` TIMESTAMP, `v` INT, `s` VARCHAR(20)) TAGS (`g` INT, `n` NCHAR(5)) COMMENT 'the "
        "meters'");
  CHECK(box.rows("show create table c1") == "c1,CREATE TABLE `c1` USING `st` (`g`, `n`) TAGS (1, \"x\")");
  CHECK(box.fields("show create table c1") == "Table:8:193,Create Table:8:3145726");
  CHECK(box.rows("show create table plain") ==
        "plain,CREATE TABLE `plain` (`ts` TIMESTAMP, `d` DOUBLE ENCODE 'disabled' COMPRESS 'zlib' LEVEL 'high')");
  CHECK(box.rows("describe c1") ==
        "ts,TIMESTAMP,8,,delta-i,lz4,medium|v,INT,4,,simple8b,lz4,medium|s,VARCHAR,20,,disabled,zstd,medium|"
        "g,INT,4,TAG,disabled,disabled,disabled|n,NCHAR,5,TAG,disabled,disabled,disabled");
  CHECK(box.fields("desc c1") == "field:8:325,type:8:20,length:4:4,note:8:16,encode:8:12,compress:8:12,level:8:12");
  CHECK(box.rows("select table_name, stable_name, type, columns from information_schema.ins_tables where db_name = 'd' "
                 "order by table_name") ==
        "c1,st,CHILD_TABLE,3|c2,st,CHILD_TABLE,3|c3,st,CHILD_TABLE,3|plain,NULL,NORMAL_TABLE,2");
  CHECK(box.rows("select stable_name, columns, `tags` from information_schema.ins_stables where db_name = 'd'") ==
        "st,3,2");
  CHECK(box.rows("select col_name, col_type from information_schema.ins_columns where table_name = 'plain'") ==
        "ts,TIMESTAMP|d,DOUBLE");
  CHECK(box.rows("select tag_name, tag_value from information_schema.ins_tags where table_name = 'c3'") ==
        "g,-3|n,NULL");
  box.ok("drop table c1, c2");
  CHECK(box.rows("show tables") == "c3|plain");
  CHECK(box.error("drop stable plain") == "0x0362 STable not exist");
  box.ok("insert into c3 values (1, 1, 'a')");
  box.ok("drop stable st");
  CHECK(box.rows("show tables") == "plain");
  CHECK(box.error("select * from c3") == "0x2603 Table does not exist");
}

TEST_CASE("sandbox engine: alter table") {
  Box box;
  box.use("d");
  box.ok("create table st (ts timestamp, v int) tags (g int)");
  box.ok("insert into c1 using st tags (1) values (1, 10) c2 using st tags (2) values (2, 20)");
  box.ok("alter table st add column s varchar(4)");
  box.ok("insert into c1 values (3, 30, 'four')");
  CHECK(box.rows("select * from st") == "1,10,NULL,1|3,30,four,1|2,20,NULL,2");
  CHECK(box.error("alter table st modify column s varchar(3)").rfind("0x264b", 0) == 0);
  CHECK(box.error("alter table st modify column v bigint").rfind("0x264b", 0) == 0);
  box.ok("alter stable st modify column s varchar(8)");
  box.ok("insert into c1 values (4, 40, 'eight888')");
  CHECK(box.error("alter table c1 add column x int").rfind("0x2649", 0) == 0);
  CHECK(box.error("alter table st rename column s t").rfind("0x2649", 0) == 0);
  box.ok("alter table st add tag name nchar(5)");
  box.ok("alter table c1 set tag g = 9, name = '九'");
  CHECK(box.rows("select distinct tbname, g, name from st") == "c1,9,九|c2,2,NULL");
  CHECK(box.error("alter table c1 set tag nosuch = 1") == "0x260e Invalid tag name: nosuch");
  CHECK(box.error("alter table c1 set tag g = 'x'") == "0x0216 syntax error near 'x' (invalid int data)");
  CHECK(box.error("alter table st set tag g = 1").rfind("0x2649", 0) == 0);
  box.ok("alter table st rename tag name label");
  box.ok("alter table st modify tag label nchar(9)");
  box.ok("alter table st drop tag g");
  CHECK(box.fields("select * from st limit 0") == "ts:9:8,v:4:4,s:8:8,label:10:9");
  CHECK(box.error("alter table st drop tag label") == "0x2651 No tags can be dropped");
  box.ok("alter table st drop column v");
  CHECK(box.rows("select * from c1") == "1,NULL|3,four|4,eight888");
  CHECK(box.error("alter table st drop column s") == "0x2651 No columns can be dropped");
  box.ok("create table plain (ts timestamp, a int)");
  box.ok("alter table plain rename column a b");
  box.ok("alter table plain add column a float");  // the name is free again, the data is not the old one
  box.ok("insert into plain values (1, 2, 3.5)");
  CHECK(box.rows("select a, b from plain") == "3.5,2");
  box.ok("alter table plain comment 'c' ttl 5");
  CHECK(box.rows("show create table plain") ==
        "plain,CREATE TABLE `plain` (`ts` TIMESTAMP, `b` INT, `a` FLOAT) TTL 5 COMMENT 'c'");
}

TEST_CASE("sandbox engine: users") {
  Box box;
  std::string message;
  CHECK(box.engine->login("root", "taosdata", "", &message) == 0);
  CHECK(box.engine->login("root", "wrong", "", &message) == 0x0357);
  CHECK(message == "Authentication failure");
  CHECK(box.engine->login("nobody", "taosdata", "", &message) == 0x0351);
  CHECK(message == "Invalid user");
  CHECK(box.engine->login("root", "taosdata", "nosuch", &message) == 0x0388);
  CHECK(message == "Database not exist");
  box.ok("create database d");
  CHECK(box.engine->login("root", "taosdata", "d", &message) == 0);
  CHECK(box.engine->login("root", "taosdata", "D", &message) == 0x0388);
  CHECK(box.engine->login("root", "taosdata", "information_schema", &message) == 0);

  CHECK(box.error("create user u1 pass 'nocapitalsorso'") == "0x0353 Invalid password format");
  box.ok("create user u1 pass 'Pa55_word!x'");
  CHECK(box.error("create user u1 pass 'Pa55_word!x'") == "0x0350 User already exists");
  CHECK(box.engine->login("u1", "Pa55_word!x", "", &message) == 0);
  CHECK(box.rows("select name, super from information_schema.ins_users") == "root,1|u1,0");
  CHECK(box.rows("select name from information_schema.ins_users order by name desc limit 1") == "u1");

  Session other;
  other.user = "u1";
  CHECK(box.engine->execute(other, "create user u2 pass 'Pa55_word!x'").code == 0x2644);
  CHECK(box.engine->execute(other, "drop user u1").code == 0x2644);
  CHECK(box.engine->execute(other, "alter user root pass 'Pa55_word!y'").code == 0x2644);
  CHECK(box.engine->execute(other, "alter user u1 pass 'Pa55_word!y'").code == 0);
  CHECK(box.engine->execute(other, "create database mine").code == 0);
  Outcome who = box.engine->execute(other, "select substr(current_user(), 1, 3)");
  REQUIRE(who.code == 0);
  CHECK(std::get<std::string>(who.table.rows[0][0]) == "u1@");
  CHECK(box.engine->login("u1", "Pa55_word!x", "", &message) == 0x0357);
  CHECK(box.engine->login("u1", "Pa55_word!y", "", &message) == 0);
  box.ok("alter user u1 enable 0");
  CHECK(box.engine->login("u1", "Pa55_word!y", "", &message) == 0x0315);
  box.ok("drop user u1");
  CHECK(box.engine->login("u1", "Pa55_word!y", "", &message) == 0x0351);
}

TEST_CASE("sandbox engine: describe, subtables and rows for prepared writes") {
  Box box;
  std::string message;
  TableSchema s;
  CHECK(box.engine->describe_table(box.session, "st", &s, &message) == 0x2616);
  CHECK(box.engine->describe_table(box.session, "d.st", &s, &message) == 0x0388);
  box.use("d", "precision 'ns'");
  CHECK(box.engine->describe_table(box.session, "st", &s, &message) == 0x2603);
  box.ok(
      "create table st (ts timestamp, b bool, u int unsigned, f float, s varchar(5), n nchar(2), g geometry(100), "
      "c decimal(6,2)) tags (t1 int, j varchar(10))");
  box.ok("create table `Odd Name` (ts timestamp, v int)");
  REQUIRE(box.engine->describe_table(box.session, "D.ST", &s, &message) == 0);
  CHECK(s.is_super);
  CHECK(s.db == "d");
  CHECK(s.name == "st");
  CHECK(s.precision == 2);
  REQUIRE(s.columns.size() == 8);
  CHECK(s.columns[7].precision == 6);
  CHECK(s.columns[7].scale == 2);
  REQUIRE(s.tags.size() == 2);
  CHECK(s.tags[1].width == 10);

  CHECK(box.engine->create_subtable(box.session, "d", "st", "Child-1", {int64_t{7}, std::string("tag")}, &message) ==
        0);
  CHECK(box.engine->create_subtable(box.session, "d", "st", "Child-1", {int64_t{8}, std::string("x")}, &message) == 0);
  CHECK(box.engine->create_subtable(box.session, "", "st", "c2", {Value{}, Value{}}, &message) == 0);
  CHECK(box.engine->create_subtable(box.session, "d", "st", "c3", {int64_t{1}}, &message) == 0x260d);
  CHECK(box.engine->create_subtable(box.session, "d", "nosuch", "c3", {}, &message) == 0x2603);
  CHECK(box.engine->create_subtable(box.session, "d", "st", "c3", {int64_t{1}, std::string("12345678901")}, &message) ==
        0x2653);
  CHECK(box.engine->create_subtable(box.session, "d", "st", "c3", {int64_t{1} << 40, Value{}}, &message) == 0x0200);
  CHECK(box.rows("select distinct tbname, t1, j from st") == "Child-1,7,tag|c2,NULL,NULL");
  REQUIRE(box.engine->describe_table(box.session, "`Child-1`", &s, &message) == 0);
  CHECK_FALSE(s.is_super);
  CHECK(s.super == "st");
  CHECK(box.engine->describe_table(box.session, "d.`Odd Name`", &s, &message) == 0);

  int64_t n = 0;
  auto insert = [&](std::vector<int> columns, std::vector<std::vector<Value>> rows) {
    return box.engine->insert_rows(box.session, "d", "Child-1", columns, rows, &n, &message);
  };
  CHECK(insert({0, 1, 2, 3, 4, 5, 7},
               {{int64_t{1}, true, uint64_t{4294967295}, 1.5, std::string("abc"), std::string("漢字"), Decimal{-125}},
                {int64_t{2}, Value{}, Value{}, Value{}, Value{}, Value{}, Value{}}}) == 0);
  CHECK(n == 2);
  // The same time again: other columns stay.
  CHECK(insert({0, 4}, {{int64_t{1}, std::string("new")}}) == 0);
  CHECK(n == 1);
  CHECK(insert({2, 0}, {{int64_t{5}, int64_t{3}}}) == 0);  // an int goes into an unsigned column
  CHECK(box.rows("select ts, b, u, f, s, n, c from `Child-1`") ==
        "1,true,4294967295u,1.5,new,漢字,-1.25|2,NULL,NULL,NULL,NULL,NULL,NULL|3,NULL,5u,NULL,NULL,NULL,NULL");
  CHECK(insert({4}, {{std::string("x")}}) == 0x0200);                      // no time
  CHECK(insert({0, 4}, {{Value{}, std::string("x")}}) == 0x0200);          // NULL time
  CHECK(insert({0, 4}, {{int64_t{1}, std::string("123456")}}) == 0x2653);  // too long
  CHECK(insert({0, 5}, {{int64_t{1}, std::string("\xff")}}) == 0x0200);    // not UTF-8
  CHECK(insert({0, 2}, {{int64_t{1}, int64_t{-1}}}) == 0x0200);            // out of range
  CHECK(insert({0, 2}, {{int64_t{1}, std::string("1")}}) == 0x0200);       // wrong kind
  CHECK(insert({0, 6}, {{int64_t{1}, std::string("no wkb")}}) == 0x0200);  // no geometry
  CHECK(insert({0, 7}, {{int64_t{1}, Decimal{1000000}}}) == 0x013d);       // too many digits
  CHECK(insert({0, 99}, {{int64_t{1}, int64_t{1}}}) == 0x263f);            // no such column
  CHECK(insert({0, 1}, {{int64_t{1}}}) == 0x263f);                         // too few values
  CHECK(insert({0, 4}, {{int64_t{9}, std::string("a")}, {Value{}, Value{}}}) == 0x0200);
  CHECK(box.rows("select count(*) from `Child-1`") == "3");  // the good row of a bad call is not there
  CHECK(box.engine->insert_rows(box.session, "d", "st", {0}, {{int64_t{1}}}, &n, &message) == 0x0200);
}

TEST_CASE("sandbox engine: queries with parameters") {
  Box box;
  box.use("d");
  box.ok("create table t (ts timestamp, v int, s varchar(20))");
  box.ok("insert into t values (1, 1, 'it''s') (2, 2, 'b') (3, 3, null)");
  Parameter two{int64_t{2}, make_field("", kInt)}, text{std::string("it's"), make_field("", kVarchar, 4)};
  auto count = [&](const char *sql, const std::vector<Parameter> &p) {
    Outcome o = box.engine->execute(box.session, sql, p);
    INFO(sql << ": " << o.message);
    REQUIRE(o.code == 0);
    return o.table.rows.size();
  };
  CHECK(count("select * from t where v >= ?", {two}) == 2);
  CHECK(count("select * from t where v < ? and s = ?", {two, text}) == 1);
  CHECK(count("select * from t where s in (?, 'b')", {text}) == 2);
  CHECK(count("select * from t where v = ?", {{Value{}, make_field("", kInt)}}) == 0);
  CHECK(count("select * from t where ts > ?",
              {{std::string("1970-01-01 00:00:00.001"), make_field("", kVarchar, 23)}}) == 2);
  CHECK(count("select ?, '?' from t", {two}) == 3);
  CHECK(box.engine->execute(box.session, "select * from t where v = ?", {}).code == 0x0236);
  CHECK(box.engine->execute(box.session, "select * from t where v = ?", {two, two}).code == 0x0236);
  CHECK(box.run("select * from t where v = ?").code == 0x2600);
}

TEST_CASE("sandbox engine: validate changes nothing") {
  Box box;
  box.use("d");
  box.ok("create table t (ts timestamp, v int)");
  std::string message;
  auto code = [&](const char *sql) { return box.engine->validate(box.session, sql, &message); };
  CHECK(code("select 1") == 0);
  CHECK(code("select * from t") == 0);
  CHECK(code("select * from nosuch") == 0x2603);
  CHECK(message == "Table does not exist");
  CHECK(code("selec") == 0x2600);
  CHECK(code("") == 0x2601);
  CHECK(code("insert into t values (1, 1)") == 0);
  CHECK(code("insert into t select * from t") == 0);
  CHECK(code("insert into t values (1)") == 0x0216);
  CHECK(code("drop table t") == 0);
  CHECK(code("create table t2 (ts timestamp, v int)") == 0);
  CHECK(box.rows("select count(*) from t") == "0");
  CHECK(box.rows("show tables") == "t");
}

TEST_CASE("sandbox engine: a file keeps everything") {
  std::string file = "/tmp/opentaos_sandbox_" + std::to_string(getpid()) + ".db";
  std::remove(file.c_str());
  {
    Box box(file);
    box.use("d", "precision 'us'");
    box.ok("create table st (ts timestamp, v bigint unsigned, c decimal(38,4)) tags (j json)");
    box.ok("alter table st add column s nchar(9)");
    box.ok("alter table st drop column v");
    box.ok("insert into c1 using st tags (null) values (1, 1.5, '漢')");
    box.ok("create user u1 pass 'Pa55_word!x'");
  }
  {
    Box box(file);
    CHECK(box.rows("select tbname, * from d.st") == "c1,1,1.5000,漢,NULL");
    CHECK(box.run("select * from d.st").table.precision == 1);
    box.ok("insert into d.c1 values (2, -2, 'x') d.c2 using d.st tags ('{\"a\":1}') values (1, null, null)");
    box.ok("alter table d.st add column w int");
    std::string message;
    CHECK(box.engine->login("u1", "Pa55_word!x", "d", &message) == 0);
    CHECK(box.engine->login("root", "taosdata", "", &message) == 0);
    box.ok("create database e");
  }
  {
    Box box(file);
    CHECK(box.rows("select count(*), count(w), sum(c) from d.st") == "3,0,-0.5000");
    CHECK(box.rows("select j->'a' from d.c2") == "1.000000000");
    CHECK(box.rows("show user databases") == "d|e");
    box.ok("drop database d");
  }
  {
    Box box(file);
    CHECK(box.rows("show user databases") == "e");
  }
  for (const char *suffix : {"", "-wal", "-shm"}) std::remove((file + suffix).c_str());
  std::string error;
  CHECK_FALSE(Engine::open("/nonexistent/dir/x.db", &error));
  CHECK_FALSE(error.empty());
}

TEST_CASE("sandbox engine: connections") {
  Box box;
  box.session.app = "probe";
  box.session.ip = "10.9.8.7";
  const char *sql = "select `user`, user_app, user_ip from performance_schema.perf_connections order by conn_id";
  CHECK(box.rows(sql) == "root,probe,10.9.8.7");
  box.engine->set_connections([] {
    return std::vector<ConnectionInfo>{{2, "b", "app2", "::1", 5}, {1, "a", "app1", "127.0.0.1", 4}};
  });
  CHECK(box.rows(sql) == "a,app1,127.0.0.1|b,app2,::1");
  CHECK(box.fields("select distinct user_app, user_ip from performance_schema.perf_connections") ==
        "user_app:8:24,user_ip:8:22");
  CHECK(box.rows("select count(*) from performance_schema.perf_connections where user_app like 'APP%'") == "2");
}

TEST_CASE("sandbox engine: sessions side by side") {
  Box box;
  box.use("d");
  box.ok("create table st (ts timestamp, v int) tags (g int)");
  std::vector<std::thread> threads;
  std::vector<int> failed(4);
  for (int k = 0; k < 4; k++) {
    threads.emplace_back([&, k] {
      Session s;
      s.user = "root";
      s.db = "d";
      for (int i = 0; i < 50; i++) {
        std::string n = std::to_string(k), at = std::to_string(i);
        failed[k] +=
            box.engine->execute(s, "insert into c" + n + " using st tags(" + n + ") values (" + at + ", " + at + ")")
                .code != 0;
        Outcome o = box.engine->execute(s, "select count(*) from c" + n);
        failed[k] += o.code != 0 || o.table.rows.size() != 1 || o.table.rows[0][0] != Value{int64_t{i + 1}};
      }
    });
  }
  for (auto &t : threads) t.join();
  CHECK(failed == std::vector<int>(4));
  CHECK(box.rows("select count(*), sum(v) from st") == "200,4900");
}

TEST_CASE("sandbox engine: a failed statement leaves nothing behind") {
  Box box;
  box.use("d");
  box.ok("create table st (ts timestamp, v int) tags (g int)");
  CHECK(box.error("insert into c1 using st tags (1) values (1, 1) c2 using st tags (2) values (-99999999999999, 1)") ==
        "0x060b Timestamp data out of range");
  CHECK(box.rows("show tables") == "");
  CHECK(box.rows("select count(*) from st") == "0");
  CHECK(box.error("create table c1 using st tags (1) c2 using st tags ('x')") ==
        "0x0216 syntax error near 'x' (invalid int data)");
  CHECK(box.rows("show tables") == "");
  CHECK(box.error("drop table st, nosuch") == "0x2603 Table does not exist");
  CHECK(box.rows("show stables") == "st");
  box.ok("insert into c1 using st tags (1) values (1, 1)");
  CHECK(box.rows("select * from st") == "1,1,1");
}
