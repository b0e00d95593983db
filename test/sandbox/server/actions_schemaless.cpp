// Schemaless writes: the engine does the work.
#include "actions.h"

namespace opentaos::sandbox::server {
namespace {

constexpr Release kTableNameKeySince = {{3, 3, 3, 0}};
constexpr Release kCountsSince = {{3, 3, 0, 0}};

Reply run_insert(Peer &peer, const Request &request, Members &args) {
  SchemalessWrite write;
  write.protocol = args.i32("protocol");
  write.precision = args.text("precision");
  write.ttl = args.i32("ttl");
  std::string data = args.text("data");
  std::string key = args.text("table_name_key");
  if (!args.ok()) return malformed(request, "schemaless insert");
  if (write.protocol == 0) return fail(request, kAdapterError, "schemaless write protocol is null");
  if (peer.server.has(kTableNameKeySince)) write.table_name_key = key;
  write.data = data;
  int64_t affected = 0, total = 0;
  std::string message;
  int code = peer.server.engine().write_schemaless(peer.session, write, &affected, &total, &message);
  if (code != 0) return fail(request, code, message);
  Answer answer(request);
  if (peer.server.has(kCountsSince)) answer.number("affected_rows", affected).number("total_rows", total);
  return answer.reply();
}

constexpr TextAction kActions[] = {{"insert", "schemaless insert", {}, false, false, run_insert}};

}  // namespace

std::span<const TextAction> schemaless_actions() { return kActions; }

}  // namespace opentaos::sandbox::server
