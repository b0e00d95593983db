// taos_write_raw_block*.
#include <cstring>
#include <vector>

#include "client/raw_write.h"
#include "edge.h"
#include "taos.h"

using namespace opentaos;
using namespace opentaos::edge;
using client::RawBlockWrite;

namespace {

// That there is no database, and that a block does not fit its table, natively leaves the last error at success, and
// programs print what they find there.
int32_t outcome(const Status &s) {
  const bool quiet = s.code() == base::kErrDbNotSpecified ||
                     (s.code() == base::kErrInvalidPara && s.message() == "Invalid parameters");
  if (!quiet) return report(s);
  base::clear_last_error();
  return s.code();
}

template <typename Write>
int write_block(TAOS *taos, int rows, const char *data, const char *tbname, int64_t reqid, Write &&write) {
  return guard<int>(base::kErrOutOfMemory, [&]() -> int {
    auto connection = connection_of(taos);
    if (!connection || !data || !tbname) return base::kErrInvalidPara;
    if (!*tbname) return invalid_para();
    return outcome(write(*connection, RawBlockWrite{rows, reinterpret_cast<const uint8_t *>(data), tbname, reqid}));
  });
}

int write_plain(TAOS *taos, int rows, const char *data, const char *tbname, int64_t reqid) {
  return write_block(taos, rows, data, tbname, reqid,
                     [](client::Connection &c, const RawBlockWrite &w) { return client::write_raw_block(c, w); });
}

int write_named(TAOS *taos, int rows, const char *data, const char *tbname, const TAOS_FIELD *fields, int count,
                int64_t reqid) {
  return write_block(taos, rows, data, tbname, reqid, [&](client::Connection &c, const RawBlockWrite &w) -> Status {
    if (!fields || count <= 0) return {base::kErrInvalidPara, "Invalid parameters"};
    std::vector<wire::RawColumnName> names;
    names.reserve(static_cast<size_t>(count));
    for (const TAOS_FIELD *f = fields; f != fields + count; f++)
      names.push_back({{f->name, strnlen(f->name, sizeof f->name)}, f->type, f->bytes});
    return client::write_raw_block(c, w, names);
  });
}

}  // namespace

extern "C" {

int taos_write_raw_block(TAOS *taos, int numOfRows, char *pData, const char *tbname) {
  return write_plain(taos, numOfRows, pData, tbname, 0);
}

int taos_write_raw_block_with_reqid(TAOS *taos, int numOfRows, char *pData, const char *tbname, int64_t reqid) {
  return write_plain(taos, numOfRows, pData, tbname, reqid);
}

int taos_write_raw_block_with_fields(TAOS *taos, int rows, char *pData, const char *tbname, TAOS_FIELD *fields,
                                     int numFields) {
  return write_named(taos, rows, pData, tbname, fields, numFields, 0);
}

int taos_write_raw_block_with_fields_with_reqid(TAOS *taos, int rows, char *pData, const char *tbname,
                                                TAOS_FIELD *fields, int numFields, int64_t reqid) {
  return write_named(taos, rows, pData, tbname, fields, numFields, reqid);
}

}  // extern "C"
