#include "wire/stmt2_plain.h"

namespace opentaos::wire::plain {
namespace {

// Where the NULLs are is hard to guess, so there is nothing to guess here: sixteen bytes of values at a time, and the
// flags widened to match.
template <typename T>
void copy_values(uint8_t *to, const uint8_t *from, const uint8_t *flags, size_t rows) {
  constexpr size_t kLanes = 16 / sizeof(T);
  typedef T Values __attribute__((vector_size(16)));
  typedef int8_t Flags __attribute__((vector_size(kLanes)));
  size_t i = 0;
  for (; i + kLanes <= rows; i += kLanes) {
    Values values;
    Flags some;
    std::memcpy(&values, from + i * sizeof(T), sizeof values);
    std::memcpy(&some, flags + i, sizeof some);
    values &= __builtin_convertvector(some == 0, Values);
    std::memcpy(to + i * sizeof(T), &values, sizeof values);
  }
  for (; i < rows; ++i) {
    const T keep = static_cast<T>(0 - static_cast<T>(flags[i] == 0));
    base::store_le<T>(to + i * sizeof(T), static_cast<T>(base::load_le<T>(from + i * sizeof(T)) & keep));
  }
}

}  // namespace

bool copy_with_nulls(uint8_t *to, const void *values, const uint8_t *flags, size_t rows, size_t width) {
  if (!std::memchr(flags, 0, rows)) return false;
  const auto *from = static_cast<const uint8_t *>(values);
  switch (width) {
    case 1: copy_values<uint8_t>(to, from, flags, rows); break;
    case 2: copy_values<uint16_t>(to, from, flags, rows); break;
    case 4: copy_values<uint32_t>(to, from, flags, rows); break;
    default: copy_values<uint64_t>(to, from, flags, rows);
  }
  return true;
}

}  // namespace opentaos::wire::plain
