// Runs callbacks and other work on threads of the library: never on the thread that asked for it. Threads are made when
// there is work, a few at most, and go when there has been none for a while.
#pragma once
#include <functional>

namespace opentaos::client {

// Runs `task` soon. Tasks start in the order they are posted; several may run at once. false: no thread could be made.
bool post_task(std::function<void()> task);

// Around fork(): the child has no threads and no tasks.
void lock_executor_for_fork();
void unlock_executor_after_fork();
void reset_executor_in_child();

}  // namespace opentaos::client
