#include <catch2/catch.hpp>

#include "client/connection.h"

using namespace opentaos::client;

TEST_CASE("sql words: which statements only read") {
  for (const char *sql : {"select 1", "  SELECT * from t", "/* c */ select 1", "-- c\nshow tables", "desc t",
                          "describe t", "explain select 1"})
    CHECK(only_reads(sql));
  for (const char *sql : {"", "insert into t values (1)", "selects", "use d", "create table t (ts timestamp)",
                          "/* select */ delete from t", "-- select", "/*", "with"})
    CHECK_FALSE(only_reads(sql));
}

TEST_CASE("sql words: the database of a USE statement") {
  CHECK(database_of_use("use Power") == "power");
  CHECK(database_of_use(" /* c */ USE `Power` ;") == "Power");
  CHECK(database_of_use("use a -- c") == "a");
  CHECK(database_of_use("use a;") == "a");
  CHECK(database_of_use("use") == "");
  CHECK(database_of_use("use `a``b`") == "");
  CHECK(database_of_use("use `a") == "");
  CHECK(database_of_use("use database a") == "");  // unknown to us: the server is asked
  CHECK_FALSE(database_of_use("user x").has_value());
  CHECK_FALSE(database_of_use("select 1").has_value());
  CHECK_FALSE(database_of_use("").has_value());
}

TEST_CASE("sql words: statements whose rows are there at once") {
  for (const char *sql : {"select 1", "select server_version()", "describe t", "DESC d.t", "select 'a from b'",
                          "select \"from\"", "select `from`", "select 1 as from_x", "select 1; select * from t",
                          "select trim(both 'x' from 'xyx')", "select 'it\\'s' -- from\n, 2", "select 'open"})
    CHECK(has_rows_at_once(sql));
  for (const char *sql : {"select * from t", "select 'a' FROM t", "select (1) from t", "select /* x */ 1 from t",
                          "show tables", "insert into t values (1)", "", "select 'a\\'' from t"})
    CHECK_FALSE(has_rows_at_once(sql));
}
