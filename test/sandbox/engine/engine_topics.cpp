// The engine's calls for subscriptions.
#include "engine/state.h"

namespace opentaos::sandbox {

namespace {

const Topic &existing(const TopicStore &topics, const std::string &name) {
  const Topic *t = topics.find(name);
  if (!t) fail(kErrTopicNotExist, "Topic not exist");
  return *t;
}

}  // namespace

int Engine::topic(const std::string &name, TopicInfo *info, std::string *message) {
  std::lock_guard guard(state_->lock);
  return guarded(message, [&] {
    const Topic &t = existing(state_->topics, name);
    DatabaseInfo &d = state_->catalog.database(t.db);
    info->db = t.db;
    info->vgroups.clear();
    auto groups = static_cast<int>(option_number(d.options, "vgroups"));
    for (int i = 0; i < groups; i++) info->vgroups.push_back(d.first_vgroup + i);
  });
}

int Engine::read_topic(const Session &session, const std::string &name, int vgroup, int64_t from,
                       const TopicReadOptions &options, TopicMessage *out, std::string *message) {
  std::lock_guard guard(state_->lock);
  return guarded(message, [&] {
    Session mine = session;
    *out = TopicMessage{};
    sandbox::read_topic(existing(state_->topics, name), vgroup, from, options, state_->context(&mine), out);
  });
}

std::pair<int64_t, int64_t> Engine::log_range(int vgroup) {
  std::lock_guard guard(state_->lock);
  ChangeLog::Range range = state_->log.range(vgroup);
  return {range.begin, range.end};
}

std::optional<int64_t> Engine::committed(const std::string &group, const std::string &topic, int vgroup) {
  std::lock_guard guard(state_->lock);
  return state_->topics.committed(group, topic, vgroup);
}

int Engine::commit_offset(const std::string &group, const std::string &topic, int vgroup, int64_t offset,
                          std::string *message) {
  return state_->change_guarded(message, [&] {
    existing(state_->topics, topic);
    state_->change([&] { state_->topics.commit(group, topic, vgroup, offset); });
  });
}

void Engine::note_reader(const std::string &group, const std::string &topic, const std::vector<int> &vgroups) {
  std::string ignored;
  state_->change_guarded(&ignored, [&] {
    const Topic &t = existing(state_->topics, topic);
    DatabaseInfo &d = state_->catalog.database(t.db);
    state_->change([&] {
      state_->topics.add_group(group, topic);
      for (int vgroup : vgroups) state_->log.append(d, vgroup, LogRecord{});
    });
  });
}

int Engine::replay(Session &session, const std::vector<LogRecord> &records, std::string *message) {
  return state_->change_guarded(message, [&] {
    Context c = state_->context(&session);
    c.replaying = true;
    DatabaseInfo &d = state_->catalog.database(c.database_of(""));
    state_->change([&] {
      for (const LogRecord &record : records) replay_record(record, &d, c);
    });
  });
}

void Engine::set_log_listener(std::function<void()> listener) {
  std::lock_guard guard(state_->lock);
  state_->log_listener = std::move(listener);
}

void Engine::set_consumers(std::function<std::vector<ConsumerInfo>()> list) {
  std::lock_guard guard(state_->lock);
  state_->consumers = std::move(list);
}

}  // namespace opentaos::sandbox
