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
  bool done() const { return word_.load(std::memory_order_acquire) == kDone; }

  // Waits for a nudge or the end, at most so many microseconds. A nudge is used up.
  void wait_us(int64_t us) {
    int now = kAwake;
    if (word_.compare_exchange_strong(now, kAsleep, std::memory_order_acq_rel)) {
      timespec time{us / 1000000, (us % 1000000) * 1000};
      syscall(SYS_futex, &word_, FUTEX_WAIT_PRIVATE, kAsleep, &time, nullptr, 0);
      now = word_.load(std::memory_order_acquire);
    }
    while (now != kDone && !word_.compare_exchange_weak(now, kAwake, std::memory_order_acq_rel)) {
    }
  }
  void nudge() { wake(nudge_quietly()); }
  // The last access to this object by the finishing thread: the waiter may be gone as soon as it sees the word. After
  // that its address is only a number to the kernel.
  void finish() { wake(finish_quietly()); }
  // Both in two steps, for whoever holds a lock that the waiter will want. What comes out goes into wake().
  [[nodiscard]] const void *nudge_quietly() {
    int now = word_.load(std::memory_order_acquire);
    while (now == kAwake || now == kAsleep) {
      if (word_.compare_exchange_weak(now, kNudged, std::memory_order_acq_rel))
        return now == kAsleep ? &word_ : nullptr;
    }
    return nullptr;
  }
  [[nodiscard]] const void *finish_quietly() {
    return word_.exchange(kDone, std::memory_order_acq_rel) == kAsleep ? &word_ : nullptr;
  }
  static void wake(const void *sleeper) {
    if (sleeper) syscall(SYS_futex, sleeper, FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0);
  }

 private:
  // Nobody is woken who does not sleep: the thread that reads mostly finishes its own wait.
  enum State : int { kAwake, kAsleep, kNudged, kDone };
  std::atomic<int> word_{kAwake};
  static_assert(sizeof(std::atomic<int>) == sizeof(int));
};

}  // namespace opentaos::base
