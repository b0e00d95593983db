#include "client/consumer_exchange.h"

#include "base/codes.h"
#include "wire/frames.h"
#include "wire/protocol_error.h"
#include "wire/tmq_requests.h"

namespace opentaos::client {

using base::Buffer;
using base::Deadline;
using base::Status;
using net::Opcode;

namespace {

constexpr int32_t kTableMeta = 2, kMetaAndData = 3;

// An error that came as text where a frame was expected.
Status text_error(std::string_view text) {
  wire::AnswerHead head;
  if (Status s = wire::parse_head(text, head); !s) return s;
  return head.ok() ? wire::protocol_error("text instead of a message") : head.status();
}

}  // namespace

PollExchange::PollExchange(base::Ref<Channel> channel, bool old_server)
    : channel_(std::move(channel)), old_server_(old_server) {}

Status PollExchange::start(int64_t blocking_ms, uint64_t last_message, Deadline deadline, bool by_workers) {
  started_ = Deadline::Clock::now();
  blocking_ms_ = blocking_ms;
  Buffer request;
  const uint64_t id = channel_->next_req_id();
  wire::tmq_poll_request(request, id, blocking_ms, last_message);
  missing_ = 1;
  add_ref();
  Status s = channel_->start(poll_, id, Opcode::kText, request.span(), {}, deadline);
  if (!s) {
    missing_ = 0;
    release();
  } else if (by_workers) {
    auto lock = channel_->lock();
    if (missing_ > 0) channel_->async_begin_locked(reading_);
  }
  return s;
}

Status PollExchange::wait(Deadline deadline) {
  if (done()) return Status::ok();
  return channel_->wait(waiter_, deadline);
}

void PollExchange::abandon() {
  for (Call *call : {static_cast<Call *>(&poll_), static_cast<Call *>(&data_), static_cast<Call *>(&meta_)})
    if (channel_->forget(*call)) release();
  auto lock = channel_->lock();
  channel_->async_end_locked(reading_);
}

void PollExchange::sought(std::string_view topic, int32_t vgroup, int64_t offset, bool before) {
  moves_.push_back({{std::string(topic), vgroup, offset}, before});
}

// If they were under way together, only what begins before the new place is certainly older than the move.
bool PollExchange::is_outdated(std::string_view topic, int32_t vgroup, int64_t begin) const {
  for (const Move &m : moves_) {
    if (m.to.vgroup != vgroup || m.to.topic != topic) continue;
    if (m.before || (begin != kUnknownOffset && begin < m.to.next)) return true;
  }
  return false;
}

void PollExchange::on_poll(net::Message &message, const wire::AnswerKey *key) {
  if (!key)
    status_ = wire::protocol_error("binary instead of the answer to a poll");
  else if ((status_ = wire::parse_poll_answer(message.text(), content_.head)))
    status_ = content_.head.status();
  if (has_message()) ask_for_message_locked();
  part_done_locked();
}

// All parts at once. What a program may ask of a message later must come along now: the next poll ends it.
void PollExchange::ask_for_message_locked() {
  const uint64_t message = content_.head.message_id;
  Buffer request;
  uint64_t id = channel_->next_req_id();
  if (old_server_)
    wire::tmq_fetch_raw_request(request, id, message);
  else
    wire::tmq_fetch_raw_data_request(request, id, message);
  missing_++;
  add_ref();
  channel_->start_locked(data_, id, Opcode::kText, request.span());
  const int32_t type = content_.head.message_type;
  if (type != kTableMeta && type != kMetaAndData) return;
  request.clear();
  id = channel_->next_req_id();
  wire::tmq_fetch_json_meta_request(request, id, message);
  missing_++;
  add_ref();
  channel_->start_locked(meta_, id, Opcode::kText, request.span());
}

void PollExchange::on_data(net::Message &message, const wire::AnswerKey *key) {
  if (key) {
    data_status_ = text_error(message.text());
  } else {
    uint64_t id = 0;
    std::span<const uint8_t> data;
    if (old_server_) {
      wire::TmqFetchRawAnswer answer;
      data_status_ = wire::decode_tmq_fetch_raw(message.payload, answer);
      id = answer.message_id;
      content_.raw_type = answer.raw_type;
      data = answer.data;
    } else {
      wire::TmqRawAnswer answer;
      if ((data_status_ = wire::decode_tmq_raw_answer(message.payload, answer))) data_status_ = answer.status();
      id = answer.message_id;
      content_.raw_type = answer.raw_type;
      data = answer.data;
    }
    if (data_status_ && id != content_.head.message_id)
      data_status_ = wire::protocol_error("another message than the one asked for");
    if (data_status_) {
      content_.data_at = static_cast<size_t>(data.data() - message.payload.data());
      content_.data_size = data.size();
      content_.frame = message.take();
    }
  }
  part_done_locked();
}

void PollExchange::on_meta(net::Message &message, const wire::AnswerKey *key) {
  wire::TmqMetaAnswer answer;
  if (!key)
    meta_status_ = wire::protocol_error("binary instead of the metadata of a message");
  else if ((meta_status_ = wire::parse_tmq_meta_answer(message.text(), answer)))
    meta_status_ = answer.status();
  if (meta_status_ && answer.data != "null") content_.meta = answer.data;
  part_done_locked();
}

void PollExchange::on_lost(const Status &why) {
  status_ = why;
  part_done_locked();
}

void PollExchange::part_done_locked() {
  if (--missing_ == 0) {
    // A change of tables is whole with either form of it; everything else is nothing without its data.
    const bool whole = data_status_.is_ok() || (content_.head.message_type == kTableMeta && !content_.meta.empty());
    if (has_message() && !whole) status_ = data_status_;
    channel_->async_end_locked(reading_);
    channel_->finish_locked(waiter_);
  }
  release();
}

}  // namespace opentaos::client
