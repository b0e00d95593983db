// Bounded little-endian access to bytes. Every length that comes from the wire is read and checked here.
#pragma once
#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>

namespace opentaos::base {

static_assert(std::endian::native == std::endian::little, "blocks are handed to programs as they are on the wire");

template <typename T>
inline T load_le(const void *p) {
  static_assert(std::is_trivially_copyable_v<T>);
  T v;
  std::memcpy(&v, p, sizeof v);
  return v;
}

template <typename T>
inline void store_le(void *p, T v) {
  static_assert(std::is_trivially_copyable_v<T>);
  std::memcpy(p, &v, sizeof v);
}

// Reads from a span and never beyond it. A read that does not fit sets failed() and yields zeros from then on, so a
// parser may read a whole header and look once.
class ByteReader {
 public:
  ByteReader(const uint8_t *data, size_t size) : p_(data), end_(data + size) {}
  explicit ByteReader(std::span<const uint8_t> bytes) : ByteReader(bytes.data(), bytes.size()) {}

  bool failed() const { return failed_; }
  size_t remaining() const { return static_cast<size_t>(end_ - p_); }
  const uint8_t *position() const { return p_; }

  template <typename T>
  T get() {
    if (remaining() < sizeof(T)) return fail<T>();
    T v = load_le<T>(p_);
    p_ += sizeof(T);
    return v;
  }
  uint8_t u8() { return get<uint8_t>(); }
  uint16_t u16() { return get<uint16_t>(); }
  uint32_t u32() { return get<uint32_t>(); }
  int32_t i32() { return get<int32_t>(); }
  uint64_t u64() { return get<uint64_t>(); }
  int64_t i64() { return get<int64_t>(); }

  // The next n bytes, in place. An empty span with failed() set if there are fewer.
  std::span<const uint8_t> take(uint64_t n) {
    if (n > remaining()) {
      fail<int>();
      return {};
    }
    std::span<const uint8_t> s(p_, static_cast<size_t>(n));
    p_ += n;
    return s;
  }
  std::string_view text(uint64_t n) {
    auto s = take(n);
    return {reinterpret_cast<const char *>(s.data()), s.size()};
  }
  void skip(uint64_t n) { (void)take(n); }

  // Base-128 varint, low group first (TMQ raw data). More than 64 bits is a failure.
  uint64_t uvar() {
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      uint8_t b = u8();
      if (failed_) return 0;
      v |= static_cast<uint64_t>(b & 0x7f) << shift;
      if (!(b & 0x80)) return v;
    }
    return fail<uint64_t>();
  }
  int64_t zvar() {
    uint64_t n = uvar();
    return static_cast<int64_t>(n >> 1) ^ -static_cast<int64_t>(n & 1);
  }

 private:
  template <typename T>
  T fail() {
    failed_ = true;
    p_ = end_;
    return T{};
  }

  const uint8_t *p_;
  const uint8_t *end_;
  bool failed_ = false;
};

}  // namespace opentaos::base
