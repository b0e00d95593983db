// Cuts a statement into tokens. The text has been through fold_case(), so keywords and bare names are lower case.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace opentaos::sandbox {

enum class TokenKind {
  kEnd,
  kName,        // bare: keyword or identifier
  kQuotedName,  // `...`
  kString,      // '...' or "..."
  kInteger,     // 12, 0x1f, 0b101
  kFloat,
  kDuration,  // 10s
  kSymbol,    // operators and punctuation
  kIllegal,
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::string_view text;  // as written, quotes included
  size_t at = 0;          // offset in the statement

  bool is(std::string_view s) const { return (kind == TokenKind::kName || kind == TokenKind::kSymbol) && text == s; }
  size_t end() const { return at + text.size(); }
};

class Lexer {
 public:
  explicit Lexer(std::string_view sql, size_t at = 0) : sql_(sql), at_(at) {}

  Token next();
  Token peek() const {
    Lexer copy = *this;
    return copy.next();
  }
  std::string_view sql() const { return sql_; }
  size_t position() const { return at_; }
  void seek(size_t at) { at_ = at; }

 private:
  void skip_space();
  Token take(TokenKind kind, size_t length);
  Token number();
  Token quoted(char quote);

  std::string_view sql_;
  size_t at_ = 0;
};

// Letters outside quotes become lower case, as the native client does before parsing.
std::string fold_case(std::string_view sql);

// What a string token stands for: quotes and escapes resolved. \% \_ and \x keep their backslash.
std::string unescape(std::string_view token);

// Name of a `quoted` or bare token.
std::string unquote_name(std::string_view token);

// Words that need backquotes to be used as a name.
bool is_reserved(std::string_view word);

}  // namespace opentaos::sandbox
