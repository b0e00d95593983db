// ws_*: connecting, and what is known of a connection and of the library.
#include <cstring>
#include <string>

#include "base/credentials.h"
#include "base/dsn.h"
#include "base/log.h"
#include "base/process_options.h"
#include "net/connect_failure.h"
#include "taos.h"
#include "taosws.h"
#include "ws_edge.h"

using namespace opentaos;
using namespace opentaos::edge;
using base::ProcessOptions;

namespace {

// The number of a text of strerror(): programs that watch the WebSocket library's errors look for it.
std::string with_number(std::string_view reason) {
  std::string text(reason);
  char room[128];
  for (int e = 1; e < 134; e++) {
    if (reason == strerror_r(e, room, sizeof room)) return text + " (os error " + std::to_string(e) + ")";
  }
  return text;
}

// A connection that could not be made, in the words of TDengine's WebSocket library. Ours end in the reason.
Status explain(const Status &s, const base::ConnectOptions &options) {
  if (s.code() != base::kErrUnableToConnect) return ws_status(s);
  std::string_view said = s.message();
  std::string text = "WebSocket internal error: ";
  if (said.substr(0, std::strlen(net::kCannotConnect)) == net::kCannotConnect) {
    const size_t colon = said.rfind(": ");
    text += "IO error: ";
    if (said.find(": cannot resolve host ") != std::string_view::npos) text += "failed to lookup address information: ";
    text += colon == std::string_view::npos ? std::string(said) : with_number(said.substr(colon + 2));
  } else {
    text += said;
  }
  if (options.hosts.size() > 1) {
    text += " (tried";
    for (const base::Host &h : options.hosts) text += " " + h.host + ":" + std::to_string(h.port);
    text += ")";
  }
  return ws_status({base::kErrWebSocket, text});
}

}  // namespace

extern "C" {

WS_TAOS *ws_connect(const char *dsn) {
  return ws_guard<WS_TAOS *>(nullptr, [&]() -> WS_TAOS * {
    ProcessOptions &process = ProcessOptions::instance();
    (void)process.start();
    base::ConnectOptions options = process.connect_options();
    auto parsed = base::parse_dsn(dsn ? std::string_view(dsn) : base::kDefaultDsn);
    const Status bad =
        parsed ? base::apply_dsn(*parsed, options, process.process_settings().adapter_port) : parsed.status();
    if (!bad) {  // the texts about a DSN are complete
      ws_report(bad.code(), bad.message());
      return nullptr;
    }
    auto connection = client::Connection::connect(options);
    if (!connection) {
      const Status why = explain(connection.status(), options);
      ws_report(why.code(), why.message());
      return nullptr;
    }
    base::PasswordStore::instance().remember(options.password);
    void *handle = hand_out_connection(std::move(*connection));
    if (!handle) ws_report(base::last_error_code(), base::last_error_text());
    return handle;
  });
}

WS_TAOS *ws_connect_with_dsn(const char *dsn) { return ws_connect(dsn); }
int32_t ws_connect_errno(void) { return ws_last_error_code(); }
const char *ws_connect_errstr(void) { return ws_last_error_text(); }

int32_t ws_close(WS_TAOS *taos) {
  return ws_guard<int32_t>(base::kErrOutOfMemory, [&]() -> int32_t {
    if (base::kind_of_handle(taos) != HandleKind::kConnection) return ws_null_handle();
    taos_close(taos);
    return 0;
  });
}

const char *ws_get_server_info(WS_TAOS *taos) {
  return ws_guard<const char *>(nullptr, [&]() -> const char * {
    if (auto connection = connection_of(taos)) return connection->version_text();
    ws_null_handle();
    return nullptr;
  });
}

int32_t ws_select_db(WS_TAOS *taos, const char *db) {
  return ws_guard<int32_t>(base::kErrOutOfMemory, [&]() -> int32_t {
    auto connection = connection_of(taos);
    if (!connection) return ws_null_handle();
    if (!db) return ws_report(base::kErrInvalidPara, "db is null");
    return ws_report(connection->select_db(db));
  });
}

int32_t ws_get_current_db(WS_TAOS *taos, char *database, int len, int *required) {
  return ws_guard<int32_t>(base::kErrOutOfMemory, [&]() -> int32_t {
    auto connection = connection_of(taos);
    if (!connection) return ws_null_handle();
    std::string db;
    if (Status s = connection->get_current_db(&db); !s) return ws_report(s);
    if (db.empty()) return ws_report({base::kErrFailed, "no database is selected"});
    const auto need = static_cast<int>(db.size());
    if (database && len > need) {
      copy_text(database, static_cast<size_t>(len), db);
      return 0;
    }
    if (required) *required = need;
    if (database && len > 1) copy_text(database, static_cast<size_t>(len), db);
    return ws_report(-1, "the name of the database needs more room");
  });
}

const char *ws_get_client_info(void) { return taos_get_client_info(); }

const char *ws_data_type(int32_t type) { return type_name(type); }

int32_t ws_enable_log(const char *log_level) {
  return ws_guard<int32_t>(base::kErrOutOfMemory, [&]() -> int32_t {
    base::LogLevel level;
    if (!log_level || !base::parse_log_level(log_level, level))
      return ws_report(base::kErrInvalidPara, "log levels are error, warn, info, debug and trace");
    base::set_log_screen(level);
    return 0;
  });
}

}  // extern "C"
