#include "block_reader.h"

#include <cstring>

#include "bytes.h"
#include "types.h"

namespace opentaos::sandbox::server {
namespace {

constexpr size_t kBlockHeader = 28;
constexpr uint32_t kMaxColumns = 4096 + 128;

bool read_variable(const BlockColumn &column, uint32_t rows, std::vector<Value> *values) {
  const bool blob = column.type == kBlob || column.type == kMediumBlob;
  ByteReader offsets(column.head);
  for (uint32_t row = 0; row < rows; ++row) {
    int32_t offset = offsets.i32();
    if (offset == -1) {
      values->emplace_back();
      continue;
    }
    if (offset < 0 || static_cast<size_t>(offset) > column.data.size()) return false;
    ByteReader reader(column.data.substr(static_cast<size_t>(offset)));
    uint32_t length = blob ? reader.u32() : reader.u16();
    std::string_view bytes = reader.bytes(length);
    if (!reader.ok()) return false;
    if (column.type != kNchar) {
      values->emplace_back(std::string(bytes));
    } else {
      std::string text;
      if (!ucs4_to_utf8(bytes, &text)) return false;
      values->emplace_back(std::move(text));
    }
  }
  return true;
}

}  // namespace

bool read_block(std::string_view bytes, const std::vector<uint8_t> &types, BlockView *block, std::string *error) {
  ByteReader header(bytes);
  header.u32();  // version
  block->length = header.u32();
  block->rows = header.u32();
  uint32_t columns = header.u32();
  header.u32();  // flags
  header.u64();  // group
  auto wrong = [&](const char *what) {
    *error = std::string("taos-sandbox: ") + what;
    return false;
  };
  if (!header.ok()) return wrong("the raw block is shorter than its header");
  if (columns > kMaxColumns) return wrong("the raw block has too many columns");
  if (block->length < kBlockHeader + 9 * columns || block->length > bytes.size()) {
    return wrong("the raw block's length is not right");
  }
  ByteReader reader(bytes.substr(0, block->length));
  reader.bytes(kBlockHeader);
  for (uint32_t i = 0; i < columns; ++i) {
    BlockColumn column;
    column.type = reader.u8();
    column.info = reader.u32();
    if (i < types.size()) column.type = types[i];
    if (type_info(column.type) == nullptr) return wrong("a column of the raw block has no known type");
    block->columns.push_back(column);
  }
  std::vector<uint32_t> lengths;
  for (uint32_t i = 0; i < columns; ++i) lengths.push_back(reader.u32());
  for (uint32_t i = 0; i < columns; ++i) {
    BlockColumn &column = block->columns[i];
    const auto size = static_cast<size_t>(type_info(column.type)->size);
    column.head = reader.bytes(size != 0 ? (size_t{block->rows} + 7) / 8 : size_t{block->rows} * 4);
    column.data = reader.bytes(lengths[i]);
    if (!reader.ok()) return wrong("a column of the raw block is longer than the block");
    if (size != 0 && column.data.size() != size * block->rows) {
      return wrong("a column of the raw block has not as many bytes as its type and rows need");
    }
  }
  return true;
}

Value fixed_value(uint8_t type, std::string_view bytes) {
  ByteReader reader(bytes);
  switch (type) {
    case kBool: return reader.u8() != 0;
    case kTinyInt: return int64_t{static_cast<int8_t>(reader.u8())};
    case kSmallInt: return int64_t{static_cast<int16_t>(reader.u16())};
    case kInt: return int64_t{reader.i32()};
    case kBigInt:
    case kTimestamp: return static_cast<int64_t>(reader.u64());
    case kUTinyInt: return uint64_t{reader.u8()};
    case kUSmallInt: return uint64_t{reader.u16()};
    case kUInt: return uint64_t{reader.u32()};
    case kUBigInt: return reader.u64();
    case kFloat: {
      float f;
      uint32_t bits = reader.u32();
      std::memcpy(&f, &bits, sizeof f);
      return double{f};
    }
    case kDouble: {
      double d;
      uint64_t bits = reader.u64();
      std::memcpy(&d, &bits, sizeof d);
      return d;
    }
    case kDecimal64: return Decimal{static_cast<int64_t>(reader.u64())};
    case kDecimal: {
      uint64_t low = reader.u64();
      auto high = static_cast<int64_t>(reader.u64());
      return Decimal{static_cast<Decimal::Unscaled>(high) * (Decimal::Unscaled{1} << 64) + low};
    }
    default: return {};
  }
}

bool read_values(const BlockColumn &column, uint32_t rows, std::vector<Value> *values) {
  values->reserve(rows);
  const auto size = static_cast<size_t>(type_info(column.type)->size);
  if (size == 0) return read_variable(column, rows, values);
  for (uint32_t row = 0; row < rows; ++row) {
    bool null = (static_cast<uint8_t>(column.head[row / 8]) & (0x80 >> (row % 8))) != 0;
    values->push_back(null ? Value{} : fixed_value(column.type, column.data.substr(row * size, size)));
  }
  return true;
}

}  // namespace opentaos::sandbox::server
