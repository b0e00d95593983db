// Status: what an operation inside the library says about its outcome. Code 0 is success; every other code is the
// full native code (0x80000000 | 16 bits), the number that taos_errno() hands out.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace opentaos::base {

class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(int32_t code, std::string_view message) : code_(code), message_(message) {}
  static Status ok() { return {}; }

  bool is_ok() const { return code_ == 0; }
  explicit operator bool() const { return is_ok(); }
  int32_t code() const { return code_; }
  const std::string &message() const { return message_; }

 private:
  int32_t code_ = 0;
  std::string message_;
};

// A value, or the Status that says why there is none.
template <typename T>
class [[nodiscard]] StatusOr {
 public:
  StatusOr(Status status) : status_(std::move(status)) {}  // NOLINT: implicit on purpose
  StatusOr(T value) : value_(std::move(value)) {}          // NOLINT

  bool is_ok() const { return value_.has_value(); }
  explicit operator bool() const { return is_ok(); }
  const Status &status() const { return status_; }
  T &operator*() { return *value_; }
  const T &operator*() const { return *value_; }
  T *operator->() { return &*value_; }
  const T *operator->() const { return &*value_; }

 private:
  Status status_;
  std::optional<T> value_;
};

}  // namespace opentaos::base
