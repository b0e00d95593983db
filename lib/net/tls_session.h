// One TLS connection as a filter between memory and memory: ciphertext of the peer goes in, plaintext comes out, and
// the other way round. It knows no socket, so that it can be tested alone and can never write to a descriptor that a
// forked child shares with its parent.
#pragma once
#include <openssl/ssl.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/buffer.h"
#include "base/status.h"
#include "net/tls_context.h"

namespace opentaos::net {

class TlsSession {
 public:
  enum class Step { kDone, kMore, kFailed };

  // A client's session with this peer. The host is sent as SNI if it is a name, and must be in the certificate if
  // the mode is kVerifyIdentity.
  static base::StatusOr<std::unique_ptr<TlsSession>> create(TlsContext context, const Endpoint &peer,
                                                            TlsOptions::Mode mode);
  ~TlsSession();
  TlsSession(const TlsSession &) = delete;
  TlsSession &operator=(const TlsSession &) = delete;

  // Goes on with the handshake as far as the bytes fed allow. kMore: send pending(), feed, call again.
  // kDone: pending() may still hold the last message. kFailed: error() says why; pending() may hold an alert.
  Step handshake();
  // The transport has lost the peer meanwhile: the text of that.
  base::Status handshake_ended(const std::string &reason) const;

  // Ciphertext from the peer, copied.
  void feed(std::span<const uint8_t> ciphertext);
  // Plaintext out: > 0 bytes; 0 more ciphertext is needed (or pending() must be sent first); -1 the stream has ended.
  ssize_t read(void *to, size_t most);
  // feed() and read() in one, without copying ciphertext that is used at once.
  ssize_t feed_and_read(std::span<const uint8_t> ciphertext, void *to, size_t most);
  // Ciphertext or plaintext waits inside, so read() may have something without more input.
  bool has_input() const;

  // Plaintext in: returns how much was taken, less than all when much ciphertext waits to be sent. -1: failed.
  ssize_t write(const void *from, size_t n);
  // Says goodbye to the peer (close_notify), in pending().
  void close();

  // Ciphertext for the peer.
  std::span<const uint8_t> pending() const { return {out_.data() + out_pos_, out_.size() - out_pos_}; }
  void sent(size_t n);
  // More answers to the peer's own messages wait than may be kept: send before anything else is fed.
  bool must_send() const { return pending().size() > kMostPending; }

  const base::Status &error() const { return error_; }
  const char *version() const;

 private:
  static constexpr size_t kBatch = 64 * 1024;         // ciphertext made by one write()
  static constexpr size_t kMostPending = 256 * 1024;  // beyond this the peer's requests wait
  static constexpr size_t kKeptWhenIdle = 4 * 1024;

  TlsSession(TlsContext context, SSL *ssl, const Endpoint &peer);
  friend struct TlsSessionBio;

  size_t take(void *to, size_t most);  // for OpenSSL: the next bytes of ciphertext
  bool give(const void *from, size_t n);
  void handshake_failed(int ssl_error);
  void stream_failed(int ssl_error);

  TlsContext context_;
  SSL *ssl_;
  std::string peer_;  // host:port, for texts
  base::Buffer in_;   // ciphertext not yet used
  size_t in_pos_ = 0;
  std::span<const uint8_t> borrowed_;  // the caller's ciphertext, behind in_
  base::Buffer out_;
  size_t out_pos_ = 0;
  uint8_t first_[8] = {};  // how the peer began, to tell HTTP from TLS
  size_t first_size_ = 0;
  bool established_ = false;
  bool out_of_memory_ = false;
  base::Status error_;
};

}  // namespace opentaos::net
