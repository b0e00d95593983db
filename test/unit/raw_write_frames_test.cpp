#include "wire/raw_write_frames.h"

#include <catch2/catch.hpp>

#include "bind_input.h"
#include "vector_file.h"
#include "wire/frames.h"
#include "wire/raw_block.h"
#include "wire/stmt_frames.h"

using opentaos::base::Buffer;
using opentaos::base::Status;
using opentaos::test::ExactCopy;
using opentaos::test::VectorFile;
using namespace opentaos::wire;

namespace {

std::vector<uint8_t> content(const Buffer &b) { return {b.data(), b.data() + b.size()}; }
uint32_t code_of(const Status &s) { return static_cast<uint32_t>(s.code()); }

std::span<const uint8_t> block_in(const VectorFile &v) {
  const size_t at = 30 + v.string("table").size();
  return std::span<const uint8_t>(v.bytes()).subspan(at, static_cast<size_t>(v.number("block.length")));
}

}  // namespace

TEST_CASE("raw_write_frames: blocks, byte for byte", "[wire][raw]") {
  for (const char *number : {"114", "116", "117"}) {
    auto v = VectorFile::load(number);
    INFO(v.name());
    Buffer out;
    auto status = append_write_raw_block(out, static_cast<uint64_t>(v.number("req_id")),
                                         static_cast<int32_t>(v.number("rows")), v.string("table"), block_in(v));
    INFO(status.message());
    REQUIRE(status.is_ok());
    CHECK(content(out) == v.bytes());
  }
}

TEST_CASE("raw_write_frames: a block with the names of its columns", "[wire][raw]") {
  auto v = VectorFile::load("115");
  auto block = block_in(v);
  const uint8_t *p = block.data() + block.size();
  std::vector<RawColumnName> fields;
  for (; p < v.bytes().data() + v.bytes().size(); p += 72)
    fields.push_back(
        {reinterpret_cast<const char *>(p), static_cast<int8_t>(p[65]), opentaos::base::load_le<int32_t>(p + 68)});
  REQUIRE(fields.size() == 11);
  CHECK(fields[0].name == "ts");
  Buffer out;
  REQUIRE(append_write_raw_block_with_fields(out, 301, 2, "dst5", block, fields).is_ok());
  CHECK(content(out) == v.bytes());
  // The server would read beyond the message: refused here, as native does.
  fields.pop_back();
  out.clear();
  CHECK(code_of(append_write_raw_block_with_fields(out, 301, 2, "dst5", block, fields)) == 0x80000118u);
  fields.push_back({std::string_view("n"), 4, 4});
  std::string name(65, 'n');
  fields[0].name = name;
  CHECK(code_of(append_write_raw_block_with_fields(out, 301, 2, "dst5", block, fields)) == 0x80000118u);
  CHECK(out.empty());
}

TEST_CASE("raw_write_frames: TMQ messages, byte for byte", "[wire][raw]") {
  for (const char *number : {"159", "160", "161"}) {
    auto v = VectorFile::load(number);
    INFO(v.name());
    Buffer out;
    std::span<const uint8_t> data = std::span<const uint8_t>(v.bytes()).subspan(30);
    REQUIRE(append_write_raw(out, 900, 0, static_cast<uint16_t>(v.number("raw_type")), data).is_ok());
    CHECK(content(out) == v.bytes());
  }
  // What arrived can be sent on.
  for (const auto &v : VectorFile::all()) {
    if (!v.from_server() || v.kind() != "binary" || !v.has("raw_type") || !v.has("action")) continue;
    TmqRawAnswer a;
    REQUIRE(decode_tmq_raw_answer(v.bytes(), a).is_ok());
    Buffer out;
    INFO(v.name());
    CHECK(append_write_raw(out, 1, 0, a.raw_type, a.data).is_ok());
    CHECK(out.size() == 30 + a.data.size());
  }
}

TEST_CASE("raw_write_frames: broken data never leaves the process", "[wire][raw][never-sent]") {
  auto v = VectorFile::load("116");
  auto block = block_in(v);
  Buffer out;
  for (size_t n = 0; n < block.size(); ++n) {
    ExactCopy part(block.data(), n);
    REQUIRE(code_of(append_write_raw_block(out, 1, 1, "t", {part.data(), part.size()})) == 0x80000118u);
  }
  // Bytes behind the block stay behind.
  std::vector<uint8_t> longer(block.begin(), block.end());
  longer.insert(longer.end(), 10, 0xee);
  REQUIRE(append_write_raw_block(out, 302, 1, "dst6", longer).is_ok());
  CHECK(content(out) == v.bytes());
  out.clear();
  CHECK(code_of(append_write_raw_block(out, 1, 1, "", block)) == 0x80000118u);
  CHECK(code_of(append_write_raw_block(out, 1, 1, std::string(70000, 't'), block)) == 0x80000118u);

  auto text = VectorFile::load("055");
  FetchAnswer answer;
  REQUIRE(decode_fetch_answer(text.bytes(), answer).is_ok());
  std::vector<uint8_t> bad(answer.block.begin(), answer.block.end());
  REQUIRE(append_write_raw_block(out, 1, 1, "t", bad).is_ok());
  out.clear();
  BlockView view;
  REQUIRE(view.parse(bad).is_ok());
  opentaos::base::store_le<int32_t>(bad.data() + (view.column(0).head - view.base()), 100000);  // an offset
  CHECK(code_of(append_write_raw_block(out, 1, 1, "t", bad)) == 0x80000118u);

  auto message = VectorFile::load("160");
  for (size_t n = 30; n < message.bytes().size() - 8; n += 5) {
    ExactCopy part(message.bytes().data() + 30, n - 30);
    REQUIRE(code_of(append_write_raw(out, 1, 0, 2, {part.data(), part.size()})) == 0x80000118u);
  }
  CHECK(out.empty());
}

TEST_CASE("raw_write_frames: BLOB columns are refused where they end the server", "[wire][raw][never-sent]") {
  for (const char *number : {"061", "062"}) {
    auto v = VectorFile::load(number);
    FetchAnswer a;
    REQUIRE(decode_fetch_answer(v.bytes(), a).is_ok());
    Buffer out;
    CHECK(code_of(append_write_raw_block(out, 1, 1, "t", a.block)) == 0x80000100u);
    CHECK(out.empty());
    CHECK(append_write_raw_block(out, 1, 1, "t", a.block, RawBlobs::kAllow).is_ok());
    // The same block inside a TMQ message.
    Buffer data;
    data.append("\x64\0\0\0\0\1\0\0\0\0\0", 11);
    for (size_t n = a.block.size() + 18;; n >>= 7) {
      data.put<uint8_t>(static_cast<uint8_t>(n > 127 ? (n & 127) | 128 : n));
      if (n <= 127) break;
    }
    data.append("\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0", 18);
    data.append(a.block);
    out.clear();
    CHECK(code_of(append_write_raw(out, 1, 0, 2, data.span())) == 0x80000100u);
    CHECK(append_write_raw(out, 1, 0, 2, data.span(), RawBlobs::kAllow).is_ok());
  }
}
