#include "client/rows.h"

#include <cstring>

#include "wire/decimal_text.h"
#include "wire/ucs4.h"

namespace opentaos::client {

using base::load_le;
using base::store_le;
using wire::BlockView;
using wire::ColumnView;

namespace {

// The text `null` is how a JSON column says NULL in some places (a tag bound as NULL).
bool is_json_null(const uint8_t *p, uint32_t n) { return n == 4 && std::memcmp(p, "null", 4) == 0; }

}  // namespace

bool is_null_at(const BlockView &block, uint32_t row, size_t column) {
  if (row >= block.rows() || column >= block.columns().size()) return true;
  const ColumnView &c = block.column(column);
  if (c.type == wire::kNull || c.is_null(row)) return true;
  if (c.type != wire::kJson) return false;
  uint32_t n;
  bool bad = false;
  const uint8_t *p = c.variable_value(row, &n, &bad);
  return !p || is_json_null(p, n);
}

void null_flags(const BlockView &block, size_t column, uint32_t n, bool *flags) {
  const ColumnView &c = block.column(column);
  if (c.type == wire::kNull || c.type == wire::kJson) {
    for (uint32_t r = 0; r < n; r++) flags[r] = is_null_at(block, r, column);
    return;
  }
  if (c.variable) {
    for (uint32_t r = 0; r < n; r++) flags[r] = load_le<int32_t>(c.head + size_t{4} * r) < 0;
    return;
  }
  // Eight rows a step: each byte of the product gets one bit of the bitmap's byte, most significant first.
  uint32_t r = 0;
  for (; r + 8 <= n; r += 8) {
    const uint64_t spread = c.head[r >> 3] * 0x8040201008040201ull;
    store_le<uint64_t>(flags + r, (spread >> 7) & 0x0101010101010101ull);
  }
  for (; r < n; r++) flags[r] = c.is_null(r);
}

void Rows::attach(const BlockView &block) {
  block_ = &block;
  converted_.clear();
  const auto &columns = block.columns();
  columns_.resize(columns.size());
  uint32_t scratch = 0;
  for (size_t i = 0; i < columns.size(); i++) {
    const ColumnView &c = columns[i];
    Form form = Form::kFixed;
    if (c.type == wire::kNull)
      form = Form::kNull;
    else if (c.type == wire::kNchar)
      form = Form::kNchar;
    else if (c.type == wire::kJson)
      form = Form::kJson;
    else if (c.variable)
      form = Form::kVariable;
    else if (wire::is_decimal(c.type))
      form = Form::kDecimal;
    columns_[i] = {form, c.width, c.prefix, c.head, c.data, c.length, scratch};
    if (form == Form::kNchar || form == Form::kDecimal) scratch++;
  }
  if (scratch_.size() < scratch) scratch_.resize(scratch);
}

bool Rows::fill_row(uint32_t row, void **pointers, int32_t *lengths) {
  const size_t n = columns_.size();
  const uint32_t byte = row >> 3;
  const uint8_t bit = static_cast<uint8_t>(0x80 >> (row & 7));
  for (size_t i = 0; i < n; i++) {
    const Column &c = columns_[i];
    if (c.form == Form::kFixed) {
      const bool null = (c.head[byte] & bit) != 0;
      pointers[i] = null ? nullptr : const_cast<uint8_t *>(c.data + static_cast<size_t>(c.width) * row);
      lengths[i] = null ? 0 : c.width;
      continue;
    }
    pointers[i] = nullptr;
    lengths[i] = 0;
    if (c.form == Form::kDecimal) {
      if (c.head[byte] & bit) continue;
      base::Buffer &to = scratch_[c.scratch];
      to.reserve(kDecimalCell);
      const ColumnView &v = block_->column(i);
      (void)wire::decimal_to_text(v.fixed(row), v.width, v.scale, reinterpret_cast<char *>(to.data()));
      pointers[i] = to.data();
      lengths[i] = kDecimalCell;
      continue;
    }
    if (c.form == Form::kNull) continue;
    const int32_t offset = load_le<int32_t>(c.head + size_t{4} * row);
    if (offset < 0) continue;
    const auto at = static_cast<uint32_t>(offset);
    if (at > c.length || c.length - at < c.prefix) return false;
    const uint8_t *p = c.data + at;
    const uint32_t size = c.prefix == 2 ? load_le<uint16_t>(p) : load_le<uint32_t>(p);
    if (c.length - at - c.prefix < size || size > INT32_MAX) return false;
    p += c.prefix;
    if (c.form == Form::kNchar) {
      base::Buffer &to = scratch_[c.scratch];
      to.reserve(size + 2);
      const size_t utf8 = wire::ucs4_to_utf8(p, size, to.data() + 2);
      store_le<uint16_t>(to.data(), static_cast<uint16_t>(utf8));
      pointers[i] = to.data() + 2;
      lengths[i] = static_cast<int32_t>(utf8);
      continue;
    }
    if (c.form == Form::kJson && is_json_null(p, size)) continue;
    pointers[i] = const_cast<uint8_t *>(p);
    lengths[i] = static_cast<int32_t>(size);
  }
  return true;
}

// Into the room that fill_columns() has made: UTF-8 never takes more than UCS-4 did, unless rows share values.
bool Rows::convert_nchar(const ColumnView &from, Converted *to) const {
  const uint32_t rows = block_->rows();
  to->offsets.resize_uninitialized(size_t{4} * rows);
  uint8_t *const start = to->data.data();
  const size_t room = to->data.capacity();
  size_t at = 0;
  bool bad = false;
  for (uint32_t r = 0; r < rows; r++) {
    uint32_t size = 0;
    const uint8_t *p = from.variable_value(r, &size, &bad);
    if (bad) return false;
    uint8_t *offset = to->offsets.data() + size_t{4} * r;
    if (!p) {
      store_le<int32_t>(offset, -1);
      continue;
    }
    if (room - at < size_t{size} + 2) return false;
    store_le<int32_t>(offset, static_cast<int32_t>(at));
    const size_t utf8 = wire::ucs4_to_utf8(p, size, start + at + 2);
    store_le<uint16_t>(start + at, static_cast<uint16_t>(utf8));
    at += 2 + utf8;
  }
  return true;
}

void Rows::convert_decimal(const ColumnView &from, Converted *to) const {
  const uint32_t rows = block_->rows();
  to->offsets.clear();
  to->data.resize_uninitialized(size_t{kDecimalCell} * rows);
  std::memset(to->data.data(), 0, to->data.size());
  for (uint32_t r = 0; r < rows; r++) {
    if (from.is_null(r)) continue;
    (void)wire::decimal_to_text(from.fixed(r), from.width, from.scale,
                                reinterpret_cast<char *>(to->data.data() + size_t{kDecimalCell} * r));
  }
}

void Rows::fill_columns(void **pointers, int32_t *widths) {
  const auto &columns = block_->columns();
  const bool first = converted_.empty();
  if (first) converted_.resize(columns.size());
  for (size_t i = 0; i < columns.size(); i++) {
    const ColumnView &c = columns[i];
    widths[i] = c.bytes;
    pointers[i] = const_cast<uint8_t *>(c.data);
    if (c.type == wire::kNchar) {
      if (first) converted_[i].data.reserve_exact(size_t{c.length} + 64);
      pointers[i] = converted_[i].data.data();
    } else if (wire::is_decimal(c.type)) {
      if (first) convert_decimal(c, &converted_[i]);
      pointers[i] = converted_[i].data.data();
      widths[i] = kDecimalCell;
    }
  }
}

const int32_t *Rows::offsets(size_t column) {
  if (!block_ || column >= columns_.size()) return nullptr;
  const ColumnView &c = block_->column(column);
  if (!c.variable) return nullptr;
  if (converted_.empty()) converted_.resize(columns_.size());
  Converted &mine = converted_[column];
  const bool nchar = c.type == wire::kNchar && mine.data.capacity() > 0;
  if (mine.state == Offsets::kUnseen) {
    const bool good = nchar ? convert_nchar(c, &mine) : block_->offsets_are_sane(column);
    mine.state = good ? Offsets::kGood : Offsets::kBad;
  }
  if (mine.state == Offsets::kBad) return nullptr;
  // Offsets in a received block may lie at any address; programs read them as int32_t all the same, as natively.
  return reinterpret_cast<const int32_t *>(nchar ? mine.offsets.data() : c.head);
}

}  // namespace opentaos::client
