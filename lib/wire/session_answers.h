// Answers of the session actions, of schemaless writes and of the older way to fetch.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "wire/answer.h"

namespace opentaos::wire {

// version, conn, subscribe. Old servers leave everything but `version` out of the first one.
struct VersionAnswer : AnswerHead {
  std::string version;                 // four numbers, maybe a suffix; empty if not told
  std::vector<std::string> instances;  // host:port; the port may be missing
};
[[nodiscard]] base::Status parse_version_answer(std::string_view text, VersionAnswer &out);

// One text member: `db` of get_current_db, `info` of get_server_info and get_connection_info.
[[nodiscard]] base::Status parse_text_answer(std::string_view text, std::string_view member, AnswerHead &head,
                                             std::string &out);
// One number: `num_fields`, `result_code` of validate_sql.
[[nodiscard]] base::Status parse_number_answer(std::string_view text, std::string_view member, AnswerHead &head,
                                               int64_t &out);

struct ServerStatusAnswer : AnswerHead {
  int32_t status = 0;  // 0 unavailable, 1 network ok, 2 service ok, 3 degraded, 4 exiting
  std::string details;
};
[[nodiscard]] base::Status parse_server_status_answer(std::string_view text, ServerStatusAnswer &out);

struct SchemalessAnswer : AnswerHead {
  int64_t affected_rows = 0;
  int64_t total_rows = 0;
};
[[nodiscard]] base::Status parse_schemaless_answer(std::string_view text, SchemalessAnswer &out);

// fetch on /ws.
struct FetchJsonAnswer : AnswerHead {
  uint64_t id = 0;
  bool completed = false;
  std::vector<int32_t> lengths;  // schema widths
  int32_t rows = 0;
};
[[nodiscard]] base::Status parse_fetch_json_answer(std::string_view text, FetchJsonAnswer &out);

}  // namespace opentaos::wire
