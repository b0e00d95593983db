#include "client/statement_sql.h"

#include <catch2/catch.hpp>

using namespace opentaos::client;
using Kind = StatementSql::Kind;

TEST_CASE("statement_sql: what kind of statement it is", "[statement]") {
  CHECK(scan_statement("").kind == Kind::kEmpty);
  CHECK(scan_statement("  \n\t-- nothing\n/* here */").kind == Kind::kEmpty);
  CHECK(scan_statement("insert into t values (?)").kind == Kind::kInsert);
  CHECK(scan_statement(" /* a */ -- b\n InSeRt into t values (?)").kind == Kind::kInsert);
  CHECK(scan_statement("select 1").kind == Kind::kSelect);
  CHECK(scan_statement("drop table t").kind == Kind::kOther);
  CHECK(scan_statement("create table x (ts timestamp)").kind == Kind::kOther);
  CHECK(scan_statement("selec ?").kind == Kind::kUnknown);
  CHECK(scan_statement("?").kind == Kind::kUnknown);
  CHECK(scan_statement("/* never closed").kind == Kind::kEmpty);
}

TEST_CASE("statement_sql: question marks outside of texts, names and comments", "[statement]") {
  CHECK(scan_statement("insert into t values (?, '?', \"?\", `?`, ?) -- ?").placeholders == 2);
  CHECK(scan_statement("select * from t where a = 'it''s ?' and b = ? /* ? */ and c = '\\' ? '").placeholders == 1);
  CHECK(scan_statement("select ' unclosed ?").placeholders == 0);
  CHECK(scan_statement("insert into t values (1, 2)").placeholders == 0);
}

TEST_CASE("statement_sql: tables that are named later", "[statement]") {
  auto s = scan_statement("insert into ? values (?, ?)");
  CHECK(s.names_table);
  CHECK(s.columns_come_later());
  CHECK(s.placeholders == 3);
  s = scan_statement("INSERT INTO /* which */ ? USING st TAGS (?, ?) VALUES (?)");
  CHECK(s.names_table);
  CHECK_FALSE(s.columns_come_later());
  CHECK(s.tag_values == 2);
  CHECK(s.tag_placeholders == 2);
  CHECK(s.has_values);
  s = scan_statement("insert into lit using st tags (7, ?, 'a,b', f(1, 2)) values (?)");
  CHECK_FALSE(s.names_table);
  CHECK(s.tag_values == 4);
  CHECK(s.tag_placeholders == 1);
  CHECK_FALSE(scan_statement("select * from t where x = ?").names_table);
  CHECK_FALSE(scan_statement("insert into").names_table);
  CHECK_FALSE(scan_statement("insert into t (ts, tags) values (?, ?)").names_table);
}

TEST_CASE("statement_sql: a name in place of the question mark", "[statement]") {
  const std::string sql = "insert into ? values ('?', ?)";
  const auto scan = scan_statement(sql);
  CHECK(with_table(sql, scan, "c1") == "insert into c1 values ('?', ?)");
  CHECK(with_table(sql, scan, "db.c1") == "insert into db.c1 values ('?', ?)");
  CHECK(with_table(sql, scan, "`d b`.c1") == "insert into `d b`.c1 values ('?', ?)");
  CHECK(with_table(sql, scan, "`open") == "insert into ```open` values ('?', ?)");
  CHECK(with_table(sql, scan, "a b") == "insert into `a b` values ('?', ?)");
  CHECK(with_table(sql, scan, "1st") == "insert into `1st` values ('?', ?)");
  CHECK(with_table(sql, scan, "x; drop") == "insert into `x; drop` values ('?', ?)");
  CHECK(with_table(sql, scan, "") == "insert into `` values ('?', ?)");
}
