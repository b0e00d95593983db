// Logging in, options, and the small questions about a session.
#include "actions.h"
#include "http.h"

namespace opentaos::sandbox::server {
namespace {

constexpr int kNotSupported = 0x0100;
constexpr int kInvalidParameters = 0x0118;
constexpr int kInvalidArgument = 0x0016;
constexpr size_t kMaxAppName = 23;

Reply run_version(Peer &peer, const Request &request, Members &args) {
  if (request.args != nullptr && !args.ok()) return malformed(request, "version");
  return version_answer(peer, request);
}

// A login that this release knows and the sandbox has nothing for.
bool wants_other_login(const Peer &peer, const std::string &token, const std::string &totp) {
  return peer.server.has({3, 3, 7, 0}) && ((!token.empty() && !peer.url_token) || !totp.empty());
}

Reply run_conn(Peer &peer, const Request &request, Members &args) {
  std::string user = args.text("user");
  std::string password = args.text("password");
  std::string db = args.text("db");
  bool has_mode = args.has("mode");
  int32_t mode = args.i32("mode");
  std::string tz = args.text("tz");
  std::string app = args.text("app");
  args.text("ip");
  args.text("connector");
  std::string totp = args.text("totp_code");
  std::string token = args.text("bearer_token");
  bool list_instances = args.boolean("list_instances");
  if (!args.ok()) return malformed(request, "connect");
  if (peer.connected) return fail(request, kAdapterError, "duplicate connections");

  bool legacy = peer.endpoint == Endpoint::kLegacyWs;
  if (!legacy && wants_other_login(peer, token, totp)) return fail(request, kNotSupported, "Operation not supported");
  std::string message;
  if (int code = peer.server.login(user, password, db, &message); code != 0) return fail(request, code, message);
  if (!legacy && has_mode && mode != 0) {
    return fail(request, kAdapterError, "unexpected mode:" + std::to_string(mode));
  }
  peer.session = Session{};
  peer.session.user = user;
  peer.session.db = db;
  if (!legacy && peer.server.has({3, 3, 5, 0})) {
    peer.session.tz = tz;
    peer.session.app = app.substr(0, kMaxAppName);
  }
  peer.session.bi = !legacy && has_mode;
  peer.connected = true;

  Answer answer(request);
  if (!legacy && peer.server.has({3, 3, 7, 2})) answer.text("version", peer.server.version());
  if (!legacy && list_instances && peer.server.has({3, 4, 1, 10})) answer.raw("list_instances", "[]");
  return answer.reply();
}

// 0 or the code that ends the request.
int apply_option(Session &session, int64_t option, const cJSON *value) {
  std::string text = cJSON_IsString(value) ? value->valuestring : "";
  if (option < -1) return kInvalidParameters;
  switch (option) {
    case -1:
      session.tz.clear();
      session.app.clear();
      return 0;
    case 0: {
      std::string charset = lower(text);
      return charset.empty() || charset == "utf-8" || charset == "utf8" ? 0 : kInvalidArgument;
    }
    case 1: session.tz = text; return 0;
    case 3: session.app = text.substr(0, kMaxAppName); return 0;
    default: return 0;  // client address, connector, and numbers the adapter takes without a word
  }
}

Reply run_options_connection(Peer &peer, const Request &request, Members &args) {
  const cJSON *options = args.array("options");
  bool good = args.ok();
  for (const cJSON *item = options == nullptr ? nullptr : options->child; good && item != nullptr; item = item->next) {
    Members members(item);
    members.i32("option");
    members.text("value");
    good = members.ok();
  }
  if (!good) return malformed(request, "options connection");
  for (const cJSON *item = options == nullptr ? nullptr : options->child; item != nullptr; item = item->next) {
    Members members(item);
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(item, "value");
    int code = apply_option(peer.session, members.i32("option"), value);
    if (code != 0) return fail(request, code, code == kInvalidArgument ? "Invalid argument" : "Invalid parameters");
  }
  return Answer(request).reply();
}

// Only this server itself can be reached from here; any other address is down.
Reply run_check_server_status(Peer &peer, const Request &request, Members &args) {
  std::string fqdn = args.text("fqdn");
  int32_t port = args.i32("port");
  if (!args.ok()) return malformed(request, "check server status");
  bool own_host = fqdn.empty() || fqdn == "localhost" || fqdn == "127.0.0.1" || fqdn == "::1";
  bool own_port = port == 0 || port == 6030 || port == peer.server.port();
  Answer answer(request);
  answer.number("status", own_host && own_port ? 2 : 0).text("details", "");
  return answer.reply();
}

Reply run_get_current_db(Peer &peer, const Request &request, Members &args) {
  if (!args.ok()) return malformed(request, "get current db");
  Answer answer(request);
  answer.text("db", peer.session.db);
  return answer.reply();
}

Reply run_get_server_info(Peer &peer, const Request &request, Members &args) {
  if (!args.ok()) return malformed(request, "get server info");
  Answer answer(request);
  answer.text("info", "ver:" + peer.server.version() + "\nbuild:taos-sandbox, no TDengine\ngitinfo:none");
  return answer.reply();
}

Reply run_get_connection_info(Peer &peer, const Request &request, Members &args) {
  int32_t info = args.i32("info");
  if (!args.ok()) return malformed(request, "get connection info");
  if (info != 0) return fail(request, kInvalidParameters, "Invalid parameters");
  Answer answer(request);
  answer.text("info", peer.session.user);
  return answer.reply();
}

constexpr TextAction kActions[] = {
    {"version", "version", {}, true, true, run_version},
    {"conn", "connect", {}, true, true, run_conn},
    {"options_connection", "options connection", {{3, 3, 5, 0}}, false, false, run_options_connection},
    {"check_server_status", "check server status", {{3, 3, 6, 0}}, true, false, run_check_server_status},
    {"get_current_db", "get current db", {{3, 2, 2, 0}}, false, false, run_get_current_db},
    {"get_server_info", "get server info", {{3, 2, 2, 0}}, false, false, run_get_server_info},
    // The adapter has it from 3.4.0 on, in front of older databases too.
    {"get_connection_info", "get connection info", {{3, 3, 7, 5}}, false, false, run_get_connection_info},
};

}  // namespace

std::span<const TextAction> session_actions() { return kActions; }

}  // namespace opentaos::sandbox::server
