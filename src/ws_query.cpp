// ws_*: statements.
#include "taos.h"
#include "taosws.h"
#include "ws_edge.h"

using namespace opentaos;
using namespace opentaos::edge;
using client::QueryResult;

namespace {

// A failure is a result, too; its text is complete.
WS_RES *failed(int32_t code, std::string_view text) {
  ws_report(code, text);
  return hand_out_result(QueryResult::failed({code, text}));
}

WS_RES *run(WS_TAOS *taos, const char *sql, int64_t req_id, int64_t timeout_ms) {
  return ws_guard<WS_RES *>(nullptr, [&]() -> WS_RES * {
    auto connection = connection_of(taos);
    if (!connection) return failed(base::kErrInvalidPara, "client pointer is null");
    if (!sql) return failed(base::kErrInvalidPara, "sql pointer is null");
    // What an adapter says of a message without a statement.
    if (!*sql) return failed(base::kErrFailed, "Internal error: `message length is too short`");
    QueryResult *result = connection->query(sql, req_id, timeout_ms);
    if (!result->status()) {
      result->set_status(ws_status(result->status()));
      ws_report(result->status().code(), result->status().message());
    }
    return hand_out_result(result);
  });
}

}  // namespace

extern "C" {

WS_RES *ws_query(WS_TAOS *taos, const char *sql) { return run(taos, sql, 0, 0); }

WS_RES *ws_query_with_reqid(WS_TAOS *taos, const char *sql, uint64_t req_id) {
  return run(taos, sql, static_cast<int64_t>(req_id), 0);
}

WS_RES *ws_query_timeout(WS_TAOS *taos, const char *sql, uint32_t seconds) {
  return run(taos, sql, 0, int64_t{seconds} * 1000);
}

int32_t ws_stop_query(WS_RES *rs) {
  return ws_guard<int32_t>(base::kErrOutOfMemory, [&]() -> int32_t {
    if (base::kind_of_handle(rs) != HandleKind::kResult) return ws_report(base::kErrInvalidPara, "result set is null");
    taos_stop_query(rs);
    return 0;
  });
}

int32_t ws_free_result(WS_RES *rs) {
  taos_free_result(rs);
  return 0;
}

int32_t ws_errno(WS_RES *rs) {
  if (!rs) return ws_last_error_code();
  if (client::Result *r = result_of(rs)) return r->status().code();
  return base::kind_of_handle(rs) != HandleKind::kFree ? ws_last_error_code() : base::kErrInvalidPara;
}

const char *ws_errstr(WS_RES *rs) {
  if (!rs) return ws_last_error_text();
  if (client::Result *r = result_of(rs)) return r->status().message().c_str();
  return base::kind_of_handle(rs) != HandleKind::kFree ? ws_last_error_text() : "no such result set";
}

int32_t ws_query_errno(WS_RES *rs) { return ws_errno(rs); }
const char *ws_query_errstr(WS_RES *rs) { return ws_errstr(rs); }

}  // extern "C"
