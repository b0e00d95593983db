// Statements whose connection is lost, whose answers do not come, or that are closed under way: nothing is executed
// twice, nothing is executed without the program knowing, and the statement says what it can still do.
#include "statement_stmt2_fixture.h"

using namespace opentaos::test;
using Fault = StmtAdapter::Fault;

namespace {

constexpr int kOutcomeUnknown = static_cast<int>(0x8000E020u);
constexpr int kReadTimeout = static_cast<int>(0x8000E004u);

StmtAdapter::Interfere once(const std::string &what, Fault fault) {
  return [=](const std::string &action, int times) { return action == what && times == 1 ? fault : Fault::kNone; };
}

}  // namespace

TEST_CASE("stmt2: a connection lost before the execution is made up for", "[statement]") {
  const char *version = GENERATE("3.3.7.5", "3.4.1.13");
  CAPTURE(version);
  StmtFixture f(version);
  TAOS_STMT2 *s = taos_stmt2_init(f.taos, nullptr);
  int affected = -1;
  OneTable rows(rows_of_t(1, 3));
  OneTable more(rows_of_t(100, 2));
  SECTION("between init and prepare") {
    f.adapter.server().hang_up_all();
    REQUIRE(taos_stmt2_prepare(s, kInsert, 0) == 0);
    REQUIRE(taos_stmt2_bind_param(s, &rows.v, -1) == 0);
  }
  SECTION("in the middle of prepare") {
    f.adapter.interfere(once("stmt2_prepare", Fault::kHangUp));
    REQUIRE(taos_stmt2_prepare(s, kInsert, 0) == 0);
    REQUIRE(taos_stmt2_bind_param(s, &rows.v, -1) == 0);
  }
  SECTION("between prepare and bind") {
    REQUIRE(taos_stmt2_prepare(s, kInsert, 0) == 0);
    f.adapter.server().hang_up_all();
    std::this_thread::sleep_for(std::chrono::milliseconds(150));  // idle: looked at before it is used
    REQUIRE(taos_stmt2_bind_param(s, &rows.v, -1) == 0);
  }
  SECTION("in the middle of a bind") {
    f.adapter.interfere(once("stmt2_bind", Fault::kHangUp));
    REQUIRE(taos_stmt2_prepare(s, kInsert, 0) == 0);
    REQUIRE(taos_stmt2_bind_param(s, &rows.v, -1) == 0);
  }
  SECTION("between bind and execution") {
    REQUIRE(taos_stmt2_prepare(s, kInsert, 0) == 0);
    REQUIRE(taos_stmt2_bind_param(s, &rows.v, -1) == 0);
    f.adapter.server().hang_up_all();
    std::this_thread::sleep_for(std::chrono::milliseconds(150));
  }
  REQUIRE(taos_stmt2_exec(s, &affected) == 0);
  CHECK(affected == 3);
  // What was bound for the execution, and nothing else.
  auto done = f.adapter.executions();
  REQUIRE(done.size() == 1);
  REQUIRE(done[0].tables.size() == 1);
  CHECK(done[0].tables[0].columns[0] == Texts{"1", "2", "3"});
  REQUIRE(taos_stmt2_bind_param(s, &more.v, -1) == 0);
  REQUIRE(taos_stmt2_exec(s, &affected) == 0);
  CHECK(affected == 2);
  CHECK(taos_stmt2_close(s) == 0);
}

TEST_CASE("stmt2: several binds are bound again after a loss", "[statement]") {
  const char *version = GENERATE("3.3.7.5", "3.4.1.13");
  StmtFixture f(version);
  TAOS_STMT2 *s = taos_stmt2_init(f.taos, nullptr);
  REQUIRE(taos_stmt2_prepare(s, kInsert, 0) == 0);
  OneTable a(rows_of_t(1, 2)), b(rows_of_t(100, 3)), c(rows_of_t(1000, 4));
  REQUIRE(taos_stmt2_bind_param(s, &a.v, -1) == 0);
  REQUIRE(taos_stmt2_bind_param(s, &b.v, -1) == 0);
  f.adapter.server().hang_up_all();
  REQUIRE(taos_stmt2_bind_param(s, &c.v, -1) == 0);
  int affected = -1;
  REQUIRE(taos_stmt2_exec(s, &affected) == 0);
  CHECK(affected == 9);
  CHECK(f.adapter.executions().size() == 1);
  CHECK(f.adapter.executions().at(0).tables.size() == 3);
  CHECK(taos_stmt2_close(s) == 0);
}

TEST_CASE("stmt2: an insert whose answer is lost has an unknown outcome", "[statement]") {
  const char *version = GENERATE("3.3.7.5", "3.4.1.13");
  const std::string action = std::string(version) == "3.4.1.13" ? "stmt2_bind_exec" : "stmt2_exec";
  CAPTURE(version);
  StmtFixture f(version);
  TAOS_STMT2 *s = taos_stmt2_init(f.taos, nullptr);
  REQUIRE(taos_stmt2_prepare(s, kInsert, 0) == 0);
  OneTable rows(rows_of_t(1, 3));
  REQUIRE(taos_stmt2_bind_param(s, &rows.v, -1) == 0);
  f.adapter.interfere(once(action, Fault::kHangUp));
  int affected = -7;
  CHECK(taos_stmt2_exec(s, &affected) == kOutcomeUnknown);
  CHECK(affected == -7);
  CHECK(taos_errno(nullptr) == kOutcomeUnknown);
  CHECK(f.adapter.count(action) == 1);  // never sent twice
  CHECK(taos_stmt2_exec(s, &affected) == code(0x022A));
  // The statement goes on.
  REQUIRE(taos_stmt2_bind_param(s, &rows.v, -1) == 0);
  REQUIRE(taos_stmt2_exec(s, &affected) == 0);
  CHECK(affected == 3);
  CHECK(taos_stmt2_close(s) == 0);
}

TEST_CASE("stmt2: a query whose answer is lost is asked again", "[statement]") {
  StmtFixture f;
  TAOS_STMT2 *s = taos_stmt2_init(f.taos, nullptr);
  REQUIRE(taos_stmt2_prepare(s, "select v, s from t where v > ?", 0) == 0);
  OneTable parameter({Values::ints({1})});
  REQUIRE(taos_stmt2_bind_param(s, &parameter.v, -1) == 0);
  f.adapter.interfere(once("stmt2_exec", Fault::kHangUp));
  REQUIRE(taos_stmt2_exec(s, nullptr) == 0);
  TAOS_RES *r = taos_stmt2_result(s);
  REQUIRE(r != nullptr);
  int rows = 0;
  while (taos_fetch_row(r)) rows++;
  CHECK(rows == 3);

  REQUIRE(taos_stmt2_bind_param(s, &parameter.v, -1) == 0);
  REQUIRE(taos_stmt2_exec(s, nullptr) == 0);
  f.adapter.server().hang_up_all();
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  CHECK(taos_connect_is_alive(f.taos) == 0);
  CHECK(taos_stmt2_result(s) == nullptr);
  CHECK(taos_errno(nullptr) != 0);
  CHECK(taos_stmt2_close(s) == 0);
}

TEST_CASE("stmt2: answers that do not come", "[statement]") {
  const char *version = GENERATE("3.3.7.5", "3.4.1.13");
  const bool one_message = std::string(version) == "3.4.1.13";
  StmtFixture f(version);
  f.set_read_timeout(200);
  TAOS_STMT2 *s = taos_stmt2_init(f.taos, nullptr);
  REQUIRE(taos_stmt2_prepare(s, kInsert, 0) == 0);
  OneTable rows(rows_of_t(1, 3));
  int affected = -1;
  SECTION("to an execution") {
    f.adapter.interfere(once(one_message ? "stmt2_bind_exec" : "stmt2_exec", Fault::kSilence));
    REQUIRE(taos_stmt2_bind_param(s, &rows.v, -1) == 0);
    CHECK(taos_stmt2_exec(s, &affected) == kOutcomeUnknown);
  }
  SECTION("to a bind") {
    if (one_message) {
      CHECK(taos_stmt2_close(s) == 0);
      return;
    }
    f.adapter.interfere(once("stmt2_bind", Fault::kSilence));
    CHECK(taos_stmt2_bind_param(s, &rows.v, -1) == kReadTimeout);
    CHECK(taos_stmt2_exec(s, &affected) == code(0x022A));  // nothing is bound
  }
  SECTION("to prepare") {
    f.adapter.interfere([](const std::string &action, int times) {
      return action == "stmt2_prepare" && times == 2 ? Fault::kSilence : Fault::kNone;
    });
    CHECK(taos_stmt2_prepare(s, kInsert, 0) == kReadTimeout);
    REQUIRE(taos_stmt2_prepare(s, kInsert, 0) == 0);
  }
  REQUIRE(taos_stmt2_bind_param(s, &rows.v, -1) == 0);
  REQUIRE(taos_stmt2_exec(s, &affected) == 0);
  CHECK(affected == 3);
  CHECK(taos_stmt2_close(s) == 0);
}

TEST_CASE("stmt2: what nobody waits for is lost", "[statement]") {
  const char *version = GENERATE("3.3.7.5", "3.4.1.13");
  const bool one_message = std::string(version) == "3.4.1.13";
  CAPTURE(version);
  StmtFixture f(version);
  Done done;
  TAOS_STMT2_OPTION option = {0, false, false, Done::call, &done};
  TAOS_STMT2 *s = taos_stmt2_init(f.taos, &option);
  REQUIRE(taos_stmt2_prepare(s, kInsert, 0) == 0);
  OneTable rows(rows_of_t(1, 3));
  SECTION("with the execution") {
    f.adapter.interfere(once(one_message ? "stmt2_bind_exec" : "stmt2_exec", Fault::kHangUp));
    REQUIRE(taos_stmt2_bind_param(s, &rows.v, -1) == 0);
    REQUIRE(taos_stmt2_exec(s, nullptr) == 0);
    REQUIRE(done.wait());
    CHECK(done.code == kOutcomeUnknown);
    CHECK(f.adapter.executions().empty());
  }
  SECTION("with the bind") {
    f.adapter.interfere(once("stmt2_bind", Fault::kHangUp));
    REQUIRE(taos_stmt2_bind_param(s, &rows.v, -1) == 0);
    REQUIRE(taos_stmt2_exec(s, nullptr) == 0);
    REQUIRE(done.wait());
    CHECK(done.code == 0);  // it was bound again: nothing had been executed
    CHECK(done.affected == 3);
    CHECK(f.adapter.executions().size() == 1);
  }
  SECTION("an answer that does not come") {
    CHECK(taos_stmt2_close(s) == 0);
    f.set_read_timeout(200);
    s = taos_stmt2_init(f.taos, &option);
    REQUIRE(taos_stmt2_prepare(s, kInsert, 0) == 0);
    f.adapter.interfere(once(one_message ? "stmt2_bind_exec" : "stmt2_exec", Fault::kSilence));
    REQUIRE(taos_stmt2_bind_param(s, &rows.v, -1) == 0);
    REQUIRE(taos_stmt2_exec(s, nullptr) == 0);
    REQUIRE(done.wait());
    CHECK(done.code == kOutcomeUnknown);
  }
  REQUIRE(taos_stmt2_bind_param(s, &rows.v, -1) == 0);
  REQUIRE(taos_stmt2_exec(s, nullptr) == 0);
  REQUIRE(done.wait());
  CHECK(done.code == 0);
  CHECK(taos_stmt2_close(s) == 0);
}

TEST_CASE("stmt2: closing the connection ends what is under way with a callback", "[statement]") {
  StmtAdapter adapter(describe_test_tables);
  TAOS *taos = taos_connect("127.0.0.1", "root", "taosdata", nullptr, adapter.port());
  REQUIRE(taos != nullptr);
  Done done;
  TAOS_STMT2_OPTION option = {0, false, false, Done::call, &done};
  TAOS_STMT2 *s = taos_stmt2_init(taos, &option);
  REQUIRE(taos_stmt2_prepare(s, kInsert, 0) == 0);
  OneTable rows(rows_of_t(1));
  adapter.interfere(once("stmt2_exec", Fault::kSilence));
  REQUIRE(taos_stmt2_bind_param(s, &rows.v, -1) == 0);
  REQUIRE(taos_stmt2_exec(s, nullptr) == 0);
  REQUIRE(adapter.wait_for("stmt2_exec", 1));
  taos_close(taos);
  REQUIRE(done.wait());
  CHECK(done.code != 0);
  CHECK(taos_stmt2_bind_param(s, &rows.v, -1) != 0);
  CHECK(taos_stmt2_prepare(s, kInsert, 0) != 0);
  CHECK(taos_stmt2_close(s) == 0);
}

TEST_CASE("stmt: rows bound so far survive a lost connection", "[statement]") {
  StmtFixture f;
  TAOS_STMT *s = taos_stmt_init(f.taos);
  REQUIRE(taos_stmt_prepare(s, kInsert, 0) == 0);
  auto columns = rows_of_t(1, 4);
  auto b = strided(columns);
  REQUIRE(taos_stmt_bind_param_batch(s, b.data()) == 0);
  REQUIRE(taos_stmt_add_batch(s) == 0);
  SECTION("lost before") { f.adapter.server().hang_up_all(); }
  SECTION("lost with the bind") { f.adapter.interfere(once("stmt2_bind", Fault::kHangUp)); }
  REQUIRE(taos_stmt_execute(s) == 0);
  CHECK(taos_stmt_affected_rows(s) == 4);
  CHECK(f.adapter.executions().size() == 1);
  CHECK(taos_stmt_close(s) == 0);
}

TEST_CASE("stmt: an execution whose answer is lost has an unknown outcome", "[statement]") {
  StmtFixture f;
  TAOS_STMT *s = taos_stmt_init(f.taos);
  REQUIRE(taos_stmt_prepare(s, kInsert, 0) == 0);
  auto columns = rows_of_t(1, 4);
  auto b = strided(columns);
  f.adapter.interfere(once("stmt2_exec", Fault::kHangUp));
  REQUIRE(taos_stmt_bind_param_batch(s, b.data()) == 0);
  REQUIRE(taos_stmt_add_batch(s) == 0);
  CHECK(taos_stmt_execute(s) == kOutcomeUnknown);
  CHECK(f.adapter.count("stmt2_exec") == 1);
  REQUIRE(taos_stmt_bind_param_batch(s, b.data()) == 0);
  REQUIRE(taos_stmt_add_batch(s) == 0);
  CHECK(taos_stmt_execute(s) == 0);
  CHECK(taos_stmt_affected_rows(s) == 4);
  CHECK(taos_stmt_close(s) == 0);
}

TEST_CASE("stmt: a server that cannot be reached does not end the statement", "[statement]") {
  StmtFixture f;
  f.set_read_timeout(300);
  TAOS_STMT *s = taos_stmt_init(f.taos);
  REQUIRE(taos_stmt_prepare(s, kInsert, 0) == 0);
  f.adapter.interfere(
      [](const std::string &action, int) { return action == "stmt2_prepare" ? Fault::kSilence : Fault::kNone; });
  auto columns = rows_of_t(1, 4);
  auto b = strided(columns);
  CHECK(taos_stmt_bind_param_batch(s, b.data()) == kReadTimeout);
  f.adapter.interfere({});
  REQUIRE(taos_stmt_bind_param_batch(s, b.data()) == 0);
  REQUIRE(taos_stmt_add_batch(s) == 0);
  CHECK(taos_stmt_execute(s) == 0);
  CHECK(taos_stmt_close(s) == 0);
}
