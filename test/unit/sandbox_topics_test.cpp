// Topics: what may be one, and what its readers find in the log.
#include <unistd.h>

#include <cstdio>
#include <string>

#include "engine/topics.h"
#include "sandbox_support.h"

using namespace sandbox_test;
using opentaos::sandbox::LogRecord;
using opentaos::sandbox::TopicInfo;
using opentaos::sandbox::TopicMessage;
using opentaos::sandbox::TopicReadOptions;

namespace {

TopicMessage read(Box &box, const std::string &topic, int64_t from, TopicReadOptions options = {}) {
  TopicInfo info;
  std::string message;
  REQUIRE(box.engine->topic(topic, &info, &message) == 0);
  REQUIRE(info.vgroups.size() == 1);
  TopicMessage out;
  Session session;
  session.user = "root";
  REQUIRE(box.engine->read_topic(session, topic, info.vgroups[0], from, options, &out, &message) == 0);
  return out;
}

void one_vgroup(Box &box) {
  box.ok("create database d vgroups 1 keep 36500");
  box.ok("use d");
  box.ok("create table s (ts timestamp, v int, n nchar(4)) tags (g int)");
}

}  // namespace

TEST_CASE("sandbox topics: created, shown, dropped") {
  Box box;
  one_vgroup(box);
  box.ok("create topic a as select ts, v from s");
  box.ok("create topic if not exists a as database d");
  CHECK(box.error("create topic a as database d") == "0x03e0 Topic already exists");
  box.ok("create topic b with meta as stable s");
  box.ok("create topic c as database d");
  CHECK(box.rows("show topics") == "a|b|c");
  CHECK(box.rows("select topic_name, db_name, `meta`, type from information_schema.ins_topics") ==
        "a,d,no,column|b,d,yes,stable|c,d,no,db");
  CHECK(box.error("drop database d") == "0x03ed Topic must be dropped first");
  box.ok("drop topic a");
  CHECK(box.error("drop topic a") == "0x03e1 Topic not exist");
  box.ok("drop topic if exists a");
  for (const char *query : {"select count(*) from s", "select ts from s limit 1", "select ts from s order by ts",
                            "select distinct v from s", "select _wstart, count(*) from s interval(1s)", "select 1",
                            "select ts from (select ts from s)", "select name from information_schema.ins_databases"}) {
    INFO(query);
    CHECK(box.error(std::string("create topic x as ") + query) == "0x03e4 Topic with invalid query");
  }
  CHECK(box.error("create topic x as select nothing from s") == "0x2602 Invalid column name: nothing");
  CHECK(box.error("create topic x as database nothing") == "0x0388 Database not exist");
  CHECK(box.error("drop consumer group g on b") == "0x03e8 Subscribe not exist");
  box.ok("drop consumer group if exists g on b");
}

TEST_CASE("sandbox topics: a query's rows, as they come in") {
  Box box;
  one_vgroup(box);
  box.ok("create topic q as select ts, v * 2 as w, tbname from s where v > 1");
  box.ok("insert into t1 using s tags(7) values (1, 1, 'a') (2, 2, 'b')");
  box.ok("insert into t1 (ts, v) values (3, 1)");
  box.ok("insert into t2 using s tags(8) (ts, v) values (3, 3)");
  box.ok("create table other (ts timestamp, v int)");
  box.ok("insert into other values (4, 4)");
  TopicMessage m = read(box, "q", 0);
  CHECK(m.kind == TopicMessage::kData);
  REQUIRE(m.blocks.size() == 2);
  CHECK(m.blocks[0].name.empty());
  REQUIRE(m.blocks[0].table.rows.size() == 1);
  CHECK(m.blocks[0].table.rows[0][2] == Value("t1"));
  CHECK(m.blocks[1].table.rows[0][0] == Value(int64_t{3}));
  CHECK(m.from == 0);
  CHECK(m.next == 7);
  CHECK(read(box, "q", m.next).kind == TopicMessage::kNothing);
  CHECK(read(box, "q", 4).blocks.size() == 1);
  // A statement that fails leaves nothing in the log.
  CHECK(box.error("insert into t1 values (9, 9, 'x') t1 values ('bad', 1, 'y')") != "");
  CHECK(read(box, "q", m.next).next == m.next);
}

TEST_CASE("sandbox topics: changes of tables between the rows") {
  Box box;
  one_vgroup(box);
  box.ok("create topic m with meta as database d");
  box.ok("create table t1 using s tags(1)");
  box.ok("insert into t1 values (1, 1, 'a')");
  box.ok("insert into t2 using s tags(2) values (1, 2, 'b')");
  box.ok("alter table s add column x double");
  box.ok("delete from s where ts <= 1");
  box.ok("drop table t1");
  std::string kinds;
  int64_t at = 0;
  for (;;) {
    TopicMessage m = read(box, "m", at);
    if (m.kind == TopicMessage::kNothing) break;
    kinds += std::to_string(m.kind);
    for (auto &change : m.metas) kinds += "/" + std::to_string(change.kind);
    kinds += " ";
    at = m.next;
  }
  // t1 is gone by now, and so are its rows; t2 comes with its first ones.
  CHECK(kinds == "2/2 2/3 3 2/4 2/6 2/6 2/5 ");
  TopicMessage created = read(box, "m", 3);
  REQUIRE(created.created.size() == 1);
  CHECK(created.created[0].name == "t2");
  TopicReadOptions batch;
  batch.batch_meta = true;
  TopicMessage both = read(box, "m", 0, batch);
  CHECK(both.metas.size() == 2);
  CHECK(both.next == 4);  // t1's row is passed over
}

TEST_CASE("sandbox topics: the log can be done to another database") {
  Box box;
  one_vgroup(box);
  box.ok("create topic m with meta as database d");
  box.ok("insert into t1 using s tags(1) values (1, 1, 'a') (2, null, '漢')");
  box.ok("create table n (ts timestamp, d decimal(10,2), b blob)");
  box.ok("insert into n values (5, 1.25, '\\x00ff')");
  box.ok("alter table s add tag h varchar(8)");
  box.ok("alter table t1 set tag h = 'x'");
  box.ok("insert into t2 using s tags(2, 'y') values (3, 3, 'c')");
  box.ok("delete from t1 where ts = 1");
  box.ok("create database e vgroups 1 keep 36500");
  box.ok("create topic again with meta as database e");
  std::string message;
  Session session;
  session.user = "root";
  session.db = "e";
  auto copy = [&] {
    for (int64_t at = 0;;) {
      TopicMessage m = read(box, "m", at);
      if (m.kind == TopicMessage::kNothing) break;
      std::vector<LogRecord> records = m.metas;
      for (size_t i = 0; i < m.blocks.size(); i++) {
        LogRecord r;
        r.kind = LogRecord::kRows;
        r.creates = i < m.created.size();
        r.tables.emplace_back();
        if (r.creates) r.tables[0] = m.created[i];
        r.tables[0].name = m.blocks[i].name;
        r.tables[0].columns = m.blocks[i].columns;
        r.rows = m.blocks[i].table.rows;
        records.push_back(r);
      }
      INFO(message);
      REQUIRE(box.engine->replay(session, records, &message) == 0);
      at = m.next;
    }
  };
  copy();
  for (const char *sql : {"select tbname, ts, v, n, g, h from %.s order by ts", "select * from %.n"}) {
    std::string of_d = sql, of_e = sql;
    of_d.replace(of_d.find('%'), 1, "d");
    of_e.replace(of_e.find('%'), 1, "e");
    CHECK(box.rows(of_e) == box.rows(of_d));
  }
  CHECK(box.rows("select count(*) from e.s") == "2");
  // Once more changes nothing, and who wants to leave it out can.
  copy();
  CHECK(box.rows("select count(*) from e.s") == "2");
  TopicReadOptions own;
  own.leave_out_replayed = true;
  CHECK(read(box, "again", 0, own).kind == TopicMessage::kNothing);
}

TEST_CASE("sandbox topics: topics, logs and offsets survive the engine") {
  std::string file = "/tmp/sandbox_topics_" + std::to_string(getpid());
  std::string message;
  Session session;
  session.user = "root";
  TopicInfo info;
  for (int round = 0; round < 3; round++) {
    auto engine = opentaos::sandbox::Engine::open(file, &message);
    REQUIRE(engine);
    auto run = [&](const std::string &sql) {
      Outcome o = engine->execute(session, sql);
      INFO(sql << ": " << o.message);
      CHECK(o.code == 0);
    };
    if (round == 0) {
      run("create database d vgroups 1 keep 36500");
      run("create table d.t (ts timestamp, v int)");
      run("create topic q as select v from d.t");
    }
    int calls = 0;
    engine->set_log_listener([&] { calls++; });
    run("insert into d.t values (" + std::to_string(round) + ", 1)");
    CHECK(calls == 1);
    REQUIRE(engine->topic("q", &info, &message) == 0);
    REQUIRE(info.vgroups == std::vector<int>{2});
    if (round == 0) {
      CHECK(!engine->committed("g", "q", 2));
    } else {
      CHECK(engine->committed("g", "q", 2) == int64_t{round - 1});
    }
    CHECK(engine->commit_offset("g", "q", 2, round, &message) == 0);
    TopicMessage m;
    REQUIRE(engine->read_topic(session, "q", 2, 0, {}, &m, &message) == 0);
    CHECK(m.blocks.size() == static_cast<size_t>(round) + 1);
    CHECK(engine->log_range(2) == std::make_pair(int64_t{0}, int64_t{round + 3}));
  }
  for (const char *tail : {"", "-wal", "-shm"}) std::remove((file + tail).c_str());
}
