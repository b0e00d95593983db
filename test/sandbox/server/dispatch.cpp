#include <algorithm>
#include <chrono>
#include <vector>

#include "actions.h"
#include "bytes.h"

namespace opentaos::sandbox::server {
namespace {

// New groups of actions are added here.
const std::vector<std::span<const TextAction>> &text_groups() {
  static const std::vector<std::span<const TextAction>> kGroups = {
      session_actions(), query_actions(), stmt_actions(), stmt2_actions(), schemaless_actions(),
  };
  return kGroups;
}

const std::vector<std::span<const BinaryAction>> &binary_groups() {
  static const std::vector<std::span<const BinaryAction>> kGroups = {
      query_binary_actions(), stmt_binary_actions(), stmt2_binary_actions(), raw_write_actions(), replay_actions(),
  };
  return kGroups;
}

const TextAction *find_tmq(std::string_view name) {
  for (const TextAction &action : tmq_actions()) {
    if (name == action.name) return &action;
  }
  return nullptr;
}

const TextAction *find_text(std::string_view name) {
  for (std::span<const TextAction> group : text_groups()) {
    for (const TextAction &action : group) {
      if (name == action.name) return &action;
    }
  }
  return nullptr;
}

const BinaryAction *find_binary(uint64_t number) {
  for (std::span<const BinaryAction> group : binary_groups()) {
    for (const BinaryAction &action : group) {
      if (number == action.number) return &action;
    }
  }
  return nullptr;
}

void parse_text(std::string_view text, Request *request) {
  request->document = Json::parse(text);
  request->is_json = cJSON_IsObject(request->document.root());
  if (!request->is_json) return;
  Members envelope(request->document.root());
  request->action = envelope.text("action");
  request->is_json = envelope.ok();
  for (const cJSON *item = request->document.root()->child; item != nullptr; item = item->next) {
    if (item->string != nullptr && std::string_view(item->string) == "args") request->args = item;
  }
  Members args(request->args);
  request->req_id = args.u64("req_id");
}

// A message too short for its header is read as if zeros followed, which is what the adapter was seen to do.
void parse_binary(std::string payload, Request *request) {
  ByteReader reader(payload);
  request->binary = true;
  auto partial = [&reader] {
    std::string bytes(reader.bytes(std::min<size_t>(8, reader.left())));
    bytes.resize(8, '\0');
    return ByteReader(bytes).u64();
  };
  request->req_id = partial();
  request->resource = partial();
  request->number = partial();
  request->action = binary_action_name(request->number);
  request->payload = std::move(payload);
}

// What this endpoint does not understand it does not answer.
Reply answer_tmq(Peer &peer, const Request &request) {
  const TextAction *action = request.is_json && !request.binary ? find_tmq(request.action) : nullptr;
  if (action == nullptr || !peer.server.has(action->since)) return no_reply();
  if (request.args == nullptr && request.action != "version") return no_reply();
  Members args(request.args);
  args.u64("req_id");
  return action->run(peer, request, args);
}

Reply answer_text(Peer &peer, const Request &request) {
  bool legacy = peer.endpoint == Endpoint::kLegacyWs;
  if (!request.is_json) return legacy ? no_reply() : fail(request, kAdapterError, "unmarshal request error");
  if (request.action.empty()) return legacy ? no_reply() : fail(request, kAdapterError, "request no action");
  const TextAction *action = find_text(request.action);
  if (action != nullptr && (!peer.server.has(action->since) || (legacy && !action->legacy))) action = nullptr;
  if (legacy && action == nullptr) return no_reply();
  if (!peer.connected && (action == nullptr || !action->before_conn)) {
    return fail(request, kAdapterError, "server not connected");
  }
  if (action == nullptr) return fail(request, kAdapterError, "unknown action " + request.action);
  if (request.args == nullptr && request.action != "version") return malformed(request, action->words);
  Members args(request.args);
  args.u64("req_id");
  return action->run(peer, request, args);
}

Reply answer_binary(Peer &peer, const Request &request) {
  bool legacy = peer.endpoint == Endpoint::kLegacyWs;
  const BinaryAction *action = find_binary(request.number);
  if (action != nullptr && (!peer.server.has(action->since) || (legacy && !action->legacy))) action = nullptr;
  if (legacy && action == nullptr) return no_reply();
  if (!peer.connected) return fail(request, kAdapterError, "server not connected");
  if (action == nullptr) {
    return fail(request, kAdapterError, "unknown binary action " + std::to_string(request.number));
  }
  return action->run(peer, request);
}

}  // namespace

std::string_view binary_action_name(uint64_t number) {
  const BinaryAction *action = find_binary(number);
  return action == nullptr ? "unknown" : action->name;
}

bool is_known_action(std::string_view name) {
  for (std::string_view other : {"any", "rest", "upgrade", "connection", "unknown"}) {
    if (name == other) return true;
  }
  for (std::span<const BinaryAction> group : binary_groups()) {
    for (const BinaryAction &action : group) {
      if (name == action.name) return true;
    }
  }
  return find_text(name) != nullptr || find_tmq(name) != nullptr;
}

Request parse_request(Message message, Clock::time_point started) {
  Request request;
  request.started = started;
  if (message.kind == Opcode::kBinary) {
    parse_binary(std::move(message.payload), &request);
  } else {
    parse_text(message.payload, &request);
  }
  return request;
}

Reply answer(Peer &peer, const Request &request) {
  peer.server.count(request.action.empty() ? "nothing" : request.action);
  if (peer.endpoint == Endpoint::kTmq) return answer_tmq(peer, request);
  return request.binary ? answer_binary(peer, request) : answer_text(peer, request);
}

Reply malformed(const Request &request, const char *words) {
  return fail(request, kAdapterError, std::string("unmarshal ") + words + " request error");
}

// On the oldest endpoint and in older releases it has neither req_id nor timing.
Reply version_answer(const Peer &peer, const Request &request) {
  if (peer.endpoint == Endpoint::kLegacyWs || !peer.server.has({3, 3, 6, 12})) {
    Reply reply;
    reply.payload = JsonObject()
                        .number("code", 0)
                        .text("message", "")
                        .text("action", "version")
                        .text("version", peer.server.version())
                        .done();
    return reply;
  }
  Answer answer(request);
  answer.text("version", peer.server.version());
  return answer.reply();
}

int64_t elapsed_ns(const Request &request) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - request.started).count();
}

Answer::Answer(const Request &request, int code, std::string_view message) {
  number("code", code);
  text("message", message);
  text("action", request.action);
  unsigned_number("req_id", request.req_id);
  number("timing", elapsed_ns(request));
}

Reply Answer::reply() {
  Reply reply;
  reply.payload = done();
  return reply;
}

Reply fail(const Request &request, int code, std::string_view message) {
  return Answer(request, code, message).reply();
}

Reply no_reply() {
  Reply reply;
  reply.nothing = true;
  return reply;
}

}  // namespace opentaos::sandbox::server
