#include "block.h"

#include <cstring>
#include <limits>

#include "bytes.h"
#include "types.h"

namespace opentaos::sandbox::server {
namespace {

constexpr uint32_t kHasColumnInfo = 0x80000000u;

// The little-endian bytes of one value of a fixed type. False when the value is of another kind or out of range.
bool append_fixed(const Value &value, const Field &field, size_t size, std::string *out) {
  auto append = [&](Decimal::Unscaled bits) {
    for (size_t i = 0; i < size; ++i) out->push_back(static_cast<char>(bits >> (8 * i)));
  };
  if (field.type == kFloat || field.type == kDouble) {
    auto number = as_double(value);
    if (!number) return false;
    if (field.type == kFloat) {
      auto single = static_cast<float>(*number);
      uint32_t bits;
      std::memcpy(&bits, &single, sizeof bits);
      append(bits);
    } else {
      uint64_t bits;
      std::memcpy(&bits, &*number, sizeof bits);
      append(bits);
    }
    return true;
  }
  Decimal::Unscaled bits;
  if (is_decimal(field.type)) {
    auto unscaled = as_unscaled(value);
    if (!unscaled) return false;
    bits = *unscaled;
  } else if (auto i = as_i64(value)) {
    bits = *i;
  } else if (auto u = as_u64(value)) {
    bits = *u;
  } else {
    return false;
  }
  if (size < 16) {
    bool is_unsigned = field.type >= kUTinyInt && field.type <= kUBigInt;
    Decimal::Unscaled one = 1;
    Decimal::Unscaled low = is_unsigned ? 0 : -(one << (8 * size - 1));
    Decimal::Unscaled high = is_unsigned ? one << (8 * size) : one << (8 * size - 1);
    if (bits < low || bits >= high) return false;
  }
  append(bits);
  return true;
}

bool append_fixed_column(const Table &table, size_t column, size_t first, size_t count, size_t size, std::string *out) {
  const Field &field = table.fields[column];
  std::string bitmap((count + 7) / 8, '\0');
  std::string data;
  data.reserve(count * size);
  for (size_t row = 0; row < count; ++row) {
    const Value &value = table.rows[first + row][column];
    if (is_null(value)) {
      bitmap[row / 8] = static_cast<char>(bitmap[row / 8] | (0x80 >> (row % 8)));
      data.append(size, '\0');
    } else if (!append_fixed(value, field, size, &data)) {
      return false;
    }
  }
  *out += bitmap;
  *out += data;
  return true;
}

// Offsets first, then the values, each behind its length.
bool append_variable_column(const Table &table, size_t column, size_t first, size_t count, uint32_t *data_length,
                            std::string *out) {
  const Field &field = table.fields[column];
  bool blob = field.type == kBlob || field.type == kMediumBlob;
  std::string data;
  for (size_t row = 0; row < count; ++row) {
    const Value &value = table.rows[first + row][column];
    if (is_null(value)) {
      put_i32(*out, -1);
      continue;
    }
    const auto *text = std::get_if<std::string>(&value);
    if (text == nullptr || data.size() > std::numeric_limits<int32_t>::max()) return false;
    put_i32(*out, static_cast<int32_t>(data.size()));
    const std::string bytes = field.type == kNchar ? utf8_to_ucs4(*text) : *text;
    if (blob) {
      put_u32(data, static_cast<uint32_t>(bytes.size()));
    } else {
      if (bytes.size() > std::numeric_limits<uint16_t>::max()) return false;
      put_u16(data, static_cast<uint16_t>(bytes.size()));
    }
    data += bytes;
  }
  *data_length = static_cast<uint32_t>(data.size());
  *out += data;
  return true;
}

}  // namespace

bool append_block(const Table &table, size_t first, size_t count, bool trailing_byte, std::string *out,
                  std::string *error) {
  const size_t start = out->size();
  put_i32(*out, 1);  // version
  put_i32(*out, 0);  // length, filled in below
  put_u32(*out, static_cast<uint32_t>(count));
  put_u32(*out, static_cast<uint32_t>(table.fields.size()));
  put_u32(*out, kHasColumnInfo);
  put_u64(*out, 0);  // group id
  for (const Field &field : table.fields) {
    put_u8(*out, field.type == kNull ? uint8_t{kVarchar} : field.type);  // as real servers do for `select null`
    put_u32(*out, block_width(field));
  }
  const size_t lengths = out->size();
  for (size_t i = 0; i < table.fields.size(); ++i) put_u32(*out, 0);
  for (size_t column = 0; column < table.fields.size(); ++column) {
    const Field &field = table.fields[column];
    const TypeInfo *info = type_info(field.type);
    const auto size = info == nullptr ? size_t{0} : static_cast<size_t>(info->size);
    auto length = static_cast<uint32_t>(count * size);
    bool good = info != nullptr && (size != 0 ? append_fixed_column(table, column, first, count, size, out)
                                              : append_variable_column(table, column, first, count, &length, out));
    if (!good) {
      *error = "taos-sandbox: a value of column " + field.name + " does not fit type " +
               (info == nullptr ? std::to_string(field.type) : info->name);
      return false;
    }
    set_u32(*out, lengths + 4 * column, length);
  }
  if (trailing_byte) put_u8(*out, 0);
  set_u32(*out, start + 4, static_cast<uint32_t>(out->size() - start));
  return true;
}

}  // namespace opentaos::sandbox::server
