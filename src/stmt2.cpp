// Prepared statements, second generation.
#include "client/statement2.h"

#include <cstdlib>
#include <cstring>

#include "edge.h"
#include "taos.h"

using namespace opentaos;
using namespace opentaos::edge;
using client::Statement2;

namespace {

// With a reference: a callback may close the statement while another call on it returns.
Ref<Statement2> statement_of(TAOS_STMT2 *stmt) {
  return Ref<Statement2>::adopt(static_cast<Statement2 *>(base::acquire_handle(HandleKind::kStatement2, stmt)));
}

template <typename Body>
int on_statement(TAOS_STMT2 *stmt, Body &&body) {
  return guard<int>(base::kErrOutOfMemory, [&]() -> int {
    auto statement = statement_of(stmt);
    if (!statement) return invalid_para();
    return body(*statement);
  });
}

// The result is the statement's: the program may free it, the next execution does in any case.
void *hand_out(Statement2 &statement, client::QueryResult *result) {
  auto keep = Ref<client::QueryResult>::share(result);
  void *handle = hand_out_result(result);
  if (handle) statement.set_result(keep.get(), handle);
  return handle;
}

template <typename Bind>
int bind_later(TAOS_STMT2 *stmt, __taos_async_fn_t fp, void *param, Bind bind) {
  return on_statement(stmt, [&](Statement2 &s) -> int {
    auto keep = Ref<Statement2>::share(&s);
    const bool begun = s.post_bind([keep, fp, param, bind] {
      int code = base::kErrOutOfMemory;
      code = guard<int>(code, [&] { return report(bind(*keep)); });
      fp(param, nullptr, code);
    });
    if (!begun) return report(base::kErrOutOfMemory, "no thread could be made");
    base::clear_last_error();
    return 0;
  });
}

}  // namespace

extern "C" {

TAOS_STMT2 *taos_stmt2_init(TAOS *taos, TAOS_STMT2_OPTION *option) {
  return guard<TAOS_STMT2 *>(nullptr, [&]() -> TAOS_STMT2 * {
    if (!taos) {
      invalid_para();
      return nullptr;
    }
    auto connection = connection_of(taos);
    if (!connection) {
      disconnected();
      return nullptr;
    }
    client::ServerStatement::Options options;
    Statement2::Executed executed;
    if (option) {
      options = {option->reqid, option->singleStbInsert, option->singleTableBindOnce};
      if (auto fp = option->asyncExecFn) {
        executed = [fp, param = option->userdata](Statement2 &s, client::QueryResult *result, int32_t code) {
          fp(param, hand_out(s, result), code);
        };
      }
    }
    auto *statement = new Statement2(std::move(connection), options, std::move(executed));
    void *handle = base::make_handle(HandleKind::kStatement2, statement);
    if (!handle)
      report(base::kErrOutOfMemory, "too many statements are open");
    else
      base::clear_last_error();
    return handle;
  });
}

int taos_stmt2_prepare(TAOS_STMT2 *stmt, const char *sql, unsigned long length) {
  return on_statement(stmt, [&](Statement2 &s) {
    if (!sql) return invalid_para();
    return report(s.prepare({sql, length > 0 ? length : std::strlen(sql)}));
  });
}

int taos_stmt2_bind_param(TAOS_STMT2 *stmt, TAOS_STMT2_BINDV *bindv, int32_t col_idx) {
  return on_statement(stmt, [&](Statement2 &s) {
    if (!bindv) return invalid_para();
    return report(s.bind(*bindv, col_idx));
  });
}

int taos_stmt2_bind_param_a(TAOS_STMT2 *stmt, TAOS_STMT2_BINDV *bindv, int32_t col_idx, __taos_async_fn_t fp,
                            void *param) {
  if (!bindv || !fp) return invalid_para();
  return bind_later(stmt, fp, param, [bindv, col_idx](Statement2 &s) { return s.bind(*bindv, col_idx); });
}

int taos_stmt2_bind_param_column(TAOS_STMT2 *stmt, TAOS_STMT2_COLUMN_BINDV *bindv) {
  return on_statement(stmt, [&](Statement2 &s) {
    if (!bindv) return invalid_para();
    return report(s.bind_columns(*bindv));
  });
}

int taos_stmt2_bind_param_column_a(TAOS_STMT2 *stmt, TAOS_STMT2_COLUMN_BINDV *bindv, __taos_async_fn_t fp,
                                   void *param) {
  if (!bindv || !fp) return invalid_para();
  return bind_later(stmt, fp, param, [bindv](Statement2 &s) { return s.bind_columns(*bindv); });
}

int taos_stmt2_exec(TAOS_STMT2 *stmt, int *affected_rows) {
  return on_statement(stmt, [&](Statement2 &s) {
    int64_t affected = 0;
    const int code = report(s.execute(affected_rows ? &affected : nullptr));
    if (code == 0 && affected_rows && !s.is_async()) *affected_rows = static_cast<int>(affected);
    return code;
  });
}

int taos_stmt2_close(TAOS_STMT2 *stmt) {
  return guard<int>(base::kErrOutOfMemory, [&]() -> int {
    auto statement =
        Ref<Statement2>::adopt(static_cast<Statement2 *>(base::close_handle(HandleKind::kStatement2, stmt)));
    if (!statement) return invalid_para();
    statement->close();
    base::clear_last_error();
    return 0;
  });
}

int taos_stmt2_is_insert(TAOS_STMT2 *stmt, int *insert) {
  return on_statement(stmt, [&](Statement2 &s) {
    if (!insert) return invalid_para();
    bool is = false;
    const int code = report(s.is_insert(&is));
    if (code == 0) *insert = is ? 1 : 0;
    return code;
  });
}

int taos_stmt2_get_fields(TAOS_STMT2 *stmt, int *count, TAOS_FIELD_ALL **fields) {
  return on_statement(stmt, [&](Statement2 &s) -> int {
    if (!count) return invalid_para();
    int n = 0;
    std::vector<wire::StmtField> list;
    if (Status status = s.fields(&n, fields ? &list : nullptr); !status) return report(status);
    if (fields && !list.empty()) {
      auto *out = static_cast<TAOS_FIELD_ALL *>(std::calloc(list.size(), sizeof(TAOS_FIELD_ALL)));
      if (!out) throw std::bad_alloc();
      for (size_t i = 0; i < list.size(); i++) {
        const wire::StmtField &f = list[i];
        static_assert(sizeof out[i].name == sizeof f.name);
        std::memcpy(out[i].name, f.name, sizeof f.name);
        out[i].type = static_cast<int8_t>(f.type);
        out[i].precision = f.precision;
        out[i].scale = f.scale;
        out[i].bytes = f.bytes;
        out[i].field_type = f.bind_type;
      }
      *fields = out;
    }
    *count = n;
    base::clear_last_error();
    return 0;
  });
}

void taos_stmt2_free_fields(TAOS_STMT2 *, TAOS_FIELD_ALL *fields) { std::free(fields); }

TAOS_RES *taos_stmt2_result(TAOS_STMT2 *stmt) {
  return guard<TAOS_RES *>(nullptr, [&]() -> TAOS_RES * {
    auto statement = statement_of(stmt);
    if (!statement) {
      invalid_para();
      return nullptr;
    }
    client::QueryResult *result = statement->result();
    if (!result) {
      report(statement->last());
      return nullptr;
    }
    base::clear_last_error();
    if (void *handle = statement->result_handle())
      return base::kind_of_handle(handle) == HandleKind::kResult ? handle : nullptr;  // freed by the program
    result->add_ref();
    return hand_out(*statement, result);
  });
}

char *taos_stmt2_error(TAOS_STMT2 *stmt) {
  auto statement = statement_of(stmt);
  if (!statement) return const_cast<char *>(base::last_error_text());
  const Status &last = statement->last();
  return const_cast<char *>(last ? "success" : last.message().c_str());
}

}  // extern "C"
