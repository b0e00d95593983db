#include "client/message_result.h"

#include <cstring>

#include "wire/protocol_error.h"

namespace opentaos::client {

using base::Status;

namespace {

// A frame smaller than this was copied out of the read buffer; its memory is not worth passing round.
constexpr size_t kWorthReusing = 8 * 1024;

constexpr size_t kColumnInfo = 5;  // type, and four bytes

bool same_bytes(std::span<const uint8_t> a, std::span<const uint8_t> b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
}

}  // namespace

MessageResult::MessageResult(MessageContent &&content, base::Ref<Channel> channel)
    : Result(ResultKind::kMessage), content_(std::move(content)), channel_(std::move(channel)) {
  has_blocks_ = wire::TmqMessage::has_blocks(content_.raw_type) && content_.data_size > 0;
  if (has_blocks_) opened_ = message_.open(content_.data());
}

MessageResult::~MessageResult() {
  if (content_.frame.capacity() < kWorthReusing || !channel_ || !channel_->is_mine() || channel_->is_lost()) return;
  auto lock = channel_->lock();
  channel_->give_buffer_locked(std::move(content_.frame));
}

Status MessageResult::next_block(BlockBytes *block) {
  block->length = 0;
  has_table_ = false;
  if (!has_blocks_) return Status::ok();
  if (!opened_) return opened_;
  for (;;) {
    wire::TmqBlock next;
    bool done = false;
    if (Status s = message_.next(next, done); !s) return s;
    if (done) return Status::ok();
    const size_t index = blocks_read_++;
    if (base::load_le<int32_t>(next.block.data() + 8) == 0) continue;  // no rows: an empty block is not the end
    Status s;
    if (next.has_schema)
      s = take_columns(next);
    else if (index < content_.described.size())
      s = take_description(content_.described[index]);
    else
      s = wire::protocol_error("a subscription message without the names of its columns");
    if (!s) return s;
    take_decimals(next.block);
    if (next.has_table_name && !next.table_name.empty()) {
      table_ = next.table_name;
      has_table_ = true;
    }
    precision_ = next.precision;
    is_update_ = false;
    block->elsewhere = next.block.data();
    block->length = next.block.size();
    return Status::ok();
  }
}

Status MessageResult::take_columns(const wire::TmqBlock &block) {
  if (!fields_.empty() && same_bytes(block.schema_bytes, schema_)) return Status::ok();
  fields_.resize(static_cast<size_t>(block.schema_columns));
  auto schema = block.schema();
  wire::TmqSchemaEntry entry;
  for (wire::FieldMeta &f : fields_) {
    if (!schema.next(entry)) return wire::protocol_error("a subscription message with a broken schema");
    f = {};
    f.set_name(entry.name);
    f.type = entry.type;
    f.bytes = wire::user_width(entry.type, entry.bytes);
  }
  schema_ = block.schema_bytes;
  return Status::ok();
}

Status MessageResult::take_description(const wire::TmqFetchAnswer &from) {
  fields_ = from.fields;
  if (!from.table_name.empty()) {
    table_ = from.table_name;
    has_table_ = true;
  }
  return Status::ok();
}

// Precision and scale of decimals stand in the block alone.
void MessageResult::take_decimals(std::span<const uint8_t> block) {
  for (size_t i = 0; i < fields_.size(); i++) {
    wire::FieldMeta &f = fields_[i];
    if (!wire::is_decimal(f.type)) continue;
    const size_t at = wire::BlockView::kHeader + kColumnInfo * i + 1;
    if (at + 4 > block.size()) return;
    f.scale = block[at];
    f.precision = block[at + 1];
  }
}

}  // namespace opentaos::client
