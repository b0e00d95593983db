#include <catch2/catch.hpp>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "taosws.h"

namespace {

std::string rfc3339(int64_t raw, int precision, bool z) {
  uint8_t room[36];
  std::memset(room, '#', sizeof room);
  ws_timestamp_to_rfc3339(room, raw, precision, z);
  const auto *text = reinterpret_cast<const char *>(room);
  REQUIRE(strnlen(text, sizeof room) < sizeof room);
  return text;
}

template <typename T>
std::string printed(uint8_t type, T value) {
  const void *row[] = {&value};
  WS_FIELD field = {};
  field.type = type;
  char text[100];
  const int n = ws_print_row(text, sizeof text, row, &field, 1);
  REQUIRE(static_cast<size_t>(n) == std::strlen(text));
  return text;
}

}  // namespace

TEST_CASE("ws print: timestamps") {
  CHECK(rfc3339(0, 0, false) == "1970-01-01T00:00:00.000+00:00");
  CHECK(rfc3339(-1, 0, true) == "1969-12-31T23:59:59.999Z");
  CHECK(rfc3339(1700000000123456, 1, true) == "2023-11-14T22:13:20.123456Z");
  CHECK(rfc3339(1709164800000, 0, true) == "2024-02-29T00:00:00.000Z");
  CHECK(rfc3339(951782400000, 0, true) == "2000-02-29T00:00:00.000Z");
  CHECK(rfc3339(-2203891200000, 0, true) == "1900-03-01T00:00:00.000Z");
  // The ends of the range fit the room that was promised.
  CHECK(rfc3339(std::numeric_limits<int64_t>::max(), 0, false) == "+292278994-08-17T07:12:55.807+00:00");
  CHECK(rfc3339(std::numeric_limits<int64_t>::min(), 0, false) == "-292275055-05-16T16:47:04.192+00:00");
  CHECK(rfc3339(std::numeric_limits<int64_t>::max(), 1, false) == "+294247-01-10T04:00:54.775807+00:00");
  CHECK(rfc3339(std::numeric_limits<int64_t>::max(), 2, false) == "2262-04-11T23:47:16.854775807+00:00");
  CHECK(rfc3339(std::numeric_limits<int64_t>::min(), 2, true) == "1677-09-21T00:12:43.145224192Z");
  CHECK(rfc3339(0, 9, true) == "1970-01-01T00:00:00.000Z");
  ws_timestamp_to_rfc3339(nullptr, 0, 0, true);
}

TEST_CASE("ws print: numbers") {
  CHECK(printed<double>(TSDB_DATA_TYPE_DOUBLE, 0) == "0.0");
  CHECK(printed<double>(TSDB_DATA_TYPE_DOUBLE, -2.25) == "-2.25");
  CHECK(printed<double>(TSDB_DATA_TYPE_DOUBLE, 1e15) == "1000000000000000.0");
  CHECK(printed<double>(TSDB_DATA_TYPE_DOUBLE, 1e16) == "1e16");
  CHECK(printed<double>(TSDB_DATA_TYPE_DOUBLE, 1.5e-5) == "1.5e-5");
  CHECK(printed<double>(TSDB_DATA_TYPE_DOUBLE, -1e100) == "-1e100");
  CHECK(printed<float>(TSDB_DATA_TYPE_FLOAT, 0.1f) == "0.1");
  CHECK(printed<float>(TSDB_DATA_TYPE_FLOAT, std::numeric_limits<float>::infinity()) == "inf");
  CHECK(printed<float>(TSDB_DATA_TYPE_FLOAT, std::numeric_limits<float>::quiet_NaN()) == "NaN");
  CHECK(printed<int8_t>(TSDB_DATA_TYPE_BOOL, 1) == "1");
  CHECK(printed<uint8_t>(TSDB_DATA_TYPE_UTINYINT, 200) == "200");
  CHECK(printed<int64_t>(TSDB_DATA_TYPE_BIGINT, std::numeric_limits<int64_t>::min()) == "-9223372036854775808");
  CHECK(printed<int64_t>(77, 5).empty());
}

TEST_CASE("ws print: values are printed whole or not at all") {
  const int32_t one = 1, many = -128;
  const char text[] = "\4\0four";
  const void *row[] = {&one, &many, nullptr, text + 2};
  WS_FIELD fields[4] = {};
  fields[0].type = fields[1].type = TSDB_DATA_TYPE_INT;
  fields[2].type = TSDB_DATA_TYPE_INT;
  fields[3].type = TSDB_DATA_TYPE_VARCHAR;
  char room[32];
  const auto print = [&](int size) {
    std::memset(room, '#', sizeof room);
    const int n = ws_print_row(room, size, row, fields, 4);
    CHECK(room[std::max(size, 0)] == '#');
    return std::string(room, static_cast<size_t>(n));
  };
  CHECK(print(30) == "1 -128 NULL four");
  CHECK(print(17) == "1 -128 NULL four");
  CHECK(print(16) == "1 -128 NULL ");
  CHECK(print(6) == "1   ");
  CHECK(print(2) == "1");
  CHECK(print(1).empty());
  CHECK(room[0] == '#');
  CHECK(print(0).empty());
  CHECK(print(-1).empty());
  CHECK(ws_print_row(nullptr, 10, row, fields, 4) == 0);
  CHECK(ws_print_row(room, 10, nullptr, fields, 4) == 0);
  CHECK(ws_print_row(room, 10, row, nullptr, 4) == 0);
  CHECK(ws_print_row(room, 10, row, fields, -1) == 0);
}

TEST_CASE("ws print: bytes") {
  const uint8_t data[] = {3, 0, 0x0d, 0x00, 0xff};
  const void *row[] = {data + 2};
  WS_FIELD field = {};
  field.type = TSDB_DATA_TYPE_VARBINARY;
  char text[30];
  CHECK(ws_print_row(text, sizeof text, row, &field, 1) == 8);
  CHECK(std::string(text) == "\\x0D00FF");
  const uint8_t blob[] = {2, 0, 0, 0, 0xab, 0x01};
  const void *blob_row[] = {blob + 4};
  field.type = TSDB_DATA_TYPE_BLOB;
  CHECK(ws_print_row(text, sizeof text, blob_row, &field, 1) == 6);
  CHECK(std::string(text) == "\\xAB01");
}
