// The raw data block: the unit of column data in both directions (PROTOCOL 4). A BlockView points into the bytes it was
// parsed from; nothing is copied. parse() checks every length against the block, so that column bounds hold from then
// on; the offsets of variable values are checked where they are used (ColumnView::value) or all at once
// (offsets_are_sane).
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "wire/types.h"

namespace opentaos::wire {

constexpr int32_t kErrBadBlock = static_cast<int32_t>(0x8000E007);  // cannot decode what the server sent

struct ColumnView {
  uint8_t type = 0;
  bool variable = false;
  uint8_t prefix = 0;     // bytes of the length in front of a variable value
  uint8_t width = 0;      // bytes of a fixed value
  uint8_t precision = 0;  // decimals
  uint8_t scale = 0;
  int32_t bytes = 0;              // as in the column info: the schema width, or a decimal's four bytes
  uint32_t length = 0;            // of the data part
  const uint8_t *head = nullptr;  // null bitmap, or int32 offsets
  const uint8_t *data = nullptr;

  bool is_null(uint32_t row) const {
    if (variable) return base::load_le<int32_t>(head + size_t{4} * row) < 0;
    return (head[row >> 3] >> (7 - (row & 7))) & 1;
  }
  const uint8_t *fixed(uint32_t row) const { return data + static_cast<size_t>(width) * row; }

  // A variable value: where its bytes start (behind the length) and how many there are. NULL, and a value that does
  // not lie within the column, give nullptr; the latter sets *bad.
  const uint8_t *variable_value(uint32_t row, uint32_t *size, bool *bad) const {
    int32_t offset = base::load_le<int32_t>(head + size_t{4} * row);
    if (offset < 0) {
      *size = 0;
      return nullptr;
    }
    if (static_cast<uint32_t>(offset) > length || length - static_cast<uint32_t>(offset) < prefix)
      return fail(size, bad);
    const uint8_t *p = data + offset;
    uint32_t n = prefix == 4 ? base::load_le<uint32_t>(p) : base::load_le<uint16_t>(p);
    if (length - static_cast<uint32_t>(offset) - prefix < n) return fail(size, bad);
    *size = n;
    return p + prefix;
  }

 private:
  static const uint8_t *fail(uint32_t *size, bool *bad) {
    *bad = true;
    *size = 0;
    return nullptr;
  }
};

class BlockView {
 public:
  static constexpr size_t kHeader = 28;
  static constexpr uint32_t kMaxColumns = 8192;

  // Parses a block at the start of `bytes`. Reuses the column vector of an earlier call. An empty (default) view after
  // a failure.
  base::Status parse(std::span<const uint8_t> bytes);
  void reset();

  int32_t version() const { return version_; }
  uint32_t length() const { return length_; }
  uint32_t rows() const { return rows_; }
  uint64_t group_id() const { return group_; }
  const uint8_t *base() const { return base_; }
  const std::vector<ColumnView> &columns() const { return columns_; }
  const ColumnView &column(size_t i) const { return columns_[i]; }

  // Whether every variable value lies within its column. For callers who hand the offsets to a program.
  bool offsets_are_sane() const;
  bool offsets_are_sane(size_t column) const;

 private:
  int32_t version_ = 0;
  uint32_t length_ = 0;
  uint32_t rows_ = 0;
  uint64_t group_ = 0;
  const uint8_t *base_ = nullptr;
  std::vector<ColumnView> columns_;
};

}  // namespace opentaos::wire
