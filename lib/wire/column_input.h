// Values to send, as a program laid them out in memory, and what is wrong with them in the words and codes of native
// libtaos.
#pragma once
#include <cstddef>
#include <cstdint>

#include "base/status.h"
#include "wire/types.h"

namespace opentaos::wire {

// One column (or tag, or parameter) of `num` values. Fixed types stand one after the other. Variable ones stand
// `stride` bytes apart in the first statement generation, and back to back, NULLs taking no room, in the second and
// where `stride` is 0.
struct ColumnInput {
  int type = 0;
  const void *buffer = nullptr;
  size_t stride = 0;                 // buffer_length of TAOS_MULTI_BIND
  const int32_t *lengths = nullptr;  // may be absent for fixed types
  const char *is_null = nullptr;     // 0 value, 1 NULL, 2 leave as it is (second generation only); absent: no NULLs
  int num = 0;

  bool null_at(int row) const { return is_null && is_null[row] != 0; }
};

// What the server said about the column; from the answer to prepare.
struct BindField {
  enum Kind : uint8_t { kColumn = 1, kTag = 2, kQuery = 3, kTableName = 4 };
  uint8_t type = 0;
  uint8_t kind = kColumn;
  uint8_t precision = 0;  // of decimals; 0: not known, and then the scale is not either
  uint8_t scale = 0;
  int32_t bytes = 0;  // schema width; 0: not known
};

enum class BindError : uint8_t {
  kNone,
  kTypeMismatch,
  kRowsDiffer,
  kNumber,         // no values, or several where one is expected
  kTooLong,        // a value is longer than its column
  kInvalid,        // no buffer, no lengths, a negative length
  kBadText,        // NCHAR that is not UTF-8
  kBadDecimal,     // text that is no number or does not fit
  kDecimalScale,   // text for a decimal whose scale is not known
  kMessageTooBig,  // the whole message would pass what its length fields can say
};
base::Status bind_status(BindError error);

// Compares the column's type with what the server expects. A single NULL may have any type, as natively. `type` gets
// the type to use.
inline BindError check_type(const ColumnInput &column, const BindField *field, int rows, int &type) {
  type = column.type;
  if (field && field->type != column.type) {
    if (rows != 1 || !column.null_at(0)) return BindError::kTypeMismatch;
    type = field->type;
  }
  return is_variable(type) || fixed_size(type) > 0 ? BindError::kNone : BindError::kTypeMismatch;
}

// Whether any of the n flags is set. `flags` may be absent.
bool any_flag(const char *flags, size_t n);

// Copies values of `width` bytes; those whose flag is set become zeros.
void copy_with_nulls(uint8_t *to, const void *from, const char *flags, size_t rows, size_t width);

// The longest value in bytes a field takes, or SIZE_MAX. For NCHAR bytes of UCS-4.
inline size_t value_limit(const BindField *field) {
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
