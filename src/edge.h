// The edge of the library: every extern "C" function goes through here. Nothing throws past it, every handle is
// checked, and the outcome ends in the calling thread's last error.
#pragma once
#include <exception>
#include <new>
#include <utility>

#include "base/codes.h"
#include "base/handle.h"
#include "base/last_error.h"
#include "base/status.h"
#include "client/connection.h"
#include "client/result.h"

namespace opentaos::edge {

using base::HandleKind;
using base::Ref;
using base::Status;

// Runs `body`; when memory is out or anything else is thrown, says so and gives `failed`.
template <typename R, typename Body>
R guard(R failed, Body &&body) noexcept {
  try {
    return std::forward<Body>(body)();
  } catch (const std::bad_alloc &) {
    base::set_last_error(base::kErrOutOfMemory, "Out of Memory");
  } catch (...) {
    base::set_last_error(base::kErrFailed, "internal error of the client library");
  }
  return failed;
}
template <typename Body>
void guard_void(Body &&body) noexcept {
  (void)guard(0, [&] {
    body();
    return 0;
  });
}

// The outcome of a call: into the last error, and back as a code.
inline int32_t report(const Status &s) {
  if (s.is_ok())
    base::clear_last_error();
  else
    base::set_last_error(s);
  return s.code();
}
inline int32_t report(int32_t code, std::string_view text) {
  base::set_last_error(code, text);
  return code;
}
inline int32_t invalid_para() { return report(base::kErrInvalidPara, "Invalid parameters"); }
inline int32_t disconnected() { return report(base::kErrDisconnected, "Disconnected from service"); }

// The object behind a handle, with a reference for the length of the call; empty for anything that is no such handle.
inline Ref<client::Connection> connection_of(const void *taos) {
  return Ref<client::Connection>::adopt(
      static_cast<client::Connection *>(base::acquire_handle(HandleKind::kConnection, taos)));
}
// Results belong to one thread at a time: no reference is taken.
inline client::Result *result_of(const void *res) {
  return static_cast<client::Result *>(base::peek_handle(HandleKind::kResult, res));
}

// Gives a result (whose reference is taken over) to the program; nullptr, with the last error set, if there is no room.
void *hand_out_result(client::Result *result);
void *hand_out_connection(Ref<client::Connection> connection);

// Copies text into a caller's fixed-size buffer, always with a NUL.
void copy_text(char *to, size_t room, std::string_view text);

// What a function says that a later release brings (docs/compatibility.md lists them).
int32_t not_yet(const char *function);

}  // namespace opentaos::edge
