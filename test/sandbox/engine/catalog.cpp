#include "engine/catalog.h"

#include <algorithm>

#include "engine/errors.h"
#include "engine/text.h"
#include "engine/time_text.h"

namespace opentaos::sandbox {

namespace {

constexpr int64_t kSchemaVersion = 1;

constexpr const char *kSchema = R"(
  CREATE TABLE IF NOT EXISTS db(id INTEGER PRIMARY KEY, name TEXT UNIQUE, created INTEGER, vgroup INTEGER);
  CREATE TABLE IF NOT EXISTS db_option(db INTEGER, name TEXT, value TEXT, PRIMARY KEY(db, name));
  CREATE TABLE IF NOT EXISTS tbl(id INTEGER PRIMARY KEY, db INTEGER, super INTEGER, kind INTEGER, name TEXT,
                                 created INTEGER, ttl INTEGER, comment TEXT);
  CREATE TABLE IF NOT EXISTS col(tbl INTEGER, id INTEGER, position INTEGER, tag INTEGER, name TEXT, type INTEGER,
                                 width INTEGER, precision INTEGER, scale INTEGER, encode TEXT, compress TEXT, level TEXT,
                                 PRIMARY KEY(tbl, id));
  CREATE TABLE IF NOT EXISTS tag(tbl INTEGER, col INTEGER, value, PRIMARY KEY(tbl, col)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS user(name TEXT PRIMARY KEY, salt TEXT, hash TEXT, created INTEGER, enable INTEGER,
                                  sysinfo INTEGER, createdb INTEGER, super INTEGER);
)";

uint32_t name_hash(std::string_view name) {
  uint32_t h = 2166136261u;
  for (unsigned char c : name) h = (h ^ c) * 16777619u;
  return h;
}

Column make_column(int id, const ColumnDef &def) {
  Column c;
  c.id = id;
  c.field = def.field;
  c.encode = def.encode;
  c.compress = def.compress;
  c.level = def.level;
  return c;
}

int next_column_id(const TableInfo &t) {
  int id = 1;
  for (auto *list : {&t.own_columns, &t.own_tags})
    for (auto &c : *list) id = std::max(id, c.id + 1);
  return id;
}

}  // namespace

int find_column(const std::vector<Column> &columns, std::string_view name) {
  for (size_t i = 0; i < columns.size(); i++)
    if (columns[i].field.name == name) return static_cast<int>(i);
  return -1;
}

void Catalog::create_schema() {
  auto version = db_->prepare("PRAGMA user_version");
  version.step();
  int64_t found = version.integer(0);
  version.reset();
  if (found != 0 && found != kSchemaVersion)
    fail(kErrInternal, "the data file was written by another version of taos-sandbox");
  db_->run(kSchema);
  db_->run("PRAGMA user_version = " + std::to_string(kSchemaVersion));
}

void Catalog::reload() {
  databases_.clear();
  users_.clear();
  next_id_ = 1;
  next_vgroup_ = 2;
  dirty_ = false;
  std::map<int64_t, DatabaseInfo *> db_by_id;
  std::map<int64_t, TableInfo *> by_id;

  auto dbs = db_->prepare("SELECT id, name, created, vgroup FROM db");
  while (dbs.step()) {
    auto d = std::make_unique<DatabaseInfo>();
    d->id = dbs.integer(0);
    d->name = dbs.text(1);
    d->created_ms = dbs.integer(2);
    d->first_vgroup = static_cast<int>(dbs.integer(3));
    db_by_id[d->id] = d.get();
    next_id_ = std::max(next_id_, d->id + 1);
    databases_[d->name] = std::move(d);
  }
  auto options = db_->prepare("SELECT db, name, value FROM db_option");
  while (options.step()) {
    auto it = db_by_id.find(options.integer(0));
    if (it != db_by_id.end()) it->second->options[options.text(1)] = options.text(2);
  }
  for (auto &[id, d] : db_by_id)
    next_vgroup_ = std::max(next_vgroup_, d->first_vgroup + static_cast<int>(option_number(d->options, "vgroups")));

  // Super tables have smaller ids than their children.
  auto tables = db_->prepare("SELECT id, db, super, kind, name, created, ttl, comment FROM tbl ORDER BY id");
  while (tables.step()) {
    auto owner = db_by_id.find(tables.integer(1));
    if (owner == db_by_id.end()) continue;
    auto t = std::make_unique<TableInfo>();
    t->id = tables.integer(0);
    t->kind = static_cast<TableInfo::Kind>(tables.integer(3));
    t->name = tables.text(4);
    t->created_ms = tables.integer(5);
    t->ttl = static_cast<int>(tables.integer(6));
    t->comment = tables.text(7);
    if (t->kind == TableInfo::kChild) {
      auto super = by_id.find(tables.integer(2));
      if (super == by_id.end()) continue;
      t->super = super->second;
    }
    next_id_ = std::max(next_id_, t->id + 1);
    TableInfo *raw = t.get();
    insert_table(owner->second, std::move(t));
    by_id[raw->id] = raw;
  }
  load_columns(&by_id);

  auto users = db_->prepare("SELECT name, salt, hash, created, enable, sysinfo, createdb, super FROM user");
  while (users.step()) {
    UserInfo u;
    u.name = users.text(0);
    u.salt = users.text(1);
    u.hash = users.text(2);
    u.created_ms = users.integer(3);
    u.enable = static_cast<int>(users.integer(4));
    u.sysinfo = static_cast<int>(users.integer(5));
    u.createdb = static_cast<int>(users.integer(6));
    u.super = users.integer(7) != 0;
    users_[u.name] = u;
  }
}

void Catalog::load_columns(std::map<int64_t, TableInfo *> *by_id) {
  auto cols = db_->prepare(
      "SELECT tbl, id, tag, name, type, width, precision, scale, encode, compress, level FROM col "
      "ORDER BY tbl, tag, position");
  while (cols.step()) {
    auto it = by_id->find(cols.integer(0));
    if (it == by_id->end()) continue;
    Column c;
    c.id = static_cast<int>(cols.integer(1));
    c.field.name = cols.text(3);
    c.field.type = static_cast<uint8_t>(cols.integer(4));
    c.field.width = static_cast<int32_t>(cols.integer(5));
    c.field.precision = static_cast<uint8_t>(cols.integer(6));
    c.field.scale = static_cast<uint8_t>(cols.integer(7));
    c.encode = cols.text(8);
    c.compress = cols.text(9);
    c.level = cols.text(10);
    (cols.integer(2) != 0 ? it->second->own_tags : it->second->own_columns).push_back(c);
  }
  for (auto &[id, t] : *by_id)
    if (t->super) t->tag_values.resize(t->super->own_tags.size());
  auto tags = db_->prepare("SELECT tbl, col, value FROM tag");
  while (tags.step()) {
    auto it = by_id->find(tags.integer(0));
    if (it == by_id->end() || !it->second->super) continue;
    auto &defs = it->second->super->own_tags;
    for (size_t i = 0; i < defs.size(); i++)
      if (defs[i].id == tags.integer(1)) it->second->tag_values[i] = tags.load(2, defs[i].field.type);
  }
}

// ---- databases

DatabaseInfo *Catalog::find_database(const std::string &name) {
  auto it = databases_.find(name);
  return it == databases_.end() ? nullptr : it->second.get();
}

DatabaseInfo &Catalog::database(const std::string &name) {
  DatabaseInfo *d = find_database(name);
  if (!d) fail(kErrDatabaseNotExist, "Database not exist");
  return *d;
}

std::vector<DatabaseInfo *> Catalog::databases() {
  std::vector<DatabaseInfo *> list;
  for (auto &[name, d] : databases_) list.push_back(d.get());
  std::sort(list.begin(), list.end(), [](auto *a, auto *b) { return a->id < b->id; });
  return list;
}

DatabaseInfo &Catalog::create_database(const std::string &name, const DatabaseOptions &options) {
  dirty_ = true;
  auto d = std::make_unique<DatabaseInfo>();
  d->id = next_id_++;
  d->name = name;
  d->created_ms = now_ticks(0);
  d->options = options;
  d->first_vgroup = next_vgroup_;
  next_vgroup_ += static_cast<int>(option_number(options, "vgroups"));
  db_->prepare("INSERT INTO db VALUES(?, ?, ?, ?)")
      .bind(1, d->id)
      .bind_text(2, name)
      .bind(3, d->created_ms)
      .bind(4, int64_t{d->first_vgroup})
      .run();
  DatabaseInfo &ref = *d;
  databases_[name] = std::move(d);
  alter_database(&ref, options);
  return ref;
}

void Catalog::alter_database(DatabaseInfo *d, const DatabaseOptions &options) {
  dirty_ = true;
  d->options = options;
  auto put = db_->prepare("INSERT OR REPLACE INTO db_option VALUES(?, ?, ?)");
  for (auto &[name, value] : options) put.bind(1, d->id).bind_text(2, name).bind_text(3, value).run();
}

void Catalog::drop_database(const std::string &name) {
  dirty_ = true;
  DatabaseInfo &d = database(name);
  for (auto &[table, t] : d.tables)
    if (t->kind != TableInfo::kChild) db_->run("DROP TABLE " + t->data_table());
  std::string id = std::to_string(d.id);
  db_->run("DELETE FROM tag WHERE tbl IN (SELECT id FROM tbl WHERE db = " + id + ")");
  db_->run("DELETE FROM col WHERE tbl IN (SELECT id FROM tbl WHERE db = " + id + ")");
  db_->run("DELETE FROM tbl WHERE db = " + id);
  db_->run("DELETE FROM db_option WHERE db = " + id);
  db_->run("DELETE FROM db WHERE id = " + id);
  databases_.erase(name);
}

// ---- tables

TableInfo *Catalog::find_table(const std::string &db, const std::string &name) {
  DatabaseInfo *d = find_database(db);
  if (!d) return nullptr;
  auto it = d->tables.find(name);
  return it == d->tables.end() ? nullptr : it->second.get();
}

TableInfo &Catalog::insert_table(DatabaseInfo *d, std::unique_ptr<TableInfo> t) {
  TableInfo &ref = *t;
  ref.db = d->name;
  ref.precision = d->precision();
  auto groups = static_cast<uint32_t>(std::max<int64_t>(option_number(d->options, "vgroups"), 1));
  ref.vgroup = d->first_vgroup + static_cast<int>(name_hash(ref.name) % groups);
  if (ref.super) ref.super->children.push_back(&ref);
  d->tables[ref.name] = std::move(t);
  return ref;
}

void Catalog::write_column(const TableInfo &t, bool tag, size_t position) {
  const Column &c = (tag ? t.own_tags : t.own_columns)[position];
  db_->prepare("INSERT OR REPLACE INTO col VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(1, t.id)
      .bind(2, int64_t{c.id})
      .bind(3, static_cast<int64_t>(position))
      .bind(4, int64_t{tag})
      .bind_text(5, c.field.name)
      .bind(6, int64_t{c.field.type})
      .bind(7, int64_t{c.field.width})
      .bind(8, int64_t{c.field.precision})
      .bind(9, int64_t{c.field.scale})
      .bind_text(10, c.encode)
      .bind_text(11, c.compress)
      .bind_text(12, c.level)
      .run();
}

TableInfo &Catalog::create_table(DatabaseInfo *d, const std::string &name, const std::vector<ColumnDef> &columns,
                                 const std::vector<ColumnDef> &tags, int ttl, const std::string &comment) {
  dirty_ = true;
  auto t = std::make_unique<TableInfo>();
  t->id = next_id_++;
  t->kind = tags.empty() ? TableInfo::kNormal : TableInfo::kSuper;
  t->name = name;
  t->created_ms = now_ticks(0);
  t->ttl = ttl;
  t->comment = comment;
  int id = 1;
  for (auto &def : columns) t->own_columns.push_back(make_column(id++, def));
  for (auto &def : tags) t->own_tags.push_back(make_column(id++, def));
  TableInfo &ref = insert_table(d, std::move(t));
  db_->prepare("INSERT INTO tbl VALUES(?, ?, 0, ?, ?, ?, ?, ?)")
      .bind(1, ref.id)
      .bind(2, d->id)
      .bind(3, int64_t{ref.kind})
      .bind_text(4, name)
      .bind(5, ref.created_ms)
      .bind(6, int64_t{ttl})
      .bind_text(7, comment)
      .run();
  for (size_t i = 0; i < columns.size(); i++) write_column(ref, false, i);
  for (size_t i = 0; i < tags.size(); i++) write_column(ref, true, i);
  std::string sql = "CREATE TABLE " + ref.data_table() + "(tb INTEGER";
  for (auto &c : ref.own_columns) sql += ", c" + std::to_string(c.id);
  db_->run(sql + ", PRIMARY KEY(tb, c1)) WITHOUT ROWID");
  return ref;
}

TableInfo &Catalog::create_child(DatabaseInfo *d, TableInfo *super, const std::string &name, const Row &tags, int ttl,
                                 const std::string &comment) {
  dirty_ = true;
  auto t = std::make_unique<TableInfo>();
  t->id = next_id_++;
  t->kind = TableInfo::kChild;
  t->name = name;
  t->super = super;
  t->tag_values = tags;
  t->created_ms = now_ticks(0);
  t->ttl = ttl;
  t->comment = comment;
  TableInfo &ref = insert_table(d, std::move(t));
  db_->prepare("INSERT INTO tbl VALUES(?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(1, ref.id)
      .bind(2, d->id)
      .bind(3, super->id)
      .bind(4, int64_t{TableInfo::kChild})
      .bind_text(5, name)
      .bind(6, ref.created_ms)
      .bind(7, int64_t{ttl})
      .bind_text(8, comment)
      .run();
  write_tags(ref);
  return ref;
}

void Catalog::write_tags(const TableInfo &child) {
  auto put = db_->prepare("INSERT OR REPLACE INTO tag VALUES(?, ?, ?)");
  for (size_t i = 0; i < child.tag_values.size(); i++)
    put.bind(1, child.id).bind(2, int64_t{child.super->own_tags[i].id}).bind(3, child.tag_values[i]).run();
}

void Catalog::drop_table(TableInfo *t) {
  dirty_ = true;
  DatabaseInfo &d = database(t->db);
  std::vector<TableInfo *> gone = t->children;
  gone.push_back(t);
  if (t->kind == TableInfo::kChild) {
    db_->run("DELETE FROM " + t->data_table() + " WHERE tb = " + std::to_string(t->id));
    std::erase(t->super->children, t);
  } else {
    db_->run("DROP TABLE " + t->data_table());
  }
  for (TableInfo *g : gone) {
    std::string id = std::to_string(g->id);
    db_->run("DELETE FROM tag WHERE tbl = " + id + "; DELETE FROM col WHERE tbl = " + id +
             "; DELETE FROM tbl WHERE id = " + id);
    std::string name = g->name;
    d.tables.erase(name);
  }
}

void Catalog::add_column(TableInfo *t, bool tag, const ColumnDef &def) {
  dirty_ = true;
  auto &list = tag ? t->own_tags : t->own_columns;
  list.push_back(make_column(next_column_id(*t), def));
  write_column(*t, tag, list.size() - 1);
  if (!tag) {
    db_->run("ALTER TABLE " + t->data_table() + " ADD COLUMN c" + std::to_string(list.back().id));
    return;
  }
  for (TableInfo *child : t->children) {
    child->tag_values.emplace_back();
    write_tags(*child);
  }
}

void Catalog::drop_column(TableInfo *t, bool tag, int index) {
  dirty_ = true;
  auto &list = tag ? t->own_tags : t->own_columns;
  int id = list[index].id;
  list.erase(list.begin() + index);
  db_->run("DELETE FROM col WHERE tbl = " + std::to_string(t->id) + " AND id = " + std::to_string(id));
  for (size_t i = static_cast<size_t>(index); i < list.size(); i++) write_column(*t, tag, i);
  if (!tag) {
    db_->run("ALTER TABLE " + t->data_table() + " DROP COLUMN c" + std::to_string(id));
    return;
  }
  for (TableInfo *child : t->children) {
    child->tag_values.erase(child->tag_values.begin() + index);
    db_->run("DELETE FROM tag WHERE tbl = " + std::to_string(child->id) + " AND col = " + std::to_string(id));
  }
}

void Catalog::change_column(TableInfo *t, bool tag, int index, const Column &column) {
  dirty_ = true;
  (tag ? t->own_tags : t->own_columns)[index] = column;
  write_column(*t, tag, static_cast<size_t>(index));
}

void Catalog::set_tag(TableInfo *child, int index, const Value &value) {
  dirty_ = true;
  child->tag_values[index] = value;
  db_->prepare("INSERT OR REPLACE INTO tag VALUES(?, ?, ?)")
      .bind(1, child->id)
      .bind(2, int64_t{child->super->own_tags[index].id})
      .bind(3, value)
      .run();
}

void Catalog::set_table_options(TableInfo *t, int ttl, const std::string &comment) {
  dirty_ = true;
  t->ttl = ttl;
  t->comment = comment;
  db_->prepare("UPDATE tbl SET ttl = ?, comment = ? WHERE id = ?")
      .bind(1, int64_t{ttl})
      .bind_text(2, comment)
      .bind(3, t->id)
      .run();
}

// ---- users

UserInfo *Catalog::find_user(const std::string &name) {
  auto it = users_.find(name);
  return it == users_.end() ? nullptr : &it->second;
}

std::vector<UserInfo *> Catalog::users() {
  std::vector<UserInfo *> list;
  for (auto &[name, u] : users_) list.push_back(&u);
  std::sort(list.begin(), list.end(), [](auto *a, auto *b) { return a->created_ms < b->created_ms; });
  return list;
}

void Catalog::save_user(const UserInfo &u) {
  dirty_ = true;
  users_[u.name] = u;
  db_->prepare("INSERT OR REPLACE INTO user VALUES(?, ?, ?, ?, ?, ?, ?, ?)")
      .bind_text(1, u.name)
      .bind_text(2, u.salt)
      .bind_text(3, u.hash)
      .bind(4, u.created_ms)
      .bind(5, int64_t{u.enable})
      .bind(6, int64_t{u.sysinfo})
      .bind(7, int64_t{u.createdb})
      .bind(8, int64_t{u.super})
      .run();
}

void Catalog::drop_user(const std::string &name) {
  dirty_ = true;
  users_.erase(name);
  db_->prepare("DELETE FROM user WHERE name = ?").bind_text(1, name).run();
}

}  // namespace opentaos::sandbox
