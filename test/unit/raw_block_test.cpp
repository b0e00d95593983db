#include "wire/raw_block.h"

#include <catch2/catch.hpp>
#include <random>

#include "vector_file.h"
#include "wire/frames.h"

using namespace opentaos;
using wire::BlockView;

namespace {

std::vector<uint8_t> bytes_of(std::initializer_list<int> list) { return {list.begin(), list.end()}; }

// PROTOCOL 3.2: two rows of TIMESTAMP, INT and NCHAR.
const std::vector<uint8_t> kExample =
    bytes_of({0x01, 0,    0,    0,    0x63, 0,    0,    0,    0x02, 0,    0,    0,    0x03, 0,    0,    0,    0,
              0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0x09, 0x08, 0,    0,    0,    0x04,
              0x04, 0,    0,    0,    0x0a, 0,    0,    0,    0,    0x10, 0,    0,    0,    8,    0,    0,    0,
              0x0a, 0,    0,    0,    0x00, 0x00, 0x68, 0xe5, 0xcf, 0x8b, 0x01, 0,    0,    0xe8, 0x6b, 0xe5, 0xcf,
              0x8b, 0x01, 0,    0,    0x40, 0x0a, 0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,
              0xff, 0xff, 0xff, 0xff, 0x08, 0x00, 0x61, 0,    0,    0,    0x62, 0,    0,    0});

}  // namespace

TEST_CASE("raw block: the worked example") {
  REQUIRE(kExample.size() == 99);
  BlockView b;
  REQUIRE(b.parse(kExample));
  CHECK(b.version() == 1);
  CHECK(b.rows() == 2);
  REQUIRE(b.columns().size() == 3);
  CHECK(base::load_le<int64_t>(b.column(0).fixed(1)) == 1700000001000);
  CHECK_FALSE(b.column(1).is_null(0));
  CHECK(b.column(1).is_null(1));
  CHECK(base::load_le<int32_t>(b.column(1).fixed(0)) == 10);
  uint32_t n = 0;
  bool bad = false;
  REQUIRE(b.column(2).variable_value(0, &n, &bad) != nullptr);
  CHECK(n == 8);
  CHECK(b.column(2).variable_value(1, &n, &bad) == nullptr);
  CHECK_FALSE(bad);
  CHECK(b.offsets_are_sane());
}

TEST_CASE("raw block: cut at every byte it is refused") {
  for (size_t n = 0; n < kExample.size(); n++) {
    std::vector<uint8_t> cut(kExample.begin(), kExample.begin() + static_cast<long>(n));
    BlockView b;
    CHECK_FALSE(b.parse(cut));
    CHECK(b.rows() == 0);
    // Also when the block claims to be as short as it is.
    if (n >= 8) {
      base::store_le<int32_t>(cut.data() + 4, static_cast<int32_t>(n));
      CHECK_FALSE(b.parse(cut));
    }
  }
}

TEST_CASE("raw block: a byte behind the last column belongs to it") {
  auto with = kExample;
  with.push_back(0);
  base::store_le<int32_t>(with.data() + 4, static_cast<int32_t>(with.size()));
  BlockView b;
  CHECK(b.parse(with));
}

TEST_CASE("raw block: hostile numbers in every length field") {
  const int32_t evil[] = {0, 1, -1, 2, 27, 28, 98, 100, 0x7fffffff, INT32_MIN, 0x10000, 0x7fff0000};
  std::vector<size_t> fields = {0, 4, 8, 12, 43, 47, 51, 81, 85};
  for (size_t at : fields) {
    for (int32_t v : evil) {
      auto m = kExample;
      base::store_le<int32_t>(m.data() + at, v);
      BlockView b;
      if (!b.parse(m)) continue;
      // Whatever is accepted can be read in full without leaving the block.
      CHECK(b.length() <= m.size());
      for (const auto &c : b.columns()) {
        for (uint32_t r = 0; r < b.rows(); r++) {
          uint32_t n = 0;
          bool bad = false;
          if (c.variable) {
            const uint8_t *p = c.variable_value(r, &n, &bad);
            if (p) CHECK((p >= m.data() && p + n <= m.data() + m.size()));
          } else if (c.type != wire::kNull && !c.is_null(r)) {
            CHECK(c.fixed(r) + c.width <= m.data() + m.size());
          }
        }
      }
    }
  }
}

TEST_CASE("raw block: random damage never leads outside") {
  std::mt19937 random(12345);
  for (int i = 0; i < 20000; i++) {
    auto m = kExample;
    for (int k = 0; k < 3; k++) m[random() % m.size()] = static_cast<uint8_t>(random());
    BlockView b;
    if (b.parse(m)) (void)b.offsets_are_sane();
  }
}

TEST_CASE("raw block: an offset outside its column is told") {
  auto m = kExample;
  base::store_le<int32_t>(m.data() + 81, 9);  // length prefix would lie at the column's very end
  BlockView b;
  REQUIRE(b.parse(m));
  CHECK_FALSE(b.offsets_are_sane());
  CHECK_FALSE(b.offsets_are_sane(2));
  CHECK(b.offsets_are_sane(0));
}

TEST_CASE("raw block: widths programs declared, from the schema's") {
  CHECK(wire::user_width(wire::kVarchar, 22) == 20);
  CHECK(wire::user_width(wire::kNchar, 82) == 20);
  CHECK(wire::user_width(wire::kJson, 16384) == 4095);
  CHECK(wire::user_width(wire::kInt, 4) == 4);
  CHECK(wire::schema_width(wire::kNchar, 20) == 82);
}
