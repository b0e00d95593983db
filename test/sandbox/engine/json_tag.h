// JSON tags: checked and put into the form the server keeps, members read with ->.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace opentaos::sandbox {

// The canonical text, members sorted by key. "", "null" and "{}" are NULL: has_value() with an empty string.
// Throws kErrInsertSyntax for what the server refuses.
std::string canonical_json(std::string_view text);

struct JsonMember {
  enum Kind { kString, kNumber, kBool, kNull } kind = kNull;
  std::string text;   // as the server prints it: "abc" in quotes, 1.000000000, true
  std::string plain;  // a string without quotes
  double number = 0;
};

// nullopt when the document has no such member.
std::optional<JsonMember> json_member(const std::string &document, const std::string &key);

}  // namespace opentaos::sandbox
