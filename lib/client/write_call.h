// A message that writes: sent once, its answer waited for.
#pragma once
#include <functional>
#include <string>

#include "client/connection.h"

namespace opentaos::client {

// Appends the message with this request id to the buffer. A failure means that it must not be sent.
using BuildMessage = std::function<base::Status(base::Buffer *message, uint64_t req_id)>;

// The text of the server's answer. The message goes to a second connection only if the first was lost before a byte of
// it was sent; if the answer is lost, the outcome is unknown. A request id of 0 or less, or one that is in use, is
// replaced.
base::StatusOr<std::string> send_write(Connection &connection, int64_t req_id, net::Opcode opcode,
                                       const BuildMessage &build);

}  // namespace opentaos::client
