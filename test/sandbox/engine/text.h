// Bytes and characters: UTF-8, hexadecimal, LIKE patterns.
#pragma once

#include <string>
#include <string_view>

namespace opentaos::sandbox {

bool valid_utf8(std::string_view text);

// Characters (code points) of valid UTF-8.
int64_t utf8_length(std::string_view text);

// `count` characters from character `from` on, clipped to the text.
std::string_view utf8_substr(std::string_view text, int64_t from, int64_t count);

// ASCII letters only, as the server does.
std::string to_lower(std::string_view text);
std::string to_upper(std::string_view text);

std::string hex_text(std::string_view bytes, bool upper = false);
bool from_hex(std::string_view digits, std::string *bytes);

std::string base64_text(std::string_view bytes);

// % and _, a backslash in front takes away their meaning; letters compare without case, as the server does.
bool like(std::string_view text, std::string_view pattern);

// POSIX extended regular expression. Returns false in `ok` when it does not compile.
bool regex_match(const std::string &text, const std::string &pattern, bool *ok);

std::string printf_text(const char *format, ...) __attribute__((format(printf, 1, 2)));

}  // namespace opentaos::sandbox
