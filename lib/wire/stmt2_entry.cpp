#include "wire/stmt2_entry.h"

#include <algorithm>
#include <cstring>

#include "wire/decimal_input.h"
#include "wire/decimal_text.h"
#include "wire/types.h"

namespace opentaos::wire {
namespace {

// How the values of an entry are written, decided once per entry.
enum class Form : uint8_t {
  kFixed,
  kVariable,
  kTextToUnscaled,
  kUnscaledToText,
  kUnscaledAsBytes,  // lengths and raw bytes: the scale is not known
};

const uint8_t *bytes_of(const ColumnInput &c) { return static_cast<const uint8_t *>(c.buffer); }

// Whether a decimal column holds text. Lengths other than the width say so at once; otherwise the first bytes do.
bool is_decimal_text(const ColumnInput &c, int rows, int width) {
  if (!c.lengths || !c.buffer) return false;
  bool any = false;
  for (int i = 0; i < rows; ++i) {
    if (c.null_at(i)) continue;
    if (c.lengths[i] != width) return true;
    any = true;
  }
  return any && looks_like_number_text(bytes_of(c), width);
}

void write_nulls(uint8_t *to, std::span<const EntryPart> parts) {
  for (const EntryPart &part : parts) {
    const size_t n = static_cast<size_t>(part.rows);
    if (part.repeated)
      std::memset(to, part.values.is_null ? part.values.is_null[0] : 0, n);
    else if (part.values.is_null)
      std::memcpy(to, part.values.is_null, n);
    else
      std::memset(to, 0, n);
    to += n;
  }
}

// Values of a fixed size, NULLs as zeros. `flags` are the null flags already written for this part.
BindError write_fixed(uint8_t *to, const EntryPart &part, const uint8_t *flags, size_t width) {
  const uint8_t *from = bytes_of(part.values);
  const size_t rows = static_cast<size_t>(part.rows);
  const bool nulls = any_flag(reinterpret_cast<const char *>(flags), rows);
  if (!from) {
    if (!nulls || std::memchr(flags, 0, rows)) return BindError::kInvalid;
    std::memset(to, 0, rows * width);
  } else if (part.repeated) {
    for (size_t i = 0; i < rows; ++i) {
      if (nulls)
        std::memset(to + i * width, 0, width);
      else
        std::memcpy(to + i * width, from, width);
    }
  } else if (!nulls) {
    std::memcpy(to, from, rows * width);
  } else {
    copy_with_nulls(to, from, reinterpret_cast<const char *>(flags), rows, width);
  }
  return BindError::kNone;
}

BindError append_fixed(base::Buffer &out, std::span<const EntryPart> parts, size_t rows, size_t width) {
  const size_t head = out.size();
  uint8_t *p = out.extend(rows + 1 + 4 + rows * width);
  uint8_t *flags = p;
  write_nulls(flags, parts);
  p += rows;
  *p++ = 0;  // no lengths
  const bool has_value = std::memchr(flags, 0, rows) != nullptr;
  base::store_le<int32_t>(p, has_value ? static_cast<int32_t>(rows * width) : 0);
  p += 4;
  if (!has_value) {
    out.set_size(head + rows + 1 + 4);
    return BindError::kNone;
  }
  for (const EntryPart &part : parts) {
    auto error = write_fixed(p, part, flags, width);
    if (error != BindError::kNone) return error;
    p += static_cast<size_t>(part.rows) * width;
    flags += part.rows;
  }
  return BindError::kNone;
}

// The number of bytes all values of a part have together, and their longest. False if a length is unusable.
bool measure(const EntryPart &part, uint64_t &total, uint32_t &longest) {
  const ColumnInput &c = part.values;
  const int rows = part.repeated ? 1 : part.rows;
  uint64_t sum = 0;
  int32_t all = 0, high = 0;
  if (!any_flag(c.is_null, static_cast<size_t>(rows))) {
    if (!c.lengths) return false;
    for (int i = 0; i < rows; ++i) {
      sum += static_cast<uint32_t>(c.lengths[i]);
      all |= c.lengths[i];
      high = std::max(high, c.lengths[i]);
    }
  } else {
    for (int i = 0; i < rows; ++i) {
      if (c.is_null[i]) continue;
      if (!c.lengths) return false;
      sum += static_cast<uint32_t>(c.lengths[i]);
      all |= c.lengths[i];
      high = std::max(high, c.lengths[i]);
    }
  }
  if (all < 0 || (sum && !c.buffer)) return false;
  total += part.repeated ? sum * static_cast<uint64_t>(part.rows) : sum;
  longest = std::max(longest, static_cast<uint32_t>(high));
  return true;
}

void write_lengths(uint8_t *to, const EntryPart &part) {
  const ColumnInput &c = part.values;
  const size_t rows = static_cast<size_t>(part.rows);
  if (part.repeated) {
    int32_t length = c.null_at(0) ? 0 : c.lengths[0];
    for (size_t i = 0; i < rows; ++i) base::store_le(to + 4 * i, length);
  } else if (!any_flag(c.is_null, rows)) {
    std::memcpy(to, c.lengths, rows * 4);
  } else {
    for (size_t i = 0; i < rows; ++i) base::store_le<int32_t>(to + 4 * i, c.is_null[i] ? 0 : c.lengths[i]);
  }
}

// Longest value of NCHAR as UCS-4, counted only when a value could be too long.
size_t longest_ucs4(const EntryPart &part) {
  const ColumnInput &c = part.values;
  const uint8_t *p = bytes_of(c);
  size_t longest = 0;
  for (int i = 0; i < (part.repeated ? 1 : part.rows); ++i) {
    if (c.null_at(i)) continue;
    size_t n = static_cast<size_t>(c.lengths[i]);
    size_t characters = static_cast<size_t>(std::count_if(p, p + n, [](uint8_t b) { return (b & 0xc0) != 0x80; }));
    longest = std::max(longest, characters * 4);
    p += n;
  }
  return longest;
}

BindError check_longest(std::span<const EntryPart> parts, const BindField *field, int type, uint32_t longest) {
  const size_t limit = value_limit(field);
  if (limit == SIZE_MAX) return BindError::kNone;
  if (type != kNchar) return longest > limit ? BindError::kTooLong : BindError::kNone;
  if (size_t{longest} * 4 <= limit) return BindError::kNone;
  for (const EntryPart &part : parts)
    if (longest_ucs4(part) > limit) return BindError::kTooLong;
  return BindError::kNone;
}

// Values stand back to back in the caller's memory and NULLs take no room there, so a part is one copy.
BindError append_variable(base::Buffer &out, std::span<const EntryPart> parts, const BindField *field, int type,
                          size_t rows) {
  uint64_t total = 0;
  uint32_t longest = 0;
  for (const EntryPart &part : parts)
    if (!measure(part, total, longest)) return BindError::kInvalid;
  if (total > INT32_MAX) return BindError::kMessageTooBig;
  if (auto error = check_longest(parts, field, type, longest); error != BindError::kNone) return error;

  uint8_t *p = out.extend(rows + 1 + rows * 4 + 4 + static_cast<size_t>(total));
  write_nulls(p, parts);
  p += rows;
  *p++ = 1;
  uint8_t *data = p + rows * 4 + 4;
  for (const EntryPart &part : parts) {
    write_lengths(p, part);
    p += static_cast<size_t>(part.rows) * 4;
    uint64_t size = total;
    if (parts.size() > 1 || part.repeated) {
      size = 0;
      (void)measure(EntryPart{part.values, part.repeated ? 1 : part.rows, false}, size, longest);
    }
    for (int i = 0; i < (part.repeated ? part.rows : 1) && size; ++i) {
      std::memcpy(data, part.values.buffer, static_cast<size_t>(size));
      data += size;
    }
  }
  base::store_le<int32_t>(p, static_cast<int32_t>(total));
  return BindError::kNone;
}

// ---- decimals in another form than the caller's

// Walks the values of a part as they go on the wire; `write(value, size)` gets nullptr for NULL.
template <typename Write>
BindError each_value(const EntryPart &part, bool packed, size_t width, Write &&write) {
  const ColumnInput &c = part.values;
  const uint8_t *p = bytes_of(c);
  for (int i = 0; i < part.rows; ++i) {
    const int row = part.repeated ? 0 : i;
    if (c.null_at(row)) {
      if (auto error = write(nullptr, 0); error != BindError::kNone) return error;
      continue;
    }
    const int32_t size = packed ? c.lengths[row] : static_cast<int32_t>(width);
    if (size < 0 || !p) return BindError::kInvalid;
    const uint8_t *value = packed || part.repeated ? p : p + static_cast<size_t>(row) * width;
    if (auto error = write(value, static_cast<size_t>(size)); error != BindError::kNone) return error;
    if (packed && !part.repeated) p += size;
  }
  return BindError::kNone;
}

BindError append_text_as_unscaled(base::Buffer &out, std::span<const EntryPart> parts, const BindField &field,
                                  size_t rows) {
  if (!field.precision) return BindError::kDecimalScale;
  const size_t width = static_cast<size_t>(fixed_size(field.type));
  uint8_t *p = out.extend(rows + 1 + 4 + rows * width);
  write_nulls(p, parts);
  p += rows;
  *p++ = 0;
  base::store_le<int32_t>(p, static_cast<int32_t>(rows * width));
  p += 4;
  for (const EntryPart &part : parts) {
    auto error = each_value(part, true, width, [&](const uint8_t *value, size_t size) {
      if (!value)
        std::memset(p, 0, width);
      else if (!parse_decimal({reinterpret_cast<const char *>(value), size}, static_cast<int>(width), field.precision,
                              field.scale, p))
        return BindError::kBadDecimal;
      p += width;
      return BindError::kNone;
    });
    if (error != BindError::kNone) return error;
  }
  return BindError::kNone;
}

BindError append_unscaled_with_lengths(base::Buffer &out, std::span<const EntryPart> parts, const BindField *field,
                                       int type, size_t rows, bool as_text) {
  const size_t width = static_cast<size_t>(fixed_size(type));
  const size_t start = out.size();
  uint8_t *p = out.extend(rows + 1 + rows * 4 + 4);
  write_nulls(p, parts);
  p[rows] = 1;
  size_t length_at = start + rows + 1;
  const size_t data_at = length_at + rows * 4 + 4;
  for (const EntryPart &part : parts) {
    auto error = each_value(part, false, width, [&](const uint8_t *value, size_t size) {
      char text[kDecimalTextMax];
      size_t n = 0;
      if (value && as_text) {
        n = decimal_to_text(value, static_cast<int>(width), field->scale, text);
        out.append(text, n);
      } else if (value) {
        n = size;
        out.append(value, n);
      }
      base::store_le<int32_t>(out.data() + length_at, static_cast<int32_t>(n));
      length_at += 4;
      return BindError::kNone;
    });
    if (error != BindError::kNone) return error;
  }
  if (out.size() - data_at > INT32_MAX) return BindError::kMessageTooBig;
  base::store_le<int32_t>(out.data() + length_at, static_cast<int32_t>(out.size() - data_at));
  return BindError::kNone;
}

Form decimal_form(std::span<const EntryPart> parts, const BindField *field, bool is_query, DecimalForm decimals,
                  int &type) {
  bool text = false;
  for (const EntryPart &part : parts)
    text = text || is_decimal_text(part.values, part.repeated ? 1 : part.rows, fixed_size(type));
  if (text && is_query) type = kVarchar;  // the form of a decimal parameter every server understands
  if (text) return is_query || decimals == DecimalForm::kText ? Form::kVariable : Form::kTextToUnscaled;
  if (is_query || decimals == DecimalForm::kUnscaled) return Form::kFixed;
  return field && field->precision ? Form::kUnscaledToText : Form::kUnscaledAsBytes;
}

BindError append_values(base::Buffer &out, std::span<const EntryPart> parts, const BindField *field, int type,
                        size_t rows, Form form) {
  switch (form) {
    case Form::kFixed: return append_fixed(out, parts, rows, static_cast<size_t>(fixed_size(type)));
    case Form::kVariable: return append_variable(out, parts, field, type, rows);
    case Form::kTextToUnscaled:
      return field ? append_text_as_unscaled(out, parts, *field, rows) : BindError::kDecimalScale;
    case Form::kUnscaledToText: return append_unscaled_with_lengths(out, parts, field, type, rows, true);
    case Form::kUnscaledAsBytes: return append_unscaled_with_lengths(out, parts, field, type, rows, false);
  }
  return BindError::kInvalid;
}

}  // namespace

BindError append_entry(base::Buffer &out, std::span<const EntryPart> parts, const BindField *field, bool is_query,
                       DecimalForm decimals) {
  size_t rows = 0;
  int type = 0;
  for (const EntryPart &part : parts) {
    if (part.rows <= 0) return BindError::kNumber;
    int part_type = 0;
    auto error = check_type(part.values, field, part.repeated ? 1 : part.rows, part_type);
    if (error != BindError::kNone) return error;
    if (rows && part_type != type) return BindError::kTypeMismatch;
    type = part_type;
    rows += static_cast<size_t>(part.rows);
  }
  if (rows == 0) return BindError::kNumber;
  if (rows > INT32_MAX / 32) return BindError::kMessageTooBig;

  const size_t start = out.size();
  out.extend(kEntryHead);
  Form form = is_variable(type) ? Form::kVariable : Form::kFixed;
  if (is_decimal(type)) form = decimal_form(parts, field, is_query, decimals, type);
  auto error = append_values(out, parts, field, type, rows, form);
  if (error != BindError::kNone) return error;

  const size_t length = out.size() - start;
  if (length > INT32_MAX) return BindError::kMessageTooBig;
  write_entry_head(out.data() + start, length, type, rows);
  return BindError::kNone;
}

// Tables with one row each are a common way to write, and then this is all there is to do: no loops, one extension.
BindError append_single_entry(base::Buffer &out, const ColumnInput &value, const BindField *field, bool is_query,
                              DecimalForm decimals) {
  int type = 0;
  if (auto error = check_type(value, field, 1, type); error != BindError::kNone) return error;
  const bool null = value.null_at(0);
  if (is_decimal(type) && !null) {
    const EntryPart part{value, 1, false};
    return append_entry(out, {&part, 1}, field, is_query, decimals);
  }
  const bool variable = is_variable(type) || (is_decimal(type) && decimals == DecimalForm::kText && !is_query);
  int32_t size = 0;
  if (!null) {
    if (variable && !value.lengths) return BindError::kInvalid;
    size = variable ? value.lengths[0] : fixed_size(type);
    if (size < 0 || (size && !value.buffer)) return BindError::kInvalid;
    if (variable && static_cast<size_t>(size) * (type == kNchar ? 4 : 1) > value_limit(field)) {
      const EntryPart part{value, 1, false};
      if (check_longest({&part, 1}, field, type, static_cast<uint32_t>(size)) != BindError::kNone)
        return BindError::kTooLong;
    }
  }
  const size_t length = kEntryHead + 1 + 1 + (variable ? 4 : 0) + 4 + static_cast<size_t>(size);
  if (length > INT32_MAX) return BindError::kMessageTooBig;
  uint8_t *p = out.extend(length);
  write_entry_head(p, length, type, 1);
  p[12] = null ? static_cast<uint8_t>(value.is_null[0]) : 0;
  p[13] = variable ? 1 : 0;
  p += 14;
  if (variable) {
    base::store_le(p, size);
    p += 4;
  }
  base::store_le(p, size);
  if (size) std::memcpy(p + 4, value.buffer, static_cast<size_t>(size));
  return BindError::kNone;
}

}  // namespace opentaos::wire
