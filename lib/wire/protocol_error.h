// What the decoders say when a message breaks the protocol.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/codes.h"
#include "base/status.h"

namespace opentaos::wire {

inline base::Status protocol_error(std::string_view what) {
  std::string text = "invalid answer from the server: ";
  text.append(what);
  return base::Status(base::kErrProtocol, text);
}

// The wire carries the low 16 bits of a native code; a few members carry all of it as a negative number. Whatever is
// not 0 stays an error.
constexpr int32_t full_code(int64_t wire_code) {
  if (wire_code == 0) return 0;
  uint32_t low = static_cast<uint32_t>(wire_code) & 0xffffu;
  return base::full_code(low ? low : 0xffffu);
}

}  // namespace opentaos::wire
