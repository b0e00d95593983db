// The JSON answers of the hot path: the members every answer has, and the answer to a statement.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "wire/field_lists.h"
#include "wire/json_scan.h"
#include "wire/protocol_error.h"

namespace opentaos::wire {

struct AnswerHead {
  int64_t code = 0;  // as on the wire, 16 bits
  std::string message;
  std::string action;
  uint64_t req_id = 0;
  int64_t timing = 0;

  bool ok() const { return code == 0; }
  base::Status status() const { return ok() ? base::Status() : base::Status(full_code(code), message); }
};

// The answer to query, binary_query, use_result and stmt2_result.
struct QueryAnswer : AnswerHead {
  uint64_t id = 0;  // result id; 0 for a statement without a result
  bool is_update = false;
  int64_t affected_rows = 0;
  int32_t fields_count = 0;
  int32_t precision = 0;  // 0 ms, 1 us, 2 ns
  uint64_t stmt_id = 0;
  std::vector<FieldMeta> fields;
};

// What is needed to find the request an answer belongs to. The walk ends as soon as both members were seen, so it costs
// the same for an answer of any length; of duplicates the first counts here.
struct AnswerKey {
  bool is_object = false;  // false: not even the beginning of a JSON object
  bool has_req_id = false;
  uint64_t req_id = 0;
  std::string_view action;  // as written: escapes are not undone, no action name has any
};
AnswerKey peek_req_id(std::string_view text);

// Only the common members. An answer without `code` is a protocol error.
[[nodiscard]] base::Status parse_head(std::string_view text, AnswerHead &out);
[[nodiscard]] base::Status parse_query_answer(std::string_view text, QueryAnswer &out);

// One pass over an answer: `other` gets the members that are not common ones and says whether it read the value; what
// it leaves is skipped. Of duplicate members the last one counts.
template <typename Other>
[[nodiscard]] base::Status walk_answer(std::string_view text, AnswerHead &head, Other &&other);

// ---- details
bool read_head_member(JsonScan &scan, std::string_view key, AnswerHead &head, bool &saw_code);

template <typename Other>
base::Status walk_answer(std::string_view text, AnswerHead &head, Other &&other) {
  JsonScan scan(text);
  std::string_view key;
  bool saw_code = false;
  if (scan.enter_object()) {
    while (scan.next_member(key)) {
      if (read_head_member(scan, key, head, saw_code)) continue;
      if (!scan.failed() && !other(scan, key)) (void)scan.skip_value();
      if (scan.failed()) break;
    }
  }
  if (!scan.at_end()) return protocol_error("malformed JSON");
  if (!saw_code) return protocol_error("no code");
  return base::Status::ok();
}

}  // namespace opentaos::wire
