#include "wire/column_input.h"

#include "base/bytes.h"
#include "base/codes.h"

namespace opentaos::wire {
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

}  // namespace opentaos::wire
