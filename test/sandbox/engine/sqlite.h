// A thin layer over SQLite's C interface: statements that close themselves and errors that throw.
#pragma once

#include <sqlite3.h>

#include <string>
#include <string_view>

#include "engine/value.h"

namespace opentaos::sandbox {

class SqliteStatement {
 public:
  SqliteStatement() = default;
  SqliteStatement(sqlite3 *db, const std::string &sql);
  ~SqliteStatement() { sqlite3_finalize(s_); }
  SqliteStatement(SqliteStatement &&other) noexcept : s_(other.s_) { other.s_ = nullptr; }
  SqliteStatement &operator=(SqliteStatement &&other) noexcept {
    std::swap(s_, other.s_);
    return *this;
  }

  SqliteStatement &bind(int index, int64_t v);
  SqliteStatement &bind_text(int index, std::string_view v);
  // Typed storage; load() gives the same value back.
  SqliteStatement &bind(int index, const Value &v);

  bool step();  // true: a row is there
  void run() {
    step();
    reset();
  }
  void reset();
  int64_t integer(int column) const { return sqlite3_column_int64(s_, column); }
  std::string text(int column) const;
  Value load(int column, uint8_t type) const;

 private:
  sqlite3_stmt *s_ = nullptr;
};

class Sqlite {
 public:
  Sqlite() = default;
  ~Sqlite() { sqlite3_close(db_); }
  Sqlite(const Sqlite &) = delete;
  Sqlite &operator=(const Sqlite &) = delete;

  bool open(const std::string &file, std::string *error);
  void run(const std::string &sql);
  SqliteStatement prepare(const std::string &sql) { return {db_, sql}; }
  int64_t changes() const { return sqlite3_changes64(db_); }

 private:
  sqlite3 *db_ = nullptr;
};

// Rolls back unless commit() was called.
class Transaction {
 public:
  explicit Transaction(Sqlite *db) : db_(db) { db_->run("BEGIN"); }
  ~Transaction();
  Transaction(const Transaction &) = delete;
  Transaction &operator=(const Transaction &) = delete;
  void commit();

 private:
  Sqlite *db_;
  bool done_ = false;
};

}  // namespace opentaos::sandbox
