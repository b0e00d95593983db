// Prepared statements of the second generation: many tables in one bind.
#include <algorithm>
#include <optional>

#include "actions.h"
#include "bytes.h"
#include "results.h"
#include "statements.h"
#include "stmt2_frame.h"

namespace opentaos::sandbox::server {
namespace {

constexpr int kUnsupported = 0x0100;
constexpr int kSyntax = 0x2600;
constexpr int kTableNotExist = 0x2603;
constexpr int kBindNumber = 0x0236;
constexpr int kRowsDiffer = 0x0200;
constexpr uint16_t kFrameVersion = 1;
constexpr size_t kHeader = 24;
constexpr Release kBindExecWorks = {{3, 4, 1, 13}};

Reply refuse(const Request &request, const Statement &s, int code, std::string_view message) {
  return refuse_statement(request, s.id, code, message);
}
Reply not_there(const Request &request, uint64_t id) {
  return refuse_statement(request, id, kAdapterError, "stmt2 is nil");
}

Reply run_init(Peer &peer, const Request &request, Members &args) {
  // They only tell a real server how to go about it.
  args.boolean("single_stb_insert");
  args.boolean("single_table_bind_once");
  if (!args.ok()) return malformed(request, "stmt2 init");
  return StatementAnswer(request, make_statement(peer, true).id).reply();
}

// What an INSERT wants bound. A table that is not there has a code of its own.
int describe(Peer &peer, const Statement &s, std::vector<BindField> *fields, int *precision, std::string *message) {
  int code = peer.server.engine().describe_insert(peer.session, *s.insert, "", fields, precision, message);
  return code == kTableNotExist ? kStatementTable : code;
}

Reply run_prepare(Peer &peer, const Request &request, Members &args) {
  uint64_t id = args.u64("stmt_id");
  std::string sql = args.text("sql");
  bool get_fields = args.boolean("get_fields");
  if (!args.ok()) return malformed(request, "stmt2 prepare");
  Statement *s = find_statement(peer, id, true);
  if (s == nullptr) return not_there(request, id);

  std::string message;
  int code = prepare_statement(peer, *s, std::move(sql), &message);
  if (s->kind == Preparable::kNeither || (s->kind == Preparable::kQuery && s->placeholders == 0)) {
    code = kSyntax;
    message = "stmt only support 'SELECT' or 'INSERT'";
  }
  std::string list;
  int count = get_fields && s->kind == Preparable::kQuery ? s->placeholders : 0;
  if (code == 0 && get_fields && s->kind == Preparable::kInsert) {
    std::vector<BindField> fields;
    int precision = 0;
    code = describe(peer, *s, &fields, &precision, &message);
    for (const BindField &f : fields) list += (list.empty() ? "[" : ",") + field_json(f, precision, true);
    count = static_cast<int>(fields.size());
  }
  if (code != 0) {
    s->step = Step::kInit;  // cannot be used until something else is prepared
    return refuse(request, *s, code, message);
  }
  StatementAnswer answer(request, id);
  answer.boolean("is_insert", s->kind == Preparable::kInsert);
  answer.raw("fields", list.empty() ? "null" : list + "]");
  answer.number("fields_count", count);
  return answer.reply();
}

// ---- binding

int bind_query(Statement &s, std::vector<BoundColumn> values, std::string *message) {
  return bind_parameters(s, std::move(values), message);
}

int bind_insert(Peer &peer, Statement &s, const Stmt2Bind &bind, std::string *message) {
  for (const BoundTable &table : bind.tables) {
    if (bind.named && table.name.empty()) {
      *message = "Stmt table name not set properly";
      return kStatementTable;
    }
    if (int code = peer.server.engine().check_insert(peer.session, *s.insert, table, message); code != 0) return code;
  }
  s.bound.insert(s.bound.end(), bind.tables.begin(), bind.tables.end());
  return 0;
}

// One column of the only table; the last missing one completes the bind.
int bind_one_column(Peer &peer, Statement &s, size_t index, const Stmt2Bind &bind, std::string *message) {
  const auto wanted = static_cast<size_t>(s.kind == Preparable::kInsert ? s.shape.columns : s.placeholders);
  if (bind.tables.size() != 1 || bind.tables[0].columns.size() != 1 || index >= wanted) {
    *message = "bind number out of range or not match";
    return kBindNumber;
  }
  const BoundTable &table = bind.tables[0];
  if (bind.named) s.current.name = table.name;
  if (!table.tags.empty()) s.current.tags = table.tags;
  s.by_index[index] = table.columns[0];
  if (s.by_index.size() < wanted) return 0;
  BoundTable whole = std::move(s.current);
  for (auto &[at, column] : s.by_index) whole.columns.push_back(std::move(column));
  s.current = {};
  s.by_index.clear();
  if (s.kind == Preparable::kQuery) return bind_query(s, std::move(whole.columns), message);
  Stmt2Bind one;
  one.tables.push_back(std::move(whole));
  return bind_insert(peer, s, one, message);
}

// The error from before, or that the statement is not prepared; nullopt when all is well.
std::optional<Reply> unusable(const Request &request, Statement &s) {
  if (s.error != 0) return refuse(request, s, s.error, s.error_text);
  if (s.step == Step::kInit) return refuse(request, s, kStatementUsage, kUsageError);
  return std::nullopt;
}

Reply run_bind(Peer &peer, const Request &request) {
  ByteReader reader(std::string_view(request.payload).substr(std::min(kHeader, request.payload.size())));
  const uint16_t version = reader.u16();
  const int32_t column = reader.i32();
  auto broken = [&](std::string_view text) { return refuse_statement(request, request.resource, kAdapterError, text); };
  if (!reader.ok()) return broken("message length is too short");
  if (version != kFrameVersion) return broken("unknown stmt2 bind version");
  Statement *s = find_statement(peer, request.resource, true);
  if (s == nullptr) return not_there(request, request.resource);
  Stmt2Bind bind;
  std::string message;
  if (!read_stmt2_bind(reader.bytes(reader.left()), &bind, &message)) return broken(message);
  if (auto reply = unusable(request, *s)) return *reply;

  int code = 0;
  if (column >= 0) {
    code = bind_one_column(peer, *s, static_cast<size_t>(column), bind, &message);
  } else if (s->kind == Preparable::kInsert) {
    code = bind_insert(peer, *s, bind, &message);
  } else if (bind.tables.size() > 1) {
    code = kRowsDiffer;
    message = "a query takes the values of one table";
  } else if (!bind.tables.empty()) {
    code = bind_query(*s, std::move(bind.tables[0].columns), &message);
  }
  if (code != 0) return refuse(request, *s, stick(*s, code, message), message);
  return StatementAnswer(request, s->id).reply();
}

Reply execute(Peer &peer, const Request &request, Statement &s) {
  int64_t affected = 0;
  std::string message;
  if (int code = execute_statement(peer, s, &affected, &message); code != 0) {
    return refuse(request, s, stick(s, code, message), message);
  }
  StatementAnswer answer(request, s.id);
  answer.number("affected", affected);
  return answer.reply();
}

Reply run_exec(Peer &peer, const Request &request, Members &args) {
  uint64_t id = args.u64("stmt_id");
  if (!args.ok()) return malformed(request, "stmt2 exec");
  Statement *s = find_statement(peer, id, true);
  if (s == nullptr) return not_there(request, id);
  if (auto reply = unusable(request, *s)) return *reply;
  return execute(peer, request, *s);
}

// ---- bind and execute in one message

// Rows [from, to) of a column.
BoundColumn slice(const BoundColumn &column, size_t from, size_t to) {
  BoundColumn out;
  out.type = column.type;
  auto at = [](auto &list, size_t i) { return list.begin() + static_cast<std::ptrdiff_t>(i); };
  out.values.assign(at(column.values, from), at(column.values, to));
  if (!column.none.empty()) out.none.assign(at(column.none, from), at(column.none, to));
  return out;
}

// Turns rows that name their table into tables with rows.
bool tables_of(const Stmt2Rows &rows, const std::vector<BindField> &fields, Stmt2Bind *bind, std::string *error) {
  if (fields.size() != rows.fields.size()) {
    *error = "field count not match";
    return false;
  }
  std::vector<std::string> names(rows.rows);
  for (size_t f = 0; f < fields.size(); ++f) {
    if (fields[f].kind != BindField::kTableName) continue;
    bind->named = true;
    for (size_t row = 0; row < rows.rows; ++row) {
      if (const auto *name = std::get_if<std::string>(&rows.fields[f].values[row])) names[row] = *name;
    }
  }
  for (size_t from = 0, to; from < rows.rows; from = to) {
    for (to = from + 1; to < rows.rows && names[to] == names[from];) ++to;
    BoundTable &table = bind->tables.emplace_back();
    table.name = names[from];
    for (size_t f = 0; f < fields.size(); ++f) {
      if (fields[f].kind == BindField::kTag) table.tags.push_back(slice(rows.fields[f], from, from + 1));
      if (fields[f].kind == BindField::kColumn) table.columns.push_back(slice(rows.fields[f], from, to));
    }
  }
  if (bind->tables.size() == rows.tables) return true;
  *error =
      "table count not match, got: " + std::to_string(rows.tables) + ", expect: " + std::to_string(bind->tables.size());
  return false;
}

Reply run_bind_exec(Peer &peer, const Request &request) {
  ByteReader reader(std::string_view(request.payload).substr(std::min(kHeader, request.payload.size())));
  const uint16_t version = reader.u16();
  auto broken = [&](std::string_view text) { return refuse_statement(request, request.resource, kAdapterError, text); };
  if (!reader.ok()) return broken("message length is too short");
  if (version != kFrameVersion) return broken("unknown stmt2 bind exec version");
  Statement *s = find_statement(peer, request.resource, true);
  if (s == nullptr) return not_there(request, request.resource);
  Stmt2Rows rows;
  std::string message;
  if (!read_stmt2_rows(reader.bytes(reader.left()), &rows, &message)) return broken(message);
  // The adapter knew it before its database did.
  if (!peer.server.has(kBindExecWorks)) return refuse(request, *s, kUnsupported, "Operation not supported");
  if (auto reply = unusable(request, *s)) return *reply;

  int code = 0;
  if (s->kind == Preparable::kQuery) {
    if (rows.rows != 1) return broken("query only supports one row");
    code = bind_query(*s, std::move(rows.fields), &message);
  } else {
    std::vector<BindField> fields;
    int precision = 0;
    Stmt2Bind bind;
    code = describe(peer, *s, &fields, &precision, &message);
    if (code == 0 && !tables_of(rows, fields, &bind, &message)) return broken(message);
    if (code == 0) code = bind_insert(peer, *s, bind, &message);
  }
  if (code != 0) return refuse(request, *s, stick(*s, code, message), message);
  return execute(peer, request, *s);
}

// ---- the rest

Reply run_result(Peer &peer, const Request &request, Members &args) {
  uint64_t id = args.u64("stmt_id");
  if (!args.ok()) return malformed(request, "stmt2 result");
  Statement *s = find_statement(peer, id, true);
  if (s == nullptr) return not_there(request, id);
  if (s->step != Step::kInit && s->kind == Preparable::kInsert) {
    return refuse(request, *s, kAdapterError, "stmt is insert, no result set");
  }
  if (!s->result) return refuse(request, *s, kAdapterError, "result is nil");
  StatementAnswer answer(request, id);
  answer.unsigned_number("id", open_statement_result(peer, *s));
  add_fields(answer, peer, s->result->table, Widths::kStored);
  return answer.reply();
}

Reply run_close(Peer &peer, const Request &request, Members &args) {
  uint64_t id = args.u64("stmt_id");
  if (!args.ok()) return malformed(request, "stmt2 close");
  if (find_statement(peer, id, false) != nullptr) {
    return refuse_statement(request, id, kAdapterError, "stmtID:" + std::to_string(id) + ", isStmt2:true not match");
  }
  close_statement(peer, id);
  return StatementAnswer(request, id).reply();
}

// Releases before 3.3.5 had it in another form, which nobody should use.
constexpr Release kSince = {{3, 3, 5, 0}};

constexpr TextAction kActions[] = {
    {"stmt2_init", "stmt2 init", kSince, false, false, run_init},
    {"stmt2_prepare", "stmt2 prepare", kSince, false, false, run_prepare},
    {"stmt2_exec", "stmt2 exec", kSince, false, false, run_exec},
    {"stmt2_result", "stmt2 result", kSince, false, false, run_result},
    {"stmt2_close", "stmt2 close", kSince, false, false, run_close},
};

constexpr BinaryAction kBinaryActions[] = {
    {9, "stmt2_bind", kSince, false, run_bind},
    {11, "stmt2_bind_exec", {{3, 3, 7, 5}}, false, run_bind_exec},
};

}  // namespace

std::span<const TextAction> stmt2_actions() { return kActions; }
std::span<const BinaryAction> stmt2_binary_actions() { return kBinaryActions; }

}  // namespace opentaos::sandbox::server
