#include "../../tools/options_doc.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "test_dir.h"

TEST_CASE("options: docs/options.md is what the table says") {
  std::ifstream in(std::string(opentaos::test::kTestDir) + "/../docs/options.md", std::ios::binary);
  REQUIRE(in);
  std::string written{std::istreambuf_iterator<char>(in), {}};
  bool same = written == opentaos::tools::options_document();
  INFO("write it again with tools/gen_options_doc.cpp");
  CHECK(same);
}
