// The log of one database done to another.
#include "engine/errors.h"
#include "engine/literal.h"
#include "engine/rows.h"
#include "engine/statements.h"

namespace opentaos::sandbox {

namespace {

class Replay {
 public:
  Replay(const LogRecord &record, DatabaseInfo *d, const Context &context) : record_(record), d_(*d), c_(context) {}

  void run() {
    switch (record_.kind) {
      case LogRecord::kMark: break;
      case LogRecord::kRows: rows(); break;
      case LogRecord::kCreateTable: create_table(record_.tables[0]); break;
      case LogRecord::kCreateChildren:
        for (auto &t : record_.tables) create_child(t);
        break;
      case LogRecord::kAlter: alter(); break;
      case LogRecord::kDrop: drop(); break;
      case LogRecord::kDelete: delete_rows(); break;
    }
  }

 private:
  TableInfo *find(const std::string &name) const { return c_.catalog->find_table(d_.name, name); }

  TableInfo &table(const std::string &name) const {
    TableInfo *t = find(name);
    if (!t) fail(kErrTableNotExist, "Table does not exist");
    return *t;
  }

  void note(LogRecord::Kind kind, const TableInfo &t) const {
    LogRecord record;
    record.kind = kind;
    record.tables.push_back(logged_table(t));
    log_change(std::move(record), t, c_);
  }

  static std::vector<ColumnDef> definitions(const std::vector<Column> &columns) {
    std::vector<ColumnDef> out;
    for (auto &c : columns) {
      ColumnDef def;
      def.field = c.field;
      def.encode = c.encode;
      def.compress = c.compress;
      def.level = c.level;
      out.push_back(def);
    }
    return out;
  }

  void create_table(const LoggedTable &t) {
    TableInfo *there = find(t.name);
    if (!there) {
      there = &c_.catalog->create_table(&d_, t.name, definitions(t.columns), definitions(t.tags), t.ttl, "");
      note(LogRecord::kCreateTable, *there);
      return;
    }
    if (there->kind != t.kind) fail(kErrTableExists, "Table already exists");
    for (bool tag : {false, true})
      for (auto &c : tag ? t.tags : t.columns) add_or_widen(there, tag, c.field);
  }

  TableInfo &create_child(const LoggedTable &t) {
    TableInfo *super = find(t.super);
    if (!super || super->kind != TableInfo::kSuper) fail(kErrTableNotExist, "Table does not exist");
    if (TableInfo *there = find(t.name)) {
      if (there->super != super) fail(kErrTableExists, "Table already exists in other stables");
      return *there;
    }
    Row tags(super->own_tags.size());
    for (size_t i = 0; i < t.tags.size() && i < t.tag_values.size(); i++) {
      int at = find_column(super->own_tags, t.tags[i].field.name);
      if (at < 0) fail(kErrInvalidTagName, "Invalid tag name: " + t.tags[i].field.name);
      tags[at] = adopt_value(t.tag_values[i], super->own_tags[at].field);
    }
    TableInfo &made = c_.catalog->create_child(&d_, super, t.name, tags, t.ttl, "");
    note(LogRecord::kCreateChildren, made);
    return made;
  }

  void note_alter(LogRecord::Alter what, const Field &field, const TableInfo &t, const std::string &new_name = "",
                  const Value &value = {}) const {
    LogRecord record;
    record.kind = LogRecord::kAlter;
    record.alter = what;
    record.field = field;
    record.new_name = new_name;
    record.value = value;
    record.sql = record_.sql;
    record.tables.push_back(logged_table(t));
    log_change(std::move(record), t, c_);
  }

  void add_or_widen(TableInfo *t, bool tag, const Field &field) {
    auto &list = tag ? t->own_tags : t->own_columns;
    int at = find_column(list, field.name);
    if (at < 0) {
      ColumnDef def;
      def.field = field;
      c_.catalog->add_column(t, tag, def);
      note_alter(tag ? LogRecord::kAddTag : LogRecord::kAddColumn, field, *t);
      return;
    }
    if (list[at].field.type != field.type) fail(kErrInvalidParameter, "Invalid parameters");
    if (!is_var_type(field.type) || field.width <= list[at].field.width) return;
    Column wider = list[at];
    wider.field.width = field.width;
    c_.catalog->change_column(t, tag, at, wider);
    note_alter(tag ? LogRecord::kWidenTag : LogRecord::kWidenColumn, field, *t);
  }

  void alter() {
    TableInfo &t = table(record_.tables[0].name);
    const Field &f = record_.field;
    bool tag = record_.alter <= LogRecord::kRenameTag || record_.alter == LogRecord::kWidenTag;
    int at = find_column(tag ? t.own_tags : t.own_columns, f.name);
    switch (record_.alter) {
      case LogRecord::kAddTag:
      case LogRecord::kAddColumn:
      case LogRecord::kWidenTag:
      case LogRecord::kWidenColumn: add_or_widen(&t, tag, f); break;
      case LogRecord::kDropTag:
      case LogRecord::kDropColumn:
        if (at < 0) break;
        c_.catalog->drop_column(&t, tag, at);
        note_alter(record_.alter, f, t);
        break;
      case LogRecord::kRenameTag:
      case LogRecord::kRenameColumn: {
        if (at < 0) break;
        Column column = (tag ? t.own_tags : t.own_columns)[at];
        column.field.name = record_.new_name;
        c_.catalog->change_column(&t, tag, at, column);
        note_alter(record_.alter, f, t, record_.new_name);
        break;
      }
      case LogRecord::kSetTag: {
        int tag_at = t.super ? find_column(t.tags(), f.name) : -1;
        if (tag_at < 0) fail(kErrInvalidTagName, "Invalid tag name: " + f.name);
        c_.catalog->set_tag(&t, tag_at, adopt_value(record_.value, t.tags()[tag_at].field));
        note_alter(record_.alter, t.tags()[tag_at].field, t, "", t.tag_values[tag_at]);
        break;
      }
      case LogRecord::kOptions:
        c_.catalog->set_table_options(&t, record_.tables[0].ttl, t.comment);
        note_alter(record_.alter, f, t);
        break;
    }
  }

  void drop() {
    for (auto &gone : record_.tables) {
      TableInfo *t = find(gone.name);
      if (!t) continue;
      note(LogRecord::kDrop, *t);
      c_.catalog->drop_table(t);
    }
  }

  void delete_rows() {
    TableInfo *t = find(record_.tables[0].name);
    if (!t) return;
    std::vector<std::pair<const TableInfo *, int64_t>> gone;
    scan_rows(c_.db, *t, {record_.from, record_.to}, [&](const TableInfo &owner, const Row &row) {
      gone.emplace_back(&owner, std::get<int64_t>(row[0]));
      return true;
    });
    LogRecord record = record_;
    record.affected = 0;
    for (auto &[owner, ticks] : gone) record.affected += delete_row(c_.db, *owner, ticks);
    record.tables[0] = logged_table(*t);
    log_change(std::move(record), *t, c_);
  }

  // Columns are found by name: the other table may have them in another order.
  void rows() {
    const LoggedTable &from = record_.tables[0];
    TableInfo *t = find(from.name);
    if (!t && record_.creates) t = &create_child(from);
    if (!t) fail(kErrTableNotExist, "Table does not exist");
    if (t->kind == TableInfo::kSuper) fail(kErrInvalidParameter, "Invalid parameters");
    std::vector<int> columns;
    std::vector<size_t> used;
    for (size_t i = 0; i < from.columns.size(); i++) {
      int at = find_column(t->columns(), from.columns[i].field.name);
      if (at < 0) continue;
      if (t->columns()[at].field.type != from.columns[i].field.type) fail(kErrInvalidParameter, "Invalid parameters");
      columns.push_back(at);
      used.push_back(i);
    }
    std::vector<Row> rows;
    for (auto &row : record_.rows) {
      Row &mine = rows.emplace_back();
      for (size_t i = 0; i < used.size(); i++)
        mine.push_back(adopt_value(row[used[i]], t->columns()[columns[i]].field));
    }
    RowWriter(c_).write(*t, columns, rows);
  }

  const LogRecord &record_;
  DatabaseInfo &d_;
  const Context &c_;
};

}  // namespace

void replay_record(const LogRecord &record, DatabaseInfo *d, const Context &c) { Replay(record, d, c).run(); }

}  // namespace opentaos::sandbox
