// taos_query and what else is said to a connection about statements.
#include "taos.h"

#include <cstring>

#include "edge.h"

using namespace opentaos;
using namespace opentaos::edge;

namespace {

TAOS_RES *run(TAOS *taos, const char *sql, int64_t req_id) {
  return guard<TAOS_RES *>(nullptr, [&]() -> TAOS_RES * {
    auto connection = connection_of(taos);
    if (!connection) {
      disconnected();
      return nullptr;
    }
    if (!sql) {
      invalid_para();
      return nullptr;
    }
    const std::string_view text(sql);
    client::QueryResult *result = connection->is_too_long(text.size())
                                      ? client::QueryResult::failed({base::kErrSqlTooLong, "SQL statement too long"})
                                      : connection->query(text, req_id);
    if (!result->is_update() && client::has_rows_at_once(text)) result->expect_rows_at_once();
    report(result->status());
    return hand_out_result(result);
  });
}

}  // namespace

extern "C" {

TAOS_RES *taos_query(TAOS *taos, const char *sql) { return run(taos, sql, 0); }

TAOS_RES *taos_query_with_reqid(TAOS *taos, const char *sql, int64_t reqId) { return run(taos, sql, reqId); }

int taos_validate_sql(TAOS *taos, const char *sql) {
  return guard<int>(base::kErrOutOfMemory, [&] {
    auto connection = connection_of(taos);
    if (!connection) return disconnected();
    if (!sql) return invalid_para();
    return report(connection->validate_sql(sql));
  });
}

void taos_stop_query(TAOS_RES *res) {
  guard_void([&] {
    auto result =
        Ref<client::Result>::adopt(static_cast<client::Result *>(base::acquire_handle(HandleKind::kResult, res)));
    if (result) result->stop();
  });
}

void taos_kill_query(TAOS *taos) {
  guard_void([&] {
    if (auto connection = connection_of(taos)) connection->cancel();
  });
}

int taos_select_db(TAOS *taos, const char *db) {
  return guard<int>(base::kErrOutOfMemory, [&]() -> int {
    auto connection = connection_of(taos);
    if (!connection) return disconnected();
    if (!db || !*db) return report(base::kErrInvalidInput, "Invalid input");
    // The failure is in what is returned only: natively it leaves the last error alone, and programs compare that.
    return connection->select_db(db).code();
  });
}

int taos_get_current_db(TAOS *taos, char *database, int len, int *required) {
  return guard<int>(base::kErrOutOfMemory, [&]() -> int {
    auto connection = connection_of(taos);
    if (!connection) return disconnected();
    std::string db;
    if (Status s = connection->get_current_db(&db); !s) return report(s);
    const int need = static_cast<int>(db.size()) + 1;
    if (!database || len < need) {
      if (required) *required = need;
      if (database && len > 0) copy_text(database, static_cast<size_t>(len), db);
      return invalid_para();
    }
    // The rest of the buffer becomes zeros, as far as one byte behind the name: native fills it so.
    copy_text(database, static_cast<size_t>(len), db);
    if (len > need) database[need] = 0;
    base::clear_last_error();
    return 0;
  });
}

void taos_reset_current_db(TAOS *taos) {
  guard_void([&] {
    auto connection = connection_of(taos);
    if (!connection)
      disconnected();
    else
      report(connection->reset_current_db());
  });
}

}  // extern "C"
