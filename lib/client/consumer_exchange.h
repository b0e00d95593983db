// One poll and what follows from it: when the answer says that there is a message, all of it is asked for at once, by
// whichever thread reads the connection. A poll whose answer is late stays under way; the next call of the program goes
// on waiting for it, so that no message is lost between two calls.
#pragma once
#include <string_view>
#include <vector>

#include "client/channel.h"
#include "client/message_result.h"
#include "wire/tmq_answers.h"

namespace opentaos::client {

class PollExchange final : public base::HandleObject {
 public:
  // Servers before 3.3.3 know only the older way to fetch a message.
  PollExchange(base::Ref<Channel> channel, bool old_server);

  // Sends the poll. `last_message` is the message received last on this channel, 0 for none: the server sends a later
  // one again if its answer was lost.
  // `by_workers`: they read while no thread of the program does.
  base::Status start(int64_t blocking_ms, uint64_t last_message, base::Deadline deadline, bool by_workers = false);
  // Ok: the exchange has come to its end, status() says how.
  base::Status wait(base::Deadline deadline);
  bool done() const { return waiter_.done(); }
  // Nobody wants the outcome any more; nothing of it arrives from then on.
  void abandon();

  // The program has moved to `offset`; `before`: after this had come to its end. Under the consumer's lock.
  void sought(std::string_view topic, int32_t vgroup, int64_t offset, bool before);
  // Whether a message is from before such a move, and will come again if it is wanted.
  bool is_outdated(std::string_view topic, int32_t vgroup, int64_t begin) const;

  // ---- once done
  const base::Status &status() const { return status_; }
  bool has_message() const { return status_.is_ok() && content_.head.have_message; }
  MessageContent &content() { return content_; }
  const base::Ref<Channel> &channel() const { return channel_; }
  base::Deadline::Clock::time_point started() const { return started_; }
  int64_t blocking_ms() const { return blocking_ms_; }

 private:
  template <void (PollExchange::*Answer)(net::Message &, const wire::AnswerKey *)>
  class Step final : public Call {
   public:
    explicit Step(PollExchange &owner) : owner_(owner) {}
    void on_answer(net::Message &message, const wire::AnswerKey *key) override { (owner_.*Answer)(message, key); }
    void on_lost(const base::Status &why) override { owner_.on_lost(why); }

   private:
    PollExchange &owner_;
  };

  // The workers read until this has come to its end; nobody is waiting that could be told of a deadline.
  class Reading final : public AsyncWait {
    void on_late_locked() override {}
  };

  void on_poll(net::Message &message, const wire::AnswerKey *key);
  void on_data(net::Message &message, const wire::AnswerKey *key);
  void on_meta(net::Message &message, const wire::AnswerKey *key);
  void on_lost(const base::Status &why);
  void ask_for_message_locked();
  void part_done_locked();

  base::Ref<Channel> channel_;
  const bool old_server_;
  struct Move {
    VgroupPosition to;
    bool before = false;
  };
  std::vector<Move> moves_;
  base::Deadline::Clock::time_point started_;
  int64_t blocking_ms_ = 0;

  // Under the channel's lock until done.
  Step<&PollExchange::on_poll> poll_{*this};
  Step<&PollExchange::on_data> data_{*this};
  Step<&PollExchange::on_meta> meta_{*this};
  Waiter waiter_;
  Reading reading_;
  int missing_ = 0;  // answers that are still to come; each holds a reference
  base::Status status_;
  base::Status data_status_, meta_status_;
  MessageContent content_;
};

}  // namespace opentaos::client
