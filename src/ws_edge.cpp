#include "ws_edge.h"

#include <algorithm>
#include <cstring>

#include "base/dsn.h"

namespace opentaos::edge {
namespace {

struct WsLastError {
  int32_t code;
  char text[4096];
};
// Plain memory, as base/last_error.cpp.
thread_local WsLastError t_ws_last;

}  // namespace

int32_t ws_report(int32_t code, std::string_view text) {
  t_ws_last.code = code;
  copy_text(t_ws_last.text, sizeof t_ws_last.text, text);
  return code;
}

int32_t ws_report(const Status &s) {
  if (s) return 0;
  return ws_report(s.code(), base::dsn_error_text(s.code(), s.message()));
}

int32_t ws_last_error_code() { return t_ws_last.code; }
const char *ws_last_error_text() { return t_ws_last.text; }

Status ws_status(const Status &s) {
  if (s) return s;
  return {s.code(), base::dsn_error_text(s.code(), s.message())};
}

}  // namespace opentaos::edge
