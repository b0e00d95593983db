// zlib in the three shapes that are needed: gzip bodies of HTTP, and the raw blocks of permessage-deflate.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace opentaos::sandbox::server {

// False when the input is broken or the output would be larger than `limit`.
bool gunzip(std::string_view in, size_t limit, std::string *out);
std::string gzip(std::string_view in);

// One WebSocket message, without the 00 00 ff ff that the peer puts back. No context is kept between messages.
bool inflate_message(std::string_view in, size_t limit, std::string *out);
std::string deflate_message(std::string_view in);

}  // namespace opentaos::sandbox::server
