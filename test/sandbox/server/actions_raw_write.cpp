// Writes of raw blocks, with and without the names of their columns.
#include <algorithm>

#include "actions.h"
#include "block_reader.h"
#include "bytes.h"
#include "types.h"

namespace opentaos::sandbox::server {
namespace {

constexpr int kInvalidParameters = 0x0118;
constexpr int kNoDataNode = 0x2507;
constexpr int kTableNotExist = 0x2603;
constexpr int kDatabaseNotSpecified = 0x2616;
constexpr size_t kHeader = 24;
constexpr size_t kNameSize = 65;
constexpr size_t kFieldSize = 72;

struct RawWrite {
  std::string table;
  BlockView block;
  std::string_view fields;  // what follows the block
};

bool read_request(const Request &request, RawWrite *write, std::string *error) {
  ByteReader reader(std::string_view(request.payload).substr(std::min(kHeader, request.payload.size())));
  reader.i32();  // rows: the block says it too
  write->table = reader.bytes(reader.u16());
  if (!reader.ok()) {
    *error = "taos-sandbox: the message is too short";
    return false;
  }
  std::string_view rest = reader.bytes(reader.left());
  if (!read_block(rest, {}, &write->block, error)) return false;
  write->fields = rest.substr(write->block.length);
  return true;
}

// The names of action 5, one per column of the block.
bool read_names(const RawWrite &write, std::vector<std::string> *names, std::string *error) {
  for (size_t i = 0; i < write.block.columns.size(); ++i) {
    if (write.fields.size() < (i + 1) * kFieldSize) {
      *error = "taos-sandbox: a column of the raw block has no name";
      return false;
    }
    std::string_view name = write.fields.substr(i * kFieldSize, kNameSize);
    names->emplace_back(name.substr(0, std::min(name.find('\0'), name.size())));
  }
  return true;
}

// Whether a column of the block goes into a column of the table.
bool fits(const BlockColumn &column, const Field &field) {
  if (column.type != field.type) return false;
  if (is_decimal(field.type)) return column.info == block_width(field);
  if (type_info(field.type)->size != 0) return column.info == static_cast<uint32_t>(schema_width(field));
  return column.info <= static_cast<uint32_t>(schema_width(field));
}

Reply write_block(Peer &peer, const Request &request, bool named) {
  RawWrite write;
  std::string message;
  std::vector<std::string> names;
  if (!read_request(request, &write, &message) || (named && !read_names(write, &names, &message))) {
    return fail(request, kAdapterError, message);
  }
  if (peer.session.db.empty()) return fail(request, kDatabaseNotSpecified, "Database not specified");
  // A bare name: a dot would belong to it.
  if (write.table.find('.') != std::string::npos) return fail(request, kTableNotExist, "Table does not exist");
  TableSchema schema;
  int code = peer.server.engine().describe_table(peer.session, "`" + write.table + "`", &schema, &message);
  if (code != 0) return fail(request, code, message);

  const auto invalid = [&] { return fail(request, kInvalidParameters, "Invalid parameters"); };
  if (schema.is_super) return fail(request, kNoDataNode, "No valid epSet for data source node");
  if (write.block.columns.empty()) return invalid();
  if (!named && write.block.columns.size() > schema.columns.size()) return invalid();
  std::vector<int> columns;
  std::vector<std::vector<Value>> rows(write.block.rows);
  for (size_t i = 0; i < write.block.columns.size(); ++i) {
    const BlockColumn &source = write.block.columns[i];
    size_t at = i;
    if (named) {
      auto same = [&](const Field &f) { return f.name == names[i]; };
      at = static_cast<size_t>(std::find_if(schema.columns.begin(), schema.columns.end(), same) -
                               schema.columns.begin());
      if (at == schema.columns.size()) continue;  // as a real server has it
    }
    if (source.type == kBlob || source.type == kMediumBlob) {
      // This ends a real server.
      return fail(request, kInvalidParameters, "taos-sandbox does not support BLOB in raw blocks");
    }
    if (!fits(source, schema.columns[at])) return invalid();
    std::vector<Value> values;
    if (!read_values(source, write.block.rows, &values)) {
      return fail(request, kAdapterError, "taos-sandbox: a value of the raw block lies outside of it");
    }
    for (size_t row = 0; row < rows.size(); ++row) rows[row].push_back(std::move(values[row]));
    columns.push_back(static_cast<int>(at));
  }
  if (std::find(columns.begin(), columns.end(), 0) == columns.end()) return invalid();
  int64_t affected = 0;
  code = peer.server.engine().insert_rows(peer.session, schema.db, schema.name, columns, rows, &affected, &message);
  if (code != 0) return fail(request, code, message);
  return Answer(request).reply();
}

Reply run_block(Peer &peer, const Request &request) { return write_block(peer, request, false); }
Reply run_block_with_fields(Peer &peer, const Request &request) { return write_block(peer, request, true); }

constexpr BinaryAction kActions[] = {
    {4, "write_raw_block", {}, true, run_block},
    {5, "write_raw_block_with_fields", {}, true, run_block_with_fields},
};

}  // namespace

std::span<const BinaryAction> raw_write_actions() { return kActions; }

}  // namespace opentaos::sandbox::server
