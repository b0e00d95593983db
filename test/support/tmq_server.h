// A model of an adapter's subscription side for tests: topics with vgroups, consumer groups that share them, committed
// offsets that outlive everything. Entry n of a vgroup takes the offsets n to n + 1. What a test wants to go wrong, its
// hook says request by request.
#pragma once
#include <cjson/cJSON.h>

#include <chrono>
#include <condition_variable>
#include <map>
#include <optional>
#include <set>

#include "ws_server.h"

namespace opentaos::test {

struct TmqEntry {
  std::vector<int> values;  // rows of (ts, v)
  std::string table;
  std::string meta;  // instead of rows, or beside them: a change of tables
  std::string data;  // instead of both: raw data as it is, of raw type 2
};

class TmqServer {
 public:
  // What happens to a request.
  struct Fate {
    enum Kind {
      kNormal,
      kHangUpFirst,  // nothing is done, the connection ends
      kHangUpAfter,  // it is done, but the connection ends instead of an answer
      kSilent,       // it is done, but there is no answer
      kUnread,       // as if it had never come
      kError,        // an error instead
      kReplace,      // this answer instead
    } kind = kNormal;
    int64_t code = 0;
    std::string text;  // of the error, or of the answer
    int delay_ms = 0;
    bool binary = false;
  };
  using Hook = std::function<Fate(const std::string &action, WsPeer &peer)>;

  TmqServer() = default;
  ~TmqServer() { stop(); }

  uint16_t port() const { return server_.port(); }
  // A restarted adapter: every connection ends at once, or somewhat later a new one is accepted.
  void stop() { server_.stop(); }
  void start() { server_.start(); }
  // Their vgroups are let go at once, or after the time of set_session_ms(): not when the threads that served them
  // happen to notice.
  void hang_up_consumers() {
    server_.hang_up_all("/rest/tmq");
    std::lock_guard lock(mutex_);
    for (auto &[key, owner] : owners_)
      if (!owner.until) owner.until = Clock::now() + std::chrono::milliseconds(session_ms_.load());
  }
  int connections() const { return server_.connections(); }

  void set_hook(Hook hook) {
    std::lock_guard lock(mutex_);
    hook_ = std::move(hook);
  }
  // How long a vgroup stays with a consumer whose connection has ended.
  void set_session_ms(int ms) { session_ms_ = ms; }
  void set_version(std::string version) { version_ = std::move(version); }
  // Old servers leave names out of the data and do not know fetch_raw_data.
  void set_old(bool old) { old_ = old; }

  void create_topic(const std::string &name, std::vector<int> vgroups, const std::string &database = "db") {
    std::lock_guard lock(mutex_);
    for (int v : vgroups) topics_[name].vgroups[v];
    topics_[name].database = database;
  }
  void append(const std::string &topic, int vgroup, TmqEntry entry) {
    std::lock_guard lock(mutex_);
    topics_[topic].vgroups[vgroup].push_back(std::move(entry));
    news_.notify_all();
  }
  void append(const std::string &topic, int vgroup, std::vector<int> values, const std::string &table = "t") {
    append(topic, vgroup, TmqEntry{std::move(values), table, {}, {}});
  }
  int64_t committed(const std::string &group, const std::string &topic, int vgroup) {
    std::lock_guard lock(mutex_);
    auto it = committed_.find({group, topic, vgroup});
    return it == committed_.end() ? -1 : it->second;
  }
  void set_committed(const std::string &group, const std::string &topic, int vgroup, int64_t offset) {
    std::lock_guard lock(mutex_);
    committed_[{group, topic, vgroup}] = offset;
  }
  // How often an action came, and its last arguments.
  int count(const std::string &action) {
    std::lock_guard lock(mutex_);
    return counts_[action];
  }
  std::string last_args(const std::string &action) {
    std::lock_guard lock(mutex_);
    return last_args_[action];
  }
  int64_t longest_blocking() {
    std::lock_guard lock(mutex_);
    return longest_blocking_;
  }
  bool blocked_for_ever() {
    std::lock_guard lock(mutex_);
    return negative_blocking_;
  }
  // Payloads of write_raw: raw type and data.
  std::vector<std::pair<int, std::string>> written() {
    std::lock_guard lock(mutex_);
    return written_;
  }
  void ping_all() {
    std::lock_guard lock(mutex_);
    for (auto &[number, peer] : peers_) peer->ping("are you there");
  }
  int pongs() {
    std::lock_guard lock(mutex_);
    int n = 0;
    for (auto &[number, peer] : peers_) n += peer->pongs();
    return n;
  }

  // ---- encodings
  template <typename T>
  static void put(std::string *s, T v) {
    s->append(reinterpret_cast<const char *>(&v), sizeof v);
  }
  static void put_uvar(std::string *s, uint64_t v) {
    for (; v >= 0x80; v >>= 7) *s += static_cast<char>(v | 0x80);
    *s += static_cast<char>(v);
  }
  static void put_name(std::string *s, const std::string &name) {
    put_uvar(s, name.size() + 1);
    *s += name;
    *s += '\0';
  }
  // (ts TIMESTAMP, v INT)
  static std::string block(const std::vector<int> &values) {
    std::string b;
    const auto n = static_cast<int32_t>(values.size());
    put<int32_t>(&b, 2);
    put<int32_t>(&b, 0);
    put<int32_t>(&b, n);
    put<int32_t>(&b, 2);
    put<uint32_t>(&b, 0x80000000u);
    put<uint64_t>(&b, 0);
    b += '\x09';
    put<int32_t>(&b, 8);
    b += '\x04';
    put<int32_t>(&b, 4);
    put<int32_t>(&b, 8 * n);
    put<int32_t>(&b, 4 * n);
    b.append(static_cast<size_t>(n + 7) / 8, '\0');
    for (int v : values) put<int64_t>(&b, 1700000000000 + v);
    b.append(static_cast<size_t>(n + 7) / 8, '\0');
    for (int v : values) put<int32_t>(&b, v);
    b += '\0';
    const auto size = static_cast<int32_t>(b.size());
    std::memcpy(b.data() + 4, &size, 4);
    return b;
  }
  static std::string message_head(int64_t begin, int64_t next) {
    std::string d;
    d += '\x64';
    put<int32_t>(&d, 18);
    for (int64_t offset : {begin, next}) {
      d += '\x11';
      put<int64_t>(&d, offset);
    }
    return d;
  }
  static std::string data_of(const TmqEntry &e, int64_t offset, bool with_schema) {
    std::string d = message_head(offset, offset + 1);
    if (e.values.empty()) {
      put<int32_t>(&d, 0);
      return d;
    }
    put<int32_t>(&d, 1);
    d += with_schema ? '\x01' : '\x00';
    d += with_schema ? '\x01' : '\x00';
    const std::string b = block(e.values);
    put_uvar(&d, b.size() + 18);
    put<int64_t>(&d, 1);
    d.append(7, '\0');
    d += static_cast<char>(e.values.size());
    d += '\0';
    d += '\0';
    d += b;
    if (with_schema) {
      put_uvar(&d, 4);  // two columns, zigzag
      put_uvar(&d, 0);
      d += "\x09\x01";
      put_uvar(&d, 16);
      put_uvar(&d, 2);
      put_name(&d, "ts");
      d += "\x04\x01";
      put_uvar(&d, 8);
      put_uvar(&d, 4);
      put_name(&d, "v");
      put_name(&d, e.table);
    }
    put<int64_t>(&d, 0);
    return d;
  }

 private:
  using Clock = std::chrono::steady_clock;
  struct Topic {
    std::string database;
    std::map<int, std::vector<TmqEntry>> vgroups;
  };
  struct Held {
    std::string topic;
    int vgroup = 0;
    int64_t offset = 0;
    uint64_t id = 0;
    int described = 0;
  };
  struct Consumer {
    std::string group, reset;
    std::vector<std::string> topics;
    bool subscribed = false;
    std::map<std::pair<std::string, int>, int64_t> position;  // of the vgroups it has
    uint64_t last_id = 0;
    std::optional<Held> held;
  };
  struct Args {
    cJSON *json = nullptr;
    std::string text(const char *name) const {
      const cJSON *v = cJSON_GetObjectItem(json, name);
      return cJSON_IsString(v) ? v->valuestring : "";
    }
    int64_t number(const char *name) const {
      const cJSON *v = cJSON_GetObjectItem(json, name);
      return cJSON_IsNumber(v) ? static_cast<int64_t>(v->valuedouble) : 0;
    }
  };
  using Lock = std::unique_lock<std::mutex>;

  static std::string quoted(const std::string &s) { return "\"" + s + "\""; }

  void handle(WsPeer &peer, bool text, const std::string &payload) {
    if (!text) return handle_binary(peer, payload);
    std::unique_ptr<cJSON, void (*)(cJSON *)> root(cJSON_Parse(payload.c_str()), cJSON_Delete);
    if (!root) return;
    const cJSON *name = cJSON_GetObjectItem(root.get(), "action");
    const std::string action = cJSON_IsString(name) ? name->valuestring : "";
    const Args args{cJSON_GetObjectItem(root.get(), "args")};
    // Beyond what a double holds: read from the text.
    uint64_t id = 0;
    if (const size_t at = payload.find("\"req_id\":"); at != std::string::npos)
      id = strtoull(payload.c_str() + at + 9, nullptr, 10);
    Lock lock(mutex_);
    counts_[action]++;
    last_args_[action] = payload;
    peers_[peer.number()] = &peer;
    Fate fate;
    if (Hook hook = hook_) {
      lock.unlock();
      fate = hook(action, peer);
      if (fate.delay_ms) std::this_thread::sleep_for(std::chrono::milliseconds(fate.delay_ms));
      lock.lock();
    }
    if (fate.kind == Fate::kUnread) return;
    if (fate.kind == Fate::kHangUpFirst) return peer.hang_up();
    if (fate.kind == Fate::kError) return answer(peer, action, id, fate.code, fate.text, "");
    if (fate.kind == Fate::kReplace) return fate.binary ? peer.binary(fate.text) : peer.text(fate.text);
    peer_is_silent_[peer.number()] = fate.kind == Fate::kSilent || fate.kind == Fate::kHangUpAfter;
    act(peer, action, args, id, lock);
    peer_is_silent_[peer.number()] = false;
    if (fate.kind == Fate::kHangUpAfter) peer.hang_up();
  }

  void handle_binary(WsPeer &peer, const std::string &payload) {
    Lock lock(mutex_);
    uint64_t id = 0, action = 0;
    uint32_t size = 0;
    uint16_t type = 0;
    if (payload.size() < 30) return;
    std::memcpy(&id, payload.data(), 8);
    std::memcpy(&action, payload.data() + 16, 8);
    std::memcpy(&size, payload.data() + 24, 4);
    std::memcpy(&type, payload.data() + 28, 2);
    counts_["binary" + std::to_string(action)]++;
    if (action == 3) written_.emplace_back(type, payload.substr(30));
    answer(peer, action == 3 ? "write_raw" : "unknown", id, 0, "", "");
  }

  void answer(WsPeer &peer, const std::string &action, uint64_t id, int64_t code, const std::string &message,
              const std::string &members) {
    if (peer_is_silent_[peer.number()]) return;
    peer.text("{\"code\":" + std::to_string(code) + ",\"message\":" + quoted(message) +
              ",\"action\":" + quoted(action) + ",\"req_id\":" + std::to_string(id) + ",\"timing\":1" + members + "}");
  }

  void act(WsPeer &peer, const std::string &action, const Args &args, uint64_t id, Lock &lock) {
    const auto ok = [&](const std::string &members) { answer(peer, action, id, 0, "", members); };
    const auto fail = [&](int64_t code, const std::string &text) { answer(peer, action, id, code, text, ""); };
    const std::string version = ",\"version\":" + quoted(version_);
    if (action == "version") return ok(version);
    if (action == "conn")
      return args.text("password") == "taosdata" ? ok(version) : fail(0x357, "Authentication failure");
    Consumer &c = consumers_[peer.number()];
    if (action == "subscribe") return subscribe(peer, c, args, id);
    if (action == "list_topics") return ok(",\"topics\":[]");
    if (action == "unsubscribe") {
      c.held.reset();
      c.subscribed = false;
      c.topics.clear();
      c.position.clear();
      owners_of(peer.number(), [](auto &) { return true; });
      news_.notify_all();
      return ok("");
    }
    if (c.group.empty()) return fail(0xffff, "tmq not init");
    if (action == "poll") return poll(peer, c, args, id, lock);
    if (action == "commit") {
      for (auto &[key, offset] : c.position) committed_[{c.group, key.first, key.second}] = offset;
      return ok(",\"message_id\":" + std::to_string(args.number("message_id")));
    }
    if (action == "commit_offset" || action == "seek") {
      const auto key = std::pair(args.text("topic"), static_cast<int>(args.number("vgroup_id")));
      if (int64_t code = refusal(c, key)) return fail(code, "does not belong to this consumer");
      const int64_t offset = args.number("offset");
      if (offset < 0 || offset > static_cast<int64_t>(topics_[key.first].vgroups[key.second].size()))
        return fail(0x4007, "Offset out of range");
      if (action == "seek")
        c.position[key] = offset;
      else
        committed_[{c.group, key.first, key.second}] = offset;
      return ok("");
    }
    if (action == "assignment") {
      const std::string topic = args.text("topic");
      if (std::find(c.topics.begin(), c.topics.end(), topic) == c.topics.end())
        return fail(0x4009, "Topic does not belong to this consumer");
      assign(peer, c);
      std::string list;
      for (auto &[key, offset] : c.position) {
        if (key.first != topic) continue;
        list += (list.empty() ? "" : ",") + std::string("{\"vgroup_id\":") + std::to_string(key.second) +
                ",\"offset\":" + std::to_string(offset) +
                ",\"begin\":0,\"end\":" + std::to_string(topics_[topic].vgroups[key.second].size()) + "}";
      }
      return ok(",\"assignment\":" + (list.empty() ? "null" : "[" + list + "]"));
    }
    if (action == "committed" || action == "position") {
      const cJSON *pairs = cJSON_GetObjectItem(args.json, "topic_vgroup_ids");
      std::string list;
      const cJSON *pair = nullptr;
      cJSON_ArrayForEach(pair, pairs) {
        const Args one{const_cast<cJSON *>(pair)};
        const auto key = std::pair(one.text("topic"), static_cast<int>(one.number("vgroup_id")));
        if (int64_t code = refusal(c, key)) return fail(code, "does not belong to this consumer");
        int64_t offset = c.position[key];
        if (action == "committed") {
          auto it = committed_.find({c.group, key.first, key.second});
          offset = it == committed_.end() ? -2147467247 : it->second;
        }
        list += (list.empty() ? "" : ",") + std::to_string(offset);
      }
      return ok(",\"" + action + "\":[" + list + "]");
    }
    fetch(peer, c, action, args, id);
  }

  void subscribe(WsPeer &peer, Consumer &c, const Args &args, uint64_t id) {
    const auto fail = [&](int64_t code, const std::string &text) { answer(peer, "subscribe", id, code, text, ""); };
    if (c.subscribed) return fail(0xffff, "tmq should have unsubscribed first");
    if (args.text("password") != "taosdata") return fail(0xffff, "init tscObj failed");
    std::vector<std::string> topics;
    const cJSON *t = nullptr;
    cJSON_ArrayForEach(t, cJSON_GetObjectItem(args.json, "topics")) topics.emplace_back(t->valuestring);
    for (auto &name : topics)
      if (!topics_.count(name)) return fail(0x3e1, "Topic not exist");
    c.group = args.text("group_id");
    c.reset = args.text("offset_rest");
    c.topics = topics;
    c.subscribed = true;
    assign(peer, c);
    answer(peer, "subscribe", id, 0, "", ",\"version\":" + quoted(version_));
  }

  int64_t refusal(Consumer &c, const std::pair<std::string, int> &key) {
    if (std::find(c.topics.begin(), c.topics.end(), key.first) == c.topics.end()) return 0x4009;
    return c.position.count(key) ? 0 : 0x4008;
  }

  struct Owner {
    int peer = 0;
    std::optional<Clock::time_point> until;  // its connection has ended
  };
  template <typename Match>
  void owners_of(int peer, Match match) {
    for (auto it = owners_.begin(); it != owners_.end();)
      it = it->second.peer == peer && match(it->second) ? owners_.erase(it) : std::next(it);
  }

  // A consumer gets the vgroups that nobody has.
  void assign(WsPeer &peer, Consumer &c) {
    for (const std::string &topic : c.topics) {
      for (auto &[vgroup, entries] : topics_[topic].vgroups) {
        const auto key = std::tuple(c.group, topic, vgroup);
        auto owner = owners_.find(key);
        if (owner != owners_.end() && owner->second.until && *owner->second.until <= Clock::now()) {
          owners_.erase(owner);
          owner = owners_.end();
        }
        if (owner != owners_.end() && owner->second.peer != peer.number()) continue;
        owners_[key] = {peer.number(), std::nullopt};
        if (c.position.count({topic, vgroup})) continue;
        auto done = committed_.find(key);
        c.position[{topic, vgroup}] = done != committed_.end() ? done->second
                                      : c.reset == "earliest"  ? 0
                                                               : static_cast<int64_t>(entries.size());
      }
    }
  }

  void poll(WsPeer &peer, Consumer &c, const Args &args, uint64_t id, Lock &lock) {
    const int64_t blocking = args.number("blocking_time");
    longest_blocking_ = std::max(longest_blocking_, blocking);
    negative_blocking_ = negative_blocking_ || blocking < 0;
    const auto end = Clock::now() + std::chrono::milliseconds(std::min<int64_t>(std::max<int64_t>(blocking, 0), 5000));
    if (!c.subscribed) return answer(peer, "poll", id, 0x3e6, "Consumer not exist", "");
    if (cJSON_GetObjectItem(args.json, "message_id") && c.held &&
        c.held->id != static_cast<uint64_t>(args.number("message_id")))
      return announce(peer, c, id);
    for (;;) {
      assign(peer, c);
      for (auto &[key, offset] : c.position) {
        auto &entries = topics_[key.first].vgroups[key.second];
        if (offset >= static_cast<int64_t>(entries.size())) continue;
        c.held = Held{key.first, key.second, offset, ++c.last_id, 0};
        offset++;
        return announce(peer, c, id);
      }
      if (Clock::now() >= end || peer.gone()) break;
      news_.wait_until(lock, std::min(end, Clock::now() + std::chrono::milliseconds(20)));
    }
    answer(
        peer, "poll", id, 0, "",
        ",\"have_message\":false,\"topic\":\"\",\"database\":\"\",\"vgroup_id\":0,\"message_type\":0,\"message_id\":0,"
        "\"offset\":0");
  }

  TmqEntry &entry_of(const Held &h) { return topics_[h.topic].vgroups[h.vgroup][static_cast<size_t>(h.offset)]; }
  static int type_of(const TmqEntry &e) { return e.meta.empty() ? 1 : e.values.empty() ? 2 : 3; }

  void announce(WsPeer &peer, Consumer &c, uint64_t id) {
    const Held &h = *c.held;
    const int type = type_of(entry_of(h));
    answer(peer, "poll", id, 0, "",
           ",\"have_message\":true,\"topic\":" + quoted(h.topic) +
               ",\"database\":" + quoted(topics_[h.topic].database) + ",\"vgroup_id\":" + std::to_string(h.vgroup) +
               ",\"message_type\":" + std::to_string(type) + ",\"message_id\":" + std::to_string(h.id) +
               ",\"offset\":" + std::to_string(h.offset + (type == 2)));
  }

  void fetch(WsPeer &peer, Consumer &c, const std::string &action, const Args &args, uint64_t id) {
    const auto wanted = static_cast<uint64_t>(args.number("message_id"));
    const bool there = c.held && c.held->id == wanted;
    if (action == "fetch_json_meta") {
      if (!there) return answer(peer, action, id, 0xffff, "message ID is not equal", "");
      const TmqEntry &e = entry_of(*c.held);
      return answer(peer, action, id, 0, "",
                    ",\"message_id\":" + std::to_string(wanted) + ",\"data\":" + (e.meta.empty() ? "null" : e.meta));
    }
    if (action == "fetch") {
      if (!there) return answer(peer, action, id, 0xffff, "message ID are not equal", "");
      const TmqEntry &e = entry_of(*c.held);
      if (c.held->described++ > 0)
        return answer(peer, action, id, 0, "", ",\"message_id\":" + std::to_string(wanted) + ",\"completed\":true");
      return answer(peer, action, id, 0, "",
                    ",\"message_id\":" + std::to_string(wanted) +
                        ",\"completed\":false,\"table_name\":" + quoted(e.table) +
                        ",\"rows\":1,\"fields_count\":2,\"fields_names\":[\"ts\",\"v\"],\"fields_types\":[9,4],"
                        "\"fields_lengths\":[8,4],\"precision\":0");
    }
    if (action != "fetch_raw_data" && action != "fetch_raw") return;  // unknown actions get no answer here
    if (old_ && action == "fetch_raw_data") return;
    std::string data;
    uint16_t raw_type = 0;
    if (there) {
      const TmqEntry &e = entry_of(*c.held);
      const int type = type_of(e);
      raw_type = type == 1 ? 2 : type == 2 ? 531 : 4;
      data = !e.data.empty() ? e.data : type == 2 ? "opaque bytes of " + e.meta : data_of(e, c.held->offset, !old_);
    }
    if (peer_is_silent_[peer.number()]) return;
    if (old_) {
      if (!there) return answer(peer, action, id, 0xffff, "message ID is not equal", "");
      std::string f;
      put<uint64_t>(&f, 1);
      put<uint64_t>(&f, id);
      put<uint64_t>(&f, wanted);
      put<uint64_t>(&f, 3);
      put<uint32_t>(&f, static_cast<uint32_t>(data.size()));
      put<uint16_t>(&f, raw_type);
      return peer.binary(f + data);
    }
    const std::string message = there ? "" : "message ID is not equal";
    std::string f;
    put<uint64_t>(&f, ~uint64_t{0});
    put<uint64_t>(&f, 8);
    put<uint16_t>(&f, 1);
    put<uint64_t>(&f, 1);
    put<uint64_t>(&f, id);
    put<uint32_t>(&f, there ? 0 : 0xffff);
    put<uint32_t>(&f, static_cast<uint32_t>(message.size()));
    f += message;
    put<uint64_t>(&f, wanted);
    if (there) {
      put<uint16_t>(&f, raw_type);
      put<uint32_t>(&f, static_cast<uint32_t>(data.size()));
      f += data;
    }
    peer.binary(f);
  }

  void ended(WsPeer &peer) {
    Lock lock(mutex_);
    peers_.erase(peer.number());
    consumers_.erase(peer.number());
    for (auto &[key, owner] : owners_)
      if (owner.peer == peer.number() && !owner.until)
        owner.until = Clock::now() + std::chrono::milliseconds(session_ms_.load());
    news_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable news_;
  Hook hook_;
  std::atomic<int> session_ms_{0};
  std::string version_ = "3.3.7.5";
  bool old_ = false;
  std::map<int, bool> peer_is_silent_;
  std::map<int, WsPeer *> peers_;
  std::map<std::string, Topic> topics_;
  std::map<std::tuple<std::string, std::string, int>, int64_t> committed_;
  std::map<std::tuple<std::string, std::string, int>, Owner> owners_;
  std::map<int, Consumer> consumers_;
  std::map<std::string, int> counts_;
  std::map<std::string, std::string> last_args_;
  std::vector<std::pair<int, std::string>> written_;
  int64_t longest_blocking_ = 0;
  bool negative_blocking_ = false;
  WsServer server_{[this](WsPeer &p, bool text, const std::string &m) { handle(p, text, m); },
                   [this](WsPeer &p) { ended(p); }};
};

}  // namespace opentaos::test
