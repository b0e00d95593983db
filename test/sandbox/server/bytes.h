// Little-endian bytes, bounded on both sides. The server keeps its own copy of such things on purpose: it shares no
// code with the client library, so that one misreading of the protocol cannot hide in both.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace opentaos::sandbox::server {

template <typename T>
void put(std::string &out, T value) {
  for (size_t i = 0; i < sizeof(T); ++i) out.push_back(static_cast<char>(value >> (8 * i)));
}
inline void put_u8(std::string &out, uint8_t value) { put(out, value); }
inline void put_u16(std::string &out, uint16_t value) { put(out, value); }
inline void put_u32(std::string &out, uint32_t value) { put(out, value); }
inline void put_i32(std::string &out, int32_t value) { put(out, static_cast<uint32_t>(value)); }
inline void put_u64(std::string &out, uint64_t value) { put(out, value); }

// Overwrites four bytes that were reserved earlier.
inline void set_u32(std::string &out, size_t at, uint32_t value) {
  for (size_t i = 0; i < 4; ++i) out[at + i] = static_cast<char>(value >> (8 * i));
}

// Reads past the end give zeros and clear ok().
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  bool ok() const { return ok_; }
  size_t left() const { return bytes_.size() - at_; }
  size_t position() const { return at_; }

  uint8_t u8() { return static_cast<uint8_t>(number(1)); }
  uint16_t u16() { return static_cast<uint16_t>(number(2)); }
  uint32_t u32() { return static_cast<uint32_t>(number(4)); }
  int32_t i32() { return static_cast<int32_t>(number(4)); }
  uint64_t u64() { return number(8); }
  std::string_view bytes(size_t n) {
    if (n > left()) {
      ok_ = false;
      at_ = bytes_.size();
      return {};
    }
    at_ += n;
    return bytes_.substr(at_ - n, n);
  }

 private:
  uint64_t number(size_t n) {
    uint64_t value = 0;
    std::string_view part = bytes(n);
    for (size_t i = 0; i < part.size(); ++i) value |= uint64_t{static_cast<uint8_t>(part[i])} << (8 * i);
    return value;
  }

  std::string_view bytes_;
  size_t at_ = 0;
  bool ok_ = true;
};

}  // namespace opentaos::sandbox::server
