#include "../../tools/options_doc.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

TEST_CASE("options: docs/options.md is what the table says") {
  std::ifstream in(OTS_TEST_DIR "/../docs/options.md", std::ios::binary);
  REQUIRE(in);
  std::string written{std::istreambuf_iterator<char>(in), {}};
  bool same = written == opentaos::tools::options_document();
  INFO("write it again with tools/gen_options_doc.cpp");
  CHECK(same);
}
