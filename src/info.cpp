// What client, server and connection say of themselves.
#include "taos.h"

#include <cstring>
#include <string>

#include "wire/types.h"
#include "ws_edge.h"

using namespace opentaos;
using namespace opentaos::edge;

namespace {

// The TDengine client whose behaviour this is; bindings choose their code paths by it. The pkg-config files begin with
// the same numbers.
constexpr const char *kClientVersion = "3.3.7.5";

constexpr const char *kTypeNames[] = {
    "TSDB_DATA_TYPE_NULL",      "TSDB_DATA_TYPE_BOOL",      "TSDB_DATA_TYPE_TINYINT", "TSDB_DATA_TYPE_SMALLINT",
    "TSDB_DATA_TYPE_INT",       "TSDB_DATA_TYPE_BIGINT",    "TSDB_DATA_TYPE_FLOAT",   "TSDB_DATA_TYPE_DOUBLE",
    "TSDB_DATA_TYPE_VARCHAR",   "TSDB_DATA_TYPE_TIMESTAMP", "TSDB_DATA_TYPE_NCHAR",   "TSDB_DATA_TYPE_UTINYINT",
    "TSDB_DATA_TYPE_USMALLINT", "TSDB_DATA_TYPE_UINT",      "TSDB_DATA_TYPE_UBIGINT", "TSDB_DATA_TYPE_JSON",
    "TSDB_DATA_TYPE_VARBINARY", "TSDB_DATA_TYPE_DECIMAL",   "TSDB_DATA_TYPE_BLOB",    "TSDB_DATA_TYPE_MEDIUMBLOB",
    "TSDB_DATA_TYPE_GEOMETRY",  "TSDB_DATA_TYPE_DECIMAL64"};
static_assert(sizeof kTypeNames / sizeof *kTypeNames == wire::kTypeCount);

char g_build_info[] =
    "opentaos " OTS_VERSION "\ninterface: TDengine client 3.3.7.5 over WebSocket\ncompiler: " __VERSION__;

}  // namespace

namespace opentaos::edge {

const char *type_name(int type) { return type >= 0 && type < wire::kTypeCount ? kTypeNames[type] : nullptr; }

}  // namespace opentaos::edge

extern "C" {

const char *taos_get_client_info(void) { return kClientVersion; }

char *getBuildInfo(void) { return g_build_info; }

const char *taos_data_type(int type) {
  // Native libtaos does not name the last one.
  const char *name = type == wire::kDecimal64 ? nullptr : type_name(type);
  return name ? name : "UNKNOWN";
}

const char *taos_get_server_info(TAOS *taos) {
  return guard<const char *>(nullptr, [&]() -> const char * {
    auto connection = connection_of(taos);
    if (!connection) {
      disconnected();
      return nullptr;
    }
    auto info = connection->server_info();
    report(info.status());
    return info ? *info : nullptr;
  });
}

int taos_get_connection_info(TAOS *taos, TSDB_CONNECTION_INFO info, char *buffer, int *len) {
  return guard<int>(base::kErrOutOfMemory, [&]() -> int {
    auto connection = connection_of(taos);
    if (!connection) return disconnected();
    int what;
    static_assert(sizeof what == sizeof info);
    std::memcpy(&what, &info, sizeof what);
    if (!buffer || !len || what < 0 || what >= TSDB_MAX_CONNECTION_INFO) return invalid_para();
    std::string text;
    // Who logged in with a password is known here; behind a token stands a user that only the server knows.
    if (what == TSDB_CONNECTION_INFO_USER && connection->options().bearer_token.empty())
      text = connection->user();
    else if (Status s = connection->connection_info(what, &text); !s)
      return report(s);
    const int room = *len;
    *len = static_cast<int>(text.size());
    if (room <= *len) return invalid_para();
    copy_text(buffer, static_cast<size_t>(room), text);
    return report(Status::ok());
  });
}

int32_t taos_validate_connection(TAOS *taos, char *str, int32_t *len) {
  return guard<int32_t>(base::kErrOutOfMemory, [&]() -> int32_t {
    auto connection = connection_of(taos);
    const Status s = connection ? connection->ping() : Status(base::kErrDisconnected, "Disconnected from service");
    if (len) {
      const std::string_view text = s ? std::string_view("the connection works") : std::string_view(s.message());
      const int32_t room = *len;
      if (str && room > 0) copy_text(str, static_cast<size_t>(room), text);
      *len = static_cast<int32_t>(text.size());
    }
    return report(s);
  });
}

// The handle would be one of TDengine's own time zone library, which is not here; NULL stands for "ask the process".
void *taos_get_result_tz(TAOS_RES *res) {
  if (!result_of(res)) invalid_para();
  return nullptr;
}

// Tools tell their heartbeat thread with it how the process ends. There is none.
void taos_set_hb_quit(int8_t) {}

// Called from signal handlers: whatever a library did here could only make a crash worse.
void taos_write_crashinfo(int, void *, void *) {}

}  // extern "C"
