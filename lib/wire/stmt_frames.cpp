#include "wire/stmt_frames.h"

#include <algorithm>
#include <cstring>

#include "wire/requests.h"
#include "wire/types.h"
#include "wire/ucs4.h"

namespace opentaos::wire {
namespace {

constexpr size_t kBlockHeader = 28;
constexpr size_t kMaxColumns = 8192;

// Eight flags to eight bits, the first one highest.
uint8_t pack_flags(const char *flags) {
  uint64_t w = base::load_le<uint64_t>(flags);
  constexpr uint64_t kLow7 = 0x7f7f7f7f7f7f7f7full;
  uint64_t set = ((((w & kLow7) + kLow7) | w) & ~kLow7) >> 7;
  return static_cast<uint8_t>((set * 0x8040201008040201ull) >> 56);
}

void write_bitmap(uint8_t *to, const char *flags, size_t rows) {
  size_t i = 0;
  for (; i + 8 <= rows; i += 8) *to++ = pack_flags(flags + i);
  if (i == rows) return;
  char rest[8] = {};
  std::memcpy(rest, flags + i, rows - i);
  *to = pack_flags(rest);
}

BindError append_fixed(base::Buffer &out, const ColumnInput &column, int type, size_t rows) {
  const size_t width = static_cast<size_t>(fixed_size(type));
  const size_t bitmap = (rows + 7) / 8;
  uint8_t *p = out.extend(bitmap + rows * width);
  uint8_t *values = p + bitmap;
  const auto *from = static_cast<const uint8_t *>(column.buffer);
  if (!any_flag(column.is_null, rows)) {
    if (!from) return BindError::kInvalid;
    std::memset(p, 0, bitmap);
    std::memcpy(values, from, rows * width);
    return BindError::kNone;
  }
  write_bitmap(p, column.is_null, rows);
  if (!from) {
    if (std::memchr(column.is_null, 0, rows)) return BindError::kInvalid;
    std::memset(values, 0, rows * width);
    return BindError::kNone;
  }
  copy_with_nulls(values, from, column.is_null, rows, width);
  return BindError::kNone;
}

// Offsets, then each value behind its length. data_length gets the size of the data part.
BindError append_variable(base::Buffer &out, const ColumnInput &column, int type, const BindField *field, size_t rows,
                          uint32_t &data_length) {
  const auto *from = static_cast<const uint8_t *>(column.buffer);
  const bool nchar = type == kNchar;
  const size_t prefix = static_cast<size_t>(prefix_size(type));
  const size_t limit = std::min<size_t>(value_limit(field), prefix == 2 ? UINT16_MAX : INT32_MAX);

  uint64_t total = 0;
  for (size_t i = 0; i < rows; ++i) {
    if (column.null_at(static_cast<int>(i))) continue;
    if (!column.lengths || column.lengths[i] < 0 || (!from && column.lengths[i])) return BindError::kInvalid;
    total += prefix + static_cast<uint64_t>(column.lengths[i]) * (nchar ? 4 : 1);
  }
  if (total > INT32_MAX) return BindError::kMessageTooBig;

  uint8_t *offsets = out.extend(rows * 4 + static_cast<size_t>(total));
  uint8_t *data = offsets + rows * 4;
  uint8_t *p = data;
  const uint8_t *packed = from;
  for (size_t i = 0; i < rows; ++i) {
    if (column.null_at(static_cast<int>(i))) {
      base::store_le<int32_t>(offsets + i * 4, -1);
      continue;
    }
    size_t size = static_cast<size_t>(column.lengths[i]);
    const uint8_t *value = !from ? nullptr : column.stride ? from + column.stride * i : packed;
    if (from) packed += size;
    base::store_le<int32_t>(offsets + i * 4, static_cast<int32_t>(p - data));
    if (nchar) {
      if (!utf8_to_ucs4(value, size, p + prefix, &size)) return BindError::kBadText;
    } else if (size) {
      std::memcpy(p + prefix, value, size);
    }
    if (size > limit) return BindError::kTooLong;
    if (prefix == 4)
      base::store_le<uint32_t>(p, static_cast<uint32_t>(size));
    else
      base::store_le<uint16_t>(p, static_cast<uint16_t>(size));
    p += prefix + size;
  }
  data_length = static_cast<uint32_t>(p - data);
  out.set_size(static_cast<size_t>(p - out.data()));
  return BindError::kNone;
}

enum class Values { kRows, kTags };  // of tags there is one each, whatever `num` says: native does not look at it

BindError append_block_unchecked(base::Buffer &out, Values kind, std::span<const ColumnInput> columns,
                                 std::span<const BindField> fields) {
  if (columns.empty() || columns.size() > kMaxColumns) return BindError::kNumber;
  if (!fields.empty() && fields.size() != columns.size()) return BindError::kNumber;
  const int num = kind == Values::kTags ? 1 : columns[0].num;
  if (num <= 0) return BindError::kNumber;
  const size_t start = out.size();
  const size_t n = columns.size();
  const size_t rows = static_cast<size_t>(num);

  // Patched by offset: the buffer moves while it grows.
  const size_t info = start + kBlockHeader;
  const size_t lengths = info + 5 * n;
  out.extend(kBlockHeader + 9 * n);
  for (size_t c = 0; c < n; ++c) {
    const BindField *field = fields.empty() ? nullptr : &fields[c];
    int type = 0;
    if (kind == Values::kRows && columns[c].num != num) return BindError::kRowsDiffer;
    if (auto error = check_type(columns[c], field, num, type); error != BindError::kNone) return error;
    const int width = fixed_size(type);
    if (rows * static_cast<size_t>(std::max(width, 4)) > INT32_MAX) return BindError::kMessageTooBig;
    uint32_t data_length = static_cast<uint32_t>(rows) * static_cast<uint32_t>(width);
    BindError error = is_variable(type) ? append_variable(out, columns[c], type, field, rows, data_length)
                                        : append_fixed(out, columns[c], type, rows);
    if (error != BindError::kNone) return error;
    out.data()[info + 5 * c] = static_cast<uint8_t>(type);
    base::store_le<int32_t>(out.data() + info + 5 * c + 1, width);
    base::store_le<uint32_t>(out.data() + lengths + 4 * c, data_length);
  }
  const size_t length = out.size() - start;
  if (length > INT32_MAX) return BindError::kMessageTooBig;
  uint8_t *head = out.data() + start;
  base::store_le<int32_t>(head, 1);
  base::store_le<int32_t>(head + 4, static_cast<int32_t>(length));
  base::store_le<int32_t>(head + 8, static_cast<int32_t>(rows));
  base::store_le<int32_t>(head + 12, static_cast<int32_t>(n));
  std::memset(head + 16, 0, 12);
  return BindError::kNone;
}

base::Status append_frame(base::Buffer &out, uint64_t req_id, uint64_t stmt_id, BinaryAction action, Values kind,
                          std::span<const ColumnInput> columns, std::span<const BindField> fields) {
  const size_t start = out.size();
  binary_head(out, req_id, stmt_id, action);
  auto error = append_block_unchecked(out, kind, columns, fields);
  if (error != BindError::kNone) out.set_size(start);
  return bind_status(error);
}

}  // namespace

base::Status append_stmt_set_tags(base::Buffer &out, uint64_t req_id, uint64_t stmt_id,
                                  std::span<const ColumnInput> tags, std::span<const BindField> fields) {
  return append_frame(out, req_id, stmt_id, BinaryAction::kStmtSetTags, Values::kTags, tags, fields);
}

base::Status append_stmt_bind(base::Buffer &out, uint64_t req_id, uint64_t stmt_id,
                              std::span<const ColumnInput> columns, std::span<const BindField> fields) {
  return append_frame(out, req_id, stmt_id, BinaryAction::kStmtBind, Values::kRows, columns, fields);
}

base::Status append_block(base::Buffer &out, std::span<const ColumnInput> columns, std::span<const BindField> fields) {
  const size_t start = out.size();
  auto error = append_block_unchecked(out, Values::kRows, columns, fields);
  if (error != BindError::kNone) out.set_size(start);
  return bind_status(error);
}

}  // namespace opentaos::wire
