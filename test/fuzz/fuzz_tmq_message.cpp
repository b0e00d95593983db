// Any bytes as the raw data of a subscription message, alone or inside the frame that brings it.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "wire/frames.h"
#include "wire/raw_block.h"
#include "wire/tmq_message.h"

using namespace opentaos::wire;

namespace {

void read_message(std::span<const uint8_t> data) {
  TmqMessage message;
  if (!message.open(data)) return;
  TmqBlock part;
  int blocks = 0;
  for (bool done = false;;) {
    if (!message.next(part, done)) {
      if (message.next(part, done)) std::abort();  // an error stays
      return;
    }
    if (done) break;
    if (++blocks > message.block_count()) std::abort();
    TmqSchemaReader schema = part.schema();
    TmqSchemaEntry entry;
    int columns = 0;
    while (schema.left()) {
      if (!schema.next(entry)) std::abort();  // next() of the message has checked them all
      ++columns;
    }
    if (columns != part.schema_columns) std::abort();
    BlockView block;
    if (block.parse(part.block)) (void)block.offsets_are_sane();
  }
  if (blocks != message.block_count()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const std::span<const uint8_t> bytes(data, size);
  read_message(bytes);
  TmqRawAnswer answer;
  if (decode_tmq_raw_answer(bytes, answer)) read_message(answer.data);
  TmqFetchRawAnswer old;
  if (decode_tmq_fetch_raw(bytes, old)) read_message(old.data);
  return 0;
}
