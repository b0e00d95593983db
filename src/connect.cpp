// Connecting, closing, and what is known of the connection.
#include "taos.h"

#include <cstring>
#include <vector>

#include "base/credentials.h"
#include "base/dsn.h"
#include "base/options.h"
#include "base/process_options.h"
#include "edge.h"
#include "net/connect_failure.h"

using namespace opentaos;
using namespace opentaos::edge;
using base::ConnectOptions;
using base::ProcessOptions;
using base::ProcessSettings;

namespace {

std::string address(const base::Host &h) {
  return (h.host.find(':') == std::string::npos ? h.host : "[" + h.host + "]") + ":" + std::to_string(h.port);
}

// A program that asked for "the TDengine on that host" must be told where it was looked for and what is missing there.
// One that named a port itself gets native's text.
Status explain(const Status &s, const ConnectOptions &options, uint16_t said) {
  if (s.code() != base::kErrUnableToConnect) return s;
  if (said != 0 && said != base::kNativePort) return {s.code(), net::kCannotConnect};
  std::string text = std::string(net::kCannotConnect) + " (tried";
  for (const auto &h : options.hosts) text += " " + address(h);
  return {s.code(), text + "): start taosAdapter there, or set adapterList or adapterPort"};
}

TAOS *log_in(const ConnectOptions &options, uint16_t port_said) {
  auto connection = client::Connection::connect(options);
  if (!connection) {
    report(explain(connection.status(), options, port_said));
    return nullptr;
  }
  base::PasswordStore::instance().remember(options.password);
  base::clear_last_error();
  return hand_out_connection(std::move(*connection));
}

struct Arguments {
  const char *ip, *user, *pass, *db;
  uint16_t port;
};

Status prepare(const Arguments &a, ConnectOptions *options) {
  ProcessOptions &process = ProcessOptions::instance();
  (void)process.start();
  *options = process.connect_options();
  return base::apply_arguments(*options, process.process_settings(), a.ip, a.user, a.pass, a.db, a.port);
}

template <typename Adjust>
TAOS *connect(const Arguments &a, Adjust &&adjust) {
  return guard<TAOS *>(nullptr, [&]() -> TAOS * {
    ConnectOptions options;
    Status s = prepare(a, &options);
    if (s) s = adjust(options);
    if (!s) {
      report(s);
      return nullptr;
    }
    return log_in(options, a.ip ? a.port : base::kAdapterPort);
  });
}

constexpr uint16_t kMaxOptions = sizeof(OPTIONS::keys) / sizeof(const char *);

Status nothing_more(ConnectOptions &) { return Status::ok(); }

}  // namespace

extern "C" {

int taos_init(void) {
  return guard<int>(base::kErrOutOfMemory, [] {
    const Status s = ProcessOptions::instance().start();
    if (!s && !ProcessOptions::instance().file_is_missing()) return edge::report(s);
    base::clear_last_error();
    return 0;
  });
}

// Nothing is shared between connections that would have to be taken down; open ones stay usable, as programs that call
// this in the wrong place expect.
void taos_cleanup(void) {}

TAOS *taos_connect(const char *ip, const char *user, const char *pass, const char *db, uint16_t port) {
  return connect({ip, user, pass, db, port}, nothing_more);
}

TAOS *taos_connect_totp(const char *ip, const char *user, const char *pass, const char *totp, const char *db,
                        uint16_t port) {
  return connect({ip, user, pass, db, port}, [&](ConnectOptions &o) {
    if (totp) o.totp_code = totp;
    return Status::ok();
  });
}

TAOS *taos_connect_token(const char *ip, const char *token, const char *db, uint16_t port) {
  return connect({ip, nullptr, nullptr, db, port}, [&](ConnectOptions &o) {
    if (!token || !*token) return Status(base::kErrInvalidPara, "Invalid parameters: a token is needed");
    o.bearer_token = token;
    return Status::ok();
  });
}

int taos_connect_test(const char *ip, const char *user, const char *pass, const char *totp, const char *db,
                      uint16_t port) {
  TAOS *taos = taos_connect_totp(ip, user, pass, totp, db, port);
  if (!taos) return base::last_error_code();
  taos_close(taos);
  return 0;
}

TAOS *taos_connect_auth(const char *ip, const char *user, const char *auth, const char *db, uint16_t port) {
  return guard<TAOS *>(nullptr, [&]() -> TAOS * {
    if (!auth) {  // natively: nothing, and no error either
      base::clear_last_error();
      return nullptr;
    }
    ConnectOptions options;
    // The password is not known yet; anything that passes for one will do until then.
    if (Status s = prepare({ip, user, "taosdata", db, port}, &options); !s) {
      report(s);
      return nullptr;
    }
    const base::Host host = options.hosts.empty() ? base::Host{} : options.hosts.front();
    Status why;
    auto password =
        base::password_for_md5({host.host, host.port, options.db, options.user}, auth,
                               ProcessOptions::instance().process_settings(), base::PasswordStore::instance(), &why);
    if (!password) {
      report(why);
      return nullptr;
    }
    options.password = *password;
    return log_in(options, ip ? port : base::kAdapterPort);
  });
}

TAOS *taos_connect_with_dsn(const char *dsn) {
  return guard<TAOS *>(nullptr, [&]() -> TAOS * {
    (void)ProcessOptions::instance().start();
    ConnectOptions options = ProcessOptions::instance().connect_options();
    auto parsed = base::parse_dsn(dsn ? std::string_view(dsn) : base::kDefaultDsn);
    Status s = parsed ? base::apply_dsn(*parsed, options, ProcessOptions::instance().process_settings().adapter_port)
                      : parsed.status();
    if (!s) {
      report(s);
      return nullptr;
    }
    return log_in(options, 0);
  });
}

void taos_set_option(OPTIONS *options, const char *key, const char *value) {
  if (!options || !key || !value || options->count >= kMaxOptions) {
    invalid_para();
    return;
  }
  options->keys[options->count] = key;
  options->values[options->count] = value;
  options->count++;
  base::clear_last_error();
}

TAOS *taos_connect_with(const OPTIONS *options) {
  return guard<TAOS *>(nullptr, [&]() -> TAOS * {
    ProcessOptions &process = ProcessOptions::instance();
    (void)process.start();
    ConnectOptions o = process.connect_options();
    std::vector<base::CallOption> pairs;
    if (options) {
      if (options->count > kMaxOptions) {
        invalid_para();
        return nullptr;
      }
      for (uint16_t i = 0; i < options->count; i++) pairs.push_back({options->keys[i], options->values[i]});
    }
    if (Status s = base::apply_call_options(o, process.process_settings(), pairs); !s) {
      report(s);
      return nullptr;
    }
    return log_in(o, 0);
  });
}

void taos_close(TAOS *taos) {
  guard_void([&] {
    auto *c = static_cast<client::Connection *>(base::close_handle(HandleKind::kConnection, taos));
    if (!c) return;
    c->close();
    c->release();
  });
}

int32_t taos_connect_is_alive(TAOS *taos) {
  return guard<int32_t>(0, [&]() -> int32_t {
    auto connection = connection_of(taos);
    return connection && connection->is_alive() ? 1 : 0;
  });
}

}  // extern "C"
