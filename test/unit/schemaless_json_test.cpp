#include "client/schemaless_json.h"

#include <catch2/catch.hpp>
#include <string>

using opentaos::client::is_fatal_json;

TEST_CASE("schemaless_json: what the server survives", "[client][schemaless]") {
  for (const char *harmless : {"",
                               " ",
                               "{",
                               "[",
                               "]",
                               "{}",
                               "[]",
                               "not json",
                               "5",
                               "\"metric\"",
                               "[1,2]",
                               "[\"a\"]",
                               "[[],{}]",
                               "[null]",
                               R"({"metric":"m","timestamp":1,"value":1,"tags":{"a":1}})",
                               R"([{"metric":"m","timestamp":1,"value":1,"tags":{"a":1}} , {"metric":"n"}])",
                               R"({"value":{"metric":5},"metric":"m"})",
                               R"({"tags":{"metric":5,"tags":[1]},"metric":"m"})",
                               R"({"metrics":5})",
                               R"({"metri":5})",
                               R"({"metric\\":5})",
                               R"({"a":"\"metric\":5"})",
                               R"({"metric":"a","value":[1,2]})",
                               R"({"tags":"x","metric":"m"})",
                               R"({"tags":5,"metric":"m"})"}) {
    INFO(harmless);
    CHECK_FALSE(is_fatal_json(harmless));
  }
}

TEST_CASE("schemaless_json: what ends the server process", "[client][schemaless]") {
  for (const char *fatal : {R"({"metric":5,"timestamp":1,"value":1,"tags":{"a":1}})",
                            R"({"metric" : null})",
                            R"({"metric":true})",
                            R"({"metric":{"a":"b"}})",
                            R"({"metric":["m"]})",
                            R"([{"metric":"m"},{"metric":-1.5e3}])",
                            R"({"METRIC":5})",
                            R"({"m\u0065tric":5})",
                            R"({"metric\u0000x":5})",
                            R"({"metric":"m","metric":5})",
                            R"({"metric":"m","tags":[1]})",
                            R"({"metric":"m","tags":[]})",
                            R"([[{"metric":"m"}]])",
                            R"([[1,2,3,4]])",
                            "\xef\xbb\xbf{\"metric\":5}",
                            "\n\t {\"metric\"\n:\r5 }",
                            R"({"metric":5} and more)",
                            R"({"metric":5)"
                            "\x01}",
                            R"({"metric":five})",
                            R"([{"metric":5}]{)"}) {
    INFO(fatal);
    CHECK(is_fatal_json(fatal));
  }
}

TEST_CASE("schemaless_json: what is broken before its end is not looked at by the server either",
          "[client][schemaless]") {
  for (const char *broken :
       {R"({"metric":5)", R"({"metric":5,)", R"({"metric":5,})", R"({"metric":5,"a)", R"({"metric":5 "a":1})",
        R"([{"metric":5},)", R"([{"metric":5})", R"([{"metric":5} {"metric":5}])", R"({"metric":5,"a":"\)",
        R"({"metric":})", R"({"metric"})", R"({5:5})", R"({"metric":5]})"}) {
    INFO(broken);
    CHECK_FALSE(is_fatal_json(broken));
  }
  // Too deep for the server, and no recursion here.
  std::string deep = R"({"metric":5,"a":)";
  deep.append(2000000, '[');
  CHECK_FALSE(is_fatal_json(deep));
  std::string nested = R"({"a":)" + std::string(900, '[') + std::string(900, ']') + R"(,"metric":5})";
  CHECK(is_fatal_json(nested));
}

TEST_CASE("schemaless_json: never beyond the end", "[client][schemaless]") {
  const std::string whole =
      R"([{"metric":"m\u0041","timestamp":{"value":1,"type":"ms"},"tags":{"a":[1,"x"]}},{"metric":5}])";
  CHECK(is_fatal_json(whole));
  for (size_t n = 0; n < whole.size(); n++) {
    const std::string part(whole, 0, n);
    CHECK_FALSE(is_fatal_json(std::string_view(part.data(), part.size())));
  }
}
