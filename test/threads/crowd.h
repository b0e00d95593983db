// Threads that run the same thing at the same time, and counters of callbacks to come.
#pragma once
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace opentaos::test {

// Runs body(i) on n threads that begin together, and waits for all of them.
inline void crowd(int n, const std::function<void(int)> &body) {
  std::atomic<int> ready{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < n; i++)
    threads.emplace_back([&, i] {
      ready++;
      while (ready < n) std::this_thread::yield();
      body(i);
    });
  for (auto &t : threads) t.join();
}

class Countdown {
 public:
  void add(int n = 1) {
    std::lock_guard lock(mutex_);
    left_ += n;
  }
  void done() {
    std::lock_guard lock(mutex_);
    left_--;
    changed_.notify_all();
  }
  // Until at most n are left. false: not within the time.
  bool down_to(int n, int seconds = 60) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(seconds), [&] { return left_ <= n; });
  }
  bool wait() { return down_to(0); }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int left_ = 0;
};

}  // namespace opentaos::test
