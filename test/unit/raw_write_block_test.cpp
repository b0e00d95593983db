#include "client/raw_write.h"

#include <catch2/catch.hpp>

#include "../support/connections.h"
#include "../support/query_server.h"
#include "vector_file.h"
#include "wire/frames.h"
#include "wire/raw_block.h"

using namespace opentaos;
using namespace opentaos::test;
using Fate = QueryServer::Fate;

namespace {

template <typename T>
void put(std::string &block, size_t at, T value) {
  std::memcpy(block.data() + at, &value, sizeof value);
}

TAOS_FIELD field(const char *name, int8_t type, int32_t bytes) {
  TAOS_FIELD f{};
  std::snprintf(f.name, sizeof f.name, "%s", name);
  f.type = type;
  f.bytes = bytes;
  return f;
}

struct Case {
  QueryServer server;
  TestConnection taos{server.port()};
  std::string block = QueryServer::block(0, 3);

  uint32_t write(std::string b, const char *table = "dst", int rows = 3) {
    return static_cast<uint32_t>(taos_write_raw_block(taos, rows, b.data(), table));
  }
  size_t sent() { return server.count("write_raw_block") + server.count("write_raw_block_with_fields"); }
};

}  // namespace

TEST_CASE("raw_write_block: what is sent", "[client][raw]") {
  Case c;
  CHECK(c.write(c.block) == 0);
  CHECK(last_code() == 0);
  auto r = c.server.requests("write_raw_block").back();
  CHECK(r.text == std::string("\3\0\0\0\3\0dst", 9) + c.block);
  // What stands behind the block, and how many rows the program says there are, does not matter.
  CHECK(c.write(c.block + "more", "dst", -7) == 0);
  r = c.server.requests("write_raw_block").back();
  CHECK(r.text == std::string("\xf9\xff\xff\xff\3\0dst", 9) + c.block);
  CHECK(taos_write_raw_block_with_reqid(c.taos, 3, c.block.data(), "dst", 321) == 0);
  CHECK(c.server.requests("write_raw_block").back().req_id == 321);

  TAOS_FIELD fields[] = {field("ts", 9, 8), field("v", 4, 4)};
  CHECK(taos_write_raw_block_with_fields(c.taos, 3, c.block.data(), "dst", fields, 2) == 0);
  CHECK(taos_write_raw_block_with_fields_with_reqid(c.taos, 3, c.block.data(), "dst", fields, 2, 322) == 0);
  r = c.server.requests("write_raw_block_with_fields").back();
  CHECK(r.req_id == 322);
  std::string named(144, '\0');
  named.replace(0, 2, "ts");
  named[65] = 9;
  named[68] = 8;
  named[72] = 'v';
  named[72 + 65] = 4;
  named[72 + 68] = 4;
  CHECK(r.text == std::string("\3\0\0\0\3\0dst", 9) + c.block + named);
}

TEST_CASE("raw_write_block: real blocks of every type pass", "[client][raw]") {
  Case c;
  int seen = 0;
  for (const auto &v : VectorFile::all()) {
    if (v.name().find("_block") == std::string::npos || !v.has("block.length") || v.has("table")) continue;
    wire::FetchAnswer answer;
    if (!wire::decode_fetch_answer(v.bytes(), answer) || answer.block.empty()) continue;
    INFO(v.name());
    const std::string block(reinterpret_cast<const char *>(answer.block.data()), answer.block.size());
    wire::BlockView view;
    REQUIRE(view.parse(answer.block).is_ok());
    const bool blob = std::any_of(view.columns().begin(), view.columns().end(),
                                  [](const auto &column) { return column.prefix == 4; });
    CHECK(c.write(block) == (blob ? 0x80000100u : 0u));
    if (blob) CHECK(last_text() == "Operation not supported: this server cannot take BLOB columns in raw form");
    seen++;
  }
  CHECK(seen > 20);
}

TEST_CASE("raw_write_block: damaged blocks are never sent", "[client][raw][never-sent]") {
  Case c;
  auto refused = [&](const std::string &block) {
    CHECK(c.write(block) == 0x80000118u);
    CHECK(last_text().starts_with("Invalid parameters: "));
    CHECK(c.sent() == 0);
  };
  const auto length = static_cast<int32_t>(c.block.size());
  struct {
    size_t at;
    int32_t value;
  } const changes[] = {{0, 0},          {0, 3},       {0, -1},       {4, 27},           {4, 0},       {4, -1},
                       {4, length - 1}, {8, -1},      {8, 100},      {8, INT32_MAX},    {12, 0},      {12, -2},
                       {12, 9},         {12, 100000}, {28 + 10, 23}, {28 + 10, length}, {28 + 14, -1}};
  for (auto &change : changes) {
    INFO(change.at << " " << change.value);
    std::string bad = c.block;
    put(bad, change.at, change.value);
    refused(bad);
  }
  std::string unknown = c.block;
  unknown[28] = 22;
  refused(unknown);
  for (char type : {18, 19}) {  // BLOB ends the server process
    std::string b = c.block;
    b[33] = type;
    put<int32_t>(b, 28 + 14, 11);  // three offsets instead of bitmap and values: the rest is data
    CHECK(c.write(b) != 0);
    CHECK(c.sent() == 0);
  }
  // One VARCHAR column whose value lies outside it.
  std::string text(28 + 9 + 4 + 4, '\0');
  put<int32_t>(text, 0, 1);
  put<int32_t>(text, 4, static_cast<int32_t>(text.size()));
  put<int32_t>(text, 8, 1);
  put<int32_t>(text, 12, 1);
  text[28] = 8;
  put<int32_t>(text, 33, 4);
  put<uint16_t>(text, 28 + 9 + 4, 2);
  CHECK(c.write(text) == 0);
  for (int offset : {3, 4, 100, INT32_MAX}) {
    std::string bad = text;
    put<int32_t>(bad, 28 + 9, offset);
    CHECK(c.write(bad) == 0x80000118u);
  }
  put<uint16_t>(text, 28 + 9 + 4, 3);
  CHECK(c.write(text) == 0x80000118u);
  CHECK(c.sent() == 1);
}

TEST_CASE("raw_write_block: arguments", "[client][raw]") {
  Case c;
  TAOS_FIELD fields[] = {field("ts", 9, 8), field("v", 4, 4)};
  // As natively: a code, and the last error stays as it was.
  REQUIRE(taos_select_db(c.taos, "d") == 0);
  CHECK(static_cast<uint32_t>(taos_write_raw_block(nullptr, 1, c.block.data(), "t")) == 0x80000118u);
  CHECK(static_cast<uint32_t>(taos_write_raw_block(c.taos, 1, nullptr, "t")) == 0x80000118u);
  CHECK(static_cast<uint32_t>(taos_write_raw_block(c.taos, 1, c.block.data(), nullptr)) == 0x80000118u);
  CHECK(static_cast<uint32_t>(taos_write_raw_block_with_fields(c.taos, 1, c.block.data(), "t", nullptr, 2)) ==
        0x80000118u);
  for (int n : {-1, 0, 1}) {
    CHECK(static_cast<uint32_t>(taos_write_raw_block_with_fields(c.taos, 3, c.block.data(), "t", fields, n)) ==
          0x80000118u);
    CHECK(last_text() == "success");
  }
  // Here it is told.
  CHECK(c.write(c.block, "") == 0x80000118u);
  CHECK(last_text() == "Invalid parameters");
  CHECK(c.write(c.block, std::string(70000, 't').c_str()) == 0x80000118u);
  std::memset(fields[1].name, 'n', sizeof fields[1].name);
  CHECK(static_cast<uint32_t>(taos_write_raw_block_with_fields(c.taos, 3, c.block.data(), "t", fields, 2)) ==
        0x80000118u);
  CHECK(c.sent() == 0);
}

TEST_CASE("raw_write_block: what the server says", "[client][raw]") {
  Case c;
  auto answer = [&](int64_t code, const char *text) {
    c.server.set_hook([=](const QueryServer::Request &r) {
      Fate f;
      if (r.action.starts_with("write_raw")) f = {Fate::kError, code, text, 0};
      return f;
    });
  };
  answer(0x2603, "Table does not exist");
  CHECK(c.write(c.block) == 0x80002603u);
  CHECK(last_text() == "Table does not exist");
  answer(0x2507, "No valid epSet for data source node");
  CHECK(c.write(c.block) == 0x80002507u);
  CHECK(last_text() == "No valid epSet for data source node");
  // Of these two natively only the code is told.
  answer(0x0118, "Invalid parameters");
  CHECK(c.write(c.block) == 0x80000118u);
  CHECK(last_code() == 0);
  answer(0x2616, "Database not specified");
  CHECK(c.write(c.block) == 0x80002616u);
  CHECK(last_text() == "success");
}

TEST_CASE("raw_write_block: a lost answer is an unknown outcome", "[client][raw]") {
  Case c;
  c.server.set_hook([](const QueryServer::Request &r) {
    Fate f;
    if (r.action.starts_with("write_raw")) f.kind = Fate::kHangUpAfter;
    return f;
  });
  CHECK(c.write(c.block) == 0x8000e020u);
  CHECK(last_text().starts_with("outcome unknown: "));
  CHECK(c.sent() == 1);
  c.server.set_hook({});
  CHECK(c.write(c.block) == 0);
  c.taos.close();
  CHECK(c.write(c.block) == 0x80000118u);
}

TEST_CASE("raw_write_block: what a fetch gives can be written", "[client][raw]") {
  Case c;
  TAOS_RES *res = taos_query(c.taos, "select rows=5000 block=2000");
  int total = 0;
  for (;;) {
    int n = 0;
    void *raw = nullptr;
    REQUIRE(taos_fetch_raw_block(res, &n, &raw) == 0);
    if (n == 0) break;
    REQUIRE(taos_write_raw_block(c.taos, n, static_cast<char *>(raw), "dst") == 0);
    total += n;
  }
  taos_free_result(res);
  CHECK(total == 5000);
  auto all = c.server.requests("write_raw_block");
  REQUIRE(all.size() == 3);
  CHECK(all[1].text.substr(9) == QueryServer::block(2000, 2000));
}
