// How REST writes values and columns.
#pragma once

#include <string>

#include "engine/engine.h"
#include "engine/timezone.h"

namespace opentaos::sandbox::server {

void append_rest_value(const Value &value, const Field &field, int precision, const TimeZone &zone, std::string *out);
// ["name","TYPE",length]
void append_rest_column(const Field &field, std::string *out);

}  // namespace opentaos::sandbox::server
