#include "net/deflate.h"

#include <zlib.h>

#include <algorithm>

#include "base/codes.h"

namespace opentaos::net {

using base::Status;

Inflater::Inflater() : z_(std::make_unique<z_stream_s>()) { ready_ = inflateInit2(z_.get(), -15) == Z_OK; }
Inflater::~Inflater() {
  if (ready_) inflateEnd(z_.get());
}

Status Inflater::inflate_message(std::span<const uint8_t> in, size_t most, base::Buffer *out) {
  if (!ready_ || inflateReset(z_.get()) != Z_OK) return {base::kErrOutOfMemory, "cannot inflate: out of memory"};
  static const uint8_t kTail[4] = {0, 0, 0xff, 0xff};
  const std::span<const uint8_t> parts[2] = {in, kTail};
  const size_t start = out->size();
  for (auto part : parts) {
    while (!part.empty()) {
      const auto now = static_cast<uInt>(std::min<size_t>(part.size(), 1u << 30));
      z_->next_in = const_cast<Bytef *>(part.data());
      z_->avail_in = now;
      do {
        const size_t have = out->size();
        if (have - start >= most) return {base::kErrProtocol, "compressed message is larger than allowed"};
        const size_t room = std::min(most - (have - start), std::max<size_t>(4096, part.size() * 3));
        z_->next_out = out->extend(room);
        z_->avail_out = static_cast<uInt>(std::min<size_t>(room, 1u << 30));
        const uInt offered = z_->avail_out;
        const int rc = inflate(z_.get(), Z_SYNC_FLUSH);
        out->set_size(have + (offered - z_->avail_out));
        if (rc == Z_STREAM_END || rc == Z_BUF_ERROR) break;
        if (rc != Z_OK) return {base::kErrProtocol, "compressed message is damaged"};
      } while (z_->avail_in > 0 || z_->avail_out == 0);
      part = part.subspan(now);
    }
  }
  return Status::ok();
}

Deflater::Deflater() : z_(std::make_unique<z_stream_s>()) {
  ready_ = deflateInit2(z_.get(), 1, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) == Z_OK;
}
Deflater::~Deflater() {
  if (ready_) deflateEnd(z_.get());
}

Status Deflater::deflate_message(std::span<const uint8_t> in, base::Buffer *out) {
  if (!ready_ || deflateReset(z_.get()) != Z_OK) return {base::kErrOutOfMemory, "cannot deflate: out of memory"};
  const size_t start = out->size();
  size_t done = 0;
  do {
    const auto now = static_cast<uInt>(std::min<size_t>(in.size() - done, 1u << 30));
    z_->next_in = const_cast<Bytef *>(in.data() + done);
    z_->avail_in = now;
    done += now;
    do {
      const size_t have = out->size(), room = 4096 + now / 2;
      z_->next_out = out->extend(room);
      z_->avail_out = static_cast<uInt>(room);
      (void)deflate(z_.get(), done == in.size() ? Z_SYNC_FLUSH : Z_NO_FLUSH);
      out->set_size(have + (room - z_->avail_out));
    } while (z_->avail_out == 0);
  } while (done < in.size());
  // The flush ends in 00 00 ff ff, which the receiver puts back by itself.
  if (out->size() - start >= 4) out->set_size(out->size() - 4);
  return Status::ok();
}

}  // namespace opentaos::net
