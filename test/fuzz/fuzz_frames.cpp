// Any bytes as a binary message from the server, down to the values of its block.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "wire/decimal_text.h"
#include "wire/frames.h"
#include "wire/raw_block.h"
#include "wire/raw_write_frames.h"
#include "wire/ucs4.h"

using namespace opentaos::wire;

namespace {

volatile uint64_t sink;

void read_value(const ColumnView &c, uint32_t row) {
  if (c.is_null(row) || c.type == kNull) return;
  if (!c.variable) {
    uint64_t sum = 0;
    for (uint32_t i = 0; i < c.width; ++i) sum += c.fixed(row)[i];
    char text[kDecimalTextMax];
    if (is_decimal(c.type)) sum += decimal_to_text(c.fixed(row), c.width, c.scale, text);
    sink = sink + sum;
    return;
  }
  uint32_t size = 0;
  bool bad = false;
  const uint8_t *p = c.variable_value(row, &size, &bad);
  if (!p) return;
  uint64_t sum = 0;
  for (uint32_t i = 0; i < size; ++i) sum += p[i];
  if (c.type == kNchar) {
    std::vector<uint8_t> utf8(size + 4);
    sum += ucs4_to_utf8(p, size, utf8.data());
  }
  sink = sink + sum;
}

void read_block(std::span<const uint8_t> bytes) {
  BlockView block;
  if (!block.parse(bytes)) return;
  (void)block.offsets_are_sane();
  // Rows that share values make a small block arbitrarily long to walk.
  uint64_t budget = 20000;
  for (const ColumnView &c : block.columns())
    for (uint32_t r = 0; r < block.rows() && budget; ++r, --budget) read_value(c, r);
}

void check_inside(std::span<const uint8_t> part, const uint8_t *data, size_t size) {
  if (!part.empty() && (part.data() < data || part.data() + part.size() > data + size)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const std::span<const uint8_t> frame(data, size);
  const FrameKey key = classify_frame(frame);
  FetchAnswer fetch;
  if (decode_fetch_answer(frame, fetch)) {
    if (key.kind != FrameKind::kFetchAnswer || key.req_id != fetch.req_id) std::abort();
    if (fetch.finished != fetch.block.empty()) std::abort();
    check_inside(fetch.block, data, size);
    read_block(fetch.block);
  }
  TmqRawAnswer raw;
  if (decode_tmq_raw_answer(frame, raw)) {
    if (key.kind != FrameKind::kTmqRawAnswer || key.req_id != raw.req_id) std::abort();
    check_inside(raw.data, data, size);
  }
  FetchBlockAnswer old;
  if (decode_fetch_block(frame, old)) {
    check_inside(old.block, data, size);
    read_block(old.block);
    opentaos::base::Buffer out;
    (void)append_write_raw_block(out, 1, 1, "t", old.block).is_ok();
  }
  TmqFetchBlockAnswer tmq;
  if (decode_tmq_fetch_block(frame, tmq)) {
    check_inside(tmq.block, data, size);
    read_block(tmq.block);
  }
  TmqFetchRawAnswer tmq_raw;
  if (decode_tmq_fetch_raw(frame, tmq_raw)) check_inside(tmq_raw.data, data, size);
  return 0;
}
