// Appends JSON to a buffer. Text goes in as it is apart from the escapes JSON asks for: bytes that are not UTF-8 pass.
#pragma once
#include <charconv>
#include <concepts>
#include <cstdint>
#include <string_view>

#include "base/buffer.h"

namespace opentaos::wire {

// With the quotes around it.
void append_json_string(base::Buffer &out, std::string_view text);
// Without the quotes: for one string that is put together from several pieces. Whether the text is all ASCII.
bool append_json_escaped(base::Buffer &out, std::string_view text);

template <std::integral T>
void append_decimal(base::Buffer &out, T value) {
  out.reserve(out.size() + 24);
  char *p = reinterpret_cast<char *>(out.end());
  auto end = std::to_chars(p, p + 24, value);
  out.set_size(out.size() + static_cast<size_t>(end.ptr - p));
}
// The shortest text that reads back the same; NaN and infinities, which JSON lacks, become null.
void append_json_double(base::Buffer &out, double value);

// Members of one object, separated as needed: `{"key":` and so on. Keys are names of the protocol and never escaped.
class JsonObjectWriter {
 public:
  explicit JsonObjectWriter(base::Buffer &out) : out_(out) { out_.append("{"); }
  JsonObjectWriter(const JsonObjectWriter &) = delete;
  JsonObjectWriter &operator=(const JsonObjectWriter &) = delete;

  base::Buffer &key(std::string_view name) {
    if (!first_) out_.append(",");
    first_ = false;
    out_.append("\"");
    out_.append(name);
    out_.append("\":");
    return out_;
  }
  void text(std::string_view name, std::string_view value) { append_json_string(key(name), value); }
  void text_if_set(std::string_view name, std::string_view value) {
    if (!value.empty()) text(name, value);
  }
  template <std::integral T>
  void number(std::string_view name, T value) {
    append_decimal(key(name), value);
  }
  void boolean(std::string_view name, bool value) { key(name).append(value ? "true" : "false"); }
  void null(std::string_view name) { key(name).append("null"); }
  void end() { out_.append("}"); }

 private:
  base::Buffer &out_;
  bool first_ = true;
};

}  // namespace opentaos::wire
