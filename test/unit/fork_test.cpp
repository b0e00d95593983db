// What a child of fork() may do with what its parent has open: nothing but leave it alone, and open its own.
#include <sys/wait.h>
#include <taos.h>
#include <taoserror.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <thread>

#include "../support/connections.h"
#include "../support/query_server.h"
#include "statement_fixture.h"

using namespace opentaos::test;

namespace {

uint32_t forked() { return static_cast<uint32_t>(OPENTAOS_CODE_FORKED); }

// Runs `body` in a child. What it returns: 0, or the number of the first thing that went wrong.
template <typename Body>
int in_child(Body &&body) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::alarm(60);
    ::_exit(body());
  }
  int status = -1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  INFO("status " << status);
  REQUIRE(WIFEXITED(status));
  return WEXITSTATUS(status);
}

int count_rows(TAOS_RES *res) {
  int n = 0;
  while (TAOS_ROW row = taos_fetch_row(res))
    if (int_at(row[1]) == n) n++;
  return n;
}

}  // namespace

TEST_CASE("fork: the parent's handles say so in the child and work on in the parent") {
  QueryServer server;
  TestConnection taos(server.port());
  // With blocks that are still to come.
  TAOS_RES *res = taos_query(taos, "select rows=300 block=10");
  REQUIRE(taos_errno(res) == 0);
  REQUIRE(taos_fetch_row(res));
  const auto requests = server.count("query");

  CHECK(in_child([&] {
          if (Outcome(taos_query(taos, "insert")).code != forked()) return 1;
          if (static_cast<uint32_t>(taos_select_db(taos, "d")) != forked()) return 2;
          taos_free_result(res);
          taos_close(taos);
          return 0;
        }) == 0);

  CHECK(server.count("query") == requests);
  int rest = 1;
  while (TAOS_ROW row = taos_fetch_row(res))
    if (int_at(row[1]) == rest) rest++;
  CHECK(rest == 300);
  CHECK(taos_errno(res) == 0);
  taos_free_result(res);
  CHECK(Outcome(taos_query(taos, "insert")).affected == 1);
  CHECK(server.connections() == 1);
}

// The thread sanitizer does not allow threads in a child of a process that had some.
#ifndef __SANITIZE_THREAD__

TEST_CASE("fork: the child opens its own connection, with threads behind it") {
  QueryServer server;
  TestConnection taos(server.port());
  // The parent has its worker by now.
  static std::atomic<int> called;
  called = 0;
  const auto count = [](void *, TAOS_RES *res, int code) {
    taos_free_result(res);
    called += code == 0 ? 1 : 1000;
  };
  taos_query_a(taos, "insert", count, nullptr);
  REQUIRE(QueryServer::eventually([] { return called == 1; }));

  CHECK(in_child([&] {
          TAOS *mine = taos_connect("127.0.0.1", "root", "x", "d", server.port());
          if (!mine) return 1;
          TAOS_RES *rows = taos_query(mine, "select rows=100 block=10");
          if (count_rows(rows) != 100) return 2;
          taos_free_result(rows);
          taos_query_a(mine, "insert", count, nullptr);
          for (int i = 0; called != 2; i++) {
            if (i > 3000) return 3;
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
          }
          taos_close(mine);
          return 0;
        }) == 0);
  CHECK(called == 1);
  taos_query_a(taos, "insert", count, nullptr);
  CHECK(QueryServer::eventually([] { return called == 2; }));
}

TEST_CASE("fork: while other threads are at work") {
  QueryServer server;
  TestConnection taos(server.port());
  std::atomic<bool> stop{false};
  std::atomic<int> wrong{0};
  std::vector<std::thread> busy;
  for (int t = 0; t < 3; t++)
    busy.emplace_back([&] {
      while (!stop)
        if (Outcome(taos_query(taos, "select rows=3")).code) wrong++;
    });
  for (int i = 0; i < 10; i++) {
    CHECK(in_child([&] {
            if (Outcome(taos_query(taos, "insert")).code != forked()) return 1;
            TAOS *mine = taos_connect("127.0.0.1", "root", "x", "d", server.port());
            if (!mine) return 2;
            if (Outcome(taos_query(mine, "insert")).affected != 1) return 3;
            taos_close(mine);
            return 0;
          }) == 0);
  }
  stop = true;
  for (auto &t : busy) t.join();
  CHECK(wrong == 0);
}

#endif

TEST_CASE("fork: statements of the parent") {
  StmtFixture f;
  TAOS_STMT *stmt = taos_stmt_init(f.taos);
  TAOS_STMT2 *stmt2 = taos_stmt2_init(f.taos, nullptr);
  REQUIRE(stmt);
  REQUIRE(stmt2);
  CHECK(in_child([&] {
          const char *sql = "insert into t values(?,?)";
          if (taos_stmt_prepare(stmt, sql, 0) == 0 && taos_stmt_execute(stmt) == 0) return 1;
          if (taos_stmt2_prepare(stmt2, sql, 0) == 0 && taos_stmt2_exec(stmt2, nullptr) == 0) return 2;
          taos_stmt_close(stmt);
          taos_stmt2_close(stmt2);
          return 0;
        }) == 0);
  // The parent's go on.
  CHECK(taos_stmt_prepare(stmt, "insert into t values(?,?)", 0) == 0);
  CHECK(taos_stmt2_prepare(stmt2, "insert into t values(?,?)", 0) == 0);
  CHECK(taos_stmt_close(stmt) == 0);
  CHECK(taos_stmt2_close(stmt2) == 0);
}
