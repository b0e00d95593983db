// The options of a database: defaults, ranges, and how SHOW CREATE DATABASE prints them. Only precision and keep
// mean something to the sandbox; the others are checked and remembered.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "engine/ast.h"

namespace opentaos::sandbox {

using DatabaseOptions = std::map<std::string, std::string>;

DatabaseOptions default_database_options();

// Checks one option and puts it into the form it is kept in. `alter`: options that cannot change later are refused.
void set_database_option(DatabaseOptions *options, const std::string &name, const std::string &value, bool alter);

int option_precision(const DatabaseOptions &options);
int64_t option_number(const DatabaseOptions &options, const std::string &name);

// How long rows are kept, in milliseconds.
int64_t option_keep_ms(const DatabaseOptions &options);

std::string create_database_text(const std::string &name, const DatabaseOptions &options);

}  // namespace opentaos::sandbox
