// A lock that is waited for no longer than one wants to. Not std::timed_mutex: with that one thread sanitizers lose
// track of who has it.
#pragma once
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace opentaos::base {

class TimedLock {
 public:
  bool try_lock_for(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    if (!free_.wait_for(lock, time, [this] { return !taken_; })) return false;
    taken_ = true;
    return true;
  }
  void unlock() {
    std::lock_guard lock(mutex_);
    taken_ = false;
    free_.notify_one();
  }

 private:
  std::mutex mutex_;
  std::condition_variable free_;
  bool taken_ = false;
};

}  // namespace opentaos::base
