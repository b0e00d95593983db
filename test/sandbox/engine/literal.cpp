#include "engine/literal.h"

#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "engine/decimal.h"
#include "engine/geometry.h"
#include "engine/json_tag.h"
#include "engine/text.h"

namespace opentaos::sandbox {

namespace {

constexpr size_t kMaxErrorText = 480;

[[noreturn]] void error_near(std::string_view near, std::string_view why) {
  fail(kErrInsertSyntax,
       "syntax error near '" + std::string(near.substr(0, kMaxErrorText)) + "' (" + std::string(why) + ")");
}

// A value's token with its sign and, for strings, without quotes.
struct Literal {
  Token token;
  bool quoted = false;
  std::string text;       // what it says
  std::string_view near;  // for messages
};

[[noreturn]] void bad(const Literal &l, std::string_view why) { error_near(l.quoted ? l.text : l.near, why); }

Literal read(Lexer *lexer) {
  Literal l;
  l.token = lexer->next();
  std::string_view sql = lexer->sql();
  l.near = sql.substr(std::min(l.token.at, sql.size()));
  switch (l.token.kind) {
    case TokenKind::kString:
      l.quoted = true;
      l.text = unescape(l.token.text);
      return l;
    case TokenKind::kSymbol:
      if (l.token.text == "-" || l.token.text == "+") {
        Token digits = lexer->peek();
        if ((digits.kind == TokenKind::kInteger || digits.kind == TokenKind::kFloat) && digits.at == l.token.end()) {
          lexer->next();
          l.text = (l.token.text == "-" ? "-" : "") + std::string(digits.text);
          l.token.kind = digits.kind;
          return l;
        }
      }
      error_near(l.near, "invalid data or symbol");
    case TokenKind::kInteger:
    case TokenKind::kFloat:
    case TokenKind::kName:
    case TokenKind::kDuration: l.text = std::string(l.token.text); return l;
    default: error_near(l.near, "invalid data or symbol");
  }
}

bool says_null(const Literal &l, const Field &field) {
  if (!l.quoted) return l.token.kind == TokenKind::kName && l.text == "null";
  return !is_var_type(field.type) && to_lower(l.text) == "null";
}

std::string integer_name(uint8_t type) {
  std::string name =
      to_lower(type_name(static_cast<uint8_t>(is_unsigned_type(type) ? type - kUTinyInt + kTinyInt : type)));
  return is_unsigned_type(type) ? "unsigned " + name : name;
}

// Decimal, hexadecimal, binary, or a fraction that is rounded.
Value integer_value(const Literal &l, const Field &field) {
  const std::string &s = l.text;
  std::string invalid = "invalid " + integer_name(field.type) + " data";
  std::string overflow = integer_name(field.type) + " data overflow";
  if (s.empty()) bad(l, "invalid numeric data");
  bool minus = s[0] == '-';
  std::string digits = s.substr(minus || s[0] == '+' ? 1 : 0);
  int base = 10;
  if (digits.size() > 2 && digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X')) base = 16;
  if (digits.size() > 2 && digits[0] == '0' && (digits[1] == 'b' || digits[1] == 'B')) base = 2;
  if (base != 10) digits.erase(0, 2);
  if (digits.empty() || digits[0] == '-' || digits[0] == '+' || digits[0] == ' ') bad(l, invalid);
  errno = 0;
  char *end = nullptr;
  uint64_t magnitude = std::strtoull(digits.c_str(), &end, base);
  if (*end != '\0') {
    double d = std::strtod(digits.c_str(), &end);
    if (*end != '\0' || end == digits.c_str() || !std::isfinite(d)) bad(l, invalid);
    if (d >= 18446744073709551615.0) bad(l, invalid);
    magnitude = static_cast<uint64_t>(std::llround(d));
    if (d >= 9.2e18) magnitude = static_cast<uint64_t>(d);
  } else if (errno != 0) {
    bad(l, invalid);
  }
  if (is_unsigned_type(field.type)) {
    if (minus && magnitude != 0) bad(l, invalid);
    if (magnitude > max_of(field.type)) bad(l, overflow);
    return magnitude;
  }
  uint64_t limit = max_of(field.type) + (minus ? 1 : 0);
  if (magnitude > limit) bad(l, field.type == kBigInt ? invalid : overflow);
  return minus ? static_cast<int64_t>(0 - magnitude) : static_cast<int64_t>(magnitude);
}

Value float_value(const Literal &l, const Field &field) {
  constexpr const char *kWhy = "illegal float data";
  char *end = nullptr;
  double d = std::strtod(l.text.c_str(), &end);
  if (l.text.empty() || *end != '\0' || end == l.text.c_str() || !std::isfinite(d)) bad(l, kWhy);
  if (field.type == kDouble) return d;
  if (std::fabs(d) > static_cast<double>(std::numeric_limits<float>::max())) bad(l, kWhy);
  return static_cast<double>(static_cast<float>(d));
}

Value bool_value(const Literal &l) {
  std::string s = to_lower(l.text);
  if (s == "true") return true;
  if (s == "false") return false;
  char *end = nullptr;
  double d = std::strtod(s.c_str(), &end);
  if (s.empty() || *end != '\0') bad(l, "invalid bool data");
  return d != 0;
}

Value time_value(const Literal &l, Lexer *lexer, int precision, const Context &context) {
  int64_t ticks = 0;
  if (!l.quoted && l.token.kind == TokenKind::kName) {
    if (l.text == "now") {
      ticks = context.now(precision);
    } else if (l.text == "today") {
      int64_t day = 86400;
      int64_t seconds = context.now_ns / 1000000000;
      int32_t offset = context.zone->offset_at(seconds);
      ticks = ((seconds + offset) / day * day - offset) * ticks_per_second(precision);
    } else {
      bad(l, "invalid timestamp");
    }
    if (lexer->peek().is("(")) {
      lexer->next();
      Token close = lexer->next();
      if (!close.is(")")) insert_error(close, lexer->sql(), ") expected");
    }
  } else if (l.quoted) {
    auto t = parse_timestamp(l.text, *context.zone, precision);
    if (!t) bad(l, "invalid timestamp");
    ticks = *t;
  } else if (l.token.kind == TokenKind::kInteger) {
    ticks = std::get<int64_t>(integer_value(l, make_field("", kBigInt)));
  } else {
    bad(l, "invalid timestamp");
  }
  while (lexer->peek().is("+") || lexer->peek().is("-")) {
    bool minus = lexer->next().text == "-";
    Token t = lexer->next();
    auto d = t.kind == TokenKind::kDuration ? parse_duration(t.text) : std::nullopt;
    if (!d) insert_error(t, lexer->sql(), "value expected in timestamp");
    ticks = add_duration(ticks, *d, minus ? -1 : 1, precision);
  }
  return ticks;
}

[[noreturn]] void too_long(const Field &field) {
  fail(kErrValueTooLong, "Value too long for column/tag: " + field.name);
}

}  // namespace

void insert_error(const Token &at, std::string_view sql, std::string_view why) {
  if (at.kind == TokenKind::kString) error_near(unescape(at.text), why);
  error_near(sql.substr(std::min(at.at, sql.size())), why);
}

Value value_from_text(const std::string &text, const Field &field) {
  auto width = static_cast<int64_t>(field.width);
  switch (field.type) {
    case kVarchar:
      if (static_cast<int64_t>(text.size()) > width) too_long(field);
      return text;
    case kNchar:
      // The server's own words for what its iconv says.
      if (!valid_utf8(text)) error_near(text, "Unknown error -2130771884");
      if (utf8_length(text) > width) too_long(field);
      return text;
    case kJson: {
      std::string json = canonical_json(text);
      return json.empty() ? Value{} : Value{json};
    }
    case kGeometry: {
      auto wkb = wkb_from_wkt(text);
      if (!wkb) error_near(text, "Invalid function para value");
      if (static_cast<int64_t>(wkb->size()) > width) too_long(field);
      return *wkb;
    }
    case kVarbinary:
    case kBlob:
    case kMediumBlob: {
      std::string bytes = text;
      if (text.rfind("\\x", 0) == 0 && !from_hex(std::string_view(text).substr(2), &bytes))
        fail(kErrInvalidVarbinary, "Invalid " + to_lower(type_name(field.type)) + " value: " + field.name);
      if (static_cast<int64_t>(bytes.size()) > width) too_long(field);
      return bytes;
    }
    default: return {};
  }
}

Value read_literal(Lexer *lexer, const Field &field, int precision, const Context &context) {
  Literal l = read(lexer);
  if (says_null(l, field)) return {};
  if (field.type == kTimestamp) return time_value(l, lexer, precision, context);
  if (!l.quoted && l.token.kind == TokenKind::kName && l.text != "true" && l.text != "false")
    bad(l, "invalid data or symbol");
  if (field.type == kBool) return bool_value(l);
  bool number_like = is_integer_type(field.type) || is_float_type(field.type) || is_decimal_type(field.type);
  // TRUE and FALSE are 1 and 0 where a number goes.
  if (number_like && !l.quoted && l.token.kind == TokenKind::kName) l.text = l.text == "true" ? "1" : "0";
  if (is_integer_type(field.type)) return integer_value(l, field);
  if (is_float_type(field.type)) return float_value(l, field);
  if (is_decimal_type(field.type)) {
    auto v = decimal_from_text(l.text, {field.precision, field.scale});
    if (!v) bad(l, "invalid decimal data");
    return Decimal{*v};
  }
  return value_from_text(l.text, field);
}

Value adopt_value(const Value &v, const Field &field) {
  auto wrong = [&]() -> Value { fail(kErrInvalidOperation, "Invalid data type for column " + field.name); };
  if (is_null(v)) return v;
  if (is_var_type(field.type)) {
    auto *s = std::get_if<std::string>(&v);
    if (!s) return wrong();
    int64_t size = field.type == kNchar ? utf8_length(*s) : static_cast<int64_t>(s->size());
    if (field.type == kNchar && !valid_utf8(*s)) return wrong();
    if (field.type == kJson) return value_from_text(*s, field);
    if (size > field.width) too_long(field);
    if (field.type == kGeometry && !wkt_from_wkb(*s)) return wrong();
    return v;
  }
  if (std::holds_alternative<std::string>(v)) return wrong();
  if (is_decimal_type(field.type)) {
    auto *d = std::get_if<Decimal>(&v);
    if (!d) return wrong();
    check_decimal_range(d->unscaled, field.precision);
    return v;
  }
  if (std::holds_alternative<Decimal>(v)) return wrong();
  if (field.type == kBool) return to_double(v) != 0;
  if (is_float_type(field.type)) {
    double d = to_double(v);
    return field.type == kFloat ? static_cast<double>(static_cast<float>(d)) : d;
  }
  Int128 n = 0;
  if (auto *b = std::get_if<bool>(&v)) n = *b;
  if (auto *i = std::get_if<int64_t>(&v)) n = *i;
  if (auto *u = std::get_if<uint64_t>(&v)) n = *u;
  if (std::holds_alternative<double>(v)) return wrong();
  if (n < min_of(field.type) || n > static_cast<Int128>(max_of(field.type))) return wrong();
  if (is_unsigned_type(field.type)) return static_cast<uint64_t>(n);
  return static_cast<int64_t>(n);
}

}  // namespace opentaos::sandbox
