// One WebSocket connection: the upgrade, the loop over its messages, pings, and the way answers leave, faults included.
#pragma once

#include <deque>
#include <optional>
#include <string>

#include "fault.h"
#include "frames.h"
#include "http.h"
#include "request.h"
#include "stream.h"

namespace opentaos::sandbox::server {

// nullopt for a path that is no WebSocket endpoint.
std::optional<Endpoint> websocket_endpoint(std::string_view path);

// Answers the upgrade request and, when it is good, serves the connection until it ends. `buffer` holds bytes that
// came behind the request.
void serve_websocket(Server &server, Stream &stream, Endpoint endpoint, const HttpRequest &request, std::string buffer);

class Channel {
 public:
  Channel(Server &server, Stream &stream, Endpoint endpoint, bool deflate, bool url_token, std::string buffer);
  ~Channel();
  Channel(const Channel &) = delete;
  Channel &operator=(const Channel &) = delete;

  void run();

 private:
  // An answer on its way out.
  struct Waiting {
    Clock::time_point due;
    Reply reply;
    AppliedFaults faults;
    bool held = false;  // by reorder, until another one has left
  };

  // A poll that waits for a message.
  struct Parked {
    Request request;
    AppliedFaults faults;
    Clock::time_point until;
  };

  // These return false when the connection is over.
  bool handle(Message message);
  bool handle_request(Request request);
  bool deliver(Waiting waiting);
  bool go_on_polling();
  bool send_due();
  bool send(const Waiting &waiting);
  bool send_frames(const Waiting &waiting, const std::string &payload);
  bool send_strays();
  bool drip(std::string_view bytes, int64_t milliseconds);
  bool keep_alive();

  Clock::time_point next_wake() const;

  Server &server_;
  Stream &stream_;
  Peer peer_;
  bool deflate_;
  FrameParser parser_;
  std::deque<Waiting> waiting_;
  std::optional<Parked> parked_;
  std::deque<Request> behind_;  // what waits for the poll
  int wake_fd_ = -1;            // of /rest/tmq
  Clock::time_point connected_at_;
  Clock::time_point next_ping_;
  Clock::time_point last_heard_;
};

}  // namespace opentaos::sandbox::server
