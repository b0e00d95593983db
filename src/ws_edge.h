// What the ws_* functions have of their own at the edge: texts in the form of TDengine's WebSocket library, and a last
// error that stays until the next one.
#pragma once
#include "edge.h"

namespace opentaos::edge {

// The outcome of a ws_* call. A failure becomes this thread's last ws error, its text put into the form
// [0x0357] Internal error: `...`; success leaves the last error alone.
int32_t ws_report(const Status &s);
// The same with a text that is complete already.
int32_t ws_report(int32_t code, std::string_view text);
int32_t ws_last_error_code();
const char *ws_last_error_text();

inline int32_t ws_null_handle() { return ws_report(base::kErrInvalidPara, "taos is null"); }

// As guard(), for ws_* functions.
template <typename R, typename Body>
R ws_guard(R failed, Body &&body) noexcept {
  try {
    return std::forward<Body>(body)();
  } catch (const std::bad_alloc &) {
    ws_report(base::kErrOutOfMemory, "Out of Memory");
  } catch (...) {
    ws_report(base::kErrFailed, "internal error of the client library");
  }
  return failed;
}

// "TSDB_DATA_TYPE_INT" for 4; nullptr for what is no type.
const char *type_name(int type);

// A status in the form in which ws_* functions show it; success stays success.
Status ws_status(const Status &s);

}  // namespace opentaos::edge
