// What the library does without being called: it keeps idle connections alive. One thread at most, and none while there
// is no connection (docs/internals/threads.md).
#pragma once

namespace opentaos::client {

// A connection exists now. Also prepares for fork().
void runtime_started();

}  // namespace opentaos::client
