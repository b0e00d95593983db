// Polling through the C interface, against the model of an adapter.
#include <catch2/catch.hpp>
#include <cstring>

#include "../support/tmq_client.h"
#include "base/codes.h"
#include "taosws.h"

using namespace opentaos;
using test::eventually;
using test::ms_since;
using test::now;
using test::TestConsumer;
using test::TmqEntry;
using test::TmqServer;
using Fate = TmqServer::Fate;
using Values = std::vector<int>;

TEST_CASE("a consumer gets what is there and what comes") {
  TmqServer server;
  server.create_topic("topic", {2}, "shop");
  server.append("topic", 2, {1, 2}, "d1");
  server.append("topic", 2, {3}, "d2");
  TestConsumer c(server);
  REQUIRE(c.tmq);
  REQUIRE(c.subscribe({"topic"}) == 0);
  TAOS_RES *res = tmq_consumer_poll(c.tmq, 1000);
  REQUIRE(res);
  CHECK(taos_errno(NULL) == 0);
  CHECK(tmq_get_res_type(res) == TMQ_RES_DATA);
  CHECK(std::string(tmq_get_topic_name(res)) == "topic");
  CHECK(std::string(tmq_get_db_name(res)) == "shop");
  CHECK(tmq_get_vgroup_id(res) == 2);
  CHECK(tmq_get_vgroup_offset(res) == 0);
  CHECK(tmq_get_table_name(res) == nullptr);
  CHECK(taos_num_fields(res) == 0);
  CHECK(taos_is_update_query(res));
  TAOS_ROW row = taos_fetch_row(res);
  REQUIRE(row);
  CHECK(test::int_at(row[1]) == 1);
  CHECK(std::string(tmq_get_table_name(res)) == "d1");
  CHECK(taos_num_fields(res) == 2);
  CHECK(taos_fetch_lengths(res)[1] == 4);
  CHECK(TestConsumer::values_of(res) == Values{2});
  // The message stays readable whatever happens next.
  CHECK(c.poll() == Values{3});
  CHECK(std::string(tmq_get_topic_name(res)) == "topic");
  taos_free_result(res);
  taos_free_result(res);  // twice
  CHECK(tmq_get_topic_name(res) == nullptr);
  CHECK(tmq_get_res_type(res) == TMQ_RES_INVALID);
  server.append("topic", 2, {4});
  CHECK(c.poll() == Values{4});
}

TEST_CASE("a poll takes the time it is given, and no longer") {
  TmqServer server;
  server.create_topic("topic", {2});
  TestConsumer c(server);
  REQUIRE(c.subscribe({"topic"}) == 0);
  auto start = now();
  CHECK(tmq_consumer_poll(c.tmq, 0) == nullptr);
  CHECK(ms_since(start) < 3000);
  CHECK(taos_errno(NULL) == 0);
  start = now();
  CHECK(tmq_consumer_poll(c.tmq, 250) == nullptr);
  CHECK(ms_since(start) >= 249);
  CHECK(ms_since(start) < 3000);
  CHECK(taos_errno(NULL) == 0);
  start = now();
  CHECK(tmq_consumer_poll(c.tmq, 1300) == nullptr);
  CHECK(ms_since(start) >= 1299);
  // Cut into waits that do not hold up commits for long.
  CHECK(server.longest_blocking() <= 1000);
}

TEST_CASE("a server that answers too early does not shorten a poll, nor make it spin") {
  TmqServer server;
  server.create_topic("topic", {2});
  TestConsumer c(server);
  REQUIRE(c.subscribe({"topic"}) == 0);
  const int before = server.count("poll");
  server.set_hook([&](const std::string &action, test::WsPeer &) {
    if (action != "poll") return Fate{};
    const std::string args = server.last_args("poll");
    const size_t at = args.find("\"req_id\":") + 9;
    return Fate{Fate::kReplace, 0,
                "{\"code\":0,\"message\":\"\",\"action\":\"poll\",\"req_id\":" +
                    args.substr(at, args.find(',', at) - at) + ",\"timing\":1,\"have_message\":false}",
                0, false};
  });
  const auto start = now();
  CHECK(tmq_consumer_poll(c.tmq, 300) == nullptr);
  CHECK(ms_since(start) >= 299);
  CHECK(server.count("poll") - before < 60);
}

TEST_CASE("an endless poll waits in short turns and ends with a message") {
  TmqServer server;
  server.create_topic("topic", {2});
  TestConsumer c(server);
  REQUIRE(c.subscribe({"topic"}) == 0);
  std::thread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(1200));
    server.append("topic", 2, {8});
  });
  CHECK(c.poll(-1) == Values{8});
  later.join();
  CHECK_FALSE(server.blocked_for_ever());
  CHECK(server.longest_blocking() <= 1000);
  CHECK(server.count("poll") >= 2);
}

TEST_CASE("a message whose announcement is late is not lost") {
  TmqServer server;
  server.create_topic("topic", {2});
  server.append("topic", 2, {1});
  TestConsumer c(server);
  REQUIRE(c.subscribe({"topic"}) == 0);
  std::atomic<int> polls{0};
  server.set_hook([&](const std::string &action, test::WsPeer &) {
    Fate f;
    if (action == "poll" && polls++ == 0) f.delay_ms = 1500;
    return f;
  });
  const auto start = now();
  CHECK(tmq_consumer_poll(c.tmq, 100) == nullptr);
  CHECK(ms_since(start) < 1400);
  CHECK(taos_errno(NULL) == 0);
  CHECK(c.poll(2000) == Values{1});
  CHECK(polls == 1);  // the first one was waited for, no second one was sent
}

TEST_CASE("a message whose data does not come is announced again") {
  TmqServer server;
  server.create_topic("topic", {2});
  server.append("topic", 2, {1});
  server.append("topic", 2, {2});
  TestConsumer c(server);
  REQUIRE(c.subscribe({"topic"}) == 0);
  std::atomic<int> fetches{0};
  server.set_hook([&](const std::string &action, test::WsPeer &) {
    if (action == "fetch_raw_data" && fetches++ == 0) {
      const std::string args = server.last_args(action);
      const size_t at = args.find("\"req_id\":") + 9;
      // An error of the adapter that comes as text.
      return Fate{Fate::kReplace, 0,
                  "{\"code\":65535,\"message\":\"out of order\",\"action\":\"fetch_raw_data\",\"req_id\":" +
                      args.substr(at, args.find(',', at) - at) + "}",
                  0, false};
    }
    return Fate{};
  });
  CHECK(tmq_consumer_poll(c.tmq, 1000) == nullptr);
  CHECK(taos_errno(NULL) == base::kErrFailed);
  CHECK(std::string(taos_errstr(NULL)) == "out of order");
  CHECK(c.drain() == Values{1, 2});
}

TEST_CASE("errors of a poll are told with their code") {
  TmqServer server;
  server.create_topic("topic", {2});
  TestConsumer c(server);
  CHECK(tmq_consumer_poll(c.tmq, 10) == nullptr);
  CHECK(taos_errno(NULL) == base::full_code(0x4017));
  REQUIRE(c.subscribe({"topic"}) == 0);
  server.set_hook([](const std::string &action, test::WsPeer &) {
    return action == "poll" ? Fate{Fate::kError, 0x4001, "Consumer mismatch", 0, false} : Fate{};
  });
  const auto start = now();
  CHECK(tmq_consumer_poll(c.tmq, 5000) == nullptr);
  CHECK(ms_since(start) < 1000);
  CHECK(taos_errno(NULL) == base::full_code(0x4001));
  server.set_hook({});
  CHECK(tmq_consumer_poll(c.tmq, 10) == nullptr);
  CHECK(taos_errno(NULL) == 0);
  CHECK(tmq_unsubscribe(c.tmq) == 0);
  CHECK(tmq_unsubscribe(c.tmq) == 0);
  CHECK(tmq_consumer_poll(c.tmq, 10) == nullptr);
  CHECK(taos_errno(NULL) == base::full_code(0x4017));
  tmq_t *gone = c.tmq;
  CHECK(c.close() == 0);
  CHECK(tmq_consumer_poll(gone, 10) == nullptr);
  CHECK(taos_errno(NULL) == base::kErrInvalidPara);
  CHECK(tmq_consumer_close(gone) == base::kErrInvalidPara);
  CHECK(tmq_commit_sync(gone, nullptr) == base::kErrInvalidPara);
  CHECK(tmq_committed(gone, "topic", 2) == base::kErrInvalidPara);
}

TEST_CASE("changes of tables come as JSON, as the server wrote it, and as raw data") {
  TmqServer server;
  server.create_topic("topic", {2});
  // Spaces, escapes and the order of members: nothing of it may change.
  const std::string meta = "{ \"type\":\"create\", \"sql\":\"a \\u003c b\" , \"n\":[1, 2],\"x\":1.50}";
  server.append("topic", 2, TmqEntry{{}, "", meta, {}});
  server.append("topic", 2, TmqEntry{{7}, "t", meta, {}});
  TestConsumer c(server);
  REQUIRE(c.subscribe({"topic"}) == 0);
  TAOS_RES *res = tmq_consumer_poll(c.tmq, 1000);
  REQUIRE(res);
  CHECK(tmq_get_res_type(res) == TMQ_RES_TABLE_META);
  char *json = tmq_get_json_meta(res);
  REQUIRE(json);
  CHECK(std::string(json) == meta);
  tmq_free_json_meta(json);
  tmq_raw_data raw{};
  REQUIRE(tmq_get_raw(res, &raw) == 0);
  CHECK(raw.raw_type == 531);
  CHECK(std::string(static_cast<char *>(raw.raw), raw.raw_len) == "opaque bytes of " + meta);
  CHECK(taos_fetch_row(res) == nullptr);

  TAOS *db = tmq_get_connect(c.tmq);
  REQUIRE(db);
  CHECK(tmq_get_connect(c.tmq) == db);
  CHECK(tmq_write_raw(db, raw) == 0);
  REQUIRE(server.written().size() == 1);
  CHECK(server.written()[0].first == 531);
  CHECK(server.written()[0].second == "opaque bytes of " + meta);
  tmq_free_raw(raw);
  taos_free_result(res);

  res = tmq_consumer_poll(c.tmq, 1000);
  REQUIRE(res);
  CHECK(tmq_get_res_type(res) == TMQ_RES_METADATA);
  json = tmq_get_json_meta(res);
  REQUIRE(json);
  CHECK(std::string(json) == meta);
  tmq_free_json_meta(json);
  CHECK(TestConsumer::values_of(res) == Values{7});
  taos_free_result(res);
}

TEST_CASE("raw data that is damaged or cannot be taken is refused here, never sent", "[raw][never-sent]") {
  TmqServer server;
  server.create_topic("topic", {2});
  server.append("topic", 2, {1, 2, 3});
  TestConsumer c(server);
  REQUIRE(c.subscribe({"topic"}) == 0);
  TAOS_RES *res = tmq_consumer_poll(c.tmq, 1000);
  REQUIRE(res);
  CHECK(tmq_get_json_meta(res) == nullptr);
  tmq_raw_data raw{};
  REQUIRE(tmq_get_raw(res, &raw) == 0);
  TAOS *db = tmq_get_connect(c.tmq);
  CHECK(tmq_write_raw(db, raw) == 0);
  CHECK(server.count("binary3") == 1);
  auto *bytes = static_cast<uint8_t *>(raw.raw);
  // Cut off anywhere inside the block.
  for (uint32_t n : {1u, 10u, 40u, raw.raw_len / 2, raw.raw_len - 30})
    CHECK(tmq_write_raw(db, {bytes, n, raw.raw_type}) == base::kErrInvalidPara);
  const uint8_t kept = bytes[60];
  // A BLOB column: writing it ends the server.
  const std::string block = TmqServer::block({1, 2, 3});
  const std::string whole(reinterpret_cast<char *>(bytes), raw.raw_len);
  const size_t at = whole.find(block);
  REQUIRE(at != std::string::npos);
  bytes[at + 28] = TSDB_DATA_TYPE_BLOB;
  CHECK(tmq_write_raw(db, raw) != 0);
  bytes[60] = kept;
  CHECK(tmq_write_raw(nullptr, raw) == base::kErrInvalidPara);
  CHECK(tmq_write_raw(db, {nullptr, 0, 2}) == base::kErrInvalidPara);
  CHECK(server.count("binary3") == 1);
  CHECK(tmq_get_raw(res, nullptr) == base::kErrInvalidPara);
  tmq_free_raw(raw);
  taos_free_result(res);
  CHECK(tmq_get_raw(res, &raw) == base::kErrInvalidPara);
}

TEST_CASE("servers before 3.3.3 are read the older way") {
  TmqServer server;
  server.set_version("3.2.3.0");
  server.set_old(true);
  server.create_topic("topic", {2});
  server.append("topic", 2, {1, 2}, "old");
  TestConsumer c(server);
  REQUIRE(c.subscribe({"topic"}) == 0);
  TAOS_RES *res = tmq_consumer_poll(c.tmq, 1000);
  REQUIRE(res);
  TAOS_ROW row = taos_fetch_row(res);
  REQUIRE(row);
  int32_t value = 0;
  std::memcpy(&value, row[1], sizeof value);  // values of a row lie at any address
  CHECK(value == 1);
  CHECK(std::string(taos_fetch_fields(res)[1].name) == "v");
  CHECK(std::string(tmq_get_table_name(res)) == "old");
  taos_free_result(res);
  CHECK(server.count("fetch_raw_data") == 0);
  CHECK(server.count("fetch_raw") == 1);
}

TEST_CASE("what was asked of the subscription reaches the server") {
  TmqServer server;
  server.create_topic("topic", {2});
  TestConsumer c(server, {{"client.id", "cl"},
                          {"session.timeout.ms", "10000"},
                          {"max.poll.interval.ms", "4000"},
                          {"heartbeat.interval.ms", "2000"},
                          {"experimental.snapshot.enable", "true"},
                          {"msg.consume.excluded", "1"},
                          {"msg.consume.rawdata", "1"},
                          {"msg.enable.batchmeta", "1"},
                          {"enable.replay", "true"},
                          {"min.poll.rows", "77"},
                          {"enable.auto.commit", "true"}});
  REQUIRE(c.subscribe({"topic"}) == 0);
  const std::string args = server.last_args("subscribe");
  for (const char *part :
       {"\"client_id\":\"cl\"", "\"group_id\":\"g\"", "\"offset_rest\":\"earliest\"",
        "\"session_timeout_ms\":\"10000\"", "\"max_poll_interval_ms\":\"4000\"", "\"snapshot_enable\":\"true\"",
        "\"msg_consume_excluded\":\"1\"", "\"msg_consume_rawdata\":\"1\"", "\"enable_batch_meta\":\"1\"",
        "\"heartbeat.interval.ms\":\"2000\"", "\"enable.replay\":\"true\"", "\"min.poll.rows\":\"77\"",
        "\"auto_commit\":\"false\"", "\"topics\":[\"topic\"]"}) {
    INFO(part);
    CHECK(args.find(part) != std::string::npos);
  }
}

TEST_CASE("many polls keep memory bounded and every message once") {
  TmqServer server;
  server.create_topic("topic", {1, 2, 3});
  for (int i = 0; i < 300; i++) server.append("topic", 1 + i % 3, {i});
  TestConsumer c(server);
  REQUIRE(c.subscribe({"topic"}) == 0);
  auto all = c.drain();
  std::sort(all.begin(), all.end());
  REQUIRE(all.size() == 300);
  for (int i = 0; i < 300; i++) CHECK(all[static_cast<size_t>(i)] == i);
  CHECK(server.count("fetch_raw_data") == 300);
}

TEST_CASE("a consumer nobody polls answers pings") {
  TmqServer server;
  server.create_topic("topic", {2});
  TestConsumer c(server);
  REQUIRE(c.subscribe({"topic"}) == 0);
  server.ping_all();
  // Connections are looked after every five seconds.
  CHECK(eventually([&] { return server.pongs() > 0; }) | eventually([&] { return server.pongs() > 0; }));
}

TEST_CASE("two threads that poll one consumer take turns") {
  TmqServer server;
  server.create_topic("topic", {2});
  TestConsumer c(server);
  REQUIRE(c.subscribe({"topic"}) == 0);
  for (int i = 0; i < 50; i++) server.append("topic", 2, {i});
  std::atomic<int> got{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; t++) {
    threads.emplace_back([&] {
      for (int i = 0; i < 30; i++)
        if (TAOS_RES *res = tmq_consumer_poll(c.tmq, 20)) {
          got++;
          taos_free_result(res);
        }
    });
  }
  for (auto &t : threads) t.join();
  CHECK(got == 50);
}

TEST_CASE("closing ends an endless poll of another thread") {
  TmqServer server;
  server.create_topic("topic", {2});
  TestConsumer c(server);
  REQUIRE(c.subscribe({"topic"}) == 0);
  std::atomic<bool> nothing{false};
  std::thread poller([&, tmq = c.tmq] { nothing = tmq_consumer_poll(tmq, -1) == nullptr; });
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  const auto start = now();
  CHECK(c.close() == 0);
  poller.join();
  CHECK(nothing);
  CHECK(ms_since(start) < 2500);
}

TEST_CASE("ws_tmq: waits and errors in the form of that interface") {
  TmqServer server;
  server.create_topic("topic", {2});
  server.append("topic", 2, {1});
  ws_tmq_conf_t *conf = ws_tmq_conf_new();
  CHECK(ws_tmq_conf_set(conf, "group.id", "g") == WS_TMQ_CONF_OK);
  CHECK(ws_tmq_conf_set(conf, "auto.offset.reset", "earliest") == WS_TMQ_CONF_OK);
  CHECK(ws_tmq_conf_set(conf, "enable.auto.commit", "false") == WS_TMQ_CONF_OK);
  const std::string dsn = "ws://root:taosdata@127.0.0.1:" + std::to_string(server.port()) + "/?client.id=x";
  char why[200] = "";
  ws_tmq_t *tmq = ws_tmq_consumer_new(conf, dsn.c_str(), why, sizeof why);
  REQUIRE(tmq);
  CHECK(std::string(why).empty());
  CHECK(ws_tmq_consumer_new(conf, "junk", why, sizeof why) == nullptr);
  CHECK(std::string(why).find("[0xE000] No `:` found in junk") == 0);
  CHECK(ws_tmq_consumer_new(conf, "ws://127.0.0.1:1", why, sizeof why) == nullptr);
  CHECK(std::string(why) ==
        "[0xE001] [0xE001] Internal error: `WebSocket internal error: IO error: Connection refused (os error 111)`");
  ws_tmq_conf_destroy(conf);
  ws_tmq_list_t *list = ws_tmq_list_new();
  CHECK(ws_tmq_list_append(list, "nosuch") == 0);
  CHECK(ws_tmq_subscribe(tmq, list) == base::kErrFailed);
  CHECK(std::string(ws_tmq_errstr(tmq)) == "Internal error: `Topic not exist`");
  ws_tmq_list_destroy(list);
  list = ws_tmq_list_new();
  CHECK(ws_tmq_list_append(list, "topic") == 0);
  CHECK(ws_tmq_subscribe(tmq, list) == 0);
  ws_tmq_list_destroy(list);
  CHECK(server.last_args("subscribe").find("\"client_id\":\"x\"") != std::string::npos);
  WS_RES *res = ws_tmq_consumer_poll(tmq, 0);  // for ever
  REQUIRE(res);
  CHECK(ws_tmq_get_res_type(res) == WS_TMQ_RES_DATA);
  CHECK(std::string(ws_tmq_get_topic_name(res)) == "topic");
  CHECK(ws_tmq_get_vgroup_id(res) == 2);
  CHECK(ws_tmq_commit_sync(tmq, res) == 0);
  CHECK(server.committed("g", "topic", 2) == 1);
  taos_free_result(res);
  const auto start = now();
  CHECK(ws_tmq_consumer_poll(tmq, -5) == nullptr);  // a second
  CHECK(ms_since(start) >= 990);
  CHECK(ws_tmq_offset_seek(tmq, "nosuch", 2, 0) == base::full_code(0x4009));
  CHECK(std::string(ws_tmq_errstr(tmq)) == "Internal error: `Topic does not belong to this consumer`");
  CHECK(ws_tmq_committed(tmq, "topic", 99) == base::full_code(0x4008));
  CHECK(ws_tmq_unsubscribe(tmq) == 0);
  CHECK(ws_tmq_consumer_close(tmq) == 0);
  CHECK(ws_tmq_consumer_close(tmq) == base::kErrInvalidPara);
}
