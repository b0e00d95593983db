// The result sets a peer has open, and how answers announce them.
#pragma once

#include <cstdint>
#include <memory>

#include "request.h"

namespace opentaos::sandbox::server {

// `fields_lengths` of a query are what the user declared, those of prepared statements what the storage needs.
enum class Widths { kDeclared, kStored };

// fields_count, fields_names, fields_types, fields_lengths, precision and, where the peer knows them,
// fields_precisions and fields_scales.
void add_fields(Answer &answer, const Peer &peer, const Table &table, Widths widths);
// "[22,4]": what fetch calls the lengths of a block.
std::string stored_widths(const Table &table);

// Returns the id. Several ids may stand for one result.
uint64_t open_result(Peer &peer, std::shared_ptr<OpenResult> result);
void close_result(Peer &peer, uint64_t id);

}  // namespace opentaos::sandbox::server
