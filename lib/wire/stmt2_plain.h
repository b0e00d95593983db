// The plain bind entries: values of the type that the server expects, which nothing is wrong with. Tables with few rows
// each make very many of them, so these few instructions are inlined into the loop over the tables; the rest of what
// can be bound is in stmt2_entry.h. Whatever is not plain, or not right, appends nothing and says false.
#pragma once
#include <array>
#include <cstdint>
#include <cstring>

#include "base/buffer.h"
#include "wire/column_input.h"
#include "wire/stmt2_entry.h"
#include "wire/types.h"

namespace opentaos::wire {

namespace plain {

constexpr int kMostRows = 1 << 16;  // with lengths below 2^16, keeps every sum within 32 bits

// Bytes of a value of a fixed size that is sent as it is; 0 for the others.
inline size_t width_of(int type) {
  static constexpr auto kWidths = [] {
    std::array<uint8_t, 256> widths{};
    for (int t = 0; t < kTypeCount; ++t)
      widths[static_cast<size_t>(t)] = is_decimal(t) ? 0 : static_cast<uint8_t>(fixed_size(t));
    return widths;
  }();
  return kWidths[static_cast<uint8_t>(type)];
}

// `field` nullptr: any known type is.
inline bool is_expected(int type, const BindField *field) { return field ? type == field->type : is_known(type); }

// The sum of n lengths, and all their bits together: no length is greater.
struct Lengths {
  uint32_t sum = 0, bits = 0;
};
inline Lengths add_up(const int32_t *lengths, size_t n) {
  typedef uint32_t Four __attribute__((vector_size(16)));
  Four sums{}, all{};
  size_t i = 0;
  for (; i + 4 <= n; i += 4) {
    Four four;
    std::memcpy(&four, lengths + i, sizeof four);
    sums += four;
    all |= four;
  }
  Lengths r{sums[0] + sums[1] + sums[2] + sums[3], all[0] | all[1] | all[2] | all[3]};
  for (; i < n; ++i) {
    r.sum += static_cast<uint32_t>(lengths[i]);
    r.bits |= static_cast<uint32_t>(lengths[i]);
  }
  return r;
}

// Writes the null flags of at least two rows; whether one is set. Up to seven bytes too many, which what follows
// overwrites.
inline bool write_flags(uint8_t *to, const char *flags, size_t rows) {
  uint64_t set = 0;
  if (!flags || rows < 8) {
    for (size_t i = 0; i < rows; i += 8) base::store_le<uint64_t>(to + i, 0);
    if (!flags) return false;
    for (size_t i = 0; i < rows; ++i) set |= to[i] = static_cast<uint8_t>(flags[i]);
    return set != 0;
  }
  const auto eight = [&](size_t at) {
    const auto w = base::load_le<uint64_t>(flags + at);
    base::store_le(to + at, w);
    set |= w;
  };
  for (size_t i = 0; i + 8 <= rows; i += 8) eight(i);
  eight(rows - 8);  // some of them once more
  return set != 0;
}

inline bool append_strings(base::Buffer &out, const ColumnInput &c, const BindField *field, size_t rows) {
  if (!c.lengths || !is_variable(c.type)) return false;
  const Lengths lengths = add_up(c.lengths, rows);
  if (lengths.bits > UINT16_MAX || lengths.bits * (c.type == kNchar ? 4 : 1) > value_limit(field)) return false;
  if (any_flag(c.is_null, rows)) return false;  // their lengths do not count
  const size_t fixed = kEntryHead + rows + 1 + rows * 4 + 4;
  uint8_t *p = out.extend(fixed + lengths.sum);
  write_entry_head(p, fixed + lengths.sum, c.type, rows);
  p += kEntryHead;
  (void)write_flags(p, nullptr, rows);
  p += rows;
  *p++ = 1;  // lengths follow
  std::memcpy(p, c.lengths, rows * 4);
  p += rows * 4;
  base::store_le(p, lengths.sum);
  std::memcpy(p + 4, c.buffer, lengths.sum);
  return true;
}

}  // namespace plain

// The column of a table with several rows.
[[gnu::always_inline]] inline bool append_plain_column(base::Buffer &out, const ColumnInput &c,
                                                       const BindField *field) {
  if (!plain::is_expected(c.type, field) || !c.buffer || c.num < 2 || c.num > plain::kMostRows) return false;
  const auto rows = static_cast<size_t>(c.num);
  const size_t width = plain::width_of(c.type);
  if (width == 0) return plain::append_strings(out, c, field, rows);
  const size_t length = kEntryHead + rows + 1 + 4 + rows * width;
  uint8_t *p = out.extend(length);
  write_entry_head(p, length, c.type, rows);
  uint8_t *flags = p + kEntryHead;
  const bool nulls = plain::write_flags(flags, c.is_null, rows);
  p = flags + rows;
  *p++ = 0;  // no lengths
  base::store_le(p, static_cast<uint32_t>(rows * width));
  if (!nulls) {
    std::memcpy(p + 4, c.buffer, rows * width);
    return true;
  }
  if (!std::memchr(flags, 0, rows)) {  // nothing but NULLs
    out.set_size(out.size() - length);
    return false;
  }
  copy_with_nulls(p + 4, c.buffer, c.is_null, rows, width);
  return true;
}

// One value of a fixed size.
inline bool append_plain_value(base::Buffer &out, const ColumnInput &c, const BindField *field) {
  if (!plain::is_expected(c.type, field) || c.null_at(0) || !c.buffer) return false;
  const size_t width = plain::width_of(c.type);
  if (width == 0) return false;
  const size_t length = kEntryHead + 1 + 1 + 4 + width;
  uint8_t *p = out.extend(length);
  write_entry_head(p, length, c.type, 1);
  base::store_le<uint16_t>(p + kEntryHead, 0);  // not NULL, no lengths
  base::store_le(p + kEntryHead + 2, static_cast<uint32_t>(width));
  p += kEntryHead + 2 + 4;
  switch (width) {
    case 1: *p = *static_cast<const uint8_t *>(c.buffer); break;
    case 2: std::memcpy(p, c.buffer, 2); break;
    case 4: std::memcpy(p, c.buffer, 4); break;
    default: std::memcpy(p, c.buffer, 8);
  }
  return true;
}

}  // namespace opentaos::wire
