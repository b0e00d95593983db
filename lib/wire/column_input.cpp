#include "wire/column_input.h"

#include <cstring>

#include "base/bytes.h"
#include "base/codes.h"

namespace opentaos::wire {
namespace {

// Where the NULLs are is hard to guess, so there is nothing to guess here: sixteen bytes of values at a time, and the
// flags widened to match.
template <typename T>
void copy_values(uint8_t *to, const uint8_t *from, const char *flags, size_t rows) {
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

base::Status bind_status(BindError error) {
  switch (error) {
    case BindError::kNone: return base::Status::ok();
    case BindError::kTypeMismatch: return {base::kErrInvalidOperation, "column type mis-match with buffer type"};
    case BindError::kRowsDiffer:
      return {base::kErrInvalidOperation, "row number in each bind param should be the same"};
    case BindError::kNumber: return {base::full_code(0x0236), "bind number out of range or not match"};
    case BindError::kTooLong: return {base::full_code(0x2653), "Value too long for column/tag"};
    case BindError::kInvalid: return {base::kErrInvalidPara, "Invalid parameters"};
    case BindError::kBadText: return {base::full_code(0x0216), "Invalid or incomplete multibyte or wide character"};
    case BindError::kBadDecimal:
      return {base::full_code(0x2605), "Wrong value type: not a decimal, or one that does not fit"};
    case BindError::kDecimalScale:
      return {base::kErrInvalidPara, "Invalid parameters: the scale of a decimal given as text is not known"};
    case BindError::kMessageTooBig: return {base::kErrInvalidPara, "Invalid parameters: too much data for one message"};
  }
  return {base::kErrFailed, "unknown error"};
}

bool any_flag(const char *flags, size_t n) {
  if (!flags) return false;
  size_t i = 0;
  for (; i + 8 <= n; i += 8)
    if (base::load_le<uint64_t>(flags + i)) return true;
  for (; i < n; ++i)
    if (flags[i]) return true;
  return false;
}

void copy_with_nulls(uint8_t *to, const void *values, const char *flags, size_t rows, size_t width) {
  const auto *from = static_cast<const uint8_t *>(values);
  switch (width) {
    case 1: copy_values<uint8_t>(to, from, flags, rows); break;
    case 2: copy_values<uint16_t>(to, from, flags, rows); break;
    case 4: copy_values<uint32_t>(to, from, flags, rows); break;
    case 8: copy_values<uint64_t>(to, from, flags, rows); break;
    default:
      for (size_t i = 0; i < rows; ++i) {
        if (flags[i])
          std::memset(to + i * width, 0, width);
        else
          std::memcpy(to + i * width, from + i * width, width);
      }
  }
}

}  // namespace opentaos::wire
