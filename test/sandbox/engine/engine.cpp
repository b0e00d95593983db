#include "engine/engine.h"

#include "engine/insert.h"
#include "engine/literal.h"
#include "engine/parser.h"
#include "engine/prepared_insert.h"
#include "engine/rows.h"
#include "engine/schemaless.h"
#include "engine/select.h"
#include "engine/state.h"
#include "engine/statements.h"
#include "engine/system_tables.h"
#include "engine/text.h"

namespace opentaos::sandbox {

namespace {

constexpr size_t kMaxSql = 1048576;

std::string_view trimmed(std::string_view s) {
  constexpr const char *kSpace = " \t\r\n";
  size_t from = s.find_first_not_of(kSpace);
  if (from == std::string_view::npos) return {};
  return s.substr(from, s.find_last_not_of(kSpace) - from + 1);
}

template <typename... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <typename... F>
Overloaded(F...) -> Overloaded<F...>;

}  // namespace

Outcome Engine::State::run(Session *session, std::string_view text, const std::vector<Parameter> *parameters) {
  text = trimmed(text);
  if (text.size() > kMaxSql) fail(kErrSqlTooLong, "SQL statement too long");
  std::string sql = fold_case(text);
  Context c = context(session);
  Parser parser(sql, 0, parameters);
  Statement statement = parser.parse_statement();
  if (parameters && parser.parameters_used() != parameters->size())
    fail(kErrBindNumber, "bind number out of range or not match");
  Outcome o;
  auto update = [&](auto f) {
    o.is_update = true;
    change(f);
  };
  std::visit(Overloaded{
                 [&](const SelectStatement &s) {
                   o.table = run_query(*s.query, c, s.explain);
                   if (s.explain) unsupported("EXPLAIN");
                 },
                 [&](const InsertStatement &) {
                   InsertPlan plan = parse_insert(sql, c, false);
                   update([&] { o.affected = run_insert(plan, c); });
                 },
                 [&](const UseStatement &s) {
                   o.is_update = true;
                   run_use(s, c);
                 },
                 [&](const CreateDatabase &s) { update([&] { run_create_database(s, c); }); },
                 [&](const AlterDatabase &s) { update([&] { run_alter_database(s, c); }); },
                 [&](const DropDatabase &s) { update([&] { run_drop_database(s, c); }); },
                 [&](const CreateTable &s) { update([&] { run_create_table(s, c); }); },
                 [&](const CreateSubtables &s) { update([&] { run_create_subtables(s, sql, c); }); },
                 [&](const DropTable &s) { update([&] { run_drop_table(s, c); }); },
                 [&](const AlterTable &s) { update([&] { run_alter_table(s, sql, c); }); },
                 [&](const Describe &s) { o.table = run_describe(s, c); },
                 [&](const Show &s) { o.table = run_show(s, c); },
                 [&](const DeleteStatement &s) { update([&] { o.affected = run_delete(s, c); }); },
                 [&](const FlushDatabase &s) {
                   o.is_update = true;
                   catalog.database(s.name);  // every statement is in SQLite when it is answered
                 },
                 [&](const CreateUser &s) { update([&] { run_create_user(s, c); }); },
                 [&](const AlterUser &s) { update([&] { run_alter_user(s, c); }); },
                 [&](const DropUser &s) { update([&] { run_drop_user(s, c); }); },
                 [&](const KillStatement &s) {
                   // Statements are run one after the other: none is under way that could be named.
                   if (s.what == "query") fail(kErrInvalidQueryId, "Invalid query id");
                   unsupported("KILL " + to_upper(s.what));
                 },
                 [&](const CreateTopic &s) { update([&] { run_create_topic(s, sql, c); }); },
                 [&](const DropTopic &s) { update([&] { run_drop_topic(s, c); }); },
                 [&](const DropGroup &s) { update([&] { run_drop_group(s, c); }); },
                 [&](const UnsupportedOn &s) {
                   c.table(s.table);
                   unsupported(s.what);
                 },
             },
             statement);
  return o;
}

void Engine::State::validate(Session *session, std::string_view text) {
  text = trimmed(text);
  if (text.size() > kMaxSql) fail(kErrSqlTooLong, "SQL statement too long");
  std::string sql = fold_case(text);
  Context c = context(session);
  Statement statement = Parser(sql).parse_statement();
  if (auto *s = std::get_if<SelectStatement>(&statement)) run_query(*s->query, c, true);
  if (std::get_if<InsertStatement>(&statement)) parse_insert(sql, c, true);
}

Engine::Engine(std::unique_ptr<State> state) : state_(std::move(state)) {}
Engine::~Engine() = default;

std::unique_ptr<Engine> Engine::open(const std::string &file, std::string *error) {
  auto state = std::make_unique<State>();
  if (!state->db.open(file, error)) return nullptr;
  try {
    if (!file.empty()) state->db.run("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
    state->catalog.create_schema();
    state->log.create_schema();
    state->topics.create_schema();
    state->catalog.reload();
    state->topics.reload();
    if (!state->catalog.find_user("root")) state->change([&] { create_root(&state->catalog); });
  } catch (const SqlError &e) {
    *error = e.message;
    return nullptr;
  }
  return std::unique_ptr<Engine>(new Engine(std::move(state)));
}

namespace {

std::string describe_name(const std::string &part) {
  return part.size() > 1 && part.front() == '`' ? unquote_name(part) : to_lower(part);
}

}  // namespace

Outcome Engine::State::answer(Session *session, std::string_view sql, const std::vector<Parameter> *parameters) {
  Outcome o;
  std::string message;
  int code = 0;
  {
    std::lock_guard guard(lock);
    code = guarded(&message, [&] { o = run(session, sql, parameters); });
  }
  tell();
  if (code != 0) {
    o = Outcome{};
    o.code = code;
    o.message = message;
  }
  return o;
}

Outcome Engine::execute(Session &session, std::string_view sql) { return state_->answer(&session, sql, nullptr); }

Outcome Engine::execute(Session &session, std::string_view sql, const std::vector<Parameter> &parameters) {
  return state_->answer(&session, sql, &parameters);
}

int Engine::validate(Session &session, std::string_view sql, std::string *message) {
  std::lock_guard guard(state_->lock);
  return guarded(message, [&] { state_->validate(&session, sql); });
}

int Engine::login(const std::string &user, const std::string &pass, const std::string &db, std::string *message) {
  std::lock_guard guard(state_->lock);
  int refused = 0;
  int code = guarded(message, [&] {
    refused = check_password(state_->catalog.find_user(user), pass, message);
    if (refused == 0 && !db.empty() && !is_system_database(db)) state_->catalog.database(db);
  });
  return refused != 0 ? refused : code;
}

int Engine::describe_table(Session &session, std::string_view name, TableSchema *schema, std::string *message) {
  std::lock_guard guard(state_->lock);
  return guarded(message, [&] {
    // A dot inside backquotes belongs to the name.
    size_t dot = std::string_view::npos;
    bool quoted = false;
    for (size_t i = 0; i < name.size(); i++) {
      if (name[i] == '`') quoted = !quoted;
      if (name[i] == '.' && !quoted && dot == std::string_view::npos) dot = i;
    }
    ObjectName o;
    if (dot != std::string_view::npos) o.db = describe_name(std::string(name.substr(0, dot)));
    o.name = describe_name(std::string(dot == std::string_view::npos ? name : name.substr(dot + 1)));
    const TableInfo &t = state_->context(&session).table(o);
    schema->is_super = t.kind == TableInfo::kSuper;
    schema->db = t.db;
    schema->name = t.name;
    schema->super = t.super ? t.super->name : "";
    schema->precision = t.precision;
    schema->columns.clear();
    schema->tags.clear();
    for (auto &c : t.columns()) schema->columns.push_back(c.field);
    for (auto &c : t.tags()) schema->tags.push_back(c.field);
  });
}

int Engine::create_subtable(Session &session, const std::string &db, const std::string &super, const std::string &name,
                            const std::vector<Value> &tags, std::string *message) {
  return state_->change_guarded(message, [&] {
    Context c = state_->context(&session);
    TableInfo &s = c.table({db, super});
    if (s.kind != TableInfo::kSuper) fail(kErrStableNotExist, "STable not exist");
    if (TableInfo *t = state_->catalog.find_table(s.db, name)) {
      if (t->super != &s) fail(kErrTableExists, "Table already exists in other stables");
      return;
    }
    if (name.empty() || name.size() > 192) fail(kErrInvalidIdentifier, "Invalid identifier name: " + name);
    if (tags.size() != s.own_tags.size()) fail(kErrTagsNotMatched, "Tags number not matched");
    Row values;
    for (size_t i = 0; i < tags.size(); i++) values.push_back(adopt_value(tags[i], s.own_tags[i].field));
    state_->change([&] {
      DatabaseInfo &d = state_->catalog.database(s.db);
      LogRecord record;
      record.kind = LogRecord::kCreateChildren;
      TableInfo &t = state_->catalog.create_child(&d, &s, name, values, 0, "");
      record.tables.push_back(logged_table(t));
      state_->log.append(d, t.vgroup, record);
    });
  });
}

int Engine::insert_rows(Session &session, const std::string &db, const std::string &table,
                        const std::vector<int> &columns, const std::vector<std::vector<Value>> &rows, int64_t *affected,
                        std::string *message) {
  return state_->change_guarded(message, [&] {
    Context c = state_->context(&session);
    TableInfo &t = c.table({db, table});
    if (t.kind == TableInfo::kSuper) fail(kErrInvalidOperation, "cannot insert into a super table directly");
    auto &defs = t.columns();
    for (int i : columns)
      if (i < 0 || i >= static_cast<int>(defs.size())) fail(kErrColumnCount, "Illegal number of columns");
    std::vector<Row> adopted;
    adopted.reserve(rows.size());
    for (auto &row : rows) {
      if (row.size() != columns.size()) fail(kErrColumnCount, "Illegal number of columns");
      Row r;
      for (size_t i = 0; i < row.size(); i++) r.push_back(adopt_value(row[i], defs[columns[i]].field));
      adopted.push_back(std::move(r));
    }
    state_->change([&] {
      RowWriter writer(c);
      writer.write(t, columns, adopted);
      *affected = writer.affected();
    });
  });
}

int Engine::prepare_insert(std::string_view sql, std::shared_ptr<const PreparedInsert> *insert, InsertShape *shape,
                           std::string *message) {
  return guarded(message, [&] {
    sql = trimmed(sql);
    if (sql.size() > kMaxSql) fail(kErrSqlTooLong, "SQL statement too long");
    *insert = std::make_shared<const PreparedInsert>(fold_case(sql));
    *shape = (*insert)->shape();
  });
}

int Engine::describe_insert(Session &session, const PreparedInsert &insert, const std::string &table,
                            std::vector<BindField> *fields, int *precision, std::string *message) {
  std::lock_guard guard(state_->lock);
  return guarded(message, [&] { *fields = insert.fields(table, state_->context(&session), precision); });
}

int Engine::check_insert(Session &session, const PreparedInsert &insert, const BoundTable &bound,
                         std::string *message) {
  std::lock_guard guard(state_->lock);
  return guarded(message, [&] { insert.check(bound, state_->context(&session)); });
}

int Engine::write_insert(Session &session, const PreparedInsert &insert, const std::vector<BoundTable> &bound,
                         int64_t *affected, std::string *message) {
  return state_->change_guarded(message, [&] {
    Context c = state_->context(&session);
    state_->change([&] { *affected = insert.write(bound, c); });
  });
}

int Engine::write_schemaless(Session &session, const SchemalessWrite &write, int64_t *affected, int64_t *total,
                             std::string *message) {
  return state_->change_guarded(message, [&] {
    Context c = state_->context(&session);
    DatabaseInfo &d = state_->catalog.database(c.database_of(""));
    PointContext reading{write.precision, d.precision(), c.now(d.precision())};
    std::vector<Point> points;
    switch (write.protocol) {
      case 1: points = read_lines(write.data, reading); break;
      case 2: points = read_telnet(write.data, reading); break;
      case 3: points = read_json_points(write.data, reading); break;
      default: fail(kErrLineProtocol, "protocol invalidate");
    }
    state_->change([&] { *affected = write_points(points, write.ttl, write.table_name_key, c); });
    *total = static_cast<int64_t>(points.size());
  });
}

void Engine::set_connections(std::function<std::vector<ConnectionInfo>()> list) {
  std::lock_guard guard(state_->lock);
  state_->connections = std::move(list);
}

std::string version() { return "3.3.7.5.opentaos-sandbox"; }

}  // namespace opentaos::sandbox
