#include "client/statement_server.h"

#include <algorithm>
#include <array>

#include "client/statement_codes.h"
#include "wire/stmt_requests.h"
#include "wire/types.h"

namespace opentaos::client {

using base::Buffer;
using base::Status;
using net::kMaxClientHeader;
using net::Opcode;

namespace {

constexpr size_t kMaskAt = kMaxClientHeader - 4;

// The first numbers of a version, as far as they go: "3.3.7.5.alpha".
std::array<int, 4> version_numbers(std::string_view text) {
  std::array<int, 4> out{};
  size_t at = 0;
  for (int &n : out) {
    while (at < text.size() && text[at] >= '0' && text[at] <= '9' && n < 100000) n = n * 10 + (text[at++] - '0');
    if (at >= text.size() || text[at] != '.') break;
    at++;
  }
  return out;
}

}  // namespace

bool has_bind_exec(std::string_view version) { return version_numbers(version) >= std::array{3, 4, 1, 13}; }
bool has_stmt2(std::string_view version) { return version_numbers(version) >= std::array{3, 3, 6, 0}; }

Buffer &begin_message(Buffer *message) {
  message->clear();
  std::memset(message->extend(kMaxClientHeader), 0, kMaxClientHeader);
  return *message;
}

void readdress_message(Buffer *message, uint64_t req_id, uint64_t stmt_id) {
  uint8_t *payload = message->data() + kMaxClientHeader;
  const auto key = base::load_le<uint32_t>(message->data() + kMaskAt);
  if (key != 0) {
    net::mask(payload, payload, message->size() - kMaxClientHeader, key);
    base::store_le<uint32_t>(message->data() + kMaskAt, 0);
  }
  base::store_le(payload, req_id);
  base::store_le(payload + 8, stmt_id);
}

void release_excess(Buffer *buffer, size_t used) {
  constexpr size_t kMost = size_t{6} << 20, kLittle = 64 * 1024;  // for four megabytes, as buffers grow by half
  const size_t have = buffer->capacity();
  if (have > kMost || (have > kLittle && have / 8 > used)) *buffer = Buffer();
}

Placeholders Placeholders::of(wire::StmtAnswer &&answer, bool known) {
  Placeholders p;
  p.known = known;
  p.is_insert = answer.is_insert;
  p.params = answer.fields_count;
  p.fields = std::move(answer.fields);
  for (const auto &f : p.fields) {
    const wire::BindField b = f.bind_field();
    p.all.push_back(b);
    if (b.kind == wire::BindField::kTableName)
      p.has_name = true;
    else
      (b.kind == wire::BindField::kTag ? p.tags : p.columns).push_back(b);
  }
  return p;
}

bool Placeholders::same_shape(const Placeholders &o) const {
  return known == o.known && is_insert == o.is_insert && params == o.params &&
         std::equal(all.begin(), all.end(), o.all.begin(), o.all.end(),
                    [](const wire::BindField &a, const wire::BindField &b) {
                      return a.type == b.type && a.kind == b.kind && a.scale == b.scale;
                    });
}

ServerStatement::ServerStatement(base::Ref<Connection> connection, const Options &options)
    : connection_(std::move(connection)), options_(options) {}

// ---------------------------------------------------------------------------------------------------- requests

Reply ServerStatement::ask(const Buffer &request, uint64_t req_id, std::string *text) {
  Reply r;
  auto answer = connection_->ask(*channel_, req_id, request, connection_->read_deadline(), &r.sent);
  if (!answer) {
    r.status = answer.status();
    return r;
  }
  r.answered = true;
  *text = std::move(*answer);
  return r;
}

Reply ServerStatement::ask_in_place(Buffer *message, std::string *text) {
  Reply r;
  const base::Deadline deadline = connection_->read_deadline();
  const uint64_t req_id = channel_->next_req_id();
  readdress_message(message, req_id, id_);
  TextCall call(*channel_);
  r.status = channel_->start_in_place(call, req_id, message, deadline, &r.sent);
  if (r.status) r.status = call.wait(deadline);
  if (!r.status) return r;
  r.answered = true;
  *text = std::move(call.text());
  return r;
}

void ServerStatement::begin() {
  if (!(channel_ = connection_->live_channel())) return;
  auto call = std::make_unique<TextCall>(*channel_);
  uint64_t req_id = options_.req_id > 0 ? static_cast<uint64_t>(options_.req_id) : channel_->next_req_id();
  for (;;) {
    Buffer request;
    wire::stmt2_init_request(request, req_id, options_.single_stb_insert, options_.single_table_bind_once);
    Status s = channel_->start(*call, req_id, Opcode::kText, request.span(), {}, connection_->read_deadline());
    if (s) break;
    if (s.code() != kDuplicateReqId) return;
    req_id = channel_->next_req_id();  // another request with the program's id is under way
  }
  opening_ = std::move(call);
}

// A statement on the server; the one that begin() asked for, if it did.
Reply ServerStatement::open() {
  prepared_ = false;
  for (int attempt = 0;; attempt++) {
    if (!opening_) {
      if (id_ != 0 && !channel_->is_lost()) {
        Reply r;
        r.answered = true;
        return r;
      }
      id_ = 0;
      auto channel = connection_->channel();
      if (!channel) {
        Reply r;
        r.status = channel.status();
        return r;
      }
      begin();
    }
    Reply r;
    if (!opening_) {
      r.status = channel_ ? channel_->lost_reason() : Status(base::kErrClosed, "the connection was lost");
    } else {
      r.status = opening_->wait(connection_->read_deadline());
      const std::string text = std::move(opening_->text());
      opening_.reset();
      if (r.status) return take_id(std::move(r), text);
    }
    if (attempt > 0 || !channel_ || !channel_->is_lost() || !connection_->usable()) return r;
  }
}

Reply ServerStatement::take_id(Reply r, const std::string &text) {
  r.answered = true;
  wire::StmtAnswer answer;
  r.status = wire::parse_stmt_answer(text, answer);
  if (r.status) r.status = answer.status();
  if (r.status) id_ = answer.stmt_id;
  return r;
}

Reply ServerStatement::prepare(std::string_view sql, bool get_fields, Placeholders *out) {
  for (int attempt = 0;; attempt++) {
    Reply r = open();
    if (r.status) {
      const uint64_t req_id = channel_->next_req_id();
      Buffer request;
      wire::stmt2_prepare_request(request, req_id, id_, sql, get_fields);
      std::string text;
      r = ask(request, req_id, &text);
      if (r.answered) {
        wire::StmtAnswer answer;
        r.status = wire::parse_stmt_answer(text, answer);
        if (r.status) r.status = answer.status();
        if (r.status) {
          prepared_ = true;
          *out = Placeholders::of(std::move(answer), get_fields);
        }
        return r;
      }
    }
    if (r.answered || attempt > 0 || !channel_ || !channel_->is_lost() || !connection_->usable()) {
      if (!r.answered) close();
      return r;
    }
  }
}

bool ServerStatement::is_ready() const {
  if (!prepared_ || !channel_ || !channel_->is_mine()) return false;
  channel_->look_if_idle();
  return !channel_->is_lost();
}

Reply ServerStatement::bind(Buffer *message) {
  std::string text;
  Reply r = ask_in_place(message, &text);
  if (!r.answered) return r;
  wire::AnswerHead head;
  r.status = wire::parse_head(text, head);
  if (r.status) r.status = head.status();
  if (!r.status) prepared_ = false;  // every bind and exec repeats this error now
  return r;
}

Reply ServerStatement::finish_execute(Reply r, const std::string &text, int64_t *affected) {
  if (!r.answered) {
    // Whether the statement was executed, and what state it is in, cannot be known any more.
    close();
    return r;
  }
  wire::StmtAnswer answer;
  r.status = wire::parse_stmt_answer(text, answer);
  if (r.status) r.status = answer.status();
  if (r.status)
    *affected = answer.affected;
  else
    prepared_ = false;
  return r;
}

Reply ServerStatement::execute(int64_t *affected) {
  const uint64_t req_id = channel_->next_req_id();
  Buffer request;
  wire::stmt2_exec_request(request, req_id, id_);
  std::string text;
  Reply r = ask(request, req_id, &text);
  return finish_execute(std::move(r), text, affected);
}

Reply ServerStatement::bind_execute(Buffer *message, int64_t *affected) {
  std::string text;
  Reply r = ask_in_place(message, &text);
  return finish_execute(std::move(r), text, affected);
}

Reply ServerStatement::result(wire::QueryAnswer *out) {
  const uint64_t req_id = channel_->next_req_id();
  Buffer request;
  wire::stmt2_result_request(request, req_id, id_);
  std::string text;
  Reply r = ask(request, req_id, &text);
  if (!r.answered) return r;
  r.status = wire::parse_query_answer(text, *out);
  if (r.status) r.status = out->status();
  return r;
}

void ServerStatement::close() {
  if (opening_ && channel_->is_mine() && !channel_->is_lost()) {  // it has to be known what to close
    if (opening_->wait(connection_->read_deadline())) (void)take_id(Reply(), opening_->text());
  }
  opening_.reset();
  if (id_ != 0 && channel_ && channel_->is_mine() && !channel_->is_lost()) {
    // It is answered; nobody waits for that, and what nobody waits for is dropped.
    Buffer request;
    wire::stmt2_close_request(request, channel_->next_req_id(), id_);
    channel_->send_along(Opcode::kText, request.span());
  }
  id_ = 0;
  prepared_ = false;
}

// ---------------------------------------------------------------------------------------------------- outcomes

Status execution_status(const Reply &reply, bool writes) {
  if (reply.answered || !reply.sent || !writes || reply.status.code() == base::kErrCancelled) return reply.status;
  return Connection::outcome_unknown(reply.status);
}

void use_declared_widths(wire::QueryAnswer *answer) {
  constexpr int32_t kBlobWidth = 4 << 20;
  for (auto &f : answer->fields)
    f.bytes = f.type == wire::kBlob || f.type == wire::kMediumBlob ? kBlobWidth : wire::user_width(f.type, f.bytes);
}

}  // namespace opentaos::client
