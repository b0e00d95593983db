// What a consumer of one database read, written into another one.
#include <algorithm>

#include "actions.h"
#include "bytes.h"
#include "tmq_data.h"
#include "types.h"

namespace opentaos::sandbox::server {
namespace {

constexpr size_t kHeader = 24;

bool has_blobs(const std::vector<LogRecord> &records) {
  for (const LogRecord &record : records) {
    if (record.kind != LogRecord::kRows) continue;
    for (const Column &c : record.tables[0].columns) {
      if (c.field.type == kBlob || c.field.type == kMediumBlob) return true;
    }
  }
  return false;
}

Reply run_write_raw(Peer &peer, const Request &request) {
  ByteReader reader(std::string_view(request.payload).substr(std::min(kHeader, request.payload.size())));
  uint32_t length = reader.u32();
  uint16_t type = reader.u16();
  std::string_view bytes = reader.bytes(length);
  if (!reader.ok()) return fail(request, kAdapterError, "message length is too short");
  std::vector<LogRecord> records;
  std::string message;
  int code = decode_raw(type, bytes, &records, &message);
  if (code == 0 && has_blobs(records)) {
    // A server of this release ends its process then.
    return fail(request, kAdapterError, "taos-sandbox does not support raw data with BLOB columns");
  }
  if (code == 0) code = peer.server.engine().replay(peer.session, records, &message);
  Answer answer(request, code, message);
  if (peer.endpoint == Endpoint::kLegacyWs) answer.unsigned_number("message_id", request.resource);
  return answer.reply();
}

constexpr BinaryAction kActions[] = {{3, "write_raw", {}, true, run_write_raw}};

}  // namespace

std::span<const BinaryAction> replay_actions() { return kActions; }

}  // namespace opentaos::sandbox::server
