// The data types as the wire sees them: codes, sizes, the several widths, and text forms.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/engine.h"

namespace opentaos::sandbox::server {

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
};

struct TypeInfo {
  uint8_t code;
  const char *name;  // as REST spells it
  int32_t size;      // of one value in a block, 0 for variable types
};

// nullptr for a code that does not exist.
const TypeInfo *type_info(uint8_t code);
bool is_decimal(uint8_t code);

// What a user declared: `fields_lengths` of a query, `column_meta` of REST.
int32_t user_width(const Field &field);
// What the storage needs: `lengths` of a fetch, `bytes` of prepared statements.
int32_t schema_width(const Field &field);
// The column info of a block. Decimals pack scale, precision and size into it.
uint32_t block_width(const Field &field);

bool is_null(const Value &value);
// Numbers of every kind; nullopt for NULL, text and what does not fit.
std::optional<int64_t> as_i64(const Value &value);
std::optional<uint64_t> as_u64(const Value &value);
std::optional<double> as_double(const Value &value);
std::optional<Decimal::Unscaled> as_unscaled(const Value &value);

// 12345 with scale 2 is "123.45".
std::string decimal_text(Decimal::Unscaled unscaled, int scale);
// UTF-8 to UCS-4 little-endian; what is not UTF-8 becomes U+FFFD.
std::string utf8_to_ucs4(std::string_view text);
// False for what is no code point or not a multiple of four bytes.
bool ucs4_to_utf8(std::string_view bytes, std::string *text);

}  // namespace opentaos::sandbox::server
