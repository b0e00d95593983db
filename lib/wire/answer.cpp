#include "wire/answer.h"

#include <utility>

namespace opentaos::wire {

bool read_head_member(JsonScan &scan, std::string_view key, AnswerHead &head, bool &saw_code) {
  switch (key.size()) {
    case 4:
      if (key == "code") {
        saw_code = true;
        return scan.read_i64(head.code);
      }
      return false;
    case 6:
      if (key == "action") return scan.read_string(head.action);
      if (key == "req_id") return scan.read_u64(head.req_id);
      if (key == "timing") return scan.read_i64(head.timing);
      return false;
    case 7: return key == "message" && scan.read_string(head.message);
    default: return false;
  }
}

AnswerKey peek_req_id(std::string_view text) {
  AnswerKey out;
  JsonScan scan(text);
  if (!scan.enter_object()) return out;
  out.is_object = true;
  bool has_action = false;
  std::string_view key;
  while (scan.next_member(key)) {
    if (!out.has_req_id && key == "req_id") {
      out.has_req_id = scan.read_u64(out.req_id);
    } else if (!has_action && key == "action") {
      std::string_view raw;
      if (!scan.raw_value(raw)) break;
      if (raw.size() >= 2 && raw.front() == '"') {
        out.action = raw.substr(1, raw.size() - 2);
        has_action = true;
      }
    } else if (!scan.skip_value()) {
      break;
    }
    if (out.has_req_id && has_action) break;
  }
  return out;
}

base::Status parse_head(std::string_view text, AnswerHead &out) {
  out = {};
  return walk_answer(text, out, [](JsonScan &, std::string_view) { return false; });
}

base::Status parse_query_answer(std::string_view text, QueryAnswer &out) {
  // Nothing of an earlier answer stays, but the vector keeps its memory.
  auto fields = std::move(out.fields);
  fields.clear();
  out = QueryAnswer();
  out.fields = std::move(fields);
  FieldListsReader lists(out.fields);
  auto other = [&](JsonScan &scan, std::string_view key) {
    switch (key.size()) {
      case 2: return key == "id" && scan.read_u64(out.id);
      case 7: return key == "stmt_id" && scan.read_u64(out.stmt_id);
      case 9:
        if (key == "is_update") return scan.read_bool(out.is_update);
        if (key == "result_id") return scan.read_u64(out.id);
        if (key == "precision") return scan.read_i32(0, 2, out.precision);
        return false;
      case 13:
        if (key == "affected_rows") return scan.read_int(0, INT64_MAX, out.affected_rows);
        [[fallthrough]];
      default: return lists.read(scan, key);
    }
  };
  auto status = walk_answer(text, out, other);
  if (!status) return status;
  if (!out.ok()) {
    out.fields.clear();
    return status;
  }
  out.fields_count = lists.count();
  return lists.finish();
}

}  // namespace opentaos::wire
