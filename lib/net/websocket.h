// A WebSocket connection over a transport: upgrade, frames in, frames out. It has no lock of its own: one thread may
// read while another writes, and the parts of each side are kept apart below.
#pragma once
#include <memory>
#include <span>
#include <string>

#include "base/buffer.h"
#include "base/deadline.h"
#include "base/status.h"
#include "net/deflate.h"
#include "net/transport.h"
#include "net/ws_frame.h"

namespace opentaos::net {

struct WebSocketOptions {
  std::string path = "/ws";  // with query
  bool offer_deflate = false;
  size_t max_message = size_t{256} << 20;
};

// A received message. `payload` points either into the connection's read buffer, valid until the next read(), or into
// `owned`, which the receiver may keep.
struct Message {
  Opcode opcode = Opcode::kText;
  std::span<const uint8_t> payload;
  base::Buffer owned;

  bool is_text() const { return opcode == Opcode::kText; }
  std::string_view text() const { return {reinterpret_cast<const char *>(payload.data()), payload.size()}; }
  // The payload as a buffer of its own, copied only if it isn't one yet.
  base::Buffer take();
};

class WebSocket {
 public:
  explicit WebSocket(std::unique_ptr<Transport> transport) : transport_(std::move(transport)) {}

  base::Status connect(const Endpoint &to, const TlsOptions &tls, const WebSocketOptions &options,
                       base::Deadline deadline);

  // ---- reader's side
  enum class ReadResult { kMessage, kNothing, kEnded };
  // Waits at most wait_ms for a whole message; what has come of one is kept between calls. A spare buffer may be given
  // for a large message to be received into.
  ReadResult read(Message *out, int wait_ms);
  bool has_buffered_input() const { return head_ != tail_ || transport_->has_buffered_input(); }
  void give_spare(base::Buffer &&b);
  // A ping that must be answered, or a close: the reader may not write, so it leaves what to say here.
  bool take_pong(base::Buffer *payload);
  const base::Status &read_error() const { return read_error_; }

  // ---- writer's side
  // Appends a whole masked frame to `out`. `head` and `body` together are the payload.
  void append_frame(base::Buffer *out, Opcode opcode, std::span<const uint8_t> head, std::span<const uint8_t> body);
  // Masks the frame in place: `message` begins with kMaxClientHeader bytes of room. Returns the bytes to send.
  std::span<const uint8_t> seal_in_place(base::Buffer *message, Opcode opcode) {
    return seal_in_place(message, opcode, draw_mask_key());
  }
  // The same with a key drawn before: nothing of the connection is touched, so this may run beside append_frame().
  static std::span<const uint8_t> seal_in_place(base::Buffer *message, Opcode opcode, uint32_t key);
  uint32_t draw_mask_key() { return keys_.next(); }
  // Some of the bytes; see Transport::write.
  ssize_t write(const void *from, size_t n, int wait_ms) { return transport_->write(from, n, wait_ms); }
  bool compresses() const { return deflater_ != nullptr; }
  base::Status write_error() const { return transport_->error(); }

  // ---- any thread
  void shutdown() { transport_->shutdown(); }
  int poll_fd() const { return transport_->poll_fd(); }
  // Gives back what an idle connection does not need. Reader's side.
  void trim();

 private:
  base::Status upgrade(const Endpoint &to, bool tls, const WebSocketOptions &options, base::Deadline deadline);
  base::Status read_response_head(std::string *head, base::Deadline deadline);
  ReadResult end(base::Status why);
  bool fill(int wait_ms, bool *ended);
  ReadResult finish_message(Message *out, Opcode opcode, bool compressed, std::span<const uint8_t> payload,
                            base::Buffer &&owned);
  bool handle_control(const FrameHeader &h, std::span<const uint8_t> payload);

  std::unique_ptr<Transport> transport_;
  size_t max_message_ = 0;

  // reader
  base::Buffer in_;  // bytes [head_, tail_) are received and not consumed
  size_t head_ = 0, tail_ = 0;
  base::Buffer big_;         // a message too large for in_, or fragments of one
  size_t big_missing_ = 0;   // of the frame being received into big_
  bool big_active_ = false;  // a frame's payload is being received into big_
  bool big_final_ = false;
  bool fragmented_ = false;  // a message of several frames is under way
  Opcode first_opcode_ = Opcode::kText;
  bool first_compressed_ = false;
  base::Buffer spare_;
  base::Buffer inflated_;
  base::Buffer pong_;
  bool pong_due_ = false;
  base::Status read_error_;
  std::unique_ptr<Inflater> inflater_;

  // writer
  MaskKeys keys_;
  std::unique_ptr<Deflater> deflater_;
  base::Buffer deflate_in_, deflate_out_;
};

}  // namespace opentaos::net
