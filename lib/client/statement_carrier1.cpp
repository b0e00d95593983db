// The first generation's actions. Each of its calls is a round trip, so they are made only when the statement is
// executed.
#include "client/statement_carrier.h"
#include "client/statement_codes.h"
#include "client/text_call.h"
#include "wire/stmt_frames.h"
#include "wire/stmt_requests.h"

namespace opentaos::client {

using base::Buffer;
using base::Status;
using wire::ColumnInput;

namespace {

class FirstGenerationCarrier final : public StatementCarrier {
 public:
  explicit FirstGenerationCarrier(CarriedStatement statement) : statement_(std::move(statement)) {}
  ~FirstGenerationCarrier() override { close(); }

  Status describe(const std::string &table, Placeholders *out) override {
    for (int attempt = 0;; attempt++) {
      Reply r = try_describe(table, out);
      if (r.status) return r.status;
      const bool lost = channel_ && channel_->is_lost();
      close();
      if (r.answered || attempt > 0 || !lost || !statement_.connection->usable()) return r.status;
    }
  }

  Status execute(std::span<const std::unique_ptr<BoundRows>> batches, int64_t *affected) override {
    const bool writes = statement_.scan.is_insert();
    for (int attempt = 0;; attempt++) {
      bool executing = false;
      Reply r = try_execute(batches, affected, &executing);
      if (r.status) return r.status;
      if (!executing) r.sent = false;
      const bool lost = channel_ && channel_->is_lost();
      // The server's errors stay with its statement.
      close();
      if (!r.answered && attempt == 0 && lost && (!r.sent || !writes) && statement_.connection->usable()) continue;
      return execution_status(r, writes);
    }
  }

  Status result(wire::QueryAnswer *answer, base::Ref<Channel> *channel) override {
    if (!is_open()) return {base::kErrClosed, "the connection was lost: execute the statement again"};
    std::string text;
    const uint64_t req_id = channel_->next_req_id();
    Buffer request;
    wire::stmt_use_result_request(request, req_id, id_);
    Reply r = ask(request, req_id, &text);
    if (!r.answered) return r.status;
    Status s = wire::parse_query_answer(text, *answer);
    if (s) s = answer->status();
    if (s) use_declared_widths(answer);
    *channel = channel_;
    return s;
  }

  size_t memory() const override { return message_.capacity(); }

 private:
  bool is_open() const { return id_ != 0 && !channel_->is_lost(); }

  Reply ask(const Buffer &request, uint64_t req_id, std::string *text) {
    Reply r;
    auto answer =
        statement_.connection->ask(*channel_, req_id, request, statement_.connection->read_deadline(), &r.sent);
    r.status = answer ? Status::ok() : answer.status();
    r.answered = answer.is_ok();
    if (answer) *text = std::move(*answer);
    return r;
  }

  // `build(request, req_id, stmt_id)` writes the request.
  template <typename Build>
  Reply call(Build &&build, wire::StmtAnswer *answer) {
    const uint64_t req_id = channel_->next_req_id();
    Buffer request;
    build(request, req_id, id_);
    std::string text;
    return read(ask(request, req_id, &text), text, answer);
  }

  Reply read(Reply r, const std::string &text, wire::StmtAnswer *answer) {
    if (!r.answered) return r;
    r.status = wire::parse_stmt_answer(text, *answer);
    if (r.status) r.status = answer->status();
    return r;
  }

  Reply send(Buffer *message, wire::StmtAnswer *answer) {
    Reply r;
    const base::Deadline deadline = statement_.connection->read_deadline();
    const uint64_t req_id = channel_->next_req_id();
    readdress_message(message, req_id, id_);
    TextCall waiting(*channel_);
    r.status = channel_->start_in_place(waiting, req_id, message, deadline, &r.sent);
    if (r.status) r.status = waiting.wait(deadline);
    r.answered = r.status.is_ok();
    return read(std::move(r), waiting.text(), answer);
  }

  Reply open() {
    Reply r;
    if (id_ != 0 && channel_->is_mine()) channel_->look_if_idle();
    if (is_open()) return r;
    id_ = 0;
    auto channel = statement_.connection->channel();
    if (!channel) {
      r.status = channel.status();
      return r;
    }
    channel_ = *channel;
    wire::StmtAnswer answer;
    r = call([](Buffer &b, uint64_t req_id, uint64_t) { wire::stmt_init_request(b, req_id); }, &answer);
    if (!r.status) return r;
    id_ = answer.stmt_id;
    return call(
        [&](Buffer &b, uint64_t req_id, uint64_t id) { wire::stmt_prepare_request(b, req_id, id, statement_.sql); },
        &answer);
  }

  Reply set_table(const std::string &table) {
    wire::StmtAnswer answer;
    return call(
        [&](Buffer &b, uint64_t req_id, uint64_t id) { wire::stmt_set_table_name_request(b, req_id, id, table); },
        &answer);
  }

  Reply try_describe(const std::string &table, Placeholders *out) {
    wire::StmtAnswer answer;
    Reply r = open();
    if (!r.status) return r;
    if (!statement_.scan.is_insert()) {
      r = call(wire::stmt_num_params_request, &answer);
      if (r.status) {
        *out = Placeholders();
        out->known = true;
        out->params = answer.num_params;
      }
      return r;
    }
    if (statement_.scan.names_table && !table.empty()) {
      if (r = set_table(table); !r.status) return r;
    }
    wire::StmtAnswer tags;
    if (statement_.scan.tag_values > 0) {
      if (r = call(wire::stmt_get_tag_fields_request, &tags); !r.status) return r;
      for (auto &f : tags.fields) f.bind_type = wire::BindField::kTag;
    }
    if (r = call(wire::stmt_get_col_fields_request, &answer); !r.status) return r;
    for (auto &f : answer.fields) f.bind_type = wire::BindField::kColumn;
    answer.fields.insert(answer.fields.begin(), tags.fields.begin(), tags.fields.end());
    answer.fields_count = static_cast<int32_t>(answer.fields.size());
    answer.is_insert = true;
    *out = Placeholders::of(std::move(answer), true);
    // They were asked with a table set; the next execution begins with a fresh statement.
    close();
    return r;
  }

  Reply try_execute(std::span<const std::unique_ptr<BoundRows>> batches, int64_t *affected, bool *executing) {
    Reply r = open();
    if (!r.status) return r;
    for (const auto &batch : batches) {
      if (r = bind(*batch); !r.status) return r;
    }
    *executing = true;
    wire::StmtAnswer answer;
    r = call(wire::stmt_exec_request, &answer);
    if (r.status) *affected = answer.affected;
    return r;
  }

  Reply bind(const BoundRows &rows) {
    const std::vector<TablePart> parts = parts_of(rows);
    std::vector<ColumnInput> columns(rows.columns()), values(rows.columns());
    for (size_t i = 0; i < columns.size(); i++) columns[i] = rows.column(i);
    ColumnsSource source(columns, parts);
    wire::StmtAnswer answer;
    Reply r;
    for (uint32_t i = 0; i < parts.size(); i++) {
      const BoundRows::Table &table = rows.tables()[parts[i].table];
      if (statement_.scan.names_table) {
        if (r = set_table(rows.name_of(table)); !r.status) return r;
      }
      if (table.first_tag >= 0 && rows.tag_count() > 0) {
        std::vector<ColumnInput> tags(rows.tag_count());
        for (size_t t = 0; t < tags.size(); t++) tags[t] = rows.tag_of(table, t);
        if (r.status = wire::append_stmt_set_tags(begin_message(&message_), 0, 0, tags); !r.status) return local(r);
        if (r = send(&message_, &answer); !r.status) return r;
      }
      for (size_t c = 0; c < columns.size(); c++) values[c] = source.column(i, static_cast<uint32_t>(c));
      if (r.status = wire::append_stmt_bind(begin_message(&message_), 0, 0, values); !r.status) return local(r);
      if (r = send(&message_, &answer); !r.status) return r;
      if (r = call(wire::stmt_add_batch_request, &answer); !r.status) return r;
    }
    release_excess(&message_, message_.size());
    return r;
  }

  static Reply local(Reply r) {
    r.answered = true;
    return r;
  }

  void close() {
    if (is_open() && channel_->is_mine()) {
      Buffer request;
      wire::stmt_close_request(request, channel_->next_req_id(), id_);
      channel_->send_along(net::Opcode::kText, request.span());
    }
    id_ = 0;
  }

  CarriedStatement statement_;
  base::Ref<Channel> channel_;
  uint64_t id_ = 0;
  Buffer message_;
};

}  // namespace

std::unique_ptr<StatementCarrier> make_first_generation_carrier(CarriedStatement statement) {
  return std::make_unique<FirstGenerationCarrier>(std::move(statement));
}

}  // namespace opentaos::client
