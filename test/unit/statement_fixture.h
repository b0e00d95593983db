// What the tests of statements share: a connection to a StmtAdapter, and short ways to write values down.
#pragma once
#include <taos.h>
#include <taosws.h>

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "../support/stmt_adapter.h"
#include "../support/values.h"
#include "base/handle.h"
#include "client/connection.h"

namespace opentaos::test {

class StmtFixture {
 public:
  explicit StmtFixture(const std::string &version = "3.3.7.5", StmtAdapter::Describe describe = describe_test_tables)
      : adapter(std::move(describe), version) {
    taos = taos_connect("127.0.0.1", "root", "taosdata", nullptr, adapter.port());
    REQUIRE(taos != nullptr);
  }
  ~StmtFixture() {
    taos_close(taos);
    CHECK(adapter.fatal() == "");  // nothing that ends an adapter was sent
  }

  void set_read_timeout(int ms) {
    static_cast<client::Connection *>(base::peek_handle(base::HandleKind::kConnection, taos))->set_timeouts(ms, -1);
  }

  StmtAdapter adapter;
  TAOS *taos;
};

inline int code(unsigned low) { return static_cast<int>(0x80000000u | low); }

// Values of one column in the form of either generation; they live as long as this.
struct Values {
  int type = 0;
  std::vector<int64_t> i64;
  std::vector<int32_t> i32;
  std::vector<double> f64;
  std::vector<std::string> text;
  std::vector<char> nulls;
  std::string bytes;
  std::vector<int32_t> lengths;

  static Values timestamps(std::vector<int64_t> v) {
    return make(9, [&](Values &x) { x.i64 = std::move(v); });
  }
  static Values ints(std::vector<int32_t> v) {
    return make(4, [&](Values &x) { x.i32 = std::move(v); });
  }
  static Values doubles(std::vector<double> v) {
    return make(7, [&](Values &x) { x.f64 = std::move(v); });
  }
  static Values texts(std::vector<std::string> v, int type = 8) {
    return make(type, [&](Values &x) { x.text = std::move(v); });
  }
  Values &null_at(std::vector<char> flags) {
    nulls = std::move(flags);
    return *this;
  }

  int size() const { return static_cast<int>(i64.size() + i32.size() + f64.size() + text.size()); }
  void *data() {
    return !i64.empty() ? static_cast<void *>(i64.data()) : !i32.empty() ? static_cast<void *>(i32.data()) : f64.data();
  }

  TAOS_STMT2_BIND packed() {
    bytes.clear();
    lengths.clear();
    for (size_t i = 0; i < text.size(); i++) {
      lengths.push_back(static_cast<int32_t>(text[i].size()));
      if (nulls.empty() || !nulls[i]) bytes += text[i];
    }
    return {type, text.empty() ? data() : bytes.data(), text.empty() ? nullptr : lengths.data(),
            nulls.empty() ? nullptr : nulls.data(), size()};
  }
  TAOS_MULTI_BIND strided(size_t width = 32) {
    bytes.assign(width * text.size(), '!');
    lengths.clear();
    for (size_t i = 0; i < text.size(); i++) {
      lengths.push_back(static_cast<int32_t>(text[i].size()));
      bytes.replace(i * width, text[i].size(), text[i]);
    }
    return {type,
            text.empty() ? data() : bytes.data(),
            width,
            text.empty() ? nullptr : lengths.data(),
            nulls.empty() ? nullptr : nulls.data(),
            size()};
  }

 private:
  template <typename F>
  static Values make(int type, F &&fill) {
    Values v;
    v.type = type;
    fill(v);
    return v;
  }
};

inline std::vector<TAOS_STMT2_BIND> packed(std::vector<Values> &columns) {
  std::vector<TAOS_STMT2_BIND> out;
  for (auto &c : columns) out.push_back(c.packed());
  return out;
}
inline std::vector<TAOS_MULTI_BIND> strided(std::vector<Values> &columns) {
  std::vector<TAOS_MULTI_BIND> out;
  for (auto &c : columns) out.push_back(c.strided());
  return out;
}

// One table's rows for TAOS_STMT2_BINDV.
struct OneTable {
  std::vector<Values> columns;
  std::vector<TAOS_STMT2_BIND> binds;
  TAOS_STMT2_BIND *first = nullptr;
  TAOS_STMT2_BINDV v{};

  explicit OneTable(std::vector<Values> c) : columns(std::move(c)), binds(packed(columns)), first(binds.data()) {
    v = {1, nullptr, nullptr, &first};
  }
  OneTable(const OneTable &) = delete;
  void pack() {  // after a change of the columns
    binds = packed(columns);
    first = binds.data();
  }
};

// Rows of the table t, from a time on.
inline std::vector<Values> rows_of_t(int64_t ts, int n = 1) {
  std::vector<int64_t> times;
  std::vector<int32_t> ints;
  std::vector<std::string> texts;
  std::vector<double> doubles;
  for (int i = 0; i < n; i++) {
    times.push_back(ts + i);
    ints.push_back(i);
    texts.push_back("r" + std::to_string(i % 1000));
    doubles.push_back(i + 0.5);
  }
  return {Values::timestamps(times), Values::ints(ints), Values::texts(texts), Values::doubles(doubles)};
}

inline const char *const kInsert = "insert into t values (?, ?, ?, ?)";

using Texts = std::vector<std::string>;

}  // namespace opentaos::test
