// What belongs to a connection's session: database, time zone, mode, what is known of its user and its server.
#include <atomic>
#include <catch2/catch.hpp>
#include <cstring>
#include <string>
#include <vector>

#include "../support/connections.h"
#include "../support/query_server.h"
#include "client/connection.h"

using namespace opentaos;
using test::Outcome;
using test::QueryServer;
using test::TestConnection;

namespace {

using Fate = QueryServer::Fate;
using Request = QueryServer::Request;

// The process's time zone, as it was afterwards.
struct ProcessZone {
  explicit ProcessZone(const char *zone) { set(zone); }
  ~ProcessZone() { set(""); }
  void set(const char *zone) { REQUIRE(taos_options(TSDB_OPTION_TIMEZONE, zone) == 0); }
};

std::string options_of(QueryServer &server) {
  const auto all = server.requests("options_connection");
  if (all.empty()) return "";
  const std::string &text = all.back().text;
  return text.substr(text.find("\"options\""));
}

Fate answer(const Request &r, const std::string &rest) {
  return {Fate::kReplace, 0,
          "{\"code\":0,\"message\":\"\",\"action\":\"" + r.action + "\",\"req_id\":" + std::to_string(r.req_id) + "," +
              rest + "}"};
}

}  // namespace

TEST_CASE("session: the time zone of the process reaches connections that are open") {
  QueryServer server;
  ProcessZone zone("");
  TestConnection c(server.port());
  REQUIRE(c.taos);
  CHECK(Outcome(taos_query(c, "insert 1")).code == 0);
  CHECK(server.count("options_connection") == 0);

  zone.set("Asia/Tokyo");
  CHECK(server.count("options_connection") == 0);  // with the next statement
  CHECK(Outcome(taos_query(c, "insert 2")).code == 0);
  CHECK(options_of(server) == R"("options":[{"option":1,"value":"Asia/Tokyo"}]}})");
  CHECK(Outcome(taos_query(c, "insert 3")).code == 0);
  CHECK(server.count("options_connection") == 1);  // once

  TestConnection late(server.port());
  REQUIRE(late.taos);
  CHECK(server.requests("conn").back().text.find(R"("tz":"Asia/Tokyo")") != std::string::npos);
}

TEST_CASE("session: a connection's own time zone comes before the process's") {
  QueryServer server;
  ProcessZone zone("Asia/Tokyo");
  TestConnection c(server.port());
  REQUIRE(taos_options_connection(c, TSDB_OPTION_CONNECTION_TIMEZONE, "UTC") == 0);
  zone.set("Asia/Kolkata");
  CHECK(Outcome(taos_query(c, "insert 1")).code == 0);
  CHECK(server.count("options_connection") == 1);
  // Without its own it has the process's again.
  REQUIRE(taos_options_connection(c, TSDB_OPTION_CONNECTION_TIMEZONE, nullptr) == 0);
  CHECK(options_of(server) == R"("options":[{"option":1,"value":"Asia/Kolkata"}]}})");
  REQUIRE(taos_options_connection(c, TSDB_OPTION_CONNECTION_CLEAR, nullptr) == 0);
  CHECK(options_of(server) == R"("options":[{"option":-1,"value":null},{"option":1,"value":"Asia/Kolkata"}]}})");
}

TEST_CASE("session: a server that does not take the time zone still gets statements") {
  QueryServer server;
  ProcessZone zone("");
  TestConnection c(server.port());
  server.set_hook([](const Request &r) {
    return r.action == "options_connection" ? Fate{Fate::kError, 0xffff, "unknown action options_connection"} : Fate();
  });
  zone.set("Asia/Tokyo");
  CHECK(Outcome(taos_query(c, "insert 1")).code == 0);
  CHECK(taos_options_connection(c, TSDB_OPTION_CONNECTION_USER_APP, "x") == static_cast<int>(0x8000ffff));
}

TEST_CASE("session: options of a connection that are not there") {
  QueryServer server;
  TestConnection c(server.port());
  const auto set = [&](int option, const char *value) {
    TSDB_OPTION_CONNECTION o;
    std::memcpy(&o, &option, sizeof o);
    return static_cast<uint32_t>(taos_options_connection(c, o, value));
  };
  CHECK(set(-2, "x") == 0x80000118);
  CHECK(set(4, "x") == 0x80000118);
  CHECK(set(TSDB_OPTION_CONNECTION_CHARSET, "utf8") == 0);
  CHECK(set(TSDB_OPTION_CONNECTION_CHARSET, nullptr) == 0);
  CHECK(set(TSDB_OPTION_CONNECTION_CHARSET, "") == 0x80000117);
  CHECK(set(TSDB_OPTION_CONNECTION_CHARSET, "no-such-charset") == 0x80ff0016);
  CHECK(server.count("options_connection") == 0);
}

TEST_CASE("session: the database is known without asking") {
  QueryServer server;
  TestConnection c(server.port(), "first");
  const auto db = [&] {
    char name[70] = "";
    REQUIRE(taos_get_current_db(c, name, sizeof name, nullptr) == 0);
    return std::string(name);
  };
  CHECK(db() == "first");
  CHECK(Outcome(taos_query(c, "use Second")).code == 0);
  CHECK(db() == "second");
  server.set_hook([](const Request &r) {
    return r.action == "query" ? Fate{Fate::kError, 0x388, "Database not exist"} : Fate();
  });
  CHECK(taos_select_db(c, "third") == static_cast<int>(0x80000388));
  CHECK(db() == "second");
  CHECK(server.count("get_current_db") == 0);

  // A name that cannot be read here: the server knows.
  server.set_hook(
      [](const Request &r) { return r.action == "get_current_db" ? answer(r, R"("db":"odd`name")") : Fate(); });
  CHECK(Outcome(taos_query(c, "use `odd``name`")).code == 0);
  CHECK(db() == "odd`name");
  CHECK(db() == "odd`name");
  CHECK(server.count("get_current_db") == 1);
}

TEST_CASE("session: mode and database go with a new login") {
  QueryServer server;
  TestConnection c(server.port(), "d");
  CHECK(taos_set_conn_mode(c, TAOS_CONN_MODE_BI, 1) == 0);
  CHECK(taos_set_conn_mode(c, TAOS_CONN_MODE_BI, 7) == 0);  // on already
  auto logins = server.requests("conn");
  REQUIRE(logins.size() == 2);
  CHECK(logins[1].text.find(R"("mode":0)") != std::string::npos);
  CHECK(logins[1].text.find(R"("db":"d")") != std::string::npos);
  taos_reset_current_db(c);
  logins = server.requests("conn");
  REQUIRE(logins.size() == 3);
  CHECK(logins[2].text.find(R"("db":"")") != std::string::npos);
  CHECK(logins[2].text.find(R"("mode":0)") != std::string::npos);
  CHECK(taos_set_conn_mode(c, 9, 1) == static_cast<int>(0x80000118));

  // A login that fails leaves everything as it was.
  server.set_hook([](const Request &r) { return r.action == "conn" ? Fate{Fate::kError, 0xffff, "not now"} : Fate(); });
  CHECK(taos_set_conn_mode(c, TAOS_CONN_MODE_BI, 0) == static_cast<int>(0x8000ffff));
  CHECK(Outcome(taos_query(c, "insert 1")).code == 0);
}

TEST_CASE("session: a user that was dropped is told") {
  QueryServer server;
  TestConnection c(server.port());
  static std::atomic<int> told;
  told = 0;
  const auto count = [](void *param, void *ext, int type) {
    if (*static_cast<int *>(param) == 42 && !ext && type == TAOS_NOTIFY_USER_DROPPED) told++;
  };
  int param = 42;
  for (int type : {-1, 3, 77}) CHECK(taos_set_notify_cb(c, count, &param, type) == static_cast<int>(0x80000118));
  CHECK(taos_set_notify_cb(nullptr, count, &param, 2) == static_cast<int>(0x80000118));
  CHECK(taos_set_notify_cb(c, count, &param, TAOS_NOTIFY_PASSVER) == 0);
  CHECK(taos_set_notify_cb(c, count, &param, TAOS_NOTIFY_USER_DROPPED) == 0);
  server.set_hook([](const Request &r) {
    return r.action == "conn" ? Fate{Fate::kError, 0x351, "Invalid user"} : Fate();
  });
  server.hang_up();
  // Nobody asks anything: the connection finds out by itself, when it is looked after.
  CHECK(QueryServer::eventually([] {
    base::for_each_handle(
        base::HandleKind::kConnection,
        [](base::HandleObject *object, void *) { static_cast<client::Connection *>(object)->tend(); }, nullptr);
    return told > 0;
  }));
  CHECK(Outcome(taos_query(c, "insert 1")).code == 0x80000351);
  CHECK(told == 1);
}

TEST_CASE("session: a user that was dropped is told when a statement fails") {
  QueryServer server;
  TestConnection c(server.port());
  static std::atomic<int> told;
  told = 0;
  REQUIRE(taos_set_notify_cb(
              c, [](void *, void *, int) { told++; }, nullptr, TAOS_NOTIFY_USER_DROPPED) == 0);
  server.set_hook([](const Request &r) {
    return r.action == "conn" ? Fate{Fate::kError, 0x351, "Invalid user"} : Fate();
  });
  server.hang_up();
  for (int i = 0; i < 3; i++) CHECK(Outcome(taos_query(c, "select rows=1")).code == 0x80000351);
  CHECK(QueryServer::eventually([] { return told > 0; }));
  CHECK(told == 1);
}

TEST_CASE("session: a lost connection is no dropped user") {
  QueryServer server;
  TestConnection c(server.port());
  static std::atomic<int> told;
  told = 0;
  REQUIRE(taos_set_notify_cb(
              c, [](void *, void *, int) { told++; }, nullptr, TAOS_NOTIFY_USER_DROPPED) == 0);
  server.hang_up();
  CHECK(Outcome(taos_query(c, "select rows=1")).code == 0);
  CHECK(taos_set_notify_cb(c, nullptr, nullptr, TAOS_NOTIFY_USER_DROPPED) == 0);
  server.set_hook([](const Request &r) {
    return r.action == "conn" ? Fate{Fate::kError, 0x351, "Invalid user"} : Fate();
  });
  server.hang_up();
  CHECK(Outcome(taos_query(c, "select rows=1")).code == 0x80000351);
  CHECK(told == 0);
}

TEST_CASE("session: whether a connection works") {
  QueryServer server;
  TestConnection c(server.port());
  CHECK(taos_connect_is_alive(c) == 1);
  char text[80] = "";
  int32_t length = sizeof text;
  CHECK(taos_validate_connection(c, text, &length) == 0);
  CHECK(length == static_cast<int32_t>(std::strlen(text)));
  length = 4;
  CHECK(taos_validate_connection(c, text, &length) == 0);
  CHECK(std::strlen(text) == 3);
  CHECK(length > 4);
  CHECK(taos_validate_connection(c, nullptr, nullptr) == 0);
  server.stop();
  CHECK(taos_connect_is_alive(c) == 0);
  CHECK(taos_validate_connection(nullptr, nullptr, nullptr) == static_cast<int>(0x80000213));
  CHECK(taos_connect_is_alive(nullptr) == 0);
}

TEST_CASE("session: who is logged in") {
  QueryServer server;
  TestConnection c(server.port());
  char name[30] = "";
  int length = sizeof name;
  CHECK(taos_get_connection_info(c, TSDB_CONNECTION_INFO_USER, name, &length) == 0);
  CHECK(std::string(name) == "root");
  CHECK(length == 4);
  length = 4;
  CHECK(taos_get_connection_info(c, TSDB_CONNECTION_INFO_USER, name, &length) == static_cast<int>(0x80000118));
  CHECK(length == 4);
  server.set_hook(
      [](const Request &r) { return r.action == "get_connection_info" ? answer(r, R"("info":"my token")") : Fate(); });
  length = sizeof name;
  CHECK(taos_get_connection_info(c, TSDB_CONNECTION_INFO_TOKEN, name, &length) == 0);
  CHECK(std::string(name) == "my token");
  CHECK(taos_get_connection_info(c, TSDB_CONNECTION_INFO_USER, nullptr, &length) == static_cast<int>(0x80000118));
  CHECK(taos_get_connection_info(c, TSDB_CONNECTION_INFO_USER, name, nullptr) == static_cast<int>(0x80000118));
}

TEST_CASE("session: a statement longer than native takes") {
  QueryServer server;
  TestConnection c(server.port());
  const std::string long_one = "insert " + std::string(1024 * 1024, ' ');
  CHECK(Outcome(taos_query(c, long_one.c_str())).code == 0x80000219);
  CHECK(server.count("query") == 0);
  CHECK(Outcome(taos_query(c, long_one.substr(0, 1024 * 1024).c_str())).code == 0);
  server.set_hook([](const Request &r) {
    return r.action == "conn" || r.action == "version" ? answer(r, R"("version":"3.4.0.0")") : Fate();
  });
  TestConnection newer(server.port());
  CHECK(Outcome(taos_query(newer, long_one.c_str())).code == 0);  // such a server has a limit of its own
}

TEST_CASE("session: rows that are there before they are fetched") {
  QueryServer server;
  TestConnection c(server.port());
  TAOS_RES *constant = taos_query(c, "select rows=3 block=2");
  CHECK(taos_affected_rows(constant) == 2);
  int rows = 0;
  while (taos_fetch_row(constant)) rows++;
  CHECK(rows == 3);
  CHECK(taos_affected_rows(constant) == 0);
  taos_free_result(constant);
  TAOS_RES *of_table = taos_query(c, "select rows=3 from t");
  CHECK(taos_affected_rows(of_table) == 0);
  REQUIRE(taos_fetch_row(of_table));
  CHECK(taos_affected_rows(of_table) == 3);
  taos_free_result(of_table);
}

TEST_CASE("session: an empty result is an empty block") {
  QueryServer server;
  TestConnection c(server.port());
  TAOS_RES *r = taos_query(c, "select rows=0 from t");
  TAOS_ROW columns = nullptr;
  CHECK(taos_fetch_block(r, &columns) == 0);
  CHECK(columns == nullptr);
  int n = 5;
  void *block = nullptr;
  REQUIRE(taos_fetch_raw_block(r, &n, &block) == 0);
  CHECK(n == 0);
  REQUIRE(block);
  int32_t head[4];
  std::memcpy(head, block, sizeof head);
  CHECK(head[0] == 1);
  CHECK(head[1] == 28 + 2 * 9);
  CHECK(head[2] == 0);
  CHECK(head[3] == 2);
  taos_free_result(r);
}
