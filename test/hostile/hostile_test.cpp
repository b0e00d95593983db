// A broken or hostile server must cost a program an error, never a crash, a hang, a leak or a print. Run under the
// address sanitizer as well.
#include <catch2/catch.hpp>
#include <chrono>
#include <random>

#include "hostile_server.h"
#include "taos.h"
#include "taoserror.h"

using namespace opentaos::test;

namespace {

const char *kTwoFields =
    "\"id\":1,\"is_update\":false,\"affected_rows\":0,\"fields_count\":2,\"fields_names\":[\"ts\",\"s\"],"
    "\"fields_types\":[9,10],\"fields_lengths\":[8,20],\"precision\":0,\"fields_precisions\":[0,0],\"fields_scales\":["
    "0,0]";

// Two rows of TIMESTAMP and NCHAR(20).
std::string good_block() {
  std::string b;
  put<int32_t>(&b, 1);
  put<int32_t>(&b, 0);
  put<int32_t>(&b, 2);
  put<int32_t>(&b, 2);
  put<uint32_t>(&b, 0x80000000u);
  put<uint64_t>(&b, 0);
  put<uint8_t>(&b, 9), put<int32_t>(&b, 8);
  put<uint8_t>(&b, 10), put<int32_t>(&b, 82);
  put<int32_t>(&b, 16), put<int32_t>(&b, 10);
  put<uint8_t>(&b, 0), put<int64_t>(&b, 1), put<int64_t>(&b, 2);
  put<int32_t>(&b, 0), put<int32_t>(&b, -1);
  put<uint16_t>(&b, 8), put<uint32_t>(&b, 'a'), put<uint32_t>(&b, 0x6d9b);
  put<uint8_t>(&b, 0);
  const auto n = static_cast<int32_t>(b.size());
  std::memcpy(&b[4], &n, 4);
  return b;
}

// Reads a result through every door and tells how many rows came.
int drain(TAOS_RES *res, int door) {
  int rows = 0;
  if (door == 0) {
    while (TAOS_ROW row = taos_fetch_row(res)) {
      char text[4096];
      taos_print_row_with_size(text, sizeof text, row, taos_fetch_fields(res), taos_num_fields(res));
      rows++;
    }
  } else if (door == 1) {
    TAOS_ROW columns = nullptr;
    for (int n; (n = taos_fetch_block(res, &columns)) > 0; rows += n) {
      for (int c = 0; c < taos_num_fields(res); c++)
        if (int *offsets = taos_get_column_data_offset(res, c))
          for (int r = 0; r < n; r++)
            if (offsets[r] >= 0) {
              uint16_t length;
              std::memcpy(&length, static_cast<char *>(columns[c]) + offsets[r], 2);
              volatile char last = length ? static_cast<char *>(columns[c])[offsets[r] + 1 + length] : 0;
              (void)last;
            }
    }
  } else {
    void *block = nullptr;
    for (int n = 0; taos_fetch_raw_block(res, &n, &block) == 0 && n > 0;) rows += n;
  }
  return rows;
}

struct Session {
  HostileServer server;
  explicit Session(HostileServer::Answer a) : server(std::move(a)) {}
  TAOS *connect() { return taos_connect("127.0.0.1", "root", "taosdata", nullptr, server.port()); }
};

Reply decent_or(const Request &r, const std::function<Reply(const Request &)> &then) {
  std::string d = HostileServer::decent(r);
  return d.empty() ? then(r) : Reply{d, false};
}

}  // namespace

TEST_CASE("hostile: a decent conversation works, through every door") {
  int fetches = 0;
  Session s([&](const Request &r) {
    return decent_or(r, [&](const Request &q) -> Reply {
      if (q.number == 6) return fetches = 0, Reply{HostileServer::query_answer(q, kTwoFields), false};
      if (q.number == 7) return {HostileServer::block_answer(q, good_block(), ++fetches > 2), false};
      return {};
    });
  });
  TAOS *t = s.connect();
  REQUIRE(t != nullptr);
  for (int door = 0; door < 3; door++) {
    TAOS_RES *res = taos_query(t, "select 1");
    REQUIRE(taos_errno(res) == 0);
    CHECK(drain(res, door) == 4);
    CHECK(taos_errno(res) == 0);
    taos_free_result(res);
  }
  taos_close(t);
}

TEST_CASE("hostile: every answer torn at every byte") {
  // Which message of the conversation is torn, and where.
  for (int torn = 0; torn < 4; torn++) {
    for (size_t at = 0;; at++) {
      bool was_shorter = true;
      Session s([&](const Request &r) -> Reply {
        std::string whole = HostileServer::decent(r);
        int which = r.action == "version" ? 0 : r.action == "conn" ? 1 : -1;
        if (r.number == 6) whole = HostileServer::query_answer(r, kTwoFields), which = 2;
        if (r.number == 7) whole = HostileServer::block_answer(r, good_block()), which = 3;
        if (which != torn) return {whole, false};
        was_shorter = at < whole.size();
        return {whole.substr(0, at), true};
      });
      TAOS *t = s.connect();
      if (t) {
        TAOS_RES *res = taos_query(t, "select 1");
        if (taos_errno(res) == 0) (void)drain(res, static_cast<int>(at % 3));
        CHECK((taos_errno(res) != 0 || torn < 2));
        CHECK(taos_errstr(res)[0] != 0);
        taos_free_result(res);
        taos_close(t);
      } else {
        CHECK(taos_errno(nullptr) != 0);
      }
      if (!was_shorter) break;
      at += at / 5;  // closer at the beginning, where the lengths are
    }
  }
}

TEST_CASE("hostile: impossible answers to a query") {
  const std::string bad[] = {
      "\"id\":1,\"fields_count\":-1",
      "\"id\":1,\"fields_count\":1000000000",
      "\"id\":1,\"fields_count\":2,\"fields_names\":[\"a\"],\"fields_types\":[4,4],\"fields_lengths\":[4,4]",
      "\"id\":1,\"fields_count\":1,\"fields_names\":[\"a\"],\"fields_types\":[77],\"fields_lengths\":[4]",
      "\"id\":1,\"fields_count\":1,\"fields_names\":[\"a\"],\"fields_types\":[4],\"fields_lengths\":[-2147483648]",
      "\"id\":1,\"fields_count\":1,\"fields_names\":[7],\"fields_types\":[4],\"fields_lengths\":[4]",
      "\"id\":1,\"fields_count\":1,\"fields_names\":{},\"fields_types\":[4],\"fields_lengths\":[4]",
      "\"id\":1,\"fields_count\":1,\"fields_names\":[\"\\u0000\\uD800\"],\"fields_types\":[4],\"fields_lengths\":[4]",
      "\"id\":1,\"fields_count\":1,\"fields_names\":[\"" + std::string(100000, 'n') +
          "\"],\"fields_types\":[4],\"fields_lengths\":[4]",
      "\"id\":99999999999999999999999999,\"fields_count\":0",
      "\"precision\":17,\"id\":1,\"fields_count\":0",
      std::string(5000, '['),
      "\"x\":" + std::string(100000, '['),
      "\"x\":\"" + std::string("\xff\xfe\x00", 3) + "\"",
  };
  for (const auto &members : bad) {
    Session s([&](const Request &r) {
      return decent_or(r, [&](const Request &q) -> Reply {
        if (q.number == 6) return {HostileServer::query_answer(q, members), false};
        if (q.number == 7) return {HostileServer::block_answer(q, good_block()), false};
        return {};
      });
    });
    TAOS *t = s.connect();
    REQUIRE(t != nullptr);
    TAOS_RES *res = taos_query(t, "select 1");
    REQUIRE(res != nullptr);
    (void)drain(res, 0);
    TAOS_FIELD *f = taos_fetch_fields(res);
    for (int i = 0; f && i < taos_num_fields(res); i++) CHECK(strnlen(f[i].name, 65) < 65);
    taos_free_result(res);
    taos_close(t);
  }
}

TEST_CASE("hostile: damaged blocks, through every door") {
  std::mt19937 random(20240101);
  std::string block;
  int fetches = 0;
  Session s([&](const Request &r) {
    return decent_or(r, [&](const Request &q) -> Reply {
      if (q.number == 6) return fetches = 0, Reply{HostileServer::query_answer(q, kTwoFields), false};
      if (q.number == 7) return {HostileServer::block_answer(q, block, ++fetches > 1), false};
      return {};
    });
  });
  TAOS *t = s.connect();
  REQUIRE(t != nullptr);
  const std::string good = good_block();
  const uint32_t evil[] = {0, 1, 0xffffffff, 0x7fffffff, 0x80000000, 0xfffffff0, 3};
  auto run = [&](int door) {
    TAOS_RES *res = taos_query(t, "select 1");
    REQUIRE(taos_errno(res) == 0);
    (void)drain(res, door);
    taos_free_result(res);
  };
  for (size_t at = 0; at + 4 <= good.size(); at++) {
    for (uint32_t v : evil) {
      block = good;
      std::memcpy(&block[at], &v, 4);
      run(static_cast<int>((at + v) % 3));
    }
  }
  for (int i = 0; i < 2000; i++) {
    block = good;
    for (int k = 0; k < 4; k++) block[random() % block.size()] = static_cast<char>(random());
    run(i % 3);
  }
  taos_close(t);
}

TEST_CASE("hostile: answers nobody asked for, answers twice, answers to something else") {
  std::string stray = frame(1, "{\"code\":0,\"action\":\"binary_query\",\"req_id\":424242,\"id\":7}") +
                      frame(1, "not json at all") + frame(1, "") + frame(2, "") + frame(2, std::string(60, '\xff')) +
                      frame(2, "short") + frame(9, "ping") + frame(10, "pong");
  Session s([&](const Request &r) {
    return decent_or(r, [&](const Request &q) -> Reply {
      if (q.number != 6) return {};
      std::string a =
          HostileServer::query_answer(q, "\"id\":0,\"is_update\":true,\"affected_rows\":3,\"fields_count\":0");
      return {stray + a + stray + a, false};
    });
  });
  TAOS *t = s.connect();
  REQUIRE(t != nullptr);
  for (int i = 0; i < 20; i++) {
    TAOS_RES *res = taos_query(t, "insert into t values (1)");
    CHECK(taos_errno(res) == 0);
    CHECK(taos_affected_rows(res) == 3);
    taos_free_result(res);
  }
  taos_close(t);
}

TEST_CASE("hostile: a block of other columns than were announced") {
  Session s([&](const Request &r) {
    return decent_or(r, [&](const Request &q) -> Reply {
      if (q.number == 6)
        return {HostileServer::query_answer(q,
                                            "\"id\":1,\"is_update\":false,\"fields_count\":1,\"fields_names\":[\"a\"],"
                                            "\"fields_types\":[8],\"fields_lengths\":[8],\"precision\":0"),
                false};
      if (q.number == 7) return {HostileServer::block_answer(q, good_block()), false};
      return {};
    });
  });
  TAOS *t = s.connect();
  REQUIRE(t != nullptr);
  TAOS_RES *res = taos_query(t, "select 1");
  REQUIRE(taos_errno(res) == 0);
  CHECK(taos_fetch_row(res) == nullptr);
  CHECK(taos_errno(res) != 0);
  taos_free_result(res);
  taos_close(t);
}

TEST_CASE("hostile: a write whose answer is lost has an unknown outcome and is not repeated") {
  std::atomic<int> executed{0};
  Session s([&](const Request &r) {
    return decent_or(r, [&](const Request &q) -> Reply {
      if (q.number == 6) executed++;
      return {{}, true};
    });
  });
  TAOS *t = s.connect();
  REQUIRE(t != nullptr);
  TAOS_RES *res = taos_query(t, "insert into t values (now, 1)");
  CHECK(taos_errno(res) == OPENTAOS_CODE_OUTCOME_UNKNOWN);
  taos_free_result(res);
  CHECK(executed == 1);
  // The connection makes itself anew for the next statement; a statement that only reads is tried twice.
  res = taos_query(t, "select 1");
  CHECK(taos_errno(res) != 0);
  taos_free_result(res);
  CHECK(executed == 3);
  taos_close(t);
}

TEST_CASE("hostile: silence ends by the deadline") {
  Session s([&](const Request &) -> Reply { return {}; });
  auto start = std::chrono::steady_clock::now();
  OPTIONS options{};
  const std::string port = std::to_string(s.server.port());
  taos_set_option(&options, "ip", "127.0.0.1");
  taos_set_option(&options, "port", port.c_str());
  taos_set_option(&options, "connTimeout", "1");
  TAOS *t = taos_connect_with(&options);
  CHECK(t == nullptr);
  CHECK(taos_errno(nullptr) != 0);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(8));
}

TEST_CASE("hostile: handles that are none") {
  int local = 0;
  void *none[] = {nullptr, &local, reinterpret_cast<void *>(16)};
  for (void *h : none) {
    taos_close(h);
    taos_free_result(h);
    CHECK(taos_fetch_row(h) == nullptr);
    CHECK(taos_fetch_lengths(h) == nullptr);
    CHECK(taos_fetch_fields(h) == nullptr);
    CHECK(taos_num_fields(h) == 0);
    CHECK(taos_query(h, "select 1") == nullptr);
    CHECK(taos_errno(nullptr) == TSDB_CODE_TSC_DISCONNECTED);
    taos_stop_query(h);
    taos_kill_query(h);
    CHECK(taos_errstr(h) != nullptr);
  }
}

TEST_CASE("hostile: freed handles, and a connection in place of a result") {
  Session s([&](const Request &r) {
    return decent_or(r, [&](const Request &q) -> Reply {
      return {HostileServer::query_answer(q, "\"id\":0,\"is_update\":true,\"affected_rows\":1,\"fields_count\":0"),
              false};
    });
  });
  TAOS *t = s.connect();
  REQUIRE(t != nullptr);
  TAOS_RES *res = taos_query(t, "insert");
  CHECK(taos_errno(t) == 0);
  CHECK(taos_fetch_row(t) == nullptr);
  CHECK(taos_query(res, "select 1") == nullptr);
  taos_free_result(res);
  taos_free_result(res);
  CHECK(taos_errno(res) != 0);
  CHECK(taos_fetch_row(res) == nullptr);
  taos_close(t);
  taos_close(t);
  CHECK(taos_query(t, "select 1") == nullptr);
}
