#include "client/consumer_config.h"

#include <algorithm>

namespace opentaos::client {

ConsumerConfig::ConsumerConfig(base::Settings defaults) : settings_(std::move(defaults)) {}

int ConsumerConfig::set(std::string_view key, std::string_view value, std::string *why) {
  const int outcome = base::set_consumer_option(settings_, key, value, why);
  if (outcome == 0 && !was_set(key)) set_.push_back(base::find_option(base::Door::kTmq, key)->name);
  return outcome;
}

bool ConsumerConfig::was_set(std::string_view key) const {
  const base::OptionSpec *spec = base::find_option(base::Door::kTmq, key);
  return spec && std::find(set_.begin(), set_.end(), spec->name) != set_.end();
}

void TopicList::append(std::string_view name) {
  names_.emplace_back(name);
  array_.clear();
}

char **TopicList::array() {
  if (array_.size() != names_.size()) {
    array_.clear();
    for (std::string &name : names_) array_.push_back(name.data());
  }
  return array_.data();
}

}  // namespace opentaos::client
