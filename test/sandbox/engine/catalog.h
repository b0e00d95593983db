// Databases, tables, subtables with their tags, users: held in memory, written through to SQLite.
//
// Mutating calls expect an open Transaction and arguments that have been checked. When a transaction is rolled back
// after one of them, reload() makes memory agree with SQLite again.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/ast.h"
#include "engine/database_options.h"
#include "engine/sqlite.h"

namespace opentaos::sandbox {

struct Column {
  int id = 0;  // stable for the life of the table; the data column is called c<id>
  Field field;
  std::string encode, compress, level;
};

struct TableInfo {
  enum Kind { kSuper = 1, kChild = 2, kNormal = 3 };
  int64_t id = 0;
  Kind kind = kNormal;
  std::string db, name;
  TableInfo *super = nullptr;         // of a child
  std::vector<TableInfo *> children;  // of a super table, in the order they were made
  std::vector<Column> own_columns;    // empty for a child
  std::vector<Column> own_tags;
  Row tag_values;  // of a child, parallel to the super table's tags
  int precision = 0;
  int64_t created_ms = 0;
  int ttl = 0;
  std::string comment;
  int vgroup = 0;

  const std::vector<Column> &columns() const { return super ? super->own_columns : own_columns; }
  const std::vector<Column> &tags() const { return super ? super->own_tags : own_tags; }
  std::string data_table() const { return "data_" + std::to_string(super ? super->id : id); }
  int64_t uid() const { return static_cast<int64_t>((static_cast<uint64_t>(id) * 0x9e3779b97f4a7c15ULL) >> 1); }
};

// Index into columns() or tags(), -1 when there is none.
int find_column(const std::vector<Column> &columns, std::string_view name);

struct DatabaseInfo {
  int64_t id = 0;
  std::string name;
  int64_t created_ms = 0;
  int first_vgroup = 0;
  DatabaseOptions options;
  std::map<std::string, std::unique_ptr<TableInfo>> tables;
  int precision() const { return option_precision(options); }
};

struct UserInfo {
  std::string name;
  std::string salt, hash;
  int64_t created_ms = 0;
  int enable = 1, sysinfo = 1, createdb = 0;
  bool super = false;
};

class Catalog {
 public:
  explicit Catalog(Sqlite *db) : db_(db) {}

  void create_schema();  // on a new file; checks the version of an old one
  void reload();
  bool dirty() const { return dirty_; }
  void clean() { dirty_ = false; }

  DatabaseInfo *find_database(const std::string &name);
  DatabaseInfo &database(const std::string &name);  // kErrDatabaseNotExist
  std::vector<DatabaseInfo *> databases();          // in the order they were made
  TableInfo *find_table(const std::string &db, const std::string &name);

  DatabaseInfo &create_database(const std::string &name, const DatabaseOptions &options);
  void alter_database(DatabaseInfo *d, const DatabaseOptions &options);
  void drop_database(const std::string &name);

  TableInfo &create_table(DatabaseInfo *d, const std::string &name, const std::vector<ColumnDef> &columns,
                          const std::vector<ColumnDef> &tags, int ttl, const std::string &comment);
  TableInfo &create_child(DatabaseInfo *d, TableInfo *super, const std::string &name, const Row &tags, int ttl,
                          const std::string &comment);
  void drop_table(TableInfo *t);

  void add_column(TableInfo *t, bool tag, const ColumnDef &def);
  void drop_column(TableInfo *t, bool tag, int index);
  void change_column(TableInfo *t, bool tag, int index, const Column &column);  // width, name, encoding
  void set_tag(TableInfo *child, int index, const Value &value);
  void set_table_options(TableInfo *t, int ttl, const std::string &comment);

  UserInfo *find_user(const std::string &name);
  std::vector<UserInfo *> users();
  void save_user(const UserInfo &user);
  void drop_user(const std::string &name);

 private:
  TableInfo &insert_table(DatabaseInfo *d, std::unique_ptr<TableInfo> t);
  void write_column(const TableInfo &t, bool tag, size_t position);
  void write_tags(const TableInfo &child);
  void load_columns(std::map<int64_t, TableInfo *> *by_id);

  Sqlite *db_;
  bool dirty_ = false;
  int64_t next_id_ = 1;
  int next_vgroup_ = 2;
  std::map<std::string, std::unique_ptr<DatabaseInfo>> databases_;
  std::map<std::string, UserInfo> users_;
};

}  // namespace opentaos::sandbox
