#include "frames.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>
#include <cstring>

#include "deflate.h"

namespace opentaos::sandbox::server {
namespace {

// The adapter takes any size; this only keeps a mistake from eating the machine.
constexpr uint64_t kMaxMessage = 256u << 20;
constexpr uint8_t kFin = 0x80;
constexpr uint8_t kRsv1 = 0x40;
constexpr uint8_t kMasked = 0x80;

void unmask(char *bytes, size_t size, const uint8_t key[4]) {
  uint64_t word;
  for (size_t i = 0; i < sizeof word; ++i) std::memcpy(reinterpret_cast<char *>(&word) + i, key + i % 4, 1);
  size_t i = 0;
  for (; i + sizeof word <= size; i += sizeof word) {
    uint64_t part;
    std::memcpy(&part, bytes + i, sizeof part);
    part ^= word;
    std::memcpy(bytes + i, &part, sizeof part);
  }
  for (; i < size; ++i) bytes[i] = static_cast<char>(bytes[i] ^ key[i % 4]);
}

void append_frame(std::string &out, uint8_t first, std::string_view payload) {
  out.push_back(static_cast<char>(first));
  if (payload.size() < 126) {
    out.push_back(static_cast<char>(payload.size()));
  } else if (payload.size() < 65536) {
    out.push_back(126);
    for (int shift = 8; shift >= 0; shift -= 8) out.push_back(static_cast<char>(payload.size() >> shift));
  } else {
    out.push_back(127);
    for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(payload.size() >> shift));
  }
  out += payload;
}

}  // namespace

FrameParser::Result FrameParser::fail(uint16_t code) {
  close_code_ = code;
  return Result::kError;
}

FrameParser::Result FrameParser::next(Message *message) {
  for (;;) {
    std::string_view rest = std::string_view(buffer_).substr(used_);
    auto byte = [&](size_t i) { return static_cast<uint8_t>(rest[i]); };
    if (rest.size() < 2) break;
    bool fin = (byte(0) & kFin) != 0;
    bool rsv1 = (byte(0) & kRsv1) != 0;
    auto opcode = static_cast<Opcode>(byte(0) & 0x0f);
    bool control = (byte(0) & 0x08) != 0;
    if ((byte(0) & 0x30) != 0 || (byte(1) & kMasked) == 0) return fail(1002);
    if (opcode > Opcode::kPong || (opcode > Opcode::kBinary && opcode < Opcode::kClose)) return fail(1002);
    uint64_t length = byte(1) & 0x7f;
    if (control && (!fin || rsv1 || length > 125)) return fail(1002);
    if (!control && (opcode == Opcode::kContinuation) != in_message_) return fail(1002);
    if (rsv1 && (!deflate_ || opcode == Opcode::kContinuation)) return fail(1002);

    size_t head = 2;
    size_t extra = length == 126 ? 2 : length == 127 ? 8 : 0;
    if (rest.size() < head + extra) break;
    if (extra != 0) {
      length = 0;
      for (size_t i = 0; i < extra; ++i) length = length << 8 | byte(head + i);
      head += extra;
    }
    if (length > kMaxMessage - partial_.payload.size()) return fail(1009);
    if (rest.size() < head + 4 + length) {
      buffer_.reserve(used_ + head + 4 + length);
      break;
    }
    uint8_t key[4];
    std::memcpy(key, rest.data() + head, 4);
    char *payload = buffer_.data() + used_ + head + 4;
    unmask(payload, length, key);
    used_ += head + 4 + length;

    if (control) {
      *message = {opcode, std::string(payload, length)};
      return Result::kMessage;
    }
    if (opcode != Opcode::kContinuation) {
      partial_ = {opcode, {}};
      compressed_ = rsv1;
    }
    partial_.payload.append(payload, length);
    in_message_ = !fin;
    if (!fin) continue;
    *message = {partial_.kind, {}};
    if (!compressed_) {
      message->payload.swap(partial_.payload);
    } else if (!inflate_message(partial_.payload, kMaxMessage, &message->payload)) {
      return fail(1007);
    }
    partial_.payload.clear();
    return Result::kMessage;
  }
  buffer_.erase(0, used_);
  used_ = 0;
  return Result::kNothing;
}

std::vector<std::string> encode_frames(Opcode kind, std::string_view payload, bool deflate, size_t fragment) {
  std::string packed;
  if (deflate) {
    packed = deflate_message(payload);
    payload = packed;
  }
  std::vector<std::string> frames;
  auto first = static_cast<uint8_t>(static_cast<uint8_t>(kind) | (deflate ? kRsv1 : 0));
  do {
    std::string_view part = payload.substr(0, fragment == 0 ? payload.size() : fragment);
    payload.remove_prefix(part.size());
    std::string frame;
    frame.reserve(part.size() + 10);
    append_frame(frame, static_cast<uint8_t>(first | (payload.empty() ? kFin : 0)), part);
    frames.push_back(std::move(frame));
    first = 0;
  } while (!payload.empty());
  return frames;
}

std::string encode_frame(Opcode kind, std::string_view payload) {
  return std::move(encode_frames(kind, payload, false, 0).front());
}

std::string accept_key(std::string_view key) {
  std::string text(key);
  text += "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  uint8_t digest[SHA_DIGEST_LENGTH];
  SHA1(reinterpret_cast<const uint8_t *>(text.data()), text.size(), digest);
  uint8_t out[4 * ((SHA_DIGEST_LENGTH + 2) / 3) + 1];
  int n = EVP_EncodeBlock(out, digest, SHA_DIGEST_LENGTH);
  return {reinterpret_cast<char *>(out), static_cast<size_t>(n)};
}

bool is_websocket_key(std::string_view key) {
  uint8_t out[24];
  return key.size() == 24 && key.substr(22) == "==" && key[21] != '=' &&
         EVP_DecodeBlock(out, reinterpret_cast<const uint8_t *>(key.data()), 24) == 18;
}

}  // namespace opentaos::sandbox::server
