#include "engine/system_tables.h"

#include <functional>

#include "engine/describe.h"
#include "engine/text.h"
#include "engine/topics.h"

namespace opentaos::sandbox {

namespace {

constexpr const char *kInformation = "information_schema";
constexpr const char *kPerformance = "performance_schema";

Field text_field(const char *name, int32_t width) { return make_field(name, kVarchar, width); }
Field table_field(const char *name) { return text_field(name, 192); }
Field db_field(const char *name) { return text_field(name, 64); }
Field time_field(const char *name) { return make_field(name, kTimestamp); }

using Filler = void (*)(const Context &c, Table *t);

const char *kind_name(const TableInfo &t) {
  switch (t.kind) {
    case TableInfo::kSuper: return "SUPER_TABLE";
    case TableInfo::kChild: return "CHILD_TABLE";
    default: return "NORMAL_TABLE";
  }
}

void each_table(const Context &c, const std::function<void(const DatabaseInfo &, const TableInfo &)> &visit) {
  for (DatabaseInfo *d : c.catalog->databases())
    for (auto &[name, t] : d->tables) visit(*d, *t);
}

void databases(const Context &c, Table *t) {
  t->fields = {db_field("name"),
               time_field("create_time"),
               make_field("vgroups", kInt),
               make_field("ntables", kBigInt),
               make_field("replica", kTinyInt),
               text_field("strict", 4),
               text_field("duration", 10),
               text_field("keep", 32),
               make_field("buffer", kInt),
               make_field("pagesize", kInt),
               make_field("pages", kInt),
               make_field("minrows", kInt),
               make_field("maxrows", kInt),
               make_field("comp", kTinyInt),
               text_field("precision", 2),
               text_field("status", 10),
               text_field("retentions", 60),
               make_field("single_stable", kBool),
               text_field("cachemodel", 11),
               make_field("cachesize", kInt),
               make_field("wal_level", kTinyInt),
               make_field("wal_fsync_period", kInt),
               make_field("wal_retention_period", kInt),
               make_field("wal_retention_size", kBigInt),
               make_field("stt_trigger", kSmallInt),
               make_field("table_prefix", kSmallInt),
               make_field("table_suffix", kSmallInt),
               make_field("tsdb_pagesize", kInt),
               make_field("keep_time_offset", kInt)};
  for (const char *name : {kInformation, kPerformance}) {
    Row row(t->fields.size());
    row[0] = std::string(name);
    row[3] = int64_t{0};
    row[14] = std::string("ms");
    row[15] = std::string("ready");
    t->rows.push_back(std::move(row));
  }
  for (DatabaseInfo *d : c.catalog->databases()) {
    int64_t tables = 0;
    for (auto &[name, table] : d->tables) tables += table->kind != TableInfo::kSuper;
    Row row;
    for (const Field &f : t->fields) {
      if (f.name == "name") {
        row.emplace_back(d->name);
      } else if (f.name == "create_time") {
        row.emplace_back(d->created_ms);
      } else if (f.name == "ntables") {
        row.emplace_back(tables);
      } else if (f.name == "strict") {
        row.emplace_back(std::string("on"));
      } else if (f.name == "status") {
        row.emplace_back(std::string("ready"));
      } else if (f.name == "retentions") {
        row.emplace_back();
      } else if (f.type == kVarchar) {
        row.emplace_back(d->options[f.name]);
      } else if (f.type == kBool) {
        row.emplace_back(option_number(d->options, f.name) != 0);
      } else {
        row.emplace_back(option_number(d->options, f.name));
      }
    }
    t->rows.push_back(std::move(row));
  }
}

void tables(const Context &c, Table *t) {
  t->fields = {table_field("table_name"),     db_field("db_name"),        time_field("create_time"),
               make_field("columns", kInt),   table_field("stable_name"), make_field("uid", kBigInt),
               make_field("vgroup_id", kInt), make_field("ttl", kInt),    text_field("table_comment", 1024),
               text_field("type", 21)};
  each_table(c, [&](const DatabaseInfo &d, const TableInfo &table) {
    if (table.kind == TableInfo::kSuper) return;
    t->rows.push_back({table.name, d.name, table.created_ms, static_cast<int64_t>(table.columns().size()),
                       table.super ? Value{table.super->name} : Value{}, table.uid(), int64_t{table.vgroup},
                       int64_t{table.ttl}, table.comment.empty() ? Value{} : Value{table.comment},
                       std::string(kind_name(table))});
  });
}

void stables(const Context &c, Table *t) {
  t->fields = {table_field("stable_name"),        db_field("db_name"),         time_field("create_time"),
               make_field("columns", kInt),       make_field("tags", kInt),    time_field("last_update"),
               text_field("table_comment", 1024), text_field("watermark", 64), text_field("max_delay", 64),
               text_field("rollup", 128)};
  each_table(c, [&](const DatabaseInfo &d, const TableInfo &table) {
    if (table.kind != TableInfo::kSuper) return;
    t->rows.push_back({table.name, d.name, table.created_ms, static_cast<int64_t>(table.own_columns.size()),
                       static_cast<int64_t>(table.own_tags.size()), table.created_ms,
                       table.comment.empty() ? Value{} : Value{table.comment}, Value{}, Value{}, Value{}});
  });
}

void columns(const Context &c, Table *t) {
  t->fields = {table_field("table_name"),         db_field("db_name"),           text_field("table_type", 21),
               text_field("col_name", 64),        text_field("col_type", 32),    make_field("col_length", kInt),
               make_field("col_precision", kInt), make_field("col_scale", kInt), make_field("col_nullable", kInt)};
  each_table(c, [&](const DatabaseInfo &d, const TableInfo &table) {
    for (auto &col : table.columns()) {
      const Field &f = col.field;
      bool decimal = is_decimal_type(f.type);
      t->rows.push_back({table.name, d.name, std::string(kind_name(table)), f.name, type_text(f), int64_t{f.width},
                         decimal ? Value{int64_t{f.precision}} : Value{}, decimal ? Value{int64_t{f.scale}} : Value{},
                         Value{}});
    }
  });
}

void tags(const Context &c, Table *t) {
  t->fields = {table_field("table_name"),  db_field("db_name"),        table_field("stable_name"),
               text_field("tag_name", 64), text_field("tag_type", 32), text_field("tag_value", 16384)};
  each_table(c, [&](const DatabaseInfo &d, const TableInfo &table) {
    if (table.kind != TableInfo::kChild) return;
    for (size_t i = 0; i < table.tag_values.size(); i++) {
      const Field &f = table.tags()[i].field;
      t->rows.push_back(
          {table.name, d.name, table.super->name, f.name, type_text(f), tag_text(table.tag_values[i], f)});
    }
  });
}

void users(const Context &c, Table *t) {
  t->fields = {text_field("name", 24),           make_field("super", kTinyInt),    make_field("enable", kTinyInt),
               make_field("sysinfo", kTinyInt),  make_field("createdb", kTinyInt), time_field("create_time"),
               text_field("allowed_host", 49152)};
  for (UserInfo *u : c.catalog->users())
    t->rows.push_back({u->name, int64_t{u->super}, int64_t{u->enable}, int64_t{u->sysinfo}, int64_t{u->createdb},
                       u->created_ms, std::string("0.0.0.0/0, ::/0")});
}

void vgroups(const Context &c, Table *t) {
  t->fields = {make_field("vgroup_id", kInt),     db_field("db_name"),
               make_field("tables", kInt),        make_field("v1_dnode", kSmallInt),
               text_field("v1_status", 9),        make_field("v2_dnode", kSmallInt),
               text_field("v2_status", 9),        make_field("v3_dnode", kSmallInt),
               text_field("v3_status", 9),        make_field("cacheload", kInt),
               make_field("cacheelements", kInt), make_field("tsma", kTinyInt)};
  for (DatabaseInfo *d : c.catalog->databases()) {
    int64_t count = option_number(d->options, "vgroups");
    for (int64_t i = 0; i < count; i++) {
      int64_t id = d->first_vgroup + i, members = 0;
      for (auto &[name, table] : d->tables) members += table->kind != TableInfo::kSuper && table->vgroup == id;
      t->rows.push_back({id, d->name, members, int64_t{1}, std::string("leader"), Value{}, Value{}, Value{}, Value{},
                         int64_t{0}, int64_t{0}, int64_t{0}});
    }
  }
}

void dnodes(const Context &c, Table *t) {
  t->fields = {make_field("id", kInt),          text_field("endpoint", 134),
               make_field("vnodes", kSmallInt), make_field("support_vnodes", kSmallInt),
               text_field("status", 10),        time_field("create_time"),
               time_field("reboot_time"),       text_field("note", 256)};
  int64_t vnodes = 0, born = c.now(0);
  for (DatabaseInfo *d : c.catalog->databases()) vnodes += option_number(d->options, "vgroups");
  for (UserInfo *u : c.catalog->users())
    if (u->super) born = u->created_ms;
  t->rows.push_back({int64_t{1}, std::string("localhost:6030"), vnodes, int64_t{4096}, std::string("ready"), born, born,
                     std::string()});
}

void mnodes(const Context &c, Table *t) {
  t->fields = {make_field("id", kInt),  text_field("endpoint", 134), text_field("role", 12),
               text_field("status", 9), time_field("create_time"),   time_field("role_time")};
  Table nodes;
  dnodes(c, &nodes);
  const Value &born = nodes.rows[0][5];
  t->rows.push_back(
      {int64_t{1}, std::string("localhost:6030"), std::string("leader"), std::string("ready"), born, born});
}

void cluster(const Context &c, Table *t) {
  t->fields = {make_field("id", kBigInt), text_field("name", 40),    make_field("uptime", kInt),
               time_field("create_time"), text_field("version", 10), time_field("expire_time")};
  Table nodes;
  dnodes(c, &nodes);
  const Value &born = nodes.rows[0][5];
  t->rows.push_back({int64_t{1}, std::string("taos-sandbox"), (c.now(0) - std::get<int64_t>(born)) / 1000, born,
                     std::string("sandbox"), Value{}});
}

// Things the sandbox does not have: no rows.
void qnodes(const Context &, Table *t) {
  t->fields = {make_field("id", kInt), text_field("endpoint", 134), time_field("create_time")};
}
void indexes(const Context &, Table *t) {
  t->fields = {table_field("index_name"),     db_field("db_name"),       table_field("table_name"),
               make_field("vgroup_id", kInt), time_field("create_time"), table_field("column_name"),
               table_field("index_type")};
}
void functions(const Context &, Table *t) {
  t->fields = {text_field("name", 64),          text_field("comment", 255),      make_field("aggregate", kInt),
               text_field("output_type", 31),   time_field("create_time"),       make_field("code_len", kInt),
               make_field("bufsize", kInt),     text_field("func_language", 31), text_field("func_body", 16384),
               make_field("func_version", kInt)};
}
void views(const Context &, Table *t) {
  t->fields = {table_field("view_name"), db_field("db_name"), text_field("effective_user", 24),
               time_field("create_time")};
}
void streams(const Context &, Table *t) {
  t->fields = {table_field("stream_name"), time_field("create_time"), text_field("sql", 2048),
               text_field("status", 20),   db_field("source_db"),     db_field("target_db"),
               table_field("target_table")};
}
void topics(const Context &c, Table *t) {
  t->fields = {table_field("topic_name"),   db_field("db_name"),   time_field("create_time"), text_field("sql", 2048),
               text_field("schema", 16384), text_field("meta", 4), text_field("type", 8)};
  for (auto &[name, topic] : c.topics->all()) {
    const char *type = topic.kind == CreateTopic::kQuery    ? "column"
                       : topic.kind == CreateTopic::kStable ? "stable"
                                                            : "db";
    t->rows.push_back({name, topic.db, topic.created_ms, topic.sql, Value{}, std::string(topic.meta ? "yes" : "no"),
                       std::string(type)});
  }
}

std::string consumer_text(uint64_t id) {
  constexpr const char *kDigits = "0123456789abcdef";
  std::string text;
  for (; id != 0; id >>= 4) text.insert(text.begin(), kDigits[id & 15]);
  return "0x" + text;
}
void subscriptions(const Context &c, Table *t) {
  t->fields = {text_field("topic_name", 204), text_field("consumer_group", 193),
               make_field("vgroup_id", kInt), text_field("consumer_id", 32),
               text_field("user", 24),        text_field("fqdn", 128),
               text_field("offset", 64),      make_field("rows", kBigInt)};
  std::vector<ConsumerInfo> members = c.consumer_list();
  for (auto &[group, name] : c.topics->groups()) {
    const Topic *topic = c.topics->find(name);
    DatabaseInfo *d = topic ? c.catalog->find_database(topic->db) : nullptr;
    if (!d) continue;
    auto groups = static_cast<int>(option_number(d->options, "vgroups"));
    for (int vgroup = d->first_vgroup; vgroup < d->first_vgroup + groups; vgroup++) {
      Row row = {name, group, int64_t{vgroup}, {}, {}, {}, {}, int64_t{0}};
      if (auto offset = c.topics->committed(group, name, vgroup)) row[6] = "wal:" + std::to_string(*offset);
      for (auto &member : members)
        for (auto &v : member.vgroups) {
          if (member.group != group || v.topic != name || v.id != vgroup) continue;
          row[3] = consumer_text(member.id);
          row[4] = member.user;
          row[5] = member.ip;
          row[7] = v.rows;
        }
      t->rows.push_back(std::move(row));
    }
  }
}
void consumers(const Context &c, Table *t) {
  t->fields = {text_field("consumer_id", 32), text_field("consumer_group", 192),
               text_field("client_id", 256),  text_field("user", 24),
               text_field("fqdn", 128),       text_field("status", 20),
               text_field("topics", 204),     time_field("up_time"),
               time_field("subscribe_time"),  time_field("rebalance_time"),
               text_field("parameters", 128)};
  for (auto &m : c.consumer_list()) {
    std::string topics;
    for (auto &name : m.topics) topics += (topics.empty() ? "" : ",") + name;
    t->rows.push_back({consumer_text(m.id), m.group, m.client, m.user, m.ip, m.status, topics, m.up_ms, m.subscribed_ms,
                       m.rebalanced_ms, m.parameters});
  }
}

void connections(const Context &c, Table *t) {
  t->fields = {make_field("conn_id", kUInt), text_field("user", 24),      text_field("app", 24),
               make_field("pid", kUInt),     text_field("end_point", 22), time_field("login_time"),
               time_field("last_access"),    text_field("user_app", 24),  text_field("user_ip", 22)};
  std::vector<ConnectionInfo> list;
  if (c.connections && *c.connections) {
    list = (*c.connections)();
  } else {
    list.push_back({1, c.session->user, c.session->app, c.session->ip, c.now(0)});
  }
  for (auto &i : list)
    t->rows.push_back(
        {uint64_t{i.id}, i.user, std::string("taos-sandbox"), uint64_t{0}, i.ip, i.login_ms, c.now(0), i.app, i.ip});
}

struct SystemTable {
  const char *db;
  std::string_view name;
  Filler fill;
};

constexpr SystemTable kTables[] = {
    {kInformation, "ins_databases", databases},
    {kInformation, "ins_tables", tables},
    {kInformation, "ins_stables", stables},
    {kInformation, "ins_columns", columns},
    {kInformation, "ins_tags", tags},
    {kInformation, "ins_users", users},
    {kInformation, "ins_vgroups", vgroups},
    {kInformation, "ins_dnodes", dnodes},
    {kInformation, "ins_mnodes", mnodes},
    {kInformation, "ins_qnodes", qnodes},
    {kInformation, "ins_cluster", cluster},
    {kInformation, "ins_indexes", indexes},
    {kInformation, "ins_functions", functions},
    {kInformation, "ins_views", views},
    {kInformation, "ins_streams", streams},
    {kInformation, "ins_topics", topics},
    {kInformation, "ins_subscriptions", subscriptions},
    {kPerformance, "perf_connections", connections},
    {kPerformance, "perf_consumers", consumers},
};

}  // namespace

bool is_system_database(const std::string &db) { return db == kInformation || db == kPerformance; }

Table system_table(const std::string &db, const std::string &name, const Context &context) {
  for (auto &s : kTables) {
    if (db != s.db || name != s.name) continue;
    Table t;
    s.fill(context, &t);
    return t;
  }
  fail(kErrTableNotExist, "Table does not exist");
}

}  // namespace opentaos::sandbox
