// Rows out of a block: pointers into the received bytes, and what programs expect in another form than the wire has it
// (NCHAR as UTF-8, decimals as text), converted when it is asked for.
#pragma once
#include <cstdint>
#include <vector>

#include "base/buffer.h"
#include "wire/raw_block.h"

namespace opentaos::client {

// Outside the block everything is NULL, as natively.
bool is_null_at(const wire::BlockView &block, uint32_t row, size_t column);

// The null flags of the first n rows of a column.
void null_flags(const wire::BlockView &block, size_t column, uint32_t n, bool *flags);

// Width of a decimal's text cell, and what the lengths array says of it.
constexpr int kDecimalCell = 64;

class Rows {
 public:
  // The block that the rows come from; it stays where it is until the next call.
  void attach(const wire::BlockView &block);

  // Fills one pointer and one length a column; a NULL is nullptr and 0. In front of a variable value stands its length
  // (2 bytes, 4 for blobs), as programs expect it. false: the block points outside itself.
  bool fill_row(uint32_t row, void **pointers, int32_t *lengths);

  // Fills one pointer a column for the whole block, and the widths of the columns. A variable column means nothing
  // without its offsets, so it is checked, and an NCHAR column converted into the room pointed to, when those are asked
  // for.
  void fill_columns(void **pointers, int32_t *widths);
  // The offsets of a variable column after fill_columns(); nullptr for fixed ones, and for a column that points outside
  // itself.
  const int32_t *offsets(size_t column);

 private:
  enum class Form : uint8_t { kFixed, kVariable, kNchar, kDecimal, kJson, kNull };
  struct Column {
    Form form;
    uint8_t width;
    uint8_t prefix;
    const uint8_t *head;
    const uint8_t *data;
    uint32_t length;
    uint32_t scratch;  // index of the converted value's room
  };
  enum class Offsets : uint8_t { kUnseen, kGood, kBad };
  struct Converted {
    Offsets state = Offsets::kUnseen;
    base::Buffer offsets;
    base::Buffer data;
  };

  bool convert_nchar(const wire::ColumnView &from, Converted *to) const;
  void convert_decimal(const wire::ColumnView &from, Converted *to) const;

  const wire::BlockView *block_ = nullptr;
  std::vector<Column> columns_;
  std::vector<base::Buffer> scratch_;  // of one row
  std::vector<Converted> converted_;   // of the whole block
};

}  // namespace opentaos::client
