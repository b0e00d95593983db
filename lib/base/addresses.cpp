// Hosts, ports, and the calls that name them: the second half of options.h.
#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/codes.h"
#include "base/encoding.h"
#include "base/options.h"

namespace opentaos::base {
namespace {

constexpr size_t kLongestHost = 255;
constexpr size_t kMaxHosts = 128;
// What native lets through without asking a server.
constexpr size_t kLongestUser = 23;
constexpr size_t kLongestPassword = 255;
constexpr size_t kLongestDatabase = 64;

Status invalid(std::string_view why) { return {kErrInvalidPara, why}; }

// Names go into the header of the upgrade request and to the resolver: nothing that means something else there.
bool is_host_text(std::string_view host) {
  if (host.size() > kLongestHost || !is_utf8(host)) return false;
  return std::none_of(host.begin(), host.end(), [](char c) {
    auto b = static_cast<uint8_t>(c);
    return b <= 0x20 || b == 0x7f || std::string_view("\"#%,/:;<>?@[\\]^`{|}()&=").find(c) != std::string_view::npos;
  });
}

bool is_ipv6_text(std::string_view host) {
  size_t zone = host.find('%');  // fe80::1%eth0
  if (zone != std::string_view::npos && (zone + 1 == host.size() || !is_host_text(host.substr(zone + 1)))) return false;
  std::string address(host.substr(0, zone));
  in6_addr unused;
  return address.find('\0') == std::string::npos && inet_pton(AF_INET6, address.c_str(), &unused) == 1;
}

Status parse_port(std::string_view text, bool lenient, uint16_t &port) {
  port = 0;
  if (text.empty()) return lenient ? Status() : invalid("no port behind the colon");
  if (text.find_first_not_of("0123456789") != std::string_view::npos) {
    return invalid(concat({"the port `", presentable(text, 64), "` is not a number"}));
  }
  uint32_t v = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), v);
  (void)end;
  if (error == std::errc() && v >= 1 && v <= 65535) {
    port = static_cast<uint16_t>(v);
    return {};
  }
  return lenient ? Status() : invalid(concat({"the port ", presentable(text, 64), " is not between 1 and 65535"}));
}

StatusOr<Host> parse_host(std::string_view text, bool lenient) {
  Host out;
  std::string_view port;
  bool has_port = false;
  if (!text.empty() && text.front() == '[') {
    size_t close = text.find(']');
    if (close == std::string_view::npos) return invalid("no `]` behind the IPv6 address");
    out.host = text.substr(1, close - 1);
    if (!is_ipv6_text(out.host)) {
      return invalid(concat({"`", presentable(out.host, 256), "` is no IPv6 address"}));
    }
    std::string_view rest = text.substr(close + 1);
    if (!rest.empty()) {
      if (rest.front() != ':') return invalid(concat({"`", presentable(rest, 64), "` behind the IPv6 address"}));
      has_port = true;
      port = rest.substr(1);
    }
  } else if (is_ipv6_text(text)) {
    out.host = text;
  } else {
    size_t colon = text.find(':');
    out.host = text.substr(0, colon);
    if (!is_host_text(out.host)) return invalid(concat({"`", presentable(out.host, 256), "` is no host name"}));
    if (colon != std::string_view::npos) {
      has_port = true;
      port = text.substr(colon + 1);
    }
  }
  if (out.host.size() > kLongestHost) return invalid("the host name is too long");
  if (has_port) {
    if (Status s = parse_port(port, lenient, out.port); !s) return s;
  }
  return out;
}

bool contains_ignoring_case(std::string_view text, std::string_view part) {
  return to_lower(text).find(part) != std::string::npos;
}

// Where to connect when the program names no host: adapterList, else the native client's addresses, else this machine.
void choose_hosts(ConnectOptions &options, const ProcessSettings &process, uint16_t port) {
  if (options.hosts.empty()) {
    options.hosts = process.first_ep;
    options.hosts.insert(options.hosts.end(), process.second_ep.begin(), process.second_ep.end());
    if (options.hosts.empty()) options.hosts.push_back({"localhost", 0});
    if (port != 0) options.hosts.front().port = port;
  }
  for (Host &h : options.hosts) {
    if (h.host.empty()) h.host = "localhost";
    h.port = adapter_port(h.host, h.port, process.adapter_port);
  }
}

Status take_target(ConnectOptions &options, const ProcessSettings &process, std::string_view ip, uint16_t port) {
  ip = trim(ip);
  if (ip.empty()) {
    choose_hosts(options, process, port);
    return {};
  }
  auto hosts = parse_hosts(ip);
  if (!hosts) return {kErrUnableToConnect, concat({"Unable to establish connection: ", hosts.status().message()})};
  for (Host &h : *hosts) {
    if (h.host.empty()) h.host = "localhost";
    h.port = adapter_port(h.host, h.port != 0 ? h.port : port, process.adapter_port);
  }
  options.hosts = std::move(*hosts);
  return {};
}

// A user called "token" of a cloud host gives its token as password.
bool is_cloud_login(const ConnectOptions &options) {
  return options.user == "token" && !options.hosts.empty() && is_cloud_host(options.hosts.front().host);
}

void take_cloud_token(ConnectOptions &options) {
  options.token = std::move(options.password);
  ConnectOptions defaults;
  options.user = defaults.user;
  options.password = defaults.password;
  options.tls_mode = std::max(options.tls_mode, TlsMode::kVerifyIdentity);
}

Status check_login(const ConnectOptions &options) {
  if (options.user.empty() || options.user.size() > kLongestUser) return {kErrInvalidUserLength, "Invalid user name"};
  if (options.password.empty() || options.password.size() > kLongestPassword) {
    return {kErrInvalidPassLength, "Invalid password length"};
  }
  if (options.db.size() > kLongestDatabase) return {kErrInvalidDbLength, "Database name too long"};
  for (const std::string *s : {&options.user, &options.password, &options.db}) {
    if (!is_utf8(*s)) return invalid("user, password and database must be UTF-8");
  }
  return {};
}

}  // namespace

StatusOr<std::vector<Host>> parse_hosts(std::string_view text, bool lenient) {
  std::vector<Host> out;
  text = trim(text);
  if (text.empty()) return out;
  while (true) {
    size_t comma = text.find(',');
    auto host = parse_host(trim(text.substr(0, comma)), lenient);
    if (!host) return host.status();
    if (out.size() == kMaxHosts) return invalid(concat({"more than ", std::to_string(kMaxHosts), " addresses"}));
    out.push_back(std::move(*host));
    if (comma == std::string_view::npos) return out;
    text.remove_prefix(comma + 1);
  }
}

bool is_cloud_host(std::string_view host) {
  return contains_ignoring_case(host, "cloud.tdengine") || contains_ignoring_case(host, "cloud.taosdata");
}

uint16_t adapter_port(std::string_view host, uint16_t port, uint16_t configured) {
  if (port == 0) return is_cloud_host(host) ? kCloudPort : kAdapterPort;
  if (port == kNativePort) return is_cloud_host(host) ? kCloudPort : configured;
  return port;
}

Status apply_arguments(ConnectOptions &target, const ProcessSettings &process, const char *ip, const char *user,
                       const char *password, const char *db, uint16_t port) {
  ConnectOptions options = target;
  if (user) options.user = user;
  if (password) options.password = password;
  if (db) options.db = db;
  if (Status s = take_target(options, process, ip ? ip : "", port); !s) return s;
  if (is_cloud_login(options)) take_cloud_token(options);
  if (Status s = check_login(options); !s) return s;
  target = std::move(options);
  return {};
}

Status apply_call_options(ConnectOptions &target, const ProcessSettings &process, std::span<const CallOption> pairs) {
  Settings settings;
  settings.connect = target;
  bool listed = false;
  for (const CallOption &pair : pairs) {
    if (pair.key == nullptr || pair.value == nullptr) continue;
    const OptionSpec *spec = find_option(Door::kCall, pair.key);
    if (spec == nullptr) continue;
    Status s = set_option(settings, *spec, pair.value);
    if (!s && spec->type == OptionType::kPort) {
      settings.target.port = 0;  // a port that is none means the default
    } else if (!s) {
      return s;
    }
    if (spec->type == OptionType::kHosts) listed = !settings.connect.hosts.empty();
  }
  ConnectOptions &options = settings.connect;
  std::string_view ip = listed ? std::string_view() : std::string_view(settings.target.ip);
  if (!listed && ip.empty() && settings.target.port != 0) options.hosts = target.hosts;
  if (Status s = take_target(options, process, ip, settings.target.port); !s) return s;
  if (is_cloud_login(options)) take_cloud_token(options);
  if (Status s = check_login(options); !s) return s;
  target = std::move(options);
  return {};
}

}  // namespace opentaos::base
