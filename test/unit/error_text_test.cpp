#include "base/error_text.h"

#include <catch2/catch.hpp>
#include <cstring>

using opentaos::base::error_text;

namespace {
std::string_view text_of(uint32_t code) {
  std::string_view text = error_text(static_cast<int32_t>(code));
  REQUIRE(std::strlen(text.data()) == text.size());
  return text;
}
}  // namespace

TEST_CASE("error text: what native answers") {
  CHECK(text_of(0) == "success");
  CHECK(text_of(0xffffffff) == "fail");
  CHECK(text_of(0xfffffffe) == "Unknown error 65534");
  CHECK(text_of(0x80000001) == "");
  CHECK(text_of(0x80000200) == "Invalid operation");
  CHECK(text_of(0x80000216) == "Syntax error in SQL");
  CHECK(text_of(0x80000357) == "Authentication failure");
  CHECK(text_of(0x80000388) == "Database not exist");
  CHECK(text_of(0x80002603) == "Table does not exist");
  CHECK(text_of(0x80002662) == "Fail to get table info");
  CHECK(text_of(0x80004000) == "Invalid message");
  CHECK(text_of(0x80004001) == "Consumer mismatch");
  CHECK(text_of(0x80004017) == "Invalid status, please subscribe topic first");
  CHECK(text_of(5) == "");
  CHECK(text_of(0x8000ffff) == "");

  CHECK(text_of(0x8000000b) == "Unable to establish connection");
  CHECK(text_of(0x80000117) == "Invalid pointer");
  CHECK(text_of(0x80000118) == "Invalid parameters");
  CHECK(text_of(0x80000207) == "Invalid user name");
  CHECK(text_of(0x80000208) == "Invalid password length");
  CHECK(text_of(0x80000209) == "Database name too long");
  CHECK(text_of(0x80000213) == "Disconnected from service");
  CHECK(text_of(0x8000022a) == "Stmt API usage error");
  CHECK(text_of(0x80000236) == "bind number out of range or not match");
  CHECK(text_of(0x80002601) == "Incomplete SQL statement");
  CHECK(text_of(0x80002616) == "Database not specified");
  CHECK(text_of(0x80ff0016) == "Invalid argument");
}

TEST_CASE("error text: every code has an answer") {
  size_t known = 0;
  for (uint32_t low = 0; low <= 0xffff; low++) {
    known += !text_of(0x80000000u | low).empty();
    CHECK(text_of(low).empty() == (low != 0));
    CHECK_FALSE(text_of(0x80ff0000u | low).empty());
    CHECK(text_of(0x90000000u | low).empty());
  }
  CHECK(known > 130);
  CHECK(text_of(0x7fffffff) == "Unknown error 65535");
}
