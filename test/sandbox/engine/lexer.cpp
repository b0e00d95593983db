#include "engine/lexer.h"

#include <algorithm>
#include <iterator>

namespace opentaos::sandbox {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_word(char c) { return is_letter(c) || is_digit(c); }
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// Sorted.
constexpr std::string_view kReserved[] = {
    "account",
    "accounts",
    "add",
    "aggregate",
    "alias",
    "alive",
    "all",
    "alter",
    "analyze",
    "and",
    "anode",
    "anodes",
    "anomaly_window",
    "anti",
    "apps",
    "arbgroups",
    "as",
    "asc",
    "asof",
    "async",
    "at_once",
    "auto",
    "balance",
    "between",
    "bigint",
    "binary",
    "blob",
    "bnode",
    "bnodes",
    "bool",
    "both",
    "buffer",
    "bufsize",
    "bwlimit",
    "by",
    "cache",
    "cachemodel",
    "cachesize",
    "case",
    "cast",
    "child",
    "client_version",
    "cluster",
    "cols",
    "column",
    "comment",
    "comp",
    "compact",
    "compact_interval",
    "compact_time_offset",
    "compact_time_range",
    "compacts",
    "connection",
    "connections",
    "conns",
    "consumer",
    "consumers",
    "contains",
    "count_window",
    "create",
    "createdb",
    "current_user",
    "database",
    "databases",
    "dbs",
    "decimal",
    "delete",
    "delete_mark",
    "desc",
    "describe",
    "distinct",
    "distributed",
    "dnode",
    "dnodes",
    "double",
    "drop",
    "duration",
    "else",
    "enable",
    "encrypt_algorithm",
    "encrypt_key",
    "encryptions",
    "event_window",
    "every",
    "except",
    "exists",
    "expired",
    "explain",
    "fill",
    "fill_history",
    "float",
    "flush",
    "force",
    "force_window_close",
    "from",
    "full",
    "function",
    "functions",
    "geometry",
    "grant",
    "grants",
    "group",
    "having",
    "host",
    "if",
    "ignore",
    "in",
    "index",
    "indexes",
    "inner",
    "insert",
    "int",
    "integer",
    "intersect",
    "interval",
    "into",
    "irowts",
    "is",
    "is_import",
    "isfilled",
    "jlimit",
    "join",
    "json",
    "keep",
    "keep_time_offset",
    "kill",
    "language",
    "leader",
    "leading",
    "left",
    "licences",
    "like",
    "limit",
    "linear",
    "local",
    "logs",
    "machines",
    "match",
    "max_delay",
    "maxrows",
    "mediumblob",
    "merge",
    "meta",
    "minrows",
    "mnode",
    "mnodes",
    "modify",
    "nchar",
    "next",
    "nmatch",
    "none",
    "normal",
    "not",
    "null",
    "null_f",
    "nulls",
    "offset",
    "on",
    "only",
    "or",
    "order",
    "outer",
    "outputtype",
    "pages",
    "pagesize",
    "partition",
    "pass",
    "pause",
    "port",
    "pps",
    "precision",
    "prev",
    "primary",
    "privileges",
    "qend",
    "qnode",
    "qnodes",
    "qstart",
    "qtags",
    "qtime",
    "queries",
    "query",
    "range",
    "ratio",
    "read",
    "recursive",
    "redistribute",
    "replica",
    "replicas",
    "reset",
    "restore",
    "resume",
    "retentions",
    "revoke",
    "right",
    "rollup",
    "rowts",
    "schemaless",
    "scores",
    "select",
    "server_status",
    "server_version",
    "session",
    "set",
    "show",
    "single_stable",
    "sliding",
    "slimit",
    "sma",
    "smallint",
    "snode",
    "snodes",
    "soffset",
    "split",
    "stable",
    "stables",
    "start",
    "state",
    "state_window",
    "storage",
    "stream",
    "streams",
    "stt_trigger",
    "subscribe",
    "subscriptions",
    "subtable",
    "sysinfo",
    "system",
    "table",
    "table_prefix",
    "table_suffix",
    "tables",
    "tag",
    "tags",
    "tbname",
    "then",
    "timestamp",
    "timezone",
    "tinyint",
    "to",
    "today",
    "topic",
    "topics",
    "trailing",
    "transaction",
    "transactions",
    "trigger",
    "tsdb_pagesize",
    "tseries",
    "tsma",
    "tsmas",
    "ttl",
    "union",
    "unsafe",
    "unsigned",
    "untreated",
    "update",
    "use",
    "user",
    "users",
    "using",
    "value",
    "value_f",
    "varbinary",
    "varchar",
    "variables",
    "verbose",
    "vgroup",
    "vgroups",
    "views",
    "vnode",
    "vnodes",
    "wal_fsync_period",
    "wal_level",
    "wal_retention_period",
    "wal_retention_size",
    "wal_roll_period",
    "wal_segment_size",
    "watermark",
    "when",
    "where",
    "window",
    "window_close",
    "window_offset",
    "with",
    "write",
};

}  // namespace

bool is_reserved(std::string_view word) { return std::binary_search(std::begin(kReserved), std::end(kReserved), word); }

void Lexer::skip_space() {
  while (at_ < sql_.size()) {
    if (is_space(sql_[at_])) {
      at_++;
    } else if (sql_.substr(at_, 2) == "--") {
      at_ = std::min(sql_.find('\n', at_), sql_.size());
    } else if (sql_.substr(at_, 2) == "/*") {
      size_t end = sql_.find("*/", at_ + 2);
      at_ = end == std::string_view::npos ? sql_.size() : end + 2;
    } else {
      return;
    }
  }
}

Token Lexer::take(TokenKind kind, size_t length) {
  Token t{kind, sql_.substr(at_, length), at_};
  at_ += length;
  return t;
}

Token Lexer::next() {
  skip_space();
  if (at_ >= sql_.size() || sql_[at_] == '\0')
    return {TokenKind::kEnd, sql_.substr(std::min(at_, sql_.size()), 0), at_};
  char c = sql_[at_], d = at_ + 1 < sql_.size() ? sql_[at_ + 1] : '\0';
  if (is_letter(c)) {
    size_t n = 1;
    while (at_ + n < sql_.size() && is_word(sql_[at_ + n])) n++;
    return take(TokenKind::kName, n);
  }
  if (is_digit(c) || (c == '.' && is_digit(d))) return number();
  if (c == '\'' || c == '"' || c == '`') return quoted(c);
  for (std::string_view two : {"<=", ">=", "<>", "!=", "->", "<<", ">>", "||"})
    if (sql_.substr(at_, 2) == two) return take(TokenKind::kSymbol, 2);
  if (std::string_view("()[],;.*+-/%=<>&|~?").find(c) != std::string_view::npos) return take(TokenKind::kSymbol, 1);
  return take(TokenKind::kIllegal, sql_.size() - at_);
}

Token Lexer::number() {
  auto digits = [&](size_t from, auto accept) {
    size_t n = from;
    while (at_ + n < sql_.size() && accept(sql_[at_ + n])) n++;
    return n;
  };
  auto at = [&](size_t n) { return at_ + n < sql_.size() ? sql_[at_ + n] : '\0'; };
  if (at(0) == '0' && (at(1) == 'x' || at(1) == 'b')) {
    size_t n = at(1) == 'x' ? digits(2, is_hex) : digits(2, [](char c) { return c == '0' || c == '1'; });
    if (n > 2 && !is_word(at(n))) return take(TokenKind::kInteger, n);
  }
  size_t n = digits(0, is_digit);
  // A unit letter directly behind, and nothing of a name after it.
  if (n > 0 && std::string_view("buasmhdwny").find(at(n)) != std::string_view::npos && at(n) != '\0' &&
      !is_word(at(n + 1)))
    return take(TokenKind::kDuration, n + 1);
  bool is_float = false;
  if (at(n) == '.') {
    is_float = true;
    n = digits(n + 1, is_digit);
  }
  if (at(n) == 'e' && (is_digit(at(n + 1)) || ((at(n + 1) == '+' || at(n + 1) == '-') && is_digit(at(n + 2))))) {
    is_float = true;
    n = digits(n + 2, is_digit);
  }
  return take(is_float ? TokenKind::kFloat : TokenKind::kInteger, n);
}

Token Lexer::quoted(char quote) {
  size_t i = at_ + 1;
  for (; i < sql_.size(); i++) {
    if (sql_[i] == '\\' && quote != '`') {
      i++;
    } else if (sql_[i] == quote) {
      if (i + 1 < sql_.size() && sql_[i + 1] == quote) {
        i++;
      } else {
        return take(quote == '`' ? TokenKind::kQuotedName : TokenKind::kString, i + 1 - at_);
      }
    }
  }
  return take(TokenKind::kIllegal, sql_.size() - at_);
}

std::string fold_case(std::string_view sql) {
  std::string out(sql);
  char quote = '\0';
  for (size_t i = 0; i < out.size(); i++) {
    char &c = out[i];
    if (quote != '\0') {
      if (c == '\\' && quote != '`') {
        i++;
      } else if (c == quote) {
        quote = '\0';
      }
    } else if (c == '\'' || c == '"' || c == '`') {
      quote = c;
    } else if (c >= 'A' && c <= 'Z') {
      c = static_cast<char>(c + 32);
    }
  }
  return out;
}

std::string unescape(std::string_view token) {
  std::string out;
  if (token.size() < 2) return out;
  char quote = token.front();
  std::string_view body = token.substr(1, token.size() - 2);
  out.reserve(body.size());
  for (size_t i = 0; i < body.size(); i++) {
    char c = body[i];
    if (c == quote && i + 1 < body.size() && body[i + 1] == quote) {
      i++;
    } else if (c == '\\' && i + 1 < body.size()) {
      c = body[++i];
      switch (c) {
        case 'n': c = '\n'; break;
        case 'r': c = '\r'; break;
        case 't': c = '\t'; break;
        case '%':
        case '_':
        case 'x': out.push_back('\\'); break;
        default: break;
      }
    }
    out.push_back(c);
  }
  return out;
}

std::string unquote_name(std::string_view token) {
  if (token.size() < 2 || token.front() != '`') return std::string(token);
  std::string out;
  std::string_view body = token.substr(1, token.size() - 2);
  for (size_t i = 0; i < body.size(); i++) {
    if (body[i] == '`' && i + 1 < body.size() && body[i + 1] == '`') i++;
    out.push_back(body[i]);
  }
  return out;
}

}  // namespace opentaos::sandbox
