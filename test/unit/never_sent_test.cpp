// Requests that end a real server process are refused here, with native's codes: an execution without values or after a
// bind that failed, a bind after a prepare that failed, the type of a query's parameter, BLOB columns in raw form, JSON
// lines with a number for a name, and messages without content. The servers of these tests count what arrives.
//
// More of the same kind, tagged [never-sent] as well: raw_write_block, raw_write_frames, schemaless_write,
// consumer_poll.
#include <atomic>
#include <thread>

#include "../support/connections.h"
#include "../support/query_server.h"
#include "statement_stmt2_fixture.h"

using namespace opentaos::test;

namespace {

using Fault = StmtAdapter::Fault;

const char *const kOldServer = "3.3.3.0";  // has the first generation of statements only
const char *const kServer = "3.3.7.5";
const char *const kNewServer = "3.4.1.13";  // binds and executes in one message

const char *const kInsertNamed = "insert into ? values (?, ?, ?)";

struct Stmt {
  explicit Stmt(TAOS *taos) : s(taos_stmt_init(taos)) { REQUIRE(s != nullptr); }
  ~Stmt() { CHECK(taos_stmt_close(s) == 0); }
  operator TAOS_STMT *() const { return s; }
  TAOS_STMT *s;
};

// Executions that have reached the server, and binds.
int executions(StmtAdapter &a) { return a.count("exec") + a.count("stmt2_exec") + a.count("stmt2_bind_exec"); }
int binds(StmtAdapter &a) { return a.count("bind") + a.count("stmt2_bind") + a.count("stmt2_bind_exec"); }

int bind_all(TAOS_STMT *s, std::vector<Values> columns) {
  auto b = strided(columns);
  return taos_stmt_bind_param_batch(s, b.data());
}

StmtAdapter::Interfere fails(const std::string &action) {
  return [action](const std::string &a, int) { return a == action ? Fault::kError : Fault::kNone; };
}

const int kWrong = code(0x022A);  // Stmt API usage error

}  // namespace

// ---------------------------------------------------------------------------------------------------- second
// generation

TEST_CASE("never sent: an execution without values, stmt2", "[statement][never-sent]") {
  const char *version = GENERATE(kServer, kNewServer);
  CAPTURE(version);
  StmtFixture f(version);
  OneTable row(rows_of_t(1));
  int sent = 0;
  Stmt2 s(f.taos);
  SECTION("not prepared") { CHECK(taos_stmt2_exec(s, nullptr) == kWrong); }
  SECTION("prepared") {
    REQUIRE(taos_stmt2_prepare(s, kInsert, 0) == 0);
    int affected = -1;
    CHECK(taos_stmt2_exec(s, &affected) == kWrong);
    CHECK(affected == -1);
  }
  SECTION("asked about its fields") {
    REQUIRE(taos_stmt2_prepare(s, kInsert, 0) == 0);
    int n = 0;
    REQUIRE(taos_stmt2_get_fields(s, &n, nullptr) == 0);
    CHECK(taos_stmt2_exec(s, nullptr) == kWrong);
  }
  SECTION("a second time") {
    REQUIRE(taos_stmt2_prepare(s, kInsert, 0) == 0);
    REQUIRE(taos_stmt2_bind_param(s, &row.v, -1) == 0);
    REQUIRE(taos_stmt2_exec(s, nullptr) == 0);
    sent = 1;
    for (int i = 0; i < 3; i++) CHECK(taos_stmt2_exec(s, nullptr) == kWrong);
  }
  SECTION("after an execution that failed") {
    f.adapter.execution_error = 0x267B;
    f.adapter.execution_message = "Primary key column should not be null";
    REQUIRE(taos_stmt2_prepare(s, kInsert, 0) == 0);
    REQUIRE(taos_stmt2_bind_param(s, &row.v, -1) == 0);
    CHECK(taos_stmt2_exec(s, nullptr) == code(0x267B));
    sent = 1;
    CHECK(taos_stmt2_exec(s, nullptr) == kWrong);
  }
  SECTION("bound before it was prepared again") {
    REQUIRE(taos_stmt2_prepare(s, kInsert, 0) == 0);
    REQUIRE(taos_stmt2_bind_param(s, &row.v, -1) == 0);
    REQUIRE(taos_stmt2_prepare(s, "insert into t (ts, i) values (?, ?)", 0) == 0);
    CHECK(taos_stmt2_exec(s, nullptr) == kWrong);
  }
  SECTION("bound without a table") {
    REQUIRE(taos_stmt2_prepare(s, kInsert, 0) == 0);
    row.v.count = 0;
    CHECK(taos_stmt2_bind_param(s, &row.v, -1) == 0);
    CHECK(taos_stmt2_exec(s, nullptr) == kWrong);
  }
  SECTION("only names bound") {
    REQUIRE(taos_stmt2_prepare(s, "insert into ? using st tags (?, ?) values (?, ?, ?)", 0) == 0);
    char name[] = "c1";
    char *names[] = {name};
    TAOS_STMT2_BINDV v = {1, names, nullptr, nullptr};
    CHECK(taos_stmt2_bind_param(s, &v, -1) == 0);
    CHECK(taos_stmt2_exec(s, nullptr) == kWrong);
  }
  SECTION("some of its columns bound") {
    REQUIRE(taos_stmt2_prepare(s, kInsert, 0) == 0);
    REQUIRE(taos_stmt2_bind_param(s, &row.v, 0) == 0);
    CHECK(taos_stmt2_exec(s, nullptr) == code(0x0200));
    CHECK(taos_stmt2_exec(s, nullptr) == kWrong);
  }
  SECTION("no rows bound") {
    REQUIRE(taos_stmt2_prepare(s, kInsert, 0) == 0);
    row.binds[0].num = 0;
    CHECK(taos_stmt2_bind_param(s, &row.v, -1) == code(0x0236));
    CHECK(taos_stmt2_exec(s, nullptr) == kWrong);
  }
  SECTION("a query") {
    REQUIRE(taos_stmt2_prepare(s, "select v, s from t where v > ?", 0) == 0);
    CHECK(taos_stmt2_exec(s, nullptr) == kWrong);
  }
  SECTION("without question marks") {
    REQUIRE(taos_stmt2_prepare(s, "insert into t values (1, 2, 'x', 3)", 0) == 0);
    CHECK(taos_stmt2_exec(s, nullptr) == kWrong);
  }
  SECTION("after the connection was lost") {
    REQUIRE(taos_stmt2_prepare(s, kInsert, 0) == 0);
    f.adapter.server().hang_up_all();
    CHECK(taos_stmt2_exec(s, nullptr) == kWrong);
  }
  CHECK(executions(f.adapter) == sent);
}

TEST_CASE("never sent: an execution without values that ends in a callback", "[statement][never-sent]") {
  const char *version = GENERATE(kServer, kNewServer);
  CAPTURE(version);
  StmtFixture f(version);
  Done called;
  Stmt2 s(f.taos, {0, false, false, Done::call, &called});
  REQUIRE(taos_stmt2_prepare(s, kInsert, 0) == 0);
  CHECK(taos_stmt2_exec(s, nullptr) == kWrong);
  OneTable row(rows_of_t(1));
  REQUIRE(taos_stmt2_bind_param(s, &row.v, -1) == 0);
  REQUIRE(taos_stmt2_exec(s, nullptr) == 0);
  REQUIRE(called.wait());
  CHECK(called.code == 0);
  CHECK(taos_stmt2_exec(s, nullptr) == kWrong);
  CHECK(executions(f.adapter) == 1);
}

TEST_CASE("never sent: an execution after a bind that failed here, stmt2", "[statement][never-sent]") {
  const char *version = GENERATE(kServer, kNewServer);
  CAPTURE(version);
  StmtFixture f(version);
  Stmt2 s(f.taos);
  REQUIRE(taos_stmt2_prepare(s, kInsert, 0) == 0);
  OneTable row(rows_of_t(1));
  row.columns[2] = Values::texts({"this is too long"});
  row.pack();
  SECTION("by a call") {
    CHECK(taos_stmt2_bind_param(s, &row.v, -1) == code(0x2653));
    CHECK(taos_stmt2_exec(s, nullptr) == code(0x2653));
  }
  SECTION("by a call that ends in a callback") {
    Done called;
    REQUIRE(taos_stmt2_bind_param_a(s, &row.v, -1, Done::call, &called) == 0);
    REQUIRE(called.wait());
    CHECK(called.code == code(0x2653));
    CHECK(taos_stmt2_exec(s, nullptr) == code(0x2653));
  }
  SECTION("column by column") {
    CHECK(taos_stmt2_bind_param(s, &row.v, 0) == 0);
    row.first = &row.binds[2];
    CHECK(taos_stmt2_bind_param(s, &row.v, 2) == code(0x2653));
    CHECK(taos_stmt2_exec(s, nullptr) == code(0x2653));
  }
  SECTION("and one after it") {
    CHECK(taos_stmt2_bind_param(s, &row.v, -1) == code(0x2653));
    OneTable good(rows_of_t(1));
    CHECK(taos_stmt2_bind_param(s, &good.v, -1) == code(0x2653));
    CHECK(taos_stmt2_exec(s, nullptr) == code(0x2653));
  }
  CHECK(binds(f.adapter) == 0);
  CHECK(executions(f.adapter) == 0);
}

TEST_CASE("never sent: an execution after a bind that the server refused, stmt2", "[statement][never-sent]") {
  StmtFixture f;
  f.adapter.fault_code = 0x0200;
  f.adapter.interfere(fails("stmt2_bind"));
  OneTable row(rows_of_t(1));
  SECTION("one that was waited for") {
    Stmt2 s(f.taos);
    REQUIRE(taos_stmt2_prepare(s, kInsert, 0) == 0);
    CHECK(taos_stmt2_bind_param(s, &row.v, -1) == code(0x0200));
    CHECK(taos_stmt2_exec(s, nullptr) == code(0x0200));
    CHECK(taos_stmt2_bind_param(s, &row.v, -1) == code(0x0200));
    CHECK(binds(f.adapter) == 1);
  }
  SECTION("one that nobody waited for") {
    Done called;
    Stmt2 s(f.taos, {0, false, false, Done::call, &called});
    REQUIRE(taos_stmt2_prepare(s, kInsert, 0) == 0);
    REQUIRE(taos_stmt2_bind_param(s, &row.v, -1) == 0);
    const int begun = taos_stmt2_exec(s, nullptr);
    if (begun == 0) REQUIRE(called.wait());
    CHECK((begun ? begun : called.code) == code(0x0200));
    CHECK(taos_stmt2_exec(s, nullptr) != 0);
  }
  SECTION("one that was repeated on another connection") {
    f.adapter.interfere(
        [](const std::string &a, int times) { return a == "stmt2_bind" && times == 2 ? Fault::kError : Fault::kNone; });
    Stmt2 s(f.taos);
    REQUIRE(taos_stmt2_prepare(s, kInsert, 0) == 0);
    REQUIRE(taos_stmt2_bind_param(s, &row.v, -1) == 0);
    f.adapter.server().hang_up_all();
    std::this_thread::sleep_for(std::chrono::milliseconds(150));  // idle: looked at before it is used
    CHECK(taos_stmt2_exec(s, nullptr) == code(0x0200));
    CHECK(taos_stmt2_exec(s, nullptr) != 0);
    CHECK(binds(f.adapter) == 2);
  }
  CHECK(executions(f.adapter) == 0);
}

TEST_CASE("never sent: a bind after a prepare that failed, stmt2", "[statement][never-sent]") {
  const char *version = GENERATE(kServer, kNewServer);
  CAPTURE(version);
  StmtFixture f(version);
  Stmt2 s(f.taos);
  OneTable row(rows_of_t(1));
  int refused = 0;
  SECTION("not prepared at all") { refused = kWrong; }
  SECTION("neither insert nor query") {
    refused = code(0x2600);
    CHECK(taos_stmt2_prepare(s, "drop table t", 0) == refused);
  }
  SECTION("a table that is not there") {
    refused = code(0x2603);
    REQUIRE(taos_stmt2_prepare(s, "insert into nosuch values (?, ?, ?, ?)", 0) == 0);
  }
  SECTION("after one that worked") {
    refused = code(0x2600);
    REQUIRE(taos_stmt2_prepare(s, kInsert, 0) == 0);
    CHECK(taos_stmt2_prepare(s, "drop table t", 0) == refused);
  }
  CHECK(taos_stmt2_bind_param(s, &row.v, -1) == refused);
  CHECK(taos_stmt2_exec(s, nullptr) == refused);
  Done called;
  REQUIRE(taos_stmt2_bind_param_a(s, &row.v, -1, Done::call, &called) == 0);
  REQUIRE(called.wait());
  CHECK(called.code == refused);
  CHECK(binds(f.adapter) == 0);
  CHECK(executions(f.adapter) == 0);
}

TEST_CASE("never sent: decimals as text, which this server reads beyond their end", "[statement][never-sent]") {
  StmtFixture f;
  Stmt2 s(f.taos);
  REQUIRE(taos_stmt2_prepare(s, "insert into money values (?, ?)", 0) == 0);
  OneTable good({Values::timestamps({1}), Values::texts({"12.5"}, 21)});
  REQUIRE(taos_stmt2_bind_param(s, &good.v, -1) == 0);
  REQUIRE(taos_stmt2_exec(s, nullptr) == 0);
  CHECK(f.adapter.executions().at(0).tables.at(0).columns.at(1) == Texts{"1250"});
  OneTable bad({Values::timestamps({1}), Values::texts({"12,5"}, 21)});
  CHECK(taos_stmt2_bind_param(s, &bad.v, -1) != 0);
  CHECK(taos_stmt2_exec(s, nullptr) != 0);
  CHECK(binds(f.adapter) == 1);
  CHECK(executions(f.adapter) == 1);
}

// ---------------------------------------------------------------------------------------------------- first generation

TEST_CASE("never sent: an execution without values, stmt", "[statement][never-sent]") {
  const char *version = GENERATE(kOldServer, kServer);
  CAPTURE(version);
  StmtFixture f(version);
  int sent = 0;
  Stmt s(f.taos);
  SECTION("not prepared") {}
  SECTION("prepared") { REQUIRE(taos_stmt_prepare(s, kInsert, 0) == 0); }
  SECTION("asked about its columns") {
    REQUIRE(taos_stmt_prepare(s, kInsert, 0) == 0);
    int n = 0;
    REQUIRE(taos_stmt_num_params(s, &n) == 0);
  }
  SECTION("a table named") {
    REQUIRE(taos_stmt_prepare(s, kInsertNamed, 0) == 0);
    REQUIRE(taos_stmt_set_tbname(s, "c1") == 0);
  }
  SECTION("values without add_batch") {
    REQUIRE(taos_stmt_prepare(s, kInsert, 0) == 0);
    REQUIRE(bind_all(s, rows_of_t(1)) == 0);
  }
  SECTION("a second time") {
    REQUIRE(taos_stmt_prepare(s, kInsert, 0) == 0);
    REQUIRE(bind_all(s, rows_of_t(1)) == 0);
    REQUIRE(taos_stmt_add_batch(s) == 0);
    REQUIRE(taos_stmt_execute(s) == 0);
    sent = 1;
  }
  SECTION("a second time, its columns asked for in between") {
    REQUIRE(taos_stmt_prepare(s, kInsert, 0) == 0);
    REQUIRE(bind_all(s, rows_of_t(1)) == 0);
    REQUIRE(taos_stmt_add_batch(s) == 0);
    REQUIRE(taos_stmt_execute(s) == 0);
    sent = 1;
    int n = 0;
    REQUIRE(taos_stmt_num_params(s, &n) == 0);
  }
  SECTION("after an execution that failed") {
    f.adapter.execution_error = 0x267B;
    f.adapter.execution_message = "Primary key column should not be null";
    REQUIRE(taos_stmt_prepare(s, kInsert, 0) == 0);
    REQUIRE(bind_all(s, rows_of_t(1)) == 0);
    REQUIRE(taos_stmt_add_batch(s) == 0);
    CHECK(taos_stmt_execute(s) == code(0x267B));
    sent = 1;
  }
  SECTION("bound before it was prepared again") {
    REQUIRE(taos_stmt_prepare(s, kInsert, 0) == 0);
    REQUIRE(bind_all(s, rows_of_t(1)) == 0);
    REQUIRE(taos_stmt_add_batch(s) == 0);
    REQUIRE(taos_stmt_prepare(s, "insert into t (ts, i) values (?, ?)", 0) == 0);
  }
  SECTION("a query, with parameters or none") {
    const char *sql = GENERATE("select v, s from t where v > ?", "select 1, 'x'");
    REQUIRE(taos_stmt_prepare(s, sql, 0) == 0);
  }
  SECTION("without question marks") { REQUIRE(taos_stmt_prepare(s, "insert into t values (1, 2, 'x', 3)", 0) == 0); }
  CHECK(taos_stmt_execute(s) == kWrong);
  CHECK(taos_stmt_execute(s) == kWrong);
  CHECK(executions(f.adapter) == sent);
}

TEST_CASE("never sent: an execution after a bind that failed here, stmt", "[statement][never-sent]") {
  const char *version = GENERATE(kOldServer, kServer);
  CAPTURE(version);
  StmtFixture f(version);
  Stmt s(f.taos);
  REQUIRE(taos_stmt_prepare(s, kInsert, 0) == 0);
  int refused = 0;
  SECTION("too long") {
    auto row = rows_of_t(1);
    row[2] = Values::texts({"this one is too long"});
    CHECK(bind_all(s, row) == (refused = code(0x2653)));
  }
  SECTION("another type") {
    auto row = rows_of_t(1);
    row[1] = Values::doubles({1});
    CHECK(bind_all(s, row) == (refused = code(0x0200)));
  }
  SECTION("after rows that are fine") {
    REQUIRE(bind_all(s, rows_of_t(1)) == 0);
    REQUIRE(taos_stmt_add_batch(s) == 0);
    auto row = rows_of_t(2);
    row[1] = Values::doubles({1});
    CHECK(bind_all(s, row) == (refused = code(0x0200)));
  }
  SECTION("columns of different lengths") {
    auto row = rows_of_t(1, 2);
    row[3] = Values::doubles({1});
    CHECK(bind_all(s, row) == (refused = code(0x0200)));
  }
  CHECK(taos_stmt_execute(s) == refused);
  CHECK(taos_stmt_add_batch(s) == refused);
  CHECK(taos_stmt_execute(s) == refused);
  CHECK(binds(f.adapter) == 0);
  CHECK(executions(f.adapter) == 0);
}

TEST_CASE("never sent: an execution after something the server refused, stmt", "[statement][never-sent]") {
  const char *version = GENERATE(kOldServer, kServer);
  CAPTURE(version);
  StmtFixture f(version);
  const bool old = version == std::string(kOldServer);
  f.adapter.fault_code = 0x0200;
  const char *action = nullptr;
  SECTION("the values") { action = old ? "bind" : "stmt2_bind"; }
  SECTION("the end of a batch") { action = old ? "add_batch" : "stmt2_bind"; }
  SECTION("the table") { action = old ? "set_table_name" : "stmt2_bind"; }
  SECTION("the tags") { action = old ? "set_tags" : "stmt2_bind"; }
  Stmt s(f.taos);
  REQUIRE(taos_stmt_prepare(s, "insert into ? using st tags (?, ?) values (?, ?, ?)", 0) == 0);
  std::vector<Values> tags = {Values::ints({1}), Values::texts({"x"})};
  auto t = strided(tags);
  REQUIRE(taos_stmt_set_tbname_tags(s, "c1", t.data()) == 0);
  REQUIRE(bind_all(s, {Values::timestamps({1}), Values::ints({1}), Values::texts({"n"}, 10)}) == 0);
  REQUIRE(taos_stmt_add_batch(s) == 0);
  f.adapter.interfere(fails(action));
  CHECK(taos_stmt_execute(s) == code(0x0200));
  CHECK(f.adapter.count(action) == 1 + (old && std::string(action) == "set_table_name"));
  CHECK(taos_stmt_execute(s) != 0);
  CHECK(executions(f.adapter) == 0);
}

TEST_CASE("never sent: a bind after a prepare that failed, stmt", "[statement][never-sent]") {
  StmtFixture f;
  Stmt s(f.taos);
  int refused = 0;
  SECTION("not prepared at all") { refused = kWrong; }
  SECTION("neither insert nor query") {
    refused = code(0x0117);
    REQUIRE(taos_stmt_prepare(s, "drop table t", 0) == 0);
  }
  SECTION("no table is named") {
    refused = code(0x2603);
    REQUIRE(taos_stmt_prepare(s, kInsertNamed, 0) == 0);
  }
  SECTION("a table that is not there") {
    refused = code(0x2603);
    REQUIRE(taos_stmt_prepare(s, "insert into nosuch values (?, ?, ?, ?)", 0) == 0);
  }
  CHECK(bind_all(s, rows_of_t(1)) == refused);
  CHECK(taos_stmt_add_batch(s) == refused);
  CHECK(taos_stmt_execute(s) == refused);
  CHECK(binds(f.adapter) == 0);
  CHECK(executions(f.adapter) == 0);
}

TEST_CASE("never sent: a question about the parameter of a query", "[statement][never-sent]") {
  const char *version = GENERATE(kOldServer, kServer);
  CAPTURE(version);
  StmtFixture f(version);
  Stmt s(f.taos);
  REQUIRE(taos_stmt_prepare(s, "select v, s from t where v > ?", 0) == 0);
  int type = -9, bytes = -9;
  CHECK(taos_stmt_get_param(s, 0, &type, &bytes) == kWrong);
  CHECK(type == -9);
  CHECK(f.adapter.count("stmt_get_param") == 0);
  CHECK(f.adapter.count("get_col_fields") == 0);
}

TEST_CASE("never sent: a BLOB in a statement of the first generation", "[statement][never-sent]") {
  const char *version = GENERATE(kOldServer, kServer);
  CAPTURE(version);
  StmtFixture f(version);
  Stmt s(f.taos);
  REQUIRE(taos_stmt_prepare(s, "insert into blobs values (?, ?)", 0) == 0);
  CHECK(bind_all(s, {Values::timestamps({1}), Values::texts({"x"}, 18)}) == code(0x6301));
  CHECK(taos_stmt_execute(s) == code(0x6301));
  CHECK(binds(f.adapter) == 0);
  CHECK(executions(f.adapter) == 0);
}

TEST_CASE("never sent: the same of ws_stmt", "[statement][never-sent]") {
  const char *version = GENERATE(kOldServer, kServer);
  CAPTURE(version);
  StmtFixture f(version);
  const std::string dsn = "ws://127.0.0.1:" + std::to_string(f.adapter.port());
  WS_TAOS *taos = ws_connect(dsn.c_str());
  REQUIRE(taos != nullptr);
  WS_STMT *s = ws_stmt_init(taos);
  int affected = -1;
  int sent = 0;
  SECTION("not prepared") { CHECK(ws_stmt_execute(s, &affected) == kWrong); }
  SECTION("prepared, and again") {
    REQUIRE(ws_stmt_prepare(s, kInsert, std::strlen(kInsert)) == 0);
    SECTION("without values") { CHECK(ws_stmt_execute(s, &affected) == kWrong); }
    SECTION("a second time") {
      auto columns = rows_of_t(1);
      auto b = strided(columns);
      REQUIRE(ws_stmt_bind_param_batch(s, reinterpret_cast<const WS_MULTI_BIND *>(b.data()), 4) == 0);
      REQUIRE(ws_stmt_add_batch(s) == 0);
      REQUIRE(ws_stmt_execute(s, &affected) == 0);
      sent = 1;
      CHECK(ws_stmt_execute(s, &affected) == kWrong);
    }
    SECTION("after a bind that failed") {
      auto columns = rows_of_t(1);
      columns[2] = Values::texts({"this one is too long"});
      auto b = strided(columns);
      CHECK(ws_stmt_bind_param_batch(s, reinterpret_cast<const WS_MULTI_BIND *>(b.data()), 4) == code(0x2653));
      CHECK(ws_stmt_execute(s, &affected) == code(0x2653));
      CHECK(binds(f.adapter) == 0);
    }
  }
  CHECK(executions(f.adapter) == sent);
  ws_stmt_close(s);
  ws_close(taos);
}

// ---------------------------------------------------------------------------------------------------- other writes

TEST_CASE("never sent: BLOB columns in raw form", "[raw][never-sent]") {
  QueryServer server;
  TestConnection taos(server.port());
  std::string block = QueryServer::block(0, 3);
  const auto width = block.size();
  REQUIRE(taos_write_raw_block(taos, 3, block.data(), "t") == 0);
  REQUIRE(server.count("write_raw_block") == 1);
  for (const char type : {char{18}, char{19}}) {
    CAPTURE(static_cast<int>(type));
    // Three nulls in place of the INT column's bitmap and values.
    std::string blobs = block.substr(0, width - 13) + std::string(12, '\xff');
    blobs[33] = type;
    const int32_t none = 0, length = static_cast<int32_t>(blobs.size());
    blobs.replace(28 + 14, 4, reinterpret_cast<const char *>(&none), 4);
    blobs.replace(4, 4, reinterpret_cast<const char *>(&length), 4);
    TAOS_FIELD fields[2] = {};
    fields[0] = {"ts", 9, 8};
    fields[1] = {"b", type, 4 << 20};
    const int refused = code(0x0100);
    CHECK(taos_write_raw_block(taos, 3, blobs.data(), "t") == refused);
    CHECK(taos_write_raw_block_with_reqid(taos, 3, blobs.data(), "t", 7) == refused);
    CHECK(taos_write_raw_block_with_fields(taos, 3, blobs.data(), "t", fields, 2) == refused);
    CHECK(taos_write_raw_block_with_fields_with_reqid(taos, 3, blobs.data(), "t", fields, 2, 8) == refused);
  }
  CHECK(server.count("write_raw_block") == 1);
  CHECK(server.count("write_raw_block_with_fields") == 0);
}

TEST_CASE("never sent: a JSON line whose metric is a number", "[schemaless][never-sent]") {
  QueryServer server;
  TestConnection taos(server.port());
  std::string line = R"({"metric":5,"timestamp":1,"value":1,"tags":{"a":1}})";
  const std::string list = "[" + line + "]";
  for (std::string text : {line, list}) {
    CAPTURE(text);
    char *lines[] = {text.data()};
    CHECK(Outcome(taos_schemaless_insert(taos, lines, 1, TSDB_SML_JSON_PROTOCOL, 0)).code == 0x80000221u);
    CHECK(Outcome(taos_schemaless_insert_ttl_with_reqid_tbname_key(taos, lines, 1, TSDB_SML_JSON_PROTOCOL, 0, 0, 9,
                                                                   nullptr))
              .code == 0x80000221u);
    int32_t rows = -1;
    CHECK(Outcome(taos_schemaless_insert_raw(taos, text.data(), static_cast<int>(text.size()), &rows,
                                             TSDB_SML_JSON_PROTOCOL, 0))
              .code == 0x80000221u);
  }
  CHECK(server.count("insert") == 0);
}

TEST_CASE("never sent: statements without text", "[query][never-sent]") {
  QueryServer server;
  TestConnection taos(server.port());
  const unsigned incomplete = 0x80002601u;
  CHECK(Outcome(taos_query(taos, "")).code == incomplete);
  CHECK(Outcome(taos_query_with_reqid(taos, "", 5)).code == incomplete);
  Done called;
  taos_query_a(taos, "", Done::call, &called);
  REQUIRE(called.wait());
  CHECK(called.code == static_cast<int>(incomplete));
  CHECK(server.count("query") == 0);
  CHECK(Outcome(taos_query(taos, "insert")).code == 0);
  CHECK(server.count("query") == 1);
}
