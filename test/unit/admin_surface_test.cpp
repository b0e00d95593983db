// Administration through the C interface, against a server whose answers are written out here.
#include <atomic>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <string>
#include <vector>

#include "../support/connections.h"
#include "../support/query_server.h"
#include "base/process_options.h"
#include "client/admin.h"

using namespace opentaos;
using test::QueryServer;
using test::TestConnection;

namespace {

using Fate = QueryServer::Fate;
using Request = QueryServer::Request;

Fate answer(const Request &r, const std::string &rest) {
  return {Fate::kReplace, 0,
          "{\"code\":0,\"message\":\"\",\"action\":\"" + r.action + "\",\"req_id\":" + std::to_string(r.req_id) + "," +
              rest + "}"};
}

base::ConnectOptions at(uint16_t port) {
  base::ConnectOptions o;
  o.hosts = {{"127.0.0.1", port}};
  o.connect_timeout_ms = 3000;
  return o;
}

}  // namespace

TEST_CASE("admin: the state of a server") {
  QueryServer server;
  server.set_hook([](const Request &r) {
    return r.action == "check_server_status" ? answer(r, R"("status":3,"details":"busy")") : Fate();
  });
  char details[4] = "";
  CHECK(taos_check_server_status("127.0.0.1", server.port(), details, sizeof details) ==
        TSDB_SRV_STATUS_SERVICE_DEGRADED);
  CHECK(std::string(details) == "bus");
  CHECK(server.count("conn") == 0);
  CHECK(taos_check_server_status("127.0.0.1", server.port(), nullptr, 0) == TSDB_SRV_STATUS_SERVICE_DEGRADED);
  server.set_hook(
      [](const Request &r) { return r.action == "check_server_status" ? answer(r, R"("status":17)") : Fate(); });
  CHECK(taos_check_server_status("127.0.0.1", server.port(), nullptr, 0) == TSDB_SRV_STATUS_UNAVAILABLE);
  const uint16_t port = server.port();
  server.stop();
  char why[100] = "";
  CHECK(taos_check_server_status("127.0.0.1", port, why, sizeof why) == TSDB_SRV_STATUS_UNAVAILABLE);
  CHECK(std::string(why).find("Unable to establish connection") == 0);
  CHECK(taos_check_server_status("127.0.0.1", 70000, why, sizeof why) == TSDB_SRV_STATUS_UNAVAILABLE);
}

TEST_CASE("admin: adapters that are registered") {
  QueryServer server;
  server.set_hook([](const Request &r) {
    return r.action == "conn" ? answer(r, R"("version":"3.4.1.10","list_instances":["a:6041","[::1]:6042"])") : Fate();
  });
  auto list = client::list_adapters(at(server.port()));
  REQUIRE(list);
  CHECK(*list == std::vector<std::string>{"a:6041", "[::1]:6042"});
  CHECK(server.requests("conn").back().text.find(R"("list_instances":true)") != std::string::npos);
  server.set_hook([](const Request &r) {
    return r.action == "conn" ? Fate{Fate::kError, 0x357, "Authentication failure"} : Fate();
  });
  CHECK(static_cast<uint32_t>(client::list_adapters(at(server.port())).status().code()) == 0x80000357);

  CHECK(taos_list_instances(nullptr, nullptr, nullptr) == static_cast<int>(0x80000118));
  CHECK(taos_register_instance("i", "t", "d", 0) == static_cast<int>(0x80000100));
  CHECK(test::last_text().find("WebSocket") != std::string::npos);
  CHECK(taos_register_instance(nullptr, "t", "d", 0) == static_cast<int>(0x80000118));
  CHECK(taos_register_instance(std::string(256, 'x').c_str(), "t", "d", 0) == static_cast<int>(0x80000118));
  auto **texts = static_cast<char **>(std::calloc(2, sizeof(char *)));
  texts[0] = strdup("one");
  taos_free_instances(&texts, 2);
  CHECK(texts == nullptr);
  taos_free_instances(&texts, 2);
  taos_free_instances(nullptr, 1);
}

TEST_CASE("admin: a white list is always called back") {
  static std::atomic<int> calls, last_code, last_count;
  calls = 0;
  const auto take = [](void *, int code, TAOS *, int n, char **) {
    last_code = code;
    last_count = n;
    calls++;
  };
  // Nobody to ask: at once.
  taos_fetch_whitelist_dual_stack_a(nullptr, take, nullptr);
  CHECK(calls == 1);
  CHECK(last_code == static_cast<int>(0x80000118));
  taos_fetch_whitelist_dual_stack_a(nullptr, nullptr, nullptr);
  taos_fetch_whitelist_a(nullptr, nullptr, nullptr);

  QueryServer server;
  TestConnection c(server.port());
  server.set_hook([](const Request &r) {
    return r.action == "query" ? Fate{Fate::kError, 0x2602, "Invalid column name: allowed_host"} : Fate();
  });
  taos_fetch_ip_whitelist_a(c, take, nullptr);
  CHECK(QueryServer::eventually([] { return calls == 2; }));
  CHECK(last_code == static_cast<int>(0x80002602));
  CHECK(last_count == 0);
  CHECK(server.requests("query").back().text ==
        "select allowed_host from information_schema.ins_users where name='root'");
  taos_fetch_datetime_whitelist_a(c, take, nullptr);
  CHECK(QueryServer::eventually([] { return calls == 3; }));
}

TEST_CASE("admin: vgroups are asked of the system tables") {
  QueryServer server;
  TestConnection c(server.port());
  int vgroup = -5;
  server.set_hook([](const Request &r) {
    return r.action == "query" ? Fate{Fate::kError, 0x388, "Database not exist"} : Fate();
  });
  CHECK(taos_get_table_vgId(c, "it's", "t`1", &vgroup) == static_cast<int>(0x80000388));
  CHECK(vgroup == -5);
  CHECK(server.requests("query").back().text ==
        "select table_name, vgroup_id from information_schema.ins_tables where db_name='it\\'s' and table_name in "
        "('t`1')");
  const char *tables[] = {"a", nullptr};
  int vgroups[2];
  CHECK(taos_get_tables_vgId(c, "d", tables, 2, vgroups) == static_cast<int>(0x80000229));
  CHECK(taos_get_tables_vgId(c, "d", tables, 0, vgroups) == static_cast<int>(0x80000229));
  CHECK(taos_get_tables_vgId(c, "d", tables, -1, vgroups) == static_cast<int>(0x80000229));
  // Rows of another shape than a system table's are no vgroups.
  server.set_hook(nullptr);
  TAOS_DB_ROUTE_INFO route;
  CHECK(taos_get_db_route_info(c, "d", &route) != 0);
}

TEST_CASE("admin: transactions are statements") {
  QueryServer server;
  TestConnection c(server.port());
  CHECK(taos_txn_begin(c) == 0);
  CHECK(taos_txn_commit(c) == 0);
  CHECK(taos_txn_rollback(c) == 0);
  const auto all = server.requests("query");
  REQUIRE(all.size() == 3);
  CHECK(all[0].text == "begin");
  CHECK(all[1].text == "commit");
  CHECK(all[2].text == "rollback");
  server.set_hook([](const Request &r) {
    return r.action == "query" ? Fate{Fate::kError, 0x2600, "syntax error near \\\"begin\\\""} : Fate();
  });
  CHECK(taos_txn_begin(c) == static_cast<int>(0x80002600));
  CHECK(test::last_text() == "syntax error near \"begin\"");
  CHECK(taos_txn_begin(nullptr) == static_cast<int>(0x80000213));
}

TEST_CASE("admin: loading what is known of tables") {
  QueryServer server;
  TestConnection c(server.port(), "cur");
  CHECK(taos_load_table_info(c, "a.b, `C`") == 0);
  const auto all = server.requests("query");
  REQUIRE(all.size() == 2);
  CHECK(all[0].text == "describe `a`.`b`");
  CHECK(all[1].text == "describe `cur`.`C`");
  CHECK(taos_load_table_info(c, "") == 0);
  CHECK(taos_load_table_info(c, nullptr) == 0);
  CHECK(taos_load_table_info(c, "a.b.c") == static_cast<int>(0x80000200));
  server.set_hook([](const Request &r) {
    return r.action == "query" ? Fate{Fate::kError, 0x2603, "Table does not exist"} : Fate();
  });
  CHECK(taos_load_table_info(c, "nosuch") == 0);
}
