#include "client/schemaless.h"

#include <catch2/catch.hpp>

#include "../support/connections.h"
#include "../support/query_server.h"
#include "taosws.h"
#include "wire/requests.h"

using namespace opentaos;
using namespace opentaos::test;
using Fate = QueryServer::Fate;

namespace {

constexpr int kLine = TSDB_SML_LINE_PROTOCOL;
constexpr int kTelnet = TSDB_SML_TELNET_PROTOCOL;
constexpr int kJson = TSDB_SML_JSON_PROTOCOL;
constexpr int kNs = TSDB_SML_TIMESTAMP_NANO_SECONDS;
constexpr int kMs = TSDB_SML_TIMESTAMP_MILLI_SECONDS;

std::string member(const std::string &json, const char *name) {
  cJSON *all = cJSON_Parse(json.c_str());
  const cJSON *m = cJSON_GetObjectItem(cJSON_GetObjectItem(all, "args"), name);
  std::string out = cJSON_IsString(m) ? m->valuestring : m ? std::to_string(m->valueint) : "absent";
  cJSON_Delete(all);
  return out;
}

struct Case {
  QueryServer server;
  TestConnection taos{server.port()};

  Outcome lines(std::vector<const char *> lines, int protocol = kLine, int precision = kNs) {
    return Outcome(taos_schemaless_insert(taos, const_cast<char **>(lines.data()), static_cast<int>(lines.size()),
                                          protocol, precision));
  }
  Outcome raw(std::string text, int protocol = kLine, int precision = kNs) {
    total = -1;
    return Outcome(
        taos_schemaless_insert_raw(taos, text.data(), static_cast<int>(text.size()), &total, protocol, precision));
  }
  std::string data() {
    auto all = server.requests("insert");
    REQUIRE(!all.empty());
    return member(all.back().text, "data");
  }
  size_t sent() { return server.count("insert"); }
  int32_t total = -1;
};

}  // namespace

TEST_CASE("schemaless_write: what is sent", "[client][schemaless]") {
  Case c;
  auto o = c.lines({"m,t=1 s=\"a\\\"b\" 1", "m,t=2 s=\"\xe6\xbc\xa2\t\x01\" 2"});
  CHECK(o.code == 0);
  CHECK(o.affected == 2);
  CHECK(last_code() == 0);
  CHECK(c.data() == "m,t=1 s=\"a\\\"b\" 1\nm,t=2 s=\"\xe6\xbc\xa2\t\x01\" 2");
  const char *names[] = {"", "h", "m", "s", "ms", "u", "ns"};
  for (int precision = 0; precision <= 6; precision++) {
    CHECK(c.lines({"m v=1 1"}, kLine, precision).code == 0);
    CHECK(member(c.server.requests("insert").back().text, "precision") == names[precision]);
  }
  // Only lines have a precision natively; for the others any number will do.
  CHECK(c.lines({"m 1 1 a=b"}, kTelnet, 99).code == 0);
  CHECK(member(c.server.requests("insert").back().text, "precision").empty());

  char l0[] = "k,tn=a v=1 1", key[] = "tn";
  char *l[] = {l0};
  CHECK(Outcome(taos_schemaless_insert_ttl_with_reqid_tbname_key(c.taos, l, 1, kLine, kMs, 7, 4242, key)).code == 0);
  auto r = c.server.requests("insert").back();
  CHECK(r.req_id == 4242);
  CHECK(member(r.text, "ttl") == "7");
  CHECK(member(r.text, "table_name_key") == "tn");
  CHECK(member(r.text, "protocol") == "1");
  CHECK(Outcome(taos_schemaless_insert_with_reqid(c.taos, l, 1, kLine, kMs, 43)).code == 0);
  CHECK(c.server.requests("insert").back().req_id == 43);
  CHECK(Outcome(taos_schemaless_insert_ttl(c.taos, l, 1, kLine, kMs, -5)).code == 0);
  CHECK(member(c.server.requests("insert").back().text, "ttl") == "-5");
  CHECK(Outcome(taos_schemaless_insert_ttl_with_reqid(c.taos, l, 1, kLine, kMs, 3, 44)).code == 0);
  CHECK(c.server.requests("insert").back().req_id == 44);
  int32_t n = -1;
  CHECK(
      Outcome(taos_schemaless_insert_raw_ttl_with_reqid_tbname_key(c.taos, l0, 12, &n, kLine, kMs, 1, 45, key)).code ==
      0);
  CHECK(n == 1);
  CHECK(Outcome(taos_schemaless_insert_raw_with_reqid(c.taos, l0, 12, nullptr, kLine, kMs, 46)).code == 0);
  CHECK(Outcome(taos_schemaless_insert_raw_ttl(c.taos, l0, 12, nullptr, kLine, kMs, 2)).code == 0);
  CHECK(Outcome(taos_schemaless_insert_raw_ttl_with_reqid(c.taos, l0, 12, nullptr, kLine, kMs, 2, 47)).code == 0);
  CHECK(c.server.requests("insert").back().req_id == 47);
}

TEST_CASE("schemaless_write: an array is taken line by line", "[client][schemaless]") {
  Case c;
  // A line that begins with # is no comment, and an empty last line is a line.
  CHECK(c.lines({"#m v=1 1", "# x"}).code == 0);
  CHECK(c.data() == " #m v=1 1\n # x");
  CHECK(c.lines({"# 1 1 a=b"}, kTelnet).code == 0);
  CHECK(c.data() == "# 1 1 a=b");
  CHECK(c.lines({"m v=1 1", "", "m v=2 2", ""}).code == 0);
  CHECK(c.data() == "m v=1 1\n\nm v=2 2\n\n");
  char *none[] = {nullptr};
  CHECK(Outcome(taos_schemaless_insert(c.taos, none, 0, kLine, kNs)).code ==
        0);  // the server says what it thinks of it
  CHECK(c.data().empty());
  // Natively JSON is the first text and nothing else.
  CHECK(c.lines({"{\"metric\":\"m\"}", "{\"metric\":5}"}, kJson).code == 0);
  CHECK(c.data() == "{\"metric\":\"m\"}");
}

TEST_CASE("schemaless_write: refused without asking", "[client][schemaless][never-sent]") {
  Case c;
  auto refused = [&](Outcome o, uint32_t code, std::string_view text) {
    CHECK(o.code == code);
    CHECK(o.text == text);
    CHECK(c.sent() == 0);
    return o;
  };
  for (int protocol : {0, 4, -1}) {
    auto o = refused(c.lines({"m v=1 1"}, protocol), 0x80003000u, "protocol invalidate");
    CHECK_FALSE(o.is_null);
    CHECK(last_code() == 0);
  }
  for (int precision : {-1, 7, 9})
    refused(c.lines({"m v=1 1"}, kLine, precision), 0x80003001u, "precision invalidate for line protocol");
  refused(c.lines({""}), 0x8000020au, "SML line measure is empty or too large than 192");
  refused(c.lines({"", "m v=1 1"}), 0x8000020au, "SML line measure is empty or too large than 192");
  refused(c.lines({""}, kTelnet), 0x8000020au, "SML telnet invalid measure:");
  refused(c.lines({"{\"metric\":5}"}, kJson), 0x80000221u, "Invalid JSON format");
  refused(c.raw("[{\"metric\":5}]", kJson), 0x80000221u, "Invalid JSON format");
  refused(c.raw("m v=1 1", 7), 0x80003000u, "protocol invalidate");
  refused(c.raw("m v=1 1", kLine, 7), 0x80003001u, "precision invalidate for line protocol");
  refused(c.lines({"m s=\"\xff\" 1"}), 0x80003002u, "the data is not valid UTF-8");
  refused(c.raw("m s=\"\xc3\" 1"), 0x80003002u, "the data is not valid UTF-8");

  char line[] = "m v=1 1", bad_key[] = "\xff";
  char *lines[] = {line, nullptr};
  refused(Outcome(taos_schemaless_insert_ttl_with_reqid_tbname_key(c.taos, lines, 1, kLine, kNs, 0, 0, bad_key)),
          0x80003002u, "the data is not valid UTF-8");
  // No result for what is no call.
  auto null = [&](TAOS_RES *res) {
    CHECK(res == nullptr);
    CHECK(last_code() == 0x80000118u);
    CHECK(last_text() == "Invalid parameters");
    CHECK(c.sent() == 0);
  };
  null(taos_schemaless_insert(nullptr, lines, 1, kLine, kNs));
  null(taos_schemaless_insert(c.taos, nullptr, 1, kLine, kNs));
  null(taos_schemaless_insert(c.taos, lines, -1, kLine, kNs));
  null(taos_schemaless_insert(c.taos, lines, 2, kLine, kNs));
  int32_t n = -1;
  null(taos_schemaless_insert_raw(nullptr, line, 7, &n, kLine, kNs));
  null(taos_schemaless_insert_raw(c.taos, nullptr, 7, &n, kLine, kNs));
  null(taos_schemaless_insert_raw(c.taos, line, -1, &n, kLine, kNs));
  CHECK(n == -1);
  CHECK(taos_schemaless_insert(c.taos, lines, 1, kLine, kNs) != nullptr);
}

TEST_CASE("schemaless_write: the database comes before the rest", "[client][schemaless]") {
  QueryServer server;
  TestConnection taos(server.port(), nullptr);
  char line[] = "m v=1 1";
  char *lines[] = {line};
  for (int protocol : {0, 9}) {
    Outcome o(taos_schemaless_insert(taos, lines, 1, protocol, kNs));
    CHECK(o.code == 0x80002616u);
    CHECK(o.text == "Database not specified");
  }
  CHECK(server.count("insert") == 0);
  // Otherwise the server knows.
  CHECK(Outcome(taos_schemaless_insert(taos, lines, 1, kLine, kNs)).code == 0);
}

TEST_CASE("schemaless_write: raw text and its rows", "[client][schemaless]") {
  Case c;
  struct {
    const char *text;
    int rows;
  } lines[] = {{"", 0},        {"a", 1}, {"a\n", 1},  {"a\nb", 2},  {"a\n\nb\n", 3}, {"\n", 1},
               {"#c\na\n", 1}, {"#", 0}, {"a\n#", 1}, {" #c\n", 1}, {"\n\n", 2}};
  for (auto &l : lines) {
    INFO(l.text);
    CHECK(c.raw(l.text).code == 0);
    CHECK(c.total == l.rows);
    CHECK(c.data() == l.text);
    CHECK(client::count_lines(kLine, l.text) == l.rows);
  }
  CHECK(client::count_lines(kTelnet, "# 1 1 a=b\n") == 1);
  CHECK(c.raw("{\n\"metric\":\"m\"}\n", kJson).code == 0);
  CHECK(c.total == 2);
  // A NUL is a character like others.
  CHECK(c.raw(std::string("m s=\"a\0b\" 1", 12)).code == 0);
  CHECK(c.server.requests("insert").back().text.find("a\\u0000b") != std::string::npos);
  // Only as many bytes as were named.
  char text[] = "m v=1 1\nrest";
  CHECK(Outcome(taos_schemaless_insert_raw(c.taos, text, 7, nullptr, kLine, kNs)).code == 0);
  CHECK(c.data() == "m v=1 1");
}

TEST_CASE("schemaless_write: what the server says", "[client][schemaless]") {
  Case c;
  c.server.set_hook([](const QueryServer::Request &r) {
    Fate f;
    if (r.action == "insert") f = {Fate::kError, 0x3002, "SML line cols is empty", 0};
    return f;
  });
  auto o = c.lines({"m"});
  CHECK(o.code == 0x80003002u);
  CHECK(o.text == "SML line cols is empty");
  CHECK_FALSE(o.is_null);
  CHECK(last_code() == 0);
  CHECK(c.raw("a\n\nb").code == 0x80003002u);
  CHECK(c.total == 3);
  // Servers before 3.3 name no rows.
  c.server.set_hook([](const QueryServer::Request &r) {
    Fate f;
    if (r.action == "insert")
      f = {Fate::kReplace, 0,
           "{\"code\":0,\"message\":\"\",\"action\":\"insert\",\"req_id\":" + std::to_string(r.req_id) +
               ",\"timing\":1}",
           0};
    return f;
  });
  o = c.lines({"m v=1"});
  CHECK(o.code == 0);
  CHECK(o.affected == 0);
}

TEST_CASE("schemaless_write: a lost answer is an unknown outcome", "[client][schemaless]") {
  Case c;
  auto at_insert = [&](Fate::Kind kind) {
    c.server.set_hook([kind](const QueryServer::Request &r) {
      Fate f;
      if (r.action == "insert") f.kind = kind;
      return f;
    });
  };
  at_insert(Fate::kHangUpAfter);
  auto o = c.lines({"m v=1 1"});
  CHECK(o.code == 0x8000e020u);
  CHECK(o.text.starts_with("outcome unknown: "));
  CHECK(c.sent() == 1);
  // The next one logs in again. A connection that was lost before is no reason to give up.
  at_insert(Fate::kNormal);
  CHECK(c.lines({"m v=2 2"}).code == 0);
  c.server.hang_up();
  std::this_thread::sleep_for(std::chrono::milliseconds(150));
  CHECK(c.lines({"m v=3 3"}).code == 0);
  CHECK(c.server.connections() >= 2);
  // An answer that makes no sense says nothing of what was done either.
  c.server.set_hook([](const QueryServer::Request &r) {
    Fate f;
    if (r.action == "insert") f = {Fate::kReplace, 0, "{\"req_id\":" + std::to_string(r.req_id) + "}", 0};
    return f;
  });
  CHECK(c.lines({"m v=4 4"}).code == 0x8000e020u);
}

TEST_CASE("schemaless_write: a large batch in one message", "[client][schemaless]") {
  Case c;
  std::vector<std::string> text;
  std::vector<const char *> lines;
  for (int i = 0; i < 20000; i++)
    text.push_back("big,g=" + std::to_string(i % 20) + " v=" + std::to_string(i) + "i64,s=\"\\\"q\\\"\" " +
                   std::to_string(i));
  for (auto &t : text) lines.push_back(t.c_str());
  CHECK(c.lines(lines).code == 0);
  std::string joined;
  for (auto &t : text) joined += (joined.empty() ? "" : "\n") + t;
  CHECK(c.data() == joined);
}

TEST_CASE("schemaless_write: ws_*", "[client][schemaless]") {
  QueryServer server;
  WS_TAOS *taos = ws_connect(("ws://root:x@127.0.0.1:" + std::to_string(server.port()) + "/d").c_str());
  REQUIRE(taos);
  int32_t n = -1;
  auto args = [&](const char *name) { return member(server.requests("insert").back().text, name); };
  auto put = [&](std::string_view text, int protocol, int precision) {
    WS_RES *res = ws_schemaless_insert_raw(taos, text.data(), static_cast<int>(text.size()), &n, protocol, precision);
    const bool ok = res != nullptr;
    if (ok) CHECK(ws_affected_rows(res) == 0);
    ws_free_result(res);
    return ok;
  };
  CHECK(put("m v=1 1", 1, 6));
  CHECK(n == -1);
  CHECK(args("precision") == "ns");
  CHECK(put("m v=1 1", 1, 9));
  CHECK(args("precision") == "ms");
  CHECK(put("m v=1 1", 4, 6));
  CHECK(args("protocol") == "0");
  CHECK(put("", 1, 6));
  WS_RES *res = ws_schemaless_insert_raw_ttl_with_reqid(taos, "m v=1 1", 7, &n, 1, 6, 5, 77);
  REQUIRE(res);
  ws_free_result(res);
  CHECK(args("ttl") == "5");
  CHECK(server.requests("insert").back().req_id == 77);
  ws_free_result(ws_schemaless_insert_raw_ttl(taos, "m v=1 1", 7, &n, 1, 6, 6));
  CHECK(args("ttl") == "6");
  ws_free_result(ws_schemaless_insert_raw_with_reqid(taos, "m v=1 1", 7, &n, 1, 6, 78));
  CHECK(server.requests("insert").back().req_id == 78);

  const size_t before = server.count("insert");
  CHECK_FALSE(put("{\"metric\":5}", 3, 0));
  CHECK(static_cast<uint32_t>(ws_errno(nullptr)) == 0x80000221u);
  CHECK(std::string(ws_errstr(nullptr)) ==
        "schemaless insert failed: [0x0221] [0x0221] Internal error: `Invalid JSON format`");
  CHECK(server.count("insert") == before);
  server.set_hook([](const QueryServer::Request &r) {
    Fate f;
    if (r.action == "insert") f = {Fate::kError, 0xffff, "schemaless write protocol is null", 0};
    return f;
  });
  CHECK_FALSE(put("m v=1 1", 0, 6));
  CHECK(static_cast<uint32_t>(ws_errno(nullptr)) == 0x8000ffffu);
  CHECK(std::string(ws_errstr(nullptr)) ==
        "schemaless insert failed: [0xFFFF] Internal error: `schemaless write protocol is null`");
  ws_close(taos);
  CHECK(ws_schemaless_insert_raw(nullptr, "m v=1 1", 7, &n, 1, 6) == nullptr);
  CHECK(std::string(ws_errstr(nullptr)) == "schemaless insert failed: [0x0118] client pointer it null");
  CHECK(ws_schemaless_insert_raw(taos, "m v=1 1", 7, &n, 1, 6) == nullptr);
}
