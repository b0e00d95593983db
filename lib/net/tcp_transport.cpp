// Plain TCP on the caller's thread: what most connections use, and the hot path.
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>

#include "net/connect_failure.h"
#include "net/resolve.h"
#include "net/transport.h"

namespace opentaos::net {

using base::Deadline;
using base::Status;

namespace {

// A blocking read wakes this often to let its caller look at deadlines and cancellation; one system call per answer is
// worth more than an exact wait.
constexpr int kSliceMs = 50;

class TcpTransport final : public Transport {
 public:
  ~TcpTransport() override {
    if (fd_ >= 0) ::close(fd_);
  }

  Status connect(const Endpoint &to, const TlsOptions &, Deadline deadline) override;
  ssize_t read(void *to, size_t most, int wait_ms) override;
  ssize_t write(const void *from, size_t n, int wait_ms) override;
  int poll_fd() const override { return fd_; }
  void shutdown() override {
    if (fd_ >= 0) ::shutdown(fd_, SHUT_RDWR);
  }
  Status error() const override {
    const int why = read_errno_;
    return connection_lost(why ? why : write_errno_.load());
  }

 private:
  int try_one(const ResolvedAddress &address, Deadline deadline);

  // Whoever ends the connection or asks why it ended does so while others read and write.
  std::atomic<int> fd_{-1};
  std::atomic<int> read_errno_{0};   // the reader's
  std::atomic<int> write_errno_{0};  // the writer's
};

// 0, or the errno of the attempt. Leaves the socket in fd_.
int TcpTransport::try_one(const ResolvedAddress &address, Deadline deadline) {
  fd_ = ::socket(address.family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd_ < 0) return errno;
  int failed = 0;
  if (::connect(fd_, reinterpret_cast<const sockaddr *>(&address.addr), address.len) != 0) {
    failed = errno;
    while (failed == EINPROGRESS || failed == EINTR) {
      pollfd p{fd_, POLLOUT, 0};
      int n = ::poll(&p, 1, deadline.left_ms(1000));
      if (n > 0) {
        socklen_t len = sizeof failed;
        if (::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &failed, &len) != 0) failed = errno;
        break;
      }
      if (n < 0 && errno != EINTR)
        failed = errno;
      else if (deadline.passed())
        failed = ETIMEDOUT;
    }
  }
  if (failed != 0) {
    ::close(fd_);
    fd_ = -1;
    return failed;
  }
  int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(fd_, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  timeval slice{0, kSliceMs * 1000};
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &slice, sizeof slice);
  ::fcntl(fd_, F_SETFL, ::fcntl(fd_, F_GETFL) & ~O_NONBLOCK);
  return 0;
}

Status TcpTransport::connect(const Endpoint &to, const TlsOptions &, Deadline deadline) {
  auto addresses = resolve(to.host, to.port, deadline);
  if (!addresses) return addresses.status();
  int failed = 0;
  for (size_t i = 0; i < addresses->size(); i++) {
    // A silent address must not eat the time of the ones behind it.
    size_t left = addresses->size() - i;
    Deadline mine = deadline;
    if (left > 1 && !deadline.is_never())
      mine = deadline.sooner_of(Deadline::after_ms(deadline.whole_left_ms(3600 * 1000) / static_cast<int>(left) + 1));
    failed = try_one((*addresses)[i], mine);
    if (failed == 0) return Status::ok();
  }
  return cannot_connect(to, failed);
}

ssize_t TcpTransport::read(void *to, size_t most, int wait_ms) {
  int flags = 0;
  if (wait_ms < kSliceMs) {
    flags = MSG_DONTWAIT;
    if (wait_ms > 0) {
      pollfd p{fd_, POLLIN, 0};
      if (::poll(&p, 1, wait_ms) <= 0) return 0;
    }
  }
  ssize_t n = ::recv(fd_, to, most, flags);
  if (n > 0) return n;
  if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return 0;
  read_errno_ = n == 0 ? kPeerClosed : errno;
  return -1;
}

ssize_t TcpTransport::write(const void *from, size_t n, int wait_ms) {
  ssize_t sent = ::send(fd_, from, n, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent >= 0) return sent;
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) {
    pollfd p{fd_, POLLOUT, 0};
    if (wait_ms > 0) ::poll(&p, 1, wait_ms);
    sent = ::send(fd_, from, n, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) return sent;
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return 0;
  }
  write_errno_ = errno;
  return -1;
}

}  // namespace

std::unique_ptr<Transport> make_tcp_transport() { return std::make_unique<TcpTransport>(); }

}  // namespace opentaos::net
