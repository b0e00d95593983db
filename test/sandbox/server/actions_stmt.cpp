// Prepared statements of the first generation: one table at a time, values as JSON or as a raw block.
#include <algorithm>

#include "actions.h"
#include "block_reader.h"
#include "json_values.h"
#include "results.h"
#include "statements.h"
#include "types.h"

namespace opentaos::sandbox::server {
namespace {

constexpr int kInvalidPointer = 0x0117;
constexpr int kInvalidParameters = 0x0118;
constexpr int kInvalidOperation = 0x0200;
constexpr size_t kHeader = 24;

bool usable(const Statement &s) { return s.step != Step::kInit; }

Reply done(const Request &request, const Statement &s) { return StatementAnswer(request, s.id).reply(); }
Reply refuse(const Request &request, const Statement &s, int code, std::string_view message) {
  return refuse_statement(request, s.id, code, message);
}
Reply misuse(const Request &request, Statement &s) {
  return refuse(request, s, stick(s, kStatementUsage, kUsageError), kUsageError);
}

// What every action starts with: the statement, its error from before, and whether it is prepared.
template <typename F>
Reply with_statement(Peer &peer, const Request &request, Members &args, const char *words, F run) {
  uint64_t id = args.u64("stmt_id");
  if (!args.ok()) return malformed(request, words);
  Statement *s = find_statement(peer, id, false);
  if (s == nullptr) return refuse_statement(request, id, kAdapterError, "stmt is nil");
  if (s->error != 0) return refuse(request, *s, s->error, s->error_text);
  if (!usable(*s)) return misuse(request, *s);
  return run(*s);
}

// The placeholders, or what a real server says instead.
int describe(Peer &peer, Statement &s, std::vector<BindField> *fields, int *precision, std::string *message) {
  if (s.kind != Preparable::kInsert) {
    *message = kUsageError;
    return kStatementUsage;
  }
  if (s.shape.names_table && s.current.name.empty()) {
    *message = "Stmt table name not set properly";
    return kStatementTable;
  }
  int code = peer.server.engine().describe_insert(peer.session, *s.insert, s.current.name, fields, precision, message);
  if (code != 0) return code;
  auto named_by_rows = [&](const BindField &f) { return f.kind == BindField::kTableName && !s.shape.names_table; };
  if (std::any_of(fields->begin(), fields->end(), named_by_rows)) {
    *message = "Invalid operation";  // tables named by the rows came with the second generation
    return kInvalidOperation;
  }
  return 0;
}

std::vector<Field> of_kind(const std::vector<BindField> &fields, BindField::Kind kind) {
  std::vector<Field> out;
  for (const BindField &f : fields) {
    if (f.kind == kind) out.push_back(f.field);
  }
  return out;
}

Reply run_init(Peer &peer, const Request &request, Members &args) {
  if (!args.ok()) return malformed(request, "stmt init");
  return done(request, make_statement(peer, false));
}

Reply run_prepare(Peer &peer, const Request &request, Members &args) {
  uint64_t id = args.u64("stmt_id");
  std::string sql = args.text("sql");
  if (!args.ok()) return malformed(request, "stmt prepare");
  Statement *s = find_statement(peer, id, false);
  if (s == nullptr) return refuse_statement(request, id, kAdapterError, "stmt is nil");
  std::string message;
  // The tables are looked at later, and so are mistakes: the next call reports them.
  if (int code = prepare_statement(peer, *s, std::move(sql), &message); code != 0) stick(*s, code, message);
  StatementAnswer answer(request, id);
  answer.boolean("is_insert", s->kind == Preparable::kInsert);
  return answer.reply();
}

Reply run_set_table_name(Peer &peer, const Request &request, Members &args) {
  std::string name = args.text("name");
  return with_statement(peer, request, args, "stmt set table name", [&](Statement &s) {
    if (s.step == Step::kBound || s.kind != Preparable::kInsert) return misuse(request, s);
    if (!s.shape.names_table) return done(request, s);
    std::vector<BindField> fields;
    int precision = 0;
    std::string message;
    s.current = {};
    s.current.name = name;
    if (int code = describe(peer, s, &fields, &precision, &message); code != 0) {
      return refuse(request, s, stick(s, code, message), message);
    }
    s.step = Step::kNamed;
    return done(request, s);
  });
}

// ---- values

// Takes over the tags of the current table.
Reply take_tags(Peer &, const Request &request, Statement &s, std::vector<BoundColumn> tags) {
  s.current.tags = std::move(tags);
  s.step = Step::kTagged;
  return done(request, s);
}

// Adds rows to the current table.
Reply take_columns(Peer &peer, const Request &request, Statement &s, std::vector<BoundColumn> columns) {
  BoundTable table = s.current;
  table.columns = std::move(columns);
  std::string message;
  if (int code = peer.server.engine().check_insert(peer.session, *s.insert, table, &message); code != 0) {
    return refuse(request, s, stick(s, code, message), message);
  }
  s.bound.push_back(std::move(table));
  s.step = Step::kBound;
  return done(request, s);
}

using Take = Reply (*)(Peer &, const Request &, Statement &, std::vector<BoundColumn>);

// What set_tags and bind have in common: the fields the values are for. `read` fills the columns or says why not.
template <typename F>
Reply take_values(Peer &peer, const Request &request, Statement &s, bool tags, F read) {
  if (s.kind != Preparable::kInsert) return misuse(request, s);
  const int wanted = tags ? s.shape.tags : s.shape.columns;
  if (wanted == 0) return done(request, s);
  std::vector<BindField> fields;
  int precision = 0;
  std::string message;
  if (int code = describe(peer, s, &fields, &precision, &message); code != 0) {
    return refuse(request, s, stick(s, code, message), message);
  }
  const std::vector<Field> own = of_kind(fields, tags ? BindField::kTag : BindField::kColumn);
  std::vector<BoundColumn> columns;
  if (!read(own, precision, &columns, &message)) return refuse(request, s, kAdapterError, message);
  Take take = tags ? take_tags : take_columns;
  return take(peer, request, s, std::move(columns));
}

bool knows_type(const Field &field, std::string *error) {
  if (field.type != kBlob && field.type != kMediumBlob && !is_decimal(field.type)) return true;
  *error = "stmt get column type error, err:unsupported type: " + std::to_string(field.type) + ", name " + field.name;
  return false;
}

bool read_json_columns(const cJSON *list, const std::vector<Field> &fields, int precision, bool tags,
                       std::vector<BoundColumn> *columns, std::string *error) {
  const char *what = tags ? "stmt parse tag json:" : "stmt parse column json:";
  if (static_cast<size_t>(cJSON_GetArraySize(list)) > fields.size()) {
    *error = std::string(what) + "too many values";
    return false;
  }
  const cJSON *node = list == nullptr ? nullptr : list->child;
  for (const Field &field : fields) {
    if (node == nullptr) return true;  // too short a list is found when it is used
    if (!knows_type(field, error)) return false;
    BoundColumn column;
    column.type = field.type;
    const cJSON *value = tags ? node : node->child;
    if (!tags && !cJSON_IsArray(node)) {
      *error = std::string(what) + "a column is no array";
      return false;
    }
    for (; value != nullptr; value = tags ? nullptr : value->next) {
      std::string reason;
      if (!value_from_json(value, field, precision, &column.values.emplace_back(), &reason)) {
        *error = what + reason;
        return false;
      }
    }
    if (!columns->empty() && columns->front().values.size() != column.values.size()) {
      *error = std::string(what) + "columns of different lengths";
      return false;
    }
    columns->push_back(std::move(column));
    node = node->next;
  }
  return true;
}

Reply run_json_values(Peer &peer, const Request &request, Members &args, bool tags) {
  const cJSON *list = args.array(tags ? "tags" : "columns");
  return with_statement(peer, request, args, tags ? "stmt set tags" : "stmt bind", [&](Statement &s) {
    return take_values(peer, request, s, tags, [&](auto &fields, int precision, auto *columns, auto *error) {
      return read_json_columns(list, fields, precision, tags, columns, error);
    });
  });
}
Reply run_set_tags(Peer &peer, const Request &request, Members &args) {
  return run_json_values(peer, request, args, true);
}
Reply run_bind(Peer &peer, const Request &request, Members &args) {
  return run_json_values(peer, request, args, false);
}

// The values of a raw block. The table's types count, not those the block claims; a query has only the block's.
bool read_block_columns(const Request &request, const std::vector<Field> *fields, bool tags,
                        std::vector<BoundColumn> *columns, std::string *error) {
  std::vector<uint8_t> types;
  if (fields != nullptr) {
    for (const Field &f : *fields) {
      if (!knows_type(f, error)) return false;
      types.push_back(f.type);
    }
  }
  BlockView block;
  if (!read_block(std::string_view(request.payload).substr(kHeader), types, &block, error)) return false;
  if (tags && block.rows != 1) {
    *error = "rows not equal 1";
    return false;
  }
  if (fields != nullptr && block.columns.size() != fields->size()) {
    *error = tags ? "stmt tags count not match" : "stmt column count not match";
    return false;
  }
  for (const BlockColumn &source : block.columns) {
    BoundColumn column;
    column.type = source.type;
    if (!read_values(source, block.rows, &column.values)) {
      *error = "taos-sandbox: a value of the raw block lies outside of it";
      return false;
    }
    columns->push_back(std::move(column));
  }
  return true;
}

Reply bind_query(const Request &request, Statement &s) {
  std::vector<BoundColumn> values;
  std::string message;
  if (!read_block_columns(request, nullptr, false, &values, &message)) {
    return refuse(request, s, kAdapterError, message);
  }
  auto unfit = std::find_if(values.begin(), values.end(), [](const BoundColumn &c) {
    return c.type == kTimestamp || c.type == kGeometry || c.type == kVarbinary || c.type > kGeometry;
  });
  if (unfit != values.end()) {
    return refuse(request, s, kAdapterError,
                  "taos-sandbox does not support binding type " + std::to_string(unfit->type) + " to a query");
  }
  if (int code = bind_parameters(s, std::move(values), &message); code != 0) {
    return refuse(request, s, stick(s, code, message), message);
  }
  s.step = Step::kBound;
  return done(request, s);
}

Reply run_block_values(Peer &peer, const Request &request, bool tags) {
  Statement *s = find_statement(peer, request.resource, false);
  if (request.payload.size() < kHeader || s == nullptr) {
    return refuse_statement(request, request.resource, kAdapterError,
                            s == nullptr ? "stmt is nil" : "message length is too short");
  }
  if (s->error != 0) return refuse(request, *s, s->error, s->error_text);
  if (!usable(*s)) return misuse(request, *s);
  if (!tags && s->kind == Preparable::kQuery) return bind_query(request, *s);
  return take_values(peer, request, *s, tags, [&](auto &fields, int, auto *columns, auto *error) {
    return read_block_columns(request, &fields, tags, columns, error);
  });
}
Reply run_set_tags_block(Peer &peer, const Request &request) { return run_block_values(peer, request, true); }
Reply run_bind_block(Peer &peer, const Request &request) { return run_block_values(peer, request, false); }

// ---- carrying out

Reply run_add_batch(Peer &peer, const Request &request, Members &args) {
  return with_statement(peer, request, args, "stmt add batch", [&](Statement &s) {
    if (s.step != Step::kBound) return misuse(request, s);
    s.step = Step::kBatched;
    return done(request, s);
  });
}

Reply run_exec(Peer &peer, const Request &request, Members &args) {
  return with_statement(peer, request, args, "stmt exec", [&](Statement &s) {
    const bool ready = s.step == Step::kBatched || (s.step == Step::kBound && s.kind == Preparable::kQuery);
    if (!ready) return misuse(request, s);
    int64_t affected = 0;
    std::string message;
    if (int code = execute_statement(peer, s, &affected, &message); code != 0) {
      return refuse(request, s, stick(s, code, message), message);
    }
    s.step = Step::kExecuted;
    StatementAnswer answer(request, s.id);
    answer.number("affected", affected);
    return answer.reply();
  });
}

Reply run_use_result(Peer &peer, const Request &request, Members &args) {
  return with_statement(peer, request, args, "stmt use result", [&](Statement &s) {
    if (s.kind == Preparable::kInsert) return refuse(request, s, kAdapterError, "stmt is insert, no result set");
    if (!s.result) return refuse(request, s, kAdapterError, "result is nil");
    StatementAnswer answer(request, s.id);
    answer.unsigned_number("result_id", open_statement_result(peer, s));
    add_fields(answer, peer, s.result->table, Widths::kStored);
    return answer.reply();
  });
}

Reply run_close(Peer &peer, const Request &request, Members &args) {
  uint64_t id = args.u64("stmt_id");
  if (!args.ok()) return malformed(request, "stmt close");
  if (find_statement(peer, id, false) != nullptr) close_statement(peer, id);
  return no_reply();
}

// ---- questions; what goes wrong with them does not spoil the statement

Reply run_fields(Peer &peer, const Request &request, Members &args, BindField::Kind kind, const char *words) {
  return with_statement(peer, request, args, words, [&](Statement &s) {
    std::vector<BindField> fields;
    int precision = 0;
    std::string message;
    if (int code = describe(peer, s, &fields, &precision, &message); code != 0) {
      return refuse(request, s, code, message);
    }
    if (kind == BindField::kTag && !s.shape.makes_table) return refuse(request, s, kStatementUsage, kUsageError);
    std::string list;
    for (const BindField &f : fields) {
      if (f.kind == kind) list += (list.empty() ? "[" : ",") + field_json(f, precision, false);
    }
    StatementAnswer answer(request, s.id);
    if (!list.empty()) {
      answer.raw("fields", list + "]");
    } else if (kind == BindField::kColumn) {
      answer.raw("fields", "null");
    }
    return answer.reply();
  });
}
Reply run_get_tag_fields(Peer &peer, const Request &request, Members &args) {
  return run_fields(peer, request, args, BindField::kTag, "stmt get tag fields");
}
Reply run_get_col_fields(Peer &peer, const Request &request, Members &args) {
  return run_fields(peer, request, args, BindField::kColumn, "stmt get col fields");
}

Reply run_num_params(Peer &peer, const Request &request, Members &args) {
  return with_statement(peer, request, args, "stmt num params", [&](Statement &s) {
    int count = s.placeholders;
    std::string message;
    if (s.kind == Preparable::kNeither) {
      // Only now the statement is read.
      int code = peer.server.engine().validate(peer.session, s.sql, &message);
      return code != 0 ? refuse(request, s, code, message) : refuse(request, s, kInvalidPointer, "Invalid pointer");
    }
    if (s.kind == Preparable::kInsert) {
      std::vector<BindField> fields;
      int precision = 0;
      if (int code = describe(peer, s, &fields, &precision, &message); code != 0) {
        return refuse(request, s, code, message);
      }
      count = s.shape.columns;
    }
    StatementAnswer answer(request, s.id);
    answer.number("num_params", count);
    return answer.reply();
  });
}

Reply run_get_param(Peer &peer, const Request &request, Members &args) {
  int32_t index = args.i32("index");
  return with_statement(peer, request, args, "stmt get param", [&](Statement &s) {
    std::vector<BindField> fields;
    int precision = 0;
    std::string message;
    // A query that has no values yet ends a real server here.
    if (int code = describe(peer, s, &fields, &precision, &message); code != 0) {
      return refuse(request, s, code, message);
    }
    const std::vector<Field> columns = of_kind(fields, BindField::kColumn);
    if (index < 0 || static_cast<size_t>(index) >= columns.size()) {
      return refuse(request, s, kInvalidParameters, "Invalid parameters");
    }
    const Field &field = columns[static_cast<size_t>(index)];
    StatementAnswer answer(request, s.id);
    answer.number("index", index).number("data_type", field.type).number("length", schema_width(field));
    return answer.reply();
  });
}

constexpr TextAction kActions[] = {
    {"init", "stmt init", {}, false, false, run_init},
    {"prepare", "stmt prepare", {}, false, false, run_prepare},
    {"set_table_name", "stmt set table name", {}, false, false, run_set_table_name},
    {"set_tags", "stmt set tags", {}, false, false, run_set_tags},
    {"bind", "stmt bind", {}, false, false, run_bind},
    {"add_batch", "stmt add batch", {}, false, false, run_add_batch},
    {"exec", "stmt exec", {}, false, false, run_exec},
    {"close", "stmt close", {}, false, false, run_close},
    {"get_tag_fields", "stmt get tag fields", {}, false, false, run_get_tag_fields},
    {"get_col_fields", "stmt get col fields", {}, false, false, run_get_col_fields},
    {"use_result", "stmt use result", {}, false, false, run_use_result},
    {"stmt_num_params", "stmt num params", {{3, 2, 2, 0}}, false, false, run_num_params},
    {"stmt_get_param", "stmt get param", {{3, 2, 2, 0}}, false, false, run_get_param},
};

constexpr BinaryAction kBinaryActions[] = {
    {1, "set_tags", {}, false, run_set_tags_block},
    {2, "bind", {}, false, run_bind_block},
};

}  // namespace

std::span<const TextAction> stmt_actions() { return kActions; }
std::span<const BinaryAction> stmt_binary_actions() { return kBinaryActions; }

}  // namespace opentaos::sandbox::server
