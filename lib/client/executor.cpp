#include "client/executor.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <new>
#include <vector>

#include "client/channel.h"
#include "client/cork.h"

namespace opentaos::client {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr int kMostThreads = 16;
constexpr auto kStuck = milliseconds(5);     // a callback that takes longer is left to itself
constexpr auto kActive = milliseconds(100);  // after this long without work nobody watches any more
constexpr int kTickMs = 200;                 // deadlines of calls are looked at this often
constexpr int kGraceMs = 20;                 // see Channel::serve_begin()
constexpr int kIdleMs = 5000;
constexpr int kTogether = 64;                             // callbacks between two sends, at most
constexpr auto kCorked = std::chrono::microseconds(500);  // and how long the first one's message may wait

// The callbacks that one worker runs one after the other.
struct Batch {
  Clock::time_point progress;
  bool given_up = false;  // it takes too long: others have gone on without it
};

struct Workers {
  std::mutex mutex;
  std::condition_variable change;
  std::deque<std::function<void()>> tasks;
  std::vector<base::Ref<Channel>> added;
  int threads = 0;
  int starting = 0;        // of those, not at work yet
  int waiting = 0;         // of those, in `change`
  Batch *batch = nullptr;  // the callbacks under way, unless given up
  bool serving = false;    // one reads, or waits for something to read
  Clock::time_point progress;
  std::atomic<bool> kicked{false};
  int wake_fd = -1;

  // Of the worker that serves.
  std::vector<base::Ref<Channel>> channels;
  std::vector<pollfd> fds;
};

// Never destroyed: callbacks may be under way while the process ends.
Workers &workers() {
  alignas(Workers) static unsigned char room[sizeof(Workers)];
  static Workers *w = new (room) Workers;
  return *w;
}

thread_local bool t_serves;  // this thread is the worker that serves: it looks for tasks before it waits again

void kick(Workers &w) {
  if (w.wake_fd < 0 || w.kicked.exchange(true, std::memory_order_acq_rel)) return;
  const uint64_t one = 1;
  (void)!write(w.wake_fd, &one, sizeof one);
}

void start_worker(Workers &w);

// Runs what there is; returns with the lock held.
void run_tasks(Workers &w, std::unique_lock<std::mutex> &lock) {
  Batch mine;
  w.batch = &mine;
  {
    Cork cork;
    auto corked_at = mine.progress = w.progress = Clock::now();
    for (int together = 0; !w.tasks.empty() && !mine.given_up;) {
      auto task = std::move(w.tasks.front());
      w.tasks.pop_front();
      lock.unlock();
      try {
        task();
      } catch (...) {
        // A program's callback must not throw through C; if it does, other work goes on.
      }
      task = nullptr;
      const auto now = Clock::now();
      if (++together >= kTogether || now - corked_at > kCorked) {
        cork.flush();
        corked_at = now;
        together = 0;
      }
      lock.lock();
      mine.progress = w.progress = now;
    }
    lock.unlock();
  }
  lock.lock();
  if (!mine.given_up) w.batch = nullptr;
}

// One round of reading; returns with the lock held. false: nothing to read for a long time.
bool serve(Workers &w, std::unique_lock<std::mutex> &lock) {
  w.serving = t_serves = true;
  for (auto &c : w.added) w.channels.push_back(std::move(c));
  w.added.clear();
  lock.unlock();

  auto &channels = w.channels;
  auto &fds = w.fds;
  fds.reserve(channels.size() + 1);
  fds.assign(1, {w.wake_fd, POLLIN, 0});
  int wait_ms = kIdleMs;
  for (size_t i = 0; i < channels.size();) {
    Channel &c = *channels[i];
    const Channel::Served state = c.serve_begin();
    if (state == Channel::Served::kLetGo) {
      channels[i] = std::move(channels.back());
      channels.pop_back();
      continue;
    }
    const bool mine = state == Channel::Served::kMine;
    wait_ms = std::min(wait_ms, c.is_quiet() ? kGraceMs : kTickMs);
    if (mine && c.has_buffered_input()) wait_ms = 0;
    fds.push_back({mine ? c.poll_fd() : -1, POLLIN, 0});
    i++;
  }
  const int n = ::poll(fds.data(), fds.size(), wait_ms);
  if (fds[0].revents) {
    uint64_t seen;
    (void)!read(w.wake_fd, &seen, sizeof seen);
    w.kicked.store(false, std::memory_order_release);
  }
  for (size_t i = 0; i < channels.size(); i++) {
    channels[i]->end_late();
    if (fds[i + 1].fd < 0) continue;
    channels[i]->serve_some(fds[i + 1].revents != 0 || channels[i]->has_buffered_input());
    channels[i]->serve_end();
  }
  lock.lock();
  w.serving = t_serves = false;
  return n != 0 || !channels.empty() || !w.added.empty() || !w.tasks.empty();
}

void *work(void *) {
  Workers &w = workers();
  std::unique_lock lock(w.mutex);
  w.starting--;
  for (;;) {
    if (w.batch && Clock::now() - w.batch->progress >= kStuck) {
      w.batch->given_up = true;
      w.batch = nullptr;
    }
    if (!w.tasks.empty() && !w.batch) {
      // Whoever runs callbacks is watched.
      if (w.waiting == 0 && w.starting == 0 && !w.serving)
        start_worker(w);
      else if (w.waiting > 0 && Clock::now() - w.progress > kActive)
        w.change.notify_one();
      run_tasks(w, lock);
      continue;
    }
    if (!w.serving && !w.batch) {
      if (serve(w, lock)) continue;
      break;
    }
    // Another one is at it.
    w.waiting++;
    const bool active = w.batch || Clock::now() - w.progress < kActive;
    const bool late = w.change.wait_for(lock, active ? kStuck : milliseconds(kIdleMs)) == std::cv_status::timeout;
    w.waiting--;
    const bool idle = !w.batch && w.tasks.empty() && w.added.empty() && (w.serving || w.channels.empty());
    if (late && !active && idle) break;
  }
  w.threads--;
  return nullptr;
}

void start_worker(Workers &w) {
  if (w.threads >= kMostThreads) return;
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);  // the program's signals are not for this thread
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_t id;
  if (pthread_create(&id, &attributes, work, nullptr) == 0) {
    w.threads++;
    w.starting++;
  }
  pthread_attr_destroy(&attributes);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

// There is something to do; with the lock held.
bool need_worker(Workers &w) {
  if (w.wake_fd < 0) w.wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (w.serving) {
    if (!t_serves) kick(w);
  } else if (w.batch) {
    // It looks again when its callback returns; if that takes long, the one who waits notices.
    if (w.waiting == 0 && w.starting == 0) start_worker(w);
  } else if (w.waiting > 0)
    w.change.notify_one();
  else if (w.starting == 0)
    start_worker(w);
  return w.threads > 0;
}

}  // namespace

bool post_task(std::function<void()> task) {
  Workers &w = workers();
  std::lock_guard lock(w.mutex);
  w.tasks.push_back(std::move(task));
  if (need_worker(w)) return true;
  task = std::move(w.tasks.back());  // destroyed without the lock
  w.tasks.pop_back();
  return false;
}

void post_kept_task(std::function<void()> task) {
  Workers &w = workers();
  std::lock_guard lock(w.mutex);
  w.tasks.push_back(std::move(task));
  (void)need_worker(w);
}

void revive_workers() {
  Workers &w = workers();
  std::lock_guard lock(w.mutex);
  if (w.threads == 0 && (!w.tasks.empty() || !w.added.empty())) (void)need_worker(w);
}

void serve_channel(Channel *channel) {
  Workers &w = workers();
  std::lock_guard lock(w.mutex);
  w.added.push_back(base::Ref<Channel>::share(channel));
  (void)need_worker(w);
}

void kick_workers() {
  if (!t_serves) kick(workers());
}

void lock_workers_for_fork() { workers().mutex.lock(); }
void unlock_workers_after_fork() { workers().mutex.unlock(); }
void reset_workers_in_child() {
  Workers &w = workers();
  w.tasks.clear();
  for (auto *list : {&w.added, &w.channels}) {
    for (auto &c : *list) (void)c.detach();  // the parent's
    list->clear();
  }
  w.threads = w.starting = w.waiting = 0;
  w.batch = nullptr;
  w.serving = t_serves = false;
  w.kicked.store(false);
  if (w.wake_fd >= 0) close(w.wake_fd);
  w.wake_fd = -1;
  new (&w.change) std::condition_variable;  // the threads that waited in it are not here
}

}  // namespace opentaos::client
