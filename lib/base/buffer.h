// A growable byte buffer that never zero-fills, with a stated maximum and room to over-read behind its end: existing
// programs copy fixed widths out of rows (docs/internals/results.md).
#pragma once
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <span>
#include <string_view>
#include <utility>

#include "base/bytes.h"

namespace opentaos::base {

class Buffer {
 public:
  // Large buffers are mapped on their own: behind their end lies nothing, unless room is left there.
  static constexpr size_t padding(size_t capacity) { return capacity < 64 * 1024 ? 64 : 64 * 1024; }

  Buffer() = default;
  Buffer(const Buffer &) = delete;
  Buffer &operator=(const Buffer &) = delete;
  Buffer(Buffer &&o) noexcept { swap(o); }
  Buffer &operator=(Buffer &&o) noexcept {
    Buffer gone(std::move(o));
    swap(gone);
    return *this;
  }
  ~Buffer() { std::free(data_); }

  void swap(Buffer &o) noexcept {
    std::swap(data_, o.data_);
    std::swap(size_, o.size_);
    std::swap(capacity_, o.capacity_);
  }

  uint8_t *data() { return data_; }
  const uint8_t *data() const { return data_; }
  size_t size() const { return size_; }
  size_t capacity() const { return capacity_; }
  bool empty() const { return size_ == 0; }
  uint8_t *end() { return data_ + size_; }
  std::span<const uint8_t> span() const { return {data_, size_}; }
  std::string_view text() const { return {reinterpret_cast<const char *>(data_), size_}; }

  void clear() { size_ = 0; }
  // Gives the memory back when it has grown beyond what is worth keeping.
  void shrink_to(size_t keep) {
    if (capacity_ > keep) {
      std::free(data_);
      data_ = nullptr;
      capacity_ = 0;
    }
    size_ = 0;
  }

  // Throws std::bad_alloc; the edge of the library turns that into an error code.
  void reserve(size_t capacity) {
    if (capacity <= capacity_) return;
    if (capacity > SIZE_MAX / 2) throw std::bad_alloc();
    size_t grown = capacity_ + capacity_ / 2;
    if (grown < capacity) grown = capacity;
    auto *p = static_cast<uint8_t *>(std::realloc(data_, grown + padding(grown)));
    if (!p) throw std::bad_alloc();
    data_ = p;
    capacity_ = grown;
  }
  // Room for exactly this many bytes, without growth in steps: for buffers whose final size is known.
  void reserve_exact(size_t capacity) {
    if (capacity <= capacity_) return;
    if (capacity > SIZE_MAX / 2) throw std::bad_alloc();
    auto *p = static_cast<uint8_t *>(std::realloc(data_, capacity + padding(capacity)));
    if (!p) throw std::bad_alloc();
    data_ = p;
    capacity_ = capacity;
  }
  // Sets the size; bytes beyond the old size are not initialised.
  void resize_uninitialized(size_t size) {
    reserve(size);
    size_ = size;
  }
  void set_size(size_t size) { size_ = size; }

  // Appends n uninitialised bytes and returns where they start.
  uint8_t *extend(size_t n) {
    reserve(size_ + n);
    uint8_t *p = data_ + size_;
    size_ += n;
    return p;
  }
  void append(const void *p, size_t n) {
    if (n) std::memcpy(extend(n), p, n);
  }
  void append(std::string_view s) { append(s.data(), s.size()); }
  void append(std::span<const uint8_t> s) { append(s.data(), s.size()); }
  template <typename T>
  void put(T v) {
    store_le<T>(extend(sizeof(T)), v);
  }

 private:
  uint8_t *data_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace opentaos::base
