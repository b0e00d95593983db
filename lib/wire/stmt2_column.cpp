// Strings some of which are NULL, or long. Tables with few rows each make many such entries, so each array of the
// program is walked once, and what is out of the ordinary is left to append_entry().
#include <algorithm>
#include <cstring>

#include "wire/stmt2_entry.h"
#include "wire/stmt2_plain.h"

namespace opentaos::wire {
namespace {

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
  const bool nulls = plain::write_flags(flags, c.is_null, rows);
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
  if (column.num > 0 && column.num <= kMostRows && (!field || field->type == column.type) && is_variable(column.type)) {
    if (write_variable(out, column, static_cast<size_t>(column.num), value_limit(field))) return BindError::kNone;
    out.set_size(start);
  }
  const EntryPart part{column, column.num, false};
  return append_entry(out, {&part, 1}, field, is_query, decimals);
}

}  // namespace opentaos::wire
