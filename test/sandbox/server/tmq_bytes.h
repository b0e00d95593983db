// The encodings inside a server's own messages: numbers in groups of seven bits, names with their NUL.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "bytes.h"

namespace opentaos::sandbox::server {

inline void put_uvar(std::string &out, uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}
inline void put_zvar(std::string &out, int64_t value) {
  put_uvar(out, (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63));
}
inline void put_name(std::string &out, std::string_view name) {
  put_uvar(out, name.size() + 1);
  out += name;
  out.push_back('\0');
}
// Length in front.
inline void put_binary(std::string &out, std::string_view bytes) {
  put_uvar(out, bytes.size());
  out += bytes;
}

inline uint64_t get_uvar(ByteReader &in) {
  uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    uint8_t byte = in.u8();
    value |= uint64_t{byte & 0x7fu} << shift;
    if (byte < 0x80) return value;
  }
  in.bytes(SIZE_MAX);  // too long: no number
  return 0;
}
inline int64_t get_zvar(ByteReader &in) {
  uint64_t value = get_uvar(in);
  return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
}
inline std::string_view get_binary(ByteReader &in) { return in.bytes(static_cast<size_t>(get_uvar(in))); }
inline std::string get_name(ByteReader &in) {
  std::string_view bytes = get_binary(in);
  return std::string(bytes.substr(0, bytes.find('\0')));
}

}  // namespace opentaos::sandbox::server
