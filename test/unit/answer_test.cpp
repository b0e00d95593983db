#include "wire/answer.h"

#include <catch2/catch.hpp>

#include "vector_file.h"
#include "wire/protocol_error.h"

using opentaos::test::ExactCopy;
using opentaos::test::Random;
using opentaos::test::VectorFile;
using namespace opentaos::wire;

namespace {

QueryAnswer parsed(std::string_view text) {
  QueryAnswer q;
  auto status = parse_query_answer(text, q);
  INFO(status.message());
  REQUIRE(status.is_ok());
  return q;
}
bool refused(std::string_view text) {
  QueryAnswer q;
  auto status = parse_query_answer(text, q);
  return !status.is_ok() && status.code() == opentaos::base::kErrProtocol && !status.message().empty();
}
// A whole answer with these members behind the common ones.
std::string with(std::string_view members) {
  std::string text = R"({"code":0,"message":"","action":"query","req_id":1,"timing":2,)";
  return text.append(members).append("}");
}

}  // namespace

TEST_CASE("answer: what select, insert and statement results say", "[wire][answer]") {
  for (const char *number : {"015", "017", "034", "069", "092", "105", "163"}) {
    auto v = VectorFile::load(number);
    INFO(v.name());
    ExactCopy exact(v.text().data(), v.text().size());
    QueryAnswer q = parsed(exact.text());
    CHECK(q.ok());
    CHECK(q.code == v.number("code"));
    CHECK(q.action == v.string("action"));
    CHECK(q.message == v.string("message"));
    CHECK(q.req_id == static_cast<uint64_t>(v.number("req_id")));
    CHECK(q.timing == v.number("timing"));
    CHECK(q.id == static_cast<uint64_t>(v.has("id") ? v.number("id") : v.number("result_id")));
    CHECK(q.stmt_id == static_cast<uint64_t>(v.has("stmt_id") ? v.number("stmt_id") : 0));
    if (v.has("is_update")) CHECK(q.is_update == v.boolean("is_update"));
    if (v.has("affected_rows")) CHECK(q.affected_rows == v.number("affected_rows"));
    CHECK(q.precision == v.number("precision"));
    REQUIRE(q.fields_count == v.number("fields_count"));
    REQUIRE(q.fields.size() == static_cast<size_t>(q.fields_count));
    for (size_t i = 0; i < q.fields.size(); ++i) {
      std::string at = "." + std::to_string(i);
      CHECK(q.fields[i].name == v.string("fields_names" + at));
      CHECK(q.fields[i].type == v.number("fields_types" + at));
      CHECK(q.fields[i].bytes == v.number("fields_lengths" + at));
      if (v.has("fields_precisions")) CHECK(q.fields[i].precision == v.number("fields_precisions" + at));
      if (v.has("fields_scales")) CHECK(q.fields[i].scale == v.number("fields_scales" + at));
    }
  }
}

TEST_CASE("answer: the query replies noted beside recorded blocks", "[wire][answer]") {
  size_t seen = 0;
  for (const auto &v : VectorFile::all()) {
    std::string text = v.member("query_reply");
    if (text.empty()) continue;
    INFO(v.name());
    QueryAnswer q = parsed(text);
    ++seen;
    CHECK(q.fields_count > 0);
    for (const auto &f : q.fields)
      if (f.type == 17 || f.type == 21) CHECK(f.precision > 0);
  }
  CHECK(seen > 20);
}

TEST_CASE("answer: errors carry the code and the text", "[wire][answer]") {
  for (const char *number : {"004", "026", "027", "101"}) {
    auto v = VectorFile::load(number);
    QueryAnswer q = parsed(v.text());
    INFO(v.name());
    CHECK_FALSE(q.ok());
    CHECK(q.status().code() == static_cast<int32_t>(0x80000000u | static_cast<uint32_t>(v.number("code"))));
    CHECK(q.status().message() == v.string("message"));
    CHECK(q.fields.empty());
  }
}

TEST_CASE("answer: wire codes become full codes", "[wire][answer]") {
  CHECK(full_code(0) == 0);
  CHECK(full_code(0x2603) == static_cast<int32_t>(0x80002603u));
  CHECK(full_code(65535) == static_cast<int32_t>(0x8000ffffu));
  CHECK(full_code(-2147473917) == static_cast<int32_t>(0x80002603u));  // a whole code, as validate_sql has them
  CHECK(full_code(-1) == static_cast<int32_t>(0x8000ffffu));
  CHECK(full_code(0x12345) == static_cast<int32_t>(0x80002345u));
  CHECK(full_code(0x10000) == static_cast<int32_t>(0x8000ffffu));  // an error stays one
  CHECK(full_code(INT64_MIN) == static_cast<int32_t>(0x8000ffffu));
}

TEST_CASE("answer: order, unknown members and missing ones do not matter", "[wire][answer]") {
  QueryAnswer q = parsed(
      R"({"fields_scales":[2],"new":{"a":[{}]},"fields_lengths":[8],"fields_types":[21],"timing":9,"fields_count":1,)"
      R"("fields_names":["d"],"fields_precisions":[10],"precision":1,"id":18446744073709551615,"code":0})");
  CHECK(q.id == UINT64_MAX);
  CHECK(q.precision == 1);
  CHECK(q.fields_count == 1);
  CHECK(q.fields[0].precision == 10);
  CHECK(q.fields[0].scale == 2);
  CHECK(q.fields[0].bytes == 8);
  // Servers before 3.3.6 have no precisions and scales.
  q = parsed(with(R"("fields_count":1,"fields_names":["a"],"fields_types":[4],"fields_lengths":[4])"));
  CHECK(q.fields[0].scale == 0);
  CHECK(parsed(with(R"("x":1)")).fields.empty());
  // Of duplicates the last one counts.
  q = parsed(with(R"("id":1,"fields_names":["a","b"],"fields_types":[4],"fields_lengths":[4],"id":2,)"
                  R"("fields_count":5,"fields_names":["c"],"fields_count":1,"code":0)"));
  CHECK(q.id == 2);
  CHECK(q.fields.size() == 1);
  CHECK(std::string(q.fields[0].name) == "c");
}

TEST_CASE("answer: an answer object can be used again", "[wire][answer]") {
  QueryAnswer q = parsed(VectorFile::load("017").text());
  REQUIRE(parse_query_answer(VectorFile::load("034").text(), q).is_ok());
  CHECK(q.fields.size() == 1);
  CHECK(std::string(q.fields[0].name) == "1");
  REQUIRE(parse_query_answer(VectorFile::load("026").text(), q).is_ok());
  CHECK(q.fields.empty());
  CHECK(q.id == 0);
  REQUIRE(parse_query_answer(VectorFile::load("015").text(), q).is_ok());
  CHECK(q.ok());
  CHECK(q.message.empty());
  CHECK(q.affected_rows == 2);
}

TEST_CASE("answer: names are cut at 64 bytes and at a NUL", "[wire][answer]") {
  std::string name(64, 'n');
  auto named = [](const std::string &n) {
    return with(R"("fields_count":1,"fields_types":[8],"fields_lengths":[1],"fields_names":[")" + n + R"("])");
  };
  CHECK(std::string(parsed(named(name)).fields[0].name) == name);
  CHECK(std::string(parsed(named(name + "x")).fields[0].name) == name);
  CHECK(std::string(parsed(named(std::string(1 << 16, 'y'))).fields[0].name) == std::string(64, 'y'));
  CHECK(std::string(parsed(named(std::string(63, 'a') + "\xe6\xb6\x9b")).fields[0].name) ==
        std::string(63, 'a') + "\xe6");
  CHECK(std::string(parsed(named("a\\u0000b")).fields[0].name) == "a");
  CHECK(std::string(parsed(named("")).fields[0].name).empty());
}

TEST_CASE("answer: lists that do not agree are refused", "[wire][answer]") {
  const std::string names = R"("fields_names":["a","b"],)", types = R"("fields_types":[4,4],)",
                    lengths = R"("fields_lengths":[4,4],)", count = R"("fields_count":2)";
  CHECK_FALSE(refused(with(names + types + lengths + count)));
  CHECK(refused(with(types + lengths + count)));
  CHECK(refused(with(names + lengths + count)));
  CHECK(refused(with(names + types + count)));
  CHECK(refused(with(names + types + lengths + R"("fields_count":1)")));
  CHECK(refused(with(names + types + lengths + R"("fields_count":3)")));
  CHECK(refused(with(names + types + lengths + R"("fields_count":0)")));
  CHECK(refused(with(names + types + lengths + R"("fields_count":-1)")));
  CHECK(refused(with(names + types + lengths + R"("fields_count":2147483648)")));
  CHECK(refused(with(names + types + R"("fields_lengths":[4],)" + count)));
  CHECK(refused(with(names + types + R"("fields_lengths":null,)" + count)));
  CHECK(refused(with(names + types + lengths + R"("fields_scales":[1],)" + count)));
  CHECK(refused(with(names + types + lengths + R"("fields_precisions":[1,2,3],)" + count)));
  CHECK(refused(with(names + R"("fields_types":[4,256],)" + lengths + count)));
  CHECK(refused(with(names + R"("fields_types":[4,-1],)" + lengths + count)));
  CHECK(refused(with(names + R"("fields_types":"AAA=",)" + lengths + count)));
  CHECK(refused(with(names + types + R"("fields_lengths":[4,-4],)" + count)));
  CHECK(refused(with(R"("fields_names":[1,2],)" + types + lengths + count)));
  CHECK(refused(with(R"("precision":3)")));
  CHECK(refused(with(R"("affected_rows":-1)")));
  CHECK(refused(with(R"("id":-1)")));
  CHECK(refused(with(R"("is_update":1)")));
}

TEST_CASE("answer: huge lists are refused", "[wire][answer]") {
  std::string numbers = "4";
  for (int i = 1; i < kMaxFields; ++i) numbers += ",4";
  std::string names = "\"n\"";
  for (int i = 1; i < kMaxFields; ++i) names += ",\"n\"";
  auto whole = [&](const std::string &tail, const std::string &count) {
    return with(R"("fields_names":[)" + names + R"(],"fields_types":[)" + numbers + tail + R"(],"fields_lengths":[)" +
                numbers + R"(],"fields_count":)" + count);
  };
  CHECK(parsed(whole("", "8192")).fields.size() == 8192);
  CHECK(refused(whole(",4", "8192")));
  CHECK(refused(whole(",", "8192")));
  CHECK(refused(whole("", "8193")));
}

TEST_CASE("answer: what is not an answer is refused", "[wire][answer]") {
  for (const char *bad : {"", "null", "[]", "1", "\"x\"", "{", "{}", R"({"message":"no code"})", R"({"code":"0"})",
                          R"({"code":1.5})", R"({"code":0}x)", R"({"code":0},)", R"({"code":0)"}) {
    INFO(bad);
    CHECK(refused(bad));
    AnswerHead head;
    CHECK_FALSE(parse_head(bad, head).is_ok());
  }
  CHECK(refused(R"({"code":0,"x":)" + std::string(100000, '[')));
}

TEST_CASE("answer: every truncation is refused", "[wire][answer]") {
  for (const char *number : {"015", "017", "027", "092"}) {
    std::string text = VectorFile::load(number).text();
    for (size_t n = 0; n < text.size(); ++n) {
      ExactCopy exact(text.data(), n);
      REQUIRE(refused(exact.text()));
    }
  }
}

TEST_CASE("answer: damaged answers neither crash nor read outside", "[wire][answer]") {
  const std::string text = VectorFile::load("017").text();
  Random random(17);
  for (int round = 0; round < 20000; ++round) {
    ExactCopy exact(text.data(), text.size());
    for (size_t k = random.below(4) + 1; k; --k)
      exact.data()[random.below(exact.size())] = static_cast<uint8_t>("\"\\{}[],:0-9enu\0\xff"[random.below(16)]);
    QueryAnswer q;
    if (parse_query_answer(exact.text(), q) && q.ok()) REQUIRE(q.fields.size() == static_cast<size_t>(q.fields_count));
    (void)peek_req_id(exact.text());
  }
}

TEST_CASE("answer: the request id is found without parsing everything", "[wire][answer]") {
  const std::string select = VectorFile::load("017").text();
  auto key = peek_req_id(select);
  CHECK(key.is_object);
  CHECK(key.has_req_id);
  CHECK(key.req_id == 26);
  CHECK(key.action == "query");

  key =
      peek_req_id(R"({"message":"\"req_id\":5,\"action\":\"no\"","x":{"req_id":6,"action":"deep"},"l":[{"req_id":7}],)"
                  R"("action":"binary_query","req_id":18446744073709551615,"req_id":1})");
  CHECK(key.has_req_id);
  CHECK(key.req_id == UINT64_MAX);
  CHECK(key.action == "binary_query");

  // The old endpoints have no req_id in some answers.
  const std::string legacy = VectorFile::load("162").text();
  key = peek_req_id(legacy);
  CHECK(key.is_object);
  CHECK_FALSE(key.has_req_id);
  CHECK(key.action == "version");

  CHECK_FALSE(peek_req_id("").is_object);
  CHECK_FALSE(peek_req_id("[]").is_object);
  CHECK_FALSE(peek_req_id("not json").is_object);
  CHECK_FALSE(peek_req_id(R"({"req_id":-1,"action":"x"})").has_req_id);
  CHECK_FALSE(peek_req_id(R"({"req_id":"1"})").has_req_id);
  CHECK_FALSE(peek_req_id(R"({"a":1)").has_req_id);
  CHECK(peek_req_id(R"({"action":5,"req_id":1})").action.empty());
}

TEST_CASE("answer: the request id of every recorded answer", "[wire][answer]") {
  for (const auto &v : VectorFile::all()) {
    if (!v.from_server() || v.kind() != "text" || !v.has("action")) continue;
    INFO(v.name());
    std::string text = v.text();
    ExactCopy exact(text.data(), text.size());
    auto key = peek_req_id(exact.text());
    CHECK(key.action == v.string("action"));
    CHECK(key.has_req_id == v.has("req_id"));
    if (v.has("req_id")) CHECK(key.req_id == static_cast<uint64_t>(v.number("req_id")));
    AnswerHead head;
    REQUIRE(parse_head(exact.text(), head).is_ok());
    CHECK(head.code == v.number("code"));
    CHECK(head.message == v.string("message"));
    CHECK(head.action == v.string("action"));
  }
}
