// JSON answers of a subscription. `subscribe` and `version` are VersionAnswers, errors and plain successes AnswerHeads.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "wire/answer.h"

namespace opentaos::wire {

struct PollAnswer : AnswerHead {
  bool have_message = false;
  std::string topic;
  std::string database;
  int32_t vgroup_id = 0;
  int32_t message_type = 0;  // 1 data, 2 table meta, 3 both, 4 raw data
  uint64_t message_id = 0;
  int64_t offset = 0;
};
[[nodiscard]] base::Status parse_poll_answer(std::string_view text, PollAnswer &out);

// fetch on /rest/tmq: what the next block of a message looks like.
struct TmqFetchAnswer : AnswerHead {
  uint64_t message_id = 0;
  bool completed = false;
  std::string table_name;
  int32_t rows = 0;
  int32_t precision = 0;
  std::vector<FieldMeta> fields;  // decimals without precision and scale: the block has them
};
[[nodiscard]] base::Status parse_tmq_fetch_answer(std::string_view text, TmqFetchAnswer &out);

// fetch_json_meta: the document as it is, `null` if there is none.
struct TmqMetaAnswer : AnswerHead {
  uint64_t message_id = 0;
  std::string_view data;  // within the text
};
[[nodiscard]] base::Status parse_tmq_meta_answer(std::string_view text, TmqMetaAnswer &out);

// What an offset says when nothing was committed, or no position is known yet.
inline constexpr int64_t kNoOffset = -2147467247;

// committed, position: in the order of the request.
[[nodiscard]] base::Status parse_offsets_answer(std::string_view text, AnswerHead &head, std::vector<int64_t> &out);

struct Assignment {
  int32_t vgroup_id = 0;
  int64_t offset = 0;
  int64_t begin = 0;
  int64_t end = 0;
};
[[nodiscard]] base::Status parse_assignment_answer(std::string_view text, AnswerHead &head,
                                                   std::vector<Assignment> &out);

[[nodiscard]] base::Status parse_topics_answer(std::string_view text, AnswerHead &head, std::vector<std::string> &out);

}  // namespace opentaos::wire
