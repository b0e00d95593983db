// taos_stmt_* with servers that have only the first generation of statements, and with SQL that only that generation
// takes as natively.
#include "statement_fixture.h"

using namespace opentaos::test;

namespace {

const char *const kOldServer = "3.3.3.0";

int bind_all(TAOS_STMT *s, std::vector<Values> columns) {
  auto b = strided(columns);
  return taos_stmt_bind_param_batch(s, b.data());
}

}  // namespace

TEST_CASE("stmt: an old server, a table", "[statement]") {
  StmtFixture f(kOldServer);
  TAOS_STMT *s = taos_stmt_init(f.taos);
  REQUIRE(taos_stmt_prepare(s, kInsert, 0) == 0);
  int params = -1;
  CHECK(taos_stmt_num_params(s, &params) == 0);
  CHECK(params == 4);
  for (int k = 0; k < 3; k++) {
    auto rows = rows_of_t(10 * k, 2);
    rows[1].null_at({0, 1});
    rows[2].null_at({1, 0});
    REQUIRE(bind_all(s, rows) == 0);
    REQUIRE(taos_stmt_add_batch(s) == 0);
  }
  REQUIRE(taos_stmt_execute(s) == 0);
  CHECK(taos_stmt_affected_rows(s) == 6);
  const auto done = f.adapter.executions();
  REQUIRE(done.size() == 1);
  CHECK(done[0].generation == 1);
  CHECK(done[0].tables.at(0).columns[1] == Texts{"0", "NULL", "0", "NULL", "0", "NULL"});
  CHECK(done[0].tables.at(0).columns[2] == Texts{"NULL", "r1", "NULL", "r1", "NULL", "r1"});
  CHECK(f.adapter.count("bind") == 1);
  CHECK(f.adapter.count("stmt2_init") == 0);
  CHECK(taos_stmt_close(s) == 0);
}

TEST_CASE("stmt: an old server, tables with tags", "[statement]") {
  StmtFixture f(kOldServer);
  TAOS_STMT *s = taos_stmt_init(f.taos);
  REQUIRE(taos_stmt_prepare(s, "insert into ? using st tags (?, ?) values (?, ?, ?)", 0) == 0);
  for (int k = 0; k < 3; k++) {
    std::vector<Values> tags = {Values::ints({k}), Values::texts({"n" + std::to_string(k)})};
    auto t = strided(tags);
    REQUIRE(taos_stmt_set_tbname_tags(s, ("c" + std::to_string(k)).c_str(), t.data()) == 0);
    REQUIRE(bind_all(s, {Values::timestamps({k}), Values::ints({k}), Values::texts({"abc"}, 10)}) == 0);
    REQUIRE(taos_stmt_add_batch(s) == 0);
  }
  REQUIRE(taos_stmt_execute(s) == 0);
  const auto t = f.adapter.executions().at(0).tables;
  REQUIRE(t.size() == 3);
  CHECK(t[2].name == "c2");
  CHECK(t[2].tags == Texts{"2", "n2"});
  CHECK(t[2].columns[2] == Texts{"abc"});
  CHECK(taos_stmt_close(s) == 0);
}

TEST_CASE("stmt: an old server, tables that are named later", "[statement]") {
  StmtFixture f(kOldServer);
  TAOS_STMT *s = taos_stmt_init(f.taos);
  REQUIRE(taos_stmt_prepare(s, "insert into ? values (?, ?, ?)", 0) == 0);
  for (int k = 0; k < 4; k++) {
    REQUIRE(taos_stmt_set_tbname(s, k % 2 ? "c2" : "c1") == 0);
    REQUIRE(bind_all(s, {Values::timestamps({k}), Values::ints({k}), Values::texts({"q"}, 10)}) == 0);
    REQUIRE(taos_stmt_add_batch(s) == 0);
  }
  REQUIRE(taos_stmt_execute(s) == 0);
  CHECK(taos_stmt_affected_rows(s) == 4);
  const auto t = f.adapter.executions().at(0).tables;
  REQUIRE(t.size() == 4);
  CHECK(t[1].name == "c2");
  CHECK(t[3].columns[1] == Texts{"3"});
  CHECK(f.adapter.count("get_col_fields") == 2);  // each table once
  CHECK(taos_stmt_set_tbname(s, "nosuch") == code(0x2603));
  CHECK(std::string(taos_stmt_errstr(s)) == "Table does not exist");
  CHECK(taos_stmt_close(s) == 0);
}

TEST_CASE("stmt: an old server, a query", "[statement]") {
  StmtFixture f(kOldServer);
  TAOS_STMT *s = taos_stmt_init(f.taos);
  REQUIRE(taos_stmt_prepare(s, "select v, s from t where v > ? and s < ?", 0) == 0);
  CHECK(taos_stmt_execute(s) == code(0x022A));
  CHECK(taos_stmt_close(s) == 0);
  s = taos_stmt_init(f.taos);
  REQUIRE(taos_stmt_prepare(s, "select v, s from t where v > ? and s < ?", 0) == 0);
  std::vector<Values> v = {Values::ints({5}), Values::texts({"z"})};
  auto b = strided(v);
  REQUIRE(taos_stmt_bind_param(s, b.data()) == 0);
  REQUIRE(taos_stmt_execute(s) == 0);
  TAOS_RES *r = taos_stmt_use_result(s);
  REQUIRE(r != nullptr);
  int rows = 0;
  while (taos_fetch_row(r)) rows++;
  CHECK(rows == 3);
  taos_free_result(r);
  CHECK(taos_stmt_close(s) == 0);
}

TEST_CASE("stmt: an old server, errors and a lost connection", "[statement]") {
  StmtFixture f(kOldServer);
  TAOS_STMT *s = taos_stmt_init(f.taos);
  REQUIRE(taos_stmt_prepare(s, kInsert, 0) == 0);
  f.adapter.execution_error = 0x267B;
  f.adapter.execution_message = "Primary key column should not be null";
  REQUIRE(bind_all(s, rows_of_t(1)) == 0);
  REQUIRE(taos_stmt_add_batch(s) == 0);
  CHECK(taos_stmt_execute(s) == code(0x267B));
  f.adapter.execution_error = 0;
  REQUIRE(bind_all(s, rows_of_t(1, 2)) == 0);
  REQUIRE(taos_stmt_add_batch(s) == 0);
  f.adapter.server().hang_up_all();
  CHECK(taos_stmt_execute(s) == 0);
  CHECK(taos_stmt_affected_rows(s) == 2);
  f.adapter.interfere([](const std::string &action, int) {
    return action == "exec" ? StmtAdapter::Fault::kHangUp : StmtAdapter::Fault::kNone;
  });
  REQUIRE(bind_all(s, rows_of_t(1)) == 0);
  REQUIRE(taos_stmt_add_batch(s) == 0);
  CHECK(taos_stmt_execute(s) == static_cast<int>(0x8000E020u));
  CHECK(taos_stmt_close(s) == 0);
}

TEST_CASE("stmt: values mixed with question marks are the first generation's", "[statement]") {
  StmtFixture f("3.3.7.5", [](const std::string &) {
    StmtPrepared p;
    p.fields = {{"g", 4, 4, 2}, {"name", 8, 14, 2}, {"ts", 9, 8}, {"v", 4, 4}, {"n", 10, 34}};
    return p;
  });
  TAOS_STMT *s = taos_stmt_init(f.taos);
  REQUIRE(taos_stmt_prepare(s, "insert into lit using st tags (7, ?) values (?, ?, ?)", 0) == 0);
  int n = 0;
  TAOS_FIELD_E *fields = nullptr;
  CHECK(taos_stmt_num_params(s, &n) == 0);
  CHECK(n == 3);
  REQUIRE(taos_stmt_get_tag_fields(s, &n, &fields) == 0);
  CHECK(n == 2);  // natively both of them
  taos_stmt_reclaim_fields(s, fields);
  CHECK(f.adapter.count("init") == 1);
  CHECK(taos_stmt_close(s) == 0);
}
