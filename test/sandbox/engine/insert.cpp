#include "engine/insert.h"

#include <algorithm>

#include "engine/cast.h"
#include "engine/literal.h"
#include "engine/parser.h"
#include "engine/rows.h"
#include "engine/select.h"

namespace opentaos::sandbox {

namespace {

class InsertParser {
 public:
  InsertParser(std::string_view sql, const Context &context, bool plan_only)
      : sql_(sql), lexer_(sql), context_(context), plan_only_(plan_only) {}

  InsertPlan parse() {
    lexer_.next();  // INSERT
    Token into = next();
    if (!into.is("into")) insert_error(into, sql_, "keyword INTO is expected");
    bool any = false;
    while (true) {
      Token t = lexer_.peek();
      if (t.kind == TokenKind::kEnd || t.is(";")) {
        if (!any) incomplete();
        return std::move(plan_);
      }
      table_clause();
      any = true;
    }
  }

 private:
  // One table with everything that belongs to it.
  struct Target {
    std::string db, name;
    TableInfo *table = nullptr;
    TableInfo *super = nullptr;
    Row tags;
    size_t name_end = 0;
    std::vector<std::string> columns;  // as listed, empty: all
    bool listed = false;
  };

  [[noreturn]] static void incomplete() { fail(kErrIncomplete, "Incomplete SQL statement"); }

  Token next() {
    Token t = lexer_.next();
    if (t.kind == TokenKind::kEnd) incomplete();
    return t;
  }
  bool accept(std::string_view word) {
    if (!lexer_.peek().is(word)) return false;
    lexer_.next();
    return true;
  }

  std::string identifier() {
    Token t = next();
    if (t.kind == TokenKind::kString) return unescape(t.text);
    if (t.kind != TokenKind::kName && t.kind != TokenKind::kQuotedName) insert_error(t, sql_, "invalid table name");
    return unquote_name(t.text);
  }

  ObjectName table_name(size_t *end) {
    ObjectName o;
    o.name = identifier();
    *end = lexer_.position();
    if (accept(".")) {
      o.db = std::move(o.name);
      o.name = identifier();
      *end = lexer_.position();
    }
    if (o.db.empty()) o.db = context_.session->db;
    if (o.db.empty()) fail(kErrInvalidOperation, "db is not specified");
    return o;
  }

  void table_clause() {
    Target t;
    ObjectName o = table_name(&t.name_end);
    t.db = o.db;
    t.name = o.name;
    context_.catalog->database(t.db);
    t.table = context_.catalog->find_table(t.db, t.name);
    if (lexer_.peek().is("(")) column_list(&t);
    if (accept("using")) using_clause(&t);
    if (lexer_.peek().is("(")) column_list(&t);
    if (!t.table && !t.super) {
      // Named with USING earlier in the same statement?
      auto earlier = std::find_if(plan_.begin(), plan_.end(),
                                  [&](const InsertBatch &b) { return b.db == t.db && b.name == t.name; });
      if (earlier == plan_.end()) fail(kErrTableNotExist, "Table does not exist");
      t.super = earlier->super;
      t.tags = earlier->tags;
    }
    if (t.table && t.table->kind == TableInfo::kSuper) {
      super_table_rows(&t);
    } else {
      table_rows(&t);
    }
  }

  void column_list(Target *t) {
    lexer_.next();
    t->listed = true;
    t->columns.clear();
    do {
      Token c = next();
      if (c.kind != TokenKind::kName && c.kind != TokenKind::kQuotedName) insert_error(c, sql_, "invalid column name");
      std::string column = unquote_name(c.text);
      if (std::find(t->columns.begin(), t->columns.end(), column) != t->columns.end())
        insert_error(c, sql_, "duplicated column name");
      t->columns.push_back(column);
    } while (accept(","));
    if (!accept(")")) insert_error(next(), sql_, ", or ) expected");
  }

  void using_clause(Target *t) {
    size_t end = 0;
    ObjectName o = table_name(&end);
    TableInfo *super = context_.catalog->find_table(o.db, o.name);
    context_.catalog->database(o.db);
    if (!super) fail(kErrTableNotExist, "Table does not exist");
    std::vector<std::string> names;
    if (accept("(")) {
      do names.push_back(unquote_name(next().text));
      while (accept(","));
      if (!accept(")")) insert_error(next(), sql_, ", or ) expected");
    }
    Token tags = next();
    if (!tags.is("tags")) insert_error(tags, sql_, "TAGS is expected");
    Row values = parse_tags(&lexer_, *super, names, context_);
    if (super->kind != TableInfo::kSuper) fail(kErrTableNotExist, "Table does not exist");
    if (t->table && t->table->super != super) fail(kErrTableExists, "Table already exists in other stables");
    if (t->table) return;  // it keeps the tags it has
    check_table_name(t->name);
    t->super = super;
    t->tags = std::move(values);
  }

  static void check_table_name(const std::string &name) {
    if (name.size() > 192) fail(kErrInvalidIdentifier, "Invalid identifier name: " + name);
    if (name.find('.') != std::string::npos) fail(kErrInvalidIdentifier, "The table name cannot contain '.'");
  }

  const std::vector<Column> &columns_of(const Target &t) const {
    return t.table ? t.table->columns() : t.super->columns();
  }

  // The columns of the batch, checked.
  std::vector<int> column_indexes(const Target &t) const {
    auto &defs = columns_of(t);
    std::vector<int> indexes;
    if (!t.listed) {
      for (size_t i = 0; i < defs.size(); i++) indexes.push_back(static_cast<int>(i));
      return indexes;
    }
    for (auto &name : t.columns) {
      int i = find_column(defs, name);
      if (i < 0) fail(kErrInvalidColumn, "Invalid column name: " + name);
      indexes.push_back(i);
    }
    if (std::find(indexes.begin(), indexes.end(), 0) == indexes.end())
      fail(kErrInvalidOperation, "Primary timestamp column should not be null");
    return indexes;
  }

  void table_rows(Target *t) {
    InsertBatch batch;
    batch.db = t->db;
    batch.name = t->name;
    batch.table = t->table;
    batch.super = t->super;
    batch.tags = t->tags;
    batch.columns = column_indexes(*t);
    auto &defs = columns_of(*t);
    std::vector<Field> fields;
    for (int i : batch.columns) fields.push_back(defs[i].field);
    int precision = context_.catalog->database(t->db).precision();
    if (lexer_.peek().is("select") || lexer_.peek().is("(")) {
      batch.rows = query_rows(fields, precision);
    } else {
      values(fields, batch.columns, precision, &batch.rows);
    }
    plan_.push_back(std::move(batch));
  }

  // VALUES (...) (...), with or without commas between. `time_at` of `columns` is where index 0 stands.
  void values(const std::vector<Field> &fields, const std::vector<int> &columns, int precision,
              std::vector<Row> *rows) {
    Token word = lexer_.next();
    if (word.is("file")) unsupported("INSERT ... FILE");
    if (!word.is("values")) insert_error(word, sql_, "keyword VALUES or FILE is expected");
    while (lexer_.peek().is("(")) {
      lexer_.next();
      Row row;
      row.reserve(fields.size());
      for (size_t i = 0; i < fields.size(); i++) {
        Token before = lexer_.peek();
        if (before.is(")")) fail(kErrColumnCount, "Illegal number of columns");
        row.push_back(read_literal(&lexer_, fields[i], precision, context_));
        if (columns[i] == 0 && is_null(row.back()))
          insert_error(before, sql_, "Primary timestamp column should not be null");
        if (i + 1 < fields.size() && !accept(",")) insert_error(lexer_.peek(), sql_, ", expected");
      }
      Token close = lexer_.next();
      if (close.is(",")) fail(kErrColumnCount, "Illegal number of columns");
      if (!close.is(")")) insert_error(close, sql_, ") expected");
      rows->push_back(std::move(row));
      if (lexer_.peek().is(",")) {
        Lexer after = lexer_;
        after.next();
        if (after.peek().is("(")) lexer_.next();
      }
    }
    if (rows->empty()) fail(kErrInsertSyntax, "syntax error near 'no any data points'");
  }

  std::vector<Row> query_rows(const std::vector<Field> &fields, int precision) {
    Parser parser(sql_, lexer_.position());
    QueryPtr query = parser.parse_query();
    lexer_.seek(parser.position());
    Token end = lexer_.peek();
    if (end.kind != TokenKind::kEnd && !end.is(";")) syntax_error(end, sql_);
    Table result = run_query(*query, context_, plan_only_);
    if (result.fields.size() != fields.size()) fail(kErrColumnCount, "Illegal number of columns");
    std::vector<Row> rows;
    for (auto &row : result.rows) {
      Row out;
      for (size_t i = 0; i < fields.size(); i++)
        out.push_back(assign_value(row[i], result.fields[i], result.precision, fields[i], precision, *context_.zone));
      rows.push_back(std::move(out));
    }
    return rows;
  }

  // insert into super (tbname, ts, v, tag) values (...): the row says which subtable it goes to.
  void super_table_rows(Target *t) {
    TableInfo *super = t->table;
    if (!t->listed) {
      Token end;
      end.at = t->name_end;
      end.kind = TokenKind::kSymbol;
      insert_error(end, sql_, "(...tbname, ts...) bounded cols is expected for supertable insertion");
    }
    std::vector<Field> fields;
    std::vector<int> columns, tag_of, column_at;  // per listed name: column index or -1, tag index or -1
    int tbname_at = -1;
    for (size_t i = 0; i < t->columns.size(); i++) {
      const std::string &name = t->columns[i];
      int column = find_column(super->own_columns, name), tag = find_column(super->own_tags, name);
      if (name == "tbname") {
        tbname_at = static_cast<int>(i);
        fields.push_back(make_field("tbname", kVarchar, 192));
        column = tag = -1;
      } else if (column >= 0) {
        fields.push_back(super->own_columns[column].field);
        tag = -1;
      } else if (tag >= 0) {
        fields.push_back(super->own_tags[tag].field);
      } else {
        fail(kErrInvalidColumn, "Invalid column name: " + name);
      }
      columns.push_back(column);
      tag_of.push_back(tag);
      if (column >= 0) column_at.push_back(column);
    }
    if (tbname_at < 0) fail(kErrInvalidOperation, "tbname value expected");
    if (std::find(column_at.begin(), column_at.end(), 0) == column_at.end())
      fail(kErrInvalidOperation, "Primary timestamp column should not be null");
    int precision = context_.catalog->database(t->db).precision();
    std::vector<Row> rows;
    if (lexer_.peek().is("select") || lexer_.peek().is("(")) {
      rows = query_rows(fields, precision);
    } else {
      values(fields, columns, precision, &rows);
    }
    std::map<std::string, InsertBatch *> by_name;
    for (Row &row : rows) {
      auto *name = std::get_if<std::string>(&row[tbname_at]);
      if (!name || name->empty()) fail(kErrInvalidOperation, "tbname can not be null value");
      InsertBatch *&batch = by_name[*name];
      if (!batch) {
        plan_.emplace_back();
        batch = &plan_.back();
        batch->db = t->db;
        batch->name = *name;
        check_table_name(*name);
        batch->table = context_.catalog->find_table(t->db, *name);
        if (batch->table && batch->table->super != super)
          fail(kErrTableExists, "Table already exists in other stables");
        batch->super = super;
        batch->columns = column_at;
        batch->tags.resize(super->own_tags.size());
        for (size_t i = 0; i < row.size(); i++)
          if (tag_of[i] >= 0) batch->tags[tag_of[i]] = row[i];
      }
      Row values;
      for (size_t i = 0; i < row.size(); i++)
        if (columns[i] >= 0) values.push_back(std::move(row[i]));
      batch->rows.push_back(std::move(values));
    }
  }

  std::string_view sql_;
  Lexer lexer_;
  const Context &context_;
  bool plan_only_;
  InsertPlan plan_;
};

}  // namespace

Row parse_tags(Lexer *lexer, const TableInfo &super, const std::vector<std::string> &names, const Context &context) {
  std::string_view sql = lexer->sql();
  Token open = lexer->next();
  if (!open.is("(")) insert_error(open, sql, "( is expected");
  auto &defs = super.own_tags;
  std::vector<int> indexes;
  for (auto &name : names) {
    int i = find_column(defs, name);
    if (i < 0) fail(kErrInvalidColumn, "Invalid column name: " + name);
    indexes.push_back(i);
  }
  if (names.empty())
    for (size_t i = 0; i < defs.size(); i++) indexes.push_back(static_cast<int>(i));
  if (indexes.empty()) insert_error(lexer->next(), sql, ") is expected");
  Row tags(defs.size());
  int precision = context.catalog->database(super.db).precision();
  for (size_t i = 0; i < indexes.size(); i++) {
    if (i > 0) {
      Token comma = lexer->next();
      if (comma.is(")")) fail(kErrTagsNotMatched, "Tags number not matched");
      if (!comma.is(",")) insert_error(comma, sql, ", is expected");
    }
    tags[indexes[i]] = read_literal(lexer, defs[indexes[i]].field, precision, context);
  }
  Token close = lexer->next();
  if (close.is(",")) fail(kErrTagsNotMatched, "Tags number not matched");
  if (!close.is(")")) insert_error(close, sql, ") is expected");
  return tags;
}

InsertPlan parse_insert(std::string_view sql, const Context &context, bool plan_only) {
  return InsertParser(sql, context, plan_only).parse();
}

int64_t run_insert(const InsertPlan &plan, const Context &context) {
  RowWriter writer(context);
  for (const InsertBatch &batch : plan) {
    TableInfo *table = batch.table;
    if (!table) table = context.catalog->find_table(batch.db, batch.name);
    if (!table) {
      table = &context.catalog->create_child(&context.catalog->database(batch.db), batch.super, batch.name, batch.tags,
                                             0, "");
      writer.note_created(*table);
    }
    writer.write(*table, batch.columns, batch.rows);
  }
  return writer.affected();
}

}  // namespace opentaos::sandbox
