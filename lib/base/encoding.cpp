#include "base/encoding.h"

#include <iconv.h>
#include <locale.h>
#include <string.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace opentaos::base {
namespace {

// The length of the well-formed character at the start of `text`, 0 if there is none.
size_t character_length(std::string_view text) {
  auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  auto continues = [&](size_t i) { return i < text.size() && (byte(i) & 0xc0) == 0x80; };
  uint8_t first = byte(0);
  if (first < 0x80) return 1;
  if (first < 0xc2) return 0;
  if (first < 0xe0) return continues(1) ? 2 : 0;
  if (first < 0xf0) {
    if (!continues(1) || !continues(2)) return 0;
    if (first == 0xe0 && byte(1) < 0xa0) return 0;   // overlong
    if (first == 0xed && byte(1) >= 0xa0) return 0;  // surrogate
    return 3;
  }
  if (first < 0xf5) {
    if (!continues(1) || !continues(2) || !continues(3)) return 0;
    if (first == 0xf0 && byte(1) < 0x90) return 0;   // overlong
    if (first == 0xf4 && byte(1) >= 0x90) return 0;  // beyond U+10FFFF
    return 4;
  }
  return 0;
}

constexpr size_t kLongestName = 64;

bool is_plain_name(std::string_view name) {
  return !name.empty() && name.size() <= kLongestName && name.find('\0') == std::string_view::npos &&
         name.find('/') == std::string_view::npos;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    // ASCII in large steps: names, SQL and lines are mostly that.
    while (text.size() >= 32) {
      uint64_t words[4];
      std::memcpy(words, text.data(), sizeof words);
      if ((words[0] | words[1] | words[2] | words[3]) & 0x8080808080808080u) break;
      text.remove_prefix(sizeof words);
    }
    while (text.size() >= 8) {
      uint64_t word;
      std::memcpy(&word, text.data(), sizeof word);
      if (word & 0x8080808080808080u) break;
      text.remove_prefix(8);
    }
    if (text.empty()) break;
    size_t n = character_length(text);
    if (n == 0) return false;
    text.remove_prefix(n);
  }
  return true;
}

std::string_view utf8_prefix(std::string_view text, size_t most) {
  if (text.size() <= most) return text;
  size_t end = most;
  // Step back over at most three continuation bytes to a byte that begins a character.
  for (int i = 0; i < 3 && end > 0 && (static_cast<uint8_t>(text[end]) & 0xc0) == 0x80; i++) end--;
  return text.substr(0, end);
}

size_t copy_bounded(char *dst, size_t cap, std::string_view src) {
  if (dst == nullptr || cap == 0) return src.size();
  size_t n = std::min(src.size(), cap - 1);
  if (n) std::memcpy(dst, src.data(), n);
  dst[n] = '\0';
  return src.size();
}

size_t copy_bounded_utf8(char *dst, size_t cap, std::string_view src) {
  if (dst == nullptr || cap == 0) return src.size();
  copy_bounded(dst, cap, utf8_prefix(src, cap - 1));
  return src.size();
}

std::string presentable(std::string_view text, size_t most) {
  std::string out;
  out.reserve(std::min(text.size(), most));
  while (!text.empty()) {
    size_t n = character_length(text);
    auto first = static_cast<uint8_t>(text[0]);
    if (out.size() + std::max<size_t>(n, 1) > most) break;
    if (n == 0) {
      out += '?';
    } else if (n == 1 && ((first < 0x20 && first != '\n' && first != '\t') || first == 0x7f)) {
      out += ' ';
    } else {
      out += text.substr(0, n);
    }
    text.remove_prefix(std::max<size_t>(n, 1));
  }
  return out;
}

bool is_timezone_name(std::string_view name) {
  if (name.empty() || name.size() > kLongestName) return false;
  if (name.front() == '/' || name.find("..") != std::string_view::npos)
    return false;  // zone files are looked up by name
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           std::string_view("/_+-:,.<>").find(c) != std::string_view::npos;
  });
}

bool is_utf8_charset(std::string_view name) {
  for (std::string_view known : {"UTF-8", "UTF8", "ASCII", "US-ASCII", "ANSI_X3.4-1968"}) {
    if (equals_ignoring_case(name, known)) return true;
  }
  return false;
}

bool is_known_charset(std::string_view name) {
  if (!is_plain_name(name)) return false;
  std::string copy(name);
  iconv_t converter = iconv_open("UTF-8", copy.c_str());
  if (converter == reinterpret_cast<iconv_t>(-1)) return false;
  iconv_close(converter);
  return true;
}

bool is_known_locale(std::string_view name) {
  if (!is_plain_name(name)) return false;
  std::string copy(name);
  // Does not touch the locale of the process or of any thread.
  locale_t locale = newlocale(LC_CTYPE_MASK, copy.c_str(), nullptr);
  if (locale == nullptr) return false;
  freelocale(locale);
  return true;
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

std::string to_lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

std::string concat(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (std::string_view p : parts) out += p;
  return out;
}

void wipe(std::string &secret) {
  secret.resize(secret.capacity());  // within the capacity: does not reallocate
  ::explicit_bzero(secret.data(), secret.size());
  secret.clear();
}

}  // namespace opentaos::base
