// taos_schemaless_insert*: ten doors to two functions.
#include "client/schemaless.h"

#include "edge.h"
#include "taos.h"

using namespace opentaos;
using namespace opentaos::edge;
using client::QueryResult;
using client::SchemalessWrite;

namespace {

// How it went is in the result; a failure leaves the last error alone, as natively.
TAOS_RES *hand_out(QueryResult *result) {
  base::clear_last_error();
  return hand_out_result(result);
}

TAOS_RES *insert_lines(TAOS *taos, char *lines[], int count, const SchemalessWrite &write) {
  return guard<TAOS_RES *>(nullptr, [&]() -> TAOS_RES * {
    auto connection = connection_of(taos);
    bool usable = connection && lines && count >= 0;
    for (int i = 0; usable && i < count; i++) usable = lines[i] != nullptr;
    if (!usable) {
      invalid_para();
      return nullptr;
    }
    return hand_out(client::insert_lines(*connection, write, {lines, static_cast<size_t>(count)}));
  });
}

TAOS_RES *insert_raw(TAOS *taos, const char *text, int length, int32_t *total, const SchemalessWrite &write) {
  return guard<TAOS_RES *>(nullptr, [&]() -> TAOS_RES * {
    auto connection = connection_of(taos);
    if (!connection || !text || length < 0) {
      invalid_para();
      return nullptr;
    }
    const std::string_view data(text, static_cast<size_t>(length));
    if (total) *total = client::count_lines(write.protocol, data);
    return hand_out(client::insert_text(*connection, write, data));
  });
}

SchemalessWrite write_of(int protocol, int precision, int32_t ttl, int64_t reqid, const char *tbname_key = nullptr) {
  return {protocol, precision, ttl, reqid, tbname_key ? tbname_key : ""};
}

}  // namespace

extern "C" {

TAOS_RES *taos_schemaless_insert(TAOS *taos, char *lines[], int numLines, int protocol, int precision) {
  return insert_lines(taos, lines, numLines, write_of(protocol, precision, 0, 0));
}

TAOS_RES *taos_schemaless_insert_with_reqid(TAOS *taos, char *lines[], int numLines, int protocol, int precision,
                                            int64_t reqid) {
  return insert_lines(taos, lines, numLines, write_of(protocol, precision, 0, reqid));
}

TAOS_RES *taos_schemaless_insert_ttl(TAOS *taos, char *lines[], int numLines, int protocol, int precision,
                                     int32_t ttl) {
  return insert_lines(taos, lines, numLines, write_of(protocol, precision, ttl, 0));
}

TAOS_RES *taos_schemaless_insert_ttl_with_reqid(TAOS *taos, char *lines[], int numLines, int protocol, int precision,
                                                int32_t ttl, int64_t reqid) {
  return insert_lines(taos, lines, numLines, write_of(protocol, precision, ttl, reqid));
}

TAOS_RES *taos_schemaless_insert_ttl_with_reqid_tbname_key(TAOS *taos, char *lines[], int numLines, int protocol,
                                                           int precision, int32_t ttl, int64_t reqid, char *tbnameKey) {
  return insert_lines(taos, lines, numLines, write_of(protocol, precision, ttl, reqid, tbnameKey));
}

TAOS_RES *taos_schemaless_insert_raw(TAOS *taos, char *lines, int len, int32_t *totalRows, int protocol,
                                     int precision) {
  return insert_raw(taos, lines, len, totalRows, write_of(protocol, precision, 0, 0));
}

TAOS_RES *taos_schemaless_insert_raw_with_reqid(TAOS *taos, char *lines, int len, int32_t *totalRows, int protocol,
                                                int precision, int64_t reqid) {
  return insert_raw(taos, lines, len, totalRows, write_of(protocol, precision, 0, reqid));
}

TAOS_RES *taos_schemaless_insert_raw_ttl(TAOS *taos, char *lines, int len, int32_t *totalRows, int protocol,
                                         int precision, int32_t ttl) {
  return insert_raw(taos, lines, len, totalRows, write_of(protocol, precision, ttl, 0));
}

TAOS_RES *taos_schemaless_insert_raw_ttl_with_reqid(TAOS *taos, char *lines, int len, int32_t *totalRows, int protocol,
                                                    int precision, int32_t ttl, int64_t reqid) {
  return insert_raw(taos, lines, len, totalRows, write_of(protocol, precision, ttl, reqid));
}

TAOS_RES *taos_schemaless_insert_raw_ttl_with_reqid_tbname_key(TAOS *taos, char *lines, int len, int32_t *totalRows,
                                                               int protocol, int precision, int32_t ttl, int64_t reqid,
                                                               char *tbnameKey) {
  return insert_raw(taos, lines, len, totalRows, write_of(protocol, precision, ttl, reqid, tbnameKey));
}

}  // extern "C"
