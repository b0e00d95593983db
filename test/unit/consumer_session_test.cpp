// A consumer's session: how it begins, how it is lost and found again, and that nothing is lost with it.
#include <catch2/catch.hpp>
#include <set>

#include "../support/tmq_client.h"
#include "base/codes.h"

using namespace opentaos;
using test::eventually;
using test::ms_since;
using test::now;
using test::TestConsumer;
using test::TmqServer;
using Fate = TmqServer::Fate;
using Values = std::vector<int>;

namespace {

Values numbers(int from, int to) {
  Values v;
  for (int i = from; i < to; i++) v.push_back(i);
  return v;
}

}  // namespace

TEST_CASE("making a consumer logs in, and says why it cannot") {
  TmqServer server;
  char why[64] = "";
  CHECK(tmq_consumer_new(nullptr, why, sizeof why) == nullptr);
  CHECK(std::string(why) == "configure is null");
  {
    TestConsumer none("127.0.0.1", server.port(), {{"group.id", ""}});
    CHECK(none.tmq == nullptr);
    CHECK(none.error == "malloc tmq element failed or group is empty");
    CHECK(server.connections() == 0);
  }
  {
    TestConsumer wrong("127.0.0.1", server.port(), {{"td.connect.pass", "wrong"}});
    CHECK(wrong.tmq == nullptr);
    CHECK(wrong.error == "init tscObj failed");
    CHECK(taos_errno(NULL) == base::kErrAuthFailure);
  }
  {
    TestConsumer nobody("127.0.0.1", 1);
    CHECK(nobody.error == "init tscObj failed");
    CHECK(taos_errno(NULL) == base::kErrUnableToConnect);
  }
  tmq_conf_t *conf = test::new_conf("127.0.0.1", server.port(), {{"td.connect.pass", "wrong"}});
  char small[10];
  std::memset(small, '#', sizeof small);
  CHECK(tmq_consumer_new(conf, small, 8) == nullptr);
  CHECK(std::string(small, 9) == std::string("init ts\0#", 9));
  CHECK(tmq_consumer_new(conf, nullptr, 0) == nullptr);
  tmq_conf_destroy(conf);
  // After success the buffer is left alone.
  conf = test::new_conf("127.0.0.1", server.port());
  std::memset(small, '#', sizeof small);
  tmq_t *tmq = tmq_consumer_new(conf, small, 8);
  REQUIRE(tmq);
  CHECK(small[0] == '#');
  CHECK(taos_errno(NULL) == 0);
  CHECK(tmq_consumer_close(tmq) == 0);
  tmq_conf_destroy(conf);
}

TEST_CASE("subscribing, again, to others, to nothing") {
  TmqServer server;
  server.create_topic("one", {1});
  server.create_topic("two", {2});
  server.append("one", 1, {1});
  server.append("two", 2, {2});
  TestConsumer c(server);
  CHECK(c.subscribe({"nosuch"}) == base::full_code(0x3e1));
  CHECK(std::string(taos_errstr(NULL)) == "Topic not exist");
  CHECK(c.subscribe({}) == 0);
  CHECK(tmq_consumer_poll(c.tmq, 10) == nullptr);
  CHECK(taos_errno(NULL) == base::full_code(0x4017));
  REQUIRE(c.subscribe({"one", "two"}) == 0);
  const int before = server.count("subscribe");
  CHECK(c.subscribe({"one", "two"}) == 0);  // nothing new
  CHECK(server.count("subscribe") == before);
  auto both = c.drain();
  std::sort(both.begin(), both.end());
  CHECK(both == Values{1, 2});
  tmq_list_t *list = nullptr;
  CHECK(tmq_subscription(c.tmq, &list) == 0);
  CHECK(tmq_list_get_size(list) == 2);
  CHECK(std::string(tmq_list_to_c_array(list)[1]) == "two");
  // One that cannot be subscribed to leaves what there was, natively too.
  CHECK(c.subscribe({"one", "nosuch"}) == base::full_code(0x3e1));
  CHECK(tmq_subscription(c.tmq, &list) == 0);
  CHECK(tmq_list_get_size(list) == 4);  // appended
  tmq_list_destroy(list);
  server.append("two", 2, {22});
  CHECK(c.drain().size() == 3);  // nothing was committed
  CHECK(tmq_commit_sync(c.tmq, nullptr) == 0);
  REQUIRE(c.subscribe({"two"}) == 0);
  server.append("one", 1, {11});
  server.append("two", 2, {23});
  CHECK(c.drain() == Values{23});
  CHECK(c.subscribe({}) == 0);
  CHECK(tmq_consumer_poll(c.tmq, 10) == nullptr);
  CHECK(taos_errno(NULL) == base::full_code(0x4017));
  CHECK(tmq_subscribe(c.tmq, nullptr) == base::kErrInvalidPara);
  CHECK(tmq_subscribe(nullptr, nullptr) == base::kErrInvalidPara);
}

TEST_CASE("a lost session goes on behind the last message, without a commit") {
  TmqServer server;
  server.create_topic("topic", {2});
  for (int i = 0; i < 3; i++) server.append("topic", 2, {i});
  TestConsumer c(server);
  REQUIRE(c.subscribe({"topic"}) == 0);
  CHECK(c.drain() == Values{0, 1, 2});
  server.hang_up_consumers();
  for (int i = 3; i < 6; i++) server.append("topic", 2, {i});
  CHECK(c.drain(300) == Values{3, 4, 5});  // none twice, none left out
  CHECK(taos_errno(NULL) == 0);
  CHECK(tmq_commit_sync(c.tmq, nullptr) == 0);
  CHECK(server.committed("g", "topic", 2) == 6);
}

TEST_CASE("what is committed in a new session covers what was handed out in the old one") {
  TmqServer server;
  server.create_topic("topic", {1, 2});
  server.append("topic", 1, {1});
  server.append("topic", 2, {2});
  TestConsumer c(server);
  REQUIRE(c.subscribe({"topic"}) == 0);
  CHECK(c.drain().size() == 2);
  server.hang_up_consumers();
  CHECK(tmq_commit_sync(c.tmq, nullptr) == 0);
  CHECK(server.committed("g", "topic", 1) == 1);
  CHECK(server.committed("g", "topic", 2) == 1);
}

TEST_CASE("a connection that ends at any request costs nothing") {
  const std::string action = GENERATE("poll", "fetch_raw_data", "assignment", "seek", "committed", "subscribe");
  const auto kind = GENERATE(Fate::kHangUpFirst, Fate::kHangUpAfter);
  INFO(action << " " << kind);
  TmqServer server;
  server.create_topic("topic", {1, 2});
  for (int i = 0; i < 20; i++) server.append("topic", 1 + i % 2, {i});
  TestConsumer c(server);
  REQUIRE(c.subscribe({"topic"}) == 0);
  std::atomic<int> left{3};
  server.set_hook([&](const std::string &a, test::WsPeer &) {
    return a == action && left > 0 && left-- > 0 ? Fate{kind, 0, "", 0, false} : Fate{};
  });
  std::multiset<int> got;
  for (int k = 0; k < 5; k++)
    for (int v : c.poll(1000)) got.insert(v);
  server.hang_up_consumers();
  for (int k = 0; k < 60 && got.size() < 20; k++)
    for (int v : c.poll(1000)) got.insert(v);
  for (int v : c.drain()) got.insert(v);
  for (int i = 0; i < 20; i++) CHECK(got.count(i) == 1);
}

TEST_CASE("a hundred lost sessions lose no message and commit none that was not handed out") {
  TmqServer server;
  server.create_topic("topic", {1, 2, 3});
  const int total = 1200;
  for (int i = 0; i < total; i++) server.append("topic", 1 + i % 3, {i});
  TestConsumer c(server, {{"enable.auto.commit", "true"}, {"auto.commit.interval.ms", "20"}});
  REQUIRE(c.subscribe({"topic"}) == 0);
  std::atomic<bool> stop{false};
  std::atomic<int> cuts{0};
  // The connection ends wherever the consumer happens to be.
  std::thread cutter([&] {
    while (!stop && cuts < 100) {
      std::this_thread::sleep_for(std::chrono::milliseconds(7));
      server.hang_up_consumers();
      cuts++;
    }
  });
  std::map<int, int> got;
  size_t most = 0;
  const auto start = now();
  while ((got.size() < total || cuts < 100) && ms_since(start) < 60000) {
    for (int v : c.poll(200)) got[v]++;
    for (int vgroup = 1; vgroup <= 3; vgroup++) {
      const int64_t committed = server.committed("g", "topic", vgroup);
      for (int64_t offset = 0; offset < committed; offset++)
        if (!got.count(static_cast<int>(offset * 3 + vgroup - 1))) FAIL("committed before it was handed out");
    }
  }
  stop = true;
  cutter.join();
  CHECK(got.size() == total);
  for (auto &[value, times] : got) most = std::max<size_t>(most, static_cast<size_t>(times));
  CHECK(most == 1);  // positions are kept: the same consumer does not even see duplicates
  CHECK(cuts == 100);
  CHECK(c.close() == 0);
  for (int vgroup = 1; vgroup <= 3; vgroup++) CHECK(server.committed("g", "topic", vgroup) == total / 3);
}

TEST_CASE("an adapter that is restarted is bridged quietly") {
  TmqServer server;
  server.create_topic("topic", {2});
  server.append("topic", 2, {1});
  TestConsumer c(server);
  REQUIRE(c.subscribe({"topic"}) == 0);
  CHECK(c.drain() == Values{1});
  server.stop();
  // Down: polls take their time and say nothing.
  auto start = now();
  CHECK(tmq_consumer_poll(c.tmq, 0) == nullptr);
  CHECK(ms_since(start) < 2000);
  CHECK(taos_errno(NULL) == 0);
  start = now();
  CHECK(tmq_consumer_poll(c.tmq, 300) == nullptr);
  CHECK(ms_since(start) >= 299);
  CHECK(ms_since(start) < 3000);
  CHECK(taos_errno(NULL) == 0);
  server.append("topic", 2, {2});
  server.start();
  CHECK(c.poll(5000) == Values{2});
}

TEST_CASE("an outage longer than the session is told, and ends when the server is back") {
  TmqServer server;
  server.create_topic("topic", {2});
  TestConsumer c(server, {{"session.timeout.ms", "6000"}});
  REQUIRE(c.subscribe({"topic"}) == 0);
  server.stop();
  const auto start = now();
  CHECK(tmq_consumer_poll(c.tmq, -1) == nullptr);
  CHECK(taos_errno(NULL) == base::kErrUnableToConnect);
  CHECK(ms_since(start) >= 5990);
  CHECK(ms_since(start) < 9000);
  CHECK(tmq_consumer_poll(c.tmq, 100) == nullptr);
  CHECK(taos_errno(NULL) == base::kErrUnableToConnect);
  server.append("topic", 2, {1});
  server.start();
  CHECK(c.poll(8000) == Values{1});
}

TEST_CASE("another adapter of the list takes over") {
  TmqServer first, second;
  for (TmqServer *s : {&first, &second}) {
    s->create_topic("topic", {2});
    for (int i = 0; i < 4; i++) s->append("topic", 2, {i});
  }
  const std::string both = "127.0.0.1:" + std::to_string(first.port()) + ",127.0.0.1:" + std::to_string(second.port());
  TestConsumer c(both, 6041);
  REQUIRE(c.tmq);
  REQUIRE(c.subscribe({"topic"}) == 0);
  CHECK(c.poll() == Values{0});
  CHECK(c.poll() == Values{1});
  CHECK(second.connections() == 0);
  first.stop();
  CHECK(c.poll(5000) == Values{2});
  CHECK(second.count("seek") == 1);
  CHECK(c.poll() == Values{3});
  CHECK(tmq_commit_sync(c.tmq, nullptr) == 0);
  CHECK(second.committed("g", "topic", 2) == 4);
}

TEST_CASE("the vgroups of the old session come late, and reading goes on where it was") {
  TmqServer server;
  server.set_session_ms(800);
  server.create_topic("topic", {2});
  for (int i = 0; i < 3; i++) server.append("topic", 2, {i});
  TestConsumer c(server);
  REQUIRE(c.subscribe({"topic"}) == 0);
  CHECK(c.drain() == Values{0, 1, 2});
  server.hang_up_consumers();
  server.append("topic", 2, {3});
  const auto start = now();
  CHECK(c.poll(5000) == Values{3});
  CHECK(ms_since(start) >= 600);
}

TEST_CASE("a commit of what another member has got meanwhile is refused at once") {
  TmqServer server;
  server.create_topic("topic", {1});
  server.append("topic", 1, {0});
  TestConsumer c(server), other(server);
  REQUIRE(c.subscribe({"topic"}) == 0);
  TAOS_RES *res = tmq_consumer_poll(c.tmq, 2000);
  REQUIRE(res);
  server.hang_up_consumers();
  REQUIRE(other.subscribe({"topic"}) == 0);
  server.append("topic", 3, {9});
  // The session times out after twelve seconds; it is not waited for, since the group has dealt out its vgroups.
  const auto start = now();
  CHECK(tmq_commit_sync(c.tmq, res) == static_cast<int32_t>(0x80004008));
  CHECK(ms_since(start) < 10000);
  taos_free_result(res);
  CHECK(c.drain() == Values{9});
  // When the vgroup comes back, reading goes on where it was, and the next commit covers that.
  REQUIRE(other.close() == 0);
  server.append("topic", 1, {1});
  CHECK(c.poll(10000) == Values{1});
  CHECK(tmq_commit_sync(c.tmq, nullptr) == 0);
  CHECK(tmq_committed(c.tmq, "topic", 1) == 2);
}

TEST_CASE("what another member of the group has committed meanwhile is not read again") {
  TmqServer server;
  server.create_topic("topic", {2});
  for (int i = 0; i < 6; i++) server.append("topic", 2, {i});
  TestConsumer c(server);
  REQUIRE(c.subscribe({"topic"}) == 0);
  CHECK(c.poll() == Values{0});
  server.hang_up_consumers();
  server.set_committed("g", "topic", 2, 4);
  CHECK(c.drain(300) == Values{4, 5});
  CHECK(tmq_commit_sync(c.tmq, nullptr) == 0);
  CHECK(server.committed("g", "topic", 2) == 6);
}

TEST_CASE("a group that starts at the end loses nothing with its session") {
  TmqServer server;
  server.create_topic("topic", {1, 2});
  server.append("topic", 1, {1});
  TestConsumer c(server, {{"auto.offset.reset", "latest"}});
  REQUIRE(c.subscribe({"topic"}) == 0);
  CHECK(c.drain().empty());
  server.stop();
  server.append("topic", 1, {2});
  server.append("topic", 2, {3});
  server.start();
  auto got = c.drain(1500);
  std::sort(got.begin(), got.end());
  CHECK(got == Values{2, 3});
}

TEST_CASE("a session that is refused for good is told at once, and tried again later") {
  TmqServer server;
  server.create_topic("topic", {2});
  TestConsumer c(server);
  REQUIRE(c.subscribe({"topic"}) == 0);
  server.set_hook([](const std::string &action, test::WsPeer &) {
    return action == "subscribe" ? Fate{Fate::kError, 0x3e1, "Topic not exist", 0, false} : Fate{};
  });
  server.hang_up_consumers();
  const auto start = now();
  CHECK(tmq_consumer_poll(c.tmq, 5000) == nullptr);
  CHECK(taos_errno(NULL) == base::full_code(0x3e1));
  CHECK(ms_since(start) < 2000);
  server.set_hook({});
  server.append("topic", 2, {1});
  CHECK(c.poll(5000) == Values{1});
}

TEST_CASE("an adapter that has forgotten the consumer gets it again") {
  TmqServer server;
  server.create_topic("topic", {2});
  for (int i = 0; i < 2; i++) server.append("topic", 2, {i});
  TestConsumer c(server);
  REQUIRE(c.subscribe({"topic"}) == 0);
  CHECK(c.poll() == Values{0});
  std::atomic<bool> once{true};
  server.set_hook([&](const std::string &action, test::WsPeer &) {
    return action == "poll" && once.exchange(false) ? Fate{Fate::kError, 0xffff, "tmq not init", 0, false} : Fate{};
  });
  CHECK(c.poll(3000) == Values{1});
}

TEST_CASE("offsets asked for during an outage wait for the new session") {
  TmqServer server;
  server.create_topic("topic", {2});
  for (int i = 0; i < 3; i++) server.append("topic", 2, {i});
  TestConsumer c(server);
  REQUIRE(c.subscribe({"topic"}) == 0);
  CHECK(c.poll() == Values{0});
  server.hang_up_consumers();
  CHECK(tmq_position(c.tmq, "topic", 2) == 1);
  server.hang_up_consumers();
  CHECK(tmq_offset_seek(c.tmq, "topic", 2, 2) == 0);
  CHECK(c.drain(200) == Values{2});
  server.hang_up_consumers();
  CHECK(tmq_commit_offset_sync(c.tmq, "topic", 2, 2) == 0);
  CHECK(server.committed("g", "topic", 2) == 2);
}

TEST_CASE("closing during an outage ends") {
  TmqServer server;
  server.create_topic("topic", {2});
  server.append("topic", 2, {1});
  TestConsumer c(server);
  REQUIRE(c.subscribe({"topic"}) == 0);
  CHECK(c.drain().size() == 1);
  server.stop();
  CHECK(tmq_consumer_poll(c.tmq, 50) == nullptr);
  const auto start = now();
  CHECK(c.close() == 0);
  CHECK(ms_since(start) < 1500);
}

TEST_CASE("subscribing again on a connection that ended while it was idle") {
  TmqServer server;
  server.create_topic("topic", {2});
  server.append("topic", 2, {1});
  TestConsumer c(server);
  REQUIRE(c.subscribe({"topic"}) == 0);
  CHECK(tmq_unsubscribe(c.tmq) == 0);
  server.hang_up_consumers();
  REQUIRE(c.subscribe({"topic"}) == 0);
  CHECK(c.poll() == Values{1});
}

TEST_CASE("seeking does not skip and does not bring back what a late answer carries") {
  TmqServer server;
  server.create_topic("topic", {2});
  for (int i = 0; i < 6; i++) server.append("topic", 2, {i});
  TestConsumer c(server);
  REQUIRE(c.subscribe({"topic"}) == 0);
  CHECK(c.poll() == Values{0});
  std::atomic<bool> once{true};
  server.set_hook([&](const std::string &action, test::WsPeer &) {
    Fate f;
    if (action == "poll" && once.exchange(false)) f.delay_ms = 1300;
    return f;
  });
  CHECK(tmq_consumer_poll(c.tmq, 20) == nullptr);  // message 1 is on its way
  CHECK(tmq_offset_seek(c.tmq, "topic", 2, 3) == 0);
  CHECK(c.drain(200) == numbers(3, 6));
}
