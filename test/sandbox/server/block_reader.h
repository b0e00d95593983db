// Reads raw blocks that clients send: values of a bind, rows of a raw block write.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.h"

namespace opentaos::sandbox::server {

struct BlockColumn {
  uint8_t type = 0;
  uint32_t info = 0;      // its width, or for decimals what block_width() makes
  std::string_view head;  // null bitmap or offsets
  std::string_view data;
};

// The layout of a block: where its columns are. Points into the bytes it was read from.
struct BlockView {
  uint32_t length = 0;
  uint32_t rows = 0;
  std::vector<BlockColumn> columns;
};

// Takes the block at the start of `bytes`. `types` overrides the types the block claims, column by column, as the
// adapter does it with binds; empty: the block's own. False, with an `error`, when something does not fit.
bool read_block(std::string_view bytes, const std::vector<uint8_t> &types, BlockView *block, std::string *error);

// The values of one column. False for offsets or lengths that lead outside.
bool read_values(const BlockColumn &column, uint32_t rows, std::vector<Value> *values);

// One value of a fixed type, from exactly as many bytes as the type has. NCHAR and other variable types are not among
// them.
Value fixed_value(uint8_t type, std::string_view bytes);

}  // namespace opentaos::sandbox::server
