// Builds what a program would hand over for a prepared statement from the `decoded` values of a vector.
#pragma once
#include <cjson/cJSON.h>

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "vector_file.h"
#include "wire/column_input.h"
#include "wire/types.h"

namespace opentaos::test {

// One column with exactly as much memory as a program must provide, so that the address sanitizer sees every read
// beyond it.
class BoundColumn {
 public:
  enum class Layout { kStrided, kPacked };

  BoundColumn(int type, const cJSON *values, Layout layout, const cJSON *null_flags = nullptr) : type_(type) {
    const bool text = wire::is_variable(type) || wire::is_decimal(type);
    std::vector<std::string> cells;
    bool any_null = false;
    for (const cJSON *v = values->child; v; v = v->next) {
      const bool null = cJSON_IsNull(v);
      any_null = any_null || null;
      flags_.push_back(null ? 1 : 0);
      cells.push_back(null ? std::string() : cell(v));
      lengths_.push_back(static_cast<int32_t>(cells.back().size()));
      stride_ = std::max(stride_, cells.back().size());
    }
    for (size_t i = 0; null_flags && i < flags_.size(); ++i)
      flags_[i] = static_cast<char>(cJSON_GetArrayItem(null_flags, static_cast<int>(i))->valueint);
    has_flags_ = any_null || null_flags;
    has_lengths_ = text;
    if (!text) stride_ = static_cast<size_t>(wire::fixed_size(type));
    std::string memory;
    for (size_t i = 0; i < cells.size(); ++i) {
      std::string padded = cells[i];
      // What stands in the place of a NULL, or behind a short value, is the caller's business: anything.
      if (!text || layout == Layout::kStrided) padded.resize(stride_, '\xee');
      memory += padded;
    }
    memory_ = std::make_unique<ExactCopy>(memory.data(), memory.size());
  }

  wire::ColumnInput input() const {
    wire::ColumnInput c;
    c.type = type_;
    c.buffer = memory_->data();
    c.stride = stride_;
    c.lengths = has_lengths_ ? lengths_.data() : nullptr;
    c.is_null = has_flags_ ? flags_.data() : nullptr;
    c.num = static_cast<int>(flags_.size());
    return c;
  }
  // The field the server would have told about.
  wire::BindField field() const {
    wire::BindField f;
    f.type = static_cast<uint8_t>(type_);
    return f;
  }

 private:
  std::string cell(const cJSON *v) const {
    char raw[16] = {};
    const size_t width = static_cast<size_t>(wire::fixed_size(type_));
    switch (type_) {
      case wire::kFloat: {
        auto f = static_cast<float>(v->valuedouble);
        std::memcpy(raw, &f, sizeof f);
        return {raw, width};
      }
      case wire::kDouble: std::memcpy(raw, &v->valuedouble, 8); return {raw, width};
      case wire::kVarbinary:
      case wire::kGeometry:
      case wire::kBlob: {
        auto bytes = VectorFile::from_hex(v->valuestring);
        return {reinterpret_cast<const char *>(bytes.data()), bytes.size()};
      }
      default: break;
    }
    if (cJSON_IsString(v)) return v->valuestring;
    if (cJSON_IsBool(v)) {
      raw[0] = cJSON_IsTrue(v) ? 1 : 0;
      return {raw, width};
    }
    // 2^64 - 1 has passed through a double.
    uint64_t n = v->valuedouble >= 18446744073709551615.0 ? UINT64_MAX
                 : v->valuedouble < 0                     ? static_cast<uint64_t>(static_cast<int64_t>(v->valuedouble))
                                                          : static_cast<uint64_t>(v->valuedouble);
    std::memcpy(raw, &n, 8);
    return {raw, width};
  }

  int type_;
  size_t stride_ = 0;
  bool has_flags_ = false, has_lengths_ = false;
  std::vector<char> flags_;
  std::vector<int32_t> lengths_;
  std::unique_ptr<ExactCopy> memory_;
};

}  // namespace opentaos::test
