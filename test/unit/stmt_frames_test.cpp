#include "wire/stmt_frames.h"

#include <catch2/catch.hpp>

#include "bind_input.h"
#include "vector_file.h"
#include "wire/raw_block.h"

using opentaos::base::Buffer;
using opentaos::base::Status;
using opentaos::test::BoundColumn;
using opentaos::test::VectorFile;
using namespace opentaos::wire;

namespace {

struct Bound {
  std::vector<BoundColumn> columns;
  std::vector<ColumnInput> inputs;
  std::vector<BindField> fields;
};
Bound bound_of(const VectorFile &v) {
  Bound b;
  const cJSON *columns = v.at("block.columns");
  for (int i = 0; i < cJSON_GetArraySize(columns); ++i)
    b.columns.emplace_back(static_cast<int>(v.number("block.column_info." + std::to_string(i) + ".0")),
                           cJSON_GetArrayItem(columns, i), BoundColumn::Layout::kStrided);
  for (const auto &c : b.columns) {
    b.inputs.push_back(c.input());
    b.fields.push_back(c.field());
  }
  return b;
}
std::vector<uint8_t> content(const Buffer &b) { return {b.data(), b.data() + b.size()}; }
uint32_t code_of(const Status &s) { return static_cast<uint32_t>(s.code()); }

ColumnInput input(int type, const void *buffer, size_t stride, const int32_t *lengths, const char *nulls, int num) {
  ColumnInput c;
  c.type = type;
  c.buffer = buffer;
  c.stride = stride;
  c.lengths = lengths;
  c.is_null = nulls;
  c.num = num;
  return c;
}
BindField field(uint8_t type, int32_t bytes = 0) {
  BindField f;
  f.type = type;
  f.bytes = bytes;
  return f;
}

// A call that must fail and leave the buffer alone.
uint32_t refused(std::span<const ColumnInput> columns, std::span<const BindField> fields = {}) {
  Buffer b;
  b.append("kept");
  auto status = append_stmt_bind(b, 1, 1, columns, fields);
  CHECK(b.text() == "kept");
  CHECK_FALSE(status.message().empty());
  return code_of(status);
}

}  // namespace

TEST_CASE("stmt_frames: recorded frames, byte for byte", "[wire][stmt]") {
  for (const char *number : {"083", "084", "091", "094"}) {
    auto v = VectorFile::load(number);
    INFO(v.name());
    Bound b = bound_of(v);
    const auto req_id = static_cast<uint64_t>(v.number("req_id"));
    const auto stmt_id = static_cast<uint64_t>(v.number("resource_id"));
    for (bool known : {false, true}) {
      Buffer out;
      std::span<const BindField> fields = known ? std::span<const BindField>(b.fields) : std::span<const BindField>();
      auto status = v.number("action") == 1 ? append_stmt_set_tags(out, req_id, stmt_id, b.inputs, fields)
                                            : append_stmt_bind(out, req_id, stmt_id, b.inputs, fields);
      INFO(status.message());
      REQUIRE(status.is_ok());
      CHECK(content(out) == v.bytes());
    }
  }
}

TEST_CASE("stmt_frames: a block alone, as write raw takes it", "[wire][stmt]") {
  auto v = VectorFile::load("116");
  Bound b = bound_of(v);
  Buffer out;
  REQUIRE(append_block(out, b.inputs).is_ok());
  std::vector<uint8_t> block(v.bytes().begin() + 24 + 4 + 2 + 4, v.bytes().end());
  CHECK(content(out) == block);
}

TEST_CASE("stmt_frames: what is written reads back", "[wire][stmt]") {
  for (int rows : {1, 7, 8, 9, 64, 65, 1000}) {
    const auto n = static_cast<size_t>(rows);
    std::vector<int64_t> ts(n);
    std::vector<int16_t> small(n);
    std::vector<char> texts(n * 5, '!'), nulls(n);
    std::vector<int32_t> lengths(n);
    for (size_t i = 0; i < n; ++i) {
      ts[i] = 1000 + static_cast<int64_t>(i);
      small[i] = static_cast<int16_t>(i);
      nulls[i] = i % 3 == 1 ? static_cast<char>(i % 2 ? -1 : 1) : 0;
      lengths[i] = static_cast<int32_t>(i % 6);
      std::memset(texts.data() + 5 * i, 'a' + static_cast<int>(i % 26), i % 6);
    }
    const ColumnInput columns[] = {input(kTimestamp, ts.data(), 8, nullptr, nullptr, rows),
                                   input(kSmallInt, small.data(), 2, nullptr, nulls.data(), rows),
                                   input(kVarchar, texts.data(), 5, lengths.data(), nulls.data(), rows),
                                   input(kNchar, texts.data(), 5, lengths.data(), nullptr, rows),
                                   input(kBlob, texts.data(), 5, lengths.data(), nullptr, rows)};
    Buffer out;
    REQUIRE(append_block(out, columns).is_ok());
    BlockView block;
    auto status = block.parse(out.span());
    INFO(status.message());
    REQUIRE(status.is_ok());
    CHECK(block.length() == out.size());
    CHECK(block.offsets_are_sane());
    REQUIRE(block.rows() == n);
    bool bad = false;
    for (uint32_t i = 0; i < n; ++i) {
      REQUIRE_FALSE(block.column(0).is_null(i));
      REQUIRE(opentaos::base::load_le<int64_t>(block.column(0).fixed(i)) == ts[i]);
      REQUIRE(block.column(1).is_null(i) == (nulls[i] != 0));
      REQUIRE(opentaos::base::load_le<int16_t>(block.column(1).fixed(i)) == (nulls[i] ? 0 : small[i]));
      uint32_t size = 77;
      const uint8_t *p = block.column(2).variable_value(i, &size, &bad);
      REQUIRE((p == nullptr) == (nulls[i] != 0));
      if (p) {
        REQUIRE(size == static_cast<uint32_t>(lengths[i]));
        REQUIRE(std::memcmp(p, texts.data() + 5 * i, size) == 0);
      }
      REQUIRE(block.column(3).variable_value(i, &size, &bad));
      REQUIRE(size == 4 * static_cast<uint32_t>(lengths[i]));
      p = block.column(4).variable_value(i, &size, &bad);
      REQUIRE(std::memcmp(p, texts.data() + 5 * i, size) == 0);
    }
    CHECK_FALSE(bad);
  }
}

TEST_CASE("stmt_frames: NULLs need no memory, and a single one no type", "[wire][stmt]") {
  const char yes[] = {1, 1};
  const int64_t ts[] = {1, 2};
  Buffer out;
  const ColumnInput columns[] = {input(kTimestamp, ts, 8, nullptr, nullptr, 2),
                                 input(kInt, nullptr, 0, nullptr, yes, 2),
                                 input(kVarchar, nullptr, 0, nullptr, yes, 2)};
  REQUIRE(append_stmt_bind(out, 1, 1, columns).is_ok());
  BlockView block;
  REQUIRE(block.parse(out.span().subspan(24)).is_ok());
  CHECK(block.column(1).is_null(1));
  CHECK(block.column(2).is_null(0));
  CHECK(block.column(2).length == 0);

  const BindField fields[] = {field(kTimestamp), field(kNchar)};
  const ColumnInput untyped[] = {input(kTimestamp, ts, 8, nullptr, nullptr, 1), input(0, nullptr, 0, nullptr, yes, 1)};
  out.clear();
  REQUIRE(append_stmt_bind(out, 1, 1, untyped, fields).is_ok());
  REQUIRE(block.parse(out.span().subspan(24)).is_ok());
  CHECK(block.column(1).type == kNchar);

  // Empty values have no bytes either.
  const int32_t empty[] = {0, 0};
  for (int type : {kVarchar, kNchar, kBlob}) {
    const ColumnInput texts[] = {input(type, nullptr, 8, empty, nullptr, 2)};
    out.clear();
    REQUIRE(append_stmt_bind(out, 1, 1, texts).is_ok());
    REQUIRE(block.parse(out.span().subspan(24)).is_ok());
    CHECK_FALSE(block.column(0).is_null(1));
    CHECK(block.column(0).length == 2u * block.column(0).prefix);
  }

  // Natively nobody looks at the `num` of tags.
  const ColumnInput tag[] = {input(kInt, ts, 4, nullptr, nullptr, 0)};
  out.clear();
  CHECK(append_stmt_set_tags(out, 1, 1, tag).is_ok());
}

TEST_CASE("stmt_frames: errors are native ones", "[wire][stmt]") {
  const int64_t ts[] = {1, 2};
  const int32_t v[] = {2, 3}, lengths[] = {1, 20}, negative[] = {-1, 1};
  const char texts[2][32] = {"x", "this one is too long"};
  const double d[] = {3, 4};
  const BindField fields[] = {field(kTimestamp, 8), field(kInt, 4), field(kVarchar, 12), field(kDouble, 8)};
  auto four = [&](ColumnInput second, ColumnInput third, int num = 2) {
    return std::vector<ColumnInput>{input(kTimestamp, ts, 8, nullptr, nullptr, num), second, third,
                                    input(kDouble, d, 8, nullptr, nullptr, num)};
  };
  const auto ints = input(kInt, v, 4, nullptr, nullptr, 2);
  const auto strings = input(kVarchar, texts, 32, lengths, nullptr, 2);
  CHECK(refused(four(strings, strings), fields) == 0x80000200u);  // column type mis-match
  CHECK(refused(four(ints, strings), fields) == 0x80002653u);     // too long
  CHECK(refused(four(input(kInt, v, 4, nullptr, nullptr, 1), strings), fields) == 0x80000200u);  // uneven
  CHECK(refused(four(ints, strings, 0), fields) == 0x80000236u);
  CHECK(refused({}, fields) == 0x80000236u);
  CHECK(refused(std::vector<ColumnInput>{ints}, fields) == 0x80000236u);
  CHECK(refused(four(input(kInt, nullptr, 4, nullptr, nullptr, 2), strings)) == 0x80000118u);
  CHECK(refused(four(ints, input(kVarchar, texts, 32, nullptr, nullptr, 2))) == 0x80000118u);
  CHECK(refused(four(ints, input(kVarchar, texts, 32, negative, nullptr, 2))) == 0x80000118u);
  CHECK(refused(four(ints, input(kVarchar, nullptr, 32, lengths, nullptr, 2))) == 0x80000118u);
  CHECK(refused(four(ints, input(99, texts, 32, lengths, nullptr, 2))) == 0x80000200u);
  CHECK(refused(four(ints, input(kNchar, "\xff\xfe", 1, lengths, nullptr, 2), 2)) != 0);
  const int32_t ones[] = {1, 1};
  CHECK(refused(four(ints, input(kNchar, "\xff\xfe", 1, ones, nullptr, 2))) == 0x80000216u);

  // NCHAR is measured in characters.
  const char *three = "\xe6\xb6\x9b\xe6\x80\x9d\x61";
  const int32_t seven[] = {7};
  const BindField wide[] = {field(kNchar, 3 * 4 + 2)}, narrow[] = {field(kNchar, 2 * 4 + 2)};
  const ColumnInput nchar[] = {input(kNchar, three, 7, seven, nullptr, 1)};
  Buffer out;
  CHECK(append_stmt_bind(out, 1, 1, nchar, wide).is_ok());
  CHECK(refused(nchar, narrow) == 0x80002653u);
  // The length in front of a value has 16 bits.
  std::string big(70000, 'x');
  const int32_t size[] = {70000};
  CHECK(refused(std::vector<ColumnInput>{input(kVarchar, big.data(), 0, size, nullptr, 1)}) == 0x80002653u);
  CHECK(refused(std::vector<ColumnInput>{input(kNchar, big.data(), 0, size, nullptr, 1)}) == 0x80002653u);
  CHECK(append_stmt_bind(out, 1, 1, std::vector<ColumnInput>{input(kBlob, big.data(), 0, size, nullptr, 1)}).is_ok());
}
