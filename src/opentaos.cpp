// opentaos.h: what this library offers beyond TDengine's interface.
#include "opentaos.h"

#include "base/log.h"
#include "edge.h"
#include "taoserror.h"

using namespace opentaos;
using namespace opentaos::edge;

extern "C" {

int ots_cancel(TAOS *taos) {
  return guard<int>(base::kErrOutOfMemory, [&]() -> int {
    auto connection = connection_of(taos);
    if (!connection) return disconnected();
    connection->cancel();
    return report(Status::ok());
  });
}

int ots_set_timeout(TAOS *taos, int64_t read_ms, int64_t write_ms) {
  return guard<int>(base::kErrOutOfMemory, [&]() -> int {
    auto connection = connection_of(taos);
    if (!connection) return disconnected();
    connection->set_timeouts(read_ms, write_ms);
    return report(Status::ok());
  });
}

TAOS_RES *ots_query_timeout(TAOS *taos, const char *sql, int64_t timeout_ms) {
  return guard<TAOS_RES *>(nullptr, [&]() -> TAOS_RES * {
    auto connection = connection_of(taos);
    if (!connection || !sql || timeout_ms < 0) {
      connection ? invalid_para() : disconnected();
      return nullptr;
    }
    const std::string_view text(sql);
    auto *result = connection->is_too_long(text.size())
                       ? client::QueryResult::failed({base::kErrSqlTooLong, "SQL statement too long"})
                       : connection->query(text, 0, timeout_ms);
    if (!result->is_update() && client::has_rows_at_once(text)) result->expect_rows_at_once();
    report(result->status());
    return hand_out_result(result);
  });
}

int ots_error_class(int code) {
  switch (code) {
    case 0: return OTS_OK;
    case TSDB_CODE_RPC_NETWORK_UNAVAIL:
    case TSDB_CODE_RPC_SOMENODE_NOT_CONNECTED:
    case TSDB_CODE_RPC_MAX_SESSIONS:
    case TSDB_CODE_RPC_NETWORK_BUSY:
    case TSDB_CODE_SDB_OBJ_CREATING:
    case base::full_code(0x03D3):  // two changes of the schema at once
    case base::full_code(0x090C):  // another node leads by now
    case base::full_code(0x0914):  // the leader is starting
    case base::full_code(0xFFFE):  // the adapter's limiter of queries
    // Of these the library only tells where nothing was written.
    case base::kErrClosed:
    case base::kErrSendTimeout:
    case base::kErrReadTimeout: return OTS_RETRIABLE;
    // The server says these when it has lost one of its own.
    case TSDB_CODE_RPC_BROKEN_LINK:
    case TSDB_CODE_RPC_TIMEOUT:
    case base::kErrOutcomeUnknown:
    case base::kErrCancelled: return OTS_OUTCOME_UNKNOWN;
    default: return OTS_FATAL;
  }
}

int ots_set_log(ots_log_fn cb, int level, void *user) {
  return guard<int>(base::kErrOutOfMemory, [&]() -> int {
    if (level < OTS_LOG_OFF || level > OTS_LOG_TRACE) return invalid_para();
    base::set_log_callback(cb, user, static_cast<base::LogLevel>(level));
    return report(Status::ok());
  });
}

}  // extern "C"
