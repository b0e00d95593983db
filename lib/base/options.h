// The settings of a connection, a consumer and the process, and the one table that says how each of them is called in
// taos.cfg, in the environment, in a DSN, in taos_connect_with() and in tmq_conf_set(), what it accepts and what it is
// when nobody says anything. Parsing, validation and docs/options.md all come from that table.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/status.h"

namespace opentaos::base {

inline constexpr uint16_t kAdapterPort = 6041;
inline constexpr uint16_t kCloudPort = 443;
inline constexpr uint16_t kNativePort = 6030;

struct Host {
  std::string host;   // name, IPv4 or IPv6 (without brackets)
  uint16_t port = 0;  // 0: not said

  bool operator==(const Host &) const = default;
};

// The numbers are those of the configuration key wsTlsMode.
enum class TlsMode {
  kOff,
  kNoVerify,        // encrypted, but anybody may be at the other end
  kVerifyCa,        // the chain is checked, the name is not
  kVerifyIdentity,  // both; what wss means when nothing else is said
};

// The structs are large, so what copies and destroys them is in options.cpp, once.

// What a connection is made with. Times are in milliseconds, 0 means without limit.
struct ConnectOptions {
  ConnectOptions();
  ConnectOptions(const ConnectOptions &);
  ConnectOptions(ConnectOptions &&) noexcept;
  ConnectOptions &operator=(const ConnectOptions &);
  ConnectOptions &operator=(ConnectOptions &&) noexcept;
  ~ConnectOptions();

  std::vector<Host> hosts;  // ports are final (never 0) once the arguments or the DSN have been applied
  std::string user = "root";
  std::string password = "taosdata";
  std::string db;
  std::string token;         // cloud: goes into the URL of the upgrade request
  std::string bearer_token;  // goes into the login
  std::string totp_code;

  std::string timezone;  // IANA name for the session; empty: the server's
  std::string charset = "UTF-8";
  std::string user_app;
  std::string user_ip;
  std::string connector_info;
  int conn_mode = -1;  // -1 none, 0 BI: what the login sends as `mode`

  bool compression = false;
  int conn_retries = 5;
  int retry_backoff_ms = 200;
  int retry_backoff_max_ms = 2000;
  int64_t connect_timeout_ms = 10 * 1000;
  int64_t read_timeout_ms = 300 * 1000;
  int64_t write_timeout_ms = 300 * 1000;
  bool tcp_nodelay = true;

  TlsMode tls_mode = TlsMode::kOff;
  std::string tls_ca;        // file path or PEM text; empty: the system's
  std::string tls_versions;  // "TLSv1.2,TLSv1.3"; empty: both

  int64_t prefetch_bytes = int64_t{8} << 20;
  int64_t max_message_bytes = int64_t{256} << 20;
  std::string version_prefer = "2.x";  // taken when a server's version cannot be read
  std::string transport = "auto";      // "auto", "tcp" or "lws"

  bool tls() const { return tls_mode != TlsMode::kOff; }
};

// What holds for the whole process.
struct ProcessSettings {
  ProcessSettings();
  ProcessSettings(const ProcessSettings &);
  ProcessSettings(ProcessSettings &&) noexcept;
  ProcessSettings &operator=(const ProcessSettings &);
  ProcessSettings &operator=(ProcessSettings &&) noexcept;
  ~ProcessSettings();

  std::string driver = "websocket";
  std::string locale;
  uint16_t adapter_port = kAdapterPort;  // where port 6030 of a program leads to
  std::vector<Host> first_ep;            // the native client's addresses: used when no adapterList is given
  std::vector<Host> second_ep;
  std::string fqdn;
  uint16_t server_port = 0;

  std::string pass_file;      // credentials for taos_connect_auth(); empty: ~/.taospass
  std::string auth_password;  // a candidate of its own for taos_connect_auth()

  std::string log_dir;  // empty: no log file
  int debug_flag = 0;   // 0 off, 131 warnings, 135 debug, 143 trace, 199 and 207 also to the screen
  bool log_to_screen = false;
  int log_keep_days = 30;
  int64_t log_rotation_bytes = int64_t{1} << 30;
};

// What tmq_conf_set() sets. The consumer's address and login are in ConnectOptions.
struct ConsumerOptions {
  ConsumerOptions();
  ConsumerOptions(const ConsumerOptions &);
  ConsumerOptions(ConsumerOptions &&) noexcept;
  ConsumerOptions &operator=(const ConsumerOptions &);
  ConsumerOptions &operator=(ConsumerOptions &&) noexcept;
  ~ConsumerOptions();

  std::string group_id;
  std::string client_id;
  std::string offset_reset = "latest";
  bool auto_commit = true;
  int auto_commit_interval_ms = 5000;
  int session_timeout_ms = 12000;
  int heartbeat_interval_ms = 3000;
  int max_poll_interval_ms = 300000;
  bool with_table_name = true;
  bool snapshot = false;
  bool batch_meta = true;
  bool consume_excluded = false;
  bool consume_rawdata = false;
  bool replay = false;
  int fetch_max_wait_ms = 1000;
  int min_poll_rows = 4096;
};

// An address that comes in two parts, as in taos_connect_with() and tmq_conf_set().
struct Target {
  std::string ip;
  uint16_t port = 0;
};

struct Settings {
  Settings();
  Settings(const Settings &);
  Settings(Settings &&) noexcept;
  Settings &operator=(const Settings &);
  Settings &operator=(Settings &&) noexcept;
  ~Settings();

  ConnectOptions connect;
  Target target;
  ProcessSettings process;
  ConsumerOptions consumer;
};

// ---- the table

enum class Door { kFile, kEnvironment, kDsn, kCall, kTmq };

enum class OptionType {
  kBool,
  kTrueFalse,  // nothing but these two words
  kInt,
  kPort,
  kMillis,   // a number of milliseconds, or with a unit: 500ms, 10s, 5m, 1h
  kSeconds,  // the same, but a bare number means seconds; kept in milliseconds
  kSize,     // bytes, or with a unit: 64K, 8M, 1GB
  kString,
  kChoice,  // one of `choices`
  kHosts,   // host[:port], several separated by commas
  kTlsMode,
  kTlsVersions,
  kConnMode,
  kTimezone,
  kCharset,
  kDebugFlag,
  kLooseFlag,  // native reads it with atoi(): "1" is on, everything else is off, nothing is refused
};

using OptionField =
    std::variant<bool ConnectOptions::*, int ConnectOptions::*, int64_t ConnectOptions::*,
                 std::string ConnectOptions::*, TlsMode ConnectOptions::*, std::vector<Host> ConnectOptions::*,
                 std::string Target::*, uint16_t Target::*, bool ProcessSettings::*, int ProcessSettings::*,
                 int64_t ProcessSettings::*, uint16_t ProcessSettings::*, std::string ProcessSettings::*,
                 std::vector<Host> ProcessSettings::*, bool ConsumerOptions::*, int ConsumerOptions::*,
                 std::string ConsumerOptions::*>;

struct OptionSpec {
  std::string_view name;
  OptionType type;
  OptionField field;
  std::string_view fallback;  // the default, as it would be written
  std::string_view file_key = {};
  std::string_view environment = {};
  std::string_view dsn_keys = {};   // several spellings are separated by '|'
  std::string_view call_keys = {};  // taos_set_option()
  std::string_view tmq_keys = {};
  std::string_view help = {};
  int64_t least = 0;
  int64_t most = 0;
  std::string_view choices = {};
  bool secret = false;
};

std::span<const OptionSpec> option_table();

// The entry that is called `key` at this door, nullptr if there is none. DSN keys, calls and tmq_conf keys are compared
// without regard to case, taos.cfg keys too (as natively), environment names exactly.
const OptionSpec *find_option(Door door, std::string_view key);

// Checks the value and puts it where it belongs. On failure nothing changes; code 0x80000118, the text names the option
// and what it accepts, never the value of a secret.
Status set_option(Settings &settings, const OptionSpec &spec, std::string_view value);
Status set_option(ConnectOptions &options, const OptionSpec &spec, std::string_view value);

// tmq_conf_set(): 0, -1 (bad value) or -2 (unknown key), and the text why.
int set_consumer_option(Settings &settings, std::string_view key, std::string_view value, std::string *why = nullptr);

// What the table calls this kind of value in the documentation, with its range or choices.
std::string describe_values(const OptionSpec &spec);

// ---- addresses

// "host", "host:port", "[ipv6]:port", "::1", several separated by commas. A port that is no number from 1 to 65535 is a
// failure unless `lenient`, which takes an out-of-range number for "not said".
StatusOr<std::vector<Host>> parse_hosts(std::string_view text, bool lenient = false);

bool is_cloud_host(std::string_view host);

// The port that is dialled when a program says `port` for `host`: 0 is the default (6041; 443 for cloud hosts), 6030
// means "the TDengine on that host", so its adapter; every other port is taken as it is.
uint16_t adapter_port(std::string_view host, uint16_t port, uint16_t configured = kAdapterPort);

// ---- the calls that carry settings

// taos_connect(): NULL means "not said". `options` comes from ProcessOptions::connect_options(). Refuses what native
// refuses without asking a server, with its codes (empty or over-long user, password, database).
Status apply_arguments(ConnectOptions &options, const ProcessSettings &process, const char *ip, const char *user,
                       const char *password, const char *db, uint16_t port);

// taos_connect_with(): adapterList wins over ip, the last of two equal keys wins, keys that nobody knows are ignored.
struct CallOption {
  const char *key;
  const char *value;
};
Status apply_call_options(ConnectOptions &options, const ProcessSettings &process, std::span<const CallOption> pairs);

}  // namespace opentaos::base
