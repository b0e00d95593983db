#include "net/tls_session.h"

#include <arpa/inet.h>

#include <algorithm>
#include <atomic>
#include <climits>
#include <cstring>
#include <new>

#include "base/codes.h"
#include "net/openssl_calls.h"

namespace opentaos::net {

using base::Status;
using base::StatusOr;

// The BIO through which OpenSSL sees the session's buffers as its socket.
struct TlsSessionBio {
  static TlsSession *session(BIO *bio) { return static_cast<TlsSession *>(BIO_get_data(bio)); }

  static int read(BIO *bio, char *to, int most) {
    BIO_clear_retry_flags(bio);
    size_t n = most > 0 ? session(bio)->take(to, static_cast<size_t>(most)) : 0;
    if (n > 0) return static_cast<int>(n);
    BIO_set_retry_read(bio);
    return -1;
  }

  static int write(BIO *bio, const char *from, int n) {
    BIO_clear_retry_flags(bio);
    if (n <= 0) return 0;
    TlsSession *s = session(bio);
    if (s->must_send()) {
      BIO_set_retry_write(bio);
      return -1;
    }
    return s->give(from, static_cast<size_t>(n)) ? n : -1;
  }

  static long ctrl(BIO *, int command, long, void *) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

  static int create(BIO *bio) {
    BIO_set_init(bio, 1);
    return 1;
  }

  static BIO_METHOD *make_method() {
    BIO_METHOD *m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "opentaos tls session");
    if (m && BIO_meth_set_read(m, &read) == 1 && BIO_meth_set_write(m, &write) == 1 &&
        BIO_meth_set_ctrl(m, &ctrl) == 1 && BIO_meth_set_create(m, &create) == 1)
      return m;
    BIO_meth_free(m);
    return nullptr;
  }

  // Made once and never freed: sessions of any thread may use it until the process ends.
  static const BIO_METHOD *method() {
    static std::atomic<BIO_METHOD *> made{nullptr};
    BIO_METHOD *m = made.load(std::memory_order_acquire);
    if (m) return m;
    BIO_METHOD *fresh = make_method();
    if (!fresh) return nullptr;
    if (made.compare_exchange_strong(m, fresh, std::memory_order_acq_rel)) return fresh;
    BIO_meth_free(fresh);
    return m;
  }
};

namespace {

// The host as certificates write it: without a zone, without the dot that ends a fully qualified name.
std::string name_in_certificates(const std::string &host, bool &is_address) {
  std::string name = host.substr(0, host.find('%'));
  unsigned char room[sizeof(in6_addr)];
  is_address = ::inet_pton(AF_INET, name.c_str(), room) == 1 || ::inet_pton(AF_INET6, name.c_str(), room) == 1;
  if (!is_address) {
    name = host;
    if (!name.empty() && name.back() == '.') name.pop_back();
  }
  return name;
}

bool expect_identity(SSL *ssl, const std::string &name, bool is_address) {
  X509_VERIFY_PARAM *param = SSL_get0_param(ssl);
  X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (is_address) return X509_VERIFY_PARAM_set1_ip_asc(param, name.c_str()) == 1;
  // An empty name would switch the check off.
  return !name.empty() && X509_VERIFY_PARAM_set1_host(param, name.c_str(), name.size()) == 1;
}

std::string text_of(const Endpoint &peer) {
  bool v6 = peer.host.find(':') != std::string::npos;
  return (v6 ? "[" + peer.host + "]" : peer.host) + ":" + std::to_string(peer.port);
}

}  // namespace

TlsSession::TlsSession(TlsContext context, SSL *ssl, const Endpoint &peer)
    : context_(std::move(context)), ssl_(ssl), peer_(text_of(peer)) {}

TlsSession::~TlsSession() { SSL_free(ssl_); }

const char *TlsSession::version() const { return SSL_get_version(ssl_); }

StatusOr<std::unique_ptr<TlsSession>> TlsSession::create(TlsContext context, const Endpoint &peer,
                                                         TlsOptions::Mode mode) {
  ERR_clear_error();
  SSL *ssl = SSL_new(context.get());
  if (!ssl) return Status(base::kErrTls, "TLS: OpenSSL cannot make a session: " + openssl_reason());
  std::unique_ptr<TlsSession> session(new (std::nothrow) TlsSession(std::move(context), ssl, peer));
  if (!session) {
    SSL_free(ssl);
    return Status(base::kErrOutOfMemory, "Out of Memory");
  }
  const BIO_METHOD *method = TlsSessionBio::method();
  BIO *bio = method ? BIO_new(method) : nullptr;
  if (!bio) return Status(base::kErrOutOfMemory, "Out of Memory");
  BIO_set_data(bio, session.get());
  SSL_set_bio(ssl, bio, bio);
  SSL_set_connect_state(ssl);

  bool is_address = false;
  std::string name = name_in_certificates(peer.host, is_address);
  // RFC 6066: an address is never sent as server name.
  if (!is_address && SSL_set_tlsext_host_name(ssl, name.c_str()) != 1)
    return Status(base::kErrTls, "TLS: '" + peer.host.substr(0, 255) + "' cannot be sent as server name");
  if (mode == TlsOptions::Mode::kVerifyIdentity && !expect_identity(ssl, name, is_address))
    return Status(base::kErrTls, "TLS: '" + peer.host.substr(0, 255) + "' cannot be looked for in a certificate");
  return session;
}

TlsSession::Step TlsSession::handshake() {
  if (!error_.is_ok()) return Step::kFailed;
  ERR_clear_error();
  int rc = SSL_do_handshake(ssl_);
  if (rc == 1) {
    established_ = true;
    return Step::kDone;
  }
  int e = SSL_get_error(ssl_, rc);
  if (e == SSL_ERROR_WANT_READ || e == SSL_ERROR_WANT_WRITE) return Step::kMore;
  handshake_failed(e);
  return Step::kFailed;
}

void TlsSession::handshake_failed(int ssl_error) {
  std::string reason;
  long verify = SSL_get_verify_result(ssl_);
  std::string_view first(reinterpret_cast<const char *>(first_), first_size_);
  if (out_of_memory_) {
    error_ = Status(base::kErrOutOfMemory, "Out of Memory");
    ERR_clear_error();
    return;
  }
  if (verify != X509_V_OK && (SSL_get_verify_mode(ssl_) & SSL_VERIFY_PEER)) {
    reason = std::string("certificate verify failed: ") + X509_verify_cert_error_string(verify);
    if (verify == X509_V_ERR_HOSTNAME_MISMATCH || verify == X509_V_ERR_IP_ADDRESS_MISMATCH)
      reason += " (the server's certificate is not for this host)";
  } else if (first.substr(0, 5) == "HTTP/") {
    reason = "the server answers in plain HTTP, it does not speak TLS on this port";
  } else if (!first.empty() && (first_[0] < 20 || first_[0] > 24)) {
    reason = "the server does not speak TLS on this port";
  } else if (ssl_error == SSL_ERROR_ZERO_RETURN) {
    reason = "the server ended it";
  } else {
    reason = openssl_reason();
  }
  error_ = handshake_ended(reason);
  ERR_clear_error();
}

Status TlsSession::handshake_ended(const std::string &reason) const {
  return Status(base::kErrTls, "TLS handshake with " + peer_ + " failed: " + reason);
}

void TlsSession::stream_failed(int ssl_error) {
  if (out_of_memory_) {
    error_ = Status(base::kErrOutOfMemory, "Out of Memory");
  } else if (ssl_error == SSL_ERROR_ZERO_RETURN) {
    error_ = Status(base::kErrClosed, "connection lost: closed by the server");
  } else {
    error_ = Status(base::kErrClosed, "connection lost: TLS: " + openssl_reason());
  }
  ERR_clear_error();
}

size_t TlsSession::take(void *to, size_t most) {
  auto *p = static_cast<uint8_t *>(to);
  size_t taken = std::min(most, in_.size() - in_pos_);
  if (taken > 0) {
    std::memcpy(p, in_.data() + in_pos_, taken);
    in_pos_ += taken;
    if (in_pos_ == in_.size()) {
      in_pos_ = 0;
      in_.shrink_to(kKeptWhenIdle);
    }
  }
  size_t more = std::min(most - taken, borrowed_.size());
  if (more > 0) {
    std::memcpy(p + taken, borrowed_.data(), more);
    borrowed_ = borrowed_.subspan(more);
  }
  return taken + more;
}

bool TlsSession::give(const void *from, size_t n) {
  try {
    out_.append(from, n);
    return true;
  } catch (const std::bad_alloc &) {
    out_of_memory_ = true;  // must not fly through OpenSSL
    return false;
  }
}

void TlsSession::feed(std::span<const uint8_t> ciphertext) {
  if (first_size_ < sizeof first_) {
    size_t n = std::min(sizeof first_ - first_size_, ciphertext.size());
    std::memcpy(first_ + first_size_, ciphertext.data(), n);
    first_size_ += n;
  }
  in_.append(ciphertext);
}

ssize_t TlsSession::read(void *to, size_t most) {
  auto *p = static_cast<uint8_t *>(to);
  size_t done = 0;
  ERR_clear_error();
  while (done < most && error_.is_ok()) {
    int rc = SSL_read(ssl_, p + done, static_cast<int>(std::min<size_t>(most - done, INT_MAX)));
    if (rc > 0) {
      done += static_cast<size_t>(rc);
      continue;
    }
    int e = SSL_get_error(ssl_, rc);
    if (e == SSL_ERROR_WANT_READ || e == SSL_ERROR_WANT_WRITE) break;
    stream_failed(e);
  }
  if (done > 0) return static_cast<ssize_t>(done);
  return error_.is_ok() ? 0 : -1;
}

ssize_t TlsSession::feed_and_read(std::span<const uint8_t> ciphertext, void *to, size_t most) {
  borrowed_ = ciphertext;
  ssize_t n = read(to, most);
  std::span<const uint8_t> rest = borrowed_;
  borrowed_ = {};
  in_.append(rest);
  return n;
}

bool TlsSession::has_input() const { return !must_send() && (SSL_pending(ssl_) > 0 || in_pos_ < in_.size()); }

ssize_t TlsSession::write(const void *from, size_t n) {
  const auto *p = static_cast<const uint8_t *>(from);
  size_t done = 0;
  ERR_clear_error();
  while (done < n && error_.is_ok() && pending().size() < kBatch) {
    int rc = SSL_write(ssl_, p + done, static_cast<int>(std::min<size_t>(n - done, SSL3_RT_MAX_PLAIN_LENGTH)));
    if (rc > 0) {
      done += static_cast<size_t>(rc);
      continue;
    }
    int e = SSL_get_error(ssl_, rc);
    if (e == SSL_ERROR_WANT_READ || e == SSL_ERROR_WANT_WRITE) break;
    stream_failed(e);
  }
  if (done > 0) return static_cast<ssize_t>(done);
  return error_.is_ok() ? 0 : -1;
}

void TlsSession::close() {
  if (!established_ || !error_.is_ok()) return;
  ERR_clear_error();
  (void)SSL_shutdown(ssl_);
  ERR_clear_error();
}

void TlsSession::sent(size_t n) {
  out_pos_ += n;
  if (out_pos_ >= out_.size()) {
    out_pos_ = 0;
    out_.shrink_to(kKeptWhenIdle);
  }
}

}  // namespace opentaos::net
