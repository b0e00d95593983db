// Binary messages that write raw data: a TMQ message (3), a block (4), a block with the names of its columns (5). The
// server does not check their bounds, so everything is checked here; a failed call leaves the buffer as it was.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

#include "base/buffer.h"
#include "base/status.h"

namespace opentaos::wire {

struct RawColumnName {
  std::string_view name;  // at most 64 bytes
  int8_t type = 0;
  int32_t bytes = 0;  // user width; the server does not look at it
};

// What to do with BLOB columns: writing them ends the server process of 3.3.7.
enum class RawBlobs : uint8_t { kRefuse, kAllow };

[[nodiscard]] base::Status append_write_raw(base::Buffer &out, uint64_t req_id, uint64_t message_id, uint16_t raw_type,
                                            std::span<const uint8_t> data, RawBlobs blobs = RawBlobs::kRefuse);
// `rows` is what the caller said; the server goes by the block. `block` may be longer than the block in it.
[[nodiscard]] base::Status append_write_raw_block(base::Buffer &out, uint64_t req_id, int32_t rows,
                                                  std::string_view table, std::span<const uint8_t> block,
                                                  RawBlobs blobs = RawBlobs::kRefuse);
[[nodiscard]] base::Status append_write_raw_block_with_fields(base::Buffer &out, uint64_t req_id, int32_t rows,
                                                              std::string_view table, std::span<const uint8_t> block,
                                                              std::span<const RawColumnName> fields,
                                                              RawBlobs blobs = RawBlobs::kRefuse);

}  // namespace opentaos::wire
