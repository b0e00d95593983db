// A JSON text as a cJSON tree, for the rare answers whose shape is a tree. cJSON recurses and keeps numbers as doubles,
// so nesting and size are checked before it sees the text, and integers only count while a double is exact; 64-bit
// numbers are read by JsonScan.
#pragma once
#include <cjson/cJSON.h>

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/status.h"

namespace opentaos::wire {

class JsonTree {
 public:
  static constexpr size_t kMaxText = size_t{16} << 20;
  static constexpr unsigned kMaxDepth = 32;

  [[nodiscard]] base::Status parse(std::string_view text);
  const cJSON *root() const { return root_.get(); }

  // The last member of that name, nullptr if there is none.
  static const cJSON *member(const cJSON *object, const char *name);
  // A whole number within the bounds. An absent or null member reads as 0.
  static bool integer(const cJSON *object, const char *name, int64_t low, int64_t high, int64_t &out);
  static bool as_integer(const cJSON *value, int64_t low, int64_t high, int64_t &out);
  // The text of a string member, empty if absent or null. False for anything else.
  static bool text(const cJSON *object, const char *name, std::string_view &out);

 private:
  struct Delete {
    void operator()(cJSON *p) const { cJSON_Delete(p); }
  };
  std::unique_ptr<cJSON, Delete> root_;
};

}  // namespace opentaos::wire
