// The part of a connection that is about its session: database, options, what the server says of itself.
#include <charconv>
#include <utility>

#include "base/codes.h"
#include "base/log.h"
#include "base/process_options.h"
#include "client/connection.h"
#include "client/executor.h"
#include "client/text_call.h"
#include "wire/requests.h"
#include "wire/session_answers.h"

namespace opentaos::client {

using base::Buffer;
using base::Deadline;
using base::Ref;
using base::Status;
using base::StatusOr;

namespace {

// Numbers of options_connection.
constexpr int kClear = -1;
constexpr int kTimezone = 1;
constexpr int kUserIp = 2;
constexpr int kUserApp = 3;

constexpr int32_t kErrUserNotExist = base::full_code(0x0351);
constexpr int64_t kPingMs = 10 * 1000;
constexpr size_t kNativeStatementLimit = 1024 * 1024;

}  // namespace

Status Connection::validate_sql(std::string_view sql) {
  if (sql.empty()) return {base::kErrIncompleteSql, "Incomplete SQL statement"};
  auto c = channel();
  if (!c) return c.status();
  const uint64_t id = (*c)->next_req_id();
  Buffer request;
  wire::binary_validate_sql(request, id, sql);
  TextCall call(**c);
  if (Status s = (*c)->start(call, id, net::Opcode::kBinary, request.span(), {}, read_deadline()); !s) return s;
  if (Status s = call.wait(read_deadline()); !s) return s;
  wire::AnswerHead head;
  int64_t result = 0;
  Status s = wire::walk_answer(call.text(), head, [&](wire::JsonScan &scan, std::string_view key) {
    return key == "result_code" && scan.read_i64(result);
  });
  if (!s) return s;
  if (!head.ok()) return head.status();
  return result == 0 ? Status::ok() : Status(wire::full_code(result), head.message);
}

Status Connection::select_db(std::string_view db) {
  std::string sql = "use ";
  sql += db;
  auto result = Ref<QueryResult>::adopt(query(sql, 0));
  return result->status();
}

// What the session is on is known from the login and the USE statements since; natively nobody is asked either.
Status Connection::get_current_db(std::string *db) {
  if (Status s = usable(); !s) return s;
  {
    std::lock_guard lock(mutex_);
    if (db_is_known_) {
      *db = db_;
      return Status::ok();
    }
  }
  auto c = channel();
  if (!c) return c.status();
  const uint64_t id = (*c)->next_req_id();
  Buffer request;
  wire::get_current_db_request(request, id);
  auto text = ask(**c, id, request, read_deadline());
  if (!text) return text.status();
  wire::AnswerHead head;
  if (Status s = wire::parse_text_answer(*text, "db", head, *db); !s) return s;
  if (!head.ok()) return head.status();
  std::lock_guard lock(mutex_);
  db_ = *db;
  db_is_known_ = true;
  return Status::ok();
}

// The protocol has no way to leave a database; a session without one is a new session.
Status Connection::reset_current_db() {
  std::string before;
  bool was_known;
  {
    std::lock_guard lock(mutex_);
    before.swap(db_);
    was_known = std::exchange(db_is_known_, true);
  }
  Status s = log_in_again();
  if (!s) {
    std::lock_guard lock(mutex_);
    db_ = before;
    db_is_known_ = was_known;
  }
  return s;
}

Status Connection::set_bi_mode(bool on) {
  int before;
  {
    std::lock_guard lock(mutex_);
    before = mode_;
    mode_ = on ? 0 : -1;
  }
  if (before == (on ? 0 : -1)) return Status::ok();
  Status s = log_in_again();  // the mode is a part of the login
  if (!s) {
    std::lock_guard lock(mutex_);
    mode_ = before;
  }
  return s;
}

Status Connection::set_option(int option, const char *value) {
  auto c = channel();
  if (!c) return c.status();
  const uint64_t id = (*c)->next_req_id();
  Buffer request;
  // Without a zone of its own the session has the process's, which the server knows nothing of.
  const std::string zone = default_zone();
  std::vector<wire::ConnectionOption> options{{option, std::nullopt}};
  if (value)
    options[0].value = value;
  else if (option == kTimezone && !zone.empty())
    options[0].value = zone;
  else if (option == kClear && !zone.empty())
    options.push_back({kTimezone, zone});
  wire::options_connection_request(request, id, options);
  auto text = ask(**c, id, request, read_deadline());
  if (!text) return text.status();
  wire::AnswerHead head;
  if (Status s = wire::parse_head(*text, head); !s) return s;
  if (!head.ok()) return head.status();
  // Said again at the next login.
  std::optional<std::string> kept;
  if (value) kept = value;
  std::lock_guard lock(mutex_);
  switch (option) {
    case kClear: timezone_ = user_ip_ = user_app_ = std::nullopt; break;
    case kTimezone: timezone_ = kept; break;
    case kUserIp: user_ip_ = kept; break;
    case kUserApp: user_app_ = kept; break;
    default: break;
  }
  return Status::ok();
}

// ---------------------------------------------------------------------------------------------------- time zone

bool Connection::zone_is_stale() const {
  return follows_process_zone_ &&
         zone_generation_.load(std::memory_order_relaxed) != base::ProcessOptions::instance().timezone_generation();
}

std::string Connection::default_zone() {
  if (!follows_process_zone_) return options_.timezone;
  base::ProcessOptions &process = base::ProcessOptions::instance();
  zone_generation_.store(process.timezone_generation(), std::memory_order_relaxed);
  return process.timezone();
}

// A server that does not know the option (before 3.3.5) goes on in its own zone: statements matter more.
void Connection::follow_process_zone(Channel &channel) {
  std::lock_guard one(zone_mutex_);
  if (!zone_is_stale()) return;
  const std::string zone = default_zone();
  {
    std::lock_guard lock(mutex_);
    if (timezone_) return;
  }
  const uint64_t id = channel.next_req_id();
  Buffer request;
  wire::ConnectionOption o{kTimezone, std::nullopt};
  if (!zone.empty()) o.value = zone;
  wire::options_connection_request(request, id, {&o, 1});
  auto text = ask(channel, id, request, read_deadline());
  wire::AnswerHead head;
  Status s = text ? wire::parse_head(*text, head) : text.status();
  if (s) s = head.status();
  if (!s) OTS_LOG(kWarn, "the server did not take the time zone ", zone, ": ", s.message());
}

// ---------------------------------------------------------------------------------------------------- notifications

void Connection::set_notify(int type, Notify call, void *param) {
  std::lock_guard lock(mutex_);
  notify_[type] = {call, param};
}

// The server ends the session of a user that was dropped, and lets nobody in by that name.
void Connection::notify_if_dropped(const Status &login) {
  if (login.code() != kErrUserNotExist) return;
  std::lock_guard lock(mutex_);
  auto tell = notify_[kNotifyUserDropped];
  if (!tell.call || drop_was_told_) return;
  auto self = Ref<Connection>::share(this);
  drop_was_told_ = post_task([self, tell] {
    if (self->usable()) tell.call(tell.param, nullptr, kNotifyUserDropped);
  });
}

// The connection was lost while nobody used it. Whether its user is gone shows when logging in, which is not for the
// thread that looks after all connections.
void Connection::look_for_drop() {
  {
    std::lock_guard lock(mutex_);
    if (!notify_[kNotifyUserDropped].call || drop_was_told_) return;
  }
  if (looks_for_drop_.exchange(true)) return;
  auto self = Ref<Connection>::share(this);
  const bool posted = post_task([self] {
    (void)self->channel();
    self->looks_for_drop_.store(false);
  });
  if (!posted) looks_for_drop_.store(false);
}

// ---------------------------------------------------------------------------------------------------- information

Status Connection::ping() {
  auto c = channel();
  if (!c) return c.status();
  const uint64_t id = (*c)->next_req_id();
  Buffer request;
  wire::get_current_db_request(request, id);
  auto text = ask(**c, id, request, read_deadline().sooner_of(Deadline::after_ms(kPingMs)));
  if (!text) return text.status();
  wire::AnswerHead head;
  return wire::parse_head(*text, head);  // what it says does not matter: somebody is there
}

bool Connection::is_too_long(size_t statement_bytes) {
  if (statement_bytes <= kNativeStatementLimit) return false;
  std::lock_guard lock(mutex_);
  int major = 0, minor = 0;
  const char *end = version_.data() + version_.size();
  const auto [dot, bad] = std::from_chars(version_.data(), end, major);
  if (bad != std::errc() || dot == end || *dot != '.') return false;
  if (std::from_chars(dot + 1, end, minor).ec != std::errc()) return false;
  return major < 3 || (major == 3 && minor < 4);
}

StatusOr<const char *> Connection::server_info() {
  {
    std::lock_guard lock(mutex_);
    if (!server_info_.empty()) return server_info_.c_str();
  }
  auto c = channel();
  if (!c) return c.status();
  const uint64_t id = (*c)->next_req_id();
  Buffer request;
  wire::get_server_info_request(request, id);
  auto text = ask(**c, id, request, read_deadline());
  if (!text) return text.status();
  wire::AnswerHead head;
  std::string info;
  Status s = wire::walk_answer(
      *text, head, [&](wire::JsonScan &scan, std::string_view key) { return key == "info" && scan.read_string(info); });
  if (!s) return s;
  std::lock_guard lock(mutex_);
  if (!head.ok() || info.empty()) info = "ver:" + version_ + "\nbuild:unknown\ngitinfo:unknown";
  if (server_info_.empty()) server_info_ = info;  // its address is handed out: it must never change
  return server_info_.c_str();
}

const char *Connection::version_text() {
  std::lock_guard lock(mutex_);
  if (version_texts_.empty() || version_texts_.front() != version_) version_texts_.push_front(version_);
  return version_texts_.front().c_str();
}

Status Connection::connection_info(int info, std::string *text) {
  auto c = channel();
  if (!c) return c.status();
  const uint64_t id = (*c)->next_req_id();
  Buffer request;
  wire::get_connection_info_request(request, id, info);
  auto answer = ask(**c, id, request, read_deadline());
  if (!answer) return answer.status();
  wire::AnswerHead head;
  text->clear();
  Status s = wire::walk_answer(*answer, head, [&](wire::JsonScan &scan, std::string_view key) {
    return key == "info" && scan.read_string(*text);
  });
  return s ? head.status() : s;
}

}  // namespace opentaos::client
