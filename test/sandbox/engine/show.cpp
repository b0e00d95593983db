// SHOW and DESCRIBE.
#include <algorithm>

#include "engine/describe.h"
#include "engine/select.h"
#include "engine/statements.h"
#include "engine/system_tables.h"
#include "engine/text.h"

namespace opentaos::sandbox {

namespace {

int column_index(const Table &t, std::string_view name) {
  for (size_t i = 0; i < t.fields.size(); i++)
    if (t.fields[i].name == name) return static_cast<int>(i);
  return -1;
}

// Rows whose column has the value.
void keep(Table *t, std::string_view column, const std::string &value) {
  int i = column_index(*t, column);
  std::erase_if(t->rows, [&](const Row &r) { return r[i] != Value{value}; });
}

void keep_like(Table *t, std::string_view column, const std::optional<std::string> &pattern) {
  if (!pattern) return;
  int i = column_index(*t, column);
  std::erase_if(t->rows, [&](const Row &r) {
    auto *s = std::get_if<std::string>(&r[i]);
    return !s || !like(*s, *pattern);
  });
}

Table only(const Table &t, std::string_view column) {
  int i = column_index(t, column);
  Table out;
  out.fields = {t.fields[i]};
  for (auto &r : t.rows) out.rows.push_back({r[i]});
  return out;
}

Table information(const char *name, const Context &c) { return system_table("information_schema", name, c); }

// The tables of a system database.
Table system_names(const std::string &db, const Context &c) {
  static constexpr std::string_view kNames[] = {
      "ins_dnodes",  "ins_mnodes",  "ins_qnodes",  "ins_cluster", "ins_databases",    "ins_functions",
      "ins_indexes", "ins_stables", "ins_tables",  "ins_tags",    "ins_columns",      "ins_users",
      "ins_vgroups", "ins_views",   "ins_streams", "ins_topics",  "ins_subscriptions"};
  Table out = only(information("ins_tables", c), "table_name");
  out.rows.clear();
  if (db == "information_schema") {
    for (auto n : kNames) out.rows.push_back({std::string(n)});
  } else {
    for (const char *n : {"perf_connections", "perf_consumers"}) out.rows.push_back({std::string(n)});
  }
  return out;
}

Table show_tables(const Show &s, const Context &c) {
  std::string db = c.database_of(s.name.db);
  if (is_system_database(db)) {
    Table names = system_names(db, c);
    if (s.what == "stables") {
      names.fields[0].name = "stable_name";
      names.rows.clear();
    }
    keep_like(&names, names.fields[0].name, s.like);
    return names;
  }
  c.catalog->database(db);
  bool stables = s.what == "stables";
  const char *column = stables ? "stable_name" : "table_name";
  Table t = information(stables ? "ins_stables" : "ins_tables", c);
  keep(&t, "db_name", db);
  if (s.modifier == "normal") keep(&t, "type", "NORMAL_TABLE");
  if (s.modifier == "child") keep(&t, "type", "CHILD_TABLE");
  keep_like(&t, column, s.like);
  return only(t, column);
}

Table show_databases(const Show &s, const Context &c) {
  Table t = only(information("ins_databases", c), "name");
  std::erase_if(t.rows, [&](const Row &r) {
    bool system = is_system_database(std::get<std::string>(r[0]));
    return (s.modifier == "user" && system) || (s.modifier == "system" && !system);
  });
  return t;
}

Table two_texts(const char *first, int32_t first_width, const char *second, int32_t second_width, std::string a,
                std::string b) {
  Table t;
  t.fields = {make_field(first, kVarchar, first_width), make_field(second, kVarchar, second_width)};
  t.rows.push_back({std::move(a), std::move(b)});
  return t;
}

Table show_create(const Show &s, const Context &c) {
  if (s.what == "create database") {
    DatabaseInfo &d = c.catalog->database(s.name.db);
    return two_texts("Database", 64, "Create Database", 65517, d.name, create_database_text(d.name, d.options));
  }
  TableInfo &t = c.table(s.name);
  if (s.what == "create stable" && t.kind != TableInfo::kSuper) fail(kErrStableNotExist, "STable not exist");
  return two_texts("Table", 193, "Create Table", 3145726, t.name, create_table_text(t));
}

// SHOW TAGS FROM a subtable: one line per tag.
Table show_tags(const Show &s, const Context &c) {
  TableInfo &t = c.table(s.name);
  Table all = information("ins_tags", c);
  keep(&all, "db_name", t.db);
  keep(&all, "table_name", t.name);
  return all;
}

// SHOW TABLE TAGS FROM a super table: one line per subtable. It is SELECT TAGS in other words.
Table show_table_tags(const Show &s, const Context &c) {
  TableInfo &t = c.table(s.name);
  auto query = std::make_shared<Query>();
  query->parts.emplace_back();
  SelectCore &core = query->parts[0].core;
  core.tags = t.kind == TableInfo::kSuper;
  core.from = std::make_shared<TableRef>();
  core.from->db = t.db;
  core.from->name = t.name;
  auto column = [&](const std::string &name) {
    SelectItem item;
    item.expr = std::make_shared<Expr>();
    item.expr->kind = ExprKind::kColumn;
    item.expr->name = item.expr->text = name;
    core.items.push_back(item);
  };
  if (t.kind == TableInfo::kNormal) fail(kErrTagsNotMatched, "Tags number not matched");
  core.items = s.tags;
  if (s.all_tags) {
    column("tbname");
    for (auto &tag : t.tags()) column(tag.field.name);
  }
  if (t.kind == TableInfo::kChild) {
    // One subtable: its own tags, data or not.
    Table out;
    for (auto &item : core.items) {
      int i = find_column(t.tags(), item.expr->name);
      if (i < 0 && item.expr->name != "tbname") fail(kErrInvalidColumn, "Invalid column name: " + item.expr->name);
      out.fields.push_back(i < 0 ? make_field("tbname", kVarchar, kTbnameWidth) : t.tags()[i].field);
    }
    out.rows.emplace_back();
    for (auto &f : out.fields) {
      int i = find_column(t.tags(), f.name);
      out.rows[0].push_back(i < 0 ? Value{t.name} : t.tag_values[i]);
    }
    out.precision = t.precision;
    return out;
  }
  return run_query(*query, c, false);
}

}  // namespace

Table run_describe(const Describe &s, const Context &c) {
  std::string db = c.database_of(s.name.db);
  if (!is_system_database(db)) return describe_table(c.table(s.name));
  TableInfo fake;
  fake.name = s.name.name;
  for (auto &f : system_table(db, s.name.name, c).fields) {
    Column column;
    column.field = f;
    fake.own_columns.push_back(column);
  }
  return describe_table(fake);
}

Table run_show(const Show &s, const Context &c) {
  const std::string &w = s.what;
  if (w == "databases") return show_databases(s, c);
  if (w == "tables" || w == "stables") return show_tables(s, c);
  if (w.rfind("create ", 0) == 0) return show_create(s, c);
  if (w == "tags") return show_tags(s, c);
  if (w == "table tags") return show_table_tags(s, c);
  if (w == "vgroups") {
    Table t = information("ins_vgroups", c);
    std::string db = s.name.db.empty() ? c.session->db : s.name.db;
    if (!db.empty()) keep(&t, "db_name", c.catalog->database(db).name);
    return t;
  }
  if (w == "views") {
    Table t = information("ins_views", c);
    c.catalog->database(c.database_of(s.name.db));
    return only(t, "view_name");
  }
  if (w == "indexes") {
    c.table(s.name);
    return information("ins_indexes", c);
  }
  if (w == "connections") return system_table("performance_schema", "perf_connections", c);
  if (w == "consumers") return system_table("performance_schema", "perf_consumers", c);
  if (w == "topics") return only(information("ins_topics", c), "topic_name");
  if (w == "streams") return only(information("ins_streams", c), "stream_name");
  if (w == "functions") return only(information("ins_functions", c), "name");
  if (w == "alive" || w == "cluster alive") {
    if (w == "alive") c.catalog->database(s.name.db);
    Table t;
    t.fields = {make_field("status", kInt)};
    t.rows.push_back({int64_t{1}});
    return t;
  }
  return information(("ins_" + w).c_str(), c);  // users, dnodes, mnodes, qnodes, cluster, subscriptions
}

}  // namespace opentaos::sandbox
