#include "wire/json_write.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

using opentaos::base::Buffer;
using namespace opentaos::wire;

namespace {

std::string escaped_slowly(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto b = static_cast<uint8_t>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (b < 0x20) {
      char u[8];
      std::snprintf(u, sizeof u, "\\u%04x", b);
      out += u;
    } else {
      out += c;
    }
  }
  return out;
}

std::string escaped(std::string_view text) {
  Buffer b;
  b.append("x");
  const bool ascii = std::none_of(text.begin(), text.end(), [](char c) { return static_cast<uint8_t>(c) >= 0x80; });
  if (append_json_escaped(b, text) != ascii) FAIL("ASCII or not: " << text);
  return std::string(b.text().substr(1));
}

}  // namespace

TEST_CASE("json_write: every byte at every place", "[wire][json]") {
  for (size_t length : {1u, 2u, 3u, 4u, 5u, 7u, 8u, 9u, 15u, 16u, 17u, 24u, 31u, 33u}) {
    for (size_t at = 0; at < length; at++) {
      for (int byte = 0; byte < 256; byte++) {
        std::string text(length, 'a');
        text[at] = static_cast<char>(byte);
        if (escaped(text) != escaped_slowly(text)) FAIL(length << " " << at << " " << byte);
      }
    }
  }
  CHECK(escaped("").empty());
}

TEST_CASE("json_write: many escapes grow the buffer as they need", "[wire][json]") {
  for (size_t length = 0; length < 300; length++) {
    const std::string worst(length, '\1'), quotes(length, '"');
    REQUIRE(escaped(worst) == escaped_slowly(worst));
    REQUIRE(escaped(quotes) == escaped_slowly(quotes));
  }
  std::string mixed;
  for (int i = 0; i < 100000; i++) mixed += static_cast<char>(i * 7 + i / 256);
  CHECK(escaped(mixed) == escaped_slowly(mixed));
  Buffer b;
  append_json_string(b, "a\"b");
  CHECK(b.text() == "\"a\\\"b\"");
}
