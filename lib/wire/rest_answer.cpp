#include "wire/rest_answer.h"

#include <charconv>

#include "wire/json_tree.h"
#include "wire/types.h"

namespace opentaos::wire {
namespace {

struct TypeName {
  std::string_view name;
  Type type;
};
constexpr TypeName kTypeNames[] = {{"BOOL", kBool},
                                   {"TINYINT", kTinyInt},
                                   {"SMALLINT", kSmallInt},
                                   {"INT", kInt},
                                   {"BIGINT", kBigInt},
                                   {"FLOAT", kFloat},
                                   {"DOUBLE", kDouble},
                                   {"VARCHAR", kVarchar},
                                   {"BINARY", kVarchar},
                                   {"TIMESTAMP", kTimestamp},
                                   {"NCHAR", kNchar},
                                   {"TINYINT UNSIGNED", kUTinyInt},
                                   {"SMALLINT UNSIGNED", kUSmallInt},
                                   {"INT UNSIGNED", kUInt},
                                   {"BIGINT UNSIGNED", kUBigInt},
                                   {"JSON", kJson},
                                   {"VARBINARY", kVarbinary},
                                   {"BLOB", kBlob},
                                   {"GEOMETRY", kGeometry}};

constexpr int kDecimal64Digits = 18;

bool read_decimal_type(std::string_view name, FieldMeta &out) {
  constexpr std::string_view kStart = "DECIMAL(";
  if (!name.starts_with(kStart) || !name.ends_with(')')) return false;
  const char *p = name.data() + kStart.size();
  const char *end = name.data() + name.size() - 1;
  auto digits = std::from_chars(p, end, out.precision);
  if (digits.ec != std::errc() || digits.ptr == end || *digits.ptr != ',') return false;
  auto scale = std::from_chars(digits.ptr + 1, end, out.scale);
  if (scale.ec != std::errc() || scale.ptr != end) return false;
  out.type = out.precision <= kDecimal64Digits ? kDecimal64 : kDecimal;
  return true;
}

// [["ts","TIMESTAMP",8], ...]
base::Status read_columns(std::string_view list, std::vector<FieldMeta> &out) {
  JsonTree tree;
  auto status = tree.parse(list);
  if (!status) return status;
  if (!cJSON_IsArray(tree.root())) return protocol_error("column_meta is no list");
  for (const cJSON *item = tree.root()->child; item; item = item->next) {
    const cJSON *name = cJSON_IsArray(item) ? item->child : nullptr;
    const cJSON *type = name ? name->next : nullptr;
    int64_t bytes = 0;
    if (!cJSON_IsString(name) || !cJSON_IsString(type) || !JsonTree::as_integer(type->next, 0, INT32_MAX, bytes) ||
        out.size() == static_cast<size_t>(kMaxFields))
      return protocol_error("malformed column_meta");
    FieldMeta field;
    field.set_name(name->valuestring);
    (void)parse_rest_type(type->valuestring, field);
    field.bytes = static_cast<int32_t>(bytes);
    out.push_back(field);
  }
  return status;
}

}  // namespace

bool parse_rest_type(std::string_view name, FieldMeta &out) {
  for (const TypeName &t : kTypeNames) {
    if (t.name == name) {
      out.type = t.type;
      return true;
    }
  }
  return read_decimal_type(name, out);
}

base::Status parse_rest_answer(std::string_view body, RestAnswer &out) {
  out = {};
  JsonScan scan(body);
  std::string_view key, columns;
  bool saw_code = false;
  if (scan.enter_object()) {
    while (scan.next_member(key)) {
      if (key == "code") {
        saw_code = true;
        (void)scan.read_i64(out.code);
      } else if (key == "desc") {
        (void)scan.read_string(out.description);
      } else if (key == "timing") {
        (void)scan.read_i64(out.timing);
      } else if (key == "rows") {
        (void)scan.read_int(0, INT64_MAX, out.rows);
      } else if (key == "column_meta") {
        (void)scan.raw_value(columns);
      } else if (key == "data") {
        (void)scan.raw_value(out.data);
      } else {
        (void)scan.skip_value();
      }
    }
  }
  if (!scan.at_end()) return protocol_error("malformed JSON");
  if (!saw_code) return protocol_error("no code");
  if (!out.ok() || columns.empty() || columns == "null") return base::Status::ok();
  return read_columns(columns, out.columns);
}

bool RestRows::next_row() {
  if (!started_) {
    started_ = true;
    if (scan_.peek() != JsonScan::Kind::kArray) return false;
    if (!scan_.enter_array()) return false;
  }
  return scan_.next_element() && scan_.enter_array();
}

bool RestRows::next_cell(Cell &out) {
  out = {};
  if (!scan_.next_element()) return false;
  switch (scan_.peek()) {
    case JsonScan::Kind::kNull: out.is_null = true; return scan_.skip_value();
    case JsonScan::Kind::kString: out.is_string = true; return scan_.read_string(out.text, scratch_);
    default: return scan_.raw_value(out.text);
  }
}

}  // namespace opentaos::wire
