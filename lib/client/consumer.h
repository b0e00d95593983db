// What a program holds as tmq_t: a member of a consumer group that outlives the WebSocket it runs on
// (docs/internals/subscriptions.md).
//
// At least once: a message counts as consumed only when it is committed, and a commit never covers a message that the
// program has not been given. When the session is lost the consumer subscribes again and goes on behind the last
// message it handed out; what another member of the group has committed meanwhile wins.
//
// Programs use a consumer from one thread at a time, but commits and lookups from others (callbacks) do no harm: no
// lock is held while waiting, except that only one thread polls.
#pragma once
#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/codes.h"
#include "base/handle.h"
#include "base/options.h"
#include "client/channel.h"
#include "client/consumer_config.h"
#include "client/consumer_exchange.h"
#include "client/consumer_positions.h"
#include "client/message_result.h"

namespace opentaos::client {

constexpr int32_t kErrTopicNotExist = base::full_code(0x03E1);
constexpr int32_t kErrTmqClosed = base::full_code(0x4002);
constexpr int32_t kErrTmqSnapshot = base::full_code(0x4006);
constexpr int32_t kErrTmqVgroup = base::full_code(0x4008);
constexpr int32_t kErrTmqTopic = base::full_code(0x4009);
constexpr int32_t kErrTmqNoAssignment = base::full_code(0x4010);
constexpr int32_t kErrTmqStatus = base::full_code(0x4017);

class Consumer final : public base::HandleObject {
 public:
  Consumer(const base::ConnectOptions &connect, const base::ConsumerOptions &options);
  ~Consumer() override;

  // Asks a server whether it lets us in, and which version it is.
  base::Status check_login();
  // Opens the WebSocket without subscribing.
  base::Status connect();
  // What gets the outcome of automatic commits. Before anything else.
  void set_auto_commit_callback(CommitCallback callback) { auto_commit_callback_ = std::move(callback); }

  // ---- topics
  base::Status subscribe(std::vector<std::string> topics);
  base::Status unsubscribe();
  base::Status subscription(std::vector<std::string> *topics);
  // Commits if that is automatic, gives the topics up, ends everything. Once; waits of other threads end.
  base::Status close();

  // ---- messages
  // nullptr with Ok when the time is over. Negative: without end; 0: looks once.
  base::Status poll(int64_t timeout_ms, MessageResult **message);

  // ---- offsets
  base::Status commit_all();
  base::Status commit(const MessageResult &message);
  base::Status commit_offset(std::string_view topic, int32_t vgroup, int64_t offset);
  // The same without waiting. What is committed is decided now; `done` runs on a thread of the library, one after the
  // other.
  void commit_all_async(CommitCallback done);
  void commit_async(const MessageResult &message, CommitCallback done);
  void commit_offset_async(std::string_view topic, int32_t vgroup, int64_t offset, CommitCallback done);

  base::Status assignment(std::string_view topic, std::vector<wire::Assignment> *out);
  base::Status seek(std::string_view topic, int32_t vgroup, int64_t offset);
  // Negative: an error code.
  int64_t position(std::string_view topic, int32_t vgroup, base::Status *why);
  int64_t committed(std::string_view topic, int32_t vgroup, base::Status *why);

  // ---- the rest
  const base::ConnectOptions &connect_options() const { return connect_; }
  // Reads what is there and answers pings while nobody polls.
  void tend();

  // ---- kept for the surface
  // The connection that belongs to the consumer; nullptr if none was asked for yet.
  std::mutex connection_mutex;
  void *connection = nullptr;
  // What went wrong last, for those who ask the consumer for it.
  std::string last_error;

 private:
  using Clock = base::Deadline::Clock;
  using Lock = std::unique_lock<std::mutex>;

  // A subscribed channel; another one after the session was lost.
  struct Session {
    base::Ref<Channel> channel;
    uint64_t number = 0;
  };
  // What a commit is to commit, decided when it is asked for.
  struct CommitPlan {
    base::Status refused;     // nothing is sent then
    bool everything = false;  // by the server's own positions, of this session; no poll is under way until it is done
    uint64_t session = 0;
    uint64_t last_message = 0;
    std::vector<VgroupPosition> offsets;
  };
  struct AsyncCommit {
    CommitPlan plan;
    CommitCallback done;
  };

  // The right to poll, which one thread has at a time; subscribing and leaving need it, too.
  class Turn {
   public:
    explicit Turn(Consumer *owner) : owner_(owner) {}
    Turn(Turn &&o) noexcept : owner_(std::exchange(o.owner_, nullptr)) {}
    ~Turn() {
      if (owner_) owner_->give_turn_back();
    }
    explicit operator bool() const { return owner_ != nullptr; }

   private:
    Consumer *owner_;
  };
  // Empty when the time is over.
  Turn take_turn(int64_t wait_ms);
  // Waits until the commits asked for are done and nobody polls; a poll of another thread ends at once.
  Turn take_turn_from_others();
  void give_turn_back();

  // ---- session (consumer_session.cpp)
  // `only_polls`: whether nothing else has been called since the last message.
  base::Status usable(bool *only_polls = nullptr);
  base::Status usable_for(std::string_view topic);
  // `outage`: the session is lost and was not back in time.
  base::Status live(base::Deadline deadline, Session *out, bool *outage = nullptr);
  base::Status open_channel(base::Deadline deadline, base::Ref<Channel> *out);
  base::Status subscribe_on(Channel &channel, const std::vector<std::string> &topics, base::Deadline deadline);
  base::Status join(const std::vector<std::string> &topics, base::Deadline deadline);
  base::Status give_up_topics();
  base::Status leave(base::Deadline deadline);
  void note_lost_locked();
  bool start_recovery_locked();
  void recover();
  bool wait_for_attempt(std::vector<std::string> *topics);
  bool note_attempt(const std::vector<std::string> &topics, base::Ref<Channel> fresh, base::Status outcome,
                    int64_t *pause_ms);
  bool place(const Session &session, std::string_view topic, int32_t vgroup, int64_t next);
  void place_all(const Session &session, bool my_turn);
  void learn_positions(const Session &session);

  // ---- requests
  using Write = std::function<void(base::Buffer &request, uint64_t req_id)>;
  base::Status ask(Channel &channel, const Write &write, base::Deadline deadline, std::string *text);
  // On a live session; once more on the next one if it is lost meanwhile. For requests that may be repeated.
  base::Status ask_live(const Write &write, std::string *text);
  base::Status ask_head(Channel &channel, const Write &write, base::Deadline deadline);
  int64_t ask_offset(const Write &write, base::Status *why);
  base::Deadline read_deadline() const { return base::Deadline::after_ms(connect_.read_timeout_ms); }
  // For what is asked while the program waits for a message.
  base::Deadline soon() const { return read_deadline().sooner_of(base::Deadline::after_ms(30 * 1000)); }

  // ---- polling (consumer_poll.cpp)
  base::Status poll_locked(int64_t timeout_ms, bool ahead, MessageResult **message);
  base::Status take_exchange(const Session &session, base::Deadline deadline, int64_t blocking_ms,
                             base::Ref<PollExchange> *out);
  base::Status hand_out(const Session &session, PollExchange &exchange, MessageResult **message);
  base::Ref<PollExchange> new_exchange_locked(const base::Ref<Channel> &channel);
  void poll_ahead(const Session &session, size_t size);
  bool give_up_session(Channel &channel, const base::Status &why);
  base::Status describe_blocks(Channel &channel, MessageContent *content);
  void drop_exchange_locked();
  void nudge(const Session &session, bool my_turn);
  void pause(int64_t ms);

  // ---- commits (consumer_commit.cpp)
  CommitPlan plan_all_locked();
  CommitPlan plan_message(const MessageResult &message);
  // Once a plan. `my_turn`: this thread holds the right to poll.
  base::Status execute(CommitPlan &plan, bool my_turn);
  base::Status commit_by_server(const CommitPlan &plan, bool *lost);
  base::Status commit_positions(const std::vector<VgroupPosition> &offsets, bool my_turn);
  bool has_others(const Session &session, const VgroupPosition &position);
  void commit_together(const std::vector<VgroupPosition> &offsets, std::vector<bool> *done);
  void auto_commit_if_due();
  void queue_commit(CommitPlan &&plan, CommitCallback done);
  void run_commits();
  void drain_commits();

  const base::ConnectOptions connect_;
  const base::ConsumerOptions options_;
  CommitCallback auto_commit_callback_;
  const uint32_t process_;

  std::mutex mutex_;  // the members below; never held while waiting for a server
  std::condition_variable changed_;
  bool polling_ = false;            // somebody has the right to poll
  std::atomic<int> interrupts_{0};  // threads that want it
  bool closing_ = false;            // the program has let go
  bool closed_ = false;
  std::vector<std::string> topics_;  // subscribed to
  base::Ref<Channel> channel_;
  std::string version_;
  uint64_t session_ = 0;  // counts sessions
  size_t next_host_ = 0;
  bool recovering_ = false;
  Clock::time_point wanted_;  // when somebody last asked for a session that is lost
  bool lost_noted_ = false;
  Clock::time_point lost_since_;
  base::Status lost_why_;       // the last attempt's failure
  bool lost_for_good_ = false;  // it was the server's answer
  Clock::time_point given_up_;  // when a session was last given up that the server did not know
  Clock::time_point next_attempt_;

  base::Ref<PollExchange> exchange_;  // a poll under way, or one whose message was not handed out yet
  uint64_t last_message_ = 0;         // received in full on this channel
  bool only_polls_ = false;           // the program got a message and has called nothing else since
  PositionTable positions_;
  Clock::time_point next_place_, resume_until_;
  int learning_ = 0;  // how often to ask yet where reading starts

  int commits_of_everything_ = 0;  // under way; no poll may start until they are done
  std::deque<AsyncCommit> commits_;
  bool commits_run_ = false;
  std::thread::id commits_thread_;
  bool auto_commit_runs_ = false;
  Clock::time_point next_auto_commit_;
};

// Whether `version` ("3.3.7.5.alpha") is at least major.minor.patch. Unreadable text counts as current.
bool version_at_least(std::string_view version, int major, int minor, int patch);

}  // namespace opentaos::client
