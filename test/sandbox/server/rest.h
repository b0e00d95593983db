// The HTTP side: /rest/sql, /rest/login, /-/ping, and the two control paths for tests.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http.h"
#include "server.h"

namespace opentaos::sandbox::server {

// Answers one request over the stream. False when the connection is over.
bool serve_rest(Server &server, Stream &stream, const HttpRequest &request);

// Who calls, from the Authorization header.
struct Credentials {
  std::string user;
  std::string password;
};
// 0 or the adapter's code for what is wrong with the header. kBearer is its own case: a login the sandbox lacks.
constexpr int kNoAuth = 0x1105;
constexpr int kBadAuthType = 0x1122;
constexpr int kBadBasic = 0x1124;
constexpr int kBadTaosd = 0x1125;
constexpr int kBearer = 0x0100;
int read_credentials(const HttpRequest &request, Credentials *credentials);

// The token of /rest/login, an encoding and no secret. nullopt when the user's name is too long for it.
std::optional<std::string> encode_token(std::string_view user, std::string_view password);
bool decode_token(std::string_view token, Credentials *credentials);

}  // namespace opentaos::sandbox::server
