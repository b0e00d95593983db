#include "client/async_query.h"

#include <catch2/catch.hpp>
#include <condition_variable>
#include <thread>

#include "../support/connections.h"
#include "../support/query_server.h"
#include "../support/values.h"
#include "opentaos.h"

using namespace opentaos::test;
using Fate = QueryServer::Fate;
using std::chrono::milliseconds;

namespace {

using Clock = std::chrono::steady_clock;

int64_t ms_since(Clock::time_point t) { return std::chrono::duration_cast<milliseconds>(Clock::now() - t).count(); }

// What callbacks report to the thread that tests.
class Board {
 public:
  void add(int64_t n) {
    std::lock_guard lock(mutex_);
    notes_.push_back(n);
    news_.notify_all();
  }
  // false: fewer notes than that after ten seconds.
  bool wait_for(size_t n) {
    std::unique_lock lock(mutex_);
    return news_.wait_for(lock, std::chrono::seconds(10), [&] { return notes_.size() >= n; });
  }
  std::vector<int64_t> notes() {
    std::lock_guard lock(mutex_);
    return notes_;
  }
  size_t count(int64_t n) {
    auto all = notes();
    return static_cast<size_t>(std::count(all.begin(), all.end(), n));
  }

 private:
  std::mutex mutex_;
  std::condition_variable news_;
  std::vector<int64_t> notes_;
};

constexpr int64_t low(int code) { return code < 0 ? static_cast<uint32_t>(code) & 0xffff : code; }

// Catch2's checks are for one thread: what is wrong in a callback is noted as -1.
// A callback that notes the code and frees the result.
void note_code(void *board, TAOS_RES *res, int code) {
  const bool same = taos_errno(res) == code;
  taos_free_result(res);
  static_cast<Board *>(board)->add(same ? low(code) : -1);
}

struct Case {
  QueryServer server;
  TestConnection taos{server.port()};
  Board board;

  void hook(std::string_view action, Fate fate) {
    server.set_hook([action = std::string(action), fate](const QueryServer::Request &r) {
      return r.action == action ? fate : Fate();
    });
  }
};

// What frees a result goes with the next message.
bool all_freed(Case &c) {
  return QueryServer::eventually([&] {
    c.server.set_hook({});
    (void)Outcome(taos_query(c.taos, "insert"));
    return c.server.open_results() == 0;
  });
}

Fate fate(Fate::Kind kind) {
  Fate f;
  f.kind = kind;
  return f;
}

}  // namespace

TEST_CASE("async_query: the callback gets a result, on another thread", "[client][async]") {
  Case c;
  struct Seen {
    Board board;
    std::thread::id thread;
    TAOS_RES *res = nullptr;
  } seen;
  auto keep = [](void *p, TAOS_RES *res, int code) {
    auto &s = *static_cast<Seen *>(p);
    s.thread = std::this_thread::get_id();
    s.res = res;
    s.board.add(code);
  };
  // The text may be reused as soon as the call has returned.
  char sql[] = "insert into t values (1)";
  taos_query_a(c.taos, sql, keep, &seen);
  std::memset(sql, 'x', sizeof sql - 1);
  CHECK(last_code() == 0);
  REQUIRE(seen.board.wait_for(1));
  CHECK(seen.thread != std::this_thread::get_id());
  CHECK(c.server.requests("query").back().text == "insert into t values (1)");
  CHECK(taos_errno(seen.res) == 0);
  CHECK(taos_affected_rows(seen.res) == 1);
  CHECK(taos_num_fields(seen.res) == 0);
  taos_free_result(seen.res);

  // A failure is a result, too.
  taos_query_a(c.taos, "error 0388 Database not exist", keep, &seen);
  REQUIRE(seen.board.wait_for(2));
  CHECK(low(static_cast<int>(seen.board.notes()[1])) == 0x0388);
  CHECK(std::string(taos_errstr(seen.res)) == "Database not exist");
  taos_free_result(seen.res);

  // Rows may be fetched by whoever has the result.
  taos_query_a_with_reqid(c.taos, "select rows=3", keep, &seen, 4711);
  REQUIRE(seen.board.wait_for(3));
  CHECK(c.server.requests("query").back().req_id == 4711);
  for (int i = 0; i < 3; i++) {
    TAOS_ROW row = taos_fetch_row(seen.res);
    REQUIRE(row);
    CHECK(int_at(row[1]) == i);
  }
  CHECK(taos_fetch_row(seen.res) == nullptr);
  taos_free_result(seen.res);
}

TEST_CASE("async_query: what is no call", "[client][async]") {
  Case c;
  auto none = [](void *p, TAOS_RES *res, int code) { static_cast<Board *>(p)->add(res ? -1 : low(code)); };
  taos_query_a(nullptr, "select 1", none, &c.board);
  CHECK(last_code() == 0x80000213u);
  REQUIRE(c.board.wait_for(1));
  taos_query_a(c.taos, nullptr, none, &c.board);
  CHECK(last_code() == 0x80000118u);
  REQUIRE(c.board.wait_for(2));
  taos_query_a(c.taos, "select 1", nullptr, nullptr);
  CHECK(last_code() == 0x80000118u);
  taos_query_a(c.taos, "", note_code, &c.board);
  REQUIRE(c.board.wait_for(3));
  const std::string huge(2 << 20, 'x');
  taos_query_a(c.taos, huge.c_str(), note_code, &c.board);
  REQUIRE(c.board.wait_for(4));
  CHECK(c.board.notes() == std::vector<int64_t>{0x0213, 0x0118, 0x2601, 0x0219});
  // Natively a fetch from nothing, and one without a callback, do nothing.
  taos_fetch_rows_a(nullptr, none, &c.board);
  taos_fetch_raw_block_a(nullptr, none, &c.board);
  TAOS_RES *res = taos_query(c.taos, "select rows=3");
  taos_fetch_rows_a(res, nullptr, nullptr);
  CHECK(taos_fetch_row(res) != nullptr);
  taos_free_result(res);
  CHECK(c.board.notes().size() == 4);
  CHECK(c.server.count("query") == 1);
}

namespace {

struct Reading {
  Board board;
  int64_t rows = 0, sum = 0;
  bool raw = false;
  static void next(void *p, TAOS_RES *res, int n) {
    auto &r = *static_cast<Reading *>(p);
    r.board.add(low(n));
    if (n <= 0) {
      taos_free_result(res);
      return;
    }
    if (r.raw) {
      const auto *block = static_cast<const char *>(taos_get_raw_block(res));
      int32_t in_block = 0;
      std::memcpy(&in_block, block + 8, 4);
      r.rows += in_block == n ? n : INT32_MIN;
    } else {
      // The rows of this block, and no others.
      for (TAOS_ROW row = taos_fetch_row(res); row; row = taos_fetch_row(res)) {
        r.rows++;
        r.sum += int_at(row[1]);
      }
    }
    (r.raw ? taos_fetch_raw_block_a : taos_fetch_rows_a)(res, next, p);
  }
  static void begin(void *p, TAOS_RES *res, int) {
    (static_cast<Reading *>(p)->raw ? taos_fetch_raw_block_a : taos_fetch_rows_a)(res, next, p);
  }
};

}  // namespace

TEST_CASE("async_query: fetching block by block", "[client][async]") {
  Case c;
  for (bool raw : {false, true}) {
    Reading r;
    r.raw = raw;
    taos_query_a(c.taos, "select rows=2500 block=1000", Reading::begin, &r);
    REQUIRE(r.board.wait_for(4));
    CHECK(r.board.notes() == std::vector<int64_t>{1000, 1000, 500, 0});
    CHECK(r.rows == 2500);
    if (!raw) CHECK(r.sum == 2499 * 2500 / 2);
  }
  Reading none;
  taos_query_a(c.taos, "select rows=0", Reading::begin, &none);
  REQUIRE(none.board.wait_for(1));
  CHECK(none.board.notes() == std::vector<int64_t>{0});
  // An update has no rows; a failed statement keeps its code.
  Reading update;
  taos_query_a(c.taos, "insert", Reading::begin, &update);
  REQUIRE(update.board.wait_for(1));
  CHECK(update.board.notes() == std::vector<int64_t>{0});
  // An error in the middle.
  Case d;
  std::atomic<int> fetches{0};
  d.server.set_hook([&](const QueryServer::Request &r) {
    Fate f;
    if (r.action == "fetch" && ++fetches == 2) f = {Fate::kError, 0x0707, "no disk", 0};
    return f;
  });
  Reading broken;
  taos_query_a(d.taos, "select rows=2500 block=1000", Reading::begin, &broken);
  REQUIRE(broken.board.wait_for(2));
  CHECK(broken.board.notes() == std::vector<int64_t>{1000, 0x0707});
  CHECK(QueryServer::eventually([&] { return c.server.open_results() == 0; }));
}

TEST_CASE("async_query: hundreds under way on one connection", "[client][async]") {
  Case c;
  constexpr int kCalls = 300;
  c.hook("query", fate(Fate::kHold));
  struct One {
    Board *board;
    int number;
  };
  std::vector<One> ones;
  for (int i = 0; i < kCalls; i++) ones.push_back({&c.board, i});
  for (auto &one : ones) {
    const std::string sql = "error " + std::to_string(1000 + one.number) + " n";
    taos_query_a(
        c.taos, sql.c_str(),
        [](void *p, TAOS_RES *res, int code) {
          auto &o = *static_cast<One *>(p);
          char expected[16];
          std::snprintf(expected, sizeof expected, "%d", 1000 + o.number);
          o.board->add(low(code) == std::strtol(expected, nullptr, 16) ? o.number : -1);
          taos_free_result(res);
        },
        &one);
  }
  REQUIRE(QueryServer::eventually([&] { return c.server.held() == kCalls; }));
  CHECK(c.board.notes().empty());
  c.server.release();
  REQUIRE(c.board.wait_for(kCalls));
  for (int i = 0; i < kCalls; i++) CHECK(c.board.count(i) == 1);
}

TEST_CASE("async_query: callbacks may do everything", "[client][async]") {
  Case c;
  struct Chain {
    TAOS *taos;
    Board board;
  } chain{c.taos, {}};
  taos_query_a(
      c.taos, "insert 1",
      [](void *p, TAOS_RES *res, int) {
        auto &ch = *static_cast<Chain *>(p);
        taos_free_result(res);
        // A call that waits, a result of its own.
        TAOS_RES *rows = taos_query(ch.taos, "select rows=2000 block=500");
        int n = 0;
        while (taos_fetch_row(rows)) n++;
        taos_free_result(rows);
        ch.board.add(n);
        // And one that does not.
        taos_query_a(
            ch.taos, "insert 2",
            [](void *q, TAOS_RES *second, int) {
              auto &again = *static_cast<Chain *>(q);
              again.board.add(taos_affected_rows(second));
              taos_free_result(second);
              taos_close(again.taos);
              again.board.add(7);
            },
            p);
      },
      &chain);
  REQUIRE(chain.board.wait_for(3));
  CHECK(chain.board.notes() == std::vector<int64_t>{2000, 1, 7});
  CHECK(taos_query(c.taos, "select 1") == nullptr);
}

TEST_CASE("async_query: closing ends what is under way", "[client][async]") {
  Case c;
  c.hook("query", fate(Fate::kSilent));
  for (int i = 0; i < 50; i++) taos_query_a(c.taos, i % 2 ? "insert x" : "select rows=1", note_code, &c.board);
  REQUIRE(QueryServer::eventually([&] { return c.server.count("query") == 50; }));
  c.taos.close();
  REQUIRE(c.board.wait_for(50));
  CHECK(c.board.count(0) == 0);
  // Also when the server hangs up on the close frame before the client does. What was to be written may have been.
  CHECK(c.board.count(0xe020) == 25);
  CHECK(c.board.count(0x0213) == 25);
}

TEST_CASE("async_query: a lost connection", "[client][async]") {
  Case c;
  // What only reads is asked again, what writes is not; and one thread logs in for all.
  std::atomic<bool> first{true};
  c.server.set_hook([&](const QueryServer::Request &r) {
    Fate f;
    if (r.action == "query" && first) f.kind = Fate::kSilent;
    return f;
  });
  for (int i = 0; i < 40; i++) taos_query_a(c.taos, i % 2 ? "insert x" : "select rows=1", note_code, &c.board);
  REQUIRE(QueryServer::eventually([&] { return c.server.count("query") == 40; }));
  first = false;
  c.server.hang_up();
  REQUIRE(c.board.wait_for(40));
  CHECK(c.board.count(0) == 20);
  CHECK(c.board.count(0xe020) == 20);
  CHECK(c.server.count("query") == 60);
  CHECK(c.server.connections() == 2);
  // With nobody there: each hears of it, at the latest when the program has had enough of trying.
  c.server.stop();
  std::this_thread::sleep_for(milliseconds(150));
  for (int i = 0; i < 20; i++) taos_query_a(c.taos, "insert x", note_code, &c.board);
  std::this_thread::sleep_for(milliseconds(100));
  CHECK(c.board.notes().size() == 40);
  REQUIRE(ots_cancel(c.taos) == 0);
  REQUIRE(c.board.wait_for(60));
  CHECK(c.board.count(0xe022) == 20);
}

TEST_CASE("async_query: no answer in time", "[client][async]") {
  Case c;
  REQUIRE(ots_set_timeout(c.taos, 200, -1) == 0);
  c.hook("query", fate(Fate::kHold));
  auto begun = Clock::now();
  taos_query_a(c.taos, "select rows=1", note_code, &c.board);
  taos_query_a(c.taos, "insert x", note_code, &c.board);
  REQUIRE(c.board.wait_for(2));
  CHECK(ms_since(begun) >= 190);
  CHECK(c.board.count(0xe004) == 1);
  CHECK(c.board.count(0xe020) == 1);
  // The result that comes too late is freed on the server.
  CHECK(c.server.open_results() == 1);
  c.server.release();
  CHECK(all_freed(c));

  // Also while another thread waits, and so reads, all the time.
  REQUIRE(ots_set_timeout(c.taos, 3000, -1) == 0);
  c.hook("query", fate(Fate::kHold));
  uint32_t waited = 1;
  std::thread waits([&] { waited = Outcome(taos_query(c.taos, "select rows=2")).code; });
  REQUIRE(QueryServer::eventually([&] { return c.server.held() == 1; }));
  REQUIRE(ots_set_timeout(c.taos, 200, -1) == 0);
  begun = Clock::now();
  taos_query_a(c.taos, "select rows=3", note_code, &c.board);
  REQUIRE(c.board.wait_for(3));
  CHECK(ms_since(begun) < 2000);
  c.server.release();
  waits.join();
  CHECK(waited == 0);
}

TEST_CASE("async_query: results that are stopped or freed under a fetch", "[client][async]") {
  Case c;
  c.hook("fetch", fate(Fate::kHold));
  auto rows = [](void *p, TAOS_RES *, int n) { static_cast<Board *>(p)->add(low(n)); };
  // Stopped: the callback comes at once, without rows.
  TAOS_RES *res = taos_query(c.taos, "select rows=10");
  taos_fetch_rows_a(res, rows, &c.board);
  // One at a time.
  taos_fetch_rows_a(res, rows, &c.board);
  REQUIRE(c.board.wait_for(1));
  CHECK(c.board.notes()[0] == 0x0200);
  taos_stop_query(res);
  REQUIRE(c.board.wait_for(2));
  CHECK(c.board.notes()[1] == 0);
  taos_free_result(res);
  // Freed: the callback comes with what is no result any more.
  res = taos_query(c.taos, "select rows=10");
  taos_fetch_raw_block_a(
      res,
      [](void *p, TAOS_RES *gone, int n) {
        const bool nothing = !taos_fetch_row(gone) && !taos_get_raw_block(gone);
        taos_free_result(gone);
        static_cast<Board *>(p)->add(nothing ? low(n) : -1);
      },
      &c.board);
  taos_free_result(res);
  REQUIRE(c.board.wait_for(3));
  CHECK(c.board.notes()[2] == 0);
  // A handle that is none any more.
  taos_fetch_rows_a(res, rows, &c.board);
  REQUIRE(c.board.wait_for(4));
  CHECK(c.board.notes()[3] == 0x0118);
  c.server.set_hook({});
  c.server.release();
  CHECK(Outcome(taos_query(c.taos, "insert")).code == 0);
  CHECK(all_freed(c));
}

TEST_CASE("async_query: a slow callback holds up nobody", "[client][async]") {
  Case c;
  QueryServer other;
  TestConnection second(other.port());
  std::atomic<bool> go_on{false};
  taos_query_a(
      c.taos, "insert",
      [](void *p, TAOS_RES *res, int) {
        taos_free_result(res);
        auto &flag = *static_cast<std::atomic<bool> *>(p);
        while (!flag) std::this_thread::sleep_for(milliseconds(1));
      },
      &go_on);
  std::this_thread::sleep_for(milliseconds(30));
  // One after the other, on the same connection and on another one.
  const auto begun = Clock::now();
  for (TAOS *t : {c.taos.taos, second.taos}) {
    for (size_t i = 0; i < 50; i++) {
      const size_t before = c.board.notes().size();
      taos_query_a(t, "insert", note_code, &c.board);
      REQUIRE(c.board.wait_for(before + 1));
    }
  }
  CHECK(ms_since(begun) < 20000);
  go_on = true;
}

TEST_CASE("async_query: what a callback asks for leaves before it returns", "[client][async]") {
  Case c;
  struct Both {
    TAOS *taos;
    Board board;
  } both{c.taos, {}};
  taos_query_a(
      c.taos, "insert 1",
      [](void *p, TAOS_RES *res, int) {
        taos_free_result(res);
        auto &b = *static_cast<Both *>(p);
        taos_query_a(b.taos, "insert 2", note_code, &b.board);
        b.board.add(b.board.wait_for(1) ? 9 : -1);  // needs another thread's callback
      },
      &both);
  REQUIRE(both.board.wait_for(2));
  CHECK(both.board.notes() == std::vector<int64_t>{0, 9});
}

TEST_CASE("async_query: a server that takes no more holds up only its own", "[client][async]") {
  Case c;
  QueryServer other;
  TestConnection second(other.port());
  REQUIRE(ots_set_timeout(c.taos, 2000, 2000) == 0);
  c.server.fall_asleep();
  std::string sql = "insert ";
  sql.append(900000, 'x');
  std::thread sender([&] {
    for (int i = 0; i < 16; i++) taos_query_a(c.taos, sql.c_str(), note_code, &c.board);
  });
  std::this_thread::sleep_for(milliseconds(100));
  Board quick;
  const auto begun = Clock::now();
  for (size_t i = 0; i < 20; i++) {
    taos_query_a(second, "insert", note_code, &quick);
    REQUIRE(quick.wait_for(i + 1));
  }
  CHECK(ms_since(begun) < 1000);
  c.server.wake();
  sender.join();
  REQUIRE(c.board.wait_for(16));
}
