#include <catch2/catch.hpp>

#include "../support/connections.h"
#include "../support/query_server.h"
#include "../support/values.h"
#include "crowd.h"
#include "opentaos.h"

using namespace opentaos::test;
using std::chrono::milliseconds;

namespace {

// One chain of callbacks: a statement, its blocks, and a call that waits in between.
struct Chain {
  TAOS *taos;
  Countdown *left;
  std::atomic<int> *wrong;
  bool asks;
  int rows = 0;

  static void on_rows(void *p, TAOS_RES *res, int n) {
    auto &c = *static_cast<Chain *>(p);
    if (n > 0) {
      for (TAOS_ROW row = taos_fetch_row(res); row; row = taos_fetch_row(res))
        if (int_at(row[1]) != c.rows++) (*c.wrong)++;
      if (c.asks && Outcome(taos_query(c.taos, "select rows=3")).code) (*c.wrong)++;
      taos_fetch_rows_a(res, on_rows, p);
      return;
    }
    if (n < 0 || c.rows != 150) (*c.wrong)++;
    taos_free_result(res);
    c.left->done();
  }
  static void on_query(void *p, TAOS_RES *res, int code) {
    auto &c = *static_cast<Chain *>(p);
    if (code) (*c.wrong)++;
    taos_fetch_rows_a(res, on_rows, p);
  }
};

void done(void *p, TAOS_RES *res, int) {
  taos_free_result(res);
  static_cast<Countdown *>(p)->done();
}

}  // namespace

TEST_CASE("threads: 256 chains of callbacks that ask and wait", "[threads]") {
  QueryServer server;
  TestConnection taos(server.port());
  Countdown left;
  std::atomic<int> wrong{0};
  std::vector<Chain> chains;
  for (int i = 0; i < 256; i++) chains.push_back({taos, &left, &wrong, i % 4 == 0});
  left.add(256);
  for (auto &c : chains) taos_query_a(taos, "select rows=150 block=60", Chain::on_query, &c);
  CHECK(left.wait());
  CHECK(wrong == 0);
  CHECK(QueryServer::eventually([&] { return server.open_results() == 0; }));
}

TEST_CASE("threads: callbacks and calls that wait, on one connection", "[threads]") {
  QueryServer server;
  TestConnection taos(server.port());
  Countdown left;
  std::atomic<int> wrong{0};
  crowd(6, [&](int thread) {
    for (int i = 0; i < 60; i++) {
      if (thread < 3) {
        left.add();
        taos_query_a(taos, "insert", done, &left);
        if (!left.down_to(200)) wrong++;
      } else if (Outcome(taos_query(taos, "select rows=10")).code) {
        wrong++;
      }
    }
  });
  CHECK(left.wait());
  CHECK(wrong == 0);
}

TEST_CASE("threads: callbacks of which some take their time", "[threads]") {
  QueryServer server;
  TestConnection taos(server.port());
  Countdown left;
  left.add(200);
  for (int i = 0; i < 200; i++) {
    taos_query_a(
        taos, "insert",
        i % 20 ? done
               : [](void *p, TAOS_RES *res, int code) {
                   std::this_thread::sleep_for(milliseconds(30));
                   done(p, res, code);
                 },
        &left);
  }
  CHECK(left.wait());
}

TEST_CASE("threads: results stopped and freed under fetches that call back", "[threads]") {
  QueryServer server;
  TestConnection taos(server.port());
  Countdown left;
  for (int i = 0; i < 200; i++) {
    TAOS_RES *res = taos_query(taos, "select rows=20 block=10");
    left.add();
    taos_fetch_rows_a(
        res,
        [](void *p, TAOS_RES *same, int) {
          (void)taos_fetch_row(same);
          static_cast<Countdown *>(p)->done();
        },
        &left);
    if (i % 2) taos_stop_query(res);
    if (i % 3) std::this_thread::yield();
    // The callback may be at work with it right now.
    if (i % 4 == 0 && !left.down_to(0)) break;
    taos_free_result(res);
  }
  CHECK(left.wait());
  CHECK(QueryServer::eventually([&] {
    (void)Outcome(taos_query(taos, "insert"));
    return server.open_results() == 0;
  }));
}

TEST_CASE("threads: many connections that come and go with calls under way", "[threads]") {
  QueryServer server;
  Countdown left;
  crowd(4, [&](int) {
    for (int i = 0; i < 15; i++) {
      TestConnection taos(server.port());
      left.add(10);
      for (int k = 0; k < 10; k++) taos_query_a(taos, k % 2 ? "insert" : "select rows=5", done, &left);
      if (i % 2) std::this_thread::sleep_for(milliseconds(1));
    }
  });
  CHECK(left.wait());
}
