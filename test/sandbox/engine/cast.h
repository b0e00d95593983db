// CAST, and the conversion of query results into the columns of INSERT ... SELECT.
#pragma once

#include <string>

#include "engine/time_text.h"
#include "engine/value.h"

namespace opentaos::sandbox {

// kErrCastType for pairs the server refuses.
void check_cast(const Field &from, const Field &to);

// Integers wrap, text is cut to the length, fractions are dropped. `precision` is that of timestamps.
Value cast_value(const Value &v, const Field &from, const Field &to, int precision, const TimeZone &zone);

// As INSERT ... SELECT converts; timestamps change their precision.
Value assign_value(const Value &v, const Field &from, int from_precision, const Field &to, int to_precision,
                   const TimeZone &zone);

// The text CAST ... AS VARCHAR makes: %g for FLOAT, fifteen digits for DOUBLE.
std::string value_text(const Value &v, const Field &field);

}  // namespace opentaos::sandbox
