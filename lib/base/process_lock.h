// A lock for the few microseconds in which something that the whole process shares is changed. One that was held while
// the process forked is free in the child: the thread that held it does not exist there.
#pragma once
#include <sched.h>
#include <unistd.h>

#include <atomic>

namespace opentaos::base {

class ProcessLock {
 public:
  void lock() {
    const int self = ::getpid();
    int holder = 0;
    while (!holder_.compare_exchange_weak(holder, self, std::memory_order_acquire)) {
      if (holder == self) {
        holder = 0;
        ::sched_yield();
      }
    }
  }
  void unlock() { holder_.store(0, std::memory_order_release); }

 private:
  std::atomic<int> holder_{0};  // a process id
};

}  // namespace opentaos::base
