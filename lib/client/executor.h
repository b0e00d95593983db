// The threads behind calls that nobody waits for (docs/internals/threads.md).
//
// One worker does everything in turn: it reads the channels that have such calls, runs the callbacks of what has come,
// and sends what the callbacks asked for in one go. No hand-over between threads, and what comes together is done
// together. Callbacks may block (they may ask the server something, or wait for each other): a second worker sees to it
// that the rest gets on then. Workers exist while there is work and for some seconds after.
#pragma once
#include <functional>

namespace opentaos::client {

class Channel;

// Runs `task` soon, on a worker: never on the thread that asks. false: no thread could be made.
bool post_task(std::function<void()> task);
// The same for what somebody counts on: if no thread can be made now, the task is kept until one can.
void post_kept_task(std::function<void()> task);
// Now and then: work that is kept may get a thread by now.
void revive_workers();

// The channel has calls that no thread waits for: read it when nobody else does. With the channel's lock held.
void serve_channel(Channel *channel);
// A reader has left a channel that is served.
void kick_workers();

// Around fork(): the child has no workers and no tasks.
void lock_workers_for_fork();
void unlock_workers_after_fork();
void reset_workers_in_child();

}  // namespace opentaos::client
