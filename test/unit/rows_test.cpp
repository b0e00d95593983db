// Rows of a block.
#include <catch2/catch.hpp>
#include <memory>
#include <random>

#include "client/rows.h"

using namespace opentaos;
using namespace opentaos::client;

TEST_CASE("rows: null flags of a column, eight at a time and the rest") {
  for (uint32_t rows : {1u, 7u, 8u, 9u, 17u, 64u, 100u}) {
    std::vector<uint8_t> b(28 + 9);
    std::mt19937 random(rows);
    const size_t bitmap = (rows + 7) / 8;
    std::vector<bool> expected(rows);
    for (size_t i = 0; i < bitmap; i++) b.push_back(static_cast<uint8_t>(random()));
    for (uint32_t r = 0; r < rows; r++) expected[r] = (b[37 + r / 8] >> (7 - r % 8)) & 1;
    b.resize(b.size() + rows);
    base::store_le<int32_t>(b.data(), 1);
    base::store_le<int32_t>(b.data() + 4, static_cast<int32_t>(b.size()));
    base::store_le<int32_t>(b.data() + 8, static_cast<int32_t>(rows));
    base::store_le<int32_t>(b.data() + 12, 1);
    b[28] = wire::kTinyInt;
    base::store_le<int32_t>(b.data() + 29, 1);
    base::store_le<int32_t>(b.data() + 33, static_cast<int32_t>(rows));
    wire::BlockView view;
    REQUIRE(view.parse(b));
    std::unique_ptr<bool[]> flags(new bool[rows]);
    null_flags(view, 0, rows, flags.get());
    for (uint32_t r = 0; r < rows; r++) {
      CHECK(flags[r] == expected[r]);
      CHECK(is_null_at(view, r, 0) == expected[r]);
    }
    CHECK(is_null_at(view, rows, 0));
    CHECK(is_null_at(view, 0, 1));
  }
}
