// Any bytes as a JSON answer, through every parser of answers.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "wire/answer.h"
#include "wire/rest_answer.h"
#include "wire/session_answers.h"
#include "wire/stmt_answers.h"
#include "wire/tmq_answers.h"

using namespace opentaos::wire;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const std::string_view text(reinterpret_cast<const char *>(data), size);
  AnswerKey key = peek_req_id(text);
  AnswerHead head;
  const bool whole = parse_head(text, head).is_ok();
  // Whoever reads an answer may rely on these.
  if (whole && !key.is_object) std::abort();
  if (whole && !head.ok() && head.status().code() >= 0) std::abort();

  QueryAnswer query;
  if (parse_query_answer(text, query)) {
    if (query.fields.size() != static_cast<size_t>(query.fields_count)) std::abort();
    for (const FieldMeta &f : query.fields)
      if (f.name[FieldMeta::kNameMax] != 0 || f.bytes < 0) std::abort();
  }
  VersionAnswer version;
  (void)parse_version_answer(text, version).is_ok();
  ServerStatusAnswer status;
  (void)parse_server_status_answer(text, status).is_ok();
  SchemalessAnswer schemaless;
  (void)parse_schemaless_answer(text, schemaless).is_ok();
  FetchJsonAnswer fetch;
  (void)parse_fetch_json_answer(text, fetch).is_ok();
  StmtAnswer stmt;
  if (parse_stmt_answer(text, stmt) && !stmt.fields.empty() &&
      stmt.fields.size() != static_cast<size_t>(stmt.fields_count))
    std::abort();
  PollAnswer poll;
  (void)parse_poll_answer(text, poll).is_ok();
  TmqFetchAnswer tmq_fetch;
  (void)parse_tmq_fetch_answer(text, tmq_fetch).is_ok();
  TmqMetaAnswer meta;
  if (parse_tmq_meta_answer(text, meta) && meta.data.empty()) std::abort();
  std::vector<int64_t> offsets;
  (void)parse_offsets_answer(text, head, offsets).is_ok();
  std::vector<Assignment> assignment;
  (void)parse_assignment_answer(text, head, assignment).is_ok();
  std::vector<std::string> topics;
  (void)parse_topics_answer(text, head, topics).is_ok();

  RestAnswer rest;
  if (parse_rest_answer(text, rest)) {
    RestRows rows(rest);
    RestRows::Cell cell;
    while (rows.next_row())
      while (rows.next_cell(cell)) {
      }
  }
  return 0;
}
