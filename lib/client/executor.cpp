#include "client/executor.h"

#include <pthread.h>
#include <signal.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <new>

namespace opentaos::client {
namespace {

constexpr int kMostThreads = 4;
constexpr auto kIdle = std::chrono::seconds(10);

struct Executor {
  std::mutex mutex;
  std::condition_variable work;
  std::deque<std::function<void()>> tasks;
  int threads = 0;
  int idle = 0;
};

// Never destroyed: callbacks may be under way while the process ends.
Executor &executor() {
  alignas(Executor) static unsigned char room[sizeof(Executor)];
  static Executor *e = new (room) Executor;
  return *e;
}

void *work(void *) {
  Executor &e = executor();
  std::unique_lock lock(e.mutex);
  for (;;) {
    while (e.tasks.empty()) {
      e.idle++;
      const bool came = e.work.wait_for(lock, kIdle, [&] { return !e.tasks.empty(); });
      e.idle--;
      if (!came) {
        e.threads--;
        return nullptr;
      }
    }
    auto task = std::move(e.tasks.front());
    e.tasks.pop_front();
    lock.unlock();
    try {
      task();
    } catch (...) {
      // A program's callback must not throw through C; if it does, other work goes on.
    }
    task = nullptr;
    lock.lock();
  }
}

bool start_thread() {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);  // the program's signals are not for this thread
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_t id;
  const bool ok = pthread_create(&id, &attributes, work, nullptr) == 0;
  pthread_attr_destroy(&attributes);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return ok;
}

}  // namespace

bool post_task(std::function<void()> task) {
  Executor &e = executor();
  std::lock_guard lock(e.mutex);
  e.tasks.push_back(std::move(task));
  if (e.idle > 0 || e.threads >= kMostThreads) {
    e.work.notify_one();
    return true;
  }
  if (start_thread()) {
    e.threads++;
    return true;
  }
  if (e.threads > 0) return true;
  e.tasks.pop_back();
  return false;
}

void lock_executor_for_fork() { executor().mutex.lock(); }
void unlock_executor_after_fork() { executor().mutex.unlock(); }
void reset_executor_in_child() {
  Executor &e = executor();
  e.tasks.clear();
  e.threads = e.idle = 0;
  new (&e.work) std::condition_variable;  // the threads that waited in it are not here
}

}  // namespace opentaos::client
