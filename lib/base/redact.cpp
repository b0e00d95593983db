// What must not get into a log. Callers leave secrets out and pass DSNs through redact_dsn(); this is the net below
// them.
#include <algorithm>

#include "base/encoding.h"
#include "base/log.h"

namespace opentaos::base {
namespace {

constexpr std::string_view kHidden = "***";
// The names of secrets, as parameters, as members of JSON and as options; the longer of two with one end comes first.
constexpr std::string_view kNames[] = {
    "bearer_token",    "bearertoken", "td.connect.token", "token",  "auth_password", "authpassword", "password",
    "td.connect.pass", "totp_code",   "totpcode",         "passwd", "pass",          "secret",       "authorization"};

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

// The length of the name of a secret that begins here, 0 if none does.
size_t secret_name(std::string_view lower, size_t at) {
  if (at > 0 && is_word(lower[at - 1])) return 0;
  for (std::string_view name : kNames) {
    if (lower.substr(at, name.size()) == name) return name.size();
  }
  return 0;
}

// Behind the name: an optional quote, spaces, '=' or ':', spaces. Returns where the value begins, npos if none follows.
size_t value_begin(std::string_view text, size_t at) {
  if (at < text.size() && (text[at] == '"' || text[at] == '\'')) at++;
  while (at < text.size() && text[at] == ' ') at++;
  if (at == text.size() || (text[at] != '=' && text[at] != ':')) return std::string_view::npos;
  at++;
  while (at < text.size() && text[at] == ' ') at++;
  return at;
}

size_t value_end(std::string_view text, size_t at) {
  if (at < text.size() && (text[at] == '"' || text[at] == '\'')) {
    char quote = text[at];
    for (at++; at < text.size() && text[at] != quote; at++) {
      if (text[at] == '\\') at++;
    }
    return std::min(at + 1, text.size());
  }
  // "Basic abc": the word that names the scheme belongs to it.
  for (std::string_view scheme : {"basic ", "bearer ", "taosd "}) {
    if (equals_ignoring_case(text.substr(at, scheme.size()), scheme)) at += scheme.size();
  }
  size_t end = text.find_first_of("& ,;\"'\r\n\t)}", at);
  return end == std::string_view::npos ? text.size() : end;
}

// user:password@ behind "://": up to the last '@' of the word.
size_t user_info_end(std::string_view text, size_t at, size_t &colon) {
  size_t word_end = std::min(text.find_first_of(" \"'\r\n\t`", at), text.size());
  size_t last = text.substr(0, word_end).rfind('@');
  colon = text.find(':', at);
  if (last == std::string_view::npos || last < at || colon == std::string_view::npos || colon > last) {
    return std::string_view::npos;
  }
  // An '@' behind a '?' may belong to a parameter; without a '=' before it there is none yet.
  size_t question = text.substr(0, word_end).find('?', at);
  if (question < last && text.substr(question, last - question).find('=') != std::string_view::npos) {
    size_t before = text.substr(0, question).rfind('@');
    if (before == std::string_view::npos || before < colon) return std::string_view::npos;
    return before;
  }
  return last;
}

}  // namespace

std::string redact_secrets(std::string_view text) {
  const std::string lower = to_lower(text);
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    if (text.substr(at, 3) == "://") {
      size_t colon = 0;
      size_t end = user_info_end(text, at + 3, colon);
      if (end != std::string_view::npos) {
        out += text.substr(at, colon + 1 - at);
        out += kHidden;
        at = end;
        continue;
      }
    }
    if (size_t name = secret_name(lower, at)) {
      size_t begin = value_begin(text, at + name);
      if (begin != std::string_view::npos) {
        out += text.substr(at, begin - at);
        size_t end = value_end(text, begin);
        if (end > begin) out += kHidden;
        at = end;
        continue;
      }
      out += text.substr(at, name);
      at += name;
      continue;
    }
    out += text[at++];
  }
  return out;
}

}  // namespace opentaos::base
