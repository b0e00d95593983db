// Consumers and their messages.
#include "taos.h"

#include "base/credentials.h"
#include "base/error_text.h"
#include "base/process_options.h"
#include "client/runtime.h"
#include "tmq_handles.h"

using namespace opentaos;
using namespace opentaos::edge;
using client::Consumer;
using client::MessageResult;

namespace opentaos::edge {

void *hand_out_consumer(Ref<Consumer> consumer) {
  void *handle = base::make_handle(HandleKind::kConsumer, consumer.detach());
  if (!handle)
    base::set_last_error(base::kErrOutOfMemory, "too many consumers are open");
  else
    client::runtime_started();
  return handle;
}

// The handle goes last: until then callbacks of commits may use it.
Status close_consumer(const void *tmq) {
  auto consumer = consumer_of(tmq);
  if (!consumer) return {base::kErrInvalidPara, "Invalid parameters"};
  Status s = consumer->close();
  {
    std::lock_guard lock(consumer->connection_mutex);
    taos_close(consumer->connection);
    consumer->connection = nullptr;
  }
  (void)drop_handle(HandleKind::kConsumer, tmq);
  return s;
}

}  // namespace opentaos::edge

namespace {

client::CommitCallback bound(tmq_commit_cb *cb, tmq_t *tmq, void *param) {
  if (!cb) return {};
  return [cb, tmq, param](int32_t code) { cb(tmq, code, param); };
}

Status prepare(const client::ConsumerConfig &config, base::ConnectOptions *options) {
  base::ProcessOptions &process = base::ProcessOptions::instance();
  (void)process.start();
  const base::Settings &said = config.settings();
  *options = said.connect;
  const char *ip = said.target.ip.empty() ? nullptr : said.target.ip.c_str();
  return base::apply_arguments(*options, process.process_settings(), ip, options->user.c_str(),
                               options->password.c_str(), options->db.c_str(), said.target.port);
}

// What every function of a consumer does with its outcome. A handle that is none is told by the code alone, as
// natively.
template <typename Body>
int32_t with_consumer(tmq_t *tmq, Body &&body) {
  return guard<int32_t>(base::kErrOutOfMemory, [&]() -> int32_t {
    auto consumer = consumer_of(tmq);
    if (!consumer) return base::kErrInvalidPara;
    return report(body(*consumer));
  });
}

template <typename Body>
int64_t offset_of(tmq_t *tmq, const char *topic, Body &&body) {
  return guard<int64_t>(base::kErrOutOfMemory, [&]() -> int64_t {
    auto consumer = consumer_of(tmq);
    if (!consumer || !topic) return base::kErrInvalidPara;
    Status why;
    const int64_t offset = body(*consumer, &why);
    report(why);
    return offset;
  });
}

}  // namespace

extern "C" {

tmq_t *tmq_consumer_new(tmq_conf_t *conf, char *errstr, int32_t errstrLen) {
  const auto say = [&](std::string_view text) {
    if (errstrLen > 0) copy_text(errstr, static_cast<size_t>(errstrLen), text);
    return nullptr;
  };
  return guard<tmq_t *>(nullptr, [&]() -> tmq_t * {
    client::ConsumerConfig *config = config_of(conf);
    if (!config) return say("configure is null");
    if (config->settings().consumer.group_id.empty()) {
      report(base::kErrInvalidPara, "Invalid parameters: group.id is not set");
      return say("malloc tmq element failed or group is empty");
    }
    base::ConnectOptions options;
    Status s = prepare(*config, &options);
    if (s) {
      auto consumer = Ref<Consumer>::adopt(new Consumer(options, config->settings().consumer));
      s = consumer->check_login();
      if (s) {
        base::PasswordStore::instance().remember(options.password);
        Ref<Consumer> kept = consumer;
        auto *tmq = static_cast<tmq_t *>(hand_out_consumer(std::move(consumer)));
        if (!tmq) return say("malloc tmq element failed or group is empty");
        kept->set_auto_commit_callback(
            bound(reinterpret_cast<tmq_commit_cb *>(config->callback), tmq, config->callback_param));
        base::clear_last_error();
        return tmq;
      }
    }
    report(s);
    return say("init tscObj failed");
  });
}

int32_t tmq_subscribe(tmq_t *tmq, const tmq_list_t *topic_list) {
  const client::TopicList *list = list_of(topic_list);
  if (!list) return base::kErrInvalidPara;
  return with_consumer(tmq, [&](Consumer &c) { return c.subscribe(list->names()); });
}

int32_t tmq_unsubscribe(tmq_t *tmq) {
  return with_consumer(tmq, [](Consumer &c) { return c.unsubscribe(); });
}

int32_t tmq_subscription(tmq_t *tmq, tmq_list_t **topics) {
  if (!topics) return base::kErrInvalidPara;
  return with_consumer(tmq, [&](Consumer &c) -> Status {
    std::vector<std::string> names;
    if (Status s = c.subscription(&names); !s) return s;
    if (!*topics) *topics = tmq_list_new();
    client::TopicList *list = list_of(*topics);
    if (!list) return {base::kErrInvalidPara, "Invalid parameters"};
    for (const std::string &name : names) list->append(name);
    return Status::ok();
  });
}

TAOS_RES *tmq_consumer_poll(tmq_t *tmq, int64_t timeout) {
  return guard<TAOS_RES *>(nullptr, [&]() -> TAOS_RES * {
    auto consumer = consumer_of(tmq);
    if (!consumer) {
      invalid_para();
      return nullptr;
    }
    MessageResult *message = nullptr;
    report(consumer->poll(timeout, &message));
    return message ? hand_out_result(message) : nullptr;
  });
}

int32_t tmq_consumer_close(tmq_t *tmq) {
  return guard<int32_t>(base::kErrOutOfMemory, [&] {
    if (base::kind_of_handle(tmq) != HandleKind::kConsumer) return base::kErrInvalidPara;
    return report(close_consumer(tmq));
  });
}

// ---- offsets

int32_t tmq_commit_sync(tmq_t *tmq, const TAOS_RES *msg) {
  const MessageResult *message = message_of(msg);
  if (msg && !message) return base::kErrInvalidPara;
  return with_consumer(tmq, [&](Consumer &c) { return message ? c.commit(*message) : c.commit_all(); });
}

void tmq_commit_async(tmq_t *tmq, const TAOS_RES *msg, tmq_commit_cb *cb, void *param) {
  guard_void([&] {
    auto consumer = consumer_of(tmq);
    const MessageResult *message = message_of(msg);
    if (!consumer || (msg && !message)) {
      if (cb) cb(tmq, base::kErrInvalidPara, param);
      return;
    }
    if (message)
      consumer->commit_async(*message, bound(cb, tmq, param));
    else
      consumer->commit_all_async(bound(cb, tmq, param));
  });
}

int32_t tmq_commit_offset_sync(tmq_t *tmq, const char *pTopicName, int32_t vgId, int64_t offset) {
  if (!pTopicName) return base::kErrInvalidPara;
  return with_consumer(tmq, [&](Consumer &c) { return c.commit_offset(pTopicName, vgId, offset); });
}

void tmq_commit_offset_async(tmq_t *tmq, const char *pTopicName, int32_t vgId, int64_t offset, tmq_commit_cb *cb,
                             void *param) {
  guard_void([&] {
    auto consumer = consumer_of(tmq);
    if (!consumer || !pTopicName) {
      if (cb) cb(tmq, base::kErrInvalidPara, param);
      return;
    }
    consumer->commit_offset_async(pTopicName, vgId, offset, bound(cb, tmq, param));
  });
}

int32_t tmq_get_topic_assignment(tmq_t *tmq, const char *pTopicName, tmq_topic_assignment **assignment,
                                 int32_t *numOfAssignment) {
  if (!pTopicName || !assignment || !numOfAssignment) return base::kErrInvalidPara;
  *assignment = nullptr;
  *numOfAssignment = 0;
  return with_consumer(tmq, [&](Consumer &c) {
    std::vector<wire::Assignment> list;
    Status s = c.assignment(pTopicName, &list);
    if (!s) return s;
    *assignment = copy_assignment<tmq_topic_assignment>(list);
    *numOfAssignment = static_cast<int32_t>(list.size());
    return s;
  });
}

void tmq_free_assignment(tmq_topic_assignment *pAssignment) { std::free(pAssignment); }

int32_t tmq_offset_seek(tmq_t *tmq, const char *pTopicName, int32_t vgId, int64_t offset) {
  if (!pTopicName) return base::kErrInvalidPara;
  return with_consumer(tmq, [&](Consumer &c) { return c.seek(pTopicName, vgId, offset); });
}

int64_t tmq_position(tmq_t *tmq, const char *pTopicName, int32_t vgId) {
  return offset_of(tmq, pTopicName, [&](Consumer &c, Status *why) { return c.position(pTopicName, vgId, why); });
}

int64_t tmq_committed(tmq_t *tmq, const char *pTopicName, int32_t vgId) {
  return offset_of(tmq, pTopicName, [&](Consumer &c, Status *why) { return c.committed(pTopicName, vgId, why); });
}

// ---- what a message is

tmq_res_t tmq_get_res_type(TAOS_RES *res) {
  const MessageResult *m = message_of(res);
  return m ? static_cast<tmq_res_t>(m->type()) : TMQ_RES_INVALID;
}

const char *tmq_get_topic_name(TAOS_RES *res) {
  const MessageResult *m = message_of(res);
  return m ? m->topic().c_str() : nullptr;
}

const char *tmq_get_db_name(TAOS_RES *res) {
  const MessageResult *m = message_of(res);
  return m ? m->database().c_str() : nullptr;
}

const char *tmq_get_table_name(TAOS_RES *res) {
  const MessageResult *m = message_of(res);
  return m ? m->table_name() : nullptr;
}

int32_t tmq_get_vgroup_id(TAOS_RES *res) {
  const MessageResult *m = message_of(res);
  return m ? m->vgroup() : base::kErrInvalidPara;
}

int64_t tmq_get_vgroup_offset(TAOS_RES *res) {
  if (const MessageResult *m = message_of(res)) return m->offset();
  return result_of(res) ? client::kErrTmqSnapshot : base::kErrInvalidPara;
}

// ---- the rest

TAOS *tmq_get_connect(tmq_t *tmq) {
  return guard<TAOS *>(nullptr, [&]() -> TAOS * {
    auto consumer = consumer_of(tmq);
    if (!consumer) return nullptr;
    std::lock_guard lock(consumer->connection_mutex);
    // A program that has closed it, against the rules, gets another one.
    if (base::kind_of_handle(consumer->connection) == HandleKind::kConnection) return consumer->connection;
    auto connection = client::Connection::connect(consumer->connect_options());
    if (!connection) {
      report(connection.status());
      return nullptr;
    }
    consumer->connection = hand_out_connection(std::move(*connection));
    if (consumer->connection) base::clear_last_error();
    return consumer->connection;
  });
}

const char *tmq_err2str(int32_t code) { return base::error_text(code).data(); }

}  // extern "C"
