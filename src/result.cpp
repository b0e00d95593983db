// The functions over a result: what it is, and its rows, one by one or a block at a time.
#include "taos.h"

#include <cstddef>
#include <cstring>

#include "client/query_result.h"
#include "edge.h"

using namespace opentaos;
using namespace opentaos::edge;
using client::Result;

// A field description is handed out as it is kept.
static_assert(sizeof(TAOS_FIELD) == sizeof(wire::FieldMeta) && sizeof(TAOS_FIELD_E) == sizeof(wire::FieldMeta));
static_assert(offsetof(TAOS_FIELD_E, type) == offsetof(wire::FieldMeta, type) &&
              offsetof(TAOS_FIELD_E, precision) == offsetof(wire::FieldMeta, precision) &&
              offsetof(TAOS_FIELD_E, scale) == offsetof(wire::FieldMeta, scale) &&
              offsetof(TAOS_FIELD_E, bytes) == offsetof(wire::FieldMeta, bytes) &&
              offsetof(TAOS_FIELD, bytes) == offsetof(wire::FieldMeta, bytes));

namespace {

bool has_rows(Result *r) { return r && r->status() && !r->is_without_rows(); }

}  // namespace

extern "C" {

int taos_errno(TAOS_RES *res) {
  if (!res) return base::last_error_code();
  if (Result *r = result_of(res)) return r->status().code();
  // A connection in place of a result is a common slip: the program wants to know what happened last.
  if (base::kind_of_handle(res) != HandleKind::kFree) return base::last_error_code();
  return base::kErrInvalidPara;
}

const char *taos_errstr(TAOS_RES *res) {
  if (!res) return base::last_error_text();
  if (Result *r = result_of(res)) return r->status().is_ok() ? "success" : r->status().message().c_str();
  if (base::kind_of_handle(res) != HandleKind::kFree) return base::last_error_text();
  return "Invalid parameters";
}

void taos_free_result(TAOS_RES *res) {
  guard_void([&] {
    auto *r = static_cast<Result *>(base::close_handle(HandleKind::kResult, res));
    if (!r) return;
    if (r->kind() == client::ResultKind::kQuery) static_cast<client::QueryResult *>(r)->abandon();
    r->release();
  });
}

int taos_num_fields(TAOS_RES *res) {
  Result *r = result_of(res);
  return has_rows(r) ? static_cast<int>(r->fields().size()) : 0;
}

int taos_field_count(TAOS_RES *res) { return taos_num_fields(res); }

int64_t taos_affected_rows64(TAOS_RES *res) {
  Result *r = result_of(res);
  return r && r->status() ? r->affected_rows() : 0;
}

int taos_affected_rows(TAOS_RES *res) { return static_cast<int>(taos_affected_rows64(res)); }

TAOS_FIELD *taos_fetch_fields(TAOS_RES *res) {
  Result *r = result_of(res);
  if (!has_rows(r) || r->fields().empty()) return nullptr;
  return reinterpret_cast<TAOS_FIELD *>(r->fields().data());
}

TAOS_FIELD_E *taos_fetch_fields_e(TAOS_RES *res) { return reinterpret_cast<TAOS_FIELD_E *>(taos_fetch_fields(res)); }

int taos_result_precision(TAOS_RES *res) {
  Result *r = result_of(res);
  return has_rows(r) ? r->precision() : 0;
}

bool taos_is_update_query(TAOS_RES *res) {
  Result *r = result_of(res);
  return !r || r->is_update();
}

// ---- rows

TAOS_ROW taos_fetch_row(TAOS_RES *res) {
  return guard<TAOS_ROW>(nullptr, [&]() -> TAOS_ROW {
    Result *r = result_of(res);
    if (!has_rows(r)) return nullptr;
    void **row = r->fetch_row();
    if (!row) report(r->status());
    return row;
  });
}

int *taos_fetch_lengths(TAOS_RES *res) {
  Result *r = result_of(res);
  return has_rows(r) ? const_cast<int *>(r->lengths()) : nullptr;
}

bool taos_is_null(TAOS_RES *res, int32_t row, int32_t col) {
  Result *r = result_of(res);
  if (!has_rows(r) || row < 0 || col < 0) return true;
  return r->is_null(static_cast<uint32_t>(row), static_cast<size_t>(col));
}

int taos_is_null_by_column(TAOS_RES *res, int columnIndex, bool result[], int *rows) {
  Result *r = result_of(res);
  // Natively a bad call is told by the return value alone.
  if (!has_rows(r) || !result || !rows || *rows <= 0 || columnIndex < 0 ||
      static_cast<size_t>(columnIndex) >= r->fields().size())
    return base::kErrInvalidPara;
  const auto n = static_cast<int>(r->block_rows());
  if (*rows > n) *rows = n;
  if (n > 0) client::null_flags(r->view(), static_cast<size_t>(columnIndex), static_cast<uint32_t>(*rows), result);
  return 0;
}

// ---- blocks

int taos_fetch_block_s(TAOS_RES *res, int *numOfRows, TAOS_ROW *rows) {
  return guard<int>(base::kErrOutOfMemory, [&]() -> int {
    if (!numOfRows || !rows) return invalid_para();
    *numOfRows = 0;
    *rows = nullptr;
    Result *r = result_of(res);
    if (!r) return 0;
    if (!r->status()) return r->status().code();
    if (r->is_without_rows()) return 0;
    uint32_t n = 0;
    void **columns = nullptr;
    Status s = r->fetch_block(&n, &columns);
    if (!s) return report(s);
    *numOfRows = static_cast<int>(n);
    if (columns) *rows = columns;
    return 0;
  });
}

int taos_fetch_block(TAOS_RES *res, TAOS_ROW *rows) {
  int n = 0;
  if (taos_fetch_block_s(res, &n, rows) != 0) return 0;
  return n;
}

int taos_fetch_raw_block(TAOS_RES *res, int *numOfRows, void **pData) {
  return guard<int>(base::kErrOutOfMemory, [&]() -> int {
    if (!numOfRows || !pData) return invalid_para();
    *numOfRows = 0;
    *pData = nullptr;
    Result *r = result_of(res);
    if (!r) return 0;
    if (!r->status()) return r->status().code();
    if (r->is_without_rows()) return 0;
    uint32_t n = 0;
    const void *block = nullptr;
    Status s = r->fetch_raw_block(&n, &block);
    if (!s) return report(s);
    *numOfRows = static_cast<int>(n);
    *pData = const_cast<void *>(block);
    return 0;
  });
}

const void *taos_get_raw_block(TAOS_RES *res) {
  Result *r = result_of(res);
  return has_rows(r) ? r->raw_block() : nullptr;
}

TAOS_ROW *taos_result_block(TAOS_RES *res) {
  return guard<TAOS_ROW *>(nullptr, [&]() -> TAOS_ROW * {
    Result *r = result_of(res);
    if (!r) {
      invalid_para();
      return nullptr;
    }
    return has_rows(r) ? r->row_array_address() : nullptr;
  });
}

int *taos_get_column_data_offset(TAOS_RES *res, int columnIndex) {
  Result *r = result_of(res);
  if (!has_rows(r) || columnIndex < 0) return nullptr;
  return const_cast<int *>(r->column_offsets(static_cast<size_t>(columnIndex)));
}

}  // extern "C"
