#include "edge.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "client/runtime.h"

namespace opentaos::edge {

void *hand_out_result(client::Result *result) {
  void *handle = base::make_handle(HandleKind::kResult, result);
  if (!handle) base::set_last_error(base::kErrOutOfMemory, "too many results are open");
  return handle;
}

void *hand_out_connection(Ref<client::Connection> connection) {
  void *handle = base::make_handle(HandleKind::kConnection, connection.detach());
  if (!handle)
    base::set_last_error(base::kErrOutOfMemory, "too many connections are open");
  else
    client::runtime_started();
  return handle;
}

void copy_text(char *to, size_t room, std::string_view text) {
  if (!to || room == 0) return;
  size_t n = std::min(text.size(), room - 1);
  std::memcpy(to, text.data(), n);
  to[n] = 0;
}

int32_t not_yet(const char *function) {
  return report(base::kErrNotSupported, std::string(function) + " is not available in this version of opentaos yet");
}

}  // namespace opentaos::edge
