/*
 * opentaos: the C interface of TDengine's client library, spoken over WebSocket to taosAdapter.
 *
 * Functions, structures, enumerations and macros have the names, types and layouts of TDengine's own taos.h, so that
 * programs and language bindings work after relinking, or without.
 *
 * SPDX-License-Identifier: MIT
 *
 * CONVENTIONS. They hold for every function below; a function's own text only says what is particular to it.
 *
 * Handles    TAOS, TAOS_RES, TAOS_STMT, TAOS_STMT2, tmq_t and their kin are opaque. The library checks each handle
 *            that it gets: NULL, one that was freed and one of another kind make the call fail with an error code,
 *            never with a crash. It is TSDB_CODE_TSC_DISCONNECTED where SQL or metadata is asked of a connection, and
 *            TSDB_CODE_INVALID_PARA elsewhere. Functions that only look something up in a result return 0 or NULL
 *            instead and leave taos_errno(NULL) alone.
 * Errors     0 is success. Codes are negative ints, 0x80000000 plus 16 bits; taoserror.h names those that programs
 *            compare with. A function that returns a handle returns NULL when it fails, and taos_errno(NULL) and
 *            taos_errstr(NULL) say why. Both are kept per thread: a thread sees the outcome of its own calls only, and
 *            a call that succeeds resets them to 0 and "success". A function that returns its code may leave them
 *            alone. A function that this version does not offer yet fails with TSDB_CODE_OPS_NOT_SUPPORT and a text
 *            that says so; docs/compatibility.md lists them.
 * Threads    The line "Threads:" of a function names one of these rules.
 *              connection  any number of threads may use the same TAOS at the same time.
 *              result      a TAOS_RES is used by one thread at a time. Different results, also of one connection, are
 *                          independent of each other.
 *              statement   a TAOS_STMT or TAOS_STMT2 is used by one thread at a time.
 *              consumer    a tmq_t, tmq_conf_t or tmq_list_t, and the messages polled from a consumer, are used by one
 *                          thread at a time.
 *              any         safe from any thread at any moment, also while another thread is using the same handle.
 *                          That is so for taos_stop_query, taos_kill_query and taos_close in particular: a call that
 *                          waits on the handle in another thread ends with an error.
 *            Callbacks run on a thread of the library, one after the other for each connection. A callback may call
 *            every function, but one that waits long delays the callbacks behind it.
 * Time       Connecting ends after 10 seconds at the latest, waiting for an answer after 300 seconds; the connection
 *            parameters conn_timeout and read_timeout (seconds) change that. Nothing waits forever unless its text
 *            says so.
 * fork       After fork() the child opens handles of its own. Inherited ones fail there with OPENTAOS_CODE_FORKED,
 *            and leave the parent's connections alone.
 * Ownership  Pointers returned by the library belong to it, and stay valid for as long as the function's text says.
 *            What the caller passes in is read during the call and not kept afterwards, unless the text says so.
 * Text       is UTF-8 and NUL-terminated, values in rows excepted: those come with a length.
 * Request id A number that names a request in the logs of client, taosAdapter and server. Functions without one choose
 *            one themselves; 0 means the same.
 * Since      The line "Since:" names the lowest TDengine version whose taosAdapter the function needs. 3.2.2 is the
 *            lowest that the library talks to; "all" means that no server takes part. 3.3.6 or later is recommended.
 */
#ifndef TDENGINE_TAOS_H
#define TDENGINE_TAOS_H

#ifndef __cplusplus
#include <stdbool.h>
#endif
#include <stdint.h>

/* What the libraries export. DLL_EXPORT is the name that programs written for TDengine's header know. */
#ifndef OPENTAOS_API
#if defined(__GNUC__)
#define OPENTAOS_API __attribute__((visibility("default")))
#else
#define OPENTAOS_API
#endif
#endif
#ifndef DLL_EXPORT
#define DLL_EXPORT OPENTAOS_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- handles and types ---- */

typedef void TAOS;       /* a connection */
typedef void TAOS_RES;   /* the outcome of a statement, with or without rows, or a polled message */
typedef void TAOS_STMT;  /* a prepared statement, first generation */
typedef void TAOS_STMT2; /* a prepared statement, second generation */
typedef void TAOS_SUB;   /* unused since TDengine 3.0; kept for programs that name it */
typedef void **TAOS_ROW; /* a row: one pointer per column, NULL for a NULL value */

/* Types of columns, tags and bound values. taosws.h has the same list for programs that include only that. */
#ifndef TSDB_DATA_TYPE_NULL
#define TSDB_DATA_TYPE_NULL 0
#define TSDB_DATA_TYPE_BOOL 1       /* 1 byte, 0 or 1 */
#define TSDB_DATA_TYPE_TINYINT 2    /* 1 byte */
#define TSDB_DATA_TYPE_SMALLINT 3   /* 2 bytes */
#define TSDB_DATA_TYPE_INT 4        /* 4 bytes */
#define TSDB_DATA_TYPE_BIGINT 5     /* 8 bytes */
#define TSDB_DATA_TYPE_FLOAT 6      /* 4 bytes */
#define TSDB_DATA_TYPE_DOUBLE 7     /* 8 bytes */
#define TSDB_DATA_TYPE_VARCHAR 8    /* bytes, usually UTF-8, with a length */
#define TSDB_DATA_TYPE_TIMESTAMP 9  /* 8 bytes: milli-, micro- or nanoseconds since 1970, see taos_result_precision */
#define TSDB_DATA_TYPE_NCHAR 10     /* text with a length: UTF-8 in rows and binds, UCS-4 in raw blocks */
#define TSDB_DATA_TYPE_UTINYINT 11  /* 1 byte */
#define TSDB_DATA_TYPE_USMALLINT 12 /* 2 bytes */
#define TSDB_DATA_TYPE_UINT 13      /* 4 bytes */
#define TSDB_DATA_TYPE_UBIGINT 14   /* 8 bytes */
#define TSDB_DATA_TYPE_JSON 15      /* tags only */
#define TSDB_DATA_TYPE_VARBINARY 16 /* bytes with a length */
#define TSDB_DATA_TYPE_DECIMAL 17   /* precision 19 to 38: text in rows, 16 bytes in raw blocks and binds */
#define TSDB_DATA_TYPE_BLOB 18      /* bytes with a 4-byte length, TDengine 3.3.7 */
#define TSDB_DATA_TYPE_MEDIUMBLOB 19
#define TSDB_DATA_TYPE_BINARY TSDB_DATA_TYPE_VARCHAR
#define TSDB_DATA_TYPE_GEOMETRY 20 /* well-known binary with a length */
#endif
#ifndef TSDB_DATA_TYPE_DECIMAL64
#define TSDB_DATA_TYPE_DECIMAL64 21 /* precision 1 to 18: text in rows, 8 bytes in raw blocks and binds */
#endif
#ifndef TSDB_DATA_TYPE_MAX
#define TSDB_DATA_TYPE_MAX 22
#endif

/* What taos_options sets. */
typedef enum {
  TSDB_OPTION_LOCALE,
  TSDB_OPTION_CHARSET,
  TSDB_OPTION_TIMEZONE,
  TSDB_OPTION_CONFIGDIR,
  TSDB_OPTION_SHELL_ACTIVITY_TIMER,
  TSDB_OPTION_USE_ADAPTER,
  TSDB_OPTION_DRIVER,
  TSDB_MAX_OPTIONS
} TSDB_OPTION;

/* What taos_options_connection sets. */
typedef enum {
  TSDB_OPTION_CONNECTION_CLEAR = -1, /* every option of the connection back to its default */
  TSDB_OPTION_CONNECTION_CHARSET,    /* encoding of the text in this program */
  TSDB_OPTION_CONNECTION_TIMEZONE,   /* IANA name, e.g. "Europe/Berlin" */
  TSDB_OPTION_CONNECTION_USER_IP,    /* address shown by SHOW CONNECTIONS */
  TSDB_OPTION_CONNECTION_USER_APP,   /* program name shown there, cut after 23 bytes */
  TSDB_MAX_OPTIONS_CONNECTION
} TSDB_OPTION_CONNECTION;

/* Line formats of the schemaless functions. */
typedef enum {
  TSDB_SML_UNKNOWN_PROTOCOL = 0,
  TSDB_SML_LINE_PROTOCOL = 1,   /* InfluxDB line protocol */
  TSDB_SML_TELNET_PROTOCOL = 2, /* OpenTSDB telnet lines */
  TSDB_SML_JSON_PROTOCOL = 3    /* OpenTSDB JSON */
} TSDB_SML_PROTOCOL_TYPE;

/* Unit of the timestamps in InfluxDB lines. */
typedef enum {
  TSDB_SML_TIMESTAMP_NOT_CONFIGURED = 0, /* nanoseconds for lines; seconds or milliseconds by length for OpenTSDB */
  TSDB_SML_TIMESTAMP_HOURS,
  TSDB_SML_TIMESTAMP_MINUTES,
  TSDB_SML_TIMESTAMP_SECONDS,
  TSDB_SML_TIMESTAMP_MILLI_SECONDS,
  TSDB_SML_TIMESTAMP_MICRO_SECONDS,
  TSDB_SML_TIMESTAMP_NANO_SECONDS
} TSDB_SML_TIMESTAMP_TYPE;

/* What a placeholder of a prepared statement stands for. */
typedef enum TAOS_FIELD_T {
  TAOS_FIELD_COL = 1,
  TAOS_FIELD_TAG = 2,
  TAOS_FIELD_QUERY = 3,
  TAOS_FIELD_TBNAME = 4
} TAOS_FIELD_T;

/* A column of a result. */
typedef struct taosField {
  char name[65];
  int8_t type;   /* TSDB_DATA_TYPE_* */
  int32_t bytes; /* width as declared: characters for NCHAR, bytes for the rest */
} TAOS_FIELD;

/* A column or tag with what decimals need. */
typedef struct TAOS_FIELD_E {
  char name[65];
  int8_t type;
  uint8_t precision; /* digits of a decimal; for a TIMESTAMP of a prepared statement 0 ms, 1 us, 2 ns */
  uint8_t scale;     /* digits behind the point of a decimal */
  int32_t bytes;
} TAOS_FIELD_E;

/* A placeholder of a second-generation statement. */
typedef struct TAOS_FIELD_ALL {
  char name[65];
  int8_t type;
  uint8_t precision;
  uint8_t scale;
  int32_t bytes;
  uint8_t field_type; /* TAOS_FIELD_T */
} TAOS_FIELD_ALL;

/* The name that TDengine 3.3.5 had for TAOS_FIELD_ALL. */
typedef TAOS_FIELD_ALL TAOS_FIELD_STB;

/*
 * Values for one placeholder of a first-generation statement: `num` of them, in column order.
 * Fixed-width values lie one after the other in `buffer`. Of variable-length values, value i starts at
 * buffer + i * buffer_length and is length[i] bytes long. is_null[i] is 0 for a value and 1 for NULL; NULL as the
 * array means that there are none. `length` may be NULL for fixed-width types.
 */
typedef struct TAOS_MULTI_BIND {
  int buffer_type; /* TSDB_DATA_TYPE_* */
  void *buffer;
  uintptr_t buffer_length;
  int32_t *length;
  char *is_null;
  int num;
} TAOS_MULTI_BIND;

/* Outcome of taos_set_config. */
typedef enum {
  SET_CONF_RET_SUCC = 0,
  SET_CONF_RET_ERR_PART = -1,
  SET_CONF_RET_ERR_INNER = -2,
  SET_CONF_RET_ERR_JSON_INVALID = -3,
  SET_CONF_RET_ERR_JSON_PARSE = -4,
  SET_CONF_RET_ERR_ONLY_ONCE = -5,
  SET_CONF_RET_ERR_TOO_LONG = -6
} SET_CONF_RET_CODE;

#define RET_MSG_LENGTH 1024

typedef struct setConfRet {
  SET_CONF_RET_CODE retCode;
  char retMsg[RET_MSG_LENGTH];
} setConfRet;

/* Events of taos_set_notify_cb. */
typedef enum {
  TAOS_NOTIFY_PASSVER = 0,            /* the password changed; ext is an int32_t, its version */
  TAOS_NOTIFY_WHITELIST_VER = 1,      /* the list of allowed addresses changed; ext is an int64_t, its version */
  TAOS_NOTIFY_HOST_WHITELIST_VER = 1, /* the same by its newer name */
  TAOS_NOTIFY_USER_DROPPED = 2,       /* the user was dropped; ext is NULL */
  TAOS_NOTIFY_TIME_WHITELIST_VER = 3, /* the list of allowed times changed; ext is an int64_t, its version */
  TAOS_NOTIFY_TOKEN = 4               /* something happened to the token; ext is a const STokenEvent */
} TAOS_NOTIFY_TYPE;

/* What happened to a token. */
typedef enum {
  TSDB_TOKEN_EVENT_MODIFIED = 0,
  TSDB_TOKEN_EVENT_DROPPED = 1,
  TSDB_TOKEN_EVENT_DISABLED = 2,
  TSDB_TOKEN_EVENT_EXPIRED = 3
} TOKEN_EVENT_TYPE;

#ifndef TSDB_TOKEN_NAME_LEN
#define TSDB_TOKEN_NAME_LEN 32 /* with the NUL */
#endif

typedef struct STokenEvent {
  int8_t type;        /* TOKEN_EVENT_TYPE */
  int32_t expireTime; /* seconds since 1970 */
  char tokenName[TSDB_TOKEN_NAME_LEN];
} STokenEvent;

/* The part of a database's hash range that a vgroup holds; both ends belong to it. */
typedef struct TAOS_VGROUP_HASH_INFO {
  int32_t vgId;
  uint32_t hashBegin;
  uint32_t hashEnd;
} TAOS_VGROUP_HASH_INFO;

typedef struct TAOS_DB_ROUTE_INFO {
  int32_t routeVersion;
  int16_t hashPrefix; /* bytes at the start of a table name that the hash leaves out */
  int16_t hashSuffix; /* bytes at its end */
  int8_t hashMethod;
  int32_t vgNum;
  TAOS_VGROUP_HASH_INFO *vgHash; /* vgNum of them */
} TAOS_DB_ROUTE_INFO;

/* How a first-generation statement is going to be used. */
typedef struct TAOS_STMT_OPTIONS {
  int64_t reqId;
  bool singleStbInsert;     /* all tables belong to one super table */
  bool singleTableBindOnce; /* between two executions each table is bound once */
} TAOS_STMT_OPTIONS;

/* Keys and values for taos_connect_with, filled by taos_set_option. Start from all zeros. */
typedef struct OPTIONS {
  const char *keys[256];
  const char *values[256];
  uint16_t count;
} OPTIONS;

/* What taos_get_connection_info tells. */
typedef enum {
  TSDB_CONNECTION_INFO_USER = 0,  /* name of the user */
  TSDB_CONNECTION_INFO_TOKEN = 1, /* name of the token that logged in */
  TSDB_MAX_CONNECTION_INFO
} TSDB_CONNECTION_INFO;

/* Modes of taos_set_conn_mode. */
typedef enum {
  TAOS_CONN_MODE_BI = 0 /* for reporting tools: `select *` of a super table also yields tbname */
} TAOS_CONN_MODE;

/* How a server does, see taos_check_server_status. */
typedef enum {
  TSDB_SRV_STATUS_UNAVAILABLE = 0,
  TSDB_SRV_STATUS_NETWORK_OK = 1,
  TSDB_SRV_STATUS_SERVICE_OK = 2,
  TSDB_SRV_STATUS_SERVICE_DEGRADED = 3,
  TSDB_SRV_STATUS_EXTING = 4
} TSDB_SERVER_STATUS;

/*
 * Callback of the asynchronous calls. `param` is what the caller gave. `code` is 0 or a negative error, in the
 * fetching calls the number of rows, 0 at the end. `res` is there after an error, too, so that taos_errstr(res)
 * explains it; it is NULL only where a statement could not be begun, for want of a connection or of a text.
 */
typedef void (*__taos_async_fn_t)(void *param, TAOS_RES *res, int code);

/* Callback of taos_set_notify_cb. `type` is a TAOS_NOTIFY_TYPE, which says what `ext` points to during the call. */
typedef void (*__taos_notify_fn_t)(void *param, void *ext, int type);

/* Callbacks of the white list functions. The list belongs to the library and is gone when the callback returns. */
typedef void (*__taos_async_whitelist_fn_t)(void *param, int code, TAOS *taos, int numOfWhiteLists,
                                            uint64_t *pWhiteLists);
typedef void (*__taos_async_whitelist_dual_stack_fn_t)(void *param, int code, TAOS *taos, int numOfWhiteLists,
                                                       char **pWhiteLists);
typedef void (*__taos_async_ip_whitelist_fn_t)(void *param, int code, TAOS *taos, int numOfWhiteLists,
                                               char **pWhiteLists);
typedef void (*__taos_async_datetime_whitelist_fn_t)(void *param, int code, TAOS *taos, int numOfWhiteLists,
                                                     char **pWhiteLists);

/* ---- the library, options, settings ---- */

/**
 * Prepares the library: reads taos.cfg and the TAOS_* environment. Connecting does it by itself, so that calling it
 * is a matter of taste; calling it again changes nothing. It starts no thread and opens no socket.
 * Returns 0, or a code if there is a configuration file that cannot be read (taos_errstr(NULL) names it); connecting
 * works all the same, with defaults. Lines that make no sense are logged and otherwise ignored, and so is a file that is
 * not there.
 * Threads: any. Since: all.
 */
DLL_EXPORT int taos_init(void);

/**
 * Nothing is shared between connections that would have to be taken down, so there is nothing to do: connections that
 * are open stay usable, as programs expect that call this too early, and threads end by themselves soon after there is
 * nothing left for them. Programs may leave this call out.
 * Threads: any. Since: all.
 */
DLL_EXPORT void taos_cleanup(void);

/**
 * Sets an option of the process. `arg` is text; what follows it is not looked at.
 *   LOCALE, CHARSET       what the program's text is; the process' own locale stays as it is
 *   TIMEZONE              IANA name or offset for literals and printed times; counts for open connections, too
 *   CONFIGDIR             directory or file of taos.cfg, before the first connection; need not exist
 *   DRIVER                "websocket" or "native"; before the first connection
 *   USE_ADAPTER, SHELL_ACTIVITY_TIMER  belong to TDengine's own tools
 * Errors: TSDB_CODE_INVALID_PARA when arg is NULL; -1 for an unknown option, an unknown driver, or a driver once the
 * first call has been made; 0x80ff0016 for an unknown charset; TSDB_CODE_CFG_NOT_FOUND or TSDB_CODE_INVALID_CFG for
 * a value that the option cannot take.
 * Threads: any. Since: all.
 */
DLL_EXPORT int taos_options(TSDB_OPTION option, const void *arg, ...);

/**
 * Sets an option of one connection; NULL as `arg` puts it back to its default. The option is sent to the server and
 * set again after a reconnection.
 * Errors: TSDB_CODE_INVALID_PARA for an unknown option; 0x80ff0016 for an unknown charset, TSDB_CODE_INVALID_PTR for
 * an empty one. A time zone that the server does not know counts as UTC.
 * Threads: connection. Since: 3.3.5; the charset is handled locally.
 */
DLL_EXPORT int taos_options_connection(TAOS *taos, TSDB_OPTION_CONNECTION option, const void *arg, ...);

/**
 * Does nothing, as in TDengine 3: settings come from taos.cfg, the environment and taos_options. Returns
 * SET_CONF_RET_SUCC with an empty message.
 * Threads: any. Since: all.
 */
DLL_EXPORT setConfRet taos_set_config(const char *config);

/**
 * Adds a key and its value to `options` for taos_connect_with. The pointers are stored, not the texts: both must live
 * until the connection is made. A key given twice counts with its last value.
 * Errors: none returned. With a NULL argument, or 256 entries already there, `options` stays as it was and
 * taos_errno(NULL) is TSDB_CODE_INVALID_PARA.
 * Threads: one thread at a time for the same `options`. Since: all.
 */
DLL_EXPORT void taos_set_option(OPTIONS *options, const char *key, const char *value);

/**
 * Version of the client as text, beginning with "3.". Needs no taos_init and never fails; the text is constant.
 * Threads: any. Since: all.
 */
DLL_EXPORT const char *taos_get_client_info(void);

/**
 * What was built, when and from which source, in a few lines of text. The text is constant.
 * Threads: any. Since: all.
 */
DLL_EXPORT char *getBuildInfo(void);

/**
 * Name of a type: "TSDB_DATA_TYPE_INT" for 4. "UNKNOWN" for DECIMAL64 and for numbers that are no type, as in
 * TDengine's native library. The text is constant.
 * Threads: any. Since: all.
 */
DLL_EXPORT const char *taos_data_type(int type);

/* ---- connecting ---- */

/**
 * Connects to taosAdapter and logs in.
 *   ip    host name, IPv4 or IPv6 address; NULL for what taos.cfg or the environment say, else "localhost"
 *   user  NULL for "root"; at most 23 bytes, not empty
 *   pass  NULL for "taosdata"; not empty
 *   db    the database that unqualified names mean; NULL or "" for none
 *   port  of taosAdapter. 0 is the default, 6041. 6030, the port of the server itself that native programs
 *         carry, means "the TDengine on that host" and is dialled as the adapter's port.
 * Errors: TSDB_CODE_RPC_NETWORK_UNAVAIL with a text that names the address, TSDB_CODE_MND_AUTH_FAILURE,
 * TSDB_CODE_MND_DB_NOT_EXIST, TSDB_CODE_TSC_INVALID_USER_LENGTH, _PASS_LENGTH and _DB_LENGTH,
 * TSDB_CODE_DLL_NOT_LOAD if OpenSSL, or for TLS libwebsockets, is not installed.
 * The connection belongs to the caller: taos_close.
 * Threads: any. Since: 3.2.2.
 */
DLL_EXPORT TAOS *taos_connect(const char *ip, const char *user, const char *pass, const char *db, uint16_t port);

/**
 * As taos_connect, with the MD5 of the password, 32 hexadecimal digits, in `auth`. taosAdapter wants the password
 * itself: the library looks for one with this MD5 in the credentials file, in the configuration and among the
 * passwords used earlier in this process. The MD5 itself is never sent.
 * Errors: as taos_connect; TSDB_CODE_MND_AUTH_FAILURE with a text on what to do when no known password fits. NULL as
 * `auth` returns NULL with taos_errno(NULL) 0.
 * Threads: any. Since: 3.2.2.
 */
DLL_EXPORT TAOS *taos_connect_auth(const char *ip, const char *user, const char *auth, const char *db, uint16_t port);

/**
 * As taos_connect, for a user with a second factor: `totp` is the current six-digit code, NULL or "" if there is
 * none.
 * Threads: any. Since: 3.4.0.
 */
DLL_EXPORT TAOS *taos_connect_totp(const char *ip, const char *user, const char *pass, const char *totp, const char *db,
                                   uint16_t port);

/**
 * As taos_connect, with a token (CREATE TOKEN) instead of user and password.
 * Errors: as taos_connect; TSDB_CODE_INVALID_PARA when token is NULL.
 * Threads: any. Since: 3.4.0; an older server does not look at the token.
 */
DLL_EXPORT TAOS *taos_connect_token(const char *ip, const char *token, const char *db, uint16_t port);

/**
 * Tries a login as taos_connect_totp does, and closes it again. Returns 0 or the code that the login failed with.
 * Threads: any. Since: 3.4.0.
 */
DLL_EXPORT int taos_connect_test(const char *ip, const char *user, const char *pass, const char *totp, const char *db,
                                 uint16_t port);

/**
 * Connects with named parameters: ip, port, user, pass, db, adapterList (several host:port, takes precedence over
 * ip), compression, connRetries, retryBackoffMs, retryBackoffMaxMs, wsTlsMode, wsTlsVersion, wsTlsCa, token,
 * timezone, charset, userIp, userApp, connectorInfo, and the other parameters of a DSN written in camelCase. Unknown
 * keys are ignored. NULL as `options` takes the defaults.
 * Errors: as taos_connect; TSDB_CODE_INVALID_PARA for a value that its key cannot take.
 * Threads: any. Since: 3.2.2.
 */
DLL_EXPORT TAOS *taos_connect_with(const OPTIONS *options);

/**
 * Connects with a DSN: driver://user:password@host:port,host:port/db?key=value. The driver is ws or http, wss or
 * https with TLS; taos, taosws and tmq, also with +ws or +wss, are understood. User, password and values are
 * percent-encoded. Several addresses are tried in turn. NULL means ws://localhost:6041.
 * Errors: as taos_connect; 0x8000e000 for a malformed DSN, with a text on what is wrong with it.
 * Threads: any. Since: 3.2.2.
 */
DLL_EXPORT TAOS *taos_connect_with_dsn(const char *dsn);

/**
 * Closes a connection. Results and statements of it stay the caller's to free, but fail in every other call. Calls
 * that other threads are in end with an error. NULL is ignored, as is a connection that was closed already.
 * Threads: any. Since: all.
 */
DLL_EXPORT void taos_close(TAOS *taos);

/**
 * Name and version of the server, three lines: "ver:", "build:" and "gitinfo:". Asked for at each call; the text
 * belongs to the connection and lasts until the next call of this function on it, or taos_close. NULL on failure.
 * Threads: connection; the text is the same memory for all threads. Since: 3.2.2.
 */
DLL_EXPORT const char *taos_get_server_info(TAOS *taos);

/**
 * Makes `db` the database of the connection, for all threads that use it. Returns the code.
 * Errors: TSDB_CODE_TSC_INVALID_INPUT for NULL or "", TSDB_CODE_MND_DB_NOT_EXIST.
 * Threads: connection. Since: 3.2.2.
 */
DLL_EXPORT int taos_select_db(TAOS *taos, const char *db);

/**
 * Copies the name of the connection's database, with its NUL, to `database`, which has room for `len` bytes; "" when
 * there is none. If the room is short, the name is cut, the NUL stays, *required becomes the length it takes (NUL
 * included) and the code is TSDB_CODE_INVALID_PARA. *required is written only then.
 * Threads: connection. Since: 3.2.2.
 */
DLL_EXPORT int taos_get_current_db(TAOS *taos, char *database, int len, int *required);

/**
 * Leaves the connection without a database: unqualified names fail with TSDB_CODE_PAR_DB_NOT_SPECIFIED.
 * Threads: connection. Since: 3.2.2.
 */
DLL_EXPORT void taos_reset_current_db(TAOS *taos);

/**
 * Tells about the session: the name of the user or of the token, see TSDB_CONNECTION_INFO. `*len` is the room in
 * `buffer` and becomes the length of the name, without NUL.
 * Errors: TSDB_CODE_INVALID_PARA for NULL arguments, an unknown `info` or too little room, with the needed length
 * in *len.
 * Threads: connection. Since: 3.4.0 for the token; the user is known locally.
 */
DLL_EXPORT int taos_get_connection_info(TAOS *taos, TSDB_CONNECTION_INFO info, char *buffer, int *len);

/**
 * Returns 1 if the connection works, 0 if it does not. Looks at the socket and asks the peer, which costs a round
 * trip.
 * Threads: connection. Since: 3.2.2.
 */
DLL_EXPORT int32_t taos_connect_is_alive(TAOS *taos);

/**
 * Checks that the connection works and says so in words: returns 0 or the code of what is wrong, copies a text to
 * `str`, which has room for *len bytes, and its length to *len. Both may be NULL. TDengine's WebSocket library has
 * this function without describing it.
 * Threads: connection. Since: 3.2.2.
 */
DLL_EXPORT int32_t taos_validate_connection(TAOS *taos, char *str, int32_t *len);

/**
 * Switches a mode of the connection on (value 1) or off (0). TAOS_CONN_MODE_BI is the only one. It belongs to the
 * login, so that the session is logged in anew; its database and options stay.
 * Errors: TSDB_CODE_INVALID_PARA for another mode.
 * Threads: connection. Since: 3.2.2.
 */
DLL_EXPORT int taos_set_conn_mode(TAOS *taos, int mode, int value);

/**
 * Asks for the state of the server at `fqdn` and `port`, without a login: NULL and 0 as in taos_connect. A text goes
 * to `details`, which has room for `maxlen` bytes with the NUL; it may be empty. NULL as `details` is allowed.
 * Returns TSDB_SRV_STATUS_UNAVAILABLE when nobody answers.
 * Threads: any. Since: 3.3.6.
 */
DLL_EXPORT TSDB_SERVER_STATUS taos_check_server_status(const char *fqdn, int port, char *details, int maxlen);

/* ---- queries ---- */

/**
 * Executes one SQL statement and waits for its outcome. The result is the caller's, taos_free_result, also when the
 * statement failed: taos_errno(res) and taos_errstr(res) tell. NULL only if there was no connection to ask or no
 * statement: taos_errno(NULL). `sql` may hold any bytes but NUL and be of any length that the server takes.
 * A statement that writes is never sent twice: if the connection breaks after sending and before the answer, the code
 * is OPENTAOS_CODE_OUTCOME_UNKNOWN.
 * Errors: those of the server; TSDB_CODE_PAR_INCOMPLETE_SQL for an empty text, TSDB_CODE_INVALID_PARA for NULL.
 * Threads: connection. Since: 3.2.2.
 */
DLL_EXPORT TAOS_RES *taos_query(TAOS *taos, const char *sql);

/**
 * As taos_query, with a request id.
 * Threads: connection. Since: 3.2.2.
 */
DLL_EXPORT TAOS_RES *taos_query_with_reqid(TAOS *taos, const char *sql, int64_t reqId);

/**
 * Executes a statement without waiting. `sql` is copied. `fp` is called once with a result, which it or anybody later
 * frees, and 0 or the error code. NULL as `fp` executes the statement and frees its result.
 * Threads: connection. Since: 3.2.2.
 */
DLL_EXPORT void taos_query_a(TAOS *taos, const char *sql, __taos_async_fn_t fp, void *param);

/**
 * As taos_query_a, with a request id.
 * Threads: connection. Since: 3.2.2.
 */
DLL_EXPORT void taos_query_a_with_reqid(TAOS *taos, const char *sql, __taos_async_fn_t fp, void *param, int64_t reqid);

/**
 * Lets the server check a statement without executing it. Returns 0 or the code of what is wrong.
 * Threads: connection. Since: 3.3.6.
 */
DLL_EXPORT int taos_validate_sql(TAOS *taos, const char *sql);

/**
 * Abandons a result: a thread that is fetching from it returns, later fetches return no row, and the server may
 * forget it. The result still has to be freed.
 * Threads: any. Since: 3.2.2.
 */
DLL_EXPORT void taos_stop_query(TAOS_RES *res);

/**
 * Abandons everything that is under way on the connection: calls that wait return with TSDB_CODE_TSC_QUERY_KILLED.
 * The connection can be used afterwards.
 * Threads: any. Since: 3.2.2.
 */
DLL_EXPORT void taos_kill_query(TAOS *taos);

/**
 * Starts a transaction for metadata, as the statement BEGIN does.
 * Errors: those of the server; one without transactions says that it does not understand.
 * Threads: connection, though a transaction belongs to the whole of it. Since: a server that knows BEGIN (3.4).
 */
DLL_EXPORT int taos_txn_begin(TAOS *taos);

/**
 * Ends the connection's transaction and keeps what it did, as the statement COMMIT does.
 * Threads: connection. Since: a server that knows COMMIT (3.4).
 */
DLL_EXPORT int taos_txn_commit(TAOS *taos);

/**
 * Ends the connection's transaction and undoes what it did, as the statement ROLLBACK does.
 * Threads: connection. Since: a server that knows ROLLBACK (3.4).
 */
DLL_EXPORT int taos_txn_rollback(TAOS *taos);

/* ---- results ---- */

/**
 * Code of a result, or, with NULL, of this thread's last call. A connection or statement handle gives the code of the
 * last call on this thread, too: programs do pass those. The code of a result stays as long as the result does.
 * Threads: result. Since: all.
 */
DLL_EXPORT int taos_errno(TAOS_RES *res);

/**
 * Text that goes with taos_errno: the server's own words where it has any, "success" for 0. Never NULL. It belongs to
 * the result, or with NULL to the thread, where it lasts until the thread's next call.
 * Threads: result. Since: all.
 */
DLL_EXPORT const char *taos_errstr(TAOS_RES *res);

/**
 * Frees a result and everything that points into it. NULL is ignored. The server learns of it with the next request.
 * Threads: result; use taos_stop_query first if another thread may be fetching. Since: all.
 */
DLL_EXPORT void taos_free_result(TAOS_RES *res);

/**
 * Number of columns; 0 for NULL, for a failed statement and for one without rows.
 * Threads: result. Since: all.
 */
DLL_EXPORT int taos_field_count(TAOS_RES *res);

/**
 * The same as taos_field_count.
 * Threads: result. Since: all.
 */
DLL_EXPORT int taos_num_fields(TAOS_RES *res);

/**
 * The columns, taos_num_fields of them, until the result is freed; NULL if it has none. In a subscription message
 * they are those of the current block.
 * Threads: result. Since: all.
 */
DLL_EXPORT TAOS_FIELD *taos_fetch_fields(TAOS_RES *res);

/**
 * As taos_fetch_fields, with precision and scale of decimals.
 * Threads: result. Since: 3.3.6 for the scale of decimals.
 */
DLL_EXPORT TAOS_FIELD_E *taos_fetch_fields_e(TAOS_RES *res);

/**
 * Unit of the timestamps: 0 milliseconds, 1 microseconds, 2 nanoseconds. 0 for NULL.
 * Threads: result. Since: all.
 */
DLL_EXPORT int taos_result_precision(TAOS_RES *res);

/**
 * The time zone that the result's times are printed in, as a handle that belongs to the result; NULL stands for the
 * zone of the process.
 * Threads: result. Since: all.
 */
DLL_EXPORT void *taos_get_result_tz(TAOS_RES *res);

/**
 * True for a statement without columns, such as INSERT or CREATE, and for NULL.
 * Threads: result. Since: all.
 */
DLL_EXPORT bool taos_is_update_query(TAOS_RES *res);

/**
 * Rows that a statement wrote; for a query, the rows of the current block, which programs use as such. 0 for NULL.
 * Values beyond 2^31 - 1 do not fit, see taos_affected_rows64.
 * Threads: result. Since: all.
 */
DLL_EXPORT int taos_affected_rows(TAOS_RES *res);

/**
 * As taos_affected_rows, in 64 bits.
 * Threads: result. Since: all.
 */
DLL_EXPORT int64_t taos_affected_rows64(TAOS_RES *res);

/**
 * The next row, NULL at the end or after an error: taos_errno(res). Asks the server for more when a block is used
 * up. A value of variable length is not NUL-terminated; taos_fetch_lengths has its length, and it stands in the two
 * bytes in front of the value, four for BLOB. NCHAR comes as UTF-8 and decimals as NUL-terminated text. The row
 * lasts until the next fetch from the result, or until it is freed.
 * Threads: result. Since: 3.2.2.
 */
DLL_EXPORT TAOS_ROW taos_fetch_row(TAOS_RES *res);

/**
 * Lengths in bytes of the values of the current row: 0 for NULL, 64 for decimals. After taos_fetch_block, the
 * bytes that each column's values take. NULL before the first fetch. The array is used again by the next fetch.
 * Threads: result. Since: all.
 */
DLL_EXPORT int *taos_fetch_lengths(TAOS_RES *res);

/**
 * Writes a row as text, values separated by blanks, NULL as "NULL"; returns the length without NUL. The room behind
 * `str` has to be enough for the whole row: use taos_print_row_with_size where that is not sure.
 * Returns 0 if an argument is NULL.
 * Threads: any, with rows of results that no other thread is fetching from. Since: all.
 */
DLL_EXPORT int taos_print_row(char *str, TAOS_ROW row, TAOS_FIELD *fields, int num_fields);

/**
 * As taos_print_row, into `size` bytes. Values that do not fit are cut. The returned length counts strings as copied
 * and numbers in full.
 * Threads: any, with rows of results that no other thread is fetching from. Since: all.
 */
DLL_EXPORT int taos_print_row_with_size(char *str, uint32_t size, TAOS_ROW row, TAOS_FIELD *fields, int num_fields);

/**
 * True if the value at `row` and `col` of the current block is NULL, both counted from 0; also true for what is not
 * there.
 * Threads: result. Since: all.
 */
DLL_EXPORT bool taos_is_null(TAOS_RES *res, int32_t row, int32_t col);

/**
 * As taos_is_null for the rows of one column: result[i] for row i. *rows is the room in `result` and becomes the
 * number of rows written.
 * Errors: TSDB_CODE_INVALID_PARA for NULL arguments and a column that is not there.
 * Threads: result. Since: all.
 */
DLL_EXPORT int taos_is_null_by_column(TAOS_RES *res, int columnIndex, bool result[], int *rows);

/**
 * Fetches a block of rows and returns their number, 0 at the end. (*rows)[c] is column c: fixed-width values one
 * after the other; values of variable length, each behind its two-byte length (four for BLOB), at the offsets that
 * taos_get_column_data_offset gives; decimals as NUL-terminated text, 64 bytes apart. taos_is_null tells NULL
 * values. An error also gives 0: taos_errno(res). The block lasts until the next fetch.
 * Threads: result. Since: 3.2.2.
 */
DLL_EXPORT int taos_fetch_block(TAOS_RES *res, TAOS_ROW *rows);

/**
 * As taos_fetch_block, with the number of rows in *numOfRows and the error code as the return value. NULL as the
 * result gives no rows and no error.
 * Errors: TSDB_CODE_INVALID_PARA for NULL outputs, those of fetching otherwise.
 * Threads: result. Since: 3.2.2.
 */
DLL_EXPORT int taos_fetch_block_s(TAOS_RES *res, int *numOfRows, TAOS_ROW *rows);

/**
 * Where the values of a column of variable length begin in the block of taos_fetch_block: one offset for each row, -1
 * for NULL. NULL for columns of fixed width and if there is no block. Lasts as long as the block.
 * Threads: result. Since: all.
 */
DLL_EXPORT int *taos_get_column_data_offset(TAOS_RES *res, int columnIndex);

/**
 * Address of the current row, or after taos_fetch_block of its columns; NULL if there is none. Fetches nothing.
 * Threads: result. Since: all.
 */
DLL_EXPORT TAOS_ROW *taos_result_block(TAOS_RES *res);

/**
 * Fetches a block in the form it has on the wire (version 1: a header, null bitmaps or offsets, values; NCHAR in
 * UCS-4, decimals as scaled integers). *numOfRows is 0 at the end. Called after taos_fetch_row it gives the rest of
 * the current block. The block lasts until the next fetch.
 * Errors: TSDB_CODE_INVALID_PARA for NULL outputs, those of fetching otherwise. NULL as the result gives no rows.
 * Threads: result. Since: 3.2.2.
 */
DLL_EXPORT int taos_fetch_raw_block(TAOS_RES *res, int *numOfRows, void **pData);

/**
 * The block that taos_fetch_raw_block or taos_fetch_raw_block_a fetched last; NULL before. Fetches nothing.
 * Threads: result. Since: all.
 */
DLL_EXPORT const void *taos_get_raw_block(TAOS_RES *res);

/**
 * Fetches a block without waiting. `fp` gets its number of rows, 0 at the end, negative after an error; then
 * taos_fetch_row gives the rows of this block and no others. NULL as `fp` does nothing.
 * Threads: result, with the callback as its next user. Since: 3.2.2.
 */
DLL_EXPORT void taos_fetch_rows_a(TAOS_RES *res, __taos_async_fn_t fp, void *param);

/**
 * As taos_fetch_rows_a for a raw block, which taos_get_raw_block then gives.
 * Threads: result, with the callback as its next user. Since: 3.2.2.
 */
DLL_EXPORT void taos_fetch_raw_block_a(TAOS_RES *res, __taos_async_fn_t fp, void *param);

/* ---- prepared statements, first generation ---- */

/**
 * Makes a statement, the caller's to close. taos_stmt2_init and what follows it are the newer generation.
 * Threads: connection. Since: 3.2.2.
 */
DLL_EXPORT TAOS_STMT *taos_stmt_init(TAOS *taos);

/**
 * As taos_stmt_init, with a request id for the statement's requests.
 * Threads: connection. Since: 3.2.2.
 */
DLL_EXPORT TAOS_STMT *taos_stmt_init_with_reqid(TAOS *taos, int64_t reqid);

/**
 * As taos_stmt_init, with options that say how the statement is going to be used. NULL as `options` takes none.
 * Threads: connection. Since: 3.2.2.
 */
DLL_EXPORT TAOS_STMT *taos_stmt_init_with_options(TAOS *taos, TAOS_STMT_OPTIONS *options);

/**
 * Gives the statement its SQL: an INSERT, where the table too may be a question mark, or a SELECT. `length` 0 means
 * up to the NUL. Mistakes in the SQL often show only in the first call that needs the table. Preparing again starts
 * over.
 * Errors: TSDB_CODE_INVALID_PARA for NULL.
 * Threads: statement. Since: 3.2.2.
 */
DLL_EXPORT int taos_stmt_prepare(TAOS_STMT *stmt, const char *sql, unsigned long length);

/**
 * Names the table for the values that follow, and gives the values of its tags, in case it has to be created.
 * Errors: TSDB_CODE_TSC_STMT_API_ERROR out of order, TSDB_CODE_PAR_TABLE_NOT_EXIST, those of binding.
 * Threads: statement. Since: 3.2.2.
 */
DLL_EXPORT int taos_stmt_set_tbname_tags(TAOS_STMT *stmt, const char *name, TAOS_MULTI_BIND *tags);

/**
 * Names the table for the values that follow.
 * Errors: as taos_stmt_set_tbname_tags; TSDB_CODE_INVALID_PARA for NULL.
 * Threads: statement. Since: 3.2.2.
 */
DLL_EXPORT int taos_stmt_set_tbname(TAOS_STMT *stmt, const char *name);

/**
 * Gives the tags of the table that taos_stmt_set_tbname named.
 * Errors: as taos_stmt_set_tbname_tags.
 * Threads: statement. Since: 3.2.2.
 */
DLL_EXPORT int taos_stmt_set_tags(TAOS_STMT *stmt, TAOS_MULTI_BIND *tags);

/**
 * As taos_stmt_set_tbname for a subtable of the super table that the statement already worked on.
 * Errors: as taos_stmt_set_tbname_tags.
 * Threads: statement. Since: 3.2.2.
 */
DLL_EXPORT int taos_stmt_set_sub_tbname(TAOS_STMT *stmt, const char *name);

/**
 * Describes the tags that the statement binds: *fieldNum of them in *fields, freed with taos_stmt_reclaim_fields.
 * Errors: TSDB_CODE_TSC_STMT_API_ERROR for a statement that binds none.
 * Threads: statement. Since: 3.2.2.
 */
DLL_EXPORT int taos_stmt_get_tag_fields(TAOS_STMT *stmt, int *fieldNum, TAOS_FIELD_E **fields);

/**
 * Describes the columns that the statement binds: *fieldNum of them in *fields, freed with taos_stmt_reclaim_fields.
 * Threads: statement. Since: 3.2.2.
 */
DLL_EXPORT int taos_stmt_get_col_fields(TAOS_STMT *stmt, int *fieldNum, TAOS_FIELD_E **fields);

/**
 * Frees what taos_stmt_get_tag_fields or taos_stmt_get_col_fields gave. NULL is ignored.
 * Threads: statement. Since: all.
 */
DLL_EXPORT void taos_stmt_reclaim_fields(TAOS_STMT *stmt, TAOS_FIELD_E *fields);

/**
 * *insert becomes 1 for an INSERT and 0 for a query.
 * Threads: statement. Since: 3.2.2.
 */
DLL_EXPORT int taos_stmt_is_insert(TAOS_STMT *stmt, int *insert);

/**
 * *nums becomes the number of question marks, those of table name and tags not counted.
 * Threads: statement. Since: 3.2.2.
 */
DLL_EXPORT int taos_stmt_num_params(TAOS_STMT *stmt, int *nums);

/**
 * Type and width in bytes of the question mark `idx`, counted from 0.
 * Errors: TSDB_CODE_INVALID_PARA for an idx that is not there, TSDB_CODE_TSC_STMT_API_ERROR for a query.
 * Threads: statement. Since: 3.2.2.
 */
DLL_EXPORT int taos_stmt_get_param(TAOS_STMT *stmt, int idx, int *type, int *bytes);

/**
 * Binds one value (`num` 1) to each question mark: one TAOS_MULTI_BIND for each, in order. The values are copied.
 * Errors: TSDB_CODE_TSC_STMT_BIND_NUMBER_ERROR for another `num`, TSDB_CODE_TSC_INVALID_OPERATION for a wrong
 * type, TSDB_CODE_PAR_VALUE_TOO_LONG.
 * Threads: statement. Since: 3.2.2.
 */
DLL_EXPORT int taos_stmt_bind_param(TAOS_STMT *stmt, TAOS_MULTI_BIND *bind);

/**
 * Binds as many rows as the binds' `num` says; all have the same. The values are copied.
 * Errors: as taos_stmt_bind_param; TSDB_CODE_TSC_INVALID_OPERATION for columns of different lengths.
 * Threads: statement. Since: 3.2.2.
 */
DLL_EXPORT int taos_stmt_bind_param_batch(TAOS_STMT *stmt, TAOS_MULTI_BIND *bind);

/**
 * As taos_stmt_bind_param_batch for a single column, `colIdx` from 0 upwards.
 * Errors: as taos_stmt_bind_param_batch.
 * Threads: statement. Since: 3.2.2.
 */
DLL_EXPORT int taos_stmt_bind_single_param_batch(TAOS_STMT *stmt, TAOS_MULTI_BIND *bind, int colIdx);

/**
 * Closes the rows bound since the last call, so that more can follow for this or another table.
 * Errors: TSDB_CODE_TSC_STMT_API_ERROR when nothing was bound.
 * Threads: statement. Since: 3.2.2.
 */
DLL_EXPORT int taos_stmt_add_batch(TAOS_STMT *stmt);

/**
 * Executes with everything that was bound, and starts over with nothing bound. Never sent twice, as taos_query.
 * Errors: TSDB_CODE_TSC_STMT_API_ERROR when nothing was bound, those of the server.
 * Threads: statement. Since: 3.2.2.
 */
DLL_EXPORT int taos_stmt_execute(TAOS_STMT *stmt);

/**
 * The result of an executed query. It belongs to the caller: taos_free_result; executing again or closing the
 * statement ends it.
 * Threads: statement; the result itself: result. Since: 3.2.2.
 */
DLL_EXPORT TAOS_RES *taos_stmt_use_result(TAOS_STMT *stmt);

/**
 * Closes a statement and frees what it holds.
 * Threads: statement. Since: 3.2.2.
 */
DLL_EXPORT int taos_stmt_close(TAOS_STMT *stmt);

/**
 * Text of the statement's last error, "success" if there was none; lasts until the next call on the statement. Never
 * NULL.
 * Threads: statement. Since: all.
 */
DLL_EXPORT char *taos_stmt_errstr(TAOS_STMT *stmt);

/**
 * Rows written by all executions of the statement together; 0 for NULL.
 * Threads: statement. Since: all.
 */
DLL_EXPORT int taos_stmt_affected_rows(TAOS_STMT *stmt);

/**
 * Rows written by its last execution; 0 for NULL.
 * Threads: statement. Since: all.
 */
DLL_EXPORT int taos_stmt_affected_rows_once(TAOS_STMT *stmt);

/* ---- prepared statements, second generation ---- */

/* How a statement is going to be used. With asyncExecFn, taos_stmt2_exec returns at once and calls that later. */
typedef struct TAOS_STMT2_OPTION {
  int64_t reqid;
  bool singleStbInsert;     /* all tables belong to one super table */
  bool singleTableBindOnce; /* between two executions each table is bound once */
  __taos_async_fn_t asyncExecFn;
  void *userdata; /* `param` of asyncExecFn */
} TAOS_STMT2_OPTION;

/*
 * Values for one placeholder: `num` of them. Fixed-width values lie one after the other in `buffer`; so do values of
 * variable length, without gaps, each length[i] bytes long. is_null[i] is 0 for a value, 1 for NULL, 2 for "leave
 * this column alone". `length` may be NULL for fixed-width types, is_null where all values are given.
 */
typedef struct TAOS_STMT2_BIND {
  int buffer_type; /* TSDB_DATA_TYPE_* */
  void *buffer;
  int32_t *length;
  char *is_null;
  int num;
} TAOS_STMT2_BIND;

/*
 * Values for `count` tables. tbnames[i], tags[i] and bind_cols[i] belong together; each array, and each of its
 * members, may be NULL where the SQL has no such placeholder or the value is already known.
 */
typedef struct TAOS_STMT2_BINDV {
  int count;
  char **tbnames;
  TAOS_STMT2_BIND **tags;
  TAOS_STMT2_BIND **bind_cols;
} TAOS_STMT2_BINDV;

/* One placeholder over all rows of a TAOS_STMT2_COLUMN_BINDV. */
typedef struct TAOS_STMT2_COLUMN_BIND {
  int buffer_type;
  void *buffer;
  int32_t *length;
  char *is_null;
} TAOS_STMT2_COLUMN_BIND;

/* Rows of several tables, placeholder by placeholder, the table's name being one of them. */
typedef struct TAOS_STMT2_COLUMN_BINDV {
  int num_columns;
  int num_rows;
  int num_tables;
  TAOS_STMT2_COLUMN_BIND *columns;
} TAOS_STMT2_COLUMN_BINDV;

/**
 * Makes a statement, the caller's to close. NULL as `option` takes the defaults. The option is copied; its userdata
 * is handed back as it is.
 * Threads: connection. Since: 3.3.6.
 */
DLL_EXPORT TAOS_STMT2 *taos_stmt2_init(TAOS *taos, TAOS_STMT2_OPTION *option);

/**
 * Gives the statement its SQL: an INSERT, where table name and tags may be question marks too, or a SELECT. `length`
 * 0 means up to the NUL. Mistakes may show only in a later call that needs the table. Preparing again starts over.
 * Errors: TSDB_CODE_INVALID_PARA for NULL, TSDB_CODE_PAR_SYNTAX_ERROR for what is neither INSERT nor SELECT.
 * Threads: statement. Since: 3.3.6.
 */
DLL_EXPORT int taos_stmt2_prepare(TAOS_STMT2 *stmt, const char *sql, unsigned long length);

/**
 * Binds values for one or more tables: for all placeholders with col_idx -1, for a single column with its number
 * from 0. The values are copied. Calls add up until taos_stmt2_exec.
 * Errors: TSDB_CODE_INVALID_PARA for NULL, TSDB_CODE_TSC_STMT_API_ERROR out of order,
 * TSDB_CODE_TSC_STMT_TBNAME_ERROR without a table, TSDB_CODE_TSC_INVALID_OPERATION for wrong types or lengths that
 * differ, TSDB_CODE_PAR_VALUE_TOO_LONG.
 * Threads: statement. Since: 3.3.6.
 */
DLL_EXPORT int taos_stmt2_bind_param(TAOS_STMT2 *stmt, TAOS_STMT2_BINDV *bindv, int32_t col_idx);

/**
 * As taos_stmt2_bind_param, without waiting: `fp` gets `param`, no result and the code. The values must live until
 * then.
 * Returns an error if the call could not even be begun; then `fp` is not called.
 * Threads: statement, with the callback as its next user. Since: 3.3.6.
 */
DLL_EXPORT int taos_stmt2_bind_param_a(TAOS_STMT2 *stmt, TAOS_STMT2_BINDV *bindv, int32_t col_idx, __taos_async_fn_t fp,
                                       void *param);

/**
 * Binds rows of one or more tables placeholder by placeholder. The values are copied.
 * Errors: as taos_stmt2_bind_param.
 * Threads: statement. Since: 3.3.6.
 */
DLL_EXPORT int taos_stmt2_bind_param_column(TAOS_STMT2 *stmt, TAOS_STMT2_COLUMN_BINDV *bindv);

/**
 * As taos_stmt2_bind_param_column, without waiting; see taos_stmt2_bind_param_a.
 * Threads: statement, with the callback as its next user. Since: 3.3.6.
 */
DLL_EXPORT int taos_stmt2_bind_param_column_a(TAOS_STMT2 *stmt, TAOS_STMT2_COLUMN_BINDV *bindv, __taos_async_fn_t fp,
                                              void *param);

/**
 * Executes with everything that was bound. *affected_rows becomes the number of rows written; NULL is allowed. If the
 * statement has an asyncExecFn, that gets the outcome and the call returns at once. Never sent twice, as taos_query.
 * Errors: TSDB_CODE_TSC_STMT_API_ERROR when nothing was bound; the code of a bind that failed; those of the server.
 * Threads: statement. Since: 3.3.6.
 */
DLL_EXPORT int taos_stmt2_exec(TAOS_STMT2 *stmt, int *affected_rows);

/**
 * Closes a statement and frees what it holds.
 * Threads: statement. Since: 3.3.6.
 */
DLL_EXPORT int taos_stmt2_close(TAOS_STMT2 *stmt);

/**
 * *insert becomes 1 for an INSERT and 0 for a query.
 * Threads: statement. Since: 3.3.6.
 */
DLL_EXPORT int taos_stmt2_is_insert(TAOS_STMT2 *stmt, int *insert);

/**
 * Describes the placeholders: *count of them in *fields, freed with taos_stmt2_free_fields. For a query only the
 * count is known, *fields stays as it was. NULL as `fields` asks for the count alone.
 * Threads: statement. Since: 3.3.6.
 */
DLL_EXPORT int taos_stmt2_get_fields(TAOS_STMT2 *stmt, int *count, TAOS_FIELD_ALL **fields);

/**
 * Frees what taos_stmt2_get_fields gave. NULL is ignored.
 * Threads: statement. Since: all.
 */
DLL_EXPORT void taos_stmt2_free_fields(TAOS_STMT2 *stmt, TAOS_FIELD_ALL *fields);

/**
 * The result of an executed query. It belongs to the statement: executing again or closing the statement ends it.
 * Freeing it is allowed.
 * Threads: statement; the result itself: result. Since: 3.3.6.
 */
DLL_EXPORT TAOS_RES *taos_stmt2_result(TAOS_STMT2 *stmt);

/**
 * Text of the statement's last error, "success" if there was none; lasts until the next call on the statement. Never
 * NULL. Waits for what is under way with a callback, as every call on the statement does.
 * Threads: statement. Since: all.
 */
DLL_EXPORT char *taos_stmt2_error(TAOS_STMT2 *stmt);

/* ---- schemaless writing ---- */

/**
 * Writes `numLines` lines and creates tables and columns as the lines need them. JSON comes as one text, `numLines`
 * 1.
 *   protocol   TSDB_SML_PROTOCOL_TYPE
 *   precision  TSDB_SML_TIMESTAMP_TYPE; only InfluxDB lines use it
 * The result, the caller's to free, also after a failure, has the code, the text and the number of rows. NULL only
 * for NULL arguments: taos_errno(NULL).
 * Errors: TSDB_CODE_SML_INVALID_PROTOCOL_TYPE, TSDB_CODE_SML_INVALID_PRECISION_TYPE, TSDB_CODE_SML_INVALID_DATA and
 * others of the server, TSDB_CODE_PAR_DB_NOT_SPECIFIED. Some lines may have been written when others failed.
 * Threads: connection. Since: 3.2.2.
 */
DLL_EXPORT TAOS_RES *taos_schemaless_insert(TAOS *taos, char *lines[], int numLines, int protocol, int precision);

/**
 * As taos_schemaless_insert, with a request id.
 * Threads: connection. Since: 3.2.2.
 */
DLL_EXPORT TAOS_RES *taos_schemaless_insert_with_reqid(TAOS *taos, char *lines[], int numLines, int protocol,
                                                       int precision, int64_t reqid);

/**
 * As taos_schemaless_insert, with all lines in one text of `len` bytes, separated by line feeds; NUL may occur in it.
 * *totalRows becomes the number of lines; NULL is allowed.
 * Threads: connection. Since: 3.2.2.
 */
DLL_EXPORT TAOS_RES *taos_schemaless_insert_raw(TAOS *taos, char *lines, int len, int32_t *totalRows, int protocol,
                                                int precision);

/**
 * As taos_schemaless_insert_raw, with a request id.
 * Threads: connection. Since: 3.2.2.
 */
DLL_EXPORT TAOS_RES *taos_schemaless_insert_raw_with_reqid(TAOS *taos, char *lines, int len, int32_t *totalRows,
                                                           int protocol, int precision, int64_t reqid);

/**
 * As taos_schemaless_insert; tables that it creates live for `ttl` days, 0 for ever.
 * Threads: connection. Since: 3.2.2.
 */
DLL_EXPORT TAOS_RES *taos_schemaless_insert_ttl(TAOS *taos, char *lines[], int numLines, int protocol, int precision,
                                                int32_t ttl);

/**
 * As taos_schemaless_insert_ttl, with a request id.
 * Threads: connection. Since: 3.2.2.
 */
DLL_EXPORT TAOS_RES *taos_schemaless_insert_ttl_with_reqid(TAOS *taos, char *lines[], int numLines, int protocol,
                                                           int precision, int32_t ttl, int64_t reqid);

/**
 * As taos_schemaless_insert_raw; tables that it creates live for `ttl` days, 0 for ever.
 * Threads: connection. Since: 3.2.2.
 */
DLL_EXPORT TAOS_RES *taos_schemaless_insert_raw_ttl(TAOS *taos, char *lines, int len, int32_t *totalRows, int protocol,
                                                    int precision, int32_t ttl);

/**
 * As taos_schemaless_insert_raw_ttl, with a request id.
 * Threads: connection. Since: 3.2.2.
 */
DLL_EXPORT TAOS_RES *taos_schemaless_insert_raw_ttl_with_reqid(TAOS *taos, char *lines, int len, int32_t *totalRows,
                                                               int protocol, int precision, int32_t ttl, int64_t reqid);

/**
 * As taos_schemaless_insert_raw_ttl_with_reqid; `tbnameKey` names the tag whose value becomes the name of the table.
 * NULL leaves the naming to the server.
 * Threads: connection. Since: 3.3.3.
 */
DLL_EXPORT TAOS_RES *taos_schemaless_insert_raw_ttl_with_reqid_tbname_key(TAOS *taos, char *lines, int len,
                                                                          int32_t *totalRows, int protocol,
                                                                          int precision, int32_t ttl, int64_t reqid,
                                                                          char *tbnameKey);

/**
 * As taos_schemaless_insert_ttl_with_reqid; `tbnameKey` names the tag whose value becomes the name of the table. NULL
 * leaves the naming to the server.
 * Threads: connection. Since: 3.3.3.
 */
DLL_EXPORT TAOS_RES *taos_schemaless_insert_ttl_with_reqid_tbname_key(TAOS *taos, char *lines[], int numLines,
                                                                      int protocol, int precision, int32_t ttl,
                                                                      int64_t reqid, char *tbnameKey);

/* ---- subscriptions ---- */

typedef struct tmq_t tmq_t;
typedef struct tmq_conf_t tmq_conf_t;
typedef struct tmq_list_t tmq_list_t;

/* Outcome of a commit; `code` is 0 or an error. */
typedef void(tmq_commit_cb(tmq_t *tmq, int32_t code, void *param));

typedef enum tmq_conf_res_t { TMQ_CONF_UNKNOWN = -2, TMQ_CONF_INVALID = -1, TMQ_CONF_OK = 0 } tmq_conf_res_t;

/* What a message carries. */
typedef enum tmq_res_t {
  TMQ_RES_INVALID = -1,   /* no message */
  TMQ_RES_DATA = 1,       /* rows */
  TMQ_RES_TABLE_META = 2, /* a change of tables */
  TMQ_RES_METADATA = 3,   /* rows together with the tables that they created */
  TMQ_RES_RAWDATA = 4     /* rows in the form in which they are stored, only for tmq_write_raw */
} tmq_res_t;

/* Where a consumer is in a vgroup. Offsets count from `begin` to `end`, which lies behind the newest entry. */
typedef struct tmq_topic_assignment {
  int32_t vgId;
  int64_t currentOffset;
  int64_t begin;
  int64_t end;
} tmq_topic_assignment;

/* The content of a message in TDengine's own form, to be copied to another cluster. Passed by value. */
typedef struct tmq_raw_data {
  void *raw;
  uint32_t raw_len;
  uint16_t raw_type;
} tmq_raw_data;

/**
 * Makes a configuration for consumers, the caller's to destroy.
 * Threads: any. Since: all.
 */
DLL_EXPORT tmq_conf_t *tmq_conf_new(void);

/**
 * Sets a property, such as group.id, client.id, auto.offset.reset, enable.auto.commit, auto.commit.interval.ms,
 * session.timeout.ms, td.connect.ip, td.connect.user, td.connect.pass, td.connect.port.
 * Returns TMQ_CONF_OK, TMQ_CONF_UNKNOWN for a key that does not exist, TMQ_CONF_INVALID for a value that it cannot
 * take and for NULL.
 * Threads: consumer. Since: all.
 */
DLL_EXPORT tmq_conf_res_t tmq_conf_set(tmq_conf_t *conf, const char *key, const char *value);

/**
 * Frees a configuration. Consumers made from it are not affected. NULL is ignored.
 * Threads: consumer. Since: all.
 */
DLL_EXPORT void tmq_conf_destroy(tmq_conf_t *conf);

/**
 * Has `cb` called with the outcome of each automatic commit.
 * Threads: consumer. Since: all.
 */
DLL_EXPORT void tmq_conf_set_auto_commit_cb(tmq_conf_t *conf, tmq_commit_cb *cb, void *param);

/**
 * Makes an empty list of topic names, the caller's to destroy.
 * Threads: any. Since: all.
 */
DLL_EXPORT tmq_list_t *tmq_list_new(void);

/**
 * Adds a copy of a topic name. Returns 0.
 * Errors: TSDB_CODE_INVALID_PARA for NULL and an empty name.
 * Threads: consumer. Since: all.
 */
DLL_EXPORT int32_t tmq_list_append(tmq_list_t *list, const char *topic);

/**
 * Frees a list. NULL is ignored.
 * Threads: consumer. Since: all.
 */
DLL_EXPORT void tmq_list_destroy(tmq_list_t *list);

/**
 * Number of names in the list; TSDB_CODE_INVALID_PARA for NULL.
 * Threads: consumer. Since: all.
 */
DLL_EXPORT int32_t tmq_list_get_size(const tmq_list_t *list);

/**
 * The names as an array of tmq_list_get_size texts. They belong to the list and last until it changes or is
 * destroyed. NULL for NULL.
 * Threads: consumer. Since: all.
 */
DLL_EXPORT char **tmq_list_to_c_array(const tmq_list_t *list);

/**
 * Makes a consumer and logs in, the caller's to close. After a failure a text is in `errstr`, which has room for
 * `errstrLen` bytes with the NUL; after success it is left alone. The configuration is copied.
 * Errors: those of taos_connect, and TSDB_CODE_INVALID_PARA without a group.
 * Threads: any. Since: 3.2.2.
 */
DLL_EXPORT tmq_t *tmq_consumer_new(tmq_conf_t *conf, char *errstr, int32_t errstrLen);

/**
 * Subscribes to the topics of the list, in place of the ones so far; an empty list unsubscribes.
 * Errors: TSDB_CODE_MND_TOPIC_NOT_EXIST, TSDB_CODE_TMQ_TOPIC_OUT_OF_RANGE and others of the server.
 * Threads: consumer. Since: 3.2.2.
 */
DLL_EXPORT int32_t tmq_subscribe(tmq_t *tmq, const tmq_list_t *topic_list);

/**
 * Gives the topics up; with automatic commit the offsets are committed first. The consumer can subscribe again.
 * Threads: consumer. Since: 3.2.2.
 */
DLL_EXPORT int32_t tmq_unsubscribe(tmq_t *tmq);

/**
 * Appends the topics subscribed to, to *topics; a list is made if *topics is NULL. The list is the caller's.
 * Threads: consumer. Since: 3.2.2.
 */
DLL_EXPORT int32_t tmq_subscription(tmq_t *tmq, tmq_list_t **topics);

/**
 * The next message, to be freed with taos_free_result; its rows are read as those of a query. Waits for `timeout`
 * milliseconds, not at all for 0, and for ever for a negative number. NULL if the time is over, with
 * taos_errno(NULL) 0, or after an error, with its code.
 * Errors: TSDB_CODE_TMQ_INVALID_STATUS before tmq_subscribe, TSDB_CODE_TMQ_CONSUMER_MISMATCH and others of the
 * server.
 * Threads: consumer. Since: 3.2.2.
 */
DLL_EXPORT TAOS_RES *tmq_consumer_poll(tmq_t *tmq, int64_t timeout);

/**
 * Closes a consumer: commits if that is automatic, unsubscribes, frees. Messages stay the caller's to free.
 * Threads: consumer. Since: 3.2.2.
 */
DLL_EXPORT int32_t tmq_consumer_close(tmq_t *tmq);

/**
 * Commits the position behind `msg` and waits for the outcome; with NULL, behind everything that was polled.
 * Errors: TSDB_CODE_INVALID_PARA for a result that is no message, those of the server.
 * Threads: consumer. Since: 3.2.2.
 */
DLL_EXPORT int32_t tmq_commit_sync(tmq_t *tmq, const TAOS_RES *msg);

/**
 * As tmq_commit_sync, without waiting; `cb`, if not NULL, gets the outcome. If there is nothing to commit it may be
 * called before this function returns.
 * Threads: consumer. Since: 3.2.2.
 */
DLL_EXPORT void tmq_commit_async(tmq_t *tmq, const TAOS_RES *msg, tmq_commit_cb *cb, void *param);

/**
 * Commits a position in a vgroup of a topic: the next offset to be read.
 * Errors: TSDB_CODE_TMQ_INVALID_TOPIC, TSDB_CODE_TMQ_INVALID_VGID, TSDB_CODE_TMQ_VERSION_OUT_OF_RANGE.
 * Threads: consumer. Since: 3.2.2.
 */
DLL_EXPORT int32_t tmq_commit_offset_sync(tmq_t *tmq, const char *pTopicName, int32_t vgId, int64_t offset);

/**
 * As tmq_commit_offset_sync, without waiting; `cb`, if not NULL, gets the outcome.
 * Threads: consumer. Since: 3.2.2.
 */
DLL_EXPORT void tmq_commit_offset_async(tmq_t *tmq, const char *pTopicName, int32_t vgId, int64_t offset,
                                        tmq_commit_cb *cb, void *param);

/**
 * Which vgroups of a topic the consumer reads, and where it is: *numOfAssignment of them in *assignment, freed with
 * tmq_free_assignment.
 * Errors: TSDB_CODE_TMQ_INVALID_TOPIC for a topic that is not subscribed to.
 * Threads: consumer. Since: 3.2.2.
 */
DLL_EXPORT int32_t tmq_get_topic_assignment(tmq_t *tmq, const char *pTopicName, tmq_topic_assignment **assignment,
                                            int32_t *numOfAssignment);

/**
 * Frees what tmq_get_topic_assignment gave. NULL is ignored.
 * Threads: any. Since: all.
 */
DLL_EXPORT void tmq_free_assignment(tmq_topic_assignment *pAssignment);

/**
 * Goes on reading at `offset`. Nothing is committed by that.
 * Errors: TSDB_CODE_TMQ_VERSION_OUT_OF_RANGE, TSDB_CODE_TMQ_INVALID_TOPIC, TSDB_CODE_TMQ_INVALID_VGID.
 * Threads: consumer. Since: 3.2.2.
 */
DLL_EXPORT int32_t tmq_offset_seek(tmq_t *tmq, const char *pTopicName, int32_t vgId, int64_t offset);

/**
 * The offset behind the last message polled from a vgroup, or a negative error code.
 * Errors: TSDB_CODE_TMQ_INVALID_TOPIC, TSDB_CODE_TMQ_INVALID_VGID.
 * Threads: consumer. Since: 3.2.2.
 */
DLL_EXPORT int64_t tmq_position(tmq_t *tmq, const char *pTopicName, int32_t vgId);

/**
 * The offset that the group has committed in a vgroup, or a negative error code.
 * Errors: as tmq_position; TSDB_CODE_TMQ_NO_COMMITTED if there is none yet.
 * Threads: consumer. Since: 3.2.2.
 */
DLL_EXPORT int64_t tmq_committed(tmq_t *tmq, const char *pTopicName, int32_t vgId);

/**
 * A connection with the consumer's address, user and password. It belongs to the consumer and is not to be closed.
 * Threads: consumer; the connection itself: connection. Since: 3.2.2.
 */
DLL_EXPORT TAOS *tmq_get_connect(tmq_t *tmq);

/**
 * What a message carries; TMQ_RES_INVALID for NULL and for results of queries.
 * Threads: result. Since: 3.2.2.
 */
DLL_EXPORT tmq_res_t tmq_get_res_type(TAOS_RES *res);

/**
 * Topic of a message, NULL for what is none. Lasts as long as the message.
 * Threads: result. Since: 3.2.2.
 */
DLL_EXPORT const char *tmq_get_topic_name(TAOS_RES *res);

/**
 * Database of a message, NULL for what is none. Lasts as long as the message.
 * Threads: result. Since: 3.2.2.
 */
DLL_EXPORT const char *tmq_get_db_name(TAOS_RES *res);

/**
 * Table that the current row or block of a message belongs to; NULL if the server does not tell, before the first
 * fetch and for what is no message. Lasts until the next fetch.
 * Threads: result. Since: 3.2.2.
 */
DLL_EXPORT const char *tmq_get_table_name(TAOS_RES *res);

/**
 * Vgroup of a message, TSDB_CODE_INVALID_PARA for what is none.
 * Threads: result. Since: 3.2.2.
 */
DLL_EXPORT int32_t tmq_get_vgroup_id(TAOS_RES *res);

/**
 * Offset of a message in its vgroup, or a negative error code.
 * Errors: TSDB_CODE_INVALID_PARA for NULL, TSDB_CODE_TMQ_SNAPSHOT_ERROR for a result that has no offset.
 * Threads: result. Since: 3.3.0, where `poll` tells it.
 */
DLL_EXPORT int64_t tmq_get_vgroup_offset(TAOS_RES *res);

/**
 * Text of an error code: "success" for 0, "fail" for -1, "" for a code without a text. Never NULL.
 * Threads: any. Since: all.
 */
DLL_EXPORT const char *tmq_err2str(int32_t code);

/* ---- raw messages and raw blocks ---- */

/**
 * The content of a message for tmq_write_raw; freed with tmq_free_raw.
 * Errors: TSDB_CODE_INVALID_PARA for NULL, TSDB_CODE_TMQ_INVALID_MSG for a result that is no message.
 * Threads: result. Since: 3.3.3.
 */
DLL_EXPORT int32_t tmq_get_raw(TAOS_RES *res, tmq_raw_data *raw);

/**
 * Writes what tmq_get_raw gave to the connection's database: rows, and the tables that they need. Never sent twice.
 * Errors: TSDB_CODE_PAR_DB_NOT_SPECIFIED, TSDB_CODE_TMQ_RAW_DATA_SPLIT and others of the server.
 * Threads: connection. Since: 3.2.2.
 */
DLL_EXPORT int32_t tmq_write_raw(TAOS *taos, tmq_raw_data raw);

/**
 * Frees what tmq_get_raw gave.
 * Threads: any. Since: all.
 */
DLL_EXPORT void tmq_free_raw(tmq_raw_data raw);

/**
 * A change of tables as JSON text, freed with tmq_free_json_meta. NULL if the message carries none.
 * Threads: result. Since: 3.2.2.
 */
DLL_EXPORT char *tmq_get_json_meta(TAOS_RES *res);

/**
 * Frees what tmq_get_json_meta gave. NULL is ignored.
 * Threads: any. Since: all.
 */
DLL_EXPORT void tmq_free_json_meta(char *jsonMeta);

/**
 * Writes a raw block with `numOfRows` rows, as taos_fetch_raw_block gives it, to an existing table of the
 * connection's database whose columns it has. Never sent twice.
 * Errors: TSDB_CODE_PAR_TABLE_NOT_EXIST, TSDB_CODE_PAR_DB_NOT_SPECIFIED, TSDB_CODE_INVALID_PARA for a block that is
 * damaged, and others of the server.
 * Threads: connection. Since: 3.2.2.
 */
DLL_EXPORT int taos_write_raw_block(TAOS *taos, int numOfRows, char *pData, const char *tbname);

/**
 * As taos_write_raw_block, with a request id.
 * Threads: connection. Since: 3.2.2.
 */
DLL_EXPORT int taos_write_raw_block_with_reqid(TAOS *taos, int numOfRows, char *pData, const char *tbname,
                                               int64_t reqid);

/**
 * As taos_write_raw_block, for some of the table's columns: fields[i] names the one that column i of the block goes
 * to.
 * Threads: connection. Since: 3.2.2.
 */
DLL_EXPORT int taos_write_raw_block_with_fields(TAOS *taos, int rows, char *pData, const char *tbname,
                                                TAOS_FIELD *fields, int numFields);

/**
 * As taos_write_raw_block_with_fields, with a request id.
 * Threads: connection. Since: 3.2.2.
 */
DLL_EXPORT int taos_write_raw_block_with_fields_with_reqid(TAOS *taos, int rows, char *pData, const char *tbname,
                                                           TAOS_FIELD *fields, int numFields, int64_t reqid);

/* ---- administration, for tools and gateways ---- */

/**
 * *vgId becomes the vgroup that holds a table, or would hold it.
 * Errors: TSDB_CODE_TSC_INVALID_INPUT for NULL, TSDB_CODE_MND_DB_NOT_EXIST.
 * Threads: connection. Since: 3.2.2.
 */
DLL_EXPORT int taos_get_table_vgId(TAOS *taos, const char *db, const char *table, int *vgId);

/**
 * As taos_get_table_vgId for `tableNum` tables; vgId has as many elements. Fails like that, and for no tables at all.
 * Threads: connection. Since: 3.2.2.
 */
DLL_EXPORT int taos_get_tables_vgId(TAOS *taos, const char *db, const char *table[], int tableNum, int *vgId);

/**
 * How a database spreads its tables over vgroups. dbInfo->vgHash is allocated with malloc and the caller's to free.
 * Errors: TSDB_CODE_TSC_INVALID_INPUT for NULL, TSDB_CODE_MND_DB_NOT_EXIST; TSDB_CODE_OPS_NOT_SUPPORT where the
 * server does not tell.
 * Threads: connection. Since: 3.2.2.
 */
DLL_EXPORT int taos_get_db_route_info(TAOS *taos, const char *db, TAOS_DB_ROUTE_INFO *dbInfo);

/**
 * Asks the server to have the metadata of these tables ready: names, "db.table" or "table", separated by commas.
 * Names that do not exist are no error.
 * Errors: TSDB_CODE_TSC_INVALID_OPERATION for a text that is no list of names, and for a name alone when the
 * connection has no database.
 * Threads: connection. Since: 3.2.2.
 */
DLL_EXPORT int taos_load_table_info(TAOS *taos, const char *tableNameList);

/**
 * Has `fp` called when the event `type` (TAOS_NOTIFY_TYPE) happens, on a thread of the library, until taos_close.
 * NULL as `fp` ends it.
 * Errors: TSDB_CODE_INVALID_PARA for a type that does not exist, and for the events of TDengine 3.4 with an older
 * server.
 * Threads: connection. Since: 3.2.2.
 */
DLL_EXPORT int taos_set_notify_cb(TAOS *taos, __taos_notify_fn_t fp, void *param, int type);

/**
 * The addresses from which the connection's user may log in: IPv4 networks, address in the low 32 bits, bits of the
 * mask above them. `fp` is called once, with a code if that fails.
 * Threads: connection. Since: 3.2.2.
 */
DLL_EXPORT void taos_fetch_whitelist_a(TAOS *taos, __taos_async_whitelist_fn_t fp, void *param);

/**
 * As taos_fetch_whitelist_a, IPv6 included: texts "address/bits".
 * Threads: connection. Since: 3.3.7.
 */
DLL_EXPORT void taos_fetch_whitelist_dual_stack_a(TAOS *taos, __taos_async_whitelist_dual_stack_fn_t fp, void *param);

/**
 * As taos_fetch_whitelist_dual_stack_a, with "+" in front of what is allowed and "-" in front of what is not.
 * Threads: connection. Since: 3.4.0.
 */
DLL_EXPORT void taos_fetch_ip_whitelist_a(TAOS *taos, __taos_async_ip_whitelist_fn_t fp, void *param);

/**
 * The times at which the connection's user may be logged in, as texts with "+" or "-" in front.
 * Threads: connection. Since: 3.4.0.
 */
DLL_EXPORT void taos_fetch_datetime_whitelist_a(TAOS *taos, __taos_async_datetime_whitelist_fn_t fp, void *param);

/**
 * Registers this process with the cluster under `id`, at most 255 bytes, for `expire` seconds; 0 for ever, -1 takes
 * it back. Belongs to services such as taosAdapter, which register through a native connection.
 * Errors: TSDB_CODE_INVALID_PARA for NULL or too long a text, TSDB_CODE_OPS_NOT_SUPPORT over WebSocket.
 * Threads: any. Since: 3.4.0, native driver only.
 */
DLL_EXPORT int32_t taos_register_instance(const char *id, const char *type, const char *desc, int32_t expire);

/**
 * The registered processes of a type, those of all types for NULL or "": *pCount texts in *pList, freed with
 * taos_free_instances. Over WebSocket, these are taosAdapters as "host:port".
 * Errors: TSDB_CODE_INVALID_PARA for NULL, those of taos_connect.
 * Threads: any. Since: 3.4.1.10.
 */
DLL_EXPORT int32_t taos_list_instances(const char *filter_type, char ***pList, int32_t *pCount);

/**
 * Frees what taos_list_instances gave, and makes *pList NULL.
 * Threads: any. Since: all.
 */
DLL_EXPORT void taos_free_instances(char ***pList, int32_t pCount);

/**
 * Says how TDengine's shell wants its heartbeat thread to end. There is none here: does nothing.
 * Threads: any. Since: all.
 */
DLL_EXPORT void taos_set_hb_quit(int8_t quitByKill);

/**
 * Called by TDengine's tools from a signal handler to record a crash. Does nothing: what a library may do there is
 * too little, and a report leaves the machine only if its owner sends it.
 * Threads: any. Since: all.
 */
DLL_EXPORT void taos_write_crashinfo(int signum, void *sigInfo, void *context);

#ifdef __cplusplus
}
#endif

#endif
