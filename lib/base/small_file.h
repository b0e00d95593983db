// Reading a small file whole, with the checks that files named by configuration deserve.
#pragma once
#include <sys/stat.h>

#include <cstddef>
#include <string>

#include "base/status.h"

namespace opentaos::base {

// Regular files of at most `most` bytes. `found`, if given, gets what fstat() says about the file that was opened.
// The text of a failure names the file and the reason.
StatusOr<std::string> read_small_file(const std::string &path, size_t most, struct stat *found = nullptr);

// "No such file or directory" and the like; does not depend on the locale.
std::string system_error_text(int error);

}  // namespace opentaos::base
