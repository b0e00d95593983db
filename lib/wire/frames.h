// Binary messages from the server. Spans and texts point into the message they were decoded from.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

#include "base/bytes.h"
#include "base/status.h"
#include "wire/protocol_error.h"

namespace opentaos::wire {

enum class FrameKind : uint8_t {
  kBroken,        // shorter than any frame, or a self-describing one with an unknown action
  kFetchAnswer,   // self-describing: the answer to fetch_raw_block
  kTmqRawAnswer,  // self-describing: the answer to fetch_raw_data
  kOldStyle,      // what it is follows from what was asked
};
// What every frame says where it can be told without knowing the request.
struct FrameKey {
  FrameKind kind = FrameKind::kBroken;
  uint64_t req_id = 0;  // of self-describing frames
  // Of old-style frames: the second u64 (a result id on /ws, a request id on /rest/tmq) and the third one (a message id
  // on /rest/tmq), 0 if the frame is too short to have one.
  uint64_t second = 0;
  uint64_t third = 0;
};
FrameKey classify_frame(std::span<const uint8_t> frame);

// The common part of the self-describing frames.
struct FrameHead {
  int64_t timing = 0;
  uint64_t req_id = 0;
  uint32_t code = 0;  // as on the wire, 16 bits
  std::string_view message;

  bool ok() const { return code == 0; }
  base::Status status() const { return ok() ? base::Status() : base::Status(full_code(code), message); }
};

// The answer to fetch_raw_block. After an error or the end the server has already freed the result.
struct FetchAnswer : FrameHead {
  uint64_t result_id = 0;
  bool finished = true;
  std::span<const uint8_t> block;  // empty when finished
};
[[nodiscard]] base::Status decode_fetch_answer(std::span<const uint8_t> frame, FetchAnswer &out);

// The answer to fetch_raw_data: a whole TMQ message (tmq_message.h reads raw types 2 and 4).
struct TmqRawAnswer : FrameHead {
  uint64_t message_id = 0;
  uint16_t raw_type = 0;
  std::span<const uint8_t> data;
};
[[nodiscard]] base::Status decode_tmq_raw_answer(std::span<const uint8_t> frame, TmqRawAnswer &out);

// ---- old style
// fetch_block on /ws.
struct FetchBlockAnswer {
  int64_t timing = 0;
  uint64_t result_id = 0;
  std::span<const uint8_t> block;
};
[[nodiscard]] base::Status decode_fetch_block(std::span<const uint8_t> frame, FetchBlockAnswer &out);

// fetch_block on /rest/tmq.
struct TmqFetchBlockAnswer {
  int64_t timing = 0;
  uint64_t fetch_req_id = 0;  // of the `fetch` that prepared the block
  uint64_t message_id = 0;
  std::span<const uint8_t> block;
};
[[nodiscard]] base::Status decode_tmq_fetch_block(std::span<const uint8_t> frame, TmqFetchBlockAnswer &out);

// fetch_raw on /rest/tmq.
struct TmqFetchRawAnswer {
  int64_t timing = 0;
  uint64_t req_id = 0;
  uint64_t message_id = 0;
  uint16_t raw_type = 0;
  std::span<const uint8_t> data;
};
[[nodiscard]] base::Status decode_tmq_fetch_raw(std::span<const uint8_t> frame, TmqFetchRawAnswer &out);

}  // namespace opentaos::wire
