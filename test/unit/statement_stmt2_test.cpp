// taos_stmt2_*: every form of a bind, and executions that are waited for.
#include "statement_stmt2_fixture.h"

using namespace opentaos::test;

TEST_CASE("stmt2: a table, bound as a whole", "[statement]") {
  const char *version = GENERATE("3.3.7.5", "3.4.1.13");
  CAPTURE(version);
  StmtFixture f(version);
  Stmt2 s(f.taos);
  REQUIRE(taos_stmt2_prepare(s, kInsert, 0) == 0);
  int insert = -1;
  CHECK(taos_stmt2_is_insert(s, &insert) == 0);
  CHECK(insert == 1);
  OneTable rows(rows_of_t(1, 3));
  rows.columns[1].null_at({0, 1, 0});
  rows.pack();
  REQUIRE(taos_stmt2_bind_param(s, &rows.v, -1) == 0);
  int affected = -1;
  REQUIRE(taos_stmt2_exec(s, &affected) == 0);
  CHECK(affected == 3);
  for (int i = 0; i < 2; i++) REQUIRE(taos_stmt2_bind_param(s, &rows.v, -1) == 0);
  REQUIRE(taos_stmt2_exec(s, &affected) == 0);
  CHECK(affected == 6);  // calls add up
  REQUIRE(taos_stmt2_bind_param(s, &rows.v, -1) == 0);
  REQUIRE(taos_stmt2_exec(s, nullptr) == 0);
  const auto done = f.adapter.executions();
  REQUIRE(done.size() == 3);
  CHECK(done[0].tables[0].columns[1] == Texts{"0", "NULL", "2"});
  CHECK(done[0].tables[0].columns[2] == Texts{"r0", "r1", "r2"});
  CHECK(done[1].tables.size() == 2);
  // One message each as long as the program binds once.
  CHECK(f.adapter.count("stmt2_bind_exec") == (std::string(version) == "3.4.1.13" ? 1 : 0));
}

TEST_CASE("stmt2: tables by name, with tags", "[statement]") {
  const char *version = GENERATE("3.3.7.5", "3.4.1.13");
  CAPTURE(version);
  StmtFixture f(version);
  Stmt2 s(f.taos);
  REQUIRE(taos_stmt2_prepare(s, kInsertMany, 0) == 0);
  ManyTables m(3, 2);
  m.tag_values[1][1].null_at({1});
  m.tag_binds[1] = packed(m.tag_values[1]);
  m.tags[1] = m.tag_binds[1].data();
  REQUIRE(taos_stmt2_bind_param(s, &m.v, -1) == 0);
  int affected = -1;
  REQUIRE(taos_stmt2_exec(s, &affected) == 0);
  CHECK(affected == 6);
  const auto done = f.adapter.executions();
  REQUIRE(done.at(0).tables.size() == 3);
  CHECK(done[0].tables[0].name == "m0");
  CHECK(done[0].tables[1].tags == Texts{"1", "NULL"});
  CHECK(done[0].tables[2].columns[1] == Texts{"20", "21"});
  CHECK(done[0].tables[2].columns[2] == Texts{"a", "b"});
}

TEST_CASE("stmt2: tables with a part missing", "[statement]") {
  const char *version = GENERATE("3.3.7.5", "3.4.1.13");
  CAPTURE(version);
  StmtFixture f(version);
  Stmt2 s(f.taos);
  REQUIRE(taos_stmt2_prepare(s, kInsertMany, 0) == 0);
  ManyTables m(4);
  int affected = -1;
  SECTION("tags of some") {
    m.tags[1] = nullptr;
    m.tags[2] = nullptr;
    REQUIRE(taos_stmt2_bind_param(s, &m.v, -1) == 0);
    REQUIRE(taos_stmt2_exec(s, &affected) == 0);
    CHECK(affected == 4);
    const auto t = f.adapter.executions().at(0).tables;
    CHECK(t[0].tags.size() == 2);
    CHECK(t[1].tags.empty());
    CHECK(t[3].tags.size() == 2);
    CHECK(f.adapter.count("stmt2_bind") == 3);
  }
  SECTION("no tags at all") {
    m.v.tags = nullptr;
    REQUIRE(taos_stmt2_bind_param(s, &m.v, -1) == 0);
    REQUIRE(taos_stmt2_exec(s, &affected) == 0);
    CHECK(affected == 4);
  }
  SECTION("a name goes on for what follows it") {
    m.name_list[1] = nullptr;
    m.tags[1] = nullptr;
    REQUIRE(taos_stmt2_bind_param(s, &m.v, -1) == 0);
    REQUIRE(taos_stmt2_exec(s, &affected) == 0);
    CHECK(affected == 4);
    CHECK(f.adapter.executions().at(0).tables[1].name == "m0");
  }
  SECTION("names and tags first, values in another call") {
    m.v.count = 1;
    TAOS_STMT2_BINDV names = m.v, values = m.v;
    names.bind_cols = nullptr;
    values.tbnames = nullptr;
    values.tags = nullptr;
    REQUIRE(taos_stmt2_bind_param(s, &names, -1) == 0);
    CHECK(f.adapter.executions().empty());
    REQUIRE(taos_stmt2_bind_param(s, &values, -1) == 0);
    REQUIRE(taos_stmt2_exec(s, &affected) == 0);
    CHECK(f.adapter.executions().at(0).tables[0].name == "m0");
  }
  SECTION("no name at all") {
    m.v.tbnames = nullptr;
    CHECK(taos_stmt2_bind_param(s, &m.v, -1) == code(0x022B));
    CHECK(taos_stmt2_exec(s, &affected) == code(0x022B));
    CHECK(f.adapter.count("stmt2_bind") == 0);
  }
  SECTION("only names") {
    m.v.bind_cols = nullptr;
    REQUIRE(taos_stmt2_bind_param(s, &m.v, -1) == 0);
    CHECK(taos_stmt2_exec(s, &affected) == code(0x022A));
  }
  SECTION("nothing") {
    m.v.count = 0;
    CHECK(taos_stmt2_bind_param(s, &m.v, -1) == 0);
    CHECK(taos_stmt2_exec(s, &affected) == code(0x022A));
  }
}

TEST_CASE("stmt2: names that the SQL has no place for are left out", "[statement]") {
  StmtFixture f;
  Stmt2 s(f.taos);
  REQUIRE(taos_stmt2_prepare(s, kInsert, 0) == 0);
  OneTable rows(rows_of_t(1, 2));
  char name[] = "elsewhere";
  char *names[] = {name};
  rows.v.tbnames = names;
  rows.v.tags = &rows.first;
  REQUIRE(taos_stmt2_bind_param(s, &rows.v, -1) == 0);
  REQUIRE(taos_stmt2_exec(s, nullptr) == 0);
  CHECK_FALSE(f.adapter.executions().at(0).tables[0].name.has_value());
}

TEST_CASE("stmt2: NULL, and values that stay as they are", "[statement]") {
  const char *version = GENERATE("3.3.7.5", "3.4.1.13");
  StmtFixture f(version);
  Stmt2 s(f.taos);
  REQUIRE(taos_stmt2_prepare(s, kInsert, 0) == 0);
  OneTable rows(rows_of_t(1, 3));
  for (size_t i = 1; i < 4; i++) rows.columns[i].null_at({0, 1, 2});
  rows.pack();
  REQUIRE(taos_stmt2_bind_param(s, &rows.v, -1) == 0);
  REQUIRE(taos_stmt2_exec(s, nullptr) == 0);
  const auto t = f.adapter.executions().at(0).tables[0];
  CHECK(t.columns[1] == Texts{"0", "NULL", "NONE"});
  CHECK(t.columns[2] == Texts{"r0", "NULL", "NONE"});
}

TEST_CASE("stmt2: a column at a time", "[statement]") {
  const char *version = GENERATE("3.3.7.5", "3.4.1.13");
  StmtFixture f(version);
  Stmt2 s(f.taos);
  int affected = -1;
  SECTION("of one table, in any order") {
    REQUIRE(taos_stmt2_prepare(s, kInsert, 0) == 0);
    OneTable rows(rows_of_t(1, 2));
    for (int i : {2, 0, 3, 1}) {
      TAOS_STMT2_BIND *column = &rows.binds[static_cast<size_t>(i)];
      TAOS_STMT2_BINDV v = {1, nullptr, nullptr, &column};
      REQUIRE(taos_stmt2_bind_param(s, &v, i) == 0);
    }
    REQUIRE(taos_stmt2_exec(s, &affected) == 0);
    CHECK(affected == 2);
    CHECK(f.adapter.executions().at(0).tables[0].columns[2] == Texts{"r0", "r1"});
  }
  SECTION("of several tables") {
    REQUIRE(taos_stmt2_prepare(s, kInsertMany, 0) == 0);
    ManyTables m(3, 2);
    for (int i = 0; i < 3; i++) {
      std::vector<TAOS_STMT2_BIND *> column;
      for (auto &b : m.column_binds) column.push_back(&b[static_cast<size_t>(i)]);
      TAOS_STMT2_BINDV v = {3, i == 0 ? m.name_list.data() : nullptr, i == 0 ? m.tags.data() : nullptr, column.data()};
      REQUIRE(taos_stmt2_bind_param(s, &v, i) == 0);
    }
    REQUIRE(taos_stmt2_exec(s, &affected) == 0);
    CHECK(affected == 6);
    const auto t = f.adapter.executions().at(0).tables;
    REQUIRE(t.size() == 3);
    CHECK(t[2].name == "m2");
    CHECK(t[2].tags == Texts{"2", "t2"});
    CHECK(t[2].columns[1] == Texts{"20", "21"});
  }
  SECTION("one is missing") {
    REQUIRE(taos_stmt2_prepare(s, kInsert, 0) == 0);
    OneTable rows(rows_of_t(1, 2));
    for (int i = 0; i < 3; i++) {
      TAOS_STMT2_BIND *column = &rows.binds[static_cast<size_t>(i)];
      TAOS_STMT2_BINDV v = {1, nullptr, nullptr, &column};
      REQUIRE(taos_stmt2_bind_param(s, &v, i) == 0);
    }
    CHECK(taos_stmt2_exec(s, &affected) == code(0x0200));
    CHECK(f.adapter.count("stmt2_bind") == 0);
  }
  SECTION("uneven") {
    REQUIRE(taos_stmt2_prepare(s, "insert into t (ts, i) values (?, ?)", 0) == 0);
    auto three = Values::ints({1, 2, 3});
    auto two = Values::timestamps({1, 2});
    TAOS_STMT2_BIND b[2] = {two.packed(), three.packed()};
    TAOS_STMT2_BIND *column = &b[0];
    TAOS_STMT2_BINDV v = {1, nullptr, nullptr, &column};
    REQUIRE(taos_stmt2_bind_param(s, &v, 0) == 0);
    column = &b[1];
    CHECK(taos_stmt2_bind_param(s, &v, 1) == code(0x0200));
    CHECK(taos_stmt2_exec(s, &affected) == code(0x0200));
  }
  SECTION("no such column") {
    REQUIRE(taos_stmt2_prepare(s, kInsert, 0) == 0);
    OneTable rows(rows_of_t(1));
    CHECK(taos_stmt2_bind_param(s, &rows.v, 4) == code(0x0118));
  }
}

TEST_CASE("stmt2: rows of several tables, column by column", "[statement]") {
  const char *version = GENERATE("3.3.7.5", "3.4.1.13");
  CAPTURE(version);
  StmtFixture f(version);
  Stmt2 s(f.taos);
  REQUIRE(taos_stmt2_prepare(s, "insert into st (tbname, ts, v, g, name) values (?, ?, ?, ?, ?)", 0) == 0);
  std::vector<Values> v = {Values::texts({"a", "a", "bb", "a"}), Values::timestamps({1, 2, 3, 4}),
                           Values::ints({10, 20, 30, 40}), Values::ints({7, 7, 8, 7}),
                           Values::texts({"seven", "seven", "eight", "seven"})};
  v[2].null_at({0, 1, 0, 0});
  auto b = packed(v);
  std::vector<TAOS_STMT2_COLUMN_BIND> columns;
  for (auto &x : b) columns.push_back({x.buffer_type, x.buffer, x.length, x.is_null});
  TAOS_STMT2_COLUMN_BINDV bv = {5, 4, 3, columns.data()};
  int affected = -1;
  for (int k = 0; k < 2; k++) {  // twice before the execution the second time
    for (int i = 0; i <= k; i++) REQUIRE(taos_stmt2_bind_param_column(s, &bv) == 0);
    REQUIRE(taos_stmt2_exec(s, &affected) == 0);
    CHECK(affected == 4 + 4 * k);
  }
  const auto done = f.adapter.executions();
  for (const auto &e : done) {
    REQUIRE(e.tables.size() % 3 == 0);
    CHECK(e.tables[0].name == "a");
    CHECK(e.tables[0].columns[1] == Texts{"10", "NULL"});
    CHECK(e.tables[1].name == "bb");
    CHECK(e.tables[1].tags == Texts{"8", "eight"});
    CHECK(e.tables[2].columns[0] == Texts{"4"});
    CHECK(e.tables[2].tags == Texts{"7", "seven"});
  }
  CHECK(done[1].tables.size() == 6);

  bv.num_columns = 4;
  CHECK(taos_stmt2_bind_param_column(s, &bv) == code(0x0236));
  bv.num_columns = 5;
  columns[4].length = nullptr;
  CHECK(taos_stmt2_bind_param_column(s, &bv) == code(0x0118));
}

TEST_CASE("stmt2: more rows than the server takes of a table at once", "[statement]") {
  StmtFixture f;
  Stmt2 s(f.taos);
  REQUIRE(taos_stmt2_prepare(s, kInsert, 0) == 0);
  OneTable rows(rows_of_t(0, 70000));
  rows.columns[2].null_at(std::vector<char>(70000, 0));
  rows.columns[2].nulls[3] = 1;
  rows.pack();
  REQUIRE(taos_stmt2_bind_param(s, &rows.v, -1) == 0);
  int affected = -1;
  REQUIRE(taos_stmt2_exec(s, &affected) == 0);
  CHECK(affected == 70000);
  size_t row = 0;
  const auto done = f.adapter.executions();
  for (const auto &t : done.at(0).tables) {
    for (size_t i = 0; i < t.columns[0].size(); i++, row++) {
      if (t.columns[0][i] != std::to_string(row)) FAIL("row " << row);
      if (t.columns[2][i] != (row == 3 ? "NULL" : "r" + std::to_string(row % 1000))) FAIL("row " << row);
    }
  }
  rows.binds[1].num = 69999;
  CHECK(taos_stmt2_bind_param(s, &rows.v, -1) == code(0x0200));
}

TEST_CASE("stmt2: decimals travel as scaled integers", "[statement]") {
  const char *version = GENERATE("3.3.7.5", "3.4.1.13");
  StmtFixture f(version);
  Stmt2 s(f.taos);
  REQUIRE(taos_stmt2_prepare(s, "insert into money values (?, ?)", 0) == 0);
  SECTION("given so") {
    OneTable rows({Values::timestamps({1, 2}), Values::timestamps({1234, -560})});
    rows.binds[1].buffer_type = 21;
    REQUIRE(taos_stmt2_bind_param(s, &rows.v, -1) == 0);
    REQUIRE(taos_stmt2_exec(s, nullptr) == 0);
    CHECK(f.adapter.executions().at(0).tables[0].columns[1] == Texts{"1234", "-560"});
  }
  SECTION("given as text") {
    OneTable rows({Values::timestamps({1, 2}), Values::texts({"12.34", "-5.6"}, 21)});
    REQUIRE(taos_stmt2_bind_param(s, &rows.v, -1) == 0);
    REQUIRE(taos_stmt2_exec(s, nullptr) == 0);
    CHECK(f.adapter.executions().at(0).tables[0].columns[1] == Texts{"1234", "-560"});
  }
}

TEST_CASE("stmt2: fields", "[statement]") {
  StmtFixture f;
  Stmt2 s(f.taos);
  int n = -1;
  TAOS_FIELD_ALL *fields = nullptr;
  CHECK(taos_stmt2_get_fields(s, &n, &fields) == code(0x022A));
  REQUIRE(taos_stmt2_prepare(s, kInsertMany, 0) == 0);
  CHECK(taos_stmt2_get_fields(s, &n, nullptr) == 0);
  CHECK(n == 6);
  REQUIRE(taos_stmt2_get_fields(s, &n, &fields) == 0);
  CHECK(std::string(fields[0].name) == "tbname");
  CHECK(fields[0].field_type == 4);
  CHECK(fields[2].bytes == 14);
  CHECK(fields[5].type == 10);
  taos_stmt2_free_fields(s, fields);

  SECTION("of a query only the number is known") {
    REQUIRE(taos_stmt2_prepare(s, "select * from t where v > ? and s < ?", 0) == 0);
    fields = reinterpret_cast<TAOS_FIELD_ALL *>(1);
    CHECK(taos_stmt2_get_fields(s, &n, &fields) == 0);
    CHECK(n == 2);
    CHECK(fields == reinterpret_cast<TAOS_FIELD_ALL *>(1));
  }
  SECTION("of a table named later, once it is named") {
    REQUIRE(taos_stmt2_prepare(s, "insert into ? values (?, ?, ?)", 0) == 0);
    CHECK(taos_stmt2_get_fields(s, &n, &fields) == code(0x022B));
    ManyTables m(2);
    char c1[] = "c1", c2[] = "c2";
    m.name_list = {c1, c2};
    REQUIRE(taos_stmt2_bind_param(s, &m.v, -1) == 0);
    REQUIRE(taos_stmt2_get_fields(s, &n, &fields) == 0);
    CHECK(n == 3);
    CHECK(std::string(fields[0].name) == "ts");
    taos_stmt2_free_fields(s, fields);
    int affected = 0;
    REQUIRE(taos_stmt2_exec(s, &affected) == 0);
    CHECK(affected == 2);
    CHECK(f.adapter.executions().at(0).tables[1].name == "c2");
  }
  SECTION("of a statement without question marks") {
    REQUIRE(taos_stmt2_prepare(s, "insert into t values (1, 2, 'x', 3)", 0) == 0);
    CHECK(taos_stmt2_get_fields(s, &n, &fields) == 0);
    CHECK(n == 0);
    OneTable rows(rows_of_t(1));
    CHECK(taos_stmt2_bind_param(s, &rows.v, -1) == 0);
    CHECK(taos_stmt2_exec(s, nullptr) == code(0x022A));
  }
}

TEST_CASE("stmt2: queries", "[statement]") {
  const char *version = GENERATE("3.3.7.5", "3.4.1.13");
  StmtFixture f(version);
  Stmt2 s(f.taos);
  REQUIRE(taos_stmt2_prepare(s, "select v, s from t where v > ? and s < ?", 0) == 0);
  CHECK(taos_stmt2_exec(s, nullptr) == code(0x022A));
  CHECK(taos_stmt2_result(s) == nullptr);
  TAOS_RES *before = nullptr;
  for (int k = 0; k < 2; k++) {
    OneTable parameters({Values::ints({k}), Values::texts({"z"})});
    REQUIRE(taos_stmt2_bind_param(s, &parameters.v, -1) == 0);
    int affected = -1;
    REQUIRE(taos_stmt2_exec(s, &affected) == 0);
    CHECK(affected == 0);
    TAOS_RES *r = taos_stmt2_result(s);
    REQUIRE(r != nullptr);
    CHECK(taos_stmt2_result(s) == r);
    CHECK(r != before);
    before = r;
    CHECK(taos_fetch_fields(r)[1].bytes == 10);
    int rows = 0;
    while (TAOS_ROW row = taos_fetch_row(r)) CHECK(int_at(row[0]) == 10 * rows++);
    CHECK(rows == 3);
    if (k == 0) taos_free_result(r);  // allowed
    if (k == 0) CHECK(taos_stmt2_result(s) == nullptr);
  }
  CHECK(f.adapter.executions().at(1).tables[0].columns == std::vector<Texts>{{"1"}, {"z"}});
  OneTable two(std::vector<Values>{Values::ints({1, 2}), Values::texts({"a", "b"})});
  CHECK(taos_stmt2_bind_param(s, &two.v, -1) == code(0x0236));
  CHECK(taos_fetch_row(before) == nullptr);
}

TEST_CASE("stmt2: what cannot be prepared", "[statement]") {
  StmtFixture f;
  for (const char *sql : {"", "drop table t", "selec ?", "select 1"}) {
    CAPTURE(sql);
    Stmt2 s(f.taos);
    CHECK(taos_stmt2_prepare(s, sql, 0) == code(0x2600));
    CHECK(s.error() == "stmt only support 'SELECT' or 'INSERT'");
    OneTable rows(rows_of_t(1));
    CHECK(taos_stmt2_bind_param(s, &rows.v, -1) == code(0x2600));
    CHECK(taos_stmt2_exec(s, nullptr) == code(0x2600));
    REQUIRE(taos_stmt2_prepare(s, kInsert, 0) == 0);
    REQUIRE(taos_stmt2_bind_param(s, &rows.v, -1) == 0);
    REQUIRE(taos_stmt2_exec(s, nullptr) == 0);
  }
}

TEST_CASE("stmt2: a table that is not there yet", "[statement]") {
  std::atomic<bool> there{false};
  StmtFixture f("3.3.7.5", [&](const std::string &sql) {
    return describe_test_tables(there || sql.find("later") == std::string::npos ? kInsert
                                                                                : "insert into nosuch values (?)");
  });
  Stmt2 s(f.taos);
  REQUIRE(taos_stmt2_prepare(s, "insert into later values (?, ?, ?, ?)", 0) == 0);
  int n = -1;
  CHECK(taos_stmt2_get_fields(s, &n, nullptr) == code(0x022B));
  OneTable rows(rows_of_t(1));
  SECTION("it comes") {
    there = true;
    CHECK(taos_stmt2_get_fields(s, &n, nullptr) == 0);
    CHECK(n == 4);
    REQUIRE(taos_stmt2_bind_param(s, &rows.v, -1) == 0);
    CHECK(taos_stmt2_exec(s, nullptr) == 0);
  }
  SECTION("it does not") {
    CHECK(taos_stmt2_bind_param(s, &rows.v, -1) == code(0x2603));
    there = true;
    CHECK(taos_stmt2_exec(s, nullptr) == code(0x2603));
    CHECK(f.adapter.count("stmt2_bind") == 0);
  }
}

TEST_CASE("stmt2: out of order", "[statement]") {
  StmtFixture f;
  OneTable rows(rows_of_t(1));
  SECTION("bind before prepare") {
    Stmt2 s(f.taos);
    CHECK(taos_stmt2_bind_param(s, &rows.v, -1) == code(0x022A));
  }
  SECTION("exec before prepare") {
    Stmt2 s(f.taos);
    CHECK(taos_stmt2_exec(s, nullptr) == code(0x022A));
    CHECK(taos_stmt2_prepare(s, kInsert, 0) == code(0x022A));  // natively too
  }
  SECTION("exec without a bind, and again") {
    Stmt2 s(f.taos);
    REQUIRE(taos_stmt2_prepare(s, kInsert, 0) == 0);
    CHECK(taos_stmt2_exec(s, nullptr) == code(0x022A));
    REQUIRE(taos_stmt2_bind_param(s, &rows.v, -1) == 0);
    REQUIRE(taos_stmt2_exec(s, nullptr) == 0);
    CHECK(taos_stmt2_exec(s, nullptr) == code(0x022A));
    CHECK(s.error() == "Stmt API usage error");
    CHECK(f.adapter.count("stmt2_exec") == 1);
  }
  SECTION("the result of an insert") {
    Stmt2 s(f.taos);
    REQUIRE(taos_stmt2_prepare(s, kInsert, 0) == 0);
    CHECK(taos_stmt2_result(s) == nullptr);
    CHECK(s.error() == "success");
  }
}

TEST_CASE("stmt2: binds that do not fit stay errors until the next prepare", "[statement]") {
  StmtFixture f;
  Stmt2 s(f.taos);
  REQUIRE(taos_stmt2_prepare(s, kInsert, 0) == 0);
  OneTable rows(rows_of_t(1, 2));
  int expected = 0;
  SECTION("type") {
    rows.binds[1].buffer_type = 7;
    expected = code(0x0200);
  }
  SECTION("length") {
    rows.columns[2] = Values::texts({"ok", "this is too long"});
    rows.binds[2] = rows.columns[2].packed();
    expected = code(0x2653);
  }
  SECTION("uneven") {
    rows.binds[3].num = 1;
    expected = code(0x0200);
  }
  SECTION("a negative length") {
    rows.columns[2].lengths[0] = -4;
    expected = code(0x0118);
  }
  SECTION("no lengths") {
    rows.binds[2].length = nullptr;
    expected = code(0x0118);
  }
  SECTION("no values") {
    rows.binds[1].buffer = nullptr;
    expected = code(0x0118);
  }
  CHECK(taos_stmt2_bind_param(s, &rows.v, -1) == expected);
  CHECK(taos_stmt2_exec(s, nullptr) == expected);
  CHECK(f.adapter.count("stmt2_bind") == 0);
  CHECK(f.adapter.count("stmt2_exec") == 0);
  REQUIRE(taos_stmt2_prepare(s, kInsert, 0) == 0);
  OneTable good(rows_of_t(1));
  REQUIRE(taos_stmt2_bind_param(s, &good.v, -1) == 0);
  CHECK(taos_stmt2_exec(s, nullptr) == 0);
}

TEST_CASE("stmt2: numbers out of range have no consequences", "[statement]") {
  StmtFixture f;
  Stmt2 s(f.taos);
  REQUIRE(taos_stmt2_prepare(s, kInsert, 0) == 0);
  OneTable rows(rows_of_t(1));
  for (int num : {0, -1}) {
    rows.binds[0].num = num;
    CHECK(taos_stmt2_bind_param(s, &rows.v, -1) == code(0x0236));
  }
  rows.binds[0].num = 1;
  rows.v.count = -3;
  CHECK(taos_stmt2_bind_param(s, &rows.v, -1) == 0);
  rows.v.count = 1;
  REQUIRE(taos_stmt2_bind_param(s, &rows.v, -1) == 0);
  CHECK(taos_stmt2_exec(s, nullptr) == 0);
}

TEST_CASE("stmt2: an error of the server", "[statement]") {
  const char *version = GENERATE("3.3.7.5", "3.4.1.13");
  StmtFixture f(version);
  Stmt2 s(f.taos);
  REQUIRE(taos_stmt2_prepare(s, kInsert, 0) == 0);
  OneTable rows(rows_of_t(1));
  SECTION("from the execution: the statement goes on") {
    f.adapter.execution_error = 0x267B;
    f.adapter.execution_message = "Primary key column should not be null";
    REQUIRE(taos_stmt2_bind_param(s, &rows.v, -1) == 0);
    int affected = -7;
    CHECK(taos_stmt2_exec(s, &affected) == code(0x267B));
    CHECK(affected == -7);
    CHECK(s.error() == "Primary key column should not be null");
    CHECK(taos_errno(nullptr) == code(0x267B));
    f.adapter.execution_error = 0;
    REQUIRE(taos_stmt2_bind_param(s, &rows.v, -1) == 0);
    CHECK(taos_stmt2_exec(s, &affected) == 0);
    CHECK(affected == 1);
  }
  SECTION("from the bind: it stays until the next prepare") {
    f.adapter.fault_code = 0x0300;
    f.adapter.interfere([](const std::string &action, int times) {
      return action == "stmt2_bind" && times == 1 ? StmtAdapter::Fault::kError : StmtAdapter::Fault::kNone;
    });
    REQUIRE(taos_stmt2_prepare(s, "insert into ? values (?, ?, ?)", 0) == 0);
    ManyTables m(1);
    CHECK(taos_stmt2_bind_param(s, &m.v, -1) == code(0x0300));
    CHECK(taos_stmt2_exec(s, nullptr) == code(0x0300));
    CHECK(taos_stmt2_bind_param(s, &m.v, -1) == code(0x0300));
    CHECK(f.adapter.count("stmt2_exec") == 0);
  }
}

TEST_CASE("stmt2: the program's request id is used once", "[statement]") {
  StmtFixture f;
  // Two statements with one id: the requests must still be told apart.
  Stmt2 a(f.taos, {4711, false, false, nullptr, nullptr});
  Stmt2 b(f.taos, {4711, true, true, nullptr, nullptr});
  REQUIRE(taos_stmt2_prepare(a, kInsert, 0) == 0);
  REQUIRE(taos_stmt2_prepare(b, kInsertMany, 0) == 0);
  OneTable rows(rows_of_t(1));
  ManyTables m(2);
  REQUIRE(taos_stmt2_bind_param(a, &rows.v, -1) == 0);
  REQUIRE(taos_stmt2_bind_param(b, &m.v, -1) == 0);
  CHECK(taos_stmt2_exec(a, nullptr) == 0);
  CHECK(taos_stmt2_exec(b, nullptr) == 0);
}
