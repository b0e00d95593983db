// tls_front PORT - takes TLS on a free loopback port, which it prints, and passes the bytes on to PORT without it.
// Ends when its standard input does.
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "tls_fixture.h"

namespace {

int connect_to(uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd, reinterpret_cast<sockaddr *>(&to), sizeof to) == 0) return fd;
  ::close(fd);
  return -1;
}

// One record at a time comes out of the peer, so none is left waiting inside.
void pass_on(tls_fixture::Peer &peer, uint16_t port) {
  const int fd = peer.accept_tls() ? connect_to(port) : -1;
  if (fd < 0) return;
  std::vector<char> room(1 << 17);
  for (;;) {
    pollfd both[2] = {{peer.fd(), POLLIN, 0}, {fd, POLLIN, 0}};
    if (::poll(both, 2, -1) < 0) break;
    if (both[0].revents) {
      const ssize_t n = peer.read(room.data(), room.size());
      if (n <= 0 || ::send(fd, room.data(), static_cast<size_t>(n), MSG_NOSIGNAL) != n) break;
    }
    if (both[1].revents) {
      const ssize_t n = ::recv(fd, room.data(), room.size(), 0);
      if (n <= 0 || !peer.write(room.data(), static_cast<size_t>(n))) break;
    }
  }
  ::close(fd);
}

}  // namespace

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  const auto port = static_cast<uint16_t>(std::atoi(argv[1]));
  const auto identity =
      tls_fixture::make_identity({"localhost", "DNS:localhost,IP:127.0.0.1", nullptr, false, -3600, 3600});
  tls_fixture::Server server(tls_fixture::server_context(identity),
                             [port](tls_fixture::Peer &peer) { pass_on(peer, port); });
  std::printf("%d\n", server.port());
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  std::_Exit(0);
}
