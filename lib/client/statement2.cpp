#include "client/statement2.h"

#include <algorithm>

#include "client/executor.h"
#include "client/statement2_async.h"
#include "client/statement_codes.h"

namespace opentaos::client {

using base::Buffer;
using base::Ref;
using base::Status;

namespace {

thread_local const Statement2 *t_working_for;  // whose callback runs on this thread

}  // namespace

// Marks the thread that runs a callback of the statement: its calls must not wait for that callback.
class Statement2::Working {
 public:
  explicit Working(const Statement2 *s) : before_(t_working_for) { t_working_for = s; }
  ~Working() { t_working_for = before_; }

 private:
  const Statement2 *before_;
};

Statement2::Statement2(Ref<Connection> connection, const ServerStatement::Options &options, Executed executed)
    : connection_(std::move(connection)), server_(connection_, options), executed_(std::move(executed)) {
  server_.begin();
}

Statement2::~Statement2() = default;

// ---------------------------------------------------------------------------------------------------- order of calls

Status Statement2::note(Status s) {
  last_ = s;
  return s;
}

Status Statement2::fail(Status s) {
  failed_ = s;
  return s;
}

void Statement2::enter() {
  if (t_working_for == this) return;
  std::unique_lock lock(mutex_);
  idle_.wait(lock, [&] { return under_way_ == 0; });
}

void Statement2::leave_async() {
  {
    std::lock_guard lock(mutex_);
    under_way_--;
  }
  idle_.notify_all();
}

// ---------------------------------------------------------------------------------------------------- what is kept

Buffer Statement2::take_buffer() {
  Buffer b;
  b.swap(spare_);
  begin_message(&b);
  return b;
}

void Statement2::keep_buffer(Buffer &&b) {
  largest_ = std::max(largest_, b.size());
  if (b.capacity() <= spare_.capacity()) return;
  spare_ = std::move(b);
  spare_.clear();
}

// Nothing is bound any more. Buffers much larger than what was bound now go.
void Statement2::forget_bound() {
  largest_ = 0;
  for (auto &b : sent_) keep_buffer(std::move(b));
  sent_.clear();
  keep_buffer(std::move(held_));
  held_ = Buffer();
  release_excess(&spare_, largest_ > 0 ? largest_ : spare_.capacity());
  lone_.clear();
  lone_left_ = 0;
  if (stage_ == Stage::kBound) stage_ = Stage::kPrepared;
}

size_t Statement2::memory() const {
  size_t sum = spare_.capacity() + held_.capacity() + lone_names_.capacity() + lone_tags_.capacity();
  for (const auto &b : sent_) sum += b.capacity();
  for (const auto &c : lone_) sum += c.entries.capacity() + c.ends.capacity() * sizeof(size_t);
  return sum;
}

void Statement2::drop_result() {
  executed_query_ = false;
  if (!result_) return;
  if (void *handle = std::exchange(result_handle_, nullptr)) {
    if (auto *r = base::close_handle(base::HandleKind::kResult, handle)) r->release();
  }
  result_->abandon();
  result_ = {};
}

void Statement2::set_result(QueryResult *result, void *handle) {
  result_ = Ref<QueryResult>::share(result);
  result_handle_ = handle;
}

// ---------------------------------------------------------------------------------------------------- prepare

Status Statement2::prepare(std::string_view sql) {
  enter();
  // Natively a statement that failed before it was ever prepared stays failed.
  if (stage_ == Stage::kInit && !failed_) return note(failed_);
  forget_bound();
  drop_result();
  failed_ = Status::ok();
  stage_ = Stage::kPrepared;
  sql_ = sql;
  scan_ = scan_statement(sql_);
  named_ = false;
  a_table_.clear();
  binds_twice_ = false;
  Status s = prepare_on_server();
  return note(s ? s : fail(s));
}

// Mistakes in an insert show natively when the table is needed. Only what is neither insert nor query is refused at
// once.
Status Statement2::prepare_on_server() {
  fields_error_ = Status::ok();
  holders_ = Placeholders();
  holders_.is_insert = scan_.is_insert();
  if (run_) run_ = {};
  Reply r = server_.prepare(sql_, !scan_.columns_come_later(), &holders_);
  if (r.status || !r.answered) return r.status;
  const bool refused = r.status.message().find("stmt only support") != std::string::npos;
  if (!scan_.is_insert() || refused) return r.status;
  fields_error_ = r.status;
  return Status::ok();
}

// The table may have come to be since prepare().
Status Statement2::know_fields() {
  if (fields_error_.is_ok()) return Status::ok();
  Status s = prepare_on_server();
  return s ? fields_error_ : s;
}

Status Statement2::is_insert(bool *insert) {
  enter();
  *insert = holders_.is_insert;
  return note(Status::ok());
}

Status Statement2::fields(int *count, std::vector<wire::StmtField> *fields) {
  enter();
  if (!failed_) return note(failed_);
  if (stage_ == Stage::kInit) return note(stmt_api_error());
  const bool later = scan_.columns_come_later() && scan_.is_insert();
  if (later && a_table_.empty()) return note(table_not_exist(kErrStmtTableName));
  if (Status s = know_fields(); !s) return note(s);
  if (later) {
    // Asked with the table's name in place, on a statement of its own: this one has its values bound.
    ServerStatement other(connection_, {});
    Placeholders found;
    Reply r = other.prepare(with_table(sql_, scan_, a_table_), true, &found);
    if (!r.status) return note(r.status);
    *count = found.params;
    if (fields) *fields = std::move(found.fields);
    return note(Status::ok());
  }
  *count = holders_.params;
  if (fields) *fields = holders_.fields;
  return note(Status::ok());
}

// The server has the statement and everything that was bound so far, after a reconnect too.
Status Statement2::ready() {
  if (server_.is_ready()) return Status::ok();
  const Placeholders before = holders_;
  if (run_) run_ = {};
  Placeholders now;
  Reply r = server_.prepare(sql_, before.known, &now);
  if (!r.status) return r.status;
  holders_ = std::move(now);
  if (sent_.empty() && held_.empty()) return Status::ok();
  if (!holders_.same_shape(before)) {
    forget_bound();
    return {base::kErrStmtApi, "Stmt API usage error: the table has changed, bind again"};
  }
  for (auto &message : sent_) {
    if (r = server_.bind(&message); !r.status) {
      if (r.answered) return fail(r.status);
      server_.close();
      return r.status;
    }
  }
  return Status::ok();
}

// ---------------------------------------------------------------------------------------------------- execute

const Status &Statement2::last() {
  enter();
  return last_;
}

Status Statement2::execute(int64_t *affected) {
  enter();
  if (!failed_) return note(failed_);
  if (stage_ == Stage::kInit) return note(fail(stmt_api_error()));
  if (lone_left_ > 0) {
    forget_bound();
    return note(wire::bind_status(wire::BindError::kRowsDiffer));
  }
  // The server would not survive this one.
  if (stage_ != Stage::kBound) return note(stmt_api_error());
  drop_result();
  if (executed_) {
    last_ = Status::ok();  // before: from then on it is the library thread's that calls back
    Status s = execute_later();
    return s ? s : note(s);
  }
  int64_t n = 0;
  Status s = execute_now(&n);
  if (s && affected) *affected = n;
  return note(s);
}

Status Statement2::execute_now(int64_t *affected) {
  const bool writes = holders_.is_insert;
  for (int attempt = 0;; attempt++) {
    if (run_) {
      const Reply bound = run_->wait_bound();
      if (!bound.status && !run_->is_lost()) {
        if (bound.answered) return finish(fail(bound.status));
        server_.close();
        return finish(bound.status);
      }
    }
    if (Status s = ready(); !s) return finish(s);
    const Ref<Channel> channel = server_.channel();
    Reply r = held_.empty() ? server_.execute(affected) : server_.bind_execute(&held_, affected);
    if (!r.answered && attempt == 0 && channel->is_lost() && (!r.sent || !writes) && connection_->usable()) continue;
    if (r.status) executed_query_ = !writes;
    return finish(execution_status(r, writes));
  }
}

// Whatever came of it, the next execution begins with a bind.
Status Statement2::finish(Status s) {
  forget_bound();
  return s;
}

QueryResult *Statement2::result() {
  enter();
  if (result_) return result_.get();
  if (!executed_query_) return nullptr;  // natively not an error of the statement
  Ref<QueryResult> result;
  last_ = ask_result(&result);
  if (!last_) return nullptr;
  result_ = std::move(result);
  return result_.get();
}

Status Statement2::ask_result(Ref<QueryResult> *out) {
  wire::QueryAnswer answer;
  if (!server_.is_ready()) return {base::kErrClosed, "the connection was lost: execute the statement again"};
  if (Reply r = server_.result(&answer); !r.status) return r.status;
  use_declared_widths(&answer);
  const Ref<Channel> &channel = server_.channel();
  auto result = Ref<QueryResult>::adopt(
      new QueryResult(channel, connection_->options().prefetch_bytes, connection_->read_timeout_ms()));
  {
    auto lock = channel->lock();
    result->adopt_locked(std::move(answer));
  }
  channel->flush_queued();
  *out = std::move(result);
  return Status::ok();
}

// ---------------------------------------------------------------------------------------------------- not waited for

bool Statement2::post_bind(std::function<void()> bind) {
  std::lock_guard lock(mutex_);
  binds_.push_back(std::move(bind));
  under_way_++;
  if (binding_) return true;
  add_ref();
  binding_ = true;
  if (post_task([this] { run_binds(); })) return true;
  binding_ = false;
  under_way_--;
  binds_.pop_back();
  release();
  return false;
}

void Statement2::run_binds() {
  auto self = Ref<Statement2>::adopt(this);
  Working working(this);
  for (;;) {
    std::function<void()> bind;
    {
      std::lock_guard lock(mutex_);
      if (binds_.empty()) {
        binding_ = false;
        return;
      }
      bind = std::move(binds_.front());
      binds_.pop_front();
    }
    bind();
    leave_async();
  }
}

Status Statement2::execute_later() {
  {
    std::lock_guard lock(mutex_);
    under_way_++;
  }
  // The ordinary case: an insert on a live channel. Everything else is done by a library thread that waits.
  if (holders_.is_insert && server_.is_ready()) {
    if (!run_) run_ = Ref<AsyncRun>::adopt(new AsyncRun(server_));
    add_ref();
    if (run_->execute(this, held_.empty() ? nullptr : &held_)) return Status::ok();
    release();
  }
  add_ref();
  if (post_task([this] { async_done(Reply{}, -1); })) return Status::ok();
  release();
  leave_async();
  return {base::kErrOutOfMemory, "no thread could be made"};
}

// On a library thread. `affected` -1: nothing has been sent yet.
void Statement2::async_done(Reply reply, int64_t affected) {
  auto self = Ref<Statement2>::adopt(this);
  Working working(this);
  Status s;
  Ref<QueryResult> result;
  if (affected < 0 || (!reply.answered && !reply.sent && connection_->usable() && server_.channel()->is_lost())) {
    affected = 0;
    s = execute_now(&affected);
    if (s && executed_query_) s = ask_result(&result);
  } else {
    if (!reply.answered) server_.close();
    if (reply.answered && !reply.status) server_.spoil();
    if (!reply.answered || !reply.status) run_ = {};
    s = finish(execution_status(reply, true));
  }
  last_ = s;
  if (!result) result = Ref<QueryResult>::adopt(s ? QueryResult::updated(affected) : QueryResult::failed(s));
  executed_(*this, result.detach(), s.code());
  leave_async();
}

void Statement2::close() {
  enter();
  drop_result();
  forget_bound();
  server_.close();
  stage_ = Stage::kInit;
}

}  // namespace opentaos::client
