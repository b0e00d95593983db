// The prepared statements of a peer, both generations: what was prepared, what is bound, and carrying it out.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "request.h"

namespace opentaos::sandbox::server {

constexpr int kStatementUsage = 0x022A;
constexpr int kStatementTable = 0x022B;
constexpr const char *kUsageError = "Stmt API usage error";

// How far a statement of the first generation has come: its calls have an order.
enum class Step { kInit, kPrepared, kNamed, kTagged, kBound, kBatched, kExecuted };

struct Statement {
  uint64_t id = 0;
  bool second = false;  // generation
  std::string sql;
  Preparable kind = Preparable::kNeither;
  int placeholders = 0;
  std::shared_ptr<const PreparedInsert> insert;
  InsertShape shape;

  // An error of a bind or an execution stays until the next prepare.
  int error = 0;
  std::string error_text;

  Step step = Step::kInit;
  BoundTable current;                      // the table that is being bound
  std::map<size_t, BoundColumn> by_index;  // second generation: its columns, one bind each
  std::vector<BoundTable> bound;           // of an insert
  bool bound_parameters = false;           // of a query
  std::vector<Parameter> parameters;

  std::shared_ptr<OpenResult> result;
  std::vector<uint64_t> result_ids;
};

// nullptr when the peer has no such statement of this generation.
Statement *find_statement(Peer &peer, uint64_t id, bool second);
Statement &make_statement(Peer &peer, bool second);
// Its results go with it.
void close_statement(Peer &peer, uint64_t id);

// Forgets what was prepared before and takes over the SQL. 0, or the code of what is wrong with an INSERT's syntax.
int prepare_statement(Peer &peer, Statement &statement, std::string sql, std::string *message);

// One row of values for the placeholders of a query.
int bind_parameters(Statement &statement, std::vector<BoundColumn> values, std::string *message);

// Writes what is bound, or runs the query; what was bound is used up.
int execute_statement(Peer &peer, Statement &statement, int64_t *affected, std::string *message);

// Remembers an error and gives its code back.
int stick(Statement &statement, int code, const std::string &message);

// A result of the query that was executed last; another one each time, over the same rows.
uint64_t open_statement_result(Peer &peer, Statement &statement);

// Answers of statements name the statement.
class StatementAnswer : public Answer {
 public:
  explicit StatementAnswer(const Request &request, uint64_t id, int code = 0, std::string_view message = "")
      : Answer(request, code, message) {
    unsigned_number("stmt_id", id);
  }
};
Reply refuse_statement(const Request &request, uint64_t id, int code, std::string_view message);

// {"name":"v","field_type":4,"precision":0,"scale":0,"bytes":4}, with the bind type in the second generation.
std::string field_json(const BindField &field, int time_precision, bool with_kind);

}  // namespace opentaos::sandbox::server
