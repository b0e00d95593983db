#include "base/dsn.h"

#include <catch2/catch.hpp>

using namespace opentaos::base;

namespace {

Dsn parsed(std::string_view text) {
  auto dsn = parse_dsn(text);
  INFO(text << " -> " << dsn.status().message());
  REQUIRE(dsn);
  return *dsn;
}

ConnectOptions applied(std::string_view text, ConnectOptions options = {}) {
  Status s = apply_dsn(parsed(text), options);
  INFO(text << " -> " << s.message());
  REQUIRE(s);
  return options;
}

Status failure(std::string_view text) {
  auto dsn = parse_dsn(text);
  if (!dsn) return dsn.status();
  ConnectOptions options;
  Status s = apply_dsn(*dsn, options);
  if (!s) CHECK(options.hosts.empty());  // a failure changes nothing
  return s;
}

constexpr int32_t kNotADsn = static_cast<int32_t>(0x8000FFFF);
constexpr int32_t kUnusable = static_cast<int32_t>(0x8000E000);

}  // namespace

TEST_CASE("DSN: all parts") {
  Dsn d = parsed("taos+wss://me:secret@h1:6041,h2:7041/power?compression=true&conn_retries=3&timezone=Asia/Shanghai");
  CHECK(d.driver == "taos");
  CHECK(d.protocol == "wss");
  CHECK(d.tls);
  CHECK(d.user.value() == "me");
  CHECK(d.password.value() == "secret");
  CHECK(d.hosts == std::vector<Host>{{"h1", 6041}, {"h2", 7041}});
  CHECK(d.subject == "power");
  REQUIRE(d.params.size() == 3);
  CHECK(*d.param("timezone") == "Asia/Shanghai");
  CHECK(d.param("nothing") == nullptr);

  ConnectOptions o;
  REQUIRE(apply_dsn(d, o));
  CHECK(o.hosts == d.hosts);
  CHECK(o.user == "me");
  CHECK(o.password == "secret");
  CHECK(o.db == "power");
  CHECK(o.compression);
  CHECK(o.conn_retries == 3);
  CHECK(o.timezone == "Asia/Shanghai");
  CHECK(o.tls_mode == TlsMode::kVerifyIdentity);
}

TEST_CASE("DSN: drivers and protocols") {
  for (const char *plain :
       {"ws", "http", "taos", "taosws", "tmq", "taos+ws", "taosws+http", "tmq+ws", "ws+http", "WS"}) {
    INFO(plain);
    CHECK_FALSE(parsed(std::string(plain) + "://localhost").tls);
  }
  for (const char *tls : {"wss", "https", "taos+wss", "taosws+https", "tmq+wss", "wss+https"}) {
    INFO(tls);
    CHECK(parsed(std::string(tls) + "://localhost").tls);
  }
  for (const char *bad : {"ftp", "taos+ftp", "wsx", "ws+wss", "wss+ws", "taos+", "taos+ws+ws", "mysql"}) {
    std::string text = std::string(bad) + "://localhost";
    bool dangling = text == "taos+://localhost";  // an empty protocol is no protocol
    CHECK(parse_dsn(text).is_ok() == dangling);
  }
}

TEST_CASE("DSN: texts of failures as recorded") {
  CHECK(failure("not a dsn").code() == kNotADsn);
  CHECK(failure("not a dsn").message() ==
        "Internal error: `No `:` found in not a dsn, use either path:/path or driver://user:pass@host:port?k=v`");
  CHECK(failure("").code() == kNotADsn);
  CHECK(failure("").message() ==
        "Internal error: `No `:` found in , use either path:/path or driver://user:pass@host:port?k=v`");
  CHECK(failure("ftp://localhost").code() == kNotADsn);
  CHECK(failure("ftp://localhost").message() == "Internal error: `invalid driver ftp://localhost`");
}

TEST_CASE("DSN: hosts and ports") {
  CHECK(applied(kDefaultDsn).hosts == std::vector<Host>{{"localhost", 6041}});
  CHECK(applied("ws://").hosts == std::vector<Host>{{"localhost", 6041}});
  CHECK(applied("ws:///db").hosts == std::vector<Host>{{"localhost", 6041}});
  CHECK(applied("ws:///db").db == "db");
  CHECK(applied("ws://?compression=1").hosts == std::vector<Host>{{"localhost", 6041}});
  CHECK(applied("ws://:7000").hosts == std::vector<Host>{{"localhost", 7000}});
  CHECK(applied("ws://h").hosts == std::vector<Host>{{"h", 6041}});
  CHECK(applied("wss://h").hosts == std::vector<Host>{{"h", 6041}});
  CHECK(applied("ws://h:").hosts == std::vector<Host>{{"h", 6041}});
  CHECK(applied("wss://gw.cloud.tdengine.com?token=x").hosts == std::vector<Host>{{"gw.cloud.tdengine.com", 443}});
  CHECK(applied("wss://gw.cloud.taosdata.com:8443").hosts == std::vector<Host>{{"gw.cloud.taosdata.com", 8443}});
  // A number that is no port counts as not given, as recorded.
  CHECK(applied("ws://localhost:99999").hosts == std::vector<Host>{{"localhost", 6041}});
  CHECK(applied("ws://localhost:0").hosts == std::vector<Host>{{"localhost", 6041}});
  CHECK(applied("ws://localhost:99999999999999999999").hosts == std::vector<Host>{{"localhost", 6041}});
  // Only a DSN that does not say WebSocket can mean the native port.
  CHECK(applied("ws://h:6030").hosts == std::vector<Host>{{"h", 6030}});
  CHECK(applied("taos+ws://h:6030").hosts == std::vector<Host>{{"h", 6030}});
  CHECK(applied("taos://h:6030").hosts == std::vector<Host>{{"h", 6041}});
  ConnectOptions o;
  REQUIRE(apply_dsn(parsed("taos://h:6030"), o, 7041));
  CHECK(o.hosts == std::vector<Host>{{"h", 7041}});
}

TEST_CASE("DSN: IPv6") {
  CHECK(applied("ws://[::1]:6041/db").hosts == std::vector<Host>{{"::1", 6041}});
  CHECK(applied("ws://u:p@[fe80::1%25eth0]").hosts == std::vector<Host>{{"fe80::1%eth0", 6041}});
  CHECK(applied("ws://[::1]:1,[2001:db8::2]:2,h:3").hosts ==
        std::vector<Host>{{"::1", 1}, {"2001:db8::2", 2}, {"h", 3}});
  CHECK(applied("ws://::1").hosts == std::vector<Host>{{"::1", 6041}});
  for (const char *bad : {"ws://[::1", "ws://[::1]x", "ws://[::1]:x", "ws://[]", "ws://[host]:1", "ws://[::1%25e/h]",
                          "ws://a:1:b", "ws://::1]", "ws://h%3A80", "ws://h%2Cg"}) {
    INFO(bad);
    CHECK(failure(bad).code() == kNotADsn);
  }
}

TEST_CASE("DSN: user and password") {
  ConnectOptions o = applied("ws://localhost");
  CHECK(o.user == "root");
  CHECK(o.password == "taosdata");
  o = applied("ws://me@localhost");
  CHECK(o.user == "me");
  CHECK(o.password == "taosdata");
  o = applied("ws://me:@localhost");
  CHECK(o.password == "");
  o = applied("ws://:pw@localhost");
  CHECK(o.user == "root");
  CHECK(o.password == "pw");
  // The user info ends at the last @; the user at the first colon.
  o = applied("ws://me:a@b:c@localhost:6041");
  CHECK(o.password == "a@b:c");
  CHECK(o.hosts == std::vector<Host>{{"localhost", 6041}});
  // What is no escape stays as it is.
  CHECK(applied("ws://me:100%@localhost").password == "100%");
  CHECK(applied("ws://me:%zz%4@localhost").password == "%zz%4");
  CHECK(applied("ws://me:%41%2f%3F@localhost").password == "A/?");
}

TEST_CASE("DSN: every printable byte survives in user, password, database and token") {
  std::string all;
  for (int c = 0x20; c < 0x7f; c++) all += static_cast<char>(c);
  all += "\xc3\xa4\xe6\xbc\xa2\xf0\x9f\x98\x80";
  for (size_t i = 0; i <= all.size() - 1; i++) {
    std::string text = i < 95 ? std::string("x") + all[i] + "y" : all;
    std::string e = percent_encode(text);
    ConnectOptions o =
        applied("ws://" + e + ":" + e + "@h:1/" + e + "?token=" + e + "&bearer_token=" + e + "&user_app=" + e);
    INFO(text);
    CHECK(o.user == text);
    CHECK(o.password == text);
    CHECK(o.db == text);
    CHECK(o.token == text);
    CHECK(o.bearer_token == text);
    CHECK(o.user_app == text);
    CHECK(o.hosts == std::vector<Host>{{"h", 1}});
  }
}

TEST_CASE("DSN: Go's form") {
  Dsn d = parsed("taos://root:taosdata@ws(h1:6041,h2:7041)/db?readTimeout=10m");
  CHECK(d.protocol == "ws");
  CHECK(d.hosts == std::vector<Host>{{"h1", 6041}, {"h2", 7041}});
  CHECK(d.subject == "db");
  ConnectOptions o = applied("root:p@ss@wss(h:6041)/db?readTimeout=10m");
  CHECK(o.password == "p@ss");
  CHECK(o.tls());
  CHECK(o.read_timeout_ms == 600000);
  CHECK(applied("ws(h:6041)").hosts == std::vector<Host>{{"h", 6041}});
  CHECK(applied("ws()/").hosts == std::vector<Host>{{"localhost", 6041}});
  CHECK(applied("taos://ws([::1]:6041)/").hosts == std::vector<Host>{{"::1", 6041}});
  for (const char *bad : {"taos://ws(h:1", "taos://ws(h:1)x", "taos://ftp(h:1)/", "taos+ws://ws(h:1)/",
                          "taos://(h:1)x(", "ws(h:1", "taos://ws((h))"}) {
    INFO(bad);
    CHECK(failure(bad).code() == kNotADsn);
  }
  CHECK(parsed("ws://ws(h:1)/").hosts == std::vector<Host>{{"h", 1}});
  CHECK(failure("ws://wss(h:1)/").code() == kNotADsn);
}

TEST_CASE("DSN: parameters") {
  ConnectOptions o = applied(
      "ws://h/?conn_timeout=3&read_timeout=500ms&write_timeout=0&tcp_nodelay=false&conn_mode=1&user_app=my%20app&"
      "user_ip=10.0.0.1&connector_info=c&version_prefer=3.x&retry_backoff_ms=7&retry_backoff_max_ms=9&totp_code=123456&"
      "prefetch_bytes=1M&max_message_bytes=2M&transport=lws");
  CHECK(o.connect_timeout_ms == 3000);
  CHECK(o.read_timeout_ms == 500);
  CHECK(o.write_timeout_ms == 0);
  CHECK_FALSE(o.tcp_nodelay);
  CHECK(o.conn_mode == 0);
  CHECK(o.user_app == "my app");
  CHECK(o.user_ip == "10.0.0.1");
  CHECK(o.connector_info == "c");
  CHECK(o.version_prefer == "3.x");
  CHECK(o.retry_backoff_ms == 7);
  CHECK(o.retry_backoff_max_ms == 9);
  CHECK(o.totp_code == "123456");
  CHECK(o.prefetch_bytes == 1 << 20);
  CHECK(o.max_message_bytes == 2 << 20);
  CHECK(o.transport == "lws");

  CHECK(applied("ws://h?compression").compression);
  CHECK(applied("ws://h?compression=").compression);
  CHECK_FALSE(applied("ws://h?compression=false").compression);
  CHECK(applied("ws://h?compression=false&compression=true").compression);  // the later one counts
  CHECK(applied("ws://h?&&=x&unknown=1&also.unknown").hosts.size() == 1);
  CHECK(applied("ws://h?user_app=a=b").user_app == "a=b");
  CHECK(applied("ws://h?user_app=a@b/c?d").user_app == "a@b/c?d");

  for (const char *bad :
       {"ws://h?conn_retries=many", "ws://h?conn_retries=-1", "ws://h?compression=perhaps", "ws://h?read_timeout=10y",
        "ws://h?conn_mode=7", "ws://h?version_prefer=4", "ws://h?timezone=a%20b%0a", "ws://h?transport=pigeon",
        "ws://h?read_timeout=99999999999999999999", "ws://h?max_message_bytes=9999999999G"}) {
    INFO(bad);
    Status s = failure(bad);
    CHECK(s.code() == kUnusable);
    CHECK(s.message().rfind("[0xE000] Internal error: `", 0) == 0);
  }
}

TEST_CASE("DSN: TLS") {
  CHECK(applied("ws://h").tls_mode == TlsMode::kOff);
  CHECK(applied("wss://h").tls_mode == TlsMode::kVerifyIdentity);
  CHECK(applied("wss://h?tls_mode=verify_ca").tls_mode == TlsMode::kVerifyCa);
  CHECK(applied("wss://h?tls_mode=1").tls_mode == TlsMode::kNoVerify);
  // Asking for a version does not turn verification off.
  ConnectOptions o = applied("wss://h?tls_version=TLSv1.3,TLSv1.2&tls_ca=/etc/ca.pem");
  CHECK(o.tls_mode == TlsMode::kVerifyIdentity);
  CHECK(o.tls_versions == "TLSv1.2,TLSv1.3");
  CHECK(o.tls_ca == "/etc/ca.pem");
  // The configuration chooses among the modes of wss, but the DSN says whether there is TLS.
  ConnectOptions configured;
  configured.tls_mode = TlsMode::kVerifyCa;
  CHECK(applied("wss://h", configured).tls_mode == TlsMode::kVerifyCa);
  CHECK(applied("ws://h", configured).tls_mode == TlsMode::kOff);
  // Contradictions fail instead of going out in the clear.
  CHECK(failure("ws://h?tls_mode=verify_ca").code() == kUnusable);
  CHECK(failure("wss://h?tls_mode=off").code() == kUnusable);
  CHECK(failure("wss://h?tls_version=SSLv3").code() == kUnusable);
}

TEST_CASE("DSN: consumers") {
  Dsn d = parsed(
      "tmq+ws://root:taosdata@localhost:6041/topic?group.id=g1&client.id=c1&compression=1&auto.offset.reset=earliest");
  auto rest = other_params(d);
  REQUIRE(rest.size() == 3);
  CHECK(rest[0] == DsnParam{"group.id", "g1"});
  CHECK(rest[2] == DsnParam{"auto.offset.reset", "earliest"});
  CHECK(d.subject == "topic");
  ConnectOptions o;
  REQUIRE(apply_dsn(d, o));
  CHECK(o.db.empty());  // it is a topic
  CHECK(o.compression);
}

TEST_CASE("DSN: malformed") {
  for (const char *bad : {"ws://h:port",
                          "ws://h:80x",
                          "ws://h:-1",
                          "ws://a b",
                          "ws://a%0d%0ab",
                          "ws://u:%00@h",
                          "ws://u:%ff@h",
                          "ws://h/%00",
                          "ws://h/%ff",
                          "ws://h?%00=1",
                          "ws://h?user_app=%c3",
                          "ws://h,g:x",
                          "://h",
                          "ws:/path",
                          "taos:/path",
                          "localhost:6041",
                          ":",
                          "ws+://",
                          "w s://h",
                          "ws://root:a/b@h:6041"}) {
    INFO(bad);
    bool fine = std::string_view(bad) == "ws+://";
    CHECK(failure(bad).code() == (fine ? 0 : kNotADsn));
  }
  CHECK(failure("ws://%2Fvar%2Frun%2Fsock").code() == kUnusable);
  CHECK(failure("ws://" + std::string(300, 'a')).code() == kNotADsn);
  CHECK(failure("ws://h/" + std::string(kMaxDsn, 'a')).code() == kNotADsn);
  std::string many = "ws://h";
  for (int i = 0; i < 200; i++) many += ",h";
  CHECK(failure(many).code() == kNotADsn);
  std::string params = "ws://h?";
  for (int i = 0; i < 5000; i++) params += "k" + std::to_string(i) + "&";
  CHECK(failure(params).code() == kNotADsn);
  CHECK(failure(std::string_view("ws://h\0x", 8)).code() == kNotADsn);
  // Texts help, and stay fit for a terminal.
  CHECK(failure("ws://root:a/b@h:6041").message().find("%2F") != std::string::npos);
  CHECK(failure("a\x01\n b").message().find('\x01') == std::string::npos);
}

TEST_CASE("DSN: any bytes are survived") {
  const std::string good = "taos+wss://me:se%41cret@[::1]:6041,ws:7041/power?compression=true&tls_mode=1&token=%7e";
  for (size_t i = 0; i <= good.size(); i++) {
    (void)parse_dsn(std::string_view(good).substr(0, i));
    (void)redact_dsn(std::string_view(good).substr(0, i));
    for (char c : {'\0', ':', '/', '@', '?', '&', '=', '%', '[', ']', '(', ')', ',', '+', '\xff', '9'}) {
      std::string changed = good;
      if (i < good.size()) changed[i] = c;
      changed.insert(i, 1, c);
      ConnectOptions o;
      auto d = parse_dsn(changed);
      if (d) (void)apply_dsn(*d, o);
      (void)redact_dsn(changed);
    }
  }
}

TEST_CASE("DSN: redaction") {
  CHECK(redact_dsn("ws://root:taosdata@h:6041/db?a=b") == "ws://root:***@h:6041/db?a=b");
  CHECK(redact_dsn("ws://h:6041/ws?token=abc&x=1") == "ws://h:6041/ws?token=***&x=1");
  CHECK(redact_dsn("ws://h?bearer_token=abc&totp_code=1&TOKEN=2&bearerToken=3") ==
        "ws://h?bearer_token=***&totp_code=***&TOKEN=***&bearerToken=***");
  CHECK(redact_dsn("ws://h?to%6ben=abc") == "ws://h?to%6ben=***");
  CHECK(redact_dsn("ws://h?td.connect.pass=abc&my_password=x&client_secret=y") ==
        "ws://h?td.connect.pass=***&my_password=***&client_secret=***");
  CHECK(redact_dsn("ws://root@h") == "ws://root@h");
  CHECK(redact_dsn("ws://h/db") == "ws://h/db");
  CHECK(redact_dsn("ws://h?flag") == "ws://h?flag");
  CHECK(redact_dsn("ws://h?user_app=a@b") == "ws://h?user_app=a@b");
  CHECK(redact_dsn("root:pw@ws(h:1)/db") == "root:***@ws(h:1)/db");
  // Passwords that should have been encoded.
  CHECK(redact_dsn("ws://root:s3cr/et@h:6041/db") == "ws://root:***@h:6041/db");
  CHECK(redact_dsn("ws://root:s3cr?et@h:6041/db") == "ws://root:***@h:6041/db");
  CHECK(redact_dsn("ws://root:s3c@r?e=t@h:6041/db?token=x") == "ws://root:***@h:6041/db?token=***");
  CHECK(redact_dsn("ws://root:a@b@h") == "ws://root:***@h");
  CHECK(redact_dsn("") == "");
}
