// JSON requests of prepared statements, both generations. Values travel in binary frames (stmt_frames.h,
// stmt2_frames.h); the JSON forms of set_tags and bind are for callers who have few values and types JSON knows.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

#include "base/buffer.h"

namespace opentaos::wire {

// ---- first generation
void stmt_init_request(base::Buffer &out, uint64_t req_id);
void stmt_prepare_request(base::Buffer &out, uint64_t req_id, uint64_t stmt_id, std::string_view sql);
void stmt_set_table_name_request(base::Buffer &out, uint64_t req_id, uint64_t stmt_id, std::string_view name);
void stmt_add_batch_request(base::Buffer &out, uint64_t req_id, uint64_t stmt_id);
void stmt_exec_request(base::Buffer &out, uint64_t req_id, uint64_t stmt_id);
// Not answered on success.
void stmt_close_request(base::Buffer &out, uint64_t req_id, uint64_t stmt_id);
void stmt_get_tag_fields_request(base::Buffer &out, uint64_t req_id, uint64_t stmt_id);
void stmt_get_col_fields_request(base::Buffer &out, uint64_t req_id, uint64_t stmt_id);
void stmt_use_result_request(base::Buffer &out, uint64_t req_id, uint64_t stmt_id);
void stmt_num_params_request(base::Buffer &out, uint64_t req_id, uint64_t stmt_id);
void stmt_get_param_request(base::Buffer &out, uint64_t req_id, uint64_t stmt_id, int index);

struct JsonValue {
  enum class Kind : uint8_t { kNull, kBool, kSigned, kUnsigned, kDouble, kText };
  Kind kind = Kind::kNull;
  union {
    bool boolean;
    int64_t i64 = 0;
    uint64_t u64;
    double f64;
  };
  std::string_view text;  // strings, RFC 3339 times, hexadecimal bytes

  static JsonValue null() { return {}; }
  static JsonValue of(bool v);
  static JsonValue of(int64_t v);
  static JsonValue of(uint64_t v);
  static JsonValue of(double v);
  static JsonValue of(std::string_view v);
};
void stmt_set_tags_request(base::Buffer &out, uint64_t req_id, uint64_t stmt_id, std::span<const JsonValue> tags);
void stmt_bind_request(base::Buffer &out, uint64_t req_id, uint64_t stmt_id,
                       std::span<const std::span<const JsonValue>> columns);

// ---- second generation
void stmt2_init_request(base::Buffer &out, uint64_t req_id, bool single_stb_insert, bool single_table_bind_once);
void stmt2_prepare_request(base::Buffer &out, uint64_t req_id, uint64_t stmt_id, std::string_view sql, bool get_fields);
void stmt2_exec_request(base::Buffer &out, uint64_t req_id, uint64_t stmt_id);
void stmt2_result_request(base::Buffer &out, uint64_t req_id, uint64_t stmt_id);
void stmt2_close_request(base::Buffer &out, uint64_t req_id, uint64_t stmt_id);

}  // namespace opentaos::wire
