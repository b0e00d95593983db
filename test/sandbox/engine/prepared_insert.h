// INSERT with placeholders: read once, without looking at the tables, then bound and written as often as one likes.
//
//   INSERT INTO ? | table [(columns)] [USING super [(tags)] TAGS (items)] [(columns)] VALUES (items)
//   INSERT INTO super (tbname, ts, column, tag ...) VALUES (items)
//
// An item is a placeholder or a value as INSERT writes it, which then holds for every row.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/context.h"
#include "engine/lexer.h"

namespace opentaos::sandbox {

class PreparedInsert {
 public:
  // `sql` has been through fold_case().
  explicit PreparedInsert(std::string sql);

  // `table` stands for INSERT INTO ?. Without it the super table says what the columns are.
  std::vector<BindField> fields(const std::string &table, const Context &context, int *precision) const;
  void check(const BoundTable &bound, const Context &context) const;
  // Inside an open transaction. Returns the number of rows.
  int64_t write(const std::vector<BoundTable> &bound, const Context &context) const;

  InsertShape shape() const { return {!target_, super_.has_value(), placeholders(tags_), placeholders(values_)}; }

 private:
  struct Item {
    bool placeholder = false;
    size_t at = 0;   // where it stands in the statement
    size_t end = 0;  // of the comma or parenthesis behind it
  };
  // Where an item goes.
  struct Slot {
    const Item *item = nullptr;
    BindField::Kind kind = BindField::kColumn;
    int index = 0;  // into the columns or tags
    Field field;
  };
  // The statement with its tables found.
  struct Plan {
    std::string db, name;  // the table to write to, name "" if not known
    TableInfo *table = nullptr;
    TableInfo *super = nullptr;     // to make the table from
    std::optional<Slot> name_slot;  // where the rows name their table
    std::vector<Slot> tags, values;
    std::vector<Slot> in_order;  // of all placeholders but INSERT INTO ?
    int precision = 0;
  };
  struct Batch;

  void read();
  ObjectName read_name(Lexer *lexer) const;
  std::vector<std::string> read_columns(Lexer *lexer) const;
  std::vector<Item> read_items(Lexer *lexer, std::string_view why) const;
  static int placeholders(const std::vector<Item> &items);

  Plan plan(const std::string &name, const Context &context) const;
  void plan_rows_by_name(Plan *plan) const;
  [[noreturn]] void error_at_end() const;
  Batch batch(const BoundTable &bound, const Context &context) const;
  Value literal(const Slot &slot, int precision, const Context &context) const;

  std::string sql_;
  std::optional<ObjectName> target_, super_;
  size_t name_end_ = 0;  // of the target's name
  std::vector<std::string> columns_, tag_names_;
  bool columns_listed_ = false;
  std::vector<Item> tags_, values_;
};

}  // namespace opentaos::sandbox
