// An adapter that understands prepared statements, for tests: both generations' actions, decoded strictly and written
// down. It keeps no data: what was executed is in executions(). Requests that end a real adapter's process are written
// down as fatal.
#pragma once
#include <cjson/cJSON.h>

#include <condition_variable>
#include <cstring>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "ws_server.h"

namespace opentaos::test {

struct StmtColumn {
  std::string name;
  int type = 0;
  int bytes = 0;
  int kind = 1;  // 1 column, 2 tag, 4 table name
  int precision = 0, scale = 0;
};

// What the adapter says to a prepare.
struct StmtPrepared {
  int code = 0;
  std::string message;
  bool is_insert = true;
  std::vector<StmtColumn> fields;
  int params = 0;  // of a query
};

// Values as text: numbers in decimal, bytes as they are, NULL for null, NONE for "leave it alone".
struct StmtTable {
  std::optional<std::string> name;
  std::vector<std::string> tags;
  std::vector<std::vector<std::string>> columns;
};
struct StmtExecution {
  std::string sql;
  std::vector<StmtTable> tables;
  int generation = 2;
};

class StmtAdapter {
 public:
  using Describe = std::function<StmtPrepared(const std::string &sql)>;
  enum class Fault { kNone, kHangUp, kSilence, kError, kAnswerThenHangUp };
  // Asked for every request, with its action ("stmt2_bind", "exec", ...) and how often that was seen.
  using Interfere = std::function<Fault(const std::string &action, int times)>;

  explicit StmtAdapter(Describe describe, std::string version = "3.3.7.5")
      : describe_(std::move(describe)),
        version_(std::move(version)),
        server_([this](WsPeer &p, bool text, const std::string &m) { on_message(p, text, m); },
                [this](WsPeer &p) { on_end(p); }) {}
  ~StmtAdapter() { server_.stop(); }

  uint16_t port() const { return server_.port(); }
  WsServer &server() { return server_; }
  void interfere(Interfere f) {
    std::lock_guard lock(mutex_);
    interfere_ = std::move(f);
  }
  // The error that Fault::kError answers with.
  int fault_code = 0x0357;
  std::string fault_message = "made up";
  int delay_ms = 0;     // before an answer to an execution
  int result_rows = 3;  // of an executed query, one INT column
  int execution_error = 0;
  std::string execution_message;

  std::vector<StmtExecution> executions() {
    std::lock_guard lock(mutex_);
    return executions_;
  }
  int count(const std::string &action) {
    std::lock_guard lock(mutex_);
    return seen_[action];
  }
  std::vector<std::string> actions() {
    std::lock_guard lock(mutex_);
    return order_;
  }
  std::string fatal() {
    std::lock_guard lock(mutex_);
    return fatal_;
  }
  int open_statements() {
    std::lock_guard lock(mutex_);
    int n = 0;
    for (auto &[peer, session] : sessions_) n += static_cast<int>(session.statements.size());
    return n;
  }
  bool wait_for(const std::string &action, int times, int ms = 5000) {
    std::unique_lock lock(mutex_);
    return seen_change_.wait_for(lock, std::chrono::milliseconds(ms), [&] { return seen_[action] >= times; });
  }

 private:
  struct Stmt {
    int generation = 2;
    bool usable = false;  // prepared without an error, nothing failed since
    std::string sql;
    StmtPrepared prepared;
    std::vector<StmtTable> bound;
    std::optional<std::string> table;  // named by an earlier message
    StmtTable row;                     // first generation: being put together
    bool executed = false;
  };
  struct Session {
    uint64_t next_stmt = 0, next_result = 0;
    std::map<uint64_t, Stmt> statements;
    std::map<uint64_t, int> results;  // blocks left
  };
  class Reader {
   public:
    explicit Reader(std::string_view s) : s_(s) {}
    template <typename T>
    T get() {
      T v{};
      if (at_ + sizeof v > s_.size()) {
        bad_ = true;
        return v;
      }
      std::memcpy(&v, s_.data() + at_, sizeof v);
      at_ += sizeof v;
      return v;
    }
    std::string_view take(size_t n) {
      if (n > s_.size() - at_) {
        bad_ = true;
        return {};
      }
      at_ += n;
      return s_.substr(at_ - n, n);
    }
    void seek(size_t at) {
      at_ = at;
      if (at > s_.size()) bad_ = true, at_ = s_.size();
    }
    size_t at() const { return at_; }
    bool bad() const { return bad_; }
    bool ended() const { return at_ == s_.size(); }

   private:
    std::string_view s_;
    size_t at_ = 0;
    bool bad_ = false;
  };

  static bool variable(int type) {
    return type == 8 || type == 10 || type == 15 || type == 16 || type == 18 || type == 19 || type == 20;
  }
  static size_t width(int type) {
    static const int w[] = {0, 1, 1, 2, 4, 8, 4, 8, 0, 8, 0, 1, 2, 4, 8, 0, 0, 16, 0, 0, 0, 8};
    return type >= 0 && type < 22 ? static_cast<size_t>(w[type]) : 0;
  }
  static std::string text_of(int type, std::string_view b) {
    int64_t i = 0;
    switch (type) {
      case 6: {
        float f;
        std::memcpy(&f, b.data(), 4);
        return std::to_string(f);
      }
      case 7: {
        double d;
        std::memcpy(&d, b.data(), 8);
        return std::to_string(d);
      }
      default: break;
    }
    if (b.size() > 8) return std::string(b);
    std::memcpy(&i, b.data(), b.size());
    const int shift = static_cast<int>(64 - 8 * b.size());
    if (type != 11 && type != 12 && type != 13 && type != 14)
      i = static_cast<int64_t>(static_cast<uint64_t>(i) << shift) >> shift;
    return std::to_string(i);
  }

  // One entry of a bind; false when it is malformed.
  static bool read_entry(Reader &r, std::vector<std::string> *values, int *type) {
    const size_t start = r.at();
    const auto length = r.get<uint32_t>();
    *type = r.get<int32_t>();
    const auto num = r.get<int32_t>();
    if (r.bad() || num <= 0) return false;
    const std::string_view nulls = r.take(static_cast<size_t>(num));
    const auto has_lengths = r.get<uint8_t>();
    if (has_lengths != (variable(*type) ? 1 : 0)) return false;
    std::vector<int32_t> lengths(static_cast<size_t>(num));
    if (has_lengths)
      for (auto &l : lengths) l = r.get<int32_t>();
    const auto size = r.get<int32_t>();
    if (r.bad() || size < 0) return false;
    Reader data(r.take(static_cast<size_t>(size)));
    for (size_t i = 0; i < nulls.size(); i++) {
      std::string_view v;
      if (has_lengths)
        v = data.take(static_cast<size_t>(nulls[i] ? 0 : lengths[i]));
      else if (size > 0)
        v = data.take(width(*type));
      if (data.bad()) return false;
      values->push_back(nulls[i] == 1 ? "NULL" : nulls[i] ? "NONE" : has_lengths ? std::string(v) : text_of(*type, v));
    }
    return !r.bad() && data.ended() && r.at() - start == length;
  }

  static std::string json(const std::string &action, uint64_t req_id, int code, const std::string &message,
                          const std::string &more) {
    return "{\"code\":" + std::to_string(code) + ",\"message\":\"" + message + "\",\"action\":\"" + action +
           "\",\"req_id\":" + std::to_string(req_id) + ",\"timing\":1" + more + "}";
  }
  static std::string list_of(const std::vector<StmtColumn> &fields, bool kinds) {
    if (fields.empty()) return "null";
    std::string out = "[";
    for (const auto &f : fields) {
      if (out.size() > 1) out += ",";
      out += "{\"name\":\"" + f.name + "\",\"field_type\":" + std::to_string(f.type) +
             ",\"precision\":" + std::to_string(f.precision) + ",\"scale\":" + std::to_string(f.scale) +
             ",\"bytes\":" + std::to_string(f.bytes) + (kinds ? ",\"bind_type\":" + std::to_string(f.kind) : "") + "}";
    }
    return out + "]";
  }

  // ---- messages
  void on_message(WsPeer &peer, bool text, const std::string &m) {
    std::string action, sql, name;
    uint64_t req_id = 0, stmt_id = 0;
    bool get_fields = false;
    if (text) {
      cJSON *root = cJSON_Parse(m.c_str());
      const cJSON *args = cJSON_GetObjectItem(root, "args");
      const auto string = [&](const cJSON *in, const char *key) {
        const cJSON *v = cJSON_GetObjectItem(in, key);
        return cJSON_IsString(v) ? std::string(v->valuestring) : std::string();
      };
      action = string(root, "action");
      sql = string(args, "sql");
      name = string(args, "name");
      get_fields = cJSON_IsTrue(cJSON_GetObjectItem(args, "get_fields"));
      // 64 bits do not fit a double.
      const auto number = [&](const char *key) -> uint64_t {
        const size_t at = m.find("\"" + std::string(key) + "\":");
        return at == std::string::npos ? 0 : strtoull(m.c_str() + at + std::strlen(key) + 3, nullptr, 10);
      };
      req_id = number("req_id");
      stmt_id = number(action == "free_result" ? "id" : "stmt_id");
      cJSON_Delete(root);
    } else {
      Reader r(m);
      req_id = r.get<uint64_t>();
      stmt_id = r.get<uint64_t>();
      static const char *const kNames[] = {
          "", "set_tags",   "bind", "write_raw",      "", "", "binary_query", "fetch_raw_block",
          "", "stmt2_bind", "",     "stmt2_bind_exec"};
      const auto number = r.get<uint64_t>();
      action = number < std::size(kNames) ? kNames[number] : "unknown";
    }
    Fault fault = Fault::kNone;
    std::string answer;
    bool binary = false;
    {
      std::unique_lock lock(mutex_);
      order_.push_back(action);
      const int times = ++seen_[action];
      if (interfere_) fault = interfere_(action, times);
      if (fault == Fault::kHangUp) {
        peer.hang_up();
      } else if (fault == Fault::kError) {
        answer = json(action, req_id, fault_code, fault_message, "");
      } else if (fault != Fault::kSilence) {
        answer = handle(sessions_[&peer], action, req_id, stmt_id, sql, name, get_fields, m, &binary);
      }
    }
    seen_change_.notify_all();
    if (delay_ms > 0 && (action == "stmt2_exec" || action == "stmt2_bind_exec"))
      std::this_thread::sleep_for(std::chrono::milliseconds(delay_ms));
    if (!answer.empty()) binary ? peer.binary(answer) : peer.text(answer);
    if (fault == Fault::kAnswerThenHangUp) peer.hang_up();
  }
  void on_end(WsPeer &peer) {
    std::lock_guard lock(mutex_);
    sessions_.erase(&peer);
  }

  std::string handle(Session &s, const std::string &action, uint64_t req_id, uint64_t id, const std::string &sql,
                     const std::string &name, bool get_fields, const std::string &m, bool *binary) {
    const auto error = [&](int code, const std::string &message) {
      return json(action, req_id, code, message, ",\"stmt_id\":" + std::to_string(id));
    };
    const auto fine = [&](const std::string &more = "") {
      return json(action, req_id, 0, "", ",\"stmt_id\":" + std::to_string(id) + more);
    };
    if (action == "version" || action == "conn")
      return json(action, req_id, 0, "", ",\"version\":\"" + version_ + "\"");
    if (action == "stmt2_init" || action == "init") {
      id = ++s.next_stmt;
      s.statements[id].generation = action == "init" ? 1 : 2;
      return fine();
    }
    if (action == "fetch_raw_block") return *binary = true, block(s, req_id, id);
    if (action == "free_result") return s.results.erase(id), "";
    if (action == "binary_query" || action == "options_connection")
      return json(action, req_id, 0, "", ",\"is_update\":true");
    const auto found = s.statements.find(id);
    if (action == "stmt2_close") return s.statements.erase(id), fine();
    if (action == "close") return s.statements.erase(id), "";
    if (found == s.statements.end()) return error(0xffff, "stmt2 is nil");
    Stmt &st = found->second;
    const bool second = action.rfind("stmt2_", 0) == 0;
    if (second != (st.generation == 2)) return error(0xffff, "stmt is nil");
    if (action == "stmt2_prepare" || action == "prepare") return prepare(st, sql, get_fields, second, error, fine);
    if (!st.usable) {
      if (action == "stmt2_bind" || action == "stmt2_exec" || action == "stmt2_bind_exec" || action == "exec")
        fatal_ += action + " after a failure; ";
      return error(0x022A, "Stmt API usage error");
    }
    if (action == "stmt2_bind") return bind2(st, m, error, fine);
    if (action == "stmt2_bind_exec") {
      if (!read_bind_exec(st, m)) return error(0xffff, "malformed");
      return execute(st, error, fine);
    }
    if (action == "stmt2_exec" || action == "exec") {
      if (st.bound.empty()) {
        fatal_ += action + " without a bind; ";
        return error(0x022A, "Stmt API usage error");
      }
      return execute(st, error, fine);
    }
    if (action == "stmt2_result" || action == "use_result") {
      if (!st.executed || st.prepared.is_insert) return error(0xffff, "stmt is insert, no result set");
      s.results[++s.next_result] = 1;
      return fine(std::string(second ? ",\"id\":" : ",\"result_id\":") + std::to_string(s.next_result) +
                  ",\"fields_count\":2,\"fields_names\":[\"v\",\"s\"],\"fields_types\":[4,8],\"fields_lengths\":[4,12],"
                  "\"precision\":0,\"fields_precisions\":[0,0],\"fields_scales\":[0,0]");
    }
    return first_generation(st, action, name, m, error, fine);
  }

  template <typename E, typename F>
  std::string prepare(Stmt &st, const std::string &sql, bool get_fields, bool second, E &&error, F &&fine) {
    const int generation = st.generation;
    st = Stmt();
    st.generation = generation;
    st.sql = sql;
    st.prepared = describe_(sql);
    const bool refused = st.prepared.message.find("stmt only support") != std::string::npos;
    if (second && st.prepared.code && (get_fields || refused)) return error(st.prepared.code, st.prepared.message);
    st.usable = true;
    const std::string kind = std::string(",\"is_insert\":") + (st.prepared.is_insert ? "true" : "false");
    if (!second) return fine(kind);
    if (!get_fields) return fine(kind + ",\"fields\":null,\"fields_count\":0");
    const auto count = st.prepared.is_insert ? st.prepared.fields.size() : static_cast<size_t>(st.prepared.params);
    return fine(kind + ",\"fields\":" + (st.prepared.is_insert ? list_of(st.prepared.fields, true) : "null") +
                ",\"fields_count\":" + std::to_string(count));
  }

  template <typename E, typename F>
  std::string bind2(Stmt &st, const std::string &m, E &&error, F &&fine) {
    Reader r(m);
    r.seek(24);
    const auto version = r.get<uint16_t>();
    const auto column = r.get<int32_t>();
    const size_t blob = r.at();
    uint32_t h[7];
    for (auto &v : h) v = r.get<uint32_t>();
    if (r.bad() || version != 1 || column != -1 || h[0] != m.size() - blob) return error(0xffff, "malformed head");
    const uint32_t tables = h[1];
    std::vector<StmtTable> bound(tables);
    size_t end = blob + 28;
    if (h[4]) {
      r.seek(blob + h[4]);
      std::vector<uint16_t> lengths(tables);
      for (auto &l : lengths) l = r.get<uint16_t>();
      for (uint32_t t = 0; t < tables; t++) {
        const std::string_view n = r.take(lengths[t]);
        if (n.empty() || n.back() != 0) return error(0xffff, "malformed name");
        bound[t].name = std::string(n.substr(0, n.size() - 1));
      }
      end = r.at();
    }
    for (int area = 0; area < 2; area++) {
      const uint32_t offset = h[5 + area], count = h[2 + area];
      if (!offset) continue;
      r.seek(blob + offset);
      std::vector<uint32_t> lengths(tables);
      for (auto &l : lengths) l = r.get<uint32_t>();
      for (uint32_t t = 0; t < tables; t++) {
        const size_t start = r.at();
        for (uint32_t i = 0; i < count; i++) {
          std::vector<std::string> values;
          int type = 0;
          if (!read_entry(r, &values, &type)) return error(0xffff, "malformed entry");
          if (area == 0)
            bound[t].tags.push_back(values.at(0));
          else
            bound[t].columns.push_back(values);
          if (values.size() > 32767) return error(0x0236, "bind number out of range or not match");
        }
        if (r.at() - start != lengths[t]) return error(0xffff, "malformed lengths");
      }
      end = r.at();
    }
    if (end != m.size()) return error(0xffff, "bytes left over");
    const bool wants_name = st.sql.find("into ?") != std::string::npos || st.sql.find("tbname") != std::string::npos;
    for (auto &t : bound) {
      if (!t.name && wants_name) t.name = st.table;
      if (t.name) st.table = t.name;
      if (wants_name && !t.name && !t.columns.empty()) {
        st.usable = false;
        return error(0x022B, "Table name not set");
      }
      if (!t.columns.empty()) {
        if (!st.prepared.is_insert) st.bound.clear();
        st.bound.push_back(t);
      }
    }
    return fine();
  }

  bool read_bind_exec(Stmt &st, const std::string &m) {
    Reader r(m);
    r.seek(24);
    if (r.get<uint16_t>() != 1) return false;
    const size_t blob = r.at();
    uint32_t h[5];
    for (auto &v : h) v = r.get<uint32_t>();
    if (h[0] != m.size() - blob || h[4] != 20 || h[3] != st.prepared.fields.size()) return false;
    std::vector<std::vector<std::string>> fields(h[3]);
    for (auto &f : fields) {
      int type = 0;
      if (!read_entry(r, &f, &type) || f.size() != h[1]) return false;
    }
    if (!r.ended()) return false;
    uint32_t runs = 0;
    for (uint32_t row = 0; row < h[1]; row++) {
      StmtTable t;
      std::vector<std::string> values;
      for (size_t i = 0; i < fields.size(); i++) {
        const int kind = st.prepared.fields[i].kind;
        if (kind == 4) t.name = fields[i][row];
        if (kind == 2) t.tags.push_back(fields[i][row]);
        if (kind == 1) values.push_back(fields[i][row]);
      }
      if (row == 0 || st.bound.back().name != t.name) {
        runs++;
        t.columns.resize(values.size());
        st.bound.push_back(t);
      }
      for (size_t i = 0; i < values.size(); i++) st.bound.back().columns[i].push_back(values[i]);
    }
    return runs == h[2];
  }

  template <typename E, typename F>
  std::string execute(Stmt &st, E &&error, F &&fine) {
    if (execution_error) {
      st.usable = false;
      return error(execution_error, execution_message);
    }
    size_t rows = 0;
    for (const auto &t : st.bound) rows += t.columns.empty() ? 0 : t.columns[0].size();
    executions_.push_back({st.sql, std::move(st.bound), st.generation});
    st.bound.clear();
    st.executed = true;
    return fine(",\"affected\":" + std::to_string(st.prepared.is_insert ? rows : 0));
  }

  // ---- first generation
  template <typename E, typename F>
  std::string first_generation(Stmt &st, const std::string &action, const std::string &name, const std::string &m,
                               E &&error, F &&fine) {
    const auto of_kind = [&](int kind) {
      std::vector<StmtColumn> out;
      for (const auto &f : st.prepared.fields)
        if (f.kind == kind) out.push_back(f);
      return out;
    };
    if (action == "stmt_num_params") return fine(",\"num_params\":" + std::to_string(st.prepared.params));
    if (const size_t at = st.sql.find("into ? values"); action == "set_table_name" && at != std::string::npos) {
      std::string named = st.sql;  // only the table tells what the columns are
      st.prepared = describe_(named.replace(at + 5, 1, name));
    }
    if (st.prepared.code == 0x022B) return error(0x2603, st.prepared.message);  // as this generation says it
    if (st.prepared.code) return error(st.prepared.code, st.prepared.message);
    if (action == "get_tag_fields") return fine(",\"fields\":" + list_of(of_kind(2), false));
    if (action == "get_col_fields") return fine(",\"fields\":" + list_of(of_kind(1), false));
    if (action == "set_table_name") {
      st.row = StmtTable();
      st.row.name = name;
      return fine();
    }
    if (action == "add_batch") {
      if (st.row.columns.empty()) return error(0x022A, "Stmt API usage error");
      st.bound.push_back(st.row);
      st.row.columns.clear();
      return fine();
    }
    if (action == "set_tags" || action == "bind") {
      std::vector<std::vector<std::string>> columns;
      if (!read_block(std::string_view(m).substr(24), &columns)) return error(0xffff, "malformed block");
      if (action == "bind") {
        st.row.columns = columns;
      } else {
        for (const auto &c : columns) st.row.tags.push_back(c.at(0));
      }
      return fine();
    }
    return error(0xffff, "unknown action " + action);
  }

  static bool read_block(std::string_view b, std::vector<std::vector<std::string>> *columns) {
    Reader r(b);
    const auto version = r.get<int32_t>(), length = r.get<int32_t>(), rows = r.get<int32_t>(), cols = r.get<int32_t>();
    r.seek(28);
    if (version != 1 || length != static_cast<int32_t>(b.size()) || rows <= 0 || cols <= 0) return false;
    std::vector<int> types;
    for (int i = 0; i < cols; i++) {
      types.push_back(r.get<uint8_t>());
      (void)r.get<int32_t>();
    }
    std::vector<uint32_t> lengths(static_cast<size_t>(cols));
    for (auto &l : lengths) l = r.get<uint32_t>();
    for (size_t c = 0; c < types.size(); c++) {
      std::vector<std::string> values;
      const int type = types[c];
      if (variable(type)) {
        std::vector<int32_t> offsets(static_cast<size_t>(rows));
        for (auto &o : offsets) o = r.get<int32_t>();
        const std::string_view data = r.take(lengths[c]);
        if (r.bad()) return false;
        for (int32_t o : offsets) {
          if (o < 0) {
            values.push_back("NULL");
            continue;
          }
          uint16_t n;
          std::memcpy(&n, data.data() + o, 2);
          std::string v(data.substr(static_cast<size_t>(o) + 2, n));
          if (type == 10) {  // UCS-4; the tests use ASCII
            std::string ascii;
            for (size_t i = 0; i < v.size(); i += 4) ascii += v[i];
            v = ascii;
          }
          values.push_back(v);
        }
      } else {
        const std::string_view bits = r.take((static_cast<size_t>(rows) + 7) / 8);
        const std::string_view data = r.take(lengths[c]);
        if (r.bad() || data.size() != width(type) * static_cast<size_t>(rows)) return false;
        for (size_t i = 0; i < static_cast<size_t>(rows); i++)
          values.push_back((static_cast<uint8_t>(bits[i / 8]) >> (7 - i % 8)) & 1
                               ? "NULL"
                               : text_of(type, data.substr(i * width(type), width(type))));
      }
      columns->push_back(values);
    }
    return r.ended();
  }

  // ---- results: one block of an INT and a VARCHAR column
  std::string block(Session &s, uint64_t req_id, uint64_t id) {
    std::string out;
    const auto put = [&out](auto v) { out.append(reinterpret_cast<const char *>(&v), sizeof v); };
    put(~uint64_t{0});
    put(uint64_t{7});
    put(uint16_t{1});
    put(uint64_t{1});
    put(req_id);
    const auto found = s.results.find(id);
    if (found == s.results.end()) {
      const std::string text = "result is nil";
      put(uint32_t{0xffff});
      put(static_cast<uint32_t>(text.size()));
      out += text;
      put(id);
      put(uint8_t{1});
      return out;
    }
    put(uint32_t{0});
    put(uint32_t{0});
    put(id);
    if (found->second-- == 0) {
      s.results.erase(found);
      put(uint8_t{1});
      return out;
    }
    put(uint8_t{0});
    std::string b;
    const auto add = [&b](auto v) { b.append(reinterpret_cast<const char *>(&v), sizeof v); };
    const int rows = result_rows;
    add(int32_t{1});
    add(int32_t{0});
    add(rows);
    add(int32_t{2});
    add(int32_t{-2147483647 - 1});
    add(int64_t{0});
    add(uint8_t{4});
    add(int32_t{4});
    add(uint8_t{8});
    add(int32_t{12});
    add(static_cast<uint32_t>(4 * rows));
    add(static_cast<uint32_t>(3 * rows));
    b.append(static_cast<size_t>((rows + 7) / 8), '\0');
    for (int i = 0; i < rows; i++) add(int32_t{i * 10});
    for (int i = 0; i < rows; i++) add(int32_t{i * 3});
    for (int i = 0; i < rows; i++) {
      add(uint16_t{1});
      b += static_cast<char>('a' + i % 26);
    }
    const auto length = static_cast<int32_t>(b.size());
    std::memcpy(b.data() + 4, &length, 4);
    put(static_cast<uint32_t>(b.size()));
    return out + b;
  }

  const Describe describe_;
  const std::string version_;
  std::mutex mutex_;
  std::condition_variable seen_change_;
  Interfere interfere_;
  std::map<std::string, int> seen_;
  std::vector<std::string> order_;
  std::string fatal_;
  std::map<WsPeer *, Session> sessions_;
  std::vector<StmtExecution> executions_;
  WsServer server_;
};

// The tables of the tests: t (ts, i, s varchar(10), d) and the super table st (ts, v, n nchar(8); g, name varchar(12)).
inline StmtPrepared describe_test_tables(const std::string &sql) {
  StmtPrepared p;
  const auto has = [&](const char *text) { return sql.find(text) != std::string::npos; };
  const std::vector<StmtColumn> t = {{"ts", 9, 8}, {"i", 4, 4}, {"s", 8, 12}, {"d", 7, 8}};
  const std::vector<StmtColumn> st = {{"ts", 9, 8}, {"v", 4, 4}, {"n", 10, 34}};
  const std::vector<StmtColumn> tags = {{"g", 4, 4, 2}, {"name", 8, 14, 2}};
  const StmtColumn name = {"tbname", 8, 271, 4};
  if (sql.rfind("select", 0) == 0 && has("?")) {
    p.is_insert = false;
    p.params = static_cast<int>(std::count(sql.begin(), sql.end(), '?'));
  } else if (sql.rfind("insert", 0) != 0) {
    p.code = 0x2600;
    p.message = "stmt only support 'SELECT' or 'INSERT'";
  } else if (has("into ? using st")) {
    p.fields = {name, tags[0], tags[1], st[0], st[1], st[2]};
  } else if (has("into st (tbname")) {
    p.fields = {name, st[0], st[1], tags[0], tags[1]};
  } else if (has("into ? values") || has("nosuch")) {
    p.code = 0x022B;
    p.message = "Table does not exist";
  } else if (has("into t (ts, i)")) {
    p.fields = {t[0], t[1]};
  } else if (has("into c1 values") || has("into c2 values") || has("into db.c3 values")) {
    p.fields = st;
  } else if (has("into t values (1")) {
    p.fields = {};
  } else if (has("into blobs values")) {
    p.fields = {{"ts", 9, 8}, {"b", 18, 5}};
  } else if (has("into money values")) {
    p.fields = {{"ts", 9, 8}, {"m", 21, 8, 1, 10, 2}};
  } else {
    p.fields = t;
  }
  return p;
}

}  // namespace opentaos::test
