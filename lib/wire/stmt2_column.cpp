// The usual column of a table: values of the type that the server expects, some of them perhaps NULL. Tables with few
// rows each make many such entries, so each array of the program is walked once, and what is out of the ordinary is
// left to append_entry().
#include <algorithm>
#include <cstring>

#include "wire/stmt2_entry.h"

namespace opentaos::wire {
namespace {

struct Flags {
  bool null = false;   // there is a NULL
  bool value = false;  // there is a value
};

// Writes up to seven bytes too many, which others overwrite: there is always more of the entry to come.
Flags write_flags(uint8_t *to, const char *flags, size_t rows) {
  if (!flags) {
    for (size_t i = 0; i < rows; i += 8) base::store_le<uint64_t>(to + i, 0);
    return {false, true};
  }
  constexpr uint64_t kOnes = 0x0101010101010101, kHighs = 0x8080808080808080;
  uint64_t set = 0, zero = 0;
  size_t i = 0;
  for (; i + 8 <= rows; i += 8) {
    const auto eight = base::load_le<uint64_t>(flags + i);
    base::store_le(to + i, eight);
    set |= eight;
    zero |= (eight - kOnes) & ~eight & kHighs;  // has a byte that is 0
  }
  for (; i < rows; ++i) {
    to[i] = static_cast<uint8_t>(flags[i]);
    set |= to[i];
    zero |= to[i] == 0;
  }
  return {set != 0, zero != 0};
}

// NULLs become zeros. Where they are is hard to guess, so there is nothing to guess here.
template <typename T>
void copy_values(uint8_t *to, const uint8_t *from, const uint8_t *flags, size_t rows) {
  for (size_t i = 0; i < rows; ++i) {
    const T keep = static_cast<T>(0 - static_cast<T>(flags[i] == 0));
    base::store_le<T>(to + i * sizeof(T), static_cast<T>(base::load_le<T>(from + i * sizeof(T)) & keep));
  }
}

// false: only NULLs, or nothing to take values from.
bool write_fixed(base::Buffer &out, const ColumnInput &c, size_t rows, size_t width) {
  const size_t length = kEntryHead + rows + 1 + 4 + rows * width;
  uint8_t *p = out.extend(length);
  write_entry_head(p, length, c.type, rows);
  uint8_t *flags = p + kEntryHead;
  const Flags some = write_flags(flags, c.is_null, rows);
  if (!c.buffer || !some.value) return false;
  flags[rows] = 0;  // no lengths
  base::store_le<uint32_t>(flags + rows + 1, static_cast<uint32_t>(rows * width));
  const auto *from = static_cast<const uint8_t *>(c.buffer);
  uint8_t *to = flags + rows + 1 + 4;
  if (!some.null) {
    std::memcpy(to, from, rows * width);
    return true;
  }
  switch (width) {
    case 1: copy_values<uint8_t>(to, from, flags, rows); break;
    case 2: copy_values<uint16_t>(to, from, flags, rows); break;
    case 4: copy_values<uint32_t>(to, from, flags, rows); break;
    default: copy_values<uint64_t>(to, from, flags, rows);
  }
  return true;
}

size_t longest_of(const uint8_t *lengths, size_t rows) {
  uint32_t longest = 0;
  for (size_t i = 0; i < rows; ++i) longest = std::max(longest, base::load_le<uint32_t>(lengths + 4 * i));
  return longest;
}

// false: something is wrong with the lengths.
bool write_variable(base::Buffer &out, const ColumnInput &c, size_t rows, size_t limit) {
  if (!c.lengths) return false;
  const size_t fixed = kEntryHead + rows + 1 + rows * 4 + 4;
  uint8_t *flags = out.extend(fixed) + kEntryHead;
  const bool nulls = write_flags(flags, c.is_null, rows).null;
  flags[rows] = 1;
  uint8_t *lengths = flags + rows + 1;
  uint64_t total = 0;
  uint32_t all = 0;  // every bit that a length has: no length is greater
  if (nulls) {
    for (size_t i = 0; i < rows; ++i) {
      const auto length = flags[i] ? 0 : static_cast<uint32_t>(c.lengths[i]);
      total += length;
      all |= length;
      base::store_le(lengths + 4 * i, length);
    }
  } else {
    std::memcpy(lengths, c.lengths, rows * 4);
    for (size_t i = 0; i < rows; ++i) {
      total += static_cast<uint32_t>(c.lengths[i]);
      all |= static_cast<uint32_t>(c.lengths[i]);
    }
  }
  if (all > INT32_MAX || total > INT32_MAX - fixed || (total && !c.buffer)) return false;
  const size_t widest = c.type == kNchar ? 4 : 1;
  if (all * widest > limit && longest_of(lengths, rows) * widest > limit) return false;
  base::store_le<uint32_t>(lengths + 4 * rows, static_cast<uint32_t>(total));
  write_entry_head(flags - kEntryHead, fixed + static_cast<size_t>(total), c.type, rows);
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
