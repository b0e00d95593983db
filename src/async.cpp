// The calls that do not wait: their callbacks run on threads of the library, never on the caller's.
#include "client/async_query.h"
#include "client/executor.h"
#include "edge.h"
#include "taos.h"

using namespace opentaos;
using namespace opentaos::edge;
using client::QueryResult;
using client::Result;

namespace {

void run(TAOS *taos, const char *sql, __taos_async_fn_t fp, void *param, int64_t req_id) {
  guard_void([&] {
    auto connection = connection_of(taos);
    Status bad;
    if (!connection)
      bad = {base::kErrDisconnected, "Disconnected from service"};
    else if (!sql || !fp)
      bad = {base::kErrInvalidPara, "Invalid parameters"};
    report(bad);
    if (!bad) {
      if (fp) (void)client::post_task([=, code = bad.code()] { fp(param, nullptr, code); });
      return;
    }
    client::query_async(std::move(connection), sql, req_id, [=](QueryResult *result) {
      const int32_t code = result->status().code();
      fp(param, hand_out_result(result), code);
    });
  });
}

// What both fetches have in common: the next block becomes the current one, and the callback hears how many rows it
// has.
void fetch(TAOS_RES *res, __taos_async_fn_t fp, void *param) {
  guard_void([&] {
    if (!fp) return;
    Result *found = result_of(res);
    if (!found || !found->status() || found->is_update()) {
      const int32_t code = found ? found->status().code() : base::kErrInvalidPara;
      (void)client::post_task([=] { fp(param, res, code); });
      return;
    }
    auto result = Ref<Result>::share(found);
    auto then = [=] {
      uint32_t rows = 0;
      const Status s = result->next_block_for_callback(&rows);
      fp(param, res, s ? static_cast<int>(rows) : s.code());
    };
    if (result->kind() == client::ResultKind::kQuery)
      static_cast<QueryResult *>(result.get())->when_block(then);
    else
      (void)client::post_task(then);
  });
}

}  // namespace

extern "C" {

void taos_query_a(TAOS *taos, const char *sql, __taos_async_fn_t fp, void *param) { run(taos, sql, fp, param, 0); }

void taos_query_a_with_reqid(TAOS *taos, const char *sql, __taos_async_fn_t fp, void *param, int64_t reqid) {
  run(taos, sql, fp, param, reqid);
}

void taos_fetch_rows_a(TAOS_RES *res, __taos_async_fn_t fp, void *param) { fetch(res, fp, param); }

void taos_fetch_raw_block_a(TAOS_RES *res, __taos_async_fn_t fp, void *param) { fetch(res, fp, param); }

}  // extern "C"
