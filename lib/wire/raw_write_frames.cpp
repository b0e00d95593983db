#include "wire/raw_write_frames.h"

#include <cstring>

#include "base/codes.h"
#include "wire/raw_block.h"
#include "wire/requests.h"
#include "wire/tmq_message.h"

namespace opentaos::wire {
namespace {

constexpr size_t kNameRoom = 65;
constexpr size_t kDescriptorSize = 72;

base::Status invalid(std::string_view what) {
  std::string text = "Invalid parameters: ";
  text.append(what);
  return {base::kErrInvalidPara, text};
}

base::Status no_blobs() {
  return {base::kErrNotSupported, "Operation not supported: this server cannot take BLOB columns in raw form"};
}

bool has_blob(const BlockView &block) {
  for (const ColumnView &c : block.columns())
    if (c.type == kBlob || c.type == kMediumBlob) return true;
  return false;
}

// The block at the start of the bytes, alone, once it is known to be whole.
base::Status check_block(std::span<const uint8_t> &bytes, size_t &columns, RawBlobs blobs) {
  BlockView block;
  auto status = block.parse(bytes);
  if (!status) return invalid(status.message());
  if (!block.offsets_are_sane()) return invalid("a value lies outside its column");
  if (blobs == RawBlobs::kRefuse && has_blob(block)) return no_blobs();
  bytes = bytes.first(block.length());
  columns = block.columns().size();
  return base::Status::ok();
}

base::Status append_block_frame(base::Buffer &out, uint64_t req_id, BinaryAction action, int32_t rows,
                                std::string_view table, std::span<const uint8_t> block, size_t extra) {
  if (table.empty()) return invalid("no table name");
  if (table.size() > UINT16_MAX) return invalid("the table name is too long");
  out.reserve(out.size() + kBinaryHeadSize + 6 + table.size() + block.size() + extra);
  binary_head(out, req_id, 0, action);
  out.put<int32_t>(rows);
  out.put<uint16_t>(static_cast<uint16_t>(table.size()));
  out.append(table);
  out.append(block);
  return base::Status::ok();
}

}  // namespace

base::Status append_write_raw(base::Buffer &out, uint64_t req_id, uint64_t message_id, uint16_t raw_type,
                              std::span<const uint8_t> data, RawBlobs blobs) {
  if (data.size() > INT32_MAX) return invalid("too much data");
  if (TmqMessage::has_blocks(raw_type)) {
    TmqMessage message;
    auto status = message.open(data);
    TmqBlock part;
    for (bool done = false; status && !done;) {
      status = message.next(part, done);
      if (!status || done) break;
      size_t columns = 0;
      auto block = check_block(part.block, columns, blobs);
      if (!block) return block;
    }
    if (!status) return invalid(status.message());
  }
  binary_head(out, req_id, message_id, BinaryAction::kWriteRaw);
  out.put<uint32_t>(static_cast<uint32_t>(data.size()));
  out.put<uint16_t>(raw_type);
  out.append(data);
  return base::Status::ok();
}

base::Status append_write_raw_block(base::Buffer &out, uint64_t req_id, int32_t rows, std::string_view table,
                                    std::span<const uint8_t> block, RawBlobs blobs) {
  size_t columns = 0;
  auto status = check_block(block, columns, blobs);
  if (!status) return status;
  return append_block_frame(out, req_id, BinaryAction::kWriteRawBlock, rows, table, block, 0);
}

base::Status append_write_raw_block_with_fields(base::Buffer &out, uint64_t req_id, int32_t rows,
                                                std::string_view table, std::span<const uint8_t> block,
                                                std::span<const RawColumnName> fields, RawBlobs blobs) {
  size_t columns = 0;
  auto status = check_block(block, columns, blobs);
  if (!status) return status;
  if (fields.size() != columns) return invalid("the number of fields is not that of the block's columns");
  for (const RawColumnName &f : fields)
    if (f.name.size() >= kNameRoom) return invalid("a column name is too long");
  status = append_block_frame(out, req_id, BinaryAction::kWriteRawBlockWithFields, rows, table, block,
                              fields.size() * kDescriptorSize);
  if (!status) return status;
  for (const RawColumnName &f : fields) {
    uint8_t *p = out.extend(kDescriptorSize);
    std::memset(p, 0, kDescriptorSize);
    if (!f.name.empty()) std::memcpy(p, f.name.data(), f.name.size());
    p[kNameRoom] = static_cast<uint8_t>(f.type);
    base::store_le(p + 68, f.bytes);
  }
  return base::Status::ok();
}

}  // namespace opentaos::wire
