// Administration: routes and vgroups, white lists, notifications, state of a server, transactions.
#include "client/admin.h"

#include <cstdlib>
#include <cstring>
#include <span>

#include "base/process_options.h"
#include "client/admin_route.h"
#include "client/executor.h"
#include "edge.h"
#include "taos.h"

using namespace opentaos;
using namespace opentaos::edge;
using base::ProcessOptions;
using client::Allowed;

namespace {

constexpr size_t kLongestInstanceText = 255;

int32_t invalid_input() { return report(base::kErrInvalidInput, "Invalid client input"); }

// The address that a program means, as for taos_connect().
Status address_options(const char *fqdn, int port, base::ConnectOptions *options) {
  ProcessOptions &process = ProcessOptions::instance();
  (void)process.start();
  *options = process.connect_options();
  const base::ProcessSettings settings = process.process_settings();
  if (port < 0 || port > UINT16_MAX) return {base::kErrInvalidPara, "Invalid parameters: no such port"};
  std::string host = fqdn ? fqdn : "";
  if (host.empty()) host = settings.fqdn;
  if (port == 0) port = settings.server_port;
  return base::apply_arguments(*options, settings, host.empty() ? nullptr : host.c_str(), nullptr, nullptr, nullptr,
                               static_cast<uint16_t>(port));
}

// Asks for a white list on a library thread. `deliver` gets the outcome, also when there is nobody to ask: then at
// once, as natively.
template <typename Ask, typename Deliver>
void fetch_list(TAOS *taos, Ask ask, Deliver deliver) {
  guard_void([&] {
    auto connection = connection_of(taos);
    if (!connection) {
      deliver(base::kErrInvalidPara, std::vector<Allowed>());
      return;
    }
    const bool posted = client::post_task([connection, ask, deliver] {
      auto list = ask(*connection);
      if (list)
        deliver(0, *list);
      else
        deliver(list.status().code(), std::vector<Allowed>());
    });
    if (!posted) deliver(base::kErrOutOfMemory, std::vector<Allowed>());
  });
}

// Has a list of texts as the callbacks take it.
template <typename Call>
void with_texts(const std::vector<std::string> &texts, Call call) {
  std::vector<char *> pointers;
  for (const std::string &t : texts) pointers.push_back(const_cast<char *>(t.c_str()));
  call(static_cast<int>(pointers.size()), pointers.data());
}

std::string signed_text(const Allowed &a) { return (a.denied ? "-" : "+") + a.what; }

int run_statement(TAOS *taos, std::string_view sql) {
  return guard<int>(base::kErrOutOfMemory, [&]() -> int {
    auto connection = connection_of(taos);
    if (!connection) return disconnected();
    auto result = Ref<client::QueryResult>::adopt(connection->query(sql, 0));
    const Status s = result->status();
    result->abandon();
    return report(s);
  });
}

}  // namespace

extern "C" {

// ---- routes

int taos_get_tables_vgId(TAOS *taos, const char *db, const char *table[], int tableNum, int *vgId) {
  return guard<int>(base::kErrOutOfMemory, [&]() -> int {
    auto connection = connection_of(taos);
    if (!connection) return disconnected();
    if (!db || !table || tableNum <= 0 || !vgId) return invalid_input();
    const std::span<const char *const> tables(table, static_cast<size_t>(tableNum));
    for (const char *t : tables)
      if (!t) return invalid_input();
    return report(client::vgroups_of_tables(*connection, db, tables, vgId));
  });
}

int taos_get_table_vgId(TAOS *taos, const char *db, const char *table, int *vgId) {
  return taos_get_tables_vgId(taos, db, &table, 1, vgId);
}

int taos_get_db_route_info(TAOS *taos, const char *db, TAOS_DB_ROUTE_INFO *dbInfo) {
  return guard<int>(base::kErrOutOfMemory, [&]() -> int {
    auto connection = connection_of(taos);
    if (!connection) return disconnected();
    if (!db || !dbInfo) return invalid_input();
    auto route = client::route_of_database(*connection, db);
    if (!route) return report(route.status());
    const size_t n = route->ranges.size();
    auto *hashes = static_cast<TAOS_VGROUP_HASH_INFO *>(std::calloc(n, sizeof(TAOS_VGROUP_HASH_INFO)));
    if (!hashes) return report(base::kErrOutOfMemory, "Out of Memory");
    for (size_t i = 0; i < n; i++) hashes[i] = {route->ranges[i].vgroup, route->ranges[i].first, route->ranges[i].last};
    constexpr int8_t kMurmur = 1;
    *dbInfo = {route->version, route->prefix, route->suffix, kMurmur, static_cast<int32_t>(n), hashes};
    return report(Status::ok());
  });
}

int taos_load_table_info(TAOS *taos, const char *tableNameList) {
  return guard<int>(base::kErrOutOfMemory, [&]() -> int {
    auto connection = connection_of(taos);
    if (!connection) return disconnected();
    return report(tableNameList ? client::load_tables(*connection, tableNameList) : Status::ok());
  });
}

// ---- what users are allowed, and what happens to them

void taos_fetch_whitelist_a(TAOS *taos, __taos_async_whitelist_fn_t fp, void *param) {
  if (!fp) return;
  fetch_list(taos, client::allowed_hosts, [=](int code, const std::vector<Allowed> &list) {
    std::vector<uint64_t> networks;
    uint64_t network;
    for (const Allowed &a : list)
      if (!a.denied && client::pack_ipv4_network(a.what, &network)) networks.push_back(network);
    fp(param, code, taos, static_cast<int>(networks.size()), networks.data());
  });
}

void taos_fetch_whitelist_dual_stack_a(TAOS *taos, __taos_async_whitelist_dual_stack_fn_t fp, void *param) {
  if (!fp) return;
  fetch_list(taos, client::allowed_hosts, [=](int code, const std::vector<Allowed> &list) {
    std::vector<std::string> texts;
    for (const Allowed &a : list)
      if (!a.denied) texts.push_back(a.what);
    with_texts(texts, [&](int n, char **p) { fp(param, code, taos, n, p); });
  });
}

void taos_fetch_ip_whitelist_a(TAOS *taos, __taos_async_ip_whitelist_fn_t fp, void *param) {
  if (!fp) return;
  fetch_list(taos, client::allowed_hosts, [=](int code, const std::vector<Allowed> &list) {
    std::vector<std::string> texts;
    for (const Allowed &a : list) texts.push_back(signed_text(a));
    with_texts(texts, [&](int n, char **p) { fp(param, code, taos, n, p); });
  });
}

void taos_fetch_datetime_whitelist_a(TAOS *taos, __taos_async_datetime_whitelist_fn_t fp, void *param) {
  if (!fp) return;
  fetch_list(taos, client::allowed_times, [=](int code, const std::vector<Allowed> &list) {
    std::vector<std::string> texts;
    for (const Allowed &a : list) texts.push_back(signed_text(a));
    with_texts(texts, [&](int n, char **p) { fp(param, code, taos, n, p); });
  });
}

int taos_set_notify_cb(TAOS *taos, __taos_notify_fn_t fp, void *param, int type) {
  return guard<int>(base::kErrOutOfMemory, [&]() -> int {
    auto connection = connection_of(taos);
    if (!connection || type < 0 || type >= client::Connection::kNotifyTypes) return invalid_para();
    connection->set_notify(type, fp, param);
    return report(Status::ok());
  });
}

// ---- servers

TSDB_SERVER_STATUS taos_check_server_status(const char *fqdn, int port, char *details, int maxlen) {
  return guard(TSDB_SRV_STATUS_UNAVAILABLE, [&] {
    client::ServerState state;
    base::ConnectOptions options;
    Status s = address_options(fqdn, port, &options);
    if (s) s = client::ask_server_state(options, &state);
    if (!s) state.details = s.message();
    if (details && maxlen > 0) copy_text(details, static_cast<size_t>(maxlen), state.details);
    base::clear_last_error();
    const bool known = state.status > TSDB_SRV_STATUS_UNAVAILABLE && state.status <= TSDB_SRV_STATUS_EXTING;
    return known ? static_cast<TSDB_SERVER_STATUS>(state.status) : TSDB_SRV_STATUS_UNAVAILABLE;
  });
}

int32_t taos_register_instance(const char *id, const char *type, const char *desc, int32_t) {
  for (const char *text : {id, type, desc})
    if (!text || std::strlen(text) > kLongestInstanceText) return invalid_para();
  return report(base::kErrNotSupported,
                "processes can register with a cluster over a native connection only, not over WebSocket");
}

int32_t taos_list_instances(const char *filter_type, char ***pList, int32_t *pCount) {
  return guard<int32_t>(base::kErrOutOfMemory, [&]() -> int32_t {
    if (!pList || !pCount) return invalid_para();
    *pList = nullptr;
    *pCount = 0;
    base::ConnectOptions options;
    if (Status s = address_options(nullptr, 0, &options); !s) return report(s);
    auto adapters = client::list_adapters(options);
    if (!adapters) return report(adapters.status());
    // What a server tells over WebSocket are taosAdapters.
    if (filter_type && *filter_type && std::strcmp(filter_type, "taosadapter") != 0) adapters->clear();
    if (adapters->empty()) return report(Status::ok());
    auto **list = static_cast<char **>(std::calloc(adapters->size(), sizeof(char *)));
    bool whole = list != nullptr;
    for (size_t i = 0; whole && i < adapters->size(); i++)
      whole = (list[i] = strdup((*adapters)[i].c_str())) != nullptr;
    *pList = list;
    if (!whole) {
      taos_free_instances(pList, list ? static_cast<int32_t>(adapters->size()) : 0);
      return report(base::kErrOutOfMemory, "Out of Memory");
    }
    *pCount = static_cast<int32_t>(adapters->size());
    return report(Status::ok());
  });
}

void taos_free_instances(char ***pList, int32_t pCount) {
  if (!pList || !*pList) return;
  for (int32_t i = 0; i < pCount; i++) std::free((*pList)[i]);
  std::free(*pList);
  *pList = nullptr;
}

// ---- transactions

int taos_txn_begin(TAOS *taos) { return run_statement(taos, "begin"); }
int taos_txn_commit(TAOS *taos) { return run_statement(taos, "commit"); }
int taos_txn_rollback(TAOS *taos) { return run_statement(taos, "rollback"); }

}  // extern "C"
