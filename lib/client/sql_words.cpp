// What the client must know of a statement's text: whether it only reads, and whether it changes the database.
#include <strings.h>

#include "client/connection.h"

namespace opentaos::client {
namespace {

// Skips white space and comments.
std::string_view skip_blank(std::string_view s) {
  for (;;) {
    while (!s.empty() && (s.front() == ' ' || s.front() == '\t' || s.front() == '\n' || s.front() == '\r'))
      s.remove_prefix(1);
    if (s.size() >= 2 && s[0] == '-' && s[1] == '-') {
      size_t end = s.find('\n');
      s = end == std::string_view::npos ? std::string_view() : s.substr(end + 1);
    } else if (s.size() >= 2 && s[0] == '/' && s[1] == '*') {
      size_t end = s.find("*/", 2);
      s = end == std::string_view::npos ? std::string_view() : s.substr(end + 2);
    } else {
      return s;
    }
  }
}

bool is_word_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

std::string_view take_word(std::string_view *s) {
  size_t n = 0;
  while (n < s->size() && is_word_char((*s)[n])) n++;
  std::string_view word = s->substr(0, n);
  s->remove_prefix(n);
  return word;
}

bool is(std::string_view word, std::string_view keyword) {
  return word.size() == keyword.size() && strncasecmp(word.data(), keyword.data(), word.size()) == 0;
}

}  // namespace

bool only_reads(std::string_view sql) {
  sql = skip_blank(sql);
  std::string_view word = take_word(&sql);
  return is(word, "select") || is(word, "show") || is(word, "desc") || is(word, "describe") || is(word, "explain");
}

std::optional<std::string> database_of_use(std::string_view sql) {
  sql = skip_blank(sql);
  if (!is(take_word(&sql), "use")) return std::nullopt;
  sql = skip_blank(sql);
  if (!sql.empty() && sql.front() == '`') {
    const size_t end = sql.find('`', 1);
    if (end == std::string_view::npos || sql.substr(end + 1, 1) == "`") return std::string();
    return std::string(sql.substr(1, end - 1));
  }
  std::string name(take_word(&sql));
  for (char &c : name)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  sql = skip_blank(sql);
  if (!sql.empty() && sql.front() != ';') return std::string();
  return name;
}

bool has_rows_at_once(std::string_view sql) {
  sql = skip_blank(sql);
  std::string_view word = take_word(&sql);
  if (is(word, "describe") || is(word, "desc")) return true;
  if (!is(word, "select")) return false;
  for (int depth = 0; !(sql = skip_blank(sql)).empty();) {
    const char c = sql.front();
    if (is_word_char(c)) {
      if (is(take_word(&sql), "from") && depth == 0) return false;
      continue;
    }
    sql.remove_prefix(1);
    if (c == ';') return true;
    depth += c == '(' ? 1 : c == ')' ? -1 : 0;
    if (c != '\'' && c != '"' && c != '`') continue;
    while (!sql.empty() && sql.front() != c)
      sql.remove_prefix(sql.front() == '\\' && c != '`' && sql.size() > 1 ? 2 : 1);
    if (!sql.empty()) sql.remove_prefix(1);
  }
  return true;
}

}  // namespace opentaos::client
