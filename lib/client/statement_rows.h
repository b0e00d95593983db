// The rows bound to a first-generation statement: copied column by column as they come, whatever their number, and sent
// when the statement is executed. Rows of one table after those of another, in the order of the calls.
#pragma once
#include <span>
#include <string_view>
#include <vector>

#include "base/buffer.h"
#include "client/statement_source.h"
#include "taos.h"
#include "wire/column_input.h"

namespace opentaos::client {

class BoundRows {
 public:
  // Starts over. `fields` is empty where the types are those of the values bound (a query's parameters).
  void reset(size_t columns, std::span<const wire::BindField> fields, std::span<const wire::BindField> tags);
  // Without rows, but still at the last table with its tags. Memory that is much more than was needed goes.
  void start_again();

  // The rows that follow belong to this table. An empty name: the statement's own.
  void begin_table(std::string_view name);
  // Copies the values of its tags, one each.
  wire::BindError set_tags(const TAOS_MULTI_BIND *tags);
  // Copies values of one column behind those it has. After an error the rows are of no use any more.
  wire::BindError append(size_t column, const TAOS_MULTI_BIND &values, int num);

  size_t columns() const { return columns_.size(); }
  // Whether all columns have equally many rows.
  bool is_even() const;
  int64_t rows() const { return columns_.empty() ? 0 : columns_[0].rows; }
  bool empty() const { return rows() == 0; }
  // Ends the current table; only then the tables below are complete.
  void end_table();
  // What it holds, in bytes.
  size_t memory() const;

  // ---- what was bound, when all columns are even
  struct Table {
    size_t name = 0;  // in the names
    int first = 0;
    int rows = 0;
    int first_tag = -1;  // none given
  };
  std::span<const Table> tables() const { return tables_; }
  const char *name_of(const Table &t) const { return reinterpret_cast<const char *>(names_.data()) + t.name; }
  wire::ColumnInput tag_of(const Table &t, size_t i) const;
  wire::ColumnInput column(size_t i) const;
  size_t tag_count() const { return tag_fields_.size(); }

 private:
  struct Column {
    int type = 0;
    wire::BindField field;
    bool has_field = false;
    bool has_nulls = false;
    int64_t rows = 0;
    base::Buffer nulls;    // a byte a row
    base::Buffer lengths;  // an int32 a row; variable types only
    base::Buffer data;     // variable values back to back

    void clear() {
      has_nulls = false;
      rows = 0;
      nulls.clear();
      lengths.clear();
      data.clear();
    }
  };
  struct Tag {
    int type;
    char null;
    int32_t length;
    size_t at;
  };

  void shrink();
  wire::BindError append_fixed(Column &c, const TAOS_MULTI_BIND &values, size_t num);
  wire::BindError append_variable(Column &c, const TAOS_MULTI_BIND &values, size_t num);

  std::vector<Column> columns_;
  std::vector<Table> tables_;
  base::Buffer names_;
  std::vector<wire::BindField> tag_fields_;
  std::vector<Tag> tags_;
  base::Buffer tag_data_;
};

// The tables of bound rows, for the second generation's messages.
class BoundRowsSource {
 public:
  BoundRowsSource(const BoundRows &rows, std::span<const wire::ColumnInput> columns, std::span<const TablePart> parts)
      : rows_(rows), columns_(columns, parts) {}
  const char *name(uint32_t t) const { return rows_.name_of(table(t)); }
  wire::ColumnInput tag(uint32_t t, uint32_t i) const { return rows_.tag_of(table(t), i); }
  wire::ColumnInput column(uint32_t t, uint32_t i) { return columns_.column(t, i); }

 private:
  const BoundRows::Table &table(uint32_t t) const { return rows_.tables()[columns_.part(t).table]; }
  const BoundRows &rows_;
  ColumnsSource columns_;
};

}  // namespace opentaos::client
