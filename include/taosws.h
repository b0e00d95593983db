/*
 * opentaos: the ws_* interface of TDengine's WebSocket library, libtaosws.
 *
 * The older of the two faces; new programs use taos.h, which offers more. Both may be included in one program, in any
 * order. Names, types and layouts are those of TDengine's own taosws.h.
 *
 * SPDX-License-Identifier: MIT
 *
 * CONVENTIONS are those at the head of taos.h: checked handles, rules of threads ("Threads:"), time limits, fork,
 * ownership, the meaning of "Since:". What differs:
 *
 * Handles    A call with NULL, a freed handle or one of another kind fails with 0x80000118, also where it returns a
 *            number; see the functions for the rest. WS_TAOS and TAOS name the same kind of connection, WS_RES and
 *            TAOS_RES the same kind of result, WS_STMT a statement of its own kind.
 * Errors     ws_errno and ws_errstr take the place of taos_errno and taos_errstr. Texts have the form of TDengine's
 *            WebSocket library: [0x0357] Internal error: `Authentication failure`. ws_errno(NULL) keeps the thread's
 *            last error until the next one: it is looked at after a call that failed.
 * Codes      Those of the server are as in taos.h. Those made by the library are 0x80000000 plus the macros
 *            TSDB_CODE_WS_* below: compare code & 0xFFFF.
 */
#ifndef TDENGINE_TAOS_WS_H
#define TDENGINE_TAOS_WS_H

#ifndef __cplusplus
#include <stdbool.h>
#endif
#include <stdint.h>

/* What the libraries export. */
#ifndef OPENTAOS_API
#if defined(__GNUC__)
#define OPENTAOS_API __attribute__((visibility("default")))
#else
#define OPENTAOS_API
#endif
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Types of columns, tags and bound values; taos.h has the same list. */
#ifndef TSDB_DATA_TYPE_NULL
#define TSDB_DATA_TYPE_NULL 0
#define TSDB_DATA_TYPE_BOOL 1
#define TSDB_DATA_TYPE_TINYINT 2
#define TSDB_DATA_TYPE_SMALLINT 3
#define TSDB_DATA_TYPE_INT 4
#define TSDB_DATA_TYPE_BIGINT 5
#define TSDB_DATA_TYPE_FLOAT 6
#define TSDB_DATA_TYPE_DOUBLE 7
#define TSDB_DATA_TYPE_VARCHAR 8
#define TSDB_DATA_TYPE_TIMESTAMP 9
#define TSDB_DATA_TYPE_NCHAR 10
#define TSDB_DATA_TYPE_UTINYINT 11
#define TSDB_DATA_TYPE_USMALLINT 12
#define TSDB_DATA_TYPE_UINT 13
#define TSDB_DATA_TYPE_UBIGINT 14
#define TSDB_DATA_TYPE_JSON 15
#define TSDB_DATA_TYPE_VARBINARY 16
#define TSDB_DATA_TYPE_DECIMAL 17
#define TSDB_DATA_TYPE_BLOB 18
#define TSDB_DATA_TYPE_MEDIUMBLOB 19
#define TSDB_DATA_TYPE_BINARY TSDB_DATA_TYPE_VARCHAR
#define TSDB_DATA_TYPE_GEOMETRY 20
#endif
#ifndef TSDB_DATA_TYPE_DECIMAL64
#define TSDB_DATA_TYPE_DECIMAL64 21
#endif
#ifndef TSDB_DATA_TYPE_MAX
#define TSDB_DATA_TYPE_MAX 22
#endif

#ifndef TSDB_CODE_WS_DSN_ERROR
#define TSDB_CODE_WS_DSN_ERROR 0xE000      /* malformed DSN */
#define TSDB_CODE_WS_INTERNAL_ERRO 0xE001  /* connecting, handshake, protocol; the name was once written like this */
#define TSDB_CODE_WS_INTERNAL_ERROR 0xE001 /* the same */
#define TSDB_CODE_WS_CLOSED 0xE002         /* the connection is closed */
#define TSDB_CODE_WS_SEND_TIMEOUT 0xE003   /* sending took too long */
#define TSDB_CODE_WS_RECV_TIMEOUT 0xE004   /* the answer did not come in time */
#endif

/* Line formats of the schemaless functions. */
typedef enum WS_TSDB_SML_PROTOCOL_TYPE {
  WS_TSDB_SML_UNKNOWN_PROTOCOL = 0,
  WS_TSDB_SML_LINE_PROTOCOL = 1,   /* InfluxDB line protocol */
  WS_TSDB_SML_TELNET_PROTOCOL = 2, /* OpenTSDB telnet lines */
  WS_TSDB_SML_JSON_PROTOCOL = 3    /* OpenTSDB JSON */
} WS_TSDB_SML_PROTOCOL_TYPE;

/* Unit of the timestamps in InfluxDB lines. */
typedef enum WS_TSDB_SML_TIMESTAMP_TYPE {
  WS_TSDB_SML_TIMESTAMP_NOT_CONFIGURED = 0,
  WS_TSDB_SML_TIMESTAMP_HOURS,
  WS_TSDB_SML_TIMESTAMP_MINUTES,
  WS_TSDB_SML_TIMESTAMP_SECONDS,
  WS_TSDB_SML_TIMESTAMP_MILLI_SECONDS,
  WS_TSDB_SML_TIMESTAMP_MICRO_SECONDS,
  WS_TSDB_SML_TIMESTAMP_NANO_SECONDS
} WS_TSDB_SML_TIMESTAMP_TYPE;

typedef enum ws_tmq_conf_res_t {
  WS_TMQ_CONF_UNKNOWN = -2,
  WS_TMQ_CONF_INVALID = -1,
  WS_TMQ_CONF_OK = 0
} ws_tmq_conf_res_t;

/* What a message carries, see tmq_res_t in taos.h. */
typedef enum ws_tmq_res_t {
  WS_TMQ_RES_INVALID = -1,
  WS_TMQ_RES_DATA = 1,
  WS_TMQ_RES_TABLE_META = 2,
  WS_TMQ_RES_METADATA = 3
} ws_tmq_res_t;

typedef void WS_TAOS; /* a connection */
typedef void WS_RES;  /* the outcome of a statement, with or without rows, or a polled message */
typedef void WS_STMT; /* a prepared statement */
typedef void ws_tmq_conf_t;
typedef void ws_tmq_list_t;
typedef void ws_tmq_t;
typedef const void *const *WS_ROW; /* a row: one pointer per column, NULL for a NULL value */

/* A column of a result. */
typedef struct WS_FIELD {
  char name[65];
  uint8_t type;   /* TSDB_DATA_TYPE_* */
  uint32_t bytes; /* width as declared: characters for NCHAR, bytes for the rest */
} WS_FIELD;

/* The same with the layout of TDengine 2. */
typedef struct WS_FIELD_V2 {
  char name[65];
  uint8_t type;
  uint16_t bytes;
} WS_FIELD_V2;

/* Values for one placeholder, `num` of them; see TAOS_MULTI_BIND in taos.h, which has the same layout. */
typedef struct TaosMultiBind {
  int buffer_type;
  const void *buffer;
  uintptr_t buffer_length;
  const int32_t *length;
  const char *is_null;
  int num;
} TaosMultiBind;
typedef struct TaosMultiBind WS_MULTI_BIND;

/* A tag or column that a statement binds; see TAOS_FIELD_E in taos.h, which has the same layout. */
typedef struct StmtField {
  char name[65];
  int8_t type;
  uint8_t precision;
  uint8_t scale;
  int32_t bytes;
} StmtField;

/* Where a consumer is in a vgroup. Offsets count from `begin` to `end`, which lies behind the newest entry. */
typedef struct ws_tmq_topic_assignment {
  int32_t vgId;
  int64_t currentOffset;
  int64_t begin;
  int64_t end;
} ws_tmq_topic_assignment;

/* ---- the library ---- */

/**
 * Sets how much the library logs: "error", "warn", "info", "debug" or "trace". Nothing is logged by default. Returns
 * 0, also when logging is on already.
 * Errors: 0x80000118 for NULL and unknown levels.
 * Threads: any. Since: all.
 */
OPENTAOS_API int32_t ws_enable_log(const char *log_level);

/**
 * Name of a type: "TSDB_DATA_TYPE_INT" for 4. NULL for what is no type. The text is constant.
 * Threads: any. Since: all.
 */
OPENTAOS_API const char *ws_data_type(int32_t type);

/**
 * Version of the client as text. The text is constant.
 * Threads: any. Since: all.
 */
OPENTAOS_API const char *ws_get_client_info(void);

/* ---- connecting ---- */

/**
 * Connects with a DSN, see taos_connect_with_dsn in taos.h. NULL means taos://localhost:6041; user root and password
 * taosdata are the default. NULL on failure: ws_errno(NULL), ws_errstr(NULL).
 * Errors: 0x8000e001 when nobody answers, with the addresses tried; 0x8000ffff for a DSN that cannot be read; those
 * of the server, such as 0x80000357.
 * Threads: any. Since: 3.2.2.
 */
OPENTAOS_API WS_TAOS *ws_connect(const char *dsn);

/**
 * Closes a connection. Results and statements of it stay the caller's to free, but fail in every other call. Calls
 * that other threads are in end with an error.
 * Errors: 0x80000118 for NULL and a connection that was closed already.
 * Threads: any. Since: all.
 */
OPENTAOS_API int32_t ws_close(WS_TAOS *taos);

/**
 * Version of the server. The text belongs to the connection and lasts until the next call of this function on it, or
 * ws_close. NULL on failure.
 * Threads: connection; the text is the same memory for all threads. Since: 3.2.2.
 */
OPENTAOS_API const char *ws_get_server_info(WS_TAOS *taos);

/**
 * Makes `db` the database of the connection, for all threads that use it. Returns the code.
 * Errors: 0x80000388 if there is no such database.
 * Threads: connection. Since: 3.2.2.
 */
OPENTAOS_API int32_t ws_select_db(WS_TAOS *taos, const char *db);

/**
 * Copies the name of the connection's database, with its NUL, to `database`, which has room for `len` bytes. If the
 * room is short the name is cut, the NUL stays, *required becomes the length of the name and -1 is returned.
 * Errors: 0x8000ffff if there is no database; -1.
 * Threads: connection. Since: 3.2.2.
 */
OPENTAOS_API int32_t ws_get_current_db(WS_TAOS *taos, char *database, int len, int *required);

/* ---- queries and results ---- */

/**
 * Executes one SQL statement and waits for its outcome. The result, never NULL, is the caller's, ws_free_result, also
 * when the statement failed: ws_errno(res) and ws_errstr(res) tell. A statement that writes is never sent twice.
 * Errors: those of the server; 0x80000118 without a connection or a statement.
 * Threads: connection. Since: 3.2.2.
 */
OPENTAOS_API WS_RES *ws_query(WS_TAOS *taos, const char *sql);

/**
 * As ws_query, with a request id.
 * Threads: connection. Since: 3.2.2.
 */
OPENTAOS_API WS_RES *ws_query_with_reqid(WS_TAOS *taos, const char *sql, uint64_t req_id);

/**
 * As ws_query; waits for the answer for `seconds` at most and then fails with 0x8000e004.
 * Threads: connection. Since: 3.2.2.
 */
OPENTAOS_API WS_RES *ws_query_timeout(WS_TAOS *taos, const char *sql, uint32_t seconds);

/**
 * Abandons a result: a thread that is fetching from it returns, later fetches return no row. It still has to be
 * freed.
 * Threads: any. Since: 3.2.2.
 */
OPENTAOS_API int32_t ws_stop_query(WS_RES *rs);

/**
 * Frees a result and everything that points into it. NULL is ignored. Returns 0.
 * Threads: result. Since: all.
 */
OPENTAOS_API int32_t ws_free_result(WS_RES *rs);

/**
 * Code of a result, or with NULL the last error of this thread.
 * Threads: result. Since: all.
 */
OPENTAOS_API int32_t ws_errno(WS_RES *rs);

/**
 * Text that goes with ws_errno, "" for 0. It belongs to the result, or with NULL to the thread, where it lasts until
 * the next error. Never NULL.
 * Threads: result. Since: all.
 */
OPENTAOS_API const char *ws_errstr(WS_RES *rs);

/**
 * Nanoseconds that the server has spent on the statement, and on the fetches so far.
 * Threads: result. Since: 3.2.2.
 */
OPENTAOS_API int64_t ws_take_timing(WS_RES *rs);

/**
 * Rows that a statement wrote, 0 for a query. Values beyond 2^31 - 1 do not fit, see ws_affected_rows64.
 * Threads: result. Since: all.
 */
OPENTAOS_API int32_t ws_affected_rows(const WS_RES *rs);

/**
 * As ws_affected_rows, in 64 bits.
 * Threads: result. Since: all.
 */
OPENTAOS_API int64_t ws_affected_rows64(const WS_RES *rs);

/**
 * True for a statement without columns, and for NULL.
 * Threads: result. Since: all.
 */
OPENTAOS_API bool ws_is_update_query(const WS_RES *rs);

/**
 * Number of columns, 0 for a statement without rows.
 * Threads: result. Since: all.
 */
OPENTAOS_API int32_t ws_field_count(const WS_RES *rs);

/**
 * The same as ws_field_count.
 * Threads: result. Since: all.
 */
OPENTAOS_API int32_t ws_num_fields(const WS_RES *rs);

/**
 * The columns, ws_num_fields of them, until the result is freed; NULL for NULL.
 * Threads: result. Since: all.
 */
OPENTAOS_API const struct WS_FIELD *ws_fetch_fields(WS_RES *rs);

/**
 * As ws_fetch_fields, with the layout of TDengine 2; widths beyond 65535 are given as that.
 * Threads: result. Since: all.
 */
OPENTAOS_API const struct WS_FIELD_V2 *ws_fetch_fields_v2(WS_RES *rs);

/**
 * Unit of the timestamps: 0 milliseconds, 1 microseconds, 2 nanoseconds.
 * Threads: result. Since: all.
 */
OPENTAOS_API int32_t ws_result_precision(const WS_RES *rs);

/**
 * The next row, NULL at the end or after an error: ws_errno(rs). A value of variable length has its length in the two
 * bytes in front of it, four for BLOB; it is not NUL-terminated. The row lasts until the next fetch.
 * Threads: result. Since: 3.2.2.
 */
OPENTAOS_API WS_ROW ws_fetch_row(WS_RES *rs);

/**
 * Writes a row as text, values separated by blanks, NULL as "NULL", into `str_len` bytes; a value that does not fit
 * is left out with all behind it. Returns the length without NUL, 0 if an argument is NULL.
 * Threads: any, with rows of results that no other thread is fetching from. Since: all.
 */
OPENTAOS_API int32_t ws_print_row(char *str, int32_t str_len, WS_ROW row, const struct WS_FIELD *fields,
                                  int32_t num_fields);

/**
 * Fetches a block in the form it has on the wire, see taos_fetch_raw_block in taos.h. *numOfRows is 0 at the end. The
 * block lasts until the next fetch.
 * Errors: 0x80000118 for NULL outputs, those of fetching otherwise.
 * Threads: result. Since: 3.2.2.
 */
OPENTAOS_API int32_t ws_fetch_raw_block(WS_RES *rs, const void **pData, int32_t *numOfRows);

/**
 * True if the value at `row` and `col` of the current block is NULL, both counted from 0; also true for what is not
 * there.
 * Threads: result. Since: all.
 */
OPENTAOS_API bool ws_is_null(const WS_RES *rs, int32_t row, int32_t col);

/**
 * The value at `row` and `col` of the current block, counted from 0; NULL for a NULL value and for what is not there.
 * *ty becomes its TSDB_DATA_TYPE_*, *len its length in bytes. NCHAR comes as UTF-8. Text is not NUL-terminated. The
 * value lasts as long as the block.
 * Threads: result. Since: all.
 */
OPENTAOS_API const void *ws_get_value_in_block(WS_RES *rs, int32_t row, int32_t col, uint8_t *ty, uint32_t *len);

/**
 * Writes a timestamp as RFC 3339 text in UTC, at most 36 bytes with the NUL: 2023-11-14T22:13:20.123+00:00, or with
 * Z in place of +00:00. `precision` 0, 1, 2 for milli-, micro- and nanoseconds in `raw`.
 * Threads: any. Since: all.
 */
OPENTAOS_API void ws_timestamp_to_rfc3339(uint8_t *dest, int64_t raw, int32_t precision, bool use_z);

/* ---- schemaless writing ---- */

/**
 * Writes lines, `len` bytes separated by line feeds, and creates tables and columns as they need them.
 *   protocal   WS_TSDB_SML_PROTOCOL_TYPE
 *   precision  WS_TSDB_SML_TIMESTAMP_TYPE; only InfluxDB lines use it
 * *totalRows becomes the number of lines; NULL is allowed. The result, the caller's to free, has code and text; NULL
 * without a connection: ws_errno(NULL). Some lines may have been written when others failed.
 * Threads: connection. Since: 3.2.2.
 */
OPENTAOS_API WS_RES *ws_schemaless_insert_raw(WS_TAOS *taos, const char *lines, int len, int32_t *totalRows,
                                              int protocal, int precision);

/**
 * As ws_schemaless_insert_raw, with a request id.
 * Threads: connection. Since: 3.2.2.
 */
OPENTAOS_API WS_RES *ws_schemaless_insert_raw_with_reqid(WS_TAOS *taos, const char *lines, int len, int32_t *totalRows,
                                                         int protocal, int precision, uint64_t reqid);

/**
 * As ws_schemaless_insert_raw; tables that it creates live for `ttl` days, 0 for ever.
 * Threads: connection. Since: 3.2.2.
 */
OPENTAOS_API WS_RES *ws_schemaless_insert_raw_ttl(WS_TAOS *taos, const char *lines, int len, int32_t *totalRows,
                                                  int protocal, int precision, int ttl);

/**
 * As ws_schemaless_insert_raw_ttl, with a request id.
 * Threads: connection. Since: 3.2.2.
 */
OPENTAOS_API WS_RES *ws_schemaless_insert_raw_ttl_with_reqid(WS_TAOS *taos, const char *lines, int len,
                                                             int32_t *totalRows, int protocal, int precision, int ttl,
                                                             uint64_t reqid);

/* ---- prepared statements ---- */

/**
 * Makes a statement, the caller's to close. NULL on failure: ws_errno(NULL).
 * Threads: connection. Since: 3.2.2.
 */
OPENTAOS_API WS_STMT *ws_stmt_init(const WS_TAOS *taos);

/**
 * As ws_stmt_init, with a request id for the statement's requests.
 * Threads: connection. Since: 3.2.2.
 */
OPENTAOS_API WS_STMT *ws_stmt_init_with_reqid(const WS_TAOS *taos, uint64_t req_id);

/**
 * Gives the statement its SQL, `len` bytes of it: an INSERT, where the table too may be a question mark, or a SELECT.
 * Mistakes in the SQL often show only in the first call that needs the table.
 * Threads: statement. Since: 3.2.2.
 */
OPENTAOS_API int ws_stmt_prepare(WS_STMT *stmt, const char *sql, unsigned long len);

/**
 * Names the table for the values that follow.
 * Threads: statement. Since: 3.2.2.
 */
OPENTAOS_API int ws_stmt_set_tbname(WS_STMT *stmt, const char *name);

/**
 * As ws_stmt_set_tbname for a subtable of the super table that the statement already worked on.
 * Threads: statement. Since: 3.2.2.
 */
OPENTAOS_API int ws_stmt_set_sub_tbname(WS_STMT *stmt, const char *name);

/**
 * Names the table for the values that follow, and gives the values of its `len` tags, in case it has to be created.
 * Threads: statement. Since: 3.2.2.
 */
OPENTAOS_API int ws_stmt_set_tbname_tags(WS_STMT *stmt, const char *name, const WS_MULTI_BIND *bind, uint32_t len);

/**
 * Describes the tags that the statement binds: *fieldNum of them in *fields, freed with ws_stmt_reclaim_fields.
 * Errors: 0x8000022a for a statement that binds none.
 * Threads: statement. Since: 3.2.2.
 */
OPENTAOS_API int ws_stmt_get_tag_fields(WS_STMT *stmt, int *fieldNum, struct StmtField **fields);

/**
 * Describes the columns that the statement binds: *fieldNum of them in *fields, freed with ws_stmt_reclaim_fields.
 * Threads: statement. Since: 3.2.2.
 */
OPENTAOS_API int ws_stmt_get_col_fields(WS_STMT *stmt, int *fieldNum, struct StmtField **fields);

/**
 * Frees what ws_stmt_get_tag_fields or ws_stmt_get_col_fields gave, and makes *fields NULL.
 * Threads: statement. Since: all.
 */
OPENTAOS_API int ws_stmt_reclaim_fields(WS_STMT *stmt, struct StmtField **fields, int fieldNum);

/**
 * *insert becomes 1 for an INSERT and 0 for a query.
 * Threads: statement. Since: 3.2.2.
 */
OPENTAOS_API int ws_stmt_is_insert(WS_STMT *stmt, int *insert);

/**
 * Gives the `len` tags of the table that ws_stmt_set_tbname named.
 * Threads: statement. Since: 3.2.2.
 */
OPENTAOS_API int ws_stmt_set_tags(WS_STMT *stmt, const WS_MULTI_BIND *bind, uint32_t len);

/**
 * Binds rows: one WS_MULTI_BIND for each of the `len` question marks, in order, all with the same `num`. The values
 * are copied.
 * Errors: 0x80002653 for a value that is too long, 0x80000200 for wrong types or columns of different lengths.
 * Threads: statement. Since: 3.2.2.
 */
OPENTAOS_API int ws_stmt_bind_param_batch(WS_STMT *stmt, const WS_MULTI_BIND *bind, uint32_t len);

/**
 * Closes the rows bound since the last call, so that more can follow for this or another table.
 * Threads: statement. Since: 3.2.2.
 */
OPENTAOS_API int ws_stmt_add_batch(WS_STMT *stmt);

/**
 * Executes with everything that was bound; *affected_rows, which may be NULL, becomes the number of rows written.
 * Errors: 0x8000022a when nothing was bound, those of the server. Never sent twice.
 * Threads: statement. Since: 3.2.2.
 */
OPENTAOS_API int ws_stmt_execute(WS_STMT *stmt, int32_t *affected_rows);

/**
 * Rows written by all executions of the statement together.
 * Threads: statement. Since: all.
 */
OPENTAOS_API int ws_stmt_affected_rows(WS_STMT *stmt);

/**
 * Rows written by its last execution.
 * Threads: statement. Since: all.
 */
OPENTAOS_API int ws_stmt_affected_rows_once(WS_STMT *stmt);

/**
 * *nums becomes the number of question marks, those of table name and tags not counted.
 * Threads: statement. Since: 3.2.2.
 */
OPENTAOS_API int ws_stmt_num_params(WS_STMT *stmt, int *nums);

/**
 * Type and width in bytes of the question mark `idx`, counted from 0.
 * Errors: 0x80000118 for an idx that is not there.
 * Threads: statement. Since: 3.2.2.
 */
OPENTAOS_API int ws_stmt_get_param(WS_STMT *stmt, int idx, int *type, int *bytes);

/**
 * Text of the statement's last error, "" if there was none; lasts until the next call on the statement. Never NULL.
 * Threads: statement. Since: all.
 */
OPENTAOS_API const char *ws_stmt_errstr(WS_STMT *stmt);

/**
 * Closes a statement and frees what it holds. Returns 0, also for NULL.
 * Threads: statement. Since: 3.2.2.
 */
OPENTAOS_API int32_t ws_stmt_close(WS_STMT *stmt);

/* ---- subscriptions ---- */

/**
 * Makes a configuration for consumers, the caller's to destroy.
 * Threads: any. Since: all.
 */
OPENTAOS_API ws_tmq_conf_t *ws_tmq_conf_new(void);

/**
 * Sets a property: group.id, client.id, enable.auto.commit, auto.commit.interval.ms, auto.offset.reset,
 * msg.with.table.name. Address, user and all else come with the DSN of ws_tmq_consumer_new.
 * Returns WS_TMQ_CONF_OK, WS_TMQ_CONF_UNKNOWN for another key, WS_TMQ_CONF_INVALID for a value that the key cannot
 * take and for NULL.
 * Threads: consumer. Since: all.
 */
OPENTAOS_API enum ws_tmq_conf_res_t ws_tmq_conf_set(ws_tmq_conf_t *conf, const char *key, const char *value);

/**
 * Frees a configuration. Consumers made from it are not affected. Returns 0.
 * Errors: 0x8000ffff for NULL.
 * Threads: consumer. Since: all.
 */
OPENTAOS_API int32_t ws_tmq_conf_destroy(ws_tmq_conf_t *conf);

/**
 * Makes an empty list of topic names, the caller's to destroy.
 * Threads: any. Since: all.
 */
OPENTAOS_API ws_tmq_list_t *ws_tmq_list_new(void);

/**
 * Adds a copy of a topic name; the list takes one. Returns 0.
 * Errors: 0x8000e101 when there is one already, 0x80000118 for NULL.
 * Threads: consumer. Since: all.
 */
OPENTAOS_API int32_t ws_tmq_list_append(ws_tmq_list_t *list, const char *topic);

/**
 * Frees a list. Returns 0.
 * Errors: 0x8000ffff for NULL.
 * Threads: consumer. Since: all.
 */
OPENTAOS_API int32_t ws_tmq_list_destroy(ws_tmq_list_t *list);

/**
 * Number of names in the list.
 * Threads: consumer. Since: all.
 */
OPENTAOS_API int32_t ws_tmq_list_get_size(ws_tmq_list_t *list);

/**
 * Copies of the names, *topic_num of them, to be freed with ws_tmq_list_free_c_array. NULL for NULL.
 * Threads: consumer. Since: all.
 */
OPENTAOS_API char **ws_tmq_list_to_c_array(const ws_tmq_list_t *list, uint32_t *topic_num);

/**
 * Frees what ws_tmq_list_to_c_array gave. Returns 0.
 * Threads: any. Since: all.
 */
OPENTAOS_API int32_t ws_tmq_list_free_c_array(char **c_str_arry, uint32_t topic_num);

/**
 * Makes a consumer for the server that the DSN names, the caller's to close. The DSN's parameters count as properties
 * where the configuration has none. After a failure a text is in `errstr`, which has room for `errstr_len` bytes with
 * the NUL.
 * Threads: any. Since: 3.2.2.
 */
OPENTAOS_API ws_tmq_t *ws_tmq_consumer_new(ws_tmq_conf_t *conf, const char *dsn, char *errstr, int errstr_len);

/**
 * Closes a consumer: commits if that is automatic, unsubscribes, frees. Messages stay the caller's to free.
 * Threads: consumer. Since: 3.2.2.
 */
OPENTAOS_API int32_t ws_tmq_consumer_close(ws_tmq_t *tmq);

/**
 * Subscribes to the topics of the list, in place of the ones so far.
 * Errors: those of the server; an unknown topic gives 0x8000ffff with its text.
 * Threads: consumer. Since: 3.2.2.
 */
OPENTAOS_API int32_t ws_tmq_subscribe(ws_tmq_t *tmq, const ws_tmq_list_t *topic_list);

/**
 * Gives the topics up.
 * Threads: consumer. Since: 3.2.2.
 */
OPENTAOS_API int32_t ws_tmq_unsubscribe(ws_tmq_t *tmq);

/**
 * The next message, to be freed with ws_free_result; its rows are read as those of a query. Waits for `timeout`
 * milliseconds, for ever with 0, one second with a negative number. NULL if the time is over or after an error:
 * ws_tmq_errstr.
 * Threads: consumer. Since: 3.2.2.
 */
OPENTAOS_API WS_RES *ws_tmq_consumer_poll(ws_tmq_t *tmq, int64_t timeout);

/**
 * Topic of a message, NULL for what is none. Lasts as long as the message.
 * Threads: result. Since: 3.2.2.
 */
OPENTAOS_API const char *ws_tmq_get_topic_name(const WS_RES *rs);

/**
 * Database of a message, NULL for what is none. Lasts as long as the message.
 * Threads: result. Since: 3.2.2.
 */
OPENTAOS_API const char *ws_tmq_get_db_name(const WS_RES *rs);

/**
 * Table that the current row or block of a message belongs to; NULL if the server does not tell, before the first
 * fetch and for what is no message. Lasts until the next fetch.
 * Threads: result. Since: 3.2.2.
 */
OPENTAOS_API const char *ws_tmq_get_table_name(const WS_RES *rs);

/**
 * Vgroup of a message, 0x80000118 for what is none.
 * Threads: result. Since: 3.2.2.
 */
OPENTAOS_API int32_t ws_tmq_get_vgroup_id(const WS_RES *rs);

/**
 * Offset of a message in its vgroup, a negative error code for what has none.
 * Threads: result. Since: 3.3.0.
 */
OPENTAOS_API int64_t ws_tmq_get_vgroup_offset(const WS_RES *rs);

/**
 * What a message carries; WS_TMQ_RES_INVALID for what is none.
 * Threads: result. Since: 3.2.2.
 */
OPENTAOS_API enum ws_tmq_res_t ws_tmq_get_res_type(const WS_RES *rs);

/**
 * Which vgroups of a topic the consumer reads, and where it is: *numOfAssignment of them in *assignment, freed with
 * ws_tmq_free_assignment.
 * Threads: consumer. Since: 3.2.2.
 */
OPENTAOS_API int32_t ws_tmq_get_topic_assignment(ws_tmq_t *tmq, const char *pTopicName,
                                                 struct ws_tmq_topic_assignment **assignment, int32_t *numOfAssignment);

/**
 * Frees what ws_tmq_get_topic_assignment gave. Returns 0, also for NULL.
 * Threads: any. Since: all.
 */
OPENTAOS_API int32_t ws_tmq_free_assignment(struct ws_tmq_topic_assignment *pAssignment, int32_t numOfAssignment);

/**
 * Commits the position behind a message and waits for the outcome; with NULL, behind everything that was polled.
 * Threads: consumer. Since: 3.2.2.
 */
OPENTAOS_API int32_t ws_tmq_commit_sync(ws_tmq_t *tmq, const WS_RES *rs);

/**
 * Commits a position in a vgroup of a topic: the next offset to be read.
 * Errors: 0x80004009 for a topic, 0x80004008 for a vgroup that the consumer does not have.
 * Threads: consumer. Since: 3.2.2.
 */
OPENTAOS_API int32_t ws_tmq_commit_offset_sync(ws_tmq_t *tmq, const char *pTopicName, int32_t vgId, int64_t offset);

/**
 * The offset that the group has committed in a vgroup, or a negative error code.
 * Errors: 0x80004011 if there is none yet, 0x80004009, 0x80004008.
 * Threads: consumer. Since: 3.2.2.
 */
OPENTAOS_API int64_t ws_tmq_committed(ws_tmq_t *tmq, const char *pTopicName, int32_t vgId);

/**
 * Goes on reading at `offset`. Nothing is committed by that.
 * Errors: 0x80004007 for an offset outside the range, 0x80004009, 0x80004008.
 * Threads: consumer. Since: 3.2.2.
 */
OPENTAOS_API int32_t ws_tmq_offset_seek(ws_tmq_t *tmq, const char *pTopicName, int32_t vgId, int64_t offset);

/**
 * The offset behind the last message polled from a vgroup, or a negative error code.
 * Errors: 0x80004009, 0x80004008.
 * Threads: consumer. Since: 3.2.2.
 */
OPENTAOS_API int64_t ws_tmq_position(ws_tmq_t *tmq, const char *pTopicName, int32_t vgId);

/**
 * Text of the consumer's last error, "" if there was none; lasts until the next call on the consumer. Never NULL.
 * Threads: consumer. Since: all.
 */
OPENTAOS_API const char *ws_tmq_errstr(ws_tmq_t *tmq);

/* ---- names of early versions of TDengine's library, kept for programs built against them ---- */

/**
 * The early name of ws_fetch_raw_block.
 * Threads: result. Since: 3.2.2.
 */
OPENTAOS_API int32_t ws_fetch_block(WS_RES *rs, const void **pData, int32_t *numOfRows);

/**
 * The early name of ws_connect.
 * Threads: any. Since: 3.2.2.
 */
OPENTAOS_API WS_TAOS *ws_connect_with_dsn(const char *dsn);

/**
 * ws_errno(NULL): why connecting failed.
 * Threads: any. Since: all.
 */
OPENTAOS_API int32_t ws_connect_errno(void);

/**
 * ws_errstr(NULL): why connecting failed, in words.
 * Threads: any. Since: all.
 */
OPENTAOS_API const char *ws_connect_errstr(void);

/**
 * The early name of ws_num_fields.
 * Threads: result. Since: all.
 */
OPENTAOS_API int32_t ws_num_of_fields(const WS_RES *rs);

/**
 * The early name of ws_errno.
 * Threads: result. Since: all.
 */
OPENTAOS_API int32_t ws_query_errno(WS_RES *rs);

/**
 * The early name of ws_errstr.
 * Threads: result. Since: all.
 */
OPENTAOS_API const char *ws_query_errstr(WS_RES *rs);

/**
 * As ws_stmt_affected_rows, in 64 bits.
 * Threads: statement. Since: all.
 */
OPENTAOS_API int64_t ws_stmt_affected_rows64(WS_STMT *stmt);

/**
 * The result of an executed query, the caller's to free with ws_free_result. Executing again or closing the statement
 * ends it. NULL for a statement that is no executed query.
 * Threads: statement; the result itself: result. Since: 3.2.2.
 */
OPENTAOS_API WS_RES *ws_stmt_use_result(WS_STMT *stmt);

#ifdef __cplusplus
}
#endif

#endif
