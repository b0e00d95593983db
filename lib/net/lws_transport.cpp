// The transport over libwebsockets: TLS, and plain TCP for comparison. The caller's thread does everything: it polls
// the socket outside of any lock and then lets libwebsockets work under the transport's own.
//
// Bytes come in through libwebsockets (lws_socket.h). Bytes go out by send(): lws_write() takes everything, keeps what
// the kernel does not want on its own heap, and as long as something is kept the RAW role does not read, so that two
// peers who both write first would wait for each other for ever.
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <new>
#include <system_error>

#include "base/buffer.h"
#include "base/codes.h"
#include "net/connect_failure.h"
#include "net/lws_library.h"
#include "net/lws_socket.h"
#include "net/resolve.h"
#include "net/tls_context.h"
#include "net/tls_session.h"
#include "net/transport.h"

namespace opentaos::net {

using base::Deadline;
using base::Status;

namespace {

constexpr int kLongestPoll = 3600 * 1000;  // ms
constexpr short kTrouble = POLLRDHUP | POLLHUP | POLLERR | POLLNVAL;

// Two threads that both come back at once take turns; with a bare mutex the one that has just left gets in again.
class FairMutex {
 public:
  void lock() {
    next_.lock();
    mutex_.lock();
    next_.unlock();
  }
  bool try_lock() {
    if (!next_.try_lock()) return false;
    bool got = mutex_.try_lock();
    next_.unlock();
    return got;
  }
  void unlock() { mutex_.unlock(); }

 private:
  std::mutex next_, mutex_;
};

class LwsTransport final : public Transport, private LwsSocket::Receiver {
 public:
  LwsTransport() : pid_(::getpid()), socket_(*this) {}
  ~LwsTransport() override;

  Status connect(const Endpoint &to, const TlsOptions &tls, Deadline deadline) override;
  ssize_t read(void *to, size_t most, int wait_ms) override;
  ssize_t write(const void *from, size_t n, int wait_ms) override;
  int poll_fd() const override { return fd_.load(std::memory_order_relaxed); }
  bool has_buffered_input() const override;
  void shutdown() override;
  Status error() const override;

 private:
  using Lock = std::unique_lock<FairMutex>;
  enum class Sent { kAll, kBlocked, kFailed };

  static Status make_session(const Endpoint &to, const TlsOptions &tls, std::unique_ptr<TlsSession> &session);

  // All of these are called with the lock held; those that get it as an argument give it up while they wait.
  Status connect_one(Lock &lock, const Endpoint &to, const ResolvedAddress &address, Deadline deadline);
  Status handshake(Lock &lock, const Endpoint &to, Deadline deadline);
  short wait(Lock &lock, short events, Deadline deadline);
  short events_for_input() const;
  ssize_t take_buffered(void *to, size_t most);
  int end_of_input();
  bool service(short revents);
  Sent send_pending();
  ssize_t write_plain(Lock &lock, const void *from, size_t n, Deadline deadline);
  ssize_t write_tls(Lock &lock, const void *from, size_t n, Deadline deadline);
  bool can_write() const { return established_ && !stopped_ && write_end_.is_ok() && fd_ >= 0; }
  void close_socket() {
    fd_ = -1;
    socket_.close();
  }
  static void first(Status &slot, Status reason) {
    if (slot.is_ok()) slot = std::move(reason);
  }

  void received(const uint8_t *bytes, size_t n) noexcept override;

  const pid_t pid_;  // who may talk to the peer: a forked child may not
  mutable FairMutex mutex_;
  LwsSocket socket_;
  std::atomic<int> fd_{-1};
  std::atomic<bool> stopped_{false};
  bool established_ = false;
  std::unique_ptr<TlsSession> tls_;

  // Where received() puts plaintext: into the buffer of the read() that waits, what does not fit into left_. With TLS
  // the session keeps what does not fit.
  uint8_t *target_ = nullptr;
  size_t target_room_ = 0;
  ssize_t target_got_ = 0;
  base::Buffer left_;
  size_t left_pos_ = 0;

  Status read_end_, write_end_;
};

LwsTransport::~LwsTransport() {
  if (::getpid() == pid_) {
    if (tls_ && established_ && !stopped_) {
      tls_->close();
      (void)send_pending();
    }
    return;
  }
  // A forked child. The connection is the parent's, and closing a descriptor says nothing to the peer. If a thread of
  // the parent was inside libwebsockets at the fork, what is here is half made and stays as it is.
  if (mutex_.try_lock()) {
    socket_.close();
    mutex_.unlock();
  } else {
    socket_.abandon();
    (void)tls_.release();
  }
}

Status LwsTransport::error() const {
  Lock lock(mutex_);
  if (stopped_) return Status(base::kErrClosed, "connection lost: closed by this side");
  if (!read_end_.is_ok()) return read_end_;
  if (!write_end_.is_ok()) return write_end_;
  return connection_lost(0);
}

// ---- connecting

Status LwsTransport::make_session(const Endpoint &to, const TlsOptions &tls, std::unique_ptr<TlsSession> &session) {
  if (tls.mode == TlsOptions::Mode::kOff) return Status::ok();
  auto context = tls_context(tls);
  if (!context) return context.status();
  auto made = TlsSession::create(*context, to, tls.mode);
  if (!made) return made.status();
  session = std::move(*made);
  return Status::ok();
}

Status LwsTransport::connect(const Endpoint &to, const TlsOptions &tls, Deadline deadline) {
  std::unique_ptr<TlsSession> session;
  Status status = load_lws();
  if (status) status = make_session(to, tls, session);
  auto addresses = status ? resolve(to.host, to.port, deadline) : status;

  Lock lock(mutex_);
  if (!addresses) return read_end_ = addresses.status();
  tls_ = std::move(session);
  read_end_ = write_end_ = Status::ok();
  for (size_t i = 0; i < addresses->size(); i++) {
    // A silent address must not eat the time of the ones behind it.
    Deadline mine = deadline;
    int left = static_cast<int>(addresses->size() - i);
    if (left > 1 && !deadline.is_never())
      mine = deadline.sooner_of(Deadline::after_ms(deadline.whole_left_ms(kLongestPoll) / left + 1));
    status = connect_one(lock, to, (*addresses)[i], mine);
    if (status || stopped_) break;
  }
  if (status && tls_) status = handshake(lock, to, deadline);
  if (!status) {
    close_socket();
    return read_end_ = status;
  }
  established_ = true;
  return status;
}

Status LwsTransport::connect_one(Lock &lock, const Endpoint &to, const ResolvedAddress &address, Deadline deadline) {
  int failed = stopped_ ? ECANCELED : socket_.start(address);
  fd_ = socket_.fd();
  while (failed == 0 && !socket_.connected()) {
    short revents = wait(lock, POLLOUT, deadline);
    if (stopped_) {
      failed = ECANCELED;
    } else if (revents == 0) {
      failed = ETIMEDOUT;
    } else {
      // Asked here, since libwebsockets asks for the reason of a failure too and keeps the answer to itself.
      socklen_t len = sizeof failed;
      if (::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &failed, &len) != 0) failed = errno;
      if (failed == 0 && !service(revents & ~POLLIN)) failed = ECONNABORTED;
    }
  }
  if (failed == 0) return Status::ok();
  close_socket();
  return cannot_connect(to, failed);
}

Status LwsTransport::handshake(Lock &lock, const Endpoint &to, Deadline deadline) {
  for (;;) {
    TlsSession::Step step = tls_->handshake();
    Sent sent = send_pending();
    if (step == TlsSession::Step::kFailed) return tls_->error();
    if (step == TlsSession::Step::kDone && sent == Sent::kAll) return Status::ok();

    short revents = wait(lock, events_for_input(), deadline);
    if (stopped_) return cannot_connect(to, ECANCELED);
    if (revents == 0) {
      Status late = cannot_connect(to, ETIMEDOUT);
      return Status(late.code(), late.message() + " (no answer to the TLS handshake)");
    }
    if (revents & kTrouble) {
      if (int ended = end_of_input())
        return tls_->handshake_ended(ended == kPeerClosed ? "the server closed the connection"
                                                          : std::system_category().message(ended));
    }
    if ((revents & POLLIN) && !service(POLLIN)) return tls_->handshake_ended("the connection was lost");
  }
}

// ---- waiting

// The events that came, 0 when the time is over.
short LwsTransport::wait(Lock &lock, short events, Deadline deadline) {
  pollfd p{fd_, events, 0};
  lock.unlock();
  int n, failed;
  do {
    n = ::poll(&p, 1, deadline.passed() ? 0 : deadline.left_ms(kLongestPoll));
    failed = errno;
  } while ((n < 0 && (failed == EINTR || failed == EAGAIN) && !stopped_) ||
           (n == 0 && !stopped_ && !deadline.passed()));
  lock.lock();
  if (n < 0) return POLLERR;
  return n == 0 ? static_cast<short>(0) : p.revents;
}

short LwsTransport::events_for_input() const {
  if (!tls_ || tls_->pending().empty()) return POLLIN | POLLRDHUP;
  if (tls_->must_send()) return POLLOUT;
  return POLLIN | POLLRDHUP | POLLOUT;
}

// After poll() has seen trouble: 0 if there is something to read before it, else why the stream has ended.
// libwebsockets must not find that out itself: it would close the descriptor while others still use its number.
int LwsTransport::end_of_input() {
  char c;
  ssize_t n = ::recv(fd_, &c, 1, MSG_PEEK | MSG_DONTWAIT);
  if (n > 0) return 0;
  if (n == 0) return kPeerClosed;
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? 0 : errno;
}

bool LwsTransport::service(short revents) {
  if (socket_.service(revents)) return true;
  fd_ = -1;
  return false;
}

// ---- reading

void LwsTransport::received(const uint8_t *bytes, size_t n) noexcept {
  try {
    if (tls_) {
      if (!target_) {
        tls_->feed({bytes, n});
        return;
      }
      target_got_ = tls_->feed_and_read({bytes, n}, target_, target_room_);
      return;
    }
    size_t now = std::min(n, target_room_);
    if (now > 0) {
      std::memcpy(target_, bytes, now);
      target_got_ = static_cast<ssize_t>(now);
    }
    left_.append(bytes + now, n - now);
  } catch (const std::bad_alloc &) {
    first(read_end_, Status(base::kErrOutOfMemory, "Out of Memory"));
  }
}

// What has been received but not read: > 0 bytes, 0 nothing, -1 the stream has ended.
ssize_t LwsTransport::take_buffered(void *to, size_t most) {
  if (tls_) {
    if (!tls_->has_input() && tls_->error().is_ok()) return 0;
    ssize_t n = tls_->read(to, most);
    if (!tls_->pending().empty()) (void)send_pending();
    return n;
  }
  size_t n = std::min(most, left_.size() - left_pos_);
  if (n == 0) return 0;
  std::memcpy(to, left_.data() + left_pos_, n);
  left_pos_ += n;
  if (left_pos_ == left_.size()) {
    left_pos_ = 0;
    left_.shrink_to(0);
  }
  return static_cast<ssize_t>(n);
}

ssize_t LwsTransport::read(void *to, size_t most, int wait_ms) {
  if (most == 0) return 0;
  Deadline deadline = wait_ms > 0 ? Deadline::after_ms(wait_ms) : Deadline::already();
  Lock lock(mutex_);
  for (;;) {
    if (stopped_ || !established_) return -1;
    ssize_t n = take_buffered(to, most);
    if (n > 0) return n;
    if (n < 0) first(read_end_, tls_->error());
    if (!read_end_.is_ok()) return -1;
    short revents = wait(lock, events_for_input(), deadline);
    if (stopped_) return -1;
    if (revents == 0) return 0;
    if (revents & POLLOUT) (void)send_pending();
    if (revents & kTrouble) {
      if (int ended = end_of_input()) {
        first(read_end_, connection_lost(ended));
        return -1;
      }
    }
    if (!(revents & POLLIN)) continue;
    target_ = static_cast<uint8_t *>(to);
    target_room_ = most;
    target_got_ = 0;
    bool alive = service(POLLIN);
    target_ = nullptr;
    target_room_ = 0;
    if (!alive) first(read_end_, connection_lost(kPeerClosed));
    if (tls_ && !tls_->pending().empty()) (void)send_pending();
    if (target_got_ > 0) return target_got_;
  }
}

bool LwsTransport::has_buffered_input() const {
  Lock lock(mutex_);
  if (tls_) return tls_->has_input() || !tls_->error().is_ok();
  return left_pos_ < left_.size();
}

// ---- writing

LwsTransport::Sent LwsTransport::send_pending() {
  if (!tls_) return Sent::kAll;
  for (;;) {
    auto bytes = tls_->pending();
    if (bytes.empty()) return Sent::kAll;
    ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n >= 0) {
      tls_->sent(static_cast<size_t>(n));
      continue;
    }
    if (errno == EINTR) continue;
    if (errno == EAGAIN || errno == EWOULDBLOCK) return Sent::kBlocked;
    first(write_end_, connection_lost(errno));
    tls_->sent(bytes.size());  // nobody will ever want them
    return Sent::kFailed;
  }
}

ssize_t LwsTransport::write_plain(Lock &lock, const void *from, size_t n, Deadline deadline) {
  for (;;) {
    ssize_t sent = ::send(fd_, from, n, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) return sent;
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) {
      first(write_end_, connection_lost(errno));
      return -1;
    }
    short revents = wait(lock, POLLOUT, deadline);
    if (!can_write()) return -1;
    if (revents == 0) return 0;
  }
}

// One batch of records. Bytes count as taken when they are encrypted: from then on they cannot be taken back. At most
// one batch waits for the kernel when this returns, and only if the peer has not read for the whole time.
ssize_t LwsTransport::write_tls(Lock &lock, const void *from, size_t n, Deadline deadline) {
  size_t taken = 0;
  for (;;) {
    Sent sent = send_pending();
    if (sent == Sent::kFailed) return -1;
    if (sent == Sent::kAll) {
      if (taken > 0) return static_cast<ssize_t>(taken);
      ssize_t now = tls_->write(from, n);
      if (now < 0) {
        first(write_end_, tls_->error());
        return -1;
      }
      taken = static_cast<size_t>(now);
      if (taken > 0) continue;
    } else if (taken > 0 && taken < n) {
      return static_cast<ssize_t>(taken);  // the caller comes back with the rest
    }
    short revents = wait(lock, POLLOUT, deadline);
    if (!can_write()) return -1;
    if (revents == 0) return static_cast<ssize_t>(taken);
  }
}

ssize_t LwsTransport::write(const void *from, size_t n, int wait_ms) {
  if (n == 0) return 0;
  Deadline deadline = wait_ms > 0 ? Deadline::after_ms(wait_ms) : Deadline::already();
  Lock lock(mutex_);
  if (!can_write()) return -1;
  return tls_ ? write_tls(lock, from, n, deadline) : write_plain(lock, from, n, deadline);
}

// ---- ending

void LwsTransport::shutdown() {
  stopped_ = true;
  if (::getpid() != pid_) return;  // the parent still uses the connection
  Lock lock(mutex_);
  if (fd_ < 0) return;
  if (tls_ && established_) {
    tls_->close();
    (void)send_pending();
  }
  ::shutdown(fd_, SHUT_RDWR);
}

}  // namespace

std::unique_ptr<Transport> make_lws_transport() { return std::make_unique<LwsTransport>(); }

}  // namespace opentaos::net
