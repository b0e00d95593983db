// Text: UTF-8, copies into buffers of a caller, names of character sets and time zones.
#pragma once
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

namespace opentaos::base {

// Well-formed UTF-8: no overlong forms, no surrogates, nothing beyond U+10FFFF.
bool is_utf8(std::string_view text);

// The longest start of `text` that has at most `most` bytes and does not end inside a character.
std::string_view utf8_prefix(std::string_view text, size_t most);

// Copies as much of `src` as fits before a closing NUL; writes nothing if cap is 0 or dst is NULL. Returns the length
// of src: the copy was cut if that is not smaller than cap. Cuts between bytes, as native does.
size_t copy_bounded(char *dst, size_t cap, std::string_view src);

// The same, but never ends inside a character.
size_t copy_bounded_utf8(char *dst, size_t cap, std::string_view src);

// A text of the server, fit to be shown: at most `most` bytes, control bytes (also NUL) become spaces, bytes that are
// not UTF-8 become '?'. Line feeds and tabs stay.
std::string presentable(std::string_view text, size_t most = 4095);

// Whether `name` may be a time zone: IANA ("Europe/Paris", "Etc/GMT+8") or POSIX ("UTC-8", "<+03>-3"). Looks at the
// form only; whether there is such a zone is for the server to say.
bool is_timezone_name(std::string_view name);

// UTF-8 in one of its spellings, or ASCII, which is part of it.
bool is_utf8_charset(std::string_view name);
// A character set that the C library knows.
bool is_known_charset(std::string_view name);
// A locale that this machine has (for character handling).
bool is_known_locale(std::string_view name);

// ---- small helpers of the parsers in this room

std::string_view trim(std::string_view text);  // spaces and tabs, carriage returns and line feeds
bool equals_ignoring_case(std::string_view a, std::string_view b);
std::string to_lower(std::string_view text);  // ASCII only
std::string concat(std::initializer_list<std::string_view> parts);

// Overwrites what a string holds (and held, up to its capacity), then empties it.
void wipe(std::string &secret);

}  // namespace opentaos::base
