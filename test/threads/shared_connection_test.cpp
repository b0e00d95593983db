#include <catch2/catch.hpp>

#include "../support/connections.h"
#include "../support/query_server.h"
#include "../support/values.h"
#include "crowd.h"
#include "opentaos.h"

using namespace opentaos::test;
using std::chrono::milliseconds;

// What Catch2 checks is for one thread; the others count what is wrong.

TEST_CASE("threads: eight on one connection", "[threads]") {
  QueryServer server;
  TestConnection taos(server.port());
  std::atomic<int> wrong{0};
  crowd(8, [&](int thread) {
    for (int i = 0; i < 40; i++) {
      const int rows = 1 + thread * 37 + i;
      const std::string sql = "select rows=" + std::to_string(rows) + " block=50";
      TAOS_RES *res = taos_query(taos, sql.c_str());
      if (taos_errno(res)) wrong++;
      // Some are read to the end, some by blocks, some are left in the middle.
      int seen = 0;
      if (i % 3 == 0) {
        while (TAOS_ROW row = taos_fetch_row(res))
          if (int_at(row[1]) != seen++) wrong++;
        if (seen != rows) wrong++;
      } else if (i % 3 == 1) {
        for (;;) {
          int n = 0;
          void *block = nullptr;
          if (taos_fetch_raw_block(res, &n, &block)) wrong++;
          if (n == 0) break;
          seen += n;
        }
        if (seen != rows) wrong++;
      } else if (!taos_fetch_row(res)) {
        wrong++;
      }
      taos_free_result(res);
      if (Outcome(taos_query(taos, "insert")).affected != 1) wrong++;
    }
  });
  CHECK(wrong == 0);
  CHECK(QueryServer::eventually([&] {
    (void)Outcome(taos_query(taos, "insert"));
    return server.open_results() == 0;
  }));
}

TEST_CASE("threads: large and small messages side by side", "[threads]") {
  QueryServer server;
  TestConnection taos(server.port());
  std::atomic<int> wrong{0};
  const std::string block = QueryServer::block(0, 5000);
  std::string lines = "m s=\"";
  lines.append(300000, 'x');
  lines += "\" 1";
  crowd(6, [&](int thread) {
    std::string mine_block = block, mine_lines = lines;
    for (int i = 0; i < 15; i++) {
      if (thread < 2) {
        if (taos_write_raw_block(taos, 5000, mine_block.data(), "t")) wrong++;
      } else if (thread < 4) {
        Outcome o(
            taos_schemaless_insert_raw(taos, mine_lines.data(), static_cast<int>(mine_lines.size()), nullptr, 1, 4));
        if (o.code) wrong++;
      } else {
        if (Outcome(taos_query(taos, "insert")).code) wrong++;
      }
    }
  });
  CHECK(wrong == 0);
  for (auto &r : server.requests("write_raw_block")) CHECK(r.text.substr(r.text.size() - block.size()) == block);
  CHECK(server.count("insert") == 30);
}

TEST_CASE("threads: the connection is lost under all of them, again and again", "[threads]") {
  QueryServer server;
  TestConnection taos(server.port());
  std::atomic<bool> stop{false};
  std::atomic<int> wrong{0}, good{0};
  std::thread breaker([&] {
    for (int i = 0; i < 10; i++) {
      std::this_thread::sleep_for(milliseconds(30));
      server.hang_up();
    }
    stop = true;
  });
  crowd(6, [&](int thread) {
    while (!stop) {
      TAOS_RES *res = taos_query(taos, thread % 2 ? "insert" : "select rows=300 block=100");
      const auto code = static_cast<uint32_t>(taos_errno(res));
      if (code == 0) {
        good++;
        while (taos_fetch_row(res)) {
        }
      } else if (code != 0x8000e020u && code != 0x8000000bu && code != 0x8000e002u) {
        wrong++;
      }
      taos_free_result(res);
    }
  });
  breaker.join();
  CHECK(wrong == 0);
  CHECK(good > 0);
  CHECK(Outcome(taos_query(taos, "insert")).code == 0);
}

TEST_CASE("threads: cancelling from outside", "[threads]") {
  QueryServer server;
  TestConnection taos(server.port());
  server.set_hook([](const QueryServer::Request &r) {
    QueryServer::Fate f;
    if (r.text == "insert slow") f.delay_ms = 20;
    return f;
  });
  std::atomic<bool> stop{false};
  std::atomic<int> wrong{0}, cancelled{0};
  std::thread canceller([&] {
    for (int i = 0; i < 100; i++) {
      std::this_thread::sleep_for(milliseconds(5));
      if (ots_cancel(taos)) wrong++;
    }
    stop = true;
  });
  crowd(4, [&](int) {
    while (!stop) {
      const uint32_t code = Outcome(taos_query(taos, "insert slow")).code;
      if (code == 0x8000e022u) cancelled++;
      if (code != 0 && code != 0x8000e022u) wrong++;
    }
  });
  canceller.join();
  CHECK(wrong == 0);
  CHECK(cancelled > 0);
  server.set_hook({});
  CHECK(Outcome(taos_query(taos, "insert")).code == 0);
}

TEST_CASE("threads: stopping and freeing a result that another thread waits in", "[threads]") {
  QueryServer server;
  TestConnection taos(server.port());
  for (int round = 0; round < 10; round++) {
    // The first fetch is answered, the second never.
    std::atomic<int> fetches{0};
    server.set_hook([&](const QueryServer::Request &r) {
      QueryServer::Fate f;
      if (r.action == "fetch" && ++fetches > 1) f.kind = QueryServer::Fate::kSilent;
      return f;
    });
    TAOS_RES *res = taos_query(taos, "select rows=20 block=10");
    std::atomic<int> rows{0};
    std::thread reader([&] {
      while (taos_fetch_row(res)) rows++;
    });
    while (rows < 10) std::this_thread::yield();
    std::this_thread::sleep_for(milliseconds(20));  // it waits by now
    taos_stop_query(res);
    taos_free_result(res);
    reader.join();
    CHECK(rows == 10);
    server.set_hook({});
  }
  CHECK(Outcome(taos_query(taos, "insert")).code == 0);
}

TEST_CASE("threads: closing under everything", "[threads]") {
  for (int round = 0; round < 10; round++) {
    QueryServer server;
    TestConnection taos(server.port());
    TAOS *handle = taos;
    std::atomic<int> wrong{0};
    Countdown callbacks;
    struct Shared {
      Countdown *callbacks;
      std::atomic<int> *wrong;
    } shared{&callbacks, &wrong};
    std::thread closer([&] {
      std::this_thread::sleep_for(milliseconds(20 + round));
      taos.close();
    });
    crowd(5, [&](int thread) {
      for (;;) {
        if (thread == 0) {
          callbacks.add();
          taos_query_a(
              handle, "insert",
              [](void *p, TAOS_RES *res, int) {
                taos_free_result(res);
                static_cast<Shared *>(p)->callbacks->done();
              },
              &shared);
          if (last_code() == 0x80000213u) return;
          std::this_thread::sleep_for(std::chrono::microseconds(200));
          continue;
        }
        TAOS_RES *res = taos_query(handle, thread % 2 ? "insert" : "select rows=500 block=100");
        if (!res) {
          if (last_code() != 0x80000213u) wrong++;
          return;
        }
        const auto code = static_cast<uint32_t>(taos_errno(res));
        if (code != 0 && code != 0x80000213u) wrong++;
        while (taos_fetch_row(res)) {
        }
        taos_free_result(res);
        if (code) return;
      }
    });
    closer.join();
    CHECK(callbacks.wait());
    CHECK(wrong == 0);
  }
}

TEST_CASE("threads: one that has slept for a while reads on when the reader has left", "[threads]") {
  QueryServer server;
  TestConnection taos(server.port());
  std::atomic<int> wrong{0};
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 5; i++) {
    server.set_hook([](const QueryServer::Request &r) {
      QueryServer::Fate f;
      if (r.action == "query") f.kind = QueryServer::Fate::kHold;
      return f;
    });
    std::thread reader([&] { wrong += Outcome(taos_query(taos, "insert 1")).code != 0; });
    REQUIRE(QueryServer::eventually([&] { return server.held() == 1; }));
    std::thread sleeper([&] { wrong += Outcome(taos_query(taos, "insert 2")).code != 0; });
    REQUIRE(QueryServer::eventually([&] { return server.held() == 2; }));
    std::this_thread::sleep_for(milliseconds(20));  // sound asleep
    server.release_oldest();
    reader.join();
    server.release();
    sleeper.join();
  }
  CHECK(wrong == 0);
  // It used to look around once a second.
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(3));
}
