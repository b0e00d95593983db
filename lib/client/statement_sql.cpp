#include "client/statement_sql.h"

#include <strings.h>

#include <algorithm>

namespace opentaos::client {
namespace {

bool is_word_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool is(std::string_view word, std::string_view keyword) {
  return word.size() == keyword.size() && strncasecmp(word.data(), keyword.data(), word.size()) == 0;
}

// Words, quoted texts and single signs, one after the other.
class Tokens {
 public:
  explicit Tokens(std::string_view sql) : sql_(sql) {}

  // The next token; empty at the end.
  std::string_view next() {
    skip_blank();
    start_ = at_;
    if (at_ == sql_.size()) return {};
    const char c = sql_[at_];
    if (c == '\'' || c == '"' || c == '`') {
      skip_quoted(c);
    } else if (is_word_char(c)) {
      while (at_ < sql_.size() && is_word_char(sql_[at_])) at_++;
    } else {
      at_++;
    }
    return sql_.substr(start_, at_ - start_);
  }
  size_t start() const { return start_; }

 private:
  void skip_blank() {
    for (;;) {
      while (at_ < sql_.size() &&
             (sql_[at_] == ' ' || sql_[at_] == '\t' || sql_[at_] == '\n' || sql_[at_] == '\r' || sql_[at_] == '\f'))
        at_++;
      const std::string_view rest = sql_.substr(at_);
      size_t end;
      if (rest.substr(0, 2) == "--")
        end = rest.find('\n');
      else if (rest.substr(0, 2) == "/*")
        end = rest.find("*/", 2);
      else
        return;
      at_ = end == std::string_view::npos ? sql_.size() : std::min(sql_.size(), at_ + end + (rest[0] == '/' ? 2 : 1));
    }
  }

  // A doubled quote and, in texts, one behind a backslash are part of it.
  void skip_quoted(char quote) {
    for (at_++; at_ < sql_.size(); at_++) {
      if (sql_[at_] == '\\' && quote != '`') {
        at_++;
      } else if (sql_[at_] == quote) {
        if (at_ + 1 >= sql_.size() || sql_[at_ + 1] != quote) {
          at_++;
          return;
        }
        at_++;
      }
    }
    at_ = sql_.size();
  }

  std::string_view sql_;
  size_t at_ = 0;
  size_t start_ = 0;
};

StatementSql::Kind kind_of(std::string_view word) {
  using Kind = StatementSql::Kind;
  if (word.empty()) return Kind::kEmpty;
  if (is(word, "insert") || is(word, "import")) return Kind::kInsert;
  if (is(word, "select")) return Kind::kSelect;
  static constexpr std::string_view kOthers[] = {
      "alter", "balance", "compact", "create", "delete",       "desc",  "describe", "drop",   "explain", "flush",
      "grant", "insert",  "kill",    "merge",  "redistribute", "reset", "resume",   "revoke", "show",    "split",
      "stop",  "pause",   "trim",    "update", "use",          "with",  "begin",    "commit", "rollback"};
  for (auto other : kOthers)
    if (is(word, other)) return Kind::kOther;
  return Kind::kUnknown;
}

}  // namespace

StatementSql scan_statement(std::string_view sql) {
  StatementSql out;
  Tokens tokens(sql);
  std::string_view token = tokens.next();
  out.kind = kind_of(token);
  if (token.empty()) return out;

  enum class Place { kElsewhere, kInto, kTagsNext, kTags } place = Place::kElsewhere;
  int depth = 0;
  bool value_open = false;  // a tag's value has begun
  while (!(token = tokens.next()).empty()) {
    const bool mark = token == "?";
    if (mark) out.placeholders++;
    switch (place) {
      case Place::kElsewhere:
        if (out.kind != StatementSql::Kind::kInsert) break;
        if (is(token, "into"))
          place = Place::kInto;
        else if (is(token, "using"))
          out.has_using = true;
        else if (is(token, "tags"))
          place = Place::kTagsNext;
        else if (is(token, "values"))
          out.has_values = true;
        break;
      case Place::kInto:
        if (mark) {
          out.names_table = true;
          out.table_at = tokens.start();
        }
        place = Place::kElsewhere;
        break;
      case Place::kTagsNext:
        place = token == "(" ? Place::kTags : Place::kElsewhere;
        depth = 1;
        value_open = false;
        break;
      case Place::kTags:
        if (token == "(") depth++;
        if (token == ")" && --depth == 0) {
          place = Place::kElsewhere;
          break;
        }
        if (depth == 1 && token == ",") {
          value_open = false;
        } else if (!value_open) {
          value_open = true;
          out.tag_values++;
          if (mark) out.tag_placeholders++;
        }
        break;
    }
  }
  return out;
}

namespace {

// Whether a table's name reads as one in SQL: words and quoted parts, with a point between.
bool reads_as_name(std::string_view table) {
  bool quoted = false;
  for (size_t i = 0; i < table.size(); i++) {
    if (table[i] == '`')
      quoted = !quoted;
    else if (!quoted && !is_word_char(table[i]) && table[i] != '.')
      return false;
  }
  return !table.empty() && !quoted && !(table[0] >= '0' && table[0] <= '9');
}

}  // namespace

std::string with_table(std::string_view sql, const StatementSql &scan, std::string_view table) {
  std::string out(sql.substr(0, scan.table_at));
  if (reads_as_name(table)) {
    out += table;
  } else {
    out += '`';
    for (char c : table) {
      if (c == '`') out += '`';
      out += c;
    }
    out += '`';
  }
  out += sql.substr(scan.table_at + 1);
  return out;
}

}  // namespace opentaos::client
