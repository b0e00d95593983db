// Tables described: DESCRIBE, SHOW CREATE, tags as text.
#pragma once

#include <string>

#include "engine/context.h"

namespace opentaos::sandbox {

// The column with the encoding, compression and level that the server chooses where its definition says nothing, and
// the other way round.
Column with_encoding(Column c);
Column without_default_encoding(Column c);

Table describe_table(const TableInfo &t);

std::string create_table_text(const TableInfo &t);

// A tag as SHOW TAGS prints it: 1.10000, true, \x0A, POINT (1.000000 2.000000).
Value tag_text(const Value &v, const Field &field);

}  // namespace opentaos::sandbox
