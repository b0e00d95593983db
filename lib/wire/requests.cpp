#include "wire/requests.h"

#include <algorithm>
#include <cstring>

#include "wire/json_request.h"

namespace opentaos::wire {
namespace {

constexpr uint16_t kFrameVersion = 1;

void sql_frame(base::Buffer &out, uint64_t req_id, BinaryAction action, uint32_t sql_length) {
  binary_head(out, req_id, 0, action);
  out.put<uint16_t>(kFrameVersion);
  out.put<uint32_t>(sql_length);
}

}  // namespace

void binary_head(base::Buffer &out, uint64_t req_id, uint64_t resource_id, BinaryAction action) {
  uint8_t *p = out.extend(kBinaryHeadSize);
  base::store_le(p, req_id);
  base::store_le(p + 8, resource_id);
  base::store_le(p + 16, static_cast<uint64_t>(action));
}

void binary_query_head(base::Buffer &out, uint64_t req_id, uint32_t sql_length) {
  sql_frame(out, req_id, BinaryAction::kQuery, sql_length);
}

void binary_query(base::Buffer &out, uint64_t req_id, std::string_view sql) {
  out.reserve(out.size() + kBinaryQueryHeadSize + sql.size());
  binary_query_head(out, req_id, static_cast<uint32_t>(sql.size()));
  out.append(sql);
}

void binary_validate_sql(base::Buffer &out, uint64_t req_id, std::string_view sql) {
  sql_frame(out, req_id, BinaryAction::kValidateSql, static_cast<uint32_t>(sql.size()));
  out.append(sql);
}

void fetch_raw_block(base::Buffer &out, uint64_t req_id, uint64_t result_id) {
  binary_head(out, req_id, result_id, BinaryAction::kFetchRawBlock);
  out.put<uint16_t>(kFrameVersion);
}

void version_request(base::Buffer &out, uint64_t req_id) { plain_request(out, "version", req_id); }

void conn_request(base::Buffer &out, uint64_t req_id, const ConnArgs &args) {
  JsonRequest r(out, "conn", req_id);
  r->text("user", args.user);
  r->text("password", args.password);
  r->text("db", args.db);
  if (args.mode) r->number("mode", *args.mode);
  r->text_if_set("tz", args.tz);
  r->text_if_set("app", args.app);
  r->text_if_set("ip", args.ip);
  r->text_if_set("connector", args.connector);
  r->text_if_set("totp_code", args.totp_code);
  r->text_if_set("bearer_token", args.bearer_token);
  if (args.list_instances) r->boolean("list_instances", true);
  r.end();
}

void options_connection_request(base::Buffer &out, uint64_t req_id, std::span<const ConnectionOption> options) {
  JsonRequest r(out, "options_connection", req_id);
  r->key("options").append("[");
  for (size_t i = 0; i < options.size(); ++i) {
    if (i) out.append(",");
    JsonObjectWriter entry(out);
    entry.number("option", options[i].option);
    if (options[i].value)
      entry.text("value", *options[i].value);
    else
      entry.null("value");
    entry.end();
  }
  out.append("]");
  r.end();
}

void check_server_status_request(base::Buffer &out, uint64_t req_id, std::optional<std::string_view> fqdn, int port) {
  JsonRequest r(out, "check_server_status", req_id);
  if (fqdn)
    r->text("fqdn", *fqdn);
  else
    r->null("fqdn");
  r->number("port", port);
  r.end();
}

void get_current_db_request(base::Buffer &out, uint64_t req_id) { plain_request(out, "get_current_db", req_id); }
void get_server_info_request(base::Buffer &out, uint64_t req_id) { plain_request(out, "get_server_info", req_id); }

void get_connection_info_request(base::Buffer &out, uint64_t req_id, int info) {
  JsonRequest r(out, "get_connection_info", req_id);
  r->number("info", info);
  r.end();
}

void query_request(base::Buffer &out, uint64_t req_id, std::string_view sql) {
  JsonRequest r(out, "query", req_id);
  r->text("sql", sql);
  r.end();
}

void fetch_request(base::Buffer &out, uint64_t req_id, uint64_t result_id) {
  id_request(out, "fetch", req_id, "id", result_id);
}
void fetch_block_request(base::Buffer &out, uint64_t req_id, uint64_t result_id) {
  id_request(out, "fetch_block", req_id, "id", result_id);
}
void num_fields_request(base::Buffer &out, uint64_t req_id, uint64_t result_id) {
  id_request(out, "num_fields", req_id, "result_id", result_id);
}
void free_result_request(base::Buffer &out, uint64_t req_id, uint64_t result_id) {
  id_request(out, "free_result", req_id, "id", result_id);
}

namespace {

// Whether the data and the name are all ASCII.
template <typename WriteData>
bool schemaless(base::Buffer &out, uint64_t req_id, const SchemalessArgs &args, WriteData &&write_data) {
  JsonRequest r(out, "insert", req_id);
  r->number("protocol", args.protocol);
  r->text("precision", args.precision);
  r->number("ttl", args.ttl);
  r->key("data").append("\"");
  const bool ascii = write_data();
  out.append("\"");
  r->text("table_name_key", args.table_name_key);
  r.end();
  return ascii && std::none_of(args.table_name_key.begin(), args.table_name_key.end(),
                               [](char c) { return static_cast<signed char>(c) < 0; });
}

}  // namespace

bool schemaless_request(base::Buffer &out, uint64_t req_id, const SchemalessArgs &args, std::string_view data) {
  return schemaless(out, req_id, args, [&] { return append_json_escaped(out, data); });
}

bool schemaless_request(base::Buffer &out, uint64_t req_id, const SchemalessArgs &args,
                        std::span<const char *const> lines) {
  return schemaless(out, req_id, args, [&] {
    bool ascii = true;
    constexpr int kInfluxLine = 1;
    constexpr size_t kMostGuessed = size_t{1} << 20;
    // Lines are mostly of one length; with room for all of them at once nothing is copied while the message grows.
    if (!lines.empty() && lines[0])
      out.reserve(out.size() + std::min(kMostGuessed, lines.size() * (std::strlen(lines[0]) + 16)));
    for (size_t i = 0; i < lines.size(); ++i) {
      if (i) out.append("\\n");
      if (!lines[i]) continue;
      const std::string_view line(lines[i]);
      if (args.protocol == kInfluxLine && line.starts_with('#')) out.append(" ");
      ascii &= append_json_escaped(out, line);
    }
    if (!lines.empty() && (!lines.back() || !*lines.back())) out.append("\\n");
    return ascii;
  });
}

}  // namespace opentaos::wire
