// A small WebSocket server for tests: a thread a connection, and a handler that gets every message. It can hang up,
// stop listening, and listen again on the same port, as an adapter that is restarted does.
#pragma once
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace opentaos::test {

class WsPeer {
 public:
  WsPeer(int fd, int number) : fd_(fd), number_(number) {}
  ~WsPeer() { close(fd_); }
  WsPeer(const WsPeer &) = delete;
  WsPeer &operator=(const WsPeer &) = delete;

  // Empty until the upgrade is done.
  std::string_view path() const { return upgraded_.load() ? std::string_view(path_) : std::string_view(); }
  int number() const { return number_; }  // connections count from 1
  bool gone() const { return gone_.load(); }

  void text(std::string_view payload) { frame(1, payload); }
  void binary(std::string_view payload) { frame(2, payload); }
  void ping(std::string_view payload) { frame(9, payload); }
  int pongs() const { return pongs_.load(); }
  // Bytes as they are, for frames that no decent server sends.
  void raw(std::string_view bytes) {
    std::lock_guard lock(mutex_);
    send_all(bytes);
  }
  void hang_up() {
    gone_ = true;
    shutdown(fd_, SHUT_RDWR);
  }

 private:
  friend class WsServer;

  void frame(int opcode, std::string_view payload) {
    std::string f(1, static_cast<char>(0x80 | opcode));
    const size_t n = payload.size();
    if (n < 126) {
      f += static_cast<char>(n);
    } else if (n < 65536) {
      f += static_cast<char>(126);
      f += static_cast<char>(n >> 8);
      f += static_cast<char>(n);
    } else {
      f += static_cast<char>(127);
      for (int s = 56; s >= 0; s -= 8) f += static_cast<char>(n >> s);
    }
    f += payload;
    raw(f);
  }
  void send_all(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return hang_up();
      bytes.remove_prefix(static_cast<size_t>(n));
    }
  }
  bool receive(std::string *in) {
    char room[65536];
    const ssize_t n = recv(fd_, room, sizeof room, 0);
    if (n <= 0) return false;
    in->append(room, static_cast<size_t>(n));
    return true;
  }
  bool upgrade(std::string *in) {
    while (in->find("\r\n\r\n") == std::string::npos)
      if (!receive(in)) return false;
    const size_t first = in->find(' '), second = in->find(' ', first + 1);
    path_ = in->substr(first + 1, second - first - 1);
    upgraded_ = true;
    const std::string name = "Sec-WebSocket-Key: ";
    const size_t at = in->find(name) + name.size();
    const std::string key = in->substr(at, in->find("\r\n", at) - at) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    unsigned char digest[SHA_DIGEST_LENGTH], accept[64];
    SHA1(reinterpret_cast<const unsigned char *>(key.data()), key.size(), digest);
    EVP_EncodeBlock(accept, digest, sizeof digest);
    in->erase(0, in->find("\r\n\r\n") + 4);
    raw("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
        std::string(reinterpret_cast<char *>(accept)) + "\r\n\r\n");
    return true;
  }
  // One whole message; fragments are put together, pongs are counted.
  bool next(std::string *in, int *opcode, std::string *payload) {
    payload->clear();
    for (bool final = false; !final;) {
      const auto need = [&](size_t n) {
        while (in->size() < n)
          if (!receive(in)) return false;
        return true;
      };
      if (!need(2)) return false;
      const auto byte = [&](size_t i) { return static_cast<uint8_t>((*in)[i]); };
      size_t head = 2, n = byte(1) & 127;
      const int extra = n == 126 ? 2 : n == 127 ? 8 : 0;
      if (!need(head + static_cast<size_t>(extra) + 4)) return false;
      if (extra) n = 0;
      for (int i = 0; i < extra; i++) n = n << 8 | byte(head++);
      const int op = byte(0) & 15;
      if (!need(head + 4 + n)) return false;
      std::string part = in->substr(head + 4, n);
      for (size_t i = 0; i < n; i++) part[i] = static_cast<char>(part[i] ^ (*in)[head + (i & 3)]);
      const bool fin = byte(0) & 0x80;
      in->erase(0, head + 4 + n);
      if (op == 10) {
        pongs_++;
        continue;
      }
      if (op == 8) return false;
      if (op == 9) {
        frame(10, part);
        continue;
      }
      if (op) *opcode = op;
      *payload += part;
      final = fin;
    }
    return true;
  }

  const int fd_, number_;
  std::string path_;
  std::atomic<bool> upgraded_{false};
  std::atomic<bool> gone_{false};
  std::atomic<int> pongs_{0};
  std::mutex mutex_;
};

class WsServer {
 public:
  using Handler = std::function<void(WsPeer &peer, bool text, const std::string &payload)>;
  using Ended = std::function<void(WsPeer &peer)>;

  explicit WsServer(Handler handler, Ended ended = {}) : handler_(std::move(handler)), ended_(std::move(ended)) {
    start();
  }
  ~WsServer() { stop(); }

  uint16_t port() const { return port_; }
  int connections() const { return accepted_.load(); }

  // Ends every connection and stops listening, or begins again on the same port.
  void stop() {
    if (listener_ < 0) return;
    stopping_ = true;
    acceptor_.join();
    close(listener_);
    listener_ = -1;
    hang_up_all();
    std::vector<std::thread> threads;
    {
      std::lock_guard lock(mutex_);
      threads.swap(threads_);
    }
    for (auto &t : threads) t.join();
  }
  void start() {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in a{};
    a.sin_family = AF_INET;
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    a.sin_port = htons(port_);
    if (bind(listener_, reinterpret_cast<sockaddr *>(&a), sizeof a) != 0 || listen(listener_, 64) != 0) abort();
    socklen_t n = sizeof a;
    getsockname(listener_, reinterpret_cast<sockaddr *>(&a), &n);
    port_ = ntohs(a.sin_port);
    stopping_ = false;
    acceptor_ = std::thread([this] { accept_all(); });
  }
  void hang_up_all(std::string_view path = {}) {
    std::lock_guard lock(mutex_);
    for (auto &weak : peers_)
      if (auto p = weak.lock(); p && (path.empty() || p->path() == path)) p->hang_up();
  }

 private:
  void accept_all() {
    while (!stopping_) {
      pollfd waiting{listener_, POLLIN, 0};
      if (::poll(&waiting, 1, 20) <= 0) continue;
      const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0) continue;
      const int on = 1;
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      auto peer = std::make_shared<WsPeer>(fd, ++accepted_);
      std::lock_guard lock(mutex_);
      std::erase_if(peers_, [](const auto &weak) { return weak.expired(); });
      peers_.push_back(peer);
      threads_.emplace_back([this, peer] { serve(*peer); });
    }
  }
  void serve(WsPeer &peer) {
    std::string in, payload;
    int opcode = 0;
    if (peer.upgrade(&in))
      while (!peer.gone() && peer.next(&in, &opcode, &payload)) handler_(peer, opcode == 1, payload);
    peer.hang_up();
    if (ended_) ended_(peer);
  }

  const Handler handler_;
  const Ended ended_;
  int listener_ = -1;
  uint16_t port_ = 0;
  std::atomic<bool> stopping_{false};
  std::atomic<int> accepted_{0};
  std::thread acceptor_;
  std::mutex mutex_;
  std::vector<std::weak_ptr<WsPeer>> peers_;
  std::vector<std::thread> threads_;
};

}  // namespace opentaos::test
