// WebSocket frames (RFC 6455) as bytes: headers, masks, the upgrade key. No I/O.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace opentaos::net {

enum class Opcode : uint8_t { kContinuation = 0, kText = 1, kBinary = 2, kClose = 8, kPing = 9, kPong = 10 };

constexpr size_t kMaxClientHeader = 14;  // 2 + 8 + 4

// Writes the header of a masked frame and returns its size. `key` is four random bytes.
size_t write_client_header(uint8_t *to, Opcode opcode, uint64_t payload, uint32_t key, bool compressed,
                           bool final = true);

// to[i] = from[i] ^ key[(i + phase) % 4]; `from` may be `to`. Word-wise: a mask by bytes would be the slowest part of a
// large insert.
void mask(uint8_t *to, const uint8_t *from, size_t n, uint32_t key, size_t phase = 0);

struct FrameHeader {
  Opcode opcode;
  bool final;
  bool compressed;  // RSV1
  uint64_t payload;
  unsigned size;  // of the header itself
};

enum class HeaderState { kComplete, kNeedMore, kBad };

// Reads a server's frame header. kBad: reserved bits, a masked frame, an unknown opcode, a fragmented or long control
// frame, a length in a longer form than needed or beyond 2^63.
HeaderState read_server_header(const uint8_t *p, size_t n, bool deflate_negotiated, FrameHeader *out);

// Random masks. Four bytes a frame, drawn from the kernel a page at a time.
class MaskKeys {
 public:
  uint32_t next();

 private:
  uint32_t pool_[32];
  unsigned left_ = 0;
};

std::string make_upgrade_key();                    // base64 of 16 random bytes
std::string accept_for_key(std::string_view key);  // what the server must answer

}  // namespace opentaos::net
