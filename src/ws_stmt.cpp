// ws_*: prepared statements.
#include <cstddef>

#include "stmt_edge.h"
#include "taos.h"
#include "taosws.h"
#include "ws_edge.h"

using namespace opentaos;
using namespace opentaos::edge;
using client::Statement;

static_assert(sizeof(WS_MULTI_BIND) == sizeof(TAOS_MULTI_BIND) &&
              offsetof(WS_MULTI_BIND, buffer_length) == offsetof(TAOS_MULTI_BIND, buffer_length) &&
              offsetof(WS_MULTI_BIND, length) == offsetof(TAOS_MULTI_BIND, length) &&
              offsetof(WS_MULTI_BIND, is_null) == offsetof(TAOS_MULTI_BIND, is_null) &&
              offsetof(WS_MULTI_BIND, num) == offsetof(TAOS_MULTI_BIND, num));
static_assert(sizeof(struct StmtField) == sizeof(wire::FieldMeta));

namespace {

const TAOS_MULTI_BIND *values_of(const WS_MULTI_BIND *bind) { return reinterpret_cast<const TAOS_MULTI_BIND *>(bind); }

// Runs a call on a statement and keeps its outcome where ws_stmt_errstr() finds it.
template <typename Body>
int on_statement(WS_STMT *stmt, Body &&body) {
  return ws_guard<int>(base::kErrOutOfMemory, [&]() -> int {
    auto statement = statement_of(stmt);
    if (!statement) return ws_report(base::kErrInvalidPara, "stmt is null");
    const Status s = body(*statement);
    if (s.is_ok())
      statement->shown().clear();
    else if (statement->is_made())
      statement->shown() = ws_status(s).message();
    return ws_report(s);
  });
}

Status null_argument() { return {base::kErrInvalidPara, "Invalid parameters"}; }

// Never NULL as long as there is memory: a statement that could not be made tells why.
WS_STMT *init(const WS_TAOS *taos, int64_t req_id) {
  return ws_guard<WS_STMT *>(nullptr, [&]() -> WS_STMT * {
    auto connection = connection_of(taos);
    Statement *statement;
    if (connection) {
      statement = new Statement(std::move(connection), {req_id, false, false});
    } else {
      statement = new Statement(Status(base::kErrInvalidPara, "client pointer it null"));
      statement->shown() = statement->last().message();
      ws_report(statement->last().code(), statement->last().message());
    }
    void *handle = base::make_handle(HandleKind::kStatement, statement);
    if (!handle) ws_report(base::kErrOutOfMemory, "too many statements are open");
    return handle;
  });
}

int get_fields(WS_STMT *stmt, int *count, struct StmtField **fields,
               Status (Statement::*ask)(std::vector<wire::StmtField> *)) {
  return on_statement(stmt, [&](Statement &s) -> Status {
    if (!count || !fields) return null_argument();
    std::vector<wire::StmtField> list;
    if (Status status = (s.*ask)(&list); !status) return status;
    *fields = static_cast<struct StmtField *>(copy_fields(list));
    *count = static_cast<int>(list.size());
    return Status::ok();
  });
}

}  // namespace

extern "C" {

WS_STMT *ws_stmt_init(const WS_TAOS *taos) { return init(taos, 0); }

WS_STMT *ws_stmt_init_with_reqid(const WS_TAOS *taos, uint64_t req_id) {
  return init(taos, static_cast<int64_t>(req_id));
}

int ws_stmt_prepare(WS_STMT *stmt, const char *sql, unsigned long len) {
  return on_statement(stmt, [&](Statement &s) -> Status {
    if (!sql) return null_argument();
    return s.prepare({sql, len});
  });
}

int ws_stmt_set_tbname(WS_STMT *stmt, const char *name) {
  return on_statement(stmt, [&](Statement &s) -> Status {
    if (!name) return null_argument();
    return s.set_table(name, nullptr);
  });
}

int ws_stmt_set_sub_tbname(WS_STMT *stmt, const char *name) { return ws_stmt_set_tbname(stmt, name); }

int ws_stmt_set_tbname_tags(WS_STMT *stmt, const char *name, const WS_MULTI_BIND *bind, uint32_t len) {
  return on_statement(stmt, [&](Statement &s) -> Status {
    if (!name || !bind) return null_argument();
    return s.set_table(name, values_of(bind), len);
  });
}

int ws_stmt_get_tag_fields(WS_STMT *stmt, int *fieldNum, struct StmtField **fields) {
  return get_fields(stmt, fieldNum, fields, &Statement::tag_fields);
}

int ws_stmt_get_col_fields(WS_STMT *stmt, int *fieldNum, struct StmtField **fields) {
  return get_fields(stmt, fieldNum, fields, &Statement::column_fields);
}

int ws_stmt_reclaim_fields(WS_STMT *, struct StmtField **fields, int) {
  if (!fields) return 0;
  free_fields(*fields);
  *fields = nullptr;
  return 0;
}

// As TDengine's library: no statement is no insert, and no error either.
int ws_stmt_is_insert(WS_STMT *stmt, int *insert) {
  if (!stmt) return 0;
  return on_statement(stmt, [&](Statement &s) -> Status {
    if (!insert) return null_argument();
    bool is = false;
    if (Status status = s.is_insert(&is); !status) return status;
    *insert = is ? 1 : 0;
    return Status::ok();
  });
}

int ws_stmt_set_tags(WS_STMT *stmt, const WS_MULTI_BIND *bind, uint32_t len) {
  return on_statement(stmt, [&](Statement &s) -> Status {
    if (!bind) return null_argument();
    return s.set_tags(values_of(bind), len);
  });
}

int ws_stmt_bind_param_batch(WS_STMT *stmt, const WS_MULTI_BIND *bind, uint32_t len) {
  return on_statement(stmt, [&](Statement &s) -> Status {
    if (!bind || len == 0) return null_argument();
    return s.bind_rows(values_of(bind), len);
  });
}

int ws_stmt_add_batch(WS_STMT *stmt) {
  return on_statement(stmt, [](Statement &s) { return s.add_batch(); });
}

int ws_stmt_execute(WS_STMT *stmt, int32_t *affected_rows) {
  return on_statement(stmt, [&](Statement &s) -> Status {
    Status status = s.execute();
    if (status && affected_rows) *affected_rows = static_cast<int32_t>(s.affected_rows_once());
    return status;
  });
}

int64_t ws_stmt_affected_rows64(WS_STMT *stmt) {
  auto statement = statement_of(stmt);
  return statement ? statement->affected_rows() : 0;
}

int ws_stmt_affected_rows(WS_STMT *stmt) { return static_cast<int>(ws_stmt_affected_rows64(stmt)); }

int ws_stmt_affected_rows_once(WS_STMT *stmt) {
  auto statement = statement_of(stmt);
  return statement ? static_cast<int>(statement->affected_rows_once()) : 0;
}

int ws_stmt_num_params(WS_STMT *stmt, int *nums) {
  return on_statement(stmt, [&](Statement &s) -> Status {
    if (!nums) return null_argument();
    return s.param_count(nums);
  });
}

int ws_stmt_get_param(WS_STMT *stmt, int idx, int *type, int *bytes) {
  return on_statement(stmt, [&](Statement &s) -> Status {
    if (!type || !bytes) return null_argument();
    return s.param(idx, type, bytes);
  });
}

WS_RES *ws_stmt_use_result(WS_STMT *stmt) {
  WS_RES *result = nullptr;
  const int code = on_statement(stmt, [&](Statement &s) -> Status {
    result = result_of_statement(s);
    return result ? Status::ok() : s.last();
  });
  return code == 0 ? result : nullptr;
}

const char *ws_stmt_errstr(WS_STMT *stmt) {
  auto statement = statement_of(stmt);
  return statement ? statement->shown().c_str() : "";
}

int32_t ws_stmt_close(WS_STMT *stmt) {
  return ws_guard<int32_t>(base::kErrOutOfMemory, [&]() -> int32_t {
    (void)close_statement(stmt);
    return 0;
  });
}

}  // extern "C"
