/*
 * Copies a database as programs for the native library do it: everything that a consumer of a topic WITH META gets is
 * taken with tmq_get_raw() and given to tmq_write_raw() on a connection that uses another database. Then both databases
 * are read and compared.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "taos.h"

static const char *host;
static uint16_t port;

static void die(const char *what, int code, const char *why) {
  printf("FAILED: %s: 0x%08x %s\n", what, (unsigned)code, why);
  exit(1);
}

static TAOS *connect_to(const char *db) {
  TAOS *taos = taos_connect(host, "root", "taosdata", db, port);
  if (taos == NULL) die("taos_connect", taos_errno(NULL), taos_errstr(NULL));
  return taos;
}

static void run(TAOS *taos, const char *sql) {
  TAOS_RES *res = taos_query(taos, sql);
  int code = taos_errno(res);
  if (code != 0) die(sql, code, taos_errstr(res));
  taos_free_result(res);
}

/* Tables of every kind, columns that come and go, rows that are deleted and replaced. */
static void fill(TAOS *taos) {
  static const char *const statements[] = {
      "create table s (ts timestamp, i int, f float, d double, b bool, t varchar(20), n nchar(20), dec decimal(20,4), "
      "u bigint unsigned) tags (g int, name varchar(10), nn nchar(10), x double)",
      "create table s2 (ts timestamp, v int) tags (j json)",
      "create table plain (ts timestamp, v int, bin varbinary(16)) ",
      "create table c1 using s tags (1, 'one', '漢', 1.5) c2 using s (g) tags (2)",
      "create table j1 using s2 tags ('{\"k\":1,\"t\":\"text\"}')",
      "insert into c1 values (1000, 1, 1.25, -2.5, true, 'text', '漢字', 12345.6789, 18446744073709551615)",
      "insert into c1 values (2000, null, null, null, null, null, null, null, null)",
      "insert into c2 (ts, i) values (1000, 7) c3 using s tags (3, 'three', null, null) (ts, t) values (1000, 'made')",
      "insert into j1 values (1, 1) (2, 2) (3, 3)",
      "insert into plain values (1, 1, '\\x00ff') (2, 2, '')",
      "alter table s add column later varchar(4)",
      "alter table plain add column more double",
      "alter table s modify column t varchar(40)",
      "alter table s add tag extra int",
      "alter table c1 set tag name = 'changed'",
      "alter table plain rename column more less",
      "insert into c1 (ts, i, later, t) values (3000, 3, 'new', 'longer than it was before')",
      "insert into plain values (3, 3, null, 0.5)",
      "insert into c1 (ts, i) values (4000, 4)",
      "delete from s where ts = 2000",
      "create table gone using s tags (9, 'gone', null, null, 9)",
      "drop table gone",
      "alter table s drop column b",
  };
  char sql[200];
  size_t i;
  for (i = 0; i < sizeof statements / sizeof *statements; i++) run(taos, statements[i]);
  for (i = 0; i < 300; i++) {
    snprintf(sql, sizeof sql,
             "insert into many%d using s tags (%d, 'm', null, null, 1) (ts, i, d) values (%d, %d, %d.5)", (int)(i % 7),
             (int)(i % 7), (int)(5000 + i), (int)i, (int)i);
    run(taos, sql);
  }
}

static tmq_t *make_consumer(int batch) {
  char number[16], why[256] = "";
  const char *pairs[][2] = {
      {"group.id", batch ? "copy_batch" : "copy"}, {"td.connect.user", "root"},     {"td.connect.pass", "taosdata"},
      {"auto.offset.reset", "earliest"},           {"enable.auto.commit", "false"}, {"msg.with.table.name", "true"},
      {"msg.enable.batchmeta", batch ? "1" : "0"}};
  tmq_conf_t *conf = tmq_conf_new();
  tmq_list_t *topics = tmq_list_new();
  tmq_t *tmq;
  int32_t code;
  size_t i;
  snprintf(number, sizeof number, "%d", (int)port);
  if (tmq_conf_set(conf, "td.connect.ip", host) != TMQ_CONF_OK) die("td.connect.ip", 0, host);
  if (tmq_conf_set(conf, "td.connect.port", number) != TMQ_CONF_OK) die("td.connect.port", 0, number);
  for (i = 0; i < sizeof pairs / sizeof *pairs; i++)
    if (tmq_conf_set(conf, pairs[i][0], pairs[i][1]) != TMQ_CONF_OK) die(pairs[i][0], 0, pairs[i][1]);
  tmq = tmq_consumer_new(conf, why, sizeof why);
  tmq_conf_destroy(conf);
  if (tmq == NULL) die("tmq_consumer_new", taos_errno(NULL), why);
  tmq_list_append(topics, "copy_topic");
  code = tmq_subscribe(tmq, topics);
  tmq_list_destroy(topics);
  if (code != 0) die("tmq_subscribe", code, tmq_err2str(code));
  return tmq;
}

/* How many messages of each kind there were. */
struct counts {
  int data, meta, both;
};

static struct counts copy(TAOS *to, int batch) {
  struct counts n = {0, 0, 0};
  tmq_t *tmq = make_consumer(batch);
  int quiet = 0;
  int32_t code;
  while (quiet < 2) {
    TAOS_RES *message = tmq_consumer_poll(tmq, 300);
    tmq_raw_data raw;
    if (message == NULL) {
      quiet++;
      continue;
    }
    quiet = 0;
    switch (tmq_get_res_type(message)) {
      case TMQ_RES_DATA: n.data++; break;
      case TMQ_RES_TABLE_META: n.meta++; break;
      case TMQ_RES_METADATA: n.both++; break;
      default: die("tmq_get_res_type", tmq_get_res_type(message), "not expected"); break;
    }
    memset(&raw, 0, sizeof raw);
    code = tmq_get_raw(message, &raw);
    if (code != 0) die("tmq_get_raw", code, tmq_err2str(code));
    code = tmq_write_raw(to, raw);
    if (code != 0) {
      char *json = tmq_get_json_meta(message);
      printf("of type %d: %s\n", (int)raw.raw_type, json != NULL ? json : "data");
      tmq_free_json_meta(json);
      die("tmq_write_raw", code, tmq_err2str(code));
    }
    tmq_free_raw(raw);
    code = tmq_commit_sync(tmq, message);
    if (code != 0) die("tmq_commit_sync", code, tmq_err2str(code));
    taos_free_result(message);
  }
  code = tmq_unsubscribe(tmq);
  if (code != 0) die("tmq_unsubscribe", code, tmq_err2str(code));
  code = tmq_consumer_close(tmq);
  if (code != 0) die("tmq_consumer_close", code, tmq_err2str(code));
  return n;
}

/* The whole answer as text; the caller frees it. */
static char *answer(TAOS *taos, const char *sql) {
  size_t used = 0, size = 1 << 20;
  char *text = malloc(size);
  TAOS_RES *res = taos_query(taos, sql);
  TAOS_ROW row;
  int i, fields;
  TAOS_FIELD *list;
  if (text == NULL) die("malloc", 0, "");
  text[0] = '\0';
  if (taos_errno(res) != 0) die(sql, taos_errno(res), taos_errstr(res));
  fields = taos_num_fields(res);
  list = taos_fetch_fields(res);
  for (i = 0; i < fields; i++)
    used += (size_t)snprintf(text + used, size - used, "%s:%d:%d ", list[i].name, list[i].type, (int)list[i].bytes);
  while ((row = taos_fetch_row(res)) != NULL) {
    char line[8192];
    taos_print_row(line, row, list, fields);
    used += (size_t)snprintf(text + used, size - used, "\n%s", line);
    if (used + sizeof line > size) die(sql, 0, "more than this program expects");
  }
  taos_free_result(res);
  return text;
}

/* Where the line starts in which two texts differ. */
static size_t first_different_line(const char *a, const char *b) {
  size_t i, line = 0;
  for (i = 0; a[i] != '\0' && a[i] == b[i]; i++)
    if (a[i] == '\n') line = i + 1;
  return line;
}

static void compare(TAOS *from, TAOS *to) {
  static const char *const queries[] = {
      "select tbname, * from s order by tbname, ts",
      "select distinct tbname, g, name, nn, x, extra from s order by tbname",
      "select tbname, ts, v, j from s2 order by ts",
      "select * from plain order by ts",
      "describe s",
      "describe plain",
      "show tables",
      "show stables",
  };
  size_t i;
  for (i = 0; i < sizeof queries / sizeof *queries; i++) {
    char *a = answer(from, queries[i]), *b = answer(to, queries[i]);
    if (strcmp(a, b) != 0) {
      size_t same = first_different_line(a, b);
      printf("%s\n--- from\n%.300s\n--- to\n%.300s\n", queries[i], a + same, b + same);
      die("compare", 0, queries[i]);
    }
    free(a);
    free(b);
  }
}

int main(void) {
  const char *number = getenv("TAOS_PORT");
  TAOS *from, *to;
  int batch;
  host = getenv("TAOS_HOST");
  if (host == NULL || number == NULL) die("TAOS_HOST and TAOS_PORT", 0, "must say where the server is");
  port = (uint16_t)strtol(number, NULL, 10);
  from = connect_to(NULL);
  run(from, "create database copy_from vgroups 3 keep 36500");
  run(from, "use copy_from");
  run(from, "create topic copy_topic with meta as database copy_from");
  fill(from);
  for (batch = 0; batch < 2; batch++) {
    struct counts n;
    to = connect_to(NULL);
    run(to, "create database copy_to vgroups 1 keep 36500");
    run(to, "use copy_to");
    n = copy(to, batch);
    printf("%s: %d messages of data, %d of changes, %d of both\n", batch ? "batched" : "single", n.data, n.meta,
           n.both);
    if (n.meta == 0 || n.data + n.both == 0) die("copy", 0, "messages of a kind are missing");
    compare(from, to);
    run(to, "drop database copy_to");
    taos_close(to);
  }
  run(from, "drop topic copy_topic");
  run(from, "drop database copy_from");
  taos_close(from);
  puts("the databases are the same");
  return 0;
}
