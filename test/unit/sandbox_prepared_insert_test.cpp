// INSERT with placeholders: what it asks for, what it takes, what it writes.
#include "sandbox_support.h"

using namespace sandbox_test;

namespace {

struct Prepared : Box {
  std::shared_ptr<const PreparedInsert> insert;
  InsertShape shape;
  std::string message;

  Prepared() {
    use("d");
    ok("create table t (ts timestamp, v int, s varchar(8), d decimal(10,2))");
    ok("create table st (ts timestamp, v int, n nchar(4)) tags (g int, j nchar(10))");
  }

  int prepare(const std::string &sql) {
    message.clear();
    return engine->prepare_insert(sql, &insert, &shape, &message);
  }

  // "name:kind:type,..." of the placeholders, or the error.
  std::string asks(const std::string &sql, const std::string &table = "") {
    std::vector<BindField> fields;
    int precision = -1;
    int code = prepare(sql);
    if (code == 0) code = engine->describe_insert(session, *insert, table, &fields, &precision, &message);
    if (code != 0) return printf_text("0x%04x ", code) + message;
    std::string text;
    for (auto &f : fields)
      text +=
          (text.empty() ? "" : ",") + f.field.name + ":" + std::to_string(f.kind) + ":" + std::to_string(f.field.type);
    return text;
  }

  int64_t write(const std::vector<BoundTable> &tables) {
    int64_t affected = -1;
    int code = engine->write_insert(session, *insert, tables, &affected, &message);
    INFO(message);
    REQUIRE(code == 0);
    return affected;
  }

  // "0x0200 text" of a refusal.
  std::string refused(const BoundTable &table) {
    message.clear();
    int code = engine->check_insert(session, *insert, table, &message);
    int64_t affected = 0;
    std::string again;
    CHECK(engine->write_insert(session, *insert, {table}, &affected, &again) == code);
    CHECK(again == message);
    return printf_text("0x%04x ", code) + message;
  }
};

BoundColumn column(uint8_t type, std::vector<Value> values, std::vector<bool> none = {}) {
  return {type, std::move(values), std::move(none)};
}
Value text(const char *s) { return std::string(s); }
Value number(int64_t n) { return n; }

}  // namespace

TEST_CASE("sandbox prepared insert: what kind of statement it is") {
  int count = 0;
  CHECK(preparable("insert into t values (?, '?', \"?\")", &count) == Preparable::kInsert);
  CHECK(count == 1);
  CHECK(preparable(" INSERT INTO ? USING s TAGS (?) VALUES (?,?)", &count) == Preparable::kInsert);
  CHECK(count == 4);
  CHECK(preparable("select * from t where v > ? and `a?` = ?", &count) == Preparable::kQuery);
  CHECK(count == 2);
  for (const char *sql : {"", "insert into", "insert into t select 1", "drop table t", "selec ?", "values insert into"})
    CHECK(preparable(sql, &count) == Preparable::kNeither);
}

TEST_CASE("sandbox prepared insert: placeholders") {
  Prepared box;
  CHECK(box.asks("insert into t values (?, ?, ?, ?)") == "ts:1:9,v:1:4,s:1:8,d:1:21");
  CHECK(box.asks("insert into d.t (s, ts) values (?, ?)") == "s:1:8,ts:1:9");
  CHECK(box.asks("insert into t (ts, v, s) values (?, -1, 'x, y)')") == "ts:1:9");
  CHECK(box.asks("insert into t values (now + 1s, abs(1), 'x', ?);").substr(0, 5) == "d:1:2");
  CHECK(box.asks("insert into ? using st tags (?, ?) values (?, ?, ?)") ==
        "tbname:4:8,g:2:4,j:2:10,ts:1:9,v:1:4,n:1:10");
  CHECK(box.shape.names_table);
  CHECK(box.shape.makes_table);
  CHECK(box.shape.tags == 2);
  CHECK(box.shape.columns == 3);
  CHECK(box.asks("insert into x using st (j) tags (?) (ts, n) values (?, ?)") == "j:2:10,ts:1:9,n:1:10");
  CHECK(box.asks("insert into x (ts) using st tags (7, ?) values (?)") == "j:2:10,ts:1:9");
  CHECK(box.asks("insert into st (n, tbname, ts, g) values (?, ?, ?, ?)") == "n:1:10,tbname:4:8,ts:1:9,g:2:4");
  CHECK(box.asks("insert into ? values (?, ?, ?, ?)", "t") == "tbname:4:8,ts:1:9,v:1:4,s:1:8,d:1:21");
}

TEST_CASE("sandbox prepared insert: mistakes in the statement") {
  Prepared box;
  CHECK(box.asks("insert into ? values (?)") == "0x2603 Table does not exist");
  CHECK(box.asks("insert into nosuch values (?)") == "0x2603 Table does not exist");
  CHECK(box.asks("insert into nodb.t values (?)") == "0x0388 Database not exist");
  CHECK(box.asks("insert into x using t tags (?) values (?)") == "0x2603 Table does not exist");
  CHECK(box.asks("insert into t values (?)") == "0x0216 syntax error near ')' (, expected)");
  CHECK(box.asks("insert into t values (?, ?, ?, ?, ?)") == "0x263f Illegal number of columns");
  CHECK(box.asks("insert into t (v, s) values (?, ?)") == "0x0200 Primary timestamp column should not be null");
  CHECK(box.asks("insert into t (ts, ts) values (?, ?)").substr(0, 6) == "0x0216");
  CHECK(box.asks("insert into st (ts, v) values (?, ?)") == "0x0200 tbname value expected");
  CHECK(box.asks("insert into st values (?, ?, ?)").substr(0, 6) == "0x0216");
  CHECK(box.asks("insert into x using st tags (?) values (?, ?, ?)") == "0x260d Tags number not matched");
  CHECK(box.asks("insert into x using st (nosuch) tags (?) values (?, ?, ?)") == "0x2602 Invalid column name: nosuch");
  for (const char *sql :
       {"insert into t values", "insert into t values (", "insert into t values (?", "insert into ? using",
        "insert into x using st tags", "insert into x using st tags (?, ? values (?)", "insert into",
        "insert into t values (,?)", "insert into t values ()", "insert into t (ts values (?)"})
    CHECK(box.prepare(sql) != 0);
  CHECK(box.prepare("insert into t values (?,?,?,?) (?,?,?,?)") == 0x2600);
  CHECK(box.prepare("insert into t values (?,?,?,?) t values (?,?,?,?)") == 0x2600);
}

TEST_CASE("sandbox prepared insert: writing") {
  Prepared box;
  REQUIRE(box.prepare("insert into ? using st tags (?, 'lit') values (?, ?, ?)") == 0);
  BoundTable a{"A",
               {column(kInt, {number(7)})},
               {column(kTimestamp, {number(1), number(2)}), column(kInt, {number(10), Value{}}),
                column(kNchar, {text("xy"), text("\xe6\xb6\x9b")})}};
  BoundTable b{"d.`b`",
               {column(kInt, {Value{}})},
               {column(kTimestamp, {number(3)}), column(kInt, {number(30)}), column(kNchar, {Value{}})}};
  CHECK(box.write({a, b}) == 3);
  CHECK(box.rows("select tbname, ts, v, n, g, j from st order by ts") ==
        "A,1,10,xy,7,lit|A,2,NULL,\xe6\xb6\x9b,7,lit|b,3,30,NULL,NULL,lit");
  // A table that is there needs no tags, and keeps those it has.
  a.tags.clear();
  a.columns[1].none = {true, false};
  a.columns[2] = column(kNchar, {Value{}, text("z")}, {false, true});
  CHECK(box.write({a}) == 2);
  CHECK(box.rows("select ts, v, n, g from st where tbname = 'A'") == "1,10,NULL,7|2,NULL,\xe6\xb6\x9b,7");

  REQUIRE(box.prepare("insert into t (ts, d, s) values (?, ?, 'k')") == 0);
  CHECK(
      box.write(
          {{"", {}, {column(kTimestamp, {number(1), number(2)}), column(kDecimal64, {text("1.25"), Decimal{-5}})}}}) ==
      2);
  CHECK(box.rows("select ts, d, s from t") == "1,1.25,k|2,-0.05,k");

  REQUIRE(box.prepare("insert into st (tbname, ts, g) values (?, ?, ?)") == 0);
  CHECK(box.write({{"new", {column(kInt, {number(1)})}, {column(kTimestamp, {number(9)})}}}) == 1);
  CHECK(box.rows("select tbname, g, j from st where ts = 9") == "new,1,NULL");
}

TEST_CASE("sandbox prepared insert: what is refused leaves nothing behind") {
  Prepared box;
  REQUIRE(box.prepare("insert into ? using st tags (?, ?) values (?, ?, ?)") == 0);
  const std::vector<BoundColumn> tags = {column(kInt, {number(1)}), column(kNchar, {text("x")})};
  const std::vector<BoundColumn> good = {column(kTimestamp, {number(1)}), column(kInt, {number(1)}),
                                         column(kNchar, {text("x")})};
  auto with = [&](size_t i, BoundColumn c) {
    auto columns = good;
    columns[i] = std::move(c);
    return columns;
  };
  const std::string uneven = "0x0200 row number in each bind param should be the same";
  CHECK(box.refused({"", tags, good}) == "0x022b table name not set");
  CHECK(box.refused({"a.b.c", tags, good}).substr(0, 6) == "0x0388");
  CHECK(box.refused({std::string(193, 'x'), tags, good}).substr(0, 6) == "0x2617");
  CHECK(box.refused({"t", tags, good}) == "0x0603 Table already exists in other stables");
  CHECK(box.refused({"x", {}, good}) == "0x260d Tags number not matched");
  CHECK(box.refused({"x", tags, {good[0], good[1]}}) == uneven);
  CHECK(box.refused({"x", tags, with(1, column(kInt, {number(1), number(2)}))}) == uneven);
  CHECK(box.refused({"x", tags, with(1, column(kBigInt, {number(1)}))}) ==
        "0x0200 column type mis-match with buffer type");
  CHECK(box.refused({"x", tags, with(0, column(kTimestamp, {Value{}}))}) ==
        "0x267b Primary key column should not be null");
  CHECK(box.refused({"x", tags, with(0, column(kTimestamp, {Value{}}, {true}))}).substr(0, 6) == "0x267b");
  CHECK(box.refused({"x", tags, with(2, column(kNchar, {text("12345")}))}) == "0x2653 Value too long for column/tag");
  CHECK(box.refused({"x", tags, with(2, column(kNchar, {text("\xff")}))}).substr(0, 6) == "0x0200");
  CHECK(box.rows("show tables") == "t");
  int64_t affected = 0;
  BoundTable late{"y", tags, with(0, column(kTimestamp, {number(INT64_MAX)}))};
  CHECK(box.engine->write_insert(box.session, *box.insert, {{"x", tags, good}, late}, &affected, &box.message) ==
        0x060b);
  CHECK(box.rows("show tables") == "t");
  CHECK(box.rows("select count(*) from st") == "0");

  REQUIRE(box.prepare("insert into t (ts, d) values (?, ?)") == 0);
  CHECK(box.refused({"", {}, {column(kTimestamp, {number(1)}), column(kDecimal64, {text("x")})}}).substr(0, 6) ==
        "0x0200");
  REQUIRE(box.prepare("insert into t (ts, v) values (?, 'no number')") == 0);
  CHECK(box.refused({"", {}, {column(kTimestamp, {number(1)})}}).substr(0, 6) == "0x0216");
}
