// Peers that say nothing: every wait has an end.
#include <arpa/inet.h>
#include <sys/socket.h>
#include <taos.h>
#include <taosws.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <string>
#include <vector>

#include "../support/connections.h"

using namespace opentaos::test;

namespace {

// A port that takes connections until its queue is full and then answers nothing, not even the beginning of one: what a
// firewall that drops packets looks like. Nobody ever reads from those that it took.
class SilentPort {
 public:
  explicit SilentPort(bool full) {
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in a{};
    a.sin_family = AF_INET;
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t n = sizeof a;
    REQUIRE(::bind(fd_, reinterpret_cast<sockaddr *>(&a), n) == 0);
    REQUIRE(::listen(fd_, full ? 0 : 16) == 0);
    REQUIRE(::getsockname(fd_, reinterpret_cast<sockaddr *>(&a), &n) == 0);
    port_ = ntohs(a.sin_port);
    for (int i = 0; full && i < 8; i++) {
      fillers_.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
      (void)::connect(fillers_.back(), reinterpret_cast<sockaddr *>(&a), n);
    }
  }
  ~SilentPort() {
    for (int fd : fillers_) ::close(fd);
    ::close(fd_);
  }
  uint16_t port() const { return port_; }

 private:
  int fd_;
  uint16_t port_;
  std::vector<int> fillers_;
};

std::string dsn(const SilentPort &server) {
  return "ws://root:taosdata@127.0.0.1:" + std::to_string(server.port()) + "/?conn_timeout=300ms";
}

}  // namespace

TEST_CASE("silent peer: connections that are dropped unanswered end by conn_timeout") {
  SilentPort server(true);
  const auto start = std::chrono::steady_clock::now();
  CHECK(ws_connect(dsn(server).c_str()) == nullptr);
  CHECK(ws_errno(nullptr) != 0);
  CHECK(std::string(ws_errstr(nullptr)) != "");
  // Far below what the kernel would try for, two minutes.
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));
}

TEST_CASE("silent peer: a server that takes the connection and never answers the upgrade") {
  SilentPort server(false);
  const auto start = std::chrono::steady_clock::now();
  CHECK(ws_connect(dsn(server).c_str()) == nullptr);
  CHECK(ws_errno(nullptr) != 0);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));
}
