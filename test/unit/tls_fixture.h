// Certificates made on the spot and small servers in this process, for the tests of TLS and of transports.
#pragma once
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace tls_fixture {

inline void must(bool ok, const char *what) {
  if (!ok) throw std::runtime_error(std::string("fixture: ") + what);
}

// ---- certificates

struct Identity {
  std::shared_ptr<EVP_PKEY> key;
  std::shared_ptr<X509> certificate;
  std::vector<std::shared_ptr<X509>> chain;  // what the server sends behind it

  std::string pem() const {
    BIO *bio = BIO_new(BIO_s_mem());
    must(PEM_write_bio_X509(bio, certificate.get()) == 1, "pem");
    char *p = nullptr;
    long n = BIO_get_mem_data(bio, &p);
    std::string text(p, static_cast<size_t>(n));
    BIO_free(bio);
    return text;
  }
};

struct Spec {
  const char *common_name = "localhost";
  const char *alternative_names = nullptr;  // "DNS:localhost,IP:127.0.0.1"
  const Identity *issuer = nullptr;         // absent: signed by itself
  bool authority = false;
  long not_before = -3600, not_after = 3600;  // seconds from now
};

inline Identity make_identity(const Spec &spec) {
  static std::atomic<long> serial{1};
  Identity id;
  id.key = std::shared_ptr<EVP_PKEY>(EVP_EC_gen("P-256"), EVP_PKEY_free);
  id.certificate = std::shared_ptr<X509>(X509_new(), X509_free);
  X509 *x = id.certificate.get();
  must(id.key && x, "allocation");
  X509_set_version(x, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(x), serial++);
  X509_gmtime_adj(X509_getm_notBefore(x), spec.not_before);
  X509_gmtime_adj(X509_getm_notAfter(x), spec.not_after);
  X509_set_pubkey(x, id.key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char *>(spec.common_name), -1, -1, 0);
  X509 *issuer = spec.issuer ? spec.issuer->certificate.get() : x;
  EVP_PKEY *signer = spec.issuer ? spec.issuer->key.get() : id.key.get();
  X509_set_issuer_name(x, X509_get_subject_name(issuer));
  auto add = [&](int nid, const char *value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, x, nullptr, nullptr, 0);
    X509_EXTENSION *e = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
    must(e != nullptr, value);
    X509_add_ext(x, e, -1);
    X509_EXTENSION_free(e);
  };
  if (spec.authority) add(NID_basic_constraints, "critical,CA:TRUE");
  if (spec.alternative_names) add(NID_subject_alt_name, spec.alternative_names);
  must(X509_sign(x, signer, EVP_sha256()) > 0, "sign");
  return id;
}

using ServerContext = std::shared_ptr<SSL_CTX>;

inline ServerContext server_context(const Identity &id, int lowest = TLS1_2_VERSION, int highest = TLS1_3_VERSION) {
  ServerContext c(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  must(SSL_CTX_use_certificate(c.get(), id.certificate.get()) == 1, "use certificate");
  must(SSL_CTX_use_PrivateKey(c.get(), id.key.get()) == 1, "use key");
  for (const auto &more : id.chain) must(SSL_CTX_add1_chain_cert(c.get(), more.get()) == 1, "chain");
  SSL_CTX_set_min_proto_version(c.get(), lowest);
  SSL_CTX_set_max_proto_version(c.get(), highest);
  return c;
}

// A file that goes when the test goes.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string &content) {
    int fd = ::mkstemp(path_);
    must(fd >= 0, "mkstemp");
    must(::write(fd, content.data(), content.size()) == static_cast<ssize_t>(content.size()), "write");
    ::close(fd);
  }
  ~TemporaryFile() { ::unlink(path_); }
  TemporaryFile(const TemporaryFile &) = delete;
  TemporaryFile &operator=(const TemporaryFile &) = delete;
  const char *path() const { return path_; }

 private:
  char path_[32] = "/tmp/ots_tls_XXXXXX";
};

// ---- servers

// One accepted connection, blocking, with or without TLS.
class Peer {
 public:
  Peer(int fd, SSL_CTX *context) : fd_(fd) {
    int on = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (!context) return;
    ssl_ = SSL_new(context);
    SSL_set_fd(ssl_, fd_);
  }
  ~Peer() {
    if (ssl_) SSL_free(ssl_);
    if (fd_ >= 0) ::close(fd_);
  }
  Peer(const Peer &) = delete;
  Peer &operator=(const Peer &) = delete;

  bool accept_tls() {
    ERR_clear_error();
    return !ssl_ || SSL_accept(ssl_) == 1;
  }
  ssize_t read(void *to, size_t most) {
    return ssl_ ? SSL_read(ssl_, to, static_cast<int>(most)) : ::recv(fd_, to, most, 0);
  }
  bool read_exactly(void *to, size_t n) {
    auto *p = static_cast<char *>(to);
    while (n > 0) {
      ssize_t got = read(p, n);
      if (got <= 0) return false;
      p += got;
      n -= static_cast<size_t>(got);
    }
    return true;
  }
  bool write(const void *from, size_t n) {
    const auto *p = static_cast<const char *>(from);
    while (n > 0) {
      ssize_t put = ssl_ ? SSL_write(ssl_, p, static_cast<int>(n)) : ::send(fd_, p, n, MSG_NOSIGNAL);
      if (put <= 0) return false;
      p += put;
      n -= static_cast<size_t>(put);
    }
    return true;
  }
  void say_goodbye() {
    if (ssl_) SSL_shutdown(ssl_);
  }
  // Ends the connection with a reset.
  void reset() {
    linger hard{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    ::close(fd_);
    fd_ = -1;
  }
  SSL *ssl() { return ssl_; }
  int fd() const { return fd_; }

 private:
  int fd_;
  SSL *ssl_ = nullptr;
};

inline int listen_on(int family, int backlog, uint16_t &port) {
  int fd = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  must(fd >= 0, "socket");
  sockaddr_storage a{};
  socklen_t len = family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
  a.ss_family = static_cast<sa_family_t>(family);
  if (family == AF_INET6)
    reinterpret_cast<sockaddr_in6 *>(&a)->sin6_addr = in6addr_loopback;
  else
    reinterpret_cast<sockaddr_in *>(&a)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  must(::bind(fd, reinterpret_cast<sockaddr *>(&a), len) == 0, "bind");
  must(::listen(fd, backlog) == 0, "listen");
  must(::getsockname(fd, reinterpret_cast<sockaddr *>(&a), &len) == 0, "getsockname");
  port = ntohs(family == AF_INET6 ? reinterpret_cast<sockaddr_in6 *>(&a)->sin6_port
                                  : reinterpret_cast<sockaddr_in *>(&a)->sin_port);
  return fd;
}

// Serves each connection on a thread of its own with the given function, which gets it before the handshake.
class Server {
 public:
  using Serve = std::function<void(Peer &)>;

  Server(ServerContext context, Serve serve, int family = AF_INET)
      : context_(std::move(context)), serve_(std::move(serve)), listener_(listen_on(family, 64, port_)) {
    thread_ = std::thread([this] { run(); });
  }
  ~Server() {
    stop_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  Server(const Server &) = delete;
  Server &operator=(const Server &) = delete;

  uint16_t port() const { return port_; }
  int accepted() const { return accepted_; }

 private:
  void run() {
    // OpenSSL writes without MSG_NOSIGNAL. The tests' own threads leave SIGPIPE as it is, to see whether it comes.
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
    std::vector<std::thread> threads;
    while (!stop_) {
      int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0) break;
      accepted_++;
      threads.emplace_back([this, fd] {
        Peer peer(fd, context_.get());
        serve_(peer);
      });
    }
    for (auto &t : threads) t.join();
  }

  ServerContext context_;
  Serve serve_;
  uint16_t port_ = 0;
  int listener_;
  std::atomic<bool> stop_{false};
  std::atomic<int> accepted_{0};
  std::thread thread_;
};

inline void echo(Peer &peer) {
  if (!peer.accept_tls()) return;
  std::vector<char> room(256 * 1024);
  for (;;) {
    ssize_t n = peer.read(room.data(), room.size());
    if (n <= 0 || !peer.write(room.data(), static_cast<size_t>(n))) break;
  }
  peer.say_goodbye();
}

}  // namespace tls_fixture
