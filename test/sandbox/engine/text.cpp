#include "engine/text.h"

#include <regex.h>

#include <cstdarg>
#include <cstdint>
#include <cstdio>

namespace opentaos::sandbox {

namespace {

// Bytes of the sequence that starts here, 0 when it is malformed.
size_t sequence_length(std::string_view text, size_t at) {
  auto byte = [&](size_t i) -> uint32_t { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0; };
  uint32_t lead = byte(at), code = 0;
  size_t length = 0;
  if (lead < 0x80) return 1;
  if ((lead & 0xe0) == 0xc0) {
    length = 2;
    code = lead & 0x1f;
  } else if ((lead & 0xf0) == 0xe0) {
    length = 3;
    code = lead & 0x0f;
  } else if ((lead & 0xf8) == 0xf0) {
    length = 4;
    code = lead & 0x07;
  } else {
    return 0;
  }
  for (size_t i = 1; i < length; i++) {
    if ((byte(at + i) & 0xc0) != 0x80) return 0;
    code = (code << 6) | (byte(at + i) & 0x3f);
  }
  constexpr uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  if (code < kLeast[length] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return 0;
  return length;
}

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

}  // namespace

bool valid_utf8(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    size_t n = sequence_length(text, i);
    if (n == 0) return false;
    i += n;
  }
  return true;
}

int64_t utf8_length(std::string_view text) {
  int64_t n = 0;
  for (char c : text) n += !is_continuation(c);
  return n;
}

std::string_view utf8_substr(std::string_view text, int64_t from, int64_t count) {
  size_t i = 0;
  auto skip = [&](int64_t n) {
    while (n > 0 && i < text.size()) {
      i++;
      while (i < text.size() && is_continuation(text[i])) i++;
      n--;
    }
  };
  skip(from);
  size_t start = i;
  skip(count);
  return text.substr(start, i - start);
}

std::string to_lower(std::string_view text) {
  std::string s(text);
  for (auto &c : s) c = lower(c);
  return s;
}

std::string to_upper(std::string_view text) {
  std::string s(text);
  for (auto &c : s)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  return s;
}

std::string hex_text(std::string_view bytes, bool upper) {
  const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
  std::string s;
  s.reserve(bytes.size() * 2);
  for (unsigned char c : bytes) {
    s.push_back(digits[c >> 4]);
    s.push_back(digits[c & 15]);
  }
  return s;
}

bool from_hex(std::string_view digits, std::string *bytes) {
  if (digits.size() % 2 != 0) return false;
  auto value = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    c = lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  };
  bytes->clear();
  for (size_t i = 0; i < digits.size(); i += 2) {
    int high = value(digits[i]), low = value(digits[i + 1]);
    if (high < 0 || low < 0) return false;
    bytes->push_back(static_cast<char>(high * 16 + low));
  }
  return true;
}

std::string base64_text(std::string_view bytes) {
  static const char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string s;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t group = 0;
    for (size_t k = 0; k < 3; k++)
      group = group << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0);
    for (size_t k = 0; k < 4; k++) s.push_back(i + k <= bytes.size() ? kDigits[group >> (18 - 6 * k) & 63] : '=');
  }
  return s;
}

bool like(std::string_view text, std::string_view pattern) {
  // The usual two-pointer walk: on a mismatch go back to the last % and let it eat one character more.
  size_t t = 0, p = 0, star = std::string_view::npos, star_t = 0;
  auto next_char = [&](size_t i) {
    i++;
    while (i < text.size() && is_continuation(text[i])) i++;
    return i;
  };
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '%') {
      star = p++;
      star_t = t;
      continue;
    }
    bool escaped = p + 1 < pattern.size() && pattern[p] == '\\' && (pattern[p + 1] == '%' || pattern[p + 1] == '_');
    if (escaped && text[t] == pattern[p + 1]) {
      p += 2;
      t++;
    } else if (!escaped && p < pattern.size() && pattern[p] == '_') {
      p++;
      t = next_char(t);
    } else if (!escaped && p < pattern.size() && lower(pattern[p]) == lower(text[t])) {
      p++;
      t++;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = star_t = next_char(star_t);
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '%') p++;
  return p == pattern.size();
}

bool regex_match(const std::string &text, const std::string &pattern, bool *ok) {
  regex_t compiled;
  *ok = regcomp(&compiled, pattern.c_str(), REG_EXTENDED | REG_NOSUB) == 0;
  if (!*ok) return false;
  bool found = regexec(&compiled, text.c_str(), 0, nullptr, 0) == 0;
  regfree(&compiled);
  return found;
}

std::string printf_text(const char *format, ...) {
  va_list args, again;
  va_start(args, format);
  va_copy(again, args);
  int n = std::vsnprintf(nullptr, 0, format, args);
  va_end(args);
  std::string s(n > 0 ? static_cast<size_t>(n) : 0, '\0');
  if (n > 0) std::vsnprintf(s.data(), s.size() + 1, format, again);
  va_end(again);
  return s;
}

}  // namespace opentaos::sandbox
