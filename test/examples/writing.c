/* Every way to write, as programs do it, each read back and compared: prepared statements of both generations,
 * schemaless lines, raw blocks, asynchronous calls. Nothing in it knows opentaos.
 *
 *   writing [HOST PORT]       without arguments: TAOS_HOST and TAOS_PORT
 */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <taos.h>
#include <time.h>

#define START 1704067200000LL /* 2024-01-01 00:00:00 UTC */
#define WAIT_SECONDS 60

static int problems;

static void problem(const char *what, int code, const char *why) {
  fprintf(stderr, "%s: 0x%08x %s\n", what, (unsigned)code, why ? why : "");
  problems++;
}

static void run(TAOS *taos, const char *sql) {
  TAOS_RES *res = taos_query(taos, sql);
  if (taos_errno(res) != 0) problem(sql, taos_errno(res), taos_errstr(res));
  taos_free_result(res);
}

/* Compares the rows of a query, one line each, with what they ought to be. */
static void expect(TAOS *taos, const char *sql, const char *want) {
  static char got[1 << 16];
  size_t used = 0;
  got[0] = '\0';
  TAOS_RES *res = taos_query(taos, sql);
  if (taos_errno(res) != 0) {
    problem(sql, taos_errno(res), taos_errstr(res));
    taos_free_result(res);
    return;
  }
  TAOS_ROW row;
  while ((row = taos_fetch_row(res)) != NULL && used + 1024 < sizeof got) {
    taos_print_row_with_size(got + used, 1024, row, taos_fetch_fields(res), taos_num_fields(res));
    used += strlen(got + used);
    got[used++] = '\n';
    got[used] = '\0';
  }
  taos_free_result(res);
  if (strcmp(got, want) != 0) {
    fprintf(stderr, "%s\n got:\n%s want:\n%s", sql, got, want);
    problems++;
  }
}

/* ---- first generation: one table at a time */

static void check_stmt(TAOS_STMT *stmt, int code, const char *what) {
  if (code != 0) problem(what, code, taos_stmt_errstr(stmt));
}

static TAOS_MULTI_BIND column(int type, void *values, size_t size, int32_t *lengths, char *nulls, int rows) {
  TAOS_MULTI_BIND bind;
  memset(&bind, 0, sizeof bind);
  bind.buffer_type = type;
  bind.buffer = values;
  bind.buffer_length = size;
  bind.length = lengths;
  bind.is_null = nulls;
  bind.num = rows;
  return bind;
}

static void statement(TAOS *taos) {
  enum { kTables = 3, kRows = 4 };
  run(taos,
      "CREATE STABLE m1 (ts TIMESTAMP, current FLOAT, voltage INT, note NCHAR(8)) TAGS (place VARCHAR(16), k INT)");
  TAOS_STMT *stmt = taos_stmt_init(taos);
  check_stmt(stmt, taos_stmt_prepare(stmt, "INSERT INTO ? USING m1 TAGS (?, ?) VALUES (?, ?, ?, ?)", 0), "prepare");
  for (int k = 0; k < kTables; k++) {
    char name[16], place[16];
    int key = k;
    int32_t length = (int32_t)snprintf(place, sizeof place, "place %d", k);
    TAOS_MULTI_BIND tags[2];
    snprintf(name, sizeof name, "d%d", k);
    tags[0] = column(TSDB_DATA_TYPE_VARCHAR, place, sizeof place, &length, NULL, 1);
    tags[1] = column(TSDB_DATA_TYPE_INT, &key, sizeof key, NULL, NULL, 1);
    check_stmt(stmt, taos_stmt_set_tbname_tags(stmt, name, tags), "set_tbname_tags");

    int64_t ts[kRows];
    float current[kRows];
    int voltage[kRows];
    char notes[kRows][8], nulls[kRows];
    int32_t lengths[kRows];
    TAOS_MULTI_BIND columns[4];
    for (int i = 0; i < kRows; i++) {
      ts[i] = START + i;
      current[i] = (float)k + 0.5f * (float)i;
      voltage[i] = 100 * k + i;
      nulls[i] = i == 2;
      lengths[i] = (int32_t)snprintf(notes[i], sizeof notes[i], "n%d\xe6\xb6\x9b", i);
    }
    columns[0] = column(TSDB_DATA_TYPE_TIMESTAMP, ts, sizeof ts[0], NULL, NULL, kRows);
    columns[1] = column(TSDB_DATA_TYPE_FLOAT, current, sizeof current[0], NULL, NULL, kRows);
    columns[2] = column(TSDB_DATA_TYPE_INT, voltage, sizeof voltage[0], NULL, nulls, kRows);
    columns[3] = column(TSDB_DATA_TYPE_NCHAR, notes, sizeof notes[0], lengths, nulls, kRows);
    check_stmt(stmt, taos_stmt_bind_param_batch(stmt, columns), "bind_param_batch");
    check_stmt(stmt, taos_stmt_add_batch(stmt), "add_batch");
  }
  check_stmt(stmt, taos_stmt_execute(stmt), "execute");
  if (taos_stmt_affected_rows(stmt) != kTables * kRows) problem("affected rows", taos_stmt_affected_rows(stmt), NULL);
  taos_stmt_close(stmt);
  expect(
      taos,
      "SELECT tbname, place, k, COUNT(*), SUM(voltage), SUM(current) FROM m1 GROUP BY tbname, place, k ORDER BY tbname",
      "d0 place 0 0 4 4 3\nd1 place 1 1 4 304 7\nd2 place 2 2 4 604 11\n");
  expect(taos, "SELECT voltage, note FROM d1 ORDER BY ts",
         "100 n0\xe6\xb6\x9b\n101 n1\xe6\xb6\x9b\nNULL NULL\n103 n3\xe6\xb6\x9b\n");

  int low = 102;
  TAOS_MULTI_BIND parameter = column(TSDB_DATA_TYPE_INT, &low, sizeof low, NULL, NULL, 1);
  stmt = taos_stmt_init(taos);
  check_stmt(stmt, taos_stmt_prepare(stmt, "SELECT tbname, voltage FROM m1 WHERE voltage > ? ORDER BY voltage", 0),
             "prepare");
  check_stmt(stmt, taos_stmt_bind_param(stmt, &parameter), "bind_param");
  check_stmt(stmt, taos_stmt_execute(stmt), "execute");
  TAOS_RES *res = taos_stmt_use_result(stmt);
  TAOS_ROW row = res ? taos_fetch_row(res) : NULL;
  if (row == NULL || *(int *)row[1] != 103)
    problem("a query through a statement", taos_errno(res), taos_stmt_errstr(stmt));
  taos_free_result(res);
  taos_stmt_close(stmt);
}

/* ---- second generation: many tables at once, also without waiting */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int finished;

static void count_one(void) {
  pthread_mutex_lock(&lock);
  finished++;
  pthread_cond_broadcast(&changed);
  pthread_mutex_unlock(&lock);
}

/* Waits until `count` callbacks have come, and starts counting anew. */
static void wait_for(int count, const char *what) {
  struct timespec end;
  clock_gettime(CLOCK_REALTIME, &end);
  end.tv_sec += WAIT_SECONDS;
  pthread_mutex_lock(&lock);
  while (finished < count && pthread_cond_timedwait(&changed, &lock, &end) == 0) {
  }
  if (finished != count) problem(what, finished, "callbacks came");
  finished = 0;
  pthread_mutex_unlock(&lock);
}

static int executed_rows;

static void executed(void *param, TAOS_RES *res, int code) {
  if (code != 0) problem("asynchronous execution", code, taos_errstr(res));
  executed_rows += taos_affected_rows(res);
  *(int *)param += 1;
  count_one();
}

static TAOS_STMT2_BIND values(int type, void *buffer, int32_t *lengths, char *nulls, int rows) {
  TAOS_STMT2_BIND bind = {type, buffer, lengths, nulls, rows};
  return bind;
}

enum { kTables2 = 5, kRows2 = 3 };

static void bind_tables(TAOS_STMT2 *stmt, int turn) {
  char names[kTables2][16], *tbnames[kTables2], places[kTables2][16], text[kTables2][kRows2 * 8];
  int keys[kTables2], v[kTables2][kRows2];
  int32_t place_lengths[kTables2], text_lengths[kTables2][kRows2];
  int64_t ts[kTables2][kRows2];
  char nulls[kRows2] = {0, 1, 0};
  TAOS_STMT2_BIND tags[kTables2][2], columns[kTables2][3], *tag_lists[kTables2], *column_lists[kTables2];
  TAOS_STMT2_BINDV all = {kTables2, tbnames, tag_lists, column_lists};
  for (int k = 0; k < kTables2; k++) {
    snprintf(names[k], sizeof names[k], "e%d", k);
    tbnames[k] = names[k];
    keys[k] = k;
    place_lengths[k] = (int32_t)snprintf(places[k], sizeof places[k], "p%d", k);
    tags[k][0] = values(TSDB_DATA_TYPE_INT, &keys[k], NULL, NULL, 1);
    tags[k][1] = values(TSDB_DATA_TYPE_NCHAR, places[k], &place_lengths[k], NULL, 1);
    size_t used = 0; /* values of variable length lie without gaps */
    for (int i = 0; i < kRows2; i++) {
      ts[k][i] = START + 10 * turn + i;
      v[k][i] = 100 * turn + 10 * k + i;
      text_lengths[k][i] = nulls[i] ? 0 : (int32_t)snprintf(text[k] + used, sizeof text[k] - used, "t%d-%d", turn, i);
      used += (size_t)text_lengths[k][i];
    }
    columns[k][0] = values(TSDB_DATA_TYPE_TIMESTAMP, ts[k], NULL, NULL, kRows2);
    columns[k][1] = values(TSDB_DATA_TYPE_INT, v[k], NULL, NULL, kRows2);
    columns[k][2] = values(TSDB_DATA_TYPE_VARCHAR, text[k], text_lengths[k], nulls, kRows2);
    tag_lists[k] = tags[k];
    column_lists[k] = columns[k];
  }
  int code = taos_stmt2_bind_param(stmt, &all, -1);
  if (code != 0) problem("taos_stmt2_bind_param", code, taos_stmt2_error(stmt));
}

static void statement2(TAOS *taos) {
  run(taos, "CREATE STABLE m2 (ts TIMESTAMP, v INT, s VARCHAR(16)) TAGS (k INT, place NCHAR(16))");
  const char *sql = "INSERT INTO ? USING m2 TAGS (?, ?) VALUES (?, ?, ?)";
  int code, rows = 0, calls = 0;

  TAOS_STMT2 *stmt = taos_stmt2_init(taos, NULL);
  if ((code = taos_stmt2_prepare(stmt, sql, 0)) != 0) problem(sql, code, taos_stmt2_error(stmt));
  for (int turn = 0; turn < 2; turn++) {
    bind_tables(stmt, turn);
    if ((code = taos_stmt2_exec(stmt, &rows)) != 0) problem("taos_stmt2_exec", code, taos_stmt2_error(stmt));
    if (rows != kTables2 * kRows2) problem("affected rows", rows, NULL);
  }
  taos_stmt2_close(stmt);

  TAOS_STMT2_OPTION option = {0, true, true, executed, &calls};
  stmt = taos_stmt2_init(taos, &option);
  if ((code = taos_stmt2_prepare(stmt, sql, 0)) != 0) problem(sql, code, taos_stmt2_error(stmt));
  for (int turn = 2; turn < 4; turn++) {
    bind_tables(stmt, turn);
    if ((code = taos_stmt2_exec(stmt, NULL)) != 0) {
      problem("taos_stmt2_exec", code, taos_stmt2_error(stmt));
      break;
    }
    wait_for(1, "asynchronous execution");
  }
  taos_stmt2_close(stmt);
  if (calls != 2 || executed_rows != 2 * kTables2 * kRows2) problem("asynchronous executions", executed_rows, "rows");

  expect(taos, "SELECT k, place, COUNT(*), COUNT(s), SUM(v) FROM m2 GROUP BY k, place ORDER BY k",
         "0 p0 12 8 1812\n1 p1 12 8 1932\n2 p2 12 8 2052\n3 p3 12 8 2172\n4 p4 12 8 2292\n");
  expect(taos, "SELECT v, s FROM e3 WHERE v >= 300 ORDER BY ts", "330 t3-0\n331 NULL\n332 t3-2\n");

  int low = 330;
  TAOS_STMT2_BIND parameter = values(TSDB_DATA_TYPE_INT, &low, NULL, NULL, 1), *parameters = &parameter;
  TAOS_STMT2_BINDV one = {1, NULL, NULL, &parameters};
  stmt = taos_stmt2_init(taos, NULL);
  if ((code = taos_stmt2_prepare(stmt, "SELECT COUNT(*) FROM m2 WHERE v >= ?", 0)) != 0)
    problem("prepare", code, taos_stmt2_error(stmt));
  if ((code = taos_stmt2_bind_param(stmt, &one, -1)) != 0) problem("bind", code, taos_stmt2_error(stmt));
  if ((code = taos_stmt2_exec(stmt, NULL)) != 0) problem("exec", code, taos_stmt2_error(stmt));
  TAOS_RES *res = taos_stmt2_result(stmt);
  TAOS_ROW row = res ? taos_fetch_row(res) : NULL;
  if (row == NULL || *(int64_t *)row[0] != 6)
    problem("a query through a statement", taos_errno(res), taos_stmt2_error(stmt));
  taos_stmt2_close(stmt);
}

/* ---- schemaless: the lines say which tables there are */

static void insert_lines(TAOS *taos, int protocol, int precision, char **lines, int count) {
  TAOS_RES *res = taos_schemaless_insert(taos, lines, count, protocol, precision);
  if (taos_errno(res) != 0) problem(lines[0], taos_errno(res), taos_errstr(res));
  if (protocol != TSDB_SML_JSON_PROTOCOL && taos_affected_rows(res) != count)
    problem(lines[0], taos_affected_rows(res), "rows");
  taos_free_result(res);
}

static void schemaless(TAOS *taos) {
  char *influx[] = {"meters,location=SF,groupid=2 current=11.8,voltage=221i32,note=\"a \\\"b\\\", c\" 1704067200000",
                    "meters,location=LA,groupid=3 current=13.4,voltage=223i32,ok=true 1704067200001",
                    "meters,location=SF,groupid=2 current=10.8,phase=0.29 1704067200002"};
  insert_lines(taos, TSDB_SML_LINE_PROTOCOL, TSDB_SML_TIMESTAMP_MILLI_SECONDS, influx, 3);
  expect(taos, "SELECT location, groupid, current, voltage, note, ok, phase FROM meters ORDER BY _ts",
         "SF 2 11.8 221 a \"b\", c NULL NULL\nLA 3 13.4 223 NULL 1 NULL\nSF 2 10.8 NULL NULL NULL 0.29\n");
  expect(taos, "SELECT COUNT(*) FROM (SELECT DISTINCT tbname FROM meters)", "2\n");

  char *telnet[] = {"sys.load 1704067200000 0.5 server=web01 rack=7", "sys.load 1704067201 1.5 server=web02"};
  insert_lines(taos, TSDB_SML_TELNET_PROTOCOL, TSDB_SML_TIMESTAMP_NOT_CONFIGURED, telnet, 2);
  expect(taos, "SELECT _value, server, rack FROM sys_load ORDER BY _ts", "0.5 web01 7\n1.5 web02 NULL\n");

  char *json[] = {
      "[{\"metric\":\"room\",\"timestamp\":1704067200000,\"value\":20.5,\"tags\":{\"floor\":\"two\",\"north\":true}},"
      "{\"metric\":\"room\",\"timestamp\":1704067200001,\"value\":21,\"tags\":{\"floor\":\"\xe6\xb6\x9b\",\"north\":"
      "false}}]"};
  insert_lines(taos, TSDB_SML_JSON_PROTOCOL, TSDB_SML_TIMESTAMP_NOT_CONFIGURED, json, 1);
  expect(taos, "SELECT _value, floor, north FROM room ORDER BY _ts", "20.5 two 1\n21 \xe6\xb6\x9b 0\n");

  char raw[] = "pump,name=P1,plant=x v=1i 1704067200000000000\npump,name=P2,plant=x v=2i 1704067200000000000\n";
  int total = 0;
  TAOS_RES *res = taos_schemaless_insert_raw_ttl_with_reqid_tbname_key(
      taos, raw, (int)strlen(raw), &total, TSDB_SML_LINE_PROTOCOL, TSDB_SML_TIMESTAMP_NANO_SECONDS, 30, 77, "name");
  if (taos_errno(res) != 0 || total != 2) problem("raw lines", taos_errno(res), taos_errstr(res));
  taos_free_result(res);
  expect(taos, "SELECT tbname, plant, v FROM pump ORDER BY v", "P1 x 1\nP2 x 2\n");

  char *bad[] = {"meters,location=SF,groupid=2 current=1 1704067200009", "meters,location=SF voltage=\"open"};
  res = taos_schemaless_insert(taos, bad, 2, TSDB_SML_LINE_PROTOCOL, TSDB_SML_TIMESTAMP_MILLI_SECONDS);
  if (taos_errno(res) == 0) problem("a bad line", 0, "was taken");
  taos_free_result(res);
  expect(taos, "SELECT COUNT(*) FROM meters", "3\n");
}

/* ---- blocks as they were fetched go into another table */

static void raw_blocks(TAOS *taos) {
  run(taos, "CREATE TABLE copy1 (ts TIMESTAMP, v INT, s VARCHAR(16))");
  run(taos, "CREATE TABLE copy2 (ts TIMESTAMP, other DOUBLE, s VARCHAR(16), v INT)");
  TAOS_RES *res = taos_query(taos, "SELECT ts, v, s FROM e4 ORDER BY ts");
  void *block;
  int rows, code;
  while ((code = taos_fetch_raw_block(res, &rows, &block)) == 0 && rows > 0) {
    if ((code = taos_write_raw_block(taos, rows, block, "copy1")) != 0)
      problem("taos_write_raw_block", code, taos_errstr(NULL));
    code = taos_write_raw_block_with_fields(taos, rows, block, "copy2", taos_fetch_fields(res), taos_num_fields(res));
    if (code != 0) problem("taos_write_raw_block_with_fields", code, taos_errstr(NULL));
  }
  if (code != 0) problem("taos_fetch_raw_block", code, taos_errstr(res));
  taos_free_result(res);
  expect(taos, "SELECT COUNT(*), SUM(v), COUNT(s), FIRST(s) FROM e4", "12 2292 8 t0-0\n");
  expect(taos, "SELECT COUNT(*), SUM(v), COUNT(s), FIRST(s) FROM copy1", "12 2292 8 t0-0\n");
  expect(taos, "SELECT COUNT(*), SUM(v), COUNT(s), FIRST(s), COUNT(other) FROM copy2", "12 2292 8 t0-0 0\n");
}

/* ---- calls that do not wait */

static void inserted(void *param, TAOS_RES *res, int code) {
  (void)param;
  if (code != 0 || taos_affected_rows(res) != 1) problem("asynchronous insert", code, taos_errstr(res));
  taos_free_result(res);
  count_one();
}

static int64_t fetched_rows, fetched_sum;

static void fetched(void *param, TAOS_RES *res, int rows) {
  if (rows > 0) {
    for (int i = 0; i < rows; i++) {
      TAOS_ROW row = taos_fetch_row(res);
      fetched_sum += *(int *)row[1];
      fetched_rows++;
    }
    taos_fetch_rows_a(res, fetched, param);
    return;
  }
  if (rows < 0) problem("asynchronous fetch", rows, taos_errstr(res));
  taos_free_result(res);
  count_one();
}

static void queried(void *param, TAOS_RES *res, int code) {
  if (code == 0) {
    taos_fetch_rows_a(res, fetched, param);
    return;
  }
  problem("asynchronous query", code, taos_errstr(res));
  taos_free_result(res);
  count_one();
}

static void failed(void *param, TAOS_RES *res, int code) {
  (void)param;
  if (code == 0) problem("asynchronous query of no table", code, "succeeded");
  taos_free_result(res);
  count_one();
}

static void asynchronous(TAOS *taos) {
  enum { kInserts = 500 };
  run(taos, "CREATE TABLE a1 (ts TIMESTAMP, v INT)");
  for (int i = 0; i < kInserts; i++) {
    char sql[96];
    snprintf(sql, sizeof sql, "INSERT INTO a1 VALUES (%lld, %d)", START + i, i);
    taos_query_a(taos, sql, inserted, NULL);
  }
  wait_for(kInserts, "asynchronous inserts");
  expect(taos, "SELECT COUNT(*), SUM(v) FROM a1", "500 124750\n");
  taos_query_a(taos, "SELECT ts, v FROM a1 ORDER BY ts", queried, NULL);
  wait_for(1, "asynchronous query");
  if (fetched_rows != kInserts || fetched_sum != 124750) problem("asynchronous query", (int)fetched_rows, "rows");
  taos_query_a(taos, "SELECT * FROM nosuch", failed, NULL);
  wait_for(1, "asynchronous failure");
}

int main(int argc, char **argv) {
  const char *host = argc > 1 ? argv[1] : getenv("TAOS_HOST");
  const char *port = argc > 2 ? argv[2] : getenv("TAOS_PORT");
  TAOS *taos = taos_connect(host, "root", "taosdata", NULL, (uint16_t)(port ? strtol(port, NULL, 10) : 0));
  if (taos == NULL) {
    problem("taos_connect", taos_errno(NULL), taos_errstr(NULL));
    return 1;
  }
  run(taos, "DROP DATABASE IF EXISTS writing");
  run(taos, "CREATE DATABASE writing");
  run(taos, "USE writing");
  const struct {
    const char *name;
    void (*run)(TAOS *);
  } sections[] = {{"statements of the first generation", statement},
                  {"statements of the second generation", statement2},
                  {"schemaless lines", schemaless},
                  {"raw blocks", raw_blocks},
                  {"asynchronous calls", asynchronous}};
  for (size_t i = 0; i < sizeof sections / sizeof sections[0]; i++) {
    int before = problems;
    sections[i].run(taos);
    printf("%s: %s\n", sections[i].name, problems == before ? "read back as written" : "FAILED");
  }
  run(taos, "DROP DATABASE writing");
  taos_close(taos);
  return problems != 0;
}
