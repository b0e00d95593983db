#include "results.h"

#include "types.h"

namespace opentaos::sandbox::server {
namespace {

template <typename F>
std::string array_of(const std::vector<Field> &fields, F append) {
  std::string out = "[";
  for (const Field &field : fields) {
    if (out.size() > 1) out.push_back(',');
    append(out, field);
  }
  return out + "]";
}

}  // namespace

void add_fields(Answer &answer, const Peer &peer, const Table &table, Widths widths) {
  const std::vector<Field> &fields = table.fields;
  answer.number("fields_count", static_cast<int64_t>(fields.size()));
  answer.raw("fields_names", array_of(fields, [](std::string &o, const Field &f) { append_quoted(o, f.name); }));
  answer.raw("fields_types", array_of(fields, [](std::string &o, const Field &f) {
               o += std::to_string(f.type == kNull ? uint8_t{kVarchar} : f.type);
             }));
  answer.raw("fields_lengths", array_of(fields, [widths](std::string &o, const Field &f) {
               o += std::to_string(widths == Widths::kDeclared ? user_width(f) : schema_width(f));
             }));
  answer.number("precision", table.precision);
  if (peer.endpoint != Endpoint::kWs || !peer.server.has({3, 3, 6, 0})) return;
  auto number = [](std::string &o, const Field &f, uint8_t value) {
    o += is_decimal(f.type) ? std::to_string(value) : "0";
  };
  answer.raw("fields_precisions", array_of(fields, [&](std::string &o, const Field &f) { number(o, f, f.precision); }));
  answer.raw("fields_scales", array_of(fields, [&](std::string &o, const Field &f) { number(o, f, f.scale); }));
}

std::string stored_widths(const Table &table) {
  return array_of(table.fields, [](std::string &o, const Field &f) { o += std::to_string(schema_width(f)); });
}

uint64_t open_result(Peer &peer, std::shared_ptr<OpenResult> result) {
  uint64_t id = peer.next_result_id++;
  peer.results.emplace(id, std::move(result));
  peer.server.results_changed(1);
  return id;
}

void close_result(Peer &peer, uint64_t id) { peer.server.results_changed(-static_cast<int>(peer.results.erase(id))); }

}  // namespace opentaos::sandbox::server
