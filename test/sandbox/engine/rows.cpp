#include "engine/rows.h"

#include "engine/errors.h"
#include "engine/log.h"

namespace opentaos::sandbox {

namespace {

// 2970-01-01 in ms and us; what is left of the range in ns.
constexpr int64_t kLatest[] = {31556995200000, 31556995200000000, 9214646400000000000};

std::string column_name(const Column &c) { return "c" + std::to_string(c.id); }

}  // namespace

void check_time_range(const DatabaseInfo &db, int64_t ticks, int64_t now_ms) {
  int64_t keep = option_keep_ms(db.options);
  int64_t earliest_ms = now_ms - keep;
  int64_t earliest = convert_precision(earliest_ms, 0, db.precision());
  if (ticks < earliest || ticks > kLatest[db.precision()]) fail(kErrTimestampRange, "Timestamp data out of range");
}

void RowWriter::write(const TableInfo &table, const std::vector<int> &columns, const std::vector<Row> &rows) {
  auto &defs = table.columns();
  int time_at = -1;
  std::string names, marks, updates;
  for (size_t i = 0; i < columns.size(); i++) {
    std::string name = column_name(defs[columns[i]]);
    names += ", " + name;
    marks += ", ?";
    if (columns[i] == 0) {
      time_at = static_cast<int>(i);
    } else {
      updates += (updates.empty() ? "" : ", ") + name + " = excluded." + name;
    }
  }
  if (time_at < 0) fail(kErrInvalidOperation, "Primary timestamp column should not be null");
  std::string sql = "INSERT INTO " + table.data_table() + "(tb" + names + ") VALUES(?" + marks + ") ON CONFLICT(tb, " +
                    column_name(defs[0]) + ") DO " + (updates.empty() ? "NOTHING" : "UPDATE SET " + updates);
  auto it = statements_.find(sql);
  if (it == statements_.end()) it = statements_.emplace(sql, context_.db->prepare(sql)).first;
  DatabaseInfo &database = context_.catalog->database(table.db);
  int64_t now_ms = context_.now(0);
  for (const Row &row : rows) {
    auto *ticks = std::get_if<int64_t>(&row[time_at]);
    if (!ticks) fail(kErrInvalidOperation, "Primary timestamp column should not be null");
    check_time_range(database, *ticks, now_ms);
    it->second.bind(1, table.id);
    for (size_t i = 0; i < columns.size(); i++) it->second.bind(static_cast<int>(i) + 2, row[i]);
    it->second.run();
    seen_.emplace(table.id, *ticks);
  }
  if (!rows.empty()) log(database, table, columns, rows);
}

void RowWriter::log(const DatabaseInfo &database, const TableInfo &table, const std::vector<int> &columns,
                    const std::vector<Row> &rows) {
  LogRecord record;
  record.kind = LogRecord::kRows;
  record.creates = created_.erase(table.id) > 0;
  record.replayed = context_.replaying;
  record.tables.push_back(logged_table(table));
  for (const Row &row : rows) {
    Row &whole = record.rows.emplace_back(table.columns().size());
    for (size_t i = 0; i < columns.size(); i++) whole[columns[i]] = row[i];
  }
  context_.log->append(database, table.vgroup, record);
}

void scan_rows(Sqlite *db, const TableInfo &table, const TimeRange &range,
               const std::function<bool(const TableInfo &owner, Row row)> &visit) {
  auto &defs = table.columns();
  std::string sql = "SELECT ";
  for (auto &c : defs) sql += (&c == &defs[0] ? "" : ", ") + column_name(c);
  std::string time = column_name(defs[0]);
  sql += " FROM " + table.data_table() + " WHERE tb = ? AND " + time + " BETWEEN ? AND ? ORDER BY " + time;
  auto rows = db->prepare(sql);
  std::vector<const TableInfo *> owners(table.children.begin(), table.children.end());
  if (table.kind != TableInfo::kSuper) owners = {&table};
  for (const TableInfo *owner : owners) {
    rows.bind(1, owner->id).bind(2, range.from).bind(3, range.to);
    while (rows.step()) {
      Row row(defs.size());
      for (size_t i = 0; i < defs.size(); i++) row[i] = rows.load(static_cast<int>(i), defs[i].field.type);
      if (!visit(*owner, std::move(row))) return;
    }
    rows.reset();
  }
}

int64_t delete_row(Sqlite *db, const TableInfo &owner, int64_t ticks) {
  std::string time = column_name(owner.columns()[0]);
  db->prepare("DELETE FROM " + owner.data_table() + " WHERE tb = ? AND " + time + " = ?")
      .bind(1, owner.id)
      .bind(2, ticks)
      .run();
  return db->changes();
}

}  // namespace opentaos::sandbox
