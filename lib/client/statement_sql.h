// What a statement's text tells without asking the server: natively a statement is looked at in this way only when it
// is prepared, and mistakes in it show later, in the first call that needs the table.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace opentaos::client {

struct StatementSql {
  enum class Kind : uint8_t {
    kEmpty,
    kInsert,
    kSelect,
    kOther,    // a statement that cannot be prepared
    kUnknown,  // no statement at all
  };
  Kind kind = Kind::kEmpty;
  int placeholders = 0;      // question marks outside strings, names and comments
  bool names_table = false;  // INSERT INTO ?: the table is named later
  size_t table_at = 0;       // where that question mark stands
  bool has_using = false;    // the super table that says what the columns are
  int tag_values = 0;        // values in TAGS (...)
  int tag_placeholders = 0;  // of those, question marks
  bool has_values = false;   // VALUES (...)

  bool is_insert() const { return kind == Kind::kInsert; }
  // Nothing tells the server what the columns are before a table is named.
  bool columns_come_later() const { return names_table && !has_using; }
};

StatementSql scan_statement(std::string_view sql);

// The same text with a table in place of the question mark.
std::string with_table(std::string_view sql, const StatementSql &scan, std::string_view table);

}  // namespace opentaos::client
