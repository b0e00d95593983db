// Where the bind messages find their values (wire/stmt2_frames.h: Source).
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "taos.h"
#include "wire/column_input.h"
#include "wire/types.h"

namespace opentaos::client {

// The server takes no more rows of a table at once; a table with more appears several times in a message.
inline constexpr int kMostRowsOfTable = 32767;

inline wire::ColumnInput input_of(const TAOS_STMT2_BIND &b) {
  return {b.buffer_type, b.buffer, 0, b.length, b.is_null, b.num};
}

// The bytes that the variable values [first, first + rows) take, which stand back to back.
inline size_t packed_size(const wire::ColumnInput &c, int first, int rows) {
  size_t sum = 0;
  for (int i = first; i < first + rows; i++)
    if (!c.null_at(i) && c.lengths[i] > 0) sum += static_cast<size_t>(c.lengths[i]);
  return sum;
}

// A part of a column. `offset` is where the values of a variable column begin.
inline wire::ColumnInput slice(const wire::ColumnInput &c, int first, int rows, size_t offset) {
  wire::ColumnInput s = c;
  if (!wire::is_variable(c.type)) offset = static_cast<size_t>(first) * static_cast<size_t>(wire::fixed_size(c.type));
  if (c.buffer) s.buffer = static_cast<const uint8_t *>(c.buffer) + offset;
  if (c.lengths) s.lengths = c.lengths + first;
  if (c.is_null) s.is_null = c.is_null + first;
  s.num = rows;
  return s;
}

// Some rows of one table.
struct TablePart {
  uint32_t table = 0;
  int first = 0;
  int rows = 0;
};

// Splits `rows` rows of a table into parts the server takes.
inline void append_parts(std::vector<TablePart> *parts, uint32_t table, int first, int rows) {
  for (; rows > kMostRowsOfTable; first += kMostRowsOfTable, rows -= kMostRowsOfTable)
    parts->push_back({table, first, kMostRowsOfTable});
  parts->push_back({table, first, rows});
}

// The tables of a TAOS_STMT2_BINDV from `first` on, each whole.
struct TablesSource {
  const TAOS_STMT2_BINDV &values;
  uint32_t first;

  const char *name(uint32_t t) const { return values.tbnames[first + t]; }
  wire::ColumnInput tag(uint32_t t, uint32_t i) const { return input_of(values.tags[first + t][i]); }
  wire::ColumnInput column(uint32_t t, uint32_t i) const { return input_of(values.bind_cols[first + t][i]); }
};

// The same where tables have more rows than the server takes at once. Parts are asked for in order; all columns of a
// table have the same number of rows.
class TablePartsSource {
 public:
  TablePartsSource(const TAOS_STMT2_BINDV &values, std::span<const TablePart> parts, size_t columns)
      : values_(values), parts_(parts), offsets_(columns) {}

  const char *name(uint32_t t) const { return values_.tbnames[parts_[t].table]; }
  wire::ColumnInput tag(uint32_t t, uint32_t i) const { return input_of(values_.tags[parts_[t].table][i]); }
  wire::ColumnInput column(uint32_t t, uint32_t i) {
    const TablePart &part = parts_[t];
    const wire::ColumnInput c = input_of(values_.bind_cols[part.table][i]);
    if (part.first == 0) offsets_[i] = 0;
    wire::ColumnInput s = slice(c, part.first, part.rows, offsets_[i]);
    if (wire::is_variable(c.type) && c.lengths) offsets_[i] += packed_size(c, part.first, part.rows);
    return s;
  }

 private:
  const TAOS_STMT2_BINDV &values_;
  std::span<const TablePart> parts_;
  std::vector<size_t> offsets_;
};

// Columns that hold the rows of all tables, one table after the other. Parts are asked for in order.
class ColumnsSource {
 public:
  ColumnsSource(std::span<const wire::ColumnInput> columns, std::span<const TablePart> parts)
      : columns_(columns), parts_(parts), offsets_(columns.size()) {}

  wire::ColumnInput column(uint32_t t, uint32_t i) {
    const TablePart &part = parts_[t];
    const wire::ColumnInput &c = columns_[i];
    wire::ColumnInput s = slice(c, part.first, part.rows, offsets_[i]);
    if (wire::is_variable(c.type) && c.lengths) offsets_[i] += packed_size(c, part.first, part.rows);
    return s;
  }
  const TablePart &part(uint32_t t) const { return parts_[t]; }

 private:
  std::span<const wire::ColumnInput> columns_;
  std::span<const TablePart> parts_;
  std::vector<size_t> offsets_;
};

}  // namespace opentaos::client
