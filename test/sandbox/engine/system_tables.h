// information_schema and performance_schema, made up when asked.
#pragma once

#include <string>

#include "engine/context.h"

namespace opentaos::sandbox {

bool is_system_database(const std::string &db);

// kErrTableNotExist for a name that is none.
Table system_table(const std::string &db, const std::string &name, const Context &context);

}  // namespace opentaos::sandbox
