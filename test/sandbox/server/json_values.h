// Values of prepared statements as JSON: set_tags and bind of the first generation.
#pragma once

#include <cJSON.h>

#include <string>

#include "engine/engine.h"

namespace opentaos::sandbox::server {

// The value for a field, brought into its type. False, with a reason, for what the type does not take.
bool value_from_json(const cJSON *node, const Field &field, int time_precision, Value *value, std::string *error);

}  // namespace opentaos::sandbox::server
