// Everything that is not a query or an INSERT.
#include <algorithm>

#include "engine/parser.h"
#include "engine/text.h"

namespace opentaos::sandbox {

namespace {

// Options of databases and tables, with what follows the word.
enum class OptionValue { kNumber, kText, kList, kWord };

struct OptionName {
  std::string_view name;
  OptionValue value;
};

constexpr OptionName kDatabaseOptions[] = {
    {"buffer", OptionValue::kNumber},
    {"cachemodel", OptionValue::kText},
    {"cachesize", OptionValue::kNumber},
    {"comp", OptionValue::kNumber},
    {"duration", OptionValue::kList},
    {"encrypt_algorithm", OptionValue::kText},
    {"keep", OptionValue::kList},
    {"keep_time_offset", OptionValue::kNumber},
    {"maxrows", OptionValue::kNumber},
    {"minrows", OptionValue::kNumber},
    {"pages", OptionValue::kNumber},
    {"pagesize", OptionValue::kNumber},
    {"precision", OptionValue::kText},
    {"replica", OptionValue::kNumber},
    {"single_stable", OptionValue::kNumber},
    {"stt_trigger", OptionValue::kNumber},
    {"table_prefix", OptionValue::kNumber},
    {"table_suffix", OptionValue::kNumber},
    {"tsdb_pagesize", OptionValue::kNumber},
    {"vgroups", OptionValue::kNumber},
    {"wal_fsync_period", OptionValue::kNumber},
    {"wal_level", OptionValue::kNumber},
    {"wal_retention_period", OptionValue::kNumber},
    {"wal_retention_size", OptionValue::kNumber},
    {"wal_roll_period", OptionValue::kNumber},
    {"wal_segment_size", OptionValue::kNumber},
};

constexpr OptionName kTableOptions[] = {
    {"comment", OptionValue::kText},
    {"ttl", OptionValue::kNumber},
};

}  // namespace

Statement Parser::parse_statement() {
  if (token_.kind == TokenKind::kEnd) error();
  Statement s;
  if (at("select") || at("(")) {
    s = SelectStatement{parse_query(), false};
  } else if (at("insert") || at("import")) {
    return InsertStatement{};
  } else if (accept("create")) {
    s = create();
  } else if (accept("drop")) {
    s = drop();
  } else if (accept("alter")) {
    s = alter();
  } else if (accept("use")) {
    s = UseStatement{name()};
  } else if (accept("describe") || accept("desc")) {
    s = Describe{object_name()};
  } else if (accept("show")) {
    s = show();
  } else if (accept("delete")) {
    expect("from");
    DeleteStatement d;
    d.name = object_name();
    if (accept("where")) d.where = expression();
    s = d;
  } else if (accept("flush")) {
    expect("database");
    s = FlushDatabase{name()};
  } else if (accept("explain")) {
    if (accept("analyze")) unsupported("EXPLAIN ANALYZE");
    s = SelectStatement{parse_query(), true};
  } else if (accept("kill")) {
    s = kill();
  } else {
    for (std::string_view word : {"grant", "revoke", "balance", "compact", "split", "redistribute", "merge", "restore",
                                  "pause", "resume", "trim", "sync", "reset", "analyze"})
      if (at(word)) unsupported(to_upper(word));
    accept("update");  // a word of the grammar, so the server complains of what follows it
    error();
  }
  if (!at(";") && token_.kind != TokenKind::kEnd) error();
  return s;
}

// ---- CREATE

Statement Parser::create() {
  if (accept("database")) return create_database();
  if (at("table") || at("stable")) {
    bool stable = at("stable");
    advance();
    return create_table(stable);
  }
  if (accept("user")) return create_user();
  if (accept("topic")) return create_topic();
  if (accept("index")) {
    UnsupportedOn u;
    u.what = "CREATE INDEX";
    if_not_exists();
    name();
    expect("on");
    u.table = object_name();
    skip_parentheses();
    return u;
  }
  for (std::string_view word : {"stream",    "function",    "aggregate", "or",     "view",    "sma",   "tsma",
                                "recursive", "dnode",       "mnode",     "qnode",  "snode",   "bnode", "anode",
                                "consumer",  "encrypt_key", "account",   "vtable", "virtual", "mount", "xnode"})
    if (at(word)) unsupported("CREATE " + to_upper(word));
  error();
}

Statement Parser::create_database() {
  CreateDatabase c;
  c.if_not_exists = if_not_exists();
  size_t start = token_.at;
  c.name = name();
  check_name(start, c.name, 64);
  c.options = options(true);
  return c;
}

Options Parser::options(bool database) {
  Options list;
  auto find = [&]() -> const OptionName * {
    if (token_.kind != TokenKind::kName) return nullptr;
    const OptionName *first = database ? std::begin(kDatabaseOptions) : std::begin(kTableOptions);
    const OptionName *last = database ? std::end(kDatabaseOptions) : std::end(kTableOptions);
    const OptionName *found = std::find_if(first, last, [&](const OptionName &o) { return token_.text == o.name; });
    return found == last ? nullptr : found;
  };
  for (const OptionName *o = find(); o != nullptr; o = find()) {
    advance();
    std::string value;
    switch (o->value) {
      case OptionValue::kNumber:
        if (token_.kind == TokenKind::kDuration) {
          value = std::string(token_.text);
          advance();
        } else {
          value = std::to_string(integer());
        }
        break;
      case OptionValue::kList:
        do {
          if (token_.kind != TokenKind::kInteger && token_.kind != TokenKind::kDuration) error();
          value += (value.empty() ? "" : ",") + std::string(token_.text);
          advance();
        } while (accept(","));
        break;
      default: value = string_literal();
    }
    list.emplace_back(o->name, value);
    accept(",");
  }
  for (std::string_view word :
       {"retentions", "rollup", "watermark", "max_delay", "sma", "delete_mark", "s3_chunkpages", "s3_keeplocal",
        "s3_compact", "ss_chunkpages", "ss_keeplocal", "ss_compact", "compact_interval", "compact_time_range",
        "compact_time_offset", "dnodes", "keep_version"})
    if (at(word)) unsupported("the option " + to_upper(word));
  return list;
}

ColumnDef Parser::column_def(bool tag) {
  ColumnDef def;
  size_t start = token_.at;
  std::string column = name();
  check_name(start, column, 64);
  def.field.name = column;
  if (!parse_type(&def.field, true)) error();
  def.field.name = column;
  while (!tag) {
    if (accept("encode")) {
      def.encode = string_literal();
    } else if (accept("compress")) {
      def.compress = string_literal();
    } else if (accept("level")) {
      def.level = string_literal();
    } else if (at("primary") || at("composite")) {
      unsupported("composite primary keys");
    } else {
      break;
    }
  }
  if (at("comment")) unsupported("comments on columns");
  return def;
}

Statement Parser::create_table(bool stable) {
  bool quiet = if_not_exists();
  ObjectName table = object_name();
  if (at("using")) {
    if (stable) error();
    CreateSubtables c;
    c.items.push_back(subtable(table, quiet));
    while (at_name() || at("if")) {
      bool q = if_not_exists();
      ObjectName n = object_name();
      c.items.push_back(subtable(n, q));
    }
    return c;
  }
  CreateTable c;
  c.name = table;
  c.if_not_exists = quiet;
  c.stable_keyword = stable;
  expect("(");
  do c.columns.push_back(column_def(false));
  while (accept(","));
  expect(")");
  if (accept("tags")) {
    expect("(");
    do c.tags.push_back(column_def(true));
    while (accept(","));
    expect(")");
  } else if (stable) {
    error();
  }
  c.options = options(false);
  return c;
}

// USING super [(tag, ...)] TAGS (value, ...): the values are read later, when their types are known.
CreateSubtables::Item Parser::subtable(ObjectName table, bool quiet) {
  CreateSubtables::Item item;
  item.name = std::move(table);
  item.if_not_exists = quiet;
  expect("using");
  item.super = object_name();
  if (accept("(")) {
    do item.tag_names.push_back(name());
    while (accept(","));
    expect(")");
  }
  expect("tags");
  item.tags_at = token_.at;
  skip_parentheses();
  item.options = options(false);
  return item;
}

void Parser::skip_parentheses() {
  if (!at("(")) error();
  int depth = 0;
  do {
    if (token_.kind == TokenKind::kEnd) error();
    if (at("(")) depth++;
    if (at(")")) depth--;
    advance();
  } while (depth > 0);
}

Statement Parser::create_user() {
  CreateUser c;
  c.if_not_exists = if_not_exists();
  size_t start = token_.at;
  c.name = name();
  check_name(start, c.name, 23);
  expect("pass");
  c.pass = string_literal();
  while (true) {
    if (accept("sysinfo")) {
      c.sysinfo = static_cast<int>(integer());
    } else if (accept("createdb")) {
      c.createdb = static_cast<int>(integer());
    } else {
      break;
    }
  }
  if (at("host")) unsupported("IP white lists");
  return c;
}

// ---- DROP

Statement Parser::drop() {
  if (accept("database")) {
    DropDatabase d;
    d.if_exists = if_exists();
    d.name = name();
    accept("force");
    return d;
  }
  if (at("table") || at("stable")) {
    DropTable d;
    d.stable_keyword = at("stable");
    advance();
    accept("with");  // DROP TABLE WITH `uid` is not for users
    do {
      DropTable::Item item;
      item.if_exists = if_exists();
      item.name = object_name();
      d.items.push_back(item);
    } while (accept(","));
    return d;
  }
  if (accept("user")) {
    DropUser d;
    d.if_exists = if_exists();
    d.name = name();
    return d;
  }
  if (accept("topic")) {
    DropTopic d;
    accept("force");
    d.if_exists = if_exists();
    d.name = name();
    return d;
  }
  if (accept("consumer")) {
    expect("group");
    DropGroup d;
    d.if_exists = if_exists();
    d.name = name();
    expect("on");
    d.topic = name();
    return d;
  }
  for (std::string_view word :
       {"stream", "function", "view", "index", "tsma", "dnode", "mnode", "qnode", "snode", "bnode", "anode", "account"})
    if (at(word)) unsupported("DROP " + to_upper(word));
  error();
}

// CREATE TOPIC [IF NOT EXISTS] name [WITH META] AS DATABASE d | STABLE [d.]s | SELECT ...
Statement Parser::create_topic() {
  CreateTopic t;
  t.if_not_exists = if_not_exists();
  size_t at_name = token_.at;
  t.name = name();
  check_name(at_name, t.name, 192);
  if (accept("with")) {
    expect("meta");
    t.meta = true;
  }
  expect("as");
  if (accept("database")) {
    t.kind = CreateTopic::kDatabase;
    t.source.db = name();
  } else if (accept("stable")) {
    t.kind = CreateTopic::kStable;
    t.source = object_name();
    if (at("where")) unsupported("topics on a part of a super table");
  } else {
    if (t.meta) error();
    size_t start = token_.at;
    t.query = parse_query();
    t.select = std::string(text_since(start));
  }
  return t;
}

// ---- ALTER

Statement Parser::alter() {
  if (accept("database")) {
    AlterDatabase a;
    a.name = name();
    a.options = options(true);
    if (a.options.empty()) error();
    return a;
  }
  if (at("table") || at("stable")) {
    bool stable = at("stable");
    advance();
    return alter_table(stable);
  }
  if (accept("user")) return alter_user();
  for (std::string_view word : {"dnode", "all", "local", "cluster", "account", "vtable", "anode"})
    if (at(word)) unsupported("ALTER " + to_upper(word));
  error();
}

Statement Parser::alter_table(bool stable) {
  AlterTable a;
  a.stable_keyword = stable;
  a.name = object_name();
  auto new_name = [&] {
    size_t start = token_.at;
    std::string n = name();
    check_name(start, n, 64);
    return n;
  };
  if (accept("add")) {
    a.action = accept("tag") ? AlterTable::kAddTag : (expect("column"), AlterTable::kAddColumn);
    a.column = column_def(a.action == AlterTable::kAddTag);
  } else if (accept("drop")) {
    a.action = accept("tag") ? AlterTable::kDropTag : (expect("column"), AlterTable::kDropColumn);
    a.column.field.name = name();
  } else if (accept("modify")) {
    a.action = accept("tag") ? AlterTable::kModifyTag : (expect("column"), AlterTable::kModifyColumn);
    a.column = column_def(a.action == AlterTable::kModifyTag);
  } else if (accept("rename")) {
    a.action = accept("tag") ? AlterTable::kRenameTag : (expect("column"), AlterTable::kRenameColumn);
    a.column.field.name = name();
    a.new_name = new_name();
  } else if (accept("set")) {
    expect("tag");
    a.action = AlterTable::kSetTag;
    do {
      std::string tag = name();
      if (!at("=")) error();
      size_t value = token_.end();
      advance();
      if (token_.kind == TokenKind::kEnd || at(",") || at(";")) error();
      accept("-");
      advance();
      // now + 1s and the like
      while (at("(") || at(")") || at("+") || at("-") || token_.kind == TokenKind::kDuration) advance();
      a.set_tags.emplace_back(tag, value);
    } while (accept(","));
  } else {
    a.options = options(false);
    if (a.options.empty()) error();
  }
  return a;
}

Statement Parser::alter_user() {
  AlterUser a;
  a.name = name();
  if (accept("pass")) {
    a.pass = string_literal();
  } else if (accept("enable")) {
    a.enable = static_cast<int>(integer());
  } else if (accept("sysinfo")) {
    a.sysinfo = static_cast<int>(integer());
  } else if (accept("createdb")) {
    a.createdb = static_cast<int>(integer());
  } else {
    if (at("add") || at("drop")) unsupported("IP white lists");
    error();
  }
  return a;
}

// ---- SHOW and the rest

Statement Parser::show() {
  Show s;
  auto like = [&] {
    if (accept("like")) s.like = string_literal();
  };
  auto from_db = [&] {
    if (accept("from")) s.name.db = name();
  };
  if (accept("create")) return show_create();
  if (at("table") || at("tags")) {
    bool table_tags = accept("table");
    if (table_tags && at("distributed")) unsupported("SHOW TABLE DISTRIBUTED");
    expect("tags");
    return show_tags(table_tags);
  }
  if (at("user") || at("system") || at("normal") || at("child")) {
    s.modifier = std::string(token_.text);
    advance();
  }
  if (accept("databases")) {
    if (s.modifier == "normal" || s.modifier == "child") error();
    s.what = "databases";
    return s;
  }
  if (at("tables") || at("stables") || at("vgroups") || at("views") || at("indexes")) {
    s.what = std::string(token_.text);
    advance();
    if (s.what == "indexes") {
      expect("from");
      s.name = object_name();
    }
    from_db();
    like();
    return s;
  }
  for (std::string_view word : {"users", "dnodes", "mnodes", "qnodes", "connections", "topics", "subscriptions",
                                "consumers", "functions", "streams", "cluster"}) {
    if (!at(word)) continue;
    s.what = std::string(word);
    advance();
    if (s.what == "users" && accept("full")) unsupported("SHOW USERS FULL");
    if (s.what == "cluster" && at("alive")) {
      advance();
      s.what = "cluster alive";
    }
    return s;
  }
  for (std::string_view word :
       {"accounts", "apps",      "queries", "variables", "local",      "transactions", "grants",
        "licences", "snodes",    "bnodes",  "anodes",    "compacts",   "compact",      "encryptions",
        "scores",   "arbgroups", "tsmas",   "vnodes",    "privileges", "last_row",     "mounts"})
    if (at(word)) unsupported("SHOW " + to_upper(word));
  s.name.db = name();
  expect(".");
  if (!at("tables") && !at("stables") && !at("vgroups") && !at("views") && !at("alive")) error();
  s.what = std::string(token_.text);
  advance();
  like();
  return s;
}

Statement Parser::show_create() {
  Show s;
  if (accept("database")) {
    s.what = "create database";
    s.name.db = name();
  } else if (at("table") || at("stable")) {
    s.what = at("table") ? "create table" : "create stable";
    advance();
    s.name = object_name();
  } else {
    if (at("view") || at("vtable") || at("rsma")) unsupported("SHOW CREATE " + to_upper(token_.text));
    error();
  }
  return s;
}

Statement Parser::show_tags(bool table_tags) {
  Show s;
  s.what = table_tags ? "table tags" : "tags";
  if (table_tags && !at("from")) {
    do s.tags.push_back(select_item());
    while (accept(","));
  } else {
    s.all_tags = true;
  }
  expect("from");
  s.name = object_name();
  if (accept("from")) s.name.db = name();
  return s;
}

Statement Parser::kill() {
  KillStatement k;
  if (!at("query") && !at("connection") && !at("transaction")) {
    if (at("compact") || at("scan")) unsupported("KILL " + to_upper(token_.text));
    error();
  }
  k.what = std::string(token_.text);
  advance();
  k.id = k.what == "query" ? string_literal() : std::to_string(integer());
  return k;
}

}  // namespace opentaos::sandbox
