// The objects behind the handles of subscriptions, and what tmq_* and ws_tmq_* have in common.
#pragma once
#include <cstdlib>
#include <cstring>
#include <vector>

#include "client/consumer.h"
#include "client/consumer_config.h"
#include "client/message_result.h"
#include "edge.h"
#include "wire/tmq_answers.h"

namespace opentaos::edge {

inline Ref<client::Consumer> consumer_of(const void *tmq) {
  return Ref<client::Consumer>::adopt(
      static_cast<client::Consumer *>(base::acquire_handle(HandleKind::kConsumer, tmq)));
}
inline client::ConsumerConfig *config_of(const void *conf) {
  return static_cast<client::ConsumerConfig *>(base::peek_handle(HandleKind::kConsumerConfig, conf));
}
inline client::TopicList *list_of(const void *list) {
  return static_cast<client::TopicList *>(base::peek_handle(HandleKind::kTopicList, list));
}
// nullptr for results that are no messages, too.
inline client::MessageResult *message_of(const void *res) {
  client::Result *r = result_of(res);
  return r && r->kind() == client::ResultKind::kMessage ? static_cast<client::MessageResult *>(r) : nullptr;
}

// A configuration with the defaults of the process; nullptr, with the last error set, if there is no room.
void *new_consumer_config();
// Frees what a handle of this kind stands for. false: it is none.
bool drop_handle(HandleKind kind, const void *handle);

// Gives a consumer to the program; nullptr, with the last error set, if there is no room.
void *hand_out_consumer(Ref<client::Consumer> consumer);
// Closes it, and its connection. NULL and handles of another kind give 0x80000118.
Status close_consumer(const void *tmq);

// An array for the program, in memory of malloc(). nullptr for an empty one.
template <typename Target>
Target *copy_assignment(const std::vector<wire::Assignment> &from) {
  if (from.empty()) return nullptr;
  auto *to = static_cast<Target *>(std::calloc(from.size(), sizeof(Target)));
  if (!to) throw std::bad_alloc();
  for (size_t i = 0; i < from.size(); i++) to[i] = {from[i].vgroup_id, from[i].offset, from[i].begin, from[i].end};
  return to;
}

}  // namespace opentaos::edge
