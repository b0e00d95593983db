// docs/options.md, written from the option table.
#pragma once
#include <string>

#include "base/options.h"

namespace opentaos::tools {

inline std::string cell(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out.empty() ? "-" : out;
}

// Spellings that differ only in case or underscores from the first one are left out.
inline std::string names(std::string_view keys) {
  if (keys.empty()) return "-";
  auto plain = [](std::string_view text) {
    std::string out;
    for (char c : text) {
      if (c != '_') out += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    }
    return out;
  };
  std::string out, first = plain(keys.substr(0, keys.find('|')));
  for (bool more = false; !keys.empty(); more = true) {
    size_t bar = keys.find('|');
    std::string_view one = keys.substr(0, bar);
    keys.remove_prefix(bar == std::string_view::npos ? keys.size() : bar + 1);
    if (more && plain(one) == first) continue;
    if (more) out += ", ";
    out.append("`").append(one).append("`");
  }
  return out;
}

inline std::string options_document() {
  std::string out =
      "# Settings\n\n"
      "<!-- Written by tools/gen_options_doc.cpp from lib/base/option_table.cpp; do not edit. -->\n\n"
      "Every setting can be given in several places. The nearer one wins: the arguments of a call, then the DSN, then\n"
      "`taos_options()`, the environment, `taos.cfg`, and the default.\n\n"
      "`taos.cfg` is looked for where `taos_options(TSDB_OPTION_CONFIGDIR, ...)` says (a directory or a file), else "
      "where\n"
      "the environment variable `TAOS_CONFIG_DIR` says, else it is `/etc/taos/taos.cfg`. Its lines are `key value`; "
      "`#`\n"
      "at the start or behind a space begins a comment. Keys that are not listed here are ignored. A value that cannot "
      "be\n"
      "used is reported in the log and the default stays. Keys are read without regard to case, in `taos.cfg`, in a "
      "DSN\n"
      "and in calls; DSN keys may also be written in the other of the two styles, `conn_retries` and "
      "`connRetries`.\n\n";
  auto table = [&](std::string_view title, std::string_view text, auto wanted) {
    out.append("## ").append(title).append("\n\n").append(text).append("\n\n");
    out += "| setting | `taos.cfg` | environment | DSN | `taos_set_option` | `tmq_conf_set` | values | default |\n";
    out += "|---|---|---|---|---|---|---|---|\n";
    for (const base::OptionSpec &o : base::option_table()) {
      if (!wanted(o)) continue;
      out.append("| ").append(o.name);
      for (const std::string &c : {names(o.file_key), names(o.environment), names(o.dsn_keys), names(o.call_keys),
                                   names(o.tmq_keys), cell(base::describe_values(o)), cell(o.fallback)}) {
        out.append(" | ").append(c);
      }
      out += " |\n";
    }
    out += "\n";
    for (const base::OptionSpec &o : base::option_table()) {
      if (!wanted(o)) continue;
      out.append("- **").append(o.name).append("**: ").append(o.help);
      if (o.secret) out += " Never logged.";
      out += "\n";
    }
    out += "\n";
  };
  auto holds = [](const base::OptionSpec &o, auto member) { return std::holds_alternative<decltype(member)>(o.field); };
  auto of_consumer = [&](const base::OptionSpec &o) {
    using Q = base::ConsumerOptions;
    return holds(o, static_cast<bool Q::*>(nullptr)) || holds(o, static_cast<int Q::*>(nullptr)) ||
           holds(o, static_cast<std::string Q::*>(nullptr));
  };
  auto of_process = [&](const base::OptionSpec &o) {
    using P = base::ProcessSettings;
    return holds(o, static_cast<bool P::*>(nullptr)) || holds(o, static_cast<int P::*>(nullptr)) ||
           holds(o, static_cast<int64_t P::*>(nullptr)) || holds(o, static_cast<uint16_t P::*>(nullptr)) ||
           holds(o, static_cast<std::string P::*>(nullptr)) ||
           holds(o, static_cast<std::vector<base::Host> P::*>(nullptr));
  };
  table("Connections", "What a connection is made with.",
        [&](const base::OptionSpec &o) { return !of_consumer(o) && !of_process(o); });
  table("The process", "What holds for all connections.", of_process);
  table("Consumers", "The keys of `tmq_conf_set()`; a DSN of a consumer takes them as parameters.", of_consumer);
  out.pop_back();
  return out;
}

}  // namespace opentaos::tools
