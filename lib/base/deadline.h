// A point in time after which a wait must end. Every blocking operation takes one.
#pragma once
#include <algorithm>
#include <chrono>
#include <cstdint>

namespace opentaos::base {

class Deadline {
 public:
  using Clock = std::chrono::steady_clock;

  static Deadline never() { return Deadline(Clock::time_point::max()); }
  static Deadline after_ms(int64_t ms) {
    if (ms <= 0 || ms > kLongest) return never();
    return Deadline(Clock::now() + std::chrono::milliseconds(ms));
  }
  static Deadline already() { return Deadline(Clock::time_point::min()); }

  bool is_never() const { return at_ == Clock::time_point::max(); }
  bool passed() const { return !is_never() && Clock::now() >= at_; }
  // What is left in milliseconds, rounded up, at most `most`.
  int left_ms(int most) const {
    if (is_never()) return most;
    auto left = std::chrono::duration_cast<std::chrono::milliseconds>(at_ - Clock::now() + std::chrono::microseconds(999));
    if (left.count() <= 0) return 0;
    return static_cast<int>(std::min<int64_t>(left.count(), most));
  }
  Deadline sooner_of(Deadline o) const { return Deadline(std::min(at_, o.at_)); }
  Clock::time_point at() const { return at_; }

 private:
  static constexpr int64_t kLongest = int64_t{365} * 24 * 3600 * 1000;
  explicit Deadline(Clock::time_point at) : at_(at) {}
  Clock::time_point at_;
};

}  // namespace opentaos::base
