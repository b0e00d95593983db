// Binary messages of the second statement generation: bind (9), and bind with execute (11). The values are walked once,
// straight into the buffer, wherever the caller keeps them: a Source says where.
//
//   struct Source {
//     const char *name(uint32_t table);                        // nullptr: not given
//     ColumnInput tag(uint32_t table, uint32_t i);
//     ColumnInput column(uint32_t table, uint32_t i);
//   };
#pragma once
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "base/buffer.h"
#include "wire/column_input.h"
#include "wire/stmt2_entry.h"
#include "wire/stmt2_plain.h"

namespace opentaos::wire {

struct Stmt2Bind {
  uint64_t req_id = 0;
  uint64_t stmt_id = 0;
  int32_t column_index = -1;  // -1: all columns; otherwise `columns` is 1 and the source has just that column
  uint32_t tables = 1;
  bool has_names = false;
  uint32_t tags = 0;     // per table
  uint32_t columns = 0;  // per table
  // What the server expects, in the order of the answer to prepare; empty where it is not known.
  std::span<const BindField> tag_fields;
  std::span<const BindField> column_fields;
  bool is_query = false;
  DecimalForm decimals = DecimalForm::kUnscaled;
};

// The pieces of a message, in order. `name()` for every table, `tag()` for every tag of every table with `end_table()`
// behind each table, and the same with `column()`. The first error stays and makes the rest do nothing.
class Stmt2BindWriter {
 public:
  Stmt2BindWriter(base::Buffer &out, const Stmt2Bind &bind);

  void name(const char *name);
  // Native takes one value of a tag, whatever its `num` says.
  void tag(uint32_t i, const ColumnInput &values) {
    if (failed()) return;
    if (append_plain_value(out_, values, field_at(bind_.tag_fields, i))) return;
    other_tag(i, values);
  }
  [[gnu::always_inline]] void column(uint32_t i, const ColumnInput &values) {
    if (failed()) return;
    if (!bind_.is_query && (rows_ == 0 || rows_ == values.num)) {
      const BindField *field = field_at(bind_.column_fields, i);
      if (values.num == 1 ? append_plain_value(out_, values, field) : append_plain_column(out_, values, field)) {
        rows_ = values.num;
        return;
      }
    }
    other_column(i, values);
  }
  // Tags or columns that are encoded already (stmt2_entry.h).
  void entries(std::span<const uint8_t> encoded) {
    if (!failed()) out_.append(encoded);
  }
  void end_table() {
    if (failed()) return;
    const size_t size = out_.size() - table_start_;
    if (size > INT32_MAX) {
      error_ = BindError::kMessageTooBig;
      return;
    }
    base::store_le(out_.data() + length_at_, static_cast<uint32_t>(size));
    length_at_ += 4;
    table_start_ = out_.size();
    rows_ = 0;
  }
  // Writes the total and says how it went. After an error the buffer is as it was before.
  [[nodiscard]] base::Status finish();
  bool failed() const { return error_ != BindError::kNone; }

  void begin_names();
  void begin_tags() { begin_area(1); }
  void begin_columns() { begin_area(2); }

 private:
  static const BindField *field_at(std::span<const BindField> fields, uint32_t i) {
    return i < fields.size() ? &fields[i] : nullptr;
  }

  void begin_area(int which);
  void other_tag(uint32_t i, const ColumnInput &values);
  void other_column(uint32_t i, const ColumnInput &values);

  base::Buffer &out_;
  const Stmt2Bind &bind_;
  size_t start_;        // of the whole message
  size_t blob_;         // what offsets count from
  size_t length_at_;    // where the length of the next name or table goes
  size_t table_start_;  // where the data of the current table begins
  int rows_ = 0;        // of the current table's columns, 0 before the first
  BindError error_ = BindError::kNone;
};

template <typename Source>
[[nodiscard]] base::Status append_stmt2_bind(base::Buffer &out, const Stmt2Bind &bind, Source &&source) {
  Stmt2BindWriter w(out, bind);
  if (bind.has_names) {
    w.begin_names();
    for (uint32_t t = 0; t < bind.tables; ++t) w.name(source.name(t));
  }
  if (bind.tags) {
    w.begin_tags();
    for (uint32_t t = 0; t < bind.tables && !w.failed(); ++t) {
      for (uint32_t i = 0; i < bind.tags; ++i) w.tag(i, source.tag(t, i));
      w.end_table();
    }
  }
  if (bind.columns) {
    w.begin_columns();
    for (uint32_t t = 0; t < bind.tables && !w.failed(); ++t) {
      for (uint32_t i = 0; i < bind.columns; ++i) w.column(i, source.column(t, i));
      w.end_table();
    }
  }
  return w.finish();
}

// ---- bind and execute in one message (servers from 3.4.1.13 on)
struct Stmt2BindExec {
  uint64_t req_id = 0;
  uint64_t stmt_id = 0;
  // All fields of the answer to prepare, in its order, the table name and the tags among them.
  std::span<const BindField> fields;
  bool is_query = false;
  DecimalForm decimals = DecimalForm::kUnscaled;
};

// The values of all tables already stand in columns, one per field, `rows` values each: names and tags on every row.
[[nodiscard]] base::Status append_stmt2_bind_exec_columns(base::Buffer &out, const Stmt2BindExec &bind, int32_t rows,
                                                          std::span<const ColumnInput> columns);

// The values are given by table, as for append_stmt2_bind: names and tags are repeated for the rows of their table.
class Stmt2BindExecWriter {
 public:
  Stmt2BindExecWriter(base::Buffer &out, const Stmt2BindExec &bind, uint32_t tables);

  // The rows of the next table, for every table before the first field.
  void table_rows(int32_t rows);
  void begin_fields(uint32_t runs);
  // For every field: its values table by table, then end_field().
  void name(const char *name);
  void tag(ColumnInput values);
  void column(const ColumnInput &values);
  void end_field();
  [[nodiscard]] base::Status finish();
  bool failed() const { return error_ != BindError::kNone; }

 private:
  base::Buffer &out_;
  const Stmt2BindExec &bind_;
  size_t start_;
  size_t field_ = 0;
  uint64_t rows_ = 0;
  std::vector<EntryPart> parts_;  // of the current field
  std::vector<int32_t> table_rows_;
  std::vector<int32_t> name_lengths_;
  BindError error_ = BindError::kNone;
};

template <typename Source>
[[nodiscard]] base::Status append_stmt2_bind_exec(base::Buffer &out, const Stmt2BindExec &bind, uint32_t tables,
                                                  Source &&source) {
  Stmt2BindExecWriter w(out, bind, tables);
  bool has_columns = false;
  bool has_names = false;
  for (const BindField &f : bind.fields) {
    has_columns = has_columns || f.kind == BindField::kColumn || f.kind == BindField::kQuery;
    has_names = has_names || f.kind == BindField::kTableName;
  }
  uint32_t runs = 0;
  const char *before = nullptr;
  for (uint32_t t = 0; t < tables; ++t) {
    w.table_rows(has_columns ? source.column(t, 0).num : 1);
    if (!has_names) continue;
    const char *name = source.name(t);
    if (!name) name = "";
    if (!before || std::strcmp(before, name) != 0) ++runs;
    before = name;
  }
  w.begin_fields(has_names ? runs : 1);
  uint32_t tag = 0, column = 0;
  for (const BindField &f : bind.fields) {
    for (uint32_t t = 0; t < tables && !w.failed(); ++t) {
      if (f.kind == BindField::kTableName)
        w.name(source.name(t));
      else if (f.kind == BindField::kTag)
        w.tag(source.tag(t, tag));
      else
        w.column(source.column(t, column));
    }
    w.end_field();
    if (f.kind == BindField::kTag) ++tag;
    if (f.kind == BindField::kColumn || f.kind == BindField::kQuery) ++column;
  }
  return w.finish();
}

}  // namespace opentaos::wire
