#include "wire/frames.h"

#include "wire/requests.h"

namespace opentaos::wire {
namespace {

constexpr uint64_t kSelfDescribing = UINT64_MAX;
constexpr size_t kReqIdAt = 26;
constexpr uint16_t kFrameVersion = 1;
constexpr uint64_t kFetchRawType = 3;  // the constant inside old fetch_raw answers
// A data block is never shorter than its header.
constexpr uint32_t kMinBlock = 28;

base::Status too_short() { return protocol_error("a binary message is shorter than it says"); }

// Everything up to the message text, after the u64 of ones and the action.
base::Status read_head(base::ByteReader &in, BinaryAction action, FrameHead &out) {
  if (in.u64() != kSelfDescribing || in.u64() != static_cast<uint64_t>(action))
    return in.failed() ? too_short() : protocol_error("not the expected binary message");
  uint16_t version = in.u16();
  out.timing = in.i64();
  out.req_id = in.u64();
  out.code = in.u32();
  uint32_t message_size = in.u32();
  out.message = in.text(message_size);
  if (in.failed()) return too_short();
  if (version != kFrameVersion) return protocol_error("unknown version of a binary message");
  return base::Status::ok();
}

}  // namespace

FrameKey classify_frame(std::span<const uint8_t> frame) {
  FrameKey key;
  base::ByteReader in(frame);
  uint64_t first = in.u64();
  uint64_t second = in.u64();
  if (in.failed()) return key;
  if (first != kSelfDescribing) {
    key.kind = FrameKind::kOldStyle;
    key.second = second;
    key.third = in.u64();
    return key;
  }
  if (frame.size() < kReqIdAt + sizeof(uint64_t)) return key;
  if (second == static_cast<uint64_t>(BinaryAction::kFetchRawBlock))
    key.kind = FrameKind::kFetchAnswer;
  else if (second == static_cast<uint64_t>(BinaryAction::kTmqRawData))
    key.kind = FrameKind::kTmqRawAnswer;
  else
    return key;
  key.req_id = base::load_le<uint64_t>(frame.data() + kReqIdAt);
  return key;
}

base::Status decode_fetch_answer(std::span<const uint8_t> frame, FetchAnswer &out) {
  out = {};
  base::ByteReader in(frame);
  auto status = read_head(in, BinaryAction::kFetchRawBlock, out);
  if (!status) return status;
  out.result_id = in.u64();
  out.finished = in.u8() != 0;
  if (!out.finished) {
    uint32_t block_size = in.u32();
    out.block = in.take(block_size);
  }
  if (in.failed()) return too_short();
  if (!out.finished && (!out.ok() || out.block.size() < kMinBlock)) return protocol_error("a fetch without its block");
  return status;
}

base::Status decode_tmq_raw_answer(std::span<const uint8_t> frame, TmqRawAnswer &out) {
  out = {};
  base::ByteReader in(frame);
  auto status = read_head(in, BinaryAction::kTmqRawData, out);
  if (!status) return status;
  out.message_id = in.u64();
  if (out.ok()) {
    out.raw_type = in.u16();
    uint32_t data_size = in.u32();
    out.data = in.take(data_size);
  }
  return in.failed() ? too_short() : status;
}

base::Status decode_fetch_block(std::span<const uint8_t> frame, FetchBlockAnswer &out) {
  out = {};
  base::ByteReader in(frame);
  out.timing = in.i64();
  out.result_id = in.u64();
  out.block = in.take(in.remaining());
  return in.failed() || out.block.size() < kMinBlock ? too_short() : base::Status::ok();
}

base::Status decode_tmq_fetch_block(std::span<const uint8_t> frame, TmqFetchBlockAnswer &out) {
  out = {};
  base::ByteReader in(frame);
  out.timing = in.i64();
  out.fetch_req_id = in.u64();
  out.message_id = in.u64();
  out.block = in.take(in.remaining());
  return in.failed() || out.block.size() < kMinBlock ? too_short() : base::Status::ok();
}

base::Status decode_tmq_fetch_raw(std::span<const uint8_t> frame, TmqFetchRawAnswer &out) {
  out = {};
  base::ByteReader in(frame);
  out.timing = in.i64();
  out.req_id = in.u64();
  out.message_id = in.u64();
  uint64_t constant = in.u64();
  uint32_t data_size = in.u32();
  out.raw_type = in.u16();
  out.data = in.take(data_size);
  if (in.failed()) return too_short();
  return constant == kFetchRawType ? base::Status::ok() : protocol_error("not the answer to fetch_raw");
}

}  // namespace opentaos::wire
