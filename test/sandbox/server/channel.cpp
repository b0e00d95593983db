#include "channel.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <limits>

#include "actions.h"
#include "bytes.h"

namespace opentaos::sandbox::server {
namespace {

constexpr Clock::time_point kNever = Clock::time_point::max();
constexpr std::chrono::milliseconds kReorderWait{100};
constexpr std::chrono::seconds kUserCheck{1};

Clock::duration seconds(double value) {
  return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(value));
}

std::string close_payload(int64_t code) { return {static_cast<char>(code >> 8), static_cast<char>(code)}; }

// The frame of `payload`, broken in one of the ways of bad-frame.
std::string broken_frame(std::string_view kind, Opcode opcode, const std::string &payload) {
  std::string frame = encode_frame(opcode, payload);
  auto set_first = [&frame](int bits) { frame[0] = static_cast<char>(frame[0] | bits); };
  if (kind == "rsv") {
    set_first(0x20);
  } else if (kind == "opcode") {
    frame[0] = static_cast<char>(0x83);
  } else if (kind == "masked") {
    frame[1] = static_cast<char>(frame[1] | 0x80);
  } else if (kind == "huge") {  // announces 2^62 bytes
    frame = std::string(1, frame[0]) + '\x7f' + '\x40' + std::string(7, '\0') + payload;
  } else if (kind == "overlong") {  // a length in more bytes than it needs
    std::string length(8, '\0');
    for (int i = 0; i < 8; ++i) length[static_cast<size_t>(i)] = static_cast<char>(payload.size() >> (56 - 8 * i));
    frame = std::string(1, frame[0]) + '\x7f' + length + payload;
  } else if (kind == "long-ping") {
    frame = encode_frame(Opcode::kPing, std::string(126, 'x')) + frame;
  } else if (kind == "continuation") {
    frame[0] = static_cast<char>(0x80);
  } else if (kind == "nested") {  // a new message inside a fragmented one
    std::string first = frame;
    first[0] = static_cast<char>(first[0] & 0x7f);
    frame = first + frame;
  } else if (kind == "compressed") {
    set_first(0x40);
  } else if (kind == "short-close") {
    frame = encode_frame(Opcode::kClose, "x");
  }
  return frame;
}

// Sends what bad-upgrade wants instead of a proper answer.
void break_upgrade(Stream &stream, const std::string &kind, const std::string &key) {
  std::string start = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
  if (kind == "accept") {
    stream.write_all(start + "Sec-WebSocket-Accept: " + accept_key(key + "x") + "\r\n\r\n");
  } else if (kind == "missing") {
    stream.write_all(start + "\r\n");
  } else if (kind == "garbage") {
    stream.write_all("\x16\x03\x01 this is not HTTP\r\n\r\n");
  } else if (kind == "endless") {
    Clock::time_point end = Clock::now() + std::chrono::seconds(60);
    stream.write_all(start);
    while (Clock::now() < end && stream.write_all("X-Filler: " + std::string(1000, 'x') + "\r\n")) {
    }
  } else if (kind == "silent") {
    stream.sleep(std::chrono::hours(1));
  }
}

bool good_upgrade(const HttpRequest &request) {
  return request.method == "GET" && request.header_has("connection", "upgrade") &&
         request.header_has("upgrade", "websocket") && request.header("sec-websocket-version") == "13" &&
         is_websocket_key(request.header("sec-websocket-key"));
}

}  // namespace

std::optional<Endpoint> websocket_endpoint(std::string_view path) {
  if (path == "/ws") return Endpoint::kWs;
  if (path == "/rest/ws") return Endpoint::kLegacyWs;
  if (path == "/rest/tmq") return Endpoint::kTmq;
  return std::nullopt;
}

void serve_websocket(Server &server, Stream &stream, Endpoint endpoint, const HttpRequest &request,
                     std::string buffer) {
  server.count("upgrade");
  AppliedFaults faults = server.faults().take("upgrade");
  if (const Fault *fault = faults.find(FaultKind::kRefuseUpgrade)) {
    HttpResponse response = plain_response(static_cast<int>(fault->number), "refused on purpose\n");
    if (fault->number >= 300 && fault->number < 400) {
      response.headers.emplace_back("Location", "https://" + request.header("host") + request.path);
    }
    stream.write_all(response.serialise(false, false));
    return;
  }
  if (!good_upgrade(request)) {
    HttpResponse response = plain_response(400, "Bad Request\n");
    response.headers.emplace_back("Sec-Websocket-Version", "13");
    stream.write_all(response.serialise(false, false));
    return;
  }
  const std::string &key = request.header("sec-websocket-key");
  if (const Fault *fault = faults.find(FaultKind::kBadUpgrade)) {
    break_upgrade(stream, fault->bytes, key);
    return;
  }
  bool deflate = request.header_has("sec-websocket-extensions", "permessage-deflate");
  std::string answer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
  answer += "Sec-WebSocket-Accept: " + accept_key(key) + "\r\n";
  if (deflate) {
    answer +=
        "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover\r\n";
  }
  if (!stream.write_all(answer + "\r\n")) return;
  AppliedFaults connection = server.faults().take("connection");
  if (const Fault *fault = connection.find(FaultKind::kCutAfter)) stream.set_budget(fault->number);
  Channel channel(server, stream, endpoint, deflate, request.query.count("token") != 0, std::move(buffer));
  channel.run();
}

Channel::Channel(Server &server, Stream &stream, Endpoint endpoint, bool deflate, bool url_token, std::string buffer)
    : server_(server),
      stream_(stream),
      peer_{server, endpoint, url_token, false, {}, {}, 1},
      deflate_(deflate),
      parser_(deflate),
      connected_at_(Clock::now()),
      next_ping_(kNever),
      last_heard_(connected_at_) {
  parser_.buffer() = std::move(buffer);
  if (server.options().ping_seconds > 0) next_ping_ = connected_at_ + seconds(server.options().ping_seconds);
  if (endpoint != Endpoint::kTmq) return;
  wake_fd_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake_fd_ < 0) return;  // polls then look once a second
  server.groups().add_waker(wake_fd_);
  stream.set_wake_fd(wake_fd_);
}

Channel::~Channel() {
  peer_.consumer.reset();
  if (wake_fd_ >= 0) {
    server_.groups().remove_waker(wake_fd_);
    stream_.set_wake_fd(-1);  // the stream still has its goodbye to say, and the number may soon be another's
    close(wake_fd_);
  }
  server_.results_changed(-static_cast<int>(peer_.results.size()));
}

void Channel::run() {
  for (;;) {
    Message message;
    FrameParser::Result result = parser_.next(&message);
    if (result == FrameParser::Result::kMessage) {
      if (!handle(std::move(message)) || !send_due()) return;
      continue;
    }
    if (result == FrameParser::Result::kError) {
      server_.log("a peer broke the WebSocket protocol");
      stream_.write_all(encode_frame(Opcode::kClose, close_payload(parser_.close_code())));
      return;
    }
    if (!go_on_polling() || !send_due() || !keep_alive()) return;
    if (stream_.read_some(parser_.buffer(), next_wake()) == Stream::Event::kClosed) return;
  }
}

Clock::time_point Channel::next_wake() const {
  Clock::time_point wake = Clock::now() + kUserCheck;
  for (const Waiting &waiting : waiting_) wake = std::min(wake, waiting.due);
  if (parked_) wake = std::min(wake, parked_->until);
  return std::min(wake, next_ping_);
}

// Pings, the dead-peer limit, and the end of a dropped user's sessions.
bool Channel::keep_alive() {
  Clock::time_point now = Clock::now();
  const Options &options = server_.options();
  if (options.pong_seconds > 0 && options.ping_seconds > 0 &&
      now - last_heard_ >= seconds(options.ping_seconds + options.pong_seconds)) {
    server_.log("a peer was silent for too long");
    return false;
  }
  if (now >= next_ping_) {
    next_ping_ += seconds(options.ping_seconds);
    server_.count("ping sent");
    if (!stream_.write_all(encode_frame(Opcode::kPing, ""))) return false;
  }
  if (peer_.connected && server_.dropped_since(peer_.session.user, connected_at_)) {
    stream_.write_all(encode_frame(Opcode::kClose, ""));
    return false;
  }
  return true;
}

bool Channel::handle(Message message) {
  switch (message.kind) {
    case Opcode::kClose: return false;  // the adapter ends the TCP connection without a close frame of its own
    case Opcode::kPing: return stream_.write_all(encode_frame(Opcode::kPong, message.payload));
    case Opcode::kPong:
      server_.count("pong received");
      last_heard_ = Clock::now();
      return true;
    default: last_heard_ = Clock::now(); return handle_request(parse_request(std::move(message), Clock::now()));
  }
}

bool Channel::handle_request(Request request) {
  if (parked_ && waits_for_poll(peer_, request)) {
    // The adapter has one place for a poll to wait in, and never answers the one that is pushed out of it.
    if (request.action == "poll") std::erase_if(behind_, [](const Request &r) { return r.action == "poll"; });
    behind_.push_back(std::move(request));
    return true;
  }
  AppliedFaults faults = server_.faults().take(request.action);
  if (faults.has(FaultKind::kCutBefore)) return false;
  const Fault *error = faults.find(FaultKind::kError);
  Reply reply =
      error == nullptr ? answer(peer_, request) : refuse(peer_, request, static_cast<int>(error->number), error->bytes);
  if (reply.later) {
    parked_ = Parked{std::move(request), faults, reply.until};
    return true;
  }
  return deliver({Clock::now(), std::move(reply), faults, false});
}

// Looks again for what a poll waits for, and when it has ended, answers what came behind it.
bool Channel::go_on_polling() {
  while (parked_) {
    Reply reply = poll_again(peer_, parked_->request, Clock::now() >= parked_->until);
    if (reply.later) {
      parked_->until = reply.until;
      return true;
    }
    AppliedFaults faults = parked_->faults;
    parked_.reset();
    if (!deliver({Clock::now(), std::move(reply), faults, false})) return false;
    std::deque<Request> behind = std::move(behind_);
    behind_.clear();
    for (Request &request : behind) {
      if (!handle_request(std::move(request))) return false;
    }
  }
  return true;
}

// An answer goes its way, as the faults will have it.
bool Channel::deliver(Waiting waiting) {
  const AppliedFaults &faults = waiting.faults;
  if (faults.has(FaultKind::kCut)) return false;
  if (faults.has(FaultKind::kReset)) return stream_.reset_on_close();
  if (waiting.reply.nothing || faults.has(FaultKind::kNever)) return true;
  if (const Fault *late = faults.find(FaultKind::kLate)) waiting.due += std::chrono::milliseconds(late->number);
  bool one_is_held = std::any_of(waiting_.begin(), waiting_.end(), [](const Waiting &w) { return w.held; });
  if (faults.has(FaultKind::kReorder) && !one_is_held) {
    waiting.held = true;
    waiting.due += kReorderWait;
  }
  waiting_.push_back(std::move(waiting));
  return true;
}

// Sends what is due, in the order of the due times.
bool Channel::send_due() {
  for (;;) {
    auto next = std::min_element(waiting_.begin(), waiting_.end(),
                                 [](const Waiting &a, const Waiting &b) { return a.due < b.due; });
    if (next == waiting_.end() || next->due > Clock::now()) return true;
    Waiting waiting = std::move(*next);
    waiting_.erase(next);
    if (!send(waiting)) return false;
    // What `reorder` held back leaves right behind the next one.
    for (Waiting &other : waiting_) {
      if (other.held) other.due = Clock::now();
    }
  }
}

bool Channel::send(const Waiting &waiting) {
  const AppliedFaults &faults = waiting.faults;
  std::string payload = waiting.reply.payload;
  edit_payload(faults, waiting.reply.block_at, &payload);
  if (const Fault *fault = faults.find(FaultKind::kCloseFrame)) {
    stream_.write_all(encode_frame(Opcode::kClose, fault->number == 0 ? "" : close_payload(fault->number)));
    return false;
  }
  if (faults.has(FaultKind::kUnasked) && !send_strays()) return false;
  if (const Fault *fault = faults.find(FaultKind::kPingStorm)) {
    for (int64_t i = 0; i < fault->number; ++i) {
      if (!stream_.write_all(encode_frame(Opcode::kPing, "storm" + std::to_string(i)))) return false;
    }
  }
  if (!send_frames(waiting, payload)) return false;
  return !faults.has(FaultKind::kDuplicate) || send_frames(waiting, payload);
}

bool Channel::send_frames(const Waiting &waiting, const std::string &payload) {
  const AppliedFaults &faults = waiting.faults;
  Opcode opcode = waiting.reply.binary ? Opcode::kBinary : Opcode::kText;
  if (const Fault *fault = faults.find(FaultKind::kBadFrame)) {
    return stream_.write_all(broken_frame(fault->bytes, opcode, payload));
  }
  const Fault *fragment = faults.find(FaultKind::kFragment);
  size_t size = fragment == nullptr ? 0 : std::max<size_t>(1, static_cast<size_t>(fragment->number));
  std::vector<std::string> frames = encode_frames(opcode, payload, deflate_, size);
  if (faults.has(FaultKind::kPingStorm)) {
    for (size_t i = 0; i + 1 < frames.size(); ++i) frames[i] += encode_frame(Opcode::kPing, "between");
  }
  std::string bytes = frames.size() == 1 ? std::move(frames[0]) : std::string();
  if (bytes.empty()) {
    for (const std::string &frame : frames) bytes += frame;
  }
  if (const Fault *fault = faults.find(FaultKind::kTruncate)) {
    stream_.write_all(std::string_view(bytes).substr(0, static_cast<size_t>(fault->number)));
    return false;
  }
  if (const Fault *fault = faults.find(FaultKind::kSlowDrip)) return drip(bytes, fault->number);
  return stream_.write_all(bytes);
}

// Well-formed answers to requests that were never sent.
bool Channel::send_strays() {
  constexpr uint64_t kStray = 0x0123456789abcdefu;
  JsonObject query;
  query.number("code", 0).text("message", "").text("action", "query").unsigned_number("req_id", kStray);
  query.number("timing", 1).number("id", 0).boolean("is_update", true).number("affected_rows", 1);
  std::string block;
  put_u64(block, UINT64_MAX);
  put_u64(block, 7);
  put_u16(block, 1);
  put_u64(block, 1);
  put_u64(block, kStray);
  put_u32(block, 0);
  put_u32(block, 0);
  put_u64(block, kStray);
  put_u8(block, 1);
  for (const std::string &frame : encode_frames(Opcode::kText, query.done(), deflate_, 0)) {
    if (!stream_.write_all(frame)) return false;
  }
  for (const std::string &frame : encode_frames(Opcode::kBinary, block, deflate_, 0)) {
    if (!stream_.write_all(frame)) return false;
  }
  return true;
}

bool Channel::drip(std::string_view bytes, int64_t milliseconds) {
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (!stream_.write_all(bytes.substr(i, 1))) return false;
    // Only the stop of the server or an error ends the wait; what the peer sends meanwhile is read later.
    if (i + 1 < bytes.size() && !stream_.sleep(std::chrono::milliseconds(milliseconds))) return false;
  }
  return true;
}

}  // namespace opentaos::sandbox::server
