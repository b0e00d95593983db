#include "client/statement_carrier.h"

#include "base/error_text.h"
#include "client/statement_codes.h"

namespace opentaos::client {

using base::Buffer;
using base::Status;
using wire::ColumnInput;

std::vector<TablePart> parts_of(const BoundRows &rows) {
  std::vector<TablePart> parts;
  parts.reserve(rows.tables().size());
  uint32_t i = 0;
  for (const auto &t : rows.tables()) {
    if (t.rows > 0) append_parts(&parts, i, t.first, t.rows);
    i++;
  }
  return parts;
}

namespace {

// What native libtaos says of a statement that cannot be prepared, when it is asked about it.
Status as_native(const Status &s, const StatementSql &scan) {
  if (s.code() == kErrStmtTableName && s.message() == "Table does not exist") return table_not_exist(kErrTableNotExist);
  if (s.message().find("stmt only support") == std::string::npos) return s;
  switch (scan.kind) {
    case StatementSql::Kind::kEmpty:
    case StatementSql::Kind::kInsert: return {base::kErrIncompleteSql, "Incomplete SQL statement"};
    case StatementSql::Kind::kSelect:
    case StatementSql::Kind::kOther: return {kErrInvalidPointer, "Invalid pointer"};
    case StatementSql::Kind::kUnknown: break;
  }
  return {kErrSyntax, "syntax error near"};
}

// Tables from one of a batch on.
struct FromTable {
  BoundRowsSource &source;
  uint32_t first;
  const char *name(uint32_t t) const { return source.name(first + t); }
  ColumnInput tag(uint32_t t, uint32_t i) const { return source.tag(first + t, i); }
  ColumnInput column(uint32_t t, uint32_t i) { return source.column(first + t, i); }
};

class SecondGenerationCarrier final : public StatementCarrier {
 public:
  explicit SecondGenerationCarrier(CarriedStatement statement)
      : statement_(std::move(statement)), server_(*statement_.server) {}

  Status describe(const std::string &table, Placeholders *out) override {
    Reply r;
    if (statement_.scan.columns_come_later()) {
      // On a statement of its own: the one that is executed leaves the table open.
      if (!lookup_) lookup_ = std::make_unique<ServerStatement>(statement_.connection, ServerStatement::Options{});
      r = lookup_->prepare(with_table(statement_.sql, statement_.scan, table), true, out);
    } else {
      r = server_.prepare(statement_.sql, true, out);
    }
    return r.answered ? as_native(r.status, statement_.scan) : r.status;
  }

  Status execute(std::span<const std::unique_ptr<BoundRows>> batches, int64_t *affected) override {
    const bool writes = statement_.scan.is_insert();
    Status s;
    for (int attempt = 0;; attempt++) {
      bool again = false;
      s = try_execute(batches, affected, writes, attempt == 0, &again);
      if (!again) break;
    }
    release_excess(&message_, message_.size());
    return s;
  }

  Status result(wire::QueryAnswer *answer, base::Ref<Channel> *channel) override {
    if (!server_.is_ready()) return {base::kErrClosed, "the connection was lost: execute the statement again"};
    Reply r = server_.result(answer);
    if (r.status) use_declared_widths(answer);
    *channel = server_.channel();
    return r.status;
  }

  size_t memory() const override { return message_.capacity(); }

 private:
  Status try_execute(std::span<const std::unique_ptr<BoundRows>> batches, int64_t *affected, bool writes,
                     bool may_retry, bool *again) {
    if (!server_.is_ready()) {
      Placeholders unused;
      Reply r = server_.prepare(statement_.sql, !statement_.scan.columns_come_later(), &unused);
      if (!r.status) return as_native(r.status, statement_.scan);
    }
    const base::Ref<Channel> channel = server_.channel();
    auto lost_before = [&](const Reply &r) {
      return !r.answered && may_retry && (!r.sent || !writes) && channel->is_lost() && statement_.connection->usable();
    };
    for (const auto &batch : batches) {
      Reply r = bind(*batch, writes);
      if (r.status) continue;
      r.sent = false;  // nothing has been executed
      *again = lost_before(r);
      if (!r.answered) server_.close();
      return r.answered ? as_native(r.status, statement_.scan) : r.status;
    }
    Reply r = server_.execute(affected);
    *again = lost_before(r);
    return execution_status(r, writes);
  }

  // Tables with and without tags cannot stand in one message.
  Reply bind(const BoundRows &rows, bool writes) {
    const std::vector<TablePart> parts = parts_of(rows);
    std::vector<ColumnInput> columns(rows.columns());
    for (size_t i = 0; i < columns.size(); i++) columns[i] = rows.column(i);
    BoundRowsSource source(rows, columns, parts);
    auto has_tags = [&](size_t part) { return rows.tables()[parts[part].table].first_tag >= 0; };
    Reply r;
    for (size_t from = 0; from < parts.size();) {
      size_t to = from + 1;
      while (to < parts.size() && has_tags(to) == has_tags(from)) to++;
      wire::Stmt2Bind head;
      head.tables = static_cast<uint32_t>(to - from);
      head.has_names = statement_.scan.names_table;
      head.tags = has_tags(from) ? static_cast<uint32_t>(rows.tag_count()) : 0;
      head.columns = static_cast<uint32_t>(columns.size());
      head.is_query = !writes;
      r.answered = false;
      r.status =
          wire::append_stmt2_bind(begin_message(&message_), head, FromTable{source, static_cast<uint32_t>(from)});
      if (!r.status) {
        r.answered = true;
        return r;
      }
      r = server_.bind(&message_);
      if (!r.status) return r;
      from = to;
    }
    return r;
  }

  CarriedStatement statement_;
  ServerStatement &server_;
  std::unique_ptr<ServerStatement> lookup_;
  Buffer message_;
};

}  // namespace

std::unique_ptr<StatementCarrier> make_second_generation_carrier(CarriedStatement statement) {
  return std::make_unique<SecondGenerationCarrier>(std::move(statement));
}

std::unique_ptr<StatementCarrier> make_carrier(CarriedStatement statement) {
  const StatementSql &scan = statement.scan;
  const bool mixed =
      scan.is_insert() && scan.has_values &&
      (scan.placeholders == 0 || (scan.tag_placeholders > 0 && scan.tag_values != scan.tag_placeholders));
  if (mixed || !has_stmt2(statement.connection->server_version()))
    return make_first_generation_carrier(std::move(statement));
  return make_second_generation_carrier(std::move(statement));
}

}  // namespace opentaos::client
