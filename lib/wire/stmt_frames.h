// Binary messages of the first statement generation: set tags (1) and bind (2). Both carry a raw block built from the
// caller's columns. A failed call leaves the buffer as it was.
#pragma once
#include <cstdint>
#include <span>

#include "base/buffer.h"
#include "wire/column_input.h"

namespace opentaos::wire {

// `fields`: what the server expects, in order; empty when it is not known (SELECT), and then the types of the columns
// are taken as they are.
[[nodiscard]] base::Status append_stmt_set_tags(base::Buffer &out, uint64_t req_id, uint64_t stmt_id,
                                                std::span<const ColumnInput> tags,
                                                std::span<const BindField> fields = {});
[[nodiscard]] base::Status append_stmt_bind(base::Buffer &out, uint64_t req_id, uint64_t stmt_id,
                                            std::span<const ColumnInput> columns,
                                            std::span<const BindField> fields = {});

// The block alone: version 1, no flags, NCHAR as UCS-4, column info 0 for variable types.
[[nodiscard]] base::Status append_block(base::Buffer &out, std::span<const ColumnInput> columns,
                                        std::span<const BindField> fields = {});

}  // namespace opentaos::wire
