// Requests, written straight into a buffer. Each function appends one whole message; JSON ones are text messages, the
// functions whose name starts with binary_ or that say so are binary messages.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "base/buffer.h"

namespace opentaos::wire {

// ---- binary messages
// 24 bytes that start every one of them.
enum class BinaryAction : uint64_t {
  kStmtSetTags = 1,
  kStmtBind = 2,
  kWriteRaw = 3,
  kWriteRawBlock = 4,
  kWriteRawBlockWithFields = 5,
  kQuery = 6,
  kFetchRawBlock = 7,
  kTmqRawData = 8,  // from the server only
  kStmt2Bind = 9,
  kValidateSql = 10,
  kStmt2BindExec = 11,
};
inline constexpr size_t kBinaryHeadSize = 24;
void binary_head(base::Buffer &out, uint64_t req_id, uint64_t resource_id, BinaryAction action);

// The 30 bytes in front of the SQL, for senders that do not copy the SQL behind them.
inline constexpr size_t kBinaryQueryHeadSize = 30;
void binary_query_head(base::Buffer &out, uint64_t req_id, uint32_t sql_length);
void binary_query(base::Buffer &out, uint64_t req_id, std::string_view sql);
void binary_validate_sql(base::Buffer &out, uint64_t req_id, std::string_view sql);
// Binary, 26 bytes.
void fetch_raw_block(base::Buffer &out, uint64_t req_id, uint64_t result_id);

// ---- session
struct ConnArgs {
  std::string_view user, password, db;
  // Left out when empty (mode: when absent; list_instances: when false).
  std::optional<int> mode;
  std::string_view tz, app, ip, connector, totp_code, bearer_token;
  bool list_instances = false;
};
struct ConnectionOption {
  int option;
  std::optional<std::string_view> value;  // absent resets the option
};
void version_request(base::Buffer &out, uint64_t req_id);
void conn_request(base::Buffer &out, uint64_t req_id, const ConnArgs &args);
void options_connection_request(base::Buffer &out, uint64_t req_id, std::span<const ConnectionOption> options);
// No fqdn and port 0: the adapter's own first endpoint.
void check_server_status_request(base::Buffer &out, uint64_t req_id, std::optional<std::string_view> fqdn, int port);
void get_current_db_request(base::Buffer &out, uint64_t req_id);
void get_server_info_request(base::Buffer &out, uint64_t req_id);
void get_connection_info_request(base::Buffer &out, uint64_t req_id, int info);

// ---- statements and their results
void query_request(base::Buffer &out, uint64_t req_id, std::string_view sql);
void fetch_request(base::Buffer &out, uint64_t req_id, uint64_t result_id);
void fetch_block_request(base::Buffer &out, uint64_t req_id, uint64_t result_id);
void num_fields_request(base::Buffer &out, uint64_t req_id, uint64_t result_id);
// Never answered.
void free_result_request(base::Buffer &out, uint64_t req_id, uint64_t result_id);

// ---- schemaless
struct SchemalessArgs {
  int protocol = 0;
  std::string_view precision;
  int ttl = 0;
  std::string_view table_name_key;
};
// Whether all text is ASCII, so that nobody needs to look whether it is UTF-8.
bool schemaless_request(base::Buffer &out, uint64_t req_id, const SchemalessArgs &args, std::string_view data);
// The lines in a form in which the server, which splits the text again, finds the same lines: joined by line feeds, one
// more behind an empty last line, a blank in front of an InfluxDB line that would pass for a comment. NULL counts as an
// empty line.
bool schemaless_request(base::Buffer &out, uint64_t req_id, const SchemalessArgs &args,
                        std::span<const char *const> lines);

}  // namespace opentaos::wire
