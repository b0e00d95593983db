// Requests, byte for byte as recorded; the answers other than query answers (answer_test.cpp).
#include <catch2/catch.hpp>
#include <functional>

#include "vector_file.h"
#include "wire/requests.h"
#include "wire/rest_answer.h"
#include "wire/session_answers.h"
#include "wire/stmt_answers.h"
#include "wire/stmt_requests.h"
#include "wire/tmq_answers.h"
#include "wire/tmq_requests.h"
#include "wire/types.h"

using opentaos::base::Buffer;
using opentaos::base::Status;
using opentaos::test::ExactCopy;
using opentaos::test::Random;
using opentaos::test::VectorFile;
using namespace opentaos::wire;

namespace {

std::string written(const std::function<void(Buffer &)> &write) {
  Buffer b;
  b.append("before");  // requests are appended
  write(b);
  REQUIRE(b.text().substr(0, 6) == "before");
  return std::string(b.text().substr(6));
}
// The text of a recorded request, or the one a recorded answer belongs to.
std::string request(const char *number) {
  auto v = VectorFile::load(number);
  return v.from_server() ? v.member("in_reply_to") : v.text();
}
std::vector<uint8_t> bytes_of(const std::function<void(Buffer &)> &write) {
  Buffer b;
  write(b);
  return {b.data(), b.data() + b.size()};
}

}  // namespace

TEST_CASE("requests: session", "[wire][requests]") {
  CHECK(written([](Buffer &b) { version_request(b, 1); }) == request("001"));
  CHECK(written([](Buffer &b) { check_server_status_request(b, 3, std::nullopt, 0); }) == request("005"));
  CHECK(written([](Buffer &b) { check_server_status_request(b, UINT64_MAX, "h", 6030); }) ==
        R"({"action":"check_server_status","args":{"req_id":18446744073709551615,"fqdn":"h","port":6030}})");
  ConnArgs args;
  args.user = "root";
  args.password = "wrong";
  CHECK(written([&](Buffer &b) { conn_request(b, 4, args); }) == request("006"));
  args.password = "taosdata";
  args.db = "no_such_db_vv";
  CHECK(written([&](Buffer &b) { conn_request(b, 6, args); }) == request("007"));
  args.db = "";
  args.tz = "UTC";
  args.app = "vec";
  CHECK(written([&](Buffer &b) { conn_request(b, 8, args); }) == request("008"));
  args.password = "p\"w\\\n";
  args.mode = 0;
  args.ip = "10.0.0.1";
  args.connector = "c";
  args.totp_code = "123456";
  args.bearer_token = "tok";
  args.list_instances = true;
  CHECK(
      written([&](Buffer &b) { conn_request(b, 8, args); }) ==
      R"({"action":"conn","args":{"req_id":8,"user":"root","password":"p\"w\\\n","db":"","mode":0,"tz":"UTC","app":"vec",)"
      R"("ip":"10.0.0.1","connector":"c","totp_code":"123456","bearer_token":"tok","list_instances":true}})");
  CHECK(written([](Buffer &b) { get_server_info_request(b, 11); }) == request("013"));
  CHECK(written([](Buffer &b) { get_current_db_request(b, 23); }) == request("014"));
  CHECK(written([](Buffer &b) { get_connection_info_request(b, 5, 0); }) ==
        R"({"action":"get_connection_info","args":{"req_id":5,"info":0}})");
  const ConnectionOption options[] = {{1, "Europe/Paris"}, {3, std::nullopt}};
  CHECK(written([&](Buffer &b) { options_connection_request(b, 35, options); }) == request("028"));
  const ConnectionOption bad[] = {{-5, "x"}};
  CHECK(written([&](Buffer &b) { options_connection_request(b, 36, bad); }) == request("030"));
  CHECK(written([&](Buffer &b) { options_connection_request(b, 1, {}); }) ==
        R"({"action":"options_connection","args":{"req_id":1,"options":[]}})");
}

TEST_CASE("requests: statements", "[wire][requests]") {
  CHECK(written([](Buffer &b) { query_request(b, 26, "select * from t"); }) == request("016"));
  CHECK(written([](Buffer &b) {
          query_request(b, 25,
                        "insert into t values(1700000000000,1,'a','\xe6\xb6\x9b')(1700000001000,null,null,null)");
        }) == request("015"));
  CHECK(written([](Buffer &b) { num_fields_request(b, 27, 1); }) == request("018"));
  CHECK(written([](Buffer &b) { fetch_request(b, 29, 1); }) == request("020"));
  CHECK(written([](Buffer &b) { fetch_block_request(b, 30, 1); }) == request("022"));
  CHECK(written([](Buffer &b) { free_result_request(b, 900, 1); }) == request("025"));

  CHECK(bytes_of([](Buffer &b) { binary_validate_sql(b, 38, "select 1"); }) == VectorFile::load("031").bytes());
  CHECK(bytes_of([](Buffer &b) { binary_validate_sql(b, 39, "select * from nope"); }) ==
        VectorFile::load("032").bytes());
  CHECK(bytes_of([](Buffer &b) { binary_query(b, 40, "select 1"); }) == VectorFile::load("033").bytes());
  CHECK(bytes_of([](Buffer &b) {
          binary_query_head(b, 40, 8);
          REQUIRE(b.size() == kBinaryQueryHeadSize);
          b.append("select 1");
        }) == VectorFile::load("033").bytes());
  CHECK(bytes_of([](Buffer &b) { fetch_raw_block(b, 41, 2); }) == VectorFile::load("035").bytes());
  CHECK(bytes_of([](Buffer &b) { fetch_raw_block(b, 43, 999); }) == VectorFile::load("038").bytes());
}

TEST_CASE("requests: schemaless", "[wire][requests]") {
  SchemalessArgs args;
  args.protocol = 1;
  args.precision = "ms";
  CHECK(written([&](Buffer &b) { schemaless_request(b, 176, args, "m,t1=a f1=1i64 1700000000000"); }) ==
        request("072"));
  const char *lines[] = {"a \"1\"", nullptr, "b\\"};
  args.ttl = 7;
  args.table_name_key = "k";
  std::string joined =
      R"({"action":"insert","args":{"req_id":1,"protocol":1,"precision":"ms","ttl":7,"data":"a \"1\"\n\nb\\","table_name_key":"k"}})";
  CHECK(written([&](Buffer &b) { schemaless_request(b, 1, args, lines); }) == joined);
  CHECK(written([&](Buffer &b) { schemaless_request(b, 1, args, std::string_view("a \"1\"\n\nb\\")); }) == joined);
}

TEST_CASE("requests: prepared statements", "[wire][requests]") {
  CHECK(written([](Buffer &b) { stmt_init_request(b, 182); }) == request("076"));
  CHECK(written([](Buffer &b) { stmt_prepare_request(b, 183, 1, "insert into ? using s1 tags(?,?) values(?,?,?)"); }) ==
        request("077"));
  CHECK(written([](Buffer &b) { stmt_get_tag_fields_request(b, 185, 1); }) == request("079"));
  CHECK(written([](Buffer &b) { stmt_get_col_fields_request(b, 186, 1); }) == request("080"));
  CHECK(written([](Buffer &b) { stmt_num_params_request(b, 187, 1); }) == request("081"));
  CHECK(written([](Buffer &b) { stmt_get_param_request(b, 188, 1, 2); }) == request("082"));
  CHECK(written([](Buffer &b) { stmt_exec_request(b, 190, 1); }) == request("085"));
  CHECK(written([](Buffer &b) { stmt_close_request(b, 901, 1); }) == request("089"));
  CHECK(written([](Buffer &b) { stmt_use_result_request(b, 200, 2); }) == request("092"));
  CHECK(written([](Buffer &b) { stmt_set_table_name_request(b, 1, 2, "db.`t\"`"); }) ==
        R"({"action":"set_table_name","args":{"req_id":1,"stmt_id":2,"name":"db.`t\"`"}})");
  CHECK(written([](Buffer &b) { stmt_add_batch_request(b, 1, 2); }) ==
        R"({"action":"add_batch","args":{"req_id":1,"stmt_id":2}})");

  const JsonValue tags[] = {JsonValue::of(int64_t{8}), JsonValue::null()};
  CHECK(written([&](Buffer &b) { stmt_set_tags_request(b, 192, 1, tags); }) == request("086"));
  const JsonValue ts[] = {JsonValue::of(int64_t{1700000000000}),
                          JsonValue::of(std::string_view("2023-11-14T22:13:21.5Z"))};
  const JsonValue v[] = {JsonValue::of(int64_t{1}), JsonValue::null()};
  const JsonValue n[] = {JsonValue::of(std::string_view("x")), JsonValue::of(std::string_view("\xe6\xb6\x9b"))};
  const std::span<const JsonValue> columns[] = {ts, v, n};
  CHECK(written([&](Buffer &b) { stmt_bind_request(b, 193, 1, columns); }) == request("087"));
  const JsonValue others[] = {JsonValue::of(true), JsonValue::of(UINT64_MAX), JsonValue::of(-0.5)};
  CHECK(written([&](Buffer &b) { stmt_set_tags_request(b, 1, 1, others); }) ==
        R"({"action":"set_tags","args":{"req_id":1,"stmt_id":1,"tags":[true,18446744073709551615,-0.5]}})");

  CHECK(written([](Buffer &b) { stmt2_init_request(b, 210, true, false); }) == request("095"));
  CHECK(written([](Buffer &b) {
          stmt2_prepare_request(b, 211, 4, "insert into ? using s2 tags(?) values(?,?,?)", true);
        }) == request("096"));
  CHECK(written([](Buffer &b) { stmt2_exec_request(b, 213, 4); }) == request("099"));
  CHECK(written([](Buffer &b) { stmt2_result_request(b, 217, 4); }) == request("101"));
  CHECK(written([](Buffer &b) { stmt2_close_request(b, 218, 4); }) == request("102"));
}

TEST_CASE("requests: subscriptions", "[wire][requests]") {
  SubscribeArgs args;
  args.user = "root";
  args.password = "taosdata";
  args.group_id = "vg1";
  args.client_id = "c1";
  args.offset_rest = "earliest";
  args.auto_commit = "false";
  args.with_table_name = "true";
  args.snapshot_enable = "false";
  args.enable_batch_meta = "1";
  const std::string_view topics[] = {"vq_sel"};
  const std::pair<std::string_view, std::string_view> config[] = {{"max.poll.interval.ms", "300000"}};
  args.topics = topics;
  args.config = config;
  CHECK(written([&](Buffer &b) { tmq_subscribe_request(b, 5, args); }) == request("121"));
  SubscribeArgs all;
  const std::string_view two[] = {"a\"b", "c"};
  const std::pair<std::string_view, std::string_view> more[] = {{"k1", "v\\1"}, {"k2", ""}};
  all.db = "d";
  all.offset_reset = "latest";
  all.auto_commit_interval_ms = "1";
  all.msg_consume_excluded = "2";
  all.session_timeout_ms = "3";
  all.max_poll_interval_ms = "4";
  all.msg_consume_rawdata = "5";
  all.tz = "UTC";
  all.app = "a";
  all.ip = "i";
  all.connector = "c";
  all.list_instances = true;
  all.topics = two;
  all.config = more;
  CHECK(
      written([&](Buffer &b) { tmq_subscribe_request(b, 1, all); }) ==
      R"({"action":"subscribe","args":{"req_id":1,"user":"","password":"","db":"d","offset_reset":"latest",)"
      R"("auto_commit_interval_ms":"1","msg_consume_excluded":"2","session_timeout_ms":"3","max_poll_interval_ms":"4",)"
      R"("msg_consume_rawdata":"5","topics":["a\"b","c"],"tz":"UTC","app":"a","ip":"i","connector":"c",)"
      R"("list_instances":true,"config":{"k1":"v\\1","k2":""}}})");

  CHECK(written([](Buffer &b) { tmq_version_request(b, 1); }) == request("001"));
  CHECK(written([](Buffer &b) { tmq_list_topics_request(b, 7); }) == request("123"));
  CHECK(written([](Buffer &b) { tmq_seek_request(b, 8, "vq_sel", 20, 0); }) == request("124"));
  const TopicVgroup of[] = {{"vq_sel", 20}};
  CHECK(written([&](Buffer &b) { tmq_committed_request(b, 9, of); }) == request("126"));
  CHECK(written([](Buffer &b) { tmq_poll_request(b, 10, 1000, 0); }) == request("127"));
  CHECK(written([](Buffer &b) { tmq_poll_request(b, 22, 200, 1); }) == request("140"));
  CHECK(written([](Buffer &b) { tmq_poll_request(b, 1, 5, std::nullopt); }) ==
        R"({"action":"poll","args":{"req_id":1,"blocking_time":5}})");
  CHECK(written([](Buffer &b) { tmq_fetch_request(b, 11, 1); }) == request("129"));
  CHECK(written([](Buffer &b) { tmq_fetch_block_request(b, 12, 1); }) == request("130"));
  CHECK(written([](Buffer &b) { tmq_fetch_raw_data_request(b, 15, 1); }) == request("133"));
  CHECK(written([](Buffer &b) { tmq_fetch_raw_request(b, 1, 2); }) ==
        R"({"action":"fetch_raw","args":{"req_id":1,"message_id":2}})");
  CHECK(written([](Buffer &b) { tmq_fetch_json_meta_request(b, 1, 2); }) ==
        R"({"action":"fetch_json_meta","args":{"req_id":1,"message_id":2}})");
  CHECK(written([](Buffer &b) { tmq_commit_request(b, 18, 1); }) == request("136"));
  CHECK(written([&](Buffer &b) { tmq_position_request(b, 20, of); }) == request("138"));
  CHECK(written([](Buffer &b) { tmq_assignment_request(b, 21, "vq_sel"); }) == request("139"));
  CHECK(written([](Buffer &b) { tmq_commit_offset_request(b, 25, "vq_sel", 20, 0); }) == request("142"));
  CHECK(written([](Buffer &b) { tmq_unsubscribe_request(b, 26); }) == request("143"));
}

TEST_CASE("answers: session", "[wire][answers]") {
  VersionAnswer version;
  for (const char *number : {"001", "009", "122", "162"}) {
    auto v = VectorFile::load(number);
    INFO(v.name());
    REQUIRE(parse_version_answer(v.text(), version).is_ok());
    CHECK(version.version == v.string("version"));
    CHECK(version.instances.empty());
  }
  REQUIRE(parse_version_answer(VectorFile::load("006").text(), version).is_ok());
  CHECK(version.status().code() == static_cast<int32_t>(0x80000357u));
  CHECK(version.version.empty());
  REQUIRE(
      parse_version_answer(R"({"code":0,"version":"3.4.1.10","list_instances":["h1:6041","[::1]:6042","h2"]})", version)
          .is_ok());
  CHECK(version.instances == std::vector<std::string>{"h1:6041", "[::1]:6042", "h2"});
  REQUIRE(parse_version_answer(R"({"code":0,"list_instances":null})", version).is_ok());
  CHECK(version.instances.empty());
  CHECK_FALSE(parse_version_answer(R"({"code":0,"list_instances":[1]})", version).is_ok());

  AnswerHead head;
  std::string text;
  REQUIRE(parse_text_answer(VectorFile::load("013").text(), "info", head, text).is_ok());
  CHECK(text == VectorFile::load("013").string("info"));
  REQUIRE(parse_text_answer(VectorFile::load("014").text(), "db", head, text).is_ok());
  CHECK(text == "vv");
  CHECK(head.req_id == 23);
  int64_t number = 0;
  REQUIRE(parse_number_answer(VectorFile::load("018").text(), "num_fields", head, number).is_ok());
  CHECK(number == 4);
  const std::string verdict = VectorFile::load("032").member("answered_by");
  REQUIRE(parse_number_answer(verdict, "result_code", head, number).is_ok());
  CHECK(head.ok());
  CHECK(full_code(number) == static_cast<int32_t>(0x80002603u));

  ServerStatusAnswer status;
  REQUIRE(parse_server_status_answer(VectorFile::load("005").text(), status).is_ok());
  CHECK(status.status == 2);
  CHECK(status.details.empty());

  SchemalessAnswer written;
  REQUIRE(parse_schemaless_answer(VectorFile::load("073").text(), written).is_ok());
  CHECK(written.affected_rows == 1);
  CHECK(written.total_rows == 1);
  REQUIRE(parse_schemaless_answer(VectorFile::load("074").text(), written).is_ok());
  CHECK(written.status().code() == static_cast<int32_t>(0x80003002u));
  CHECK(written.status().message() == VectorFile::load("074").string("message"));
  CHECK(written.affected_rows == 0);

  FetchJsonAnswer fetch;
  REQUIRE(parse_fetch_json_answer(VectorFile::load("021").text(), fetch).is_ok());
  CHECK(fetch.id == 1);
  CHECK(fetch.rows == 2);
  CHECK_FALSE(fetch.completed);
  CHECK(fetch.lengths == std::vector<int32_t>{8, 4, 22, 82});
  REQUIRE(parse_fetch_json_answer(VectorFile::load("024").text(), fetch).is_ok());
  CHECK(fetch.completed);
  CHECK(fetch.lengths.empty());
}

TEST_CASE("answers: prepared statements", "[wire][answers]") {
  for (const char *number :
       {"076", "078", "079", "080", "081", "082", "085", "088", "090", "095", "097", "099", "101", "102", "103"}) {
    auto v = VectorFile::load(number);
    INFO(v.name());
    StmtAnswer a;
    REQUIRE(parse_stmt_answer(v.text(), a).is_ok());
    auto expected = [&](const char *name) { return v.has(name) ? v.number(name) : 0; };
    CHECK(a.code == expected("code"));
    CHECK(a.stmt_id == static_cast<uint64_t>(expected("stmt_id")));
    CHECK(a.affected == expected("affected"));
    CHECK(a.num_params == expected("num_params"));
    CHECK(a.index == expected("index"));
    CHECK(a.data_type == expected("data_type"));
    CHECK(a.length == expected("length"));
    CHECK(a.has_is_insert == v.has("is_insert"));
    if (v.has("is_insert")) CHECK(a.is_insert == v.boolean("is_insert"));
    const int listed = cJSON_GetArraySize(v.at("fields"));
    REQUIRE(a.fields.size() == static_cast<size_t>(listed));
    CHECK(a.fields_count == (v.has("fields_count") ? v.number("fields_count") : listed));
    for (int i = 0; i < listed; ++i) {
      const StmtField &f = a.fields[static_cast<size_t>(i)];
      std::string at = "fields." + std::to_string(i) + ".";
      CHECK(f.name == v.string(at + "name"));
      CHECK(f.type == v.number(at + "field_type"));
      CHECK(f.precision == v.number(at + "precision"));
      CHECK(f.scale == v.number(at + "scale"));
      CHECK(f.bytes == v.number(at + "bytes"));
      CHECK(f.bind_type == (v.has(at + "bind_type") ? v.number(at + "bind_type") : 0));
    }
  }
  StmtAnswer a;
  REQUIRE(parse_stmt_answer(VectorFile::load("097").text(), a).is_ok());
  CHECK(a.fields[0].bind_field().kind == BindField::kTableName);
  CHECK(a.fields[1].bind_field().kind == BindField::kTag);
  CHECK(a.fields[2].bind_field().type == kTimestamp);
  for (const char *bad :
       {R"({"code":0,"fields":{}})", R"({"code":0,"fields":[1]})", R"({"code":0,"fields":[{"name":5}]})",
        R"({"code":0,"fields":[{"name":"a","field_type":300}]})", R"({"code":0,"fields":[{"name":"a","bytes":"8"}]})",
        R"({"code":0,"fields":[{"name":"a"}],"fields_count":2})", R"({"code":0,"fields_count":-1})",
        R"({"code":0,"fields":[{"name":"a","precision":1.5}]})"}) {
    INFO(bad);
    CHECK_FALSE(parse_stmt_answer(bad, a).is_ok());
  }
}

TEST_CASE("answers: subscriptions", "[wire][answers]") {
  for (const char *number : {"128", "140", "156"}) {
    auto v = VectorFile::load(number);
    INFO(v.name());
    PollAnswer p;
    REQUIRE(parse_poll_answer(v.text(), p).is_ok());
    CHECK(p.have_message == v.boolean("have_message"));
    CHECK(p.topic == v.string("topic"));
    CHECK(p.database == v.string("database"));
    CHECK(p.vgroup_id == v.number("vgroup_id"));
    CHECK(p.message_type == v.number("message_type"));
    CHECK(p.message_id == static_cast<uint64_t>(v.number("message_id")));
    CHECK(p.offset == v.number("offset"));
  }
  PollAnswer snapshot;
  REQUIRE(parse_poll_answer(R"({"code":0,"offset":-2147467258,"have_message":true})", snapshot).is_ok());
  CHECK(snapshot.offset == -2147467258);

  TmqFetchAnswer fetch;
  REQUIRE(parse_tmq_fetch_answer(VectorFile::load("129").text(), fetch).is_ok());
  CHECK(fetch.message_id == 1);
  CHECK(fetch.rows == 2);
  CHECK_FALSE(fetch.completed);
  REQUIRE(fetch.fields.size() == 4);
  CHECK(std::string(fetch.fields[3].name) == "d");
  CHECK(fetch.fields[3].type == kDecimal64);
  CHECK(fetch.fields[2].bytes == 10);
  REQUIRE(parse_tmq_fetch_answer(VectorFile::load("132").text(), fetch).is_ok());
  CHECK(fetch.completed);
  CHECK(fetch.fields.empty());
  REQUIRE(parse_tmq_fetch_answer(VectorFile::load("144").text(), fetch).is_ok());
  CHECK(fetch.status().code() == static_cast<int32_t>(0x8000ffffu));

  for (const char *number : {"146", "151", "155"}) {
    auto v = VectorFile::load(number);
    INFO(v.name());
    TmqMetaAnswer meta;
    REQUIRE(parse_tmq_meta_answer(v.text(), meta).is_ok());
    size_t at = v.text().find("\"data\":");
    REQUIRE(at != std::string::npos);
    CHECK(std::string(meta.data) == v.text().substr(at + 7, v.text().size() - at - 8));
  }
  TmqMetaAnswer none;
  REQUIRE(parse_tmq_meta_answer(R"({"code":65535})", none).is_ok());
  CHECK(none.data == "null");

  AnswerHead head;
  std::vector<int64_t> offsets;
  REQUIRE(parse_offsets_answer(VectorFile::load("126").text(), head, offsets).is_ok());
  CHECK(offsets == std::vector<int64_t>{kNoOffset});
  REQUIRE(parse_offsets_answer(VectorFile::load("137").text(), head, offsets).is_ok());
  CHECK(offsets == std::vector<int64_t>{10});
  REQUIRE(parse_offsets_answer(VectorFile::load("138").text(), head, offsets).is_ok());
  CHECK(offsets == std::vector<int64_t>{10});
  std::vector<Assignment> assignment;
  REQUIRE(parse_assignment_answer(VectorFile::load("139").text(), head, assignment).is_ok());
  REQUIRE(assignment.size() == 1);
  CHECK(assignment[0].vgroup_id == 20);
  CHECK(assignment[0].offset == 0);
  CHECK(assignment[0].begin == 0);
  CHECK(assignment[0].end == 10);
  REQUIRE(parse_assignment_answer(
              R"({"code":0,"assignment":[{"end":9007199254740993,"x":[],"vgroup_id":1},{"vgroup_id":2,"begin":-1}]})",
              head, assignment)
              .is_ok());
  REQUIRE(assignment.size() == 2);
  CHECK(assignment[0].end == 9007199254740993);
  CHECK(assignment[1].begin == -1);
  REQUIRE(parse_assignment_answer(R"({"code":0,"assignment":null})", head, assignment).is_ok());
  CHECK(assignment.empty());
  CHECK_FALSE(parse_assignment_answer(R"({"code":0,"assignment":[1]})", head, assignment).is_ok());
  CHECK_FALSE(
      parse_assignment_answer(R"({"code":0,"assignment":[{"vgroup_id":4294967296}]})", head, assignment).is_ok());
  std::vector<std::string> topics;
  REQUIRE(parse_topics_answer(VectorFile::load("123").text(), head, topics).is_ok());
  CHECK(topics == std::vector<std::string>{"vq_sel"});
}

namespace {

std::string body_of(const VectorFile &v) {
  size_t at = v.text().find("\r\n\r\n");
  return at == std::string::npos ? "" : v.text().substr(at + 4);
}

}  // namespace

TEST_CASE("answers: REST", "[wire][answers]") {
  size_t seen = 0;
  for (const auto &v : VectorFile::all()) {
    if (v.endpoint().rfind("/rest/sql", 0) != 0 && v.endpoint().rfind("/rest/login", 0) != 0) continue;
    if (!v.from_server() || v.kind() != "text") continue;
    const std::string body = body_of(v);
    ++seen;
    INFO(v.name());
    RestAnswer a;
    REQUIRE(parse_rest_answer(body, a).is_ok());
    CHECK(a.code == v.number("body.code"));
    if (v.has("body.desc")) CHECK(a.description == v.string("body.desc"));
    if (v.has("body.rows")) CHECK(a.rows == v.number("body.rows"));
    if (v.has("body.timing")) CHECK(a.timing == v.number("body.timing"));
    REQUIRE(static_cast<int>(a.columns.size()) == cJSON_GetArraySize(v.at("body.column_meta")));
    for (size_t i = 0; i < a.columns.size(); ++i) {
      const std::string at = "body.column_meta." + std::to_string(i) + ".";
      CHECK(a.columns[i].name == v.string(at + "0"));
      CHECK(a.columns[i].bytes == v.number(at + "2"));
      CHECK(a.columns[i].type != kNull);
    }
    if (v.name().rfind("169", 0) == 0) continue;  // rows as objects
    RestRows rows(a);
    RestRows::Cell cell;
    int row = 0;
    while (rows.next_row()) {
      for (int column = 0; rows.next_cell(cell); ++column) {
        const cJSON *expected = v.at("body.data." + std::to_string(row) + "." + std::to_string(column));
        REQUIRE(expected);
        CHECK(cell.is_null == cJSON_IsNull(expected));
        CHECK(cell.is_string == cJSON_IsString(expected));
        if (cell.is_string) CHECK(std::string(cell.text) == expected->valuestring);
        if (cJSON_IsBool(expected)) CHECK(cell.text == (cJSON_IsTrue(expected) ? "true" : "false"));
        if (cJSON_IsNumber(expected)) CHECK(std::stod(std::string(cell.text)) == expected->valuedouble);
      }
      ++row;
    }
    CHECK_FALSE(rows.failed());
    CHECK(row == cJSON_GetArraySize(v.at("body.data")));
  }
  CHECK(seen >= 9);

  // 64 bits survive.
  const std::string body = body_of(VectorFile::load("167"));
  RestAnswer a;
  REQUIRE(parse_rest_answer(body, a).is_ok());
  CHECK(a.columns[9].type == kDecimal64);
  CHECK(a.columns[9].precision == 5);
  CHECK(a.columns[9].scale == 2);
  CHECK(a.columns[10].type == kDecimal);
  CHECK(a.columns[10].scale == 10);
  RestRows rows(a);
  RestRows::Cell cell;
  REQUIRE(rows.next_row());
  for (int i = 0; i < 4; ++i) REQUIRE(rows.next_cell(cell));
  CHECK(cell.text == "18446744073709551615");

  for (const char *bad :
       {"", "\"busy\"", "[]", "{}", R"({"code":0,"column_meta":5})", R"({"code":0,"column_meta":[5]})",
        R"({"code":0,"column_meta":[["a"]]})", R"({"code":0,"column_meta":[["a","INT",-1]]})"}) {
    INFO(bad);
    CHECK_FALSE(parse_rest_answer(bad, a).is_ok());
  }
  // What the adapter writes for types it cannot decode is no JSON: the row fails, nothing else.
  REQUIRE(parse_rest_answer(R"({"code":0,"column_meta":[["a","TIMESTAMP",8],["b","",4]],"data":[["x",]],"rows":1})", a)
              .is_ok());
  RestRows broken(a);
  REQUIRE(broken.next_row());
  CHECK(broken.next_cell(cell));
  CHECK_FALSE(broken.next_cell(cell));
  CHECK(broken.failed());
  FieldMeta f;
  for (const char *bad : {"", "INT UNSIGNED ", "DECIMAL", "DECIMAL()", "DECIMAL(5)", "DECIMAL(5,)", "DECIMAL(,2)",
                          "DECIMAL(300,2)", "DECIMAL(5,2"})
    CHECK_FALSE(parse_rest_type(bad, f));
}

TEST_CASE("answers: truncated and damaged ones are refused or read, never worse", "[wire][answers]") {
  Random random(5);
  auto parse_all = [](std::string_view text, bool whole) {
    AnswerHead head;
    VersionAnswer version;
    ServerStatusAnswer status;
    SchemalessAnswer schemaless;
    FetchJsonAnswer fetch;
    StmtAnswer stmt;
    PollAnswer poll;
    TmqFetchAnswer tmq_fetch;
    TmqMetaAnswer meta;
    RestAnswer rest;
    std::string one;
    int64_t number = 0;
    std::vector<int64_t> offsets;
    std::vector<Assignment> assignment;
    std::vector<std::string> topics;
    const Status results[] = {parse_head(text, head),
                              parse_version_answer(text, version),
                              parse_server_status_answer(text, status),
                              parse_schemaless_answer(text, schemaless),
                              parse_fetch_json_answer(text, fetch),
                              parse_stmt_answer(text, stmt),
                              parse_poll_answer(text, poll),
                              parse_tmq_fetch_answer(text, tmq_fetch),
                              parse_tmq_meta_answer(text, meta),
                              parse_rest_answer(text, rest),
                              parse_text_answer(text, "info", head, one),
                              parse_number_answer(text, "num_fields", head, number),
                              parse_offsets_answer(text, head, offsets),
                              parse_assignment_answer(text, head, assignment),
                              parse_topics_answer(text, head, topics)};
    for (const Status &s : results)
      if (!whole) REQUIRE_FALSE(s.is_ok());
    RestRows rows(rest);
    RestRows::Cell cell;
    while (rows.next_row())
      while (rows.next_cell(cell)) {
      }
  };
  for (const auto &v : VectorFile::all()) {
    if (!v.from_server() || v.kind() != "text") continue;
    const std::string text = v.endpoint().rfind("/rest/sql", 0) == 0 ? body_of(v) : v.text();
    if (text.empty()) continue;
    INFO(v.name());
    for (size_t n = 0; n < text.size(); n += n < 100 ? 1 : 7) {
      ExactCopy exact(text.data(), n);
      parse_all(exact.text(), false);
    }
    for (int round = 0; round < 60; ++round) {
      ExactCopy exact(text.data(), text.size());
      for (size_t k = random.below(3) + 1; k; --k)
        exact.data()[random.below(exact.size())] = static_cast<uint8_t>("\"\\{}[],:0-9enu\0\xff"[random.below(16)]);
      parse_all(exact.text(), true);
    }
  }
}
