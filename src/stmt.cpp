// Prepared statements, first generation.
#include "client/statement.h"

#include <cstring>

#include "edge.h"
#include "stmt_edge.h"
#include "taos.h"

using namespace opentaos;
using namespace opentaos::edge;
using client::Statement;

namespace {

template <typename Body>
int on_statement(TAOS_STMT *stmt, Body &&body) {
  return guard<int>(base::kErrOutOfMemory, [&]() -> int {
    auto statement = statement_of(stmt);
    if (!statement) return invalid_para();
    return body(*statement);
  });
}

TAOS_STMT *init(TAOS *taos, const client::ServerStatement::Options &options) {
  return guard<TAOS_STMT *>(nullptr, [&]() -> TAOS_STMT * {
    auto connection = connection_of(taos);
    if (!connection) {
      disconnected();
      return nullptr;
    }
    void *handle = base::make_handle(HandleKind::kStatement, new Statement(std::move(connection), options));
    if (!handle)
      report(base::kErrOutOfMemory, "too many statements are open");
    else
      base::clear_last_error();
    return handle;
  });
}

int get_fields(TAOS_STMT *stmt, int *count, TAOS_FIELD_E **fields,
               Status (Statement::*ask)(std::vector<wire::StmtField> *)) {
  return on_statement(stmt, [&](Statement &s) -> int {
    if (!count) return invalid_para();
    std::vector<wire::StmtField> list;
    if (Status status = (s.*ask)(&list); !status) return report(status);
    if (fields) *fields = static_cast<TAOS_FIELD_E *>(copy_fields(list));
    *count = static_cast<int>(list.size());
    base::clear_last_error();
    return 0;
  });
}

}  // namespace

extern "C" {

TAOS_STMT *taos_stmt_init(TAOS *taos) { return init(taos, {}); }

TAOS_STMT *taos_stmt_init_with_reqid(TAOS *taos, int64_t reqid) { return init(taos, {reqid, false, false}); }

TAOS_STMT *taos_stmt_init_with_options(TAOS *taos, TAOS_STMT_OPTIONS *options) {
  if (!options) return init(taos, {});
  return init(taos, {options->reqId, options->singleStbInsert, options->singleTableBindOnce});
}

int taos_stmt_prepare(TAOS_STMT *stmt, const char *sql, unsigned long length) {
  return on_statement(stmt, [&](Statement &s) {
    if (!sql) return invalid_para();
    return report(s.prepare({sql, length > 0 ? length : std::strlen(sql)}));
  });
}

int taos_stmt_set_tbname_tags(TAOS_STMT *stmt, const char *name, TAOS_MULTI_BIND *tags) {
  return on_statement(stmt, [&](Statement &s) {
    if (!name) return invalid_para();
    return report(s.set_table(name, tags));
  });
}

int taos_stmt_set_tbname(TAOS_STMT *stmt, const char *name) {
  return on_statement(stmt, [&](Statement &s) {
    if (!name) return invalid_para();
    return report(s.set_table(name, nullptr));
  });
}

int taos_stmt_set_tags(TAOS_STMT *stmt, TAOS_MULTI_BIND *tags) {
  return on_statement(stmt, [&](Statement &s) {
    if (!tags) return invalid_para();
    return report(s.set_tags(tags));
  });
}

int taos_stmt_set_sub_tbname(TAOS_STMT *stmt, const char *name) { return taos_stmt_set_tbname(stmt, name); }

int taos_stmt_get_tag_fields(TAOS_STMT *stmt, int *fieldNum, TAOS_FIELD_E **fields) {
  return get_fields(stmt, fieldNum, fields, &Statement::tag_fields);
}

int taos_stmt_get_col_fields(TAOS_STMT *stmt, int *fieldNum, TAOS_FIELD_E **fields) {
  return get_fields(stmt, fieldNum, fields, &Statement::column_fields);
}

void taos_stmt_reclaim_fields(TAOS_STMT *, TAOS_FIELD_E *fields) { free_fields(fields); }

int taos_stmt_is_insert(TAOS_STMT *stmt, int *insert) {
  return on_statement(stmt, [&](Statement &s) {
    if (!insert) return invalid_para();
    bool is = false;
    const int code = report(s.is_insert(&is));
    if (code == 0) *insert = is ? 1 : 0;
    return code;
  });
}

int taos_stmt_num_params(TAOS_STMT *stmt, int *nums) {
  return on_statement(stmt, [&](Statement &s) {
    if (!nums) return invalid_para();
    return report(s.param_count(nums));
  });
}

int taos_stmt_get_param(TAOS_STMT *stmt, int idx, int *type, int *bytes) {
  return on_statement(stmt, [&](Statement &s) {
    if (!type || !bytes) return invalid_para();
    return report(s.param(idx, type, bytes));
  });
}

int taos_stmt_bind_param(TAOS_STMT *stmt, TAOS_MULTI_BIND *bind) {
  return on_statement(stmt, [&](Statement &s) {
    if (!bind) return invalid_para();
    return report(s.bind_row(bind));
  });
}

int taos_stmt_bind_param_batch(TAOS_STMT *stmt, TAOS_MULTI_BIND *bind) {
  return on_statement(stmt, [&](Statement &s) {
    if (!bind) return invalid_para();
    return report(s.bind_rows(bind));
  });
}

int taos_stmt_bind_single_param_batch(TAOS_STMT *stmt, TAOS_MULTI_BIND *bind, int colIdx) {
  return on_statement(stmt, [&](Statement &s) {
    if (!bind || colIdx < 0) return invalid_para();
    return report(s.bind_column(*bind, colIdx));
  });
}

int taos_stmt_add_batch(TAOS_STMT *stmt) {
  return on_statement(stmt, [](Statement &s) { return report(s.add_batch()); });
}

int taos_stmt_execute(TAOS_STMT *stmt) {
  return on_statement(stmt, [](Statement &s) { return report(s.execute()); });
}

TAOS_RES *taos_stmt_use_result(TAOS_STMT *stmt) {
  return guard<TAOS_RES *>(nullptr, [&]() -> TAOS_RES * {
    auto statement = statement_of(stmt);
    if (!statement) {
      invalid_para();
      return nullptr;
    }
    TAOS_RES *result = result_of_statement(*statement);
    report(result ? Status::ok() : statement->last());
    return result;
  });
}

int taos_stmt_close(TAOS_STMT *stmt) {
  return guard<int>(base::kErrOutOfMemory, [&]() -> int {
    if (!close_statement(stmt)) return invalid_para();
    base::clear_last_error();
    return 0;
  });
}

char *taos_stmt_errstr(TAOS_STMT *stmt) {
  auto statement = statement_of(stmt);
  const char *text = "success";
  if (!statement)
    text = base::last_error_text();
  else if (!statement->last())
    text = statement->last().message().c_str();
  return const_cast<char *>(text);
}

int taos_stmt_affected_rows(TAOS_STMT *stmt) {
  auto statement = statement_of(stmt);
  if (statement) return static_cast<int>(statement->affected_rows());
  invalid_para();
  return 0;
}

int taos_stmt_affected_rows_once(TAOS_STMT *stmt) {
  auto statement = statement_of(stmt);
  if (statement) return static_cast<int>(statement->affected_rows_once());
  invalid_para();
  return 0;
}

}  // extern "C"
