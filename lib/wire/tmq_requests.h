// Requests of a subscription (/rest/tmq).
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "base/buffer.h"

namespace opentaos::wire {

// Values are texts, numbers and booleans too; what is empty is left out and then has the server's default.
struct SubscribeArgs {
  std::string_view user, password, db, group_id, client_id;
  std::string_view offset_rest;   // the spelling every server knows
  std::string_view offset_reset;  // wins over the other where it is known
  std::string_view auto_commit, auto_commit_interval_ms;
  std::string_view with_table_name, snapshot_enable, enable_batch_meta;
  std::string_view msg_consume_excluded, session_timeout_ms, max_poll_interval_ms, msg_consume_rawdata;
  std::span<const std::string_view> topics;
  std::string_view tz, app, ip, connector;
  bool list_instances = false;
  // Any native key; merged over all of the above by servers from 3.3.6 on.
  std::span<const std::pair<std::string_view, std::string_view>> config;
};
struct TopicVgroup {
  std::string_view topic;
  int32_t vgroup_id;
};

void tmq_version_request(base::Buffer &out, uint64_t req_id);
void tmq_subscribe_request(base::Buffer &out, uint64_t req_id, const SubscribeArgs &args);
// message_id: the last one received, 0 for none; absent for servers before 3.3.6. A negative blocking time holds the
// server's only poll slot until a message comes.
void tmq_poll_request(base::Buffer &out, uint64_t req_id, int64_t blocking_ms, std::optional<uint64_t> message_id);
void tmq_fetch_request(base::Buffer &out, uint64_t req_id, uint64_t message_id);
void tmq_fetch_block_request(base::Buffer &out, uint64_t req_id, uint64_t message_id);
void tmq_fetch_raw_request(base::Buffer &out, uint64_t req_id, uint64_t message_id);
void tmq_fetch_raw_data_request(base::Buffer &out, uint64_t req_id, uint64_t message_id);
void tmq_fetch_json_meta_request(base::Buffer &out, uint64_t req_id, uint64_t message_id);
void tmq_commit_request(base::Buffer &out, uint64_t req_id, uint64_t message_id);
void tmq_commit_offset_request(base::Buffer &out, uint64_t req_id, std::string_view topic, int32_t vgroup_id,
                               int64_t offset);
void tmq_assignment_request(base::Buffer &out, uint64_t req_id, std::string_view topic);
void tmq_seek_request(base::Buffer &out, uint64_t req_id, std::string_view topic, int32_t vgroup_id, int64_t offset);
void tmq_committed_request(base::Buffer &out, uint64_t req_id, std::span<const TopicVgroup> of);
void tmq_position_request(base::Buffer &out, uint64_t req_id, std::span<const TopicVgroup> of);
void tmq_list_topics_request(base::Buffer &out, uint64_t req_id);
void tmq_unsubscribe_request(base::Buffer &out, uint64_t req_id);

}  // namespace opentaos::wire
