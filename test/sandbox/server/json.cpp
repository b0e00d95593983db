#include "json.h"

#include <charconv>
#include <cstring>
#include <vector>

namespace opentaos::sandbox::server {
namespace {

bool is_number_char(char c) {
  return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

// Every number of a valid JSON text, in the order of the text.
std::vector<std::string_view> collect_numbers(std::string_view text) {
  std::vector<std::string_view> numbers;
  size_t i = 0;
  while (i < text.size()) {
    char c = text[i];
    if (c == '"') {
      for (++i; i < text.size() && text[i] != '"'; ++i) {
        if (text[i] == '\\') ++i;
      }
      ++i;
    } else if (c == '-' || (c >= '0' && c <= '9')) {
      size_t start = i;
      while (i < text.size() && is_number_char(text[i])) ++i;
      numbers.push_back(text.substr(start, i - start));
    } else {
      ++i;
    }
  }
  return numbers;
}

// cJSON keeps children in the order of the text, so the n-th number node belongs to the n-th number. The digits go
// into the node's valuestring, which cJSON_Delete frees and which cJSON leaves alone for numbers.
bool attach_numbers(cJSON *node, const std::vector<std::string_view> &numbers, size_t *next) {
  for (; node != nullptr; node = node->next) {
    if (cJSON_IsNumber(node)) {
      if (*next >= numbers.size()) return false;
      std::string_view digits = numbers[(*next)++];
      auto *copy = static_cast<char *>(cJSON_malloc(digits.size() + 1));
      if (copy == nullptr) return false;
      std::memcpy(copy, digits.data(), digits.size());
      copy[digits.size()] = '\0';
      node->valuestring = copy;
    }
    if (node->child != nullptr && !attach_numbers(node->child, numbers, next)) return false;
  }
  return true;
}

template <typename T>
std::optional<T> exact(const cJSON *node) {
  std::string_view digits = number_text(node);
  T value{};
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

// Length of the UTF-8 sequence at the start of `text`, 0 when it is not one.
size_t utf8_length(std::string_view text) {
  auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  uint8_t lead = byte(0);
  size_t n = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
  if (n == 0 || n > text.size()) return 0;
  for (size_t i = 1; i < n; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  if (lead == 0xe0 && byte(1) < 0xa0) return 0;  // overlong
  if (lead == 0xed && byte(1) > 0x9f) return 0;  // surrogate
  if (lead == 0xf0 && byte(1) < 0x90) return 0;
  if (lead == 0xf4 && byte(1) > 0x8f) return 0;  // above U+10FFFF
  return n;
}

}  // namespace

Json Json::parse(std::string_view text) {
  Json json;
  const char *end = nullptr;
  json.root_.reset(cJSON_ParseWithLengthOpts(text.data(), text.size(), &end, 0));
  if (json.root_ == nullptr) return json;
  for (; end < text.data() + text.size(); ++end) {
    if (std::strchr(" \t\r\n", *end) == nullptr || *end == '\0') return Json();
  }
  std::vector<std::string_view> numbers = collect_numbers(text);
  size_t used = 0;
  if (!attach_numbers(json.root_.get(), numbers, &used) || used != numbers.size()) return Json();
  return json;
}

std::string_view number_text(const cJSON *node) {
  return cJSON_IsNumber(node) && node->valuestring != nullptr ? node->valuestring : "";
}

std::optional<uint64_t> exact_u64(const cJSON *node) { return exact<uint64_t>(node); }
std::optional<int64_t> exact_i64(const cJSON *node) { return exact<int64_t>(node); }

Members::Members(const cJSON *object)
    : object_(object), ok_(object != nullptr && (cJSON_IsObject(object) || cJSON_IsNull(object))) {}

// The last one wins when a name stands there twice.
const cJSON *Members::find(const char *name) const {
  const cJSON *found = nullptr;
  if (!cJSON_IsObject(object_)) return nullptr;
  for (const cJSON *item = object_->child; item != nullptr; item = item->next) {
    if (item->string != nullptr && std::strcmp(item->string, name) == 0) found = item;
  }
  return cJSON_IsNull(found) ? nullptr : found;
}

bool Members::has(const char *name) const { return find(name) != nullptr; }

uint64_t Members::u64(const char *name) {
  const cJSON *item = find(name);
  if (item == nullptr) return 0;
  std::optional<uint64_t> value = exact_u64(item);
  ok_ = ok_ && value.has_value();
  return value.value_or(0);
}

int64_t Members::i64(const char *name) {
  const cJSON *item = find(name);
  if (item == nullptr) return 0;
  std::optional<int64_t> value = exact_i64(item);
  ok_ = ok_ && value.has_value();
  return value.value_or(0);
}

int32_t Members::i32(const char *name) {
  int64_t value = i64(name);
  if (value < INT32_MIN || value > INT32_MAX) {
    ok_ = false;
    return 0;
  }
  return static_cast<int32_t>(value);
}

bool Members::boolean(const char *name) {
  const cJSON *item = find(name);
  if (item == nullptr) return false;
  ok_ = ok_ && cJSON_IsBool(item);
  return cJSON_IsTrue(item);
}

std::string Members::text(const char *name) {
  const cJSON *item = find(name);
  if (item == nullptr) return {};
  if (!cJSON_IsString(item)) {
    ok_ = false;
    return {};
  }
  return item->valuestring;
}

const cJSON *Members::array(const char *name) {
  const cJSON *item = find(name);
  if (item != nullptr && !cJSON_IsArray(item)) {
    ok_ = false;
    return nullptr;
  }
  return item;
}

void append_quoted(std::string &out, std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  out.push_back('"');
  while (!text.empty()) {
    char c = text.front();
    size_t n = utf8_length(text);
    if (n == 0) {
      out += "\\ufffd";
      n = 1;
    } else if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (n == 1 && static_cast<uint8_t>(c) < 0x20) {
      out += "\\u00";
      out.push_back(kHex[(c >> 4) & 15]);
      out.push_back(kHex[c & 15]);
    } else {
      out.append(text.substr(0, n));
    }
    text.remove_prefix(n);
  }
  out.push_back('"');
}

JsonObject &JsonObject::text(const char *name, std::string_view value) {
  std::string quoted;
  append_quoted(quoted, value);
  return raw(name, quoted);
}

JsonObject &JsonObject::raw(const char *name, std::string_view json) {
  if (out_.size() > 1) out_.push_back(',');
  append_quoted(out_, name);
  out_.push_back(':');
  out_ += json;
  return *this;
}

}  // namespace opentaos::sandbox::server
