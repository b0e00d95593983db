// Subscriptions by the older interface: ws_tmq_*.
#include "taosws.h"

#include <cerrno>
#include <cstring>

#include "base/dsn.h"
#include "base/process_options.h"
#include "net/connect_failure.h"
#include "tmq_handles.h"
#include "ws_edge.h"

using namespace opentaos;
using namespace opentaos::edge;
using client::Consumer;
using client::ConsumerConfig;
using client::MessageResult;
using client::TopicList;

namespace {

constexpr int32_t kErrTopicAppend = base::full_code(0xE101);
constexpr int64_t kNegativeWaitMs = 1000;

// The keys that TDengine's library takes here; everything else comes with the DSN.
bool is_ws_key(std::string_view key) {
  const base::OptionSpec *spec = base::find_option(base::Door::kTmq, key);
  if (!spec) return false;
  for (std::string_view name : {"group.id", "client.id", "enable.auto.commit", "auto.commit.interval.ms",
                                "auto.offset.reset", "msg.with.table.name"})
    if (spec->name == name) return true;
  return false;
}

// The system's number of an error text; 0 if it is none of its texts.
int errno_of(std::string_view text) {
  char room[128];
  for (int e = 1; e < 134; e++)
    if (text == strerror_r(e, room, sizeof room)) return e;
  return 0;
}

// In the words of TDengine's library: a connection that cannot be made is an I/O error of its WebSocket.
Status connect_failure(const Status &s) {
  if (s.code() != base::kErrUnableToConnect) return {s.code(), base::dsn_error_text(s.code(), s.message())};
  std::string reason = s.message().substr(s.message().rfind(": ") + 2);
  if (const int e = errno_of(reason)) reason += " (os error " + std::to_string(e) + ")";
  const std::string text = base::dsn_error_text(base::kErrWebSocket, "WebSocket internal error: IO error: " + reason);
  return {base::kErrWebSocket, "[0xE001] " + text};
}

// A DSN that is none, in the form of this function: code 0xE000, and the text without its frame.
Status dsn_failure(const Status &s) {
  std::string_view text = s.message();
  const size_t first = text.find('`');
  if (first != std::string_view::npos && text.back() == '`') text = text.substr(first + 1, text.size() - first - 2);
  return {base::kErrDsn, "[0xE000] " + std::string(text)};
}

struct Setup {
  base::ConnectOptions connect;
  base::ConsumerOptions consumer;
};

Status prepare(const ConsumerConfig *config, const char *dsn, Setup *out) {
  base::ProcessOptions &process = base::ProcessOptions::instance();
  (void)process.start();
  auto parsed = base::parse_dsn(dsn ? std::string_view(dsn) : base::kDefaultDsn);
  if (!parsed) return dsn_failure(parsed.status());
  base::Settings settings = config ? config->settings() : process.settings();
  if (Status s = base::apply_dsn(*parsed, settings.connect, process.process_settings().adapter_port); !s)
    return dsn_failure(s);
  settings.connect.db.clear();  // the path of a consumer's DSN is no database
  for (const base::DsnParam &p : base::other_params(*parsed)) {
    if (config && config->was_set(p.first)) continue;
    std::string why;
    if (base::set_consumer_option(settings, p.first, p.second, &why) == -1) return {base::kErrDsn, "[0xE000] " + why};
  }
  if (settings.consumer.group_id.empty())
    return {base::kErrFailed, "[0xFFFF] Internal error: `requires parameter: group.id`"};
  *out = {settings.connect, settings.consumer};
  return Status::ok();
}

// The outcome of a call on a consumer: for ws_errno(), and for ws_tmq_errstr() in the form of TDengine's library.
int32_t noted(Consumer &consumer, const Status &s) {
  consumer.last_error = s ? std::string() : "Internal error: `" + s.message() + "`";
  return ws_report(s);
}

template <typename Body>
int32_t with_consumer(ws_tmq_t *tmq, Body &&body) {
  return ws_guard<int32_t>(base::kErrOutOfMemory, [&]() -> int32_t {
    auto consumer = consumer_of(tmq);
    if (!consumer) return ws_report(base::kErrInvalidPara, "tmq is null");
    return noted(*consumer, body(*consumer));
  });
}

template <typename Body>
int64_t offset_of(ws_tmq_t *tmq, const char *topic, Body &&body) {
  return ws_guard<int64_t>(base::kErrOutOfMemory, [&]() -> int64_t {
    auto consumer = consumer_of(tmq);
    if (!consumer || !topic) return ws_report(base::kErrInvalidPara, "tmq or topic is null");
    Status why;
    const int64_t offset = body(*consumer, &why);
    (void)noted(*consumer, why);
    return offset;
  });
}

Status no_topic() { return {base::kErrInvalidPara, "topic is null"}; }

}  // namespace

extern "C" {

// ---- configurations and lists

ws_tmq_conf_t *ws_tmq_conf_new(void) {
  return ws_guard<ws_tmq_conf_t *>(nullptr, [] {
    base::Settings settings = base::ProcessOptions::instance().settings();
    return base::make_handle(HandleKind::kConsumerConfig, new ConsumerConfig(std::move(settings)));
  });
}

enum ws_tmq_conf_res_t ws_tmq_conf_set(ws_tmq_conf_t *conf, const char *key, const char *value) {
  return ws_guard<ws_tmq_conf_res_t>(WS_TMQ_CONF_INVALID, [&] {
    ConsumerConfig *c = config_of(conf);
    if (!c || !key || !value) return WS_TMQ_CONF_INVALID;
    if (!is_ws_key(key)) return WS_TMQ_CONF_UNKNOWN;
    return static_cast<ws_tmq_conf_res_t>(c->set(key, value));
  });
}

int32_t ws_tmq_conf_destroy(ws_tmq_conf_t *conf) {
  return ws_guard<int32_t>(base::kErrOutOfMemory, [&] {
    if (drop_handle(HandleKind::kConsumerConfig, conf)) return 0;
    return ws_report(base::kErrFailed, "conf is null");
  });
}

ws_tmq_list_t *ws_tmq_list_new(void) {
  return ws_guard<ws_tmq_list_t *>(nullptr, [] { return base::make_handle(HandleKind::kTopicList, new TopicList); });
}

int32_t ws_tmq_list_append(ws_tmq_list_t *list, const char *topic) {
  return ws_guard<int32_t>(base::kErrOutOfMemory, [&] {
    TopicList *l = list_of(list);
    if (!l || !topic) return ws_report(base::kErrInvalidPara, "list or topic is null");
    if (!l->names().empty()) return ws_report(kErrTopicAppend, "only one topic is supported");
    l->append(topic);
    return 0;
  });
}

int32_t ws_tmq_list_destroy(ws_tmq_list_t *list) {
  return ws_guard<int32_t>(base::kErrOutOfMemory, [&] {
    if (drop_handle(HandleKind::kTopicList, list)) return 0;
    return ws_report(base::kErrFailed, "list is null");
  });
}

int32_t ws_tmq_list_get_size(ws_tmq_list_t *list) {
  const TopicList *l = list_of(list);
  if (!l) return ws_report(base::kErrInvalidPara, "list is null");
  return static_cast<int32_t>(l->names().size());
}

char **ws_tmq_list_to_c_array(const ws_tmq_list_t *list, uint32_t *topic_num) {
  return ws_guard<char **>(nullptr, [&]() -> char ** {
    TopicList *l = list_of(list);
    if (!l || !topic_num) {
      ws_report(base::kErrInvalidPara, "list is null");
      return nullptr;
    }
    const auto n = static_cast<uint32_t>(l->names().size());
    auto **array = static_cast<char **>(std::calloc(n + 1, sizeof(char *)));
    for (uint32_t i = 0; array && i < n; i++) {
      array[i] = strdup(l->names()[i].c_str());
      if (array[i]) continue;
      (void)ws_tmq_list_free_c_array(array, i);
      array = nullptr;
    }
    if (!array) throw std::bad_alloc();
    *topic_num = n;
    return array;
  });
}

int32_t ws_tmq_list_free_c_array(char **c_str_arry, uint32_t topic_num) {
  for (uint32_t i = 0; c_str_arry && i < topic_num; i++) std::free(c_str_arry[i]);
  std::free(c_str_arry);
  return 0;
}

// ---- consumers

ws_tmq_t *ws_tmq_consumer_new(ws_tmq_conf_t *conf, const char *dsn, char *errstr, int errstr_len) {
  return ws_guard<ws_tmq_t *>(nullptr, [&]() -> ws_tmq_t * {
    Setup setup;
    const ConsumerConfig *config = config_of(conf);
    Status s = prepare(config, dsn, &setup);
    Ref<Consumer> consumer;
    if (s) {
      consumer = Ref<Consumer>::adopt(new Consumer(setup.connect, setup.consumer));
      s = consumer->connect();
      if (!s) s = connect_failure(s);
    }
    if (s) return hand_out_consumer(std::move(consumer));
    ws_report(s.code(), s.message());
    if (errstr_len > 0) copy_text(errstr, static_cast<size_t>(errstr_len), s.message());
    return nullptr;
  });
}

int32_t ws_tmq_consumer_close(ws_tmq_t *tmq) {
  return ws_guard<int32_t>(base::kErrOutOfMemory, [&] { return ws_report(close_consumer(tmq)); });
}

int32_t ws_tmq_subscribe(ws_tmq_t *tmq, const ws_tmq_list_t *topic_list) {
  return with_consumer(tmq, [&](Consumer &c) -> Status {
    const TopicList *list = list_of(topic_list);
    if (!list) return {base::kErrInvalidPara, "topic list is null"};
    Status s = c.subscribe(list->names());
    // TDengine's library does not pass this code on.
    return s.code() == client::kErrTopicNotExist ? Status(base::kErrFailed, s.message()) : s;
  });
}

int32_t ws_tmq_unsubscribe(ws_tmq_t *tmq) {
  return with_consumer(tmq, [](Consumer &c) { return c.unsubscribe(); });
}

WS_RES *ws_tmq_consumer_poll(ws_tmq_t *tmq, int64_t timeout) {
  return ws_guard<WS_RES *>(nullptr, [&]() -> WS_RES * {
    auto consumer = consumer_of(tmq);
    if (!consumer) {
      ws_report(base::kErrInvalidPara, "tmq is null");
      return nullptr;
    }
    MessageResult *message = nullptr;
    const int64_t wait_ms = timeout == 0 ? -1 : timeout < 0 ? kNegativeWaitMs : timeout;
    (void)noted(*consumer, consumer->poll(wait_ms, &message));
    return message ? hand_out_result(message) : nullptr;
  });
}

// ---- messages

const char *ws_tmq_get_topic_name(const WS_RES *rs) {
  const MessageResult *m = message_of(rs);
  return m ? m->topic().c_str() : nullptr;
}

const char *ws_tmq_get_db_name(const WS_RES *rs) {
  const MessageResult *m = message_of(rs);
  return m ? m->database().c_str() : nullptr;
}

const char *ws_tmq_get_table_name(const WS_RES *rs) {
  const MessageResult *m = message_of(rs);
  return m ? m->table_name() : nullptr;
}

int32_t ws_tmq_get_vgroup_id(const WS_RES *rs) {
  const MessageResult *m = message_of(rs);
  return m ? m->vgroup() : base::kErrInvalidPara;
}

int64_t ws_tmq_get_vgroup_offset(const WS_RES *rs) {
  const MessageResult *m = message_of(rs);
  return m ? m->offset() : base::kErrInvalidPara;
}

enum ws_tmq_res_t ws_tmq_get_res_type(const WS_RES *rs) {
  const MessageResult *m = message_of(rs);
  return m ? static_cast<ws_tmq_res_t>(m->type()) : WS_TMQ_RES_INVALID;
}

// ---- offsets

int32_t ws_tmq_get_topic_assignment(ws_tmq_t *tmq, const char *pTopicName, struct ws_tmq_topic_assignment **assignment,
                                    int32_t *numOfAssignment) {
  return with_consumer(tmq, [&](Consumer &c) -> Status {
    if (!pTopicName || !assignment || !numOfAssignment) return no_topic();
    *assignment = nullptr;
    *numOfAssignment = 0;
    std::vector<wire::Assignment> list;
    Status s = c.assignment(pTopicName, &list);
    if (!s) return s;
    *assignment = copy_assignment<ws_tmq_topic_assignment>(list);
    *numOfAssignment = static_cast<int32_t>(list.size());
    return s;
  });
}

int32_t ws_tmq_free_assignment(struct ws_tmq_topic_assignment *pAssignment, int32_t) {
  std::free(pAssignment);
  return 0;
}

int32_t ws_tmq_commit_sync(ws_tmq_t *tmq, const WS_RES *rs) {
  return with_consumer(tmq, [&](Consumer &c) -> Status {
    const MessageResult *message = message_of(rs);
    if (rs && !message) return {base::kErrInvalidPara, "not a message"};
    return message ? c.commit(*message) : c.commit_all();
  });
}

int32_t ws_tmq_commit_offset_sync(ws_tmq_t *tmq, const char *pTopicName, int32_t vgId, int64_t offset) {
  return with_consumer(
      tmq, [&](Consumer &c) { return pTopicName ? c.commit_offset(pTopicName, vgId, offset) : no_topic(); });
}

int64_t ws_tmq_committed(ws_tmq_t *tmq, const char *pTopicName, int32_t vgId) {
  return offset_of(tmq, pTopicName, [&](Consumer &c, Status *why) { return c.committed(pTopicName, vgId, why); });
}

int32_t ws_tmq_offset_seek(ws_tmq_t *tmq, const char *pTopicName, int32_t vgId, int64_t offset) {
  return with_consumer(tmq, [&](Consumer &c) { return pTopicName ? c.seek(pTopicName, vgId, offset) : no_topic(); });
}

int64_t ws_tmq_position(ws_tmq_t *tmq, const char *pTopicName, int32_t vgId) {
  return offset_of(tmq, pTopicName, [&](Consumer &c, Status *why) { return c.position(pTopicName, vgId, why); });
}

const char *ws_tmq_errstr(ws_tmq_t *tmq) {
  auto *consumer = static_cast<Consumer *>(base::peek_handle(HandleKind::kConsumer, tmq));
  return consumer ? consumer->last_error.c_str() : ws_last_error_text();
}

}  // extern "C"
