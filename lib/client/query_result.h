// A statement's result on the server, fetched ahead of the program.
#pragma once
#include <functional>
#include <vector>

#include "client/channel.h"
#include "client/result.h"

namespace opentaos::client {

class QueryResult final : public Result {
 public:
  // A failure that never reached a server, or whose answer is known already.
  static QueryResult *failed(base::Status why);
  // What a statement without rows did.
  static QueryResult *updated(int64_t affected_rows);

  QueryResult(base::Ref<Channel> channel, int64_t prefetch_bytes, int64_t read_timeout_ms);
  ~QueryResult() override;

  // Sends the statement; `head` and `body` make up the message. When the answer announces rows, the first block is
  // asked for at once. Code kDuplicateReqId: choose another id. `sent` says whether the server may have got the
  // statement.
  base::Status start(uint64_t req_id, net::Opcode opcode, std::span<const uint8_t> head, std::span<const uint8_t> body,
                     base::Deadline deadline, bool *sent);
  // Waits for the answer, which is in status() and the fields then. Failure: none came. The result must be abandoned
  // then: should the answer come late, the server is told to free what it announces.
  base::Status wait(base::Deadline deadline);

  // The same without a thread that waits: `then` runs on a library thread once the answer is there, or failed to come
  // (outcome() tells).
  base::Status start_async(uint64_t req_id, std::span<const uint8_t> head, std::span<const uint8_t> body,
                           base::Deadline deadline, std::function<void()> then);
  base::Status outcome();
  // `then` runs on a library thread once next_block() would not have to wait.
  void when_block(std::function<void()> then);

  // Takes over an answer that announces a result (of a statement, or of a query). Once, with the channel's lock held.
  void adopt_locked(wire::QueryAnswer &&answer);

  void stop() override;

  // The program has freed the result: tells the server, once, that nobody will fetch the rest.
  void abandon();

 protected:
  base::Status next_block(BlockBytes *block) override;

 private:
  class Fetch final : public Call {
   public:
    explicit Fetch(QueryResult &owner) : owner_(owner) {}
    void on_answer(net::Message &message, const wire::AnswerKey *key) override { owner_.on_fetched(message, key); }
    void on_lost(const base::Status &why) override { owner_.on_fetch_lost(why); }

   private:
    QueryResult &owner_;
  };

  class Ask final : public Call {
   public:
    explicit Ask(QueryResult &owner) : owner_(owner) {}
    void on_answer(net::Message &message, const wire::AnswerKey *key) override { owner_.on_answered(message, key); }
    void on_lost(const base::Status &why) override { owner_.on_ask_lost(why); }

   private:
    QueryResult &owner_;
  };

  class Hook final : public AsyncWait {
   public:
    explicit Hook(QueryResult &owner) : owner_(owner) {}
    void on_late_locked() override { owner_.on_late_locked(); }
    std::function<void()> then;

   private:
    QueryResult &owner_;
  };

  void on_late_locked();
  void on_answered(net::Message &message, const wire::AnswerKey *key);
  void on_ask_lost(const base::Status &why);
  void on_fetched(net::Message &message, const wire::AnswerKey *key);
  void on_fetch_lost(const base::Status &why);
  void ask_locked();
  void end_locked(base::Status why);
  void wake_locked(bool more_is_coming);
  void wake_hook_locked();
  void free_on_server_locked();

  base::Ref<Channel> channel_;
  int64_t prefetch_bytes_ = 0;
  int64_t read_timeout_ms_ = 0;

  // Under the channel's lock.
  Fetch fetch_{*this};
  Ask ask_{*this};
  base::Status ask_status_;
  Waiter answered_;
  Hook hook_{*this};
  bool asked_ = false;      // the answer to the statement is still to come
  uint64_t result_id_ = 0;  // 0: nothing on the server (any more)
  bool fetching_ = false;   // a fetch is under way; the channel's table holds a reference then
  bool abandoned_ = false;
  base::Status fetch_status_;
  std::vector<BlockBytes> queue_;  // a handful at most
  int64_t queued_bytes_ = 0;
  Waiter *waiter_ = nullptr;  // for the answer or for a block
};

}  // namespace opentaos::client
