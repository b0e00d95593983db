// The error of this thread's last call: what taos_errno(NULL) and taos_errstr(NULL) answer.
#pragma once
#include <cstdint>
#include <string_view>

#include "base/status.h"

namespace opentaos::base {

void set_last_error(int32_t code, std::string_view text);
inline void set_last_error(const Status &s) { set_last_error(s.code(), s.message()); }
void clear_last_error();  // success: code 0
int32_t last_error_code();
// Valid until this thread's next call. "success" when the code is 0.
const char *last_error_text();

}  // namespace opentaos::base
