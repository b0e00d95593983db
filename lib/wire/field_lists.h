// The parallel arrays fields_names, fields_types, ... that describe the columns of a result.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "wire/json_scan.h"

namespace opentaos::wire {

// Twice the columns a table may have; more is a broken or hostile server.
inline constexpr int32_t kMaxFields = 8192;

struct FieldMeta {
  static constexpr size_t kNameMax = 64;
  char name[kNameMax + 1] = {};  // cut at 64 bytes or at its first NUL
  uint8_t type = 0;
  uint8_t precision = 0;  // of decimals; the time precision of a result is another matter
  uint8_t scale = 0;
  int32_t bytes = 0;

  void set_name(std::string_view text);
};

class FieldListsReader {
 public:
  explicit FieldListsReader(std::vector<FieldMeta> &fields) : fields_(fields) {}

  // True if the member was one of the lists, or fields_count, and was read.
  bool read(JsonScan &scan, std::string_view key);
  // Once all members were seen: the lists agree with fields_count, and so does the vector from then on.
  [[nodiscard]] base::Status finish();
  int32_t count() const { return count_; }

 private:
  static constexpr int32_t kAbsent = -1;  // not there, or null
  template <typename Member>
  bool read_numbers(JsonScan &scan, int32_t &seen, int64_t high, Member FieldMeta::*member);
  bool read_names(JsonScan &scan);
  bool begin(JsonScan &scan, int32_t &seen);
  FieldMeta *at(JsonScan &scan, int32_t n);

  std::vector<FieldMeta> &fields_;
  int32_t count_ = 0;
  int32_t names_ = kAbsent, types_ = kAbsent, lengths_ = kAbsent, precisions_ = kAbsent, scales_ = kAbsent;
  std::string scratch_;
};

}  // namespace opentaos::wire
