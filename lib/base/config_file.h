// taos.cfg: lines of `key value`, `#` begins a comment. Keys nobody knows are ignored (the file belongs to the server
// and to other clients too); a bad value of a key we know is reported and the default stays.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/options.h"
#include "base/status.h"

namespace opentaos::base {

inline constexpr size_t kMaxConfigFile = size_t{4} << 20;
inline constexpr const char *kDefaultConfigFile = "/etc/taos/taos.cfg";

struct ConfigEntry {
  std::string key;
  std::string value;
  int line = 0;
};

struct ConfigFile {
  std::string path;
  std::vector<ConfigEntry> entries;   // in the order of the file; a later one wins
  std::vector<std::string> problems;  // "path:line: what is wrong with it"
};

// The path of the file that a directory or file name means.
std::string config_path(const std::string &dir_or_file);

// Reads a file. Fails if it is not there, not readable, no regular file, too large or not in an ASCII-compatible
// encoding; single bad lines are only reported.
StatusOr<ConfigFile> read_config_file(const std::string &dir_or_file);

ConfigFile parse_config(std::string_view text, std::string path);

// Puts the values of known keys into `settings`. Adds what is wrong with them to file.problems.
void apply_config(ConfigFile &file, Settings &settings);

}  // namespace opentaos::base
