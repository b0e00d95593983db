// The libwebsockets transport against small servers in this process: moving data, ends, the process around it.
// Its TLS policy is in lws_transport_tls_test.cpp.
#include "lws_fixture.h"

using namespace lws_fixture;

namespace {

int open_descriptors() {
  int n = 0;
  for (int fd = 0; fd < 1024; fd++) n += ::fcntl(fd, F_GETFD) != -1;
  return n;
}

}  // namespace

// ---- moving data

TEST_CASE("eight megabytes both ways at once, with two threads", "[lws]") {
  for (const Way &way : kWays) {
    INFO(way.name);
    Server server(way.context(), tls_fixture::echo);
    auto t = connected(server.port(), way.client());
    const std::string data = pattern(8 * 1024 * 1024);
    bool written = false;
    std::thread writer([&] { written = write_all(*t, data); });
    std::string back = read_up_to(*t, data.size(), 1024 * 1024);
    writer.join();
    CHECK(written);
    CHECK(back.size() == data.size());
    CHECK(back == data);
    CHECK_FALSE(t->has_buffered_input());
  }
}

TEST_CASE("both sides write before either reads: reading goes on while output waits", "[lws]") {
  // The server sends all it has before it reads anything, and so does our writer.
  const std::string data = pattern(16 * 1024 * 1024);
  for (const Way &way : kWays) {
    INFO(way.name);
    std::atomic<bool> same{false};
    Server server(way.context(), [&](Peer &peer) {
      if (!peer.accept_tls() || !peer.write(data.data(), data.size())) return;
      std::string room(data.size(), '\0');
      same = peer.read_exactly(room.data(), room.size()) && room == data;
      peer.write("!", 1);
    });
    auto t = connected(server.port(), way.client());
    bool written = false;
    std::thread writer([&] { written = write_all(*t, data); });
    std::string got = read_up_to(*t, data.size() + 1, 512 * 1024);
    writer.join();
    CHECK(written);
    CHECK(got.size() == data.size() + 1);
    CHECK(got == data + "!");
    CHECK(same);
  }
}

TEST_CASE("a peer that does not read stops the writer, not the memory", "[lws]") {
  for (const Way &way : kWays) {
    INFO(way.name);
    std::atomic<bool> go{false};
    std::atomic<size_t> arrived{0};
    Server server(way.context(), [&](Peer &peer) {
      if (!peer.accept_tls()) return;
      while (!go) std::this_thread::sleep_for(std::chrono::milliseconds(2));
      std::vector<char> room(1 << 20);
      for (ssize_t n; (n = peer.read(room.data(), room.size())) > 0;) arrived += static_cast<size_t>(n);
    });
    auto t = connected(server.port(), way.client());
    const std::string chunk = pattern(1 << 20);
    size_t taken = 0;
    auto start = Clock::now();
    for (;;) {
      ssize_t n = t->write(chunk.data(), chunk.size(), 50);
      REQUIRE(n >= 0);
      if (n == 0) break;
      taken += static_cast<size_t>(n);
      REQUIRE(taken < (size_t{64} << 20));  // the kernel's two buffers, and little of ours
      REQUIRE(ms_since(start) < 20000);
    }
    // What was taken but not sent is at most one batch.
    go = true;
    start = Clock::now();
    while (arrived + (size_t{256} << 10) < taken && ms_since(start) < 5000)
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    CHECK(arrived + (size_t{256} << 10) >= taken);
  }
}

TEST_CASE("bytes that drip in one by one", "[lws]") {
  const std::string data = pattern(300);
  for (const Way &way : kWays) {
    INFO(way.name);
    Server server(way.context(), [&](Peer &peer) {
      if (!peer.accept_tls()) return;
      for (char c : data) peer.write(&c, 1);
      peer.say_goodbye();
    });
    auto t = connected(server.port(), way.client());
    CHECK(read_up_to(*t, data.size()) == data);
    char c;
    CHECK(t->read(&c, 1, 5000) == -1);
    CHECK(t->error().message() == "connection lost: closed by the server");
  }
}

TEST_CASE("a handshake and records cut into single bytes on the way", "[lws]") {
  const Way &way = kWays[1];
  const std::string data = pattern(3000);
  Server server(way.context(), [&](Peer &peer) {
    if (!peer.accept_tls() || !peer.write(data.data(), data.size())) return;
    char c;
    peer.read(&c, 1);
  });
  // Stands between the two and passes on one byte per segment.
  Server proxy(nullptr, [&](Peer &client) {
    int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in a{};
    a.sin_family = AF_INET;
    a.sin_port = htons(server.port());
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd, reinterpret_cast<sockaddr *>(&a), sizeof a) != 0) return;
    Peer upstream(fd, nullptr);
    for (;;) {
      pollfd p[2] = {{client.fd(), POLLIN, 0}, {upstream.fd(), POLLIN, 0}};
      if (::poll(p, 2, 10000) <= 0) return;
      char c;
      if (p[0].revents && (client.read(&c, 1) != 1 || !upstream.write(&c, 1))) return;
      if (p[1].revents && (upstream.read(&c, 1) != 1 || !client.write(&c, 1))) return;
    }
  });
  auto t = connected(proxy.port(), way.client());
  CHECK(read_up_to(*t, data.size()) == data);
}

TEST_CASE("small reads leave the rest inside and say so", "[lws]") {
  const std::string data = pattern(10000);
  for (const Way &way : kWays) {
    INFO(way.name);
    Server server(way.context(), [&](Peer &peer) {
      if (!peer.accept_tls() || !peer.write(data.data(), data.size())) return;
      char c;
      peer.read(&c, 1);
    });
    auto t = connected(server.port(), way.client());
    char c;
    REQUIRE(t->read(&c, 1, 5000) == 1);
    std::string got(1, c);
    // All of it came at once or in two pieces; either way something is left behind the first byte.
    CHECK(t->has_buffered_input());
    got += read_up_to(*t, data.size() - 1, 333);
    CHECK(got == data);
    CHECK_FALSE(t->has_buffered_input());
    CHECK(t->read(&c, 1, 0) == 0);
    CHECK(t->read(&c, 0, 0) == 0);
    CHECK(t->write(&c, 0, 0) == 0);
  }
}

TEST_CASE("poll_fd tells of input, and a read that does not wait takes it", "[lws]") {
  for (const Way &way : kWays) {
    INFO(way.name);
    Server server(way.context(), [&](Peer &peer) {
      if (!peer.accept_tls()) return;
      char c;
      while (peer.read(&c, 1) == 1) peer.write("answer", 6);
    });
    auto t = connected(server.port(), way.client());
    char room[16];
    while (t->read(room, sizeof room, 20) > 0) {
    }
    REQUIRE(write_all(*t, "q"));
    pollfd p{t->poll_fd(), POLLIN, 0};
    REQUIRE(::poll(&p, 1, 5000) == 1);
    ssize_t n = 0;
    auto start = Clock::now();
    while (n == 0 && ms_since(start) < 5000) n = t->read(room, sizeof room, 0);
    CHECK(std::string(room, static_cast<size_t>(n)) == "answer");
  }
}

// ---- ends

TEST_CASE("data before an end of any kind is delivered, then the end is told", "[lws]") {
  const std::string data = pattern(100000);
  struct {
    const char *kind;
    const char *reason;
  } ends[] = {{"goodbye", "connection lost: closed by the server"},
              {"close", "connection lost: closed by the server"},
              {"reset", "connection lost: Connection reset by peer"}};
  for (const Way &way : kWays) {
    for (const auto &end : ends) {
      INFO(way.name << ", " << end.kind);
      std::string kind = end.kind;
      Server server(way.context(), [&](Peer &peer) {
        if (!peer.accept_tls() || !peer.write(data.data(), data.size())) return;
        char c;
        if (peer.read(&c, 1) != 1) return;
        if (kind == "goodbye") peer.say_goodbye();
        if (kind == "reset") peer.reset();
      });
      auto t = connected(server.port(), way.client());
      CHECK(read_up_to(*t, data.size(), 7000) == data);
      REQUIRE(write_all(*t, "x"));
      char c;
      ssize_t n = 0;
      auto start = Clock::now();
      while (n == 0 && ms_since(start) < 5000) n = t->read(&c, 1, 1000);
      CHECK(n == -1);
      CHECK(t->error().code() == base::kErrClosed);
      CHECK(t->error().message() == end.reason);
      CHECK(t->read(&c, 1, 1000) == -1);
    }
  }
}

TEST_CASE("writing to a peer that is gone fails without SIGPIPE", "[lws]") {
  // The signal would end this process.
  struct sigaction pipe_action {
  }, before;
  pipe_action.sa_handler = SIG_DFL;
  REQUIRE(::sigaction(SIGPIPE, &pipe_action, &before) == 0);
  for (const Way &way : kWays) {
    for (bool reset : {false, true}) {
      INFO(way.name);
      Server server(way.context(), [&](Peer &peer) {
        char c;  // once the client is through with connecting
        if (peer.accept_tls() && peer.read(&c, 1) == 1 && reset) peer.reset();
      });
      auto t = connected(server.port(), way.client());
      REQUIRE(write_all(*t, "x"));
      const std::string chunk = pattern(100000);
      ssize_t n = 0;
      auto start = Clock::now();
      while (n >= 0 && ms_since(start) < 5000) n = t->write(chunk.data(), chunk.size(), 100);
      CHECK(n == -1);
      CHECK(t->error().code() == base::kErrClosed);
    }
  }
  REQUIRE(::sigaction(SIGPIPE, &before, &pipe_action) == 0);
  CHECK(pipe_action.sa_handler == SIG_DFL);
}

TEST_CASE("shutdown wakes a reader and a writer that wait", "[lws]") {
  for (const Way &way : kWays) {
    INFO(way.name);
    std::atomic<bool> done{false};
    Server server(way.context(), [&](Peer &peer) {
      if (!peer.accept_tls()) return;
      while (!done) std::this_thread::sleep_for(std::chrono::milliseconds(2));
    });
    auto t = connected(server.port(), way.client());
    const std::string chunk = pattern(1 << 20);
    ssize_t read_result = 0, write_result = 0;
    auto start = Clock::now();
    std::thread reader([&] {
      char c;
      read_result = t->read(&c, 1, 30000);
    });
    std::thread writer([&] {
      while ((write_result = t->write(chunk.data(), chunk.size(), 30000)) > 0) {
      }
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(150));
    t->shutdown();
    reader.join();
    writer.join();
    CHECK(read_result == -1);
    CHECK(write_result == -1);
    CHECK(ms_since(start) < 5000);
    CHECK(t->error().message() == "connection lost: closed by this side");
    t->shutdown();
    done = true;
  }
}

TEST_CASE("our end is seen by the server, with a goodbye where there is one", "[lws]") {
  for (bool destroy : {false, true}) {
    std::atomic<int> result{0};
    Server server(kWays[1].context(), [&](Peer &peer) {
      if (!peer.accept_tls()) return;
      char c;
      int n = SSL_read(peer.ssl(), &c, 1);
      result = SSL_get_error(peer.ssl(), n);
    });
    auto t = connected(server.port(), kWays[1].client());
    if (destroy)
      t.reset();
    else
      t->shutdown();
    auto start = Clock::now();
    while (result == 0 && ms_since(start) < 5000) std::this_thread::sleep_for(std::chrono::milliseconds(2));
    CHECK(result == SSL_ERROR_ZERO_RETURN);
  }
}

// ---- connections that cannot be made

TEST_CASE("nobody listens: refused, with the address that was tried", "[lws]") {
  uint16_t port;
  ::close(tls_fixture::listen_on(AF_INET, 1, port));
  for (const Way &way : kWays) {
    for (const char *host : {"127.0.0.1", "localhost"}) {
      auto t = net::make_lws_transport();
      base::Status s = t->connect({host, port}, way.client(), Deadline::after_ms(5000));
      CHECK(s.code() == base::kErrUnableToConnect);
      CHECK(s.message() == std::string("Unable to establish connection: ") + host + ":" + std::to_string(port) +
                               ": Connection refused");
      CHECK(t->poll_fd() == -1);
      char c;
      CHECK(t->read(&c, 1, 100) == -1);
      CHECK(t->write(&c, 1, 100) == -1);
      CHECK_FALSE(t->has_buffered_input());
      t->shutdown();
    }
  }
}

TEST_CASE("one transport may try again after a failure", "[lws]") {
  for (const Way &way : kWays) {
    uint16_t port;
    ::close(tls_fixture::listen_on(AF_INET, 1, port));
    Server server(way.context(), tls_fixture::echo);
    auto t = net::make_lws_transport();
    REQUIRE_FALSE(t->connect({"127.0.0.1", port}, way.client(), Deadline::after_ms(5000)).is_ok());
    REQUIRE(t->connect({"127.0.0.1", server.port()}, way.client(), Deadline::after_ms(5000)).is_ok());
    REQUIRE(write_all(*t, "again"));
    CHECK(read_up_to(*t, 5) == "again");
  }
}

TEST_CASE("a host that swallows everything ends by the deadline", "[lws]") {
  // A listener whose queue is full: the kernel drops what comes.
  uint16_t port;
  int listener = tls_fixture::listen_on(AF_INET, 0, port);
  sockaddr_in a{};
  a.sin_family = AF_INET;
  a.sin_port = htons(port);
  a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::vector<int> fillers;
  for (int i = 0; i < 8; i++) {
    int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    (void)::connect(fd, reinterpret_cast<sockaddr *>(&a), sizeof a);
    fillers.push_back(fd);
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  for (const Way &way : kWays) {
    auto start = Clock::now();
    auto t = net::make_lws_transport();
    base::Status s = t->connect({"127.0.0.1", port}, way.client(), Deadline::after_ms(300));
    CHECK(ms_since(start) >= 290);
    CHECK(ms_since(start) < 1500);
    CHECK(s.code() == base::kErrUnableToConnect);
    CHECK(s.message() ==
          "Unable to establish connection: 127.0.0.1:" + std::to_string(port) + ": Connection timed out");
  }
  for (int fd : fillers) ::close(fd);
  ::close(listener);
}

TEST_CASE("a server that never answers the hello ends by the deadline", "[lws]") {
  uint16_t port;
  int listener = tls_fixture::listen_on(AF_INET, 8, port);
  auto start = Clock::now();
  auto t = net::make_lws_transport();
  base::Status s = t->connect({"127.0.0.1", port}, options(Mode::kNoVerify), Deadline::after_ms(300));
  CHECK(ms_since(start) >= 290);
  CHECK(ms_since(start) < 1500);
  CHECK(s.code() == base::kErrUnableToConnect);
  CHECK(s.message() == "Unable to establish connection: 127.0.0.1:" + std::to_string(port) +
                           ": Connection timed out (no answer to the TLS handshake)");

  // And shutdown() ends such a wait at once.
  auto u = net::make_lws_transport();
  start = Clock::now();
  std::thread stopper([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    u->shutdown();
  });
  s = u->connect({"127.0.0.1", port}, options(Mode::kNoVerify), Deadline::after_ms(20000));
  stopper.join();
  CHECK_FALSE(s.is_ok());
  CHECK(ms_since(start) < 5000);
  ::close(listener);
}

TEST_CASE("a handshake that the other side does not want", "[lws]") {
  auto outcome = [](Server::Serve serve) {
    Server server(nullptr, std::move(serve));
    auto t = net::make_lws_transport();
    base::Status s = t->connect({"127.0.0.1", server.port()}, options(Mode::kNoVerify), Deadline::after_ms(10000));
    CHECK(s.code() == base::kErrTls);
    std::string head = "TLS handshake with 127.0.0.1:" + std::to_string(server.port()) + " failed: ";
    CHECK(s.message().substr(0, head.size()) == head);
    return s.message().substr(head.size());
  };
  auto swallow_hello = [](Peer &peer) {
    char room[4096];
    peer.read(room, sizeof room);
  };
  CHECK(outcome([&](Peer &peer) {
          swallow_hello(peer);
          peer.write("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n", 47);
        }) == "the server answers in plain HTTP, it does not speak TLS on this port");
  CHECK(outcome([&](Peer &peer) {
          swallow_hello(peer);
          peer.write("who are you?", 12);
        }) == "the server does not speak TLS on this port");
  CHECK(outcome([&](Peer &peer) { swallow_hello(peer); }) == "the server closed the connection");
  CHECK(outcome([&](Peer &peer) {
          swallow_hello(peer);
          peer.reset();
        }) == "Connection reset by peer");
  CHECK(outcome([&](Peer &peer) {
          swallow_hello(peer);
          peer.write("\x15\x03\x03\x00\x02\x02\x28", 7);
        }).find("handshake failure") != std::string::npos);
}

TEST_CASE("options that are wrong are told before anything is sent", "[lws]") {
  Server server(nullptr, [](Peer &) {});
  auto t = net::make_lws_transport();
  base::Status s = t->connect({"127.0.0.1", server.port()}, options(Mode::kVerifyCa, "/nonexistent/ca.pem"),
                              Deadline::after_ms(5000));
  CHECK(s.code() == base::kErrTls);
  CHECK(s.message() == "TLS: cannot read the CA file '/nonexistent/ca.pem': No such file or directory");
  s = t->connect({"127.0.0.1", server.port()}, options(Mode::kNoVerify, "", "TLSv1.0"), Deadline::after_ms(5000));
  CHECK(s.code() == base::kErrTls);
  s = t->connect({"no-such-host.invalid", server.port()}, options(Mode::kNoVerify), Deadline::after_ms(5000));
  CHECK(s.code() == base::kErrUnableToConnect);
  CHECK(server.accepted() == 0);
}

// ---- the process around it

namespace {

volatile sig_atomic_t g_signals = 0;
void count_signal(int) { g_signals = g_signals + 1; }

}  // namespace

TEST_CASE("signals do not end a wait", "[lws]") {
  struct sigaction action {
  }, before;
  action.sa_handler = count_signal;  // without SA_RESTART
  REQUIRE(::sigaction(SIGUSR1, &action, &before) == 0);
  for (const Way &way : kWays) {
    g_signals = 0;
    std::atomic<bool> go{false};
    Server server(way.context(), [&](Peer &peer) {
      if (!peer.accept_tls()) return;
      while (!go) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      peer.write("late", 4);
      char c;
      peer.read(&c, 1);
    });
    auto t = connected(server.port(), way.client());
    std::string got;
    std::atomic<bool> reading{false};
    std::thread reader([&] {
      char room[8];
      reading = true;
      ssize_t n = t->read(room, sizeof room, 10000);
      if (n > 0) got.assign(room, static_cast<size_t>(n));
    });
    while (!reading) std::this_thread::yield();
    for (int i = 0; i < 20; i++) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      ::pthread_kill(reader.native_handle(), SIGUSR1);
    }
    go = true;
    reader.join();
    CHECK(got == "late");
    CHECK(g_signals > 0);
  }
  ::sigaction(SIGUSR1, &before, nullptr);
}

TEST_CASE("a wait without input ends in time", "[lws]") {
  for (const Way &way : kWays) {
    std::atomic<bool> done{false};
    Server server(way.context(), [&](Peer &peer) {
      if (!peer.accept_tls()) return;
      while (!done) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    });
    auto t = connected(server.port(), way.client());
    char c;
    auto start = Clock::now();
    CHECK(t->read(&c, 1, 120) == 0);
    CHECK(ms_since(start) >= 119);
    CHECK(ms_since(start) < 5000);
    start = Clock::now();
    CHECK(t->read(&c, 1, 0) == 0);
    CHECK(ms_since(start) < 2000);
    done = true;
  }
}

TEST_CASE("a child that inherits a connection drops it without harm to the parent", "[lws]") {
  for (const Way &way : kWays) {
    INFO(way.name);
    Server server(way.context(), tls_fixture::echo);
    auto t = connected(server.port(), way.client());
    REQUIRE(write_all(*t, "before"));
    REQUIRE(read_up_to(*t, 6) == "before");
    // Another thread keeps the connection busy, so that some forks happen while it is inside.
    std::atomic<bool> stop{false};
    std::atomic<int> exchanges{0}, wrong{0};
    std::thread busy([&] {
      const std::string data = pattern(5000);
      while (!stop) {
        if (!write_all(*t, data) || read_up_to(*t, data.size()) != data) {
          wrong++;
          break;
        }
        exchanges++;
      }
    });
    int failed = 0;
    for (int i = 0; i < 25; i++) {
      pid_t child = ::fork();
      REQUIRE(child >= 0);
      if (child == 0) {
        ::alarm(20);
        int fd = t->poll_fd();
        t->shutdown();
        t.reset();
        ::_exit(::fcntl(fd, F_GETFD) == -1 ? 0 : 1);
      }
      int status = 0;
      ::waitpid(child, &status, 0);
      failed += !(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    stop = true;
    busy.join();
    CHECK(failed == 0);
    CHECK(wrong == 0);
    CHECK(exchanges > 0);
    REQUIRE(write_all(*t, "after"));
    CHECK(read_up_to(*t, 5) == "after");
  }
}

TEST_CASE("a child may make connections of its own", "[lws]") {
  Server server(kWays[1].context(), tls_fixture::echo);
  auto t = connected(server.port(), kWays[1].client());
  pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::alarm(20);
    auto own = net::make_lws_transport();
    bool ok = own->connect({"127.0.0.1", server.port()}, kWays[1].client(), Deadline::after_ms(10000)).is_ok() &&
              write_all(*own, "child") && read_up_to(*own, 5) == "child";
    own.reset();
    ::_exit(ok ? 0 : 1);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("many threads connect at once; nothing is left behind", "[lws]") {
  Identity id = make_identity({"localhost", "DNS:localhost", nullptr, false, -3600, 3600});
  const std::string ca = id.pem();
  Server server(server_context(id), tls_fixture::echo);
  { connected(server.port(), options(Mode::kVerifyIdentity, ca), "localhost"); }
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  int before = open_descriptors();
  std::atomic<int> good{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; i++) {
    threads.emplace_back([&] {
      for (int k = 0; k < 10; k++) {
        auto t = net::make_lws_transport();
        if (!t->connect({"localhost", server.port()}, options(Mode::kVerifyIdentity, ca), Deadline::after_ms(20000)))
          continue;
        good += write_all(*t, "hello") && read_up_to(*t, 5) == "hello";
      }
    });
  }
  for (auto &t : threads) t.join();
  CHECK(good == 80);
  // The server's ends close a moment later.
  int after = open_descriptors();
  for (int i = 0; i < 200 && after != before; i++) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    after = open_descriptors();
  }
  CHECK(after == before);
}

TEST_CASE("an $http_proxy is not for us, and nothing is ever printed", "[lws]") {
  tls_fixture::TemporaryFile output("");
  int fd = ::open(output.path(), O_WRONLY | O_APPEND | O_CLOEXEC);
  int out = ::dup(1), err = ::dup(2);
  std::fflush(nullptr);
  ::dup2(fd, 1);
  ::dup2(fd, 2);
  ::setenv("http_proxy", "http://127.0.0.1:9", 1);
  int good = 0, bad = 0;
  for (const Way &way : kWays) {
    Server server(way.context(), tls_fixture::echo);
    auto t = net::make_lws_transport();
    good += t->connect({"127.0.0.1", server.port()}, way.client(), Deadline::after_ms(5000)).is_ok() &&
            write_all(*t, "x") && read_up_to(*t, 1) == "x";
    auto u = net::make_lws_transport();
    bad += !u->connect({"127.0.0.1", server.port()}, options(Mode::kVerifyCa), Deadline::after_ms(5000)).is_ok();
    auto v = net::make_lws_transport();
    bad += !v->connect({"127.0.0.1", 1}, way.client(), Deadline::after_ms(5000)).is_ok();
  }
  ::unsetenv("http_proxy");
  std::fflush(nullptr);
  ::dup2(out, 1);
  ::dup2(err, 2);
  ::close(out);
  ::close(err);
  ::close(fd);
  CHECK(good == 2);
  CHECK(bad == 4);
  struct stat st;
  REQUIRE(::stat(output.path(), &st) == 0);
  CHECK(st.st_size == 0);
}
