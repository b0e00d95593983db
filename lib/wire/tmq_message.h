// The raw data of a TMQ message (raw types 2 and 4): blocks with their schemas and table names, read in place. Metadata
// and opaque messages (other raw types) have no such layout.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

#include "base/bytes.h"
#include "base/status.h"

namespace opentaos::wire {

struct TmqSchemaEntry {
  uint8_t type = 0;
  uint8_t flags = 0;
  int32_t bytes = 0;  // schema width
  int32_t column_id = 0;
  std::string_view name;  // without the NUL
};

// The schema of one block, one entry at a time.
class TmqSchemaReader {
 public:
  TmqSchemaReader() : in_(nullptr, 0) {}
  TmqSchemaReader(std::span<const uint8_t> bytes, int32_t columns) : in_(bytes), left_(columns) {}

  int32_t left() const { return left_; }
  // False after the last entry. The bytes were checked when the block was read.
  bool next(TmqSchemaEntry &out);

 private:
  base::ByteReader in_;
  int32_t left_ = 0;
};

struct TmqBlock {
  int64_t prefix_rows = 0;  // informative: the block has its own row count
  uint8_t precision = 0;    // 0 ms, 1 us, 2 ns
  std::span<const uint8_t> block;
  bool has_schema = false;
  int32_t schema_columns = 0;
  int32_t schema_version = 0;
  std::span<const uint8_t> schema_bytes;
  bool has_table_name = false;
  std::string_view table_name;

  TmqSchemaReader schema() const { return TmqSchemaReader(schema_bytes, schema_columns); }
};

class TmqMessage {
 public:
  static constexpr bool has_blocks(uint16_t raw_type) { return raw_type == 2 || raw_type == 4; }

  // Reads the head. The blocks are read, and checked, one by one by next(); the bytes must stay where they are.
  [[nodiscard]] base::Status open(std::span<const uint8_t> data);

  int32_t block_count() const { return block_count_; }
  bool with_table_name() const { return with_table_name_; }
  bool with_schema() const { return with_schema_; }

  // The next block. `done` at the end of the message.
  [[nodiscard]] base::Status next(TmqBlock &out, bool &done);

  // What follows the last block, once next() said done.
  std::span<const uint8_t> tail() const { return {in_.position(), in_.remaining()}; }

 private:
  base::Status broken(std::string_view what);

  base::ByteReader in_{nullptr, 0};
  int32_t block_count_ = 0;
  int32_t read_ = 0;
  bool with_table_name_ = false;
  bool with_schema_ = false;
};

}  // namespace opentaos::wire
