#include "client/consumer.h"

#include <algorithm>
#include <charconv>

#include "client/connection.h"
#include "client/text_call.h"
#include "wire/tmq_requests.h"

namespace opentaos::client {

using base::Buffer;
using base::Deadline;
using base::Status;

namespace {

// An unsubscribe was seen to take more than two seconds.
constexpr int64_t kLeaveMs = 15 * 1000;

}  // namespace

bool version_at_least(std::string_view version, int major, int minor, int patch) {
  const int wanted[3] = {major, minor, patch};
  const char *p = version.data(), *const end = p + version.size();
  for (int want : wanted) {
    int have = 0;
    auto [next, error] = std::from_chars(p, end, have);
    if (error != std::errc()) return true;
    if (have != want) return have > want;
    p = next;
    if (p != end && *p == '.') p++;
  }
  return true;
}

Consumer::Consumer(const base::ConnectOptions &connect, const base::ConsumerOptions &options)
    : connect_(connect), options_(options), process_(base::process_generation()) {}

Consumer::~Consumer() = default;

Consumer::Turn Consumer::take_turn(int64_t wait_ms) {
  const auto end = Clock::now() + std::chrono::milliseconds(wait_ms);
  Lock lock(mutex_);
  while (polling_) {
    if (changed_.wait_until(lock, end) == std::cv_status::timeout && polling_) return Turn(nullptr);
  }
  polling_ = true;
  return Turn(this);
}

Consumer::Turn Consumer::take_turn_from_others() {
  interrupts_.fetch_add(1);
  for (;;) {
    drain_commits();  // first: a callback may be polling
    Lock lock(mutex_);
    while (polling_) changed_.wait(lock);
    const bool mine = commits_thread_ == std::this_thread::get_id();
    if (commits_run_ && !mine) continue;
    polling_ = true;
    interrupts_.fetch_sub(1);
    return Turn(this);
  }
}

void Consumer::give_turn_back() {
  Lock lock(mutex_);
  polling_ = false;
  changed_.notify_all();
}

Status Consumer::check_login() {
  auto connection = Connection::connect(connect_);
  if (!connection) return connection.status();
  version_ = (*connection)->server_version();
  (*connection)->close();
  return Status::ok();
}

// ---------------------------------------------------------------------------------------------------- requests

// `write` appends one request with the id it is given.
Status Consumer::ask(Channel &channel, const Write &write, Deadline deadline, std::string *text) {
  Buffer request;
  const uint64_t id = channel.next_req_id();
  write(request, id);
  TextCall call(channel);
  if (Status s = channel.start(call, id, net::Opcode::kText, request.span(), {}, deadline); !s) return s;
  if (Status s = call.wait(deadline); !s) return s;
  *text = std::move(call.text());
  return Status::ok();
}

Status Consumer::ask_live(const Write &write, std::string *text) {
  const Deadline deadline = read_deadline();
  for (int attempt = 0;; attempt++) {
    Session session;
    if (Status s = live(deadline, &session); !s) return s;
    place_all(session, false);
    Status s = ask(*session.channel, write, deadline, text);
    if (s || attempt > 0 || !session.channel->is_lost()) return s;
  }
}

Status Consumer::ask_head(Channel &channel, const Write &write, Deadline deadline) {
  std::string text;
  if (Status s = ask(channel, write, deadline, &text); !s) return s;
  wire::AnswerHead head;
  Status s = wire::parse_head(text, head);
  return s ? head.status() : s;
}

int64_t Consumer::ask_offset(const Write &write, Status *why) {
  std::string text;
  wire::AnswerHead head;
  std::vector<int64_t> offsets;
  *why = ask_live(write, &text);
  if (*why) *why = wire::parse_offsets_answer(text, head, offsets);
  if (*why) *why = head.status();
  if (*why && offsets.size() != 1) *why = wire::protocol_error("not the one offset that was asked for");
  return *why ? offsets[0] : int64_t{why->code()};
}

// What is not subscribed to is known without asking.
Status Consumer::usable_for(std::string_view topic) {
  if (Status s = usable(); !s) return s;
  Lock lock(mutex_);
  if (std::find(topics_.begin(), topics_.end(), topic) != topics_.end()) return Status::ok();
  return {kErrTmqTopic, "Topic does not belong to this consumer"};
}

// ---------------------------------------------------------------------------------------------------- topics

Status Consumer::subscribe(std::vector<std::string> topics) {
  if (Status s = usable(); !s) return s;
  Turn turn = take_turn_from_others();
  std::vector<std::string> before;
  {
    Lock lock(mutex_);
    if (topics == topics_ && channel_ && !channel_->is_lost()) return Status::ok();
    before = topics_;
  }
  if (!before.empty()) {
    if (Status s = give_up_topics(); !s) return s;
  }
  if (topics.empty()) return Status::ok();
  Status s = join(topics, read_deadline());
  // Natively a failed call leaves the subscription as it was.
  if (!s && !before.empty()) (void)join(before, read_deadline());
  return s;
}

Status Consumer::unsubscribe() {
  if (Status s = usable(); !s) return s;
  Turn turn = take_turn_from_others();
  return give_up_topics();
}

// This thread holds the right to poll.
Status Consumer::give_up_topics() {
  Status committed;
  if (options_.auto_commit) {
    Lock lock(mutex_);
    if (!topics_.empty() && positions_.any_uncommitted()) {
      CommitPlan plan = plan_all_locked();
      lock.unlock();
      committed = execute(plan, true);
    }
  }
  Status left = leave(Deadline::after_ms(kLeaveMs));
  return left ? committed : left;
}

Status Consumer::subscription(std::vector<std::string> *topics) {
  if (Status s = usable(); !s) return s;
  Lock lock(mutex_);
  *topics = topics_;
  return Status::ok();
}

Status Consumer::close() {
  if (process_ != base::process_generation()) return Status::ok();  // in a child of fork(): it is the parent's
  {
    Lock lock(mutex_);
    if (closing_) return {base::kErrInvalidPara, "the consumer is closed already"};
    closing_ = true;
    changed_.notify_all();
  }
  Turn turn = take_turn_from_others();
  Status s = give_up_topics();
  base::Ref<Channel> channel;
  {
    Lock lock(mutex_);
    closed_ = true;
    channel = std::move(channel_);
    changed_.notify_all();
  }
  if (channel) channel->close({kErrTmqClosed, "Consumer closed"});
  return s;
}

void Consumer::tend() {
  if (process_ != base::process_generation()) return;
  base::Ref<Channel> channel;
  {
    Lock lock(mutex_);
    channel = channel_;
  }
  if (channel) channel->tend();
}

// ---------------------------------------------------------------------------------------------------- offsets

// Where the server is, as far as the program has seen it.
Status Consumer::assignment(std::string_view topic, std::vector<wire::Assignment> *out) {
  if (Status s = usable_for(topic); !s) return s;
  std::string text;
  Status s = ask_live([&](Buffer &r, uint64_t id) { wire::tmq_assignment_request(r, id, topic); }, &text);
  wire::AnswerHead head;
  if (s) s = wire::parse_assignment_answer(text, head, *out);
  if (s) s = head.status();
  Lock lock(mutex_);
  for (wire::Assignment &a : *out) {
    const PositionTable::Entry *e = positions_.find(topic, a.vgroup_id);
    if (e && e->next != kUnknownOffset && exchange_) a.offset = std::min(a.offset, e->next);
  }
  return s;
}

Status Consumer::seek(std::string_view topic, int32_t vgroup, int64_t offset) {
  if (Status s = usable_for(topic); !s) return s;
  base::Ref<PollExchange> before;  // a message that has come already is from the old place
  {
    Lock lock(mutex_);
    before = exchange_;
  }
  if (before && !before->wait(soon())) before = {};
  std::string text;
  Status s = ask_live([&](Buffer &r, uint64_t id) { wire::tmq_seek_request(r, id, topic, vgroup, offset); }, &text);
  wire::AnswerHead head;
  if (s) s = wire::parse_head(text, head);
  if (s) s = head.status();
  if (!s) return s;
  Lock lock(mutex_);
  positions_.sought(topic, vgroup, offset);
  if (exchange_) exchange_->sought(topic, vgroup, offset, exchange_.get() == before.get());
  return s;
}

int64_t Consumer::position(std::string_view topic, int32_t vgroup, Status *why) {
  if (*why = usable_for(topic); !*why) return why->code();
  {
    // The server counts what was polled, also where the program has not been given it.
    Lock lock(mutex_);
    const PositionTable::Entry *e = positions_.find(topic, vgroup);
    if (e && e->next != kUnknownOffset && (exchange_ || e->resume)) return e->next;
  }
  const wire::TopicVgroup of{topic, vgroup};
  return ask_offset([&](Buffer &r, uint64_t id) { wire::tmq_position_request(r, id, {&of, 1}); }, why);
}

int64_t Consumer::committed(std::string_view topic, int32_t vgroup, Status *why) {
  if (*why = usable_for(topic); !*why) return why->code();
  const wire::TopicVgroup of{topic, vgroup};
  return ask_offset([&](Buffer &r, uint64_t id) { wire::tmq_committed_request(r, id, {&of, 1}); }, why);
}

}  // namespace opentaos::client
