#include "wire/tmq_requests.h"

#include "wire/json_request.h"

namespace opentaos::wire {

void tmq_version_request(base::Buffer &out, uint64_t req_id) { plain_request(out, "version", req_id); }

void tmq_subscribe_request(base::Buffer &out, uint64_t req_id, const SubscribeArgs &args) {
  JsonRequest r(out, "subscribe", req_id);
  r->text("user", args.user);
  r->text("password", args.password);
  r->text_if_set("db", args.db);
  r->text_if_set("group_id", args.group_id);
  r->text_if_set("client_id", args.client_id);
  r->text_if_set("offset_rest", args.offset_rest);
  r->text_if_set("offset_reset", args.offset_reset);
  r->text_if_set("auto_commit", args.auto_commit);
  r->text_if_set("auto_commit_interval_ms", args.auto_commit_interval_ms);
  r->text_if_set("with_table_name", args.with_table_name);
  r->text_if_set("snapshot_enable", args.snapshot_enable);
  r->text_if_set("enable_batch_meta", args.enable_batch_meta);
  r->text_if_set("msg_consume_excluded", args.msg_consume_excluded);
  r->text_if_set("session_timeout_ms", args.session_timeout_ms);
  r->text_if_set("max_poll_interval_ms", args.max_poll_interval_ms);
  r->text_if_set("msg_consume_rawdata", args.msg_consume_rawdata);
  r->key("topics").append("[");
  for (size_t i = 0; i < args.topics.size(); ++i) {
    if (i) out.append(",");
    append_json_string(out, args.topics[i]);
  }
  out.append("]");
  r->text_if_set("tz", args.tz);
  r->text_if_set("app", args.app);
  r->text_if_set("ip", args.ip);
  r->text_if_set("connector", args.connector);
  if (args.list_instances) r->boolean("list_instances", true);
  if (!args.config.empty()) {
    r->key("config").append("{");
    for (size_t i = 0; i < args.config.size(); ++i) {
      if (i) out.append(",");
      append_json_string(out, args.config[i].first);
      out.append(":");
      append_json_string(out, args.config[i].second);
    }
    out.append("}");
  }
  r.end();
}

void tmq_poll_request(base::Buffer &out, uint64_t req_id, int64_t blocking_ms, std::optional<uint64_t> message_id) {
  JsonRequest r(out, "poll", req_id);
  r->number("blocking_time", blocking_ms);
  if (message_id) r->number("message_id", *message_id);
  r.end();
}

void tmq_fetch_request(base::Buffer &out, uint64_t req_id, uint64_t message_id) {
  id_request(out, "fetch", req_id, "message_id", message_id);
}
void tmq_fetch_block_request(base::Buffer &out, uint64_t req_id, uint64_t message_id) {
  id_request(out, "fetch_block", req_id, "message_id", message_id);
}
void tmq_fetch_raw_request(base::Buffer &out, uint64_t req_id, uint64_t message_id) {
  id_request(out, "fetch_raw", req_id, "message_id", message_id);
}
void tmq_fetch_raw_data_request(base::Buffer &out, uint64_t req_id, uint64_t message_id) {
  id_request(out, "fetch_raw_data", req_id, "message_id", message_id);
}
void tmq_fetch_json_meta_request(base::Buffer &out, uint64_t req_id, uint64_t message_id) {
  id_request(out, "fetch_json_meta", req_id, "message_id", message_id);
}
void tmq_commit_request(base::Buffer &out, uint64_t req_id, uint64_t message_id) {
  id_request(out, "commit", req_id, "message_id", message_id);
}

namespace {

void offset_request(base::Buffer &out, std::string_view action, uint64_t req_id, std::string_view topic,
                    int32_t vgroup_id, int64_t offset) {
  JsonRequest r(out, action, req_id);
  r->text("topic", topic);
  r->number("vgroup_id", vgroup_id);
  r->number("offset", offset);
  r.end();
}

void vgroups_request(base::Buffer &out, std::string_view action, uint64_t req_id, std::span<const TopicVgroup> of) {
  JsonRequest r(out, action, req_id);
  r->key("topic_vgroup_ids").append("[");
  for (size_t i = 0; i < of.size(); ++i) {
    if (i) out.append(",");
    JsonObjectWriter entry(out);
    entry.text("topic", of[i].topic);
    entry.number("vgroup_id", of[i].vgroup_id);
    entry.end();
  }
  out.append("]");
  r.end();
}

}  // namespace

void tmq_commit_offset_request(base::Buffer &out, uint64_t req_id, std::string_view topic, int32_t vgroup_id,
                               int64_t offset) {
  offset_request(out, "commit_offset", req_id, topic, vgroup_id, offset);
}
void tmq_seek_request(base::Buffer &out, uint64_t req_id, std::string_view topic, int32_t vgroup_id, int64_t offset) {
  offset_request(out, "seek", req_id, topic, vgroup_id, offset);
}
void tmq_assignment_request(base::Buffer &out, uint64_t req_id, std::string_view topic) {
  JsonRequest r(out, "assignment", req_id);
  r->text("topic", topic);
  r.end();
}
void tmq_committed_request(base::Buffer &out, uint64_t req_id, std::span<const TopicVgroup> of) {
  vgroups_request(out, "committed", req_id, of);
}
void tmq_position_request(base::Buffer &out, uint64_t req_id, std::span<const TopicVgroup> of) {
  vgroups_request(out, "position", req_id, of);
}
void tmq_list_topics_request(base::Buffer &out, uint64_t req_id) { plain_request(out, "list_topics", req_id); }
void tmq_unsubscribe_request(base::Buffer &out, uint64_t req_id) { plain_request(out, "unsubscribe", req_id); }

}  // namespace opentaos::wire
