// Tokens and expressions.
#include "engine/parser.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>

namespace opentaos::sandbox {

namespace {

constexpr int kMaxHeight = 1000;
constexpr size_t kMaxErrorText = 480;

// Reserved words that are functions all the same when a parenthesis follows.
bool is_function_word(std::string_view word) {
  for (std::string_view f : {"database", "user", "current_user", "client_version", "server_version", "server_status",
                             "today", "timezone", "if", "left", "right", "cols"})
    if (word == f) return true;
  return false;
}

}  // namespace

void syntax_error(const Token &at, std::string_view sql) {
  if (at.kind == TokenKind::kEnd) fail(kErrIncomplete, "Incomplete SQL statement");
  std::string rest(sql.substr(at.at, kMaxErrorText));
  if (at.kind == TokenKind::kIllegal) fail(kErrSyntax, "unrecognized token: \"" + rest + "\"");
  fail(kErrSyntax, "syntax error near \"" + rest + "\"");
}

Parser::Depth::Depth(Parser *parser) : parser_(parser) {
  constexpr int kMaxDepth = 200;
  if (parser_->depth_ >= kMaxDepth) parser_->error();
  parser_->depth_++;
}

Parser::Parser(std::string_view sql, size_t at, const std::vector<Parameter> *parameters)
    : lexer_(sql, at), parameters_(parameters) {
  advance();
}

void Parser::advance() {
  last_end_ = token_.end();
  token_ = lexer_.next();
  if (token_.kind == TokenKind::kIllegal) error();
}

bool Parser::accept(std::string_view word) {
  if (!at(word)) return false;
  advance();
  return true;
}

void Parser::expect(std::string_view word) {
  if (!accept(word)) error();
}

bool Parser::at_name() const {
  return token_.kind == TokenKind::kQuotedName || (token_.kind == TokenKind::kName && !is_reserved(token_.text));
}

std::string Parser::name() {
  if (!at_name()) error();
  std::string n = unquote_name(token_.text);
  if (n.empty()) error();
  advance();
  return n;
}

std::string Parser::string_literal() {
  if (token_.kind != TokenKind::kString) error();
  std::string s = unescape(token_.text);
  advance();
  return s;
}

int64_t Parser::integer() {
  if (token_.kind != TokenKind::kInteger) error();
  std::string digits(token_.text);
  errno = 0;
  long long v = std::strtoll(digits.c_str(), nullptr, 10);
  if (errno != 0) error();
  advance();
  return v;
}

Duration Parser::duration() {
  if (token_.kind != TokenKind::kDuration) error();
  auto d = parse_duration(token_.text);
  if (!d) error();
  advance();
  return *d;
}

void Parser::check_name(size_t at, std::string_view name, size_t limit) const {
  if (name.size() <= limit) return;
  fail(kErrInvalidIdentifier, "Invalid identifier name: " + std::string(lexer_.sql().substr(at, kMaxErrorText)));
}

ObjectName Parser::object_name() {
  ObjectName o;
  size_t start = token_.at;
  o.name = name();
  if (accept(".")) {
    o.db = std::move(o.name);
    check_name(start, o.db, 64);
    start = token_.at;
    o.name = name();
  }
  check_name(start, o.name, 192);
  return o;
}

bool Parser::if_exists() {
  if (!at("if")) return false;
  advance();
  expect("exists");
  return true;
}

bool Parser::if_not_exists() {
  if (!at("if")) return false;
  advance();
  expect("not");
  expect("exists");
  return true;
}

ExprPtr Parser::make(ExprKind kind, size_t start, std::string name, std::vector<ExprPtr> args) {
  auto e = std::make_shared<Expr>();
  e->kind = kind;
  e->at = start;
  e->text = std::string(text_since(start));
  e->name = std::move(name);
  e->args = std::move(args);
  // a + a + a + ... makes a tall tree without nesting; everything that walks it recurses.
  for (auto &a : e->args) e->height = std::max(e->height, a->height + 1);
  if (e->height > kMaxHeight) error();
  return e;
}

std::vector<ExprPtr> Parser::expression_list() {
  std::vector<ExprPtr> list;
  do list.push_back(expression());
  while (accept(","));
  return list;
}

ExprPtr Parser::expression() {
  Depth guard(this);
  return logic_or();
}

ExprPtr Parser::logic_or() {
  size_t start = token_.at;
  ExprPtr left = logic_and();
  while (accept("or")) {
    ExprPtr right = logic_and();
    left = make(ExprKind::kLogic, start, "or", {left, right});
  }
  return left;
}

ExprPtr Parser::logic_and() {
  size_t start = token_.at;
  ExprPtr left = logic_not();
  while (accept("and")) {
    ExprPtr right = logic_not();
    left = make(ExprKind::kLogic, start, "and", {left, right});
  }
  return left;
}

ExprPtr Parser::logic_not() {
  size_t start = token_.at;
  if (!at("not")) return comparison();
  Depth guard(this);
  advance();
  ExprPtr inner = logic_not();
  return make(ExprKind::kNot, start, "not", {inner});
}

ExprPtr Parser::comparison() {
  size_t start = token_.at;
  ExprPtr left = bits();
  for (std::string_view op : {"=", "<>", "!=", "<=", ">=", "<", ">"}) {
    if (!at(op)) continue;
    advance();
    ExprPtr right = bits();
    return make(ExprKind::kCompare, start, op == "!=" ? "<>" : std::string(op), {left, right});
  }
  if (accept("is")) {
    bool negated = accept("not");
    expect("null");
    ExprPtr e = make(ExprKind::kIsNull, start, "is null", {left});
    e->negated = negated;
    return e;
  }
  bool negated = false;
  if (at("not")) {
    Token after = peek();
    if (!after.is("in") && !after.is("between") && !after.is("like")) return left;
    advance();
    negated = true;
  }
  ExprPtr e;
  if (accept("between")) {
    ExprPtr low = bits();
    expect("and");
    ExprPtr high = bits();
    e = make(ExprKind::kBetween, start, "between", {left, low, high});
  } else if (accept("in")) {
    expect("(");
    if (at("select")) unsupported("subqueries inside IN (...)");
    std::vector<ExprPtr> args = expression_list();
    expect(")");
    args.insert(args.begin(), left);
    e = make(ExprKind::kIn, start, "in", std::move(args));
  } else {
    for (std::string_view op : {"like", "match", "nmatch", "regexp", "contains"}) {
      if (!at(op)) continue;
      advance();
      ExprPtr right = bits();
      e = make(ExprKind::kCompare, start, std::string(op == "regexp" || op == "nmatch" ? "match" : op), {left, right});
      if (op == "nmatch") negated = true;
      break;
    }
  }
  if (!e) return left;
  e->negated = negated;
  return e;
}

ExprPtr Parser::bits() {
  size_t start = token_.at;
  ExprPtr left = sum();
  while (at("&") || at("|")) {
    std::string op(token_.text);
    advance();
    ExprPtr right = sum();
    left = make(ExprKind::kBinary, start, op, {left, right});
  }
  return left;
}

ExprPtr Parser::sum() {
  size_t start = token_.at;
  ExprPtr left = product();
  while (at("+") || at("-")) {
    std::string op(token_.text);
    advance();
    ExprPtr right = product();
    left = make(ExprKind::kBinary, start, op, {left, right});
  }
  return left;
}

ExprPtr Parser::product() {
  size_t start = token_.at;
  ExprPtr left = unary();
  while (at("*") || at("/") || at("%")) {
    std::string op(token_.text);
    advance();
    ExprPtr right = unary();
    left = make(ExprKind::kBinary, start, op, {left, right});
  }
  return left;
}

ExprPtr Parser::unary() {
  Depth guard(this);
  size_t start = token_.at;
  if (accept("+")) {
    ExprPtr e = unary();
    e->text = std::string(text_since(start));
    return e;
  }
  if (at("-")) {
    Token after = peek();
    if (after.kind == TokenKind::kInteger || after.kind == TokenKind::kFloat || after.kind == TokenKind::kDuration)
      return postfix();
    advance();
    ExprPtr inner = unary();
    return make(ExprKind::kNegate, start, "-", {inner});
  }
  return postfix();
}

ExprPtr Parser::postfix() {
  size_t start = token_.at;
  ExprPtr e = primary();
  while (accept("->")) {
    if (token_.kind != TokenKind::kString) error();
    ExprPtr key = primary();
    e = make(ExprKind::kJsonMember, start, "->", {e, key});
  }
  return e;
}

// A number with its sign, so that the least BIGINT can be written.
ExprPtr Parser::number() {
  size_t start = token_.at;
  bool minus = accept("-");
  std::string digits((minus ? "-" : "") + std::string(token_.text));
  TokenKind kind = token_.kind;
  advance();
  ExprPtr e = make(ExprKind::kLiteral, start, "", {});
  if (kind == TokenKind::kDuration) {
    e->kind = ExprKind::kDuration;
    auto d = parse_duration(digits);
    if (!d) fail(kErrSyntax, "syntax error near \"" + e->text + "\"");
    e->duration = *d;
    e->type = make_field("", kBigInt);
    return e;
  }
  if (kind == TokenKind::kInteger) {
    bool plain = digits.find_first_of("xb") == std::string::npos;
    int base = plain ? 10 : digits.find('x') != std::string::npos ? 16 : 2;
    if (!plain) digits.erase(digits.find_first_of("xb") - 1, 2);
    errno = 0;
    int64_t v = std::strtoll(digits.c_str(), nullptr, base);
    if (errno == 0) {
      e->value = v;
      e->type = make_field("", kBigInt);
      return e;
    }
    errno = 0;
    uint64_t u = std::strtoull(digits.c_str(), nullptr, base);
    if (errno == 0 && !minus) {
      e->value = u;
      e->type = make_field("", kUBigInt);
      return e;
    }
  }
  e->value = std::strtod(digits.c_str(), nullptr);
  e->type = make_field("", kDouble);
  return e;
}

ExprPtr Parser::primary() {
  size_t start = token_.at;
  auto literal = [&](Value v, Field type) {
    ExprPtr e = make(ExprKind::kLiteral, start, "", {});
    e->value = std::move(v);
    e->type = std::move(type);
    return e;
  };
  switch (token_.kind) {
    case TokenKind::kInteger:
    case TokenKind::kFloat:
    case TokenKind::kDuration: return number();
    case TokenKind::kString: {
      std::string s = string_literal();
      auto width = static_cast<int32_t>(s.size());
      return literal(std::move(s), make_field("", kVarchar, width));
    }
    case TokenKind::kQuotedName: return column_or_call();
    case TokenKind::kSymbol:
      if (at("-")) return number();
      if (at("?")) {
        if (!parameters_) unsupported("placeholders outside prepared statements");
        if (next_parameter_ >= parameters_->size()) fail(kErrBindNumber, "bind number out of range or not match");
        const Parameter &p = (*parameters_)[next_parameter_++];
        advance();
        ExprPtr e = literal(p.value, p.type);
        e->type.name.clear();
        return e;
      }
      if (at("*")) {
        advance();
        return make(ExprKind::kStar, start, "*", {});
      }
      if (accept("(")) {
        if (at("select")) unsupported("subqueries as values");
        ExprPtr e = expression();
        expect(")");
        e->text = std::string(text_since(start));
        return e;
      }
      error();
    case TokenKind::kName: break;
    default: error();
  }
  if (accept("true")) return literal(true, make_field("", kBool));
  if (accept("false")) return literal(false, make_field("", kBool));
  if (accept("null")) return literal({}, make_field("", kVarchar, 0));
  if (at("case")) return case_when(start);
  if (at("timestamp") && peek().kind == TokenKind::kString) {
    advance();
    ExprPtr text = primary();
    ExprPtr e = make(ExprKind::kCast, start, "cast", {text});
    e->type = make_field("", kTimestamp);
    return e;
  }
  return column_or_call();
}

ExprPtr Parser::column_or_call() {
  size_t start = token_.at;
  bool bare = token_.kind == TokenKind::kName;
  bool called = peek().is("(");
  if (bare && token_.text == "cast" && called) return cast(start);
  if (bare && called && (!is_reserved(token_.text) || is_function_word(token_.text))) {
    std::string function(token_.text);
    advance();
    return call(function, start);
  }
  if (at("tbname")) {
    advance();
    return make(ExprKind::kColumn, start, "tbname", {});
  }
  // now and today need no parentheses.
  if (bare && (at("now") || at("today"))) {
    std::string function(token_.text);
    advance();
    return make(ExprKind::kCall, start, function, {});
  }
  std::string first = name();
  if (!accept(".")) return make(ExprKind::kColumn, start, first, {});
  std::string table = first, column;
  if (accept("*")) {
    ExprPtr e = make(ExprKind::kStar, start, "*", {});
    e->table = table;
    return e;
  }
  if (at("tbname")) {
    advance();
    column = "tbname";
  } else {
    column = name();
  }
  if (accept(".")) {  // db.table.column
    table = column;
    column = at("tbname") ? (advance(), "tbname") : name();
  }
  ExprPtr e = make(ExprKind::kColumn, start, column, {});
  e->table = table;
  return e;
}

ExprPtr Parser::call(const std::string &name, size_t start) {
  expect("(");
  std::vector<ExprPtr> args;
  if (name == "trim" && (at("leading") || at("trailing") || at("both")))
    unsupported("TRIM(LEADING | TRAILING | BOTH ...)");
  bool empty_allowed = name == "now" || name == "today" || name == "timezone" || name == "pi" || name == "database" ||
                       name == "user" || name == "current_user" || name == "client_version" ||
                       name == "server_version" || name == "server_status" || name == "rand";
  if (name == "position" && !at(")")) {
    args.push_back(bits());  // position(a in b) as well as position(a, b)
    if (!accept("in")) expect(",");
    args.push_back(expression());
  } else if (!at(")")) {
    args = expression_list();
  } else if (!empty_allowed) {
    error();
  }
  // substring(s from 2 for 3), position(a in b)
  if (at("from") || at("for")) unsupported("the FROM ... FOR form of " + name + "()");
  expect(")");
  if (at("over")) unsupported("OVER (...)");
  return make(ExprKind::kCall, start, name, std::move(args));
}

ExprPtr Parser::cast(size_t start) {
  advance();
  expect("(");
  ExprPtr inner = expression();
  expect("as");
  Field type;
  if (!parse_type(&type, false)) error();
  expect(")");
  ExprPtr e = make(ExprKind::kCast, start, "cast", {inner});
  e->type = type;
  return e;
}

ExprPtr Parser::case_when(size_t start) {
  advance();
  std::vector<ExprPtr> args;
  bool has_operand = !at("when"), has_else = false;
  if (has_operand) args.push_back(expression());
  if (!at("when")) error();
  while (accept("when")) {
    args.push_back(expression());
    expect("then");
    args.push_back(expression());
  }
  if (accept("else")) {
    has_else = true;
    args.push_back(expression());
  }
  expect("end");
  ExprPtr e = make(ExprKind::kCase, start, "case", std::move(args));
  e->has_operand = has_operand;
  e->has_else = has_else;
  return e;
}

// "(n)" behind a type; 0 when it is not there and need not be.
int32_t Parser::type_length(bool required) {
  if (!at("(") && !required) return 0;
  expect("(");
  int64_t n = integer();
  expect(")");
  return static_cast<int32_t>(std::min<int64_t>(n, INT32_MAX));
}

bool Parser::parse_type(Field *field, bool need_length) {
  if (token_.kind != TokenKind::kName) return false;
  static const std::pair<std::string_view, uint8_t> kNames[] = {
      {"bool", kBool},           {"tinyint", kTinyInt},      {"smallint", kSmallInt}, {"int", kInt},
      {"integer", kInt},         {"bigint", kBigInt},        {"float", kFloat},       {"double", kDouble},
      {"timestamp", kTimestamp}, {"varchar", kVarchar},      {"binary", kVarchar},    {"nchar", kNchar},
      {"json", kJson},           {"varbinary", kVarbinary},  {"geometry", kGeometry}, {"decimal", kDecimal128},
      {"blob", kBlob},           {"mediumblob", kMediumBlob}};
  uint8_t type = kNullType;
  for (auto &[word, t] : kNames)
    if (token_.text == word) type = t;
  if (type == kNullType) return false;
  advance();
  std::string column = std::move(field->name);
  if (is_signed_type(type) && accept("unsigned")) type = static_cast<uint8_t>(type - kTinyInt + kUTinyInt);
  if (type == kDecimal128) {
    expect("(");
    int64_t precision = integer(), scale = 0;
    if (accept(",")) scale = integer();
    expect(")");
    if (precision < 1 || precision > 38 || scale < 0 || scale > precision)
      fail(kErrInvalidColumn, "Invalid column type DECIMAL(" + std::to_string(precision) + "," + std::to_string(scale) +
                                  ") , invalid precision or scale");
    *field = make_field(column, precision <= 18 ? kDecimal64 : kDecimal128);
    field->precision = static_cast<uint8_t>(precision);
    field->scale = static_cast<uint8_t>(scale);
    return true;
  }
  int32_t width = 0;
  if (type == kVarchar || type == kNchar || type == kVarbinary || type == kGeometry) width = type_length(need_length);
  if (type == kFloat && at("(")) type_length(true);
  *field = make_field(column, type, width);
  return true;
}

}  // namespace opentaos::sandbox
