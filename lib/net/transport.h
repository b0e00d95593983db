// The seam between the WebSocket layer and what carries its bytes.
//
// A transport is used by at most one reader and one writer at a time (two different threads are fine); shutdown() may
// be called by any thread at any moment and makes a waiting reader or writer return. Nothing here knows WebSocket.
#pragma once
#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/deadline.h"
#include "base/status.h"

namespace opentaos::net {

struct Endpoint {
  std::string host;  // name, IPv4 or IPv6 (without brackets)
  uint16_t port = 6041;
};

struct TlsOptions {
  enum class Mode {
    kOff,
    kNoVerify,        // encrypted, but anybody may be at the other end
    kVerifyCa,        // the chain is checked, the name is not
    kVerifyIdentity,  // both; what wss means when nothing else is said
  };
  Mode mode = Mode::kOff;
  std::string ca;        // file path, or PEM text; empty = the system's
  std::string versions;  // "TLSv1.2,TLSv1.3"; empty = both
};

class Transport {
 public:
  virtual ~Transport() = default;

  // Connects (name, TCP, TLS). Ends by the deadline.
  virtual base::Status connect(const Endpoint &to, const TlsOptions &tls, base::Deadline deadline) = 0;

  // Reads at least one byte, waiting up to wait_ms for it (0: take only what is there).
  // > 0 bytes read; 0 nothing came within the time; -1 the connection has ended (error() says why).
  virtual ssize_t read(void *to, size_t most, int wait_ms) = 0;

  // Writes some of the bytes, waiting up to wait_ms for room. >= 0 bytes taken; -1 the connection has ended.
  virtual ssize_t write(const void *from, size_t n, int wait_ms) = 0;

  // For waiting on several connections at once: the descriptor to poll for input. Bytes may already wait inside
  // (decrypted but not read): then has_buffered_input() is true and polling would be in vain.
  virtual int poll_fd() const = 0;
  virtual bool has_buffered_input() const { return false; }

  // Ends both directions without waiting for anything. Thread safe.
  virtual void shutdown() = 0;

  // Why read, write or connect failed: code 0x8000000B for a connection that could not be made or was lost.
  virtual base::Status error() const = 0;
};

std::unique_ptr<Transport> make_tcp_transport();  // plain TCP on the caller's thread: the hot path
std::unique_ptr<Transport> make_lws_transport();  // libwebsockets in RAW client role: TLS, and plain TCP for comparison

}  // namespace opentaos::net
