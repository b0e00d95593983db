#include "wire/session_answers.h"

namespace opentaos::wire {
namespace {

bool read_texts(JsonScan &scan, std::vector<std::string> &out) {
  out.clear();
  if (scan.peek() == JsonScan::Kind::kNull) return scan.skip_value();
  if (!scan.enter_array()) return false;
  while (scan.next_element()) {
    out.emplace_back();
    if (!scan.read_string(out.back())) return false;
  }
  return !scan.failed();
}

}  // namespace

base::Status parse_version_answer(std::string_view text, VersionAnswer &out) {
  out = {};
  return walk_answer(text, out, [&](JsonScan &scan, std::string_view key) {
    if (key == "version") return scan.read_string(out.version);
    if (key == "list_instances") return read_texts(scan, out.instances);
    return false;
  });
}

base::Status parse_text_answer(std::string_view text, std::string_view member, AnswerHead &head, std::string &out) {
  head = {};
  out.clear();
  return walk_answer(text, head,
                     [&](JsonScan &scan, std::string_view key) { return key == member && scan.read_string(out); });
}

base::Status parse_number_answer(std::string_view text, std::string_view member, AnswerHead &head, int64_t &out) {
  head = {};
  out = 0;
  return walk_answer(text, head,
                     [&](JsonScan &scan, std::string_view key) { return key == member && scan.read_i64(out); });
}

base::Status parse_server_status_answer(std::string_view text, ServerStatusAnswer &out) {
  out = {};
  return walk_answer(text, out, [&](JsonScan &scan, std::string_view key) {
    if (key == "status") return scan.read_i32(INT32_MIN, INT32_MAX, out.status);
    if (key == "details") return scan.read_string(out.details);
    return false;
  });
}

base::Status parse_schemaless_answer(std::string_view text, SchemalessAnswer &out) {
  out = {};
  return walk_answer(text, out, [&](JsonScan &scan, std::string_view key) {
    if (key == "affected_rows") return scan.read_int(0, INT64_MAX, out.affected_rows);
    if (key == "total_rows") return scan.read_int(0, INT64_MAX, out.total_rows);
    return false;
  });
}

base::Status parse_fetch_json_answer(std::string_view text, FetchJsonAnswer &out) {
  out = {};
  auto read_lengths = [&](JsonScan &scan) {
    out.lengths.clear();
    if (scan.peek() == JsonScan::Kind::kNull) return scan.skip_value();
    if (!scan.enter_array()) return false;
    while (scan.next_element()) {
      int32_t length = 0;
      if (out.lengths.size() == static_cast<size_t>(kMaxFields)) return scan.reject();
      if (!scan.read_i32(0, INT32_MAX, length)) return false;
      out.lengths.push_back(length);
    }
    return !scan.failed();
  };
  return walk_answer(text, out, [&](JsonScan &scan, std::string_view key) {
    if (key == "id") return scan.read_u64(out.id);
    if (key == "completed") return scan.read_bool(out.completed);
    if (key == "lengths") return read_lengths(scan);
    if (key == "rows") return scan.read_i32(0, INT32_MAX, out.rows);
    return false;
  });
}

}  // namespace opentaos::wire
