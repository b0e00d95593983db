// Recursive descent over TDengine's dialect. Knows the grammar, not the catalogue. INSERT has a parser of its own
// (insert.h): its values depend on the columns they go into.
#pragma once

#include <string>
#include <string_view>

#include "engine/ast.h"
#include "engine/errors.h"
#include "engine/lexer.h"

namespace opentaos::sandbox {

// `syntax error near "..."` with the rest of the statement, or kErrIncomplete at its end.
[[noreturn]] void syntax_error(const Token &at, std::string_view sql);

class Parser {
 public:
  // `sql` has been through fold_case() and must outlive the parser.
  explicit Parser(std::string_view sql, size_t at = 0, const std::vector<Parameter> *parameters = nullptr);

  // One statement; what follows a semicolon is not looked at.
  Statement parse_statement();

  // Pieces, for the INSERT parser.
  QueryPtr parse_query();
  size_t position() const { return token_.at; }
  size_t parameters_used() const { return next_parameter_; }

 private:
  // Guards against statements that nest too deep for the stack.
  class Depth {
   public:
    explicit Depth(Parser *parser);
    ~Depth() { parser_->depth_--; }
    Depth(const Depth &) = delete;
    Depth &operator=(const Depth &) = delete;

   private:
    Parser *parser_;
  };

  // Tokens.
  void advance();
  bool at(std::string_view word) const { return token_.is(word); }
  bool accept(std::string_view word);
  void expect(std::string_view word);
  [[noreturn]] void error() const { syntax_error(token_, lexer_.sql()); }
  Token peek() const { return lexer_.peek(); }
  std::string_view text_since(size_t start) const { return lexer_.sql().substr(start, last_end_ - start); }

  bool at_name() const;
  std::string name();
  std::string string_literal();
  int64_t integer();
  Duration duration();
  ObjectName object_name();
  // `at` is where the name stands: the message quotes the statement from there.
  void check_name(size_t at, std::string_view name, size_t limit) const;
  bool if_exists();
  bool if_not_exists();

  // Expressions, loosest binding first.
  ExprPtr expression();
  ExprPtr logic_or();
  ExprPtr logic_and();
  ExprPtr logic_not();
  ExprPtr comparison();
  ExprPtr bits();
  ExprPtr sum();
  ExprPtr product();
  ExprPtr unary();
  ExprPtr postfix();
  ExprPtr primary();
  ExprPtr number();
  ExprPtr column_or_call();
  ExprPtr call(const std::string &name, size_t start);
  ExprPtr cast(size_t start);
  ExprPtr case_when(size_t start);
  ExprPtr make(ExprKind kind, size_t start, std::string name, std::vector<ExprPtr> args);
  bool parse_type(Field *field, bool need_length);
  int32_t type_length(bool required);

  // Queries.
  SelectCore select_core();
  SelectItem select_item();
  std::string alias();
  TableRefPtr table_list();
  TableRefPtr joined_table();
  TableRefPtr table_primary();
  WindowSpec window();
  void fill(WindowSpec *w);
  void order_limit(Query *q);
  Limit limit(std::string_view offset_word);
  std::vector<ExprPtr> expression_list();

  // Definitions.
  Statement create();
  Statement create_database();
  Statement create_table(bool stable);
  Statement create_user();
  Statement create_topic();
  Statement drop();
  Statement alter();
  Statement alter_table(bool stable);
  Statement alter_user();
  Statement show();
  Statement show_create();
  Statement show_tags(bool table_tags);
  Statement kill();
  ColumnDef column_def(bool tag);
  Options options(bool database);
  CreateSubtables::Item subtable(ObjectName name, bool if_not_exists);
  void skip_parentheses();

  Lexer lexer_;
  Token token_;
  const std::vector<Parameter> *parameters_;
  size_t next_parameter_ = 0;
  size_t last_end_ = 0;
  int depth_ = 0;
};

}  // namespace opentaos::sandbox
