// ws_*: what a result is, and its rows and blocks.
#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <vector>

#include "client/rows.h"
#include "taosws.h"
#include "ws_edge.h"

using namespace opentaos;
using namespace opentaos::edge;
using client::Result;

static_assert(sizeof(WS_FIELD) == sizeof(wire::FieldMeta) &&
              offsetof(WS_FIELD, type) == offsetof(wire::FieldMeta, type) &&
              offsetof(WS_FIELD, bytes) == offsetof(wire::FieldMeta, bytes));

namespace {

// What this face of the library keeps with a result.
struct WsResult {
  bool error_is_told = false;  // its text has its form already
  std::vector<WS_FIELD_V2> fields_v2;
  // The current block with its values as programs get them, filled when the first value is asked for.
  bool filled = false;
  client::Rows rows;
  std::vector<void *> columns;
  std::vector<int32_t> widths;
};

WsResult &state_of(Result *r) {
  if (!r->attachment) r->attachment = std::make_shared<WsResult>();
  return *static_cast<WsResult *>(r->attachment.get());
}

int32_t null_result() { return ws_report(base::kErrInvalidPara, "result set is null"); }

bool has_rows(const Result *r) { return r->status() && !r->is_without_rows(); }

// A failed fetch: the result's error gets its form, and becomes the thread's.
int32_t fetch_failed(Result *r) {
  WsResult &state = state_of(r);
  if (!state.error_is_told) r->set_status(ws_status(r->status()));
  state.error_is_told = true;
  return ws_report(r->status().code(), r->status().message());
}

// For update results: programs that index the fields first and count them later must not fall over.
const WS_FIELD kNoField = {};
const WS_FIELD_V2 kNoFieldV2 = {};

}  // namespace

extern "C" {

// ---- what it is

int64_t ws_take_timing(WS_RES *rs) {
  const Result *r = result_of(rs);
  return r ? r->timing() : null_result();
}

int64_t ws_affected_rows64(const WS_RES *rs) {
  Result *r = result_of(rs);
  if (!r) return null_result();
  return r->is_without_rows() && r->status() ? r->affected_rows() : 0;
}

int32_t ws_affected_rows(const WS_RES *rs) { return static_cast<int32_t>(ws_affected_rows64(rs)); }

bool ws_is_update_query(const WS_RES *rs) {
  const Result *r = result_of(rs);
  return !r || r->is_without_rows();
}

int32_t ws_field_count(const WS_RES *rs) {
  const Result *r = result_of(rs);
  if (!r) return null_result();
  return has_rows(r) ? static_cast<int32_t>(r->fields().size()) : 0;
}

int32_t ws_num_fields(const WS_RES *rs) { return ws_field_count(rs); }
int32_t ws_num_of_fields(const WS_RES *rs) { return ws_field_count(rs); }

const struct WS_FIELD *ws_fetch_fields(WS_RES *rs) {
  Result *r = result_of(rs);
  if (!r || !r->status()) return nullptr;
  return has_rows(r) && !r->fields().empty() ? reinterpret_cast<const WS_FIELD *>(r->fields().data()) : &kNoField;
}

const struct WS_FIELD_V2 *ws_fetch_fields_v2(WS_RES *rs) {
  return ws_guard<const WS_FIELD_V2 *>(nullptr, [&]() -> const WS_FIELD_V2 * {
    Result *r = result_of(rs);
    if (!r || !r->status()) return nullptr;
    if (!has_rows(r) || r->fields().empty()) return &kNoFieldV2;
    auto &fields = state_of(r).fields_v2;
    fields.resize(r->fields().size());
    for (size_t i = 0; i < fields.size(); i++) {
      const wire::FieldMeta &f = r->fields()[i];
      std::memcpy(fields[i].name, f.name, sizeof f.name);
      fields[i].type = f.type;
      fields[i].bytes = static_cast<uint16_t>(std::clamp<int32_t>(f.bytes, 0, UINT16_MAX));
    }
    return fields.data();
  });
}

int32_t ws_result_precision(const WS_RES *rs) {
  const Result *r = result_of(rs);
  return r ? r->precision() : null_result();
}

// ---- rows and blocks

WS_ROW ws_fetch_row(WS_RES *rs) {
  return ws_guard<WS_ROW>(nullptr, [&]() -> WS_ROW {
    Result *r = result_of(rs);
    if (!r) {
      null_result();
      return nullptr;
    }
    if (!has_rows(r)) return nullptr;
    if (r->attachment) state_of(r).filled = false;
    void **row = r->fetch_row();
    if (!row && !r->status()) fetch_failed(r);
    return row;
  });
}

int32_t ws_fetch_raw_block(WS_RES *rs, const void **pData, int32_t *numOfRows) {
  return ws_guard<int32_t>(base::kErrOutOfMemory, [&]() -> int32_t {
    if (!pData || !numOfRows) return ws_report(base::kErrInvalidPara, "nowhere to put the block");
    Result *r = result_of(rs);
    if (!r) return ws_report(base::kErrFailed, "result set is null");
    *pData = nullptr;
    *numOfRows = 0;
    if (!r->status()) return r->status().code();
    if (!has_rows(r)) return 0;
    if (r->attachment) state_of(r).filled = false;
    uint32_t n = 0;
    if (!r->fetch_raw_block(&n, pData)) return fetch_failed(r);
    *numOfRows = static_cast<int32_t>(n);
    return 0;
  });
}

int32_t ws_fetch_block(WS_RES *rs, const void **pData, int32_t *numOfRows) {
  return ws_fetch_raw_block(rs, pData, numOfRows);
}

bool ws_is_null(const WS_RES *rs, int32_t row, int32_t col) {
  const Result *r = result_of(rs);
  if (!r || !has_rows(r) || row < 0 || col < 0) return true;
  return r->is_null(static_cast<uint32_t>(row), static_cast<size_t>(col));
}

const void *ws_get_value_in_block(WS_RES *rs, int32_t row, int32_t col, uint8_t *ty, uint32_t *len) {
  return ws_guard<const void *>(nullptr, [&]() -> const void * {
    Result *r = result_of(rs);
    uint32_t length = 0;
    const void *value = nullptr;
    if (r && has_rows(r) && row >= 0 && col >= 0 && static_cast<size_t>(col) < r->view().columns().size()) {
      const auto i = static_cast<uint32_t>(row);
      const auto c = static_cast<size_t>(col);
      const wire::ColumnView &column = r->view().column(c);
      if (ty) *ty = column.type;
      if (!r->is_null(i, c)) {
        WsResult &state = state_of(r);
        if (!state.filled) {
          state.columns.resize(r->view().columns().size());
          state.widths.resize(state.columns.size());
          state.rows.attach(r->view());
          state.rows.fill_columns(state.columns.data(), state.widths.data());
          state.filled = true;
        }
        const auto *data = static_cast<const uint8_t *>(state.columns[c]);
        if (wire::is_decimal(column.type)) {
          // The length is that of the stored form, as it always was, unless the text is longer.
          const auto *text = reinterpret_cast<const char *>(data + size_t{client::kDecimalCell} * i);
          value = text;
          length = std::max<uint32_t>(column.width, static_cast<uint32_t>(strnlen(text, client::kDecimalCell)));
        } else if (!column.variable) {
          value = data + size_t{column.width} * i;
          length = column.width;
        } else if (const int32_t *offsets = state.rows.offsets(c)) {
          int32_t at;
          std::memcpy(&at, reinterpret_cast<const uint8_t *>(offsets) + size_t{4} * i, sizeof at);
          const uint8_t *p = data + at;
          length = column.prefix == 4 ? base::load_le<uint32_t>(p) : base::load_le<uint16_t>(p);
          value = p + column.prefix;
        }
      }
    }
    if (len) *len = length;
    return value;
  });
}

}  // extern "C"
