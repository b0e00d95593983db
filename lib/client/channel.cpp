#include "client/channel.h"

#include <unistd.h>

#include <chrono>
#include <thread>

#include "base/codes.h"
#include "base/dsn.h"
#include "client/cork.h"
#include "client/executor.h"
#include "net/connect_failure.h"
#include "wire/frames.h"

namespace opentaos::client {

using base::Buffer;
using base::Deadline;
using base::Status;
using net::Message;
using net::Opcode;

namespace {

constexpr int kBusy = 8;                                   // calls that nobody waits for, under way: see start_async()
constexpr int kTogether = 32;                              // see read_some()
constexpr int64_t kFirstDozeUs = 500, kLastDozeUs = 1000;  // see wait()
constexpr int64_t kSleepUs = 1000000;
constexpr int kSliceMs = 50;               // how soon a cancellation or a deadline is noticed
constexpr size_t kKeepBuffer = 64 * 1024;  // a send buffer larger than this is given back when it has been sent
// The server drops a peer from which it has heard nothing, not even a pong, for 114 s.
constexpr int64_t kQuietMs = 40 * 1000;

int64_t now_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

net::TlsOptions tls_options(const base::ConnectOptions &o) {
  net::TlsOptions t;
  switch (o.tls_mode) {
    case base::TlsMode::kOff: t.mode = net::TlsOptions::Mode::kOff; break;
    case base::TlsMode::kNoVerify: t.mode = net::TlsOptions::Mode::kNoVerify; break;
    case base::TlsMode::kVerifyCa: t.mode = net::TlsOptions::Mode::kVerifyCa; break;
    case base::TlsMode::kVerifyIdentity: t.mode = net::TlsOptions::Mode::kVerifyIdentity; break;
  }
  t.ca = o.tls_ca;
  t.versions = o.tls_versions;
  return t;
}

// A flag that is up for the length of a scope.
class Raised {
 public:
  explicit Raised(bool &flag) : flag_(flag) { flag_ = true; }
  ~Raised() { flag_ = false; }
  Raised(const Raised &) = delete;
  Raised &operator=(const Raised &) = delete;

 private:
  bool &flag_;
};

Status send_timed_out() { return {base::kErrSendTimeout, "the server takes no more data: send timed out"}; }
Status timed_out() { return {base::kErrReadTimeout, "no answer from the server within the time allowed"}; }
Status cancelled() { return {base::kErrCancelled, "cancelled by the application"}; }

}  // namespace

// Ids are unique on a connection; those that programs choose are mostly small, so ours begin far away. They stay below
// 2^63, which some servers read them as.
Channel::Channel() : process_(base::process_generation()) {
  sleepers_.reserve(kTogether);
  net::MaskKeys random;
  next_req_id_ = (static_cast<uint64_t>(random.next() & 0x3fffffff) << 32) + (uint64_t{1} << 31);
}

Channel::~Channel() {
  // In a child of fork() the socket belongs to the parent: only our copies of descriptors and memory go.
}

Status Channel::forked() {
  return {base::kErrForked, "this connection was opened by the parent process: connect anew after fork()"};
}

bool Channel::is_mine() const { return process_ == base::process_generation(); }

Status Channel::open(const base::Host &host, const base::ConnectOptions &options, const char *path, Deadline deadline) {
  host_ = host;
  set_write_timeout(options.write_timeout_ms);
  const bool lws = options.transport == "lws" || (options.transport != "tcp" && options.tls());
  ws_ = std::make_unique<net::WebSocket>(lws ? net::make_lws_transport() : net::make_tcp_transport());
  net::WebSocketOptions w;
  w.path = path;
  old_frames_ = w.path == "/rest/tmq";
  if (!options.token.empty()) w.path += "?token=" + base::percent_encode(options.token);
  w.offer_deflate = options.compression;
  w.max_message = static_cast<size_t>(options.max_message_bytes);
  last_sent_ms_ = now_ms();
  return ws_->connect({host.host, host.port}, tls_options(options), w, deadline);
}

// ---------------------------------------------------------------------------------------------------- sending

void Channel::start_locked(Call &call, uint64_t req_id, Opcode opcode, std::span<const uint8_t> message) {
  call.req_id_ = req_id;
  calls_.insert(&call);
  send_along_locked(opcode, message);
  out_waits_.store(true, std::memory_order_release);
}

void Channel::send_along_locked(Opcode opcode, std::span<const uint8_t> payload) { send_along(opcode, payload); }

void Channel::send_along(Opcode opcode, std::span<const uint8_t> payload) {
  if (!is_mine()) return;
  std::lock_guard lock(out_mutex_);
  ws_->append_frame(&out_, opcode, payload, {});
}

Status Channel::register_call(Call &call, uint64_t req_id) {
  if (!is_mine()) return forked();
  std::lock_guard lock(mutex_);
  if (lost_.load(std::memory_order_relaxed)) return lost_why_;
  if (calls_.find(req_id)) return {kDuplicateReqId, "a request with this id is under way"};
  call.req_id_ = req_id;
  calls_.insert(&call);
  return Status::ok();
}

Status Channel::start(Call &call, uint64_t req_id, Opcode opcode, std::span<const uint8_t> head,
                      std::span<const uint8_t> body, Deadline deadline, bool *sent) {
  if (sent) *sent = false;
  if (Status s = register_call(call, req_id); !s) return s;
  {
    std::lock_guard lock(out_mutex_);
    ws_->append_frame(&out_, opcode, head, body);
  }
  if (sent) *sent = true;
  if (Cork *cork = Cork::current())
    cork->hold(*this);
  else
    flush(deadline);  // a failure fails every call, this one too
  return Status::ok();
}

Status Channel::start_async(Call &call, uint64_t req_id, Opcode opcode, std::span<const uint8_t> head,
                            std::span<const uint8_t> body, Deadline deadline) {
  if (Status s = register_call(call, req_id); !s) return s;
  {
    std::lock_guard lock(out_mutex_);
    ws_->append_frame(&out_, opcode, head, body);
  }
  // The worker says that it sleeps before it looks at out_waits_; this says that something waits before it looks
  // whether the worker sleeps. One of them sees the other.
  out_waits_.store(true, std::memory_order_seq_cst);
  if (worker_awake_.load(std::memory_order_seq_cst)) return Status::ok();
  if (async_count_.load(std::memory_order_relaxed) > kBusy) {
    // The server has enough to do for the moment it takes a worker to wake, and that one takes along what follows.
    kick_workers();
    return Status::ok();
  }
  if (Cork *cork = Cork::current())
    cork->hold(*this);
  else
    flush(deadline);
  return Status::ok();
}

Status Channel::start_in_place(Call &call, uint64_t req_id, Buffer *message, Deadline deadline, bool *sent,
                               Opcode opcode) {
  if (sent) *sent = false;
  if (ws_->compresses()) {
    std::span<const uint8_t> payload = message->span().subspan(net::kMaxClientHeader);
    return start(call, req_id, opcode, payload, {}, deadline, sent);
  }
  const Deadline limit = for_sending(deadline);
  if (limit.is_stopped()) return cancelled();
  if (Status s = register_call(call, req_id); !s) return s;
  // The sender's role is needed for as long as the message takes. Small messages queued meanwhile go right behind it.
  std::unique_lock lock(out_mutex_);
  for (int spins = 0; sending_; spins++) {
    lock.unlock();
    if (limit.passed()) {
      if (!forget(call)) return Status::ok();  // told already: the connection is lost
      return limit.is_stopped() ? cancelled() : send_timed_out();
    }
    if (spins < 64)
      std::this_thread::yield();
    else
      std::this_thread::sleep_for(std::chrono::microseconds(100));
    lock.lock();
  }
  sending_ = true;
  sending_buffer_.swap(out_);
  const uint32_t key = ws_->draw_mask_key();
  lock.unlock();
  if (sent) *sent = true;
  Status s = Status::ok();
  const auto frame = net::WebSocket::seal_in_place(message, opcode, key);
  if (!sending_buffer_.empty()) s = write_all(sending_buffer_.data(), sending_buffer_.size(), limit);
  if (s) s = write_all(frame.data(), frame.size(), limit);
  lock.lock();
  flush_queue(lock, std::move(s), limit);
  return Status::ok();
}

// Sends everything that is queued, unless another thread is at it: that one takes ours along.
void Channel::flush(Deadline deadline) {
  std::unique_lock lock(out_mutex_);
  out_waits_.store(false, std::memory_order_relaxed);
  if (sending_) return;
  sending_ = true;
  flush_queue(lock, Status::ok(), deadline);
}

// With the sender's role, which is given back. `s`: how sending has gone so far.
void Channel::flush_queue(std::unique_lock<std::mutex> &lock, Status s, Deadline deadline) {
  while (s && !out_.empty()) {
    sending_buffer_.clear();
    sending_buffer_.swap(out_);
    lock.unlock();
    s = write_all(sending_buffer_.data(), sending_buffer_.size(), deadline);
    lock.lock();
  }
  sending_buffer_.shrink_to(kKeepBuffer);
  sending_ = false;
  lock.unlock();
  if (!s) fail(s);
}

void Channel::flush_queued() { flush(Deadline::after_ms(write_timeout_ms_.load(std::memory_order_relaxed))); }

// The worker's, which has other channels to look after: what the server does not take at once is left to a task.
void Channel::flush_without_waiting() {
  std::unique_lock lock(out_mutex_);
  out_waits_.store(false, std::memory_order_relaxed);
  if (sending_) return;
  sending_ = true;
  Status s;
  while (s && !out_.empty()) {
    sending_buffer_.clear();
    sending_buffer_.swap(out_);
    lock.unlock();
    size_t written = 0;
    while (written < sending_buffer_.size()) {
      const ssize_t n = ws_->write(sending_buffer_.data() + written, sending_buffer_.size() - written, 0);
      if (n < 0) {
        s = ws_->write_error();
        break;
      }
      if (n == 0) {
        auto self = base::Ref<Channel>::share(this);
        post_kept_task([self, written] { self->flush_rest(written); });
        return;
      }
      written += static_cast<size_t>(n);
    }
    last_sent_ms_.store(now_ms(), std::memory_order_relaxed);
    lock.lock();
  }
  flush_queue(lock, std::move(s), Deadline::already());
}

// Goes on where flush_without_waiting() stopped, with the sender's role.
void Channel::flush_rest(size_t written) {
  const Deadline deadline = Deadline::after_ms(write_timeout_ms_.load(std::memory_order_relaxed));
  Status s = write_all(sending_buffer_.data() + written, sending_buffer_.size() - written, deadline);
  std::unique_lock lock(out_mutex_);
  flush_queue(lock, std::move(s), deadline);
}

Deadline Channel::for_sending(Deadline deadline) const {
  const Deadline d = deadline.sooner_of(Deadline::after_ms(write_timeout_ms_.load(std::memory_order_relaxed)));
  return d.can_be_stopped() ? d : d.or_stopped_by(cancels_);
}

// The sender's role must be held.
Status Channel::write_all(const uint8_t *p, size_t n, Deadline deadline) {
  const Deadline limit = for_sending(deadline);
  while (n > 0) {
    ssize_t w = ws_->write(p, n, limit.left_ms(kSliceMs));
    if (w < 0) return ws_->write_error();
    p += w;
    n -= static_cast<size_t>(w);
    if (w > 0) continue;
    if (lost_.load(std::memory_order_relaxed)) return lost_reason();
    if (limit.is_stopped()) return cancelled();
    if (limit.passed()) return send_timed_out();
    // The server may wait for us to read before it reads on.
    std::unique_lock lock(mutex_);
    if (!reading_) {
      reading_ = true;
      lock.unlock();
      (void)read_some(0, false);
      lock.lock();
      reading_ = false;
      base::Parker::wake(pass_reading_on_locked());
    }
  }
  last_sent_ms_.store(now_ms(), std::memory_order_relaxed);
  return Status::ok();
}

void Channel::answer_ping(bool worker) {
  Buffer payload;
  if (!ws_->take_pong(&payload)) return;
  send_along(Opcode::kPong, payload.span());
  worker ? flush_without_waiting() : flush_queued();
}

// ---------------------------------------------------------------------------------------------------- reading

void Channel::add_waiter_locked(Waiter &w) {
  w.listed_ = true;
  w.next_ = nullptr;
  w.prev_ = last_waiter_;
  (last_waiter_ ? last_waiter_->next_ : first_waiter_) = &w;
  last_waiter_ = &w;
}

void Channel::remove_waiter_locked(Waiter &w) {
  if (!w.listed_) return;
  w.listed_ = false;
  (w.prev_ ? w.prev_->next_ : first_waiter_) = w.next_;
  (w.next_ ? w.next_->prev_ : last_waiter_) = w.prev_;
}

// Nobody reads: one of those who wait takes over (who came last is the likeliest to doze), else the service if there
// are calls that nobody waits in. Whom to wake, best without the lock.
const void *Channel::pass_reading_on_locked() {
  if (reading_) return nullptr;
  if (first_waiter_) return last_waiter_->dozing_ ? nullptr : first_waiter_->parker_.nudge_quietly();
  if (first_async_) kick_workers();
  return nullptr;
}

bool Channel::defer_locked(Waiter &waiter) {
  if (!waiter.listed_ || !waiter.dozing_) return false;
  waiter.may_go_ = true;
  return true;
}

void Channel::finish_locked(Waiter &waiter) {
  remove_waiter_locked(waiter);
  if (!dispatching_ || sleepers_.size() == sleepers_.capacity()) {
    waiter.parker_.finish();
  } else if (const void *sleeper = waiter.parker_.finish_quietly()) {
    sleepers_.push_back(sleeper);
  }
}

// Without the lock, which is the first thing they want.
void Channel::wake_sleepers() {
  for (const void *sleeper : sleepers_) base::Parker::wake(sleeper);
  sleepers_.clear();
}

// A thread that sleeps while another one reads dozes at first: it looks around by itself, soon and then less often.
// While somebody dozes, the thread that has been reading can leave without waking anybody to read on. Mostly it comes
// back at once with its next question, or another one does, and reads itself.
Status Channel::wait(Waiter &waiter, Deadline deadline) {
  if (!is_mine()) return forked();  // what comes is for the parent
  if (Cork *cork = Cork::current()) cork->flush();
  waiter.may_go_ = false;
  int64_t doze_us = kFirstDozeUs;
  if (!waiter.cancels_known_) waiter.cancels_seen_ = cancels_.load(std::memory_order_acquire);
  for (;;) {
    // Without the lock: whoever finishes a waiter has taken it off the list, and a nudge to read on that it may have
    // got went void when that thread began to read. (This thread has not read: see below.)
    if (waiter.done()) return Status::ok();
    std::unique_lock lock(mutex_);
    remove_waiter_locked(waiter);
    const bool done = waiter.done() || waiter.may_go_, stop = is_cancelled(waiter);
    if (done || stop || deadline.passed()) {
      base::Parker::wake(pass_reading_on_locked());  // the nudge to read on may have come to this thread
      return done ? Status::ok() : stop ? cancelled() : timed_out();
    }
    if (!reading_) {
      if (lost_.load(std::memory_order_relaxed)) return lost_why_;
      reading_ = true;
      lock.unlock();
      read_until(waiter, deadline);
      lock.lock();
      reading_ = false;
      if (!waiter.done()) continue;
      const void *sleeper = pass_reading_on_locked();
      lock.unlock();
      base::Parker::wake(sleeper);
      return Status::ok();
    }
    add_waiter_locked(waiter);
    waiter.dozing_ = doze_us <= kLastDozeUs;
    lock.unlock();
    waiter.parker_.wait_us(std::min(waiter.dozing_ ? doze_us : kSleepUs, int64_t{1000} * deadline.left_ms(1000)));
    doze_us *= 2;
  }
}

void Channel::read_until(Waiter &waiter, Deadline deadline) {
  while (!waiter.done() && !is_cancelled(waiter)) {
    const int left = deadline.left_ms(kSliceMs);
    if (left == 0) return;
    if (!read_some(left, false)) return;
  }
}

// Reads at most one message and what else has come with it; what the answers made us ask for goes out together, or
// after so many of them. false: the connection has ended.
bool Channel::read_some(int wait_ms, bool worker) {
  const auto flush = [&] {
    wake_sleepers();  // first: sending may have to wait for the server
    if (out_waits_.load(std::memory_order_acquire)) worker ? flush_without_waiting() : flush_queued();
  };
  int together = 0;
  try {
    do {
      switch (ws_->read(&message_, wait_ms)) {
        case net::WebSocket::ReadResult::kMessage: {
          {
            std::lock_guard lock(mutex_);
            Raised dispatching(dispatching_);
            dispatch_locked(message_);
            if (spare_.capacity() > 0) ws_->give_spare(std::move(spare_));
          }
          if (++together == kTogether) flush(), together = 0;
          break;
        }
        case net::WebSocket::ReadResult::kNothing:
          flush();
          answer_ping(worker);
          return true;
        case net::WebSocket::ReadResult::kEnded:
          wake_sleepers();
          answer_ping(worker);
          fail(ws_->read_error());
          return false;
      }
      if (wait_ms > 0) wait_ms = 0;
    } while (wait_ms == 0 && ws_->has_buffered_input());
    flush();
    return true;
  } catch (const std::bad_alloc &) {
    // What was read is lost, and somebody waits for it.
    wake_sleepers();
    fail({base::kErrOutOfMemory, "Out of Memory"});
    return false;
  }
}

void Channel::give_buffer_locked(Buffer &&b) {
  b.clear();
  if (b.capacity() > spare_.capacity()) spare_ = std::move(b);
}

void Channel::dispatch_locked(Message &message) {
  Call *call = nullptr;
  wire::AnswerKey key;
  if (message.is_text()) {
    key = wire::peek_req_id(message.text());
    call = calls_.find(key.req_id);
    if (!call && key.action == "version") call = version_call_;
  } else {
    wire::FrameKey frame = wire::classify_frame(message.payload);
    if (frame.kind == wire::FrameKind::kFetchAnswer || frame.kind == wire::FrameKind::kTmqRawAnswer)
      call = calls_.find(frame.req_id);
    else if (frame.kind == wire::FrameKind::kOldStyle && old_frames_)
      call = calls_.find(frame.second);
  }
  if (!call) return;  // an answer nobody asked for, or not any more
  if (call == version_call_) version_call_ = nullptr;
  calls_.remove(call);
  call->on_answer(message, message.is_text() ? &key : nullptr);
}

// ---------------------------------------------------------------------------------------------------- service

void Channel::async_begin_locked(AsyncWait &wait) {
  if (wait.listed_) return;
  wait.listed_ = true;
  wait.prev_ = nullptr;
  wait.next_ = first_async_;
  if (first_async_) first_async_->prev_ = &wait;
  first_async_ = &wait;
  async_count_.fetch_add(1, std::memory_order_relaxed);
  if (!served_) {
    served_ = true;
    serve_channel(this);
  } else if (!reading_) {
    kick_workers();
  }
}

void Channel::async_end_locked(AsyncWait &wait) {
  if (!wait.listed_) return;
  wait.listed_ = false;
  (wait.prev_ ? wait.prev_->next_ : first_async_) = wait.next_;
  if (wait.next_) wait.next_->prev_ = wait.prev_;
  if (async_count_.fetch_sub(1, std::memory_order_relaxed) == 1) quiet_since_ms_ = now_ms();
}

Channel::Served Channel::serve_begin() {
  constexpr int64_t kGraceMs = 20;  // a channel without calls is kept this long: the next call often follows at once
  worker_awake_.store(false, std::memory_order_seq_cst);
  if (out_waits_.load(std::memory_order_seq_cst)) flush_without_waiting();
  std::lock_guard lock(mutex_);
  if (!first_async_ && (first_waiter_ || lost_.load() || now_ms() - quiet_since_ms_ >= kGraceMs)) {
    served_ = false;
    return Served::kLetGo;
  }
  if (reading_) return Served::kOthers;
  reading_ = true;
  return Served::kMine;
}

// While the worker runs callbacks somebody else may read: a callback that waits for an answer, for one.
void Channel::serve_end() {
  std::lock_guard lock(mutex_);
  reading_ = false;
  if (first_waiter_) first_waiter_->parker_.nudge();
}

void Channel::serve_some(bool ready) {
  worker_awake_.store(true, std::memory_order_relaxed);
  if (ready) {
    // A limit, so that one busy connection cannot keep the others waiting.
    for (int i = 0; i < 16; i++) {
      if (!read_some(0, true) || !ws_->has_buffered_input()) break;
    }
  }
}

void Channel::end_late() {
  const int64_t now = now_ms();
  if (now - last_late_check_ms_ < 100) return;
  last_late_check_ms_ = now;
  std::lock_guard lock(mutex_);
  for (AsyncWait *w = first_async_; w;) {
    AsyncWait *next = w->next_;
    if (w->deadline.passed()) {
      async_end_locked(*w);
      w->on_late_locked();
    }
    w = next;
  }
}

// ---------------------------------------------------------------------------------------------------- ending

bool Channel::forget(Call &call) {
  std::lock_guard lock(mutex_);
  const bool was = call.in_table_;
  calls_.remove(&call);
  if (version_call_ == &call) version_call_ = nullptr;
  return was;
}

void Channel::cancel_locked(Waiter &waiter) {
  waiter.cancelled_.store(true, std::memory_order_relaxed);
  waiter.parker_.nudge();
}

void Channel::cancel_all() {
  std::lock_guard lock(mutex_);
  cancels_.fetch_add(1, std::memory_order_acq_rel);
  for (Waiter *w = first_waiter_; w; w = w->next_) w->parker_.nudge();
}

bool Channel::is_cancelled(const Waiter &waiter) const {
  return waiter.cancelled_.load(std::memory_order_relaxed) ||
         waiter.cancels_seen_ != cancels_.load(std::memory_order_acquire);
}

void Waiter::begin(const Channel &channel) {
  cancels_seen_ = channel.cancels_.load(std::memory_order_acquire);
  cancels_known_ = true;
}

void Channel::fail(const Status &why) {
  std::lock_guard lock(mutex_);
  fail_locked(why);
}

void Channel::fail_locked(const Status &why) {
  if (!lost_.load(std::memory_order_relaxed)) {
    if (!closing_) lost_why_ = why;
    lost_.store(true, std::memory_order_release);
    ws_->shutdown();
  }
  while (Call *c = calls_.any()) {
    calls_.remove(c);
    c->on_lost(lost_why_);
  }
}

Status Channel::lost_reason() {
  std::lock_guard lock(mutex_);
  return lost_why_;
}

void Channel::close(const Status &why) {
  if (!ws_) return;
  if (!is_mine()) return;
  {
    // The server may hang up on the close frame before we do: what is under way still ends for our reason.
    std::lock_guard lock(mutex_);
    if (!closing_ && !is_lost()) lost_why_ = why;
    closing_ = true;
  }
  if (!is_lost()) {
    // A polite end: what was queued (free_result) is pointless now, the server frees everything.
    static const uint8_t kNormal[2] = {0x03, 0xe8};
    std::unique_lock lock(out_mutex_);
    if (!sending_) {
      sending_ = true;
      out_.clear();
      ws_->append_frame(&out_, Opcode::kClose, kNormal, {});
      sending_buffer_.swap(out_);
      lock.unlock();
      (void)ws_->write(sending_buffer_.data(), sending_buffer_.size(), 0);
      lock.lock();
      sending_ = false;
    }
  }
  fail(why);
}

// Reads what is there, unless somebody is at it: false.
bool Channel::read_now(bool trim) {
  {
    std::unique_lock lock(mutex_);
    if (reading_) return false;
    reading_ = true;
  }
  (void)read_some(0, false);
  std::unique_lock lock(mutex_);
  if (trim && calls_.size() == 0 && !is_lost()) ws_->trim();
  reading_ = false;
  base::Parker::wake(pass_reading_on_locked());
  return true;
}

void Channel::look_if_idle() {
  constexpr int64_t kIdleMs = 100;
  if (now_ms() - last_sent_ms_.load(std::memory_order_relaxed) >= kIdleMs && !is_lost()) (void)read_now(false);
}

void Channel::tend() {
  if (!is_mine() || is_lost() || !read_now(true) || is_lost()) return;
  if (now_ms() - last_sent_ms_.load(std::memory_order_relaxed) > kQuietMs) send_along(Opcode::kPong, {});
  flush_without_waiting();
}

}  // namespace opentaos::client
