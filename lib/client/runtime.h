// What the library does without being called: it keeps idle connections alive. One thread at most, and none while there
// is no connection (docs/internals/threads.md).
#pragma once

namespace opentaos::client {

// Before the first connection: prepares for fork().
void runtime_prepare();
// A connection has a handle now and is looked after from now on.
void runtime_started();

}  // namespace opentaos::client
