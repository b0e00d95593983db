// Answers of prepared statements, both generations. Results are QueryAnswers (answer.h).
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "wire/answer.h"
#include "wire/column_input.h"

namespace opentaos::wire {

struct StmtField : FieldMeta {  // `precision` is the time precision for timestamps; `bytes` the schema width
  uint8_t bind_type = 0;        // BindField::Kind; 0 in the first generation

  BindField bind_field() const;
};

// Whatever a statement action may say; what it does not say stays 0.
struct StmtAnswer : AnswerHead {
  uint64_t stmt_id = 0;
  bool has_is_insert = false;
  bool is_insert = false;
  int64_t affected = 0;
  int32_t num_params = 0;
  int32_t index = 0;
  int32_t data_type = 0;
  int32_t length = 0;
  // Of a prepared SELECT only the number is told, of others it is that of `fields`.
  int32_t fields_count = 0;
  std::vector<StmtField> fields;
};
[[nodiscard]] base::Status parse_stmt_answer(std::string_view text, StmtAnswer &out);

}  // namespace opentaos::wire
