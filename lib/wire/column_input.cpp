#include "wire/column_input.h"

#include "base/bytes.h"
#include "base/codes.h"
#include "wire/types.h"

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

BindError check_type(const ColumnInput &column, const BindField *field, int rows, int &type) {
  type = column.type;
  if (field && field->type != column.type) {
    if (rows != 1 || !column.null_at(0)) return BindError::kTypeMismatch;
    type = field->type;
  }
  return is_variable(type) || fixed_size(type) > 0 ? BindError::kNone : BindError::kTypeMismatch;
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

size_t value_limit(const BindField *field) {
  if (!field || field->bytes < 2 || field->kind == BindField::kTableName) return SIZE_MAX;
  switch (field->type) {
    case kVarchar:
    case kVarbinary:
    case kGeometry:
    case kNchar: return static_cast<size_t>(field->bytes) - 2;
    default: return SIZE_MAX;
  }
}

}  // namespace opentaos::wire
