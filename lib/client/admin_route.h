// Which vgroup a table lives in.
//
// TDengine hashes a table's full name and looks for the vgroup whose part of the 32-bit range the hash falls into. The
// protocol does not tell the parts. A table that exists is looked up in a system table; for others, and for the parts
// themselves, we know how a new database divides the range, and make sure with its tables that this still holds.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "client/connection.h"

namespace opentaos::client {

struct VgroupRange {
  int32_t vgroup = 0;
  uint32_t first = 0, last = 0;  // hashes, both inclusive
};

struct Route {
  int32_t version = 0;  // changes when the vgroups do
  int16_t prefix = 0, suffix = 0;
  std::vector<VgroupRange> ranges;  // in the order of the hashes; not empty

  int32_t vgroup_of(uint32_t hash) const;
};

// 0x80000388 if there is no such database; 0x80000100 if its vgroups were split or merged, so that their parts are not
// known.
base::StatusOr<Route> route_of_database(Connection &connection, std::string_view db);

// The vgroups of `tables`, in their order.
base::Status vgroups_of_tables(Connection &connection, std::string_view db, std::span<const char *const> tables,
                               int *vgroups);

// ---- the arithmetic of it
uint32_t murmur3_32(std::string_view bytes);
// `full_name` is account.database.table; prefix and suffix are as in Route.
uint32_t table_hash(std::string_view full_name, int prefix, int suffix);
std::string full_table_name(std::string_view db, std::string_view table);
// The range divided evenly, as a new database does it. `vgroups` in ascending order.
std::vector<VgroupRange> even_ranges(std::span<const int32_t> vgroups);
// What the option TABLE_PREFIX of a database is counted from: the full name.
int full_prefix(std::string_view db, int table_prefix);

}  // namespace opentaos::client
