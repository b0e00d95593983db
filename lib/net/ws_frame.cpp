#include "net/ws_frame.h"

#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/bytes.h"
#include "base/crypto.h"

namespace opentaos::net {

using base::load_le;
using base::store_le;

size_t write_client_header(uint8_t *to, Opcode opcode, uint64_t payload, uint32_t key, bool compressed, bool final) {
  uint8_t *p = to;
  *p++ = static_cast<uint8_t>((final ? 0x80 : 0) | (compressed ? 0x40 : 0) | static_cast<uint8_t>(opcode));
  if (payload < 126) {
    *p++ = static_cast<uint8_t>(0x80 | payload);
  } else if (payload <= 0xffff) {
    *p++ = 0x80 | 126;
    *p++ = static_cast<uint8_t>(payload >> 8);
    *p++ = static_cast<uint8_t>(payload);
  } else {
    *p++ = 0x80 | 127;
    for (int shift = 56; shift >= 0; shift -= 8) *p++ = static_cast<uint8_t>(payload >> shift);
  }
  store_le<uint32_t>(p, key);
  return static_cast<size_t>(p + 4 - to);
}

void mask(uint8_t *to, const uint8_t *from, size_t n, uint32_t key, size_t phase) {
  if (phase & 3) {
    unsigned turn = static_cast<unsigned>(phase & 3) * 8;
    key = key >> turn | key << (32 - turn);
  }
  typedef uint8_t Bytes __attribute__((vector_size(16)));
  uint8_t repeated[sizeof(Bytes)];
  for (size_t at = 0; at < sizeof repeated; at += 4) store_le(repeated + at, key);
  Bytes keys;
  std::memcpy(&keys, repeated, sizeof keys);
  const auto sixteen = [&](size_t at) {
    Bytes v;
    std::memcpy(&v, from + at, sizeof v);
    v ^= keys;
    std::memcpy(to + at, &v, sizeof v);
  };
  size_t i = 0;
  for (; i + 64 <= n; i += 64) sixteen(i), sixteen(i + 16), sixteen(i + 32), sixteen(i + 48);
  for (; i + 16 <= n; i += 16) sixteen(i);
  const uint64_t key2 = static_cast<uint64_t>(key) << 32 | key;
  for (; i + 8 <= n; i += 8) store_le(to + i, load_le<uint64_t>(from + i) ^ key2);
  for (; i < n; i++) to[i] = static_cast<uint8_t>(from[i] ^ (key >> (8 * (i & 3))));
}

HeaderState read_server_header(const uint8_t *p, size_t n, bool deflate_negotiated, FrameHeader *out) {
  if (n < 2) return HeaderState::kNeedMore;
  const uint8_t b0 = p[0], b1 = p[1];
  const uint8_t code = b0 & 0x0f;
  out->final = (b0 & 0x80) != 0;
  out->compressed = (b0 & 0x40) != 0;
  if (b0 & 0x30 || (out->compressed && !deflate_negotiated) || b1 & 0x80) return HeaderState::kBad;
  const bool control = code >= 8;
  if (code > 10 || (code > 2 && code < 8)) return HeaderState::kBad;
  uint64_t length = b1 & 0x7f;
  if (control && (!out->final || length > 125 || out->compressed)) return HeaderState::kBad;
  unsigned size = 2;
  if (length == 126) {
    if (n < 4) return HeaderState::kNeedMore;
    length = static_cast<uint64_t>(p[2]) << 8 | p[3];
    if (length < 126) return HeaderState::kBad;
    size = 4;
  } else if (length == 127) {
    if (n < 10) return HeaderState::kNeedMore;
    length = 0;
    for (int i = 2; i < 10; i++) length = length << 8 | p[i];
    if (length <= 0xffff || length >> 63) return HeaderState::kBad;
    size = 10;
  }
  out->opcode = static_cast<Opcode>(code);
  out->payload = length;
  out->size = size;
  return HeaderState::kComplete;
}

namespace {

// What cannot be had stays as it is: masks are no secret.
void random_bytes_of_device(uint8_t *to, size_t n) {
  const int fd = ::open("/dev/urandom", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  for (ssize_t got; n > 0 && (got = ::read(fd, to, n)) > 0; to += got) n -= static_cast<size_t>(got);
  ::close(fd);
}

void random_bytes(void *to, size_t n) {
  auto *p = static_cast<uint8_t *>(to);
  while (n > 0) {
    const ssize_t got = getrandom(p, n, 0);
    if (got < 0 && errno != EINTR) return random_bytes_of_device(p, n);  // a kernel without getrandom
    if (got <= 0) continue;
    p += got;
    n -= static_cast<size_t>(got);
  }
}

}  // namespace

uint32_t MaskKeys::next() {
  if (left_ == 0) {
    random_bytes(pool_, sizeof pool_);
    left_ = sizeof pool_ / sizeof *pool_;
  }
  return pool_[--left_];
}

std::string make_upgrade_key() {
  uint8_t raw[16];
  random_bytes(raw, sizeof raw);
  return base::base64(raw);
}

std::string accept_for_key(std::string_view key) {
  std::string s(key);
  s += "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  uint8_t digest[base::kSha1Size];
  if (!base::sha1(s, digest)) return {};
  return base::base64(digest);
}

}  // namespace opentaos::net
