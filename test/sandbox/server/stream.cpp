#include "stream.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace opentaos::sandbox::server {
namespace {

constexpr std::chrono::seconds kWriteTimeout{60};
constexpr std::chrono::milliseconds kGoodbye{500};
constexpr size_t kReadSize = 64 * 1024;

int milliseconds_until(Clock::time_point deadline) {
  auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
  return static_cast<int>(std::clamp<int64_t>(left, 0, 3600 * 1000));
}

}  // namespace

Stream::Stream(int fd, int stop_fd) : fd_(fd), stop_fd_(stop_fd) {
  fcntl(fd_, F_SETFL, fcntl(fd_, F_GETFL) | O_NONBLOCK);
  int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

Stream::~Stream() { close(fd_); }

Stream::Event Stream::wait(short events, Clock::time_point deadline) {
  for (;;) {
    // A negative descriptor is passed over.
    pollfd fds[3] = {{fd_, events, 0}, {stop_fd_, POLLIN, 0}, {events == POLLIN ? wake_fd_ : -1, POLLIN, 0}};
    int n = poll(fds, 3, milliseconds_until(deadline));
    if (n < 0 && errno != EINTR) return Event::kClosed;
    if (n > 0 && fds[1].revents != 0) return Event::kClosed;
    if (n > 0 && fds[0].revents != 0) return Event::kReady;
    if (n > 0 && fds[2].revents != 0) {
      uint64_t times;
      if (read(wake_fd_, &times, sizeof times) < 0 && errno != EAGAIN) return Event::kClosed;
      return Event::kTimeout;
    }
    if (n == 0 && Clock::now() >= deadline) return Event::kTimeout;
  }
}

Stream::Event Stream::read_some(std::string &into, Clock::time_point deadline) {
  size_t before = into.size();
  for (;;) {
    into.resize(before + kReadSize);
    ssize_t n = recv(fd_, into.data() + before, kReadSize, 0);
    int error = errno;
    into.resize(before + (n > 0 ? static_cast<size_t>(n) : 0));
    if (n > 0) return Event::kReady;
    if (n == 0) return Event::kClosed;
    if (error == EINTR) continue;
    if (error != EAGAIN && error != EWOULDBLOCK) return Event::kClosed;
    Event event = wait(POLLIN, deadline);
    if (event != Event::kReady) return event;
  }
}

bool Stream::write_all(std::string_view bytes, Clock::time_point deadline) {
  bool cut = budget_ >= 0 && static_cast<int64_t>(bytes.size()) >= budget_;
  if (cut) bytes = bytes.substr(0, static_cast<size_t>(budget_));
  if (budget_ >= 0) budget_ -= static_cast<int64_t>(bytes.size());
  while (!bytes.empty()) {
    ssize_t n = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n > 0) {
      bytes.remove_prefix(static_cast<size_t>(n));
      continue;
    }
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK) return false;
    if (wait(POLLOUT, deadline) != Event::kReady) return false;
  }
  return !cut;
}

bool Stream::write_all(std::string_view bytes) { return write_all(bytes, Clock::now() + kWriteTimeout); }

bool Stream::sleep(std::chrono::milliseconds time) { return wait(0, Clock::now() + time) == Event::kTimeout; }

bool Stream::reset_on_close() {
  linger at_once{1, 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  reset_ = true;
  return false;
}

void Stream::close_gently() {
  if (reset_) return;
  shutdown(fd_, SHUT_WR);
  std::string ignored;
  Clock::time_point deadline = Clock::now() + kGoodbye;
  while (read_some(ignored, deadline) == Event::kReady) ignored.clear();
}

}  // namespace opentaos::sandbox::server
