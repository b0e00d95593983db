#include "client/async_query.h"

#include <memory>

#include "base/codes.h"
#include "client/executor.h"
#include "wire/requests.h"

namespace opentaos::client {

using base::Buffer;
using base::Ref;
using base::Status;

namespace {

struct Job {
  Ref<Connection> connection;
  std::string sql;
  int64_t req_id;
  std::function<void(QueryResult *)> done;
  Ref<QueryResult> result;
  bool again = false;  // after a connection that was lost
};
using JobRef = std::shared_ptr<Job>;

void start(const JobRef &job);

// Once, on a new connection if need be. `why` it was not possible, or not to the end.
void start_again(const JobRef &job, const Status &why) {
  if (job->again) {
    job->done(QueryResult::failed(why));
    return;
  }
  job->again = true;
  job->connection->when_logged_in([job](const Status &s) {
    if (s)
      start(job);
    else
      job->done(QueryResult::failed(s));
  });
}

void on_answer(const JobRef &job) {
  Ref<QueryResult> result = std::move(job->result);
  const Status s = result->outcome();
  if (s) {
    job->connection->note_statement(job->sql, *result);
    job->done(result.detach());
    return;
  }
  result->abandon();
  // Asking again helps only when the connection has gone; not when the server is silent or the program has had enough.
  const bool lost = s.code() != base::kErrReadTimeout && s.code() != base::kErrProtocol &&
                    s.code() != base::kErrCancelled && job->connection->usable();
  if (!only_reads(job->sql)) {
    job->done(QueryResult::failed(job->connection->outcome_unknown(s)));
  } else if (lost) {
    start_again(job, s);
  } else {
    job->done(QueryResult::failed(s));
  }
}

void start(const JobRef &job) {
  Ref<Channel> channel = job->connection->live_channel();
  if (!channel) {
    start_again(job, {base::kErrClosed, "the connection was lost"});
    return;
  }
  const auto &options = job->connection->options();
  job->result =
      Ref<QueryResult>::adopt(new QueryResult(channel, options.prefetch_bytes, job->connection->read_timeout_ms()));
  uint64_t id = job->req_id > 0 ? static_cast<uint64_t>(job->req_id) : channel->next_req_id();
  for (;;) {
    Buffer head;
    wire::binary_query_head(head, id, static_cast<uint32_t>(job->sql.size()));
    // Once started, the job belongs to whoever runs it: its result may be gone when start_async() returns.
    auto result = Ref<QueryResult>::share(job->result.get());
    const std::span<const uint8_t> body(reinterpret_cast<const uint8_t *>(job->sql.data()), job->sql.size());
    Status s = result->start_async(id, head.span(), body, job->connection->read_deadline(), [job] { on_answer(job); });
    if (s) return;
    if (s.code() != kDuplicateReqId) {
      job->result = {};
      start_again(job, s);  // nothing was sent
      return;
    }
    id = channel->next_req_id();
  }
}

}  // namespace

void query_async(Ref<Connection> connection, std::string sql, int64_t req_id, std::function<void(QueryResult *)> done) {
  Status bad;
  if (sql.empty())
    bad = {base::kErrIncompleteSql, "Incomplete SQL statement"};
  else if (sql.size() > UINT32_MAX - 64 || connection->is_too_long(sql.size()))
    bad = {base::kErrSqlTooLong, "SQL statement too long"};
  if (!bad) {
    post_kept_task([done = std::move(done), bad] { done(QueryResult::failed(bad)); });
    return;
  }
  start(std::make_shared<Job>(Job{std::move(connection), std::move(sql), req_id, std::move(done), {}}));
}

}  // namespace opentaos::client
