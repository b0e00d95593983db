#include "client/write_call.h"

#include "base/codes.h"
#include "client/text_call.h"
#include "net/ws_frame.h"

namespace opentaos::client {

using base::Buffer;
using base::Deadline;
using base::Status;
using base::StatusOr;

StatusOr<std::string> send_write(Connection &connection, int64_t req_id, net::Opcode opcode,
                                 const BuildMessage &build) {
  uint64_t id = req_id > 0 ? static_cast<uint64_t>(req_id) : 0;
  for (bool again = false;; again = true) {
    auto channel = connection.channel();
    if (!channel) return channel.status();
    Channel &c = **channel;
    TextCall call(c);
    Buffer message;
    bool sent = false;
    Status s;
    // The time for the answer begins when everything has been sent; sending has a limit of its own.
    const Deadline sending = c.until_cancelled();
    for (;;) {
      if (id == 0) id = c.next_req_id();
      message.clear();
      (void)message.extend(net::kMaxClientHeader);
      if (s = build(&message, id); !s) return s;
      s = c.start_in_place(call, id, &message, sending, &sent, opcode);
      if (s.code() != kDuplicateReqId) break;
      id = 0;
    }
    if (s) s = call.wait(connection.read_deadline());
    if (s) return std::move(call.text());
    if (!sent) {
      if (c.is_lost() && !again) continue;
      return s;
    }
    // A program that closes or cancels knows that what was under way may have happened.
    if (s.code() == base::kErrCancelled || !connection.usable()) return s;
    return Connection::outcome_unknown(s);
  }
}

}  // namespace opentaos::client
