// JSON lines that end the server process.
#pragma once
#include <string_view>

namespace opentaos::client {

// Whether a document holds a data point that the server's parser does not survive: a `metric` that is no string, `tags`
// that are an array, an array in place of a data point. The document is read as leniently as the server reads it, so
// that nothing passes here for broken that is not broken there.
bool is_fatal_json(std::string_view document);

}  // namespace opentaos::client
