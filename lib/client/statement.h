// What a program holds as TAOS_STMT or WS_STMT: a prepared statement of the first generation.
//
// Its many calls (name a table, give its tags, bind some rows, close a batch) are carried out here; the server hears of
// them when the statement is executed. What natively needs the table is asked when it is needed. The order of calls is
// native's: a call out of order, a table that is not there and a bind that fails end the statement, every later call
// repeats the error. A failed execution does not: the next one begins with nothing bound.
#pragma once
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/handle.h"
#include "client/query_result.h"
#include "client/statement_carrier.h"
#include "taos.h"

namespace opentaos::client {

class Statement final : public base::HandleObject {
 public:
  Statement(base::Ref<Connection> connection, const ServerStatement::Options &options);
  // One that could not be made: every call gives the reason.
  explicit Statement(base::Status why);
  ~Statement() override;

  bool is_made() const { return static_cast<bool>(connection_); }

  base::Status prepare(std::string_view sql);
  // `tags` may be nullptr. Their number is checked if it is not negative.
  base::Status set_table(const char *name, const TAOS_MULTI_BIND *tags, int64_t tag_count = -1);
  base::Status set_tags(const TAOS_MULTI_BIND *tags, int64_t tag_count = -1);

  base::Status is_insert(bool *insert);
  base::Status tag_fields(std::vector<wire::StmtField> *fields);
  base::Status column_fields(std::vector<wire::StmtField> *fields);
  base::Status param_count(int *count);
  base::Status param(int index, int *type, int *bytes);

  // One value for each question mark, or as many rows as the values have.
  base::Status bind_row(const TAOS_MULTI_BIND *values);
  base::Status bind_rows(const TAOS_MULTI_BIND *values, int64_t count = -1);
  base::Status bind_column(const TAOS_MULTI_BIND &values, int column);
  base::Status add_batch();
  base::Status execute();
  // The result of an executed query, whose reference the statement shares; nullptr if there is none, or last() has the
  // failure. The next bind ends it.
  QueryResult *result();

  void *result_handle() const { return result_handle_; }
  void set_result_handle(void *handle) { result_handle_ = handle; }

  void close();

  int64_t affected_rows() const { return affected_; }
  int64_t affected_rows_once() const { return affected_once_; }
  const base::Status &last() const { return last_; }
  // What is bound and the buffers kept for more, in bytes.
  size_t memory() const;
  // Room for the last error in the words of ws_stmt_errstr().
  std::string &shown() { return shown_; }

 private:
  enum class State : uint8_t { kInit, kPrepared, kTableSet, kTagsSet, kFieldsFetched, kBound, kBatchAdded, kExecuted };

  base::Status note(base::Status s);
  // Ends the statement, unless it is only the connection that failed: then the call has not happened.
  base::Status fail(base::Status s);
  base::Status enter(State next);
  base::Status enter_fields();

  base::Status know_placeholders();
  base::Status know_placeholders_plainly();
  void use_placeholders(std::shared_ptr<const Placeholders> p);
  base::Status begin_table(const char *name);
  base::Status put_tags(const TAOS_MULTI_BIND *tags, int64_t tag_count);
  base::Status bind(const TAOS_MULTI_BIND *values, int64_t count, int num);
  BoundRows &rows() { return *batches_.back(); }
  void start_over();
  void end_result();

  base::Ref<Connection> connection_;
  std::unique_ptr<ServerStatement> server_;
  std::unique_ptr<StatementCarrier> carrier_;
  StatementSql scan_;
  State state_ = State::kInit;
  State before_ = State::kInit;  // the call under way
  base::Status last_, failed_;
  std::string shown_;

  std::shared_ptr<const Placeholders> holders_;
  // By table, where each has its own; only those the server knows.
  std::unordered_map<std::string, std::shared_ptr<const Placeholders>> known_tables_;
  std::string table_;  // named last
  bool has_table_ = false;

  std::vector<std::unique_ptr<BoundRows>> batches_;  // a new one where the columns have other types
  int last_column_ = -1;                             // bound alone
  int64_t affected_ = 0, affected_once_ = 0;
  bool executed_query_ = false;
  base::Ref<QueryResult> result_;
  void *result_handle_ = nullptr;
};

}  // namespace opentaos::client
