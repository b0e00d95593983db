// The socket inside libwebsockets, and what libwebsockets would otherwise do to the process around it.
#include "net/lws_socket.h"

#include <fcntl.h>
#include <libwebsockets.h>
#include <poll.h>
#include <signal.h>

#include <catch2/catch.hpp>
#include <string>

#include "tls_fixture.h"

using namespace opentaos;
using net::LwsSocket;

namespace {

struct Collector final : LwsSocket::Receiver {
  void received(const uint8_t *bytes, size_t n) noexcept override {
    got.append(reinterpret_cast<const char *>(bytes), n);
  }
  std::string got;
};

net::ResolvedAddress loopback(uint16_t port) {
  auto r = net::resolve("127.0.0.1", port, base::Deadline::never());
  REQUIRE(r.is_ok());
  return r->front();
}

bool finish_connecting(LwsSocket &socket) {
  while (!socket.connected()) {
    pollfd p{socket.fd(), POLLOUT, 0};
    if (::poll(&p, 1, 5000) != 1 || !socket.service(p.revents)) return false;
  }
  return true;
}

void say_hello(tls_fixture::Peer &peer) {
  peer.write("hello", 5);
  char c;
  peer.read(&c, 1);
}

int g_log_lines = 0;
void count_line(int, const char *) { g_log_lines++; }
void on_pipe(int) {}

}  // namespace

TEST_CASE("a socket connects, hands over what comes, and can be closed twice", "[lws]") {
  tls_fixture::Server server(nullptr, say_hello);
  Collector collector;
  LwsSocket socket(collector);
  CHECK(socket.fd() == -1);
  CHECK_FALSE(socket.service(POLLIN));
  socket.close();
  for (int round = 0; round < 2; round++) {
    collector.got.clear();
    REQUIRE(socket.start(loopback(server.port())) == 0);
    REQUIRE(finish_connecting(socket));
    int fd = socket.fd();
    for (int option : {TCP_NODELAY, TCP_KEEPIDLE}) {
      int value = 0;
      socklen_t len = sizeof value;
      REQUIRE(::getsockopt(fd, IPPROTO_TCP, option, &value, &len) == 0);
      CHECK(value == (option == TCP_NODELAY ? 1 : 60));
    }
    int alive = 0;
    socklen_t len = sizeof alive;
    REQUIRE(::getsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &alive, &len) == 0);
    CHECK(alive == 1);
    CHECK((::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
    CHECK((::fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
    pollfd p{fd, POLLIN, 0};
    REQUIRE(::poll(&p, 1, 5000) == 1);
    CHECK(socket.service(POLLIN));
    CHECK(collector.got == "hello");
    socket.close();
    socket.close();
    CHECK(socket.fd() == -1);
    CHECK_FALSE(socket.connected());
    CHECK(::fcntl(fd, F_GETFD) == -1);
  }
}

TEST_CASE("a refused connection gives its errno", "[lws]") {
  uint16_t port;
  ::close(tls_fixture::listen_on(AF_INET, 1, port));
  Collector collector;
  LwsSocket socket(collector);
  int failed = socket.start(loopback(port));
  if (failed == 0) {  // told later
    pollfd p{socket.fd(), POLLOUT, 0};
    REQUIRE(::poll(&p, 1, 5000) == 1);
    socklen_t len = sizeof failed;
    REQUIRE(::getsockopt(socket.fd(), SOL_SOCKET, SO_ERROR, &failed, &len) == 0);
  }
  CHECK(failed == ECONNREFUSED);
}

TEST_CASE("an end that only libwebsockets has seen is reported", "[lws]") {
  tls_fixture::Server server(nullptr, [](tls_fixture::Peer &) {});
  Collector collector;
  LwsSocket socket(collector);
  REQUIRE(socket.start(loopback(server.port())) == 0);
  REQUIRE(finish_connecting(socket));
  pollfd p{socket.fd(), POLLIN, 0};
  REQUIRE(::poll(&p, 1, 5000) == 1);
  CHECK_FALSE(socket.service(POLLIN));
  CHECK(socket.fd() == -1);
  CHECK_FALSE(socket.service(POLLIN));
  socket.close();
}

TEST_CASE("the application's log level and SIGPIPE are as they were", "[lws]") {
  tls_fixture::Server server(nullptr, say_hello);
  auto round = [&] {
    Collector collector;
    LwsSocket socket(collector);
    REQUIRE(socket.start(loopback(server.port())) == 0);
    REQUIRE(finish_connecting(socket));
  };

  // Never set: off from now on.
  lws_set_log_level(LLL_ERR | LLL_WARN | LLL_NOTICE, count_line);
  round();
  CHECK(lwsl_visible(~0) == 0);
  // Set by the application: its own, except for our calls.
  lws_set_log_level(LLL_ERR | LLL_NOTICE, count_line);
  round();
  CHECK(lwsl_visible(~0) == (LLL_ERR | LLL_NOTICE));
  CHECK(g_log_lines == 0);
  lws_set_log_level(0, lwsl_emit_stderr);

  for (auto handler : {SIG_DFL, SIG_IGN, &on_pipe}) {
    struct sigaction mine {
    }, before, after;
    mine.sa_handler = handler;
    mine.sa_flags = SA_RESTART;
    REQUIRE(::sigaction(SIGPIPE, &mine, &before) == 0);
    round();
    REQUIRE(::sigaction(SIGPIPE, &before, &after) == 0);
    CHECK(after.sa_handler == handler);
    if (handler == &on_pipe) CHECK((after.sa_flags & SA_RESTART) != 0);
  }
}
