#include "groups.h"

#include <unistd.h>

namespace opentaos::sandbox::server {
namespace {

int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// Ids that look like a server's, and are different after a restart.
uint64_t first_id() { return static_cast<uint64_t>(now_ms()) << 20; }

}  // namespace

std::vector<Groups::Moved> Groups::deal_locked(const std::string &group) {
  std::map<std::string, std::vector<uint64_t>> takers;  // by topic; ids grow, so they are in the order of joining
  std::map<std::string, std::vector<int>> vgroups;
  for (auto &[id, member] : members_) {
    if (member.info.group != group) continue;
    for (auto &[topic, list] : member.info.topics) {
      takers[topic].push_back(id);
      vgroups[topic] = list;
    }
  }
  std::map<TopicVgroup, uint64_t> wanted;
  for (auto &[topic, list] : vgroups)
    for (size_t i = 0; i < list.size(); ++i) wanted[{topic, list[i]}] = takers[topic][i % takers[topic].size()];

  std::map<std::string, Moved> moved;
  auto note = [&](const TopicVgroup &of) {
    Moved &m = moved[of.first];
    m.group = group;
    m.topic = of.first;
    m.vgroups.push_back(of.second);
  };
  auto first = owners_.lower_bound({group, {}});
  for (auto it = first; it != owners_.end() && it->first.first == group;) {
    const TopicVgroup of = it->first.second;
    auto to = wanted.find(of);
    if (to != wanted.end() && to->second == it->second) {
      wanted.erase(to);
      ++it;
      continue;
    }
    auto before = members_.find(it->second);
    if (before != members_.end()) before->second.vgroups.erase(of);
    if (to == wanted.end()) note(of);
    it = owners_.erase(it);
  }
  for (auto &[of, id] : wanted) {
    owners_[{group, of}] = id;
    members_[id].vgroups[of] = Share{next_share_++, 0};
    members_[id].rebalanced_ms = now_ms();
    note(of);
  }
  std::vector<Moved> list;
  for (auto &[topic, m] : moved) list.push_back(m);
  return list;
}

void Groups::settle(const std::vector<Moved> &moved) {
  for (const Moved &m : moved) engine_.note_reader(m.group, m.topic, m.vgroups);
  if (!moved.empty()) wake();
}

uint64_t Groups::join(const NewMember &info) {
  uint64_t id;
  std::vector<Moved> moved;
  {
    std::lock_guard lock(mutex_);
    if (next_id_ == 1) next_id_ = first_id();
    id = next_id_++;
    Member &member = members_[id];
    member.info = info;
    member.polled = Clock::now();
    member.up_ms = now_ms();
    moved = deal_locked(info.group);
  }
  settle(moved);
  return id;
}

void Groups::leave(uint64_t id) {
  std::vector<Moved> moved;
  {
    std::lock_guard lock(mutex_);
    auto found = members_.find(id);
    if (found == members_.end()) return;
    std::string group = found->second.info.group;
    members_.erase(found);
    moved = deal_locked(group);
  }
  settle(moved);
}

bool Groups::poll(uint64_t id) {
  std::vector<Moved> moved;
  bool alive = false;
  {
    std::lock_guard lock(mutex_);
    Clock::time_point now = Clock::now();
    auto found = members_.find(id);
    alive = found != members_.end();
    if (alive) found->second.polled = now;
    std::set<std::string> changed;
    std::erase_if(members_, [&](const auto &item) {
      bool late = now - item.second.polled > item.second.info.max_poll_interval;
      if (late) changed.insert(item.second.info.group);
      return late;
    });
    for (const std::string &group : changed)
      for (Moved &m : deal_locked(group)) moved.push_back(std::move(m));
  }
  settle(moved);
  return alive;
}

std::map<TopicVgroup, uint64_t> Groups::assigned(uint64_t id) const {
  std::lock_guard lock(mutex_);
  std::map<TopicVgroup, uint64_t> list;
  auto found = members_.find(id);
  if (found == members_.end()) return list;
  for (auto &[of, share] : found->second.vgroups) list[of] = share.number;
  return list;
}

void Groups::count_rows(uint64_t id, const TopicVgroup &of, int64_t rows) {
  std::lock_guard lock(mutex_);
  auto found = members_.find(id);
  if (found == members_.end()) return;
  auto vgroup = found->second.vgroups.find(of);
  if (vgroup != found->second.vgroups.end()) vgroup->second.rows += rows;
}

std::vector<ConsumerInfo> Groups::list() const {
  std::lock_guard lock(mutex_);
  std::vector<ConsumerInfo> out;
  for (auto &[id, member] : members_) {
    ConsumerInfo info;
    info.id = id;
    info.group = member.info.group;
    info.client = member.info.client;
    info.user = member.info.user;
    info.ip = member.info.ip;
    info.status = "ready";
    info.parameters = member.info.parameters;
    for (auto &[topic, vgroups] : member.info.topics) info.topics.push_back(topic);
    for (auto &[of, share] : member.vgroups) info.vgroups.push_back({of.first, of.second, share.rows});
    info.up_ms = info.subscribed_ms = member.up_ms;
    info.rebalanced_ms = member.rebalanced_ms;
    out.push_back(std::move(info));
  }
  return out;
}

void Groups::add_waker(int event_fd) {
  std::lock_guard lock(mutex_);
  wakers_.insert(event_fd);
}

void Groups::remove_waker(int event_fd) {
  std::lock_guard lock(mutex_);
  wakers_.erase(event_fd);
}

void Groups::wake() const {
  std::lock_guard lock(mutex_);
  uint64_t one = 1;
  for (int fd : wakers_) {
    // A full counter is as good as one more.
    if (write(fd, &one, sizeof one) < 0) continue;
  }
}

}  // namespace opentaos::sandbox::server
