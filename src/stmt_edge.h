// What taos_stmt_* and ws_stmt_* have in common at the edge.
#pragma once
#include <cstdlib>
#include <cstring>
#include <vector>

#include "client/statement.h"
#include "edge.h"

namespace opentaos::edge {

inline Ref<client::Statement> statement_of(const void *stmt) {
  return Ref<client::Statement>::adopt(
      static_cast<client::Statement *>(base::acquire_handle(HandleKind::kStatement, stmt)));
}

inline bool close_statement(const void *stmt) {
  auto statement =
      Ref<client::Statement>::adopt(static_cast<client::Statement *>(base::close_handle(HandleKind::kStatement, stmt)));
  if (statement) statement->close();
  return static_cast<bool>(statement);
}

// A copy that free() takes; nullptr for none. TAOS_FIELD_E and StmtField are laid out alike.
inline void *copy_fields(const std::vector<wire::StmtField> &fields) {
  if (fields.empty()) return nullptr;
  auto *out = static_cast<wire::FieldMeta *>(std::calloc(fields.size(), sizeof(wire::FieldMeta)));
  if (!out) throw std::bad_alloc();
  for (size_t i = 0; i < fields.size(); i++) out[i] = fields[i];
  return out;
}
inline void free_fields(void *fields) { std::free(fields); }

// The result of an executed query as the program's own; the same one until the statement is bound again.
inline void *result_of_statement(client::Statement &statement) {
  client::QueryResult *result = statement.result();
  if (!result) return nullptr;
  if (void *handle = statement.result_handle())
    return base::kind_of_handle(handle) == HandleKind::kResult ? handle : nullptr;  // freed meanwhile
  result->add_ref();
  void *handle = hand_out_result(result);
  statement.set_result_handle(handle);
  return handle;
}

}  // namespace opentaos::edge
