/*
 * opentaos: what it offers beyond TDengine's own interface. taos.h says what holds for all functions (handles, errors,
 * threads, ownership); nothing here is needed by a program that must also run with TDengine's own client.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef OPENTAOS_H
#define OPENTAOS_H

#include <taos.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- cancelling and deadlines ---- */

/**
 * Ends every call that waits on the connection, in whichever thread, within 100 milliseconds, with
 * OPENTAOS_CODE_CANCELLED: statements, fetches, schemaless and raw writes, prepared statements, and a connection that
 * is being made anew. Of a call that writes it is not known then whether it took effect. What nobody waits for
 * (taos_query_a and its kin) goes on, unless a message was just being sent: then its connection is given up. The next
 * call works as if nothing had happened.
 * Errors: TSDB_CODE_TSC_DISCONNECTED.
 * Threads: any. Since: all.
 */
OPENTAOS_API int ots_cancel(TAOS *taos);

/**
 * How long calls on this connection wait: `read_ms` for an answer, `write_ms` for the server to take a message. 0 is
 * for ever, a negative number leaves the limit as it is. Results and statements that exist already keep theirs. An
 * answer that does not come in time makes a call fail with 0x8000E004, or with OPENTAOS_CODE_OUTCOME_UNKNOWN if it
 * wrote something; a message that is not taken in time ends the connection to the server, which the next call makes
 * anew.
 * Errors: TSDB_CODE_TSC_DISCONNECTED.
 * Threads: connection. Since: all.
 */
OPENTAOS_API int ots_set_timeout(TAOS *taos, int64_t read_ms, int64_t write_ms);

/**
 * As taos_query, but waits for the answer at most `timeout_ms`, connecting anew included; 0 means what the connection
 * has. Fetching from the result has the connection's limits.
 * Errors: TSDB_CODE_INVALID_PARA for a negative number; the rest as taos_query.
 * Threads: connection. Since: 3.2.2.
 */
OPENTAOS_API TAOS_RES *ots_query_timeout(TAOS *taos, const char *sql, int64_t timeout_ms);

/* ---- errors ---- */

/* What a program can do about an error. */
typedef enum {
  OTS_OK = 0,             /* it is none */
  OTS_RETRIABLE = 1,      /* the same call may succeed a moment later, and has not taken effect */
  OTS_FATAL = 2,          /* the same call will fail again */
  OTS_OUTCOME_UNKNOWN = 3 /* what was to be written may have been written, or not; what only reads may be repeated */
} OTS_ERROR_CLASS;

/**
 * Sorts a code of taos_errno() or of a function that returns its code into one of OTS_ERROR_CLASS. Codes that nobody
 * knows are OTS_FATAL.
 * Threads: any. Since: all.
 */
OPENTAOS_API int ots_error_class(int code);

/* ---- log ---- */

/* How much is logged; each level includes the ones before it. */
typedef enum {
  OTS_LOG_OFF = 0,
  OTS_LOG_ERROR = 1,
  OTS_LOG_WARN = 2,
  OTS_LOG_INFO = 3,
  OTS_LOG_DEBUG = 4,
  OTS_LOG_TRACE = 5
} OTS_LOG_LEVEL;

/* Gets one line without its end, and the level it was logged with. `text` lasts for the length of the call. */
typedef void (*ots_log_fn)(int level, const char *text, void *user);

/**
 * Hands what the library logs to `cb`, up to `level`, beside what configuration may ask for. It is called on the
 * thread that logs, one line at a time; passwords and tokens have been replaced. It may call functions of the library:
 * what those log meanwhile is dropped. NULL takes the callback away; once the call has returned, the one before is not
 * called any more.
 * Errors: TSDB_CODE_INVALID_PARA for a level that is none.
 * Threads: any. Since: all.
 */
OPENTAOS_API int ots_set_log(ots_log_fn cb, int level, void *user);

#ifdef __cplusplus
}
#endif

#endif
