// Raw blocks written to a table: what a fetch gives can be put into another table as it is.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

#include "client/connection.h"
#include "wire/raw_write_frames.h"

namespace opentaos::client {

struct RawBlockWrite {
  int32_t rows = 0;  // as the program says; the block counts
  const uint8_t *block = nullptr;
  std::string_view table;  // of the session's database
  int64_t req_id = 0;
};

// The server does not check the bounds of a block, so a damaged one is refused here.
base::Status write_raw_block(Connection &connection, const RawBlockWrite &write);
// The columns have names: one for each column of the block.
base::Status write_raw_block(Connection &connection, const RawBlockWrite &write,
                             std::span<const wire::RawColumnName> fields);

}  // namespace opentaos::client
