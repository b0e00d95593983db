// TDengine's data types as they appear on the wire (codes, sizes, shapes).
#pragma once
#include <cstdint>

namespace opentaos::wire {

enum Type : uint8_t {
  kNull = 0,
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
  kDecimal = 17,
  kBlob = 18,
  kMediumBlob = 19,
  kGeometry = 20,
  kDecimal64 = 21,
  kTypeCount = 22,
};

// Bytes of a value of a fixed-size type; 0 for variable types and codes nobody knows.
constexpr int fixed_size(int type) {
  constexpr uint8_t sizes[kTypeCount] = {1, 1, 1, 2, 4, 8, 4, 8, 0, 8, 0, 1, 2, 4, 8, 0, 0, 16, 0, 0, 0, 8};
  return type >= 0 && type < kTypeCount ? sizes[type] : 0;
}
constexpr bool is_variable(int type) {
  constexpr uint32_t kVariable = 1u << kVarchar | 1u << kNchar | 1u << kJson | 1u << kVarbinary | 1u << kBlob |
                                 1u << kMediumBlob | 1u << kGeometry;
  return static_cast<uint32_t>(type) < kTypeCount && (kVariable >> type & 1) != 0;
}
// Bytes of the length in front of a variable value.
constexpr int prefix_size(int type) { return type == kBlob || type == kMediumBlob ? 4 : 2; }
constexpr bool is_decimal(int type) { return type == kDecimal || type == kDecimal64; }
constexpr bool is_known(int type) { return type >= 0 && type < kTypeCount; }

// What a block says in a column's `bytes` is the schema width; programs are told the width they declared.
constexpr int32_t user_width(int type, int32_t schema_width) {
  switch (type) {
    case kVarchar:
    case kVarbinary:
    case kGeometry: return schema_width >= 2 ? schema_width - 2 : schema_width;
    case kNchar:
    case kJson: return schema_width >= 2 ? (schema_width - 2) / 4 : schema_width;
    case kDecimal: return 16;
    case kDecimal64: return 8;
    default: return schema_width;
  }
}
constexpr int32_t schema_width(int type, int32_t user_width) {
  switch (type) {
    case kVarchar:
    case kVarbinary:
    case kGeometry: return user_width + 2;
    case kNchar:
    case kJson: return user_width * 4 + 2;
    case kBlob:
    case kMediumBlob: return user_width + 4;
    default: return user_width;
  }
}

}  // namespace opentaos::wire
