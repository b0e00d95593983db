#include "base/dsn.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/codes.h"
#include "base/encoding.h"

namespace opentaos::base {
namespace {

constexpr size_t kMaxHosts = 128;
constexpr size_t kMaxParams = 1024;

Status not_a_dsn(std::string_view why) { return {kErrFailed, dsn_error_text(kErrFailed, why)}; }
Status unusable(std::string_view why) { return {kErrDsn, dsn_error_text(kErrDsn, why)}; }

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Decodes one part of the DSN. What ends up in JSON, in a URL or in a C string must be UTF-8 without NUL.
Status decode(std::string_view part, std::string_view what, std::string &out) {
  out = percent_decode(part);
  if (out.find('\0') != std::string::npos) return not_a_dsn(concat({"NUL byte in the ", what}));
  if (!is_utf8(out)) return not_a_dsn(concat({"invalid UTF-8 in the ", what}));
  return {};
}

bool is_plain_protocol(std::string_view p) { return p == "ws" || p == "http"; }
bool is_tls_protocol(std::string_view p) { return p == "wss" || p == "https"; }
bool is_database_driver(std::string_view d) { return d == "taos" || d == "taosws" || d == "tmq"; }

// Sets tls. False: there is no such driver, or not with this protocol.
bool classify(Dsn &dsn) {
  const std::string &d = dsn.driver, &p = dsn.protocol;
  if (is_database_driver(d)) {
    if (!p.empty() && !is_plain_protocol(p) && !is_tls_protocol(p)) return false;
    dsn.tls = is_tls_protocol(p);
    return true;
  }
  if (!is_plain_protocol(d) && !is_tls_protocol(d)) return false;
  // ws(host) behind ws:// says the same thing twice; ws+wss:// would say two things.
  if (!p.empty() && (!(is_plain_protocol(p) || is_tls_protocol(p)) || is_tls_protocol(p) != is_tls_protocol(d)))
    return false;
  dsn.tls = is_tls_protocol(d);
  return true;
}

Status parse_user_info(std::string_view text, Dsn &dsn) {
  size_t colon = text.find(':');
  std::string value;
  if (Status s = decode(text.substr(0, colon), "user name", value); !s) return s;
  if (!value.empty()) dsn.user = value;
  if (colon == std::string_view::npos) return {};
  if (Status s = decode(text.substr(colon + 1), "password", value); !s) return s;
  dsn.password = value;
  return {};
}

Status parse_addresses(std::string_view text, Dsn &dsn) {
  if (trim(text).empty()) return {};
  if (static_cast<size_t>(std::count(text.begin(), text.end(), ',')) >= kMaxHosts)
    return not_a_dsn("too many addresses");
  while (true) {
    size_t comma = text.find(',');
    std::string_view one = trim(text.substr(0, comma));
    std::string decoded;
    if (Status s = decode(one, "address", decoded); !s) return s;
    // What separates must stand as itself: an encoded colon or comma cannot make another address.
    auto separators = [](std::string_view t) {
      return std::count_if(t.begin(), t.end(),
                           [](char c) { return std::string_view(":,@[]()").find(c) != std::string_view::npos; });
    };
    if (separators(one) != separators(decoded))
      return not_a_dsn(concat({"invalid address `", presentable(one, 256), "`"}));
    if (decoded.find('/') != std::string::npos) {
      dsn.hosts.push_back({decoded, 0});  // a Unix socket's path: part of the grammar, refused when it is to be used
    } else {
      auto hosts = parse_hosts(decoded, true);
      if (!hosts) {
        return not_a_dsn(concat({"invalid address `", presentable(one, 256), "`: ", hosts.status().message(),
                                 " (in user and password, write @ : / ? % as %40 %3A %2F %3F %25)"}));
      }
      if (hosts->size() != 1) return not_a_dsn(concat({"invalid address `", presentable(one, 256), "`"}));
      dsn.hosts.push_back(std::move(hosts->front()));
    }
    if (comma == std::string_view::npos) return {};
    text.remove_prefix(comma + 1);
  }
}

Status parse_params(std::string_view text, Dsn &dsn) {
  while (!text.empty()) {
    size_t end = text.find('&');
    std::string_view pair = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (pair.empty()) continue;
    size_t equals = pair.find('=');
    std::string key, value;
    if (Status s = decode(pair.substr(0, equals), "name of a parameter", key); !s) return s;
    if (equals != std::string_view::npos) {
      if (Status s =
              decode(pair.substr(equals + 1), concat({"value of parameter `", presentable(key, 64), "`"}), value);
          !s)
        return s;
    }
    if (key.empty()) continue;
    auto same = std::find_if(dsn.params.begin(), dsn.params.end(), [&](const DsnParam &p) { return p.first == key; });
    if (same != dsn.params.end()) {
      same->second = std::move(value);
    } else {
      if (dsn.params.size() == kMaxParams) return not_a_dsn("too many parameters");
      dsn.params.emplace_back(std::move(key), std::move(value));
    }
  }
  return {};
}

// [userinfo@]addresses or [userinfo@]protocol(addresses)
Status parse_authority(std::string_view text, Dsn &dsn) {
  size_t at = text.rfind('@');
  if (at != std::string_view::npos) {
    if (Status s = parse_user_info(text.substr(0, at), dsn); !s) return s;
    text.remove_prefix(at + 1);
  }
  size_t open = text.find('(');
  if (open == std::string_view::npos) return parse_addresses(text, dsn);
  if (text.back() != ')') return not_a_dsn("no `)` behind the addresses");
  if (!dsn.protocol.empty()) return not_a_dsn("two protocols");
  dsn.protocol = to_lower(text.substr(0, open));
  return parse_addresses(text.substr(open + 1, text.size() - open - 2), dsn);
}

bool is_scheme(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '-' ||
           c == '.' || c == '_';
  });
}

// Go's own form has no driver: [user[:password]@]ws(host:port)/db
bool looks_like_go(std::string_view text) {
  std::string_view authority = text.substr(0, text.find_first_of("/?"));
  size_t at = authority.rfind('@');
  std::string_view address = at == std::string_view::npos ? authority : authority.substr(at + 1);
  size_t open = address.find('(');
  if (open == std::string_view::npos) return false;
  std::string protocol = to_lower(address.substr(0, open));
  return is_plain_protocol(protocol) || is_tls_protocol(protocol);
}

// Whether an address (or several, also in Go's form) begins here and ends where an authority ends.
bool is_address(std::string_view text) {
  text = text.substr(0, text.find_first_of("/?"));
  size_t open = text.find('(');
  if (open != std::string_view::npos && text.back() == ')') text = text.substr(open + 1, text.size() - open - 2);
  return parse_hosts(text, true).is_ok();
}

std::string no_colon(std::string_view text) {
  return concat(
      {"No `:` found in ", presentable(text, 1024), ", use either path:/path or driver://user:pass@host:port?k=v"});
}

}  // namespace

const std::string *Dsn::param(std::string_view key) const {
  for (const DsnParam &p : params) {
    if (p.first == key) return &p.second;
  }
  return nullptr;
}

StatusOr<Dsn> parse_dsn(std::string_view text) {
  if (text.size() > kMaxDsn) return not_a_dsn("DSN too long");
  std::string_view all = text = trim(text);
  Dsn dsn;
  size_t scheme_end = text.find("://");
  if (scheme_end != std::string_view::npos && is_scheme(text.substr(0, scheme_end))) {
    std::string scheme = to_lower(text.substr(0, scheme_end));
    size_t plus = scheme.find('+');
    dsn.driver = scheme.substr(0, plus);
    if (plus != std::string::npos) dsn.protocol = scheme.substr(plus + 1);
    text.remove_prefix(scheme_end + 3);
  } else if (looks_like_go(text)) {
    dsn.driver = "taos";
  } else if (text.find(':') == std::string_view::npos) {
    return not_a_dsn(no_colon(text));
  } else {
    return not_a_dsn(concat({"a local path cannot be connected to: ", redact_dsn(presentable(text, 1024)),
                             ", use driver://user:pass@host:port?k=v"}));
  }

  auto invalid_driver = [&] { return not_a_dsn(concat({"invalid driver ", redact_dsn(presentable(all, 1024))})); };
  if (!is_database_driver(dsn.driver) && !is_plain_protocol(dsn.driver) && !is_tls_protocol(dsn.driver)) {
    return invalid_driver();
  }
  size_t question = text.find('?');
  size_t slash = text.find('/');
  if (slash > question) slash = std::string_view::npos;
  std::string_view authority = text.substr(0, std::min(slash, question));
  if (Status s = parse_authority(authority, dsn); !s) return s;
  if (!classify(dsn)) return invalid_driver();
  if (slash != std::string_view::npos) {
    std::string_view subject =
        text.substr(slash + 1, question == std::string_view::npos ? question : question - slash - 1);
    if (Status s = decode(subject, "database name", dsn.subject); !s) return s;
  }
  if (question != std::string_view::npos) {
    if (Status s = parse_params(text.substr(question + 1), dsn); !s) return s;
  }
  return dsn;
}

Status apply_dsn(const Dsn &dsn, ConnectOptions &target, uint16_t configured_adapter_port) {
  ConnectOptions options = target;
  options.hosts.clear();
  bool says_websocket = !(dsn.driver == "taos" || dsn.driver == "tmq") || !dsn.protocol.empty();
  for (const Host &h : dsn.hosts) {
    if (h.host.find('/') != std::string::npos)
      return unusable(concat({"a Unix socket cannot be used: ", presentable(h.host, 256)}));
    std::string host = h.host.empty() ? "localhost" : h.host;
    uint16_t port = says_websocket && h.port != 0 ? h.port : adapter_port(host, h.port, configured_adapter_port);
    options.hosts.push_back({std::move(host), port});
  }
  if (options.hosts.empty()) options.hosts.push_back({"localhost", kAdapterPort});
  if (dsn.user) options.user = *dsn.user;
  if (dsn.password) options.password = *dsn.password;
  if (dsn.driver != "tmq" && !dsn.subject.empty()) options.db = dsn.subject;

  TlsMode configured = options.tls_mode;
  options.tls_mode = TlsMode::kOff;
  bool mode_given = false;
  for (const auto &[key, value] : dsn.params) {
    const OptionSpec *spec = find_option(Door::kDsn, key);
    if (spec == nullptr) continue;
    // A flag that is only named is on.
    std::string_view text = value.empty() && spec->type == OptionType::kBool ? std::string_view("true") : value;
    if (Status s = set_option(options, *spec, text); !s) return unusable(s.message());
    mode_given = mode_given || spec->type == OptionType::kTlsMode;
  }
  if (dsn.tls && mode_given && !options.tls()) return unusable("tls_mode turns off what wss asks for");
  if (!dsn.tls && options.tls()) return unusable("tls_mode needs wss: this DSN asks for a connection without TLS");
  if (dsn.tls && !mode_given) options.tls_mode = configured == TlsMode::kOff ? TlsMode::kVerifyIdentity : configured;
  target = std::move(options);
  return {};
}

std::vector<DsnParam> other_params(const Dsn &dsn) {
  std::vector<DsnParam> out;
  for (const DsnParam &p : dsn.params) {
    if (find_option(Door::kDsn, p.first) == nullptr) out.push_back(p);
  }
  return out;
}

std::string redact_dsn(std::string_view text) {
  std::string out;
  size_t scheme = text.find("://");
  if (scheme != std::string_view::npos) {
    out += text.substr(0, scheme + 3);
    text.remove_prefix(scheme + 3);
  }
  // The user info ends at the last '@' before the parameters. One behind a '?' may belong to a parameter, or to a
  // password that should have been encoded: rather too little is shown than too much.
  size_t question = text.find('?');
  size_t at = text.substr(0, question).rfind('@');
  size_t last = text.rfind('@');
  if (last != at && (at != std::string_view::npos || !is_address(text))) {
    at = last;
    question = text.find('?', at);
  }
  if (at != std::string_view::npos) {
    size_t colon = text.substr(0, at).find(':');
    out += text.substr(0, std::min(colon, at));
    if (colon != std::string_view::npos) out += ":***";
    out += text.substr(at, question == std::string_view::npos ? question : question - at);
  } else {
    out += text.substr(0, question);
  }
  if (question == std::string_view::npos) return out;

  text.remove_prefix(question);
  while (!text.empty()) {
    out += text.front();  // '?' or '&'
    text.remove_prefix(1);
    size_t end = text.find('&');
    std::string_view pair = text.substr(0, end);
    text.remove_prefix(pair.size());
    size_t equals = pair.find('=');
    if (equals == std::string_view::npos) {
      out += pair;
      continue;
    }
    std::string key = percent_decode(pair.substr(0, equals));
    const OptionSpec *spec = find_option(Door::kDsn, key);
    if (spec == nullptr) spec = find_option(Door::kTmq, key);
    std::string lower = to_lower(key);
    bool secret = (spec && spec->secret) || lower.find("pass") != std::string::npos ||
                  lower.find("token") != std::string::npos || lower.find("secret") != std::string::npos;
    out += pair.substr(0, equals + 1);
    out += secret ? std::string_view("***") : pair.substr(equals + 1);
  }
  return out;
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  constexpr std::string_view kUnreserved = "-._~";
  std::string out;
  for (char c : text) {
    auto b = static_cast<uint8_t>(c);
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                 kUnreserved.find(c) != std::string_view::npos;
    if (plain) {
      out += c;
    } else {
      out += '%';
      out += kHex[b >> 4];
      out += kHex[b & 15];
    }
  }
  return out;
}

std::string percent_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); i++) {
    int high = -1, low = -1;
    if (text[i] == '%' && i + 2 < text.size()) {
      high = hex_digit(text[i + 1]);
      low = hex_digit(text[i + 2]);
    }
    if (high >= 0 && low >= 0) {
      out += static_cast<char>(high << 4 | low);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string dsn_error_text(int32_t code, std::string_view text) {
  std::string out;
  uint32_t low = static_cast<uint32_t>(code) & 0xffff;
  if (low != 0xffff) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    out += "[0x";
    for (int shift = 12; shift >= 0; shift -= 4) out += kHex[low >> shift & 15];
    out += "] ";
  }
  out += "Internal error: `";
  out += text;
  out += '`';
  return out;
}

}  // namespace opentaos::base
