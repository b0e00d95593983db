#include "client/statement2_async.h"

#include "client/executor.h"
#include "client/statement2.h"
#include "client/statement_codes.h"
#include "wire/stmt_requests.h"

namespace opentaos::client {

using base::Buffer;
using base::Deadline;
using base::Status;
using net::Opcode;

AsyncRun::AsyncRun(const ServerStatement &server)
    : channel_(server.channel()), stmt_id_(server.id()), read_timeout_ms_(server.connection().read_timeout_ms()) {
  bound_.status = Status::ok();
}

// ---------------------------------------------------------------------------------------------------- bind

Status AsyncRun::bind(Buffer *message) {
  const uint64_t req_id = channel_->next_req_id();
  readdress_message(message, req_id, stmt_id_);
  {
    auto lock = channel_->lock();
    binding_ = true;
    bound_ = Reply();
  }
  add_ref();
  bool sent = false;
  Status s = channel_->start_in_place(bind_, req_id, message, Deadline::after_ms(read_timeout_ms_), &sent);
  if (!s) {
    auto lock = channel_->lock();
    binding_ = false;
    bound_.status = s;
    lock.unlock();
    release();
  }
  return s;
}

Reply AsyncRun::wait_bound() {
  Waiter waiter;
  {
    auto lock = channel_->lock();
    if (!binding_) return bound_;
    waiter_ = &waiter;
  }
  Status s = channel_->wait(waiter, Deadline::after_ms(read_timeout_ms_));
  auto lock = channel_->lock();
  waiter_ = nullptr;
  if (s) return bound_;
  Reply r;
  r.status = s;
  r.sent = true;
  return r;
}

void AsyncRun::on_bound(net::Message &message, const wire::AnswerKey *key) {
  Reply r;
  r.answered = true;
  wire::AnswerHead head;
  r.status = key ? wire::parse_head(message.text(), head)
                 : Status(base::kErrProtocol, "invalid answer from the server: binary instead of text");
  if (r.status) r.status = head.status();
  bound_locked(std::move(r));
  release();
}

void AsyncRun::on_bind_lost(const Status &why) {
  Reply r;
  r.status = why;
  bound_locked(std::move(r));
  release();
}

void AsyncRun::bound_locked(Reply reply) {
  binding_ = false;
  bound_ = std::move(reply);
  if (waiter_) {
    Waiter *w = std::exchange(waiter_, nullptr);
    channel_->finish_locked(*w);
  }
  if (!execute_next_) return;
  execute_next_ = false;
  if (!bound_.status) {
    end_locked(bound_);
    return;
  }
  const uint64_t req_id = channel_->next_req_id();
  Buffer request;
  wire::stmt2_exec_request(request, req_id, stmt_id_);
  executing_ = true;
  add_ref();
  channel_->start_locked(execute_, req_id, Opcode::kText, request.span());
}

// ---------------------------------------------------------------------------------------------------- execute

bool AsyncRun::execute(Statement2 *owner, Buffer *message) {
  {
    auto lock = channel_->lock();
    if (channel_->is_lost() || owner_ || executing_) return false;
    if (!binding_ && !bound_.status) return false;
    owner_ = owner;
    affected_ = 0;
    hook_.deadline = Deadline::after_ms(read_timeout_ms_);
    channel_->async_begin_locked(hook_);
    if (binding_) {
      execute_next_ = true;
      return true;
    }
    executing_ = true;
  }
  const uint64_t req_id = channel_->next_req_id();
  const Deadline deadline = Deadline::after_ms(read_timeout_ms_);
  add_ref();
  Status s;
  if (message) {
    readdress_message(message, req_id, stmt_id_);
    s = channel_->start_in_place(execute_, req_id, message, deadline);
  } else {
    Buffer request;
    wire::stmt2_exec_request(request, req_id, stmt_id_);
    s = channel_->start(execute_, req_id, Opcode::kText, request.span(), {}, deadline);
  }
  if (s) return true;
  {
    auto lock = channel_->lock();
    executing_ = false;
    owner_ = nullptr;
    channel_->async_end_locked(hook_);
  }
  release();
  return false;
}

void AsyncRun::on_executed(net::Message &message, const wire::AnswerKey *key) {
  Reply r;
  r.answered = true;
  wire::StmtAnswer answer;
  r.status = key ? wire::parse_stmt_answer(message.text(), answer)
                 : Status(base::kErrProtocol, "invalid answer from the server: binary instead of text");
  if (r.status) r.status = answer.status();
  affected_ = answer.affected;
  executing_ = false;
  end_locked(std::move(r));
  release();
}

void AsyncRun::on_execute_lost(const Status &why) {
  Reply r;
  r.status = why;
  r.sent = true;
  executing_ = false;
  end_locked(std::move(r));
  release();
}

// The calls stay in the table: should their answers come after all, nobody is told.
void AsyncRun::on_late_locked() {
  Reply r;
  r.status = {base::kErrReadTimeout, "no answer from the server within the time allowed"};
  r.sent = executing_;
  execute_next_ = false;
  end_locked(std::move(r));
}

void AsyncRun::end_locked(Reply reply) {
  Statement2 *owner = std::exchange(owner_, nullptr);
  if (!owner) return;
  channel_->async_end_locked(hook_);
  const int64_t affected = affected_;
  if (!post_task([owner, reply, affected] { owner->async_done(reply, affected); })) {
    // No thread at all: nobody can be told. The reference stays, so that at least nothing is freed under the program.
  }
}

}  // namespace opentaos::client
