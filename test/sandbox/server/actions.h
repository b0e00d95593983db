// The requests of a WebSocket connection. Each group has a file of its own, actions_<group>.cpp, and hands out a table;
// dispatch.cpp puts the tables together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "request.h"

namespace opentaos::sandbox::server {

struct TextAction {
  const char *name;
  const char *words;  // "unmarshal <words> request error"
  Release since;
  bool before_conn;  // served without a login
  bool legacy;       // known on /rest/ws too
  Reply (*run)(Peer &, const Request &, Members &);
};

struct BinaryAction {
  uint64_t number;
  const char *name;  // the `action` of the answer
  Release since;
  bool legacy;
  Reply (*run)(Peer &, const Request &);
};

std::span<const TextAction> session_actions();
std::span<const TextAction> query_actions();
std::span<const BinaryAction> query_binary_actions();
std::span<const TextAction> stmt_actions();
std::span<const BinaryAction> stmt_binary_actions();
std::span<const TextAction> stmt2_actions();
std::span<const BinaryAction> stmt2_binary_actions();
std::span<const TextAction> schemaless_actions();
std::span<const BinaryAction> raw_write_actions();
// Of /rest/tmq, which has none of the others.
std::span<const TextAction> tmq_actions();
std::span<const BinaryAction> replay_actions();

// Looks once more for what a poll waits for. `last`: its time is over.
Reply poll_again(Peer &peer, const Request &request, bool last);
// Whether a request of /rest/tmq must wait while a poll does.
bool waits_for_poll(const Peer &peer, const Request &request);
// An error as its requests get it.
Reply refuse_tmq(const Request &request, int code, std::string_view message);

// Carries out a request.
Reply answer(Peer &peer, const Request &request);
// The error answer a request gets, in its own form: JSON, or the binary frame of a block fetch.
Reply refuse(Peer &peer, const Request &request, int code, std::string_view message);
// The answer to a text request whose args are wrong.
Reply malformed(const Request &request, const char *words);
// The answer to `version`, on every endpoint.
Reply version_answer(const Peer &peer, const Request &request);
// "unknown" for a number without an action.
std::string_view binary_action_name(uint64_t number);
// Whether a fault may name it.
bool is_known_action(std::string_view name);

}  // namespace opentaos::sandbox::server
