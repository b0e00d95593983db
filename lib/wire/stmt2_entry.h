// One bind entry of the second statement generation: a column, tag or parameter with its null flags, lengths and bytes.
#pragma once
#include <cstdint>
#include <span>

#include "base/buffer.h"
#include "wire/column_input.h"

namespace opentaos::wire {

// How decimals travel. 3.3.7 stores only the unscaled integers and takes text for garbage without an error; the
// official clients of 2026 send text.
enum class DecimalForm : uint8_t { kUnscaled, kText };

// What an entry is made of: `rows` values, or one value that stands for `rows` rows.
struct EntryPart {
  ColumnInput values;
  int32_t rows = 0;
  bool repeated = false;
};

inline constexpr size_t kEntryHead = 12;
inline void write_entry_head(uint8_t *to, size_t length, int type, size_t values) {
  base::store_le<uint32_t>(to, static_cast<uint32_t>(length));
  base::store_le<int32_t>(to + 4, type);
  base::store_le<int32_t>(to + 8, static_cast<int32_t>(values));
}

// The entry of one value: a tag, a parameter, a column of a table with one row.
BindError append_single_entry(base::Buffer &out, const ColumnInput &value, const BindField *field, bool is_query,
                              DecimalForm decimals);

// The entry of a column of one table, as most programs bind it. The same bytes and errors as append_entry().
BindError append_column_entry(base::Buffer &out, const ColumnInput &column, const BindField *field, bool is_query,
                              DecimalForm decimals);

// Appends one entry of sum(rows) values. The parts agree in type. On an error the buffer holds a part of the entry: the
// caller cuts it off.
BindError append_entry(base::Buffer &out, std::span<const EntryPart> parts, const BindField *field, bool is_query,
                       DecimalForm decimals);

}  // namespace opentaos::wire
