// One request of a WebSocket peer, what is known about the peer, and the answer.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.h"
#include "frames.h"
#include "json.h"
#include "server.h"
#include "stream.h"

namespace opentaos::sandbox::server {

constexpr int kAdapterError = 0xFFFF;

enum class Endpoint { kWs, kLegacyWs, kTmq };

struct Request {
  bool binary = false;
  bool is_json = true;
  std::string action;  // binary ones have a name too
  uint64_t req_id = 0;
  Clock::time_point started;
  Json document;                // of a text message
  const cJSON *args = nullptr;  // nullptr when missing
  std::string payload;          // of a binary message, all of it
  uint64_t resource = 0;
  uint64_t number = 0;
};

Request parse_request(Message message, Clock::time_point started);

struct Reply {
  bool nothing = false;                                // some requests are not answered
  bool later = false;                                  // a poll that waits: see poll_again()
  Clock::time_point until = Clock::time_point::max();  // at the latest then
  bool binary = false;
  std::string payload;
  size_t block_at = std::string::npos;  // where a raw block starts in the payload
};

// A result set that a peer has open.
struct OpenResult {
  Table table;
  size_t next_row = 0;
  size_t block_first = 0;  // of the block that `fetch` prepared
  size_t block_rows = 0;
};

struct Statement;  // statements.h
class Consumer;    // consumer.h

// What the handlers work on: one per WebSocket connection.
struct Peer {
  Server &server;
  Endpoint endpoint;
  bool url_token = false;  // the upgrade's URL had ?token=
  bool connected = false;
  Session session;
  std::map<uint64_t, std::shared_ptr<OpenResult>> results;
  uint64_t next_result_id = 1;
  std::map<uint64_t, std::shared_ptr<Statement>> statements = {};  // of both generations
  uint64_t next_statement_id = 1;
  std::shared_ptr<Consumer> consumer = nullptr;
};

int64_t elapsed_ns(const Request &request);

// The members every JSON answer starts with. The handler adds its own and calls done().
class Answer : public JsonObject {
 public:
  explicit Answer(const Request &request, int code = 0, std::string_view message = "");
  Reply reply();
};

Reply fail(const Request &request, int code, std::string_view message);
Reply no_reply();

}  // namespace opentaos::sandbox::server
