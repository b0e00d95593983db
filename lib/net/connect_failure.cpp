#include "net/connect_failure.h"

#include <cstring>

#include "base/codes.h"

namespace opentaos::net {

using base::Status;

namespace {

std::string reason(int error) {
  if (error == kPeerClosed) return "closed by the server";
  char room[128];
  // The GNU strerror_r: returns the text, wherever it is.
  return strerror_r(error, room, sizeof room);
}

}  // namespace

Status cannot_connect(const Endpoint &to, int error) {
  bool v6 = to.host.find(':') != std::string::npos;
  return {base::kErrUnableToConnect, std::string(kCannotConnect) + ": " + (v6 ? "[" + to.host + "]" : to.host) + ":" +
                                         std::to_string(to.port) + ": " + reason(error)};
}

Status connection_lost(int error) {
  return {base::kErrClosed, "connection lost" + (error ? ": " + reason(error) : std::string())};
}

}  // namespace opentaos::net
