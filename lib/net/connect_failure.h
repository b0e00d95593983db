// How a connection that could not be made, or was lost, is told to the caller.
#pragma once
#include "base/status.h"
#include "net/transport.h"

namespace opentaos::net {

constexpr int kPeerClosed = -1;  // in place of an errno: the other side ended the connection

// 0x8000000B, "Unable to establish connection: <host:port>: <reason>".
base::Status cannot_connect(const Endpoint &to, int error);
// 0x8000E002, "connection lost: <reason>".
base::Status connection_lost(int error);

// The text native libtaos has for every connection that could not be made. Ours goes on behind it with the reason.
constexpr const char *kCannotConnect = "Unable to establish connection";

}  // namespace opentaos::net
