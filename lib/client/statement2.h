// What a program holds as TAOS_STMT2.
//
// On the wire a bind is one message and an execution another; servers from 3.4.1.13 on take both as one, which then
// leaves at the execution. Bind messages are built once, in the buffer they are sent from, and are kept until the
// execution: should the connection be lost before it, they are sent again on the next one.
//
// A statement is used by one thread at a time. While an execution with a callback is under way, and while binds that
// nobody waits for are, every call waits for their end, except from within their callbacks.
#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "base/handle.h"
#include "client/query_result.h"
#include "client/statement_server.h"
#include "client/statement_source.h"
#include "client/statement_sql.h"
#include "taos.h"

namespace opentaos::client {

class AsyncRun;

class Statement2 final : public base::HandleObject {
 public:
  // Called on a library thread when an execution has ended, with the result whose reference it takes over.
  using Executed = std::function<void(Statement2 &, QueryResult *, int32_t code)>;

  // Without `executed`, execute() waits.
  Statement2(base::Ref<Connection> connection, const ServerStatement::Options &options, Executed executed);
  ~Statement2() override;

  base::Status prepare(std::string_view sql);
  base::Status is_insert(bool *insert);
  // All placeholders of an insert, or how many a query has.
  base::Status fields(int *count, std::vector<wire::StmtField> *fields);
  base::Status bind(const TAOS_STMT2_BINDV &values, int32_t column);
  base::Status bind_columns(const TAOS_STMT2_COLUMN_BINDV &values);
  // Runs `bind` on a library thread, after those posted before it. false: there is none.
  bool post_bind(std::function<void()> bind);
  bool is_async() const { return static_cast<bool>(executed_); }
  // `affected` may be nullptr.
  base::Status execute(int64_t *affected);
  // The result of an executed query; nullptr if there is none, or status() has the failure. The same one until the
  // next execution; the statement holds a reference.
  QueryResult *result();

  // The handle under which the program has the current result.
  void *result_handle() const { return result_handle_; }
  void set_result(QueryResult *result, void *handle);

  // Waits for what is under way, then ends the statement and its result.
  void close();

  // How the last call went, or what was under way after it.
  const base::Status &last();
  // What is bound and the buffers kept for more, in bytes.
  size_t memory() const;

 private:
  friend class AsyncRun;
  enum class Stage : uint8_t { kInit, kPrepared, kBound };
  struct Shape {
    bool name = false, tags = false, columns = false;
    bool operator==(const Shape &) const = default;
  };
  // What one look at all tables tells.
  struct Survey {
    bool alike = false;  // names, tags and columns are given for all of them, or for none
    int most_rows = 0;
  };
  // A column bound alone, for all tables: encoded entries, one after the other.
  struct LoneColumn {
    base::Buffer entries;
    std::vector<size_t> ends;
  };
  class Working;

  base::Status note(base::Status s);
  base::Status fail(base::Status s);  // stays until the next prepare()
  void enter();
  void leave_async();
  void run_binds();

  void forget_bound();
  void drop_result();
  base::Buffer take_buffer();
  void keep_buffer(base::Buffer &&b);

  base::Status prepare_on_server();
  base::Status know_fields();
  base::Status ready();
  base::Status try_bind(const TAOS_STMT2_BINDV &values, int32_t column);
  bool look_over(const TAOS_STMT2_BINDV &values, Survey *survey) const;
  base::Status bind_tables(const TAOS_STMT2_BINDV &values, const Survey &survey);
  base::Status bind_run(const TAOS_STMT2_BINDV &values, uint32_t from, uint32_t to, Shape shape, bool large);
  base::Status bind_lone(const TAOS_STMT2_BINDV &values, uint32_t column);
  base::Status send_lone();
  base::Status try_bind_columns(const TAOS_STMT2_COLUMN_BINDV &values);
  base::Status send_columns(std::span<const wire::ColumnInput> columns, int rows);
  base::Status unhold();
  base::Status deliver(base::Buffer message, Shape shape);
  bool may_hold() const;
  uint32_t column_count() const;
  Shape shape_of(const TAOS_STMT2_BINDV &values, uint32_t table) const;
  wire::Stmt2Bind bind_head(uint32_t tables, Shape shape) const;
  wire::Stmt2BindExec bind_exec_head() const;

  base::Status execute_now(int64_t *affected);
  base::Status execute_later();
  base::Status finish(base::Status s);
  base::Status ask_result(base::Ref<QueryResult> *out);
  void async_done(Reply reply, int64_t affected);

  base::Ref<Connection> connection_;
  ServerStatement server_;
  Executed executed_;

  Stage stage_ = Stage::kInit;
  base::Status last_;
  base::Status failed_;
  std::string sql_;
  StatementSql scan_;
  Placeholders holders_;
  base::Status fields_error_;  // why the server could not tell the fields; it is asked again when they are needed
  bool named_ = false;         // a table has been named since prepare()
  std::string a_table_;        // the one named first, to look up fields with

  std::vector<base::Buffer> sent_;  // bind messages the server has got for the next execution
  base::Buffer held_;               // a message that binds and executes, not sent yet
  bool binds_twice_ = false;        // the program binds more than once for an execution
  base::Buffer spare_;
  size_t largest_ = 0;
  std::vector<LoneColumn> lone_;
  size_t lone_left_ = 0;  // columns that are still to come
  base::Buffer lone_names_, lone_tags_;
  std::vector<size_t> lone_name_ends_, lone_tag_ends_;

  bool executed_query_ = false;
  base::Ref<QueryResult> result_;
  void *result_handle_ = nullptr;

  base::Ref<AsyncRun> run_;

  std::mutex mutex_;
  std::condition_variable idle_;
  int under_way_ = 0;  // executions, callbacks and binds that nobody waits in
  std::deque<std::function<void()>> binds_;
  bool binding_ = false;  // a library thread works on binds_
};

}  // namespace opentaos::client
