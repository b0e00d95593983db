// A place where one thread waits until another tells it something or a time has passed. One word, no allocation, no
// lock.
#pragma once
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <climits>
#include <ctime>

namespace opentaos::base {

class Parker {
 public:
  enum State : int { kWaiting = 0, kNudged = 1, kDone = 2 };

  bool done() const { return word_.load(std::memory_order_acquire) == kDone; }

  // Waits for a nudge or the end, at most `ms` milliseconds. A nudge is used up.
  void wait(int ms) {
    if (word_.load(std::memory_order_acquire) == kWaiting) {
      timespec time{ms / 1000, (ms % 1000) * 1000000L};
      syscall(SYS_futex, &word_, FUTEX_WAIT_PRIVATE, kWaiting, &time, nullptr, 0);
    }
    int nudged = kNudged;
    word_.compare_exchange_strong(nudged, kWaiting, std::memory_order_acq_rel);
  }
  void nudge() {
    int waiting = kWaiting;
    if (word_.compare_exchange_strong(waiting, kNudged, std::memory_order_acq_rel)) wake();
  }
  // The last access to this object by the finishing thread: the waiter may be gone as soon as it sees the word. After
  // that its address is only a number to the kernel.
  void finish() {
    if (word_.exchange(kDone, std::memory_order_acq_rel) == kWaiting) wake();
  }
  void reset() { word_.store(kWaiting, std::memory_order_relaxed); }

 private:
  void wake() { syscall(SYS_futex, &word_, FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0); }

  std::atomic<int> word_{kWaiting};
  static_assert(sizeof(std::atomic<int>) == sizeof(int));
};

}  // namespace opentaos::base
