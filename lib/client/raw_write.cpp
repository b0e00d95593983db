#include "client/raw_write.h"

#include "base/codes.h"
#include "client/write_call.h"
#include "wire/answer.h"
#include "wire/raw_block.h"

namespace opentaos::client {

using base::Buffer;
using base::Status;

namespace {

// A program passes a pointer only; how long the block is, its own header says.
std::span<const uint8_t> bytes_of(const uint8_t *block) {
  const int32_t length = base::load_le<int32_t>(block + 4);
  if (length < static_cast<int32_t>(wire::BlockView::kHeader)) return {block, wire::BlockView::kHeader};
  return {block, static_cast<size_t>(length)};
}

// As the server says it of a block that does not fit its table.
Status no_match() { return {base::kErrInvalidPara, "Invalid parameters"}; }

Status send(Connection &connection, const RawBlockWrite &write, const BuildMessage &build) {
  auto text = send_write(connection, write.req_id, net::Opcode::kBinary, build);
  if (!text) return text.status();
  wire::AnswerHead head;
  if (Status s = wire::parse_head(*text, head); !s) return Connection::outcome_unknown(s);
  return head.status();
}

}  // namespace

Status write_raw_block(Connection &connection, const RawBlockWrite &write) {
  return send(connection, write, [&](Buffer *message, uint64_t req_id) {
    return wire::append_write_raw_block(*message, req_id, write.rows, write.table, bytes_of(write.block));
  });
}

Status write_raw_block(Connection &connection, const RawBlockWrite &write,
                       std::span<const wire::RawColumnName> fields) {
  if (base::load_le<int32_t>(write.block + 12) != static_cast<int64_t>(fields.size())) return no_match();
  return send(connection, write, [&](Buffer *message, uint64_t req_id) {
    return wire::append_write_raw_block_with_fields(*message, req_id, write.rows, write.table, bytes_of(write.block),
                                                    fields);
  });
}

}  // namespace opentaos::client
