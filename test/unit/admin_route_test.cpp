#include "client/admin_route.h"

#include <catch2/catch.hpp>

using namespace opentaos::client;

namespace {

Route two_vgroups() {
  Route r;
  const int32_t ids[] = {7, 8};
  r.ranges = even_ranges(ids);
  return r;
}

int group(const char *table) { return two_vgroups().vgroup_of(table_hash(full_table_name("pc_mg", table), 0, 0)) - 7; }

}  // namespace

TEST_CASE("admin route: the range of hashes divided evenly") {
  const int32_t ids[] = {3, 4, 9};
  const auto three = even_ranges(ids);
  REQUIRE(three.size() == 3);
  CHECK(three[0].first == 0);
  CHECK(three[0].last == 0x55555554);
  CHECK(three[1].first == 0x55555555);
  CHECK(three[2].vgroup == 9);
  CHECK(three[2].last == 0xffffffff);
  const auto two = two_vgroups();
  CHECK(two.ranges[0].last == 0x7ffffffe);  // as TDengine tells it
  CHECK(two.ranges[1].first == 0x7fffffff);
  CHECK(even_ranges({}).empty());
  CHECK(two.vgroup_of(0) == 7);
  CHECK(two.vgroup_of(0x7ffffffe) == 7);
  CHECK(two.vgroup_of(0x7fffffff) == 8);
  CHECK(two.vgroup_of(0xffffffff) == 8);
  CHECK(Route().vgroup_of(5) == -1);
}

TEST_CASE("admin route: tables are where TDengine has put them") {
  // From the transcript of the misc probe.
  CHECK(group("c0") == 1);
  CHECK(group("c1") == 1);
  CHECK(group("c2") == 0);
  CHECK(group("c3") == 0);
  CHECK(group("c4") == 0);
  CHECK(group("c5") == 1);
  CHECK(group("not_made_yet") == 0);
}

TEST_CASE("admin route: Murmur3 with every length of rest") {
  CHECK(murmur3_32("") != 0);
  std::vector<uint32_t> seen;
  for (size_t n = 0; n <= 9; n++) {
    const uint32_t h = murmur3_32(std::string_view("\0\0\0\0\0\0\0\0\0", n));
    for (uint32_t other : seen) CHECK(h != other);
    seen.push_back(h);
  }
  CHECK(murmur3_32("abc") != murmur3_32("acb"));
}

TEST_CASE("admin route: prefix and suffix of a database") {
  CHECK(full_prefix("db", 0) == 0);
  CHECK(full_prefix("db", 3) == 8);    // 1.db. and three bytes are left out
  CHECK(full_prefix("db", -3) == -8);  // nothing but those counts
  const std::string a = full_table_name("db", "abcdef"), b = full_table_name("db", "xyzdef");
  CHECK(a == "1.db.abcdef");
  CHECK(table_hash(a, full_prefix("db", 3), 0) == murmur3_32("def"));
  CHECK(table_hash(a, full_prefix("db", 3), 0) == table_hash(b, full_prefix("db", 3), 0));
  CHECK(table_hash(a, full_prefix("db", 3), 2) == murmur3_32("d"));
  CHECK(table_hash(a, 0, 2) == murmur3_32("1.db.abcd"));
  CHECK(table_hash(a, full_prefix("db", -3), 0) == murmur3_32("1.db.abc"));
  CHECK(table_hash(a, full_prefix("db", -1), -2) == murmur3_32("1.db.aef"));
  CHECK(table_hash(a, 0, -2) == murmur3_32("ef"));
  // More than there is, or one of each sign: the whole name counts.
  CHECK(table_hash(a, 100, 0) == murmur3_32(a));
  CHECK(table_hash(a, -100, 0) == murmur3_32(a));
  CHECK(table_hash(a, 3, -3) == murmur3_32(a));
}
