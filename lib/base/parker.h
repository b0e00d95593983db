// A place where one thread waits until another wakes it or a time has passed. One word, no allocation, no lock.
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
  // Waits for a wake() since the last reset(), at most `ms` milliseconds. Returns whether it came.
  bool wait(int ms) {
    if (word_.load(std::memory_order_acquire) != 0) return true;
    timespec time{ms / 1000, (ms % 1000) * 1000000L};
    syscall(SYS_futex, &word_, FUTEX_WAIT_PRIVATE, 0, &time, nullptr, 0);
    return word_.load(std::memory_order_acquire) != 0;
  }
  void wake() {
    // The waiter may be gone as soon as it sees the word: the address is only an address to the kernel then.
    if (word_.exchange(1, std::memory_order_acq_rel) == 0)
      syscall(SYS_futex, &word_, FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0);
  }
  void reset() { word_.store(0, std::memory_order_relaxed); }

 private:
  std::atomic<int> word_{0};
  static_assert(sizeof(std::atomic<int>) == sizeof(int));
};

}  // namespace opentaos::base
