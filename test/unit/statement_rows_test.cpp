#include "client/statement_rows.h"

#include <catch2/catch.hpp>
#include <cstring>

#include "statement_fixture.h"

using namespace opentaos;
using namespace opentaos::client;
using namespace opentaos::test;
using wire::BindError;
using wire::BindField;

namespace {

BindField field(uint8_t type, int32_t bytes = 0) {
  BindField f;
  f.type = type;
  f.bytes = bytes;
  return f;
}

std::string text_at(const wire::ColumnInput &c, int row) {
  const char *p = static_cast<const char *>(c.buffer);
  for (int i = 0; i < row; i++) p += c.null_at(i) ? 0 : c.lengths[i];
  return c.null_at(row) ? "NULL" : std::string(p, static_cast<size_t>(c.lengths[row]));
}

}  // namespace

TEST_CASE("statement_rows: values of several binds stand one behind the other", "[statement]") {
  const BindField fields[] = {field(4), field(8, 12)};
  BoundRows rows;
  rows.reset(2, fields, {});
  rows.begin_table("");
  for (int k = 0; k < 3; k++) {
    auto a = Values::ints({k, k + 10});
    auto b = Values::texts({"a" + std::to_string(k), "0123456789"});
    if (k == 1) a.null_at({1, 0}), b.null_at({0, 1});
    auto x = a.strided();
    auto y = b.strided(k == 2 ? 10 : 32);
    REQUIRE(rows.append(0, x, 2) == BindError::kNone);
    REQUIRE(rows.append(1, y, 2) == BindError::kNone);
  }
  rows.end_table();
  CHECK(rows.rows() == 6);
  CHECK(rows.is_even());
  REQUIRE(rows.tables().size() == 1);
  CHECK(rows.tables()[0].rows == 6);
  const auto ints = rows.column(0), texts = rows.column(1);
  CHECK(static_cast<const int32_t *>(ints.buffer)[5] == 12);
  CHECK(ints.null_at(2));
  CHECK_FALSE(ints.null_at(3));
  CHECK(text_at(texts, 0) == "a0");
  CHECK(text_at(texts, 1) == "0123456789");
  CHECK(text_at(texts, 3) == "NULL");
  CHECK(text_at(texts, 4) == "a2");
}

TEST_CASE("statement_rows: what does not fit is refused", "[statement]") {
  const BindField fields[] = {field(4), field(8, 12), field(10, 34)};
  BoundRows rows;
  rows.reset(3, fields, {});
  rows.begin_table("");
  auto wrong = Values::doubles({1.5});
  auto w = wrong.strided();
  CHECK(rows.append(0, w, 1) == BindError::kTypeMismatch);
  auto text = Values::texts({"0123456789a"});
  auto t = text.strided();
  CHECK(rows.append(1, t, 1) == BindError::kTooLong);
  auto wide = Values::texts({"123456789"}, 10);
  auto n = wide.strided();
  CHECK(rows.append(2, n, 1) == BindError::kTooLong);
  rows.reset(3, fields, {});
  auto fits = Values::texts({"\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2"}, 10);  // 12 bytes, 4 characters
  n = fits.strided();
  CHECK(rows.append(2, n, 1) == BindError::kNone);

  t = text.strided();
  t.length = nullptr;
  CHECK(rows.append(1, t, 1) == BindError::kInvalid);
  int32_t negative = -1;
  t.length = &negative;
  CHECK(rows.append(1, t, 1) == BindError::kInvalid);
  auto ints = Values::ints({1});
  auto i = ints.strided();
  i.buffer = nullptr;
  CHECK(rows.append(0, i, 1) == BindError::kInvalid);
}

TEST_CASE("statement_rows: NULL needs neither type nor buffer", "[statement]") {
  const BindField fields[] = {field(4), field(8, 12)};
  BoundRows rows;
  rows.reset(2, fields, {});
  rows.begin_table("");
  char yes = 1;
  TAOS_MULTI_BIND null{5, nullptr, 0, nullptr, &yes, 1};
  CHECK(rows.append(0, null, 1) == BindError::kNone);
  CHECK(rows.append(1, null, 1) == BindError::kNone);
  CHECK(rows.column(0).type == 4);
  CHECK(rows.column(1).null_at(0));
}

TEST_CASE("statement_rows: an empty text without a buffer", "[statement]") {
  const BindField fields[] = {field(8, 12)};
  BoundRows rows;
  rows.reset(1, fields, {});
  int32_t zero[3] = {0, 0, 0};
  TAOS_MULTI_BIND empty{8, nullptr, 64, zero, nullptr, 3};
  CHECK(rows.append(0, empty, 3) == BindError::kNone);
  CHECK(rows.rows() == 3);
}

TEST_CASE("statement_rows: tables and their tags", "[statement]") {
  const BindField fields[] = {field(4)};
  const BindField tags[] = {field(4), field(8, 14)};
  BoundRows rows;
  rows.reset(1, fields, tags);
  for (int k = 0; k < 3; k++) {
    rows.begin_table("never used");  // a table that gets no rows
    rows.begin_table("c" + std::to_string(k));
    std::vector<Values> v = {Values::ints({k}), Values::texts({"tag" + std::to_string(k)})};
    if (k == 1) v[1].null_at({1});
    auto b = strided(v);
    if (k != 2) {
      REQUIRE(rows.set_tags(b.data()) == BindError::kNone);
    }
    auto one = Values::ints({k, k});
    auto x = one.strided();
    REQUIRE(rows.append(0, x, 2) == BindError::kNone);
  }
  rows.end_table();
  REQUIRE(rows.tables().size() == 3);
  CHECK(std::string(rows.name_of(rows.tables()[1])) == "c1");
  CHECK(rows.tables()[2].first == 4);
  CHECK(rows.tables()[2].first_tag == -1);
  CHECK(text_at(rows.tag_of(rows.tables()[0], 1), 0) == "tag0");
  CHECK(rows.tag_of(rows.tables()[1], 1).null_at(0));
  CHECK(*static_cast<const int32_t *>(rows.tag_of(rows.tables()[1], 0).buffer) == 1);

  SECTION("after an execution the last table is still the current one") {
    rows.begin_table("c1");
    std::vector<Values> v = {Values::ints({77}), Values::texts({"kept"})};
    auto b = strided(v);
    REQUIRE(rows.set_tags(b.data()) == BindError::kNone);
    rows.end_table();
    rows.start_again();
    CHECK(rows.empty());
    REQUIRE(rows.tables().size() == 1);
    CHECK(std::string(rows.name_of(rows.tables()[0])) == "c1");
    CHECK(text_at(rows.tag_of(rows.tables()[0], 1), 0) == "kept");
  }
  SECTION("tags that do not fit") {
    std::vector<Values> v = {Values::ints({1}), Values::texts({"longer than 12 bytes"})};
    auto b = strided(v);
    CHECK(rows.set_tags(b.data()) == BindError::kTooLong);
    b[1] = b[0];
    CHECK(rows.set_tags(b.data()) == BindError::kTypeMismatch);
  }
}
