// A server that answers the way a test wants: one connection after another, whole answers, torn ones, or wrong ones.
#pragma once
#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace opentaos::test {

inline std::string frame(int opcode, const std::string &payload) {
  std::string f(1, static_cast<char>(0x80 | opcode));
  if (payload.size() < 126) {
    f += static_cast<char>(payload.size());
  } else if (payload.size() < 65536) {
    f += static_cast<char>(126);
    f += static_cast<char>(payload.size() >> 8);
    f += static_cast<char>(payload.size());
  } else {
    f += static_cast<char>(127);
    for (int s = 56; s >= 0; s -= 8) f += static_cast<char>(payload.size() >> s);
  }
  return f + payload;
}

template <typename T>
inline void put(std::string *s, T v) {
  s->append(reinterpret_cast<const char *>(&v), sizeof v);
}

// A request as the server sees it: JSON, or a binary action.
struct Request {
  bool text = false;
  std::string payload;
  std::string action;  // of JSON
  uint64_t req_id = 0;
  uint64_t resource = 0;
  uint64_t number = 0;  // of a binary action
};

// What to send back: bytes as they are (frame() makes whole messages), and whether to hang up then.
struct Reply {
  std::string bytes;
  bool close = false;
};

class HostileServer {
 public:
  using Answer = std::function<Reply(const Request &)>;

  explicit HostileServer(Answer answer) : answer_(std::move(answer)) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in a{};
    a.sin_family = AF_INET;
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener_, reinterpret_cast<sockaddr *>(&a), sizeof a) != 0 || listen(listener_, 64) != 0) abort();
    socklen_t n = sizeof a;
    getsockname(listener_, reinterpret_cast<sockaddr *>(&a), &n);
    port_ = ntohs(a.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~HostileServer() {
    stop_ = true;
    thread_.join();
    close(listener_);
  }
  uint16_t port() const { return port_; }
  void set_answer(Answer answer) {
    std::lock_guard lock(mutex_);
    answer_ = std::move(answer);
  }

  // What a decent server says to the session's own questions; empty for everything else.
  static std::string decent(const Request &r) {
    const std::string id = std::to_string(r.req_id);
    if (r.text && (r.action == "version" || r.action == "conn"))
      return frame(1, "{\"code\":0,\"message\":\"\",\"action\":\"" + r.action + "\",\"req_id\":" + id +
                          ",\"timing\":1,\"version\":\"3.3.7.5\"}");
    return {};
  }
  static std::string query_answer(const Request &r, const std::string &members) {
    return frame(1, "{\"code\":0,\"message\":\"\",\"action\":\"binary_query\",\"req_id\":" + std::to_string(r.req_id) +
                        ",\"timing\":1," + members + "}");
  }
  static std::string block_answer(const Request &r, const std::string &block, bool finished = false) {
    std::string f;
    put<uint64_t>(&f, ~uint64_t{0});
    put<uint64_t>(&f, 7);
    put<uint16_t>(&f, 1);
    put<uint64_t>(&f, 1);
    put<uint64_t>(&f, r.req_id);
    put<uint32_t>(&f, 0);
    put<uint32_t>(&f, 0);
    put<uint64_t>(&f, r.resource);
    put<uint8_t>(&f, finished ? 1 : 0);
    if (!finished) {
      put<uint32_t>(&f, static_cast<uint32_t>(block.size()));
      f += block;
    }
    return frame(2, f);
  }

 private:
  struct Peer {
    int fd;
    std::string in;
    bool upgraded = false;
  };

  void serve() {
    std::vector<Peer> peers;
    while (!stop_) {
      std::vector<pollfd> fds{{listener_, POLLIN, 0}};
      for (auto &p : peers) fds.push_back({p.fd, POLLIN, 0});
      if (poll(fds.data(), fds.size(), 20) <= 0) continue;
      for (size_t i = peers.size(); i-- > 0;) {
        if (!fds[i + 1].revents) continue;
        char room[65536];
        ssize_t n = recv(peers[i].fd, room, sizeof room, 0);
        if (n > 0) peers[i].in.append(room, static_cast<size_t>(n));
        if (n <= 0 || !feed(peers[i])) {
          close(peers[i].fd);
          peers.erase(peers.begin() + static_cast<long>(i));
        }
      }
      if (fds[0].revents) {
        int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (fd >= 0) peers.push_back({fd, {}, false});
      }
    }
    for (auto &p : peers) close(p.fd);
  }

  static void send_all(int fd, const std::string &s) {
    size_t at = 0;
    while (at < s.size()) {
      ssize_t n = send(fd, s.data() + at, s.size() - at, MSG_NOSIGNAL);
      if (n <= 0) return;
      at += static_cast<size_t>(n);
    }
  }

  bool feed(Peer &p) {
    if (!p.upgraded) {
      size_t end = p.in.find("\r\n\r\n");
      if (end == std::string::npos) return true;
      size_t at = p.in.find("Sec-WebSocket-Key: ") + 19;
      std::string key = p.in.substr(at, p.in.find("\r\n", at) - at) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
      unsigned char digest[20];
      char text[32];
      SHA1(reinterpret_cast<const unsigned char *>(key.data()), key.size(), digest);
      EVP_EncodeBlock(reinterpret_cast<unsigned char *>(text), digest, 20);
      send_all(p.fd, std::string("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                 "Sec-WebSocket-Accept: ") +
                         text + "\r\n\r\n");
      p.in.erase(0, end + 4);
      p.upgraded = true;
    }
    for (;;) {
      if (p.in.size() < 6) return true;
      const auto *b = reinterpret_cast<const uint8_t *>(p.in.data());
      uint64_t n = b[1] & 127;
      size_t head = 2;
      if (n == 126)
        n = static_cast<uint64_t>(b[2]) << 8 | b[3], head = 4;
      else if (n == 127) {
        if (p.in.size() < 10) return true;
        n = 0;
        for (int i = 2; i < 10; i++) n = n << 8 | b[i];
        head = 10;
      }
      if (p.in.size() < head + 4 + n) return true;
      std::string payload = p.in.substr(head + 4, n);
      for (size_t i = 0; i < n; i++) payload[i] = static_cast<char>(payload[i] ^ p.in[head + i % 4]);
      const int opcode = b[0] & 15;
      p.in.erase(0, head + 4 + n);
      if (opcode == 8) return false;
      if (opcode > 2) continue;
      Request r;
      r.text = opcode == 1;
      r.payload = payload;
      if (r.text) {
        r.action = after(payload, "\"action\":\"", '"');
        r.req_id = strtoull(after(payload, "\"req_id\":", ',').c_str(), nullptr, 10);
      } else if (payload.size() >= 24) {
        std::memcpy(&r.req_id, payload.data(), 8);
        std::memcpy(&r.resource, payload.data() + 8, 8);
        std::memcpy(&r.number, payload.data() + 16, 8);
      }
      Reply reply;
      {
        std::lock_guard lock(mutex_);
        reply = answer_(r);
      }
      send_all(p.fd, reply.bytes);
      if (reply.close) return false;
    }
  }

  static std::string after(const std::string &s, const char *what, char end) {
    size_t at = s.find(what);
    if (at == std::string::npos) return {};
    at += std::strlen(what);
    return s.substr(at, s.find(end, at) - at);
  }

  std::mutex mutex_;
  Answer answer_;
  int listener_ = -1;
  uint16_t port_ = 0;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace opentaos::test
