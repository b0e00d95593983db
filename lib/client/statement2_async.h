// The messages of a second-generation statement that no thread waits for: a bind whose answer is looked at when the
// statement is executed, and an execution that ends in a callback. Whichever thread reads the channel sends the
// execution when the bind has been answered: they must not be on their way together, since the server gives them no
// order.
#pragma once
#include "base/buffer.h"
#include "client/channel.h"
#include "client/statement_server.h"

namespace opentaos::client {

class Statement2;

class AsyncRun final : public base::HandleObject {
 public:
  explicit AsyncRun(const ServerStatement &server);

  // Sends a bind message. Its answer is to come before anything else is sent. Failure: it may have been sent all the
  // same, is_lost() tells.
  base::Status bind(base::Buffer *message);
  // Waits for the answer to the bind that is under way; ok at once if there is none.
  Reply wait_bound();
  bool is_lost() const { return channel_->is_lost(); }

  // Begins an execution, of `message` if that binds and executes in one. `owner` (with its reference) is told of its
  // end. false: nothing was sent, and nobody is told.
  bool execute(Statement2 *owner, base::Buffer *message);

 private:
  class Bind final : public Call {
   public:
    explicit Bind(AsyncRun &run) : run_(run) {}
    void on_answer(net::Message &message, const wire::AnswerKey *key) override { run_.on_bound(message, key); }
    void on_lost(const base::Status &why) override { run_.on_bind_lost(why); }

   private:
    AsyncRun &run_;
  };
  class Execute final : public Call {
   public:
    explicit Execute(AsyncRun &run) : run_(run) {}
    void on_answer(net::Message &message, const wire::AnswerKey *key) override { run_.on_executed(message, key); }
    void on_lost(const base::Status &why) override { run_.on_execute_lost(why); }

   private:
    AsyncRun &run_;
  };
  class Hook final : public AsyncWait {
   public:
    explicit Hook(AsyncRun &run) : run_(run) {}
    void on_late_locked() override { run_.on_late_locked(); }

   private:
    AsyncRun &run_;
  };

  void on_bound(net::Message &message, const wire::AnswerKey *key);
  void on_bind_lost(const base::Status &why);
  void on_executed(net::Message &message, const wire::AnswerKey *key);
  void on_execute_lost(const base::Status &why);
  void on_late_locked();
  void bound_locked(Reply reply);
  void end_locked(Reply reply);

  base::Ref<Channel> channel_;
  uint64_t stmt_id_;
  int64_t read_timeout_ms_;

  // Under the channel's lock. The channel's table holds a reference for each call under way.
  Bind bind_{*this};
  Execute execute_{*this};
  Hook hook_{*this};
  bool binding_ = false;
  Reply bound_;                  // how the last bind went
  Waiter *waiter_ = nullptr;     // for the answer to the bind
  Statement2 *owner_ = nullptr;  // of the execution under way
  bool execute_next_ = false;    // as soon as the bind has been answered
  bool executing_ = false;
  int64_t affected_ = 0;
};

}  // namespace opentaos::client
