// What is committed, and when: never more than the program has been given, never less at the end.
#include <catch2/catch.hpp>

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

struct Outcomes {
  std::mutex mutex;
  std::vector<int32_t> codes;
  std::vector<std::thread::id> threads;
  std::function<void(tmq_t *)> then;

  static void note(tmq_t *tmq, int32_t code, void *param) {
    auto *o = static_cast<Outcomes *>(param);
    std::function<void(tmq_t *)> then;
    {
      std::lock_guard lock(o->mutex);
      o->codes.push_back(code);
      o->threads.push_back(std::this_thread::get_id());
      then = o->then;
    }
    if (then) then(tmq);
  }
  size_t size() {
    std::lock_guard lock(mutex);
    return codes.size();
  }
};

}  // namespace

TEST_CASE("a commit covers what was handed out") {
  TmqServer server;
  server.create_topic("topic", {2, 3});
  for (int i = 0; i < 3; i++) server.append("topic", 2, {i});
  server.append("topic", 3, {10});
  TestConsumer c(server);
  REQUIRE(c.subscribe({"topic"}) == 0);
  CHECK(tmq_committed(c.tmq, "topic", 2) == base::full_code(0x4011));
  CHECK(c.poll().size() == 1);
  CHECK(c.poll().size() == 1);
  CHECK(tmq_commit_sync(c.tmq, nullptr) == 0);
  CHECK(server.committed("g", "topic", 2) + std::max<int64_t>(server.committed("g", "topic", 3), 0) == 2);
  c.drain();
  CHECK(tmq_commit_sync(c.tmq, nullptr) == 0);
  CHECK(server.committed("g", "topic", 2) == 3);
  CHECK(server.committed("g", "topic", 3) == 1);
  CHECK(tmq_committed(c.tmq, "topic", 2) == 3);
  CHECK(tmq_position(c.tmq, "topic", 2) == 3);
}

TEST_CASE("the commit of a message covers that message's vgroup up to it, whatever was polled since") {
  TmqServer server;
  server.create_topic("topic", {2});
  for (int i = 0; i < 3; i++) server.append("topic", 2, {i});
  TestConsumer c(server);
  REQUIRE(c.subscribe({"topic"}) == 0);
  TAOS_RES *first = tmq_consumer_poll(c.tmq, 1000);
  TAOS_RES *second = tmq_consumer_poll(c.tmq, 1000);
  REQUIRE(first);
  REQUIRE(second);
  CHECK(tmq_commit_sync(c.tmq, first) == 0);
  CHECK(server.committed("g", "topic", 2) == 1);
  CHECK(tmq_commit_sync(c.tmq, second) == 0);
  CHECK(server.committed("g", "topic", 2) == 2);
  taos_free_result(first);
  CHECK(tmq_commit_sync(c.tmq, first) == base::kErrInvalidPara);
  taos_free_result(second);
}

TEST_CASE("offsets: committed, sought, refused") {
  TmqServer server;
  server.create_topic("topic", {2});
  for (int i = 0; i < 3; i++) server.append("topic", 2, {i});
  TestConsumer c(server);
  // Before there is a subscription nothing belongs to the consumer; nobody is asked.
  CHECK(tmq_position(c.tmq, "topic", 2) == base::full_code(0x4009));
  CHECK(tmq_committed(c.tmq, "topic", 2) == base::full_code(0x4009));
  CHECK(tmq_offset_seek(c.tmq, "topic", 2, 0) == base::full_code(0x4009));
  CHECK(tmq_commit_offset_sync(c.tmq, "topic", 2, 0) == base::full_code(0x4009));
  CHECK(tmq_commit_sync(c.tmq, nullptr) == 0);
  REQUIRE(c.subscribe({"topic"}) == 0);
  CHECK(c.drain() == Values{0, 1, 2});
  CHECK(tmq_commit_offset_sync(c.tmq, "topic", 2, 1) == 0);
  CHECK(tmq_committed(c.tmq, "topic", 2) == 1);
  CHECK(tmq_commit_offset_sync(c.tmq, "topic", 2, 1000) == base::full_code(0x4007));
  CHECK(tmq_commit_offset_sync(c.tmq, "topic", 99, 1) == base::full_code(0x4008));
  CHECK(tmq_commit_offset_sync(c.tmq, "nosuch", 2, 1) == base::full_code(0x4009));
  CHECK(tmq_commit_offset_sync(c.tmq, nullptr, 2, 1) == base::kErrInvalidPara);
  CHECK(tmq_offset_seek(c.tmq, "topic", 2, 1) == 0);
  CHECK(tmq_position(c.tmq, "topic", 2) == 1);
  CHECK(c.drain() == Values{1, 2});
  CHECK(tmq_offset_seek(c.tmq, "topic", 2, -5) == base::full_code(0x4007));
  CHECK(tmq_offset_seek(c.tmq, "topic", 2, 4) == base::full_code(0x4007));
  CHECK(tmq_offset_seek(c.tmq, "topic", 99, 0) == base::full_code(0x4008));
  CHECK(tmq_position(c.tmq, "topic", 99) == base::full_code(0x4008));
  CHECK(tmq_committed(c.tmq, "topic", 99) == base::full_code(0x4008));
  tmq_topic_assignment *list = nullptr;
  int32_t n = -1;
  CHECK(tmq_get_topic_assignment(c.tmq, "topic", &list, &n) == 0);
  REQUIRE(n == 1);
  CHECK(list[0].vgId == 2);
  CHECK(list[0].begin == 0);
  CHECK(list[0].end == 3);
  tmq_free_assignment(list);
  CHECK(tmq_get_topic_assignment(c.tmq, "nosuch", &list, &n) == base::full_code(0x4009));
  CHECK(list == nullptr);
  CHECK(tmq_get_topic_assignment(c.tmq, "topic", nullptr, &n) == base::kErrInvalidPara);
}

TEST_CASE("commits without waiting: callbacks in order, on another thread") {
  TmqServer server;
  server.create_topic("topic", {2});
  for (int i = 0; i < 5; i++) server.append("topic", 2, {i});
  TestConsumer c(server);
  REQUIRE(c.subscribe({"topic"}) == 0);
  Outcomes o;
  TAOS_RES *res = tmq_consumer_poll(c.tmq, 1000);
  REQUIRE(res);
  tmq_commit_async(c.tmq, res, Outcomes::note, &o);
  taos_free_result(res);  // at once: what is committed was decided by the call
  tmq_commit_offset_async(c.tmq, "nosuch", 2, 1, Outcomes::note, &o);
  tmq_commit_offset_async(c.tmq, "topic", 99, 1, Outcomes::note, &o);
  tmq_commit_async(c.tmq, nullptr, Outcomes::note, &o);
  tmq_commit_async(c.tmq, nullptr, nullptr, nullptr);
  REQUIRE(eventually([&] { return o.size() == 4; }));
  CHECK(o.codes == std::vector<int32_t>{0, base::full_code(0x4009), base::full_code(0x4008), 0});
  for (auto id : o.threads) CHECK(id != std::this_thread::get_id());
  CHECK(server.committed("g", "topic", 2) == 1);
  // A handle that is none, and a result that is no message.
  tmq_commit_async(nullptr, nullptr, Outcomes::note, &o);
  tmq_commit_async(c.tmq, c.tmq, Outcomes::note, &o);
  REQUIRE(o.size() == 6);
  CHECK(o.codes[4] == base::kErrInvalidPara);
  CHECK(o.codes[5] == base::kErrInvalidPara);
}

TEST_CASE("a commit under way never comes to cover a message that is polled behind it") {
  TmqServer server;
  server.create_topic("topic", {2});
  for (int i = 0; i < 2; i++) server.append("topic", 2, {i});
  TestConsumer c(server);
  REQUIRE(c.subscribe({"topic"}) == 0);
  CHECK(c.poll() == Values{0});
  server.set_hook([](const std::string &action, test::WsPeer &) {
    Fate f;
    if (action == "commit") f.delay_ms = 200;
    return f;
  });
  Outcomes o;
  tmq_commit_async(c.tmq, nullptr, Outcomes::note, &o);
  CHECK(c.poll() == Values{1});
  CHECK(o.size() == 1);  // the poll has waited for it
  CHECK(server.committed("g", "topic", 2) == 1);
}

TEST_CASE("a message that was announced but not handed out is not committed") {
  TmqServer server;
  server.create_topic("topic", {2});
  server.append("topic", 2, {0});
  TestConsumer c(server);
  REQUIRE(c.subscribe({"topic"}) == 0);
  CHECK(c.poll() == Values{0});
  server.append("topic", 2, {1});
  std::atomic<bool> late{true};
  server.set_hook([&](const std::string &action, test::WsPeer &) {
    Fate f;
    if (action == "poll" && late.exchange(false)) f.delay_ms = 1300;
    return f;
  });
  CHECK(tmq_consumer_poll(c.tmq, 50) == nullptr);  // its answer is still to come
  CHECK(tmq_commit_sync(c.tmq, nullptr) == 0);
  CHECK(server.committed("g", "topic", 2) == 1);
  CHECK(tmq_position(c.tmq, "topic", 2) == 1);
  CHECK(c.poll() == Values{1});
  CHECK(tmq_commit_sync(c.tmq, nullptr) == 0);
  CHECK(server.committed("g", "topic", 2) == 2);
}

TEST_CASE("automatic commits come with the polls, once the interval is over") {
  TmqServer server;
  server.create_topic("topic", {2});
  server.append("topic", 2, {0});
  Outcomes o;
  TestConsumer c(server, {{"enable.auto.commit", "true"}, {"auto.commit.interval.ms", "100"}}, Outcomes::note, &o);
  REQUIRE(c.subscribe({"topic"}) == 0);
  CHECK(c.poll() == Values{0});
  CHECK(server.committed("g", "topic", 2) == -1);
  const auto start = now();
  while (o.size() == 0 && ms_since(start) < 3000) taos_free_result(tmq_consumer_poll(c.tmq, 50));
  CHECK(o.size() == 1);
  CHECK(o.codes == std::vector<int32_t>{0});
  CHECK(server.committed("g", "topic", 2) == 1);
  // Also in the middle of an endless wait; and only when there is something new.
  server.append("topic", 2, {1});
  CHECK(c.poll() == Values{1});
  std::thread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(1500));
    server.append("topic", 2, {2});
  });
  CHECK(c.poll(-1) == Values{2});
  later.join();
  CHECK(eventually([&] { return o.size() == 2; }));
  CHECK(server.committed("g", "topic", 2) == 2);
  // The failure of an automatic commit is told to the callback and does not fail the poll.
  server.set_hook([](const std::string &action, test::WsPeer &) {
    return action.find("commit") == 0 ? Fate{Fate::kError, 0x4003, "Consumer error", 0, false} : Fate{};
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(120));
  CHECK(tmq_consumer_poll(c.tmq, 50) == nullptr);
  CHECK(taos_errno(NULL) == 0);
  REQUIRE(eventually([&] { return o.size() == 3; }));
  CHECK(o.codes[2] == base::full_code(0x4003));
  server.set_hook({});
}

TEST_CASE("closing and unsubscribing commit what automatic commits have not come to") {
  TmqServer server;
  server.create_topic("topic", {2});
  for (int i = 0; i < 4; i++) server.append("topic", 2, {i});
  {
    // On by default.
    tmq_conf_t *conf = tmq_conf_new();
    tmq_conf_set(conf, "group.id", "g");
    tmq_conf_set(conf, "td.connect.ip", "127.0.0.1");
    tmq_conf_set(conf, "td.connect.port", std::to_string(server.port()).c_str());
    tmq_conf_set(conf, "auto.offset.reset", "earliest");
    tmq_t *tmq = tmq_consumer_new(conf, nullptr, 0);
    tmq_conf_destroy(conf);
    REQUIRE(tmq);
    tmq_list_t *list = tmq_list_new();
    tmq_list_append(list, "topic");
    REQUIRE(tmq_subscribe(tmq, list) == 0);
    taos_free_result(tmq_consumer_poll(tmq, 1000));
    CHECK(server.committed("g", "topic", 2) == -1);
    CHECK(tmq_unsubscribe(tmq) == 0);
    CHECK(server.committed("g", "topic", 2) == 1);
    REQUIRE(tmq_subscribe(tmq, list) == 0);
    tmq_list_destroy(list);
    taos_free_result(tmq_consumer_poll(tmq, 1000));
    CHECK(tmq_consumer_close(tmq) == 0);
    CHECK(server.committed("g", "topic", 2) == 2);
    CHECK(server.count("unsubscribe") == 2);
  }
  TestConsumer manual(server);
  REQUIRE(manual.subscribe({"topic"}) == 0);
  CHECK(manual.poll() == Values{2});
  CHECK(manual.close() == 0);
  CHECK(server.committed("g", "topic", 2) == 2);
}

TEST_CASE("the last automatic commit survives a connection that is lost at that moment") {
  TmqServer server;
  server.create_topic("topic", {2});
  for (int i = 0; i < 2; i++) server.append("topic", 2, {i});
  TestConsumer c(server, {{"enable.auto.commit", "true"}});
  REQUIRE(c.subscribe({"topic"}) == 0);
  CHECK(c.drain().size() == 2);
  SECTION("before the commit") { server.hang_up_consumers(); }
  SECTION("instead of its answer") {
    std::atomic<bool> once{true};
    server.set_hook([&once](const std::string &action, test::WsPeer &) {
      return action == "commit" && once.exchange(false) ? Fate{Fate::kHangUpFirst, 0, "", 0, false} : Fate{};
    });
    CHECK(c.close() == 0);
    server.set_hook({});
  }
  SECTION("and the vgroups are given to the new session late") {
    server.set_session_ms(700);
    server.hang_up_consumers();
  }
  CHECK(c.close() == 0);
  CHECK(server.committed("g", "topic", 2) == 2);
}

TEST_CASE("callbacks may call everything") {
  TmqServer server;
  server.create_topic("topic", {2});
  for (int i = 0; i < 5; i++) server.append("topic", 2, {i});
  TestConsumer c(server);
  REQUIRE(c.subscribe({"topic"}) == 0);
  CHECK(c.poll() == Values{0});
  Outcomes o;
  std::atomic<int> inner{-1};
  SECTION("commit, ask, poll") {
    o.then = [&](tmq_t *tmq) {
      int32_t code = tmq_commit_sync(tmq, nullptr);
      if (tmq_position(tmq, "topic", 2) < 0) code = -7;
      taos_free_result(tmq_consumer_poll(tmq, 100));
      inner = code;
    };
    tmq_commit_async(c.tmq, nullptr, Outcomes::note, &o);
    REQUIRE(eventually([&] { return inner != -1; }));
    CHECK(inner == 0);
  }
  SECTION("while the program polls without end") {
    std::atomic<bool> polling{true};
    server.append("topic", 2, {9});
    o.then = [&](tmq_t *tmq) { inner = tmq_commit_sync(tmq, nullptr); };
    c.drain();
    std::thread poller([&] {
      taos_free_result(tmq_consumer_poll(c.tmq, -1));
      polling = false;
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    tmq_commit_async(c.tmq, nullptr, Outcomes::note, &o);
    CHECK(eventually([&] { return inner != -1; }));
    CHECK(inner == 0);
    CHECK(polling);
    server.append("topic", 2, {10});
    poller.join();
  }
  SECTION("unsubscribe") {
    o.then = [&](tmq_t *tmq) { inner = tmq_unsubscribe(tmq); };
    tmq_commit_async(c.tmq, nullptr, Outcomes::note, &o);
    REQUIRE(eventually([&] { return inner != -1; }));
    CHECK(inner == 0);
    CHECK(tmq_consumer_poll(c.tmq, 10) == nullptr);
    CHECK(taos_errno(NULL) == base::full_code(0x4017));
  }
  SECTION("close, with more commits asked for") {
    std::atomic<int> calls{0};
    o.then = [&](tmq_t *tmq) {
      if (calls++ == 0) inner = tmq_consumer_close(tmq);
    };
    for (int i = 0; i < 3; i++) tmq_commit_async(c.tmq, nullptr, Outcomes::note, &o);
    REQUIRE(eventually([&] { return inner != -1; }));
    CHECK(inner == 0);
    CHECK(eventually([&] { return calls == 3; }));
    CHECK(tmq_consumer_close(std::exchange(c.tmq, nullptr)) == base::kErrInvalidPara);
    CHECK(server.committed("g", "topic", 2) == 1);
  }
  SECTION("while the program closes") {
    server.set_hook([](const std::string &action, test::WsPeer &) {
      Fate f;
      if (action == "commit") f.delay_ms = 100;
      return f;
    });
    o.then = [&](tmq_t *tmq) {
      taos_free_result(tmq_consumer_poll(tmq, -1));
      (void)tmq_unsubscribe(tmq);
      inner = tmq_commit_sync(tmq, nullptr);
    };
    tmq_commit_async(c.tmq, nullptr, Outcomes::note, &o);
    CHECK(c.close() == 0);
    REQUIRE(eventually([&] { return inner != -1; }));
    CHECK(o.size() == 1);
  }
}

TEST_CASE("commits of several threads beside a polling one") {
  TmqServer server;
  server.create_topic("topic", {1, 2});
  for (int i = 0; i < 200; i++) server.append("topic", 1 + i % 2, {i});
  TestConsumer c(server, {{"enable.auto.commit", "true"}, {"auto.commit.interval.ms", "1"}});
  REQUIRE(c.subscribe({"topic"}) == 0);
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; t++) {
    threads.emplace_back([&, t] {
      while (!stop) {
        if (t == 0) tmq_commit_async(c.tmq, nullptr, nullptr, nullptr);
        if (t == 1) (void)tmq_commit_sync(c.tmq, nullptr);
        if (t == 2) (void)tmq_position(c.tmq, "topic", 1);
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
    });
  }
  size_t got = 0;
  for (int i = 0; i < 400 && got < 200; i++) got += c.poll(100).size();
  stop = true;
  for (auto &t : threads) t.join();
  CHECK(got == 200);
  CHECK(c.close() == 0);
  CHECK(server.committed("g", "topic", 1) == 100);
  CHECK(server.committed("g", "topic", 2) == 100);
}

TEST_CASE("a message that was sent ahead is not committed, and not lost") {
  TmqServer server;
  server.create_topic("topic", {2});
  for (int i = 0; i < 6; i++) server.append("topic", 2, {i});
  TestConsumer c(server, {{"enable.auto.commit", "true"}});
  REQUIRE(c.subscribe({"topic"}) == 0);
  CHECK(c.poll() == Values{0});
  CHECK(server.count("poll") == 1);  // nobody knows yet how the program goes on
  CHECK(c.poll() == Values{1});
  REQUIRE(eventually([&] { return server.count("poll") == 3; }));
  SECTION("a commit of everything") {
    CHECK(tmq_commit_sync(c.tmq, nullptr) == 0);
    CHECK(server.committed("g", "topic", 2) == 2);
    CHECK(tmq_position(c.tmq, "topic", 2) == 2);
    tmq_topic_assignment *list = nullptr;
    int32_t n = 0;
    REQUIRE(tmq_get_topic_assignment(c.tmq, "topic", &list, &n) == 0);
    CHECK(list[0].currentOffset == 2);
    tmq_free_assignment(list);
    CHECK(c.drain() == Values{2, 3, 4, 5});
  }
  SECTION("the end") {
    CHECK(c.close() == 0);
    CHECK(server.committed("g", "topic", 2) == 2);
  }
  SECTION("a seek to an earlier place") {
    CHECK(tmq_offset_seek(c.tmq, "topic", 2, 0) == 0);
    CHECK(c.drain() == Values{0, 1, 2, 3, 4, 5});
  }
  SECTION("a seek to a later place") {
    CHECK(tmq_offset_seek(c.tmq, "topic", 2, 5) == 0);
    CHECK(c.drain() == Values{5});
  }
  SECTION("a lost session") {
    server.hang_up_consumers();
    CHECK(c.drain(300) == Values{2, 3, 4, 5});
  }
  SECTION("giving the topic up") {
    CHECK(tmq_unsubscribe(c.tmq) == 0);
    CHECK(server.committed("g", "topic", 2) == 2);
    REQUIRE(c.subscribe({"topic"}) == 0);
    CHECK(c.drain() == Values{2, 3, 4, 5});
  }
}

TEST_CASE("a program that commits each message has none sent ahead") {
  TmqServer server;
  server.create_topic("topic", {2});
  for (int i = 0; i < 4; i++) server.append("topic", 2, {i});
  TestConsumer c(server);
  REQUIRE(c.subscribe({"topic"}) == 0);
  for (int i = 0; i < 4; i++) {
    CHECK(c.poll() == Values{i});
    CHECK(tmq_commit_sync(c.tmq, nullptr) == 0);
    CHECK(server.committed("g", "topic", 2) == i + 1);
  }
  CHECK(server.count("poll") == 4);
  CHECK(server.count("commit_offset") == 0);
}

TEST_CASE("a look without waiting finds what came since the one that was sent ahead") {
  TmqServer server;
  server.create_topic("topic", {2});
  for (int i = 0; i < 2; i++) server.append("topic", 2, {i});
  TestConsumer c(server);
  REQUIRE(c.subscribe({"topic"}) == 0);
  CHECK(c.poll() == Values{0});
  CHECK(c.poll() == Values{1});
  REQUIRE(eventually([&] { return server.count("poll") == 3; }));
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  server.append("topic", 2, {2});
  CHECK(c.poll(0) == Values{2});
}

TEST_CASE("large messages that are sent ahead are read by other threads") {
  TmqServer server;
  server.create_topic("topic", {1, 2});
  std::vector<int> many(20000);
  for (int i = 0; i < 40; i++) {
    for (auto &v : many) v = i;
    server.append("topic", 1 + i % 2, many);
  }
  TestConsumer c(server);
  REQUIRE(c.subscribe({"topic"}) == 0);
  std::map<int, int> got;
  for (int v : c.drain(200)) got[v]++;
  REQUIRE(got.size() == 40);
  for (auto &[value, times] : got) CHECK(times == 20000);
  CHECK(tmq_commit_sync(c.tmq, nullptr) == 0);
  CHECK(server.committed("g", "topic", 1) == 20);
  CHECK(server.committed("g", "topic", 2) == 20);
}
