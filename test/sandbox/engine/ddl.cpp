// Databases and tables.
#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "engine/insert.h"
#include "engine/lexer.h"
#include "engine/literal.h"
#include "engine/log.h"
#include "engine/source.h"
#include "engine/statements.h"
#include "engine/system_tables.h"
#include "engine/topics.h"

namespace opentaos::sandbox {

namespace {

constexpr size_t kMaxColumns = 4096, kMaxTags = 128;
constexpr int64_t kMaxRowBytes = 65531;

int64_t stored_bytes(const Field &f) {
  if (f.type == kNchar) return int64_t{f.width} * 4 + 2;
  if (is_blob_type(f.type)) return 5;
  return is_var_type(f.type) ? f.width + 2 : f.width;
}

void check_width(const Field &f, bool tag) {
  if (f.type == kJson && !tag) fail(0x2652, "Only tag can be json type");
  if (is_blob_type(f.type) && tag) fail(kErrBlobAsTag, "blob type not supported as tag");
  if (!is_var_type(f.type) || f.type == kJson || is_blob_type(f.type)) return;
  int64_t most = tag ? 16382 : kMaxVarWidth;
  if (f.type == kNchar) most = (tag ? 16382 : kMaxVarWidth) / 4;
  if (f.width < 1 || f.width > most) fail(kErrVariableLength, "Invalid column length for var length type");
}

void check_definition(const CreateTable &s) {
  if (s.columns[0].field.type != kTimestamp) fail(kErrFirstColumn, "First column must be timestamp");
  if (s.columns.size() < 2 || s.columns.size() > kMaxColumns) fail(kErrColumnCount, "Illegal number of columns");
  if (s.tags.size() > kMaxTags) fail(0x2643, "Illegal number of tags");
  std::set<std::string> names;
  int64_t bytes = 0;
  int blobs = 0;
  for (auto *list : {&s.columns, &s.tags}) {
    bool tag = list == &s.tags;
    for (auto &def : *list) {
      if (!names.insert(def.field.name).second) fail(kErrDuplicatedColumn, "Duplicated column names");
      check_width(def.field, tag);
      if (!tag) bytes += stored_bytes(def.field);
      blobs += is_blob_type(def.field.type);
      if (def.field.type == kJson && s.tags.size() > 1) fail(0x2654, "Only one tag is allowed if there is a json tag");
    }
  }
  if (blobs > 1) fail(kErrOneBlobOnly, "only one blob column allowed");
  if (bytes > kMaxRowBytes)
    fail(kErrRowTooLong, "Row length exceeds max length, " + std::to_string(kMaxRowBytes) + " bytes");
}

void check_table_name(const std::string &name) {
  if (name.find('.') != std::string::npos) fail(kErrInvalidIdentifier, "The table name cannot contain '.'");
}

int option_ttl(const Options &options) {
  int ttl = 0;
  for (auto &[name, value] : options)
    if (name == "ttl") ttl = static_cast<int>(std::strtol(value.c_str(), nullptr, 10));
  return ttl;
}

std::string option_comment(const Options &options, const std::string &before) {
  std::string comment = before;
  for (auto &[name, value] : options)
    if (name == "comment") comment = value;
  return comment;
}

// Of several tables: one record per vgroup.
void log_tables(LogRecord::Kind kind, const DatabaseInfo &d, const std::vector<TableInfo *> &tables, const Context &c) {
  std::map<int, LogRecord> by_vgroup;
  for (const TableInfo *t : tables) by_vgroup[t->vgroup].tables.push_back(logged_table(*t));
  for (auto &[vgroup, record] : by_vgroup) {
    record.kind = kind;
    record.replayed = c.replaying;
    c.log->append(d, vgroup, record);
  }
}

// The database of a new table.
DatabaseInfo &target_database(const ObjectName &name, const Context &c) {
  std::string db = c.database_of(name.db);
  if (is_system_database(db)) fail(kErrPermissionDenied, "Permission denied or target object not exist");
  return c.catalog->database(db);
}

}  // namespace

// Super tables are in every vgroup.
void log_change(LogRecord record, const TableInfo &table, const Context &c) {
  record.replayed = c.replaying;
  const DatabaseInfo &d = c.catalog->database(table.db);
  if (table.kind == TableInfo::kSuper) {
    c.log->append_everywhere(d, record);
  } else {
    c.log->append(d, table.vgroup, record);
  }
}

void run_use(const UseStatement &s, const Context &c) {
  if (!is_system_database(s.db)) c.catalog->database(s.db);
  c.session->db = s.db;
}

void run_create_database(const CreateDatabase &s, const Context &c) {
  DatabaseOptions options = default_database_options();
  for (auto &[name, value] : s.options) set_database_option(&options, name, value, false);
  if (c.catalog->find_database(s.name) || is_system_database(s.name)) {
    if (s.if_not_exists) return;
    fail(kErrDatabaseExists, "Database already exists");
  }
  c.catalog->create_database(s.name, options);
}

void run_alter_database(const AlterDatabase &s, const Context &c) {
  DatabaseInfo &d = c.catalog->database(s.name);
  DatabaseOptions options = d.options;
  for (auto &[name, value] : s.options) set_database_option(&options, name, value, true);
  c.catalog->alter_database(&d, options);
}

void run_drop_database(const DropDatabase &s, const Context &c) {
  if (is_system_database(s.name)) fail(kErrPermissionDenied, "Permission denied or target object not exist");
  if (s.if_exists && !c.catalog->find_database(s.name)) return;
  const DatabaseInfo &d = c.catalog->database(s.name);
  check_no_topic(s.name, c);
  auto groups = static_cast<int>(option_number(d.options, "vgroups"));
  for (int i = 0; i < groups; i++) c.log->drop_vgroup(d.first_vgroup + i);
  c.catalog->drop_database(s.name);
}

void run_create_table(const CreateTable &s, const Context &c) {
  check_table_name(s.name.name);
  check_definition(s);
  DatabaseInfo &d = target_database(s.name, c);
  if (TableInfo *t = c.catalog->find_table(d.name, s.name.name)) {
    if (s.if_not_exists) return;
    if (t->kind == TableInfo::kSuper && !s.tags.empty()) fail(kErrStableExists, "STable already exists");
    fail(kErrTableExists, "Table already exists");
  }
  if (!s.tags.empty() && option_number(d.options, "single_stable") != 0)
    for (auto &[name, t] : d.tables)
      if (t->kind == TableInfo::kSuper) fail(0x0366, "Only one super table is allowed in a single_stable database");
  TableInfo &t =
      c.catalog->create_table(&d, s.name.name, s.columns, s.tags, option_ttl(s.options), option_comment(s.options, ""));
  LogRecord record;
  record.kind = LogRecord::kCreateTable;
  record.tables.push_back(logged_table(t));
  log_change(std::move(record), t, c);
}

void run_create_subtables(const CreateSubtables &s, std::string_view sql, const Context &c) {
  std::map<std::string, std::vector<TableInfo *>> made;
  for (auto &item : s.items) {
    check_table_name(item.name.name);
    DatabaseInfo &d = target_database(item.name, c);
    TableInfo &super = c.table(item.super);
    if (super.kind != TableInfo::kSuper || super.db != d.name)
      fail(0x2618, "The corresponding super table must be a super table of the same database");
    Lexer lexer(sql, item.tags_at);
    Row tags = parse_tags(&lexer, super, item.tag_names, c);
    if (c.catalog->find_table(d.name, item.name.name)) {
      if (item.if_not_exists) continue;
      fail(kErrTableExists, "Table already exists");
    }
    made[d.name].push_back(&c.catalog->create_child(&d, &super, item.name.name, tags, option_ttl(item.options),
                                                    option_comment(item.options, "")));
  }
  for (auto &[db, tables] : made) log_tables(LogRecord::kCreateChildren, c.catalog->database(db), tables, c);
}

void run_drop_table(const DropTable &s, const Context &c) {
  std::vector<TableInfo *> tables;
  for (auto &item : s.items) {
    DatabaseInfo &d = target_database(item.name, c);
    TableInfo *t = c.catalog->find_table(d.name, item.name.name);
    if (t && s.stable_keyword && t->kind != TableInfo::kSuper) t = nullptr;
    if (!t && !item.if_exists) {
      if (s.stable_keyword) fail(kErrStableNotExist, "STable not exist");
      fail(kErrTableNotExist, "Table does not exist");
    }
    if (t && std::find(tables.begin(), tables.end(), t) == tables.end()) tables.push_back(t);
  }
  // A subtable goes with its super table.
  std::erase_if(tables, [&](TableInfo *t) {
    return t->super && std::find(tables.begin(), tables.end(), t->super) != tables.end();
  });
  std::map<std::string, std::vector<TableInfo *>> gone;
  for (TableInfo *t : tables) {
    if (t->kind != TableInfo::kSuper) {
      gone[t->db].push_back(t);
      continue;
    }
    LogRecord record;
    record.kind = LogRecord::kDrop;
    record.tables.push_back(logged_table(*t));
    log_change(std::move(record), *t, c);
  }
  for (auto &[db, list] : gone) log_tables(LogRecord::kDrop, c.catalog->database(db), list, c);
  for (TableInfo *t : tables) c.catalog->drop_table(t);
}

namespace {

void log_alter(LogRecord::Alter what, const Field &field, const std::string &new_name, const TableInfo &t,
               std::string_view sql, const Context &c) {
  LogRecord record;
  record.kind = LogRecord::kAlter;
  record.alter = what;
  record.field = field;
  record.new_name = new_name;
  record.sql = std::string(sql);
  record.tables.push_back(logged_table(t));
  log_change(std::move(record), t, c);
}

[[noreturn]] void invalid_alter() { fail(kErrInvalidAlterTable, "Invalid alter table statement"); }

void alter_add(const AlterTable &s, TableInfo *t, bool tag, std::string_view sql, const Context &c) {
  if (tag ? t->kind != TableInfo::kSuper : t->kind == TableInfo::kChild) invalid_alter();
  const Field &f = s.column.field;
  if (find_column(t->own_columns, f.name) >= 0 || find_column(t->own_tags, f.name) >= 0)
    fail(kErrDuplicatedColumn, "Duplicated column names");
  check_width(f, tag);
  if (tag && (f.type == kJson || t->own_tags[0].field.type == kJson))
    fail(0x2654, "Only one tag is allowed if there is a json tag");
  if (tag && t->own_tags.size() >= kMaxTags) fail(0x2643, "Illegal number of tags");
  if (!tag && t->own_columns.size() >= kMaxColumns) fail(kErrColumnCount, "Illegal number of columns");
  for (auto &col : t->own_columns)
    if (is_blob_type(f.type) && is_blob_type(col.field.type)) fail(kErrOneBlobOnly, "only one blob column allowed");
  c.catalog->add_column(t, tag, s.column);
  log_alter(tag ? LogRecord::kAddTag : LogRecord::kAddColumn, f, "", *t, sql, c);
}

void alter_drop(const AlterTable &s, TableInfo *t, bool tag, std::string_view sql, const Context &c) {
  if (tag ? t->kind != TableInfo::kSuper : t->kind == TableInfo::kChild) invalid_alter();
  auto &list = tag ? t->own_tags : t->own_columns;
  int i = find_column(list, s.column.field.name);
  if (tag) {
    if (i < 0) fail(kErrInvalidTagName, "Invalid tag name: " + s.column.field.name);
    if (list.size() < 2) fail(kErrDropColumn, "No tags can be dropped");
  } else if (i <= 0 || list.size() < 3) {
    fail(kErrDropColumn, "No columns can be dropped");
  }
  Field field = list[i].field;
  c.catalog->drop_column(t, tag, i);
  log_alter(tag ? LogRecord::kDropTag : LogRecord::kDropColumn, field, "", *t, sql, c);
}

void alter_modify(const AlterTable &s, TableInfo *t, bool tag, std::string_view sql, const Context &c) {
  if (tag ? t->kind != TableInfo::kSuper : t->kind == TableInfo::kChild) invalid_alter();
  auto &list = tag ? t->own_tags : t->own_columns;
  int i = find_column(list, s.column.field.name);
  if (i < 0) fail(kErrInvalidColumn, "Invalid column name: " + s.column.field.name);
  Column column = list[i];
  const Field &f = s.column.field;
  bool longer = f.type == column.field.type && is_var_type(f.type) && f.type != kJson && !is_blob_type(f.type) &&
                f.width > column.field.width;
  if (!longer)
    fail(0x264b,
         "Only varbinary/binary/nchar/geometry column length could be modified, and the length can only be increased, "
         "not decreased");
  check_width(f, tag);
  column.field.width = f.width;
  c.catalog->change_column(t, tag, i, column);
  log_alter(tag ? LogRecord::kWidenTag : LogRecord::kWidenColumn, column.field, "", *t, sql, c);
}

void alter_rename(const AlterTable &s, TableInfo *t, bool tag, std::string_view sql, const Context &c) {
  if (t->kind != (tag ? TableInfo::kSuper : TableInfo::kNormal)) invalid_alter();
  auto &list = tag ? t->own_tags : t->own_columns;
  int i = find_column(list, s.column.field.name);
  if (i < 0) fail(kErrInvalidColumn, "Invalid column name: " + s.column.field.name);
  if (find_column(t->own_columns, s.new_name) >= 0 || find_column(t->own_tags, s.new_name) >= 0)
    fail(kErrDuplicatedColumn, "Duplicated column names");
  Column column = list[i];
  Field before = column.field;
  column.field.name = s.new_name;
  c.catalog->change_column(t, tag, i, column);
  log_alter(tag ? LogRecord::kRenameTag : LogRecord::kRenameColumn, before, s.new_name, *t, sql, c);
}

void alter_set_tags(const AlterTable &s, TableInfo *t, std::string_view sql, const Context &c) {
  if (t->kind != TableInfo::kChild) invalid_alter();
  std::vector<std::pair<int, Value>> changes;
  for (auto &[name, at] : s.set_tags) {
    int i = find_column(t->tags(), name);
    if (i < 0) fail(kErrInvalidTagName, "Invalid tag name: " + name);
    Lexer lexer(sql, at);
    changes.emplace_back(i, read_literal(&lexer, t->tags()[i].field, t->precision, c));
  }
  for (auto &[i, value] : changes) {
    c.catalog->set_tag(t, i, value);
    LogRecord record;
    record.kind = LogRecord::kAlter;
    record.alter = LogRecord::kSetTag;
    record.field = t->tags()[i].field;
    record.value = value;
    record.sql = std::string(sql);
    record.tables.push_back(logged_table(*t));
    log_change(std::move(record), *t, c);
  }
}

}  // namespace

void run_alter_table(const AlterTable &s, std::string_view sql, const Context &c) {
  TableInfo &t = c.table(s.name);
  if (s.stable_keyword && t.kind != TableInfo::kSuper) fail(kErrStableNotExist, "STable not exist");
  switch (s.action) {
    case AlterTable::kAddColumn:
    case AlterTable::kAddTag: alter_add(s, &t, s.action == AlterTable::kAddTag, sql, c); break;
    case AlterTable::kDropColumn:
    case AlterTable::kDropTag: alter_drop(s, &t, s.action == AlterTable::kDropTag, sql, c); break;
    case AlterTable::kModifyColumn:
    case AlterTable::kModifyTag: alter_modify(s, &t, s.action == AlterTable::kModifyTag, sql, c); break;
    case AlterTable::kRenameColumn:
    case AlterTable::kRenameTag: alter_rename(s, &t, s.action == AlterTable::kRenameTag, sql, c); break;
    case AlterTable::kSetTag: alter_set_tags(s, &t, sql, c); break;
    case AlterTable::kOptions: {
      bool ttl = std::any_of(s.options.begin(), s.options.end(), [](auto &o) { return o.first == "ttl"; });
      c.catalog->set_table_options(&t, ttl ? option_ttl(s.options) : t.ttl, option_comment(s.options, t.comment));
      log_alter(LogRecord::kOptions, {}, "", t, sql, c);
      break;
    }
  }
}

namespace {

// Whether the conditions on the time leave over exactly the rows of one range.
bool is_range(const std::vector<ExprPtr> &conditions) {
  auto is_key = [](const Expr &e) { return e.origin == Origin::kRow && e.slot == 0; };
  std::function<bool(const Expr &)> uses_key = [&](const Expr &e) {
    return is_key(e) || std::any_of(e.args.begin(), e.args.end(), [&](const ExprPtr &a) { return uses_key(*a); });
  };
  return std::all_of(conditions.begin(), conditions.end(), [&](const ExprPtr &e) {
    if (!uses_key(*e)) return true;
    bool compares = (e->kind == ExprKind::kCompare && e->name != "<>" && e->name != "!=") ||
                    (e->kind == ExprKind::kBetween && !e->negated);
    return compares && std::count_if(e->args.begin(), e->args.end(), [&](auto &a) { return is_key(*a); }) == 1 &&
           std::all_of(e->args.begin(), e->args.end(), [&](auto &a) { return is_key(*a) || is_constant(*a); });
  });
}

void log_delete(const TableInfo &t, const TimeRange &range, int64_t rows, const Context &c) {
  LogRecord record;
  record.kind = LogRecord::kDelete;
  record.tables.push_back(logged_table(t));
  record.from = range.from;
  record.to = range.to;
  record.affected = rows;
  log_change(std::move(record), t, c);
}

}  // namespace

// Rows are chosen by time and, for super tables, by tags: the server allows nothing else.
int64_t run_delete(const DeleteStatement &s, const Context &c) {
  TableInfo &t = c.table(s.name);
  TableRef ref;
  ref.db = t.db;
  ref.name = t.name;
  auto source = make_source(&ref, c, false);
  const Scope &scope = source->scope();
  if (s.where) Binder(c, scope).bind(*s.where);
  std::vector<ExprPtr> conditions = split_and(s.where);
  std::vector<const Expr *> open(1, s.where.get());
  while (!open.empty()) {
    const Expr *e = open.back();
    open.pop_back();
    if (!e) continue;
    bool data = e->origin == Origin::kRow && e->slot != 0 && !scope.columns[e->slot].tag;
    if (data) fail(kErrDeleteWhere, "The DELETE statement must have a definite time window range");
    for (auto &a : e->args) open.push_back(a.get());
  }
  EvalInput base;
  base.context = &c;
  base.precision = t.precision;
  std::vector<std::pair<const TableInfo *, int64_t>> gone;
  source->scan(conditions, base, [&](Row row) {
    EvalInput in = base;
    in.row = &row;
    if (std::all_of(conditions.begin(), conditions.end(), [&](const ExprPtr &e) { return holds(*e, in); }))
      gone.emplace_back(c.catalog->find_table(t.db, std::get<std::string>(row.back())), std::get<int64_t>(row[0]));
    return true;
  });
  int64_t n = 0;
  std::map<const TableInfo *, int64_t> by_owner;
  bool ranged = is_range(conditions);
  for (auto &[owner, ticks] : gone) {
    int64_t rows = delete_row(c.db, *owner, ticks);
    n += rows;
    by_owner[owner] += rows;
    if (!ranged) log_delete(*owner, {ticks, ticks}, rows, c);
  }
  if (ranged)
    for (auto &[owner, rows] : by_owner) log_delete(*owner, time_range(conditions, 0, base), rows, c);
  return n;
}

}  // namespace opentaos::sandbox
