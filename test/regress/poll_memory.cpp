// Polls many times and looks at the heap: what a message takes must come back.
#include <malloc.h>
#include <taos.h>

#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

constexpr int kRecords = 200;
// What the heap may have more at the end: a pool that grew late, not something per message.
constexpr size_t kSlack = 128 * 1024;

[[noreturn]] void die(const std::string &what, int code, const char *why) {
  std::printf("FAILED: %s: 0x%08x %s\n", what.c_str(), static_cast<unsigned>(code), why);
  std::exit(1);
}

void run(TAOS *taos, const std::string &sql) {
  TAOS_RES *res = taos_query(taos, sql.c_str());
  if (int code = taos_errno(res); code != 0) die(sql, code, taos_errstr(res));
  taos_free_result(res);
}

tmq_t *subscribed(const char *host, const char *port) {
  tmq_conf_t *conf = tmq_conf_new();
  const char *pairs[][2] = {{"td.connect.ip", host},         {"td.connect.port", port},
                            {"td.connect.user", "root"},     {"td.connect.pass", "taosdata"},
                            {"group.id", "memory"},          {"auto.offset.reset", "earliest"},
                            {"enable.auto.commit", "false"}, {"min.poll.rows", "1"}};  // a message per record
  for (auto &[key, value] : pairs)
    if (tmq_conf_set(conf, key, value) != TMQ_CONF_OK) die(key, 0, value);
  char why[256] = "";
  tmq_t *tmq = tmq_consumer_new(conf, why, sizeof why);
  tmq_conf_destroy(conf);
  if (!tmq) die("tmq_consumer_new", taos_errno(nullptr), why);
  tmq_list_t *topics = tmq_list_new();
  tmq_list_append(topics, "memory_topic");
  if (int code = tmq_subscribe(tmq, topics); code != 0) die("tmq_subscribe", code, tmq_err2str(code));
  tmq_list_destroy(topics);
  return tmq;
}

// All messages from the start on; how many.
int round_of_polls(tmq_t *tmq, int vgroup) {
  if (int code = tmq_offset_seek(tmq, "memory_topic", vgroup, 0); code != 0)
    die("tmq_offset_seek", code, tmq_err2str(code));
  int polls = 0;
  for (int rows = 0; rows < kRecords; polls++) {
    TAOS_RES *res = tmq_consumer_poll(tmq, 10000);
    if (!res) die("tmq_consumer_poll", taos_errno(nullptr), "no message came");
    while (taos_fetch_row(res)) {
      rows++;
      if (std::string(tmq_get_table_name(res)) != "t") die("the table's name", 0, tmq_get_table_name(res));
    }
    if (polls % 50 == 0) {
      tmq_raw_data raw{};
      if (int code = tmq_get_raw(res, &raw); code != 0) die("tmq_get_raw", code, tmq_err2str(code));
      tmq_free_raw(raw);
      if (int code = tmq_commit_sync(tmq, res); code != 0) die("tmq_commit_sync", code, tmq_err2str(code));
    }
    taos_free_result(res);
  }
  return polls;
}

}  // namespace

int main(int argc, char **argv) {
  const char *host = std::getenv("TAOS_HOST"), *port = std::getenv("TAOS_PORT");
  if (!host || !port) die("TAOS_HOST and TAOS_PORT", 0, "must say where the server is");
  const long wanted = argc > 1 ? std::strtol(argv[1], nullptr, 10) : 100000;
  TAOS *taos = taos_connect(host, "root", "taosdata", nullptr, static_cast<uint16_t>(std::strtol(port, nullptr, 10)));
  if (!taos) die("taos_connect", taos_errno(nullptr), taos_errstr(nullptr));
  run(taos, "create database memory vgroups 1 keep 36500");
  run(taos, "create table memory.t (ts timestamp, v int, s varchar(100))");
  run(taos, "create topic memory_topic as database memory");
  for (int i = 0; i < kRecords; i++)
    run(taos, "insert into memory.t values (" + std::to_string(i) + ", " + std::to_string(i) + ", '" +
                  std::string(static_cast<size_t>(i % 90), 'x') + "')");
  tmq_t *tmq = subscribed(host, port);
  TAOS_RES *first = tmq_consumer_poll(tmq, 10000);
  if (!first) die("tmq_consumer_poll", taos_errno(nullptr), "no message came");
  const int vgroup = tmq_get_vgroup_id(first);
  taos_free_result(first);

  long polls = 0;
  for (int i = 0; i < 5; i++) polls += round_of_polls(tmq, vgroup);
  const size_t before = mallinfo2().uordblks;
  while (polls < wanted) polls += round_of_polls(tmq, vgroup);
  for (int i = 0; i < 200; i++)
    if (TAOS_RES *none = tmq_consumer_poll(tmq, 1)) die("tmq_consumer_poll", 0, (taos_free_result(none), "a message"));
  const size_t after = mallinfo2().uordblks;
  std::printf("%ld polls, %zu bytes in use before, %zu after\n", polls, before, after);
  if (after > before + kSlack) die("the heap", 0, "has grown");

  if (int code = tmq_consumer_close(tmq); code != 0) die("tmq_consumer_close", code, tmq_err2str(code));
  run(taos, "drop topic memory_topic");
  run(taos, "drop database memory");
  taos_close(taos);
  return 0;
}
