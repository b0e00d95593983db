#include "options.h"

#include <charconv>
#include <optional>
#include <string_view>

#include "fault.h"

namespace opentaos::sandbox::server {
namespace {

template <typename T>
bool parse(std::string_view text, T low, T high, T *value) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *value);
  return error == std::errc() && end == text.data() + text.size() && *value >= low && *value <= high;
}

bool set_host(Options &o, std::string_view text) {
  if (text == "localhost") text = "127.0.0.1";
  o.host = text;
  return text == "127.0.0.1" || text == "::1";
}

bool add_user(Options &o, std::string_view text) {
  size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  o.users.emplace_back(text.substr(0, colon), text.substr(colon + 1));
  return true;
}

struct Option {
  const char *name;
  const char *value;  // nullptr: a switch
  const char *help;
  bool (*set)(Options &, std::string_view);
};

constexpr double kDay = 86400;

constexpr Option kOptions[] = {
    {"--port", "N", "port to listen on (6041); 0 picks a free one",
     [](Options &o, std::string_view v) { return parse(v, 0, 65535, &o.port); }},
    {"--host", "ADDRESS", "127.0.0.1 (the default) or ::1; anything but loopback is refused", set_host},
    {"--data", "FILE", "keep the data in this file instead of in memory",
     [](Options &o, std::string_view v) { return o.data = v, !v.empty(); }},
    {"--user", "NAME:PASS", "one more user; may be repeated", add_user},
    {"--no-root", nullptr, "do not let root:taosdata in",
     [](Options &o, std::string_view) { return o.root = false, true; }},
    {"--port-file", "FILE", "write the port into this file once ready",
     [](Options &o, std::string_view v) { return o.port_file = v, !v.empty(); }},
    {"--fault", "SPEC", "misbehave on purpose, see below; may be repeated",
     [](Options &o, std::string_view v) { return o.faults.emplace_back(v), true; }},
    {"--ping-seconds", "S", "time between WebSocket pings (54); 0 for none",
     [](Options &o, std::string_view v) { return parse(v, 0.0, kDay, &o.ping_seconds); }},
    {"--pong-seconds", "S", "a peer is cut off when nothing came for ping + pong seconds (60); 0 for never",
     [](Options &o, std::string_view v) { return parse(v, 0.0, kDay, &o.pong_seconds); }},
    {"--version-string", "V", "the version to report; an old one also takes away what came later",
     [](Options &o, std::string_view v) { return o.version = v, !v.empty(); }},
    {"--no-trailing-byte", nullptr, "blocks as older servers send them, without the byte after the last column",
     [](Options &o, std::string_view) { return o.trailing_byte = false, true; }},
    {"--max-connections", "N", "more than that are answered 503 (1000)",
     [](Options &o, std::string_view v) { return parse(v, 1, 100000, &o.max_connections); }},
    {"--idle-exit", "SECONDS", "exit after that long without a connection",
     [](Options &o, std::string_view v) { return parse(v, 0.0, 365 * kDay, &o.idle_exit); }},
    {"--with-parent", nullptr, "exit when the process that started this one does",
     [](Options &o, std::string_view) { return o.with_parent = true; }},
    {"--control", nullptr, "let tests change faults (POST /-/fault) and read counters (GET /-/stats)",
     [](Options &o, std::string_view) { return o.control = true; }},
    {"--quiet", nullptr, "nothing on standard error while running",
     [](Options &o, std::string_view) { return o.quiet = true; }},
    {"--help", nullptr, "this text", [](Options &o, std::string_view) { return o.help = true; }},
};

const Option *find_option(std::string_view name) {
  for (const Option &option : kOptions) {
    if (name == option.name) return &option;
  }
  return nullptr;
}

}  // namespace

bool parse_options(int argc, char **argv, Options *options, std::string *error) {
  for (int i = 1; i < argc; ++i) {
    std::string_view argument = argv[i];
    size_t equals = argument.find('=');
    const Option *option = find_option(argument.substr(0, equals));
    if (option == nullptr || (option->value == nullptr && equals != std::string_view::npos)) {
      *error = "unknown option " + std::string(argument) + "; --help lists them";
      return false;
    }
    std::string_view value;
    if (option->value != nullptr && equals != std::string_view::npos) {
      value = argument.substr(equals + 1);
    } else if (option->value != nullptr) {
      if (++i == argc) {
        *error = std::string(option->name) + " needs a value: " + option->value;
        return false;
      }
      value = argv[i];
    }
    if (!option->set(*options, value)) {
      *error =
          std::string(option->name) + " " + std::string(value) + ": not a good " + option->value + "; " + option->help;
      return false;
    }
  }
  return true;
}

std::string help_text() {
  std::string out =
      "taos-sandbox: a small server that speaks taosAdapter's protocol, for tests and for trying things out.\n"
      "It listens on loopback only and understands a documented part of TDengine's SQL.\n\n"
      "usage: taos-sandbox [options]\n\n";
  for (const Option &option : kOptions) {
    std::string line = std::string("  ") + option.name;
    if (option.value != nullptr) line += std::string(" ") + option.value;
    line.resize(std::max<size_t>(line.size() + 2, 28), ' ');
    out += line + option.help + "\n";
  }
  out +=
      "\nA fault SPEC is a comma-separated list of the following, each with an optional @N (only the Nth matching\n"
      "request), @N+ (from the Nth on) or @N-M behind it. Requests are counted over all connections. ACTION is the "
      "name\n"
      "of a request (query, binary_query, fetch, fetch_raw_block, conn, rest, ...); query and fetch also mean their\n"
      "binary forms, any means all requests. In texts %2C %3A %40 %25 stand for , : @ and %.\n\n";
  return out + fault_help();
}

}  // namespace opentaos::sandbox::server
