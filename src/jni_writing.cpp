// Natives of com.taosdata.jdbc.TSDBJNIConnector: prepared statements and schemaless writing.
#include <cstring>
#include <vector>

#include "jni_env.h"
#include "taos.h"
#include "wire/types.h"

using namespace opentaos;
using namespace opentaos::jni;
using edge::guard;

#define CONNECTOR(name) OTS_JNI_EXPORT Java_com_taosdata_jdbc_TSDBJNIConnector_##name

namespace {

jlong prepare(Env *env, jarray sql, jlong connection, int64_t req_id) {
  return guard<jlong>(kOutOfMemory, [&]() -> jlong {
    if (connection == 0) return kConnectionNull;
    if (!sql) return kSqlNull;
    const std::string text = Java(env).bytes(sql);
    TAOS_STMT *stmt = taos_stmt_init_with_reqid(handle<TAOS>(connection), req_id);
    if (!stmt) return kTdengineError;
    if (taos_stmt_prepare(stmt, text.c_str(), text.size()) == 0) return number(stmt);
    (void)taos_stmt_close(stmt);
    return kTdengineError;
  });
}

// 0, or what the driver is told when a connection or a statement is missing.
jint missing_statement(jlong connection, jlong stmt) {
  return connection == 0 ? kConnectionNull : stmt == 0 ? kSqlNull : kSuccess;
}

// Little-endian numbers in a byte array of Java's.
std::vector<int32_t> numbers(const std::string &bytes) {
  std::vector<int32_t> out(bytes.size() / sizeof(int32_t));
  if (!out.empty()) std::memcpy(out.data(), bytes.data(), out.size() * sizeof(int32_t));
  return out;
}

// Lines as the C interface takes them.
class Lines {
 public:
  Lines(const Java &java, jarray lines) {
    const jsize n = java.length(lines);
    for (jsize i = 0; i < n && !java.failed(); i++) {
      jstring line = java.element(lines, i);
      texts_.push_back(java.text(line).value_or(""));
      java.drop(line);
    }
    for (std::string &t : texts_) pointers_.push_back(t.data());
  }
  char **data() { return pointers_.data(); }
  int size() const { return static_cast<int>(pointers_.size()); }

 private:
  std::vector<std::string> texts_;
  std::vector<char *> pointers_;
};

constexpr int32_t kNoTtl = 0;

jlong insert_lines(Env *env, jlong connection, jarray lines, jint protocol, jint precision, jint ttl, int64_t req_id) {
  return guard<jlong>(kOutOfMemory, [&]() -> jlong {
    if (connection == 0) return kConnectionNull;
    Lines all(Java(env), lines);
    return number(taos_schemaless_insert_ttl_with_reqid(handle<TAOS>(connection), all.data(), all.size(), protocol,
                                                        precision, ttl, req_id));
  });
}

jobject schemaless_answer(const Java &java, jint rows, jint code, const char *text) {
  jobject answer = java.make("com/taosdata/jdbc/SchemalessResp");
  java.run(answer, "setCode", "(I)V", {value(code)});
  java.run(answer, "setTotalRows", "(I)V", {value(rows)});
  jstring message = java.string(text);
  java.run(answer, "setMsg", "(Ljava/lang/String;)V", {value(message)});
  return answer;
}

jobject insert_raw(Env *env, jlong connection, jstring data, jint protocol, jint precision, jint ttl, int64_t req_id) {
  return guard<jobject>(nullptr, [&]() -> jobject {
    const Java java(env);
    if (connection == 0) return schemaless_answer(java, 0, kConnectionNull, "JNI connection is NULL");
    std::string text = java.text(data).value_or("");
    int32_t rows = 0;
    TAOS_RES *result = taos_schemaless_insert_raw_ttl_with_reqid(
        handle<TAOS>(connection), text.data(), static_cast<int>(text.size()), &rows, protocol, precision, ttl, req_id);
    const int code = taos_errno(result);
    jobject answer = schemaless_answer(java, code ? 0 : rows, code, code ? taos_errstr(result) : nullptr);
    taos_free_result(result);
    return answer;
  });
}

}  // namespace

extern "C" {

// ---- prepared statements

jlong CONNECTOR(prepareStmtImp)(Env *env, jobject, jarray sql, jlong connection) {
  return prepare(env, sql, connection, 0);
}

jlong CONNECTOR(prepareStmtWithReqId)(Env *env, jobject, jarray sql, jlong connection, jlong req_id) {
  return prepare(env, sql, connection, req_id);
}

jint CONNECTOR(setBindTableNameImp)(Env *env, jobject, jlong stmt, jstring name, jlong connection) {
  return guard<jint>(kOutOfMemory, [&]() -> jint {
    if (const jint bad = missing_statement(connection, stmt)) return bad;
    const auto text = Java(env).text(name);
    return taos_stmt_set_tbname(handle<TAOS_STMT>(stmt), text ? text->c_str() : nullptr);
  });
}

jint CONNECTOR(setTableNameTagsImp)(Env *env, jobject, jlong stmt, jstring name, jint count, jarray tags, jarray types,
                                    jarray lengths, jarray nulls, jlong connection) {
  return guard<jint>(kOutOfMemory, [&]() -> jint {
    if (const jint bad = missing_statement(connection, stmt)) return bad;
    const Java java(env);
    const auto table = java.text(name);
    std::string data = java.bytes(tags), null_flags = java.bytes(nulls);
    const std::string type_codes = java.bytes(types);
    std::vector<int32_t> sizes = numbers(java.bytes(lengths));
    const auto n = static_cast<size_t>(count);
    if (count < 0 || type_codes.size() < n || sizes.size() < n || null_flags.size() < n) return base::kErrInvalidPara;
    std::vector<TAOS_MULTI_BIND> binds(n);
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
      if (sizes[i] < 0 || static_cast<size_t>(sizes[i]) > data.size() - at) return base::kErrInvalidPara;
      binds[i] = {type_codes[i], data.data() + at, static_cast<uintptr_t>(sizes[i]), &sizes[i], &null_flags[i], 1};
      at += static_cast<size_t>(sizes[i]);
    }
    return taos_stmt_set_tbname_tags(handle<TAOS_STMT>(stmt), table ? table->c_str() : nullptr, binds.data());
  });
}

jint CONNECTOR(bindColDataImp)(Env *env, jobject, jlong stmt, jarray data, jarray lengths, jarray nulls, jint type,
                               jint bytes, jint rows, jint column, jlong connection) {
  return guard<jint>(kOutOfMemory, [&]() -> jint {
    if (const jint bad = missing_statement(connection, stmt)) return bad;
    const Java java(env);
    std::string values = java.bytes(data), null_flags = java.bytes(nulls);
    std::vector<int32_t> sizes = numbers(java.bytes(lengths));
    const bool variable = wire::is_variable(type);
    const int width = variable ? bytes : wire::fixed_size(type);
    if (rows < 0 || width < 0 || null_flags.size() < static_cast<size_t>(rows) ||
        values.size() < static_cast<size_t>(rows) * static_cast<size_t>(width) ||
        (variable && sizes.size() < static_cast<size_t>(rows)))
      return base::kErrInvalidPara;
    TAOS_MULTI_BIND bind = {
        type, values.data(), static_cast<uintptr_t>(width), variable ? sizes.data() : nullptr, null_flags.data(), rows};
    return taos_stmt_bind_single_param_batch(handle<TAOS_STMT>(stmt), &bind, column);
  });
}

jint CONNECTOR(addBatchImp)(Env *, jobject, jlong stmt, jlong connection) {
  if (const jint bad = missing_statement(connection, stmt)) return bad;
  return taos_stmt_add_batch(handle<TAOS_STMT>(stmt));
}

jint CONNECTOR(executeBatchImp)(Env *, jobject, jlong stmt, jlong connection) {
  if (const jint bad = missing_statement(connection, stmt)) return bad;
  return taos_stmt_execute(handle<TAOS_STMT>(stmt));
}

jint CONNECTOR(closeStmt)(Env *, jobject, jlong stmt, jlong connection) {
  if (const jint bad = missing_statement(connection, stmt)) return bad;
  return taos_stmt_close(handle<TAOS_STMT>(stmt));
}

jstring CONNECTOR(stmtErrorMsgImp)(Env *env, jobject, jlong stmt, jlong connection) {
  return guard<jstring>(nullptr, [&] {
    const Java java(env);
    if (connection == 0) return java.string("connection already closed");
    if (stmt == 0) return java.string("invalid stmt");
    return java.string(taos_stmt_errstr(handle<TAOS_STMT>(stmt)));
  });
}

// ---- schemaless writing

jint CONNECTOR(insertLinesImp)(Env *env, jobject, jarray lines, jlong connection, jint protocol, jint precision) {
  const jlong result = insert_lines(env, connection, lines, protocol, precision, kNoTtl, 0);
  if (result < 0) return static_cast<jint>(result);
  const int code = taos_errno(handle<TAOS_RES>(result));
  taos_free_result(handle<TAOS_RES>(result));
  return code == 0 ? kSuccess : kTdengineError;
}

jlong CONNECTOR(schemalessInsertImp)(Env *env, jobject, jarray lines, jlong connection, jint protocol, jint precision) {
  return insert_lines(env, connection, lines, protocol, precision, kNoTtl, 0);
}

jlong CONNECTOR(schemalessInsertWithReqId)(Env *env, jobject, jlong connection, jarray lines, jint protocol,
                                           jint precision, jlong req_id) {
  return insert_lines(env, connection, lines, protocol, precision, kNoTtl, req_id);
}

jlong CONNECTOR(schemalessInsertWithTtl)(Env *env, jobject, jlong connection, jarray lines, jint protocol,
                                         jint precision, jint ttl) {
  return insert_lines(env, connection, lines, protocol, precision, ttl, 0);
}

jlong CONNECTOR(schemalessInsertWithTtlAndReqId)(Env *env, jobject, jlong connection, jarray lines, jint protocol,
                                                 jint precision, jint ttl, jlong req_id) {
  return insert_lines(env, connection, lines, protocol, precision, ttl, req_id);
}

jobject CONNECTOR(schemalessInsertRaw)(Env *env, jobject, jlong connection, jstring data, jint protocol,
                                       jint precision) {
  return insert_raw(env, connection, data, protocol, precision, kNoTtl, 0);
}

jobject CONNECTOR(schemalessInsertRawWithReqId)(Env *env, jobject, jlong connection, jstring data, jint protocol,
                                                jint precision, jlong req_id) {
  return insert_raw(env, connection, data, protocol, precision, kNoTtl, req_id);
}

jobject CONNECTOR(schemalessInsertRawWithTtl)(Env *env, jobject, jlong connection, jstring data, jint protocol,
                                              jint precision, jint ttl) {
  return insert_raw(env, connection, data, protocol, precision, ttl, 0);
}

jobject CONNECTOR(schemalessInsertRawWithTtlAndReqId)(Env *env, jobject, jlong connection, jstring data, jint protocol,
                                                      jint precision, jint ttl, jlong req_id) {
  return insert_raw(env, connection, data, protocol, precision, ttl, req_id);
}

}  // extern "C"
