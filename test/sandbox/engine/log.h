// What was written, in the order it was written: one log per vgroup, from which subscriptions read. It lies in SQLite
// next to the rows and belongs to the same transactions.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/catalog.h"

namespace opentaos::sandbox {

// A table as it was when something happened to it.
struct LoggedTable {
  TableInfo::Kind kind = TableInfo::kNormal;
  std::string name, super;
  int64_t uid = 0, super_uid = 0;
  std::vector<Column> columns, tags;
  Row tag_values;  // of a subtable
  int precision = 0;
  int64_t created_ms = 0;
  int ttl = 0;
};

LoggedTable logged_table(const TableInfo &table);

struct LogRecord {
  enum Kind : uint8_t {
    kMark,            // something that no consumer sees
    kRows,            // tables[0] got rows, all columns in order; it was made by this if `creates`
    kCreateTable,     // a super table or a normal one
    kCreateChildren,  // subtables, one or several
    kAlter,
    kDrop,    // subtables and normal tables, or one super table
    kDelete,  // rows of tables[0] from `from` to `to`
  };
  // As the server numbers them.
  enum Alter : uint8_t {
    kAddTag = 1,
    kDropTag = 2,
    kRenameTag = 3,
    kSetTag = 4,
    kAddColumn = 5,
    kDropColumn = 6,
    kWidenColumn = 7,
    kWidenTag = 8,
    kOptions = 9,
    kRenameColumn = 10,
  };

  Kind kind = kMark;
  bool creates = false;
  bool replayed = false;  // came out of another database's log
  std::vector<LoggedTable> tables;
  std::vector<Row> rows;
  Alter alter = kOptions;
  Field field;           // the column or tag it is about
  std::string new_name;  // for the two that rename
  Value value;           // kSetTag
  std::string sql;       // of an ALTER
  int64_t from = 0, to = 0;
  int64_t affected = 0;  // kDelete

  // Not stored: where it stands.
  int vgroup = 0;
  int64_t version = 0;
};

std::string encode_record(const LogRecord &record);
// Throws kErrInternal for bytes that encode_record() did not make.
LogRecord decode_record(std::string_view bytes);

class ChangeLog {
 public:
  explicit ChangeLog(Sqlite *db) : db_(db) {}

  void create_schema();

  // Expects an open transaction.
  void append(const DatabaseInfo &d, int vgroup, const LogRecord &record);
  // To every vgroup of the database: what super tables are concerned with.
  void append_everywhere(const DatabaseInfo &d, const LogRecord &record);
  void drop_vgroup(int vgroup);

  struct Range {
    int64_t begin = 0, end = 1;  // `end` is where the next record goes
  };
  Range range(int vgroup);

  // Calls `visit` with the records from `from` on until it returns false or `end` is reached.
  void read(int vgroup, int64_t from, const std::function<bool(LogRecord record)> &visit);

  // After a transaction. commit() says whether anything was appended.
  bool commit();
  void rollback();

 private:
  struct Tail {
    Range range;
    int since_trim = 0;
  };
  Tail &tail(int vgroup);
  void trim(const DatabaseInfo &d, int vgroup, Tail *tail);

  Sqlite *db_;
  std::map<int, Tail> tails_;
  std::optional<SqliteStatement> insert_;
  bool changed_ = false;
};

}  // namespace opentaos::sandbox
