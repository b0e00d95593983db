#include "engine/schemaless.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstring>
#include <map>

#include "engine/literal.h"
#include "engine/log.h"
#include "engine/rows.h"
#include "engine/statements.h"
#include "engine/text.h"

namespace opentaos::sandbox {

namespace {

constexpr const char *kTimeColumn = "_ts";
constexpr const char *kNoTag = "_tag_null";  // of a table whose points have none

// Room for more than the value that is there: the next power of two.
int32_t roomy_width(size_t bytes, uint8_t type) {
  int64_t width = 1;
  while (width <= static_cast<int64_t>(bytes)) width *= 2;
  int64_t limit = type == kNchar ? (kMaxVarWidth + 2) / 4 - 1 : kMaxVarWidth;
  return static_cast<int32_t>(std::min(width, limit));
}

size_t bytes_of(const PointValue &v) {
  auto *s = std::get_if<std::string>(&v.value);
  return s ? s->size() : 0;
}

// The columns and tags that the points of one super table need.
struct Needs {
  std::vector<PointValue> columns, tags;  // the widest value of each
  void add(std::vector<PointValue> *known, const PointValue &v) const {
    for (PointValue &k : *known) {
      if (k.key != v.key) continue;
      if (k.type != v.type) fail(kErrLineType, "the type is not the same like before:" + v.key);
      if (bytes_of(v) > bytes_of(k)) k = v;
      return;
    }
    known->push_back(v);
  }
};

ColumnDef definition(const PointValue &v) {
  ColumnDef d;
  d.field = make_field(v.key, v.type, is_var_type(v.type) ? roomy_width(bytes_of(v), v.type) : 0);
  return d;
}

void log_alter(const TableInfo &table, LogRecord::Alter what, const Field &field, const Context &context) {
  bool tag = what == LogRecord::kAddTag || what == LogRecord::kWidenTag;
  bool add = what == LogRecord::kAddTag || what == LogRecord::kAddColumn;
  LogRecord record;
  record.kind = LogRecord::kAlter;
  record.alter = what;
  record.field = field;
  record.sql = "ALTER STABLE `" + table.name + "` " + (add ? "ADD " : "MODIFY ") + (tag ? "TAG `" : "COLUMN `") +
               field.name + "` " + type_text(field);
  record.tables.push_back(logged_table(table));
  log_change(std::move(record), table, context);
}

// Adds what is missing and widens what is too narrow.
void fit(TableInfo *table, bool tag, const std::vector<PointValue> &needs, const Context &context) {
  Catalog *catalog = context.catalog;
  for (const PointValue &need : needs) {
    auto &list = tag ? table->own_tags : table->own_columns;
    int at = find_column(list, need.key);
    if (at < 0) {
      bool clash = find_column(tag ? table->own_columns : table->own_tags, need.key) >= 0;
      if (clash) fail(kErrDuplicatedColumn, "Duplicated column names");
      catalog->add_column(table, tag, definition(need));
      log_alter(*table, tag ? LogRecord::kAddTag : LogRecord::kAddColumn, definition(need).field, context);
      continue;
    }
    Column column = list[at];
    if (column.field.type != need.type)
      fail(kErrLineData, "SML:0x1, smlGenerateSchemaAction point type and db type mismatch, db type:" +
                             std::string(type_name(column.field.type)) + ", point type:" +
                             std::string(type_name(need.type)) + ", key:" + need.key + "=" + need.near);
    if (!is_var_type(need.type) || static_cast<int64_t>(bytes_of(need)) <= column.field.width) continue;
    column.field.width = std::max(column.field.width, roomy_width(bytes_of(need), need.type));
    catalog->change_column(table, tag, at, column);
    log_alter(*table, tag ? LogRecord::kWidenTag : LogRecord::kWidenColumn, column.field, context);
  }
}

TableInfo &super_table(const std::string &name, const Needs &needs, DatabaseInfo *d, const Context &context) {
  if (TableInfo *table = context.catalog->find_table(d->name, name)) {
    if (table->kind != TableInfo::kSuper) fail(kErrLineData, "SML:0x1, table " + name + " is no super table");
    fit(table, false, needs.columns, context);
    fit(table, true, needs.tags, context);
    return *table;
  }
  std::vector<ColumnDef> columns(1), tags;
  columns[0].field = make_field(kTimeColumn, kTimestamp);
  for (const PointValue &v : needs.columns) columns.push_back(definition(v));
  for (const PointValue &v : needs.tags) tags.push_back(definition(v));
  if (tags.empty()) {
    tags.emplace_back();
    tags[0].field = make_field(kNoTag, kNchar, 1);
  }
  for (auto &c : columns) {
    auto same = [&](const ColumnDef &t) { return t.field.name == c.field.name; };
    if (std::any_of(tags.begin(), tags.end(), same)) fail(kErrDuplicatedColumn, "Duplicated column names");
  }
  TableInfo &table = context.catalog->create_table(d, name, columns, tags, 0, "");
  LogRecord record;
  record.kind = LogRecord::kCreateTable;
  record.tables.push_back(logged_table(table));
  log_change(std::move(record), table, context);
  return table;
}

// A value as the bytes its type has in memory.
std::string memory_of(const PointValue &v) {
  if (auto *s = std::get_if<std::string>(&v.value)) return *s;
  char bytes[8] = {};
  size_t size = static_cast<size_t>(fixed_width(v.type));
  if (auto *d = std::get_if<double>(&v.value)) {
    auto f = static_cast<float>(*d);
    if (v.type == kFloat)
      std::memcpy(bytes, &f, sizeof f);
    else
      std::memcpy(bytes, d, sizeof *d);
  } else if (auto *b = std::get_if<bool>(&v.value)) {
    bytes[0] = *b ? 1 : 0;
  } else if (auto *i = std::get_if<int64_t>(&v.value)) {
    std::memcpy(bytes, i, sizeof *i);
  } else if (auto *u = std::get_if<uint64_t>(&v.value)) {
    std::memcpy(bytes, u, sizeof *u);
  }
  return {bytes, std::min(size, sizeof bytes)};
}

// "t_" and the MD5 of measure and tags, the tags in the order of their keys.
std::string generated_name(const Point &p) {
  std::vector<const PointValue *> tags;
  for (const PointValue &t : p.tags) tags.push_back(&t);
  std::sort(tags.begin(), tags.end(), [](auto *a, auto *b) { return a->key < b->key; });
  std::string text = p.as_written;
  for (const PointValue *t : tags) text += "," + t->key + "=" + memory_of(*t);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), digest, &size, EVP_md5(), nullptr) != 1) fail(kErrInternal, "digest failed");
  return "t_" + hex_text({reinterpret_cast<char *>(digest), size});
}

// The subtable's name; a tag that says it is used up.
std::string child_name(Point *p, const std::string &name_key) {
  auto named = std::find_if(p->tags.begin(), p->tags.end(), [&](const PointValue &t) { return t.key == name_key; });
  if (name_key.empty() || named == p->tags.end() || !std::holds_alternative<std::string>(named->value))
    return generated_name(*p);
  std::string name = std::get<std::string>(named->value);
  if (name.empty() || name.size() > 192) fail(kErrInvalidIdentifier, "Invalid identifier name: " + name);
  p->tags.erase(named);
  return name;
}

TableInfo &subtable(const std::string &name, const Point &p, TableInfo *super, int ttl, DatabaseInfo *d,
                    Catalog *catalog, RowWriter *writer) {
  if (TableInfo *table = catalog->find_table(d->name, name)) {
    if (table->super != super) fail(kErrTableExists, "Table already exists in other stables");
    return *table;
  }
  Row tags(super->own_tags.size());
  for (const PointValue &t : p.tags) {
    int at = find_column(super->own_tags, t.key);
    tags[at] = adopt_value(t.value, super->own_tags[at].field);
  }
  TableInfo &table = catalog->create_child(d, super, name, tags, std::max(ttl, 0), "");
  writer->note_created(table);
  return table;
}

}  // namespace

int64_t write_points(const std::vector<Point> &given, int ttl, const std::string &name_key, const Context &context) {
  Catalog *catalog = context.catalog;
  DatabaseInfo &d = catalog->database(context.database_of(""));
  std::vector<Point> points = given;
  std::vector<std::string> names, order;
  std::map<std::string, Needs> needs;
  for (Point &p : points) {
    names.push_back(child_name(&p, name_key));
    auto [it, first] = needs.try_emplace(p.measure);
    if (first) order.push_back(p.measure);
    for (const PointValue &v : p.fields) it->second.add(&it->second.columns, v);
    for (const PointValue &v : p.tags) it->second.add(&it->second.tags, v);
  }
  for (const std::string &name : order) super_table(name, needs[name], &d, context);
  RowWriter writer(context);
  for (size_t i = 0; i < points.size(); i++) {
    const Point &p = points[i];
    TableInfo *super = catalog->find_table(d.name, p.measure);
    TableInfo &table = subtable(names[i], p, super, ttl, &d, catalog, &writer);
    std::vector<int> columns = {0};
    Row row = {p.ticks};
    for (const PointValue &v : p.fields) {
      int at = find_column(super->own_columns, v.key);
      columns.push_back(at);
      row.push_back(adopt_value(v.value, super->own_columns[at].field));
    }
    writer.write(table, columns, {row});
  }
  return writer.affected();
}

}  // namespace opentaos::sandbox
