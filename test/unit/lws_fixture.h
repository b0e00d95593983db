// What the tests of the libwebsockets transport share.
#pragma once
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <cstring>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/codes.h"
#include "net/transport.h"
#include "tls_fixture.h"

namespace lws_fixture {

using namespace opentaos;
using base::Deadline;
using net::TlsOptions;
using net::Transport;
using tls_fixture::Identity;
using tls_fixture::make_identity;
using tls_fixture::Peer;
using tls_fixture::Server;
using tls_fixture::server_context;
using Clock = std::chrono::steady_clock;

using Mode = TlsOptions::Mode;

inline int64_t ms_since(Clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start).count();
}

inline TlsOptions options(Mode mode, const std::string &ca = "", const std::string &versions = "") {
  TlsOptions o;
  o.mode = mode;
  o.ca = ca;
  o.versions = versions;
  return o;
}

inline std::string pattern(size_t n) {
  std::string s(n, '\0');
  for (size_t i = 0; i < n; i++) s[i] = static_cast<char>((i * 2654435761u) >> 11);
  return s;
}

inline std::unique_ptr<Transport> connected(uint16_t port, const TlsOptions &tls, const char *host = "127.0.0.1") {
  auto t = net::make_lws_transport();
  base::Status s = t->connect({host, port}, tls, Deadline::after_ms(10000));
  INFO(s.message());
  REQUIRE(s.is_ok());
  return t;
}

inline bool write_all(Transport &t, const std::string &data, int wait_ms = 10000) {
  size_t done = 0;
  while (done < data.size()) {
    ssize_t n = t.write(data.data() + done, data.size() - done, wait_ms);
    if (n <= 0) return false;
    done += static_cast<size_t>(n);
  }
  return true;
}

// Reads until n bytes are there, the stream ends or ten seconds are over.
inline std::string read_up_to(Transport &t, size_t n, size_t piece = 65536) {
  std::string all;
  std::vector<char> room(piece);
  auto start = Clock::now();
  while (all.size() < n && ms_since(start) < 10000) {
    ssize_t got = t.read(room.data(), std::min(piece, n - all.size()), 1000);
    if (got < 0) break;
    all.append(room.data(), static_cast<size_t>(got));
  }
  return all;
}

// Plain TCP and TLS take different ways through the transport; most tests go both.
struct Way {
  const char *name;
  bool tls;
  tls_fixture::ServerContext context() const {
    if (!tls) return nullptr;
    static const Identity identity =
        make_identity({"localhost", "DNS:localhost,IP:127.0.0.1", nullptr, false, -3600, 3600});
    return server_context(identity);
  }
  TlsOptions client() const { return options(tls ? Mode::kNoVerify : Mode::kOff); }
};
inline const Way kWays[] = {{"plain", false}, {"TLS", true}};

}  // namespace lws_fixture
