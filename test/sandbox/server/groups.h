// Who consumes: the members of all consumer groups, and which of them reads which vgroup.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/engine.h"
#include "stream.h"

namespace opentaos::sandbox::server {

using TopicVgroup = std::pair<std::string, int>;

struct NewMember {
  std::string group, client, user, ip, parameters;
  std::map<std::string, std::vector<int>> topics;  // with the vgroups of their databases
  std::chrono::milliseconds max_poll_interval{};
};

// The vgroups of a topic are dealt out to the members of a group that want the topic, one by one, in the order in which
// the members came. A member that has left, or has not polled for max.poll.interval.ms, gets none.
class Groups {
 public:
  explicit Groups(Engine &engine) : engine_(engine) {}

  uint64_t join(const NewMember &member);
  void leave(uint64_t member);
  // The member polls. False when the group has given it up.
  bool poll(uint64_t member);
  // Each with a number that is another one when the vgroup has been away meanwhile.
  std::map<TopicVgroup, uint64_t> assigned(uint64_t member) const;
  void count_rows(uint64_t member, const TopicVgroup &of, int64_t rows);

  std::vector<ConsumerInfo> list() const;

  // Whoever waits for a message has an eventfd that is written to when there may be one.
  void add_waker(int event_fd);
  void remove_waker(int event_fd);
  void wake() const;

 private:
  struct Share {
    uint64_t number = 0;
    int64_t rows = 0;  // handed out
  };
  struct Member {
    NewMember info;
    Clock::time_point polled;
    int64_t up_ms = 0, rebalanced_ms = 0;
    std::map<TopicVgroup, Share> vgroups;
  };
  // What has to be noted in the logs after the members have changed.
  struct Moved {
    std::string group, topic;
    std::vector<int> vgroups;
  };
  std::vector<Moved> deal_locked(const std::string &group);
  void settle(const std::vector<Moved> &moved);

  Engine &engine_;
  mutable std::mutex mutex_;  // never held while the engine is called
  std::map<uint64_t, Member> members_;
  std::map<std::pair<std::string, TopicVgroup>, uint64_t> owners_;  // by group
  uint64_t next_id_ = 1;
  uint64_t next_share_ = 1;
  std::set<int> wakers_;
};

}  // namespace opentaos::sandbox::server
