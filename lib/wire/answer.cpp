#include "wire/answer.h"

#include <algorithm>
#include <cstring>

namespace opentaos::wire {

void FieldMeta::set_name(std::string_view text) {
  size_t n = std::min(text.size(), kNameMax);
  if (n) std::memcpy(name, text.data(), n);
  std::memset(name + n, 0, sizeof name - n);
}

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
  return walk_answer(text, out, [](JsonScan &, std::string_view) { return false; });
}

namespace {

// One of the parallel arrays: how many elements it had, -1 when it was absent or null.
constexpr int32_t kAbsent = -1;

template <typename ReadElement>
bool read_array(JsonScan &scan, std::vector<FieldMeta> &fields, int32_t &count, ReadElement &&read_element) {
  count = kAbsent;
  if (scan.peek() == JsonScan::Kind::kNull) return scan.skip_value();
  if (!scan.enter_array()) return false;
  int32_t n = 0;
  while (scan.next_element()) {
    if (n == kMaxFields) return scan.reject();
    if (static_cast<size_t>(n) == fields.size()) fields.emplace_back();
    if (!read_element(fields[static_cast<size_t>(n)])) return false;
    ++n;
  }
  count = n;
  return true;
}

struct Arrays {
  int32_t names = kAbsent, types = kAbsent, lengths = kAbsent, precisions = kAbsent, scales = kAbsent;
};

}  // namespace

base::Status parse_query_answer(std::string_view text, QueryAnswer &out) {
  Arrays seen;
  std::string scratch;
  int64_t number = 0;
  auto other = [&](JsonScan &scan, std::string_view key) {
    switch (key.size()) {
      case 2: return key == "id" && scan.read_u64(out.id);
      case 7: return key == "stmt_id" && scan.read_u64(out.stmt_id);
      case 9:
        if (key == "is_update") return scan.read_bool(out.is_update);
        if (key == "result_id") return scan.read_u64(out.id);
        if (key == "precision" && scan.read_int(0, 2, number)) {
          out.precision = static_cast<int32_t>(number);
          return true;
        }
        return false;
      case 12:
        if (key == "fields_count" && scan.read_int(0, kMaxFields, number)) {
          out.fields_count = static_cast<int32_t>(number);
          out.fields.reserve(static_cast<size_t>(number));
          return true;
        }
        if (key == "fields_names")
          return read_array(scan, out.fields, seen.names, [&](FieldMeta &f) {
            std::string_view name;
            if (!scan.read_string(name, scratch)) return false;
            f.set_name(name.substr(0, name.find('\0')));
            return true;
          });
        if (key == "fields_types")
          return read_array(scan, out.fields, seen.types, [&](FieldMeta &f) {
            if (!scan.read_int(0, UINT8_MAX, number)) return false;
            f.type = static_cast<uint8_t>(number);
            return true;
          });
        return false;
      case 13:
        if (key == "affected_rows") return scan.read_int(0, INT64_MAX, out.affected_rows);
        if (key == "fields_scales")
          return read_array(scan, out.fields, seen.scales, [&](FieldMeta &f) {
            if (!scan.read_int(0, UINT8_MAX, number)) return false;
            f.scale = static_cast<uint8_t>(number);
            return true;
          });
        return false;
      case 14:
        if (key == "fields_lengths")
          return read_array(scan, out.fields, seen.lengths, [&](FieldMeta &f) {
            if (!scan.read_int(0, INT32_MAX, number)) return false;
            f.bytes = static_cast<int32_t>(number);
            return true;
          });
        return false;
      case 17:
        if (key == "fields_precisions")
          return read_array(scan, out.fields, seen.precisions, [&](FieldMeta &f) {
            if (!scan.read_int(0, UINT8_MAX, number)) return false;
            f.precision = static_cast<uint8_t>(number);
            return true;
          });
        return false;
      default: return false;
    }
  };
  auto status = walk_answer(text, out, other);
  if (!status) return status;
  if (!out.ok()) {
    out.fields.clear();
    out.fields_count = 0;
    return status;
  }
  int32_t n = out.fields_count;
  auto fits = [n](int32_t count) { return count == n || (n == 0 && count == kAbsent); };
  auto fits_or_absent = [&](int32_t count) { return count == kAbsent || fits(count); };
  if (!fits(seen.names) || !fits(seen.types) || !fits(seen.lengths) || !fits_or_absent(seen.precisions) ||
      !fits_or_absent(seen.scales))
    return protocol_error("the field lists differ in length");
  out.fields.resize(static_cast<size_t>(n));
  return status;
}

}  // namespace opentaos::wire
