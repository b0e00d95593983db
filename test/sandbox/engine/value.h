// Types and values: what a column type is called, how wide it is, how values compare and convert.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.h"

namespace opentaos::sandbox {

enum Type : uint8_t {
  kNullType = 0,
  kBool = 1,
  kTinyInt = 2,
  kSmallInt = 3,
  kInt = 4,
  kBigInt = 5,
  kFloat = 6,
  kDouble = 7,
  kVarchar = 8,
  kTimestamp = 9,
  kNchar = 10,
  kUTinyInt = 11,
  kUSmallInt = 12,
  kUInt = 13,
  kUBigInt = 14,
  kJson = 15,
  kVarbinary = 16,
  kDecimal128 = 17,
  kBlob = 18,
  kMediumBlob = 19,
  kGeometry = 20,
  kDecimal64 = 21,
};

using Int128 = Decimal::Unscaled;
using Row = std::vector<Value>;

constexpr int32_t kJsonWidth = 4095;
constexpr int32_t kBlobWidth = 4194304;
constexpr int32_t kTbnameWidth = 270;
constexpr int32_t kMaxVarWidth = 65517;

inline bool is_null(const Value &v) { return std::holds_alternative<std::monostate>(v); }
inline bool is_signed_type(uint8_t t) { return t >= kTinyInt && t <= kBigInt; }
inline bool is_unsigned_type(uint8_t t) { return t >= kUTinyInt && t <= kUBigInt; }
inline bool is_integer_type(uint8_t t) { return is_signed_type(t) || is_unsigned_type(t); }
inline bool is_float_type(uint8_t t) { return t == kFloat || t == kDouble; }
inline bool is_decimal_type(uint8_t t) { return t == kDecimal64 || t == kDecimal128; }
inline bool is_numeric_type(uint8_t t) { return is_integer_type(t) || is_float_type(t) || is_decimal_type(t); }
inline bool is_text_type(uint8_t t) { return t == kVarchar || t == kNchar; }
inline bool is_blob_type(uint8_t t) { return t == kBlob || t == kMediumBlob; }
inline bool is_var_type(uint8_t t) {
  return t == kVarchar || t == kNchar || t == kJson || t == kVarbinary || t == kGeometry || is_blob_type(t);
}

// Bytes of a fixed-size type, 0 for the others.
int32_t fixed_width(uint8_t type);

// "INT UNSIGNED"; without a length or precision.
std::string_view type_name(uint8_t type);

// "VARCHAR(20)", "DECIMAL(10, 2)".
std::string type_text(const Field &field);

// Range of an integer type, or of TIMESTAMP. Unsigned ones start at 0.
int64_t min_of(uint8_t type);
uint64_t max_of(uint8_t type);

Field make_field(std::string name, uint8_t type, int32_t width = 0);
Field decimal_field(std::string name, int precision, int scale);

// -1, 0, 1. Both must be non-null; numbers of any kind compare by value, bytes by byte order. `a_scale` and `b_scale`
// matter for decimals only. nullopt when the two cannot be compared (text with a number).
std::optional<int> compare(const Value &a, int a_scale, const Value &b, int b_scale);

// For sorting and grouping within one column: NULL first.
int order(const Value &a, const Value &b);

// Numbers, booleans, and text as far as it starts like a number (else 0), as the server does.
double to_double(const Value &v, int scale = 0);

// A key that is equal exactly when order() is 0, for hashing rows.
void append_key(std::string *key, const Value &v);

std::string int128_text(Int128 v);

}  // namespace opentaos::sandbox
