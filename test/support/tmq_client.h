// Short forms of what tests of subscriptions do with the C interface.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "taos.h"
#include "tmq_server.h"
#include "values.h"

namespace opentaos::test {

using ConfPairs = std::vector<std::pair<std::string, std::string>>;

inline tmq_conf_t *new_conf(const std::string &address, uint16_t port, const ConfPairs &more = {}) {
  tmq_conf_t *conf = tmq_conf_new();
  ConfPairs pairs{{"td.connect.ip", address},
                  {"td.connect.port", std::to_string(port)},
                  {"group.id", "g"},
                  {"auto.offset.reset", "earliest"},
                  {"enable.auto.commit", "false"}};
  pairs.insert(pairs.end(), more.begin(), more.end());
  for (auto &[key, value] : pairs)
    if (tmq_conf_set(conf, key.c_str(), value.c_str()) != TMQ_CONF_OK) std::abort();
  return conf;
}

// A consumer that is closed at the end of the scope.
class TestConsumer {
 public:
  TestConsumer(const TmqServer &server, const ConfPairs &more = {}, tmq_commit_cb *cb = nullptr, void *param = nullptr)
      : TestConsumer("127.0.0.1", server.port(), more, cb, param) {}
  TestConsumer(const std::string &address, uint16_t port, const ConfPairs &more = {}, tmq_commit_cb *cb = nullptr,
               void *param = nullptr) {
    tmq_conf_t *conf = new_conf(address, port, more);
    if (cb) tmq_conf_set_auto_commit_cb(conf, cb, param);
    char why[256] = "";
    tmq = tmq_consumer_new(conf, why, sizeof why);
    error = why;
    tmq_conf_destroy(conf);
  }
  ~TestConsumer() { (void)close(); }
  TestConsumer(const TestConsumer &) = delete;
  TestConsumer &operator=(const TestConsumer &) = delete;

  int32_t close() {
    tmq_t *mine = std::exchange(tmq, nullptr);
    return mine ? tmq_consumer_close(mine) : 0;
  }
  int32_t subscribe(const std::vector<std::string> &topics) {
    tmq_list_t *list = tmq_list_new();
    for (auto &t : topics) (void)tmq_list_append(list, t.c_str());
    const int32_t code = tmq_subscribe(tmq, list);
    tmq_list_destroy(list);
    return code;
  }
  // The values of column v of the next message; empty if none came.
  std::vector<int> poll(int64_t timeout_ms = 2000) {
    TAOS_RES *res = tmq_consumer_poll(tmq, timeout_ms);
    auto values = values_of(res);
    taos_free_result(res);
    return values;
  }
  // Everything until nothing more comes within `quiet_ms`.
  std::vector<int> drain(int64_t quiet_ms = 50) {
    std::vector<int> all;
    for (;;) {
      TAOS_RES *res = tmq_consumer_poll(tmq, quiet_ms);
      if (!res) return all;
      for (int v : values_of(res)) all.push_back(v);
      taos_free_result(res);
    }
  }
  static std::vector<int> values_of(TAOS_RES *res) {
    std::vector<int> values;
    while (TAOS_ROW row = res ? taos_fetch_row(res) : nullptr) values.push_back(int_at(row[1]));
    return values;
  }

  tmq_t *tmq = nullptr;
  std::string error;
};

inline int64_t ms_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start).count();
}
inline std::chrono::steady_clock::time_point now() { return std::chrono::steady_clock::now(); }

// Waits until `condition` holds, for at most five seconds.
template <typename Condition>
bool eventually(Condition condition) {
  for (int i = 0; i < 1000; i++) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return false;
}

}  // namespace opentaos::test
