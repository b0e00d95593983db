#include "base/options.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

#include "base/codes.h"
#include "base/encoding.h"

namespace opentaos::base {
namespace {

Status invalid(std::string_view why) { return {kErrInvalidPara, why}; }

std::optional<int64_t> parse_int(std::string_view text) {
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  int64_t v = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), v);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return v;
}

// A number and a unit. `units` gives the factor of a unit's name, 0 if there is no such unit.
template <typename Units>
std::optional<int64_t> parse_with_unit(std::string_view text, Units units) {
  size_t digits = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') digits++;
  auto number = parse_int(text.substr(0, digits));
  if (digits == 0 || !number) return std::nullopt;
  int64_t factor = units(to_lower(trim(text.substr(digits))));
  int64_t product = 0;
  if (factor == 0 || __builtin_mul_overflow(*number, factor, &product)) return std::nullopt;
  return product;
}

std::optional<int64_t> parse_duration_ms(std::string_view text, int64_t bare) {
  return parse_with_unit(text, [bare](std::string_view unit) -> int64_t {
    if (unit.empty()) return bare;
    if (unit == "ms") return 1;
    if (unit == "s") return 1000;
    if (unit == "m") return 60 * 1000;
    if (unit == "h") return 3600 * 1000;
    return 0;
  });
}

std::optional<int64_t> parse_size(std::string_view text) {
  return parse_with_unit(text, [](std::string_view unit) -> int64_t {
    if (unit.empty() || unit == "b") return 1;
    if (unit == "k" || unit == "kb" || unit == "kib") return int64_t{1} << 10;
    if (unit == "m" || unit == "mb" || unit == "mib") return int64_t{1} << 20;
    if (unit == "g" || unit == "gb" || unit == "gib") return int64_t{1} << 30;
    return 0;
  });
}

std::optional<bool> parse_bool(std::string_view text, bool only_words) {
  if (equals_ignoring_case(text, "true")) return true;
  if (equals_ignoring_case(text, "false")) return false;
  if (only_words) return std::nullopt;
  for (std::string_view on : {"1", "on", "yes"}) {
    if (equals_ignoring_case(text, on)) return true;
  }
  for (std::string_view off : {"0", "off", "no"}) {
    if (equals_ignoring_case(text, off)) return false;
  }
  return std::nullopt;
}

std::optional<TlsMode> parse_tls_mode(std::string_view text) {
  struct Word {
    std::string_view word;
    TlsMode mode;
  };
  constexpr Word kWords[] = {
      {"0", TlsMode::kOff},
      {"off", TlsMode::kOff},
      {"disabled", TlsMode::kOff},
      {"1", TlsMode::kNoVerify},
      {"no_verify", TlsMode::kNoVerify},
      {"required", TlsMode::kNoVerify},
      {"2", TlsMode::kVerifyCa},
      {"verify_ca", TlsMode::kVerifyCa},
      {"3", TlsMode::kVerifyIdentity},
      {"verify_identity", TlsMode::kVerifyIdentity},
  };
  for (const Word &w : kWords) {
    if (equals_ignoring_case(text, w.word)) return w.mode;
  }
  return std::nullopt;
}

// The canonical spelling, in ascending order.
std::optional<std::string> parse_tls_versions(std::string_view text) {
  bool v12 = false, v13 = false;
  while (!text.empty()) {
    size_t comma = text.find(',');
    std::string_view one = trim(text.substr(0, comma));
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
    if (equals_ignoring_case(one, "TLSv1.2")) {
      v12 = true;
    } else if (equals_ignoring_case(one, "TLSv1.3")) {
      v13 = true;
    } else {
      return std::nullopt;
    }
  }
  if (v12 && v13) return "TLSv1.2,TLSv1.3";
  return v12 ? "TLSv1.2" : v13 ? "TLSv1.3" : "";
}

std::optional<int64_t> parse_debug_flag(std::string_view text) {
  constexpr int64_t kScreen = 64;
  struct Word {
    std::string_view word;
    int64_t flag;
  };
  constexpr Word kWords[] = {{"off", 0}, {"error", 129}, {"warn", 131}, {"info", 131}, {"debug", 135}, {"trace", 143}};
  int64_t screen = 0;
  if (!text.empty() && text.back() == '!') {
    screen = kScreen;
    text.remove_suffix(1);
  }
  for (const Word &w : kWords) {
    if (equals_ignoring_case(text, w.word)) return w.flag == 0 ? 0 : w.flag | screen;
  }
  if (screen) return std::nullopt;
  auto number = parse_int(text);
  if (!number || *number < 0 || *number > 255) return std::nullopt;
  return number;
}

std::optional<std::string> parse_choice(std::string_view choices, std::string_view text) {
  while (!choices.empty()) {
    size_t bar = choices.find('|');
    std::string_view one = choices.substr(0, bar);
    if (equals_ignoring_case(one, text)) return std::string(one);
    choices.remove_prefix(bar == std::string_view::npos ? choices.size() : bar + 1);
  }
  return std::nullopt;
}

// PEM text in one line has its line ends written as \n.
std::string unescape_pem(std::string_view text) {
  std::string out;
  if (text.substr(0, 11) != "-----BEGIN ") return std::string(text);
  for (size_t i = 0; i < text.size(); i++) {
    if (text.substr(i, 2) == "\\n") {
      out += '\n';
      i++;
    } else {
      out += text[i];
    }
  }
  return out;
}

// What a text means; which member counts follows from where it is to be kept.
struct Value {
  bool flag = false;
  int64_t number = 0;
  std::string text;
  TlsMode tls_mode = TlsMode::kOff;
  std::vector<Host> hosts;
};

template <typename T>
bool take(T &to, std::optional<T> from) {
  if (!from) return false;
  to = std::move(*from);
  return true;
}

// False: the text means nothing for this kind of option.
bool parse_value(const OptionSpec &spec, std::string_view text, Value &out) {
  if (spec.type != OptionType::kString) text = trim(text);
  auto number = [&](std::optional<int64_t> v) {
    return v && *v >= spec.least && *v <= spec.most && take(out.number, v);
  };
  switch (spec.type) {
    case OptionType::kBool: return take(out.flag, parse_bool(text, false));
    case OptionType::kTrueFalse: return take(out.flag, parse_bool(text, true));
    case OptionType::kInt:
    case OptionType::kPort: return number(parse_int(text));
    case OptionType::kMillis: return number(parse_duration_ms(text, 1));
    case OptionType::kSeconds: return number(parse_duration_ms(text, 1000));
    case OptionType::kSize: return number(parse_size(text));
    case OptionType::kString:
      out.text = unescape_pem(text);
      return text.size() <= static_cast<uint64_t>(spec.most) && text.find('\0') == std::string_view::npos &&
             is_utf8(text);
    case OptionType::kChoice: return take(out.text, parse_choice(spec.choices, text));
    case OptionType::kHosts: {
      auto hosts = parse_hosts(text);
      if (hosts) out.hosts = std::move(*hosts);
      return hosts.is_ok();
    }
    case OptionType::kTlsMode: return take(out.tls_mode, parse_tls_mode(text));
    case OptionType::kTlsVersions: return take(out.text, parse_tls_versions(text));
    case OptionType::kConnMode:
      out.number = text == "1" || equals_ignoring_case(text, "bi") ? 0 : -1;
      return out.number == 0 || text.empty() || text == "0";
    case OptionType::kTimezone:
      // Native writes "Asia/Shanghai (CST, +0800)" into files.
      out.text = text.substr(0, text.find(" ("));
      return out.text.empty() || is_timezone_name(out.text);
    case OptionType::kCharset: out.text = "UTF-8"; return is_utf8_charset(text);
    case OptionType::kDebugFlag: return take(out.number, parse_debug_flag(text));
    case OptionType::kLooseFlag: {
      int64_t v = 0;
      std::from_chars(text.data(), text.data() + text.size(), v);
      out.flag = v != 0;
      return true;
    }
  }
  return false;
}

template <typename Member>
void assign(Member &member, Value &&value) {
  if constexpr (std::is_same_v<Member, bool>) {
    member = value.flag;
  } else if constexpr (std::is_same_v<Member, std::string>) {
    member = std::move(value.text);
  } else if constexpr (std::is_same_v<Member, TlsMode>) {
    member = value.tls_mode;
  } else if constexpr (std::is_same_v<Member, std::vector<Host>>) {
    member = std::move(value.hosts);
  } else {
    // Native takes a time beyond the range of an int for the longest there is.
    constexpr int64_t kLeast = std::numeric_limits<Member>::min(), kMost = std::numeric_limits<Member>::max();
    member = static_cast<Member>(std::clamp(value.number, kLeast, kMost));
  }
}

Status refused(const OptionSpec &spec, std::string_view value) {
  std::string shown = spec.secret ? std::string() : concat({": `", presentable(value, 256), "`"});
  return invalid(concat({"invalid value for ", spec.name, shown, ", expected ", describe_values(spec)}));
}

template <typename Field>
struct OwnerOf;
template <typename Owner, typename Member>
struct OwnerOf<Member Owner::*> {
  using type = Owner;
};

// Where the members of the table are; what is not given cannot be set.
struct Places {
  ConnectOptions *connect = nullptr;
  Target *target = nullptr;
  ProcessSettings *process = nullptr;
  ConsumerOptions *consumer = nullptr;
};

Status set_in(const Places &places, const OptionSpec &spec, std::string_view text) {
  Value value;
  if (!parse_value(spec, text, value)) return refused(spec, text);
  auto put = [&value](auto *owner, auto field) {
    if (owner == nullptr) return false;
    assign(owner->*field, std::move(value));
    return true;
  };
  bool done = std::visit(
      [&](auto field) {
        using Owner = typename OwnerOf<decltype(field)>::type;
        if constexpr (std::is_same_v<Owner, ConnectOptions>) return put(places.connect, field);
        if constexpr (std::is_same_v<Owner, Target>) return put(places.target, field);
        if constexpr (std::is_same_v<Owner, ProcessSettings>) return put(places.process, field);
        if constexpr (std::is_same_v<Owner, ConsumerOptions>) return put(places.consumer, field);
      },
      spec.field);
  return done ? Status() : invalid(concat({spec.name, " is no setting of a connection"}));
}

}  // namespace

ConnectOptions::ConnectOptions() = default;
ConnectOptions::ConnectOptions(const ConnectOptions &) = default;
ConnectOptions::ConnectOptions(ConnectOptions &&) noexcept = default;
ConnectOptions &ConnectOptions::operator=(const ConnectOptions &) = default;
ConnectOptions &ConnectOptions::operator=(ConnectOptions &&) noexcept = default;
ConnectOptions::~ConnectOptions() = default;

ProcessSettings::ProcessSettings() = default;
ProcessSettings::ProcessSettings(const ProcessSettings &) = default;
ProcessSettings::ProcessSettings(ProcessSettings &&) noexcept = default;
ProcessSettings &ProcessSettings::operator=(const ProcessSettings &) = default;
ProcessSettings &ProcessSettings::operator=(ProcessSettings &&) noexcept = default;
ProcessSettings::~ProcessSettings() = default;

ConsumerOptions::ConsumerOptions() = default;
ConsumerOptions::ConsumerOptions(const ConsumerOptions &) = default;
ConsumerOptions::ConsumerOptions(ConsumerOptions &&) noexcept = default;
ConsumerOptions &ConsumerOptions::operator=(const ConsumerOptions &) = default;
ConsumerOptions &ConsumerOptions::operator=(ConsumerOptions &&) noexcept = default;
ConsumerOptions::~ConsumerOptions() = default;

Settings::Settings() = default;
Settings::Settings(const Settings &) = default;
Settings::Settings(Settings &&) noexcept = default;
Settings &Settings::operator=(const Settings &) = default;
Settings &Settings::operator=(Settings &&) noexcept = default;
Settings::~Settings() = default;

Status set_option(Settings &settings, const OptionSpec &spec, std::string_view value) {
  return set_in({&settings.connect, &settings.target, &settings.process, &settings.consumer}, spec, value);
}

Status set_option(ConnectOptions &options, const OptionSpec &spec, std::string_view value) {
  return set_in({.connect = &options}, spec, value);
}

int set_consumer_option(Settings &settings, std::string_view key, std::string_view value, std::string *why) {
  const OptionSpec *spec = find_option(Door::kTmq, key);
  if (spec == nullptr) {
    if (why) *why = concat({"unknown key `", presentable(key, 256), "`"});
    return -2;
  }
  int heartbeat = settings.consumer.heartbeat_interval_ms;
  Status s = set_option(settings, *spec, value);
  if (s && spec->name == "heartbeat.interval.ms" &&
      settings.consumer.heartbeat_interval_ms >= settings.consumer.session_timeout_ms) {
    settings.consumer.heartbeat_interval_ms = heartbeat;
    s = invalid("heartbeat.interval.ms must be less than session.timeout.ms");
  }
  if (!s && why) *why = s.message();
  return s ? 0 : -1;
}

std::string describe_values(const OptionSpec &spec) {
  auto range = [&](std::string_view unit) {
    return concat({unit, " from ", std::to_string(spec.least), " to ", std::to_string(spec.most)});
  };
  switch (spec.type) {
    case OptionType::kBool: return "true or false (also 1/0, on/off, yes/no)";
    case OptionType::kTrueFalse: return "true or false";
    case OptionType::kInt:
      return spec.most == INT64_MAX ? concat({"a number, at least ", std::to_string(spec.least)}) : range("a number");
    case OptionType::kPort: return range("a port");
    case OptionType::kMillis: return "milliseconds, or a time like 500ms, 10s, 5m, 1h; at most 24h";
    case OptionType::kSeconds: return "seconds, or a time like 500ms, 10s, 5m, 1h; at most 24h";
    case OptionType::kSize: return range("a size in bytes, also like 64K, 8M, 1GB,");
    case OptionType::kString: return concat({"UTF-8 text of at most ", std::to_string(spec.most), " bytes"});
    case OptionType::kChoice: {
      std::string out;
      for (char c : spec.choices) {
        if (c == '|') {
          out += " or ";
        } else {
          out += c;
        }
      }
      return out;
    }
    case OptionType::kHosts: return "host:port, several separated by commas";
    case OptionType::kTlsMode: return "0 (off), 1 (no_verify), 2 (verify_ca) or 3 (verify_identity)";
    case OptionType::kTlsVersions: return "TLSv1.2, TLSv1.3 or both, separated by a comma";
    case OptionType::kConnMode: return "0 or 1 (bi)";
    case OptionType::kTimezone: return "the name of a time zone, like Europe/Paris";
    case OptionType::kCharset: return "UTF-8";
    case OptionType::kDebugFlag: return "a number from 0 to 255, or off, error, warn, info, debug, trace";
    case OptionType::kLooseFlag: return "1 or 0";
  }
  return {};
}

}  // namespace opentaos::base
