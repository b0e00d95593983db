#include "engine/prepared_insert.h"

#include <algorithm>

#include "engine/decimal.h"
#include "engine/literal.h"
#include "engine/rows.h"
#include "engine/text.h"

namespace opentaos::sandbox {

namespace {

constexpr int32_t kTableNameWidth = 269;  // what servers report, less the two bytes of every variable type
constexpr size_t kMaxTableName = 192;

[[noreturn]] void incomplete() { fail(kErrIncomplete, "Incomplete SQL statement"); }

Token take(Lexer *lexer) {
  Token t = lexer->next();
  if (t.kind == TokenKind::kEnd) incomplete();
  return t;
}

bool accept(Lexer *lexer, std::string_view word) {
  if (!lexer->peek().is(word)) return false;
  lexer->next();
  return true;
}

void expect(Lexer *lexer, std::string_view word, std::string_view why) {
  Token t = take(lexer);
  if (!t.is(word)) insert_error(t, lexer->sql(), why);
}

// A name as a program binds it: `db.table` or `table`, letters as they are, backquotes resolved.
ObjectName split_name(const std::string &name) {
  size_t dot = std::string::npos;
  bool quoted = false;
  for (size_t i = 0; i < name.size() && dot == std::string::npos; i++) {
    if (name[i] == '`') quoted = !quoted;
    if (name[i] == '.' && !quoted) dot = i;
  }
  auto plain = [](const std::string &s) { return s.size() > 1 && s.front() == '`' ? unquote_name(s) : s; };
  if (dot == std::string::npos) return {"", plain(name)};
  return {plain(name.substr(0, dot)), plain(name.substr(dot + 1))};
}

void check_new_name(const std::string &name) {
  if (name.empty()) fail(kErrStatementTable, "table name not set");
  if (name.size() > kMaxTableName) fail(kErrInvalidIdentifier, "Invalid identifier name: " + name);
  if (name.find('.') != std::string::npos) fail(kErrInvalidIdentifier, "The table name cannot contain '.'");
}

// A value that a program bound, in the column's own form.
Value bound_value(const Value &v, const Field &field) {
  auto *text = std::get_if<std::string>(&v);
  if (!text) return adopt_value(v, field);
  if (is_decimal_type(field.type)) {
    auto d = decimal_from_text(*text, {field.precision, field.scale});
    if (!d) fail(kErrInvalidOperation, "invalid decimal data");
    return Decimal{*d};
  }
  bool counts_characters = field.type == kNchar && valid_utf8(*text);
  int64_t size = counts_characters ? utf8_length(*text) : static_cast<int64_t>(text->size());
  if (is_var_type(field.type) && field.type != kJson && size > field.width)
    fail(kErrValueTooLong, "Value too long for column/tag");
  return adopt_value(v, field);
}

void check_type(const BoundColumn &column, const Field &field) {
  if (column.type != field.type) fail(kErrInvalidOperation, "column type mis-match with buffer type");
}

}  // namespace

Preparable preparable(std::string_view text, int *placeholders) {
  std::string sql = fold_case(text);
  Lexer lexer(sql);
  Token first = lexer.next(), second = lexer.peek();
  *placeholders = 0;
  bool values = false;
  for (Token t = lexer.next(); t.kind != TokenKind::kEnd; t = lexer.next()) {
    if (t.is("?")) ++*placeholders;
    if (t.is("values")) values = true;
    if (t.kind == TokenKind::kIllegal) break;
  }
  if (first.is("insert") && second.is("into") && values) return Preparable::kInsert;
  return first.is("select") ? Preparable::kQuery : Preparable::kNeither;
}

// ---- reading

PreparedInsert::PreparedInsert(std::string sql) : sql_(std::move(sql)) { read(); }

void PreparedInsert::read() {
  Lexer lexer(sql_);
  lexer.next();  // INSERT
  expect(&lexer, "into", "keyword INTO is expected");
  if (!accept(&lexer, "?")) target_ = read_name(&lexer);
  name_end_ = lexer.position();
  if (lexer.peek().is("(")) columns_ = read_columns(&lexer), columns_listed_ = true;
  if (accept(&lexer, "using")) {
    super_ = read_name(&lexer);
    if (lexer.peek().is("(")) tag_names_ = read_columns(&lexer);
    expect(&lexer, "tags", "TAGS is expected");
    tags_ = read_items(&lexer, "( is expected");
  }
  if (lexer.peek().is("(")) columns_ = read_columns(&lexer), columns_listed_ = true;
  expect(&lexer, "values", "keyword VALUES is expected");
  values_ = read_items(&lexer, "( expected");
  Token end = lexer.next();
  if (end.kind == TokenKind::kEnd || end.is(";")) return;
  if (placeholders(values_) == 0) return;  // several rows of values: nothing can be bound, so nothing is written
  unsupported("several tables or rows of placeholders in one INSERT");
}

ObjectName PreparedInsert::read_name(Lexer *lexer) const {
  auto part = [&] {
    Token t = take(lexer);
    if (t.kind == TokenKind::kString) return unescape(t.text);
    if (t.kind != TokenKind::kName && t.kind != TokenKind::kQuotedName) insert_error(t, sql_, "invalid table name");
    return unquote_name(t.text);
  };
  ObjectName o;
  o.name = part();
  if (accept(lexer, ".")) {
    o.db = std::move(o.name);
    o.name = part();
  }
  return o;
}

std::vector<std::string> PreparedInsert::read_columns(Lexer *lexer) const {
  lexer->next();
  std::vector<std::string> names;
  do {
    Token t = take(lexer);
    if (t.kind != TokenKind::kName && t.kind != TokenKind::kQuotedName) insert_error(t, sql_, "invalid column name");
    std::string name = unquote_name(t.text);
    if (std::find(names.begin(), names.end(), name) != names.end()) insert_error(t, sql_, "duplicated column name");
    names.push_back(name);
  } while (accept(lexer, ","));
  expect(lexer, ")", ", or ) expected");
  return names;
}

std::vector<PreparedInsert::Item> PreparedInsert::read_items(Lexer *lexer, std::string_view why) const {
  expect(lexer, "(", why);
  std::vector<Item> items;
  while (true) {
    Item item;
    Token t = lexer->peek();
    item.at = t.at;
    if (t.is(")") || t.is(",")) insert_error(t, sql_, "invalid data or symbol");
    item.placeholder = accept(lexer, "?");
    for (int depth = 0; !item.placeholder; lexer->next()) {  // a value ends at the next comma or parenthesis
      t = lexer->peek();
      if (t.kind == TokenKind::kEnd) incomplete();
      if (depth == 0 && (t.is(",") || t.is(")"))) break;
      depth += t.is("(") ? 1 : t.is(")") ? -1 : 0;
    }
    t = take(lexer);
    item.end = t.at;
    items.push_back(item);
    if (t.is(")")) return items;
    if (!t.is(",")) insert_error(t, sql_, ", or ) expected");
  }
}

int PreparedInsert::placeholders(const std::vector<Item> &items) {
  return static_cast<int>(std::count_if(items.begin(), items.end(), [](const Item &i) { return i.placeholder; }));
}

// ---- finding the tables

PreparedInsert::Plan PreparedInsert::plan(const std::string &name, const Context &context) const {
  Plan p;
  ObjectName target = target_ ? *target_ : split_name(name);
  if (super_) {
    p.super = &context.table(*super_);
    if (p.super->kind != TableInfo::kSuper) fail(kErrTableNotExist, "Table does not exist");
  }
  p.db = target.db.empty() && context.session->db.empty() && super_ ? super_->db : context.database_of(target.db);
  p.name = target.name;
  p.precision = context.catalog->database(p.db).precision();
  p.table = context.catalog->find_table(p.db, p.name);
  if (p.super && p.table && p.table->super != p.super) fail(kErrTableExists, "Table already exists in other stables");
  if (!p.super && !p.table) fail(kErrTableNotExist, "Table does not exist");
  if (p.super) {
    auto &defs = p.super->own_tags;
    if (tags_.size() != (tag_names_.empty() ? defs.size() : tag_names_.size()))
      fail(kErrTagsNotMatched, "Tags number not matched");
    for (size_t i = 0; i < tags_.size(); i++) {
      int index = tag_names_.empty() ? static_cast<int>(i) : find_column(defs, tag_names_[i]);
      if (index < 0) fail(kErrInvalidColumn, "Invalid column name: " + tag_names_[i]);
      p.tags.push_back({&tags_[i], BindField::kTag, index, defs[index].field});
    }
  }
  if (p.table && p.table->kind == TableInfo::kSuper) {
    plan_rows_by_name(&p);
    return p;
  }
  auto &defs = p.table ? p.table->columns() : p.super->own_columns;
  size_t count = columns_listed_ ? columns_.size() : defs.size();
  bool has_time = false;
  for (size_t i = 0; i < count && i < values_.size(); i++) {
    int index = columns_listed_ ? find_column(defs, columns_[i]) : static_cast<int>(i);
    if (index < 0) fail(kErrInvalidColumn, "Invalid column name: " + columns_[i]);
    has_time = has_time || index == 0;
    p.values.push_back({&values_[i], BindField::kColumn, index, defs[index].field});
  }
  if (values_.size() < count) error_at_end();
  if (values_.size() > count) fail(kErrColumnCount, "Illegal number of columns");
  if (!has_time) fail(kErrInvalidOperation, "Primary timestamp column should not be null");
  for (auto *slots : {&p.tags, &p.values})
    for (const Slot &s : *slots)
      if (s.item->placeholder) p.in_order.push_back(s);
  return p;
}

// The rows say which subtable they go to.
void PreparedInsert::plan_rows_by_name(Plan *p) const {
  p->super = p->table;
  p->table = nullptr;
  p->name.clear();
  if (!columns_listed_)
    fail(kErrInsertSyntax, "syntax error near '" + sql_.substr(std::min(name_end_, sql_.size())) +
                               "' ((...tbname, ts...) bounded cols is expected for supertable insertion)");
  bool has_name = false, has_time = false;
  for (size_t i = 0; i < columns_.size() && i < values_.size(); i++) {
    Slot s;
    s.item = &values_[i];
    int column = find_column(p->super->own_columns, columns_[i]), tag = find_column(p->super->own_tags, columns_[i]);
    if (columns_[i] == "tbname") {
      s.kind = BindField::kTableName;
      s.field = make_field("tbname", kVarchar, kTableNameWidth);
      p->name_slot = s;
      has_name = true;
    } else if (column >= 0) {
      s.index = column;
      s.field = p->super->own_columns[column].field;
      has_time = has_time || column == 0;
      p->values.push_back(s);
    } else if (tag >= 0) {
      s.kind = BindField::kTag;
      s.index = tag;
      s.field = p->super->own_tags[tag].field;
      p->tags.push_back(s);
    } else {
      fail(kErrInvalidColumn, "Invalid column name: " + columns_[i]);
    }
    if (s.item->placeholder) p->in_order.push_back(s);
  }
  if (values_.size() < columns_.size()) error_at_end();
  if (values_.size() > columns_.size()) fail(kErrColumnCount, "Illegal number of columns");
  if (!has_name) fail(kErrInvalidOperation, "tbname value expected");
  if (!has_time) fail(kErrInvalidOperation, "Primary timestamp column should not be null");
}

void PreparedInsert::error_at_end() const {
  Token close;
  close.at = values_.back().end;
  close.kind = TokenKind::kSymbol;
  insert_error(close, sql_, ", expected");
}

std::vector<BindField> PreparedInsert::fields(const std::string &table, const Context &context, int *precision) const {
  Plan p = plan(table, context);
  *precision = p.precision;
  std::vector<BindField> out;
  if (!target_) out.push_back({BindField::kTableName, make_field("tbname", kVarchar, kTableNameWidth)});
  for (const Slot &s : p.in_order) out.push_back({s.kind, s.field});
  return out;
}

// ---- binding and writing

Value PreparedInsert::literal(const Slot &slot, int precision, const Context &context) const {
  // Cut off behind the value: its own tokens say where it ends, and nothing else may follow.
  Lexer lexer(std::string_view(sql_).substr(0, slot.item->end), slot.item->at);
  Value v = read_literal(&lexer, slot.field, precision, context);
  Token rest = lexer.next();
  if (rest.kind != TokenKind::kEnd) insert_error(rest, sql_, ", expected");
  return v;
}

// One table's values, checked and converted.
struct PreparedInsert::Batch {
  Plan plan;
  Row tags;
  struct Group {
    std::vector<int> columns;
    std::vector<Row> rows;
  };
  std::vector<Group> groups;  // rows that leave the same columns as they are
};

PreparedInsert::Batch PreparedInsert::batch(const BoundTable &bound, const Context &context) const {
  Batch b;
  b.plan = plan(bound.name, context);
  Plan &p = b.plan;
  if (p.name_slot) {
    p.name = bound.name;
    if (!p.name_slot->item->placeholder) {
      Value name = literal(*p.name_slot, p.precision, context);
      if (auto *s = std::get_if<std::string>(&name)) p.name = *s;
    }
    ObjectName o = split_name(p.name);
    p.name = o.name;
    p.table = context.catalog->find_table(p.db, p.name);
    if (p.table && p.table->super != p.super) fail(kErrTableExists, "Table already exists in other stables");
  }
  if (!target_ && bound.name.empty()) fail(kErrStatementTable, "table name not set");
  if (!p.table) check_new_name(p.name);

  size_t given = 0;
  auto wanted =
      static_cast<size_t>(std::count_if(p.tags.begin(), p.tags.end(), [](auto &s) { return s.item->placeholder; }));
  if (bound.tags.size() != wanted && !(p.table && bound.tags.empty()))
    fail(kErrTagsNotMatched, "Tags number not matched");
  if (p.super) b.tags.resize(p.super->own_tags.size());
  for (const Slot &s : p.tags) {
    if (!s.item->placeholder) {
      b.tags[s.index] = literal(s, p.precision, context);
    } else if (!bound.tags.empty()) {
      const BoundColumn &tag = bound.tags[given++];
      check_type(tag, s.field);
      if (tag.values.size() != 1) fail(kErrInvalidOperation, "row number in each bind param should be the same");
      b.tags[s.index] = bound_value(tag.values[0], s.field);
    }
  }

  wanted =
      static_cast<size_t>(std::count_if(p.values.begin(), p.values.end(), [](auto &s) { return s.item->placeholder; }));
  size_t rows = bound.columns.empty() ? 0 : bound.columns[0].values.size();
  bool even = bound.columns.size() == wanted &&
              std::all_of(bound.columns.begin(), bound.columns.end(), [&](auto &c) { return c.values.size() == rows; });
  if (!even) fail(kErrInvalidOperation, "row number in each bind param should be the same");
  Row constants(p.values.size());
  given = 0;
  for (size_t i = 0; i < p.values.size(); i++) {
    const Slot &s = p.values[i];
    if (s.item->placeholder)
      check_type(bound.columns[given++], s.field);
    else
      constants[i] = literal(s, p.precision, context);
  }
  for (size_t row = 0; row < rows; row++) {
    std::vector<int> columns;
    Row values;
    given = 0;
    for (size_t i = 0; i < p.values.size(); i++) {
      const Slot &s = p.values[i];
      const BoundColumn *column = s.item->placeholder ? &bound.columns[given++] : nullptr;
      if (column && row < column->none.size() && column->none[row] && s.index != 0) continue;
      values.push_back(column ? bound_value(column->values[row], s.field) : constants[i]);
      if (s.index == 0 && is_null(values.back())) fail(kErrPrimaryKeyNull, "Primary key column should not be null");
      columns.push_back(s.index);
    }
    if (b.groups.empty() || b.groups.back().columns != columns) b.groups.push_back({columns, {}});
    b.groups.back().rows.push_back(std::move(values));
  }
  return b;
}

void PreparedInsert::check(const BoundTable &bound, const Context &context) const { batch(bound, context); }

int64_t PreparedInsert::write(const std::vector<BoundTable> &bound, const Context &context) const {
  RowWriter writer(context);
  for (const BoundTable &table : bound) {
    Batch b = batch(table, context);
    TableInfo *t = b.plan.table;
    if (!t) {
      DatabaseInfo &d = context.catalog->database(b.plan.db);
      t = &context.catalog->create_child(&d, b.plan.super, b.plan.name, b.tags, 0, "");
      writer.note_created(*t);
    }
    for (const Batch::Group &group : b.groups) writer.write(*t, group.columns, group.rows);
  }
  return writer.affected();
}

}  // namespace opentaos::sandbox
