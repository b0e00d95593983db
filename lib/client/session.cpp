// The part of a connection that is about its session: database, options, what the server says of itself.
#include "base/codes.h"
#include "client/connection.h"
#include "client/text_call.h"
#include "wire/requests.h"

namespace opentaos::client {

using base::Buffer;
using base::Deadline;
using base::Ref;
using base::Status;
using base::StatusOr;

Status Connection::validate_sql(std::string_view sql) {
  if (sql.empty()) return {base::kErrIncompleteSql, "Incomplete SQL statement"};
  auto c = channel();
  if (!c) return c.status();
  const uint64_t id = (*c)->next_req_id();
  Buffer request;
  wire::binary_validate_sql(request, id, sql);
  TextCall call(**c);
  if (Status s = (*c)->start(call, id, net::Opcode::kBinary, request.span(), {}, read_deadline()); !s) return s;
  if (Status s = call.wait(read_deadline()); !s) return s;
  wire::AnswerHead head;
  int64_t result = 0;
  Status s = wire::walk_answer(call.text(), head, [&](wire::JsonScan &scan, std::string_view key) {
    return key == "result_code" && scan.read_i64(result);
  });
  if (!s) return s;
  if (!head.ok()) return head.status();
  return result == 0 ? Status::ok() : Status(wire::full_code(result), head.message);
}

Status Connection::select_db(std::string_view db) {
  std::string sql = "use ";
  sql += db;
  auto result = Ref<QueryResult>::adopt(query(sql, 0));
  return result->status();
}

Status Connection::get_current_db(std::string *db) {
  auto c = channel();
  if (!c) return c.status();
  const uint64_t id = (*c)->next_req_id();
  Buffer request;
  wire::get_current_db_request(request, id);
  auto text = ask(**c, id, request, read_deadline());
  if (!text) return text.status();
  wire::AnswerHead head;
  db->clear();
  Status s = wire::walk_answer(
      *text, head, [&](wire::JsonScan &scan, std::string_view key) { return key == "db" && scan.read_string(*db); });
  return s ? head.status() : s;
}

// The protocol has no way to leave a database; a session without one is a new session.
Status Connection::reset_current_db() {
  std::string before;
  {
    std::lock_guard lock(mutex_);
    before.swap(db_);
  }
  Status s = log_in_again();
  if (!s) {
    std::lock_guard lock(mutex_);
    db_ = before;
  }
  return s;
}

Status Connection::set_bi_mode(bool on) {
  int before;
  {
    std::lock_guard lock(mutex_);
    before = mode_;
    mode_ = on ? 0 : -1;
  }
  if (before == (on ? 0 : -1)) return Status::ok();
  Status s = log_in_again();  // the mode is a part of the login
  if (!s) {
    std::lock_guard lock(mutex_);
    mode_ = before;
  }
  return s;
}

Status Connection::set_option(int option, const char *value) {
  auto c = channel();
  if (!c) return c.status();
  const uint64_t id = (*c)->next_req_id();
  Buffer request;
  wire::ConnectionOption o{option, std::nullopt};
  if (value) o.value = value;
  wire::options_connection_request(request, id, {&o, 1});
  auto text = ask(**c, id, request, read_deadline());
  if (!text) return text.status();
  wire::AnswerHead head;
  if (Status s = wire::parse_head(*text, head); !s) return s;
  if (!head.ok()) return head.status();
  // Said again at the next login.
  std::optional<std::string> kept;
  if (value) kept = value;
  std::lock_guard lock(mutex_);
  switch (option) {
    case -1: timezone_ = user_ip_ = user_app_ = std::nullopt; break;
    case 1: timezone_ = kept; break;
    case 2: user_ip_ = kept; break;
    case 3: user_app_ = kept; break;
    default: break;
  }
  return Status::ok();
}

StatusOr<const char *> Connection::server_info() {
  {
    std::lock_guard lock(mutex_);
    if (!server_info_.empty()) return server_info_.c_str();
  }
  auto c = channel();
  if (!c) return c.status();
  const uint64_t id = (*c)->next_req_id();
  Buffer request;
  wire::get_server_info_request(request, id);
  auto text = ask(**c, id, request, read_deadline());
  if (!text) return text.status();
  wire::AnswerHead head;
  std::string info;
  Status s = wire::walk_answer(
      *text, head, [&](wire::JsonScan &scan, std::string_view key) { return key == "info" && scan.read_string(info); });
  if (!s) return s;
  std::lock_guard lock(mutex_);
  if (!head.ok() || info.empty()) info = "ver:" + version_ + "\nbuild:unknown\ngitinfo:unknown";
  if (server_info_.empty()) server_info_ = info;  // its address is handed out: it must never change
  return server_info_.c_str();
}

Status Connection::connection_info(int info, std::string *text) {
  auto c = channel();
  if (!c) return c.status();
  const uint64_t id = (*c)->next_req_id();
  Buffer request;
  wire::get_connection_info_request(request, id, info);
  auto answer = ask(**c, id, request, read_deadline());
  if (!answer) return answer.status();
  wire::AnswerHead head;
  text->clear();
  Status s = wire::walk_answer(*answer, head, [&](wire::JsonScan &scan, std::string_view key) {
    return key == "info" && scan.read_string(*text);
  });
  return s ? head.status() : s;
}

}  // namespace opentaos::client
