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
};

// The ordinary way, on a library thread: after a reconnect, or when the fast way has failed.
void run_waiting(const std::shared_ptr<Job> &job) { job->done(job->connection->query(job->sql, job->req_id)); }

void on_answer(const std::shared_ptr<Job> &job) {
  Ref<QueryResult> result = std::move(job->result);
  Status s = result->outcome();
  if (s) {
    job->connection->note_statement(job->sql, *result);
    job->done(result.detach());
    return;
  }
  result->abandon();
  const bool lost = s.code() != base::kErrReadTimeout && s.code() != base::kErrProtocol;
  if (only_reads(job->sql)) {
    if (lost && job->connection->usable())
      run_waiting(job);
    else
      job->done(QueryResult::failed(s));
    return;
  }
  job->done(QueryResult::failed(job->connection->outcome_unknown(s)));
}

}  // namespace

void query_async(Ref<Connection> connection, std::string sql, int64_t req_id, std::function<void(QueryResult *)> done) {
  auto job = std::make_shared<Job>(Job{std::move(connection), std::move(sql), req_id, std::move(done), {}});
  Ref<Channel> channel = job->connection->live_channel();
  if (!channel || job->sql.empty() || job->sql.size() > UINT32_MAX - 64) {
    (void)post_task([job] { run_waiting(job); });
    return;
  }
  const auto &options = job->connection->options();
  job->result =
      Ref<QueryResult>::adopt(new QueryResult(channel, options.prefetch_bytes, job->connection->read_timeout_ms()));
  uint64_t id = req_id > 0 ? static_cast<uint64_t>(req_id) : channel->next_req_id();
  for (;;) {
    Buffer head;
    wire::binary_query_head(head, id, static_cast<uint32_t>(job->sql.size()));
    // Once started, the job belongs to whoever runs it: its result may be gone when start_async() returns.
    QueryResult *result = job->result.get();
    result->add_ref();
    auto hold = Ref<QueryResult>::adopt(result);
    const std::span<const uint8_t> body(reinterpret_cast<const uint8_t *>(job->sql.data()), job->sql.size());
    Status s = result->start_async(id, head.span(), body, job->connection->read_deadline(), [job] { on_answer(job); });
    if (s) return;
    if (s.code() != kDuplicateReqId) break;
    id = channel->next_req_id();
  }
  job->result = {};
  (void)post_task([job] { run_waiting(job); });
}

}  // namespace opentaos::client
