#include "stmt2_frame.h"

#include <algorithm>

#include "block_reader.h"
#include "bytes.h"
#include "types.h"

namespace opentaos::sandbox::server {
namespace {

constexpr size_t kBindHeader = 28;
constexpr size_t kRowsHeader = 20;
constexpr uint32_t kMaxFields = 4096;
enum NullFlag : uint8_t { kValue = 0, kIsNull = 1 };  // anything else: leave the column alone

bool read_fixed_values(const BoundColumn &column, std::string_view flags, std::string_view buffer,
                       std::vector<Value> *values) {
  const TypeInfo *info = type_info(column.type);
  const size_t size = info == nullptr ? 0 : static_cast<size_t>(info->size);
  // Without any value there is no buffer either.
  const bool empty = std::all_of(flags.begin(), flags.end(), [](char f) { return f != kValue; });
  if (buffer.empty() && empty) {
    values->assign(flags.size(), Value{});
    return true;
  }
  if (size == 0 || buffer.size() != flags.size() * size) return false;
  for (size_t i = 0; i < flags.size(); ++i) {
    values->push_back(flags[i] == kValue ? fixed_value(column.type, buffer.substr(i * size, size)) : Value{});
  }
  return true;
}

// Decimals come as text or as unscaled integers, which nothing tells apart but the bytes.
bool is_number_text(std::string_view bytes) {
  return !bytes.empty() && bytes.find_first_not_of("0123456789+-.eE") == std::string_view::npos;
}

bool read_variable_values(const BoundColumn &column, std::string_view flags, const std::vector<int32_t> &lengths,
                          std::string_view buffer, std::vector<Value> *values) {
  const TypeInfo *info = type_info(column.type);
  // Numbers with lengths are as good as numbers without.
  const size_t size = info == nullptr ? 0 : static_cast<size_t>(info->size);
  ByteReader reader(buffer);
  for (size_t i = 0; i < flags.size(); ++i) {
    if (lengths[i] < 0) return false;
    std::string_view bytes = reader.bytes(static_cast<size_t>(lengths[i]));
    if (!reader.ok()) return false;
    if (flags[i] != kValue) {
      values->emplace_back();
    } else if (size == 0 || (is_decimal(column.type) && is_number_text(bytes))) {
      values->emplace_back(std::string(bytes));
    } else if (bytes.size() == size) {
      values->push_back(fixed_value(column.type, bytes));
    } else {
      return false;
    }
  }
  return reader.left() == 0;
}

// One bind entry from the front of the reader.
bool read_entry(ByteReader *reader, BoundColumn *column) {
  const uint32_t length = reader->u32();
  if (!reader->ok() || length < 4) return false;
  ByteReader entry(reader->bytes(length - 4));
  if (!reader->ok()) return false;
  const int32_t type = entry.i32();
  const uint32_t count = entry.u32();
  const std::string_view flags = entry.bytes(count);
  const bool has_lengths = entry.u8() != 0;
  if (!entry.ok() || type < 0 || type > UINT8_MAX) return false;
  column->type = static_cast<uint8_t>(type);
  std::vector<int32_t> lengths;
  if (has_lengths) {
    if (size_t{count} * 4 > entry.left()) return false;
    for (uint32_t i = 0; i < count; ++i) lengths.push_back(entry.i32());
  }
  const int32_t size = entry.i32();
  if (!entry.ok() || size < 0 || static_cast<size_t>(size) != entry.left()) return false;
  const std::string_view buffer = entry.bytes(static_cast<size_t>(size));
  for (size_t i = 0; i < flags.size(); ++i) {
    if (static_cast<uint8_t>(flags[i]) <= kIsNull) continue;
    column->none.resize(flags.size());
    column->none[i] = true;
  }
  return has_lengths ? read_variable_values(*column, flags, lengths, buffer, &column->values)
                     : read_fixed_values(*column, flags, buffer, &column->values);
}

bool check_total(std::string_view blob, size_t header, uint32_t total, std::string *error) {
  if (blob.size() < header) {
    *error = "data length is less than " + std::to_string(header);
  } else if (total != blob.size()) {
    *error = "total length not match, expect " + std::to_string(blob.size()) + ", but get " + std::to_string(total);
  } else {
    return true;
  }
  return false;
}

// The lengths at the start of an area; what follows them is left in `reader`. False when one of them is zero or the
// area ends too early.
template <typename Read>
bool read_lengths(ByteReader *reader, uint32_t tables, const char *what, Read read, std::vector<uint32_t> *lengths,
                  std::string *error) {
  for (uint32_t i = 0; i < tables; ++i) {
    uint32_t length = read(reader);
    if (!reader->ok()) {
      *error = std::string(what) + " lengths out of range, tableIndex: " + std::to_string(i);
      return false;
    }
    if (length == 0) {
      *error = std::string(what) + " length is 0, tableIndex: " + std::to_string(i);
      return false;
    }
    lengths->push_back(length);
  }
  return true;
}

bool read_names(std::string_view blob, uint32_t offset, Stmt2Bind *bind, std::string *error) {
  ByteReader reader(blob);
  reader.bytes(offset);
  std::vector<uint32_t> lengths;
  auto tables = static_cast<uint32_t>(bind->tables.size());
  auto read = [](ByteReader *r) { return uint32_t{r->u16()}; };
  if (!read_lengths(&reader, tables, "table name", read, &lengths, error)) return false;
  for (uint32_t i = 0; i < tables; ++i) {
    std::string_view name = reader.bytes(lengths[i]);
    if (!reader.ok() || name.back() != '\0') {
      *error = "table name out of range, tableIndex: " + std::to_string(i);
      return false;
    }
    bind->tables[i].name = name.substr(0, name.size() - 1);
  }
  bind->named = true;
  return true;
}

bool read_columns(std::string_view blob, uint32_t offset, uint32_t count, const char *what,
                  std::vector<BoundColumn> BoundTable::*member, Stmt2Bind *bind, std::string *error) {
  ByteReader reader(blob);
  reader.bytes(offset);
  std::vector<uint32_t> lengths;
  auto tables = static_cast<uint32_t>(bind->tables.size());
  auto read = [](ByteReader *r) { return r->u32(); };
  if (!read_lengths(&reader, tables, what, read, &lengths, error)) return false;
  for (uint32_t table = 0; table < tables; ++table) {
    ByteReader data(reader.bytes(lengths[table]));
    if (!reader.ok()) {
      *error = std::string(what) + " out of range, tableIndex: " + std::to_string(table);
      return false;
    }
    for (uint32_t field = 0; field < count; ++field) {
      if (read_entry(&data, &(bind->tables[table].*member).emplace_back())) continue;
      *error =
          "bind data length error, tableIndex: " + std::to_string(table) + ", fieldIndex: " + std::to_string(field);
      return false;
    }
    if (data.left() != 0) {
      *error =
          "bind data length error, tableIndex: " + std::to_string(table) + ", fieldIndex: " + std::to_string(count);
      return false;
    }
  }
  return true;
}

}  // namespace

bool read_stmt2_bind(std::string_view blob, Stmt2Bind *bind, std::string *error) {
  ByteReader header(blob);
  const uint32_t total = header.u32(), tables = header.u32(), tags = header.u32(), columns = header.u32();
  const uint32_t names_at = header.u32(), tags_at = header.u32(), columns_at = header.u32();
  if (!check_total(blob, kBindHeader, total, error)) return false;
  if (tags == 0 && tags_at != 0) {
    *error = "tag count is 0, but tags offset is not 0";
    return false;
  }
  if (columns == 0 && columns_at != 0) {
    *error = "col count is 0, but cols offset is not 0";
    return false;
  }
  // Every table takes some bytes.
  if (tables > blob.size()) {
    *error = "table count out of range";
    return false;
  }
  bind->tables.resize(tables);
  return (names_at == 0 || read_names(blob, names_at, bind, error)) &&
         (tags_at == 0 || read_columns(blob, tags_at, tags, "tag", &BoundTable::tags, bind, error)) &&
         (columns_at == 0 || read_columns(blob, columns_at, columns, "col", &BoundTable::columns, bind, error));
}

bool read_stmt2_rows(std::string_view blob, Stmt2Rows *rows, std::string *error) {
  ByteReader header(blob);
  const uint32_t total = header.u32();
  rows->rows = header.u32();
  rows->tables = header.u32();
  const uint32_t fields = header.u32(), offset = header.u32();
  if (!check_total(blob, kRowsHeader, total, error)) return false;
  if (rows->rows == 0) {
    *error = "row count is 0";
  } else if (fields == 0) {
    *error = "field count is 0";
  } else if (fields > kMaxFields) {
    *error = "field count out of range";
  } else if (offset < kRowsHeader || offset > blob.size()) {
    *error = "field offset out of range, offset: " + std::to_string(offset);
  }
  if (!error->empty()) return false;
  ByteReader reader(blob.substr(offset));
  for (uint32_t i = 0; i < fields; ++i) {
    BoundColumn &column = rows->fields.emplace_back();
    if (!read_entry(&reader, &column)) {
      *error = "column " + std::to_string(i) + " data length error";
      return false;
    }
    if (column.values.size() != rows->rows) {
      *error = "column " + std::to_string(i) + " row count not match, got: " + std::to_string(column.values.size()) +
               ", expect: " + std::to_string(rows->rows);
      return false;
    }
  }
  if (reader.left() != 0) {
    *error = "payload has trailing bytes";
    return false;
  }
  return true;
}

}  // namespace opentaos::sandbox::server
