// Statements that nobody waits for.
#pragma once
#include <functional>
#include <string>

#include "client/connection.h"

namespace opentaos::client {

// Runs the statement; `done` gets the result (with its reference), on a library thread, also when it failed.
void query_async(base::Ref<Connection> connection, std::string sql, int64_t req_id,
                 std::function<void(QueryResult *)> done);

}  // namespace opentaos::client
