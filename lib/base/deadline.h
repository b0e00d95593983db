// A point in time after which a wait must end. Every blocking operation takes one.
#pragma once
#include <algorithm>
#include <atomic>
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
  // The same point in time, reached early as soon as `*stops` is something else than it is now. Whoever waits looks at
  // least every kStopSliceMs.
  Deadline or_stopped_by(const std::atomic<uint32_t> &stops) const {
    Deadline d = *this;
    d.stops_ = &stops;
    d.seen_ = stops.load(std::memory_order_acquire);
    return d;
  }

  bool is_never() const { return at_ == Clock::time_point::max() && !stops_; }
  bool can_be_stopped() const { return stops_ != nullptr; }
  bool is_stopped() const { return stops_ && stops_->load(std::memory_order_acquire) != seen_; }
  bool passed() const { return is_stopped() || (at_ != Clock::time_point::max() && Clock::now() >= at_); }
  // How long to wait, in milliseconds: what is left, rounded up, at most `most` (and no longer than a stop may go
  // unnoticed).
  int left_ms(int most) const { return is_stopped() ? 0 : whole_left_ms(stops_ ? std::min(most, kStopSliceMs) : most); }
  // The same for sharing out what is left.
  int whole_left_ms(int most) const {
    if (at_ == Clock::time_point::max()) return most;
    const auto now = Clock::now();
    if (at_ <= now) return 0;  // also what already() says, from which nothing can be subtracted
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(at_ - now + std::chrono::microseconds(999));
    return static_cast<int>(std::min<int64_t>(left.count(), most));
  }
  // Of what may stop the two, only what may stop this one counts, if there is something.
  Deadline sooner_of(Deadline o) const {
    Deadline d = stops_ ? *this : o;
    d.at_ = std::min(at_, o.at_);
    return d;
  }
  Clock::time_point at() const { return at_; }

  static constexpr int kStopSliceMs = 50;

 private:
  static constexpr int64_t kLongest = int64_t{365} * 24 * 3600 * 1000;
  explicit Deadline(Clock::time_point at) : at_(at) {}
  Clock::time_point at_;
  const std::atomic<uint32_t> *stops_ = nullptr;
  uint32_t seen_ = 0;
};

}  // namespace opentaos::base
