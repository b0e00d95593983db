// A request under way (Call) and a thread that waits for something to come of requests (Waiter), as the channel sees
// them.
#pragma once
#include <atomic>
#include <cstdint>

#include "base/deadline.h"
#include "base/parker.h"
#include "base/status.h"
#include "net/websocket.h"
#include "wire/answer.h"

namespace opentaos::client {

class Channel;

// Both functions are called at most once a registration, by whichever thread reads the connection, with the channel's
// lock held and the call already taken out: be quick, and call nothing of the channel but its *_locked functions. A
// text answer comes with its key already read.
class Call {
 public:
  Call() = default;
  Call(const Call &) = delete;
  Call &operator=(const Call &) = delete;

  virtual void on_answer(net::Message &message, const wire::AnswerKey *key) = 0;
  virtual void on_lost(const base::Status &why) = 0;

  uint64_t req_id() const { return req_id_; }
  bool in_table_locked() const { return in_table_; }

 protected:
  ~Call() = default;

 private:
  friend class Channel;
  friend class CallTable;
  uint64_t req_id_ = 0;
  bool in_table_ = false;
};

class Waiter {
 public:
  // When the program cancels what waits on the channel, a wait() under way ends; one that has yet to begin, too, if the
  // waiter knew the channel by then.
  Waiter() = default;
  explicit Waiter(const Channel &channel) { begin(channel); }
  void begin(const Channel &channel);
  Waiter(const Waiter &) = delete;
  Waiter &operator=(const Waiter &) = delete;

  bool done() const { return parker_.done(); }

 private:
  friend class Channel;
  base::Parker parker_;
  std::atomic<bool> cancelled_{false};
  uint32_t cancels_seen_ = 0;
  bool cancels_known_ = false;
  bool dozing_ = false;     // asleep for a moment only: looks around by itself when it wakes
  bool may_go_ = false;     // there is something for it
  Waiter *next_ = nullptr;  // threads that wait while another one reads
  Waiter *prev_ = nullptr;
  bool listed_ = false;
};

// Something that is to happen when a call nobody waits in has come to its end.
class AsyncWait {
 public:
  AsyncWait() = default;
  AsyncWait(const AsyncWait &) = delete;
  AsyncWait &operator=(const AsyncWait &) = delete;
  base::Deadline deadline = base::Deadline::never();

  // The deadline has passed; the wait has been ended. With the channel's lock held.
  virtual void on_late_locked() = 0;

 protected:
  ~AsyncWait() = default;

 private:
  friend class Channel;
  AsyncWait *next_ = nullptr;
  AsyncWait *prev_ = nullptr;
  bool listed_ = false;
};

}  // namespace opentaos::client
