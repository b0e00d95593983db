#include "wire/json_tree.h"

#include <cmath>

#include "wire/json_scan.h"
#include "wire/protocol_error.h"

namespace opentaos::wire {
namespace {

// Whether brackets never stand deeper than the limit. Brackets inside strings do not count.
bool shallow(std::string_view text, unsigned limit) {
  unsigned depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (in_string) {
      if (c == '\\')
        ++i;
      else if (c == '"')
        in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > limit) return false;
    } else if ((c == ']' || c == '}') && depth) {
      --depth;
    }
  }
  return true;
}

}  // namespace

base::Status JsonTree::parse(std::string_view text) {
  root_.reset();
  if (text.size() > kMaxText) return protocol_error("JSON text too long");
  if (!shallow(text, kMaxDepth)) return protocol_error("JSON nested too deeply");
  const char *end = nullptr;
  root_.reset(cJSON_ParseWithLengthOpts(text.data(), text.size(), &end, false));
  if (!root_) return protocol_error("malformed JSON");
  if (!JsonScan(text.substr(static_cast<size_t>(end - text.data()))).at_end()) {
    root_.reset();
    return protocol_error("text behind the JSON");
  }
  return base::Status::ok();
}

const cJSON *JsonTree::member(const cJSON *object, const char *name) {
  const cJSON *found = nullptr;
  if (!cJSON_IsObject(object)) return nullptr;
  const std::string_view wanted(name);
  for (const cJSON *m = object->child; m; m = m->next)
    if (m->string && wanted == m->string) found = m;
  return found;
}

bool JsonTree::as_integer(const cJSON *value, int64_t low, int64_t high, int64_t &out) {
  out = 0;
  if (!value || cJSON_IsNull(value)) return true;
  if (!cJSON_IsNumber(value)) return false;
  constexpr double kExact = 9007199254740992.0;  // 2^53
  const double v = value->valuedouble;
  if (!(v >= -kExact && v <= kExact) || v != std::floor(v)) return false;
  out = static_cast<int64_t>(v);
  return out >= low && out <= high;
}

bool JsonTree::integer(const cJSON *object, const char *name, int64_t low, int64_t high, int64_t &out) {
  return as_integer(member(object, name), low, high, out);
}

bool JsonTree::text(const cJSON *object, const char *name, std::string_view &out) {
  out = {};
  const cJSON *m = member(object, name);
  if (!m || cJSON_IsNull(m)) return true;
  if (!cJSON_IsString(m) || !m->valuestring) return false;
  out = m->valuestring;
  return true;
}

}  // namespace opentaos::wire
