// Host names to socket addresses, by a deadline.
#pragma once
#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/deadline.h"
#include "base/status.h"

namespace opentaos::net {

struct ResolvedAddress {
  sockaddr_storage addr;
  socklen_t len;
  int family;
};

// All stream addresses of a host, in the order in which they should be tried; never an empty list. A numeric IPv4 or
// IPv6 address (also with a zone, fe80::1%eth0) needs no look-up. Anything else is asked of the system's resolver,
// which knows no deadline: the question then goes on behind the caller's back until it ends by itself.
// Failure: 0x8000000B, "Unable to establish connection: cannot resolve host 'x': <reason>".
base::StatusOr<std::vector<ResolvedAddress>> resolve(const std::string &host, uint16_t port, base::Deadline deadline);

// "127.0.0.1:6041", "[::1]:6041": for error texts.
std::string address_text(const ResolvedAddress &address);

}  // namespace opentaos::net
