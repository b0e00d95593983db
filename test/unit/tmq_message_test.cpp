#include "wire/tmq_message.h"

#include <catch2/catch.hpp>

#include "base/buffer.h"
#include "vector_file.h"
#include "wire/frames.h"
#include "wire/raw_block.h"

using opentaos::base::Buffer;
using opentaos::test::ExactCopy;
using opentaos::test::Random;
using opentaos::test::VectorFile;
using namespace opentaos::wire;

namespace {

std::span<const uint8_t> span_of(const ExactCopy &c) { return {c.data(), c.size()}; }

// The raw data inside a recorded frame; empty if it has none of the layout.
std::vector<uint8_t> data_of(const VectorFile &v) {
  if (!v.from_server() || v.kind() != "binary" || !v.has("data.blocks")) return {};
  std::span<const uint8_t> data;
  if (v.has("action")) {
    TmqRawAnswer a;
    REQUIRE(decode_tmq_raw_answer(v.bytes(), a).is_ok());
    data = a.data;
    CHECK(TmqMessage::has_blocks(a.raw_type));
  } else {
    TmqFetchRawAnswer a;
    REQUIRE(decode_tmq_fetch_raw(v.bytes(), a).is_ok());
    data = a.data;
  }
  return {data.begin(), data.end()};
}

// Walks everything. True if the message is whole.
bool walk(std::span<const uint8_t> data, int *blocks = nullptr) {
  TmqMessage m;
  if (!m.open(data)) return false;
  TmqBlock b;
  for (bool done = false;;) {
    if (!m.next(b, done)) {
      bool again = false;
      REQUIRE_FALSE(m.next(b, again).is_ok());  // an error stays
      return false;
    }
    if (done) break;
    if (blocks) ++*blocks;
    REQUIRE(b.block.data() >= data.data());
    REQUIRE(b.block.data() + b.block.size() <= data.data() + data.size());
    TmqSchemaReader schema = b.schema();
    TmqSchemaEntry e;
    int entries = 0;
    while (schema.next(e)) {
      ++entries;
      const auto *name_end = reinterpret_cast<const uint8_t *>(e.name.data() + e.name.size());
      REQUIRE((e.name.empty() || name_end <= data.data() + data.size()));
    }
    REQUIRE(entries == b.schema_columns);
    BlockView view;
    (void)view.parse(b.block);
  }
  return true;
}

}  // namespace

TEST_CASE("tmq_message: recorded messages", "[wire][tmq]") {
  size_t seen = 0, with_names = 0;
  for (const auto &v : VectorFile::all()) {
    auto data = data_of(v);
    if (data.empty()) continue;
    INFO(v.name());
    ++seen;
    ExactCopy exact(data.data(), data.size());
    TmqMessage m;
    REQUIRE(m.open(span_of(exact)).is_ok());
    CHECK(m.block_count() == v.number("data.block_num"));
    CHECK(m.with_schema() == (v.number("data.with_schema") != 0));
    CHECK(m.with_table_name() == (v.number("data.with_table_name") != 0));
    for (int i = 0; i < m.block_count(); ++i) {
      const std::string at = "data.blocks." + std::to_string(i) + ".";
      TmqBlock b;
      bool done = true;
      REQUIRE(m.next(b, done).is_ok());
      REQUIRE_FALSE(done);
      CHECK(b.prefix_rows == v.number(at + "prefix.1"));
      CHECK(b.precision == v.number(at + "prefix.3"));
      BlockView block;
      REQUIRE(block.parse(b.block).is_ok());
      CHECK(block.length() == b.block.size());
      CHECK(block.version() == 2);
      CHECK(block.rows() == v.number(at + "block.rows"));
      CHECK(static_cast<int64_t>(block.columns().size()) == v.number(at + "block.cols"));
      if (cJSON_IsString(v.at(at + "table"))) {
        CHECK(std::string(b.table_name) == v.string(at + "table"));
        ++with_names;
      } else {
        CHECK_FALSE(b.has_table_name);
      }
      CHECK(b.schema_version == v.number(at + "schema_version"));
      REQUIRE(b.schema_columns == cJSON_GetArraySize(v.at(at + "schema")));
      TmqSchemaReader schema = b.schema();
      TmqSchemaEntry e;
      for (int c = 0; c < b.schema_columns; ++c) {
        const std::string entry = at + "schema." + std::to_string(c) + ".";
        REQUIRE(schema.next(e));
        CHECK(e.type == v.number(entry + "0"));
        CHECK(static_cast<int8_t>(e.flags) == v.number(entry + "1"));
        CHECK(e.bytes == v.number(entry + "2"));
        CHECK(e.column_id == v.number(entry + "3"));
        CHECK(std::string(e.name) == v.string(entry + "4"));
      }
      CHECK_FALSE(schema.next(e));
    }
    TmqBlock b;
    bool done = false;
    REQUIRE(m.next(b, done).is_ok());
    CHECK(done);
    auto tail = VectorFile::from_hex(v.string("data.tail_hex"));
    CHECK(std::vector<uint8_t>(m.tail().begin(), m.tail().end()) == tail);
  }
  CHECK(seen >= 5);
  CHECK(with_names >= 5);
}

TEST_CASE("tmq_message: the head of old servers, from the protocol text", "[wire][tmq]") {
  auto data = VectorFile::from_hex(
      "010000000000000000"
      "010500000000000000"
      "01000000"
      "0101"
      "c501"
      "0100000000000000"
      "0000000000000001"
      "0002"
      "02000000b300000001000000040000000000008000000000"
      "00000000"
      "0908000000"
      "0404000000"
      "0604000000"
      "0882000000"
      "08000000"
      "04000000"
      "04000000"
      "5c000000"
      "00c0ed8205c31bab17"
      "8000000000"
      "8000000000"
      "00000000"
      "5a0061");
  data.insert(data.end(), 88, 0x34);
  data.push_back(0x61);
  for (uint8_t b : VectorFile::from_hex("08000901100203747300040108040363310006010806036332000801840208036333"
                                        "0005637462300000000000000000"
                                        "00"))
    data.push_back(b);
  REQUIRE(data.size() == 272);
  TmqMessage m;
  REQUIRE(m.open(data).is_ok());
  CHECK(m.block_count() == 1);
  TmqBlock b;
  bool done = true;
  REQUIRE(m.next(b, done).is_ok());
  CHECK(b.prefix_rows == 1);
  CHECK(b.precision == 2);
  CHECK(b.table_name == "ctb0");
  CHECK(b.block.size() == 179);
  BlockView block;
  REQUIRE(block.parse(b.block).is_ok());
  CHECK(block.columns().size() == 4);
  TmqSchemaReader schema = b.schema();
  TmqSchemaEntry e;
  for (int i = 0; i < 4; ++i) REQUIRE(schema.next(e));
  CHECK(e.bytes == 130);
  CHECK(e.column_id == 4);
  CHECK(e.name == "c3");
  REQUIRE(m.next(b, done).is_ok());
  CHECK(done);
  CHECK(m.tail().size() == 8);

  // The other old offset types are 16 bytes long.
  for (uint8_t type : {2, 3}) {
    auto longer = data;
    longer[0] = type;
    longer.insert(longer.begin() + 1, 8, 0);
    CHECK(walk(longer));
    longer[17] = type;
    longer.insert(longer.begin() + 18, 8, 0);
    CHECK(walk(longer));
  }
  for (uint8_t type : {0, 4, 99, 128, 255}) {
    auto bad = data;
    bad[0] = type;
    CHECK_FALSE(walk(bad));
    bad = data;
    bad[9] = type;
    CHECK_FALSE(walk(bad));
  }
}

TEST_CASE("tmq_message: no rows", "[wire][tmq]") {
  auto data = VectorFile::from_hex(
      "6400000000"
      "00000000");
  TmqMessage m;
  REQUIRE(m.open(data).is_ok());
  CHECK(m.block_count() == 0);
  TmqBlock b;
  bool done = false;
  REQUIRE(m.next(b, done).is_ok());
  CHECK(done);
}

TEST_CASE("tmq_message: opaque messages are refused, not misread", "[wire][tmq]") {
  auto v = VectorFile::load("157");
  TmqRawAnswer a;
  REQUIRE(decode_tmq_raw_answer(v.bytes(), a).is_ok());
  CHECK_FALSE(TmqMessage::has_blocks(a.raw_type));
  CHECK_FALSE(walk(a.data));
}

TEST_CASE("tmq_message: every truncation is refused", "[wire][tmq]") {
  for (const auto &v : VectorFile::all()) {
    auto data = data_of(v);
    if (data.empty()) continue;
    INFO(v.name());
    CHECK(walk(data));
    const size_t tail = v.string("data.tail_hex").size() / 2;
    for (size_t n = 0; n < data.size(); ++n) {
      ExactCopy part(data.data(), n);
      bool whole = walk(span_of(part));
      INFO(n);
      REQUIRE(whole == (n >= data.size() - tail));  // what is behind the last block does not matter
    }
  }
}

TEST_CASE("tmq_message: hostile lengths", "[wire][tmq]") {
  auto data = data_of(VectorFile::load("148"));
  const size_t head = 1 + 4 + 18;
  auto changed = [&](size_t at, std::vector<uint8_t> bytes) {
    auto d = data;
    std::copy(bytes.begin(), bytes.end(), d.begin() + static_cast<std::ptrdiff_t>(at));
    return d;
  };
  CHECK(walk(data));
  CHECK_FALSE(walk(changed(1, {0xff, 0xff, 0xff, 0xff})));     // skip a negative number of bytes
  CHECK_FALSE(walk(changed(1, {0xff, 0xff, 0xff, 0x7f})));     // skip more than there is
  CHECK_FALSE(walk(changed(head, {0xff, 0xff, 0xff, 0x7f})));  // two thousand million blocks
  CHECK_FALSE(walk(changed(head, {0xff, 0xff, 0xff, 0xff})));  // minus one
  CHECK_FALSE(walk(changed(head + 4, {2})));                   // a flag that is neither
  CHECK_FALSE(walk(changed(head + 6, {0xff, 0xff})));          // a longer block
  CHECK_FALSE(walk(changed(head + 6, {0x05, 0x00})));          // a block shorter than its prefix
  CHECK_FALSE(walk(changed(head + 8, {2})));                   // stored rows
  CHECK_FALSE(walk(changed(head + 8 + 16, {1})));              // compressed
  CHECK_FALSE(walk(changed(head + 8 + 17, {3})));              // no such precision
  // A varint that never ends.
  auto endless = data;
  endless.resize(head + 6);
  endless.insert(endless.end(), 100, 0xff);
  CHECK_FALSE(walk(endless));
  // Ten million columns of nothing.
  const size_t schema = head + 8 + 18 + 122;
  CHECK(data[schema] == 8);
  CHECK_FALSE(walk(changed(schema, {0xff, 0xff, 0xff, 0x7f})));
}

TEST_CASE("tmq_message: damaged messages neither crash nor point outside", "[wire][tmq]") {
  Random random(11);
  for (const auto &v : VectorFile::all()) {
    auto data = data_of(v);
    if (data.empty()) continue;
    for (int round = 0; round < 2000; ++round) {
      ExactCopy damaged(data.data(), data.size());
      for (size_t k = random.below(4) + 1; k; --k)
        damaged.data()[random.below(damaged.size())] =
            round % 2 ? static_cast<uint8_t>(random.next()) : static_cast<uint8_t>(random.below(2) * 255);
      (void)walk(span_of(damaged));
    }
  }
}
