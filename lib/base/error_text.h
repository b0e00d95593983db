// The texts of error codes, as native libtaos has them, and those of the codes that this library makes itself.
#pragma once
#include <cstdint>
#include <string_view>

namespace opentaos::base {

// "success" for 0, "fail" for -1, the system's text for 0x..FFxxxx (an errno), "" for a code without a text: what
// tmq_err2str() gives. Ends with NUL. The text of an errno that the system does not know is valid until this thread
// asks for the next one; all others live as long as the library.
std::string_view error_text(int32_t code);

}  // namespace opentaos::base
