/* The layouts of taos.h on 64-bit Linux, as measured on TDengine's own header. */
#include <taos.h>

#include "layout.h"

/* ---- structures ---- */

LAYOUT_STRUCT(TAOS_FIELD, 72, 4);
LAYOUT_STRUCT(struct taosField, 72, 4);
LAYOUT_MEMBER(TAOS_FIELD, name, LayoutName, 0);
LAYOUT_MEMBER(TAOS_FIELD, type, int8_t, 65);
LAYOUT_MEMBER(TAOS_FIELD, bytes, int32_t, 68);

LAYOUT_STRUCT(TAOS_FIELD_E, 72, 4);
LAYOUT_MEMBER(TAOS_FIELD_E, name, LayoutName, 0);
LAYOUT_MEMBER(TAOS_FIELD_E, type, int8_t, 65);
LAYOUT_MEMBER(TAOS_FIELD_E, precision, uint8_t, 66);
LAYOUT_MEMBER(TAOS_FIELD_E, scale, uint8_t, 67);
LAYOUT_MEMBER(TAOS_FIELD_E, bytes, int32_t, 68);

LAYOUT_STRUCT(TAOS_FIELD_ALL, 76, 4);
LAYOUT_MEMBER(TAOS_FIELD_ALL, name, LayoutName, 0);
LAYOUT_MEMBER(TAOS_FIELD_ALL, type, int8_t, 65);
LAYOUT_MEMBER(TAOS_FIELD_ALL, precision, uint8_t, 66);
LAYOUT_MEMBER(TAOS_FIELD_ALL, scale, uint8_t, 67);
LAYOUT_MEMBER(TAOS_FIELD_ALL, bytes, int32_t, 68);
LAYOUT_MEMBER(TAOS_FIELD_ALL, field_type, uint8_t, 72);
LAYOUT_STRUCT(TAOS_FIELD_STB, 76, 4);
LAYOUT_MEMBER(TAOS_FIELD_STB, field_type, uint8_t, 72);

LAYOUT_STRUCT(TAOS_MULTI_BIND, 48, 8);
LAYOUT_MEMBER(TAOS_MULTI_BIND, buffer_type, int, 0);
LAYOUT_MEMBER(TAOS_MULTI_BIND, buffer, LayoutPointer, 8);
LAYOUT_MEMBER(TAOS_MULTI_BIND, buffer_length, uintptr_t, 16);
LAYOUT_MEMBER(TAOS_MULTI_BIND, length, LayoutLengths, 24);
LAYOUT_MEMBER(TAOS_MULTI_BIND, is_null, LayoutText, 32);
LAYOUT_MEMBER(TAOS_MULTI_BIND, num, int, 40);

LAYOUT_STRUCT(TAOS_STMT_OPTIONS, 16, 8);
LAYOUT_MEMBER(TAOS_STMT_OPTIONS, reqId, int64_t, 0);
LAYOUT_MEMBER(TAOS_STMT_OPTIONS, singleStbInsert, bool, 8);
LAYOUT_MEMBER(TAOS_STMT_OPTIONS, singleTableBindOnce, bool, 9);

LAYOUT_STRUCT(TAOS_STMT2_OPTION, 32, 8);
LAYOUT_MEMBER(TAOS_STMT2_OPTION, reqid, int64_t, 0);
LAYOUT_MEMBER(TAOS_STMT2_OPTION, singleStbInsert, bool, 8);
LAYOUT_MEMBER(TAOS_STMT2_OPTION, singleTableBindOnce, bool, 9);
LAYOUT_MEMBER(TAOS_STMT2_OPTION, asyncExecFn, __taos_async_fn_t, 16);
LAYOUT_MEMBER(TAOS_STMT2_OPTION, userdata, LayoutPointer, 24);

typedef TAOS_STMT2_BIND **LayoutBinds;
LAYOUT_STRUCT(TAOS_STMT2_BIND, 40, 8);
LAYOUT_MEMBER(TAOS_STMT2_BIND, buffer_type, int, 0);
LAYOUT_MEMBER(TAOS_STMT2_BIND, buffer, LayoutPointer, 8);
LAYOUT_MEMBER(TAOS_STMT2_BIND, length, LayoutLengths, 16);
LAYOUT_MEMBER(TAOS_STMT2_BIND, is_null, LayoutText, 24);
LAYOUT_MEMBER(TAOS_STMT2_BIND, num, int, 32);

LAYOUT_STRUCT(TAOS_STMT2_BINDV, 32, 8);
LAYOUT_MEMBER(TAOS_STMT2_BINDV, count, int, 0);
LAYOUT_MEMBER(TAOS_STMT2_BINDV, tbnames, LayoutTexts, 8);
LAYOUT_MEMBER(TAOS_STMT2_BINDV, tags, LayoutBinds, 16);
LAYOUT_MEMBER(TAOS_STMT2_BINDV, bind_cols, LayoutBinds, 24);

typedef TAOS_STMT2_COLUMN_BIND *LayoutColumns;
LAYOUT_STRUCT(TAOS_STMT2_COLUMN_BIND, 32, 8);
LAYOUT_MEMBER(TAOS_STMT2_COLUMN_BIND, buffer_type, int, 0);
LAYOUT_MEMBER(TAOS_STMT2_COLUMN_BIND, buffer, LayoutPointer, 8);
LAYOUT_MEMBER(TAOS_STMT2_COLUMN_BIND, length, LayoutLengths, 16);
LAYOUT_MEMBER(TAOS_STMT2_COLUMN_BIND, is_null, LayoutText, 24);

LAYOUT_STRUCT(TAOS_STMT2_COLUMN_BINDV, 24, 8);
LAYOUT_MEMBER(TAOS_STMT2_COLUMN_BINDV, num_columns, int, 0);
LAYOUT_MEMBER(TAOS_STMT2_COLUMN_BINDV, num_rows, int, 4);
LAYOUT_MEMBER(TAOS_STMT2_COLUMN_BINDV, num_tables, int, 8);
LAYOUT_MEMBER(TAOS_STMT2_COLUMN_BINDV, columns, LayoutColumns, 16);

LAYOUT_STRUCT(OPTIONS, 4104, 8);
LAYOUT_MEMBER(OPTIONS, keys, LayoutOptions, 0);
LAYOUT_MEMBER(OPTIONS, values, LayoutOptions, 2048);
LAYOUT_MEMBER(OPTIONS, count, uint16_t, 4096);

LAYOUT_STRUCT(tmq_topic_assignment, 32, 8);
LAYOUT_MEMBER(tmq_topic_assignment, vgId, int32_t, 0);
LAYOUT_MEMBER(tmq_topic_assignment, currentOffset, int64_t, 8);
LAYOUT_MEMBER(tmq_topic_assignment, begin, int64_t, 16);
LAYOUT_MEMBER(tmq_topic_assignment, end, int64_t, 24);

LAYOUT_STRUCT(tmq_raw_data, 16, 8);
LAYOUT_MEMBER(tmq_raw_data, raw, LayoutPointer, 0);
LAYOUT_MEMBER(tmq_raw_data, raw_len, uint32_t, 8);
LAYOUT_MEMBER(tmq_raw_data, raw_type, uint16_t, 12);

typedef char LayoutMessage[1024];
LAYOUT_STRUCT(setConfRet, 1028, 4);
LAYOUT_MEMBER(setConfRet, retCode, SET_CONF_RET_CODE, 0);
LAYOUT_MEMBER(setConfRet, retMsg, LayoutMessage, 4);

LAYOUT_STRUCT(TAOS_VGROUP_HASH_INFO, 12, 4);
LAYOUT_MEMBER(TAOS_VGROUP_HASH_INFO, vgId, int32_t, 0);
LAYOUT_MEMBER(TAOS_VGROUP_HASH_INFO, hashBegin, uint32_t, 4);
LAYOUT_MEMBER(TAOS_VGROUP_HASH_INFO, hashEnd, uint32_t, 8);

typedef TAOS_VGROUP_HASH_INFO *LayoutVgroups;
LAYOUT_STRUCT(TAOS_DB_ROUTE_INFO, 24, 8);
LAYOUT_MEMBER(TAOS_DB_ROUTE_INFO, routeVersion, int32_t, 0);
LAYOUT_MEMBER(TAOS_DB_ROUTE_INFO, hashPrefix, int16_t, 4);
LAYOUT_MEMBER(TAOS_DB_ROUTE_INFO, hashSuffix, int16_t, 6);
LAYOUT_MEMBER(TAOS_DB_ROUTE_INFO, hashMethod, int8_t, 8);
LAYOUT_MEMBER(TAOS_DB_ROUTE_INFO, vgNum, int32_t, 12);
LAYOUT_MEMBER(TAOS_DB_ROUTE_INFO, vgHash, LayoutVgroups, 16);

typedef char LayoutToken[32];
LAYOUT_STRUCT(STokenEvent, 40, 4);
LAYOUT_MEMBER(STokenEvent, type, int8_t, 0);
LAYOUT_MEMBER(STokenEvent, expireTime, int32_t, 4);
LAYOUT_MEMBER(STokenEvent, tokenName, LayoutToken, 8);

LAYOUT_STRUCT(TAOS_ROW, 8, 8);

/* ---- enumerations ---- */

LAYOUT_ENUM(TSDB_OPTION);
LAYOUT_VALUE(TSDB_OPTION_LOCALE, 0);
LAYOUT_VALUE(TSDB_OPTION_CHARSET, 1);
LAYOUT_VALUE(TSDB_OPTION_TIMEZONE, 2);
LAYOUT_VALUE(TSDB_OPTION_CONFIGDIR, 3);
LAYOUT_VALUE(TSDB_OPTION_SHELL_ACTIVITY_TIMER, 4);
LAYOUT_VALUE(TSDB_OPTION_USE_ADAPTER, 5);
LAYOUT_VALUE(TSDB_OPTION_DRIVER, 6);
LAYOUT_VALUE(TSDB_MAX_OPTIONS, 7);

LAYOUT_ENUM(TSDB_OPTION_CONNECTION);
LAYOUT_VALUE(TSDB_OPTION_CONNECTION_CLEAR, -1);
LAYOUT_VALUE(TSDB_OPTION_CONNECTION_CHARSET, 0);
LAYOUT_VALUE(TSDB_OPTION_CONNECTION_TIMEZONE, 1);
LAYOUT_VALUE(TSDB_OPTION_CONNECTION_USER_IP, 2);
LAYOUT_VALUE(TSDB_OPTION_CONNECTION_USER_APP, 3);
LAYOUT_VALUE(TSDB_MAX_OPTIONS_CONNECTION, 4);

LAYOUT_ENUM(TSDB_SML_PROTOCOL_TYPE);
LAYOUT_VALUE(TSDB_SML_UNKNOWN_PROTOCOL, 0);
LAYOUT_VALUE(TSDB_SML_LINE_PROTOCOL, 1);
LAYOUT_VALUE(TSDB_SML_TELNET_PROTOCOL, 2);
LAYOUT_VALUE(TSDB_SML_JSON_PROTOCOL, 3);

LAYOUT_ENUM(TSDB_SML_TIMESTAMP_TYPE);
LAYOUT_VALUE(TSDB_SML_TIMESTAMP_NOT_CONFIGURED, 0);
LAYOUT_VALUE(TSDB_SML_TIMESTAMP_HOURS, 1);
LAYOUT_VALUE(TSDB_SML_TIMESTAMP_MINUTES, 2);
LAYOUT_VALUE(TSDB_SML_TIMESTAMP_SECONDS, 3);
LAYOUT_VALUE(TSDB_SML_TIMESTAMP_MILLI_SECONDS, 4);
LAYOUT_VALUE(TSDB_SML_TIMESTAMP_MICRO_SECONDS, 5);
LAYOUT_VALUE(TSDB_SML_TIMESTAMP_NANO_SECONDS, 6);

LAYOUT_ENUM(TAOS_FIELD_T);
LAYOUT_VALUE(TAOS_FIELD_COL, 1);
LAYOUT_VALUE(TAOS_FIELD_TAG, 2);
LAYOUT_VALUE(TAOS_FIELD_QUERY, 3);
LAYOUT_VALUE(TAOS_FIELD_TBNAME, 4);

LAYOUT_ENUM(SET_CONF_RET_CODE);
LAYOUT_VALUE(SET_CONF_RET_SUCC, 0);
LAYOUT_VALUE(SET_CONF_RET_ERR_PART, -1);
LAYOUT_VALUE(SET_CONF_RET_ERR_INNER, -2);
LAYOUT_VALUE(SET_CONF_RET_ERR_JSON_INVALID, -3);
LAYOUT_VALUE(SET_CONF_RET_ERR_JSON_PARSE, -4);
LAYOUT_VALUE(SET_CONF_RET_ERR_ONLY_ONCE, -5);
LAYOUT_VALUE(SET_CONF_RET_ERR_TOO_LONG, -6);
LAYOUT_VALUE(RET_MSG_LENGTH, 1024);

LAYOUT_ENUM(TAOS_NOTIFY_TYPE);
LAYOUT_VALUE(TAOS_NOTIFY_PASSVER, 0);
LAYOUT_VALUE(TAOS_NOTIFY_WHITELIST_VER, 1);
LAYOUT_VALUE(TAOS_NOTIFY_HOST_WHITELIST_VER, 1);
LAYOUT_VALUE(TAOS_NOTIFY_USER_DROPPED, 2);
LAYOUT_VALUE(TAOS_NOTIFY_TIME_WHITELIST_VER, 3);
LAYOUT_VALUE(TAOS_NOTIFY_TOKEN, 4);

LAYOUT_ENUM(TOKEN_EVENT_TYPE);
LAYOUT_VALUE(TSDB_TOKEN_EVENT_MODIFIED, 0);
LAYOUT_VALUE(TSDB_TOKEN_EVENT_DROPPED, 1);
LAYOUT_VALUE(TSDB_TOKEN_EVENT_DISABLED, 2);
LAYOUT_VALUE(TSDB_TOKEN_EVENT_EXPIRED, 3);

LAYOUT_ENUM(TAOS_CONN_MODE);
LAYOUT_VALUE(TAOS_CONN_MODE_BI, 0);

LAYOUT_ENUM(tmq_conf_res_t);
LAYOUT_VALUE(TMQ_CONF_UNKNOWN, -2);
LAYOUT_VALUE(TMQ_CONF_INVALID, -1);
LAYOUT_VALUE(TMQ_CONF_OK, 0);

LAYOUT_ENUM(tmq_res_t);
LAYOUT_VALUE(TMQ_RES_INVALID, -1);
LAYOUT_VALUE(TMQ_RES_DATA, 1);
LAYOUT_VALUE(TMQ_RES_TABLE_META, 2);
LAYOUT_VALUE(TMQ_RES_METADATA, 3);
LAYOUT_VALUE(TMQ_RES_RAWDATA, 4);

LAYOUT_ENUM(TSDB_SERVER_STATUS);
LAYOUT_VALUE(TSDB_SRV_STATUS_UNAVAILABLE, 0);
LAYOUT_VALUE(TSDB_SRV_STATUS_NETWORK_OK, 1);
LAYOUT_VALUE(TSDB_SRV_STATUS_SERVICE_OK, 2);
LAYOUT_VALUE(TSDB_SRV_STATUS_SERVICE_DEGRADED, 3);
LAYOUT_VALUE(TSDB_SRV_STATUS_EXTING, 4);

LAYOUT_ENUM(TSDB_CONNECTION_INFO);
LAYOUT_VALUE(TSDB_CONNECTION_INFO_USER, 0);
LAYOUT_VALUE(TSDB_CONNECTION_INFO_TOKEN, 1);
LAYOUT_VALUE(TSDB_MAX_CONNECTION_INFO, 2);

/* ---- types of values ---- */

#include "layout_types.h"

/* ---- callbacks: a function type, and pointers to functions ---- */

#ifdef __cplusplus
extern "C" {
#endif
tmq_commit_cb layout_commit;
void layout_async(void *param, TAOS_RES *res, int code);
void layout_notify(void *param, void *ext, int type);
void layout_list64(void *param, int code, TAOS *taos, int n, uint64_t *list);
void layout_texts(void *param, int code, TAOS *taos, int n, char **list);
void layout_use_callbacks(void);
#ifdef __cplusplus
}
#endif
void layout_commit(tmq_t *tmq, int32_t code, void *param) { (void)tmq, (void)code, (void)param; }
void layout_async(void *param, TAOS_RES *res, int code) { (void)param, (void)res, (void)code; }
void layout_notify(void *param, void *ext, int type) { (void)param, (void)ext, (void)type; }
void layout_list64(void *param, int code, TAOS *taos, int n, uint64_t *list) {
  (void)param, (void)code, (void)taos, (void)n, (void)list;
}
void layout_texts(void *param, int code, TAOS *taos, int n, char **list) {
  (void)param, (void)code, (void)taos, (void)n, (void)list;
}
void layout_use_callbacks(void) {
  tmq_commit_cb *commit = layout_commit;
  __taos_async_fn_t async = layout_async;
  __taos_notify_fn_t notify = layout_notify;
  __taos_async_whitelist_fn_t list64 = layout_list64;
  __taos_async_whitelist_dual_stack_fn_t dual = layout_texts;
  __taos_async_ip_whitelist_fn_t ip = layout_texts;
  __taos_async_datetime_whitelist_fn_t datetime = layout_texts;
  (void)commit, (void)async, (void)notify, (void)list64, (void)dual, (void)ip, (void)datetime;
}
