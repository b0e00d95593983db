// Natives of com.taosdata.jdbc.TSDBJNIConnector: connections, statements, results.
#include <atomic>
#include <new>

#include "base/bytes.h"
#include "jni_env.h"
#include "taos.h"

using namespace opentaos;
using namespace opentaos::jni;
using base::load_le;
using edge::guard;
using edge::guard_void;

#define CONNECTOR(name) OTS_JNI_EXPORT Java_com_taosdata_jdbc_TSDBJNIConnector_##name

namespace {

// The setters of TSDBResultSetRowData: looked up once, one is called for every value.
struct RowMethods {
  jmethodID boolean, byte, short_, int_, long_, float_, double_, string, bytes, timestamp;
};

const RowMethods *row_methods(const Java &java, jobject row) {
  static std::atomic<const RowMethods *> known{nullptr};
  if (const RowMethods *m = known.load(std::memory_order_acquire)) return m;
  auto find = [&](const char *name, const char *signature) { return java.method_of(row, name, signature); };
  RowMethods m;
  m.boolean = find("setBoolean", "(IZ)V");
  m.byte = find("setByte", "(IB)V");
  m.short_ = find("setShort", "(IS)V");
  m.int_ = find("setInt", "(II)V");
  m.long_ = find("setLong", "(IJ)V");
  m.float_ = find("setFloat", "(IF)V");
  m.double_ = find("setDouble", "(ID)V");
  m.string = find("setString", "(ILjava/lang/String;)V");
  m.bytes = find("setByteArray", "(I[B)V");
  m.timestamp = find("setTimestamp", "(IJI)V");
  if (java.failed()) return nullptr;
  // The methods are valid as long as the class is: its driver keeps it, and this library is its driver's.
  const auto *made = new RowMethods(m);
  const RowMethods *none = nullptr;
  if (known.compare_exchange_strong(none, made)) return made;
  delete made;
  return none;
}

void set_value(const Java &java, jobject row, const RowMethods &m, jint column, int type, const void *p, int length,
               int precision) {
  jvalue v;
  switch (type) {
    case TSDB_DATA_TYPE_BOOL:
      v.z = load_le<uint8_t>(p) != 0;
      (void)java.run(row, m.boolean, {value(column), v});
      return;
    case TSDB_DATA_TYPE_TINYINT:
    case TSDB_DATA_TYPE_UTINYINT:
      v.b = load_le<jbyte>(p);
      (void)java.run(row, m.byte, {value(column), v});
      return;
    case TSDB_DATA_TYPE_SMALLINT:
    case TSDB_DATA_TYPE_USMALLINT:
      v.s = load_le<jshort>(p);
      (void)java.run(row, m.short_, {value(column), v});
      return;
    case TSDB_DATA_TYPE_INT:
    case TSDB_DATA_TYPE_UINT: (void)java.run(row, m.int_, {value(column), value(load_le<jint>(p))}); return;
    case TSDB_DATA_TYPE_BIGINT:
    case TSDB_DATA_TYPE_UBIGINT: (void)java.run(row, m.long_, {value(column), value(load_le<jlong>(p))}); return;
    case TSDB_DATA_TYPE_FLOAT:
      v.f = load_le<jfloat>(p);
      (void)java.run(row, m.float_, {value(column), v});
      return;
    case TSDB_DATA_TYPE_DOUBLE:
      v.d = load_le<jdouble>(p);
      (void)java.run(row, m.double_, {value(column), v});
      return;
    case TSDB_DATA_TYPE_TIMESTAMP:
      (void)java.run(row, m.timestamp, {value(column), value(load_le<jlong>(p)), value(jint{precision})});
      return;
    case TSDB_DATA_TYPE_VARCHAR:
    case TSDB_DATA_TYPE_DECIMAL:
    case TSDB_DATA_TYPE_DECIMAL64: {
      const auto *text = static_cast<const char *>(p);
      const size_t n = type == TSDB_DATA_TYPE_VARCHAR ? static_cast<size_t>(length) : std::string_view(text).size();
      jstring s = java.string(std::string_view(text, n));
      java.run(row, m.string, {value(column), value(s)});
      java.drop(s);
      return;
    }
    default: {  // NCHAR, JSON and what is no text: the driver makes of the bytes what it needs
      jarray bytes = java.byte_array(p, static_cast<size_t>(length));
      java.run(row, m.bytes, {value(column), value(bytes)});
      java.drop(bytes);
    }
  }
}

jlong query(Env *env, jarray sql, jlong connection, int64_t req_id) {
  return guard<jlong>(kOutOfMemory, [&]() -> jlong {
    if (connection == 0) return kConnectionNull;
    if (!sql) return kSqlNull;
    const std::string text = Java(env).bytes(sql);
    return number(taos_query_with_reqid(handle<TAOS>(connection), text.c_str(), req_id));
  });
}

}  // namespace

extern "C" {

// ---- the library

void CONNECTOR(initImp)(Env *env, jclass, jstring config_dir) {
  guard_void([&] {
    const auto dir = Java(env).text(config_dir);
    if (dir && !dir->empty()) (void)taos_options(TSDB_OPTION_CONFIGDIR, dir->c_str());
    (void)taos_init();
  });
}

jint CONNECTOR(setOptions)(Env *env, jclass, jint option, jstring option_value) {
  return guard<jint>(kOutOfMemory, [&]() -> jint {
    const auto text = Java(env).text(option_value);
    if (!text || text->empty()) return 0;
    if (option < TSDB_OPTION_LOCALE || option > TSDB_OPTION_TIMEZONE) return 0;
    return taos_options(static_cast<TSDB_OPTION>(option), text->c_str());
  });
}

jstring CONNECTOR(getTsCharset)(Env *env, jclass) {
  return guard<jstring>(nullptr, [&] { return Java(env).string("UTF-8"); });
}

jobject CONNECTOR(setConfigImp)(Env *env, jclass, jstring config) {
  return guard<jobject>(nullptr, [&] {
    const Java java(env);
    const auto text = java.text(config);
    const setConfRet outcome = taos_set_config(text ? text->c_str() : nullptr);
    jobject answer = java.make("com/taosdata/jdbc/TSDBException");
    java.run(answer, "setCode", "(I)V", {value(text ? jint{outcome.retCode} : jint{-1})});
    jstring message = java.string(text ? outcome.retMsg : "config value is null");
    java.run(answer, "setMessage", "(Ljava/lang/String;)V", {value(message)});
    return answer;
  });
}

// ---- connections

jlong CONNECTOR(connectImp)(Env *env, jobject, jstring host, jint port, jstring db, jstring user, jstring password) {
  return guard<jlong>(0, [&]() -> jlong {
    const Java java(env);
    const auto h = java.text(host), d = java.text(db), u = java.text(user), p = java.text(password);
    const auto c_text = [](const std::optional<std::string> &s) { return s ? s->c_str() : nullptr; };
    return number(taos_connect(c_text(h), c_text(u), c_text(p), c_text(d), static_cast<uint16_t>(port)));
  });
}

// No published driver declares this one: the arguments are taken for what they are once the first is a connection.
jint CONNECTOR(setConnectionOptions)(Env *env, jobject, jlong connection, jint option, jstring option_value) {
  return guard<jint>(kOutOfMemory, [&]() -> jint {
    if (base::kind_of_handle(handle<TAOS>(connection)) != base::HandleKind::kConnection) return kConnectionNull;
    if (option < TSDB_OPTION_CONNECTION_CLEAR || option >= TSDB_MAX_OPTIONS_CONNECTION) return base::kErrInvalidPara;
    const auto text = Java(env).text(option_value);
    return taos_options_connection(handle<TAOS>(connection), static_cast<TSDB_OPTION_CONNECTION>(option),
                                   text ? text->c_str() : nullptr);
  });
}

jint CONNECTOR(closeConnectionImp)(Env *, jobject, jlong connection) {
  if (connection == 0) return kConnectionNull;
  taos_close(handle<TAOS>(connection));
  return kSuccess;
}

// ---- statements

jlong CONNECTOR(executeQueryImp)(Env *env, jobject, jarray sql, jlong connection) {
  return query(env, sql, connection, 0);
}

jlong CONNECTOR(executeQueryWithReqId)(Env *env, jobject, jarray sql, jlong connection, jlong req_id) {
  return query(env, sql, connection, req_id);
}

jint CONNECTOR(validateCreateTableSqlImp)(Env *env, jobject, jlong connection, jarray sql) {
  return guard<jint>(kOutOfMemory, [&]() -> jint {
    if (connection == 0) return kConnectionNull;
    if (!sql) return kSqlNull;
    return taos_validate_sql(handle<TAOS>(connection), Java(env).bytes(sql).c_str());
  });
}

jint CONNECTOR(getErrCodeImp)(Env *, jobject, jlong connection, jlong result) {
  if (const jint bad = missing(connection, result)) return bad;
  return taos_errno(handle<TAOS_RES>(result));
}

jstring CONNECTOR(getErrMsgImp)(Env *env, jobject, jlong result) {
  return guard<jstring>(nullptr, [&] { return Java(env).string(taos_errstr(handle<TAOS_RES>(result))); });
}

// ---- results

jlong CONNECTOR(getResultSetImp)(Env *, jobject, jlong connection, jlong result) {
  if (const jint bad = missing(connection, result)) return bad;
  return result;
}

jlong CONNECTOR(isUpdateQueryImp)(Env *, jobject, jlong connection, jlong result) {
  if (const jint bad = missing(connection, result)) return bad;
  return taos_is_update_query(handle<TAOS_RES>(result)) ? 1 : 0;
}

jint CONNECTOR(freeResultSetImp)(Env *, jobject, jlong connection, jlong result) {
  if (const jint bad = missing(connection, result)) return bad;
  taos_free_result(handle<TAOS_RES>(result));
  return kSuccess;
}

jint CONNECTOR(getAffectedRowsImp)(Env *, jobject, jlong connection, jlong result) {
  if (const jint bad = missing(connection, result)) return bad;
  return taos_affected_rows(handle<TAOS_RES>(result));
}

jint CONNECTOR(getSchemaMetaDataImp)(Env *env, jobject, jlong connection, jlong result, jobject list) {
  return guard<jint>(kOutOfMemory, [&]() -> jint {
    if (const jint bad = missing(connection, result)) return bad;
    return add_columns(Java(env), handle<TAOS_RES>(result), list);
  });
}

jint CONNECTOR(getResultTimePrecisionImp)(Env *, jobject, jlong connection, jlong result) {
  if (const jint bad = missing(connection, result)) return bad;
  return taos_result_precision(handle<TAOS_RES>(result));
}

jint CONNECTOR(fetchRowImp)(Env *env, jobject, jlong connection, jlong result, jobject row_data) {
  return guard<jint>(kOutOfMemory, [&]() -> jint {
    if (const jint bad = missing(connection, result)) return bad;
    auto *res = handle<TAOS_RES>(result);
    const TAOS_FIELD *fields = taos_fetch_fields(res);
    const int n = taos_num_fields(res);
    if (!fields || n <= 0) return kNumOfFields0;
    const TAOS_ROW row = taos_fetch_row(res);
    if (!row) return taos_errno(res) == 0 ? kFetchEnd : kResultSetNull;
    const Java java(env);
    const RowMethods *methods = row_methods(java, row_data);
    if (!methods) return kResultSetNull;
    const int *lengths = taos_fetch_lengths(res);
    const int precision = taos_result_precision(res);
    for (int i = 0; i < n && !java.failed(); i++)
      if (row[i]) set_value(java, row_data, *methods, i, fields[i].type, row[i], lengths[i], precision);
    return kSuccess;
  });
}

jint CONNECTOR(fetchBlockImp)(Env *env, jobject, jlong connection, jlong result, jobject block) {
  return guard<jint>(kOutOfMemory, [&]() -> jint {
    if (const jint bad = missing(connection, result)) return bad;
    if (taos_num_fields(handle<TAOS_RES>(result)) <= 0) return kResultSetNull;
    return take_block(Java(env), handle<TAOS_RES>(result), block, nullptr);
  });
}

// ---- tables

jobject CONNECTOR(getTableVgID)(Env *env, jobject, jlong connection, jstring db, jstring table, jobject answer) {
  return guard<jobject>(answer, [&] {
    const Java java(env);
    int vgroup = 0;
    int code = kConnectionNull;
    if (connection != 0) {
      const auto d = java.text(db), t = java.text(table);
      code = taos_get_table_vgId(handle<TAOS>(connection), d ? d->c_str() : nullptr, t ? t->c_str() : nullptr, &vgroup);
    }
    java.run(answer, "setCode", "(I)V", {value(jint{code})});
    java.run(answer, "setVgID", "(I)V", {value(jint{vgroup})});
    return answer;
  });
}

}  // extern "C"
