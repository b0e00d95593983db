#include "client/schemaless.h"

#include <cstring>

#include "base/codes.h"
#include "base/encoding.h"
#include "client/schemaless_json.h"
#include "client/write_call.h"
#include "wire/requests.h"
#include "wire/session_answers.h"

namespace opentaos::client {

using base::Buffer;
using base::Status;
using base::StatusOr;

namespace {

constexpr int kLastPrecision = 6;

// What the protocol calls the precisions; empty for "not given".
std::string_view precision_name(int precision, std::string_view unknown) {
  constexpr std::string_view kNames[] = {"", "h", "m", "s", "ms", "u", "ns"};
  return precision >= 0 && precision <= kLastPrecision ? kNames[precision] : unknown;
}

Status invalid_data(std::string_view text) { return {base::kErrSmlInvalidData, text}; }

// Natively the session's database is looked for before anything else.
Status refuse(Connection &connection, Status why) {
  std::string db;
  if (Status s = connection.get_current_db(&db); !s) return s;
  if (db.empty()) return {base::kErrDbNotSpecified, "Database not specified"};
  return why;
}

// What the server would take.
Status check(const SchemalessWrite &w) {
  if (w.protocol < kInfluxLine || w.protocol > kOpenTsdbJson)
    return {base::kErrSmlInvalidProtocol, "protocol invalidate"};
  if (w.protocol == kInfluxLine && (w.precision < 0 || w.precision > kLastPrecision))
    return {base::kErrSmlInvalidPrecision, "precision invalidate for line protocol"};
  return Status::ok();
}

Status invalid_json() { return {base::kErrInvalidJson, "Invalid JSON format"}; }

template <typename Data>
StatusOr<wire::SchemalessAnswer> send(Connection &connection, const SchemalessWrite &w,
                                      const wire::SchemalessArgs &args, const Data &data) {
  auto text = send_write(connection, w.req_id, net::Opcode::kText, [&](Buffer *message, uint64_t req_id) {
    if (wire::schemaless_request(*message, req_id, args, data)) return Status::ok();
    // The server would put another character in place of what is not UTF-8, and say nothing.
    const std::string_view json = message->text().substr(net::kMaxClientHeader);
    return base::is_utf8(json) ? Status::ok() : invalid_data("the data is not valid UTF-8");
  });
  if (!text) return text.status();
  wire::SchemalessAnswer answer;
  if (Status s = wire::parse_schemaless_answer(*text, answer); !s) return Connection::outcome_unknown(s);
  return answer;
}

template <typename Data>
QueryResult *insert(Connection &connection, const SchemalessWrite &w, const Data &data) {
  wire::SchemalessArgs args;
  args.protocol = w.protocol;
  args.precision = precision_name(w.precision, "");
  args.ttl = w.ttl;
  args.table_name_key = w.table_name_key;
  auto answer = send(connection, w, args, data);
  if (!answer) return QueryResult::failed(answer.status());
  if (!answer->ok()) return QueryResult::failed(answer->status());
  return QueryResult::updated(answer->affected_rows);
}

bool is_empty(const char *line) { return *line == '\0'; }

}  // namespace

QueryResult *insert_lines(Connection &connection, const SchemalessWrite &write, std::span<const char *const> lines) {
  Status s = check(write);
  if (s && !lines.empty()) {
    if (write.protocol == kOpenTsdbJson) {
      if (is_fatal_json(lines[0])) s = invalid_json();
    } else if (is_empty(lines[0])) {
      // The server cannot tell one empty line from no line.
      s = {base::kErrTableNameLength, write.protocol == kInfluxLine ? "SML line measure is empty or too large than 192"
                                                                    : "SML telnet invalid measure:"};
    }
  }
  if (!s) return QueryResult::failed(refuse(connection, std::move(s)));
  // Natively a JSON document is one text; what follows the first is ignored.
  if (write.protocol == kOpenTsdbJson && !lines.empty()) return insert(connection, write, std::string_view(lines[0]));
  return insert(connection, write, lines);
}

QueryResult *insert_text(Connection &connection, const SchemalessWrite &write, std::string_view text) {
  Status s = check(write);
  if (s && write.protocol == kOpenTsdbJson && is_fatal_json(text)) s = invalid_json();
  if (!s) return QueryResult::failed(refuse(connection, std::move(s)));
  return insert(connection, write, text);
}

Status insert_text_ws(Connection &connection, const SchemalessWrite &write, std::string_view text) {
  wire::SchemalessArgs args;
  args.protocol = write.protocol >= kInfluxLine && write.protocol <= kOpenTsdbJson ? write.protocol : 0;
  args.precision = precision_name(write.precision, "ms");
  args.ttl = write.ttl;
  if (args.protocol == kOpenTsdbJson && is_fatal_json(text)) return refuse(connection, invalid_json());
  auto answer = send(connection, write, args, text);
  return answer ? answer->status() : answer.status();
}

int32_t count_lines(int protocol, std::string_view text) {
  int32_t count = 0;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    if (protocol != kInfluxLine || text.front() != '#') count++;
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return count;
}

}  // namespace opentaos::client
