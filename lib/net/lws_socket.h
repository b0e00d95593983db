// One TCP connection inside a libwebsockets context of its own, in the RAW client role. libwebsockets makes, connects,
// reads and closes the socket; the caller polls it and says when. One thread at a time may be inside; nothing waits.
// docs/internals/libwebsockets.md tells why it is used this way.
#pragma once
#include <cstddef>
#include <cstdint>

#include "net/resolve.h"

struct lws;
struct lws_context;

namespace opentaos::net {

class LwsSocket {
 public:
  class Receiver {
   public:
    virtual void received(const uint8_t *bytes, size_t n) noexcept = 0;

   protected:
    ~Receiver() = default;
  };

  explicit LwsSocket(Receiver &receiver) : receiver_(receiver) {}
  ~LwsSocket() { close(); }
  LwsSocket(const LwsSocket &) = delete;
  LwsSocket &operator=(const LwsSocket &) = delete;

  // Starts to connect. 0: under way or done, poll fd() for output and call service(); else an errno.
  int start(const ResolvedAddress &address);
  bool connected() const { return connected_; }
  // -1 when there is no connection.
  int fd() const { return fd_; }

  // Does what poll() found. With POLLIN what one recv() brings goes to the receiver. False: libwebsockets has closed
  // the socket, fd() is gone.
  bool service(short revents);

  // Closes the socket and frees everything. Sends nothing, so a forked child may do it to what it has inherited.
  void close();
  // Closes the socket and nothing else, whatever state the rest is in.
  void abandon();

 private:
  friend struct LwsCallbacks;
  bool create_context();

  Receiver &receiver_;
  lws_context *context_ = nullptr;
  lws *wsi_ = nullptr;
  int fd_ = -1;
  bool connected_ = false;
};

}  // namespace opentaos::net
