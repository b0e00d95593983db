// How a consumer commits.
//
// The server can commit everything that it has sent; that is one request. But it may have sent a message that the
// program has not been given yet, or, in a new session, not know where the program is: then each vgroup's offset is
// committed by itself. Which way is decided when the program asks, and nothing is polled meanwhile that a commit of
// everything could come to cover.
#include <algorithm>

#include "client/consumer.h"
#include "client/executor.h"
#include "client/text_call.h"
#include "wire/tmq_requests.h"

namespace opentaos::client {

using base::Buffer;
using base::Deadline;
using base::Status;
using std::chrono::milliseconds;

namespace {

constexpr auto kAgainAfter = milliseconds(200);

Status no_offsets() { return {kErrTmqSnapshot, "Can not operate in snapshot mode"}; }

}  // namespace

Consumer::CommitPlan Consumer::plan_all_locked() {
  CommitPlan plan;
  plan.session = session_;
  plan.last_message = last_message_;
  bool unknown = false;
  plan.offsets = positions_.uncommitted(&unknown);
  // What the server has sent and the program has not been given.
  const bool unseen = exchange_ && !(exchange_->done() && exchange_->status().is_ok() && !exchange_->has_message());
  plan.everything = !topics_.empty() && !unseen && channel_ && !channel_->is_lost() && !positions_.any_to_resume();
  if (plan.everything)
    commits_of_everything_++;
  else if (unknown)
    plan.refused = no_offsets();
  return plan;
}

Consumer::CommitPlan Consumer::plan_message(const MessageResult &message) {
  Lock lock(mutex_);
  if (message.next_offset() == kUnknownOffset) return plan_all_locked();
  CommitPlan plan;
  plan.offsets.push_back({message.topic(), message.vgroup(), message.next_offset()});
  return plan;
}

Status Consumer::execute(CommitPlan &plan, bool my_turn) {
  if (!plan.refused) return plan.refused;
  if (plan.everything) {
    bool lost = false;
    Status s{base::kErrOutOfMemory, "Out of Memory"};
    try {
      s = commit_by_server(plan, &lost);
    } catch (const std::bad_alloc &) {
      // Polls must not wait for this commit for ever.
    }
    {
      Lock lock(mutex_);
      if (s && session_ == plan.session) positions_.all_committed();
      commits_of_everything_--;
      changed_.notify_all();
    }
    if (!lost) return s;
  }
  return commit_positions(plan.offsets, my_turn);
}

// `lost`: the session has ended before the outcome was known. A commit may be repeated.
Status Consumer::commit_by_server(const CommitPlan &plan, bool *lost) {
  base::Ref<Channel> channel;
  {
    Lock lock(mutex_);
    if (session_ == plan.session) channel = channel_;
  }
  *lost = !channel || channel->is_lost();
  if (*lost) return {base::kErrClosed, "the session was lost"};
  Status s = ask_head(
      *channel, [&](Buffer &r, uint64_t id) { wire::tmq_commit_request(r, id, plan.last_message); }, read_deadline());
  // One that is done later could cover what is polled until then.
  if (s.code() == base::kErrReadTimeout) channel->close(s);
  *lost = !s && channel->is_lost();
  return s;
}

// All requests at once, then one after the other for what did not succeed.
Status Consumer::commit_positions(const std::vector<VgroupPosition> &offsets, bool my_turn) {
  std::vector<bool> done(offsets.size(), false);
  if (offsets.size() > 1) commit_together(offsets, &done);
  Status first;
  for (size_t i = 0; i < offsets.size(); i++) {
    const VgroupPosition &p = offsets[i];
    for (int lost = 0; !done[i];) {
      Session session;
      // Commits outlast an outage only as long as making a connection may take.
      const Deadline back = read_deadline().sooner_of(Deadline::after_ms(connect_.connect_timeout_ms));
      if (Status s = live(back, &session); !s) return s;
      place_all(session, my_turn);
      Status s = ask_head(
          *session.channel,
          [&](Buffer &r, uint64_t id) { wire::tmq_commit_offset_request(r, id, p.topic, p.vgroup, p.next); },
          read_deadline());
      if (!s && session.channel->is_lost() && ++lost < 3) continue;
      Lock lock(mutex_);
      if (s) {
        positions_.committed(p);
        break;
      }
      // After an outage the vgroup may still be the old session's, until the group gives that up.
      const PositionTable::Entry *e = positions_.find(p.topic, p.vgroup);
      const bool not_yet = s.code() == kErrTmqVgroup || s.code() == kErrTmqTopic || s.code() == kErrTmqNoAssignment;
      const bool may_come = not_yet && e && e->resume && Clock::now() < resume_until_;
      if (may_come) {
        lock.unlock();
        if (!has_others(session, p)) {
          nudge(session, my_turn);
          std::this_thread::sleep_for(kAgainAfter);
          continue;
        }
        lock.lock();
      }
      if (first) first = s;
      // Another member of the group has it, and will read again what was not committed. If it comes back after all, we
      // go on where we were, and the next commit covers that.
      if (may_come)
        positions_.set_aside(p.topic, p.vgroup);
      else if (not_yet)
        positions_.forget(p.topic, p.vgroup);
      break;
    }
  }
  return first;
}

// Whether the group has dealt out its vgroups, and this session has got some, but not that one.
bool Consumer::has_others(const Session &session, const VgroupPosition &p) {
  std::string text;
  wire::AnswerHead head;
  std::vector<wire::Assignment> ours;
  Status s = ask(
      *session.channel, [&](Buffer &r, uint64_t id) { wire::tmq_assignment_request(r, id, p.topic); }, soon(), &text);
  if (s) s = wire::parse_assignment_answer(text, head, ours);
  return s && head.ok() && !ours.empty() &&
         std::none_of(ours.begin(), ours.end(), [&](const wire::Assignment &a) { return a.vgroup_id == p.vgroup; });
}

void Consumer::commit_together(const std::vector<VgroupPosition> &offsets, std::vector<bool> *done) {
  Session session;
  {
    Lock lock(mutex_);
    session = {channel_, session_};
  }
  if (!session.channel || session.channel->is_lost()) return;
  const Deadline deadline = read_deadline();
  std::deque<TextCall> calls;
  for (const VgroupPosition &p : offsets) {
    Buffer request;
    const uint64_t id = session.channel->next_req_id();
    wire::tmq_commit_offset_request(request, id, p.topic, p.vgroup, p.next);
    TextCall &call = calls.emplace_back(*session.channel);
    if (!session.channel->start(call, id, net::Opcode::kText, request.span(), {}, deadline)) return;
  }
  for (size_t i = 0; i < offsets.size(); i++) {
    wire::AnswerHead head;
    if (!calls[i].wait(deadline) || !wire::parse_head(calls[i].text(), head) || !head.ok()) continue;
    (*done)[i] = true;
    Lock lock(mutex_);
    positions_.committed(offsets[i]);
  }
}

Status Consumer::commit_all() {
  if (Status s = usable(); !s) return s;
  CommitPlan plan;
  {
    Lock lock(mutex_);
    if (topics_.empty()) return Status::ok();  // nothing was polled
    plan = plan_all_locked();
  }
  return execute(plan, false);
}

Status Consumer::commit(const MessageResult &message) {
  if (Status s = usable(); !s) return s;
  CommitPlan plan = plan_message(message);
  return execute(plan, false);
}

Status Consumer::commit_offset(std::string_view topic, int32_t vgroup, int64_t offset) {
  if (Status s = usable_for(topic); !s) return s;
  CommitPlan plan;
  plan.offsets.push_back({std::string(topic), vgroup, offset});
  return execute(plan, false);
}

// ---------------------------------------------------------------------------------------------------- without waiting

void Consumer::commit_all_async(CommitCallback done) {
  CommitPlan plan;
  plan.refused = usable();
  if (plan.refused) {
    Lock lock(mutex_);
    plan = plan_all_locked();
  }
  queue_commit(std::move(plan), std::move(done));
}

void Consumer::commit_async(const MessageResult &message, CommitCallback done) {
  CommitPlan plan;
  plan.refused = usable();
  if (plan.refused) plan = plan_message(message);
  queue_commit(std::move(plan), std::move(done));
}

void Consumer::commit_offset_async(std::string_view topic, int32_t vgroup, int64_t offset, CommitCallback done) {
  CommitPlan plan;
  plan.refused = usable_for(topic);
  plan.offsets.push_back({std::string(topic), vgroup, offset});
  queue_commit(std::move(plan), std::move(done));
}

void Consumer::auto_commit_if_due() {
  if (!options_.auto_commit) return;
  const auto now = Clock::now();
  CommitPlan plan;
  {
    Lock lock(mutex_);
    if (auto_commit_runs_ || now < next_auto_commit_ || !positions_.any_uncommitted()) return;
    next_auto_commit_ = now + milliseconds(options_.auto_commit_interval_ms);
    auto_commit_runs_ = true;
    plan = plan_all_locked();
  }
  queue_commit(std::move(plan), [this](int32_t code) {
    {
      Lock lock(mutex_);
      auto_commit_runs_ = false;
    }
    if (auto_commit_callback_) auto_commit_callback_(code);
  });
}

void Consumer::queue_commit(CommitPlan &&plan, CommitCallback done) {
  {
    Lock lock(mutex_);
    commits_.push_back({std::move(plan), std::move(done)});
    if (commits_run_) return;
    commits_run_ = true;
  }
  auto self = base::Ref<Consumer>::share(this);
  if (!post_task([self] { self->run_commits(); })) run_commits();
}

// One after the other, so that callbacks come in the order of the calls.
void Consumer::run_commits() {
  Lock lock(mutex_);
  commits_run_ = true;
  const auto outer = commits_thread_;
  commits_thread_ = std::this_thread::get_id();
  while (!commits_.empty()) {
    AsyncCommit next = std::move(commits_.front());
    commits_.pop_front();
    lock.unlock();
    Status s = execute(next.plan, false);
    try {
      if (next.done) next.done(s.code());
    } catch (...) {
      // A program's callback must not throw through C; if it does, the other commits go on.
    }
    lock.lock();
  }
  commits_thread_ = outer;
  commits_run_ = outer != std::thread::id();
  changed_.notify_all();
}

// Ends when all commits asked for so far are done. A callback that closes its consumer does the rest itself.
void Consumer::drain_commits() {
  Lock lock(mutex_);
  if (commits_thread_ == std::this_thread::get_id()) {
    lock.unlock();
    run_commits();
    return;
  }
  while (commits_run_ || !commits_.empty()) changed_.wait_for(lock, milliseconds(200));
}

}  // namespace opentaos::client
