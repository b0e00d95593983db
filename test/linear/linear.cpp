// What it costs to bind and write N rows or N tables, for N over several orders of magnitude: a cost that grows faster
// than N shows as a rising number in a row of the table.
//
//   run.sh LIBDIR INCDIR           CPU of the client for each row or table, against the canned server of test/bench
//   run.sh LIBDIR INCDIR count     its instructions instead, counted by callgrind: slow, but the same on every machine
#include <taos.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <functional>
#include <string>
#include <vector>

#if __has_include(<valgrind/callgrind.h>)
#include <valgrind/callgrind.h>
#else
#define RUNNING_ON_VALGRIND 0
#define CALLGRIND_ZERO_STATS
#define CALLGRIND_DUMP_STATS_AT(name)
#endif

namespace {

[[noreturn]] void die(const char *what, const char *why) {
  std::fprintf(stderr, "%s: %s\n", what, why);
  std::exit(1);
}

double cpu_seconds() {
  timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

// Rows of (ts timestamp, current float, voltage int, note varchar(24)).
struct Rows {
  explicit Rows(size_t n) : ts(n), current(n), voltage(n), lengths(n), nulls(n), wide(n * kWidth) {
    for (size_t i = 0; i < n; i++) {
      ts[i] = 1700000000000 + static_cast<int64_t>(i);
      current[i] = static_cast<float>(i % 100) * 0.25f;
      voltage[i] = 200 + static_cast<int32_t>(i % 40);
      nulls[i] = i % 17 == 3;
      const std::string note = "note-" + std::to_string(100000 + i % 100000);
      lengths[i] = static_cast<int32_t>(note.size());
      std::memcpy(&wide[i * kWidth], note.data(), note.size());
      packed += note;
    }
  }
  static constexpr size_t kWidth = 24;

  void binds(TAOS_MULTI_BIND *b, size_t first, int n) {
    b[0] = {TSDB_DATA_TYPE_TIMESTAMP, &ts[first], 8, nullptr, nullptr, n};
    b[1] = {TSDB_DATA_TYPE_FLOAT, &current[first], 4, nullptr, &nulls[first], n};
    b[2] = {TSDB_DATA_TYPE_INT, &voltage[first], 4, nullptr, nullptr, n};
    b[3] = {TSDB_DATA_TYPE_VARCHAR, &wide[first * kWidth], kWidth, &lengths[first], nullptr, n};
  }
  // All notes are equally long.
  void binds(TAOS_STMT2_BIND *b, size_t first, int n) {
    b[0] = {TSDB_DATA_TYPE_TIMESTAMP, &ts[first], nullptr, nullptr, n};
    b[1] = {TSDB_DATA_TYPE_FLOAT, &current[first], nullptr, &nulls[first], n};
    b[2] = {TSDB_DATA_TYPE_INT, &voltage[first], nullptr, nullptr, n};
    b[3] = {TSDB_DATA_TYPE_VARCHAR, &packed[first * static_cast<size_t>(lengths[0])], &lengths[first], nullptr, n};
  }

  std::vector<int64_t> ts;
  std::vector<float> current;
  std::vector<int32_t> voltage, lengths;
  std::vector<char> nulls, wide;
  std::string packed;
};

struct Tables {
  Tables(size_t tables, size_t rows_each) : rows(tables * rows_each), each(rows_each) {
    for (size_t t = 0; t < tables; t++) {
      names.push_back("m" + std::to_string(t));
      groups.push_back(static_cast<int32_t>(t));
    }
    binds.resize(tables * 4);
    tag_binds.resize(tables);
    for (size_t t = 0; t < tables; t++) {
      rows.binds(&binds[t * 4], t * each, static_cast<int>(each));
      tag_binds[t] = {TSDB_DATA_TYPE_INT, &groups[t], nullptr, nullptr, 1};
      name_list.push_back(names[t].data());
      tags.push_back(&tag_binds[t]);
      columns.push_back(&binds[t * 4]);
    }
  }
  TAOS_STMT2_BINDV all() { return {static_cast<int>(names.size()), name_list.data(), tags.data(), columns.data()}; }

  Rows rows;
  size_t each;
  std::vector<std::string> names;
  std::vector<int32_t> groups;
  std::vector<TAOS_STMT2_BIND> binds, tag_binds;
  std::vector<char *> name_list;
  std::vector<TAOS_STMT2_BIND *> tags, columns;
};

const char *const kTable = "insert into st1 values(?,?,?,?)";
const char *const kTables = "insert into ? using st2 tags(?) values(?,?,?,?)";

struct Stmt {
  Stmt(TAOS *taos, const char *sql) : s(taos_stmt_init(taos)) { check(taos_stmt_prepare(s, sql, 0)); }
  ~Stmt() { taos_stmt_close(s); }
  void check(int code) {
    if (code) die("stmt", taos_stmt_errstr(s));
  }
  TAOS_STMT *s;
};
struct Stmt2 {
  Stmt2(TAOS *taos, const char *sql) : s(taos_stmt2_init(taos, nullptr)) { check(taos_stmt2_prepare(s, sql, 0)); }
  ~Stmt2() { taos_stmt2_close(s); }
  void check(int code) {
    if (code) die("stmt2", taos_stmt2_error(s));
  }
  TAOS_STMT2 *s;
};

// Everything of a kind is written by one call of the function.
using Round = std::function<void()>;

void measure(const char *kind, size_t n, const Round &round) {
  round();  // buffers have grown
  if (RUNNING_ON_VALGRIND) {
    const std::string name = std::string(kind) + ":" + std::to_string(n);
    CALLGRIND_ZERO_STATS;
    round();
    CALLGRIND_DUMP_STATS_AT(name.c_str());
    return;
  }
  double best = 1e9, spent = 0;
  for (int k = 0; k < 3 || (spent < 0.2 && k < 5000); k++) {
    const double from = cpu_seconds();
    round();
    const double took = cpu_seconds() - from;
    best = took < best ? took : best;
    spent += took;
  }
  std::printf("%-28s %8zu  %10.1f ns each\n", kind, n, best / static_cast<double>(n) * 1e9);
  std::fflush(stdout);
}

void by_rows(TAOS *taos) {
  for (size_t n : {10u, 100u, 1000u, 10000u, 100000u}) {
    Rows rows(n);
    const int all = static_cast<int>(n);
    {
      Stmt s(taos, kTable);
      TAOS_MULTI_BIND b[4];
      measure("stmt/row-by-row", n, [&] {
        for (size_t i = 0; i < n; i++) {
          rows.binds(b, i, 1);
          s.check(taos_stmt_bind_param(s.s, b));
          s.check(taos_stmt_add_batch(s.s));
        }
        s.check(taos_stmt_execute(s.s));
      });
      measure("stmt/batch", n, [&] {
        rows.binds(b, 0, all);
        s.check(taos_stmt_bind_param_batch(s.s, b));
        s.check(taos_stmt_add_batch(s.s));
        s.check(taos_stmt_execute(s.s));
      });
      measure("stmt/column-by-column", n, [&] {
        rows.binds(b, 0, all);
        for (int c = 0; c < 4; c++) s.check(taos_stmt_bind_single_param_batch(s.s, &b[c], c));
        s.check(taos_stmt_add_batch(s.s));
        s.check(taos_stmt_execute(s.s));
      });
    }
    Stmt2 s(taos, kTable);
    TAOS_STMT2_BIND b[4];
    rows.binds(b, 0, all);
    TAOS_STMT2_BIND *columns = b;
    TAOS_STMT2_BINDV v = {1, nullptr, nullptr, &columns};
    measure("stmt2/whole", n, [&] {
      s.check(taos_stmt2_bind_param(s.s, &v, -1));
      s.check(taos_stmt2_exec(s.s, nullptr));
    });
    if (n > 32767) continue;  // as many as the server takes of a table at once, and a round trip each
    measure("stmt2/column-by-column", n, [&] {
      for (int c = 0; c < 4; c++) {
        TAOS_STMT2_BIND *one = &b[c];
        TAOS_STMT2_BINDV w = {1, nullptr, nullptr, &one};
        s.check(taos_stmt2_bind_param(s.s, &w, c));
      }
      s.check(taos_stmt2_exec(s.s, nullptr));
    });
    measure("stmt2/bind-by-bind", n, [&] {
      for (size_t i = 0; i < n; i++) {
        TAOS_STMT2_BIND one[4];
        rows.binds(one, i, 1);
        TAOS_STMT2_BIND *list = one;
        TAOS_STMT2_BINDV w = {1, nullptr, nullptr, &list};
        s.check(taos_stmt2_bind_param(s.s, &w, -1));
      }
      s.check(taos_stmt2_exec(s.s, nullptr));
    });
  }
}

void by_tables(TAOS *taos) {
  for (size_t n : {1u, 10u, 100u, 1000u, 10000u}) {
    Tables tables(n, 10);
    {
      Stmt s(taos, kTables);
      measure("stmt/tables", n, [&] {
        for (size_t t = 0; t < n; t++) {
          TAOS_MULTI_BIND tag = {TSDB_DATA_TYPE_INT, &tables.groups[t], 4, nullptr, nullptr, 1};
          s.check(taos_stmt_set_tbname_tags(s.s, tables.name_list[t], &tag));
          TAOS_MULTI_BIND b[4];
          tables.rows.binds(b, t * 10, 10);
          s.check(taos_stmt_bind_param_batch(s.s, b));
          s.check(taos_stmt_add_batch(s.s));
        }
        s.check(taos_stmt_execute(s.s));
      });
    }
    Stmt2 s(taos, kTables);
    TAOS_STMT2_BINDV v = tables.all();
    measure("stmt2/tables", n, [&] {
      s.check(taos_stmt2_bind_param(s.s, &v, -1));
      s.check(taos_stmt2_exec(s.s, nullptr));
    });
    measure("stmt2/tables-by-column", n, [&] {
      std::vector<TAOS_STMT2_BIND *> one(n);
      for (int c = 0; c < 4; c++) {
        for (size_t t = 0; t < n; t++) one[t] = tables.columns[t] + c;
        TAOS_STMT2_BINDV w = {static_cast<int>(n), tables.name_list.data(), tables.tags.data(), one.data()};
        s.check(taos_stmt2_bind_param(s.s, &w, c));
      }
      s.check(taos_stmt2_exec(s.s, nullptr));
    });
    measure("stmt2/table-by-table", n, [&] {
      for (size_t t = 0; t < n; t++) {
        TAOS_STMT2_BINDV w = {1, &tables.name_list[t], &tables.tags[t], &tables.columns[t]};
        s.check(taos_stmt2_bind_param(s.s, &w, -1));
      }
      s.check(taos_stmt2_exec(s.s, nullptr));
    });
  }
}

}  // namespace

int main(int argc, char **argv) {
  if (argc < 2) die("usage", "linear PORT");
  TAOS *taos =
      taos_connect("127.0.0.1", "root", "taosdata", "d", static_cast<uint16_t>(std::strtoul(argv[1], nullptr, 10)));
  if (!taos) die("taos_connect", taos_errstr(nullptr));
  by_rows(taos);
  by_tables(taos);
  taos_close(taos);
}
