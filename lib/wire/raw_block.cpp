#include "wire/raw_block.h"

namespace opentaos::wire {

using base::ByteReader;
using base::load_le;
using base::Status;

namespace {

Status bad(const char *what) { return {kErrBadBlock, what}; }

}  // namespace

void BlockView::reset() {
  version_ = 0;
  length_ = rows_ = 0;
  group_ = 0;
  base_ = nullptr;
  columns_.clear();
}

Status BlockView::parse(std::span<const uint8_t> bytes) {
  reset();
  if (bytes.size() < kHeader) return bad("data block is shorter than its header");
  const uint8_t *p = bytes.data();
  int32_t version = load_le<int32_t>(p);
  int32_t length = load_le<int32_t>(p + 4);
  int32_t rows = load_le<int32_t>(p + 8);
  int32_t cols = load_le<int32_t>(p + 12);
  if (version < 1 || version > 2) return bad("data block has an unknown version");
  if (length < static_cast<int32_t>(kHeader) || static_cast<size_t>(length) > bytes.size())
    return bad("data block is longer than its message");
  if (rows < 0 || cols < 1 || static_cast<uint32_t>(cols) > kMaxColumns)
    return bad("data block has impossible dimensions");

  const auto n = static_cast<size_t>(cols);
  const auto r = static_cast<size_t>(rows);
  ByteReader body(p + kHeader, static_cast<size_t>(length) - kHeader);
  const uint8_t *info = body.take(5 * n).data();
  const uint8_t *lengths = body.take(4 * n).data();
  if (body.failed()) return bad("data block is too short for its columns");

  columns_.resize(n);
  for (size_t i = 0; i < n; i++) {
    ColumnView &c = columns_[i];
    c = ColumnView();
    c.type = info[5 * i];
    c.bytes = load_le<int32_t>(info + 5 * i + 1);
    c.length = load_le<uint32_t>(lengths + 4 * i);
    if (!is_known(c.type)) {
      reset();
      return bad("data block has a column of an unknown type");
    }
    c.variable = is_variable(c.type);
    if (c.variable) {
      c.prefix = static_cast<uint8_t>(prefix_size(c.type));
      c.head = body.take(uint64_t{4} * r).data();
    } else {
      c.width = static_cast<uint8_t>(fixed_size(c.type));
      c.head = body.take((uint64_t{r} + 7) / 8).data();
      if (is_decimal(c.type)) {
        c.scale = static_cast<uint8_t>(c.bytes & 0xff);
        c.precision = static_cast<uint8_t>((c.bytes >> 8) & 0xff);
      }
      // A column of type NULL has no values to point at; every row is NULL.
      if (c.type != kNull && uint64_t{c.width} * r > c.length) {
        reset();
        return bad("data block has a column that is shorter than its rows");
      }
    }
    c.data = body.take(c.length).data();
    if (body.failed()) {
      reset();
      return bad("data block has a column that reaches beyond its end");
    }
  }
  version_ = version;
  length_ = static_cast<uint32_t>(length);
  rows_ = static_cast<uint32_t>(rows);
  group_ = load_le<uint64_t>(p + 20);
  base_ = p;
  return Status::ok();
}

bool BlockView::offsets_are_sane(size_t column) const {
  const ColumnView &c = columns_[column];
  if (!c.variable) return true;
  bool wrong = false;
  uint32_t size;
  for (uint32_t r = 0; r < rows_; r++) (void)c.variable_value(r, &size, &wrong);
  return !wrong;
}

bool BlockView::offsets_are_sane() const {
  for (size_t i = 0; i < columns_.size(); i++)
    if (!offsets_are_sane(i)) return false;
  return true;
}

}  // namespace opentaos::wire
