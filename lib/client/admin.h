// What tools and gateways ask of a server and a cluster beyond statements.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/options.h"
#include "base/status.h"
#include "client/connection.h"

namespace opentaos::client {

// What the server at the first address of options.hosts says of itself, without a login.
struct ServerState {
  int status = 0;  // 0 unavailable, 1 network ok, 2 service ok, 3 degraded, 4 exiting
  std::string details;
};
base::Status ask_server_state(const base::ConnectOptions &options, ServerState *out);

// The taosAdapters that are registered with the cluster, as host:port. Logs in anew.
base::StatusOr<std::vector<std::string>> list_adapters(const base::ConnectOptions &options);

// ---- white lists
// One entry: an address with the length of its mask, or a span of time.
struct Allowed {
  bool denied = false;  // what is not allowed
  std::string what;     // "10.0.0.0/8", "::/0", "MON 08:00 60m"
};
base::StatusOr<std::vector<Allowed>> allowed_hosts(Connection &connection);
base::StatusOr<std::vector<Allowed>> allowed_times(Connection &connection);
// The text that system tables have for such a list.
std::vector<Allowed> parse_allowed_hosts(std::string_view text);
std::vector<Allowed> parse_allowed_times(std::string_view text);
// An IPv4 network as taos_fetch_whitelist_a() tells it. false: it is none.
bool pack_ipv4_network(std::string_view network, uint64_t *out);

// ---- tables
// Names, `db.table` or `table`, separated by commas. 0x80000200 for any other text, and for a name alone when the
// connection has no database.
struct TableName {
  std::string db, table;
};
base::Status parse_table_list(std::string_view text, std::string_view current_db, std::vector<TableName> *out);
// Has the server load what it knows of the tables. Names that do not exist are no failure.
base::Status load_tables(Connection &connection, std::string_view list);

}  // namespace opentaos::client
