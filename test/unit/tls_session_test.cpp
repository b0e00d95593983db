// TLS without sockets: the session against an OpenSSL server in memory.
#include "net/tls_session.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <string>
#include <vector>

#include "base/codes.h"
#include "tls_fixture.h"

using namespace opentaos;
using net::TlsOptions;
using net::TlsSession;
using tls_fixture::make_identity;

namespace {

struct MemoryServer {
  explicit MemoryServer(SSL_CTX *context) : ssl(SSL_new(context)) {
    SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_accept_state(ssl);
  }
  ~MemoryServer() { SSL_free(ssl); }
  void feed(std::span<const uint8_t> bytes) {
    BIO_write(SSL_get_rbio(ssl), bytes.data(), static_cast<int>(bytes.size()));
  }
  std::vector<uint8_t> output() {
    char *p = nullptr;
    long n = BIO_get_mem_data(SSL_get_wbio(ssl), &p);
    std::vector<uint8_t> bytes(p, p + n);
    BIO_reset(SSL_get_wbio(ssl));
    return bytes;
  }
  SSL *ssl;
};

struct Pair {
  explicit Pair(int version = TLS1_3_VERSION)
      : identity(make_identity({})),
        context(tls_fixture::server_context(identity, version, version)),
        server(context.get()) {
    TlsOptions options;
    options.mode = TlsOptions::Mode::kNoVerify;
    auto shared = net::tls_context(options);
    REQUIRE(shared.is_ok());
    auto made = TlsSession::create(*shared, {"localhost", 6041}, options.mode);
    REQUIRE(made.is_ok());
    client = std::move(*made);
  }
  void to_server() {
    server.feed(client->pending());
    client->sent(client->pending().size());
  }
  void to_client() { client->feed(server.output()); }
  void shake_hands() {
    for (int i = 0; i < 10; i++) {
      auto step = client->handshake();
      REQUIRE(step != TlsSession::Step::kFailed);
      to_server();
      int rc = SSL_do_handshake(server.ssl);
      to_client();
      if (step == TlsSession::Step::kDone && rc == 1) return;
    }
    FAIL("no end of the handshake");
  }

  tls_fixture::Identity identity;
  tls_fixture::ServerContext context;
  MemoryServer server;
  std::unique_ptr<TlsSession> client;
};

std::string pattern(size_t n) {
  std::string s(n, '\0');
  for (size_t i = 0; i < n; i++) s[i] = static_cast<char>((i * 2654435761u) >> 13);
  return s;
}

}  // namespace

TEST_CASE("a session carries bytes both ways", "[tls]") {
  for (int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    Pair pair(version);
    pair.shake_hands();
    CHECK(std::string(pair.client->version()) == (version == TLS1_2_VERSION ? "TLSv1.2" : "TLSv1.3"));
    char room[64];
    CHECK(pair.client->read(room, sizeof room) == 0);
    CHECK_FALSE(pair.client->has_input());

    std::string data = pattern(300000);
    size_t sent = 0;
    std::string arrived;
    while (sent < data.size()) {
      ssize_t n = pair.client->write(data.data() + sent, data.size() - sent);
      REQUIRE(n > 0);
      sent += static_cast<size_t>(n);
      CHECK(pair.client->pending().size() < 96 * 1024);
      pair.to_server();
      std::vector<char> part(400000);
      int got;
      while ((got = SSL_read(pair.server.ssl, part.data(), static_cast<int>(part.size()))) > 0)
        arrived.append(part.data(), static_cast<size_t>(got));
    }
    CHECK(arrived == data);

    // Back: read in odd pieces, the rest waits inside.
    REQUIRE(SSL_write(pair.server.ssl, data.data(), 100000) == 100000);
    auto bytes = pair.server.output();
    std::string back;
    std::vector<char> part(777);
    ssize_t n = pair.client->feed_and_read(bytes, part.data(), part.size());
    while (n > 0) {
      back.append(part.data(), static_cast<size_t>(n));
      if (back.size() < 100000) CHECK(pair.client->has_input());
      n = pair.client->read(part.data(), part.size());
    }
    CHECK(n == 0);
    CHECK(back == data.substr(0, 100000));
    CHECK_FALSE(pair.client->has_input());
  }
}

TEST_CASE("records may arrive a byte at a time", "[tls]") {
  Pair pair;
  for (int i = 0; i < 10000; i++) {
    auto step = pair.client->handshake();
    REQUIRE(step != TlsSession::Step::kFailed);
    pair.to_server();
    int rc = SSL_do_handshake(pair.server.ssl);
    for (uint8_t b : pair.server.output()) {
      pair.client->feed({&b, 1});
      if (step != TlsSession::Step::kDone) step = pair.client->handshake();
      REQUIRE(step != TlsSession::Step::kFailed);
    }
    pair.to_server();
    if (step == TlsSession::Step::kDone && rc == 1) break;
  }
  REQUIRE(SSL_write(pair.server.ssl, "hello", 5) == 5);
  std::string got;
  for (uint8_t b : pair.server.output()) {
    char room[16];
    ssize_t n = pair.client->feed_and_read({&b, 1}, room, sizeof room);
    REQUIRE(n >= 0);
    got.append(room, static_cast<size_t>(n));
  }
  CHECK(got == "hello");
}

TEST_CASE("a goodbye ends the stream after the data before it", "[tls]") {
  Pair pair;
  pair.shake_hands();
  REQUIRE(SSL_write(pair.server.ssl, "last", 4) == 4);
  SSL_shutdown(pair.server.ssl);
  pair.to_client();
  char room[16];
  REQUIRE(pair.client->read(room, sizeof room) == 4);
  CHECK(pair.client->read(room, sizeof room) == -1);
  CHECK(pair.client->error().code() == base::kErrClosed);
  CHECK(pair.client->error().message() == "connection lost: closed by the server");
  CHECK(pair.client->write("x", 1) == -1);
}

TEST_CASE("our goodbye is seen by the peer", "[tls]") {
  Pair pair;
  pair.shake_hands();
  pair.client->close();
  REQUIRE_FALSE(pair.client->pending().empty());
  pair.to_server();
  char room[16];
  int rc = SSL_read(pair.server.ssl, room, sizeof room);
  CHECK(SSL_get_error(pair.server.ssl, rc) == SSL_ERROR_ZERO_RETURN);
}

TEST_CASE("damaged ciphertext ends the stream with a reason, never data", "[tls]") {
  for (int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    for (size_t at : {size_t{0}, size_t{3}, size_t{5}, size_t{20}}) {
      Pair pair(version);
      pair.shake_hands();
      char room[64];
      while (pair.client->read(room, sizeof room) > 0) {
      }
      REQUIRE(SSL_write(pair.server.ssl, "0123456789012345678901234567890", 31) == 31);
      auto bytes = pair.server.output();
      bytes[at] ^= 0x40;
      ssize_t n = pair.client->feed_and_read(bytes, room, sizeof room);
      if (n == 0) n = pair.client->feed_and_read(std::vector<uint8_t>(20000, 0), room, sizeof room);
      CHECK(n == -1);
      CHECK(pair.client->error().code() == base::kErrClosed);
      CHECK(pair.client->error().message().find("connection lost: TLS: ") == 0);
      CHECK(pair.client->read(room, sizeof room) == -1);
    }
  }
}

TEST_CASE("what is no TLS at all is told apart in a handshake", "[tls]") {
  auto outcome = [](const std::string &answer) {
    Pair pair;
    REQUIRE(pair.client->handshake() == TlsSession::Step::kMore);
    pair.client->feed({reinterpret_cast<const uint8_t *>(answer.data()), answer.size()});
    REQUIRE(pair.client->handshake() == TlsSession::Step::kFailed);
    REQUIRE(pair.client->handshake() == TlsSession::Step::kFailed);
    CHECK(pair.client->error().code() == base::kErrTls);
    return pair.client->error().message();
  };
  const std::string head = "TLS handshake with localhost:6041 failed: ";
  CHECK(outcome("HTTP/1.1 400 Bad Request\r\n\r\n") ==
        head + "the server answers in plain HTTP, it does not speak TLS on this port");
  CHECK(outcome("-ERR unknown command\r\n") == head + "the server does not speak TLS on this port");
  CHECK(outcome(std::string("\x15\x03\x03\x00\x02\x02\x28", 7)).find("handshake failure") != std::string::npos);
  CHECK(outcome(std::string("\x16\x03\x03\xff\xff garbage", 13)).find(head) == 0);
}

TEST_CASE("a peer that asks for new keys without end does not make the session grow", "[tls]") {
  Pair pair(TLS1_3_VERSION);
  pair.shake_hands();
  char room[64];
  while (pair.client->read(room, sizeof room) > 0) {
  }
  pair.to_server();
  size_t most = 0;
  bool full = false;
  for (int i = 0; i < 40000 && !full; i++) {
    REQUIRE(SSL_key_update(pair.server.ssl, SSL_KEY_UPDATE_REQUESTED) == 1);
    REQUIRE(SSL_write(pair.server.ssl, "x", 1) == 1);
    auto bytes = pair.server.output();
    (void)pair.client->feed_and_read(bytes, room, sizeof room);
    most = std::max(most, pair.client->pending().size());
    full = pair.client->must_send();
  }
  CHECK(full);
  CHECK(most < 300 * 1024);
  CHECK_FALSE(pair.client->has_input());  // polling is what helps now, not reading
}

// ---- options

namespace {

base::Status status_of(const TlsOptions &options) {
  auto c = net::tls_context(options);
  return c ? base::Status::ok() : c.status();
}

TlsOptions with_ca(const std::string &ca) {
  TlsOptions o;
  o.mode = TlsOptions::Mode::kVerifyCa;
  o.ca = ca;
  return o;
}

}  // namespace

TEST_CASE("equal options share a context, others do not", "[tls]") {
  auto a = make_identity({"ca one", nullptr, nullptr, true, -3600, 3600});
  auto b = make_identity({"ca two", nullptr, nullptr, true, -3600, 3600});
  auto first = net::tls_context(with_ca(a.pem()));
  auto again = net::tls_context(with_ca(a.pem()));
  auto other = net::tls_context(with_ca(b.pem()));
  REQUIRE(first.is_ok());
  REQUIRE(again.is_ok());
  REQUIRE(other.is_ok());
  CHECK(*first == *again);
  CHECK(*first != *other);

  // The name is the session's matter.
  TlsOptions identity = with_ca(a.pem());
  identity.mode = TlsOptions::Mode::kVerifyIdentity;
  CHECK(*net::tls_context(identity) == *first);
  TlsOptions newer = with_ca(a.pem());
  newer.versions = "TLSv1.3";
  CHECK(*net::tls_context(newer) != *first);

  // Not more than a few are kept; what is in use lives on.
  std::weak_ptr<SSL_CTX> watched = *other;
  other = net::tls_context(with_ca(a.pem()));
  again = other;
  for (int i = 0; i < 20; i++) {
    auto more = make_identity({"another", nullptr, nullptr, true, -3600, 3600});
    REQUIRE(net::tls_context(with_ca(more.pem())).is_ok());
  }
  CHECK(watched.expired());
  CHECK(*net::tls_context(with_ca(a.pem())) != *first);
  CHECK(SSL_CTX_get_cert_store(first->get()) != nullptr);
}

TEST_CASE("a CA file that has changed is read again", "[tls]") {
  auto a = make_identity({"ca one", nullptr, nullptr, true, -3600, 3600});
  auto b = make_identity({"second authority", nullptr, nullptr, true, -3600, 3600});
  tls_fixture::TemporaryFile file(a.pem());
  auto before = net::tls_context(with_ca(file.path()));
  REQUIRE(before.is_ok());
  CHECK(*net::tls_context(with_ca(file.path())) == *before);
  FILE *f = std::fopen(file.path(), "w");
  REQUIRE(f);
  std::fputs((a.pem() + b.pem()).c_str(), f);
  std::fclose(f);
  auto after = net::tls_context(with_ca(file.path()));
  REQUIRE(after.is_ok());
  CHECK(*after != *before);
}

TEST_CASE("what is wrong with a CA is said", "[tls]") {
  auto ca = make_identity({"ca", nullptr, nullptr, true, -3600, 3600});
  auto text = [](const TlsOptions &o) {
    base::Status s = status_of(o);
    CHECK(s.code() == base::kErrTls);
    return s.message();
  };
  CHECK(text(with_ca("/nonexistent/ca.pem")) ==
        "TLS: cannot read the CA file '/nonexistent/ca.pem': No such file or directory");
  CHECK(text(with_ca("/tmp")) == "TLS: cannot read the CA file '/tmp': Is a directory");
  tls_fixture::TemporaryFile empty("");
  CHECK(text(with_ca(empty.path())) == std::string("TLS: no PEM certificate in the CA file '") + empty.path() + "'");
  tls_fixture::TemporaryFile words("no certificate at all\n");
  CHECK(text(with_ca(words.path())).find("TLS: no PEM certificate in") == 0);

  std::string damaged = ca.pem();
  damaged[damaged.size() / 2] = '*';
  CHECK(text(with_ca(damaged)).find("TLS: certificate 1 in the CA given as text cannot be decoded: ") == 0);
  CHECK(text(with_ca(ca.pem() + damaged)).find("TLS: certificate 2 in the CA given as text cannot be decoded: ") == 0);
  CHECK(text(with_ca(ca.pem().substr(0, ca.pem().size() / 2))).find("TLS: ") == 0);
  CHECK(text(with_ca("-----BEGIN CERTIFICATE-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,"
                     "00112233445566778899AABBCCDDEEFF\n\nAAAA\n-----END CERTIFICATE-----\n"))
            .find("cannot be decoded") != std::string::npos);
  CHECK(text(with_ca(std::string("a\0b", 3))) == "TLS: the CA contains a zero byte");
}

TEST_CASE("PEM text may have its line ends written as backslash n", "[tls]") {
  auto ca = make_identity({"ca", nullptr, nullptr, true, -3600, 3600});
  std::string escaped, windows;
  for (char c : ca.pem()) {
    escaped += c == '\n' ? std::string("\\n") : std::string(1, c);
    windows += c == '\n' ? std::string("\\r\\n") : std::string(1, c);
  }
  CHECK(status_of(with_ca(escaped)).is_ok());
  CHECK(status_of(with_ca(windows)).is_ok());
  CHECK(status_of(with_ca("comment\n" + ca.pem() + "more\n" + ca.pem())).is_ok());
}

TEST_CASE("only TLS 1.2 and 1.3 can be asked for", "[tls]") {
  auto with_versions = [](const char *list) {
    TlsOptions o;
    o.mode = TlsOptions::Mode::kNoVerify;
    o.versions = list;
    return o;
  };
  for (const char *good : {"", "TLSv1.2", "TLSv1.3", "TLSv1.2,TLSv1.3", " tlsv1.3 , TLSV1.2 ", ","})
    CHECK(status_of(with_versions(good)).is_ok());
  for (const char *bad : {"TLSv1", "TLSv1.1", "SSLv3", "1.2", "TLSv1.2,TLSv1.1", "TLSv1.4"}) {
    base::Status s = status_of(with_versions(bad));
    CHECK(s.code() == base::kErrTls);
    CHECK(s.message().find("is not one of TLSv1.2, TLSv1.3") != std::string::npos);
  }
  auto c = net::tls_context(with_versions("TLSv1.2"));
  CHECK(SSL_CTX_get_min_proto_version(c->get()) == TLS1_2_VERSION);
  CHECK(SSL_CTX_get_max_proto_version(c->get()) == TLS1_2_VERSION);
  c = net::tls_context(with_versions("TLSv1.3"));
  CHECK(SSL_CTX_get_min_proto_version(c->get()) == TLS1_3_VERSION);
}

TEST_CASE("a host that cannot be in a certificate is refused, not skipped", "[tls]") {
  TlsOptions options;
  options.mode = TlsOptions::Mode::kNoVerify;
  auto context = net::tls_context(options);
  REQUIRE(context.is_ok());
  auto code = [&](const std::string &host, TlsOptions::Mode mode) {
    auto s = TlsSession::create(*context, {host, 6041}, mode);
    return s ? 0 : s.status().code();
  };
  auto identity = TlsOptions::Mode::kVerifyIdentity;
  CHECK(code("localhost", identity) == 0);
  CHECK(code("localhost.", identity) == 0);
  CHECK(code("127.0.0.1", identity) == 0);
  CHECK(code("::1", identity) == 0);
  CHECK(code("fe80::1%lo", identity) == 0);
  CHECK(code("", identity) == base::kErrTls);
  CHECK(code(".", identity) == base::kErrTls);
  CHECK(code(std::string(300, 'a'), identity) == base::kErrTls);
  CHECK(code(std::string("local\0host", 10), identity) == base::kErrTls);
}
