#include "wire/stmt2_frames.h"

#include "wire/requests.h"
#include "wire/types.h"

namespace opentaos::wire {
namespace {

constexpr uint16_t kFrameVersion = 1;
constexpr size_t kBlobHeader = 28;
constexpr size_t kExecHeader = 20;
constexpr size_t kMaxExecFields = 4096;

}  // namespace

Stmt2BindWriter::Stmt2BindWriter(base::Buffer &out, const Stmt2Bind &bind)
    : out_(out), bind_(bind), start_(out.size()) {
  binary_head(out, bind.req_id, bind.stmt_id, BinaryAction::kStmt2Bind);
  out.put<uint16_t>(kFrameVersion);
  out.put<int32_t>(bind.column_index);
  blob_ = out.size();
  length_at_ = table_start_ = blob_;
  uint8_t *p = out.extend(kBlobHeader);
  std::memset(p, 0, kBlobHeader);
  base::store_le(p + 4, bind.tables);
  base::store_le(p + 8, bind.tags);
  base::store_le(p + 12, bind.columns);
  if (bind.tables == 0 || bind.tables > INT32_MAX / 4) error_ = BindError::kNumber;
  if (!bind.tag_fields.empty() && bind.tag_fields.size() != bind.tags) error_ = BindError::kNumber;
  if (!bind.column_fields.empty() && bind.column_fields.size() != bind.columns) error_ = BindError::kNumber;
}

void Stmt2BindWriter::begin_names() {
  if (failed()) return;
  base::store_le(out_.data() + blob_ + 16, static_cast<uint32_t>(out_.size() - blob_));
  length_at_ = out_.size();
  out_.extend(size_t{2} * bind_.tables);
}

void Stmt2BindWriter::name(const char *name) {
  if (failed()) return;
  if (!name) name = "";
  const size_t size = std::strlen(name) + 1;
  if (size > UINT16_MAX) {
    error_ = BindError::kTooLong;
    return;
  }
  base::store_le(out_.data() + length_at_, static_cast<uint16_t>(size));
  length_at_ += 2;
  out_.append(name, size);
}

void Stmt2BindWriter::begin_area(int which) {
  if (failed()) return;
  if (out_.size() - blob_ > INT32_MAX) {
    error_ = BindError::kMessageTooBig;
    return;
  }
  base::store_le(out_.data() + blob_ + 16 + 4 * which, static_cast<uint32_t>(out_.size() - blob_));
  length_at_ = out_.size();
  out_.extend(size_t{4} * bind_.tables);
  table_start_ = out_.size();
  rows_ = 0;
}

void Stmt2BindWriter::other_tag(uint32_t i, const ColumnInput &values) {
  error_ = append_single_entry(out_, values, field_at(bind_.tag_fields, i), bind_.is_query, bind_.decimals);
}

void Stmt2BindWriter::other_column(uint32_t i, const ColumnInput &values) {
  if (values.num <= 0 || (bind_.is_query && values.num != 1)) {
    error_ = BindError::kNumber;
    return;
  }
  if (rows_ && values.num != rows_) {
    error_ = BindError::kRowsDiffer;
    return;
  }
  rows_ = values.num;
  const BindField *field = field_at(bind_.column_fields, i);
  if (values.num == 1) {
    error_ = append_single_entry(out_, values, field, bind_.is_query, bind_.decimals);
    return;
  }
  error_ = append_column_entry(out_, values, field, bind_.is_query, bind_.decimals);
}

base::Status Stmt2BindWriter::finish() {
  const size_t total = out_.size() - blob_;
  if (!failed() && total > INT32_MAX) error_ = BindError::kMessageTooBig;
  if (failed())
    out_.set_size(start_);
  else
    base::store_le(out_.data() + blob_, static_cast<uint32_t>(total));
  return bind_status(error_);
}

// ---- bind and execute

namespace {

void exec_head(base::Buffer &out, const Stmt2BindExec &bind) {
  binary_head(out, bind.req_id, bind.stmt_id, BinaryAction::kStmt2BindExec);
  out.put<uint16_t>(kFrameVersion);
  uint8_t *p = out.extend(kExecHeader);
  std::memset(p, 0, kExecHeader);
  base::store_le(p + 12, static_cast<uint32_t>(bind.fields.size()));
  base::store_le(p + 16, static_cast<uint32_t>(kExecHeader));
}

base::Status exec_finish(base::Buffer &out, size_t start, BindError error) {
  const size_t blob = start + kBinaryHeadSize + 2;
  if (error == BindError::kNone && out.size() - blob > INT32_MAX) error = BindError::kMessageTooBig;
  if (error != BindError::kNone)
    out.set_size(start);
  else
    base::store_le(out.data() + blob, static_cast<uint32_t>(out.size() - blob));
  return bind_status(error);
}

bool exec_fields_fit(const Stmt2BindExec &bind) { return !bind.fields.empty() && bind.fields.size() <= kMaxExecFields; }

// Runs of equal names, one after the other.
uint32_t count_runs(const ColumnInput &names, int32_t rows) {
  uint32_t runs = 0;
  std::string_view before;
  const char *p = static_cast<const char *>(names.buffer);
  for (int32_t i = 0; i < rows; ++i) {
    std::string_view name;
    if (!names.null_at(i)) {
      name = {p, static_cast<size_t>(names.lengths[i])};
      p += names.lengths[i];
    }
    if (i == 0 || name != before) ++runs;
    before = name;
  }
  return runs;
}

}  // namespace

base::Status append_stmt2_bind_exec_columns(base::Buffer &out, const Stmt2BindExec &bind, int32_t rows,
                                            std::span<const ColumnInput> columns) {
  const size_t start = out.size();
  if (!exec_fields_fit(bind) || columns.size() != bind.fields.size() || rows <= 0 || (bind.is_query && rows != 1))
    return bind_status(BindError::kNumber);
  exec_head(out, bind);
  uint32_t runs = 1;
  BindError error = BindError::kNone;
  for (size_t i = 0; i < columns.size() && error == BindError::kNone; ++i) {
    EntryPart part{columns[i], rows, false};
    error = append_entry(out, {&part, 1}, &bind.fields[i], bind.is_query, bind.decimals);
    // Only after the entry: its lengths have been checked by then.
    if (error == BindError::kNone && bind.fields[i].kind == BindField::kTableName) runs = count_runs(columns[i], rows);
  }
  if (error == BindError::kNone) {
    uint8_t *blob = out.data() + start + kBinaryHeadSize + 2;
    base::store_le(blob + 4, static_cast<uint32_t>(rows));
    base::store_le(blob + 8, runs);
  }
  return exec_finish(out, start, error);
}

Stmt2BindExecWriter::Stmt2BindExecWriter(base::Buffer &out, const Stmt2BindExec &bind, uint32_t tables)
    : out_(out), bind_(bind), start_(out.size()) {
  exec_head(out, bind);
  if (!exec_fields_fit(bind) || tables == 0) error_ = BindError::kNumber;
  parts_.reserve(tables);
  table_rows_.reserve(tables);
  name_lengths_.reserve(tables);  // parts point into it: it never grows beyond this
}

void Stmt2BindExecWriter::table_rows(int32_t rows) {
  if (failed()) return;
  if (rows <= 0) error_ = BindError::kNumber;
  table_rows_.push_back(rows);
  rows_ += static_cast<uint64_t>(rows);
}

void Stmt2BindExecWriter::begin_fields(uint32_t runs) {
  if (failed()) return;
  if (rows_ > INT32_MAX || (bind_.is_query && rows_ != 1)) {
    error_ = BindError::kNumber;
    return;
  }
  uint8_t *blob = out_.data() + start_ + kBinaryHeadSize + 2;
  base::store_le(blob + 4, static_cast<uint32_t>(rows_));
  base::store_le(blob + 8, runs);
}

void Stmt2BindExecWriter::name(const char *name) {
  if (failed()) return;
  if (!name) name = "";
  const size_t size = std::strlen(name);
  if (size > UINT16_MAX || name_lengths_.size() == name_lengths_.capacity()) {
    error_ = BindError::kTooLong;
    return;
  }
  name_lengths_.push_back(static_cast<int32_t>(size));
  ColumnInput values;
  values.type = kVarchar;
  values.buffer = name;
  values.lengths = &name_lengths_.back();
  values.num = 1;
  parts_.push_back({values, table_rows_[parts_.size()], true});
}

void Stmt2BindExecWriter::tag(ColumnInput values) {
  if (failed()) return;
  values.num = 1;
  parts_.push_back({values, table_rows_[parts_.size()], true});
}

void Stmt2BindExecWriter::column(const ColumnInput &values) {
  if (failed()) return;
  const int32_t rows = table_rows_[parts_.size()];
  if (values.num != rows) {
    error_ = BindError::kRowsDiffer;
    return;
  }
  parts_.push_back({values, rows, false});
}

void Stmt2BindExecWriter::end_field() {
  if (failed()) return;
  error_ = append_entry(out_, parts_, &bind_.fields[field_], bind_.is_query, bind_.decimals);
  ++field_;
  parts_.clear();
  name_lengths_.clear();
}

base::Status Stmt2BindExecWriter::finish() { return exec_finish(out_, start_, error_); }

}  // namespace opentaos::wire
