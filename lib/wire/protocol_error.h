// What the decoders say when a message breaks the protocol.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"

namespace opentaos::wire {

// The code libtaosws uses for "cannot decode a response".
inline constexpr int32_t kProtocolErrorCode = static_cast<int32_t>(0x8000E007u);

inline base::Status protocol_error(std::string_view what) {
  std::string text = "invalid answer from the server: ";
  text.append(what);
  return base::Status(kProtocolErrorCode, text);
}

// The wire carries the low 16 bits of a native code; a few members carry all of it as a negative number. Whatever is
// not 0 stays an error.
constexpr int32_t full_code(int64_t wire_code) {
  if (wire_code == 0) return 0;
  uint32_t low = static_cast<uint32_t>(wire_code) & 0xffffu;
  return static_cast<int32_t>(0x80000000u | (low ? low : 0xffffu));
}

}  // namespace opentaos::wire
