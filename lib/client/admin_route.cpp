#include "client/admin_route.h"

#include <algorithm>
#include <unordered_map>

#include "base/bytes.h"
#include "base/codes.h"
#include "client/admin_query.h"

namespace opentaos::client {

using base::Status;
using base::StatusOr;

namespace {

constexpr size_t kMostVgroups = 65536;
constexpr size_t kNamesAtOnce = 256;  // of a look-up: keeps the statement short
constexpr size_t kTablesToCheck = 64;
constexpr std::string_view kAccount = "1";  // the only one there is since TDengine 3

uint32_t rotate(uint32_t v, int by) { return v << by | v >> (32 - by); }

Status no_such_database() { return {base::kErrDbNotExist, "Database not exist"}; }

// Some tables of the database must be where the even division puts them.
Status check_against_tables(Connection &connection, std::string_view db, const Route &route) {
  auto tables =
      read_rows(connection,
                "select table_name, vgroup_id from information_schema.ins_tables where db_name=" + sql_literal(db) +
                    " limit " + std::to_string(kTablesToCheck),
                kTablesToCheck);
  if (!tables) return tables.status();
  for (const TextRow &t : *tables) {
    if (t.size() != 2 || !t[0]) continue;
    const uint32_t hash = table_hash(full_table_name(db, *t[0]), route.prefix, route.suffix);
    if (integer_of(t[1], -1) != route.vgroup_of(hash))
      return {base::kErrNotSupported,
              "the vgroups of this database were split or merged: the server does not tell over WebSocket how its "
              "tables are spread now"};
  }
  return Status::ok();
}

// Those of `tables` that exist, into `vgroups`; the others stay as they are.
Status look_up(Connection &connection, std::string_view db, std::span<const char *const> tables, int *vgroups) {
  std::unordered_map<std::string_view, int> found;
  std::vector<std::vector<TextRow>> keep;  // what `found` points into
  for (size_t from = 0; from < tables.size(); from += kNamesAtOnce) {
    const auto some = tables.subspan(from, std::min(kNamesAtOnce, tables.size() - from));
    std::string sql =
        "select table_name, vgroup_id from information_schema.ins_tables where db_name=" + sql_literal(db) +
        " and table_name in (";
    for (size_t i = 0; i < some.size(); i++) sql += (i ? "," : "") + sql_literal(some[i]);
    auto rows = read_rows(connection, sql + ")", some.size());
    if (!rows) return rows.status();
    keep.push_back(std::move(*rows));
    for (const TextRow &t : keep.back())
      if (t.size() == 2 && t[0]) found[*t[0]] = static_cast<int>(integer_of(t[1], -1));
  }
  for (size_t i = 0; i < tables.size(); i++)
    if (auto it = found.find(tables[i]); it != found.end()) vgroups[i] = it->second;
  return Status::ok();
}

}  // namespace

int32_t Route::vgroup_of(uint32_t hash) const {
  auto it = std::partition_point(ranges.begin(), ranges.end(), [&](const VgroupRange &r) { return r.last < hash; });
  return it == ranges.end() ? -1 : it->vgroup;
}

uint32_t murmur3_32(std::string_view bytes) {
  constexpr uint32_t kSeed = 0x12345678, kC1 = 0xcc9e2d51, kC2 = 0x1b873593;
  const auto *p = reinterpret_cast<const uint8_t *>(bytes.data());
  uint32_t h = kSeed;
  const auto mixed = [](uint32_t k) { return rotate(k * kC1, 15) * kC2; };
  size_t i = 0;
  for (; i + 4 <= bytes.size(); i += 4) h = rotate(h ^ mixed(base::load_le<uint32_t>(p + i)), 13) * 5 + 0xe6546b64;
  uint32_t rest = 0;
  for (size_t k = bytes.size(); k > i; k--) rest = rest << 8 | p[k - 1];
  if (rest != 0) h ^= mixed(rest);
  h ^= static_cast<uint32_t>(bytes.size());
  h = (h ^ h >> 16) * 0x85ebca6b;
  h = (h ^ h >> 13) * 0xc2b2ae35;
  return h ^ h >> 16;
}

uint32_t table_hash(std::string_view full_name, int prefix, int suffix) {
  const auto n = static_cast<int>(full_name.size());
  const bool whole = (prefix == 0 && suffix == 0) || n <= prefix + suffix || n <= -(prefix + suffix) ||
                     (prefix < 0 && suffix > 0) || (prefix > 0 && suffix < 0);
  if (whole) return murmur3_32(full_name);
  if (prefix > 0 || suffix > 0)  // what is left out
    return murmur3_32(full_name.substr(static_cast<size_t>(prefix), static_cast<size_t>(n - prefix - suffix)));
  std::string kept(full_name.substr(0, static_cast<size_t>(-prefix)));  // what alone counts
  kept += full_name.substr(static_cast<size_t>(n + suffix));
  return murmur3_32(kept);
}

std::string full_table_name(std::string_view db, std::string_view table) {
  std::string name(kAccount);
  ((name += '.') += db) += '.';
  return name += table;
}

std::vector<VgroupRange> even_ranges(std::span<const int32_t> vgroups) {
  std::vector<VgroupRange> out;
  if (vgroups.empty()) return out;
  const auto step = static_cast<uint32_t>(UINT32_MAX / vgroups.size());
  uint32_t first = 0;
  for (int32_t id : vgroups) {
    out.push_back({id, first, first + step - 1});
    first += step;
  }
  out.back().last = UINT32_MAX;
  return out;
}

int full_prefix(std::string_view db, int table_prefix) {
  const int name = static_cast<int>(kAccount.size() + 1 + db.size() + 1);
  return table_prefix == 0 ? 0 : table_prefix > 0 ? table_prefix + name : table_prefix - name;
}

StatusOr<Route> route_of_database(Connection &connection, std::string_view db) {
  auto options = read_rows(
      connection,
      "select table_prefix, table_suffix from information_schema.ins_databases where name=" + sql_literal(db), 1);
  if (!options) return options.status();
  if (options->empty() || options->front().size() != 2) return no_such_database();
  auto rows = read_rows(
      connection,
      "select vgroup_id from information_schema.ins_vgroups where db_name=" + sql_literal(db) + " order by vgroup_id",
      kMostVgroups);
  if (!rows) return rows.status();
  std::vector<int32_t> ids;
  for (const TextRow &r : *rows) ids.push_back(static_cast<int32_t>(integer_of(r.front(), -1)));
  if (ids.empty()) return no_such_database();  // dropped in between
  Route route;
  route.prefix = static_cast<int16_t>(full_prefix(db, static_cast<int>(integer_of(options->front()[0], 0))));
  route.suffix = static_cast<int16_t>(integer_of(options->front()[1], 0));
  route.ranges = even_ranges(ids);
  const auto *bytes = reinterpret_cast<const char *>(ids.data());
  route.version = static_cast<int32_t>(murmur3_32({bytes, ids.size() * sizeof(int32_t)}) & INT32_MAX);
  if (Status s = check_against_tables(connection, db, route); !s) return s;
  return route;
}

Status vgroups_of_tables(Connection &connection, std::string_view db, std::span<const char *const> tables,
                         int *vgroups) {
  std::vector<int> out(tables.size(), -1);
  if (Status s = look_up(connection, db, tables, out.data()); !s) return s;
  if (std::find(out.begin(), out.end(), -1) != out.end()) {
    auto route = route_of_database(connection, db);
    if (!route) return route.status();
    for (size_t i = 0; i < tables.size(); i++)
      if (out[i] < 0)
        out[i] = route->vgroup_of(table_hash(full_table_name(db, tables[i]), route->prefix, route->suffix));
  }
  std::copy(out.begin(), out.end(), vgroups);
  return Status::ok();
}

}  // namespace opentaos::client
