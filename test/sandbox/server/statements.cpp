#include "statements.h"

#include "results.h"
#include "types.h"

namespace opentaos::sandbox::server {
namespace {

constexpr int kBindNumber = 0x0236;
constexpr int kTableNameBytes = 271;

// A result that ended has no statement to go back to.
void forget_results(Peer &peer, Statement &statement) {
  for (uint64_t id : statement.result_ids) close_result(peer, id);
  statement.result_ids.clear();
  statement.result.reset();
}

}  // namespace

Statement *find_statement(Peer &peer, uint64_t id, bool second) {
  auto found = peer.statements.find(id);
  return found == peer.statements.end() || found->second->second != second ? nullptr : found->second.get();
}

Statement &make_statement(Peer &peer, bool second) {
  auto statement = std::make_shared<Statement>();
  statement->id = peer.next_statement_id++;
  statement->second = second;
  return *peer.statements.emplace(statement->id, std::move(statement)).first->second;
}

void close_statement(Peer &peer, uint64_t id) {
  auto found = peer.statements.find(id);
  if (found == peer.statements.end()) return;
  forget_results(peer, *found->second);
  peer.statements.erase(found);
}

int prepare_statement(Peer &peer, Statement &statement, std::string sql, std::string *message) {
  forget_results(peer, statement);
  uint64_t id = statement.id;
  bool second = statement.second;
  statement = Statement{};
  statement.id = id;
  statement.second = second;
  statement.kind = preparable(sql, &statement.placeholders);
  statement.sql = std::move(sql);
  statement.step = Step::kPrepared;
  if (statement.kind != Preparable::kInsert) return 0;
  return peer.server.engine().prepare_insert(statement.sql, &statement.insert, &statement.shape, message);
}

int bind_parameters(Statement &statement, std::vector<BoundColumn> values, std::string *message) {
  if (static_cast<int>(values.size()) != statement.placeholders) {
    *message = "bind number out of range or not match";
    return kBindNumber;
  }
  std::vector<Parameter> parameters;
  for (BoundColumn &value : values) {
    if (value.values.size() != 1) {
      *message = "bind number out of range or not match";
      return kBindNumber;
    }
    Parameter p;
    p.value = std::move(value.values[0]);
    p.type.type = value.type;
    if (const auto *text = std::get_if<std::string>(&p.value)) p.type.width = static_cast<int32_t>(text->size());
    if (const TypeInfo *info = type_info(value.type); info != nullptr && info->size != 0) p.type.width = info->size;
    parameters.push_back(std::move(p));
  }
  statement.parameters = std::move(parameters);
  statement.bound_parameters = true;
  return 0;
}

int execute_statement(Peer &peer, Statement &statement, int64_t *affected, std::string *message) {
  *affected = 0;
  forget_results(peer, statement);
  if (statement.kind == Preparable::kInsert) {
    if (statement.bound.empty()) {
      *message = kUsageError;
      return kStatementUsage;
    }
    int code = peer.server.engine().write_insert(peer.session, *statement.insert, statement.bound, affected, message);
    statement.bound.clear();
    return code;
  }
  if (!statement.bound_parameters) {
    *message = kUsageError;
    return kStatementUsage;
  }
  Outcome outcome = peer.server.engine().execute(peer.session, statement.sql, statement.parameters);
  if (outcome.code != 0) {
    *message = outcome.message;
    return outcome.code;
  }
  statement.result = std::make_shared<OpenResult>();
  statement.result->table = std::move(outcome.table);
  return 0;
}

int stick(Statement &statement, int code, const std::string &message) {
  statement.error = code;
  statement.error_text = message;
  return code;
}

uint64_t open_statement_result(Peer &peer, Statement &statement) {
  uint64_t id = open_result(peer, statement.result);
  statement.result_ids.push_back(id);
  return id;
}

Reply refuse_statement(const Request &request, uint64_t id, int code, std::string_view message) {
  return StatementAnswer(request, id, code, message).reply();
}

std::string field_json(const BindField &field, int time_precision, bool with_kind) {
  const Field &f = field.field;
  JsonObject out;
  out.text("name", f.name).number("field_type", f.type);
  // Servers leave precision and scale of decimals out.
  out.number("precision", f.type == kTimestamp ? time_precision : 0).number("scale", 0);
  out.number("bytes", field.kind == BindField::kTableName ? kTableNameBytes : schema_width(f));
  if (with_kind) out.number("bind_type", field.kind);
  return out.done();
}

}  // namespace opentaos::sandbox::server
