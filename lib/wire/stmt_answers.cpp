#include "wire/stmt_answers.h"

#include "wire/json_tree.h"
#include "wire/types.h"

namespace opentaos::wire {

BindField StmtField::bind_field() const {
  BindField f;
  f.type = type;
  f.kind = bind_type ? bind_type : static_cast<uint8_t>(BindField::kColumn);
  if (is_decimal(type)) {
    f.precision = precision;
    f.scale = scale;
  }
  f.bytes = bytes;
  return f;
}

namespace {

bool read_field(const cJSON *item, StmtField &out) {
  std::string_view name;
  int64_t type = 0, precision = 0, scale = 0, bytes = 0, bind_type = 0;
  if (!cJSON_IsObject(item) || !JsonTree::text(item, "name", name) ||
      !JsonTree::integer(item, "field_type", 0, UINT8_MAX, type) ||
      !JsonTree::integer(item, "precision", 0, UINT8_MAX, precision) ||
      !JsonTree::integer(item, "scale", 0, UINT8_MAX, scale) ||
      !JsonTree::integer(item, "bytes", INT32_MIN, INT32_MAX, bytes) ||
      !JsonTree::integer(item, "bind_type", 0, UINT8_MAX, bind_type))
    return false;
  out.set_name(name);
  out.type = static_cast<uint8_t>(type);
  out.precision = static_cast<uint8_t>(precision);
  out.scale = static_cast<uint8_t>(scale);
  out.bytes = static_cast<int32_t>(bytes);
  out.bind_type = static_cast<uint8_t>(bind_type);
  return true;
}

base::Status read_fields(std::string_view list, std::vector<StmtField> &out) {
  out.clear();
  JsonTree tree;
  auto status = tree.parse(list);
  if (!status) return status;
  if (cJSON_IsNull(tree.root())) return status;
  if (!cJSON_IsArray(tree.root())) return protocol_error("fields are no list");
  for (const cJSON *item = tree.root()->child; item; item = item->next) {
    if (out.size() == static_cast<size_t>(kMaxFields)) return protocol_error("too many fields");
    out.emplace_back();
    if (!read_field(item, out.back())) return protocol_error("malformed field");
  }
  return status;
}

}  // namespace

base::Status parse_stmt_answer(std::string_view text, StmtAnswer &out) {
  out = {};
  std::string_view list;
  bool has_count = false;
  auto status = walk_answer(text, out, [&](JsonScan &scan, std::string_view key) {
    if (key == "stmt_id") return scan.read_u64(out.stmt_id);
    if (key == "is_insert") {
      out.has_is_insert = true;
      return scan.read_bool(out.is_insert);
    }
    if (key == "affected") return scan.read_int(0, INT64_MAX, out.affected);
    if (key == "num_params") return scan.read_i32(0, INT32_MAX, out.num_params);
    if (key == "index") return scan.read_i32(INT32_MIN, INT32_MAX, out.index);
    if (key == "data_type") return scan.read_i32(0, UINT8_MAX, out.data_type);
    if (key == "length") return scan.read_i32(INT32_MIN, INT32_MAX, out.length);
    if (key == "fields") return scan.raw_value(list);
    if (key == "fields_count") {
      has_count = true;
      return scan.read_i32(0, kMaxFields, out.fields_count);
    }
    return false;
  });
  if (!status || !out.ok()) return status;
  if (!list.empty()) status = read_fields(list, out.fields);
  if (!status) return status;
  const auto listed = static_cast<int32_t>(out.fields.size());
  if (!has_count) out.fields_count = listed;
  if (listed && listed != out.fields_count) return protocol_error("fields_count is not the number of fields");
  return status;
}

}  // namespace opentaos::wire
