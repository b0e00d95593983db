// The option table. One entry per setting; see options.h.
//
// Columns: name, kind, where it is kept, default, taos.cfg, environment, DSN, taos_set_option, tmq_conf_set, help,
// least, most, choices, secret.
#include <climits>

#include "base/encoding.h"
#include "base/options.h"

namespace opentaos::base {
namespace {

using C = ConnectOptions;
using P = ProcessSettings;
using Q = ConsumerOptions;
using T = OptionType;

constexpr int64_t kDay = int64_t{24} * 3600 * 1000;
constexpr int64_t kGiB = int64_t{1} << 30;

// clang-format off
constexpr OptionSpec kTable[] = {
    // ---- where to
    {.name = "hosts", .type = T::kHosts, .field = &C::hosts, .fallback = "",
     .file_key = "adapterList", .environment = "TAOS_ADAPTER_LIST", .call_keys = "adapterList",
     .help = "Adapters to connect to, tried in turn. Used when the program names no host."},
    {.name = "ip", .type = T::kString, .field = &Target::ip, .fallback = "",
     .call_keys = "ip", .tmq_keys = "td.connect.ip",
     .help = "Host name or address; also host:port, or several separated by commas.", .most = 65536},
    {.name = "port", .type = T::kPort, .field = &Target::port, .fallback = "",
     .call_keys = "port", .tmq_keys = "td.connect.port",
     .help = "0 is the default port of the adapter; 6030 means the adapter of that host.", .least = 1, .most = 65535},
    {.name = "adapter_port", .type = T::kPort, .field = &P::adapter_port, .fallback = "6041",
     .file_key = "adapterPort", .environment = "TAOS_ADAPTER_PORT",
     .help = "Where a program that asks for port 6030, TDengine's native port, is led to.", .least = 1, .most = 65535},
    {.name = "first_ep", .type = T::kHosts, .field = &P::first_ep, .fallback = "",
     .file_key = "firstEp", .environment = "TAOS_FIRST_EP",
     .help = "The native client's first address. Used without adapterList, with the port of the adapter there."},
    {.name = "second_ep", .type = T::kHosts, .field = &P::second_ep, .fallback = "",
     .file_key = "secondEp", .environment = "TAOS_SECOND_EP", .help = "Tried after firstEp."},
    {.name = "fqdn", .type = T::kString, .field = &P::fqdn, .fallback = "",
     .file_key = "fqdn", .environment = "TAOS_FQDN", .help = "Host that taos_check_server_status() asks about by default.", .most = 255},
    {.name = "server_port", .type = T::kPort, .field = &P::server_port, .fallback = "0",
     .file_key = "serverPort", .environment = "TAOS_SERVER_PORT",
     .help = "Port that taos_check_server_status() asks about by default.", .least = 0, .most = 65535},

    // ---- who
    {.name = "user", .type = T::kString, .field = &C::user, .fallback = "root",
     .call_keys = "user", .tmq_keys = "td.connect.user", .help = "Database user.", .most = 1024},
    {.name = "password", .type = T::kString, .field = &C::password, .fallback = "taosdata",
     .call_keys = "pass", .tmq_keys = "td.connect.pass", .help = "Password of the user.", .most = 4096, .secret = true},
    {.name = "db", .type = T::kString, .field = &C::db, .fallback = "",
     .call_keys = "db", .tmq_keys = "td.connect.db", .help = "Database to use.", .most = 1024},
    {.name = "token", .type = T::kString, .field = &C::token, .fallback = "",
     .dsn_keys = "token", .call_keys = "token", .help = "Token of the cloud service.", .most = 65536, .secret = true},
    {.name = "bearer_token", .type = T::kString, .field = &C::bearer_token, .fallback = "",
     .dsn_keys = "bearer_token|bearerToken", .call_keys = "bearerToken|bearer_token", .tmq_keys = "td.connect.token",
     .help = "Token to log in with instead of user and password (server 3.4).", .most = 65536, .secret = true},
    {.name = "totp_code", .type = T::kString, .field = &C::totp_code, .fallback = "",
     .dsn_keys = "totp_code|totpCode", .call_keys = "totpCode|totp_code",
     .help = "One-time code that goes with user and password (server 3.4).", .most = 64, .secret = true},
    {.name = "pass_file", .type = T::kString, .field = &P::pass_file, .fallback = "",
     .file_key = "passFile", .environment = "TAOS_PASSFILE",
     .help = "Passwords for taos_connect_auth(), lines of host:port:db:user:password, readable by the owner only. "
             "Empty: .taospass in the home directory.", .most = 4096},
    {.name = "auth_password", .type = T::kString, .field = &P::auth_password, .fallback = "",
     .file_key = "authPassword", .environment = "TAOS_AUTH_PASSWORD",
     .help = "A password that taos_connect_auth() may try against the MD5 it was given.", .most = 4096, .secret = true},

    // ---- the session
    {.name = "timezone", .type = T::kTimezone, .field = &C::timezone, .fallback = "",
     .file_key = "timezone", .environment = "TAOS_TIMEZONE", .dsn_keys = "timezone|tz", .call_keys = "timezone",
     .help = "IANA name of the session's time zone. Empty: the server's. The process's TZ is left alone."},
    {.name = "charset", .type = T::kCharset, .field = &C::charset, .fallback = "UTF-8",
     .file_key = "charset", .dsn_keys = "charset", .call_keys = "charset",
     .help = "Character set of SQL and results: UTF-8."},
    {.name = "locale", .type = T::kString, .field = &P::locale, .fallback = "", .file_key = "locale",
     .help = "Kept for programs that set it. The process's locale is left alone.", .most = 64},
    {.name = "user_app", .type = T::kString, .field = &C::user_app, .fallback = "",
     .dsn_keys = "user_app|userApp", .call_keys = "userApp|user_app",
     .help = "Name of the application that the server shows; it keeps 23 bytes.", .most = 1024},
    {.name = "user_ip", .type = T::kString, .field = &C::user_ip, .fallback = "",
     .dsn_keys = "user_ip|userIp", .call_keys = "userIp|user_ip", .help = "Address of the client that the server shows.", .most = 256},
    {.name = "connector_info", .type = T::kString, .field = &C::connector_info, .fallback = "",
     .dsn_keys = "connector_info|connectorInfo", .call_keys = "connectorInfo|connector_info",
     .help = "Description of the connector that the server shows.", .most = 1024},
    {.name = "conn_mode", .type = T::kConnMode, .field = &C::conn_mode, .fallback = "",
     .dsn_keys = "conn_mode|connMode", .call_keys = "connMode|conn_mode", .help = "1 or bi: BI mode."},
    {.name = "version_prefer", .type = T::kChoice, .field = &C::version_prefer, .fallback = "2.x",
     .dsn_keys = "version_prefer|versionPrefer", .call_keys = "versionPrefer|version_prefer",
     .help = "What to take a server for whose version cannot be read.", .choices = "2.x|3.x"},

    // ---- the line
    {.name = "compression", .type = T::kBool, .field = &C::compression, .fallback = "0",
     .file_key = "compression", .environment = "TAOS_COMPRESSION",
     .dsn_keys = "compression|enableCompression", .call_keys = "compression",
     .help = "Compress messages (permessage-deflate) if the server agrees."},
    {.name = "conn_retries", .type = T::kInt, .field = &C::conn_retries, .fallback = "5",
     .file_key = "connRetries", .environment = "TAOS_CONN_RETRIES",
     .dsn_keys = "conn_retries|connRetries", .call_keys = "connRetries|conn_retries",
     .help = "How often connecting to an address is tried again.", .least = 0, .most = 1000000},
    {.name = "retry_backoff_ms", .type = T::kMillis, .field = &C::retry_backoff_ms, .fallback = "200",
     .file_key = "retryBackoffMs", .environment = "TAOS_RETRY_BACKOFF_MS",
     .dsn_keys = "retry_backoff_ms|retryBackoffMs", .call_keys = "retryBackoffMs|retry_backoff_ms",
     .help = "Wait before the first retry; it doubles from one to the next.", .least = 0, .most = kDay},
    {.name = "retry_backoff_max_ms", .type = T::kMillis, .field = &C::retry_backoff_max_ms, .fallback = "2000",
     .file_key = "retryBackoffMaxMs", .environment = "TAOS_RETRY_BACKOFF_MAX_MS",
     .dsn_keys = "retry_backoff_max_ms|retryBackoffMaxMs", .call_keys = "retryBackoffMaxMs|retry_backoff_max_ms",
     .help = "The longest wait between two tries.", .least = 0, .most = kDay},
    {.name = "conn_timeout", .type = T::kSeconds, .field = &C::connect_timeout_ms, .fallback = "10",
     .file_key = "connTimeout", .environment = "TAOS_CONN_TIMEOUT",
     .dsn_keys = "conn_timeout|connTimeout", .call_keys = "connTimeout|conn_timeout",
     .help = "Connecting, from the look-up of the name to the login, ends after this time. 0: no limit.", .least = 0, .most = kDay},
    {.name = "read_timeout", .type = T::kSeconds, .field = &C::read_timeout_ms, .fallback = "300",
     .file_key = "readTimeout", .environment = "TAOS_READ_TIMEOUT",
     .dsn_keys = "read_timeout|readTimeout", .call_keys = "readTimeout|read_timeout",
     .help = "The longest wait for an answer. 0: no limit.", .least = 0, .most = kDay},
    {.name = "write_timeout", .type = T::kSeconds, .field = &C::write_timeout_ms, .fallback = "300",
     .file_key = "writeTimeout", .environment = "TAOS_WRITE_TIMEOUT",
     .dsn_keys = "write_timeout|writeTimeout", .call_keys = "writeTimeout|write_timeout",
     .help = "The longest wait until a request has been taken. 0: no limit.", .least = 0, .most = kDay},
    {.name = "tcp_nodelay", .type = T::kBool, .field = &C::tcp_nodelay, .fallback = "true",
     .dsn_keys = "tcp_nodelay|tcpNodelay", .call_keys = "tcpNodelay|tcp_nodelay", .help = "Send small requests at once."},
    {.name = "prefetch_bytes", .type = T::kSize, .field = &C::prefetch_bytes, .fallback = "8M",
     .file_key = "prefetchBytes", .environment = "TAOS_PREFETCH_BYTES",
     .dsn_keys = "prefetch_bytes|prefetchBytes", .call_keys = "prefetchBytes|prefetch_bytes",
     .help = "How much of a result may wait in memory before the program asks for it. 0: nothing is fetched ahead.",
     .least = 0, .most = 64 * kGiB},
    {.name = "max_message_bytes", .type = T::kSize, .field = &C::max_message_bytes, .fallback = "256M",
     .file_key = "maxMessageBytes", .environment = "TAOS_MAX_MESSAGE_BYTES",
     .dsn_keys = "max_message_bytes|maxMessageBytes", .call_keys = "maxMessageBytes|max_message_bytes",
     .help = "A longer message of the server ends the connection.", .least = 64 * 1024, .most = 2 * kGiB},
    {.name = "transport", .type = T::kChoice, .field = &C::transport, .fallback = "auto",
     .file_key = "wsTransport", .environment = "TAOS_WS_TRANSPORT", .dsn_keys = "transport", .call_keys = "wsTransport|transport",
     .help = "What carries the bytes: plain sockets (tcp), libwebsockets (lws), or whichever fits (auto).",
     .choices = "auto|tcp|lws"},

    // ---- TLS
    {.name = "tls_mode", .type = T::kTlsMode, .field = &C::tls_mode, .fallback = "0",
     .file_key = "wsTlsMode", .environment = "TAOS_WS_TLS_MODE", .dsn_keys = "tls_mode|tlsMode",
     .call_keys = "wsTlsMode", .tmq_keys = "ws.tls.mode",
     .help = "0 off, 1 encrypted but unverified, 2 the certificate's chain is verified, 3 chain and host name. "
             "A wss DSN without it means 3."},
    {.name = "tls_version", .type = T::kTlsVersions, .field = &C::tls_versions, .fallback = "",
     .file_key = "wsTlsVersion", .environment = "TAOS_WS_TLS_VERSION", .dsn_keys = "tls_version|tlsVersion",
     .call_keys = "wsTlsVersion", .tmq_keys = "ws.tls.version",
     .help = "Protocol versions to offer, separated by commas. Empty: both."},
    {.name = "tls_ca", .type = T::kString, .field = &C::tls_ca, .fallback = "",
     .file_key = "wsTlsCa", .environment = "TAOS_WS_TLS_CA", .dsn_keys = "tls_ca|tlsCa",
     .call_keys = "wsTlsCa", .tmq_keys = "ws.tls.ca",
     .help = "Certificates to trust: a file, or PEM text (line ends may be written \\n). Empty: the system's.", .most = 1 << 20},

    // ---- the process
    {.name = "driver", .type = T::kChoice, .field = &P::driver, .fallback = "websocket",
     .help = "Set with taos_options(TSDB_OPTION_DRIVER): native forwards to libtaosnative.so.", .choices = "websocket|native"},
    {.name = "log_dir", .type = T::kString, .field = &P::log_dir, .fallback = "",
     .file_key = "logDir", .environment = "TAOS_LOG_DIR",
     .help = "Directory of the log file. A file is written only when debugFlag asks for a log too.", .most = 4096},
    {.name = "debug_flag", .type = T::kDebugFlag, .field = &P::debug_flag, .fallback = "0",
     .file_key = "debugFlag", .environment = "TAOS_DEBUG_FLAG",
     .help = "What is logged: 0 nothing, 131 warnings, 135 debug, 143 trace; 199 and 207 the same two also to the screen. "
             "Words: off, error, warn, info, debug, trace; with ! also to the screen.", .least = 0, .most = 255},
    {.name = "log_to_screen", .type = T::kBool, .field = &P::log_to_screen, .fallback = "0",
     .environment = "TAOS_LOG_OUTPUT_TO_SCREEN", .help = "Log to standard error too."},
    {.name = "log_keep_days", .type = T::kInt, .field = &P::log_keep_days, .fallback = "30",
     .file_key = "logKeepDays", .environment = "TAOS_LOG_KEEP_DAYS",
     .help = "Older log files of this library are removed from logDir when a new one is begun. 0: never.", .least = -365000, .most = 365000},
    {.name = "log_rotation_bytes", .type = T::kSize, .field = &P::log_rotation_bytes, .fallback = "1GB",
     .file_key = "rotationSize", .environment = "TAOS_ROTATION_SIZE",
     .help = "A log file that has reached this size is set aside and a new one begun.", .least = 1024, .most = 1024 * kGiB},

    // ---- consumers
    {.name = "group.id", .type = T::kString, .field = &Q::group_id, .fallback = "", .tmq_keys = "group.id",
     .help = "Consumer group. Required; the server takes up to 192 bytes.", .most = 65536},
    {.name = "client.id", .type = T::kString, .field = &Q::client_id, .fallback = "", .tmq_keys = "client.id",
     .help = "Name of the consumer that the server shows.", .most = 65536},
    {.name = "auto.offset.reset", .type = T::kChoice, .field = &Q::offset_reset, .fallback = "latest",
     .tmq_keys = "auto.offset.reset", .help = "Where a group begins that has committed nothing.", .choices = "earliest|latest|none"},
    {.name = "enable.auto.commit", .type = T::kTrueFalse, .field = &Q::auto_commit, .fallback = "true",
     .tmq_keys = "enable.auto.commit", .help = "Commit what has been polled from time to time."},
    {.name = "auto.commit.interval.ms", .type = T::kInt, .field = &Q::auto_commit_interval_ms, .fallback = "5000",
     .tmq_keys = "auto.commit.interval.ms", .help = "Time between two automatic commits.", .least = 0, .most = INT64_MAX},
    {.name = "session.timeout.ms", .type = T::kInt, .field = &Q::session_timeout_ms, .fallback = "12000",
     .tmq_keys = "session.timeout.ms", .help = "The server takes a consumer that is silent for this long for gone.",
     .least = 6000, .most = 1800000},
    {.name = "heartbeat.interval.ms", .type = T::kInt, .field = &Q::heartbeat_interval_ms, .fallback = "3000",
     .tmq_keys = "heartbeat.interval.ms", .help = "Time between two signs of life; less than session.timeout.ms.",
     .least = 1000, .most = 1800000},
    {.name = "max.poll.interval.ms", .type = T::kInt, .field = &Q::max_poll_interval_ms, .fallback = "300000",
     .tmq_keys = "max.poll.interval.ms", .help = "A consumer that does not poll for this long loses its share.",
     .least = 1000, .most = INT_MAX},
    {.name = "msg.with.table.name", .type = T::kTrueFalse, .field = &Q::with_table_name, .fallback = "true",
     .tmq_keys = "msg.with.table.name", .help = "Table names with messages; servers of today always send them."},
    {.name = "experimental.snapshot.enable", .type = T::kTrueFalse, .field = &Q::snapshot, .fallback = "false",
     .tmq_keys = "experimental.snapshot.enable", .help = "Read what is stored first, then the log."},
    {.name = "msg.enable.batchmeta", .type = T::kLooseFlag, .field = &Q::batch_meta, .fallback = "1",
     .tmq_keys = "msg.enable.batchmeta", .help = "Several changes of tables in one message."},
    {.name = "msg.consume.excluded", .type = T::kLooseFlag, .field = &Q::consume_excluded, .fallback = "0",
     .tmq_keys = "msg.consume.excluded", .help = "Skip what was written by tmq_write_raw()."},
    {.name = "msg.consume.rawdata", .type = T::kLooseFlag, .field = &Q::consume_rawdata, .fallback = "0",
     .tmq_keys = "msg.consume.rawdata", .help = "Messages as opaque data, for copying databases."},
    {.name = "enable.replay", .type = T::kTrueFalse, .field = &Q::replay, .fallback = "false",
     .tmq_keys = "enable.replay", .help = "Give rows out with the pauses they were written with."},
    {.name = "fetch.max.wait.ms", .type = T::kInt, .field = &Q::fetch_max_wait_ms, .fallback = "1000",
     .tmq_keys = "fetch.max.wait.ms", .help = "How long the server waits for more rows.", .least = 1, .most = INT_MAX},
    {.name = "min.poll.rows", .type = T::kInt, .field = &Q::min_poll_rows, .fallback = "4096",
     .tmq_keys = "min.poll.rows", .help = "How many rows the server waits for.", .least = 1, .most = INT_MAX},
};
// clang-format on

bool one_of(std::string_view list, std::string_view key) {
  while (!list.empty()) {
    size_t bar = list.find('|');
    if (equals_ignoring_case(list.substr(0, bar), key)) return true;
    list.remove_prefix(bar == std::string_view::npos ? list.size() : bar + 1);
  }
  return false;
}

bool is_called(const OptionSpec &spec, Door door, std::string_view key) {
  switch (door) {
    case Door::kFile: return equals_ignoring_case(spec.file_key, key);
    case Door::kEnvironment: return spec.environment == key;
    case Door::kDsn: return one_of(spec.dsn_keys, key);
    case Door::kCall: return one_of(spec.call_keys, key);
    case Door::kTmq: return one_of(spec.tmq_keys, key);
  }
  return false;
}

}  // namespace

std::span<const OptionSpec> option_table() { return kTable; }

const OptionSpec *find_option(Door door, std::string_view key) {
  if (key.empty()) return nullptr;
  for (const OptionSpec &spec : kTable) {
    if (is_called(spec, door, key)) return &spec;
  }
  return nullptr;
}

}  // namespace opentaos::base
