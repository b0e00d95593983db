// Subscriptions: everything that /rest/tmq answers.
#include <algorithm>
#include <charconv>

#include "actions.h"
#include "bytes.h"
#include "consumer.h"
#include "types.h"

namespace opentaos::sandbox::server {
namespace {

constexpr const char *kNotInit = "tmq not init";

// Arguments of `subscribe` and the configuration they stand for.
struct ConfigArgument {
  const char *name, *key;
};
constexpr ConfigArgument kConfigArguments[] = {
    {"db", "td.connect.db"},
    {"group_id", "group.id"},
    {"client_id", "client.id"},
    {"offset_rest", "auto.offset.reset"},
    {"offset_reset", "auto.offset.reset"},  // the later spelling wins
    {"auto_commit", "enable.auto.commit"},
    {"auto_commit_interval_ms", "auto.commit.interval.ms"},
    {"snapshot_enable", "experimental.snapshot.enable"},
    {"with_table_name", "msg.with.table.name"},
    {"enable_batch_meta", "msg.enable.batchmeta"},
    {"msg_consume_excluded", "msg.consume.excluded"},
    {"msg_consume_rawdata", "msg.consume.rawdata"},
    {"session_timeout_ms", "session.timeout.ms"},
    {"max_poll_interval_ms", "max.poll.interval.ms"},
};

Reply error_of(const Request &request, const TmqError &error) { return fail(request, error.code, error.message); }

// With the id of the message it is about.
Reply fail_message(const Request &request, uint64_t id, std::string_view message) {
  Answer answer(request, kAdapterError, message);
  answer.unsigned_number("message_id", id);
  return answer.reply();
}

std::string array_of_texts(const std::vector<std::string> &texts) {
  std::string list;
  for (const std::string &text : texts) {
    if (!list.empty()) list += ",";
    append_quoted(list, text);
  }
  return "[" + list + "]";
}

// ---- subscribing

// The adapter itself reads these two, since it does the committing.
TmqError parse_commit_options(ConsumerConfig *config) {
  auto found = config->keys.find("enable.auto.commit");
  if (found != config->keys.end()) {
    const std::string &text = found->second;
    auto one_of = [&](std::initializer_list<const char *> list) {
      return std::any_of(list.begin(), list.end(), [&](const char *t) { return text == t; });
    };
    if (one_of({"1", "t", "T", "TRUE", "true", "True"})) {
      found->second = "true";
    } else if (one_of({"0", "f", "F", "FALSE", "false", "False"})) {
      found->second = "false";
    } else {
      std::string quoted;
      append_quoted(quoted, text);
      return {kAdapterError, "strconv.ParseBool: parsing " + quoted + ": invalid syntax"};
    }
  }
  found = config->keys.find("auto.commit.interval.ms");
  if (found == config->keys.end()) return {};
  const std::string &text = found->second;
  int64_t n = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error == std::errc() && end == text.data() + text.size()) return {};
  std::string quoted;
  append_quoted(quoted, text);
  return {kAdapterError, "strconv.ParseInt: parsing " + quoted + ": invalid syntax"};
}

bool read_config(const Request &request, Members &args, ConsumerConfig *config, std::vector<std::string> *topics) {
  config->user = args.text("user");
  config->password = args.text("password");
  config->tz = args.text("tz");
  config->app = args.text("app");
  config->ip = args.text("ip");
  args.text("connector");
  args.boolean("list_instances");
  for (const ConfigArgument &argument : kConfigArguments) {
    std::string value = args.text(argument.name);
    if (!value.empty()) config->keys[argument.key] = value;
  }
  config->db = config->text("td.connect.db");
  for (const cJSON *item = request.args == nullptr ? nullptr : request.args->child; item != nullptr;
       item = item->next) {
    if (item->string == nullptr || std::string_view(item->string) != "config" || cJSON_IsNull(item)) continue;
    if (!cJSON_IsObject(item)) return false;
    for (const cJSON *key = item->child; key != nullptr; key = key->next) {
      if (!cJSON_IsString(key)) return false;
      std::string_view name = key->string;
      if (name == "td.connect.user" || name == "td.connect.pass" || name == "td.connect.ip" ||
          name == "td.connect.port")
        continue;
      config->keys[key->string] = key->valuestring;
    }
  }
  const cJSON *list = args.array("topics");
  for (const cJSON *item = list == nullptr ? nullptr : list->child; item != nullptr; item = item->next) {
    if (!cJSON_IsString(item)) return false;
    topics->emplace_back(item->valuestring);
  }
  return args.ok();
}

TmqError make_consumer(Peer &peer, ConsumerConfig config, const std::vector<std::string> &topics) {
  if (TmqError error = parse_commit_options(&config)) return error;
  if (TmqError error = config.check()) return error;
  if (config.text("group.id").empty()) return {kAdapterError, "malloc tmq element failed or group is empty"};
  std::string message;
  if (peer.server.login(config.user, config.password, config.db, &message) != 0)
    return {kAdapterError, "init tscObj failed"};
  auto consumer = std::make_shared<Consumer>(peer.server, std::move(config));
  if (TmqError error = consumer->subscribe(topics)) return error;
  peer.consumer = std::move(consumer);
  return {};
}

Reply run_version(Peer &peer, const Request &request, Members &args) {
  if (request.args != nullptr && !args.ok()) return no_reply();
  return version_answer(peer, request);
}

Reply run_subscribe(Peer &peer, const Request &request, Members &args) {
  ConsumerConfig config;
  std::vector<std::string> topics;
  if (!read_config(request, args, &config, &topics)) return no_reply();
  if (peer.consumer && peer.consumer->subscribed()) {
    return fail(request, kAdapterError, "tmq should have unsubscribed first");
  }
  TmqError error = peer.consumer ? peer.consumer->subscribe(topics) : make_consumer(peer, std::move(config), topics);
  if (error) return error_of(request, error);
  Answer answer(request);
  answer.text("version", peer.server.version());
  if (args.boolean("list_instances") && peer.server.has({3, 4, 1, 10})) answer.raw("list_instances", "[]");
  return answer.reply();
}

Reply run_unsubscribe(Peer &peer, const Request &request, Members &args) {
  if (!args.ok()) return no_reply();
  if (!peer.consumer) return fail(request, kAdapterError, kNotInit);
  peer.consumer->unsubscribe();
  return Answer(request).reply();
}

Reply run_list_topics(Peer &peer, const Request &request, Members &args) {
  if (!args.ok()) return no_reply();
  if (!peer.consumer) return fail(request, kAdapterError, kNotInit);
  Answer answer(request);
  answer.raw("topics", array_of_texts(peer.consumer->topics()));
  return answer.reply();
}

// ---- polling

Reply poll_answer(const Request &request, const HeldMessage *m) {
  Answer answer(request);
  answer.boolean("have_message", m != nullptr);
  answer.text("topic", m ? m->topic : "").text("database", m ? m->db : "").number("vgroup_id", m ? m->vgroup : 0);
  answer.number("message_type", m ? m->content.kind : 0).unsigned_number("message_id", m ? m->id : 0);
  answer.number("offset", m ? m->offset() : 0);
  return answer.reply();
}

Reply look(Peer &peer, const Request &request, bool first, int64_t blocking_ms) {
  Reply wait;
  wait.later = true;
  if (blocking_ms >= 0) wait.until = request.started + std::chrono::milliseconds(blocking_ms);
  if (!peer.consumer) {  // for the subscription to come
    wait.until = Clock::time_point::max();
    return wait;
  }
  bool found = false;
  if (TmqError error = peer.consumer->poll(first, &found)) return error_of(request, error);
  if (found) return poll_answer(request, peer.consumer->held());
  return blocking_ms == 0 ? poll_answer(request, nullptr) : wait;
}

Reply run_poll(Peer &peer, const Request &request, Members &args) {
  int64_t blocking_ms = args.i64("blocking_time");
  bool has_id = args.has("message_id");
  uint64_t id = args.u64("message_id");
  if (!args.ok()) return no_reply();
  blocking_ms = std::min<int64_t>(blocking_ms, 24LL * 3600 * 1000);
  const HeldMessage *held = peer.consumer ? peer.consumer->held() : nullptr;
  // The answer to an earlier poll got lost.
  if (has_id && held != nullptr && !held->freed && held->id != id) return poll_answer(request, held);
  return look(peer, request, true, blocking_ms);
}

// ---- reading a message

// nullptr and a text when the message is not there. `unequal` is what the action says of another id.
HeldMessage *message_of(Peer &peer, uint64_t id, const char *unequal, std::string *why) {
  HeldMessage *held = peer.consumer ? peer.consumer->held() : nullptr;
  if (!peer.consumer) {
    *why = kNotInit;
  } else if (held == nullptr || held->freed) {
    *why = "message has been freed";
  } else if (held->id != id) {
    *why = unequal;
  } else {
    return held;
  }
  return nullptr;
}

template <typename F>
std::string fields_array(const std::vector<Field> &fields, F append) {
  std::string list;
  for (const Field &field : fields) {
    if (!list.empty()) list += ",";
    append(list, field);
  }
  return "[" + list + "]";
}

Reply run_fetch(Peer &peer, const Request &request, Members &args) {
  uint64_t id = args.u64("message_id");
  if (!args.ok()) return no_reply();
  std::string why;
  HeldMessage *m = message_of(peer, id, "message ID are not equal", &why);
  if (m != nullptr && m->content.kind == TopicMessage::kMeta) {
    m = nullptr;
    why = "message type is not data";
  }
  if (m == nullptr) return fail_message(request, id, why);
  bool completed = m->next_block >= m->content.blocks.size();
  const TopicMessage::Block *block = completed ? nullptr : &m->content.blocks[m->next_block];
  m->fetched.reset();
  if (!completed) {
    m->fetched = m->next_block++;
    m->fetch_req_id = request.req_id;
  }
  Answer answer(request);
  answer.unsigned_number("message_id", id).boolean("completed", completed);
  answer.text("table_name", completed ? "" : block->name);
  answer.number("rows", completed ? 0 : static_cast<int64_t>(block->table.rows.size()));
  if (completed) {
    answer.number("fields_count", 0).raw("fields_names", "null").raw("fields_types", "null");
    answer.raw("fields_lengths", "null").number("precision", 0);
    return answer.reply();
  }
  const std::vector<Field> &fields = block->table.fields;
  answer.number("fields_count", static_cast<int64_t>(fields.size()));
  answer.raw("fields_names", fields_array(fields, [](std::string &o, const Field &f) { append_quoted(o, f.name); }));
  answer.raw("fields_types", fields_array(fields, [](std::string &o, const Field &f) { o += std::to_string(f.type); }));
  answer.raw("fields_lengths",
             fields_array(fields, [](std::string &o, const Field &f) { o += std::to_string(user_width(f)); }));
  answer.number("precision", block->table.precision);
  return answer.reply();
}

Reply run_fetch_block(Peer &peer, const Request &request, Members &args) {
  uint64_t id = args.u64("message_id");
  if (!args.ok()) return no_reply();
  std::string why;
  HeldMessage *m = message_of(peer, id, "message is nil", &why);
  if (m != nullptr && m->content.kind == TopicMessage::kMeta) {
    m = nullptr;
    why = "message type is not data";
  } else if (m != nullptr && !m->fetched) {
    m = nullptr;
    why = "no fetch data";
  }
  if (m == nullptr) return fail_message(request, id, why);
  Reply reply;
  reply.binary = true;
  put_u64(reply.payload, static_cast<uint64_t>(elapsed_ns(request)));
  put_u64(reply.payload, m->fetch_req_id);
  put_u64(reply.payload, id);
  reply.block_at = reply.payload.size();
  if (!encode_block(m->content.blocks[*m->fetched], peer.server.options().trailing_byte, &reply.payload, &why)) {
    return fail_message(request, id, why);
  }
  return reply;
}

bool raw_of(Peer &peer, const HeldMessage &m, RawData *raw, std::string *error) {
  return encode_raw(m.content, peer.consumer->config().flag("msg.enable.batchmeta"),
                    peer.server.options().trailing_byte, raw, error);
}

Reply run_fetch_raw(Peer &peer, const Request &request, Members &args) {
  uint64_t id = args.u64("message_id");
  if (!args.ok()) return no_reply();
  std::string why;
  RawData raw;
  HeldMessage *m = message_of(peer, id, "message ID is not equal", &why);
  if (m == nullptr || !raw_of(peer, *m, &raw, &why)) return fail_message(request, id, why);
  Reply reply;
  reply.binary = true;
  put_u64(reply.payload, static_cast<uint64_t>(elapsed_ns(request)));
  put_u64(reply.payload, request.req_id);
  put_u64(reply.payload, id);
  put_u64(reply.payload, 3);
  put_u32(reply.payload, static_cast<uint32_t>(raw.bytes.size()));
  put_u16(reply.payload, raw.type);
  reply.block_at = reply.payload.size();
  reply.payload += raw.bytes;
  return reply;
}

Reply raw_data_frame(const Request &request, uint64_t id, int code, std::string_view message) {
  Reply reply;
  std::string &out = reply.payload;
  reply.binary = true;
  put_u64(out, UINT64_MAX);
  put_u64(out, 8);
  put_u16(out, 1);
  put_u64(out, static_cast<uint64_t>(elapsed_ns(request)));
  put_u64(out, request.req_id);
  put_u32(out, static_cast<uint32_t>(code));
  put_u32(out, static_cast<uint32_t>(message.size()));
  out += message;
  put_u64(out, id);
  return reply;
}

Reply run_fetch_raw_data(Peer &peer, const Request &request, Members &args) {
  uint64_t id = args.u64("message_id");
  if (!args.ok()) return no_reply();
  std::string why;
  RawData raw;
  HeldMessage *m = message_of(peer, id, "message ID is not equal", &why);
  if (m == nullptr || !raw_of(peer, *m, &raw, &why)) return raw_data_frame(request, id, kAdapterError, why);
  Reply reply = raw_data_frame(request, id, 0, "");
  put_u16(reply.payload, raw.type);
  put_u32(reply.payload, static_cast<uint32_t>(raw.bytes.size()));
  reply.block_at = reply.payload.size();
  reply.payload += raw.bytes;
  return reply;
}

Reply run_fetch_json_meta(Peer &peer, const Request &request, Members &args) {
  uint64_t id = args.u64("message_id");
  if (!args.ok()) return no_reply();
  std::string why;
  HeldMessage *held = peer.consumer ? peer.consumer->held() : nullptr;
  if (held != nullptr && !held->freed && held->content.kind == TopicMessage::kData) {
    return fail_message(request, id, "message type can not get meta, type: 1");
  }
  HeldMessage *m = message_of(peer, id, "message ID is not equal", &why);
  if (m == nullptr) return fail_message(request, id, why);
  Answer answer(request);
  answer.unsigned_number("message_id", id);
  answer.raw("data", json_meta(m->content, peer.consumer->config().flag("msg.enable.batchmeta")));
  return answer.reply();
}

// ---- offsets

Reply run_commit(Peer &peer, const Request &request, Members &args) {
  uint64_t id = args.u64("message_id");
  if (!args.ok()) return no_reply();
  if (!peer.consumer) return fail(request, kAdapterError, kNotInit);
  if (TmqError error = peer.consumer->commit()) return error_of(request, error);
  Answer answer(request);
  answer.unsigned_number("message_id", id);
  return answer.reply();
}

Reply run_commit_offset(Peer &peer, const Request &request, Members &args) {
  std::string topic = args.text("topic");
  int32_t vgroup = args.i32("vgroup_id");
  int64_t offset = args.i64("offset");
  if (!args.ok()) return no_reply();
  if (!peer.consumer) return fail(request, kAdapterError, kNotInit);
  if (TmqError error = peer.consumer->commit_offset(topic, vgroup, offset)) return error_of(request, error);
  Answer answer(request);
  answer.text("topic", topic).number("vgroup_id", vgroup).number("offset", offset);
  return answer.reply();
}

Reply run_seek(Peer &peer, const Request &request, Members &args) {
  std::string topic = args.text("topic");
  int32_t vgroup = args.i32("vgroup_id");
  int64_t offset = args.i64("offset");
  if (!args.ok()) return no_reply();
  if (!peer.consumer) return fail(request, kAdapterError, kNotInit);
  if (TmqError error = peer.consumer->seek(topic, vgroup, offset)) return error_of(request, error);
  return Answer(request).reply();
}

Reply run_assignment(Peer &peer, const Request &request, Members &args) {
  std::string topic = args.text("topic");
  if (!args.ok()) return no_reply();
  if (!peer.consumer) return fail(request, kAdapterError, kNotInit);
  std::vector<Consumer::Assignment> list;
  if (TmqError error = peer.consumer->assignment(topic, &list)) return error_of(request, error);
  std::string json;
  for (const Consumer::Assignment &a : list) {
    JsonObject o;
    o.number("vgroup_id", a.vgroup).number("offset", a.offset).number("begin", a.begin).number("end", a.end);
    json += (json.empty() ? "" : ",") + o.done();
  }
  Answer answer(request);
  answer.raw("assignment", list.empty() ? "null" : "[" + json + "]");
  return answer.reply();
}

using OffsetOf = TmqError (Consumer::*)(const std::string &, int, int64_t *);

Reply offsets_answer(Peer &peer, const Request &request, Members &args, const char *name, OffsetOf offset_of) {
  const cJSON *pairs = args.array("topic_vgroup_ids");
  if (!args.ok()) return no_reply();
  if (!peer.consumer) return fail(request, kAdapterError, kNotInit);
  std::string list;
  for (const cJSON *item = pairs == nullptr ? nullptr : pairs->child; item != nullptr; item = item->next) {
    Members pair(item);
    std::string topic = pair.text("topic");
    int32_t vgroup = pair.i32("vgroup_id");
    if (!pair.ok()) return no_reply();
    int64_t offset = 0;
    if (TmqError error = (*peer.consumer.*offset_of)(topic, vgroup, &offset)) return error_of(request, error);
    list += (list.empty() ? "" : ",") + std::to_string(offset);
  }
  Answer answer(request);
  answer.raw(name, "[" + list + "]");
  return answer.reply();
}

Reply run_committed(Peer &peer, const Request &request, Members &args) {
  return offsets_answer(peer, request, args, "committed", &Consumer::committed);
}

Reply run_position(Peer &peer, const Request &request, Members &args) {
  return offsets_answer(peer, request, args, "position", &Consumer::position);
}

constexpr TextAction kActions[] = {
    {"version", "", {}, true, false, run_version},
    {"subscribe", "", {}, true, false, run_subscribe},
    {"poll", "", {}, true, false, run_poll},
    {"fetch", "", {}, true, false, run_fetch},
    {"fetch_block", "", {}, true, false, run_fetch_block},
    {"fetch_raw", "", {}, true, false, run_fetch_raw},
    {"fetch_raw_data", "", {{3, 3, 3, 0}}, true, false, run_fetch_raw_data},
    {"fetch_json_meta", "", {}, true, false, run_fetch_json_meta},
    {"commit", "", {}, true, false, run_commit},
    {"commit_offset", "", {{3, 2, 2, 0}}, true, false, run_commit_offset},
    {"seek", "", {{3, 2, 2, 0}}, true, false, run_seek},
    {"assignment", "", {{3, 2, 2, 0}}, true, false, run_assignment},
    {"committed", "", {{3, 2, 2, 0}}, true, false, run_committed},
    {"position", "", {{3, 2, 2, 0}}, true, false, run_position},
    {"list_topics", "", {{3, 2, 2, 0}}, true, false, run_list_topics},
    {"unsubscribe", "", {}, true, false, run_unsubscribe},
};

}  // namespace

std::span<const TextAction> tmq_actions() { return kActions; }

Reply poll_again(Peer &peer, const Request &request, bool last) {
  Members args(request.args);
  int64_t blocking_ms = std::min<int64_t>(args.i64("blocking_time"), 24LL * 3600 * 1000);
  return look(peer, request, false, last ? 0 : blocking_ms);
}

bool waits_for_poll(const Peer &peer, const Request &request) {
  if (request.action == "poll") return true;
  return peer.consumer != nullptr && request.action != "version" && request.action != "list_topics";
}

Reply refuse_tmq(const Request &request, int code, std::string_view message) {
  Members args(request.args);
  if (request.action == "fetch_raw_data") return raw_data_frame(request, args.u64("message_id"), code, message);
  return fail(request, code, message);
}

}  // namespace opentaos::sandbox::server
