// The SQL engine behind taos-sandbox: a small TDengine over SQLite.
//
// It supports a documented subset of TDengine's dialect and answers everything else with a syntax error that says
// so. Statements come in as text and go out as an Outcome; nothing in here knows about sockets or frames.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace opentaos::sandbox {

// A column of a result or a table. `type` is the wire's type code; `width` is what a user would write, VARCHAR(20)
// has 20. NCHAR counts characters, everything else bytes.
struct Field {
  std::string name;
  uint8_t type = 0;
  int32_t width = 0;
  uint8_t precision = 0;  // decimals only
  uint8_t scale = 0;
};

// The scale is the field's.
struct Decimal {
  __extension__ typedef __int128 Unscaled;
  Unscaled unscaled = 0;
  bool operator==(const Decimal &) const = default;
};

// NULL, bool, signed integers and timestamps, unsigned integers, float and double, and bytes: VARCHAR, NCHAR (as
// UTF-8), JSON, VARBINARY, GEOMETRY (WKB), BLOB.
using Value = std::variant<std::monostate, bool, int64_t, uint64_t, double, std::string, Decimal>;

// What stands for a ? in a query.
struct Parameter {
  Value value;
  Field type;  // the name does not matter
};

struct Table {
  std::vector<Field> fields;
  std::vector<std::vector<Value>> rows;
  int precision = 0;  // of the timestamps: 0 ms, 1 us, 2 ns
};

// What an INSERT with placeholders wants to have bound.
struct BindField {
  enum Kind : uint8_t { kColumn = 1, kTag = 2, kTableName = 4 } kind = kColumn;
  Field field;
};

// The values for one placeholder.
struct BoundColumn {
  uint8_t type = 0;
  std::vector<Value> values;
  std::vector<bool> none;  // leave the column as it is; empty: for no row
};

// One table's share of a bind: values for the placeholders of tags and of columns, each in their order.
struct BoundTable {
  std::string name;  // "" where the statement says it
  std::vector<BoundColumn> tags, columns;
};

class PreparedInsert;  // prepared_insert.h

struct InsertShape {
  bool names_table = false;  // INSERT INTO ?
  bool makes_table = false;  // USING ... TAGS
  int tags = 0;              // placeholders in TAGS
  int columns = 0;           // placeholders in VALUES
};

// What a statement is to the interface of prepared statements.
enum class Preparable { kInsert, kQuery, kNeither };
// `placeholders` counts the question marks. Only INSERT ... VALUES is an insert; a query may have no placeholder.
Preparable preparable(std::string_view sql, int *placeholders);

struct SchemalessWrite {
  int protocol = 0;            // 1 line, 2 telnet, 3 JSON
  std::string precision;       // h, m, s, ms, u, ns; anything else is as if nothing was said
  int ttl = 0;                 // days, of subtables that are made
  std::string table_name_key;  // the tag that names the subtable
  std::string_view data;
};

struct Outcome {
  int code = 0;  // 16 bits, 0 is success
  std::string message;
  bool is_update = false;  // no result set: `affected` counts
  int64_t affected = 0;
  Table table;
};

// What the server keeps for one connection.
struct Session {
  std::string user;
  std::string db;
  std::string tz;  // IANA name; "" is UTC
  std::string app;
  std::string ip;
  bool bi = false;
};

// A row of performance_schema.perf_connections.
struct ConnectionInfo {
  uint32_t id = 0;
  std::string user, app, ip;
  int64_t login_ms = 0;
};

// A member of a consumer group: a row of performance_schema.perf_consumers, and its part of ins_subscriptions.
struct ConsumerInfo {
  struct Vgroup {
    std::string topic;
    int id = 0;
    int64_t rows = 0;  // handed out so far
  };
  uint64_t id = 0;
  std::string group, client, user, ip, status, parameters;
  std::vector<std::string> topics;
  std::vector<Vgroup> vgroups;
  int64_t up_ms = 0, subscribed_ms = 0, rebalanced_ms = 0;
};

struct TopicInfo {
  std::string db;
  std::vector<int> vgroups;
};

struct LogRecord;         // log.h
struct TopicReadOptions;  // topics.h
struct TopicMessage;

struct TableSchema {
  bool is_super = false;
  std::string db;
  std::string name;
  std::string super;  // of a subtable
  std::vector<Field> columns;
  std::vector<Field> tags;
  int precision = 0;
};

// Thread safe: one lock inside.
class Engine {
 public:
  // `file` "" keeps everything in memory. Returns nullptr and fills `error` when SQLite refuses.
  static std::unique_ptr<Engine> open(const std::string &file, std::string *error);
  ~Engine();
  Engine(const Engine &) = delete;
  Engine &operator=(const Engine &) = delete;

  // USE changes session.db.
  Outcome execute(Session &session, std::string_view sql);

  // The same for a query with placeholders; as many as there are parameters, in order.
  Outcome execute(Session &session, std::string_view sql, const std::vector<Parameter> &parameters);

  // 0, or 0x0357 (password), 0x0351 (user), 0x0388 (database).
  int login(const std::string &user, const std::string &pass, const std::string &db, std::string *message);

  // Parses and plans, changes nothing.
  int validate(Session &session, std::string_view sql, std::string *message);

  // For prepared statements, schemaless and raw block writes. `name` is "db.tb" or "tb", quoted with ` if needed.
  int describe_table(Session &session, std::string_view name, TableSchema *schema, std::string *message);

  // Creates the subtable unless it is there.
  int create_subtable(Session &session, const std::string &db, const std::string &super, const std::string &name,
                      const std::vector<Value> &tags, std::string *message);

  // `columns` are indexes into TableSchema::columns, one per value of a row; columns left out become NULL.
  int insert_rows(Session &session, const std::string &db, const std::string &table, const std::vector<int> &columns,
                  const std::vector<std::vector<Value>> &rows, int64_t *affected, std::string *message);

  // INSERT with placeholders, read without looking at the tables.
  int prepare_insert(std::string_view sql, std::shared_ptr<const PreparedInsert> *insert, InsertShape *shape,
                     std::string *message);

  // The placeholders in the order in which they are bound. `table` is what stands for INSERT INTO ?, "" if that is not
  // known; `precision` is that of the timestamps.
  int describe_insert(Session &session, const PreparedInsert &insert, const std::string &table,
                      std::vector<BindField> *fields, int *precision, std::string *message);

  // Whether the values fit. Writes nothing, and the table need not exist if the statement makes it.
  int check_insert(Session &session, const PreparedInsert &insert, const BoundTable &bound, std::string *message);

  // Makes the subtables that are missing and writes all rows, or nothing.
  int write_insert(Session &session, const PreparedInsert &insert, const std::vector<BoundTable> &bound,
                   int64_t *affected, std::string *message);

  // Into the session's database; all points or none. `total` counts them, `affected` the rows they made.
  int write_schemaless(Session &session, const SchemalessWrite &write, int64_t *affected, int64_t *total,
                       std::string *message);

  // ---- subscriptions

  int topic(const std::string &name, TopicInfo *info, std::string *message);
  // What a consumer of the topic gets from `from` on.
  int read_topic(const Session &session, const std::string &name, int vgroup, int64_t from,
                 const TopicReadOptions &options, TopicMessage *out, std::string *message);
  // The oldest offset there is, and the one that the next change gets.
  std::pair<int64_t, int64_t> log_range(int vgroup);
  std::optional<int64_t> committed(const std::string &group, const std::string &topic, int vgroup);
  int commit_offset(const std::string &group, const std::string &topic, int vgroup, int64_t offset,
                    std::string *message);
  // The group has one more or one less reader of these vgroups. A server notes such things in the log, too.
  void note_reader(const std::string &group, const std::string &topic, const std::vector<int> &vgroups);
  // Does to the session's database what was done to another one.
  int replay(Session &session, const std::vector<LogRecord> &records, std::string *message);
  // Called after every change of a log, with no lock held.
  void set_log_listener(std::function<void()> listener);
  // Who consumes. Called under the engine's lock, so it must not call back.
  void set_consumers(std::function<std::vector<ConsumerInfo>()> list);

  // Who is connected; without it perf_connections shows the asking session only. Called under the engine's lock, so it
  // must not call back.
  void set_connections(std::function<std::vector<ConnectionInfo>()> list);

 private:
  struct State;
  explicit Engine(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// "3.3.7.5.opentaos-sandbox": what server_version() answers.
std::string version();

}  // namespace opentaos::sandbox
