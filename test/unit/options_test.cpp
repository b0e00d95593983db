#include "base/options.h"

#include <catch2/catch.hpp>
#include <climits>
#include <set>

#include "base/encoding.h"

using namespace opentaos::base;

namespace {

const OptionSpec &named(std::string_view name) {
  for (const OptionSpec &spec : option_table()) {
    if (spec.name == name) return spec;
  }
  FAIL("no option " << name);
  return option_table().front();
}

Settings with(std::string_view name, std::string_view value) {
  Settings s;
  Status status = set_option(s, named(name), value);
  INFO(name << "=" << value << ": " << status.message());
  REQUIRE(status);
  return s;
}

bool accepts(std::string_view name, std::string_view value) {
  Settings s;
  return set_option(s, named(name), value).is_ok();
}

std::vector<std::string> split(std::string_view keys) {
  std::vector<std::string> out;
  while (!keys.empty()) {
    size_t bar = keys.find('|');
    out.emplace_back(keys.substr(0, bar));
    keys.remove_prefix(bar == std::string_view::npos ? keys.size() : bar + 1);
  }
  return out;
}

uint32_t code(const Status &s) { return static_cast<uint32_t>(s.code()); }

}  // namespace

TEST_CASE("options: the table is sound") {
  std::set<std::string> seen;
  auto once = [&](std::string_view door, std::string_view key) {
    if (key.empty()) return;
    INFO(door << " " << key);
    CHECK(seen.insert(std::string(door) + to_lower(key)).second);
  };
  for (const OptionSpec &spec : option_table()) {
    INFO(spec.name);
    CHECK_FALSE(spec.help.empty());
    CHECK(spec.help.back() == '.');
    once("name", spec.name);
    once("file", spec.file_key);
    once("environment", spec.environment);
    for (const std::string &key : split(spec.dsn_keys)) once("dsn", key);
    for (const std::string &key : split(spec.call_keys)) once("call", key);
    for (const std::string &key : split(spec.tmq_keys)) once("tmq", key);
    CHECK((spec.type == OptionType::kChoice) == !spec.choices.empty());
    CHECK(spec.least <= spec.most);
    CHECK_FALSE(describe_values(spec).empty());
    // Found under every name, by nobody else's.
    if (!spec.file_key.empty()) CHECK(find_option(Door::kFile, spec.file_key) == &spec);
    if (!spec.environment.empty()) CHECK(find_option(Door::kEnvironment, spec.environment) == &spec);
    for (const std::string &key : split(spec.dsn_keys)) CHECK(find_option(Door::kDsn, key) == &spec);
    for (const std::string &key : split(spec.call_keys)) CHECK(find_option(Door::kCall, key) == &spec);
    for (const std::string &key : split(spec.tmq_keys)) CHECK(find_option(Door::kTmq, key) == &spec);
  }
  for (Door door : {Door::kFile, Door::kEnvironment, Door::kDsn, Door::kCall, Door::kTmq}) {
    CHECK(find_option(door, "") == nullptr);
    CHECK(find_option(door, "nobody.knows") == nullptr);
    CHECK(find_option(door, "|") == nullptr);
  }
  CHECK(find_option(Door::kFile, "ADAPTERLIST") != nullptr);
  CHECK(find_option(Door::kEnvironment, "taos_adapter_list") == nullptr);
}

TEST_CASE("options: the written defaults are the defaults") {
  for (const OptionSpec &spec : option_table()) {
    INFO(spec.name << " " << spec.fallback);
    if (spec.fallback.empty() && spec.type == OptionType::kPort) continue;
    Settings defaults, s;
    REQUIRE(set_option(s, spec, spec.fallback));
    std::visit(
        [&](auto field) {
          auto same = [&](const auto &a, const auto &b) { CHECK(a == b); };
          if constexpr (std::is_invocable_v<decltype(field), ConnectOptions &>)
            same(s.connect.*field, defaults.connect.*field);
          if constexpr (std::is_invocable_v<decltype(field), ProcessSettings &>)
            same(s.process.*field, defaults.process.*field);
          if constexpr (std::is_invocable_v<decltype(field), ConsumerOptions &>)
            same(s.consumer.*field, defaults.consumer.*field);
          if constexpr (std::is_invocable_v<decltype(field), Target &>) same(s.target.*field, defaults.target.*field);
        },
        spec.field);
  }
}

TEST_CASE("options: values") {
  for (const char *on : {"1", "true", "TRUE", "on", "yes", " 1 "}) CHECK(with("compression", on).connect.compression);
  for (const char *off : {"0", "false", "off", "No"}) CHECK_FALSE(with("compression", off).connect.compression);
  for (const char *bad : {"", "2", "truely", "-"}) CHECK_FALSE(accepts("compression", bad));

  CHECK(with("conn_retries", "0").connect.conn_retries == 0);
  CHECK(with("conn_retries", "+7").connect.conn_retries == 7);
  for (const char *bad : {"", "-1", "1.5", "1e3", "0x10", "99999999999", "99999999999999999999", "+", "+-1", "1 2"}) {
    INFO(bad);
    CHECK_FALSE(accepts("conn_retries", bad));
  }

  CHECK(with("read_timeout", "5").connect.read_timeout_ms == 5000);
  CHECK(with("read_timeout", "5s").connect.read_timeout_ms == 5000);
  CHECK(with("read_timeout", "250ms").connect.read_timeout_ms == 250);
  CHECK(with("read_timeout", "2m").connect.read_timeout_ms == 120000);
  CHECK(with("read_timeout", "24h").connect.read_timeout_ms == 86400000);
  CHECK(with("read_timeout", "0").connect.read_timeout_ms == 0);
  CHECK(with("retry_backoff_ms", "5").connect.retry_backoff_ms == 5);
  CHECK(with("retry_backoff_ms", "5s").connect.retry_backoff_ms == 5000);
  for (const char *bad : {"", "s", "5d", "25h", "-1", "5 5", "99999999999999999999", "9223372036854775807h", "1.5s"}) {
    INFO(bad);
    CHECK_FALSE(accepts("read_timeout", bad));
  }

  CHECK(with("prefetch_bytes", "0").connect.prefetch_bytes == 0);
  CHECK(with("prefetch_bytes", "64K").connect.prefetch_bytes == 65536);
  CHECK(with("prefetch_bytes", "8 MiB").connect.prefetch_bytes == 8 << 20);
  CHECK(with("prefetch_bytes", "1GB").connect.prefetch_bytes == 1 << 30);
  for (const char *bad : {"", "1T", "-1", "9999999999G", "K"}) CHECK_FALSE(accepts("prefetch_bytes", bad));
  CHECK_FALSE(accepts("max_message_bytes", "1K"));

  CHECK(with("tls_mode", "2").connect.tls_mode == TlsMode::kVerifyCa);
  CHECK(with("tls_mode", "VERIFY_IDENTITY").connect.tls_mode == TlsMode::kVerifyIdentity);
  CHECK_FALSE(accepts("tls_mode", "4"));
  CHECK_FALSE(accepts("tls_mode", ""));
  CHECK(with("tls_version", "tlsv1.3").connect.tls_versions == "TLSv1.3");
  CHECK(with("tls_version", " TLSv1.3 , TLSv1.2 ").connect.tls_versions == "TLSv1.2,TLSv1.3");
  for (const char *bad : {"TLSv1.1", "TLSv1.3;", "TLSv1.3,,", "1.3"}) CHECK_FALSE(accepts("tls_version", bad));

  CHECK(with("conn_mode", "1").connect.conn_mode == 0);
  CHECK(with("conn_mode", "BI").connect.conn_mode == 0);
  CHECK(with("conn_mode", "0").connect.conn_mode == -1);
  CHECK_FALSE(accepts("conn_mode", "2"));

  CHECK(with("transport", "LWS").connect.transport == "lws");
  CHECK_FALSE(accepts("transport", "lw"));
  CHECK_FALSE(accepts("transport", "tcp|lws"));
  CHECK(with("charset", "utf8").connect.charset == "UTF-8");
  CHECK_FALSE(accepts("charset", "GBK"));
  CHECK_FALSE(accepts("timezone", "a b"));

  CHECK(with("debug_flag", "143").process.debug_flag == 143);
  CHECK(with("debug_flag", "debug").process.debug_flag == 135);
  CHECK(with("debug_flag", "trace!").process.debug_flag == 207);
  CHECK(with("debug_flag", "off!").process.debug_flag == 0);
  for (const char *bad : {"256", "-1", "loud", "131!", "!", ""}) CHECK_FALSE(accepts("debug_flag", bad));

  using namespace std::string_view_literals;
  CHECK_FALSE(accepts("user", "a\0b"sv));
  CHECK_FALSE(accepts("user", "\xff"));
  CHECK_FALSE(accepts("user", std::string(1025, 'u')));
  CHECK(with("user", " spaces stay ").connect.user == " spaces stay ");
}

TEST_CASE("options: a refused value changes nothing and a secret does not show") {
  Settings s;
  s.connect.password = "before";
  Status status = set_option(s, named("password"), std::string(5000, 'S') + "\xff");
  CHECK(code(status) == 0x80000118);
  CHECK(status.message().find('S') == std::string::npos);
  CHECK(s.connect.password == "before");
  ConnectOptions o;
  CHECK(code(set_option(o, named("log_dir"), "/tmp")) == 0x80000118);
}

TEST_CASE("options: host lists") {
  auto hosts = [](std::string_view text) {
    auto h = parse_hosts(text);
    INFO(text << ": " << h.status().message());
    REQUIRE(h);
    return *h;
  };
  CHECK(hosts("").empty());
  CHECK(hosts("  ").empty());
  CHECK(hosts("h") == std::vector<Host>{{"h", 0}});
  CHECK(hosts(" a:1 , b , [::1]:65535 ,127.0.0.1:6041") ==
        std::vector<Host>{{"a", 1}, {"b", 0}, {"::1", 65535}, {"127.0.0.1", 6041}});
  CHECK(hosts("2001:db8::1") == std::vector<Host>{{"2001:db8::1", 0}});
  CHECK(hosts("b\xc3\xbc"
              "cher.example") == std::vector<Host>{{"b\xc3\xbc"
                                                    "cher.example",
                                                    0}});
  for (const char *bad :
       {"h:",        "h:0",          "h:65536",     "h:-1",          "h:1x",  "h:99999999999999999999",
        "a b",       "a\r\nHost: x", "h/x",         "h?x",           "u@h",   "[::1",
        "[::1]6041", "[]",           "[::1]:",      "[zz::1]",       "1:2:3", "h%41",
        "fe80::1%",  "fe80::1%a b",  "fe80::1%a%b", "[fe80::1%e/1]", "(h)",   "\xff"}) {
    INFO(bad);
    CHECK_FALSE(parse_hosts(bad));
  }
  CHECK(parse_hosts("h:65536", true).is_ok());
  CHECK_FALSE(parse_hosts("h:port", true));
  CHECK_FALSE(parse_hosts(std::string(256, 'h')));
  CHECK(parse_hosts(std::string(255, 'h')));
  std::string many = "h";
  for (int i = 1; i < 128; i++) many += ",h";
  CHECK(parse_hosts(many));
  CHECK_FALSE(parse_hosts(many + ",h"));
  using namespace std::string_view_literals;
  CHECK_FALSE(parse_hosts("h\0g"sv));
  CHECK_FALSE(parse_hosts("::1\0"sv));
}

TEST_CASE("options: ports") {
  CHECK(adapter_port("h", 0) == 6041);
  CHECK(adapter_port("h", 6030) == 6041);
  CHECK(adapter_port("h", 6030, 7041) == 7041);
  CHECK(adapter_port("h", 0, 7041) == 6041);
  CHECK(adapter_port("h", 6041, 7041) == 6041);
  CHECK(adapter_port("h", 80) == 80);
  CHECK(adapter_port("gw.eu.Cloud.TDengine.com", 0) == 443);
  CHECK(adapter_port("gw.cloud.taosdata.com", 6030) == 443);
  CHECK(adapter_port("gw.cloud.taosdata.com", 8080) == 8080);
  CHECK(is_cloud_host("x.cloud.tdengine.com"));
  CHECK_FALSE(is_cloud_host("cloud.example.com"));
}

TEST_CASE("options: the arguments of taos_connect") {
  ProcessSettings process;
  auto connect = [&](const char *ip, const char *user, const char *password, const char *db, uint16_t port,
                     ConnectOptions o = {}) {
    Status s = apply_arguments(o, process, ip, user, password, db, port);
    INFO(s.message());
    REQUIRE(s);
    return o;
  };
  ConnectOptions o = connect(nullptr, nullptr, nullptr, nullptr, 0);
  CHECK(o.hosts == std::vector<Host>{{"localhost", 6041}});
  CHECK(o.user == "root");
  CHECK(o.password == "taosdata");
  CHECK(o.db.empty());
  CHECK(connect("", nullptr, nullptr, "", 0).hosts == std::vector<Host>{{"localhost", 6041}});
  CHECK(connect("td", "u", "p", "d", 6030).hosts == std::vector<Host>{{"td", 6041}});
  CHECK(connect("td", "u", "p", "d", 7000).hosts == std::vector<Host>{{"td", 7000}});
  CHECK(connect(nullptr, nullptr, nullptr, nullptr, 7000).hosts == std::vector<Host>{{"localhost", 7000}});
  CHECK(connect("::1", nullptr, nullptr, nullptr, 0).hosts == std::vector<Host>{{"::1", 6041}});
  CHECK(connect("a:1,b", nullptr, nullptr, nullptr, 6030).hosts == std::vector<Host>{{"a", 1}, {"b", 6041}});
  // Nothing is decoded: these are no DSNs.
  o = connect("h", "us%41er", "p@:/?&=%41", "d&x=1", 0);
  CHECK(o.user == "us%41er");
  CHECK(o.password == "p@:/?&=%41");
  CHECK(o.db == "d&x=1");

  ConnectOptions listed;
  listed.hosts = {{"a", 0}, {"b", 7041}, {"", 6030}};
  CHECK(connect(nullptr, nullptr, nullptr, nullptr, 0, listed).hosts ==
        std::vector<Host>{{"a", 6041}, {"b", 7041}, {"localhost", 6041}});
  CHECK(connect("c", nullptr, nullptr, nullptr, 0, listed).hosts == std::vector<Host>{{"c", 6041}});
  process.first_ep = {{"td1", 6030}};
  process.second_ep = {{"td2", 0}};
  process.adapter_port = 7041;
  CHECK(connect(nullptr, nullptr, nullptr, nullptr, 0).hosts == std::vector<Host>{{"td1", 7041}, {"td2", 6041}});
  CHECK(connect(nullptr, nullptr, nullptr, nullptr, 0, listed).hosts.front() == Host{"a", 6041});
}

TEST_CASE("options: what taos_connect refuses without asking a server") {
  ProcessSettings process;
  auto refused = [&](const char *ip, const char *user, const char *password, const char *db) {
    ConnectOptions o;
    Status s = apply_arguments(o, process, ip, user, password, db, 0);
    CHECK(o.hosts.empty());
    return s;
  };
  std::string u24(24, 'u'), p256(256, 'p'), d65(65, 'd'), h300(300, 'h');
  CHECK(code(refused("h", "", nullptr, nullptr)) == 0x80000207);
  CHECK(refused("h", "", nullptr, nullptr).message() == "Invalid user name");
  CHECK(code(refused("h", u24.c_str(), nullptr, nullptr)) == 0x80000207);
  CHECK(code(refused("h", nullptr, "", nullptr)) == 0x80000208);
  CHECK(refused("h", nullptr, "", nullptr).message() == "Invalid password length");
  CHECK(code(refused("h", nullptr, p256.c_str(), nullptr)) == 0x80000208);
  CHECK(code(refused("h", nullptr, nullptr, d65.c_str())) == 0x80000209);
  CHECK(refused("h", nullptr, nullptr, d65.c_str()).message() == "Database name too long");
  CHECK(code(refused("a b", nullptr, nullptr, nullptr)) == 0x8000000b);
  CHECK(refused("a b", nullptr, nullptr, nullptr).message().rfind("Unable to establish connection", 0) == 0);
  CHECK(code(refused(h300.c_str(), nullptr, nullptr, nullptr)) == 0x8000000b);
  CHECK(code(refused("h:port", nullptr, nullptr, nullptr)) == 0x8000000b);
  CHECK(code(refused("h", "\xff", nullptr, nullptr)) == 0x80000118);
  ConnectOptions o;
  CHECK(apply_arguments(o, process, "h", std::string(23, 'u').c_str(), std::string(255, 'p').c_str(),
                        std::string(64, 'd').c_str(), 0));
}

TEST_CASE("options: cloud") {
  ConnectOptions o;
  std::string token(300, 't');
  REQUIRE(apply_arguments(o, {}, "gw.cloud.tdengine.com", "token", token.c_str(), "db", 0));
  CHECK(o.hosts == std::vector<Host>{{"gw.cloud.tdengine.com", 443}});
  CHECK(o.token == token);
  CHECK(o.user == "root");
  CHECK(o.password == "taosdata");
  CHECK(o.tls_mode == TlsMode::kVerifyIdentity);
  ConnectOptions plain;
  REQUIRE(apply_arguments(plain, {}, "example.com", "token", "x", nullptr, 0));
  CHECK(plain.user == "token");
  CHECK(plain.token.empty());
  CHECK_FALSE(plain.tls());
}

TEST_CASE("options: taos_connect_with") {
  ProcessSettings process;
  auto connect = [&](std::vector<CallOption> pairs, ConnectOptions o = {}) {
    Status s = apply_call_options(o, process, pairs);
    INFO(s.message());
    REQUIRE(s);
    return o;
  };
  CHECK(connect({}).hosts == std::vector<Host>{{"localhost", 6041}});
  ConnectOptions o = connect({{"ip", "td"},
                              {"port", "6030"},
                              {"user", "me"},
                              {"pass", "p@ss%41"},
                              {"db", "d"},
                              {"charset", "UTF-8"},
                              {"timezone", "Asia/Shanghai"},
                              {"userIp", "10.0.0.1"},
                              {"userApp", "app"},
                              {"connectorInfo", "c"},
                              {"compression", "1"},
                              {"connRetries", "2"},
                              {"retryBackoffMs", "3"},
                              {"retryBackoffMaxMs", "4"},
                              {"wsTlsMode", "2"},
                              {"wsTlsVersion", "TLSv1.3"},
                              {"wsTlsCa", "/ca.pem"},
                              {"token", "t"},
                              {"bearerToken", "b"},
                              {"totpCode", "123"},
                              {"connMode", "1"},
                              {"readTimeout", "9"},
                              {"nobodyKnows", "x"},
                              {nullptr, "x"},
                              {"db", nullptr}});
  CHECK(o.hosts == std::vector<Host>{{"td", 6041}});
  CHECK(o.user == "me");
  CHECK(o.password == "p@ss%41");
  CHECK(o.db == "d");
  CHECK(o.timezone == "Asia/Shanghai");
  CHECK(o.user_ip == "10.0.0.1");
  CHECK(o.user_app == "app");
  CHECK(o.connector_info == "c");
  CHECK(o.compression);
  CHECK(o.conn_retries == 2);
  CHECK(o.retry_backoff_ms == 3);
  CHECK(o.retry_backoff_max_ms == 4);
  CHECK(o.tls_mode == TlsMode::kVerifyCa);
  CHECK(o.tls_versions == "TLSv1.3");
  CHECK(o.tls_ca == "/ca.pem");
  CHECK(o.token == "t");
  CHECK(o.bearer_token == "b");
  CHECK(o.totp_code == "123");
  CHECK(o.conn_mode == 0);
  CHECK(o.read_timeout_ms == 9000);

  CHECK(connect({{"db", "a"}, {"db", "b"}}).db == "b");
  CHECK(connect({{"adapterList", "a:1,b"}, {"ip", "c"}, {"port", "5"}}).hosts ==
        std::vector<Host>{{"a", 1}, {"b", 6041}});
  CHECK(connect({{"ip", "c"}, {"port", "nonsense"}}).hosts == std::vector<Host>{{"c", 6041}});
  CHECK(connect({{"ip", "c"}, {"port", "70000"}}).hosts == std::vector<Host>{{"c", 6041}});
  CHECK(connect({{"port", "7000"}}).hosts == std::vector<Host>{{"localhost", 7000}});
  ConnectOptions listed;
  listed.hosts = {{"x", 1}};
  CHECK(connect({}, listed).hosts == std::vector<Host>{{"x", 1}});
  CHECK(connect({{"ip", "c"}}, listed).hosts == std::vector<Host>{{"c", 6041}});

  for (CallOption bad : {CallOption{"compression", "perhaps"},
                         {"connRetries", "many"},
                         {"wsTlsMode", "4"},
                         {"adapterList", "h:x"},
                         {"charset", "GBK"}}) {
    INFO(bad.key);
    ConnectOptions untouched;
    CHECK(code(apply_call_options(untouched, process, std::span(&bad, 1))) == 0x80000118);
    CHECK(untouched.hosts.empty());
  }
  CallOption no_user{"user", ""};
  ConnectOptions untouched;
  CHECK(code(apply_call_options(untouched, process, std::span(&no_user, 1))) == 0x80000207);
}

TEST_CASE("options: tmq_conf_set as recorded") {
  struct {
    const char *key, *value;
    int expected;
  } recorded[] = {
      {"group.id", "g1", 0},
      {"group.id", "", 0},
      {"client.id", "c", 0},
      {"client.id", "", 0},
      {"enable.auto.commit", "true", 0},
      {"enable.auto.commit", "false", 0},
      {"enable.auto.commit", "TRUE", 0},
      {"enable.auto.commit", "yes", -1},
      {"enable.auto.commit", "1", -1},
      {"auto.commit.interval.ms", "1000", 0},
      {"auto.commit.interval.ms", "0", 0},
      {"auto.commit.interval.ms", "-1", -1},
      {"auto.commit.interval.ms", "x", -1},
      {"auto.commit.interval.ms", "2147483647", 0},
      {"auto.commit.interval.ms", "2147483648", 0},
      {"session.timeout.ms", "6000", 0},
      {"session.timeout.ms", "5999", -1},
      {"session.timeout.ms", "1800000", 0},
      {"session.timeout.ms", "1800001", -1},
      {"session.timeout.ms", "x", -1},
      {"heartbeat.interval.ms", "1000", 0},
      {"heartbeat.interval.ms", "999", -1},
      {"heartbeat.interval.ms", "x", -1},
      {"max.poll.interval.ms", "1000", 0},
      {"max.poll.interval.ms", "999", -1},
      {"max.poll.interval.ms", "x", -1},
      {"auto.offset.reset", "earliest", 0},
      {"auto.offset.reset", "latest", 0},
      {"auto.offset.reset", "none", 0},
      {"auto.offset.reset", "EARLIEST", 0},
      {"auto.offset.reset", "middle", -1},
      {"msg.with.table.name", "true", 0},
      {"msg.with.table.name", "false", 0},
      {"msg.with.table.name", "maybe", -1},
      {"experimental.snapshot.enable", "true", 0},
      {"experimental.snapshot.enable", "false", 0},
      {"experimental.snapshot.enable", "x", -1},
      {"td.connect.ip", "localhost", 0},
      {"td.connect.ip", "", 0},
      {"td.connect.user", "root", 0},
      {"td.connect.pass", "taosdata", 0},
      {"td.connect.port", "6030", 0},
      {"td.connect.port", "0", -1},
      {"td.connect.port", "65535", 0},
      {"td.connect.port", "65536", -1},
      {"td.connect.port", "x", -1},
      {"td.connect.db", "d", 0},
      {"enable.replay", "true", 0},
      {"enable.replay", "false", 0},
      {"enable.replay", "x", -1},
      {"msg.consume.excluded", "1", 0},
      {"msg.consume.excluded", "0", 0},
      {"msg.consume.excluded", "x", 0},
      {"msg.consume.rawdata", "1", 0},
      {"msg.consume.rawdata", "0", 0},
      {"msg.consume.rawdata", "x", 0},
      {"fetch.max.wait.ms", "1000", 0},
      {"fetch.max.wait.ms", "0", -1},
      {"fetch.max.wait.ms", "x", -1},
      {"min.poll.rows", "10", 0},
      {"min.poll.rows", "0", -1},
      {"min.poll.rows", "x", -1},
      {"msg.enable.batchmeta", "1", 0},
      {"msg.enable.batchmeta", "x", 0},
      {"GROUP.ID", "g", 0},
      {"Auto.Offset.Reset", "latest", 0},
      {"no.such.key", "x", -2},
      {"", "x", -2},
      {"group.id ", "x", -2},
      {"ws.url", "x", -2},
      {"protocol", "ws", -2},
      {"compression", "true", -2},
      {"timezone", "UTC", -2},
  };
  Settings s;  // one object for all, as the probe does it
  for (const auto &r : recorded) {
    std::string why;
    INFO(r.key << "=" << r.value);
    CHECK(set_consumer_option(s, r.key, r.value, &why) == r.expected);
    CHECK(why.empty() == (r.expected == 0));
  }
  CHECK(set_consumer_option(s, "group.id", std::string(193, 'g')) == 0);
  CHECK(s.consumer.auto_commit_interval_ms == INT_MAX);
  CHECK(s.consumer.session_timeout_ms == 1800000);
  CHECK(s.consumer.heartbeat_interval_ms == 1000);
  CHECK(s.consumer.offset_reset == "latest");
  CHECK_FALSE(s.consumer.consume_excluded);
  CHECK(s.target.port == 65535);
  CHECK(s.connect.db == "d");

  Settings t;
  REQUIRE(set_consumer_option(t, "session.timeout.ms", "6000") == 0);
  CHECK(set_consumer_option(t, "heartbeat.interval.ms", "6000") == -1);
  CHECK(t.consumer.heartbeat_interval_ms == 3000);
  CHECK(set_consumer_option(t, "heartbeat.interval.ms", "5999") == 0);
  CHECK(set_consumer_option(t, "td.connect.token", "tok") == 0);
  CHECK(t.connect.bearer_token == "tok");
  CHECK(set_consumer_option(t, "ws.tls.mode", "3") == 0);
  CHECK(t.connect.tls_mode == TlsMode::kVerifyIdentity);
}
