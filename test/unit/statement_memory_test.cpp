// What a statement holds: what is bound plus one buffer, and no more than a little once the batches are small again.
#include "client/statement.h"
#include "client/statement2.h"
#include "statement_fixture.h"

using namespace opentaos;
using namespace opentaos::test;

namespace {

constexpr size_t kLittle = 256 * 1024;

size_t memory_of(TAOS_STMT *s) {
  return static_cast<client::Statement *>(base::peek_handle(base::HandleKind::kStatement, s))->memory();
}
size_t memory_of2(TAOS_STMT2 *s) {
  return static_cast<client::Statement2 *>(base::peek_handle(base::HandleKind::kStatement2, s))->memory();
}

// Bytes of the values of rows_of_t(), with their lengths and null flags.
size_t size_of_rows(int n) { return static_cast<size_t>(n) * (8 + 4 + 4 + 8 + 4 + 4); }

}  // namespace

TEST_CASE("statement_memory: stmt", "[statement]") {
  const char *version = GENERATE("3.3.3.0", "3.3.7.5");
  const int large = 40000;
  CAPTURE(version);
  StmtFixture f(version);
  TAOS_STMT *s = taos_stmt_init(f.taos);
  REQUIRE(taos_stmt_prepare(s, kInsert, 0) == 0);
  auto write = [&](int rows) {
    auto columns = rows_of_t(1, rows);
    auto b = strided(columns);
    REQUIRE(taos_stmt_bind_param_batch(s, b.data()) == 0);
    const size_t bound = memory_of(s);
    REQUIRE(taos_stmt_add_batch(s) == 0);
    REQUIRE(taos_stmt_execute(s) == 0);
    return bound;
  };
  write(10);
  CHECK(memory_of(s) < kLittle);
  CHECK(write(large) < 2 * size_of_rows(large) + kLittle);
  for (int i = 0; i < 3; i++) write(10);
  CHECK(memory_of(s) < kLittle);
  CHECK(taos_stmt_affected_rows(s) == large + 40);
  CHECK(taos_stmt_close(s) == 0);
}

TEST_CASE("statement_memory: stmt, many tables", "[statement]") {
  StmtFixture f;
  TAOS_STMT *s = taos_stmt_init(f.taos);
  REQUIRE(taos_stmt_prepare(s, "insert into ? using st tags (?, ?) values (?, ?, ?)", 0) == 0);
  auto write = [&](int tables) {
    for (int k = 0; k < tables; k++) {
      std::vector<Values> tags = {Values::ints({k}), Values::texts({"n"})};
      auto t = strided(tags);
      REQUIRE(taos_stmt_set_tbname_tags(s, ("c" + std::to_string(k)).c_str(), t.data()) == 0);
      std::vector<Values> row = {Values::timestamps({k}), Values::ints({k}), Values::texts({"abc"}, 10)};
      auto b = strided(row);
      REQUIRE(taos_stmt_bind_param_batch(s, b.data()) == 0);
      REQUIRE(taos_stmt_add_batch(s) == 0);
    }
    REQUIRE(taos_stmt_execute(s) == 0);
  };
  write(5000);
  for (int i = 0; i < 3; i++) write(2);
  CHECK(memory_of(s) < kLittle);
  CHECK(taos_stmt_close(s) == 0);
}

TEST_CASE("statement_memory: stmt2", "[statement]") {
  const char *version = GENERATE("3.3.7.5", "3.4.1.13");
  const int large = 40000;
  CAPTURE(version);
  StmtFixture f(version);
  TAOS_STMT2 *s = taos_stmt2_init(f.taos, nullptr);
  REQUIRE(taos_stmt2_prepare(s, kInsert, 0) == 0);
  auto write = [&](int rows, int times = 1) {
    OneTable columns(rows_of_t(1, rows));
    for (int i = 0; i < times; i++) REQUIRE(taos_stmt2_bind_param(s, &columns.v, -1) == 0);
    const size_t bound = memory_of2(s);
    REQUIRE(taos_stmt2_exec(s, nullptr) == 0);
    return bound;
  };
  write(10);
  CHECK(memory_of2(s) < kLittle);
  SECTION("in one bind") {
    const int rows = GENERATE(40000, 150000);  // below and above what is kept at most
    CHECK(write(rows) < 2 * size_of_rows(rows) + kLittle);
    CHECK(memory_of2(s) < (size_t{7} << 20));
  }
  SECTION("in many binds") {
    CHECK(write(large / 100, 100) < 2 * size_of_rows(large) + 100 * 4096);
    CHECK(memory_of2(s) < (size_t{7} << 20));
  }
  SECTION("column by column") {
    OneTable columns(rows_of_t(1, 30000));
    for (int c = 0; c < 4; c++) {
      columns.first = &columns.binds[static_cast<size_t>(c)];
      REQUIRE(taos_stmt2_bind_param(s, &columns.v, c) == 0);
    }
    REQUIRE(taos_stmt2_exec(s, nullptr) == 0);
  }
  SECTION("bound and given up") {
    OneTable columns(rows_of_t(1, large));
    REQUIRE(taos_stmt2_bind_param(s, &columns.v, -1) == 0);
    REQUIRE(taos_stmt2_prepare(s, kInsert, 0) == 0);
  }
  for (int i = 0; i < 3; i++) write(10);
  CHECK(memory_of2(s) < kLittle);
  CHECK(taos_stmt2_close(s) == 0);
}

TEST_CASE("statement_memory: stmt2 that ends in a callback", "[statement]") {
  StmtFixture f;
  std::atomic<int> done{0};
  TAOS_STMT2_OPTION option = {0, false, false,
                              [](void *param, TAOS_RES *, int) { (*static_cast<std::atomic<int> *>(param))++; }, &done};
  TAOS_STMT2 *s = taos_stmt2_init(f.taos, &option);
  REQUIRE(taos_stmt2_prepare(s, kInsert, 0) == 0);
  for (int rows : {40000, 10, 10, 10}) {
    OneTable columns(rows_of_t(1, rows));
    REQUIRE(taos_stmt2_bind_param(s, &columns.v, -1) == 0);
    REQUIRE(taos_stmt2_exec(s, nullptr) == 0);
  }
  OneTable columns(rows_of_t(1, 1));
  REQUIRE(taos_stmt2_bind_param(s, &columns.v, -1) == 0);  // waits for what is under way
  CHECK(memory_of2(s) < kLittle);
  CHECK(taos_stmt2_close(s) == 0);
  CHECK(done == 4);
}
