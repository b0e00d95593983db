// The usual column of a table: values of the type that the server expects, some of them perhaps NULL. Tables with few
// rows each make many such entries, so each array of the program is walked once, and what is out of the ordinary is
// left to append_entry().
#include <algorithm>
#include <cstring>

#include "wire/stmt2_entry.h"

namespace opentaos::wire {
namespace {

constexpr size_t kEntryHead = 12;  // length, type, number of values

void write_head(uint8_t *to, size_t length, int type, size_t rows) {
  base::store_le<uint32_t>(to, static_cast<uint32_t>(length));
  base::store_le<int32_t>(to + 4, type);
  base::store_le<int32_t>(to + 8, static_cast<int32_t>(rows));
}

// Whether any is set.
bool write_flags(uint8_t *to, const char *flags, size_t rows) {
  if (!flags) {
    std::memset(to, 0, rows);
    return false;
  }
  uint64_t any = 0;
  size_t i = 0;
  for (; i + 8 <= rows; i += 8) {
    const auto eight = base::load_le<uint64_t>(flags + i);
    base::store_le(to + i, eight);
    any |= eight;
  }
  for (; i < rows; ++i) {
    to[i] = static_cast<uint8_t>(flags[i]);
    any |= to[i];
  }
  return any != 0;
}

template <size_t Width>
void clear_nulls(uint8_t *values, const uint8_t *flags, size_t rows) {
  for (size_t i = 0; i < rows; ++i)
    if (flags[i]) std::memset(values + i * Width, 0, Width);
}

// false: only NULLs, or nothing to take values from.
bool write_fixed(base::Buffer &out, const ColumnInput &c, size_t rows, size_t width) {
  const size_t length = kEntryHead + rows + 1 + 4 + rows * width;
  uint8_t *p = out.extend(length);
  write_head(p, length, c.type, rows);
  uint8_t *flags = p + kEntryHead;
  const bool nulls = write_flags(flags, c.is_null, rows);
  if (!c.buffer || (nulls && !std::memchr(flags, 0, rows))) return false;
  flags[rows] = 0;  // no lengths
  base::store_le<uint32_t>(flags + rows + 1, static_cast<uint32_t>(rows * width));
  uint8_t *values = flags + rows + 1 + 4;
  std::memcpy(values, c.buffer, rows * width);
  if (!nulls) return true;
  switch (width) {
    case 1: clear_nulls<1>(values, flags, rows); break;
    case 2: clear_nulls<2>(values, flags, rows); break;
    case 4: clear_nulls<4>(values, flags, rows); break;
    default: clear_nulls<8>(values, flags, rows);
  }
  return true;
}

// false: something is wrong with the lengths.
bool write_variable(base::Buffer &out, const ColumnInput &c, size_t rows, size_t limit) {
  if (!c.lengths) return false;
  const size_t fixed = kEntryHead + rows + 1 + rows * 4 + 4;
  uint8_t *flags = out.extend(fixed) + kEntryHead;
  const bool nulls = write_flags(flags, c.is_null, rows);
  flags[rows] = 1;
  uint8_t *lengths = flags + rows + 1;
  uint64_t total = 0;
  int32_t all = 0, longest = 0;
  for (size_t i = 0; i < rows; ++i) {
    const int32_t length = nulls && flags[i] ? 0 : c.lengths[i];
    total += static_cast<uint32_t>(length);
    all |= length;
    longest = std::max(longest, length);
    base::store_le(lengths + 4 * i, length);
  }
  if (all < 0 || total > INT32_MAX - fixed || (total && !c.buffer)) return false;
  if (static_cast<size_t>(longest) * (c.type == kNchar ? 4 : 1) > limit) return false;
  base::store_le<uint32_t>(lengths + 4 * rows, static_cast<uint32_t>(total));
  write_head(flags - kEntryHead, fixed + static_cast<size_t>(total), c.type, rows);
  out.append(c.buffer, static_cast<size_t>(total));
  return true;
}

}  // namespace

BindError append_column_entry(base::Buffer &out, const ColumnInput &column, const BindField *field, bool is_query,
                              DecimalForm decimals) {
  constexpr int kMostRows = 1 << 20;  // keeps every sum below within 32 bits
  const size_t start = out.size();
  if (column.num > 0 && column.num <= kMostRows && (!field || field->type == column.type) && !is_decimal(column.type)) {
    const auto rows = static_cast<size_t>(column.num);
    const auto width = static_cast<size_t>(fixed_size(column.type));
    if (is_variable(column.type) ? write_variable(out, column, rows, value_limit(field))
                                 : width > 0 && width <= 8 && write_fixed(out, column, rows, width))
      return BindError::kNone;
    out.set_size(start);
  }
  const EntryPart part{column, column.num, false};
  return append_entry(out, {&part, 1}, field, is_query, decimals);
}

}  // namespace opentaos::wire
