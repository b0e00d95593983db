#include "client/runtime.h"

#include <pthread.h>
#include <signal.h>

#include <atomic>
#include <ctime>

#include "base/credentials.h"
#include "base/handle.h"
#include "base/process_options.h"
#include "client/connection.h"
#include "client/consumer.h"
#include "client/executor.h"

namespace opentaos::client {
namespace {

// Often enough for a free_result that no message took along, and for pings, which come every 54 s.
constexpr int kTickSeconds = 5;

std::atomic<bool> g_running{false};

template <typename T>
void tend_one(base::HandleObject *object, void *arg) {
  *static_cast<bool *>(arg) = true;
  try {
    static_cast<T *>(object)->tend();
  } catch (...) {
    // Out of memory: it is looked after again at the next tick.
  }
}

void note_one(base::HandleObject *, void *arg) { *static_cast<bool *>(arg) = true; }

void *tend_connections(void *) {
  for (;;) {
    timespec pause{kTickSeconds, 0};
    nanosleep(&pause, nullptr);
    revive_workers();
    bool any = false;
    base::for_each_handle(base::HandleKind::kConnection, tend_one<Connection>, &any);
    base::for_each_handle(base::HandleKind::kConsumer, tend_one<Consumer>, &any);
    if (any) continue;
    g_running.store(false);
    // One made since then saw this thread running.
    base::for_each_handle(base::HandleKind::kConnection, note_one, &any);
    base::for_each_handle(base::HandleKind::kConsumer, note_one, &any);
    if (!any || g_running.exchange(true)) return nullptr;
  }
}

void start_thread() {
  if (g_running.exchange(true)) return;
  // The program's signals are not for this thread.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 256 * 1024);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_t id;
  if (pthread_create(&id, &attributes, tend_connections, nullptr) != 0) g_running.store(false);
  pthread_attr_destroy(&attributes);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace

void runtime_prepare() {
  static std::atomic<bool> prepared{false};
  if (!prepared.exchange(true)) {
    // No lock of the library may be held by a thread that the child does not have. Locks of connections need no care:
    // the child cannot use its parent's connections.
    pthread_atfork(
        [] {
          lock_workers_for_fork();
          base::ProcessOptions::instance().lock_for_fork();
          base::PasswordStore::instance().lock_for_fork();
          base::lock_handles_for_fork();
        },
        [] {
          base::unlock_handles_after_fork();
          base::PasswordStore::instance().unlock_after_fork();
          base::ProcessOptions::instance().unlock_after_fork();
          unlock_workers_after_fork();
        },
        [] {
          base::count_fork();
          base::unlock_handles_after_fork();
          base::PasswordStore::instance().unlock_after_fork();
          base::ProcessOptions::instance().unlock_after_fork();
          reset_workers_in_child();
          unlock_workers_after_fork();
          g_running.store(false);  // threads are not inherited
        });
  }
}

void runtime_started() { start_thread(); }

}  // namespace opentaos::client
