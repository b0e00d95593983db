/* late_libraries LIB plain PORT | LIB tls PORT | LIB refused DSN TEXT
 *
 * What a program that loads the library gets loaded with it, and when. "plain" and "tls" connect and ask something;
 * "refused" expects that the DSN cannot be connected to, for a reason that contains TEXT. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "taos.h"

static int (*init_)(void);
static TAOS *(*connect_)(const char *, const char *, const char *, const char *, uint16_t);
static TAOS *(*connect_with_dsn)(const char *);
static TAOS_RES *(*query_)(TAOS *, const char *);
static int (*errno_)(TAOS_RES *);
static const char *(*errstr_)(TAOS_RES *);
static void (*free_result_)(TAOS_RES *);
static void (*close_)(TAOS *);

static void die(const char *what) {
  printf("FAILED: %s\n", what);
  exit(1);
}

static void need(void *library, const char *name, void *slot) {
  void *function = dlsym(library, name);
  if (!function) die(name);
  memcpy(slot, &function, sizeof function);
}

static int is_mapped(const char *name) {
  char line[4096];
  int found = 0;
  FILE *maps = fopen("/proc/self/maps", "r");
  if (!maps) die("/proc/self/maps");
  while (fgets(line, sizeof line, maps)) found |= strstr(line, name) != NULL;
  fclose(maps);
  return found;
}

static void expect_mapped(const char *name, int wanted, const char *when) {
  if (is_mapped(name) == wanted) return;
  printf("FAILED: %s is %sloaded %s\n", name, wanted ? "not " : "", when);
  exit(1);
}

static void use(TAOS *taos) {
  TAOS_RES *res = query_(taos, "select server_version()");
  if (errno_(res) != 0) die(errstr_(res));
  free_result_(res);
  close_(taos);
}

int main(int argc, char **argv) {
  char dsn[200];
  TAOS *taos;
  void *library;
  if (argc < 4) return 2;
  library = dlopen(argv[1], RTLD_NOW);
  if (!library) die(dlerror());
  need(library, "taos_init", &init_);
  need(library, "taos_connect", &connect_);
  need(library, "taos_connect_with_dsn", &connect_with_dsn);
  need(library, "taos_query", &query_);
  need(library, "taos_errno", &errno_);
  need(library, "taos_errstr", &errstr_);
  need(library, "taos_free_result", &free_result_);
  need(library, "taos_close", &close_);
  if (init_() != 0) die("taos_init");
  expect_mapped("/libcrypto.so", 0, "by taos_init()");
  expect_mapped("/libssl.so", 0, "by taos_init()");
  expect_mapped("/libwebsockets.so", 0, "by taos_init()");

  if (!strcmp(argv[2], "plain")) {
    taos = connect_("127.0.0.1", "root", "taosdata", NULL, (uint16_t)atoi(argv[3]));
    if (!taos) die(errstr_(NULL));
    use(taos);
    expect_mapped("/libssl.so", 0, "by a connection without TLS");
    expect_mapped("/libwebsockets.so", 0, "by a connection without TLS");
  } else if (!strcmp(argv[2], "tls")) {
    snprintf(dsn, sizeof dsn, "taos+wss://root:taosdata@127.0.0.1:%s?tls_mode=1", argv[3]);
    taos = connect_with_dsn(dsn);
    if (!taos) die(errstr_(NULL));
    use(taos);
    expect_mapped("/libssl.so", 1, "by a connection with TLS");
    expect_mapped("/libwebsockets.so", 1, "by a connection with TLS");
  } else if (!strcmp(argv[2], "refused") && argc > 4) {
    taos = connect_with_dsn(argv[3]);
    if (taos) die("connected all the same");
    if (errno_(NULL) == 0) die("no error code");
    if (!strstr(errstr_(NULL), argv[4])) die(errstr_(NULL));
    printf("0x%08X %s\n", (unsigned)errno_(NULL), errstr_(NULL));
  } else {
    return 2;
  }
  return 0;
}
