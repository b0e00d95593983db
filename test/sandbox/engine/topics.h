// Topics and what consumer groups have committed. Which consumers there are, the server knows: they end with it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/context.h"
#include "engine/log.h"

namespace opentaos::sandbox {

struct Topic {
  CreateTopic::Kind kind = CreateTopic::kQuery;
  std::string name;
  std::string db;
  std::string super;   // kStable
  std::string select;  // kQuery: with names as they were given, read with `db` as the current database
  std::string sql;     // the whole statement
  bool meta = false;
  int64_t created_ms = 0;
};

struct CommittedOffset {
  std::string topic, group;
  int vgroup = 0;
  int64_t offset = 0;
};

class TopicStore {
 public:
  explicit TopicStore(Sqlite *db) : db_(db) {}

  void create_schema();
  void reload();

  const Topic *find(const std::string &name) const;
  const std::map<std::string, Topic> &all() const { return topics_; }

  // These expect an open transaction.
  void create(const Topic &topic);
  void drop(const std::string &name);
  void commit(const std::string &group, const std::string &topic, int vgroup, int64_t offset);
  void add_group(const std::string &group, const std::string &topic);
  bool drop_group(const std::string &group, const std::string &topic);  // false: there is none

  std::optional<int64_t> committed(const std::string &group, const std::string &topic, int vgroup);
  // (group, topic), in the order they came.
  std::vector<std::pair<std::string, std::string>> groups();

 private:
  Sqlite *db_;
  std::map<std::string, Topic> topics_;
};

void run_create_topic(const CreateTopic &s, std::string_view sql, const Context &c);
void run_drop_topic(const DropTopic &s, const Context &c);
void run_drop_group(const DropGroup &s, const Context &c);
// Throws when a topic needs the database.
void check_no_topic(const std::string &db, const Context &c);

// How far a reader gets in one message.
struct TopicReadOptions {
  bool batch_meta = false;  // changes of tables that follow each other in one message
  bool leave_out_replayed = false;
  size_t rows = 4096;  // a message is full from here on
};

// What stands in a vgroup's log between two offsets, as far as it is one message.
struct TopicMessage {
  enum Kind { kNothing, kData, kMeta, kMetaData };  // as the wire numbers them
  struct Block {
    Table table;
    std::vector<Column> columns;  // of a database or super table topic: what the fields come from
    std::string name;             // of the table; unknown for a query
  };
  Kind kind = kNothing;
  int64_t from = 0, next = 0;
  std::vector<Block> blocks;
  std::vector<LogRecord> metas;      // kMeta: changes of tables, one unless they are batched
  std::vector<LoggedTable> created;  // kMetaData: subtables that came with their first rows
};

void read_topic(const Topic &topic, int vgroup, int64_t from, const TopicReadOptions &options, const Context &c,
                TopicMessage *out);

}  // namespace opentaos::sandbox
