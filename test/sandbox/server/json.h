// JSON in and out. cJSON reads the structure; since it keeps numbers as doubles, each number node also gets the
// digits as they stood in the text, so that 64-bit integers are exact.
#pragma once

#include <cJSON.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace opentaos::sandbox::server {

class Json {
 public:
  // Empty when the text is not one JSON value.
  static Json parse(std::string_view text);

  explicit operator bool() const { return root_ != nullptr; }
  const cJSON *root() const { return root_.get(); }

 private:
  struct Delete {
    void operator()(cJSON *item) const { cJSON_Delete(item); }
  };
  std::unique_ptr<cJSON, Delete> root_;
};

// The number as it was written, "" when the node is no number.
std::string_view number_text(const cJSON *node);
// Whole numbers only, as the adapter has it: 1.0 and 1e3 are refused where an integer is due.
std::optional<uint64_t> exact_u64(const cJSON *node);
std::optional<int64_t> exact_i64(const cJSON *node);

// Typed access to the members of an object. A member that is missing or null gives the zero value; one of another
// type clears ok(), which stays cleared, so that a handler reads everything it wants and asks once.
class Members {
 public:
  explicit Members(const cJSON *object);

  bool ok() const { return ok_; }
  bool has(const char *name) const;  // there and not null
  uint64_t u64(const char *name);
  int64_t i64(const char *name);
  int32_t i32(const char *name);
  bool boolean(const char *name);
  std::string text(const char *name);
  const cJSON *array(const char *name);  // nullptr when missing

 private:
  const cJSON *find(const char *name) const;

  const cJSON *object_;
  bool ok_;
};

// With the quotes. Bytes that are not UTF-8 become U+FFFD, as the adapter does it.
void append_quoted(std::string &out, std::string_view text);

// Writes an object, members in the order of the calls.
class JsonObject {
 public:
  JsonObject() : out_("{") {}

  JsonObject &number(const char *name, int64_t value) { return raw(name, std::to_string(value)); }
  JsonObject &unsigned_number(const char *name, uint64_t value) { return raw(name, std::to_string(value)); }
  JsonObject &boolean(const char *name, bool value) { return raw(name, value ? "true" : "false"); }
  JsonObject &text(const char *name, std::string_view value);
  JsonObject &raw(const char *name, std::string_view json);
  std::string done() { return std::move(out_) + "}"; }

 private:
  std::string out_;
};

}  // namespace opentaos::sandbox::server
