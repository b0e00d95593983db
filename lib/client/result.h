// What a program holds as TAOS_RES: the outcome of a statement, and its rows a block at a time.
//
// A result is used by one thread at a time; stop() may come from any thread. Where the blocks come from is a subclass's
// business (QueryResult: a query's result on the server; messages of a subscription bring theirs along).
#pragma once
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "base/buffer.h"
#include "base/handle.h"
#include "base/status.h"
#include "client/rows.h"
#include "wire/answer.h"
#include "wire/raw_block.h"

namespace opentaos::client {

// A received message and where the block lies in it; or, for blocks that share a message, where it lies in memory that
// the subclass keeps.
struct BlockBytes {
  base::Buffer buffer;
  size_t offset = 0;
  size_t length = 0;
  const uint8_t *elsewhere = nullptr;
  std::span<const uint8_t> span() const {
    if (elsewhere) return {elsewhere, length};
    return buffer.span().subspan(offset, length);
  }
};

enum class ResultKind : uint8_t { kQuery, kMessage };

class Result : public base::HandleObject {
 public:
  ResultKind kind() const { return kind_; }

  // ---- the outcome
  const base::Status &status() const { return status_; }
  void set_status(base::Status s) { status_ = std::move(s); }
  bool is_update() const { return is_update_; }
  // Whether there are no rows and never will be. A message is no query until its first block is there.
  bool is_without_rows() const { return is_update_ && kind_ == ResultKind::kQuery; }
  int precision() const { return precision_; }
  int64_t timing() const { return timing_; }
  // Of rows: those of the current block. A result that has its rows at once begins with its first block.
  int64_t affected_rows();
  void expect_rows_at_once() { rows_at_once_ = true; }
  std::vector<wire::FieldMeta> &fields() { return fields_; }
  const std::vector<wire::FieldMeta> &fields() const { return fields_; }

  // ---- rows, one by one
  // The next row, nullptr at the end or on failure (status() tells).
  void **fetch_row();
  // Of the row or block fetched last; nullptr before.
  const int32_t *lengths() const { return has_lengths_ ? lengths_.data() : nullptr; }

  // ---- rows, a block at a time
  // The current block if rows of it are unread, else the next one. 0 rows at the end.
  base::Status fetch_block(uint32_t *rows, void ***columns);
  base::Status fetch_raw_block(uint32_t *rows, const void **block);
  // The block that the last fetch_*block gave.
  const void *raw_block() const { return block_rows() > 0 ? view_.base() : nullptr; }
  void **row_array() { return row_.empty() ? nullptr : row_.data(); }
  void ***row_array_address();
  // nullptr for a fixed column, and for one whose values lie outside it.
  const int32_t *column_offsets(size_t column);
  uint32_t block_rows() const { return view_.rows(); }
  const wire::BlockView &view() const { return view_; }
  bool is_null(uint32_t row, size_t column) const { return is_null_at(view_, row, column); }

  // One callback at a time may be under way. false: there is one.
  bool begin_callback() { return !callback_under_way_.exchange(true, std::memory_order_acq_rel); }
  void end_callback() { callback_under_way_.store(false, std::memory_order_release); }
  // For callbacks: makes the next block the current one, and from then on fetch_row() stays within the current block.
  base::Status next_block_for_callback(uint32_t *rows);

  // Ends the fetching: from now on there are no more rows. Any thread.
  virtual void stop() { stopped_.store(true, std::memory_order_relaxed); }
  bool is_stopped() const { return stopped_.load(std::memory_order_relaxed); }

  // What another face of the library (ws_*) keeps with a result.
  std::shared_ptr<void> attachment;

 protected:
  explicit Result(ResultKind kind) : kind_(kind) {}

  // The next block; empty at the end. The buffer of the one before may be taken back. Where blocks differ in their
  // columns, fields_ and precision_ are those of the block afterwards.
  virtual base::Status next_block(BlockBytes *block) = 0;
  void adopt(wire::QueryAnswer &&answer);

  ResultKind kind_;
  base::Status status_;
  bool is_update_ = true;
  int precision_ = 0;
  int64_t timing_ = 0;
  int64_t affected_rows_ = 0;
  std::vector<wire::FieldMeta> fields_;

 private:
  base::Status advance();
  base::Status advance_to_rows();
  base::Status fail(base::Status why);

  BlockBytes block_;  // what view_ points into
  wire::BlockView view_;
  uint32_t next_row_ = 0;  // within the block
  bool ended_ = false;
  bool by_callback_ = false;
  std::atomic<bool> callback_under_way_{false};
  bool rows_at_once_ = false;  // until the first fetch
  bool has_lengths_ = false;
  std::atomic<bool> stopped_{false};

  Rows rows_;
  std::vector<void *> row_;  // one pointer a column: of a row, or of the block's columns
  void **row_pointer_ = nullptr;
  std::vector<int32_t> lengths_;
};

}  // namespace opentaos::client
