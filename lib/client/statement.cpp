#include "client/statement.h"

#include <algorithm>

#include "base/error_text.h"
#include "client/statement_codes.h"
#include "wire/types.h"

namespace opentaos::client {

using base::Ref;
using base::Status;
using wire::BindError;

namespace {

// So many tables are remembered as known to the server.
constexpr size_t kMostKnownTables = 100000;

bool same_types(const Placeholders &a, const Placeholders &b) {
  return std::equal(
      a.columns.begin(), a.columns.end(), b.columns.begin(), b.columns.end(),
      [](const wire::BindField &x, const wire::BindField &y) { return x.type == y.type && x.bytes == y.bytes; });
}

bool is_of_connection(int32_t code) {
  return code == base::kErrUnableToConnect || code == base::kErrDisconnected || code == base::kErrClosed ||
         code == base::kErrWebSocket || code == base::kErrReadTimeout || code == base::kErrSendTimeout ||
         code == base::kErrCancelled;
}

bool is_blob(int type) { return type == wire::kBlob || type == wire::kMediumBlob; }

}  // namespace

Statement::Statement(Ref<Connection> connection, const ServerStatement::Options &options)
    : connection_(std::move(connection)), server_(std::make_unique<ServerStatement>(connection_, options)) {
  if (has_stmt2(connection_->server_version())) server_->begin();
}

Statement::Statement(Status why) : last_(why), failed_(std::move(why)) {}

Statement::~Statement() = default;

Status Statement::note(Status s) {
  last_ = s;
  return s;
}

Status Statement::fail(Status s) {
  if (is_of_connection(s.code()))
    state_ = before_;
  else
    failed_ = s;
  return note(std::move(s));
}

// ---------------------------------------------------------------------------------------------------- order of calls

Status Statement::enter(State next) {
  if (!failed_) return note(failed_);
  const State now = state_;
  bool right = now != State::kInit;
  switch (next) {
    case State::kTableSet: right = right && now != State::kBound; break;
    case State::kTagsSet: right = now == State::kTableSet || now == State::kFieldsFetched; break;
    case State::kBatchAdded: right = now == State::kBound || now == State::kFieldsFetched; break;
    case State::kExecuted:
      right = now == State::kBatchAdded || now == State::kFieldsFetched || (now == State::kBound && !scan_.is_insert());
      break;
    default: break;
  }
  before_ = now;
  if (!right) return fail(stmt_api_error());
  state_ = next;
  return Status::ok();
}

// Asking about fields is out of order only before prepare(), and its failures do not stay.
Status Statement::enter_fields() {
  if (!failed_) return failed_;
  if (state_ == State::kInit) return stmt_api_error();
  state_ = State::kFieldsFetched;
  return Status::ok();
}

Status Statement::prepare(std::string_view sql) {
  if (!failed_) return note(failed_);
  end_result();
  batches_.clear();
  holders_.reset();
  known_tables_.clear();
  table_.clear();
  has_table_ = false;
  last_column_ = -1;
  state_ = State::kPrepared;
  scan_ = scan_statement(sql);
  carrier_ = make_carrier({connection_, server_.get(), std::string(sql), scan_});
  return note(Status::ok());
}

// ---------------------------------------------------------------------------------------------------- placeholders

// The server is asked for what is to be bound, unless that is known: for each table by itself where only the table
// tells.
Status Statement::know_placeholders() {
  const bool by_table = scan_.columns_come_later();
  if (holders_ && !by_table) return Status::ok();
  if (by_table && !has_table_) return table_not_exist(kErrTableNotExist);
  if (by_table) {
    if (auto known = known_tables_.find(table_); known != known_tables_.end()) {
      use_placeholders(known->second);
      return Status::ok();
    }
  } else if (scan_.names_table && !has_table_) {
    return {kErrStmtTableName, "Stmt table name not set properly"};
  }
  auto found = std::make_shared<Placeholders>();
  if (Status s = carrier_->describe(table_, found.get()); !s) return s;
  if (found->has_name && !scan_.names_table) return {base::kErrInvalidOperation, "Invalid operation"};
  if (by_table) {
    if (known_tables_.size() >= kMostKnownTables) known_tables_.clear();
    // Tables are mostly alike: one description does for all of them.
    if (holders_ && same_types(*holders_, *found)) *found = *holders_;
    known_tables_.emplace(table_, found);
  }
  use_placeholders(std::move(found));
  return Status::ok();
}

// Natively the functions about fields tell the text of the code alone.
Status Statement::know_placeholders_plainly() {
  Status s = know_placeholders();
  if (s || s.code() == kErrSyntax) return s;
  const std::string_view text = base::error_text(s.code());
  return text.empty() ? s : Status(s.code(), text);
}

void Statement::use_placeholders(std::shared_ptr<const Placeholders> p) {
  if (holders_ == p && !batches_.empty()) return;
  const bool fits = holders_ && !batches_.empty() && same_types(*holders_, *p);
  holders_ = std::move(p);
  if (fits) return;
  if (!batches_.empty() && rows().empty()) batches_.pop_back();
  batches_.push_back(std::make_unique<BoundRows>());
  const size_t columns =
      scan_.is_insert() ? holders_->columns.size() : static_cast<size_t>(std::max(0, holders_->params));
  rows().reset(columns, holders_->columns, holders_->tags);
}

Status Statement::is_insert(bool *insert) {
  if (!failed_) return note(failed_);
  *insert = scan_.is_insert();
  return note(Status::ok());
}

Status Statement::tag_fields(std::vector<wire::StmtField> *fields) {
  Status s = enter_fields();
  if (s && !scan_.is_insert() && holders_) s = stmt_api_error();
  if (s) s = know_placeholders_plainly();
  if (s && (!scan_.is_insert() || holders_->tags.empty())) s = stmt_api_error();
  if (!s) return note(s);
  for (const auto &f : holders_->fields)
    if (f.bind_type == wire::BindField::kTag) fields->push_back(f);
  return note(s);
}

Status Statement::column_fields(std::vector<wire::StmtField> *fields) {
  Status s = enter_fields();
  if (s) s = know_placeholders_plainly();
  if (s && !scan_.is_insert()) s = stmt_api_error();
  if (!s) return note(s);
  for (const auto &f : holders_->fields)
    if (f.bind_type == wire::BindField::kColumn) fields->push_back(f);
  return note(s);
}

Status Statement::param_count(int *count) {
  Status s = enter_fields();
  if (s) s = know_placeholders_plainly();
  if (s) *count = scan_.is_insert() ? static_cast<int>(holders_->columns.size()) : holders_->params;
  return note(s);
}

Status Statement::param(int index, int *type, int *bytes) {
  std::vector<wire::StmtField> fields;
  if (index < 0) return note(invalid_parameters());
  if (Status s = column_fields(&fields); !s) return s;
  if (static_cast<size_t>(index) >= fields.size()) return note(invalid_parameters());
  *type = fields[static_cast<size_t>(index)].type;
  *bytes = fields[static_cast<size_t>(index)].bytes;
  return note(Status::ok());
}

// ---------------------------------------------------------------------------------------------------- tables

Status Statement::set_table(const char *name, const TAOS_MULTI_BIND *tags, int64_t tag_count) {
  if (Status s = enter(State::kTableSet); !s) return s;
  if (Status s = begin_table(name); !s) return fail(s);
  if (!tags) return note(Status::ok());
  state_ = State::kTagsSet;
  Status s = put_tags(tags, tag_count);
  return s ? note(s) : fail(s);
}

Status Statement::begin_table(const char *name) {
  if (!scan_.is_insert()) return stmt_api_error();
  table_ = name;
  has_table_ = true;
  if (Status s = know_placeholders(); !s) return s;
  rows().begin_table(scan_.names_table ? std::string_view(table_) : std::string_view());
  return Status::ok();
}

Status Statement::set_tags(const TAOS_MULTI_BIND *tags, int64_t tag_count) {
  if (Status s = enter(State::kTagsSet); !s) return s;
  Status s = know_placeholders();
  if (s) s = put_tags(tags, tag_count);
  return s ? note(s) : fail(s);
}

Status Statement::put_tags(const TAOS_MULTI_BIND *tags, int64_t tag_count) {
  if (holders_->tags.empty()) return Status::ok();
  if (tag_count >= 0 && static_cast<size_t>(tag_count) != holders_->tags.size()) return bind_number_error();
  if (rows().tables().empty()) rows().begin_table({});
  return wire::bind_status(rows().set_tags(tags));
}

// ---------------------------------------------------------------------------------------------------- values

Status Statement::bind_row(const TAOS_MULTI_BIND *values) {
  if (values->num > 1 || values->num < 0 || (values->num == 0 && scan_.is_insert())) return note(bind_number_error());
  return bind(values, -1, 1);
}

Status Statement::bind_rows(const TAOS_MULTI_BIND *values, int64_t count) {
  if (values->num <= 0 || (values->num > 1 && !scan_.is_insert())) return note(bind_number_error());
  return bind(values, count, values->num);
}

Status Statement::bind(const TAOS_MULTI_BIND *values, int64_t count, int num) {
  if (Status s = enter(State::kBound); !s) return s;
  if (Status s = know_placeholders(); !s) return fail(s);
  end_result();
  BoundRows &to = rows();
  if (!scan_.is_insert()) to.start_again();  // a query has the parameters bound last
  if (to.tables().empty()) to.begin_table(scan_.names_table ? std::string_view(table_) : std::string_view());
  const size_t n = to.columns();
  if (n == 0 || (count >= 0 && static_cast<size_t>(count) != n)) return fail(bind_number_error());
  for (size_t i = 0; i < n; i++) {
    BindError e = BindError::kNone;
    if (scan_.is_insert() && values[i].num != num)
      e = BindError::kRowsDiffer;
    else if (is_blob(values[i].buffer_type))
      return fail({kErrBlobNotSupported, "Operation not supported for blob"});
    else
      e = to.append(i, values[i], num);
    if (e != BindError::kNone) return fail(wire::bind_status(e));
  }
  last_column_ = -1;
  return note(Status::ok());
}

Status Statement::bind_column(const TAOS_MULTI_BIND &values, int column) {
  if (values.num <= 0 || (values.num > 1 && !scan_.is_insert())) return note(bind_number_error());
  if (Status s = enter(State::kBound); !s) return s;
  if (Status s = know_placeholders(); !s) return fail(s);
  end_result();
  BoundRows &to = rows();
  if (column != 0 && column != last_column_ + 1)
    return fail({kErrAppError, "Unexpected generic error: columns must be bound in order"});
  if (static_cast<size_t>(column) >= to.columns()) return fail(invalid_parameters());
  if (is_blob(values.buffer_type)) return fail({kErrBlobNotSupported, "Operation not supported for blob"});
  if (!scan_.is_insert() && column == 0) to.start_again();
  if (to.tables().empty()) to.begin_table(scan_.names_table ? std::string_view(table_) : std::string_view());
  if (auto e = to.append(static_cast<size_t>(column), values, values.num); e != BindError::kNone)
    return fail(wire::bind_status(e));
  last_column_ = column;
  return note(Status::ok());
}

Status Statement::add_batch() {
  if (Status s = enter(State::kBatchAdded); !s) return s;
  if (batches_.empty() || rows().empty()) return fail(stmt_api_error());
  if (!rows().is_even()) return fail(wire::bind_status(BindError::kRowsDiffer));
  last_column_ = -1;
  return note(Status::ok());
}

// ---------------------------------------------------------------------------------------------------- execution

Status Statement::execute() {
  if (Status s = enter(State::kExecuted); !s) return s;
  // The server would not survive an execution without values.
  if (batches_.empty() || std::all_of(batches_.begin(), batches_.end(), [](const auto &b) { return b->empty(); }))
    return fail(stmt_api_error());
  if (!rows().is_even()) return fail(wire::bind_status(BindError::kRowsDiffer));
  end_result();
  for (auto &b : batches_) b->end_table();
  int64_t affected = 0;
  Status s = carrier_->execute(batches_, &affected);
  affected_once_ = s ? affected : 0;
  affected_ += affected_once_;
  executed_query_ = s && !scan_.is_insert();
  last_column_ = -1;
  start_over();
  return note(s);
}

// The next rows belong to the table named last.
void Statement::start_over() {
  if (batches_.size() > 1) batches_.erase(batches_.begin(), batches_.end() - 1);
  if (!batches_.empty()) rows().start_again();
}

size_t Statement::memory() const {
  size_t sum = carrier_ ? carrier_->memory() : 0;
  for (const auto &b : batches_) sum += b->memory();
  return sum;
}

QueryResult *Statement::result() {
  if (result_) return result_.get();
  if (!failed_ || !executed_query_) return nullptr;
  wire::QueryAnswer answer;
  Ref<Channel> channel;
  last_ = carrier_->result(&answer, &channel);
  if (!last_) return nullptr;
  result_ = Ref<QueryResult>::adopt(
      new QueryResult(channel, connection_->options().prefetch_bytes, connection_->read_timeout_ms()));
  {
    auto lock = channel->lock();
    result_->adopt_locked(std::move(answer));
  }
  channel->flush_queued();
  return result_.get();
}

// The handle stays with the program; there are no more rows to be had.
void Statement::end_result() {
  executed_query_ = false;
  result_handle_ = nullptr;
  if (!result_) return;
  result_->stop();
  result_->abandon();
  result_ = {};
}

void Statement::close() {
  end_result();
  carrier_.reset();
  server_.reset();
  batches_.clear();
  failed_ = stmt_api_error();
}

}  // namespace opentaos::client
