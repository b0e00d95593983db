#include "client/connection.h"

#include <unistd.h>

#include <chrono>
#include <thread>

#include "base/codes.h"
#include "base/process_options.h"
#include "client/executor.h"
#include "client/runtime.h"
#include "client/text_call.h"
#include "wire/requests.h"

namespace opentaos::client {

using base::Buffer;
using base::Deadline;
using base::Ref;
using base::Status;
using base::StatusOr;
using net::Opcode;

namespace {

std::span<const uint8_t> bytes(std::string_view s) { return {reinterpret_cast<const uint8_t *>(s.data()), s.size()}; }

Status closed() { return {base::kErrDisconnected, "Disconnected from service"}; }

}  // namespace

Connection::Connection(const base::ConnectOptions &options)
    : options_(options),
      process_(base::process_generation()),
      read_timeout_ms_(options.read_timeout_ms),
      write_timeout_ms_(options.write_timeout_ms),
      db_(options.db),
      mode_(options.conn_mode),
      follows_process_zone_(options.timezone == base::ProcessOptions::instance().timezone()),
      zone_generation_(base::ProcessOptions::instance().timezone_generation()) {}

Connection::~Connection() = default;

StatusOr<Ref<Connection>> Connection::connect(const base::ConnectOptions &options) {
  runtime_prepare();
  auto connection = Ref<Connection>::adopt(new Connection(options));
  Ref<Channel> channel;
  if (Status s = connection->log_in(Deadline::after_ms(options.connect_timeout_ms), &channel); !s) return s;
  connection->channel_ = std::move(channel);
  return connection;
}

// ---------------------------------------------------------------------------------------------------- login

// Once round all addresses, from the one after the last that worked. What a server answers ends the round: only an
// address that could not be reached makes the next one worth a try.
Status Connection::log_in(Deadline deadline, Ref<Channel> *out) {
  if (options_.hosts.empty()) return {base::kErrInvalidPara, "no address to connect to"};
  size_t first;
  {
    std::lock_guard lock(mutex_);
    first = next_host_;
  }
  Status last;
  const size_t n = options_.hosts.size();
  for (size_t i = 0; i < n; i++) {
    const size_t at = (first + i) % n;
    Deadline mine = deadline;
    if (i + 1 < n && !deadline.is_never())
      mine = deadline.sooner_of(Deadline::after_ms(deadline.whole_left_ms(3600 * 1000) / static_cast<int>(n - i) + 1));
    last = log_in_at(options_.hosts[at], mine, out);
    if (last) {
      std::lock_guard lock(mutex_);
      next_host_ = at;
      return last;
    }
    const bool unreachable = last.code() == base::kErrUnableToConnect || last.code() == base::kErrClosed ||
                             last.code() == base::kErrReadTimeout || last.code() == base::kErrWebSocket;
    if (!unreachable || deadline.is_stopped()) return last;
  }
  return last;
}

Status Connection::log_in_at(const base::Host &host, Deadline deadline, Ref<Channel> *out) {
  auto channel = Ref<Channel>::adopt(new Channel);
  if (Status s = channel->open(host, options_, "/ws", deadline); !s) return s;
  channel->set_write_timeout(write_timeout_ms_.load(std::memory_order_relaxed));
  // Both questions leave in one segment; they may be answered in either order.
  Buffer version, login;
  TextCall version_call(*channel), login_call(*channel);
  wire::ConnArgs args;
  args.user = options_.user;
  args.password = options_.password;
  std::string db, tz, ip, app;
  const std::string zone = default_zone();
  {
    std::lock_guard lock(mutex_);
    db = db_;
    tz = timezone_.value_or(zone);
    ip = user_ip_.value_or(options_.user_ip);
    app = user_app_.value_or(options_.user_app);
    if (mode_ >= 0) args.mode = mode_;
  }
  args.db = db;
  args.tz = tz;
  args.ip = ip;
  args.app = app;
  args.connector = options_.connector_info;
  args.totp_code = options_.totp_code;
  args.bearer_token = options_.bearer_token;
  {
    auto lock = channel->lock();
    uint64_t id = channel->next_req_id();
    wire::version_request(version, id);
    channel->start_locked(version_call, id, Opcode::kText, version.span());
    channel->expect_version_locked(version_call);
    id = channel->next_req_id();
    wire::conn_request(login, id, args);
    channel->start_locked(login_call, id, Opcode::kText, login.span());
  }
  channel->flush_queued();
  if (Status s = login_call.wait(deadline); !s) return s;
  wire::AnswerHead head;
  std::string said;
  auto take_version = [&](wire::JsonScan &scan, std::string_view key) {
    return key == "version" && scan.read_string(said);
  };
  if (Status s = wire::walk_answer(login_call.text(), head, take_version); !s) return s;
  if (!head.ok()) return head.status();
  if (said.empty()) {  // servers before 3.3.7.2 tell it only when asked
    if (Status s = version_call.wait(deadline); !s) return s;
    wire::AnswerHead version_head;
    if (Status s = wire::walk_answer(version_call.text(), version_head, take_version); !s) return s;
  }
  {
    std::lock_guard lock(mutex_);
    version_ = said;
  }
  *out = std::move(channel);
  return Status::ok();
}

Status Connection::usable() const {
  if (closed_.load(std::memory_order_acquire)) return closed();
  if (process_ != base::process_generation()) return Channel::forked();
  return Status::ok();
}

Ref<Channel> Connection::current_channel() {
  std::lock_guard lock(mutex_);
  return channel_;
}

Ref<Channel> Connection::live_channel() {
  if (!usable()) return {};
  Ref<Channel> now = current_channel();
  if (now) now->look_if_idle();
  if (now && (now->is_lost() || zone_is_stale())) return {};
  return now;
}

StatusOr<Ref<Channel>> Connection::channel(Deadline limit) {
  limit = limit.or_stopped_by(stops_);
  if (Status s = usable(); !s) return s;
  Ref<Channel> now = current_channel();
  if (now) now->look_if_idle();
  if (now && !now->is_lost()) {
    if (zone_is_stale()) follow_process_zone(*now);
    return now;
  }
  std::unique_lock login(login_mutex_, std::defer_lock);
  while (!login.try_lock_for(std::chrono::milliseconds(limit.left_ms(1000)))) {
    if (limit.passed()) return login_ended(limit);
  }
  now = current_channel();  // another thread may have been faster
  if (now && !now->is_lost()) return now;
  const Deadline deadline = limit.sooner_of(Deadline::after_ms(options_.connect_timeout_ms));
  int64_t pause = options_.retry_backoff_ms;
  for (int attempt = 0;; attempt++) {
    Ref<Channel> fresh;
    Status s = log_in(deadline, &fresh);
    if (s) {
      if (Status u = usable(); !u) {
        fresh->close(u);
        return u;
      }
      std::lock_guard lock(mutex_);
      channel_ = fresh;
      return fresh;
    }
    if (limit.passed()) return login_ended(limit);
    {
      std::lock_guard lock(mutex_);
      next_host_ = (next_host_ + 1) % options_.hosts.size();
    }
    if (s.code() != base::kErrUnableToConnect || attempt >= options_.conn_retries ||
        deadline.whole_left_ms(1 << 30) <= pause) {
      notify_if_dropped(s);
      return s;
    }
    for (int64_t slept = 0; slept < pause && !limit.passed(); slept += 50)
      std::this_thread::sleep_for(std::chrono::milliseconds(std::min<int64_t>(50, pause - slept)));
    if (limit.passed()) return login_ended(limit);
    pause = std::min<int64_t>(pause * 2, options_.retry_backoff_max_ms);
  }
}

// A new session in place of the one there is; its results end.
Status Connection::log_in_again() {
  if (Status s = usable(); !s) return s;
  const Deadline limit = Deadline::after_ms(options_.connect_timeout_ms).or_stopped_by(stops_);
  std::unique_lock login(login_mutex_, std::defer_lock);
  while (!login.try_lock_for(std::chrono::milliseconds(limit.left_ms(1000)))) {
    if (limit.passed()) return login_ended(limit);
  }
  Ref<Channel> fresh;
  if (Status s = log_in(limit, &fresh); !s) return limit.is_stopped() ? login_ended(limit) : s;
  Ref<Channel> old;
  {
    std::lock_guard lock(mutex_);
    old = channel_;
    channel_ = fresh;
  }
  if (old) old->close({base::kErrClosed, "the session was started anew"});
  return Status::ok();
}

// Why a login was given up.
Status Connection::login_ended(const Deadline &limit) const {
  if (Status s = usable(); !s) return s;
  if (limit.is_stopped()) return {base::kErrCancelled, "cancelled by the application"};
  return {base::kErrReadTimeout, "the connection could not be made anew within the time allowed"};
}

void Connection::when_logged_in(std::function<void(const Status &)> then) {
  {
    std::lock_guard lock(mutex_);
    after_login_.push_back(std::move(then));
    if (after_login_.size() > 1) return;
  }
  auto self = Ref<Connection>::share(this);
  post_kept_task([self] { self->log_in_for_all(); });
}

void Connection::log_in_for_all() {
  auto c = channel();
  std::vector<std::function<void(const Status &)>> all;
  {
    std::lock_guard lock(mutex_);
    all.swap(after_login_);
  }
  for (auto &then : all) post_kept_task([then = std::move(then), s = c.status()] { then(s); });
}

void Connection::close() {
  closed_.store(true, std::memory_order_release);
  stops_.fetch_add(1, std::memory_order_acq_rel);
  Ref<Channel> c = current_channel();
  if (c) c->close(closed());
}

void Connection::cancel() {
  if (process_ != base::process_generation()) return;
  stops_.fetch_add(1, std::memory_order_acq_rel);
  if (Ref<Channel> c = current_channel()) c->cancel_all();
}

void Connection::set_timeouts(int64_t read_ms, int64_t write_ms) {
  if (read_ms >= 0) read_timeout_ms_.store(read_ms, std::memory_order_relaxed);
  if (write_ms < 0) return;
  write_timeout_ms_.store(write_ms, std::memory_order_relaxed);
  if (Ref<Channel> c = current_channel()) c->set_write_timeout(write_ms);
}

void Connection::tend() {
  if (process_ != base::process_generation()) return;
  Ref<Channel> c = current_channel();
  if (!c) return;
  c->tend();
  if (c->is_lost()) look_for_drop();
}

bool Connection::is_alive() {
  if (!usable()) return false;
  Ref<Channel> c = current_channel();
  if (!c) return false;
  c->tend();  // an end that nobody has noticed yet shows now
  return !c->is_lost() && ping().is_ok();
}

// ---------------------------------------------------------------------------------------------------- statements

QueryResult *Connection::query(std::string_view sql, int64_t req_id, int64_t timeout_ms) {
  if (sql.empty()) return QueryResult::failed({base::kErrIncompleteSql, "Incomplete SQL statement"});
  if (sql.size() > UINT32_MAX - 64) return QueryResult::failed({base::kErrSqlTooLong, "SQL statement too long"});
  const Deadline deadline = Deadline::after_ms(timeout_ms > 0 ? timeout_ms : read_timeout_ms());
  uint64_t id = req_id > 0 ? static_cast<uint64_t>(req_id) : 0;
  for (int attempt = 0;; attempt++) {
    auto c = channel(deadline);
    if (!c) return QueryResult::failed(c.status());
    auto result = Ref<QueryResult>::adopt(new QueryResult(*c, options_.prefetch_bytes, read_timeout_ms()));
    Buffer head;
    bool sent = false;
    Status s;
    for (;;) {
      if (id == 0) id = (*c)->next_req_id();
      head.clear();
      wire::binary_query_head(head, id, static_cast<uint32_t>(sql.size()));
      s = result->start(id, Opcode::kBinary, head.span(), bytes(sql), deadline, &sent);
      if (s.code() != kDuplicateReqId) break;
      id = 0;
    }
    if (s) s = result->wait(deadline);
    if (s) {
      note_statement(sql, *result);
      return result.detach();
    }
    result->abandon();
    const bool lost = (*c)->is_lost();
    // Not a byte went out, or sending it again does no harm: once more on a new connection.
    if (lost && attempt == 0 && (!sent || only_reads(sql)) && usable()) continue;
    if (!sent || only_reads(sql) || closed_.load()) return QueryResult::failed(s);
    if (s.code() == base::kErrCancelled) return QueryResult::failed(s);
    return QueryResult::failed(
        {base::kErrOutcomeUnknown,
         "outcome unknown: the statement was sent, but its answer was lost (" + s.message() + ")"});
  }
}

Status Connection::outcome_unknown(const Status &why) {
  return {base::kErrOutcomeUnknown,
          "outcome unknown: the statement was sent, but its answer was lost (" + why.message() + ")"};
}

// What a statement changes of the session must be known for the next login.
void Connection::note_statement(std::string_view sql, const QueryResult &result) {
  if (!result.status() || !result.is_update()) return;
  auto db = database_of_use(sql);
  if (!db) return;
  std::lock_guard lock(mutex_);
  db_is_known_ = !db->empty();
  if (db_is_known_) db_ = *db;
}

StatusOr<std::string> Connection::ask(Channel &channel, uint64_t req_id, const Buffer &request, Deadline deadline,
                                      bool *sent) {
  TextCall call(channel);
  if (Status s = channel.start(call, req_id, Opcode::kText, request.span(), {}, deadline, sent); !s) return s;
  if (Status s = call.wait(deadline); !s) return s;
  return std::move(call.text());
}

}  // namespace opentaos::client
