// What programs hold as tmq_conf_t and tmq_list_t.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/handle.h"
#include "base/options.h"

namespace opentaos::client {

// Gets the outcome of a commit.
using CommitCallback = std::function<void(int32_t code)>;

class ConsumerConfig final : public base::HandleObject {
 public:
  // `defaults` are those of the process.
  explicit ConsumerConfig(base::Settings defaults);

  // 0, -1 (bad value) or -2 (unknown key).
  int set(std::string_view key, std::string_view value, std::string *why = nullptr);
  // Whether a value was set for the key, under whatever spelling.
  bool was_set(std::string_view key) const;

  const base::Settings &settings() const { return settings_; }
  // A program's function and what it wants to have passed along: kept here, called by the surface, which knows its
  // type.
  void (*callback)() = nullptr;
  void *callback_param = nullptr;

 private:
  base::Settings settings_;
  std::vector<std::string_view> set_;  // names of the option table
};

class TopicList final : public base::HandleObject {
 public:
  const std::vector<std::string> &names() const { return names_; }
  void append(std::string_view name);
  // One pointer a name. Valid until the list changes.
  char **array();

 private:
  std::vector<std::string> names_;
  std::vector<char *> array_;
};

}  // namespace opentaos::client
