// taos_stmt2_*: executions and binds that nobody waits for, and their callbacks.
#include <atomic>
#include <memory>

#include "statement_stmt2_fixture.h"

using namespace opentaos::test;

TEST_CASE("stmt2: an execution that nobody waits for", "[statement]") {
  const char *version = GENERATE("3.3.7.5", "3.4.1.13");
  CAPTURE(version);
  StmtFixture f(version);
  Done done;
  Stmt2 s(f.taos, {0, false, false, Done::call, &done});
  REQUIRE(taos_stmt2_prepare(s, kInsert, 0) == 0);
  OneTable rows(rows_of_t(1, 2));
  for (int k = 1; k <= 3; k++) {
    REQUIRE(taos_stmt2_bind_param(s, &rows.v, -1) == 0);
    if (k == 3) REQUIRE(taos_stmt2_bind_param(s, &rows.v, -1) == 0);
    int affected = -5;
    REQUIRE(taos_stmt2_exec(s, &affected) == 0);
    CHECK(affected == -5);
    REQUIRE(done.wait());
    CHECK(done.calls == k);
    CHECK(done.code == 0);
    CHECK(done.affected == (k == 3 ? 4 : 2));
    CHECK(done.thread != std::this_thread::get_id());
  }
  CHECK(taos_stmt2_exec(s, nullptr) == code(0x022A));  // told at once
  CHECK(done.calls == 3);

  SECTION("an error comes through the callback") {
    f.adapter.execution_error = 0x0618;
    f.adapter.execution_message = "Table not exists";
    REQUIRE(taos_stmt2_bind_param(s, &rows.v, -1) == 0);
    REQUIRE(taos_stmt2_exec(s, nullptr) == 0);
    REQUIRE(done.wait());
    CHECK(done.code == code(0x0618));
    CHECK(done.error == "Table not exists");
    CHECK(s.error() == "Table not exists");
    f.adapter.execution_error = 0;
    REQUIRE(taos_stmt2_bind_param(s, &rows.v, -1) == 0);
    REQUIRE(taos_stmt2_exec(s, nullptr) == 0);
    REQUIRE(done.wait());
    CHECK(done.code == 0);
  }
  SECTION("its error is that of what was under way") {
    f.adapter.execution_error = 0x0618;
    f.adapter.execution_message = "Table not exists";
    f.adapter.delay_ms = 50;
    REQUIRE(taos_stmt2_bind_param(s, &rows.v, -1) == 0);
    REQUIRE(taos_stmt2_exec(s, nullptr) == 0);
    CHECK(s.error() == "Table not exists");
    CHECK(done.calls == 4);
    REQUIRE(done.wait());
  }
  SECTION("binds wait for the callback to return") {
    f.adapter.delay_ms = 50;
    done.then = [](TAOS_RES *) { std::this_thread::sleep_for(std::chrono::milliseconds(100)); };
    REQUIRE(taos_stmt2_bind_param(s, &rows.v, -1) == 0);
    REQUIRE(taos_stmt2_exec(s, nullptr) == 0);
    REQUIRE(taos_stmt2_bind_param(s, &rows.v, -1) == 0);
    CHECK(done.calls == 4);
    REQUIRE(taos_stmt2_exec(s, nullptr) == 0);
    REQUIRE(done.wait());
    REQUIRE(done.wait());
  }
  SECTION("the callback executes the next one") {
    int left = 5;
    std::atomic<int> wrong{0};
    done.then = [&](TAOS_RES *res) {
      taos_free_result(res);
      if (left-- == 0) return;
      wrong += taos_stmt2_bind_param(s, &rows.v, -1) != 0;
      wrong += taos_stmt2_exec(s, nullptr) != 0;
    };
    REQUIRE(taos_stmt2_bind_param(s, &rows.v, -1) == 0);
    REQUIRE(taos_stmt2_exec(s, nullptr) == 0);
    for (int i = 0; i < 6; i++) REQUIRE(done.wait());
    CHECK(wrong == 0);
    CHECK(f.adapter.executions().size() == 9);
  }
  SECTION("a query") {
    REQUIRE(taos_stmt2_prepare(s, "select v, s from t where v > ?", 0) == 0);
    OneTable parameter({Values::ints({1})});
    int seen = 0;
    done.then = [&](TAOS_RES *res) {
      while (taos_fetch_row(res)) seen++;
    };
    REQUIRE(taos_stmt2_bind_param(s, &parameter.v, -1) == 0);
    REQUIRE(taos_stmt2_exec(s, nullptr) == 0);
    REQUIRE(done.wait());
    CHECK(done.code == 0);
    CHECK(seen == 3);
    CHECK(taos_stmt2_result(s) != nullptr);
  }
}

TEST_CASE("stmt2: the callback closes the statement", "[statement]") {
  StmtFixture f;
  Done done;
  TAOS_STMT2_OPTION option = {0, false, false, Done::call, &done};
  TAOS_STMT2 *s = taos_stmt2_init(f.taos, &option);
  REQUIRE(taos_stmt2_prepare(s, kInsert, 0) == 0);
  OneTable rows(rows_of_t(1));
  std::atomic<int> closed{-1};
  done.then = [&](TAOS_RES *) { closed = taos_stmt2_close(s); };
  REQUIRE(taos_stmt2_bind_param(s, &rows.v, -1) == 0);
  REQUIRE(taos_stmt2_exec(s, nullptr) == 0);
  REQUIRE(done.wait());
  CHECK(closed == 0);
  CHECK(taos_stmt2_close(s) == code(0x0118));
}

TEST_CASE("stmt2: closing waits for the callback", "[statement]") {
  StmtFixture f;
  f.adapter.delay_ms = 100;
  Done done;
  {
    Stmt2 s(f.taos, {0, false, false, Done::call, &done});
    REQUIRE(taos_stmt2_prepare(s, kInsert, 0) == 0);
    OneTable rows(rows_of_t(1));
    REQUIRE(taos_stmt2_bind_param(s, &rows.v, -1) == 0);
    REQUIRE(taos_stmt2_exec(s, nullptr) == 0);
  }
  CHECK(done.calls == 1);
  CHECK(done.code == 0);
}

TEST_CASE("stmt2: binds that nobody waits for", "[statement]") {
  StmtFixture f;
  Done bound;
  Stmt2 s(f.taos);
  REQUIRE(taos_stmt2_prepare(s, kInsert, 0) == 0);
  OneTable rows(rows_of_t(1, 2));
  for (int i = 0; i < 3; i++) REQUIRE(taos_stmt2_bind_param_a(s, &rows.v, -1, Done::call, &bound) == 0);
  int affected = -1;
  REQUIRE(taos_stmt2_exec(s, &affected) == 0);  // waits for them
  CHECK(affected == 6);
  CHECK(bound.calls == 3);
  CHECK(bound.code == 0);
  CHECK(bound.thread != std::this_thread::get_id());
  rows.binds[1].buffer_type = 7;
  REQUIRE(taos_stmt2_bind_param_a(s, &rows.v, -1, Done::call, &bound) == 0);
  for (int i = 0; i < 4; i++) REQUIRE(bound.wait());
  CHECK(bound.code == code(0x0200));
  CHECK(taos_stmt2_bind_param_a(nullptr, &rows.v, -1, Done::call, &bound) == code(0x0118));
  CHECK(taos_stmt2_bind_param_a(s, nullptr, -1, Done::call, &bound) == code(0x0118));
  CHECK(taos_stmt2_bind_param_a(s, &rows.v, -1, nullptr, &bound) == code(0x0118));
}

TEST_CASE("stmt2: eight threads with a statement each on one connection", "[statement]") {
  StmtFixture f;
  std::vector<std::thread> threads;
  std::atomic<int> bad{0};
  for (int t = 0; t < 8; t++) {
    threads.emplace_back([&, t] {
      for (int k = 0; k < 10; k++) {
        TAOS_STMT2_OPTION option = {};
        TAOS_STMT2 *s = taos_stmt2_init(f.taos, &option);
        bad += taos_stmt2_prepare(s, kInsert, 0) != 0;
        OneTable rows(rows_of_t(1000 * t + k, 5));
        bad += taos_stmt2_bind_param(s, &rows.v, -1) != 0;
        int n = 0;
        bad += taos_stmt2_exec(s, &n) != 0 || n != 5;
        bad += taos_stmt2_close(s) != 0;
      }
    });
  }
  for (auto &t : threads) t.join();
  CHECK(bad == 0);
  CHECK(f.adapter.executions().size() == 80);
}

TEST_CASE("stmt2: many callbacks at once on one connection", "[statement]") {
  StmtFixture f;
  constexpr int kStatements = 40;
  std::vector<Done> done(kStatements);
  std::vector<TAOS_STMT2 *> s;
  OneTable rows(rows_of_t(1, 3));
  for (auto &d : done) {
    TAOS_STMT2_OPTION option = {0, false, false, Done::call, &d};
    s.push_back(taos_stmt2_init(f.taos, &option));
    REQUIRE(taos_stmt2_prepare(s.back(), kInsert, 0) == 0);
  }
  for (int round = 0; round < 3; round++) {
    for (auto *x : s) {
      REQUIRE(taos_stmt2_bind_param(x, &rows.v, -1) == 0);
      REQUIRE(taos_stmt2_exec(x, nullptr) == 0);
    }
  }
  for (auto *x : s) CHECK(taos_stmt2_close(x) == 0);
  for (auto &d : done) {
    CHECK(d.calls == 3);
    CHECK(d.code == 0);
    CHECK(d.affected == 3);
  }
}
