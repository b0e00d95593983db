#include "client/admin.h"

#include <catch2/catch.hpp>

#include "client/admin_query.h"

using namespace opentaos::client;

TEST_CASE("admin: lists of allowed hosts, in the forms that servers have had") {
  auto a = parse_allowed_hosts("127.0.0.1,10.0.0.0/8");
  REQUIRE(a.size() == 2);
  CHECK(a[0].what == "127.0.0.1/32");
  CHECK(a[1].what == "10.0.0.0/8");
  a = parse_allowed_hosts("0.0.0.0/0, ::/0");
  REQUIRE(a.size() == 2);
  CHECK(a[1].what == "::/0");
  a = parse_allowed_hosts("-192.168.1.0/24, +::1, ");
  REQUIRE(a.size() == 2);
  CHECK(a[0].denied);
  CHECK(a[0].what == "192.168.1.0/24");
  CHECK_FALSE(a[1].denied);
  CHECK(a[1].what == "::1/128");
  a = parse_allowed_hosts("+ALL");
  REQUIRE(a.size() == 2);
  CHECK(a[0].what == "0.0.0.0/0");
  CHECK(a[1].what == "::/0");
  CHECK(parse_allowed_hosts("").empty());
  CHECK(parse_allowed_hosts(" , ,+").empty());
}

TEST_CASE("admin: lists of allowed times") {
  auto t = parse_allowed_times("+MON 08:00 60m, -2025-12-01 10:00 10m");
  REQUIRE(t.size() == 2);
  CHECK(t[0].what == "MON 08:00 60m");
  CHECK(t[1].denied);
  CHECK(t[1].what == "2025-12-01 10:00 10m");
  CHECK(parse_allowed_times("+ALL").front().what == "ALL");
}

TEST_CASE("admin: an IPv4 network as a number") {
  uint64_t v = 1;
  REQUIRE(pack_ipv4_network("0.0.0.0/0", &v));
  CHECK(v == 0);
  REQUIRE(pack_ipv4_network("127.0.0.1/32", &v));
  CHECK(v == 0x200100007full);
  CHECK_FALSE(pack_ipv4_network("::/0", &v));
  CHECK_FALSE(pack_ipv4_network("1.2.3.4", &v));
  CHECK_FALSE(pack_ipv4_network("1.2.3.4/33", &v));
  CHECK_FALSE(pack_ipv4_network("1.2.3.4/", &v));
  CHECK_FALSE(pack_ipv4_network("1.2.3.4/8x", &v));
  CHECK_FALSE(pack_ipv4_network("1.2.3/8", &v));
}

TEST_CASE("admin: lists of table names") {
  std::vector<TableName> n;
  REQUIRE(parse_table_list("A.b,`C`.`d.e` , f", "Cur", &n).is_ok());
  REQUIRE(n.size() == 3);
  CHECK(n[0].db == "a");
  CHECK(n[0].table == "b");
  CHECK(n[1].db == "C");
  CHECK(n[1].table == "d.e");
  CHECK(n[2].db == "Cur");
  CHECK(n[2].table == "f");
  REQUIRE(parse_table_list("  ", "", &n).is_ok());
  CHECK(n.empty());
  for (const char *bad : {"a.b.c.d, ,", "a,", ",a", "a.", ".a", "`a", "a b", "t"})
    CHECK(static_cast<uint32_t>(parse_table_list(bad, "", &n).code()) == 0x80000200u);
}

TEST_CASE("admin: names and literals in statements") {
  CHECK(sql_literal("a'b\\c") == "'a\\'b\\\\c'");
  CHECK(sql_name("a`b") == "`a``b`");
  CHECK(integer_of(std::string("-12"), 5) == -12);
  CHECK(integer_of(std::string("12x"), 5) == 5);
  CHECK(integer_of(std::string(), 5) == 5);
  CHECK(integer_of(std::nullopt, 5) == 5);
}
