// Digests and base64, from OpenSSL's libcrypto, which is loaded when the first of these is called.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/status.h"

namespace opentaos::base {

inline constexpr size_t kMd5Size = 16, kSha1Size = 20;

// Whether the functions below work. Where it fails they return false and an empty text.
Status load_crypto();

bool md5(std::string_view text, uint8_t out[kMd5Size]);
bool sha1(std::string_view text, uint8_t out[kSha1Size]);
std::string base64(std::span<const uint8_t> bytes);

}  // namespace opentaos::base
