/* What a program written for TDengine does: connect, create, insert, query, print. First through taos_connect(), then
 * once more through ws_connect(). Nothing in it knows opentaos.
 *
 *   demo HOST PORT
 */
#include <stdio.h>
#include <stdlib.h>
#include <taos.h>
#include <taosws.h>

static int fail(const char *what, int code, const char *why) {
  fprintf(stderr, "%s failed: 0x%08x %s\n", what, (unsigned)code, why);
  return 1;
}

/* Runs a statement without a result. */
static int run(TAOS *taos, const char *sql) {
  TAOS_RES *res = taos_query(taos, sql);
  int       code = taos_errno(res);
  if (code != 0) {
    fail(sql, code, taos_errstr(res));
  } else {
    printf("  %-62.62s %d row(s)\n", sql, taos_affected_rows(res));
  }
  taos_free_result(res);
  return code;
}

static int through_taos(const char *host, int port) {
  TAOS *taos = taos_connect(host, "root", "taosdata", NULL, (uint16_t)port);
  if (taos == NULL) return fail("taos_connect", taos_errno(NULL), taos_errstr(NULL));
  printf("taos_connect(\"%s\", port %d): connected, client %s\n", host, port, taos_get_client_info());

  if (run(taos, "CREATE DATABASE IF NOT EXISTS power") || run(taos, "USE power") ||
      run(taos, "CREATE STABLE IF NOT EXISTS meters (ts TIMESTAMP, current FLOAT, voltage INT, note NCHAR(16))"
                " TAGS (location VARCHAR(32), groupid INT)") ||
      run(taos, "INSERT INTO d1001 USING meters TAGS ('California.SanFrancisco', 2)"
                " VALUES ('2024-01-01 00:00:00.000', 10.3, 219, 'first') ('2024-01-01 00:00:01.000', 12.6, 218, NULL)"
                " d1002 USING meters TAGS ('California.LosAngeles', 3) VALUES ('2024-01-01 00:00:00.500', 11.8, 221, '\xe6\xb6\x9b')")) {
    taos_close(taos);
    return 1;
  }

  TAOS_RES *res = taos_query(taos, "SELECT tbname, ts, current, voltage, note, location FROM meters ORDER BY ts");
  if (taos_errno(res) != 0) {
    fail("SELECT", taos_errno(res), taos_errstr(res));
    taos_free_result(res);
    taos_close(taos);
    return 1;
  }
  int         columns = taos_num_fields(res);
  TAOS_FIELD *fields = taos_fetch_fields(res);
  for (int i = 0; i < columns; i++) printf("%s%s", i ? " | " : "  ", fields[i].name);
  printf("\n");
  TAOS_ROW row;
  int      rows = 0;
  while ((row = taos_fetch_row(res)) != NULL) {
    char text[512];
    taos_print_row_with_size(text, sizeof text, row, fields, columns);
    printf("  %s\n", text);
    rows++;
  }
  printf("  %d row(s)\n", rows);
  taos_free_result(res);
  taos_close(taos);
  return rows == 3 ? 0 : fail("SELECT", 0, "expected three rows");
}

static int through_ws(const char *host, int port) {
  char dsn[128];
  snprintf(dsn, sizeof dsn, "ws://root:taosdata@%s:%d/power", host, port);
  WS_TAOS *taos = ws_connect(dsn);
  if (taos == NULL) return fail("ws_connect", ws_errno(NULL), ws_errstr(NULL));
  printf("ws_connect(\"%s\"): connected\n", dsn);

  WS_RES *res = ws_query(taos, "SELECT location, count(*), avg(voltage) FROM meters PARTITION BY location ORDER BY location");
  if (ws_errno(res) != 0) {
    fail("SELECT", ws_errno(res), ws_errstr(res));
    ws_free_result(res);
    ws_close(taos);
    return 1;
  }
  const struct WS_FIELD *fields = ws_fetch_fields(res);
  int                    columns = ws_field_count(res);
  WS_ROW                 row;
  int                    rows = 0;
  while ((row = ws_fetch_row(res)) != NULL) {
    char text[512];
    ws_print_row(text, sizeof text, row, fields, columns);
    printf("  %s\n", text);
    rows++;
  }
  printf("  %d row(s)\n", rows);
  ws_free_result(res);
  ws_close(taos);
  return rows == 2 ? 0 : fail("SELECT", 0, "expected two rows");
}

int main(int argc, char **argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: demo HOST PORT\n");
    return 2;
  }
  int port = atoi(argv[2]);
  return through_taos(argv[1], port) || through_ws(argv[1], port);
}
