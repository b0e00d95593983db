// Queries: planning and running.
#pragma once

#include "engine/ast.h"
#include "engine/context.h"

namespace opentaos::sandbox {

// `plan_only` checks everything and fills the fields, but reads no rows.
Table run_query(const Query &query, const Context &context, bool plan_only);

}  // namespace opentaos::sandbox
