#include "client/result.h"

#include "base/codes.h"

namespace opentaos::client {

using base::Status;

namespace {

// The form of a block without rows, for programs that look at the header before they look at the number of rows.
void write_empty_block(const std::vector<wire::FieldMeta> &fields, base::Buffer *out) {
  const auto n = static_cast<int32_t>(fields.size());
  const int32_t length = static_cast<int32_t>(wire::BlockView::kHeader) + 9 * n;
  out->clear();
  for (int32_t v : {1, length, 0, n, INT32_MIN, 0, 0}) out->put<int32_t>(v);
  for (const wire::FieldMeta &f : fields) {
    out->put<uint8_t>(f.type);
    // A decimal's four bytes: scale, precision, nothing, bytes of a value.
    out->put<int32_t>(wire::is_decimal(f.type) ? wire::fixed_size(f.type) << 24 | f.precision << 8 | f.scale
                                               : wire::schema_width(f.type, f.bytes));
  }
  for (int32_t i = 0; i < n; i++) out->put<int32_t>(0);
}

}  // namespace

void Result::adopt(wire::QueryAnswer &&answer) {
  status_ = answer.status();
  is_update_ = !answer.ok() || answer.is_update;
  affected_rows_ = answer.affected_rows;
  precision_ = answer.precision;
  timing_ = answer.timing;
  fields_ = std::move(answer.fields);
}

Status Result::fail(Status why) {
  view_.reset();
  ended_ = true;
  status_ = why;
  return why;
}

int64_t Result::affected_rows() {
  if (kind_ == ResultKind::kMessage) return 0;
  if (is_update_) return affected_rows_;
  if (rows_at_once_) (void)advance();
  return block_rows();
}

// Makes the next block the current one. At the end the current block is empty.
Status Result::advance() {
  rows_at_once_ = false;
  if (!status_) return status_;
  if (ended_ || is_without_rows() || is_stopped()) {
    view_.reset();
    next_row_ = 0;
    return Status::ok();
  }
  view_.reset();
  next_row_ = 0;
  Status s = next_block(&block_);
  if (!s) return fail(std::move(s));
  if (block_.length == 0) {
    ended_ = true;
    return Status::ok();
  }
  if (s = view_.parse(block_.span()); !s) return fail(std::move(s));
  if (view_.columns().size() != fields_.size())
    return fail({base::kErrProtocol, "invalid answer from the server: a block with another number of columns"});
  for (size_t i = 0; i < fields_.size(); i++) {
    if (view_.column(i).type != fields_[i].type)
      return fail({base::kErrProtocol, "invalid answer from the server: a block with a column of another type"});
  }
  rows_.attach(view_);
  row_.resize(fields_.size());
  lengths_.resize(fields_.size());
  return Status::ok();
}

// The same, past blocks without rows: those are not an end.
Status Result::advance_to_rows() {
  do {
    if (Status s = advance(); !s) return s;
  } while (view_.rows() == 0 && !ended_ && !is_without_rows() && !is_stopped());
  return Status::ok();
}

void **Result::fetch_row() {
  if (next_row_ >= view_.rows() || is_stopped()) {
    if (by_callback_) return nullptr;
    if (!advance_to_rows() || view_.rows() == 0) return nullptr;
  }
  has_lengths_ = true;
  if (!rows_.fill_row(next_row_, row_.data(), lengths_.data())) {
    (void)fail({base::kErrProtocol, "invalid answer from the server: a value outside its column"});
    return nullptr;
  }
  next_row_++;
  return row_.data();
}

Status Result::fetch_block(uint32_t *rows, void ***columns) {
  *rows = 0;
  if (next_row_ >= view_.rows() || is_stopped()) {
    if (Status s = advance_to_rows(); !s) return s;
  }
  if (view_.rows() == 0) {
    if (!row_.empty()) *columns = row_.data();
    return Status::ok();
  }
  rows_.fill_columns(row_.data(), lengths_.data());
  for (size_t i = 0; i < fields_.size(); i++)
    if (wire::is_decimal(fields_[i].type)) fields_[i].bytes = kDecimalCell;
  has_lengths_ = true;
  next_row_ = view_.rows();
  *rows = view_.rows();
  *columns = row_.data();
  return Status::ok();
}

Status Result::fetch_raw_block(uint32_t *rows, const void **block) {
  *rows = 0;
  *block = nullptr;
  if (next_row_ >= view_.rows() || is_stopped()) {
    if (Status s = advance_to_rows(); !s) return s;
  }
  if (view_.rows() == 0) {
    if (row_.empty() && !fields_.empty()) {
      write_empty_block(fields_, &block_.buffer);
      *block = block_.buffer.data();
    }
    return Status::ok();
  }
  if (!view_.offsets_are_sane())
    return fail({base::kErrProtocol, "invalid answer from the server: a value outside its column"});
  next_row_ = view_.rows();
  *rows = view_.rows();
  *block = view_.base();
  return Status::ok();
}

Status Result::next_block_for_callback(uint32_t *rows) {
  by_callback_ = true;
  *rows = 0;
  if (Status s = advance_to_rows(); !s) return s;
  *rows = view_.rows();
  return Status::ok();
}

void ***Result::row_array_address() {
  if (is_update_ || fields_.empty()) return nullptr;
  if (row_.empty()) row_.resize(fields_.size());
  row_pointer_ = row_.data();
  return &row_pointer_;
}

const int32_t *Result::column_offsets(size_t column) { return view_.rows() == 0 ? nullptr : rows_.offsets(column); }

}  // namespace opentaos::client
