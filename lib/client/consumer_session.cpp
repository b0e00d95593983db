// A consumer's session with a server: how it begins, how it is found again after it was lost, and where reading goes on
// then.
#include <pthread.h>
#include <signal.h>

#include <algorithm>

#include "client/consumer.h"
#include "client/runtime.h"
#include "client/text_call.h"
#include "wire/session_answers.h"
#include "wire/tmq_requests.h"

namespace opentaos::client {

using base::Buffer;
using base::Deadline;
using base::Ref;
using base::Status;
using std::chrono::milliseconds;

namespace {

constexpr const char *kPath = "/rest/tmq";
constexpr int32_t kUnknownKey = base::full_code(0xFFFE);  // of servers before 3.3.8

// Nobody has asked for the session for so long that it is not worth looking for any more. The next call starts over.
constexpr auto kNobodyWaits = std::chrono::seconds(30);
constexpr auto kNextTryAfterRefusal = std::chrono::seconds(1);
constexpr auto kPlaceEvery = milliseconds(500);
constexpr int64_t kSubscribeMs = 60 * 1000;  // a good one takes up to three seconds

// Answers of a server that will not change by waiting. Everything else, a server that has just been started may say.
bool is_refusal(int32_t code) {
  switch (static_cast<uint32_t>(code) & 0xffff) {
    case 0x0118:  // invalid configuration
    case 0x0303:
    case 0x2644:  // no rights
    case 0x0351:
    case 0x0357:  // login
    case 0x03E1:
    case 0x03E3:
    case 0x03E4:
    case 0x03E5:  // topic
    case 0x4004:
    case 0x4005: return true;  // numbers out of range
    default: return false;
  }
}

Status time_is_over(const Status &why) {
  if (!why.is_ok()) return why;
  return {base::kErrReadTimeout, "the session of the consumer is lost and was not back within the time allowed"};
}

// Runs `work(arg)` on a thread of its own that gets none of the program's signals.
bool start_thread(void *(*work)(void *), void *arg) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_t id;
  const bool ok = pthread_create(&id, &attributes, work, arg) == 0;
  pthread_attr_destroy(&attributes);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return ok;
}

}  // namespace

Status Consumer::usable(bool *only_polls) {
  if (process_ != base::process_generation())
    return {base::kErrForked, "this consumer was made by the parent process: make one anew after fork()"};
  Lock lock(mutex_);
  if (only_polls) *only_polls = only_polls_;
  only_polls_ = false;
  return closing_ ? Status(kErrTmqClosed, "Consumer closed") : Status::ok();
}

// ---------------------------------------------------------------------------------------------------- beginning

// Once round all addresses, from the one that worked last.
Status Consumer::open_channel(Deadline deadline, Ref<Channel> *out) {
  runtime_prepare();
  const auto &hosts = connect_.hosts;
  if (hosts.empty()) return {base::kErrInvalidPara, "no address to connect to"};
  size_t first;
  {
    Lock lock(mutex_);
    first = next_host_;
  }
  Status last;
  for (size_t i = 0; i < hosts.size(); i++) {
    const size_t at = (first + i) % hosts.size();
    Deadline mine = deadline;
    if (i + 1 < hosts.size() && !deadline.is_never()) {
      const auto share = deadline.left_ms(3600 * 1000) / static_cast<int>(hosts.size() - i) + 1;
      mine = deadline.sooner_of(Deadline::after_ms(share));
    }
    auto channel = Ref<Channel>::adopt(new Channel);
    last = channel->open(hosts[at], connect_, kPath, mine);
    if (last) {
      Lock lock(mutex_);
      next_host_ = at;
      *out = std::move(channel);
      return last;
    }
  }
  return last;
}

Status Consumer::connect() {
  const Deadline deadline = Deadline::after_ms(connect_.connect_timeout_ms);
  Ref<Channel> channel;
  if (Status s = open_channel(deadline, &channel); !s) return s;
  Buffer request;
  TextCall call(*channel);
  {
    auto lock = channel->lock();
    const uint64_t id = channel->next_req_id();
    wire::tmq_version_request(request, id);
    channel->start_locked(call, id, net::Opcode::kText, request.span());
    channel->expect_version_locked(call);
  }
  channel->flush_queued();
  Status s = call.wait(deadline);
  wire::VersionAnswer answer;
  if (s) s = wire::parse_version_answer(call.text(), answer);
  if (s) s = answer.status();
  if (!s) return s;
  Lock lock(mutex_);
  version_ = answer.version;
  channel_ = std::move(channel);
  return s;
}

Status Consumer::subscribe_on(Channel &channel, const std::vector<std::string> &topics, Deadline deadline) {
  const base::ConsumerOptions defaults;
  const auto number_unless = [](int value, int fallback) {
    return value == fallback ? std::string() : std::to_string(value);
  };
  const std::string session_timeout = number_unless(options_.session_timeout_ms, defaults.session_timeout_ms);
  const std::string poll_interval = number_unless(options_.max_poll_interval_ms, defaults.max_poll_interval_ms);
  const std::string heartbeat = number_unless(options_.heartbeat_interval_ms, defaults.heartbeat_interval_ms);
  const std::string fetch_wait = number_unless(options_.fetch_max_wait_ms, defaults.fetch_max_wait_ms);
  const std::string poll_rows = number_unless(options_.min_poll_rows, defaults.min_poll_rows);
  std::vector<std::pair<std::string_view, std::string_view>> config;
  const auto add = [&](std::string_view key, std::string_view value) {
    if (!value.empty()) config.emplace_back(key, value);
  };
  add("heartbeat.interval.ms", heartbeat);
  add("fetch.max.wait.ms", fetch_wait);
  add("min.poll.rows", poll_rows);
  if (options_.replay) add("enable.replay", "true");
  add("td.connect.token", connect_.bearer_token);
  const std::vector<std::string_view> names(topics.begin(), topics.end());

  wire::SubscribeArgs args;
  args.user = connect_.user;
  args.password = connect_.password;
  args.db = connect_.db;
  args.group_id = options_.group_id;
  args.client_id = options_.client_id;
  args.offset_rest = options_.offset_reset;
  args.auto_commit = "false";  // the client commits: the server does not know what the program has been given
  args.with_table_name = options_.with_table_name ? "true" : "false";
  args.snapshot_enable = options_.snapshot ? "true" : "false";
  if (options_.batch_meta) args.enable_batch_meta = "1";
  if (options_.consume_excluded) args.msg_consume_excluded = "1";
  if (options_.consume_rawdata) args.msg_consume_rawdata = "1";
  args.session_timeout_ms = session_timeout;
  args.max_poll_interval_ms = poll_interval;
  args.topics = names;
  args.tz = connect_.timezone;
  args.app = connect_.user_app;
  args.ip = connect_.user_ip;
  args.connector = connect_.connector_info;
  args.config = config;

  for (;;) {
    std::string text;
    Status s = ask(
        channel, [&](Buffer &r, uint64_t id) { wire::tmq_subscribe_request(r, id, args); }, deadline, &text);
    wire::VersionAnswer answer;
    if (s) s = wire::parse_version_answer(text, answer);
    if (!s) return s;
    if (answer.status().code() == kUnknownKey && !args.enable_batch_meta.empty()) {
      args.enable_batch_meta = {};  // a server before 3.3.3
      continue;
    }
    if (answer.ok() && !answer.version.empty()) {
      Lock lock(mutex_);
      version_ = answer.version;
    }
    return answer.status();
  }
}

// This thread holds the right to poll, and there is no subscription.
Status Consumer::join(const std::vector<std::string> &topics, Deadline deadline) {
  for (int attempt = 0;; attempt++) {
    Ref<Channel> channel;
    {
      Lock lock(mutex_);
      if (channel_ && !channel_->is_lost()) channel = channel_;
    }
    const bool fresh = !channel;
    if (fresh) {
      const Deadline soon = deadline.sooner_of(Deadline::after_ms(connect_.connect_timeout_ms));
      if (Status s = open_channel(soon, &channel); !s) return s;
    }
    Status s = subscribe_on(*channel, topics, deadline);
    if (!s && !fresh && attempt == 0 && channel->is_lost()) continue;  // it had ended while it was idle
    Lock lock(mutex_);
    if (fresh) {
      channel_ = channel;
      last_message_ = 0;
    }
    if (!s) return s;
    session_++;
    topics_ = topics;
    positions_.clear();
    lost_noted_ = lost_for_good_ = false;
    learning_ = options_.offset_reset == "latest" ? 3 : 0;
    next_auto_commit_ = Clock::now() + milliseconds(options_.auto_commit_interval_ms);
    return s;
  }
}

// This thread holds the right to poll.
Status Consumer::leave(Deadline deadline) {
  Ref<Channel> channel;
  {
    Lock lock(mutex_);
    drop_exchange_locked();
    if (topics_.empty()) return Status::ok();
    topics_.clear();
    positions_.clear();
    channel = channel_;
    changed_.notify_all();
  }
  if (!channel || channel->is_lost()) return Status::ok();  // the session ended with its connection
  Status s = ask_head(
      *channel, [](Buffer &r, uint64_t id) { wire::tmq_unsubscribe_request(r, id); }, deadline);
  if (s.code() == base::kErrReadTimeout) channel->close(s);  // that ends it, too
  return channel->is_lost() ? Status::ok() : s;
}

// ---------------------------------------------------------------------------------------------------- recovery

void Consumer::note_lost_locked() {
  if (lost_noted_) return;
  lost_noted_ = true;
  lost_since_ = Clock::now();
  lost_why_ = channel_ ? channel_->lost_reason() : Status();
  next_attempt_ = lost_since_;
  drop_exchange_locked();
  positions_.resume_all();
}

// The session, once it is there.
Status Consumer::live(Deadline deadline, Session *out, bool *outage) {
  Lock lock(mutex_);
  for (;;) {
    if (closed_) return {kErrTmqClosed, "Consumer closed"};
    if (topics_.empty()) return {kErrTmqStatus, "Invalid status, please subscribe topic first"};
    if (channel_ && !channel_->is_lost()) {
      *out = {channel_, session_};
      return Status::ok();
    }
    note_lost_locked();
    wanted_ = Clock::now();
    if (lost_for_good_) {  // told once; the next call tries again
      lost_for_good_ = false;
      return lost_why_;
    }
    if (!start_recovery_locked()) return {base::kErrOutOfMemory, "no thread could be made to restore the session"};
    if (deadline.passed() || (outage && interrupts_.load() > 0)) {
      if (outage) *outage = true;
      return time_is_over(lost_why_);
    }
    changed_.wait_for(lock, milliseconds(deadline.left_ms(200)));
  }
}

bool Consumer::start_recovery_locked() {
  if (recovering_) return true;
  add_ref();  // the thread's
  const auto run = [](void *arg) -> void * {
    auto *consumer = static_cast<Consumer *>(arg);
    try {
      consumer->recover();
    } catch (...) {
      // Out of memory: the next call that needs the session starts over.
      Lock end(consumer->mutex_);
      consumer->recovering_ = false;
    }
    consumer->release();
    return nullptr;
  };
  recovering_ = start_thread(run, this);
  if (!recovering_) release();
  return recovering_;
}

// Until the session is there again, or nobody wants it any more.
void Consumer::recover() {
  int64_t pause_ms = std::max(connect_.retry_backoff_ms, 1);
  std::vector<std::string> topics;
  while (wait_for_attempt(&topics)) {
    Ref<Channel> fresh;
    Status s = open_channel(Deadline::after_ms(connect_.connect_timeout_ms), &fresh);
    if (s) s = subscribe_on(*fresh, topics, Deadline::after_ms(kSubscribeMs));
    if (note_attempt(topics, std::move(fresh), std::move(s), &pause_ms)) return;
  }
}

bool Consumer::wait_for_attempt(std::vector<std::string> *topics) {
  Lock lock(mutex_);
  for (;;) {
    const auto now = Clock::now();
    const bool needed =
        !closed_ && !topics_.empty() && (!channel_ || channel_->is_lost()) && now - wanted_ < kNobodyWaits;
    if (!needed) {
      recovering_ = false;
      changed_.notify_all();
      return false;
    }
    if (now >= next_attempt_) {
      *topics = topics_;
      return true;
    }
    changed_.wait_until(lock, next_attempt_);
  }
}

// true: there is nothing more to do.
bool Consumer::note_attempt(const std::vector<std::string> &topics, Ref<Channel> fresh, Status outcome,
                            int64_t *pause_ms) {
  Lock lock(mutex_);
  const auto now = Clock::now();
  const bool still_wanted = !closed_ && topics_ == topics;
  if (outcome && still_wanted) {
    channel_ = std::move(fresh);
    session_++;
    last_message_ = 0;
    lost_noted_ = false;
    next_place_ = now;
    // What another member of the group has taken over by then is not ours any more.
    resume_until_ = now + 2 * milliseconds(options_.session_timeout_ms);
    recovering_ = false;
    changed_.notify_all();
    return true;
  }
  if (!outcome) {
    lost_why_ = std::move(outcome);
    next_attempt_ = now + milliseconds(*pause_ms);
    *pause_ms = std::min<int64_t>(*pause_ms * 2, std::max(connect_.retry_backoff_max_ms, 1));
    if (is_refusal(lost_why_.code())) {
      lost_for_good_ = true;
      next_attempt_ = now + kNextTryAfterRefusal;
      recovering_ = false;
    }
  }
  const bool over = !recovering_;
  changed_.notify_all();
  lock.unlock();
  if (fresh) fresh->close({kErrTmqClosed, "Consumer closed"});
  return over;
}

// ---------------------------------------------------------------------------------------------------- going on

// In a new session the server starts where the group has committed. Ours goes on behind what was handed out, unless
// somebody has committed beyond that meanwhile. true: the server has been moved, and what it sent before is void.
bool Consumer::place(const Session &session, std::string_view topic, int32_t vgroup, int64_t next) {
  Channel &channel = *session.channel;
  const Deadline deadline = soon();
  const wire::TopicVgroup of{topic, vgroup};
  std::string text;
  wire::AnswerHead head;
  std::vector<int64_t> committed;
  Status s = ask(
      channel,
      [&](Buffer &r, uint64_t id) {
        wire::tmq_committed_request(r, id, {&of, 1});
      },
      deadline, &text);
  if (s) s = wire::parse_offsets_answer(text, head, committed);
  const bool overtaken = s && head.ok() && committed.size() == 1 && committed[0] > next;
  bool moved = false;
  if (!overtaken && !channel.is_lost()) {
    moved = ask_head(
                channel, [&](Buffer &r, uint64_t id) { wire::tmq_seek_request(r, id, topic, vgroup, next); }, deadline)
                .is_ok();
  }
  if (channel.is_lost()) return false;
  Lock lock(mutex_);
  if (session_ != session.number) return false;
  if (overtaken)
    positions_.overtaken(topic, vgroup, committed[0]);
  else
    positions_.resumed(topic, vgroup);
  if (moved && exchange_) exchange_->sought(topic, vgroup, next, false);
  return moved;
}

// The vgroups that this session has got and that still need to be told where to go on. Vgroups come to a new member of
// the group late, when the old one is given up. Nobody may poll meanwhile: what was handed out since would come again.
void Consumer::place_all(const Session &session, bool my_turn) {
  {
    Lock lock(mutex_);
    if (session_ != session.number || !positions_.any_to_resume()) return;
  }
  const Turn turn = my_turn ? Turn(nullptr) : take_turn(0);
  if (!my_turn && !turn) return;  // the thread that polls does it
  std::vector<std::string> topics;
  {
    Lock lock(mutex_);
    if (session_ != session.number || !positions_.any_to_resume()) return;
    const auto now = Clock::now();
    if (now > resume_until_) {
      positions_.give_up_resuming();
      return;
    }
    if (now < next_place_) return;
    next_place_ = now + kPlaceEvery;
    topics = topics_;
  }
  for (const std::string &topic : topics) {
    std::string text;
    wire::AnswerHead head;
    std::vector<wire::Assignment> ours;
    Status s = ask(
        *session.channel, [&](Buffer &r, uint64_t id) { wire::tmq_assignment_request(r, id, topic); }, soon(), &text);
    if (s) s = wire::parse_assignment_answer(text, head, ours);
    if (!s || !head.ok()) continue;
    for (const wire::Assignment &a : ours) {
      int64_t next;
      {
        Lock lock(mutex_);
        const PositionTable::Entry *e = positions_.find(topic, a.vgroup_id);
        if (!e || !e->resume) continue;
        next = e->next;
      }
      (void)place(session, topic, a.vgroup_id, next);
    }
  }
}

// A group that has committed nothing and starts at the end would lose, with its session, the place where that was. So
// the server is asked once it has found it.
void Consumer::learn_positions(const Session &session) {
  std::vector<std::string> topics;
  {
    Lock lock(mutex_);
    if (learning_ == 0) return;
    learning_--;
    topics = topics_;
  }
  bool all = true;
  for (const std::string &topic : topics) {
    std::string text;
    wire::AnswerHead head;
    std::vector<wire::Assignment> ours;
    std::vector<int64_t> offsets;
    Status s = ask(
        *session.channel, [&](Buffer &r, uint64_t id) { wire::tmq_assignment_request(r, id, topic); }, soon(), &text);
    if (s) s = wire::parse_assignment_answer(text, head, ours);
    if (!s || !head.ok() || ours.empty()) {
      all = false;
      continue;
    }
    std::vector<wire::TopicVgroup> of;
    for (const wire::Assignment &a : ours) of.push_back({topic, a.vgroup_id});
    s = ask(
        *session.channel, [&](Buffer &r, uint64_t id) { wire::tmq_position_request(r, id, of); }, soon(), &text);
    if (s) s = wire::parse_offsets_answer(text, head, offsets);
    if (!s || !head.ok() || offsets.size() != of.size()) {
      all = false;
      continue;
    }
    Lock lock(mutex_);
    for (size_t i = 0; i < of.size(); i++) {
      if (offsets[i] >= 0)
        positions_.found(topic, of[i].vgroup_id, offsets[i]);
      else
        all = false;
    }
  }
  if (!all) return;
  Lock lock(mutex_);
  learning_ = 0;
}

}  // namespace opentaos::client
