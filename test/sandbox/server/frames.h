// WebSocket frames, the server's side (RFC 6455, RFC 7692): bytes in, messages out, and back. No sockets in here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace opentaos::sandbox::server {

enum class Opcode : uint8_t { kContinuation = 0, kText = 1, kBinary = 2, kClose = 8, kPing = 9, kPong = 10 };

struct Message {
  Opcode kind = Opcode::kText;
  std::string payload;
};

class FrameParser {
 public:
  // `deflate`: permessage-deflate was agreed on.
  explicit FrameParser(bool deflate) : deflate_(deflate) {}

  // Where received bytes are appended.
  std::string &buffer() { return buffer_; }

  enum class Result { kNothing, kMessage, kError };
  // Messages are whole: fragments are joined, masks taken off, compressed ones unpacked.
  Result next(Message *message);
  // The close code that fits the error.
  uint16_t close_code() const { return close_code_; }

 private:
  Result fail(uint16_t code);

  bool deflate_;
  std::string buffer_;
  size_t used_ = 0;  // of the buffer
  Message partial_;
  bool in_message_ = false;
  bool compressed_ = false;
  uint16_t close_code_ = 1002;
};

// The frames of one message, in pieces of at most `fragment` payload bytes (0: one frame).
std::vector<std::string> encode_frames(Opcode kind, std::string_view payload, bool deflate, size_t fragment);
std::string encode_frame(Opcode kind, std::string_view payload);

// The value of Sec-WebSocket-Accept.
std::string accept_key(std::string_view key);
// base64 of 16 bytes.
bool is_websocket_key(std::string_view key);

}  // namespace opentaos::sandbox::server
