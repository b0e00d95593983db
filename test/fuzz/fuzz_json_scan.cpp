// Any bytes as JSON text: the scanner, the tree, and what is written read back.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "wire/json_scan.h"
#include "wire/json_tree.h"
#include "wire/json_write.h"

using namespace opentaos::wire;

namespace {

// Walks everything, without recursion, by entering each value in turn.
bool walk(std::string_view text) {
  JsonScan scan(text);
  std::string kinds;  // the open levels: '{' or '['
  std::string scratch;
  std::string_view key, value;
  bool number_or_bool = false;
  int64_t n = 0;
  auto take = [&]() {
    switch (scan.peek()) {
      case JsonScan::Kind::kObject: kinds.push_back('{'); return scan.enter_object();
      case JsonScan::Kind::kArray: kinds.push_back('['); return scan.enter_array();
      case JsonScan::Kind::kString: return scan.read_string(value, scratch);
      case JsonScan::Kind::kBool: return scan.read_bool(number_or_bool);
      case JsonScan::Kind::kNumber: {
        JsonScan copy = scan;
        if (copy.read_i64(n)) {
          scan = copy;
          return true;
        }
        return scan.skip_value();
      }
      default: return scan.skip_value();
    }
  };
  if (!take()) return false;
  while (!kinds.empty()) {
    const bool more = kinds.back() == '{' ? scan.next_member(key) : scan.next_element();
    if (!more) {
      if (scan.failed()) return false;
      kinds.pop_back();
    } else if (!take()) {
      return false;
    }
  }
  return scan.at_end();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const std::string_view text(reinterpret_cast<const char *>(data), size);
  const bool walked = walk(text);
  JsonScan skipping(text);
  const bool skipped = skipping.skip_value() && skipping.at_end();
  if (walked && !skipped) std::abort();  // skipping is the laxer of the two

  JsonTree tree;
  if (tree.parse(text) && !tree.root()) std::abort();

  opentaos::base::Buffer written;
  append_json_string(written, text);
  JsonScan back(written.text());
  std::string again;
  if (!back.read_string(again) || !back.at_end() || again != text) std::abort();
  return 0;
}
