#include "client/query_result.h"

#include "base/codes.h"
#include "client/executor.h"
#include "wire/frames.h"
#include "wire/requests.h"

namespace opentaos::client {

using base::Buffer;
using base::Deadline;
using base::Status;

namespace {

// A block message smaller than this is copied out of the read buffer anyway; its memory is not worth passing round.
constexpr size_t kWorthReusing = 8 * 1024;
// A first block smaller than this is mostly the only one: its end comes right behind it.
constexpr size_t kSmallBlock = 32 * 1024;

Status forked() { return {base::kErrForked, "this result belongs to the parent process"}; }

// A result that another thread has stopped or freed while this one was waiting in it. The program's call, which has yet
// to return, still looks at it.
thread_local base::Ref<QueryResult> t_left_behind;

}  // namespace

QueryResult::QueryResult(base::Ref<Channel> channel, int64_t prefetch_bytes, int64_t read_timeout_ms)
    : Result(ResultKind::kQuery),
      channel_(std::move(channel)),
      prefetch_bytes_(prefetch_bytes),
      read_timeout_ms_(read_timeout_ms) {
  if (channel_) answered_.begin(*channel_);
}

QueryResult::~QueryResult() = default;

QueryResult *QueryResult::failed(Status why) {
  auto *r = new QueryResult({}, 0, 0);
  r->set_status(std::move(why));
  return r;
}

QueryResult *QueryResult::updated(int64_t affected_rows) {
  auto *r = new QueryResult({}, 0, 0);
  r->affected_rows_ = affected_rows;
  return r;
}

Status QueryResult::start(uint64_t req_id, net::Opcode opcode, std::span<const uint8_t> head,
                          std::span<const uint8_t> body, Deadline deadline, bool *sent) {
  add_ref();  // the table's
  waiter_ = &answered_;
  Status s = channel_->start(ask_, req_id, opcode, head, body, deadline, sent);
  if (!s) release();
  return s;
}

Status QueryResult::start_async(uint64_t req_id, std::span<const uint8_t> head, std::span<const uint8_t> body,
                                Deadline deadline, std::function<void()> then) {
  {
    auto lock = channel_->lock();
    asked_ = true;
    hook_.then = std::move(then);
    hook_.deadline = deadline;
    channel_->async_begin_locked(hook_);
  }
  add_ref();  // the table's
  Status s = channel_->start_async(ask_, req_id, net::Opcode::kBinary, head, body, deadline);
  if (s) return s;
  std::function<void()> unused;  // destroyed without the lock
  {
    auto lock = channel_->lock();
    asked_ = false;
    // If its time has passed already, `then` has been told of that failure and will not hear of this one.
    if (!hook_.then) s = Status::ok();
    unused.swap(hook_.then);
    channel_->async_end_locked(hook_);
  }
  release();
  return s;
}

Status QueryResult::outcome() {
  auto lock = channel_->lock();
  return ask_status_;
}

void QueryResult::when_block(std::function<void()> then) {
  if (channel_ && channel_->is_mine()) {
    auto lock = channel_->lock();
    if (queue_.empty() && fetching_ && fetch_status_.is_ok() && !is_stopped()) {
      hook_.then = std::move(then);
      hook_.deadline = Deadline::after_ms(read_timeout_ms_);
      channel_->async_begin_locked(hook_);
      return;
    }
  }
  post_kept_task(std::move(then));
}

void QueryResult::on_late_locked() {
  const Status late(base::kErrReadTimeout, "no answer from the server within the time allowed");
  if (asked_)
    ask_status_ = late;
  else
    fetch_status_ = late;
  abandoned_ = true;
  wake_locked(false);
}

Status QueryResult::wait(Deadline deadline) {
  Status s = channel_->wait(answered_, deadline);
  auto lock = channel_->lock();
  waiter_ = nullptr;
  return s ? ask_status_ : s;
}

void QueryResult::on_answered(net::Message &message, const wire::AnswerKey *key) {
  wire::QueryAnswer answer;
  if (!key)
    ask_status_ = {base::kErrProtocol, "invalid answer from the server: a block instead of an answer"};
  else
    ask_status_ = wire::parse_query_answer(message.text(), answer);
  asked_ = false;
  if (ask_status_) adopt_locked(std::move(answer));
  wake_locked(fetching_);
  release();
}

void QueryResult::on_ask_lost(const Status &why) {
  asked_ = false;
  ask_status_ = why;
  wake_locked(false);
  release();
}

void QueryResult::adopt_locked(wire::QueryAnswer &&answer) {
  result_id_ = answer.ok() && !answer.is_update ? answer.id : 0;
  adopt(std::move(answer));
  if (result_id_ != 0) {
    if (abandoned_)
      free_on_server_locked();
    else
      ask_locked();
  }
}

// Asks for the next block. One fetch of a result at a time: two under way together may be answered in either order, and
// nothing in the answers says which block came first.
void QueryResult::ask_locked() {
  Buffer message;
  const uint64_t req_id = channel_->next_req_id();
  wire::fetch_raw_block(message, req_id, result_id_);
  add_ref();
  fetching_ = true;
  channel_->start_locked(fetch_, req_id, net::Opcode::kBinary, message.span());
}

void QueryResult::wake_hook_locked() {
  if (!hook_.then) return;
  channel_->async_end_locked(hook_);
  post_kept_task(std::exchange(hook_.then, nullptr));
}

void QueryResult::wake_locked(bool more_is_coming) {
  wake_hook_locked();
  if (!waiter_) return;
  if (more_is_coming && channel_->defer_locked(*waiter_)) return;
  Waiter *w = waiter_;
  waiter_ = nullptr;
  channel_->finish_locked(*w);
}

void QueryResult::end_locked(Status why) {
  result_id_ = 0;
  fetch_status_ = std::move(why);
  wake_locked(false);
}

void QueryResult::free_on_server_locked() {
  if (result_id_ == 0) return;
  Buffer message;
  wire::free_result_request(message, channel_->next_req_id(), result_id_);
  result_id_ = 0;
  channel_->send_along_locked(net::Opcode::kText, message.span());
}

void QueryResult::on_fetched(net::Message &message, const wire::AnswerKey *key) {
  fetching_ = false;
  wire::FetchAnswer answer;
  Status s;
  if (key) {  // an error of the adapter comes as text
    wire::AnswerHead head;
    s = wire::parse_head(message.text(), head);
    if (s)
      s = head.ok() ? Status(base::kErrProtocol, "invalid answer from the server: text instead of a block")
                    : head.status();
    end_locked(std::move(s));
  } else if (s = wire::decode_fetch_answer(message.payload, answer); !s) {
    end_locked(std::move(s));
  } else if (!answer.ok() || answer.finished) {
    end_locked(answer.status());
  } else if (abandoned_ || is_stopped()) {
    free_on_server_locked();
    wake_locked(false);
  } else {
    BlockBytes b;
    b.offset = static_cast<size_t>(answer.block.data() - message.payload.data());
    b.length = answer.block.size();
    b.buffer = message.take();
    queued_bytes_ += static_cast<int64_t>(b.length);
    queue_.push_back(std::move(b));
    // At least one block is fetched ahead, however large blocks are.
    if (queue_.size() < 2 || queued_bytes_ < prefetch_bytes_) ask_locked();
    wake_locked(fetching_ && queue_.size() == 1 && queue_.front().length < kSmallBlock);
  }
  release();  // the table's reference; the channel outlives this: its reader holds one, too
}

void QueryResult::on_fetch_lost(const Status &why) {
  fetching_ = false;
  end_locked(why);
  release();
}

Status QueryResult::next_block(BlockBytes *block) {
  if (!channel_) {
    block->length = 0;
    return Status::ok();
  }
  t_left_behind = {};
  if (!channel_->is_mine()) return forked();
  Waiter waiter(*channel_);
  base::Ref<QueryResult> keep;
  for (bool waited = false;; waited = true) {
    {
      auto lock = channel_->lock();
      if (block->buffer.capacity() >= kWorthReusing) channel_->give_buffer_locked(std::move(block->buffer));
      block->length = 0;
      if (!queue_.empty()) {
        *block = std::move(queue_.front());
        queue_.erase(queue_.begin());
        queued_bytes_ -= static_cast<int64_t>(block->length);
        const bool ask = !fetching_ && result_id_ != 0 && fetch_status_.is_ok() && !is_stopped();
        if (ask) ask_locked();
        lock.unlock();
        if (ask) channel_->flush_queued();
        return Status::ok();
      }
      if (!fetch_status_) return fetch_status_;
      if (!fetching_ || is_stopped() || abandoned_) return Status::ok();  // the end
      if (waited) return {base::kErrProtocol, "a fetch ended without an outcome"};
      waiter_ = &waiter;
    }
    keep = base::Ref<QueryResult>::share(this);
    Status s = channel_->wait(waiter, Deadline::after_ms(read_timeout_ms_));
    auto lock = channel_->lock();
    waiter_ = nullptr;
    if (is_stopped() || abandoned_) t_left_behind = std::move(keep);
    if (!s) {
      if (is_stopped()) return Status::ok();
      if (fetch_status_) {  // its answer will come late or never: the rest of this result cannot be had any more
        abandoned_ = true;
        fetch_status_ = s;
      }
      return fetch_status_;
    }
  }
}

void QueryResult::stop() {
  Result::stop();
  if (!channel_) return;
  auto lock = channel_->lock();
  if (waiter_) channel_->cancel_locked(*waiter_);
  if (!asked_) wake_hook_locked();
  if (!fetching_ && channel_->is_mine()) free_on_server_locked();
}

void QueryResult::abandon() {
  if (!channel_) return;
  auto lock = channel_->lock();
  abandoned_ = true;
  queue_.clear();
  if (!asked_) wake_hook_locked();
  if (!fetching_ && channel_->is_mine()) free_on_server_locked();
}

}  // namespace opentaos::client
