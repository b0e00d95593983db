#include "wire/stmt2_frames.h"

#include <catch2/catch.hpp>

#include "base/bytes.h"
#include "bind_input.h"
#include "vector_file.h"

using opentaos::base::Buffer;
using opentaos::base::ByteReader;
using opentaos::base::Status;
using opentaos::test::BoundColumn;
using opentaos::test::VectorFile;
using namespace opentaos::wire;

namespace {

std::vector<uint8_t> content(const Buffer &b) { return {b.data(), b.data() + b.size()}; }
uint32_t code_of(const Status &s) { return static_cast<uint32_t>(s.code()); }

// Tables as a program holds them.
struct Tables {
  struct Table {
    std::string name;
    std::vector<BoundColumn> tags, columns;
  };
  std::vector<Table> tables;
  bool has_names = false;
  int bad = 0;

  const char *name(uint32_t t) const { return tables[t].name.c_str(); }
  ColumnInput tag(uint32_t t, uint32_t i) const { return tables[t].tags[i].input(); }
  ColumnInput column(uint32_t t, uint32_t i) const { return tables[t].columns[i].input(); }
};
Tables tables_of(const VectorFile &v) {
  Tables out;
  const cJSON *list = v.at("tables");
  for (const cJSON *t = list->child; t; t = t->next) {
    Tables::Table table;
    const cJSON *name = cJSON_GetObjectItem(t, "name");
    if (cJSON_IsString(name)) {
      table.name = name->valuestring;
      out.has_names = true;
    }
    auto add = [](std::vector<BoundColumn> &to, const cJSON *entries) {
      for (const cJSON *e = entries->child; e; e = e->next)
        to.emplace_back(cJSON_GetObjectItem(e, "type")->valueint, cJSON_GetObjectItem(e, "values"),
                        BoundColumn::Layout::kPacked, cJSON_GetObjectItem(e, "null_flags"));
    };
    add(table.tags, cJSON_GetObjectItem(t, "tags"));
    add(table.columns, cJSON_GetObjectItem(t, "columns"));
    out.tables.push_back(std::move(table));
  }
  return out;
}
Stmt2Bind bind_of(const VectorFile &v, const Tables &t) {
  Stmt2Bind b;
  b.req_id = static_cast<uint64_t>(v.number("req_id"));
  b.stmt_id = static_cast<uint64_t>(v.number("resource_id"));
  b.column_index = static_cast<int32_t>(v.number("column_index"));
  b.tables = static_cast<uint32_t>(t.tables.size());
  b.has_names = t.has_names;
  b.tags = static_cast<uint32_t>(t.tables[0].tags.size());
  b.columns = static_cast<uint32_t>(t.tables[0].columns.size());
  return b;
}
BindField field(uint8_t type, uint8_t kind = BindField::kColumn, int32_t bytes = 0, uint8_t precision = 0,
                uint8_t scale = 0) {
  BindField f;
  f.type = type;
  f.kind = kind;
  f.bytes = bytes;
  f.precision = precision;
  f.scale = scale;
  return f;
}

// A source of one table made of plain inputs.
struct OneTable {
  std::vector<ColumnInput> columns, tags;
  const char *table = nullptr;
  const char *name(uint32_t) const { return table; }
  ColumnInput tag(uint32_t, uint32_t i) const { return tags[i]; }
  ColumnInput column(uint32_t, uint32_t i) const { return columns[i]; }
};
ColumnInput input(int type, const void *buffer, const int32_t *lengths, const char *nulls, int num) {
  ColumnInput c;
  c.type = type;
  c.buffer = buffer;
  c.lengths = lengths;
  c.is_null = nulls;
  c.num = num;
  return c;
}
Status bind_columns(Buffer &out, const std::vector<ColumnInput> &columns, const std::vector<BindField> &fields = {},
                    bool is_query = false, DecimalForm decimals = DecimalForm::kUnscaled) {
  Stmt2Bind b;
  b.req_id = 1;
  b.stmt_id = 2;
  b.columns = static_cast<uint32_t>(columns.size());
  b.column_fields = fields;
  b.is_query = is_query;
  b.decimals = decimals;
  OneTable source;
  source.columns = columns;
  return append_stmt2_bind(out, b, source);
}
uint32_t refused(const std::vector<ColumnInput> &columns, const std::vector<BindField> &fields = {},
                 bool is_query = false) {
  Buffer b;
  b.append("kept");
  auto status = bind_columns(b, columns, fields, is_query);
  CHECK(b.text() == "kept");
  CHECK_FALSE(status.message().empty());
  return code_of(status);
}

// A bind entry read back.
struct Entry {
  int32_t type = 0, num = 0;
  std::string nulls;
  bool has_lengths = false;
  std::vector<int32_t> lengths;
  std::string data;
};
Entry read_entry(ByteReader &in) {
  Entry e;
  const size_t before = in.remaining();
  const uint32_t size = in.u32();
  e.type = in.i32();
  e.num = in.i32();
  e.nulls = std::string(in.text(static_cast<uint32_t>(e.num)));
  e.has_lengths = in.u8() != 0;
  if (e.has_lengths)
    for (int i = 0; i < e.num; ++i) e.lengths.push_back(in.i32());
  e.data = std::string(in.text(in.u32()));
  REQUIRE_FALSE(in.failed());
  REQUIRE(before - in.remaining() == size);
  return e;
}
Entry first_column(const Buffer &b) {
  ByteReader in(b.span().subspan(30));
  REQUIRE(in.u32() == b.size() - 30);
  in.skip(20);
  const uint32_t at = in.u32();
  ByteReader area(b.span().subspan(30 + at + 4));
  return read_entry(area);
}

}  // namespace

TEST_CASE("stmt2_frames: recorded binds, byte for byte", "[wire][stmt2]") {
  for (const char *number : {"098", "100", "104", "107", "109"}) {
    auto v = VectorFile::load(number);
    INFO(v.name());
    Tables t = tables_of(v);
    Stmt2Bind b = bind_of(v, t);
    std::vector<BindField> tag_fields, column_fields;
    for (const auto &c : t.tables[0].tags) tag_fields.push_back(c.field());
    for (const auto &c : t.tables[0].columns) column_fields.push_back(c.field());
    for (bool known : {false, true}) {
      if (known) {
        b.tag_fields = tag_fields;
        b.column_fields = column_fields;
      }
      b.is_query = v.name().find("select") != std::string::npos;
      Buffer out;
      auto status = append_stmt2_bind(out, b, t);
      INFO(status.message());
      REQUIRE(status.is_ok());
      CHECK(content(out) == v.bytes());
    }
  }
}

TEST_CASE("stmt2_frames: the examples of the protocol text", "[wire][stmt2]") {
  // Names only: a table whose name is not given has an empty one.
  struct Names {
    const char *names[3] = {"test1", nullptr, "test2"};
    const char *name(uint32_t t) const { return names[t]; }
    ColumnInput tag(uint32_t, uint32_t) const { return {}; }
    ColumnInput column(uint32_t, uint32_t) const { return {}; }
  } names;
  Stmt2Bind b;
  b.req_id = 5;
  b.stmt_id = 1;
  b.tables = 3;
  b.has_names = true;
  Buffer out;
  REQUIRE(append_stmt2_bind(out, b, names).is_ok());
  CHECK(content(out) == VectorFile::from_hex("0500000000000000"
                                             "0100000000000000"
                                             "0900000000000000"
                                             "0100"
                                             "ffffffff"
                                             "2f000000030000000000000000000000"
                                             "1c000000000000000000000006000100"
                                             "060074657374310000746573743200"));
  // A query with two parameters.
  const int32_t ten = 10, one = 1;
  out.clear();
  REQUIRE(bind_columns(out, {input(kInt, &ten, nullptr, nullptr, 1), input(kVarchar, "x", &one, nullptr, 1)}, {}, true)
              .is_ok());
  std::vector<uint8_t> blob(out.data() + 30, out.data() + out.size());
  CHECK(blob == VectorFile::from_hex("4d000000010000000000000002000000"
                                     "00000000000000001c0000002d000000"
                                     "16000000040000000100000000000400"
                                     "00000a00000017000000080000000100"
                                     "000000010100000001000000"
                                     "78"));
}

TEST_CASE("stmt2_frames: decimals as text become unscaled integers", "[wire][stmt2]") {
  auto v = VectorFile::load("110");
  Tables t = tables_of(v);
  Stmt2Bind b = bind_of(v, t);
  const std::vector<BindField> fields = {field(kTimestamp), field(kDecimal64, BindField::kColumn, 8, 5, 2),
                                         field(kDecimal, BindField::kColumn, 16, 38, 10)};
  b.column_fields = fields;
  Buffer out;
  auto status = append_stmt2_bind(out, b, t);
  INFO(status.message());
  REQUIRE(status.is_ok());
  CHECK(content(out) == v.bytes());
  // Without a scale there is no way to tell what the text means.
  const std::vector<BindField> unknown = {field(kTimestamp), field(kDecimal64), field(kDecimal)};
  b.column_fields = unknown;
  CHECK(code_of(append_stmt2_bind(out, b, t)) == 0x80000118u);
  b.column_fields = {};
  CHECK(code_of(append_stmt2_bind(out, b, t)) == 0x80000118u);
  CHECK(content(out) == v.bytes());
}

TEST_CASE("stmt2_frames: decimals in their stored form", "[wire][stmt2]") {
  const int64_t d64[] = {12345, 77, -12345};
  const int32_t eights[] = {8, 8, 8};
  const char nulls[] = {0, 1, 0};
  const std::vector<BindField> known = {field(kDecimal64, BindField::kColumn, 8, 10, 2)}, unknown = {field(kDecimal64)};
  for (const int32_t *lengths : {static_cast<const int32_t *>(nullptr), &eights[0]}) {
    Buffer out;
    const std::vector<ColumnInput> column = {input(kDecimal64, d64, lengths, nulls, 3)};
    REQUIRE(bind_columns(out, column, unknown).is_ok());
    Entry e = first_column(out);
    CHECK_FALSE(e.has_lengths);
    const int64_t expected[] = {12345, 0, -12345};
    CHECK(e.data == std::string(reinterpret_cast<const char *>(expected), 24));
    // Servers that want text get text if the scale is known, else the bytes with their lengths.
    out.clear();
    REQUIRE(bind_columns(out, column, known, false, DecimalForm::kText).is_ok());
    e = first_column(out);
    CHECK(e.has_lengths);
    CHECK(e.lengths == std::vector<int32_t>{6, 0, 7});
    CHECK(e.data == "123.45-123.45");
    out.clear();
    REQUIRE(bind_columns(out, column, unknown, false, DecimalForm::kText).is_ok());
    e = first_column(out);
    CHECK(e.lengths == std::vector<int32_t>{8, 0, 8});
    CHECK(e.data == std::string(reinterpret_cast<const char *>(&d64[0]), 8) +
                        std::string(reinterpret_cast<const char *>(&d64[2]), 8));
  }
}

TEST_CASE("stmt2_frames: decimal text of the stored form's length is still text", "[wire][stmt2]") {
  // Two values of eight characters, the first row NULL and without memory of its own.
  const char *text = "1234.5678765.4321";
  const int32_t lengths[] = {8, 8, 8};
  const char nulls[] = {1, 0, 0};
  opentaos::test::ExactCopy exact(text, 16);
  const std::vector<BindField> fields = {field(kDecimal64, BindField::kColumn, 8, 18, 4)};
  Buffer out;
  REQUIRE(bind_columns(out, {input(kDecimal64, exact.data(), lengths, nulls, 3)}, fields).is_ok());
  Entry e = first_column(out);
  const int64_t expected[] = {0, 12345670, 87654320};
  CHECK(e.data == std::string(reinterpret_cast<const char *>(expected), 24));
  // As a parameter of a query text goes as text.
  const int32_t six = 6;
  out.clear();
  REQUIRE(bind_columns(out, {input(kDecimal64, "123.45", &six, nullptr, 1)}, {}, true).is_ok());
  e = first_column(out);
  CHECK(e.type == kVarchar);
  CHECK(e.data == "123.45");
  // To servers that take text it goes unchanged.
  out.clear();
  REQUIRE(
      bind_columns(out, {input(kDecimal64, "123.45", &six, nullptr, 1)}, fields, false, DecimalForm::kText).is_ok());
  e = first_column(out);
  CHECK(e.type == kDecimal64);
  CHECK(e.lengths == std::vector<int32_t>{6});
  CHECK(e.data == "123.45");
  CHECK(refused({input(kDecimal64, "12a.45", &six, nullptr, 1)}, fields) == 0x80002605u);
}

TEST_CASE("stmt2_frames: NULLs take no room among variable values", "[wire][stmt2]") {
  // As natively: the length of a NULL is not looked at, and the next value follows the one before.
  opentaos::test::ExactCopy text("abbccc", 6);
  const int32_t lengths[] = {1, 99, -5, 2, 3};
  const char flags[] = {0, 1, 2, 0, 0};
  Buffer out;
  REQUIRE(bind_columns(out, {input(kVarchar, text.data(), lengths, flags, 5)}).is_ok());
  Entry e = first_column(out);
  CHECK(e.nulls == std::string("\0\1\2\0\0", 5));
  CHECK(e.lengths == std::vector<int32_t>{1, 0, 0, 2, 3});
  CHECK(e.data == "abbccc");
}

TEST_CASE("stmt2_frames: all NULL needs no memory", "[wire][stmt2]") {
  const char flags[] = {1, 2, 1};
  for (int type : {kInt, kVarchar, kNchar, kDouble, kDecimal, kDecimal64, kBlob}) {
    Buffer out;
    REQUIRE(bind_columns(out, {input(type, nullptr, nullptr, flags, 3)}).is_ok());
    Entry e = first_column(out);
    CHECK(e.type == type);
    CHECK(e.num == 3);
    CHECK(e.nulls == std::string("\1\2\1"));
    CHECK(e.data.empty());
    CHECK(e.has_lengths == is_variable(type));
  }
  // Empty values have no bytes either; other ones need some.
  const int32_t empty[] = {0, 0, 0};
  Buffer none;
  REQUIRE(bind_columns(none, {input(kVarchar, nullptr, empty, nullptr, 3)}).is_ok());
  CHECK(first_column(none).lengths == std::vector<int32_t>{0, 0, 0});
  const std::vector<BindField> decimal = {field(kDecimal64, BindField::kColumn, 8, 10, 2)};
  Buffer text;
  CHECK(code_of(bind_columns(text, {input(kDecimal64, nullptr, nullptr, nullptr, 3)}, decimal, false,
                             DecimalForm::kText)) == 0x80000118u);
  // One NULL may come without a type.
  Buffer out;
  REQUIRE(bind_columns(out, {input(0, nullptr, nullptr, flags, 1)}, {field(kNchar)}).is_ok());
  CHECK(first_column(out).type == kNchar);
}

TEST_CASE("stmt2_frames: every fixed width, with and without NULLs", "[wire][stmt2]") {
  const int types[] = {kBool, kSmallInt, kInt, kBigInt, kDecimal};
  for (int type : types) {
    const auto width = static_cast<size_t>(fixed_size(type));
    for (int rows : {1, 7, 8, 9, 100}) {
      const auto n = static_cast<size_t>(rows);
      std::string memory(n * width, '\0');
      for (size_t i = 0; i < memory.size(); ++i) memory[i] = static_cast<char>(i * 7 + 1);
      std::string flags(n, '\0');
      opentaos::test::ExactCopy exact(memory.data(), memory.size());
      Buffer out;
      REQUIRE(bind_columns(out, {input(type, exact.data(), nullptr, nullptr, rows)}).is_ok());
      Entry e = first_column(out);
      CHECK(e.data == memory);
      CHECK(e.nulls == flags);
      for (size_t i = 0; i < n; i += 3) {
        flags[i] = static_cast<char>(1 + i % 2);
        std::memset(memory.data() + i * width, 0, width);
      }
      out.clear();
      REQUIRE(bind_columns(out, {input(type, exact.data(), nullptr, flags.data(), rows)}).is_ok());
      e = first_column(out);
      CHECK(e.nulls == flags);
      if (n > 1) CHECK(e.data == memory);
    }
  }
}

TEST_CASE("stmt2_frames: errors are native ones", "[wire][stmt2]") {
  const int64_t ts[] = {1, 2};
  const int32_t v[] = {10, 20}, lengths[] = {1, 16}, negative[] = {-1, 1};
  const double d[] = {1.5, 2.5};
  const char text[] = "this is too long!";
  const std::vector<BindField> fields = {field(kTimestamp, 1, 8), field(kInt, 1, 4), field(kVarchar, 1, 12),
                                         field(kDouble, 1, 8)};
  auto four = [&](ColumnInput second, ColumnInput third) {
    return std::vector<ColumnInput>{input(kTimestamp, ts, nullptr, nullptr, 2), second, third,
                                    input(kDouble, d, nullptr, nullptr, 2)};
  };
  const auto ints = input(kInt, v, nullptr, nullptr, 2);
  const auto strings = input(kVarchar, text, lengths, nullptr, 2);
  CHECK(refused(four(ints, strings), fields) == 0x80002653u);
  CHECK(refused(four(input(kDouble, d, nullptr, nullptr, 2), strings), fields) == 0x80000200u);
  CHECK(refused(four(input(kInt, v, nullptr, nullptr, 1), strings), fields) == 0x80000200u);
  CHECK(refused(four(input(kInt, v, nullptr, nullptr, 0), strings), fields) == 0x80000236u);
  CHECK(refused(four(input(kInt, nullptr, nullptr, nullptr, 2), strings)) == 0x80000118u);
  const char one_null[] = {0, 1};
  CHECK(refused(four(input(kInt, nullptr, nullptr, one_null, 2), strings)) == 0x80000118u);
  CHECK(refused(four(ints, input(kVarchar, text, nullptr, nullptr, 2))) == 0x80000118u);
  CHECK(refused(four(ints, input(kVarchar, text, negative, nullptr, 2))) == 0x80000118u);
  CHECK(refused(four(ints, input(kVarchar, nullptr, lengths, nullptr, 2))) == 0x80000118u);
  CHECK(refused(four(ints, input(55, text, lengths, nullptr, 2))) == 0x80000200u);
  CHECK(refused({ints}, fields) == 0x80000236u);
  CHECK(refused({ints}, {}, true) == 0x80000236u);  // a query takes one value per parameter
  // NCHAR is measured in characters: two fit, three do not.
  const int32_t seven = 7, six = 6;
  const std::vector<BindField> two = {field(kNchar, 1, 2 * 4 + 2)};
  Buffer out;
  CHECK(bind_columns(out, {input(kNchar, "\xe6\xb6\x9b\xe6\x80\x9d", &six, nullptr, 1)}, two).is_ok());
  CHECK(refused({input(kNchar,
                       "\xe6\xb6\x9b\xe6\x80\x9d"
                       "a",
                       &seven, nullptr, 1)},
                two) == 0x80002653u);
  // No tables.
  Stmt2Bind none;
  none.tables = 0;
  OneTable source;
  out.clear();
  CHECK(code_of(append_stmt2_bind(out, none, source)) == 0x80000236u);
  CHECK(out.empty());
  // A name that no length field can hold.
  std::string name(70000, 'n');
  source.table = name.c_str();
  Stmt2Bind named;
  named.has_names = true;
  CHECK(code_of(append_stmt2_bind(out, named, source)) == 0x80002653u);
  CHECK(out.empty());
}

TEST_CASE("stmt2_frames: binding one column", "[wire][stmt2]") {
  const int32_t v = 10;
  Stmt2Bind b;
  b.column_index = 1;
  b.columns = 1;
  OneTable source;
  source.columns = {input(kInt, &v, nullptr, nullptr, 1)};
  Buffer out;
  REQUIRE(append_stmt2_bind(out, b, source).is_ok());
  CHECK(opentaos::base::load_le<int32_t>(out.data() + 26) == 1);
}

TEST_CASE("stmt2_frames: bind and execute, as recorded", "[wire][stmt2]") {
  auto v = VectorFile::load("111");
  std::vector<BoundColumn> columns;
  std::vector<ColumnInput> inputs;
  for (const cJSON *f = v.at("fields")->child; f; f = f->next)
    columns.emplace_back(cJSON_GetObjectItem(f, "type")->valueint, cJSON_GetObjectItem(f, "values"),
                         BoundColumn::Layout::kPacked);
  for (const auto &c : columns) inputs.push_back(c.input());
  const std::vector<BindField> fields = {field(kVarchar, BindField::kTableName, 271), field(kInt, BindField::kTag, 4),
                                         field(kTimestamp), field(kInt), field(kNchar)};
  Stmt2BindExec b;
  b.req_id = static_cast<uint64_t>(v.number("req_id"));
  b.stmt_id = static_cast<uint64_t>(v.number("resource_id"));
  b.fields = fields;
  Buffer out;
  REQUIRE(append_stmt2_bind_exec_columns(out, b, 2, inputs).is_ok());
  CHECK(content(out) == v.bytes());

  // The same from one table with its tag and its rows.
  OneTable table;
  table.table = "d1";
  const int32_t seven = 7;
  table.tags = {input(kInt, &seven, nullptr, nullptr, 1)};
  table.columns = {inputs[2], inputs[3], inputs[4]};
  out.clear();
  auto status = append_stmt2_bind_exec(out, b, 1, table);
  INFO(status.message());
  REQUIRE(status.is_ok());
  CHECK(content(out) == v.bytes());

  out.clear();
  CHECK(code_of(append_stmt2_bind_exec_columns(out, b, 0, inputs)) == 0x80000236u);
  inputs.pop_back();
  CHECK(code_of(append_stmt2_bind_exec_columns(out, b, 2, inputs)) == 0x80000236u);
  CHECK(out.empty());
}

TEST_CASE("stmt2_frames: bind and execute over several tables", "[wire][stmt2]") {
  struct Source {
    const char *names[4] = {"a", "a", "b", "a"};
    int32_t tags[4] = {1, 2, 3, 4};
    char tag_null[4] = {0, 0, 1, 0};
    int64_t ts[4][2] = {{1, 2}, {3, 4}, {5, 6}, {7, 8}};
    const char *texts[4] = {"xyy", "z", "", "uvv"};
    int32_t lengths[4][2] = {{1, 2}, {1, 9}, {9, 9}, {1, 2}};
    char nulls[4][2] = {{0, 0}, {0, 1}, {1, 2}, {0, 0}};
    const char *name(uint32_t t) const { return names[t]; }
    ColumnInput tag(uint32_t t, uint32_t) const { return input(kInt, &tags[t], nullptr, &tag_null[t], 1); }
    ColumnInput column(uint32_t t, uint32_t i) const {
      return i == 0 ? input(kTimestamp, ts[t], nullptr, nullptr, 2) : input(kNchar, texts[t], lengths[t], nulls[t], 2);
    }
  } source;
  const std::vector<BindField> fields = {field(kTimestamp), field(kVarchar, BindField::kTableName), field(kNchar),
                                         field(kInt, BindField::kTag)};
  Stmt2BindExec b;
  b.fields = fields;
  Buffer out;
  auto status = append_stmt2_bind_exec(out, b, 4, source);
  INFO(status.message());
  REQUIRE(status.is_ok());
  ByteReader in(out.span().subspan(26));
  CHECK(in.u32() == out.size() - 26);
  CHECK(in.u32() == 8);  // rows
  CHECK(in.u32() == 3);  // a, b, a
  CHECK(in.u32() == 4);
  CHECK(in.u32() == 20);
  Entry ts = read_entry(in);
  CHECK(ts.data == std::string(reinterpret_cast<const char *>(source.ts), 64));
  Entry names = read_entry(in);
  CHECK(names.type == kVarchar);
  CHECK(names.data == "aaaabbaa");
  CHECK(names.lengths == std::vector<int32_t>(8, 1));
  Entry texts = read_entry(in);
  CHECK(texts.nulls == std::string("\0\0\0\1\1\2\0\0", 8));
  CHECK(texts.lengths == std::vector<int32_t>{1, 2, 1, 0, 0, 0, 1, 2});
  CHECK(texts.data == "xyyzuvv");
  Entry tags = read_entry(in);
  CHECK(tags.nulls == std::string("\0\0\0\0\1\1\0\0", 8));
  const int32_t expected[] = {1, 1, 2, 2, 0, 0, 4, 4};
  CHECK(tags.data == std::string(reinterpret_cast<const char *>(expected), 32));
  CHECK(in.remaining() == 0);
}

TEST_CASE("stmt2_frames: many tables, many rows", "[wire][stmt2]") {
  struct Source {
    std::vector<std::string> names;
    std::vector<int32_t> tags;
    std::vector<int64_t> ts;
    std::vector<int32_t> v;
    int rows;
    const char *name(uint32_t t) const { return names[t].c_str(); }
    ColumnInput tag(uint32_t t, uint32_t) const { return input(kInt, &tags[t], nullptr, nullptr, 1); }
    ColumnInput column(uint32_t, uint32_t i) const {
      return i == 0 ? input(kTimestamp, ts.data(), nullptr, nullptr, rows)
                    : input(kInt, v.data(), nullptr, nullptr, rows);
    }
  };
  for (auto [tables, rows] : {std::pair{10000u, 1}, std::pair{100u, 100}, std::pair{1u, 100000}}) {
    Source s;
    s.rows = rows;
    for (uint32_t t = 0; t < tables; ++t) {
      s.names.push_back("table" + std::to_string(t));
      s.tags.push_back(static_cast<int32_t>(t));
    }
    for (int i = 0; i < rows; ++i) {
      s.ts.push_back(i);
      s.v.push_back(-i);
    }
    Stmt2Bind b;
    b.tables = tables;
    b.has_names = true;
    b.tags = 1;
    b.columns = 2;
    Buffer out;
    REQUIRE(append_stmt2_bind(out, b, s).is_ok());
    ByteReader in(out.span().subspan(30));
    CHECK(in.u32() == out.size() - 30);
    CHECK(in.u32() == tables);
    CHECK(in.u32() == 1);
    CHECK(in.u32() == 2);
    CHECK(in.u32() == 28);
    const uint32_t tag_area = in.u32(), column_area = in.u32();
    size_t names = 0;
    for (uint32_t t = 0; t < tables; ++t) {
      uint16_t n = in.u16();
      REQUIRE(n == s.names[t].size() + 1);
      names += n;
    }
    for (uint32_t t = 0; t < tables; ++t)
      REQUIRE(in.text(s.names[t].size() + 1) == std::string_view(s.names[t].c_str(), s.names[t].size() + 1));
    CHECK(tag_area == 28 + 2 * tables + names);
    for (uint32_t t = 0; t < tables; ++t) REQUIRE(in.u32() == 22);
    for (uint32_t t = 0; t < tables; ++t) REQUIRE(opentaos::base::load_le<uint32_t>(read_entry(in).data.data()) == t);
    CHECK(out.size() - 30 - in.remaining() == column_area);
    std::vector<uint32_t> sizes(tables);
    for (auto &size : sizes) size = in.u32();
    for (uint32_t t = 0; t < tables; ++t) {
      size_t before = in.remaining();
      Entry ts = read_entry(in), v = read_entry(in);
      REQUIRE(before - in.remaining() == sizes[t]);
      REQUIRE(ts.data.size() == s.ts.size() * 8);
      REQUIRE(std::memcmp(ts.data.data(), s.ts.data(), ts.data.size()) == 0);
      REQUIRE(std::memcmp(v.data.data(), s.v.data(), v.data.size()) == 0);
    }
    CHECK(in.remaining() == 0);
  }
}

TEST_CASE("stmt2_frames: one value is written as one of many would be", "[wire][stmt2]") {
  const char memory[] = "12345678901234567890";
  const int32_t lengths[] = {0, 1, 5, 20, -1};
  const char flags[] = {0, 1, 2};
  int plain = 0;
  for (int type = 0; type <= kTypeCount; ++type) {
    for (const int32_t &length : lengths) {
      for (const char &flag : flags) {
        for (bool with_memory : {true, false}) {
          for (DecimalForm decimals : {DecimalForm::kUnscaled, DecimalForm::kText}) {
            for (int known = 0; known < 3; ++known) {
              BindField f = field(static_cast<uint8_t>(known == 2 ? kNchar : type), BindField::kColumn, 8, 10, 2);
              const BindField *expected = known ? &f : nullptr;
              const ColumnInput value = input(type, with_memory ? memory : nullptr, &length, &flag, 1);
              const EntryPart part{value, 1, false};
              for (bool is_query : {false, true}) {
                Buffer one, many;
                auto a = append_single_entry(one, value, expected, is_query, decimals);
                auto b = append_entry(many, {&part, 1}, expected, is_query, decimals);
                INFO("type " << type << " length " << length << " flag " << int{flag} << " known " << known);
                REQUIRE(a == b);
                if (a == BindError::kNone) REQUIRE(content(one) == content(many));
                Buffer short_way;
                if (!append_plain_value(short_way, value, expected)) {
                  CHECK(short_way.size() == 0);
                  continue;
                }
                plain++;
                REQUIRE(b == BindError::kNone);
                REQUIRE(content(short_way) == content(many));
              }
            }
          }
        }
      }
    }
  }
  CHECK(plain > 0);
}

TEST_CASE("stmt2_frames: a column is written the same in one walk as in several", "[wire][stmt2]") {
  std::string memory(size_t{128} << 10, 'v');
  const std::vector<std::vector<char>> all_flags = {
      {},  std::vector<char>(40, 0), std::vector<char>(40, 1), {0, 1, 2, 0, 0, 0, 0, 0, 1},
      {1}, {0, 0, 0, 0, 0, 0, 0, 2}};
  const std::vector<std::vector<int32_t>> all_lengths = {{}, {1}, {3, 0, 2, 6}, {7}, {0}, {1, -1}, {3, 70000}};
  int plain_strings = 0, plain_numbers = 0;
  for (int type = -1; type <= kTypeCount; ++type) {
    for (std::vector<char> flags : all_flags) {
      for (std::vector<int32_t> lengths : all_lengths) {
        if (!flags.empty()) flags.resize(40);
        if (!lengths.empty()) lengths.resize(40, lengths[0]);
        for (int rows : {-1, 0, 1, 2, 7, 8, 9, 40}) {
          for (int known = 0; known < 3; ++known) {
            BindField f = field(static_cast<uint8_t>(known == 2 ? kNchar : type), BindField::kColumn, 8, 10, 2);
            const BindField *expected = known ? &f : nullptr;
            for (const char *from : {static_cast<const char *>(nullptr), memory.c_str()}) {
              const ColumnInput values = input(type, from, lengths.empty() ? nullptr : lengths.data(),
                                               flags.empty() ? nullptr : flags.data(), rows);
              const EntryPart part{values, rows, false};
              Buffer one, many;
              auto a = append_column_entry(one, values, expected, false, DecimalForm::kUnscaled);
              auto b = append_entry(many, {&part, 1}, expected, false, DecimalForm::kUnscaled);
              INFO("type " << type << " rows " << rows << " known " << known);
              REQUIRE(a == b);
              if (a == BindError::kNone) REQUIRE(content(one) == content(many));
              Buffer short_way;
              if (!append_plain_column(short_way, values, expected)) {
                CHECK(short_way.size() == 0);
                continue;
              }
              (is_variable(type) ? plain_strings : plain_numbers)++;
              REQUIRE(b == BindError::kNone);
              REQUIRE(content(short_way) == content(many));
            }
          }
        }
      }
    }
  }
  CHECK(plain_strings > 0);
  CHECK(plain_numbers > 0);
}
