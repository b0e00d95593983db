#include "consumer.h"

#include <algorithm>
#include <charconv>

#include "request.h"
#include "server.h"

namespace opentaos::sandbox::server {
namespace {

constexpr int kNotSupported = 0x0100;
constexpr int kInvalidParameter = 0x0118;
constexpr int kTopicNotExist = 0x03E1;
constexpr int kConsumerNotExist = 0x03E6;
constexpr int kOffsetOutOfRange = 0x4007;
constexpr int kForeignVgroup = 0x4008;
constexpr int kForeignTopic = 0x4009;
constexpr int kNeedAssignment = 0x4010;
constexpr int kNoCommitted = 0x4011;
constexpr int64_t kNothingCommitted = -2147467247;

enum class Kind { kText, kBool, kNumber, kReset, kGroup };

struct Key {
  const char *name;
  Kind kind;
  int64_t least = 0, most = INT32_MAX;
};

constexpr Key kKeys[] = {
    {"group.id", Kind::kGroup},
    {"client.id", Kind::kText, 0, 255},
    {"auto.offset.reset", Kind::kReset},
    {"enable.auto.commit", Kind::kBool},
    {"auto.commit.interval.ms", Kind::kNumber},
    {"session.timeout.ms", Kind::kNumber, 6000, 1800000},
    {"heartbeat.interval.ms", Kind::kNumber, 1000, 1799999},
    {"max.poll.interval.ms", Kind::kNumber, 1000},
    {"msg.with.table.name", Kind::kBool},
    {"experimental.snapshot.enable", Kind::kBool},
    {"msg.enable.batchmeta", Kind::kNumber},
    {"msg.consume.excluded", Kind::kNumber},
    {"msg.consume.rawdata", Kind::kNumber},
    {"enable.replay", Kind::kBool},
    {"fetch.max.wait.ms", Kind::kNumber, 1},
    {"min.poll.rows", Kind::kNumber, 1},
    {"td.connect.db", Kind::kText, 0, 64},
};

std::optional<int64_t> as_number(const std::string &text) {
  int64_t n = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return n;
}

bool is_good(const Key &key, const std::string &value) {
  switch (key.kind) {
    case Kind::kText: return value.size() <= static_cast<size_t>(key.most);
    case Kind::kBool: return value == "true" || value == "false";
    case Kind::kReset: return value == "none" || value == "earliest" || value == "latest";
    case Kind::kGroup: return value.size() <= 192 && value.find(':') == std::string::npos;
    case Kind::kNumber: break;
  }
  std::optional<int64_t> n = as_number(value);
  return n && *n >= key.least && *n <= key.most;
}

}  // namespace

TmqError ConsumerConfig::check() const {
  for (auto &[name, value] : keys) {
    auto key = std::find_if(std::begin(kKeys), std::end(kKeys), [&](const Key &k) { return name == k.name; });
    if (key == std::end(kKeys)) return {kInvalidParameter, "unknown configuration key: " + name};
    if (!is_good(*key, value)) return {kInvalidParameter, "invalid value for key '" + name + "': " + value};
  }
  return {};
}

bool ConsumerConfig::flag(const char *key) const {
  std::string value = text(key);
  return value == "true" || (!value.empty() && value != "false" && value != "0");
}

int64_t ConsumerConfig::number(const char *key, int64_t otherwise) const {
  return as_number(text(key)).value_or(otherwise);
}

std::string ConsumerConfig::text(const char *key, const char *otherwise) const {
  auto found = keys.find(key);
  return found == keys.end() ? otherwise : found->second;
}

Consumer::Consumer(Server &server, ConsumerConfig config) : server_(server), config_(std::move(config)) {
  session_.user = config_.user;
  session_.db = config_.db;
  session_.tz = config_.tz;
  session_.app = config_.app;
  session_.ip = config_.ip;
  read_options_.batch_meta = config_.flag("msg.enable.batchmeta");
  read_options_.leave_out_replayed = config_.flag("msg.consume.excluded");
  read_options_.rows = static_cast<size_t>(config_.number("min.poll.rows", 4096));
}

Consumer::~Consumer() {
  if (subscribed_) server_.groups().leave(member_);
}

TmqError Consumer::subscribe(const std::vector<std::string> &topics) {
  for (const char *key : {"msg.consume.rawdata", "enable.replay"}) {
    if (config_.flag(key)) return {kNotSupported, std::string("taos-sandbox does not support ") + key};
  }
  NewMember member;
  std::map<std::string, std::string> databases;
  for (const std::string &name : topics) {
    TopicInfo info;
    std::string message;
    if (int code = server_.engine().topic(name, &info, &message); code != 0) return {code, message};
    databases[name] = info.db;
    member.topics[name] = info.vgroups;
  }
  member.group = config_.text("group.id");
  member.client = config_.text("client.id");
  member.user = config_.user;
  member.ip = config_.ip;
  member.max_poll_interval = std::chrono::milliseconds(config_.number("max.poll.interval.ms", 300000));
  member.parameters = "reset:" + config_.text("auto.offset.reset", "latest");
  topics_ = topics;
  databases_ = databases;
  places_.clear();
  ready_ = false;
  subscribed_ = true;
  member_ = topics.empty() ? 0 : server_.groups().join(member);
  return {};
}

void Consumer::unsubscribe() {
  if (subscribed_ && member_ != 0) server_.groups().leave(member_);
  subscribed_ = false;
  member_ = 0;
  topics_.clear();
  places_.clear();
  ready_ = false;
  if (held_) held_->freed = true;
}

void Consumer::take_assignment() {
  std::map<TopicVgroup, Place> now;
  for (auto &[of, share] : server_.groups().assigned(member_)) {
    auto found = places_.find(of);
    Place &place = now[of];
    if (found != places_.end() && found->second.share == share) place = found->second;
    place.share = share;
  }
  places_ = std::move(now);
}

// Where the group has committed, else what auto.offset.reset says.
TmqError Consumer::find_start(const TopicVgroup &of, Place *place) {
  if (place->known) return {};
  auto [begin, end] = server_.engine().log_range(of.second);
  std::optional<int64_t> committed = server_.engine().committed(config_.text("group.id"), of.first, of.second);
  std::string reset = config_.text("auto.offset.reset", "latest");
  if (!committed && reset == "none") return {kNoCommitted, "No committed info"};
  place->next = committed ? std::max(*committed, begin) : reset == "earliest" ? begin : end;
  place->request = place->next;
  place->known = true;
  return {};
}

void Consumer::auto_commit() {
  if (!config_.flag("enable.auto.commit")) return;
  Clock::time_point now = Clock::now();
  auto interval = std::chrono::milliseconds(config_.number("auto.commit.interval.ms", 5000));
  if (committed_at_ && now - *committed_at_ < interval) return;
  committed_at_ = now;
  commit();
}

TmqError Consumer::poll(bool first, bool *found) {
  *found = false;
  if (!subscribed_) return {};
  if (member_ == 0) return {kConsumerNotExist, "Consumer not exist"};
  if (first) auto_commit();
  if (!server_.groups().poll(member_)) return {kConsumerNotExist, "Consumer not exist"};
  take_assignment();
  ready_ = true;
  for (size_t tried = 0; tried < places_.size(); ++tried) {
    auto at = std::next(places_.begin(), static_cast<long>(turn_++ % places_.size()));
    const TopicVgroup of = at->first;
    Place &place = at->second;
    if (TmqError error = find_start(of, &place)) return error;
    place.read = true;
    TopicMessage content;
    std::string message;
    int code =
        server_.engine().read_topic(session_, of.first, of.second, place.next, read_options_, &content, &message);
    if (code != 0) return {code, message};
    if (content.kind != TopicMessage::kNothing) place.request = content.from;
    place.next = content.next;
    if (content.kind == TopicMessage::kNothing) continue;
    int64_t rows = 0;
    for (auto &block : content.blocks) rows += static_cast<int64_t>(block.table.rows.size());
    server_.groups().count_rows(member_, of, rows);
    HeldMessage held;
    held.id = ++last_message_;
    held.topic = of.first;
    held.db = databases_[of.first];
    held.vgroup = of.second;
    held.content = std::move(content);
    held_ = std::move(held);
    *found = true;
    return {};
  }
  return {};
}

TmqError Consumer::commit() {
  take_assignment();
  for (auto &[of, place] : places_) {
    if (!place.read) continue;
    if (server_.engine().committed(config_.text("group.id"), of.first, of.second) == place.next) continue;
    std::string message;
    int code = server_.engine().commit_offset(config_.text("group.id"), of.first, of.second, place.next, &message);
    if (code != 0) return {code, message};
  }
  return {};
}

TmqError Consumer::place_of(const std::string &topic, int vgroup, Place **place) {
  if (std::find(topics_.begin(), topics_.end(), topic) == topics_.end())
    return {kForeignTopic, "Topic does not belong to this consumer"};
  take_assignment();
  auto found = places_.find({topic, vgroup});
  if (found == places_.end()) return {kForeignVgroup, "VgId does not belong to this consumer"};
  *place = &found->second;
  return {};
}

TmqError Consumer::check_range(int vgroup, int64_t offset) const {
  auto [begin, end] = server_.engine().log_range(vgroup);
  if (offset < begin || offset > end) return {kOffsetOutOfRange, "Offset out of range"};
  return {};
}

TmqError Consumer::commit_offset(const std::string &topic, int vgroup, int64_t offset) {
  Place *place = nullptr;
  if (TmqError error = place_of(topic, vgroup, &place)) return error;
  if (TmqError error = check_range(vgroup, offset)) return error;
  TmqError result;
  result.code = server_.engine().commit_offset(config_.text("group.id"), topic, vgroup, offset, &result.message);
  return result;
}

TmqError Consumer::seek(const std::string &topic, int vgroup, int64_t offset) {
  Place *place = nullptr;
  if (TmqError error = place_of(topic, vgroup, &place)) return error;
  if (!ready_) return {kNeedAssignment, "Assignment or poll interface need to be called first"};
  if (TmqError error = check_range(vgroup, offset)) return error;
  place->next = place->request = offset;
  place->known = true;
  place->read = true;
  return {};
}

TmqError Consumer::committed(const std::string &topic, int vgroup, int64_t *offset) {
  Place *place = nullptr;
  if (TmqError error = place_of(topic, vgroup, &place)) return error;
  *offset = server_.engine().committed(config_.text("group.id"), topic, vgroup).value_or(kNothingCommitted);
  return {};
}

TmqError Consumer::position(const std::string &topic, int vgroup, int64_t *offset) {
  Place *place = nullptr;
  if (TmqError error = place_of(topic, vgroup, &place)) return error;
  if (!ready_) return {kNeedAssignment, "Assignment or poll interface need to be called first"};
  if (place->read) {
    *offset = place->next;
    return {};
  }
  return committed(topic, vgroup, offset);
}

TmqError Consumer::assignment(const std::string &topic, std::vector<Assignment> *out) {
  if (std::find(topics_.begin(), topics_.end(), topic) == topics_.end())
    return {kForeignTopic, "Topic does not belong to this consumer"};
  take_assignment();
  ready_ = true;
  for (auto &[of, place] : places_) {
    if (of.first != topic) continue;
    if (TmqError error = find_start(of, &place)) return error;
    auto [begin, end] = server_.engine().log_range(of.second);
    out->push_back({of.second, place.request, begin, end});
  }
  return {};
}

}  // namespace opentaos::sandbox::server
