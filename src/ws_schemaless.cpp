// ws_schemaless_insert_*.
#include <string>

#include "base/dsn.h"
#include "client/schemaless.h"
#include "taosws.h"
#include "ws_edge.h"

using namespace opentaos;
using namespace opentaos::edge;
using client::QueryResult;
using client::SchemalessWrite;

namespace {

// The code stands in front of the text, and once more where the text comes from the server.
int32_t failed(int32_t code, std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string whole = "schemaless insert failed: [0x";
  for (int shift = 12; shift >= 0; shift -= 4) whole += kHex[static_cast<uint32_t>(code) >> shift & 15];
  whole += "] ";
  whole += text;
  return ws_report(code, whole);
}

// As TDengine's WebSocket library: a failure gives no result, and neither the result nor *totalRows tells a number of
// rows.
WS_RES *insert(WS_TAOS *taos, const char *lines, int length, const SchemalessWrite &write) {
  return ws_guard<WS_RES *>(nullptr, [&]() -> WS_RES * {
    auto connection = connection_of(taos);
    if (!connection) {
      failed(base::kErrInvalidPara, "client pointer it null");
      return nullptr;
    }
    if (!lines || length < 0) {
      failed(base::kErrInvalidPara, "lines pointer is null");
      return nullptr;
    }
    const std::string_view text(lines, static_cast<size_t>(length));
    if (Status s = client::insert_text_ws(*connection, write, text); !s) {
      failed(s.code(), base::dsn_error_text(s.code(), s.message()));
      return nullptr;
    }
    return hand_out_result(QueryResult::updated(0));
  });
}

}  // namespace

extern "C" {

WS_RES *ws_schemaless_insert_raw(WS_TAOS *taos, const char *lines, int len, int32_t *, int protocal, int precision) {
  return insert(taos, lines, len, {protocal, precision, 0, 0, {}});
}

WS_RES *ws_schemaless_insert_raw_with_reqid(WS_TAOS *taos, const char *lines, int len, int32_t *, int protocal,
                                            int precision, uint64_t reqid) {
  return insert(taos, lines, len, {protocal, precision, 0, static_cast<int64_t>(reqid), {}});
}

WS_RES *ws_schemaless_insert_raw_ttl(WS_TAOS *taos, const char *lines, int len, int32_t *, int protocal, int precision,
                                     int ttl) {
  return insert(taos, lines, len, {protocal, precision, ttl, 0, {}});
}

WS_RES *ws_schemaless_insert_raw_ttl_with_reqid(WS_TAOS *taos, const char *lines, int len, int32_t *, int protocal,
                                                int precision, int ttl, uint64_t reqid) {
  return insert(taos, lines, len, {protocal, precision, ttl, static_cast<int64_t>(reqid), {}});
}

}  // extern "C"
