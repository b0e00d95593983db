#include "opentaos.h"

#include <catch2/catch.hpp>
#include <thread>

#include "../support/connections.h"
#include "../support/query_server.h"
#include "base/log.h"
#include "client/write_call.h"
#include "edge.h"
#include "taoserror.h"
#include "wire/requests.h"

using namespace opentaos;
using namespace opentaos::test;
using Fate = QueryServer::Fate;
using std::chrono::milliseconds;

namespace {

using Clock = std::chrono::steady_clock;
int64_t ms_since(Clock::time_point t) { return std::chrono::duration_cast<milliseconds>(Clock::now() - t).count(); }

// 100 ms are promised; a machine that is busy with other tests gets more. What is not cancelled takes minutes.
constexpr int64_t kSoon = 3000;
// How long it may take until 30 MB are written down and the socket is full. A sanitizer makes that slow.
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr milliseconds kUntilSent{5000};
#else
constexpr milliseconds kUntilSent{300};
#endif

void hook(QueryServer &server, std::string action, Fate::Kind kind) {
  server.set_hook([=](const QueryServer::Request &r) {
    Fate f;
    if (r.action == action) f.kind = kind;
    return f;
  });
}

// Runs `call` on a thread, cancels once `begun` holds, and gives what the call gave.
template <typename Call, typename Begun>
uint32_t cancelled(TAOS *taos, Call &&call, Begun &&begun) {
  uint32_t code = 0;
  std::thread t([&] { code = call(); });
  CHECK(QueryServer::eventually(begun));
  std::this_thread::sleep_for(milliseconds(20));
  const auto from = Clock::now();
  CHECK(ots_cancel(taos) == 0);
  t.join();
  CHECK(ms_since(from) < kSoon);
  return code;
}

}  // namespace

TEST_CASE("opentaos: cancelling what waits for an answer", "[client][opentaos]") {
  QueryServer server;
  TestConnection taos(server.port());
  hook(server, "query", Fate::kSilent);
  auto asked = [&, n = size_t{0}]() mutable { return server.count("query") > n; };
  CHECK(cancelled(
            taos, [&] { return Outcome(taos_query(taos, "select rows=1")).code; }, asked) == 0x8000e022u);
  const size_t before = server.count("query");
  CHECK(cancelled(
            taos, [&] { return Outcome(taos_query(taos, "insert")).code; },
            [&] { return server.count("query") > before; }) == 0x8000e022u);
  hook(server, "insert", Fate::kSilent);
  CHECK(cancelled(
            taos,
            [&] {
              char line[] = "m v=1 1", *lines[] = {line};
              return Outcome(taos_schemaless_insert(taos, lines, 1, 1, 4)).code;
            },
            [&] { return server.count("insert") == 1; }) == 0x8000e022u);
  hook(server, "write_raw_block", Fate::kSilent);
  CHECK(cancelled(
            taos,
            [&] {
              std::string block = QueryServer::block(0, 2);
              return static_cast<uint32_t>(taos_write_raw_block(taos, 2, block.data(), "t"));
            },
            [&] { return server.count("write_raw_block") == 1; }) == 0x8000e022u);
  // A fetch; the result is of no use afterwards.
  hook(server, "fetch", Fate::kSilent);
  TAOS_RES *res = taos_query(taos, "select rows=10");
  CHECK(cancelled(
            taos, [&] { return taos_fetch_row(res) ? 1u : static_cast<uint32_t>(taos_errno(res)); },
            [&] { return server.count("fetch") >= 1; }) == 0x8000e022u);
  taos_free_result(res);
  // The connection is as good as before.
  server.set_hook({});
  CHECK(Outcome(taos_query(taos, "insert")).code == 0);
  CHECK(server.connections() == 1);
}

TEST_CASE("opentaos: a cancel that came while a message was put together was lost", "[client][opentaos]") {
  QueryServer server;
  TestConnection taos(server.port());
  auto answer = client::send_write(*edge::connection_of(taos), 0, net::Opcode::kText,
                                   [&](base::Buffer *message, uint64_t req_id) {
                                     CHECK(ots_cancel(taos) == 0);
                                     wire::schemaless_request(*message, req_id, {1, "ms", 0, ""}, "m v=1 1");
                                     return base::Status::ok();
                                   });
  CHECK(static_cast<uint32_t>(answer.status().code()) == 0x8000e022u);
  CHECK(Outcome(taos_query(taos, "insert")).code == 0);
  CHECK(server.count("insert") == 0);  // the schemaless action
  CHECK(server.connections() == 1);
}

TEST_CASE("opentaos: cancelling many threads at once", "[client][opentaos]") {
  QueryServer server;
  TestConnection taos(server.port());
  hook(server, "query", Fate::kSilent);
  for (size_t round = 1; round <= 3; round++) {
    std::atomic<int> ended{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; i++)
      threads.emplace_back([&] {
        if (Outcome(taos_query(taos, "select rows=1")).code == 0x8000e022u) ended++;
      });
    REQUIRE(QueryServer::eventually([&] { return server.count("query") == round * 8; }));
    const auto from = Clock::now();
    CHECK(ots_cancel(taos) == 0);
    for (auto &t : threads) t.join();
    CHECK(ms_since(from) < kSoon);
    CHECK(ended == 8);
  }
}

namespace {

// From now on nothing is read: the server is busy with a message.
void put_to_sleep(QueryServer &server, TAOS *taos) {
  server.fall_asleep();
  taos_query_a(
      taos, "insert", [](void *, TAOS_RES *res, int) { taos_free_result(res); }, nullptr);
  std::this_thread::sleep_for(milliseconds(50));
}

}  // namespace

TEST_CASE("opentaos: cancelling what waits to be sent", "[client][opentaos]") {
  QueryServer server;
  TestConnection taos(server.port());
  put_to_sleep(server, taos);
  std::string text = "m s=\"";
  text.append(30 << 20, 'x');
  text += "\" 1";
  std::atomic<bool> begun{false};
  auto send_much = [&] {
    begun = true;
    return Outcome(taos_schemaless_insert_raw(taos, text.data(), static_cast<int>(text.size()), nullptr, 1, 4)).code;
  };
  milliseconds patience = kUntilSent;
  auto under_way = [&] {
    if (!begun) return false;
    std::this_thread::sleep_for(patience);
    return true;
  };
  CHECK(cancelled(taos, send_much, under_way) == 0x8000e022u);
  server.wake();
  CHECK(Outcome(taos_query(taos, "insert")).code == 0);
  // On a busy machine the message may not have been written down by then, and nothing of it was sent.
  while (server.connections() == 1 && patience < milliseconds(60000)) {
    put_to_sleep(server, taos);
    begun = false;
    patience *= 4;
    CHECK(cancelled(taos, send_much, under_way) == 0x8000e022u);
    server.wake();
    CHECK(Outcome(taos_query(taos, "insert")).code == 0);
  }
  // Half a message cannot be taken back: the next call connected anew.
  CHECK(server.connections() == 2);
  // The same by a deadline.
  REQUIRE(ots_set_timeout(taos, -1, 300) == 0);
  put_to_sleep(server, taos);
  const auto from = Clock::now();
  CHECK(send_much() == 0x8000e020u);
  CHECK(ms_since(from) < 10000);
  server.wake();
  CHECK(Outcome(taos_query(taos, "insert")).code == 0);
}

TEST_CASE("opentaos: cancelling and closing while the connection is made anew", "[client][opentaos]") {
  QueryServer server;
  TestConnection taos(server.port());
  const uint16_t port = server.port();
  server.stop();
  std::this_thread::sleep_for(milliseconds(150));
  // Somebody who listens, but never says a word.
  const int deaf = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(deaf, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in a{};
  a.sin_family = AF_INET;
  a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  a.sin_port = htons(port);
  REQUIRE(bind(deaf, reinterpret_cast<sockaddr *>(&a), sizeof a) == 0);
  REQUIRE(listen(deaf, 16) == 0);
  auto query = [&] { return Outcome(taos_query(taos, "insert")).code; };
  auto soon = [n = 0]() mutable {
    std::this_thread::sleep_for(milliseconds(50));
    return ++n > 2;
  };
  CHECK(cancelled(taos, query, soon) == 0x8000e022u);
  // A deadline of one call.
  auto from = Clock::now();
  CHECK(Outcome(ots_query_timeout(taos, "insert", 200)).code == 0x8000e004u);
  CHECK(ms_since(from) < 200 + kSoon);
  // Two threads: one logs in, the other waits for it.
  std::vector<std::thread> threads;
  std::atomic<int> disconnected{0};
  for (int i = 0; i < 2; i++) threads.emplace_back([&] { disconnected += query() == 0x80000213u; });
  std::this_thread::sleep_for(milliseconds(150));
  from = Clock::now();
  taos.close();
  for (auto &t : threads) t.join();
  CHECK(ms_since(from) < kSoon);
  CHECK(disconnected == 2);
  close(deaf);
}

TEST_CASE("opentaos: deadlines", "[client][opentaos]") {
  QueryServer server;
  TestConnection taos(server.port());
  hook(server, "query", Fate::kHold);
  auto timed = [&](auto &&call, int64_t ms) {
    const auto from = Clock::now();
    const uint32_t code = call();
    CHECK(ms_since(from) >= ms - 10);
    CHECK(ms_since(from) < ms + kSoon);
    return code;
  };
  CHECK(timed([&] { return Outcome(ots_query_timeout(taos, "select rows=1", 150)).code; }, 150) == 0x8000e004u);
  CHECK(timed([&] { return Outcome(ots_query_timeout(taos, "insert", 150)).code; }, 150) == 0x8000e020u);
  CHECK(ots_set_timeout(taos, 250, -1) == 0);
  CHECK(timed([&] { return Outcome(taos_query(taos, "select rows=1")).code; }, 250) == 0x8000e004u);
  CHECK(timed([&] { return Outcome(ots_query_timeout(taos, "select rows=1", 0)).code; }, 250) == 0x8000e004u);
  CHECK(ots_set_timeout(taos, -1, -1) == 0);
  CHECK(timed([&] { return Outcome(taos_query(taos, "select rows=1")).code; }, 250) == 0x8000e004u);
  // 0 is for ever: still waiting after the time that was set before.
  CHECK(ots_set_timeout(taos, 0, 0) == 0);
  uint32_t code = 1;
  std::thread t([&] { code = Outcome(taos_query(taos, "select rows=1")).code; });
  REQUIRE(QueryServer::eventually([&] { return server.held() == 6; }));
  std::this_thread::sleep_for(milliseconds(400));
  server.release();
  t.join();
  CHECK(code == 0);
  server.set_hook({});
  CHECK(QueryServer::eventually([&] {
    (void)Outcome(taos_query(taos, "insert"));
    return server.open_results() == 0;
  }));
}

TEST_CASE("opentaos: arguments", "[client][opentaos]") {
  QueryServer server;
  TestConnection taos(server.port());
  TAOS_RES *res = taos_query(taos, "insert");
  for (void *none : {static_cast<void *>(nullptr), static_cast<void *>(res), static_cast<void *>(&server)}) {
    CHECK(ots_cancel(none) == TSDB_CODE_TSC_DISCONNECTED);
    CHECK(ots_set_timeout(none, 1, 1) == TSDB_CODE_TSC_DISCONNECTED);
    CHECK(ots_query_timeout(none, "select 1", 1) == nullptr);
    CHECK(last_code() == 0x80000213u);
  }
  taos_free_result(res);
  CHECK(ots_query_timeout(taos, nullptr, 1) == nullptr);
  CHECK(last_code() == 0x80000118u);
  CHECK(ots_query_timeout(taos, "select 1", -1) == nullptr);
  CHECK(last_code() == 0x80000118u);
  CHECK(Outcome(ots_query_timeout(taos, "", 1)).code == 0x80002601u);
  CHECK(Outcome(ots_query_timeout(taos, "insert", INT64_MAX)).code == 0);
  CHECK(ots_cancel(taos) == 0);  // nobody waits
  CHECK(Outcome(taos_query(taos, "insert")).code == 0);
  CHECK(ots_set_log(nullptr, -1, nullptr) == TSDB_CODE_INVALID_PARA);
  CHECK(ots_set_log(nullptr, 6, nullptr) == TSDB_CODE_INVALID_PARA);
}

TEST_CASE("opentaos: classes of errors", "[client][opentaos]") {
  CHECK(ots_error_class(0) == OTS_OK);
  for (int code : {TSDB_CODE_RPC_NETWORK_UNAVAIL, TSDB_CODE_SDB_OBJ_CREATING, TAOS_DEF_ERROR_CODE(0, 0xE002),
                   TAOS_DEF_ERROR_CODE(0, 0xE004), TAOS_DEF_ERROR_CODE(0, 0xFFFE)})
    CHECK(ots_error_class(code) == OTS_RETRIABLE);
  for (int code : {OPENTAOS_CODE_OUTCOME_UNKNOWN, OPENTAOS_CODE_CANCELLED, TSDB_CODE_RPC_TIMEOUT})
    CHECK(ots_error_class(code) == OTS_OUTCOME_UNKNOWN);
  for (int code : {TSDB_CODE_INVALID_PARA, TSDB_CODE_MND_AUTH_FAILURE, TSDB_CODE_PAR_SYNTAX_ERROR, OPENTAOS_CODE_FORKED,
                   TAOS_DEF_ERROR_CODE(0, 0xFFFF), -1, 1, INT32_MIN, INT32_MAX})
    CHECK(ots_error_class(code) == OTS_FATAL);
}

TEST_CASE("opentaos: the log", "[client][opentaos]") {
  struct Lines {
    std::mutex mutex;
    std::vector<std::pair<int, std::string>> all;
  } lines;
  auto keep = [](int level, const char *text, void *user) {
    auto &l = *static_cast<Lines *>(user);
    std::lock_guard lock(l.mutex);
    l.all.emplace_back(level, text);
  };
  CHECK(ots_set_log(keep, OTS_LOG_WARN, &lines) == 0);
  OTS_LOG(kWarn, "password=secret at ", 5);
  OTS_LOG(kInfo, "too much");
  CHECK(ots_set_log(nullptr, OTS_LOG_OFF, nullptr) == 0);
  OTS_LOG(kError, "nobody listens");
  REQUIRE(lines.all.size() == 1);
  CHECK(lines.all[0].first == OTS_LOG_WARN);
  CHECK(lines.all[0].second.find("at 5") != std::string::npos);
  CHECK(lines.all[0].second.find("secret") == std::string::npos);
}
