// The recorded messages of test/vectors: NNN_name.json with the bytes and the values they carry.
#pragma once
#include <cjson/cJSON.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "test_dir.h"

namespace opentaos::test {

class VectorFile {
 public:
  explicit VectorFile(const std::filesystem::path &path) : name_(path.stem().string()) {
    std::ifstream in(path, std::ios::binary);
    if (!in) throw std::runtime_error("cannot read " + path.string());
    std::stringstream whole;
    whole << in.rdbuf();
    const std::string text = whole.str();
    root_.reset(cJSON_ParseWithLength(text.data(), text.size()));
    if (!root_) throw std::runtime_error("not JSON: " + path.string());
    const cJSON *hex = cJSON_GetObjectItemCaseSensitive(root_.get(), "hex");
    text_ = member("text");
    if (cJSON_IsString(hex)) bytes_ = from_hex(hex->valuestring);
  }

  // By number or by full name: "017" or "017_select_reply".
  static VectorFile load(const std::string &start) {
    for (const auto &path : paths())
      if (path.filename().string().rfind(start + (start.size() == 3 ? "_" : "."), 0) == 0) return VectorFile(path);
    throw std::runtime_error("no vector " + start);
  }
  static std::vector<VectorFile> all() {
    std::vector<VectorFile> out;
    for (const auto &path : paths()) out.emplace_back(path);
    if (out.empty()) throw std::runtime_error("no vectors");
    return out;
  }

  const std::string &name() const { return name_; }
  std::string member(const char *name) const {
    const cJSON *m = cJSON_GetObjectItemCaseSensitive(root_.get(), name);
    return cJSON_IsString(m) ? m->valuestring : "";
  }
  std::string direction() const { return member("direction"); }
  std::string endpoint() const { return member("endpoint"); }
  std::string kind() const { return member("kind"); }
  // Lives as long as the file.
  const std::string &text() const & { return text_; }
  std::string text() && { return std::move(text_); }
  const std::vector<uint8_t> &bytes() const { return bytes_; }
  bool from_server() const { return direction() == "server_to_client"; }
  const cJSON *decoded() const { return cJSON_GetObjectItemCaseSensitive(root_.get(), "decoded"); }

  // A value inside `decoded`: "block.rows", "tables.0.name".
  const cJSON *at(const std::string &path) const { return at(decoded(), path); }
  static const cJSON *at(const cJSON *from, const std::string &path) {
    std::stringstream parts(path);
    std::string part;
    while (from && std::getline(parts, part, '.'))
      from = cJSON_IsArray(from) ? cJSON_GetArrayItem(from, std::stoi(part))
                                 : cJSON_GetObjectItemCaseSensitive(from, part.c_str());
    return from;
  }
  bool has(const std::string &path) const { return at(path) != nullptr; }
  int64_t number(const std::string &path) const {
    const cJSON *v = at(path);
    if (!cJSON_IsNumber(v)) throw std::runtime_error(name_ + " has no number " + path);
    return static_cast<int64_t>(v->valuedouble);
  }
  std::string string(const std::string &path) const {
    const cJSON *v = at(path);
    if (!cJSON_IsString(v)) throw std::runtime_error(name_ + " has no text " + path);
    return v->valuestring;
  }
  bool boolean(const std::string &path) const {
    const cJSON *v = at(path);
    if (!cJSON_IsBool(v)) throw std::runtime_error(name_ + " has no boolean " + path);
    return cJSON_IsTrue(v);
  }

  static std::vector<uint8_t> from_hex(std::string_view hex) {
    std::vector<uint8_t> out;
    for (size_t i = 0; i + 1 < hex.size(); i += 2)
      out.push_back(static_cast<uint8_t>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
    return out;
  }

 private:
  static std::vector<std::filesystem::path> paths() {
    std::vector<std::filesystem::path> out;
    for (const auto &entry : std::filesystem::directory_iterator(std::string(opentaos::test::kTestDir) + "/vectors"))
      if (entry.path().extension() == ".json") out.push_back(entry.path());
    std::sort(out.begin(), out.end());
    return out;
  }

  struct Delete {
    void operator()(cJSON *p) const { cJSON_Delete(p); }
  };
  std::string name_;
  std::string text_;
  std::unique_ptr<cJSON, Delete> root_;
  std::vector<uint8_t> bytes_;
};

// A heap copy of exactly these bytes: what reads past it is seen by the address sanitizer.
class ExactCopy {
 public:
  ExactCopy(const void *data, size_t size) : size_(size), data_(new uint8_t[size]) {
    if (size) std::memcpy(data_.get(), data, size);
  }
  const uint8_t *data() const { return data_.get(); }
  uint8_t *data() { return data_.get(); }
  size_t size() const { return size_; }
  std::string_view text() const { return {reinterpret_cast<const char *>(data_.get()), size_}; }

 private:
  size_t size_;
  std::unique_ptr<uint8_t[]> data_;
};

// xorshift: the same numbers on every machine.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed * 2654435769u + 88172645463325252ull) {}
  uint64_t next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_;
  }
  size_t below(size_t n) { return static_cast<size_t>(next() % n); }

 private:
  uint64_t state_;
};

}  // namespace opentaos::test
