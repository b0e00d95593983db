// One WebSocket to one adapter, shared by any number of threads (docs/internals/channel.md).
//
// There is no reader thread. A thread that waits for an answer reads the socket itself if nobody else does, and hands
// every answer it meets to the call it belongs to; other threads sleep until their answer is there or the reader has
// left. Small messages of several threads are sent together: whoever sends takes along what the others have queued.
#pragma once
#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/deadline.h"
#include "base/handle.h"
#include "base/options.h"
#include "client/call.h"
#include "client/call_table.h"
#include "net/websocket.h"

namespace opentaos::client {

// What start() says when a call with this id is under way already: nothing was sent.
constexpr int32_t kDuplicateReqId = 1;

class Channel final : public base::HandleObject {
 public:
  Channel();
  ~Channel() override;

  // Connects and upgrades. Once, before anything else.
  base::Status open(const base::Host &host, const base::ConnectOptions &options, const char *path,
                    base::Deadline deadline);

  // ---- calls
  uint64_t next_req_id() { return next_req_id_.fetch_add(1, std::memory_order_relaxed); }

  // Sends a message whose answer goes to `call`, under `req_id`, which must be the one in the message. On failure the
  // call is not registered. `sent` (if given) says whether any byte of it may have reached the server.
  base::Status start(Call &call, uint64_t req_id, net::Opcode opcode, std::span<const uint8_t> head,
                     std::span<const uint8_t> body, base::Deadline deadline, bool *sent = nullptr);
  // The same for a call that no thread waits for: if a worker is busy with this channel, the message goes with what
  // that one sends next.
  base::Status start_async(Call &call, uint64_t req_id, net::Opcode opcode, std::span<const uint8_t> head,
                           std::span<const uint8_t> body, base::Deadline deadline);
  // The same for a large message in a buffer of its own, which begins with net::kMaxClientHeader bytes of room and is
  // masked in place: its content is gone afterwards.
  base::Status start_in_place(Call &call, uint64_t req_id, base::Buffer *message, base::Deadline deadline,
                              bool *sent = nullptr, net::Opcode opcode = net::Opcode::kBinary);

  // Waits until somebody finishes the waiter, reading the socket meanwhile if nobody else does. Otherwise: the deadline
  // has passed, the wait was cancelled. What the waiter was registered with must be told then (forget()).
  base::Status wait(Waiter &waiter, base::Deadline deadline);

  // For sending: stopped when the program cancels what waits on the channel, from now on. A caller that has much to do
  // before its message can be sent asks for it first.
  base::Deadline until_cancelled() const { return base::Deadline::never().or_stopped_by(cancels_); }

  // Takes a call out that nobody waits for any more; an answer that comes later is dropped. false: it was not under
  // way.
  bool forget(Call &call);

  // Makes every thread that waits on this channel return with "cancelled" (within 100 ms). If one of them waits to send
  // a part of a message, the connection ends, too.
  void cancel_all();
  void cancel_locked(Waiter &waiter);
  // What a sleeping thread waits for is there, but more is about to come: leaves it asleep for at most a millisecond
  // longer, so that it wakes once instead of twice. false: it cannot be left asleep, finish it.
  bool defer_locked(Waiter &waiter);
  // Ends a wait. The last access to the waiter: its thread may destroy it from then on.
  void finish_locked(Waiter &waiter);

  // A message without an answer; it goes with the next one (free_result).
  void send_along(net::Opcode opcode, std::span<const uint8_t> payload);

  // ---- for on_answer(), which runs with the lock held
  void start_locked(Call &call, uint64_t req_id, net::Opcode opcode, std::span<const uint8_t> message);
  void send_along_locked(net::Opcode opcode, std::span<const uint8_t> payload);
  // Some servers answer `version` without its request id: this call gets it.
  void expect_version_locked(Call &call) { version_call_ = &call; }
  void give_buffer_locked(base::Buffer &&b);
  std::unique_lock<std::mutex> lock() { return std::unique_lock(mutex_); }

  // Sends what start_locked() queued; without the lock.
  void flush_queued();

  // ---- calls that no thread waits for (asynchronous ones)
  // From now on a worker reads when nobody else does, until async_end_locked().
  void async_begin_locked(AsyncWait &wait);
  void async_end_locked(AsyncWait &wait);

  // The worker's side. kMine: it reads this channel now; kOthers: somebody else does; kLetGo: no need any more.
  enum class Served { kMine, kOthers, kLetGo };
  Served serve_begin();
  void serve_some(bool ready);
  void serve_end();
  // Ends the calls whose deadline has passed.
  void end_late();
  bool is_quiet() const { return async_count_.load(std::memory_order_relaxed) == 0; }
  bool has_buffered_input() const { return ws_->has_buffered_input(); }
  int poll_fd() const { return ws_->poll_fd(); }

  // ---- life
  // Ends the connection: calls under way fail with `why`.
  void close(const base::Status &why);
  bool is_lost() const { return lost_.load(std::memory_order_acquire); }
  base::Status lost_reason();
  // Whether this process opened it (not its parent before a fork).
  bool is_mine() const;
  static base::Status forked();  // what a call says where it is not
  // Before something is sent that must not be sent twice: a connection that has been idle may have ended unnoticed.
  // Looks at the socket if nothing was sent for a while.
  void look_if_idle();
  // Reads what is there, answers pings, sends what lies about; called now and then for idle connections.
  void tend();

  const base::Host &host() const { return host_; }
  void set_write_timeout(int64_t ms) { write_timeout_ms_.store(ms, std::memory_order_relaxed); }

 private:
  friend class ChannelTestAccess;
  friend class Waiter;

  void read_until(Waiter &waiter, base::Deadline deadline);
  bool read_some(int wait_ms, bool worker);  // reader's role must be held
  void dispatch_locked(net::Message &message);
  void wake_sleepers();
  [[nodiscard]] const void *pass_reading_on_locked();
  void add_waiter_locked(Waiter &w);
  void remove_waiter_locked(Waiter &w);
  base::Status register_call(Call &call, uint64_t req_id);
  void fail_locked(const base::Status &why);
  void fail(const base::Status &why);
  void flush(base::Deadline deadline);
  void flush_without_waiting();
  void flush_rest(size_t written);
  void flush_queue(std::unique_lock<std::mutex> &lock, base::Status s, base::Deadline deadline);
  base::Deadline for_sending(base::Deadline deadline) const;
  base::Status write_all(const uint8_t *p, size_t n, base::Deadline deadline);
  void answer_ping(bool worker);
  bool is_cancelled(const Waiter &waiter) const;
  bool read_now(bool trim);

  net::WebSocket *ws() { return ws_.get(); }

  std::unique_ptr<net::WebSocket> ws_;
  base::Host host_;
  std::atomic<int64_t> write_timeout_ms_{0};
  std::atomic<uint64_t> next_req_id_;
  std::atomic<bool> lost_{false};
  std::atomic<uint32_t> cancels_{0};
  uint32_t process_ = 0;
  bool old_frames_ = false;  // where frames without a head name the request they answer

  std::mutex mutex_;  // calls, waiters, the reader's role; never held while reading or writing
  CallTable calls_;
  Call *version_call_ = nullptr;
  Waiter *first_waiter_ = nullptr, *last_waiter_ = nullptr;
  bool reading_ = false;
  bool served_ = false;  // the service thread knows this channel
  int64_t quiet_since_ms_ = 0;
  int64_t last_late_check_ms_ = 0;  // the worker's
  AsyncWait *first_async_ = nullptr;
  std::atomic<int> async_count_{0};
  std::atomic<bool> worker_awake_{false};  // a worker will look at out_waits_ before it sleeps
  base::Status lost_why_;
  bool closing_ = false;  // lost_why_ is the reason already
  base::Buffer spare_;

  net::Message message_;  // the reader's, like the following
  bool dispatching_ = false;
  std::vector<const void *> sleepers_;  // whose waits are over and who have to be woken

  std::mutex out_mutex_;  // what is to be sent; taken after mutex_ where both are needed
  base::Buffer out_;      // masked frames
  bool sending_ = false;
  base::Buffer sending_buffer_;  // the sender's
  std::atomic<bool> out_waits_{false};
  std::atomic<int64_t> last_sent_ms_{0};
};

}  // namespace opentaos::client
