#include "engine/json_tag.h"

#include <cjson/cJSON.h>

#include <algorithm>
#include <map>
#include <memory>

#include "engine/errors.h"
#include "engine/text.h"

namespace opentaos::sandbox {

namespace {

using Document = std::unique_ptr<cJSON, decltype(&cJSON_Delete)>;

[[noreturn]] void refuse(std::string_view near, const char *why) {
  fail(kErrInsertSyntax, "syntax error near '" + std::string(near) + "' (" + why + ")");
}

}  // namespace

std::string canonical_json(std::string_view text) {
  std::string_view trimmed = text;
  while (!trimmed.empty() && trimmed.front() == ' ') trimmed.remove_prefix(1);
  while (!trimmed.empty() && trimmed.back() == ' ') trimmed.remove_suffix(1);
  if (trimmed.empty() || to_lower(trimmed) == "null") return {};
  std::string copy(trimmed);
  Document root(cJSON_ParseWithOpts(copy.c_str(), nullptr, 1), cJSON_Delete);
  if (!root) refuse(text, "json parse error");
  if (!cJSON_IsObject(root.get())) refuse(text, "json error invalide value");
  std::map<std::string, cJSON *> members;
  for (cJSON *m = root->child; m != nullptr; m = m->next) {
    std::string key = m->string ? m->string : "";
    bool printable = std::all_of(key.begin(), key.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
    if (!printable || key.size() > 256) refuse(key, "json key not validate");
    if (cJSON_IsArray(m) || cJSON_IsObject(m)) refuse(text, "invalidate json value");
    if (!key.empty()) members.emplace(key, m);  // the first of several counts
  }
  if (members.empty()) return {};
  std::string out = "{";
  for (auto &[key, member] : members) {
    Document name(cJSON_CreateString(key.c_str()), cJSON_Delete);
    for (const cJSON *item : {static_cast<const cJSON *>(name.get()), static_cast<const cJSON *>(member)}) {
      std::unique_ptr<char, decltype(&cJSON_free)> printed(cJSON_PrintUnformatted(item), cJSON_free);
      if (!printed) throw std::bad_alloc();
      out += printed.get();
      out += item == name.get() ? ":" : ",";
    }
  }
  out.back() = '}';
  if (out.size() > 16382) refuse(text, "json string too long than 16k");
  return out;
}

std::optional<JsonMember> json_member(const std::string &document, const std::string &key) {
  Document root(cJSON_Parse(document.c_str()), cJSON_Delete);
  const cJSON *item = root ? cJSON_GetObjectItemCaseSensitive(root.get(), key.c_str()) : nullptr;
  if (!item) return std::nullopt;
  JsonMember m;
  if (cJSON_IsString(item)) {
    m.kind = JsonMember::kString;
    m.plain = item->valuestring;
    m.text = "\"" + m.plain + "\"";
  } else if (cJSON_IsNumber(item)) {
    m.kind = JsonMember::kNumber;
    m.number = item->valuedouble;
    m.text = printf_text("%.9f", m.number);
  } else if (cJSON_IsBool(item)) {
    m.kind = JsonMember::kBool;
    m.number = cJSON_IsTrue(item) ? 1 : 0;
    m.text = cJSON_IsTrue(item) ? "true" : "false";
  } else {
    m.text = "null";
  }
  return m;
}

}  // namespace opentaos::sandbox
