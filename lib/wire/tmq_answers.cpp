#include "wire/tmq_answers.h"

namespace opentaos::wire {
namespace {

// More than any cluster or consumer has.
constexpr size_t kMaxList = 1 << 20;

template <typename T, typename ReadElement>
bool read_list(JsonScan &scan, std::vector<T> &out, ReadElement &&read_element) {
  out.clear();
  if (scan.peek() == JsonScan::Kind::kNull) return scan.skip_value();
  if (!scan.enter_array()) return false;
  while (scan.next_element()) {
    if (out.size() == kMaxList) return scan.reject();
    out.emplace_back();
    if (!read_element(out.back())) return false;
  }
  return !scan.failed();
}

bool read_assignment(JsonScan &scan, Assignment &out) {
  if (!scan.enter_object()) return false;
  std::string_view key;
  while (scan.next_member(key)) {
    bool read = false;
    if (key == "vgroup_id")
      read = scan.read_i32(INT32_MIN, INT32_MAX, out.vgroup_id);
    else if (key == "offset")
      read = scan.read_i64(out.offset);
    else if (key == "begin")
      read = scan.read_i64(out.begin);
    else if (key == "end")
      read = scan.read_i64(out.end);
    else
      read = scan.skip_value();
    if (!read) return false;
  }
  return !scan.failed();
}

}  // namespace

base::Status parse_poll_answer(std::string_view text, PollAnswer &out) {
  out = {};
  return walk_answer(text, out, [&](JsonScan &scan, std::string_view key) {
    if (key == "have_message") return scan.read_bool(out.have_message);
    if (key == "topic") return scan.read_string(out.topic);
    if (key == "database") return scan.read_string(out.database);
    if (key == "vgroup_id") return scan.read_i32(INT32_MIN, INT32_MAX, out.vgroup_id);
    if (key == "message_type") return scan.read_i32(0, INT32_MAX, out.message_type);
    if (key == "message_id") return scan.read_u64(out.message_id);
    if (key == "offset") return scan.read_i64(out.offset);
    return false;
  });
}

base::Status parse_tmq_fetch_answer(std::string_view text, TmqFetchAnswer &out) {
  out = {};
  FieldListsReader lists(out.fields);
  auto status = walk_answer(text, out, [&](JsonScan &scan, std::string_view key) {
    if (key == "message_id") return scan.read_u64(out.message_id);
    if (key == "completed") return scan.read_bool(out.completed);
    if (key == "table_name") return scan.read_string(out.table_name);
    if (key == "rows") return scan.read_i32(0, INT32_MAX, out.rows);
    if (key == "precision") return scan.read_i32(0, 2, out.precision);
    return lists.read(scan, key);
  });
  return status && out.ok() ? lists.finish() : status;
}

base::Status parse_tmq_meta_answer(std::string_view text, TmqMetaAnswer &out) {
  out = {};
  out.data = "null";
  return walk_answer(text, out, [&](JsonScan &scan, std::string_view key) {
    if (key == "message_id") return scan.read_u64(out.message_id);
    if (key == "data") return scan.raw_value(out.data);
    return false;
  });
}

base::Status parse_offsets_answer(std::string_view text, AnswerHead &head, std::vector<int64_t> &out) {
  head = {};
  out.clear();
  return walk_answer(text, head, [&](JsonScan &scan, std::string_view key) {
    if (key != "committed" && key != "position") return false;
    return read_list(scan, out, [&](int64_t &offset) { return scan.read_i64(offset); });
  });
}

base::Status parse_assignment_answer(std::string_view text, AnswerHead &head, std::vector<Assignment> &out) {
  head = {};
  out.clear();
  return walk_answer(text, head, [&](JsonScan &scan, std::string_view key) {
    if (key != "assignment") return false;
    return read_list(scan, out, [&](Assignment &a) { return read_assignment(scan, a); });
  });
}

base::Status parse_topics_answer(std::string_view text, AnswerHead &head, std::vector<std::string> &out) {
  head = {};
  out.clear();
  return walk_answer(text, head, [&](JsonScan &scan, std::string_view key) {
    if (key != "topics") return false;
    return read_list(scan, out, [&](std::string &topic) { return scan.read_string(topic); });
  });
}

}  // namespace opentaos::wire
