#include "deflate.h"

#include <zlib.h>

#include <algorithm>

namespace opentaos::sandbox::server {
namespace {

constexpr int kRaw = -15;
constexpr int kGzip = 15 + 16;
constexpr std::string_view kTail("\0\0\xff\xff", 4);
constexpr size_t kChunk = 64 * 1024;

// Input goes in pieces because zlib counts in 32 bits.
class Input {
 public:
  explicit Input(std::string_view bytes) : bytes_(bytes) {}
  void refill(z_stream &stream) {
    if (stream.avail_in != 0 || bytes_.empty()) return;
    size_t n = std::min<size_t>(bytes_.size(), 1u << 30);
    stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(bytes_.data()));
    stream.avail_in = static_cast<uInt>(n);
    bytes_.remove_prefix(n);
  }
  bool last() const { return bytes_.empty(); }  // zlib has all of it
  bool empty(const z_stream &stream) const { return stream.avail_in == 0 && bytes_.empty(); }

 private:
  std::string_view bytes_;
};

enum class Inflated { kEnd, kMore, kBroken };

Inflated inflate_some(z_stream &stream, std::string_view in, size_t limit, std::string *out) {
  Input input(in);
  for (;;) {
    input.refill(stream);
    size_t before = out->size();
    out->resize(before + kChunk);
    stream.next_out = reinterpret_cast<Bytef *>(out->data() + before);
    stream.avail_out = kChunk;
    int code = inflate(&stream, Z_NO_FLUSH);
    out->resize(before + kChunk - stream.avail_out);
    if (out->size() > limit) return Inflated::kBroken;
    if (code == Z_STREAM_END) return input.empty(stream) ? Inflated::kEnd : Inflated::kBroken;
    if (code != Z_OK && code != Z_BUF_ERROR) return Inflated::kBroken;
    if (input.empty(stream) && stream.avail_out != 0) return Inflated::kMore;
  }
}

std::string deflate_all(std::string_view in, int window_bits, int flush) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY) != Z_OK) return {};
  std::string out;
  Input input(in);
  for (;;) {
    input.refill(stream);
    size_t before = out.size();
    out.resize(before + kChunk);
    stream.next_out = reinterpret_cast<Bytef *>(out.data() + before);
    stream.avail_out = kChunk;
    int code = deflate(&stream, input.last() ? flush : Z_NO_FLUSH);
    out.resize(before + kChunk - stream.avail_out);
    if (code == Z_STREAM_END || (flush != Z_FINISH && stream.avail_out != 0 && input.empty(stream))) break;
  }
  deflateEnd(&stream);
  return out;
}

}  // namespace

bool gunzip(std::string_view in, size_t limit, std::string *out) {
  z_stream stream{};
  if (inflateInit2(&stream, kGzip) != Z_OK) return false;
  out->clear();
  Inflated result = inflate_some(stream, in, limit, out);
  inflateEnd(&stream);
  return result == Inflated::kEnd;
}

std::string gzip(std::string_view in) { return deflate_all(in, kGzip, Z_FINISH); }

bool inflate_message(std::string_view in, size_t limit, std::string *out) {
  z_stream stream{};
  if (inflateInit2(&stream, kRaw) != Z_OK) return false;
  out->clear();
  Inflated result = inflate_some(stream, in, limit, out);
  // A peer may have ended its last block itself; then there is nothing to put back.
  if (result == Inflated::kMore) result = inflate_some(stream, kTail, limit, out);
  inflateEnd(&stream);
  return result != Inflated::kBroken;
}

std::string deflate_message(std::string_view in) {
  std::string out = deflate_all(in, kRaw, Z_SYNC_FLUSH);
  if (out.size() >= kTail.size() && std::string_view(out).substr(out.size() - 4) == kTail) out.resize(out.size() - 4);
  return out;
}

}  // namespace opentaos::sandbox::server
