// A consumer: what a connection to /rest/tmq has once it has subscribed.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/topics.h"
#include "groups.h"
#include "tmq_data.h"

namespace opentaos::sandbox::server {

class Server;

// What goes wrong, as the wire has it.
struct TmqError {
  int code = 0;
  std::string message;
  explicit operator bool() const { return code != 0; }
};

struct ConsumerConfig {
  std::string user, password, db, tz, app, ip;
  std::map<std::string, std::string> keys;  // the native configuration
  // Checks all keys.
  TmqError check() const;
  bool flag(const char *key) const;
  int64_t number(const char *key, int64_t otherwise) const;
  std::string text(const char *key, const char *otherwise = "") const;
};

// A message that was handed out and may be read until the next one comes.
struct HeldMessage {
  uint64_t id = 0;
  std::string topic, db;
  int vgroup = 0;
  TopicMessage content;
  size_t next_block = 0;
  std::optional<size_t> fetched;  // by `fetch`, for `fetch_block`
  uint64_t fetch_req_id = 0;
  bool freed = false;

  // What a poll calls its offset: where data starts, and where reading goes on behind a change of tables.
  int64_t offset() const { return content.kind == TopicMessage::kMeta ? content.next : content.from; }
};

class Consumer {
 public:
  Consumer(Server &server, ConsumerConfig config);
  ~Consumer();
  Consumer(const Consumer &) = delete;
  Consumer &operator=(const Consumer &) = delete;

  const ConsumerConfig &config() const { return config_; }
  bool subscribed() const { return subscribed_; }
  const std::vector<std::string> &topics() const { return topics_; }

  TmqError subscribe(const std::vector<std::string> &topics);
  void unsubscribe();

  // Looks for a message once. `first`: not while it waits.
  TmqError poll(bool first, bool *found);
  HeldMessage *held() { return held_ ? &*held_ : nullptr; }

  TmqError commit();
  TmqError commit_offset(const std::string &topic, int vgroup, int64_t offset);
  TmqError seek(const std::string &topic, int vgroup, int64_t offset);
  TmqError committed(const std::string &topic, int vgroup, int64_t *offset);
  TmqError position(const std::string &topic, int vgroup, int64_t *offset);

  struct Assignment {
    int vgroup = 0;
    int64_t offset = 0, begin = 0, end = 0;
  };
  TmqError assignment(const std::string &topic, std::vector<Assignment> *out);

 private:
  struct Place {
    int64_t next = 0;     // where reading goes on
    int64_t request = 0;  // where the last message started
    bool read = false;
    bool known = false;  // next is
    uint64_t share = 0;  // see Groups::assigned()
  };

  // Takes over what the group has dealt out.
  void take_assignment();
  TmqError find_start(const TopicVgroup &of, Place *place);
  TmqError place_of(const std::string &topic, int vgroup, Place **place);
  TmqError check_range(int vgroup, int64_t offset) const;
  void auto_commit();

  Server &server_;
  ConsumerConfig config_;
  Session session_;
  std::vector<std::string> topics_;
  std::map<std::string, std::string> databases_;  // by topic
  bool subscribed_ = false;
  uint64_t member_ = 0;
  std::map<TopicVgroup, Place> places_;
  size_t turn_ = 0;     // whose turn it is to be read first
  bool ready_ = false;  // places may be asked for and moved
  TopicReadOptions read_options_;
  std::optional<HeldMessage> held_;
  uint64_t last_message_ = 0;
  std::optional<Clock::time_point> committed_at_;
};

}  // namespace opentaos::sandbox::server
