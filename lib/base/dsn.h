// Data source names:
//
//   driver[+protocol]://[user[:password]@][host[:port][,host[:port]...]][/[database]][?key=value[&key=value...]]
//   [driver://][user[:password]@]protocol(host[:port][,...])[/[database]][?...]                    as in Go
//
// Failure texts are complete, as ws_errstr() shows them; they do not contain passwords or tokens unless the input could
// not be recognised as a DSN at all.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/options.h"
#include "base/status.h"

namespace opentaos::base {

inline constexpr std::string_view kDefaultDsn = "ws://localhost:6041";  // what a NULL DSN means
inline constexpr size_t kMaxDsn = size_t{1} << 20;                      // a PEM text fits

using DsnParam = std::pair<std::string, std::string>;

struct Dsn {
  std::string driver;    // ws, wss, http, https, taos, taosws, tmq (lower case)
  std::string protocol;  // ws, wss, http, https or empty (lower case)
  bool tls = false;
  std::optional<std::string> user;
  std::optional<std::string> password;
  std::vector<Host> hosts;       // as written: a port of 0 was not given (or was no port)
  std::string subject;           // database, or topic of a consumer
  std::vector<DsnParam> params;  // decoded; of equal keys only the last

  const std::string *param(std::string_view key) const;
};

// Code 0x8000FFFF for text that is no DSN (what the official library gives).
StatusOr<Dsn> parse_dsn(std::string_view text);

// Puts the DSN over `options`. Hosts without a port get 443 if they are cloud hosts, else 6041, for ws and wss alike;
// port 6030 is taken to mean the adapter only where the DSN does not say WebSocket (driver taos or tmq without
// protocol). wss without tls_mode verifies chain and name unless the configuration asks for another mode. Keys that are
// no connection parameters are left to the caller. Code 0x8000E000 for a parameter that cannot be used.
Status apply_dsn(const Dsn &dsn, ConnectOptions &options, uint16_t configured_adapter_port = kAdapterPort);

// The parameters that are no connection parameters, in their order: a consumer's keys.
std::vector<DsnParam> other_params(const Dsn &dsn);

// Any text that may be a DSN or a URL, fit for a log: password and secret parameters are replaced by "***".
std::string redact_dsn(std::string_view text);

std::string percent_encode(std::string_view text);                // all but unreserved characters
std::string percent_decode(std::string_view text);                // a '%' that begins no escape stays
std::string dsn_error_text(int32_t code, std::string_view text);  // "[0xE000] Internal error: `...`"

}  // namespace opentaos::base
