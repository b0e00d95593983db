// Schemaless writing: lines of the InfluxDB and OpenTSDB protocols, which the server makes tables of.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

#include "client/connection.h"

namespace opentaos::client {

enum SchemalessProtocol : int { kInfluxLine = 1, kOpenTsdbTelnet = 2, kOpenTsdbJson = 3 };

struct SchemalessWrite {
  int protocol = 0;
  int precision = 0;  // TSDB_SML_TIMESTAMP_TYPE
  int ttl = 0;
  int64_t req_id = 0;
  std::string_view table_name_key;
};

// Both give a result in any case, with native libtaos's code and text when something is wrong. Natively an array is
// taken line by line, while the server gets one text and splits it: what the two would see differently is answered here
// or written so that they agree.
QueryResult *insert_lines(Connection &connection, const SchemalessWrite &write, std::span<const char *const> lines);
QueryResult *insert_text(Connection &connection, const SchemalessWrite &write, std::string_view text);

// As TDengine's WebSocket library does: nothing is checked that the server does not check, an unknown protocol becomes
// none, an unknown precision milliseconds. The number of rows is not told.
base::Status insert_text_ws(Connection &connection, const SchemalessWrite &write, std::string_view text);

// How many lines native libtaos counts in a text: comments are none, the end of the text ends a line.
int32_t count_lines(int protocol, std::string_view text);

}  // namespace opentaos::client
