// Every recorded message belongs to a codec: a vector nothing here knows is a failure. Blocks are compared value by
// value, through the same steps a result takes on its way to a program.
#include <catch2/catch.hpp>
#include <cmath>
#include <set>

#include "vector_file.h"
#include "wire/answer.h"
#include "wire/decimal_text.h"
#include "wire/frames.h"
#include "wire/raw_block.h"
#include "wire/requests.h"
#include "wire/tmq_message.h"
#include "wire/ucs4.h"

using opentaos::base::load_le;
using opentaos::test::ExactCopy;
using opentaos::test::Random;
using opentaos::test::VectorFile;
using namespace opentaos::wire;

namespace {

std::string hex_of(const uint8_t *p, size_t n) {
  std::string out;
  for (size_t i = 0; i < n; ++i) {
    out += "0123456789abcdef"[p[i] >> 4];
    out += "0123456789abcdef"[p[i] & 15];
  }
  return out;
}

// A variable value as `decoded` writes it.
std::string text_of(const ColumnView &c, uint32_t row) {
  uint32_t size = 0;
  bool bad = false;
  const uint8_t *p = c.variable_value(row, &size, &bad);
  REQUIRE_FALSE(bad);
  REQUIRE(p);
  if (c.type == kNchar) {
    std::string out(size + 4, '\0');
    out.resize(ucs4_to_utf8(p, size, reinterpret_cast<uint8_t *>(out.data())));
    return out;
  }
  if (c.type == kVarbinary || c.type == kGeometry || c.type == kBlob || c.type == kMediumBlob) return hex_of(p, size);
  return {reinterpret_cast<const char *>(p), size};
}

double number_of(const ColumnView &c, uint32_t row) {
  const uint8_t *p = c.fixed(row);
  switch (c.type) {
    case kBool: return *p != 0;
    case kTinyInt: return load_le<int8_t>(p);
    case kSmallInt: return load_le<int16_t>(p);
    case kInt: return load_le<int32_t>(p);
    case kBigInt:
    case kTimestamp: return static_cast<double>(load_le<int64_t>(p));
    case kUTinyInt: return *p;
    case kUSmallInt: return load_le<uint16_t>(p);
    case kUInt: return load_le<uint32_t>(p);
    case kUBigInt: return static_cast<double>(load_le<uint64_t>(p));
    case kFloat: return static_cast<double>(load_le<float>(p));
    case kDouble: return load_le<double>(p);
    default: return NAN;
  }
}

void compare_value(const ColumnView &c, uint32_t row, const cJSON *expected) {
  if (cJSON_IsNull(expected)) {
    CHECK(c.is_null(row));
    return;
  }
  REQUIRE_FALSE(c.is_null(row));
  if (c.variable) {
    REQUIRE(cJSON_IsString(expected));
    CHECK(text_of(c, row) == expected->valuestring);
  } else if (is_decimal(c.type)) {
    char text[kDecimalTextMax];
    size_t n = decimal_to_text(c.fixed(row), c.width, c.scale, text);
    REQUIRE(cJSON_IsString(expected));
    CHECK(std::string(text, n) == expected->valuestring);
  } else if (cJSON_IsBool(expected)) {
    CHECK((number_of(c, row) != 0) == static_cast<bool>(cJSON_IsTrue(expected)));
  } else {
    REQUIRE(cJSON_IsNumber(expected));
    CHECK(number_of(c, row) == Approx(expected->valuedouble).epsilon(c.type == kFloat ? 1e-6 : 0));
  }
}

size_t compare_block(std::span<const uint8_t> bytes, const cJSON *expected) {
  ExactCopy exact(bytes.data(), bytes.size());
  BlockView block;
  auto status = block.parse({exact.data(), exact.size()});
  INFO(status.message());
  REQUIRE(status.is_ok());
  CHECK(block.offsets_are_sane());
  const cJSON *columns = VectorFile::at(expected, "columns");
  REQUIRE(block.columns().size() == static_cast<size_t>(cJSON_GetArraySize(columns)));
  CHECK(block.version() == VectorFile::at(expected, "version")->valueint);
  CHECK(static_cast<double>(block.group_id()) == VectorFile::at(expected, "group_id")->valuedouble);
  size_t compared = 0;
  for (size_t c = 0; c < block.columns().size(); ++c) {
    const std::string at = std::to_string(c);
    CHECK(block.column(c).type == VectorFile::at(expected, "column_info." + at + ".0")->valueint);
    CHECK(block.column(c).bytes == VectorFile::at(expected, "column_info." + at + ".1")->valueint);
    CHECK(block.column(c).length == static_cast<uint32_t>(VectorFile::at(expected, "column_lengths." + at)->valueint));
    const cJSON *values = cJSON_GetArrayItem(columns, static_cast<int>(c));
    REQUIRE(block.rows() == static_cast<uint32_t>(cJSON_GetArraySize(values)));
    for (uint32_t r = 0; r < block.rows(); ++r, ++compared) {
      INFO("column " << c << " row " << r);
      compare_value(block.column(c), r, cJSON_GetArrayItem(values, static_cast<int>(r)));
    }
  }
  return compared;
}

// The block of a frame, wherever it stands in it.
std::span<const uint8_t> block_of(const VectorFile &v) {
  std::span<const uint8_t> frame = v.bytes();
  if (v.from_server()) {
    FetchAnswer a;
    if (decode_fetch_answer(frame, a)) return a.block;
    TmqFetchBlockAnswer b;
    if (v.has("fetch_req_id") && decode_tmq_fetch_block(frame, b)) return b.block;
    FetchBlockAnswer c;
    if (decode_fetch_block(frame, c)) return c.block;
    return {};
  }
  const auto action = v.number("action");
  if (action <= 2) return frame.subspan(kBinaryHeadSize);
  return frame.subspan(kBinaryHeadSize + 6 + v.string("table").size());
}

}  // namespace

TEST_CASE("vectors: every block, value by value", "[wire][vectors]") {
  size_t blocks = 0, values = 0;
  for (const auto &v : VectorFile::all()) {
    INFO(v.name());
    if (v.has("block")) {
      values += compare_block(block_of(v), v.at("block"));
      ++blocks;
    }
    const cJSON *list = v.at("data.blocks");
    if (!list) continue;
    TmqRawAnswer a;
    TmqFetchRawAnswer old;
    std::span<const uint8_t> data;
    if (decode_tmq_raw_answer(v.bytes(), a))
      data = a.data;
    else if (decode_tmq_fetch_raw(v.bytes(), old))
      data = old.data;
    TmqMessage m;
    REQUIRE(m.open(data).is_ok());
    for (int i = 0; i < m.block_count(); ++i) {
      TmqBlock b;
      bool done = false;
      REQUIRE(m.next(b, done).is_ok());
      values += compare_block(b.block, VectorFile::at(list, std::to_string(i) + ".block"));
      ++blocks;
    }
  }
  CHECK(blocks > 45);
  CHECK(values > 300);
}

TEST_CASE("vectors: nothing is left over", "[wire][vectors]") {
  // Requests actions_test writes, and those it must be able to.
  const std::set<std::string> actions = {"version",
                                         "conn",
                                         "check_server_status",
                                         "options_connection",
                                         "get_server_info",
                                         "get_current_db",
                                         "query",
                                         "fetch",
                                         "fetch_block",
                                         "free_result",
                                         "num_fields",
                                         "insert",
                                         "init",
                                         "prepare",
                                         "set_tags",
                                         "bind",
                                         "exec",
                                         "close",
                                         "get_tag_fields",
                                         "get_col_fields",
                                         "use_result",
                                         "stmt_num_params",
                                         "stmt_get_param",
                                         "stmt2_init",
                                         "stmt2_prepare",
                                         "stmt2_exec",
                                         "stmt2_result",
                                         "stmt2_close",
                                         "subscribe",
                                         "poll",
                                         "list_topics",
                                         "seek",
                                         "committed",
                                         "position",
                                         "assignment",
                                         "commit",
                                         "commit_offset",
                                         "unsubscribe",
                                         "fetch_raw_data"};
  for (const auto &v : VectorFile::all()) {
    INFO(v.name());
    const bool http = v.endpoint().rfind("/rest/sql", 0) == 0 || v.endpoint().rfind("/rest/login", 0) == 0;
    if (http || v.kind() == "websocket frame") continue;  // the room next door
    if (v.kind() == "text" && v.from_server()) {
      AnswerHead head;
      CHECK(parse_head(v.text(), head).is_ok());
    } else if (v.kind() == "text") {
      auto key = peek_req_id(v.text());
      CHECK(actions.count(std::string(key.action)) == 1);
    } else if (v.from_server()) {
      REQUIRE(v.kind() == "binary");
      if (v.has("version") && cJSON_IsString(v.at("version"))) continue;  // a compressed text message
      CHECK(classify_frame(v.bytes()).kind != FrameKind::kBroken);
    } else {
      REQUIRE(v.kind() == "binary");
      if (v.bytes().size() < kBinaryHeadSize) continue;
      CHECK(load_le<uint64_t>(v.bytes().data()) == static_cast<uint64_t>(v.number("req_id")));
      CHECK(load_le<uint64_t>(v.bytes().data() + 8) == static_cast<uint64_t>(v.number("resource_id")));
      CHECK(load_le<uint64_t>(v.bytes().data() + 16) == static_cast<uint64_t>(v.number("action")));
    }
  }
}

TEST_CASE("vectors: truncated and damaged blocks are refused or read within their bounds", "[wire][vectors]") {
  Random random(4);
  auto walk = [](std::span<const uint8_t> bytes) {
    BlockView block;
    if (!block.parse(bytes)) return false;
    bool bad = false;
    uint32_t size = 0;
    size_t sum = 0;
    for (const auto &c : block.columns()) {
      for (uint32_t r = 0; r < block.rows(); ++r) {
        if (c.is_null(r)) continue;
        if (c.variable) {
          const uint8_t *p = c.variable_value(r, &size, &bad);
          for (uint32_t i = 0; p && i < size; ++i) sum += p[i];
        } else if (c.type != kNull) {
          for (uint32_t i = 0; i < c.width; ++i) sum += c.fixed(r)[i];
        }
      }
    }
    return sum != SIZE_MAX;
  };
  for (const auto &v : VectorFile::all()) {
    if (!v.has("block")) continue;
    INFO(v.name());
    auto block = block_of(v).first(static_cast<size_t>(v.number("block.length")));
    for (size_t n = 0; n < block.size(); ++n) {
      ExactCopy part(block.data(), n);
      REQUIRE_FALSE(walk({part.data(), part.size()}));
    }
    for (int round = 0; round < 200; ++round) {
      ExactCopy damaged(block.data(), block.size());
      for (size_t k = random.below(3) + 1; k; --k)
        damaged.data()[random.below(damaged.size())] =
            round % 2 ? static_cast<uint8_t>(random.next()) : static_cast<uint8_t>(random.below(2) * 255);
      (void)walk({damaged.data(), damaged.size()});
    }
  }
}
