// permessage-deflate (RFC 7692) without context takeover, which is all that taosAdapter speaks.
#pragma once
#include <memory>
#include <span>

#include "base/buffer.h"
#include "base/status.h"

struct z_stream_s;

namespace opentaos::net {

class Inflater {
 public:
  Inflater();
  ~Inflater();
  // Appends the inflated message to `out`; fails when it would exceed `most` bytes (a bomb) or is damaged.
  base::Status inflate_message(std::span<const uint8_t> in, size_t most, base::Buffer *out);

 private:
  std::unique_ptr<z_stream_s> z_;
  bool ready_ = false;
};

class Deflater {
 public:
  Deflater();
  ~Deflater();
  base::Status deflate_message(std::span<const uint8_t> in, base::Buffer *out);

 private:
  std::unique_ptr<z_stream_s> z_;
  bool ready_ = false;
};

}  // namespace opentaos::net
