// The rows of tables in SQLite. One SQLite table per normal or super table, keyed by (subtable, timestamp).
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/context.h"

namespace opentaos::sandbox {

// Writes rows inside an open transaction and counts them as the server does: a timestamp that comes several times in
// one statement is one row.
class RowWriter {
 public:
  explicit RowWriter(const Context &context) : context_(context) {}

  // `columns` index into table.columns(); the timestamp must be among them. A row with the same timestamp keeps the
  // columns that are not given.
  void write(const TableInfo &table, const std::vector<int> &columns, const std::vector<Row> &rows);
  // The same statement has just made the table.
  void note_created(const TableInfo &table) { created_.insert(table.id); }
  int64_t affected() const { return static_cast<int64_t>(seen_.size()); }

 private:
  const Context &context_;
  std::map<std::string, SqliteStatement> statements_;
  void log(const DatabaseInfo &database, const TableInfo &table, const std::vector<int> &columns,
           const std::vector<Row> &rows);

  std::set<std::pair<int64_t, int64_t>> seen_;
  std::set<int64_t> created_;
};

// kErrTimestampRange unless the server would keep a row of that time.
void check_time_range(const DatabaseInfo &db, int64_t ticks, int64_t now_ms);

struct TimeRange {
  int64_t from = std::numeric_limits<int64_t>::min();
  int64_t to = std::numeric_limits<int64_t>::max();  // inclusive
};

// Calls `visit` with each row of the table (of a super table: with the rows of all its children, child by child), in
// order of time: columns only, in the order of table.columns(). Stops when `visit` returns false.
void scan_rows(Sqlite *db, const TableInfo &table, const TimeRange &range,
               const std::function<bool(const TableInfo &owner, Row row)> &visit);

int64_t delete_row(Sqlite *db, const TableInfo &owner, int64_t ticks);

}  // namespace opentaos::sandbox
