// How a consumer gets its messages.
//
// A program's wait is cut into polls of at most a second, since a poll holds up everything else that is asked of the
// consumer. One poll is under way at a time: the server never answers one that was overtaken by another.
#include <algorithm>

#include "client/consumer.h"
#include "wire/tmq_requests.h"

namespace opentaos::client {

using base::Buffer;
using base::Deadline;
using base::Ref;
using base::Status;
using std::chrono::milliseconds;

namespace {

constexpr int kLongestPollMs = 1000;
// How much longer than asked for a program waits for an answer. After that the poll stays under way.
constexpr int64_t kGraceMs = 1000;
// How much longer than asked for a server may take to answer a poll before it counts as gone.
constexpr int64_t kStallMs = 30 * 1000;
constexpr int64_t kEarlyPauseMs = 10;
constexpr int64_t kSliceMs = 100;  // how soon a thread that polls makes room for another one
constexpr int32_t kTableMeta = 2;
// A message from this size on takes long enough to be worth other threads' help with the next one.
constexpr size_t kWorthWorkers = 64 * 1024;
constexpr auto kFresh = milliseconds(5);
// A session that the server does not know is replaced at most this often.
constexpr auto kGiveUpEvery = std::chrono::seconds(10);
constexpr int32_t kErrConsumerNotExist = base::full_code(0x03E6);

// What the adapter or the server says when it has lost the consumer although the connection is there.
bool has_no_session(const Status &s) {
  return s.code() == kErrConsumerNotExist || (s.code() == base::kErrFailed && s.message() == "tmq not init");
}

}  // namespace

Status Consumer::poll(int64_t timeout_ms, MessageResult **message) {
  *message = nullptr;
  bool only_polls = false;
  if (Status s = usable(&only_polls); !s) return s;
  const auto start = Clock::now();
  for (;;) {
    int64_t wait_ms = 1000;
    if (timeout_ms >= 0) {
      const auto spent = std::chrono::duration_cast<milliseconds>(Clock::now() - start).count();
      wait_ms = std::min(wait_ms, timeout_ms - spent);
      if (wait_ms < 0 || (wait_ms == 0 && timeout_ms > 0)) return Status::ok();  // another thread had it all the time
    }
    const Turn turn = take_turn(wait_ms);
    if (Status s = usable(); !s) return s;
    if (turn) {
      const auto spent = std::chrono::duration_cast<milliseconds>(Clock::now() - start).count();
      return poll_locked(timeout_ms <= 0 ? timeout_ms : std::max<int64_t>(timeout_ms - spent, 0), only_polls, message);
    }
    if (timeout_ms == 0) return Status::ok();
  }
}

Status Consumer::poll_locked(int64_t timeout_ms, bool ahead, MessageResult **message) {
  const bool endless = timeout_ms < 0;
  const Deadline end = endless ? Deadline::never() : Deadline::after_ms(std::max<int64_t>(timeout_ms, 1));
  const Deadline patience = endless ? end : Deadline::after_ms(timeout_ms + kGraceMs);
  for (bool looked = false;;) {
    if (interrupts_.load() > 0) return Status::ok();
    Session session;
    bool outage = false;
    const Deadline back = end.sooner_of(Deadline::after_ms(options_.session_timeout_ms));
    if (Status s = live(back, &session, &outage); !s) {
      // As long as the group may count on us an outage is bridged quietly, as natively. Then the program is told.
      Lock lock(mutex_);
      const bool quiet = outage && Clock::now() - lost_since_ < milliseconds(options_.session_timeout_ms);
      if (quiet && endless) continue;
      return quiet || interrupts_.load() > 0 ? Status::ok() : s;
    }
    auto_commit_if_due();
    place_all(session, true);
    const int left_ms = timeout_ms == 0 ? 0 : end.left_ms(kLongestPollMs);
    if (looked && left_ms == 0) return Status::ok();

    Ref<PollExchange> exchange;
    Status s = take_exchange(session, patience, left_ms, &exchange);
    if (!exchange) {
      if (s || session.channel->is_lost()) continue;
      return s.code() == base::kErrReadTimeout ? Status::ok() : s;
    }
    // A poll that was sent ahead has looked some time ago.
    looked = looked || exchange->blocking_ms() > 0 || timeout_ms != 0 || Clock::now() - exchange->started() < kFresh;
    const auto stalled = exchange->started() + milliseconds(exchange->blocking_ms() + kStallMs);
    while (!exchange->wait(patience.sooner_of(Deadline::after_ms(kSliceMs))) && !exchange->channel()->is_lost()) {
      // It stays under way: the next call goes on waiting.
      if (patience.passed() || interrupts_.load() > 0) return Status::ok();
      if (Clock::now() > stalled)
        exchange->channel()->close({base::kErrReadTimeout, "the server does not answer a poll any more"});
    }
    {
      Lock lock(mutex_);
      if (exchange_.get() == exchange.get()) exchange_ = {};
    }
    if (!exchange->done() || (exchange->channel()->is_lost() && !exchange->has_message())) continue;
    if (has_no_session(exchange->status()) && give_up_session(*exchange->channel(), exchange->status())) continue;
    if (!exchange->status()) return exchange->status();
    learn_positions(session);
    if (exchange->has_message()) {
      const size_t size = exchange->content().data_size;
      s = hand_out(session, *exchange, message);
      if (*message && ahead && (*message)->next_offset() != kUnknownOffset) poll_ahead(session, size);
      if (*message || (!s && !session.channel->is_lost())) return s;
    } else if (Clock::now() - exchange->started() < milliseconds(exchange->blocking_ms() / 2)) {
      pause(std::min<int64_t>(end.left_ms(kLongestPollMs), kEarlyPauseMs));  // a server that answers too early
    }
  }
}

// false: that has been tried just now, the program is told instead.
bool Consumer::give_up_session(Channel &channel, const Status &why) {
  {
    Lock lock(mutex_);
    const auto now = Clock::now();
    if (given_up_ != Clock::time_point() && now - given_up_ < kGiveUpEvery) return false;
    given_up_ = now;
  }
  channel.close(why);
  return true;
}

// The poll that is under way, or a new one. None: the session has ended, or the program wants something else.
Status Consumer::take_exchange(const Session &session, Deadline deadline, int64_t blocking_ms, Ref<PollExchange> *out) {
  Ref<PollExchange> fresh;
  uint64_t last;
  {
    Lock lock(mutex_);
    for (;;) {
      if (session_ != session.number || interrupts_.load() > 0) return Status::ok();
      if (exchange_) {
        *out = exchange_;
        return Status::ok();
      }
      // A commit of everything must not come to cover what this poll brings.
      if (commits_of_everything_ == 0) break;
      if (deadline.passed()) return {base::kErrReadTimeout, "a commit is under way"};
      changed_.wait_for(lock, milliseconds(deadline.left_ms(200)));
    }
    fresh = new_exchange_locked(session.channel);
    last = last_message_;
  }
  Status s = fresh->start(blocking_ms, last, Deadline::after_ms(connect_.write_timeout_ms));
  if (!s) {
    Lock lock(mutex_);
    if (exchange_.get() == fresh.get()) exchange_ = {};
    return s;
  }
  *out = std::move(fresh);
  return s;
}

Ref<PollExchange> Consumer::new_exchange_locked(const Ref<Channel> &channel) {
  exchange_ = Ref<PollExchange>::adopt(new PollExchange(channel, !version_at_least(version_, 3, 3, 3)));
  return exchange_;
}

// A program that does nothing but poll gets its next message sent while it works on this one. As long as that message
// has not been handed out, commits go vgroup by vgroup and do not cover it.
void Consumer::poll_ahead(const Session &session, size_t size) {
  Ref<PollExchange> next;
  uint64_t last;
  {
    Lock lock(mutex_);
    if (session_ != session.number || exchange_ || commits_of_everything_ > 0 || closing_) return;
    next = new_exchange_locked(session.channel);
    last = last_message_;
  }
  if (next->start(0, last, Deadline::after_ms(connect_.write_timeout_ms), size >= kWorthWorkers)) return;
  Lock lock(mutex_);
  if (exchange_.get() == next.get()) exchange_ = {};
}

void Consumer::drop_exchange_locked() {
  if (!exchange_) return;
  exchange_->abandon();
  exchange_ = {};
}

// Ok without a message: it is one that the program has had, or will get in another place.
Status Consumer::hand_out(const Session &session, PollExchange &exchange, MessageResult **message) {
  MessageContent &content = exchange.content();
  const wire::PollAnswer &head = content.head;
  content.offsets = read_message_offsets(content.raw_type, content.data());
  // What the server calls the offset of a change of tables is where reading goes on behind it.
  if (head.message_type == kTableMeta && head.offset >= 0) content.offsets.next = head.offset;
  if (Status s = describe_blocks(*session.channel, &content); !s) return s;

  bool resume = false, outdated = false;
  int64_t next = kUnknownOffset;
  {
    Lock lock(mutex_);
    if (session_ != session.number) return Status::ok();
    last_message_ = head.message_id;
    outdated = exchange.is_outdated(head.topic, head.vgroup_id, content.offsets.begin);
    if (const PositionTable::Entry *e = positions_.find(head.topic, head.vgroup_id)) {
      resume = e->resume && e->next != content.offsets.begin;
      next = e->next;
    }
  }
  if (outdated) return Status::ok();
  if (resume && (place(session, head.topic, head.vgroup_id, next) || session.channel->is_lost())) return Status::ok();

  Lock lock(mutex_);
  if (session_ != session.number || lost_noted_) return Status::ok();
  positions_.handed_out(head.topic, head.vgroup_id, content.offsets.next);
  only_polls_ = true;
  lock.unlock();
  *message = new MessageResult(std::move(content), session.channel);
  return Status::ok();
}

// Servers before 3.3 leave the columns out of the data; the blocks follow each other in the same order.
Status Consumer::describe_blocks(Channel &channel, MessageContent *content) {
  if (!wire::TmqMessage::has_blocks(content->raw_type)) return Status::ok();
  wire::TmqMessage blocks;
  if (!blocks.open(content->data()) || blocks.block_count() == 0 || blocks.with_schema()) return Status::ok();
  for (int32_t i = 0; i < blocks.block_count(); i++) {
    std::string text;
    wire::TmqFetchAnswer answer;
    Status s = ask(
        channel, [&](Buffer &r, uint64_t id) { wire::tmq_fetch_request(r, id, content->head.message_id); }, soon(),
        &text);
    if (s) s = wire::parse_tmq_fetch_answer(text, answer);
    if (s) s = answer.status();
    if (!s) return s;
    if (answer.completed) break;
    content->described.push_back(std::move(answer));
  }
  return Status::ok();
}

// Has the server look at what has become of the group. What that brings is kept for the next poll.
void Consumer::nudge(const Session &session, bool my_turn) {
  const Turn turn = my_turn ? Turn(nullptr) : take_turn(0);
  if (!my_turn && !turn) return;  // somebody polls
  Ref<PollExchange> exchange;
  (void)take_exchange(session, Deadline::after_ms(kGraceMs), 100, &exchange);
  if (!exchange) return;
  (void)exchange->wait(Deadline::after_ms(kGraceMs));
  Lock lock(mutex_);
  if (exchange->done() && !exchange->has_message() && exchange_.get() == exchange.get()) exchange_ = {};
}

void Consumer::pause(int64_t ms) {
  if (ms <= 0) return;
  Lock lock(mutex_);
  changed_.wait_for(lock, milliseconds(ms));
}

}  // namespace opentaos::client
