#include "wire/frames.h"

#include <catch2/catch.hpp>
#include <functional>

#include "vector_file.h"
#include "wire/raw_block.h"

using opentaos::base::Status;
using opentaos::test::ExactCopy;
using opentaos::test::Random;
using opentaos::test::VectorFile;
using namespace opentaos::wire;

namespace {

std::span<const uint8_t> span_of(const ExactCopy &c) { return {c.data(), c.size()}; }

bool inside(std::span<const uint8_t> part, const ExactCopy &whole) {
  return part.empty() || (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

void check_block(std::span<const uint8_t> bytes, const VectorFile &v, const std::string &at) {
  BlockView block;
  auto status = block.parse(bytes);
  INFO(status.message());
  REQUIRE(status.is_ok());
  CHECK(block.version() == v.number(at + ".version"));
  CHECK(block.length() == v.number(at + ".length"));
  CHECK(block.length() == bytes.size());
  CHECK(block.rows() == v.number(at + ".rows"));
  CHECK(static_cast<int64_t>(block.columns().size()) == v.number(at + ".cols"));
}

// The recorded frames by what decodes them.
using Decode = std::function<Status(std::span<const uint8_t>)>;
Decode decoder_of(const VectorFile &v) {
  if (!v.from_server() || v.kind() != "binary") return {};
  const bool self_describing = cJSON_IsNumber(v.at("action"));
  if (self_describing && v.number("action") == 7)
    return [](auto b) {
      FetchAnswer a;
      return decode_fetch_answer(b, a);
    };
  if (self_describing && v.number("action") == 8)
    return [](auto b) {
      TmqRawAnswer a;
      return decode_tmq_raw_answer(b, a);
    };
  if (v.has("fetch_req_id"))
    return [](auto b) {
      TmqFetchBlockAnswer a;
      return decode_tmq_fetch_block(b, a);
    };
  if (v.has("raw_type"))
    return [](auto b) {
      TmqFetchRawAnswer a;
      return decode_tmq_fetch_raw(b, a);
    };
  if (v.has("result_id"))
    return [](auto b) {
      FetchBlockAnswer a;
      return decode_fetch_block(b, a);
    };
  return {};
}

}  // namespace

TEST_CASE("frames: fetch answers say what was recorded", "[wire][frames]") {
  size_t blocks = 0, ends = 0, errors = 0;
  for (const auto &v : VectorFile::all()) {
    if (!v.from_server() || v.kind() != "binary" || !cJSON_IsNumber(v.at("action")) || v.number("action") != 7)
      continue;
    INFO(v.name());
    ExactCopy frame(v.bytes().data(), v.bytes().size());
    auto key = classify_frame(span_of(frame));
    CHECK(key.kind == FrameKind::kFetchAnswer);
    CHECK(key.req_id == static_cast<uint64_t>(v.number("req_id")));
    FetchAnswer a;
    auto status = decode_fetch_answer(span_of(frame), a);
    INFO(status.message());
    REQUIRE(status.is_ok());
    CHECK(a.timing == v.number("timing"));
    CHECK(a.req_id == static_cast<uint64_t>(v.number("req_id")));
    CHECK(a.code == v.number("code"));
    CHECK(std::string(a.message) == v.string("message"));
    CHECK(a.result_id == static_cast<uint64_t>(v.number("result_id")));
    CHECK(a.finished == (v.number("finished") != 0));
    CHECK(inside(a.block, frame));
    if (v.has("block")) {
      check_block(a.block, v, "block");
      ++blocks;
    } else if (a.code) {
      CHECK(a.status().code() == static_cast<int32_t>(0x80000000u | a.code));
      CHECK(a.status().message() == v.string("message"));
      ++errors;
    } else {
      ++ends;
    }
  }
  CHECK(blocks > 25);
  CHECK(ends >= 2);
  CHECK(errors >= 1);
}

TEST_CASE("frames: TMQ raw data answers say what was recorded", "[wire][frames]") {
  size_t seen = 0;
  for (const auto &v : VectorFile::all()) {
    if (!v.from_server() || v.kind() != "binary" || !cJSON_IsNumber(v.at("action")) || v.number("action") != 8)
      continue;
    INFO(v.name());
    ExactCopy frame(v.bytes().data(), v.bytes().size());
    auto key = classify_frame(span_of(frame));
    CHECK(key.kind == FrameKind::kTmqRawAnswer);
    CHECK(key.req_id == static_cast<uint64_t>(v.number("req_id")));
    TmqRawAnswer a;
    REQUIRE(decode_tmq_raw_answer(span_of(frame), a).is_ok());
    ++seen;
    CHECK(a.timing == v.number("timing"));
    CHECK(a.req_id == key.req_id);
    CHECK(a.code == v.number("code"));
    CHECK(std::string(a.message) == v.string("message"));
    CHECK(a.message_id == static_cast<uint64_t>(v.number("message_id")));
    if (v.has("raw_type")) {
      CHECK(a.raw_type == v.number("raw_type"));
      CHECK(a.data.data() + a.data.size() == frame.data() + frame.size());
    } else {
      CHECK_FALSE(a.ok());
      CHECK(a.data.empty());
    }
    if (v.has("data.opaque_hex")) {
      auto expected = VectorFile::from_hex(v.string("data.opaque_hex"));
      CHECK(std::vector<uint8_t>(a.data.begin(), a.data.end()) == expected);
    }
  }
  CHECK(seen >= 10);
}

TEST_CASE("frames: old-style frames say what was recorded", "[wire][frames]") {
  {
    auto v = VectorFile::load("023");
    ExactCopy frame(v.bytes().data(), v.bytes().size());
    auto key = classify_frame(span_of(frame));
    CHECK(key.kind == FrameKind::kOldStyle);
    CHECK(key.second == 1);
    FetchBlockAnswer a;
    REQUIRE(decode_fetch_block(span_of(frame), a).is_ok());
    CHECK(a.timing == v.number("timing"));
    CHECK(a.result_id == static_cast<uint64_t>(v.number("result_id")));
    check_block(a.block, v, "block");
  }
  {
    auto v = VectorFile::load("131");
    ExactCopy frame(v.bytes().data(), v.bytes().size());
    auto key = classify_frame(span_of(frame));
    CHECK(key.kind == FrameKind::kOldStyle);
    CHECK(key.second == 11);
    CHECK(key.third == 1);
    TmqFetchBlockAnswer a;
    REQUIRE(decode_tmq_fetch_block(span_of(frame), a).is_ok());
    CHECK(a.timing == v.number("timing"));
    CHECK(a.fetch_req_id == 11);
    CHECK(a.message_id == 1);
    check_block(a.block, v, "block");
  }
  {
    auto v = VectorFile::load("135");
    ExactCopy frame(v.bytes().data(), v.bytes().size());
    CHECK(classify_frame(span_of(frame)).kind == FrameKind::kOldStyle);
    TmqFetchRawAnswer a;
    REQUIRE(decode_tmq_fetch_raw(span_of(frame), a).is_ok());
    CHECK(a.timing == v.number("timing"));
    CHECK(a.req_id == static_cast<uint64_t>(v.number("req_id")));
    CHECK(a.message_id == static_cast<uint64_t>(v.number("message_id")));
    CHECK(a.raw_type == v.number("raw_type"));
    CHECK(a.data.size() == static_cast<size_t>(v.number("length")));
    // The same message as the newer action gives.
    auto newer = VectorFile::load("134");
    TmqRawAnswer b;
    REQUIRE(decode_tmq_raw_answer(newer.bytes(), b).is_ok());
    CHECK(std::vector<uint8_t>(a.data.begin(), a.data.end()) == std::vector<uint8_t>(b.data.begin(), b.data.end()));
  }
}

TEST_CASE("frames: every truncation of every recorded frame is refused", "[wire][frames]") {
  size_t seen = 0;
  for (const auto &v : VectorFile::all()) {
    Decode decode = decoder_of(v);
    if (!decode) continue;
    INFO(v.name());
    ++seen;
    CHECK(decode(v.bytes()).is_ok());
    for (size_t n = 0; n < v.bytes().size(); ++n) {
      ExactCopy part(v.bytes().data(), n);
      (void)classify_frame(span_of(part));
      auto status = decode(span_of(part));
      // Old-style frames have no length of their own: their block says whether it is whole.
      if (v.has("fetch_req_id") || v.name().rfind("023", 0) == 0) {
        if (!status) continue;
        BlockView block;
        FetchBlockAnswer a;
        TmqFetchBlockAnswer b;
        std::span<const uint8_t> bytes;
        if (v.has("fetch_req_id")) {
          REQUIRE(decode_tmq_fetch_block(span_of(part), b).is_ok());
          bytes = b.block;
        } else {
          REQUIRE(decode_fetch_block(span_of(part), a).is_ok());
          bytes = a.block;
        }
        REQUIRE_FALSE(block.parse(bytes).is_ok());
      } else {
        INFO(n);
        REQUIRE_FALSE(status.is_ok());
      }
    }
  }
  CHECK(seen > 40);
}

TEST_CASE("frames: hostile lengths and unknown forms", "[wire][frames]") {
  auto v = VectorFile::load("036");
  auto refused_with = [&](size_t at, std::initializer_list<uint8_t> bytes) {
    ExactCopy frame(v.bytes().data(), v.bytes().size());
    std::copy(bytes.begin(), bytes.end(), frame.data() + at);
    FetchAnswer a;
    return !decode_fetch_answer(span_of(frame), a).is_ok();
  };
  CHECK(refused_with(0, {0}));                        // old style
  CHECK(refused_with(8, {8}));                        // another action
  CHECK(refused_with(16, {2}));                       // another version
  CHECK(refused_with(38, {0xff, 0xff, 0xff, 0xff}));  // message length
  CHECK(refused_with(38, {0xff, 0xff, 0xff, 0x7f}));
  CHECK(refused_with(51, {0xff, 0xff, 0xff, 0xff}));  // block length
  CHECK(refused_with(51, {0x30, 0, 0, 0}));           // one more than there is
  CHECK(refused_with(51, {0, 0, 0, 0}));              // no block
  CHECK(refused_with(34, {1}));                       // an error that brings a block

  CHECK(classify_frame({}).kind == FrameKind::kBroken);
  ExactCopy unknown(v.bytes().data(), v.bytes().size());
  unknown.data()[8] = 9;
  CHECK(classify_frame(span_of(unknown)).kind == FrameKind::kBroken);
  for (size_t n = 0; n < 34; ++n) {
    ExactCopy part(v.bytes().data(), n);
    CHECK(classify_frame(span_of(part)).kind == FrameKind::kBroken);
  }
  // The example of the protocol text: result id and id behind a message.
  auto error = VectorFile::load("039");
  FetchAnswer a;
  REQUIRE(decode_fetch_answer(error.bytes(), a).is_ok());
  CHECK(a.message == "result is nil");
  CHECK(a.result_id == 999);
  CHECK(a.finished);

  auto raw = VectorFile::load("135");
  ExactCopy constant(raw.bytes().data(), raw.bytes().size());
  constant.data()[24] = 4;
  TmqFetchRawAnswer r;
  CHECK_FALSE(decode_tmq_fetch_raw(span_of(constant), r).is_ok());
}

TEST_CASE("frames: damaged frames neither crash nor point outside", "[wire][frames]") {
  Random random(7);
  for (const auto &v : VectorFile::all()) {
    if (!decoder_of(v)) continue;
    INFO(v.name());
    for (int round = 0; round < 300; ++round) {
      ExactCopy frame(v.bytes().data(), v.bytes().size());
      for (size_t k = random.below(4) + 1; k; --k) {
        size_t at = random.below(std::min<size_t>(frame.size(), 80));
        frame.data()[at] =
            round % 2 ? static_cast<uint8_t>(random.next()) : static_cast<uint8_t>(random.below(2) * 255);
      }
      (void)classify_frame(span_of(frame));
      FetchAnswer a;
      if (decode_fetch_answer(span_of(frame), a)) REQUIRE(inside(a.block, frame));
      TmqRawAnswer b;
      if (decode_tmq_raw_answer(span_of(frame), b)) REQUIRE(inside(b.data, frame));
      FetchBlockAnswer c;
      if (decode_fetch_block(span_of(frame), c)) REQUIRE(inside(c.block, frame));
      TmqFetchBlockAnswer d;
      if (decode_tmq_fetch_block(span_of(frame), d)) REQUIRE(inside(d.block, frame));
      TmqFetchRawAnswer e;
      if (decode_tmq_fetch_raw(span_of(frame), e)) REQUIRE(inside(e.data, frame));
    }
  }
}
