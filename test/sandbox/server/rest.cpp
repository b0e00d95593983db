#include "rest.h"

#include <charconv>

#include "json.h"
#include "request.h"
#include "rest_values.h"

namespace opentaos::sandbox::server {
namespace {

constexpr int kNoMessage = 0x1106;
constexpr int kNoSql = 0x1107;
constexpr int kTokenError = 0x110A;
constexpr int kLoginRefused = 0x0003;
constexpr size_t kMaxAppName = 23;

// One REST call on its way.
struct Call {
  Server &server;
  const HttpRequest &request;
  Clock::time_point started = Clock::now();

  const std::string *parameter(const char *name) const {
    auto found = request.query.find(name);
    return found == request.query.end() ? nullptr : &found->second;
  }
  int64_t timing() const {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - started).count();
  }
  HttpResponse error(int status, int code, std::string_view text) const {
    return json_response(status,
                         JsonObject().number("code", code).text("desc", text).number("timing", timing()).done());
  }
};

const char *auth_text(int code) {
  switch (code) {
    case kNoAuth: return "no auth info input";
    case kBadBasic: return "invalid basic Authorization";
    case kBadTaosd: return "invalid taosd Authorization";
    default: return "invalid type of Authorization";
  }
}

bool parse_bool(const std::string &text, bool *value) {
  for (const char *yes : {"1", "t", "T", "TRUE", "true", "True"}) {
    if (text == yes) return *value = true;
  }
  for (const char *no : {"0", "f", "F", "FALSE", "false", "False"}) {
    if (text == no) return !(*value = false);
  }
  return false;
}

struct SqlParameters {
  bool timing = false;
  bool row_with_meta = false;
  std::shared_ptr<const TimeZone> zone = TimeZone::utc();
  std::string session_zone;
};

// False with the 400 to answer in `response`.
bool read_parameters(const Call &call, SqlParameters *out, HttpResponse *response) {
  if (const std::string *text = call.parameter("req_id")) {
    int64_t id = 0;
    auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), id);
    if (error != std::errc() || end != text->data() + text->size()) {
      const char *why = error == std::errc::result_out_of_range ? "value out of range" : "invalid syntax";
      *response =
          call.error(400, kAdapterError,
                     "illegal param, req_id must be numeric strconv.ParseInt: parsing \"" + *text + "\": " + why);
      return false;
    }
  }
  if (const std::string *text = call.parameter("row_with_meta");
      text != nullptr && !parse_bool(*text, &out->row_with_meta)) {
    *response = call.error(
        400, kAdapterError,
        "illegal param, row_with_meta must be boolean strconv.ParseBool: parsing \"" + *text + "\": invalid syntax");
    return false;
  }
  const std::string *timing = call.parameter("timing");
  out->timing = timing != nullptr && *timing == "true";
  for (const char *name : {"tz", "conn_tz"}) {  // the second one wins
    const std::string *zone = call.parameter(name);
    if (zone == nullptr || zone->empty()) continue;
    out->zone = TimeZone::load(*zone);
    if (out->zone == nullptr) {
      *response = call.error(400, kAdapterError, "unknown time zone " + *zone);
      return false;
    }
    if (name[0] == 'c') out->session_zone = *zone;
  }
  return true;
}

HttpResponse write_table(const Call &call, const Outcome &outcome, const SqlParameters &parameters) {
  std::string body = "{\"code\":0,\"column_meta\":[";
  const std::vector<Field> &fields = outcome.table.fields;
  size_t rows = outcome.is_update ? 1 : outcome.table.rows.size();
  if (outcome.is_update) {
    body += "[\"affected_rows\",\"INT\",4]],\"data\":[";
    body += parameters.row_with_meta ? "{\"affected_rows\":" : "[";
    body += std::to_string(outcome.affected) + (parameters.row_with_meta ? "}" : "]");
  } else {
    for (size_t i = 0; i < fields.size(); ++i) {
      if (i > 0) body.push_back(',');
      append_rest_column(fields[i], &body);
    }
    body += "],\"data\":[";
    for (size_t row = 0; row < rows; ++row) {
      if (row > 0) body.push_back(',');
      body.push_back(parameters.row_with_meta ? '{' : '[');
      for (size_t i = 0; i < fields.size(); ++i) {
        if (i > 0) body.push_back(',');
        if (parameters.row_with_meta) {
          append_quoted(body, fields[i].name);
          body.push_back(':');
        }
        append_rest_value(outcome.table.rows[row][i], fields[i], outcome.table.precision, *parameters.zone, &body);
      }
      body.push_back(parameters.row_with_meta ? '}' : ']');
    }
  }
  body += "],\"rows\":" + std::to_string(rows);
  if (parameters.timing) body += ",\"timing\":" + std::to_string(call.timing());
  body.push_back('}');
  HttpResponse response = json_response(200, std::move(body));
  response.chunked = true;
  return response;
}

HttpResponse run_sql(const Call &call, const std::string &db) {
  Credentials who;
  int code = read_credentials(call.request, &who);
  if (code == kBearer) return call.error(200, code, "Operation not supported");
  if (code != 0) return call.error(401, code, auth_text(code));
  if (call.request.body_broken) {
    HttpResponse empty;
    empty.status = 400;
    return empty;
  }
  SqlParameters parameters;
  HttpResponse refusal;
  if (!read_parameters(call, &parameters, &refusal)) return refusal;
  if (call.request.body.empty()) return call.error(400, kNoMessage, "request is empty");
  std::string_view sql = trim(call.request.body);
  if (sql.empty()) return call.error(400, kNoSql, "no sql input");

  std::string message;
  code = call.server.login(who.user, who.password, "", &message);
  if (code != 0) return call.error(200, code, message);
  Session session;
  session.user = who.user;
  session.tz = parameters.session_zone;
  if (const std::string *app = call.parameter("app")) session.app = app->substr(0, kMaxAppName);
  if (!db.empty()) {
    std::string quoted;
    for (char c : db) quoted += c == '`' ? "``" : std::string(1, c);
    call.server.execute(session, "use `" + quoted + "`");  // its failure is ignored, as the adapter does
  }
  Outcome outcome = call.server.execute(session, sql);
  if (outcome.code != 0) return call.error(200, outcome.code, outcome.message);
  return write_table(call, outcome, parameters);
}

HttpResponse run_login(const Call &call, const std::string &user, const std::string &password) {
  std::optional<std::string> token = encode_token(user, password);
  if (!token) return call.error(400, kTokenError, "generate taosd token error");
  std::string message;
  if (call.server.login(user, password, "", &message) != 0) {
    return call.error(401, kLoginRefused, "Authentication failure");
  }
  return json_response(200, JsonObject().number("code", 0).text("desc", *token).done());
}

HttpResponse run_set_faults(const Call &call) {
  std::string error;
  call.server.faults().clear();
  if (!call.server.faults().add(trim(call.request.body), &error)) return plain_response(400, error + "\n");
  return plain_response(200, "");
}

HttpResponse route(const Call &call) {
  const std::string &method = call.request.method;
  std::vector<std::string> path = call.request.segments();
  auto starts = [&path](const char *first, const char *second) {
    return path.size() >= 2 && path[0] == first && path[1] == second;
  };
  if (starts("rest", "sql") && method == "POST" && path.size() <= 3)
    return run_sql(call, path.size() == 3 ? path[2] : "");
  if (starts("rest", "login") && method == "GET" && path.size() == 4) return run_login(call, path[2], path[3]);
  if (starts("-", "ping") && method == "GET" && path.size() == 2) return {};
  if (call.server.options().control && path.size() == 2) {
    if (starts("-", "fault") && method == "POST") return run_set_faults(call);
    if (starts("-", "stats") && method == "GET") return json_response(200, call.server.stats_json());
  }
  if (call.request.path == "/ws/" && method == "GET") {
    HttpResponse moved = plain_response(301, "");
    moved.headers.emplace_back("Location", "/ws");
    return moved;
  }
  return plain_response(404, "404 page not found");
}

bool send(Stream &stream, std::string bytes, const AppliedFaults &faults) {
  edit_payload(faults, std::string::npos, &bytes);
  if (const Fault *fault = faults.find(FaultKind::kTruncate)) {
    stream.write_all(std::string_view(bytes).substr(0, static_cast<size_t>(fault->number)));
    return false;
  }
  const Fault *drip = faults.find(FaultKind::kSlowDrip);
  if (drip == nullptr) return stream.write_all(bytes);
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (!stream.write_all(std::string_view(bytes).substr(i, 1))) return false;
    if (!stream.sleep(std::chrono::milliseconds(drip->number))) return false;
  }
  return true;
}

}  // namespace

bool serve_rest(Server &server, Stream &stream, const HttpRequest &request) {
  bool is_sql = request.path.rfind("/rest/", 0) == 0;
  server.count(is_sql ? "rest" : "http");
  AppliedFaults faults = is_sql ? server.faults().take("rest") : AppliedFaults();
  if (faults.has(FaultKind::kCutBefore)) return false;
  Call call{server, request};
  const Fault *error = faults.find(FaultKind::kError);
  HttpResponse response =
      error == nullptr ? route(call) : call.error(200, static_cast<int>(error->number), error->bytes);
  if (faults.has(FaultKind::kCut)) return false;
  if (faults.has(FaultKind::kReset)) return stream.reset_on_close();
  if (faults.has(FaultKind::kNever)) {
    stream.sleep(std::chrono::hours(1));
    return false;
  }
  if (const Fault *late = faults.find(FaultKind::kLate)) {
    if (!stream.sleep(std::chrono::milliseconds(late->number))) return false;
  }
  bool compress = request.header_has("accept-encoding", "gzip");
  return send(stream, response.serialise(request.keep_alive, compress), faults) && request.keep_alive;
}

}  // namespace opentaos::sandbox::server
