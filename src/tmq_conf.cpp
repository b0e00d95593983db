// Configurations of consumers, and lists of topics.
#include "taos.h"

#include "base/process_options.h"
#include "client/runtime.h"
#include "tmq_handles.h"

using namespace opentaos;
using namespace opentaos::edge;
using client::ConsumerConfig;
using client::TopicList;

namespace opentaos::edge {

void *new_consumer_config() {
  base::Settings settings = base::ProcessOptions::instance().settings();
  settings.consumer.batch_meta = false;  // native's default: each change of tables is a message of its own
  void *handle = base::make_handle(HandleKind::kConsumerConfig, new ConsumerConfig(std::move(settings)));
  if (!handle) base::set_last_error(base::kErrOutOfMemory, "too many configurations of consumers");
  return handle;
}

bool drop_handle(HandleKind kind, const void *handle) {
  base::HandleObject *object = base::close_handle(kind, handle);
  if (object) object->release();
  return object != nullptr;
}

}  // namespace opentaos::edge

extern "C" {

tmq_conf_t *tmq_conf_new(void) {
  return guard<tmq_conf_t *>(nullptr, [] { return static_cast<tmq_conf_t *>(new_consumer_config()); });
}

tmq_conf_res_t tmq_conf_set(tmq_conf_t *conf, const char *key, const char *value) {
  return guard<tmq_conf_res_t>(TMQ_CONF_INVALID, [&] {
    ConsumerConfig *c = config_of(conf);
    if (!c || !key || !value) return TMQ_CONF_INVALID;
    return static_cast<tmq_conf_res_t>(c->set(key, value));
  });
}

void tmq_conf_destroy(tmq_conf_t *conf) {
  guard_void([&] { (void)drop_handle(HandleKind::kConsumerConfig, conf); });
}

void tmq_conf_set_auto_commit_cb(tmq_conf_t *conf, tmq_commit_cb *cb, void *param) {
  ConsumerConfig *c = config_of(conf);
  if (!c) return;
  c->callback = reinterpret_cast<void (*)()>(cb);
  c->callback_param = param;
}

tmq_list_t *tmq_list_new(void) {
  return guard<tmq_list_t *>(nullptr, [] {
    void *handle = base::make_handle(HandleKind::kTopicList, new TopicList);
    if (!handle) base::set_last_error(base::kErrOutOfMemory, "too many lists of topics");
    return static_cast<tmq_list_t *>(handle);
  });
}

int32_t tmq_list_append(tmq_list_t *list, const char *topic) {
  return guard<int32_t>(base::kErrOutOfMemory, [&] {
    TopicList *l = list_of(list);
    if (!l || !topic || !*topic) return base::kErrInvalidPara;
    l->append(topic);
    return 0;
  });
}

void tmq_list_destroy(tmq_list_t *list) {
  guard_void([&] { (void)drop_handle(HandleKind::kTopicList, list); });
}

int32_t tmq_list_get_size(const tmq_list_t *list) {
  const TopicList *l = list_of(list);
  return l ? static_cast<int32_t>(l->names().size()) : base::kErrInvalidPara;
}

char **tmq_list_to_c_array(const tmq_list_t *list) {
  return guard<char **>(nullptr, [&] {
    TopicList *l = list_of(list);
    return l ? l->array() : nullptr;
  });
}

}  // extern "C"
