// A message of a subscription, as a result: its blocks, each with the columns and the table it belongs to, read in
// place from the one frame that the message came in.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "client/channel.h"
#include "client/consumer_positions.h"
#include "client/result.h"
#include "wire/tmq_answers.h"
#include "wire/tmq_message.h"

namespace opentaos::client {

// Everything that was fetched of a message.
struct MessageContent {
  wire::PollAnswer head;
  base::Buffer frame;  // the raw data lies in it
  size_t data_at = 0;
  size_t data_size = 0;
  uint16_t raw_type = 0;
  std::string meta;  // the JSON document, empty if there is none
  MessageOffsets offsets;
  // What the server says of each block, where the raw data does not (servers before 3.3).
  std::vector<wire::TmqFetchAnswer> described;

  std::span<const uint8_t> data() const { return frame.span().subspan(data_at, data_size); }
};

class MessageResult final : public Result {
 public:
  // When the message is freed its frame goes back to the channel, to receive the next one in.
  MessageResult(MessageContent &&content, base::Ref<Channel> channel);
  ~MessageResult() override;

  int32_t type() const { return content_.head.message_type; }
  const std::string &topic() const { return content_.head.topic; }
  const std::string &database() const { return content_.head.database; }
  int32_t vgroup() const { return content_.head.vgroup_id; }
  int64_t offset() const { return content_.head.offset; }
  // Where reading goes on behind this message; kUnknownOffset for snapshot data.
  int64_t next_offset() const { return content_.offsets.next; }
  // Of the current block; nullptr if there is none or the server does not tell.
  const char *table_name() const { return has_table_ ? table_.c_str() : nullptr; }
  const std::string &meta() const { return content_.meta; }
  uint16_t raw_type() const { return content_.raw_type; }
  std::span<const uint8_t> raw() const { return content_.data(); }

 protected:
  base::Status next_block(BlockBytes *block) override;

 private:
  base::Status take_columns(const wire::TmqBlock &block);
  base::Status take_description(const wire::TmqFetchAnswer &from);
  void take_decimals(std::span<const uint8_t> block);

  MessageContent content_;
  base::Ref<Channel> channel_;
  wire::TmqMessage message_;
  base::Status opened_;
  bool has_blocks_ = false;
  size_t blocks_read_ = 0;
  std::span<const uint8_t> schema_;  // of the block before: mostly that of the next one, too
  bool has_table_ = false;
  std::string table_;
};

}  // namespace opentaos::client
