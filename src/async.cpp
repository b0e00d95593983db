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
      if (fp) client::post_kept_task([=, code = bad.code()] { fp(param, nullptr, code); });
      return;
    }
    client::query_async(std::move(connection), sql, req_id, [=](QueryResult *result) {
      const int32_t code = result->status().code();
      void *handle = hand_out_result(result);
      fp(param, handle, handle ? code : base::kErrOutOfMemory);
    });
  });
}

void call_later(__taos_async_fn_t fp, void *param, TAOS_RES *res, int32_t code) {
  client::post_kept_task([=] { fp(param, res, code); });
}

// What both fetches have in common: the next block becomes the current one, and the callback hears how many rows it
// has. Should the program free the result meanwhile, the callback still comes, with a handle that is no longer one.
void fetch(TAOS_RES *res, __taos_async_fn_t fp, void *param) {
  guard_void([&] {
    if (!res || !fp) return;  // as natively
    auto result = Ref<Result>::adopt(static_cast<Result *>(base::acquire_handle(HandleKind::kResult, res)));
    if (!result) return call_later(fp, param, res, base::kErrInvalidPara);
    if (!result->status() || result->is_without_rows()) return call_later(fp, param, res, result->status().code());
    if (!result->begin_callback()) return call_later(fp, param, res, base::kErrInvalidOperation);
    auto then = [=] {
      uint32_t rows = 0;
      const Status s = result->next_block_for_callback(&rows);
      result->end_callback();
      fp(param, res, s ? static_cast<int>(rows) : s.code());
    };
    if (result->kind() == client::ResultKind::kQuery)
      static_cast<QueryResult *>(result.get())->when_block(std::move(then));
    else
      client::post_kept_task(std::move(then));
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
