#include "wire/stmt_requests.h"

#include "wire/json_request.h"

namespace opentaos::wire {

void stmt_init_request(base::Buffer &out, uint64_t req_id) { plain_request(out, "init", req_id); }

void stmt_prepare_request(base::Buffer &out, uint64_t req_id, uint64_t stmt_id, std::string_view sql) {
  JsonRequest r(out, "prepare", req_id);
  r->number("stmt_id", stmt_id);
  r->text("sql", sql);
  r.end();
}

void stmt_set_table_name_request(base::Buffer &out, uint64_t req_id, uint64_t stmt_id, std::string_view name) {
  JsonRequest r(out, "set_table_name", req_id);
  r->number("stmt_id", stmt_id);
  r->text("name", name);
  r.end();
}

void stmt_add_batch_request(base::Buffer &out, uint64_t req_id, uint64_t stmt_id) {
  id_request(out, "add_batch", req_id, "stmt_id", stmt_id);
}
void stmt_exec_request(base::Buffer &out, uint64_t req_id, uint64_t stmt_id) {
  id_request(out, "exec", req_id, "stmt_id", stmt_id);
}
void stmt_close_request(base::Buffer &out, uint64_t req_id, uint64_t stmt_id) {
  id_request(out, "close", req_id, "stmt_id", stmt_id);
}
void stmt_get_tag_fields_request(base::Buffer &out, uint64_t req_id, uint64_t stmt_id) {
  id_request(out, "get_tag_fields", req_id, "stmt_id", stmt_id);
}
void stmt_get_col_fields_request(base::Buffer &out, uint64_t req_id, uint64_t stmt_id) {
  id_request(out, "get_col_fields", req_id, "stmt_id", stmt_id);
}
void stmt_use_result_request(base::Buffer &out, uint64_t req_id, uint64_t stmt_id) {
  id_request(out, "use_result", req_id, "stmt_id", stmt_id);
}
void stmt_num_params_request(base::Buffer &out, uint64_t req_id, uint64_t stmt_id) {
  id_request(out, "stmt_num_params", req_id, "stmt_id", stmt_id);
}
void stmt_get_param_request(base::Buffer &out, uint64_t req_id, uint64_t stmt_id, int index) {
  JsonRequest r(out, "stmt_get_param", req_id);
  r->number("stmt_id", stmt_id);
  r->number("index", index);
  r.end();
}

JsonValue JsonValue::of(bool v) {
  JsonValue out;
  out.kind = Kind::kBool;
  out.boolean = v;
  return out;
}
JsonValue JsonValue::of(int64_t v) {
  JsonValue out;
  out.kind = Kind::kSigned;
  out.i64 = v;
  return out;
}
JsonValue JsonValue::of(uint64_t v) {
  JsonValue out;
  out.kind = Kind::kUnsigned;
  out.u64 = v;
  return out;
}
JsonValue JsonValue::of(double v) {
  JsonValue out;
  out.kind = Kind::kDouble;
  out.f64 = v;
  return out;
}
JsonValue JsonValue::of(std::string_view v) {
  JsonValue out;
  out.kind = Kind::kText;
  out.text = v;
  return out;
}

namespace {

void append_values(base::Buffer &out, std::span<const JsonValue> values) {
  out.append("[");
  for (size_t i = 0; i < values.size(); ++i) {
    if (i) out.append(",");
    const JsonValue &v = values[i];
    switch (v.kind) {
      case JsonValue::Kind::kNull: out.append("null"); break;
      case JsonValue::Kind::kBool: out.append(v.boolean ? "true" : "false"); break;
      case JsonValue::Kind::kSigned: append_decimal(out, v.i64); break;
      case JsonValue::Kind::kUnsigned: append_decimal(out, v.u64); break;
      case JsonValue::Kind::kDouble: append_json_double(out, v.f64); break;
      case JsonValue::Kind::kText: append_json_string(out, v.text); break;
    }
  }
  out.append("]");
}

}  // namespace

void stmt_set_tags_request(base::Buffer &out, uint64_t req_id, uint64_t stmt_id, std::span<const JsonValue> tags) {
  JsonRequest r(out, "set_tags", req_id);
  r->number("stmt_id", stmt_id);
  append_values(r->key("tags"), tags);
  r.end();
}

void stmt_bind_request(base::Buffer &out, uint64_t req_id, uint64_t stmt_id,
                       std::span<const std::span<const JsonValue>> columns) {
  JsonRequest r(out, "bind", req_id);
  r->number("stmt_id", stmt_id);
  r->key("columns").append("[");
  for (size_t i = 0; i < columns.size(); ++i) {
    if (i) out.append(",");
    append_values(out, columns[i]);
  }
  out.append("]");
  r.end();
}

void stmt2_init_request(base::Buffer &out, uint64_t req_id, bool single_stb_insert, bool single_table_bind_once) {
  JsonRequest r(out, "stmt2_init", req_id);
  r->boolean("single_stb_insert", single_stb_insert);
  r->boolean("single_table_bind_once", single_table_bind_once);
  r.end();
}

void stmt2_prepare_request(base::Buffer &out, uint64_t req_id, uint64_t stmt_id, std::string_view sql,
                           bool get_fields) {
  JsonRequest r(out, "stmt2_prepare", req_id);
  r->number("stmt_id", stmt_id);
  r->text("sql", sql);
  r->boolean("get_fields", get_fields);
  r.end();
}

void stmt2_exec_request(base::Buffer &out, uint64_t req_id, uint64_t stmt_id) {
  id_request(out, "stmt2_exec", req_id, "stmt_id", stmt_id);
}
void stmt2_result_request(base::Buffer &out, uint64_t req_id, uint64_t stmt_id) {
  id_request(out, "stmt2_result", req_id, "stmt_id", stmt_id);
}
void stmt2_close_request(base::Buffer &out, uint64_t req_id, uint64_t stmt_id) {
  id_request(out, "stmt2_close", req_id, "stmt_id", stmt_id);
}

}  // namespace opentaos::wire
