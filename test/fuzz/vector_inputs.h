// The bytes of recorded messages as inputs of the fuzz targets.
#pragma once
#include <cjson/cJSON.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

namespace opentaos::fuzz {

using Input = std::vector<uint8_t>;

inline Input read_file(const std::filesystem::path &path) {
  std::ifstream in(path, std::ios::binary);
  return Input(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
}

// A vector file gives its text (behind the HTTP head, if there is one) or its bytes, and the replies noted beside them;
// any other file gives itself.
inline std::vector<std::pair<std::string, Input>> inputs_of(const std::filesystem::path &path) {
  std::vector<std::pair<std::string, Input>> out;
  const Input whole = read_file(path);
  const std::string name = path.stem().string();
  cJSON *root = path.extension() == ".json"
                    ? cJSON_ParseWithLength(reinterpret_cast<const char *>(whole.data()), whole.size())
                    : nullptr;
  if (!root) {
    out.emplace_back(name, whole);
    return out;
  }
  for (const char *member : {"text", "query_reply", "poll_reply", "json_meta_reply", "answered_by"}) {
    const cJSON *m = cJSON_GetObjectItemCaseSensitive(root, member);
    if (!cJSON_IsString(m)) continue;
    std::string text = m->valuestring;
    const size_t body = text.find("\r\n\r\n");
    if (body != std::string::npos) text = text.substr(body + 4);
    out.emplace_back(name + "." + member, Input(text.begin(), text.end()));
  }
  const cJSON *hex = cJSON_GetObjectItemCaseSensitive(root, "hex");
  if (cJSON_IsString(hex)) {
    const std::string digits = hex->valuestring;
    Input bytes;
    for (size_t i = 0; i + 1 < digits.size(); i += 2)
      bytes.push_back(static_cast<uint8_t>(std::strtoul(digits.substr(i, 2).c_str(), nullptr, 16)));
    out.emplace_back(name + ".bytes", bytes);
  }
  cJSON_Delete(root);
  return out;
}

// Of a folder: of all its files, in the order of their names.
inline std::vector<std::pair<std::string, Input>> all_inputs(const std::filesystem::path &path) {
  if (!std::filesystem::is_directory(path)) return inputs_of(path);
  std::vector<std::filesystem::path> files;
  for (const auto &entry : std::filesystem::directory_iterator(path))
    if (entry.is_regular_file()) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<std::pair<std::string, Input>> out;
  for (const auto &file : files)
    for (auto &input : inputs_of(file)) out.push_back(std::move(input));
  return out;
}

}  // namespace opentaos::fuzz
