#include "wire/field_lists.h"

#include <algorithm>
#include <cstring>

#include "wire/protocol_error.h"

namespace opentaos::wire {

void FieldMeta::set_name(std::string_view text) {
  text = text.substr(0, text.find('\0'));
  size_t n = std::min(text.size(), kNameMax);
  if (n) std::memcpy(name, text.data(), n);
  std::memset(name + n, 0, sizeof name - n);
}

// False if the list is null (which is fine) or not a list.
bool FieldListsReader::begin(JsonScan &scan, int32_t &seen) {
  seen = kAbsent;
  if (scan.peek() == JsonScan::Kind::kNull) {
    (void)scan.skip_value();
    return false;
  }
  return scan.enter_array();
}

inline FieldMeta *FieldListsReader::at(JsonScan &scan, int32_t n) {
  if (n == kMaxFields) {
    (void)scan.reject();
    return nullptr;
  }
  if (static_cast<size_t>(n) == fields_.size()) fields_.emplace_back();
  return &fields_[static_cast<size_t>(n)];
}

bool FieldListsReader::read_names(JsonScan &scan) {
  if (!begin(scan, names_)) return !scan.failed();
  int32_t n = 0;
  while (scan.next_element()) {
    FieldMeta *field = at(scan, n);
    std::string_view name;
    if (!field || !scan.read_string(name, scratch_)) return false;
    field->set_name(name);
    ++n;
  }
  names_ = n;
  return !scan.failed();
}

template <typename Member>
bool FieldListsReader::read_numbers(JsonScan &scan, int32_t &seen, int64_t high, Member FieldMeta::*member) {
  if (!begin(scan, seen)) return !scan.failed();
  int32_t n = 0;
  while (scan.next_element()) {
    FieldMeta *field = at(scan, n);
    int64_t value = 0;
    if (!field || !scan.read_int(0, high, value)) return false;
    field->*member = static_cast<Member>(value);
    ++n;
  }
  seen = n;
  return !scan.failed();
}

bool FieldListsReader::read(JsonScan &scan, std::string_view key) {
  if (key == "fields_count") {
    int64_t n = 0;
    if (!scan.read_int(0, kMaxFields, n)) return false;
    count_ = static_cast<int32_t>(n);
    fields_.reserve(static_cast<size_t>(n));
    return true;
  }
  if (key == "fields_names") return read_names(scan);
  if (key == "fields_types") return read_numbers(scan, types_, UINT8_MAX, &FieldMeta::type);
  if (key == "fields_lengths") return read_numbers(scan, lengths_, INT32_MAX, &FieldMeta::bytes);
  if (key == "fields_precisions") return read_numbers(scan, precisions_, UINT8_MAX, &FieldMeta::precision);
  if (key == "fields_scales") return read_numbers(scan, scales_, UINT8_MAX, &FieldMeta::scale);
  return false;
}

base::Status FieldListsReader::finish() {
  auto fits = [this](int32_t n) { return n == count_ || (count_ == 0 && n == kAbsent); };
  auto fits_or_absent = [&](int32_t n) { return n == kAbsent || fits(n); };
  if (!fits(names_) || !fits(types_) || !fits(lengths_) || !fits_or_absent(precisions_) || !fits_or_absent(scales_))
    return protocol_error("the field lists differ in length");
  fields_.resize(static_cast<size_t>(count_));
  return base::Status::ok();
}

}  // namespace opentaos::wire
