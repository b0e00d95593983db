// Statements and their results, in the JSON form and in the binary form.
#include <algorithm>

#include "actions.h"
#include "block.h"
#include "bytes.h"
#include "http.h"
#include "results.h"

namespace opentaos::sandbox::server {
namespace {

constexpr int kIncompleteSql = 0x2601;
constexpr size_t kHeader = 24;
constexpr uint16_t kFrameVersion = 1;

Reply run_sql(Peer &peer, const Request &request, std::string_view sql) {
  sql = trim(sql);
  if (sql.empty()) return fail(request, kIncompleteSql, "Incomplete SQL statement");
  Outcome outcome = peer.server.execute(peer.session, sql);
  if (outcome.code != 0) return fail(request, outcome.code, outcome.message);

  Answer answer(request);
  if (outcome.is_update) {
    answer.number("id", 0).boolean("is_update", true).number("affected_rows", outcome.affected);
    answer.number("fields_count", 0).raw("fields_names", "null").raw("fields_types", "null");
    answer.raw("fields_lengths", "null").number("precision", 0);
    bool decimals = peer.endpoint == Endpoint::kWs && peer.server.has({3, 3, 6, 0});
    if (decimals) answer.raw("fields_precisions", "null").raw("fields_scales", "null");
    return answer.reply();
  }
  auto result = std::make_shared<OpenResult>();
  result->table = std::move(outcome.table);
  answer.unsigned_number("id", open_result(peer, result)).boolean("is_update", false).number("affected_rows", 0);
  add_fields(answer, peer, result->table, Widths::kDeclared);
  return answer.reply();
}

size_t next_block_rows(const OpenResult &result) {
  return std::min(kMaxBlockRows, result.table.rows.size() - result.next_row);
}

Reply run_query(Peer &peer, const Request &request, Members &args) {
  std::string sql = args.text("sql");
  if (!args.ok()) return malformed(request, "query");
  return run_sql(peer, request, sql);
}

Reply run_fetch(Peer &peer, const Request &request, Members &args) {
  uint64_t id = args.u64("id");
  if (!args.ok()) return malformed(request, "fetch");
  auto found = peer.results.find(id);
  if (found == peer.results.end()) return fail(request, kAdapterError, "result is nil");
  OpenResult &result = *found->second;
  result.block_first = result.next_row;
  result.block_rows = next_block_rows(result);
  result.next_row += result.block_rows;

  Answer answer(request);
  answer.unsigned_number("id", id);
  if (result.block_rows == 0) {
    answer.boolean("completed", true).raw("lengths", "null").number("rows", 0);
    close_result(peer, id);
  } else {
    answer.boolean("completed", false);
    answer.raw("lengths", stored_widths(result.table));
    answer.number("rows", static_cast<int64_t>(result.block_rows));
  }
  return answer.reply();
}

Reply run_fetch_block(Peer &peer, const Request &request, Members &args) {
  uint64_t id = args.u64("id");
  if (!args.ok()) return malformed(request, "fetch block");
  auto found = peer.results.find(id);
  if (found == peer.results.end()) return fail(request, kAdapterError, "result is nil");
  const OpenResult &result = *found->second;
  if (result.block_rows == 0) return fail(request, kAdapterError, "block is nil");
  Reply reply;
  reply.binary = true;
  put_u64(reply.payload, static_cast<uint64_t>(elapsed_ns(request)));
  put_u64(reply.payload, id);
  reply.block_at = reply.payload.size();
  std::string error;
  if (!append_block(result.table, result.block_first, result.block_rows, peer.server.options().trailing_byte,
                    &reply.payload, &error)) {
    close_result(peer, id);
    return fail(request, kAdapterError, error);
  }
  return reply;
}

Reply run_free_result(Peer &peer, const Request &request, Members &args) {
  uint64_t id = args.u64("id");
  if (!args.ok()) return malformed(request, "free result");
  close_result(peer, id);
  return no_reply();
}

Reply run_num_fields(Peer &peer, const Request &request, Members &args) {
  uint64_t id = args.u64("result_id");
  if (!args.ok()) return malformed(request, "num fields");
  auto found = peer.results.find(id);
  if (found == peer.results.end()) return fail(request, kAdapterError, "result is nil");
  Answer answer(request);
  answer.number("num_fields", static_cast<int64_t>(found->second->table.fields.size()));
  return answer.reply();
}

// The SQL of a binary query or validation, or the refusal.
bool read_sql(const Request &request, std::string_view *sql, Reply *refusal) {
  ByteReader reader(std::string_view(request.payload).substr(std::min(kHeader, request.payload.size())));
  uint16_t version = reader.u16();
  uint32_t length = reader.u32();
  if (!reader.ok() || reader.left() == 0) {
    *refusal = fail(request, kAdapterError, "message length is too short");
  } else if (version != kFrameVersion) {
    *refusal = fail(request, kAdapterError, "unknown binary query version:" + std::to_string(version));
  } else if (length > reader.left()) {
    *refusal = fail(request, kAdapterError,
                    "uncompleted message, sql length:" + std::to_string(length) +
                        ", remainMessageLength:" + std::to_string(reader.left()));
  } else {
    *sql = reader.bytes(length);
    return true;
  }
  return false;
}

Reply run_binary_query(Peer &peer, const Request &request) {
  std::string_view sql;
  Reply refusal;
  return read_sql(request, &sql, &refusal) ? run_sql(peer, request, sql) : refusal;
}

Reply run_validate_sql(Peer &peer, const Request &request) {
  std::string_view sql;
  Reply refusal;
  if (!read_sql(request, &sql, &refusal)) return refusal;
  std::string message;
  int code = peer.server.engine().validate(peer.session, std::string(trim(sql)), &message);
  Answer answer(request);
  // The native code, which is negative: 0x80000000 is set.
  answer.number("result_code", code == 0 ? 0 : static_cast<int32_t>(0x80000000u | static_cast<uint32_t>(code)));
  return answer.reply();
}

void begin_block_frame(const Request &request, int code, std::string_view message, bool finished, Reply *reply) {
  std::string &out = reply->payload;
  reply->binary = true;
  put_u64(out, UINT64_MAX);
  put_u64(out, 7);
  put_u16(out, kFrameVersion);
  put_u64(out, static_cast<uint64_t>(elapsed_ns(request)));
  put_u64(out, request.req_id);
  put_u32(out, static_cast<uint32_t>(code));
  put_u32(out, static_cast<uint32_t>(message.size()));
  out += message;
  put_u64(out, request.resource);
  put_u8(out, finished ? 1 : 0);
}

Reply block_frame(const Request &request, int code, std::string_view message) {
  Reply reply;
  begin_block_frame(request, code, message, true, &reply);
  return reply;
}

Reply run_fetch_raw_block(Peer &peer, const Request &request) {
  ByteReader reader(std::string_view(request.payload).substr(std::min(kHeader, request.payload.size())));
  uint16_t version = reader.u16();
  if (!reader.ok()) return block_frame(request, kAdapterError, "message length is too short");
  if (version != kFrameVersion) return block_frame(request, kAdapterError, "unknown fetch raw block version");
  auto found = peer.results.find(request.resource);
  if (found == peer.results.end()) return block_frame(request, kAdapterError, "result is nil");
  OpenResult &result = *found->second;
  size_t rows = next_block_rows(result);
  if (rows == 0) {
    close_result(peer, request.resource);
    return block_frame(request, 0, "");
  }
  Reply reply;
  begin_block_frame(request, 0, "", false, &reply);
  size_t length_at = reply.payload.size();
  put_u32(reply.payload, 0);
  reply.block_at = reply.payload.size();
  std::string error;
  if (!append_block(result.table, result.next_row, rows, peer.server.options().trailing_byte, &reply.payload, &error)) {
    close_result(peer, request.resource);
    return block_frame(request, kAdapterError, error);
  }
  set_u32(reply.payload, length_at, static_cast<uint32_t>(reply.payload.size() - reply.block_at));
  result.next_row += rows;
  return reply;
}

constexpr TextAction kActions[] = {
    {"query", "query", {}, false, true, run_query},
    {"fetch", "fetch", {}, false, true, run_fetch},
    {"fetch_block", "fetch block", {}, false, true, run_fetch_block},
    {"free_result", "free result", {}, false, true, run_free_result},
    {"num_fields", "num fields", {{3, 2, 2, 0}}, false, false, run_num_fields},
};

constexpr BinaryAction kBinaryActions[] = {
    {6, "binary_query", {{3, 3, 0, 7}}, false, run_binary_query},
    {7, "fetch_raw_block", {{3, 3, 0, 7}}, false, run_fetch_raw_block},
    {10, "validate_sql", {{3, 3, 6, 0}}, false, run_validate_sql},
};

}  // namespace

std::span<const TextAction> query_actions() { return kActions; }
std::span<const BinaryAction> query_binary_actions() { return kBinaryActions; }

// Lives here because a block fetch has an error form of its own.
Reply refuse(Peer &peer, const Request &request, int code, std::string_view message) {
  if (peer.endpoint == Endpoint::kTmq) return refuse_tmq(request, code, message);
  if (request.binary && request.number == 7 && peer.connected) return block_frame(request, code, message);
  return fail(request, code, message);
}

}  // namespace opentaos::sandbox::server
