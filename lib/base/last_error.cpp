#include "base/last_error.h"

#include <algorithm>
#include <cstring>

namespace opentaos::base {
namespace {

struct LastError {
  int32_t code;
  char text[2048];
};
// Plain memory: nothing to construct when a thread starts, nothing to destroy when it ends.
thread_local LastError t_last;

}  // namespace

void set_last_error(int32_t code, std::string_view text) {
  t_last.code = code;
  size_t n = std::min(text.size(), sizeof t_last.text - 1);
  std::memcpy(t_last.text, text.data(), n);
  t_last.text[n] = 0;
}

void clear_last_error() { t_last.code = 0; }
int32_t last_error_code() { return t_last.code; }
const char *last_error_text() { return t_last.code == 0 ? "success" : t_last.text; }

}  // namespace opentaos::base
