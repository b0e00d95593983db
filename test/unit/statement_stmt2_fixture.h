// What the tests of stmt2 and of callbacks share.
#pragma once
#include <semaphore.h>

#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "statement_fixture.h"

namespace opentaos::test {

struct Stmt2 {
  explicit Stmt2(TAOS *taos, TAOS_STMT2_OPTION option = {}) : s(taos_stmt2_init(taos, &option)) {
    REQUIRE(s != nullptr);
  }
  ~Stmt2() { CHECK(taos_stmt2_close(s) == 0); }
  operator TAOS_STMT2 *() const { return s; }
  std::string error() const { return taos_stmt2_error(s); }
  TAOS_STMT2 *s;
};

// Tables of st with a row or more each.
struct ManyTables {
  explicit ManyTables(int n, int rows = 1) {
    for (int k = 0; k < n; k++) {
      names.push_back("m" + std::to_string(k));
      std::vector<int64_t> ts;
      std::vector<int32_t> v;
      std::vector<std::string> text;
      for (int i = 0; i < rows; i++) {
        ts.push_back(1000 + i);
        v.push_back(k * 10 + i);
        text.push_back(std::string(1, static_cast<char>('a' + i % 26)));
      }
      values.push_back({Values::timestamps(ts), Values::ints(v), Values::texts(text, 10)});
      tag_values.push_back({Values::ints({k}), Values::texts({"t" + std::to_string(k)})});
    }
    for (size_t k = 0; k < names.size(); k++) {
      name_list.push_back(names[k].data());
      column_binds.push_back(packed(values[k]));
      tag_binds.push_back(packed(tag_values[k]));
    }
    for (size_t k = 0; k < names.size(); k++) {
      columns.push_back(column_binds[k].data());
      tags.push_back(tag_binds[k].data());
    }
    v = {n, name_list.data(), tags.data(), columns.data()};
  }
  ManyTables(const ManyTables &) = delete;

  std::vector<std::string> names;
  std::vector<std::vector<Values>> values, tag_values;
  std::vector<char *> name_list;
  std::vector<std::vector<TAOS_STMT2_BIND>> column_binds, tag_binds;
  std::vector<TAOS_STMT2_BIND *> columns, tags;
  TAOS_STMT2_BINDV v;
};

inline const char *const kInsertMany = "insert into ? using st tags (?, ?) values (?, ?, ?)";

// A callback that is waited for.
struct Done {
  Done() { sem_init(&sem, 0, 0); }
  static void call(void *param, TAOS_RES *res, int code) {
    auto *d = static_cast<Done *>(param);
    d->calls++;
    d->code = code;
    d->affected = res ? taos_affected_rows(res) : -1;
    d->error = res ? taos_errstr(res) : "";
    d->thread = std::this_thread::get_id();
    if (d->then) d->then(res);
    sem_post(&d->sem);
  }
  bool wait() {
    timespec at;
    clock_gettime(CLOCK_REALTIME, &at);
    at.tv_sec += 20;
    return sem_timedwait(&sem, &at) == 0;
  }
  sem_t sem;
  int calls = 0, code = -1, affected = -2;
  std::string error;
  std::thread::id thread;
  std::function<void(TAOS_RES *)> then;
};

}  // namespace opentaos::test
