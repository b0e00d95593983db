// taos_stmt_*: the calls, their order and their errors, over the second generation's actions.
#include "statement_fixture.h"

using namespace opentaos::test;

namespace {

struct Stmt {
  explicit Stmt(TAOS *taos) : s(taos_stmt_init(taos)) { REQUIRE(s != nullptr); }
  ~Stmt() { CHECK(taos_stmt_close(s) == 0); }
  operator TAOS_STMT *() const { return s; }
  std::string error() const { return taos_stmt_errstr(s); }
  TAOS_STMT *s;
};

int bind_all(TAOS_STMT *s, std::vector<Values> columns) {
  auto b = strided(columns);
  return taos_stmt_bind_param_batch(s, b.data());
}
int bind_row(TAOS_STMT *s, std::vector<Values> columns) {
  auto b = strided(columns);
  return taos_stmt_bind_param(s, b.data());
}
std::vector<Values> row_of_st(int64_t ts, int v) {
  return {Values::timestamps({ts}), Values::ints({v}), Values::texts({"n"}, 10)};
}

}  // namespace

TEST_CASE("stmt: rows bound one by one leave as one bind and one execution", "[statement]") {
  StmtFixture f;
  Stmt s(f.taos);
  REQUIRE(taos_stmt_prepare(s, kInsert, 0) == 0);
  int insert = -1, params = -1;
  CHECK(taos_stmt_is_insert(s, &insert) == 0);
  CHECK(taos_stmt_num_params(s, &params) == 0);
  CHECK(insert == 1);
  CHECK(params == 4);
  for (int i = 0; i < 100; i++) {
    auto row = rows_of_t(1000 + i);
    row[1].i32[0] = i;
    if (i == 7) row[1].null_at({1});
    REQUIRE(bind_row(s, row) == 0);
    REQUIRE(taos_stmt_add_batch(s) == 0);
  }
  REQUIRE(taos_stmt_execute(s) == 0);
  CHECK(taos_stmt_affected_rows(s) == 100);
  CHECK(taos_stmt_affected_rows_once(s) == 100);
  REQUIRE(bind_row(s, rows_of_t(5000)) == 0);
  REQUIRE(taos_stmt_add_batch(s) == 0);
  REQUIRE(taos_stmt_execute(s) == 0);
  CHECK(taos_stmt_affected_rows(s) == 101);
  CHECK(taos_stmt_affected_rows_once(s) == 1);

  const auto done = f.adapter.executions();
  REQUIRE(done.size() == 2);
  REQUIRE(done[0].tables.size() == 1);
  CHECK(done[0].tables[0].columns[0][99] == "1099");
  CHECK(done[0].tables[0].columns[1][7] == "NULL");
  CHECK(done[0].tables[0].columns[2][0] == "r0");
  CHECK(f.adapter.count("stmt2_bind") == 2);
  CHECK(f.adapter.count("stmt2_prepare") == 1);
}

TEST_CASE("stmt: columns bound one by one", "[statement]") {
  StmtFixture f;
  Stmt s(f.taos);
  REQUIRE(taos_stmt_prepare(s, kInsert, 0) == 0);
  auto columns = rows_of_t(1, 5);
  auto b = strided(columns);
  SECTION("in order") {
    for (int i = 0; i < 4; i++) REQUIRE(taos_stmt_bind_single_param_batch(s, &b[static_cast<size_t>(i)], i) == 0);
    REQUIRE(taos_stmt_add_batch(s) == 0);
    REQUIRE(taos_stmt_execute(s) == 0);
    CHECK(f.adapter.executions().at(0).tables[0].columns[3][4] == "4.500000");
  }
  SECTION("not in order") {
    REQUIRE(taos_stmt_bind_single_param_batch(s, &b[0], 0) == 0);
    CHECK(taos_stmt_bind_single_param_batch(s, &b[2], 2) == code(0x0110));
  }
  SECTION("one is missing") {
    for (int i = 0; i < 3; i++) REQUIRE(taos_stmt_bind_single_param_batch(s, &b[static_cast<size_t>(i)], i) == 0);
    CHECK(taos_stmt_add_batch(s) == code(0x0200));
    CHECK(taos_stmt_execute(s) == code(0x0200));
  }
  SECTION("no such column") {
    CHECK(taos_stmt_bind_single_param_batch(s, &b[0], -1) == code(0x0118));
    for (int i = 0; i < 4; i++) REQUIRE(taos_stmt_bind_single_param_batch(s, &b[static_cast<size_t>(i)], i) == 0);
    CHECK(taos_stmt_bind_single_param_batch(s, &b[0], 4) == code(0x0118));
  }
}

TEST_CASE("stmt: tables with tags", "[statement]") {
  StmtFixture f;
  Stmt s(f.taos);
  REQUIRE(taos_stmt_prepare(s, "insert into ? using st tags (?, ?) values (?, ?, ?)", 0) == 0);
  int n = 0;
  TAOS_FIELD_E *fields = nullptr;
  CHECK(taos_stmt_get_col_fields(s, &n, &fields) == code(0x022B));  // no table yet
  for (int k = 0; k < 3; k++) {
    std::vector<Values> tags = {Values::ints({k}), Values::texts({"name" + std::to_string(k)})};
    auto t = strided(tags);
    REQUIRE(taos_stmt_set_tbname_tags(s, ("c" + std::to_string(k)).c_str(), t.data()) == 0);
    REQUIRE(bind_all(s, row_of_st(10 + k, k)) == 0);
    REQUIRE(taos_stmt_add_batch(s) == 0);
  }
  CHECK(taos_stmt_get_tag_fields(s, &n, &fields) == 0);
  REQUIRE(n == 2);
  CHECK(std::string(fields[1].name) == "name");
  CHECK(fields[1].bytes == 14);
  taos_stmt_reclaim_fields(s, fields);
  REQUIRE(taos_stmt_execute(s) == 0);
  CHECK(taos_stmt_affected_rows(s) == 3);
  auto done = f.adapter.executions();
  REQUIRE(done.at(0).tables.size() == 3);
  CHECK(done[0].tables[2].name == "c2");
  CHECK(done[0].tables[2].tags == Texts{"2", "name2"});
  CHECK(f.adapter.count("stmt2_bind") == 1);

  // The table named last stays the current one.
  REQUIRE(bind_all(s, row_of_st(99, 9)) == 0);
  REQUIRE(taos_stmt_add_batch(s) == 0);
  REQUIRE(taos_stmt_execute(s) == 0);
  done = f.adapter.executions();
  REQUIRE(done.at(1).tables.size() == 1);
  CHECK(done[1].tables[0].name == "c2");
  CHECK(done[1].tables[0].tags == Texts{"2", "name2"});

  // A table without tags cannot stand in the message of those that have them.
  std::vector<Values> tags = {Values::ints({4}), Values::texts({"four"})};
  auto t = strided(tags);
  REQUIRE(taos_stmt_set_tbname_tags(s, "c4", t.data()) == 0);
  REQUIRE(bind_all(s, row_of_st(1, 1)) == 0);
  REQUIRE(taos_stmt_add_batch(s) == 0);
  REQUIRE(taos_stmt_set_tbname(s, "c5") == 0);
  REQUIRE(bind_all(s, row_of_st(2, 2)) == 0);
  REQUIRE(taos_stmt_add_batch(s) == 0);
  REQUIRE(taos_stmt_execute(s) == 0);
  done = f.adapter.executions();
  REQUIRE(done.at(2).tables.size() == 2);
  CHECK(done[2].tables[1].name == "c5");
  CHECK(done[2].tables[1].tags.empty());
}

TEST_CASE("stmt: rows never land in another table than the one named", "[statement]") {
  StmtFixture f;
  Stmt s(f.taos);
  REQUIRE(taos_stmt_prepare(s, "insert into ? values (?, ?, ?)", 0) == 0);
  REQUIRE(taos_stmt_set_tbname(s, "c1") == 0);
  REQUIRE(bind_all(s, row_of_st(1, 1)) == 0);
  REQUIRE(taos_stmt_add_batch(s) == 0);
  REQUIRE(taos_stmt_set_tbname(s, "c2") == 0);  // and no rows for it
  TAOS_FIELD_E *fields = nullptr;
  int n = 0;
  REQUIRE(taos_stmt_get_col_fields(s, &n, &fields) == 0);
  taos_stmt_reclaim_fields(s, fields);
  REQUIRE(taos_stmt_execute(s) == 0);
  REQUIRE(bind_all(s, row_of_st(2, 2)) == 0);
  REQUIRE(taos_stmt_add_batch(s) == 0);
  REQUIRE(taos_stmt_execute(s) == 0);
  const auto done = f.adapter.executions();
  REQUIRE(done.size() == 2);
  CHECK(done[0].tables.at(0).name == "c1");
  CHECK(done[1].tables.at(0).name == "c2");
}

TEST_CASE("stmt: a table named later", "[statement]") {
  StmtFixture f;
  Stmt s(f.taos);
  REQUIRE(taos_stmt_prepare(s, "insert into ? values (?, ?, ?)", 0) == 0);
  int n = -1;
  CHECK(taos_stmt_num_params(s, &n) == code(0x2603));
  CHECK(n == -1);
  for (int k = 0; k < 6; k++) {
    REQUIRE(taos_stmt_set_tbname(s, k % 2 ? "c2" : "c1") == 0);
    REQUIRE(bind_row(s, row_of_st(100 + k, k)) == 0);
    REQUIRE(taos_stmt_add_batch(s) == 0);
  }
  REQUIRE(taos_stmt_execute(s) == 0);
  REQUIRE(taos_stmt_set_tbname(s, "db.c3") == 0);
  REQUIRE(bind_row(s, row_of_st(1, 1)) == 0);
  REQUIRE(taos_stmt_add_batch(s) == 0);
  REQUIRE(taos_stmt_execute(s) == 0);
  CHECK(taos_stmt_affected_rows(s) == 7);
  CHECK(f.adapter.executions().at(0).tables.size() == 6);
  // Every table is looked up once; the statement itself was prepared once.
  CHECK(f.adapter.count("stmt2_prepare") == 4);
  CHECK(taos_stmt_set_tbname(s, "nosuch") == code(0x2603));
  CHECK(s.error() == "Table does not exist");
}

TEST_CASE("stmt: a statement without a name that needs one", "[statement]") {
  StmtFixture f;
  {
    Stmt s(f.taos);
    REQUIRE(taos_stmt_prepare(s, "insert into ? values (?, ?, ?)", 0) == 0);
    CHECK(bind_row(s, row_of_st(1, 1)) == code(0x2603));
  }
  {
    Stmt s(f.taos);
    REQUIRE(taos_stmt_prepare(s, "insert into ? using st tags (?, ?) values (?, ?, ?)", 0) == 0);
    CHECK(bind_row(s, row_of_st(1, 1)) == code(0x022B));
  }
}

TEST_CASE("stmt: queries", "[statement]") {
  StmtFixture f;
  Stmt s(f.taos);
  REQUIRE(taos_stmt_prepare(s, "select v, s from t where v > ? and s < ?", 0) == 0);
  int insert = -1, params = -1;
  CHECK(taos_stmt_is_insert(s, &insert) == 0);
  CHECK(taos_stmt_num_params(s, &params) == 0);
  CHECK(insert == 0);
  CHECK(params == 2);
  int type, bytes;
  CHECK(taos_stmt_get_param(s, 0, &type, &bytes) == code(0x022A));
  CHECK(taos_stmt_execute(s) == code(0x022A));

  Stmt q(f.taos);
  REQUIRE(taos_stmt_prepare(q, "select v, s from t where v > ? and s < ?", 0) == 0);
  CHECK(taos_stmt_use_result(q) == nullptr);
  for (int k = 0; k < 2; k++) {
    REQUIRE(bind_row(q, {Values::ints({k}), Values::texts({"z"})}) == 0);
    if (k == 0) REQUIRE(taos_stmt_add_batch(q) == 0);  // allowed, not needed
    REQUIRE(taos_stmt_execute(q) == 0);
    TAOS_RES *r = taos_stmt_use_result(q);
    REQUIRE(r != nullptr);
    CHECK(taos_stmt_use_result(q) == r);
    CHECK(taos_fetch_fields(r)[1].bytes == 10);  // as declared
    int rows = 0;
    while (TAOS_ROW row = taos_fetch_row(r)) CHECK(int_at(row[0]) == 10 * rows++);
    CHECK(rows == 3);
    if (k == 1) CHECK(f.adapter.executions().at(1).tables[0].columns[0][0] == "1");
    taos_free_result(r);
    CHECK(taos_stmt_use_result(q) == nullptr);
  }
  // A result ends with the next bind.
  REQUIRE(bind_row(q, {Values::ints({1}), Values::texts({"z"})}) == 0);
  REQUIRE(taos_stmt_execute(q) == 0);
  TAOS_RES *r = taos_stmt_use_result(q);
  REQUIRE(taos_fetch_row(r) != nullptr);
  REQUIRE(bind_row(q, {Values::ints({1}), Values::texts({"z"})}) == 0);
  while (taos_fetch_row(r)) {
  }
  taos_free_result(r);
}

TEST_CASE("stmt: the order of calls", "[statement]") {
  StmtFixture f;
  const int wrong = code(0x022A);
  SECTION("before prepare") {
    Stmt s(f.taos);
    CHECK(taos_stmt_execute(s) == wrong);
    CHECK(s.error() == "Stmt API usage error");
    CHECK(taos_stmt_prepare(s, kInsert, 0) == wrong);  // natively too
  }
  SECTION("execute without values") {
    Stmt s(f.taos);
    REQUIRE(taos_stmt_prepare(s, kInsert, 0) == 0);
    CHECK(taos_stmt_execute(s) == wrong);
  }
  SECTION("execute after asking for fields, without values") {
    Stmt s(f.taos);
    REQUIRE(taos_stmt_prepare(s, kInsert, 0) == 0);
    int n = 0;
    REQUIRE(taos_stmt_num_params(s, &n) == 0);
    CHECK(taos_stmt_execute(s) == wrong);
  }
  SECTION("execute without add_batch") {
    Stmt s(f.taos);
    REQUIRE(taos_stmt_prepare(s, kInsert, 0) == 0);
    REQUIRE(bind_all(s, rows_of_t(1)) == 0);
    CHECK(taos_stmt_execute(s) == wrong);
  }
  SECTION("execute twice") {
    Stmt s(f.taos);
    REQUIRE(taos_stmt_prepare(s, kInsert, 0) == 0);
    REQUIRE(bind_all(s, rows_of_t(1)) == 0);
    REQUIRE(taos_stmt_add_batch(s) == 0);
    REQUIRE(taos_stmt_execute(s) == 0);
    CHECK(taos_stmt_execute(s) == wrong);
  }
  SECTION("add_batch without values") {
    Stmt s(f.taos);
    REQUIRE(taos_stmt_prepare(s, kInsert, 0) == 0);
    CHECK(taos_stmt_add_batch(s) == wrong);
  }
  SECTION("a table between values and add_batch") {
    Stmt s(f.taos);
    REQUIRE(taos_stmt_prepare(s, "insert into ? values (?, ?, ?)", 0) == 0);
    REQUIRE(taos_stmt_set_tbname(s, "c1") == 0);
    REQUIRE(bind_all(s, row_of_st(1, 1)) == 0);
    CHECK(taos_stmt_set_tbname(s, "c2") == wrong);
  }
  SECTION("tags without a table") {
    Stmt s(f.taos);
    REQUIRE(taos_stmt_prepare(s, "insert into ? using st tags (?, ?) values (?, ?, ?)", 0) == 0);
    std::vector<Values> tags = {Values::ints({1}), Values::texts({"x"})};
    auto t = strided(tags);
    CHECK(taos_stmt_set_tags(s, t.data()) == wrong);
  }
  SECTION("the result of an insert is not an error") {
    Stmt s(f.taos);
    REQUIRE(taos_stmt_prepare(s, kInsert, 0) == 0);
    CHECK(taos_stmt_use_result(s) == nullptr);
    CHECK(s.error() == "success");
  }
  SECTION("a query has no table") {
    Stmt s(f.taos);
    REQUIRE(taos_stmt_prepare(s, "select * from t where v = ?", 0) == 0);
    CHECK(taos_stmt_set_tbname(s, "t") == wrong);
  }
  CHECK(f.adapter.count("stmt2_exec") <= 1);
}

TEST_CASE("stmt: binds that do not fit end the statement", "[statement]") {
  StmtFixture f;
  Stmt s(f.taos);
  REQUIRE(taos_stmt_prepare(s, kInsert, 0) == 0);
  int expected = 0;
  SECTION("type") {
    auto row = rows_of_t(1);
    row[1] = Values::doubles({1});
    expected = code(0x0200);
    CHECK(bind_all(s, row) == expected);
    CHECK(s.error() == "column type mis-match with buffer type");
  }
  SECTION("length") {
    auto row = rows_of_t(1);
    row[2] = Values::texts({"this one is too long"});
    expected = code(0x2653);
    CHECK(bind_all(s, row) == expected);
    CHECK(s.error() == "Value too long for column/tag");
  }
  SECTION("uneven") {
    auto row = rows_of_t(1, 2);
    row[1] = Values::ints({1});
    expected = code(0x0200);
    CHECK(bind_all(s, row) == expected);
    CHECK(s.error() == "row number in each bind param should be the same");
  }
  CHECK(taos_stmt_add_batch(s) == expected);
  CHECK(taos_stmt_execute(s) == expected);
  CHECK(taos_stmt_prepare(s, kInsert, 0) == expected);
  CHECK(f.adapter.count("stmt2_bind") == 0);
  CHECK(f.adapter.count("stmt2_exec") == 0);
}

TEST_CASE("stmt: a wrong number of values does not end the statement", "[statement]") {
  StmtFixture f;
  Stmt s(f.taos);
  REQUIRE(taos_stmt_prepare(s, kInsert, 0) == 0);
  CHECK(bind_row(s, rows_of_t(1, 2)) == code(0x0236));
  auto none = rows_of_t(1);
  auto b = strided(none);
  for (auto &x : b) x.num = 0;
  CHECK(taos_stmt_bind_param_batch(s, b.data()) == code(0x0236));
  for (auto &x : b) x.num = -5;
  CHECK(taos_stmt_bind_param_batch(s, b.data()) == code(0x0236));
  CHECK(taos_stmt_bind_param(s, b.data()) == code(0x0236));
  REQUIRE(bind_all(s, rows_of_t(1, 2)) == 0);
  REQUIRE(taos_stmt_add_batch(s) == 0);
  CHECK(taos_stmt_execute(s) == 0);
}

TEST_CASE("stmt: a BLOB is refused here", "[statement]") {
  StmtFixture f;
  Stmt s(f.taos);
  REQUIRE(taos_stmt_prepare(s, "insert into blobs values (?, ?)", 0) == 0);
  CHECK(bind_all(s, {Values::timestamps({1}), Values::texts({"x"}, 18)}) == code(0x6301));
  CHECK(f.adapter.count("stmt2_bind") == 0);
}

TEST_CASE("stmt: what is wrong with the SQL shows when the table is needed", "[statement]") {
  StmtFixture f;
  struct Case {
    const char *sql;
    int code;
    const char *text;
  };
  const Case cases[] = {{"", code(0x2601), "Incomplete SQL statement"},
                        {"insert into nosuch values (?)", code(0x2603), "Table does not exist"},
                        {"drop table t", code(0x0117), "Invalid pointer"},
                        {"select 1", code(0x0117), "Invalid pointer"},
                        {"selec ?", code(0x2600), "syntax error near"},
                        {"insert into st (tbname, ts, v, g) values (?, ?, ?, ?)", code(0x0200), "Invalid operation"}};
  for (const auto &c : cases) {
    CAPTURE(c.sql);
    Stmt s(f.taos);
    REQUIRE(taos_stmt_prepare(s, c.sql, 0) == 0);
    int n = -1;
    CHECK(taos_stmt_num_params(s, &n) == c.code);
    CHECK(s.error() == c.text);
    CHECK(n == -1);
    // Asking did not end the statement; binding does.
    int ts = 0;
    TAOS_MULTI_BIND b[8] = {};
    for (auto &x : b) x = {4, &ts, 4, nullptr, nullptr, 1};
    CHECK(taos_stmt_bind_param(s, b) == c.code);
    CHECK(taos_stmt_prepare(s, kInsert, 0) == c.code);
  }
  CHECK(f.adapter.count("stmt2_bind") == 0);
}

TEST_CASE("stmt: the server's error of an execution leaves the statement usable", "[statement]") {
  StmtFixture f;
  Stmt s(f.taos);
  REQUIRE(taos_stmt_prepare(s, kInsert, 0) == 0);
  f.adapter.execution_error = 0x267B;
  f.adapter.execution_message = "Primary key column should not be null";
  REQUIRE(bind_all(s, rows_of_t(1, 3)) == 0);
  REQUIRE(taos_stmt_add_batch(s) == 0);
  CHECK(taos_stmt_execute(s) == code(0x267B));
  CHECK(s.error() == "Primary key column should not be null");
  CHECK(taos_stmt_affected_rows_once(s) == 0);
  f.adapter.execution_error = 0;
  REQUIRE(bind_all(s, rows_of_t(10, 2)) == 0);
  REQUIRE(taos_stmt_add_batch(s) == 0);
  CHECK(taos_stmt_execute(s) == 0);
  CHECK(taos_stmt_affected_rows(s) == 2);
  CHECK(f.adapter.executions().size() == 1);
}

TEST_CASE("stmt: more rows than the server takes of a table at once", "[statement]") {
  StmtFixture f;
  Stmt s(f.taos);
  REQUIRE(taos_stmt_prepare(s, kInsert, 0) == 0);
  auto columns = rows_of_t(0, 70000);
  columns[1].null_at(std::vector<char>(70000, 0));
  columns[1].nulls[40000] = 1;
  REQUIRE(bind_all(s, columns) == 0);
  REQUIRE(taos_stmt_add_batch(s) == 0);
  REQUIRE(taos_stmt_execute(s) == 0);
  CHECK(taos_stmt_affected_rows(s) == 70000);
  const auto done = f.adapter.executions();
  REQUIRE(done.at(0).tables.size() == 3);
  size_t row = 0;
  for (const auto &t : done[0].tables) {
    for (size_t i = 0; i < t.columns[0].size(); i++, row++) {
      if (t.columns[0][i] != std::to_string(row)) FAIL("row " << row);
      if (t.columns[1][i] != (row == 40000 ? "NULL" : std::to_string(row))) FAIL("row " << row);
      if (t.columns[2][i] != "r" + std::to_string(row % 1000)) FAIL("row " << row);
    }
  }
  CHECK(row == 70000);
}

TEST_CASE("stmt: preparing again counts from the second SQL on", "[statement]") {
  StmtFixture f;
  Stmt s(f.taos);
  REQUIRE(taos_stmt_prepare(s, kInsert, 0) == 0);
  REQUIRE(bind_all(s, rows_of_t(1)) == 0);
  REQUIRE(taos_stmt_prepare(s, "insert into t (ts, i) values (?, ?) and not this", 35) == 0);
  REQUIRE(bind_all(s, rows_of_t(2)) == 0);  // natively only as many are looked at as there are question marks
  REQUIRE(taos_stmt_add_batch(s) == 0);
  REQUIRE(taos_stmt_execute(s) == 0);
  const auto done = f.adapter.executions();
  REQUIRE(done.size() == 1);
  CHECK(done[0].sql == "insert into t (ts, i) values (?, ?)");
  CHECK(done[0].tables[0].columns.size() == 2);
}

TEST_CASE("stmt: NULL and closed handles", "[statement]") {
  StmtFixture f;
  const int bad = code(0x0118);
  CHECK(taos_stmt_init(nullptr) == nullptr);
  CHECK(taos_stmt_prepare(nullptr, kInsert, 0) == bad);
  CHECK(taos_stmt_execute(nullptr) == bad);
  CHECK(taos_stmt_close(nullptr) == bad);
  CHECK(taos_stmt_affected_rows(nullptr) == 0);
  TAOS_STMT *s = taos_stmt_init_with_options(f.taos, nullptr);
  REQUIRE(s != nullptr);
  CHECK(taos_stmt_prepare(s, nullptr, 0) == bad);
  CHECK(taos_stmt_set_tbname(s, nullptr) == bad);
  CHECK(taos_stmt_bind_param(s, nullptr) == bad);
  CHECK(taos_stmt_close(s) == 0);
  CHECK(taos_stmt_close(s) == bad);
  CHECK(taos_stmt_prepare(s, kInsert, 0) == bad);
  CHECK(taos_stmt_use_result(s) == nullptr);
}

TEST_CASE("stmt: closed statements are closed on the server", "[statement]") {
  StmtFixture f;
  for (int i = 0; i < 5; i++) {
    Stmt s(f.taos);
    if (i % 2) REQUIRE(taos_stmt_prepare(s, kInsert, 0) == 0);
    int n = 0;
    if (i % 2) REQUIRE(taos_stmt_num_params(s, &n) == 0);
  }
  taos_free_result(taos_query(f.taos, "use db"));  // takes along what has no answer to wait for
  CHECK(f.adapter.wait_for("stmt2_close", 5));
  CHECK(f.adapter.open_statements() == 0);
}

TEST_CASE("ws_stmt: the same, in the words of the ws_* functions", "[statement]") {
  StmtFixture f;
  const std::string dsn = "ws://root:taosdata@127.0.0.1:" + std::to_string(f.adapter.port());
  WS_TAOS *taos = ws_connect(dsn.c_str());
  REQUIRE(taos != nullptr);
  WS_STMT *s = ws_stmt_init(taos);
  REQUIRE(ws_stmt_prepare(s, kInsert, static_cast<unsigned long>(strlen(kInsert))) == 0);
  auto columns = rows_of_t(1, 3);
  auto values = strided(columns);
  auto *b = reinterpret_cast<WS_MULTI_BIND *>(values.data());
  REQUIRE(ws_stmt_bind_param_batch(s, b, 4) == 0);
  REQUIRE(ws_stmt_add_batch(s) == 0);
  int affected = -1;
  REQUIRE(ws_stmt_execute(s, &affected) == 0);
  CHECK(affected == 3);
  CHECK(std::string(ws_stmt_errstr(s)) == "");
  CHECK(ws_stmt_affected_rows64(s) == 3);
  CHECK(ws_stmt_execute(s, &affected) == code(0x022A));
  CHECK(std::string(ws_stmt_errstr(s)) == "[0x022A] Internal error: `Stmt API usage error`");
  CHECK(ws_stmt_close(s) == 0);

  s = ws_stmt_init_with_reqid(taos, 77);
  REQUIRE(ws_stmt_prepare(s, kInsert, static_cast<unsigned long>(strlen(kInsert))) == 0);
  CHECK(ws_stmt_bind_param_batch(s, b, 3) == code(0x0236));  // of four
  CHECK(ws_stmt_close(s) == 0);

  s = ws_stmt_init(nullptr);
  REQUIRE(s != nullptr);  // it tells what is wrong
  CHECK(std::string(ws_stmt_errstr(s)) == "client pointer it null");
  CHECK(ws_stmt_prepare(s, "select 1", 8) == code(0x0118));
  CHECK(std::string(ws_stmt_errstr(s)) == "client pointer it null");
  CHECK(ws_stmt_close(s) == 0);
  CHECK(ws_stmt_close(nullptr) == 0);
  int n = 0;
  CHECK(ws_stmt_is_insert(nullptr, &n) == 0);
  ws_close(taos);
}
