#include "client/admin.h"

#include <arpa/inet.h>

#include <charconv>
#include <cstring>

#include "base/codes.h"
#include "base/encoding.h"
#include "client/admin_query.h"
#include "client/text_call.h"
#include "wire/requests.h"
#include "wire/session_answers.h"

namespace opentaos::client {

using base::Buffer;
using base::Deadline;
using base::Ref;
using base::Status;
using base::StatusOr;

namespace {

// One question over a connection of its own, to the first address that can be reached.
template <typename Write>
StatusOr<std::string> ask_once(const base::ConnectOptions &options, Write &&write) {
  const Deadline deadline = Deadline::after_ms(options.connect_timeout_ms);
  Status last(base::kErrInvalidPara, "no address to connect to");
  for (const base::Host &host : options.hosts) {
    auto channel = Ref<Channel>::adopt(new Channel);
    last = channel->open(host, options, "/ws", deadline);
    if (!last) continue;
    const uint64_t id = channel->next_req_id();
    Buffer request;
    write(request, id);
    StatusOr<std::string> answer = std::string();
    {
      TextCall call(*channel);
      Status s = channel->start(call, id, net::Opcode::kText, request.span(), {}, deadline);
      if (s) s = call.wait(deadline);
      answer = s ? StatusOr<std::string>(std::move(call.text())) : StatusOr<std::string>(s);
    }
    channel->close({base::kErrClosed, "done"});
    return answer;
  }
  return last;
}

std::string_view next_item(std::string_view *list) {
  const size_t comma = list->find(',');
  const std::string_view item = base::trim(list->substr(0, comma));
  list->remove_prefix(comma == std::string_view::npos ? list->size() : comma + 1);
  return item;
}

// What stands in front of an entry of a list.
Allowed entry(std::string_view text) {
  Allowed a;
  if (!text.empty() && (text.front() == '+' || text.front() == '-')) {
    a.denied = text.front() == '-';
    text.remove_prefix(1);
  }
  a.what = base::trim(text);
  return a;
}

StatusOr<std::string> of_user(Connection &connection, std::string_view column, std::string_view table) {
  std::string user = connection.user();
  if (!connection.options().bearer_token.empty()) {
    if (Status s = connection.connection_info(0, &user); !s) return s;
  }
  std::string sql = "select ";
  ((sql += column) += " from information_schema.") += table;
  auto rows = read_rows(connection, sql + " where name=" + sql_literal(user), 1);
  if (!rows) return rows.status();
  if (rows->empty() || rows->front().empty())
    return Status(base::kErrNotSupported, "the server does not tell what its users are allowed");
  return rows->front().front().value_or("");
}

bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         (static_cast<uint8_t>(c) & 0x80);
}

void skip_spaces(std::string_view *text) {
  while (!text->empty() && (text->front() == ' ' || text->front() == '\t')) text->remove_prefix(1);
}

// A name, in backticks as written, else in small letters.
bool take_name(std::string_view *text, std::string *name) {
  skip_spaces(text);
  name->clear();
  if (!text->empty() && text->front() == '`') {
    const size_t end = text->find('`', 1);
    if (end == std::string_view::npos) return false;
    *name = text->substr(1, end - 1);
    text->remove_prefix(end + 1);
  } else {
    size_t n = 0;
    while (n < text->size() && is_name_char((*text)[n])) n++;
    *name = base::to_lower(text->substr(0, n));
    text->remove_prefix(n);
  }
  skip_spaces(text);
  return !name->empty();
}

}  // namespace

Status ask_server_state(const base::ConnectOptions &options, ServerState *out) {
  *out = {};
  auto text = ask_once(
      options, [](Buffer &request, uint64_t id) { wire::check_server_status_request(request, id, std::nullopt, 0); });
  if (!text) return text.status();
  wire::ServerStatusAnswer answer;
  if (Status s = wire::parse_server_status_answer(*text, answer); !s) return s;
  if (!answer.ok()) return answer.AnswerHead::status();
  out->status = answer.status;
  out->details = std::move(answer.details);
  return Status::ok();
}

StatusOr<std::vector<std::string>> list_adapters(const base::ConnectOptions &options) {
  auto text = ask_once(options, [&](Buffer &request, uint64_t id) {
    wire::ConnArgs args;
    args.user = options.user;
    args.password = options.password;
    args.totp_code = options.totp_code;
    args.bearer_token = options.bearer_token;
    args.list_instances = true;
    wire::conn_request(request, id, args);
  });
  if (!text) return text.status();
  wire::VersionAnswer answer;
  if (Status s = wire::parse_version_answer(*text, answer); !s) return s;
  if (!answer.ok()) return answer.status();
  return std::move(answer.instances);
}

// ---------------------------------------------------------------------------------------------------- white lists

std::vector<Allowed> parse_allowed_hosts(std::string_view text) {
  std::vector<Allowed> out;
  while (!text.empty()) {
    Allowed a = entry(next_item(&text));
    if (a.what.empty()) continue;
    if (base::equals_ignoring_case(a.what, "all")) {
      out.push_back({a.denied, "0.0.0.0/0"});
      a.what = "::/0";
    } else if (a.what.find('/') == std::string::npos) {
      a.what += a.what.find(':') == std::string::npos ? "/32" : "/128";
    }
    out.push_back(std::move(a));
  }
  return out;
}

std::vector<Allowed> parse_allowed_times(std::string_view text) {
  std::vector<Allowed> out;
  while (!text.empty()) {
    Allowed a = entry(next_item(&text));
    if (!a.what.empty()) out.push_back(std::move(a));
  }
  return out;
}

bool pack_ipv4_network(std::string_view network, uint64_t *out) {
  const size_t slash = network.find('/');
  if (slash == std::string_view::npos) return false;
  in_addr address;
  if (inet_pton(AF_INET, std::string(network.substr(0, slash)).c_str(), &address) != 1) return false;
  uint32_t bits = 0;
  const char *end = network.data() + network.size();
  const auto [at, error] = std::from_chars(network.data() + slash + 1, end, bits);
  if (error != std::errc() || at != end || bits > 32) return false;
  *out = uint64_t{bits} << 32 | address.s_addr;
  return true;
}

StatusOr<std::vector<Allowed>> allowed_hosts(Connection &connection) {
  auto text = of_user(connection, "allowed_host", "ins_users");
  if (!text) return text.status();
  return parse_allowed_hosts(*text);
}

StatusOr<std::vector<Allowed>> allowed_times(Connection &connection) {
  auto text = of_user(connection, "allowed_datetime", "ins_users_full");
  if (!text) return text.status();
  return parse_allowed_times(*text);
}

// ---------------------------------------------------------------------------------------------------- tables

Status parse_table_list(std::string_view text, std::string_view current_db, std::vector<TableName> *out) {
  const Status bad(base::kErrInvalidOperation, "Invalid operation: a list of table names is expected");
  out->clear();
  if (base::trim(text).empty()) return Status::ok();
  for (;;) {
    TableName name;
    if (!take_name(&text, &name.table)) return bad;
    if (!text.empty() && text.front() == '.') {
      text.remove_prefix(1);
      name.db = std::move(name.table);
      if (!take_name(&text, &name.table)) return bad;
    } else if (current_db.empty()) {
      return {base::kErrInvalidOperation, "Invalid operation: the connection has no database"};
    } else {
      name.db = current_db;
    }
    out->push_back(std::move(name));
    if (text.empty()) return Status::ok();
    if (text.front() != ',') return bad;
    text.remove_prefix(1);
  }
}

Status load_tables(Connection &connection, std::string_view list) {
  std::string db;
  if (Status s = connection.get_current_db(&db); !s) return s;
  std::vector<TableName> names;
  if (Status s = parse_table_list(list, db, &names); !s) return s;
  for (const TableName &n : names) {
    auto result = Ref<QueryResult>::adopt(connection.query("describe " + sql_name(n.db) + "." + sql_name(n.table), 0));
    const Status s = result->status();
    result->abandon();
    // What the server says of a name is no failure; that nobody answers is one.
    const auto low = static_cast<uint32_t>(s.code()) & 0xffff;
    if (s.code() == base::kErrUnableToConnect || s.code() == base::kErrDisconnected || (low >= 0xE000 && low < 0xF000))
      return s;
  }
  return Status::ok();
}

}  // namespace opentaos::client
