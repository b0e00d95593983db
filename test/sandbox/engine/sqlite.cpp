#include "engine/sqlite.h"

#include <cstring>

#include "engine/errors.h"

namespace opentaos::sandbox {

namespace {

[[noreturn]] void storage_error(sqlite3 *db) {
  fail(kErrInternal, std::string("taos-sandbox storage: ") + sqlite3_errmsg(db));
}

}  // namespace

SqliteStatement::SqliteStatement(sqlite3 *db, const std::string &sql) {
  if (sqlite3_prepare_v2(db, sql.c_str(), -1, &s_, nullptr) != SQLITE_OK) storage_error(db);
}

SqliteStatement &SqliteStatement::bind(int index, int64_t v) {
  if (sqlite3_bind_int64(s_, index, v) != SQLITE_OK) storage_error(sqlite3_db_handle(s_));
  return *this;
}

SqliteStatement &SqliteStatement::bind_text(int index, std::string_view v) {
  if (sqlite3_bind_text64(s_, index, v.data(), v.size(), SQLITE_TRANSIENT, SQLITE_UTF8) != SQLITE_OK)
    storage_error(sqlite3_db_handle(s_));
  return *this;
}

// Columns have no declared type, so SQLite keeps what it is given: -0.0 stays -0.0 and bytes stay bytes. Unsigned
// 64-bit integers go in as the signed ones of the same bits.
SqliteStatement &SqliteStatement::bind(int index, const Value &v) {
  int code = SQLITE_OK;
  if (is_null(v)) {
    code = sqlite3_bind_null(s_, index);
  } else if (auto *b = std::get_if<bool>(&v)) {
    code = sqlite3_bind_int64(s_, index, *b ? 1 : 0);
  } else if (auto *i = std::get_if<int64_t>(&v)) {
    code = sqlite3_bind_int64(s_, index, *i);
  } else if (auto *u = std::get_if<uint64_t>(&v)) {
    code = sqlite3_bind_int64(s_, index, static_cast<int64_t>(*u));
  } else if (auto *d = std::get_if<double>(&v)) {
    code = sqlite3_bind_double(s_, index, *d);
  } else if (auto *dec = std::get_if<Decimal>(&v)) {
    code = sqlite3_bind_blob64(s_, index, &dec->unscaled, sizeof dec->unscaled, SQLITE_TRANSIENT);
  } else if (auto *s = std::get_if<std::string>(&v)) {
    // A null pointer would make it NULL.
    code = sqlite3_bind_blob64(s_, index, s->empty() ? "" : s->data(), s->size(), SQLITE_TRANSIENT);
  }
  if (code != SQLITE_OK) storage_error(sqlite3_db_handle(s_));
  return *this;
}

bool SqliteStatement::step() {
  int code = sqlite3_step(s_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  sqlite3 *db = sqlite3_db_handle(s_);
  std::string message = sqlite3_errmsg(db);
  sqlite3_reset(s_);
  fail(kErrInternal, "taos-sandbox storage: " + message);
}

void SqliteStatement::reset() {
  sqlite3_reset(s_);
  sqlite3_clear_bindings(s_);
}

std::string SqliteStatement::text(int column) const {
  const void *bytes = sqlite3_column_blob(s_, column);
  auto size = static_cast<size_t>(sqlite3_column_bytes(s_, column));
  return bytes ? std::string(static_cast<const char *>(bytes), size) : std::string();
}

Value SqliteStatement::load(int column, uint8_t type) const {
  if (sqlite3_column_type(s_, column) == SQLITE_NULL) return {};
  if (type == kBool) return sqlite3_column_int64(s_, column) != 0;
  if (is_unsigned_type(type)) return static_cast<uint64_t>(sqlite3_column_int64(s_, column));
  if (is_signed_type(type) || type == kTimestamp) return int64_t{sqlite3_column_int64(s_, column)};
  if (is_float_type(type)) return sqlite3_column_double(s_, column);
  if (is_decimal_type(type)) {
    Decimal d;
    const void *bytes = sqlite3_column_blob(s_, column);
    if (bytes && sqlite3_column_bytes(s_, column) == sizeof d.unscaled)
      std::memcpy(&d.unscaled, bytes, sizeof d.unscaled);
    return d;
  }
  return text(column);
}

bool Sqlite::open(const std::string &file, std::string *error) {
  const char *name = file.empty() ? ":memory:" : file.c_str();
  if (sqlite3_open(name, &db_) != SQLITE_OK) {
    *error = db_ ? sqlite3_errmsg(db_) : "out of memory";
    return false;
  }
  sqlite3_busy_timeout(db_, 2000);
  return true;
}

void Sqlite::run(const std::string &sql) {
  char *message = nullptr;
  if (sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, &message) != SQLITE_OK) {
    std::string text = message ? message : "unknown";
    sqlite3_free(message);
    fail(kErrInternal, "taos-sandbox storage: " + text);
  }
}

Transaction::~Transaction() {
  if (done_) return;
  try {
    db_->run("ROLLBACK");
  } catch (const SqlError &) {  // SQLite has already rolled back
  }
}

void Transaction::commit() {
  db_->run("COMMIT");
  done_ = true;
}

}  // namespace opentaos::sandbox
