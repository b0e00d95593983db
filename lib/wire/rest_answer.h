// The body of a REST answer. Columns are read at once, cells one by one: values stay as they are written, so that no
// 64-bit number passes through a double.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "wire/answer.h"

namespace opentaos::wire {

struct RestAnswer {
  int64_t code = 0;
  std::string description;
  int64_t timing = 0;
  int64_t rows = 0;
  std::vector<FieldMeta> columns;  // types by name, widths as the user declared them
  std::string_view data;           // the array of rows, within the body

  bool ok() const { return code == 0; }
  base::Status status() const { return ok() ? base::Status() : base::Status(full_code(code), description); }
};
[[nodiscard]] base::Status parse_rest_answer(std::string_view body, RestAnswer &out);

// The type a REST type name stands for, with the precision and scale of `DECIMAL(p,s)`. False for a name nobody knows.
bool parse_rest_type(std::string_view name, FieldMeta &out);

// The cells of rows given as arrays.
class RestRows {
 public:
  explicit RestRows(const RestAnswer &answer) : scan_(answer.data) {}

  struct Cell {
    bool is_null = false;
    bool is_string = false;  // `text` is the string's content; otherwise the JSON as written
    std::string_view text;   // valid until the next call
  };
  // False at the end, or when the data is malformed: failed() tells.
  bool next_row();
  // False at the end of the row.
  bool next_cell(Cell &out);
  bool failed() const { return scan_.failed(); }

 private:
  JsonScan scan_;
  bool started_ = false;
  std::string scratch_;
};

}  // namespace opentaos::wire
