#include "engine/topics.h"

#include <algorithm>

#include "engine/parser.h"
#include "engine/plan.h"
#include "engine/select.h"
#include "engine/system_tables.h"

namespace opentaos::sandbox {

namespace {

constexpr size_t kMaxTopics = 20;

[[noreturn]] void invalid_query() { fail(kErrInvalidTopicQuery, "Topic with invalid query"); }

// Rows one by one, from one table: anything else can't be answered while rows come in.
void check_query(const CreateTopic &s, const Context &c) {
  const Query &q = *s.query;
  const SelectCore &core = q.parts[0].core;
  bool plain = q.parts.size() == 1 && q.order_by.empty() && q.limit.count < 0 && q.slimit.count < 0 && core.from &&
               core.from->kind == TableRef::kTable && !core.distinct && !core.tags && core.partition_by.empty() &&
               core.group_by.empty() && !core.having && core.window.kind == WindowSpec::kNone;
  if (!plain || is_system_database(c.database_of(core.from->db))) invalid_query();
  if (make_plan(core, {}, c, true).aggregated) invalid_query();
}

}  // namespace

void TopicStore::create_schema() {
  db_->run(
      "CREATE TABLE IF NOT EXISTS topic(name TEXT PRIMARY KEY, db TEXT, kind INTEGER, super TEXT, query TEXT, sql "
      "TEXT, "
      "meta INTEGER, created INTEGER);"
      "CREATE TABLE IF NOT EXISTS topic_group(id INTEGER PRIMARY KEY, name TEXT, topic TEXT, UNIQUE(name, topic));"
      "CREATE TABLE IF NOT EXISTS committed(name TEXT, topic TEXT, vgroup INTEGER, offset INTEGER, "
      "PRIMARY KEY(name, topic, vgroup)) WITHOUT ROWID");
}

void TopicStore::reload() {
  topics_.clear();
  auto rows = db_->prepare("SELECT name, db, kind, super, query, sql, meta, created FROM topic");
  while (rows.step()) {
    Topic t;
    t.name = rows.text(0);
    t.db = rows.text(1);
    t.kind = static_cast<CreateTopic::Kind>(rows.integer(2));
    t.super = rows.text(3);
    t.select = rows.text(4);
    t.sql = rows.text(5);
    t.meta = rows.integer(6) != 0;
    t.created_ms = rows.integer(7);
    topics_[t.name] = t;
  }
}

const Topic *TopicStore::find(const std::string &name) const {
  auto found = topics_.find(name);
  return found == topics_.end() ? nullptr : &found->second;
}

void TopicStore::create(const Topic &t) {
  db_->prepare("INSERT INTO topic VALUES(?, ?, ?, ?, ?, ?, ?, ?)")
      .bind_text(1, t.name)
      .bind_text(2, t.db)
      .bind(3, int64_t{t.kind})
      .bind_text(4, t.super)
      .bind_text(5, t.select)
      .bind_text(6, t.sql)
      .bind(7, int64_t{t.meta})
      .bind(8, t.created_ms)
      .run();
  topics_[t.name] = t;
}

void TopicStore::drop(const std::string &name) {
  for (const char *table : {"committed WHERE topic", "topic_group WHERE topic", "topic WHERE name"})
    db_->prepare(std::string("DELETE FROM ") + table + " = ?").bind_text(1, name).run();
  topics_.erase(name);
}

void TopicStore::commit(const std::string &group, const std::string &topic, int vgroup, int64_t offset) {
  db_->prepare("INSERT OR REPLACE INTO committed VALUES(?, ?, ?, ?)")
      .bind_text(1, group)
      .bind_text(2, topic)
      .bind(3, int64_t{vgroup})
      .bind(4, offset)
      .run();
}

void TopicStore::add_group(const std::string &group, const std::string &topic) {
  db_->prepare("INSERT OR IGNORE INTO topic_group(name, topic) VALUES(?, ?)")
      .bind_text(1, group)
      .bind_text(2, topic)
      .run();
}

bool TopicStore::drop_group(const std::string &group, const std::string &topic) {
  db_->prepare("DELETE FROM committed WHERE name = ? AND topic = ?").bind_text(1, group).bind_text(2, topic).run();
  db_->prepare("DELETE FROM topic_group WHERE name = ? AND topic = ?").bind_text(1, group).bind_text(2, topic).run();
  return db_->changes() > 0;
}

std::optional<int64_t> TopicStore::committed(const std::string &group, const std::string &topic, int vgroup) {
  auto row = db_->prepare("SELECT offset FROM committed WHERE name = ? AND topic = ? AND vgroup = ?");
  row.bind_text(1, group).bind_text(2, topic).bind(3, int64_t{vgroup});
  if (!row.step()) return std::nullopt;
  return row.integer(0);
}

std::vector<std::pair<std::string, std::string>> TopicStore::groups() {
  std::vector<std::pair<std::string, std::string>> list;
  auto rows = db_->prepare("SELECT name, topic FROM topic_group ORDER BY id");
  while (rows.step()) list.emplace_back(rows.text(0), rows.text(1));
  return list;
}

void run_create_topic(const CreateTopic &s, std::string_view sql, const Context &c) {
  if (c.topics->find(s.name)) {
    if (s.if_not_exists) return;
    fail(kErrTopicExists, "Topic already exists");
  }
  if (c.topics->all().size() >= kMaxTopics) fail(kErrTooManyTopics, "Too many topics");
  Topic t;
  t.name = s.name;
  t.kind = s.kind;
  t.meta = s.meta;
  t.sql = std::string(sql);
  t.select = s.select;
  t.created_ms = c.now(0);
  if (s.kind == CreateTopic::kQuery) {
    check_query(s, c);
    t.db = c.database_of(s.query->parts[0].core.from->db);
  } else {
    t.db = c.database_of(s.source.db);
    if (is_system_database(t.db)) fail(kErrPermissionDenied, "Permission denied or target object not exist");
  }
  DatabaseInfo &d = c.catalog->database(t.db);
  if (s.kind == CreateTopic::kStable) {
    TableInfo &super = c.table({t.db, s.source.name});
    if (super.kind != TableInfo::kSuper) fail(kErrStableNotExist, "STable not exist");
    t.super = super.name;
  }
  if (option_number(d.options, "wal_retention_period") == 0)
    fail(kErrInvalidTopicOption, "Topic with invalid option: the database keeps no log (wal_retention_period)");
  c.topics->create(t);
}

void run_drop_topic(const DropTopic &s, const Context &c) {
  if (!c.topics->find(s.name)) {
    if (s.if_exists) return;
    fail(kErrTopicNotExist, "Topic not exist");
  }
  for (const ConsumerInfo &consumer : c.consumer_list())
    if (std::find(consumer.topics.begin(), consumer.topics.end(), s.name) != consumer.topics.end())
      fail(kErrTopicSubscribed, "Topic subscribed cannot be dropped");
  c.topics->drop(s.name);
}

void run_drop_group(const DropGroup &s, const Context &c) {
  if (!c.topics->find(s.topic)) fail(kErrTopicNotExist, "Topic not exist");
  for (const ConsumerInfo &consumer : c.consumer_list())
    if (consumer.group == s.name) fail(kErrGroupUsed, "Consumer group being used by some consumer");
  if (!c.topics->drop_group(s.name, s.topic) && !s.if_exists) fail(kErrSubscribeNotExist, "Subscribe not exist");
}

void check_no_topic(const std::string &db, const Context &c) {
  for (auto &[name, topic] : c.topics->all())
    if (topic.db == db) fail(kErrTopicMustBeDropped, "Topic must be dropped first");
}

}  // namespace opentaos::sandbox
