// A model of an adapter's query side for tests: statements whose text says what they answer, schemaless writes and raw
// blocks. What a test wants to go wrong, its hook says request by request.
//
//   select rows=R block=B    R rows (ts TIMESTAMP, v INT; v counts from 0), B in a block
//   error 0x0388 words       that error
//   use d                    as `use`
//   anything else            an update of one row
#pragma once
#include <cjson/cJSON.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <map>
#include <set>

#include "ws_server.h"

namespace opentaos::test {

class QueryServer {
 public:
  struct Request {
    std::string action;  // of JSON; "query", "fetch", "write_raw_block", "write_raw_block_with_fields" of binary ones
    std::string text;    // the SQL, the whole JSON, or what follows the head of a binary message
    uint64_t req_id = 0;
    int connection = 0;  // connections count from 1
  };
  // What happens to a request.
  struct Fate {
    enum Kind {
      kNormal,
      kHangUpFirst,  // nothing is done, the connection ends
      kHangUpAfter,  // it is done, but the connection ends instead of an answer
      kSilent,       // it is done, but there is no answer
      kHold,         // it is done, and answered by release()
      kError,        // this error instead
      kReplace,      // this answer instead
    } kind = kNormal;
    int64_t code = 0;
    std::string text;
    int delay_ms = 0;  // the connection reads nothing meanwhile
  };
  using Hook = std::function<Fate(const Request &)>;

  QueryServer() = default;
  ~QueryServer() { stop(); }

  uint16_t port() const { return server_.port(); }
  int connections() const { return server_.connections(); }
  void stop() {
    wake();
    server_.stop();
  }
  void start() {
    asleep_ = false;
    server_.start();
  }
  void hang_up() { server_.hang_up_all(); }
  // From now on nothing is read from any connection, until wake() or stop().
  void fall_asleep() { asleep_ = true; }
  void wake() { asleep_ = false; }
  void set_hook(Hook hook) {
    std::lock_guard lock(mutex_);
    hook_ = std::move(hook);
  }

  // Answers what is held, the last first.
  void release() {
    std::lock_guard lock(mutex_);
    for (auto it = held_.rbegin(); it != held_.rend(); ++it) put(*it->peer, it->answer);
    held_.clear();
  }
  // Answers what has been held longest.
  void release_oldest() {
    std::lock_guard lock(mutex_);
    if (held_.empty()) return;
    put(*held_.front().peer, held_.front().answer);
    held_.erase(held_.begin());
  }
  size_t held() {
    std::lock_guard lock(mutex_);
    return held_.size();
  }
  std::vector<Request> requests(std::string_view action) {
    std::lock_guard lock(mutex_);
    std::vector<Request> out;
    for (auto &r : requests_)
      if (r.action == action) out.push_back(r);
    return out;
  }
  size_t count(std::string_view action) { return requests(action).size(); }
  // Results that nobody has read to the end or freed.
  size_t open_results() {
    std::lock_guard lock(mutex_);
    return results_.size();
  }
  // Waits until `when` holds. false: it did not within five seconds.
  template <typename When>
  static bool eventually(When &&when) {
    for (int i = 0; i < 1000; i++) {
      if (when()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return false;
  }

  // A block of rows (ts, v), v from `first` on.
  static std::string block(int64_t first, int rows) {
    std::string b;
    const uint32_t n = static_cast<uint32_t>(rows), bitmap = (n + 7) / 8;
    const uint32_t length = 28 + 2 * 9 + 2 * bitmap + n * 12;
    le<uint32_t>(b, 1);
    le<uint32_t>(b, length);
    le<uint32_t>(b, n);
    le<uint32_t>(b, 2);
    le<uint32_t>(b, 0x80000000u);
    le<uint64_t>(b, 0);
    b += "\x09";
    le<uint32_t>(b, 8);
    b += "\x04";
    le<uint32_t>(b, 4);
    le<uint32_t>(b, n * 8);
    le<uint32_t>(b, n * 4);
    b.append(bitmap, '\0');
    for (int i = 0; i < rows; i++) le<int64_t>(b, 1700000000000 + first + i);
    b.append(bitmap, '\0');
    for (int i = 0; i < rows; i++) le<int32_t>(b, static_cast<int32_t>(first + i));
    return b;
  }

 private:
  struct Answer {
    bool binary = false;
    std::string bytes;  // empty: none
  };
  struct Held {
    WsPeer *peer;
    Answer answer;
  };
  struct Result {
    int64_t next = 0, rows = 0;
    int block = 0;
  };

  template <typename T>
  static void le(std::string &to, T v) {
    to.append(reinterpret_cast<const char *>(&v), sizeof v);
  }
  template <typename T>
  static T le_at(const std::string &from, size_t at) {
    T v{};
    if (at + sizeof v <= from.size()) std::memcpy(&v, from.data() + at, sizeof v);
    return v;
  }
  static void put(WsPeer &peer, const Answer &a) {
    if (a.bytes.empty()) return;
    a.binary ? peer.binary(a.bytes) : peer.text(a.bytes);
  }
  static std::string head(const Request &r, int64_t code, std::string_view message) {
    static const std::map<std::string, std::string> names{{"query", "binary_query"}};
    auto name = names.find(r.action);
    return "{\"code\":" + std::to_string(code) + ",\"message\":\"" + std::string(message) + "\",\"action\":\"" +
           (name == names.end() ? r.action : name->second) + "\",\"req_id\":" + std::to_string(r.req_id) +
           ",\"timing\":1";
  }
  static std::string fetch_answer(const Request &r, uint64_t id, int64_t code, std::string_view message,
                                  std::string_view block) {
    std::string a;
    le<uint64_t>(a, UINT64_MAX);
    le<uint64_t>(a, 7);
    le<uint16_t>(a, 1);
    le<uint64_t>(a, 1);
    le<uint64_t>(a, r.req_id);
    le<uint32_t>(a, static_cast<uint32_t>(code));
    le<uint32_t>(a, static_cast<uint32_t>(message.size()));
    a += message;
    le<uint64_t>(a, id);
    a += block.empty() ? '\1' : '\0';
    if (!block.empty()) {
      le<uint32_t>(a, static_cast<uint32_t>(block.size()));
      a += block;
    }
    return a;
  }
  static int64_t number_after(const std::string &text, std::string_view name, int64_t otherwise) {
    const size_t at = text.find(name);
    return at == std::string::npos ? otherwise : std::strtoll(text.c_str() + at + name.size(), nullptr, 10);
  }

  static Request read(bool text, const std::string &payload, int connection) {
    Request r;
    r.connection = connection;
    if (text) {
      r.text = payload;
      cJSON *json = cJSON_Parse(payload.c_str());
      if (const cJSON *a = cJSON_GetObjectItem(json, "action"); cJSON_IsString(a)) r.action = a->valuestring;
      const size_t at = payload.find("\"req_id\":");
      if (at != std::string::npos) r.req_id = std::strtoull(payload.c_str() + at + 9, nullptr, 10);
      cJSON_Delete(json);
      return r;
    }
    r.req_id = le_at<uint64_t>(payload, 0);
    const uint64_t action = le_at<uint64_t>(payload, 16);
    r.action = action == 4   ? "write_raw_block"
               : action == 5 ? "write_raw_block_with_fields"
               : action == 6 ? "query"
               : action == 7 ? "fetch"
                             : "unknown";
    r.text = action == 6   ? payload.substr(std::min<size_t>(30, payload.size()))
             : action == 7 ? std::to_string(le_at<uint64_t>(payload, 8))
                           : payload.substr(std::min<size_t>(24, payload.size()));
    return r;
  }

  // With the lock held.
  Answer perform(const Request &r) {
    if (r.action == "version") return {false, head(r, 0, "") + ",\"version\":\"3.3.7.5\"}"};
    if (r.action == "conn") return {false, head(r, 0, "") + ",\"version\":\"3.3.7.5\"}"};
    if (r.action == "query") return query(r);
    if (r.action == "fetch") return fetch(r);
    if (r.action == "free_result") {
      results_.erase({r.connection, static_cast<uint64_t>(number_after(r.text, "\"id\":", 0))});
      return {};
    }
    if (r.action == "insert") return {false, head(r, 0, "") + ",\"affected_rows\":2,\"total_rows\":2}"};
    return {false, head(r, 0, "") + ",\"db\":\"\"}"};
  }
  Answer query(const Request &r) {
    if (r.text.starts_with("error ")) {
      char *words = nullptr;
      const long code = std::strtol(r.text.c_str() + 6, &words, 16);
      return {false, head(r, code, *words ? words + 1 : "") + "}"};
    }
    if (!r.text.starts_with("select")) {
      const int affected = r.text.starts_with("use ") ? 0 : 1;
      return {false, head(r, 0, "") + ",\"id\":0,\"is_update\":true,\"affected_rows\":" + std::to_string(affected) +
                         ",\"fields_count\":0,\"fields_names\":null,\"fields_types\":null,\"fields_lengths\":null,"
                         "\"precision\":0}"};
    }
    const uint64_t id = ++next_id_;
    results_[{r.connection, id}] = {0, number_after(r.text, "rows=", 1),
                                    static_cast<int>(number_after(r.text, "block=", 1000))};
    return {false, head(r, 0, "") + ",\"id\":" + std::to_string(id) +
                       ",\"is_update\":false,\"affected_rows\":0,\"fields_count\":2,\"fields_names\":[\"ts\",\"v\"],"
                       "\"fields_types\":[9,4],\"fields_lengths\":[8,4],\"precision\":0,\"fields_precisions\":[0,0],"
                       "\"fields_scales\":[0,0]}"};
  }
  Answer fetch(const Request &r) {
    const uint64_t id = std::strtoull(r.text.c_str(), nullptr, 10);
    auto it = results_.find({r.connection, id});
    if (it == results_.end()) return {true, fetch_answer(r, id, 0xffff, "result is nil", {})};
    Result &result = it->second;
    const int n = static_cast<int>(std::min<int64_t>(result.block, result.rows - result.next));
    if (n <= 0) {
      results_.erase(it);
      return {true, fetch_answer(r, id, 0, {}, {})};
    }
    const std::string b = block(result.next, n);
    result.next += n;
    return {true, fetch_answer(r, id, 0, {}, b)};
  }

  void handle(WsPeer &peer, bool text, const std::string &payload) {
    while (asleep_ && !peer.gone()) std::this_thread::sleep_for(std::chrono::milliseconds(2));
    const Request r = read(text, payload, peer.number());
    Hook hook;
    {
      std::lock_guard lock(mutex_);
      requests_.push_back(r);
      hook = hook_;
    }
    const Fate fate = hook ? hook(r) : Fate();
    if (fate.delay_ms) std::this_thread::sleep_for(std::chrono::milliseconds(fate.delay_ms));
    if (fate.kind == Fate::kHangUpFirst) return peer.hang_up();
    if (fate.kind == Fate::kError) {
      put(peer, r.action == "fetch" ? Answer{true, fetch_answer(r, 0, fate.code, fate.text, {})}
                                    : Answer{false, head(r, fate.code, fate.text) + "}"});
      return;
    }
    if (fate.kind == Fate::kReplace) return peer.text(fate.text);
    std::unique_lock lock(mutex_);
    const Answer answer = perform(r);
    if (fate.kind == Fate::kHold) held_.push_back({&peer, answer});
    lock.unlock();
    if (fate.kind == Fate::kHangUpAfter) return peer.hang_up();
    if (fate.kind == Fate::kNormal) put(peer, answer);
  }
  void ended(WsPeer &peer) {
    std::lock_guard lock(mutex_);
    std::erase_if(held_, [&](const Held &h) { return h.peer == &peer; });
    std::erase_if(results_, [&](const auto &r) { return r.first.first == peer.number(); });
  }

  std::mutex mutex_;
  Hook hook_;
  std::atomic<bool> asleep_{false};
  std::vector<Request> requests_;
  std::vector<Held> held_;
  std::map<std::pair<int, uint64_t>, Result> results_;
  uint64_t next_id_ = 0;
  // The last, so that its threads end before the rest goes.
  WsServer server_{[this](WsPeer &peer, bool text, const std::string &payload) { handle(peer, text, payload); },
                   [this](WsPeer &peer) { ended(peer); }};
};

}  // namespace opentaos::test
