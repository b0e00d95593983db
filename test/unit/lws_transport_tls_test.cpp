// The TLS policy of the libwebsockets transport: certificates, modes, versions, names.
#include "lws_fixture.h"

using namespace lws_fixture;

namespace {

struct Authorities {
  Identity root = make_identity({"good root", nullptr, nullptr, true, -86400, 86400});
  Identity stranger = make_identity({"another root", nullptr, nullptr, true, -86400, 86400});
};

struct Expectation {
  const char *certificate;
  const char *host;
  Mode mode;
  const char *failure;  // nullptr: connects
};

constexpr const char *kSelfSigned = "certificate verify failed: self-signed certificate";
constexpr const char *kExpired = "certificate verify failed: certificate has expired";
constexpr const char *kFuture = "certificate verify failed: certificate is not yet valid";
constexpr const char *kUnknownIssuer = "certificate verify failed: unable to get local issuer certificate";
constexpr const char *kWrongName =
    "certificate verify failed: hostname mismatch (the server's certificate is not for this host)";
constexpr const char *kWrongAddress =
    "certificate verify failed: IP address mismatch (the server's certificate is not for this host)";

const Expectation kMatrix[] = {
    {"good", "localhost", Mode::kNoVerify, nullptr},
    {"good", "localhost", Mode::kVerifyCa, nullptr},
    {"good", "localhost", Mode::kVerifyIdentity, nullptr},
    {"good", "127.0.0.1", Mode::kNoVerify, nullptr},
    {"good", "127.0.0.1", Mode::kVerifyCa, nullptr},
    {"good", "127.0.0.1", Mode::kVerifyIdentity, nullptr},
    {"self-signed", "localhost", Mode::kNoVerify, nullptr},
    {"self-signed", "localhost", Mode::kVerifyCa, kSelfSigned},
    {"self-signed", "localhost", Mode::kVerifyIdentity, kSelfSigned},
    {"self-signed", "127.0.0.1", Mode::kNoVerify, nullptr},
    {"self-signed", "127.0.0.1", Mode::kVerifyCa, kSelfSigned},
    {"self-signed", "127.0.0.1", Mode::kVerifyIdentity, kSelfSigned},
    {"wrong host", "localhost", Mode::kNoVerify, nullptr},
    {"wrong host", "localhost", Mode::kVerifyCa, nullptr},
    {"wrong host", "localhost", Mode::kVerifyIdentity, kWrongName},
    {"wrong host", "127.0.0.1", Mode::kNoVerify, nullptr},
    {"wrong host", "127.0.0.1", Mode::kVerifyCa, nullptr},
    {"wrong host", "127.0.0.1", Mode::kVerifyIdentity, kWrongAddress},
    {"expired", "localhost", Mode::kNoVerify, nullptr},
    {"expired", "localhost", Mode::kVerifyCa, kExpired},
    {"expired", "localhost", Mode::kVerifyIdentity, kExpired},
    {"future", "localhost", Mode::kNoVerify, nullptr},
    {"future", "localhost", Mode::kVerifyCa, kFuture},
    {"future", "localhost", Mode::kVerifyIdentity, kFuture},
    {"wrong CA", "localhost", Mode::kNoVerify, nullptr},
    {"wrong CA", "localhost", Mode::kVerifyCa, kUnknownIssuer},
    {"wrong CA", "localhost", Mode::kVerifyIdentity, kUnknownIssuer},
    {"address only", "localhost", Mode::kNoVerify, nullptr},
    {"address only", "localhost", Mode::kVerifyCa, nullptr},
    {"address only", "localhost", Mode::kVerifyIdentity, kWrongName},
    {"address only", "127.0.0.1", Mode::kVerifyIdentity, nullptr},
    {"name only", "localhost", Mode::kVerifyIdentity, nullptr},
    {"name only", "127.0.0.1", Mode::kVerifyIdentity, kWrongAddress},
    {"common name", "localhost", Mode::kVerifyIdentity, nullptr},
    {"common name", "127.0.0.1", Mode::kVerifyIdentity, kWrongAddress},
    {"wildcard", "localhost", Mode::kVerifyIdentity, kWrongName},
};

Identity certificate_of(const std::string &kind, const Authorities &a) {
  const char *both = "DNS:localhost,IP:127.0.0.1,IP:::1";
  if (kind == "good") return make_identity({"localhost", both, &a.root, false, -3600, 3600});
  if (kind == "self-signed") return make_identity({"localhost", both, nullptr, false, -3600, 3600});
  if (kind == "wrong host")
    return make_identity({"other.example", "DNS:other.example,IP:192.0.2.1", &a.root, false, -3600, 3600});
  if (kind == "expired") return make_identity({"localhost", both, &a.root, false, -7200, -3600});
  if (kind == "future") return make_identity({"localhost", both, &a.root, false, 3600, 7200});
  if (kind == "wrong CA") return make_identity({"localhost", both, &a.stranger, false, -3600, 3600});
  if (kind == "address only") return make_identity({"server", "IP:127.0.0.1", &a.root, false, -3600, 3600});
  if (kind == "name only") return make_identity({"server", "DNS:localhost", &a.root, false, -3600, 3600});
  if (kind == "common name") return make_identity({"localhost", nullptr, &a.root, false, -3600, 3600});
  if (kind == "wildcard") return make_identity({"x", "DNS:*", &a.root, false, -3600, 3600});
  throw std::runtime_error("no such certificate");
}

}  // namespace

TEST_CASE("modes, certificates, versions and ways to name the CA", "[lws]") {
  Authorities authorities;
  const std::string pem = authorities.root.pem();
  std::string escaped;
  for (char c : pem) escaped += c == '\n' ? std::string("\\n") : std::string(1, c);
  tls_fixture::TemporaryFile file(pem);
  const std::string ways_to_name[] = {file.path(), pem, escaped};

  int cells = 0;
  for (const Expectation &e : kMatrix) {
    Server server(server_context(certificate_of(e.certificate, authorities)), tls_fixture::echo);
    for (const char *versions : {"TLSv1.2", "TLSv1.3"}) {
      for (const std::string &ca : ways_to_name) {
        INFO(e.certificate << ", " << e.host << ", mode " << static_cast<int>(e.mode) << ", " << versions);
        auto t = net::make_lws_transport();
        base::Status s = t->connect({e.host, server.port()}, options(e.mode, ca, versions), Deadline::after_ms(10000));
        INFO(s.message());
        if (!e.failure) {
          REQUIRE(s.is_ok());
          REQUIRE(write_all(*t, "ping"));
          CHECK(read_up_to(*t, 4) == "ping");
        } else {
          CHECK(s.code() == base::kErrTls);
          CHECK(s.message() == std::string("TLS handshake with ") + e.host + ":" + std::to_string(server.port()) +
                                   " failed: " + e.failure);
          CHECK(t->read(nullptr, 1, 0) == -1);
          CHECK(t->write("x", 1, 0) == -1);
          CHECK(t->error().message() == s.message());
        }
        cells++;
      }
    }
  }
  CHECK(cells == 6 * static_cast<int>(std::size(kMatrix)));
}

TEST_CASE("IPv6 hosts are checked as strictly as others", "[lws]") {
  Authorities authorities;
  for (const char *kind : {"good", "name only"}) {
    Server server(server_context(certificate_of(kind, authorities)), tls_fixture::echo, AF_INET6);
    auto t = net::make_lws_transport();
    base::Status s = t->connect({"::1", server.port()}, options(Mode::kVerifyIdentity, authorities.root.pem()),
                                Deadline::after_ms(10000));
    INFO(s.message());
    if (std::string(kind) == "good") {
      REQUIRE(s.is_ok());
      REQUIRE(write_all(*t, "six"));
      CHECK(read_up_to(*t, 3) == "six");
    } else {
      CHECK(s.message() == "TLS handshake with [::1]:" + std::to_string(server.port()) + " failed: " + kWrongAddress);
    }
  }
}

TEST_CASE("the system's authorities are used when none is named", "[lws]") {
  Authorities authorities;
  Server server(server_context(certificate_of("good", authorities)), tls_fixture::echo);
  auto connect_with = [&](const char *versions) {
    auto t = net::make_lws_transport();
    return t->connect({"localhost", server.port()}, options(Mode::kVerifyIdentity, "", versions),
                      Deadline::after_ms(10000));
  };
  // Contexts are kept for the process: each spelling of the versions makes its own.
  base::Status s = connect_with("TLSv1.2,,TLSv1.3");
  CHECK(s.code() == base::kErrTls);
  CHECK(s.message().find(kUnknownIssuer) != std::string::npos);
  tls_fixture::TemporaryFile file(authorities.root.pem());
  ::setenv("SSL_CERT_FILE", file.path(), 1);
  s = connect_with("TLSv1.2,,,TLSv1.3");
  ::unsetenv("SSL_CERT_FILE");
  INFO(s.message());
  CHECK(s.is_ok());
}

TEST_CASE("chains: an intermediate sent by the server, or trusted by itself", "[lws]") {
  Authorities authorities;
  Identity middle = make_identity({"middle", nullptr, &authorities.root, true, -3600, 3600});
  Identity leaf = make_identity({"localhost", "DNS:localhost", &middle, false, -3600, 3600});
  Identity with_chain = leaf;
  with_chain.chain.push_back(middle.certificate);
  auto outcome = [](const Identity &id, const std::string &ca) {
    Server server(server_context(id), tls_fixture::echo);
    auto t = net::make_lws_transport();
    auto s = t->connect({"localhost", server.port()}, options(Mode::kVerifyIdentity, ca), Deadline::after_ms(10000));
    return s.is_ok() ? std::string("connected") : s.message().substr(s.message().find("failed: "));
  };
  CHECK(outcome(with_chain, authorities.root.pem()) == "connected");
  CHECK(outcome(leaf, authorities.root.pem()) == std::string("failed: ") + kUnknownIssuer);
  CHECK(outcome(leaf, middle.pem()) == "connected");
  CHECK(outcome(leaf, leaf.pem()) == "connected");
  CHECK(outcome(leaf, authorities.stranger.pem()) == std::string("failed: ") + kUnknownIssuer);
  CHECK(outcome(leaf, authorities.stranger.pem() + middle.pem()) == "connected");
}

TEST_CASE("versions are as asked for, and a server with others is refused by name", "[lws]") {
  Identity id = make_identity({});
  std::atomic<int> version{0};
  auto serve = [&](Peer &peer) {
    if (peer.accept_tls()) version = SSL_version(peer.ssl());
    tls_fixture::echo(peer);
  };
  struct {
    int lowest, highest;
    const char *asked;
    int expected;  // 0: no connection
  } cases[] = {
      {TLS1_2_VERSION, TLS1_3_VERSION, "", TLS1_3_VERSION},
      {TLS1_2_VERSION, TLS1_3_VERSION, "TLSv1.2", TLS1_2_VERSION},
      {TLS1_2_VERSION, TLS1_2_VERSION, "", TLS1_2_VERSION},
      {TLS1_2_VERSION, TLS1_2_VERSION, "TLSv1.3", 0},
      {TLS1_3_VERSION, TLS1_3_VERSION, "TLSv1.2", 0},
      {TLS1_3_VERSION, TLS1_3_VERSION, "TLSv1.3,TLSv1.2", TLS1_3_VERSION},
  };
  for (const auto &c : cases) {
    version = 0;
    Server server(server_context(id, c.lowest, c.highest), serve);
    auto t = net::make_lws_transport();
    base::Status s =
        t->connect({"localhost", server.port()}, options(Mode::kNoVerify, "", c.asked), Deadline::after_ms(10000));
    INFO(c.asked << ": " << s.message());
    if (c.expected) {
      REQUIRE(s.is_ok());
      REQUIRE(write_all(*t, "x"));
      CHECK(read_up_to(*t, 1) == "x");
      CHECK(version == c.expected);
    } else {
      CHECK(s.code() == base::kErrTls);
      CHECK(s.message().find("protocol version") != std::string::npos);
    }
  }
}

TEST_CASE("the server name is sent for names only, and HTTP/1.1 is offered", "[lws]") {
  static std::mutex mutex;
  static std::string seen_name, seen_protocols;
  Identity id = make_identity({});
  auto context = server_context(id);
  SSL_CTX_set_alpn_select_cb(
      context.get(),
      [](SSL *, const unsigned char **out, unsigned char *outlen, const unsigned char *in, unsigned int n, void *) {
        std::lock_guard<std::mutex> lock(mutex);
        seen_protocols.assign(reinterpret_cast<const char *>(in), n);
        *out = in + 1;
        *outlen = in[0];
        return SSL_TLSEXT_ERR_OK;
      },
      nullptr);
  Server server(context, [](Peer &peer) {
    if (!peer.accept_tls()) return;
    {
      std::lock_guard<std::mutex> lock(mutex);
      const char *name = SSL_get_servername(peer.ssl(), TLSEXT_NAMETYPE_host_name);
      seen_name = name ? name : "none";
    }
    peer.write("k", 1);
  });
  for (auto [host, expected] :
       {std::pair<const char *, const char *>{"localhost", "localhost"}, {"127.0.0.1", "none"}}) {
    auto t = connected(server.port(), options(Mode::kNoVerify), host);
    REQUIRE(read_up_to(*t, 1) == "k");
    std::lock_guard<std::mutex> lock(mutex);
    CHECK(seen_name == expected);
    CHECK(seen_protocols == "\x08http/1.1");
  }
}
