// Binding: from the program's arrays into messages.
#include <algorithm>
#include <cstring>

#include "client/statement2.h"
#include "client/statement2_async.h"
#include "client/statement_codes.h"
#include "wire/stmt2_entry.h"

namespace opentaos::client {

using base::Buffer;
using base::Status;
using wire::BindError;
using wire::ColumnInput;

namespace {

constexpr size_t kReserveColumn = size_t{16} << 20;

// What the program sees of a bind that came to a table which is not there: natively another code than that of fields().
Status as_bind_error(Status s) {
  if (s.code() == kErrStmtTableName && s.message() == "Table does not exist") return table_not_exist(kErrTableNotExist);
  return s;
}

}  // namespace

Status Statement2::bind(const TAOS_STMT2_BINDV &values, int32_t column) {
  enter();
  return note(try_bind(values, column));
}

Status Statement2::bind_columns(const TAOS_STMT2_COLUMN_BINDV &values) {
  enter();
  return note(try_bind_columns(values));
}

uint32_t Statement2::column_count() const {
  if (holders_.known)
    return static_cast<uint32_t>(holders_.is_insert ? holders_.columns.size() : static_cast<size_t>(holders_.params));
  return static_cast<uint32_t>(std::max(0, scan_.placeholders - (scan_.names_table ? 1 : 0)));
}

Statement2::Shape Statement2::shape_of(const TAOS_STMT2_BINDV &v, uint32_t t) const {
  Shape s;
  const bool wants_name = holders_.known ? holders_.has_name : scan_.names_table;
  s.name = wants_name && v.tbnames && v.tbnames[t];
  s.tags = !holders_.tags.empty() && v.tags && v.tags[t];
  s.columns = v.bind_cols && v.bind_cols[t] && column_count() > 0;
  return s;
}

wire::Stmt2Bind Statement2::bind_head(uint32_t tables, Shape shape) const {
  wire::Stmt2Bind head;
  head.tables = tables;
  head.has_names = shape.name;
  head.tags = shape.tags ? static_cast<uint32_t>(holders_.tags.size()) : 0;
  head.columns = shape.columns ? column_count() : 0;
  if (shape.tags) head.tag_fields = holders_.tags;
  if (shape.columns) head.column_fields = holders_.columns;
  head.is_query = !holders_.is_insert;
  return head;
}

wire::Stmt2BindExec Statement2::bind_exec_head() const {
  wire::Stmt2BindExec head;
  head.fields = holders_.all;
  return head;
}

// ---------------------------------------------------------------------------------------------------- by table

Status Statement2::try_bind(const TAOS_STMT2_BINDV &v, int32_t column) {
  Survey survey;
  if (!look_over(v, &survey)) return bind_number_error();
  if (!failed_) return failed_;
  if (stage_ == Stage::kInit) return fail(stmt_api_error());
  if (Status s = know_fields(); !s) return fail(as_bind_error(s));
  if (v.count <= 0) return Status::ok();
  drop_result();
  return column < 0 ? bind_tables(v, survey) : bind_lone(v, static_cast<uint32_t>(column));
}

// Natively the number of values is looked at before anything else, and a wrong one has no consequences: false.
bool Statement2::look_over(const TAOS_STMT2_BINDV &v, Survey *survey) const {
  const int most = holders_.is_insert ? INT32_MAX : 1;
  const auto given = [&](int t) {
    return (v.tbnames && v.tbnames[t] ? 1 : 0) | (v.tags && v.tags[t] ? 2 : 0) |
           (v.bind_cols && v.bind_cols[t] ? 4 : 0);
  };
  const int first = v.count > 0 ? given(0) : 0;
  int different = 0, most_rows = 0;
  for (int t = 0; t < v.count; t++) {
    different |= given(t) ^ first;
    if (!v.bind_cols || !v.bind_cols[t]) continue;
    const int num = v.bind_cols[t]->num;
    if (num <= 0 || num > most) return false;
    most_rows = std::max(most_rows, num);
  }
  *survey = {different == 0, most_rows};
  return true;
}

// Tables that are described in the same way go into one message.
Status Statement2::bind_tables(const TAOS_STMT2_BINDV &v, const Survey &survey) {
  const auto count = static_cast<uint32_t>(v.count);
  for (uint32_t from = 0; from < count;) {
    const Shape shape = shape_of(v, from);
    uint32_t to = survey.alike ? count : from + 1;
    while (to < count && shape_of(v, to) == shape) to++;
    if (shape != Shape{}) {
      const bool large = survey.most_rows > kMostRowsOfTable;
      if (Status s = bind_run(v, from, to, shape, large); !s) return s;
    }
    from = to;
  }
  return Status::ok();
}

// `large`: there may be tables with more rows than the server takes at once.
Status Statement2::bind_run(const TAOS_STMT2_BINDV &v, uint32_t from, uint32_t to, Shape shape, bool large) {
  const uint32_t tables = to - from;
  const bool alone = tables == static_cast<uint32_t>(v.count);
  Buffer message = take_buffer();
  Status s;
  const bool whole = shape.columns && shape.name == holders_.has_name && shape.tags == !holders_.tags.empty();
  const bool hold = alone && whole && may_hold();
  std::vector<TablePart> parts;
  if (shape.columns && !hold && large) {
    for (uint32_t t = from; t < to; t++) {
      for (uint32_t c = 1; c < column_count(); c++)
        if (v.bind_cols[t][c].num != v.bind_cols[t]->num) return fail(wire::bind_status(BindError::kRowsDiffer));
      append_parts(&parts, t, 0, v.bind_cols[t]->num);
    }
  }
  if (hold) {
    s = wire::append_stmt2_bind_exec(message, bind_exec_head(), tables, TablesSource{v, from});
  } else if (!parts.empty()) {
    s = wire::append_stmt2_bind(message, bind_head(static_cast<uint32_t>(parts.size()), shape),
                                TablePartsSource(v, parts, column_count()));
  } else {
    s = wire::append_stmt2_bind(message, bind_head(tables, shape), TablesSource{v, from});
  }
  if (!s) return s.code() == kErrBindNumber ? s : fail(s);

  const bool wants_name = holders_.known ? holders_.has_name : scan_.names_table;
  if (shape.columns && wants_name && !shape.name && !named_)
    return fail({kErrStmtTableName, "Stmt table name not set properly"});
  if (shape.name) {
    named_ = true;
    if (a_table_.empty()) a_table_ = v.tbnames[from];
  }
  if (!hold) return deliver(std::move(message), shape);
  held_ = std::move(message);
  stage_ = Stage::kBound;
  return Status::ok();
}

// One message that binds and executes is worth holding back while nothing else is bound for the same execution.
bool Statement2::may_hold() const {
  return holders_.known && holders_.is_insert && sent_.empty() && held_.empty() && !binds_twice_ &&
         has_bind_exec(connection_->server_version());
}

// Sends a bind message, after everything that was bound before it.
Status Statement2::deliver(Buffer message, Shape shape) {
  if (!held_.empty()) {
    if (Status s = unhold(); !s) return s;
  }
  if (!sent_.empty() && holders_.is_insert) binds_twice_ = true;
  if (run_) {
    Reply before = run_->wait_bound();
    if (!before.status && !run_->is_lost()) {
      forget_bound();
      if (before.answered) return fail(before.status);
      server_.close();
      return before.status;
    }
  }
  for (int attempt = 0;; attempt++) {
    if (Status s = ready(); !s) return s;
    // Nobody waits for the bind of an execution that nobody waits for, provided that what it may complain of was looked
    // at here.
    if (executed_ && holders_.known && holders_.is_insert && sent_.empty() && shape.columns) {
      if (!run_) run_ = base::Ref<AsyncRun>::adopt(new AsyncRun(server_));
      if (run_->bind(&message)) break;
      run_ = {};
      if (attempt == 0 && server_.channel()->is_lost()) continue;
    }
    Reply r = server_.bind(&message);
    if (r.status) break;
    if (r.answered) {
      forget_bound();
      return fail(as_bind_error(r.status));
    }
    if (attempt > 0 || !server_.channel()->is_lost() || !connection_->usable()) {
      server_.close();
      forget_bound();
      return r.status;
    }
  }
  if (!holders_.is_insert) {
    for (auto &b : sent_) keep_buffer(std::move(b));  // a query has the parameters bound last
    sent_.clear();
  }
  sent_.push_back(std::move(message));
  if (shape.columns) stage_ = Stage::kBound;
  return Status::ok();
}

// ---------------------------------------------------------------------------------------------------- one column

Status Statement2::bind_lone(const TAOS_STMT2_BINDV &v, uint32_t column) {
  const auto tables = static_cast<uint32_t>(v.count);
  const uint32_t columns = column_count();
  if (column >= columns) return invalid_parameters();
  if (lone_.empty() || lone_[0].ends.size() > 0) {
    const bool other_tables = !lone_.empty() && std::any_of(lone_.begin(), lone_.end(), [&](const LoneColumn &c) {
      return !c.ends.empty() && c.ends.size() != tables;
    });
    if (other_tables) return fail(wire::bind_status(BindError::kRowsDiffer));
  }
  if (lone_.empty()) {
    lone_.resize(columns);
    lone_left_ = columns;
    lone_names_.clear();
    lone_tags_.clear();
    lone_name_ends_.clear();
    lone_tag_ends_.clear();
  }

  const Shape shape = shape_of(v, 0);
  for (uint32_t t = 1; t < tables; t++)
    if (shape_of(v, t) != shape) return invalid_parameters();
  if (shape.name && lone_name_ends_.empty()) {
    for (uint32_t t = 0; t < tables; t++) {
      lone_names_.append(v.tbnames[t], std::strlen(v.tbnames[t]) + 1);
      lone_name_ends_.push_back(lone_names_.size());
    }
  }
  auto encode = [&](Buffer *to, ColumnInput values, const wire::BindField *field) {
    wire::EntryPart part{values, values.num, false};
    return wire::append_entry(*to, {&part, 1}, field, !holders_.is_insert, wire::DecimalForm::kUnscaled);
  };
  if (shape.tags && lone_tag_ends_.empty()) {
    for (uint32_t t = 0; t < tables; t++) {
      for (size_t i = 0; i < holders_.tags.size(); i++) {
        ColumnInput tag = input_of(v.tags[t][i]);
        tag.num = 1;
        if (auto e = encode(&lone_tags_, tag, &holders_.tags[i]); e != BindError::kNone)
          return fail(wire::bind_status(e));
      }
      lone_tag_ends_.push_back(lone_tags_.size());
    }
  }
  if (!shape.columns) return Status::ok();

  LoneColumn &lone = lone_[column];
  if (lone.ends.empty()) lone_left_--;
  lone.entries.clear();
  lone.ends.clear();
  for (uint32_t t = 0; t < tables; t++) {
    if (v.bind_cols[t]->num > kMostRowsOfTable) return bind_number_error();
    const wire::BindField *field = column < holders_.columns.size() ? &holders_.columns[column] : nullptr;
    if (auto e = encode(&lone.entries, input_of(*v.bind_cols[t]), field); e != BindError::kNone)
      return fail(wire::bind_status(e));
    lone.ends.push_back(lone.entries.size());
    // Tables are mostly alike: room for all at once, within reason, instead of growing step by step.
    if (t == 0) lone.entries.reserve(std::min(kReserveColumn, lone.entries.size() * tables));
  }
  return lone_left_ == 0 ? send_lone() : Status::ok();
}

// All columns are there: puts them together by table.
Status Statement2::send_lone() {
  const auto tables = static_cast<uint32_t>(lone_[0].ends.size());
  auto entry = [&](uint32_t column, uint32_t t) {
    const LoneColumn &c = lone_[column];
    const size_t from = t == 0 ? 0 : c.ends[t - 1];
    return c.entries.span().subspan(from, c.ends[t] - from);
  };
  constexpr size_t kRowsAt = 8;  // in an entry
  Shape shape{!lone_name_ends_.empty(), !lone_tag_ends_.empty(), true};
  Buffer message = take_buffer();
  const wire::Stmt2Bind head = bind_head(tables, shape);
  size_t size = message.size() + 64 + lone_names_.size() + lone_tags_.size() + size_t{10} * tables;
  for (const LoneColumn &c : lone_) size += c.entries.size();
  message.reserve_exact(size);
  wire::Stmt2BindWriter w(message, head);
  if (shape.name) {
    w.begin_names();
    for (uint32_t t = 0; t < tables; t++)
      w.name(reinterpret_cast<const char *>(lone_names_.data()) + (t == 0 ? 0 : lone_name_ends_[t - 1]));
  }
  if (shape.tags) {
    w.begin_tags();
    for (uint32_t t = 0; t < tables; t++) {
      const size_t from = t == 0 ? 0 : lone_tag_ends_[t - 1];
      w.entries(lone_tags_.span().subspan(from, lone_tag_ends_[t] - from));
      w.end_table();
    }
  }
  w.begin_columns();
  bool uneven = false;
  for (uint32_t t = 0; t < tables; t++) {
    const auto rows = base::load_le<int32_t>(entry(0, t).data() + kRowsAt);
    for (uint32_t c = 0; c < head.columns; c++) {
      uneven = uneven || base::load_le<int32_t>(entry(c, t).data() + kRowsAt) != rows;
      w.entries(entry(c, t));
    }
    w.end_table();
  }
  Status s = w.finish();
  if (s && uneven) s = wire::bind_status(BindError::kRowsDiffer);
  if (s && holders_.known && holders_.has_name && !shape.name && !named_)
    s = {kErrStmtTableName, "Stmt table name not set properly"};
  if (s && shape.name) {
    named_ = true;
    if (a_table_.empty()) a_table_ = reinterpret_cast<const char *>(lone_names_.data());
  }
  lone_.clear();
  lone_left_ = 0;
  return s ? deliver(std::move(message), shape) : fail(s);
}

// ---------------------------------------------------------------------------------------------------- by column

Status Statement2::try_bind_columns(const TAOS_STMT2_COLUMN_BINDV &v) {
  if (!failed_) return failed_;
  if (stage_ == Stage::kInit) return fail(stmt_api_error());
  if (Status s = know_fields(); !s) return fail(as_bind_error(s));
  if (!v.columns || v.num_columns <= 0) return invalid_parameters();
  if (v.num_rows <= 0 || (v.num_rows > 1 && !holders_.is_insert)) return bind_number_error();
  if (!holders_.known) return {base::kErrNotSupported, "the columns of this statement are known only by table"};
  const size_t expected = holders_.is_insert ? holders_.all.size() : static_cast<size_t>(holders_.params);
  if (static_cast<size_t>(v.num_columns) != expected) return bind_number_error();
  drop_result();

  std::vector<ColumnInput> columns(expected);
  for (size_t i = 0; i < expected; i++) {
    const TAOS_STMT2_COLUMN_BIND &c = v.columns[i];
    columns[i] = {c.buffer_type, c.buffer, 0, c.length, c.is_null, v.num_rows};
    // They are walked before the writer looks at them.
    if (wire::is_variable(c.buffer_type) && !c.length &&
        !(c.is_null && !std::memchr(c.is_null, 0, static_cast<size_t>(v.num_rows))))
      return fail(wire::bind_status(BindError::kInvalid));
  }
  if (!may_hold()) return send_columns(columns, v.num_rows);
  Buffer message = take_buffer();
  Status s = wire::append_stmt2_bind_exec_columns(message, bind_exec_head(), v.num_rows, columns);
  if (!s) return s.code() == kErrBindNumber ? s : fail(s);
  named_ = true;
  held_ = std::move(message);
  stage_ = Stage::kBound;
  return Status::ok();
}

namespace {

// The rows of all tables, column by column, seen table by table: a run of equal names is a table.
class TableRuns {
 public:
  TableRuns(std::span<const ColumnInput> columns, std::span<const wire::BindField> fields, int rows) {
    const ColumnInput *names = nullptr;
    for (size_t i = 0; i < columns.size(); i++) {
      int kind = wire::BindField::kQuery;
      if (i < fields.size()) kind = fields[i].kind;
      if (kind == wire::BindField::kTableName)
        names = &columns[i];
      else
        (kind == wire::BindField::kTag ? tags_ : columns_).push_back(columns[i]);
    }
    if (!names) {
      append_parts(&parts_, 0, 0, rows);
      return;
    }
    has_names_ = true;
    int start = 0;
    const char *at = static_cast<const char *>(names->buffer);
    std::string_view current = next_name(*names, 0, &at);
    for (int row = 1; row <= rows; row++) {
      const std::string_view name = row < rows ? next_name(*names, row, &at) : std::string_view();
      if (row < rows && name == current) continue;
      append_parts(&parts_, static_cast<uint32_t>(name_at_.size()), start, row - start);
      name_at_.push_back(names_.size());
      names_.append(current);
      names_.put<char>(0);
      start = row;
      current = name;
    }
  }

  bool has_names() const { return has_names_; }
  std::span<const ColumnInput> columns() const { return columns_; }
  std::span<const ColumnInput> tags() const { return tags_; }
  std::span<const TablePart> parts() const { return parts_; }
  const char *name_of(uint32_t table) const { return reinterpret_cast<const char *>(names_.data()) + name_at_[table]; }

 private:
  static std::string_view next_name(const ColumnInput &names, int row, const char **at) {
    if (names.null_at(row) || !names.buffer || names.lengths[row] < 0) return {};
    std::string_view name(*at, static_cast<size_t>(names.lengths[row]));
    *at += name.size();
    return name;
  }

  std::vector<ColumnInput> columns_, tags_;
  std::vector<TablePart> parts_;
  Buffer names_;
  std::vector<size_t> name_at_;
  bool has_names_ = false;
};

struct RunsSource {
  const TableRuns &runs;
  ColumnsSource tags, columns;

  const char *name(uint32_t t) const { return runs.name_of(runs.parts()[t].table); }
  ColumnInput tag(uint32_t t, uint32_t i) {
    ColumnInput c = tags.column(t, i);
    c.num = 1;
    return c;
  }
  ColumnInput column(uint32_t t, uint32_t i) { return columns.column(t, i); }
};

}  // namespace

Status Statement2::send_columns(std::span<const ColumnInput> columns, int rows) {
  const TableRuns runs(columns, holders_.all, rows);
  const Shape shape{runs.has_names(), !runs.tags().empty(), true};
  Buffer message = take_buffer();
  Status s = wire::append_stmt2_bind(
      message, bind_head(static_cast<uint32_t>(runs.parts().size()), shape),
      RunsSource{runs, ColumnsSource(runs.tags(), runs.parts()), ColumnsSource(runs.columns(), runs.parts())});
  if (!s) return s.code() == kErrBindNumber ? s : fail(s);
  if (shape.name) {
    named_ = true;
    if (a_table_.empty()) a_table_ = runs.name_of(0);
  }
  return deliver(std::move(message), shape);
}

// Something else is bound for the same execution: what was held back goes out as a bind of its own.
Status Statement2::unhold() {
  Buffer message = std::move(held_);
  held_ = Buffer();
  binds_twice_ = true;
  if (stage_ == Stage::kBound) stage_ = Stage::kPrepared;

  // Our own message, so it is what it seems to be: a header, then an entry a field.
  constexpr size_t kHeader = net::kMaxClientHeader + 24 + 2;
  const uint8_t *p = message.data() + kHeader;
  const auto rows = base::load_le<int32_t>(p + 4);
  const auto count = base::load_le<uint32_t>(p + 12);
  p += base::load_le<uint32_t>(p + 16);
  std::vector<ColumnInput> columns(count);
  std::vector<std::vector<int32_t>> lengths(count);
  const auto n = static_cast<size_t>(rows);
  for (uint32_t i = 0; i < count; i++) {
    ColumnInput &c = columns[i];
    const uint8_t *entry = p;
    c.type = base::load_le<int32_t>(entry + 4);
    c.num = rows;
    c.is_null = reinterpret_cast<const char *>(entry + 12);
    const uint8_t *at = entry + 12 + n;
    if (*at++) {
      lengths[i].resize(n);
      std::memcpy(lengths[i].data(), at, n * 4);
      c.lengths = lengths[i].data();
      at += n * 4;
    }
    if (base::load_le<int32_t>(at) > 0) c.buffer = at + 4;
    p = entry + base::load_le<uint32_t>(entry);
  }
  Status s = send_columns(columns, rows);
  keep_buffer(std::move(message));
  return s;
}

}  // namespace opentaos::client
