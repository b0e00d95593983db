// What a program holds as TAOS: a session with a server that outlives the WebSocket it runs on.
//
// Any number of threads may use a connection. When its channel is lost it logs in again before the next statement, with
// the same database and options; results and statements of the old channel end with an error.
#pragma once
#include <atomic>
#include <forward_list>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "base/handle.h"
#include "base/options.h"
#include "base/timed_lock.h"
#include "client/channel.h"
#include "client/query_result.h"

namespace opentaos::client {

class Connection final : public base::HandleObject {
 public:
  // Logs in at the first address of options.hosts that answers.
  static base::StatusOr<base::Ref<Connection>> connect(const base::ConnectOptions &options);
  ~Connection() override;

  void close();

  // ---- statements
  // Never nullptr: a failure is in the result. A request id of 0 or less, or one that is in use, is replaced.
  QueryResult *query(std::string_view sql, int64_t req_id, int64_t timeout_ms = 0);
  base::Status validate_sql(std::string_view sql);

  // ---- the session
  base::Status select_db(std::string_view db);
  base::Status get_current_db(std::string *db);
  base::Status reset_current_db();
  base::Status set_option(int option, const char *value);  // an option of options_connection
  base::Status set_bi_mode(bool on);
  // "ver:...\nbuild:...\ngitinfo:...", asked once.
  base::StatusOr<const char *> server_info();
  base::Status connection_info(int info, std::string *text);
  const std::string &server_version() const { return version_; }
  // The same for programs: stays where it is as long as the connection.
  const char *version_text();
  std::string user() const { return options_.user; }
  const base::ConnectOptions &options() const { return options_; }
  bool is_alive();
  // A round trip to the server.
  base::Status ping();
  // Whether native libtaos would refuse a statement of this length without asking: the limit of servers before 3.4.
  bool is_too_long(size_t statement_bytes);

  // What happened to the session's user, as taos_set_notify_cb() tells it. `type` is below kNotifyTypes; one callback
  // each, nullptr ends it.
  static constexpr int kNotifyTypes = 3;
  static constexpr int kNotifyUserDropped = 2;
  using Notify = void (*)(void *param, void *ext, int type);
  void set_notify(int type, Notify call, void *param);

  // Ends every wait on this connection with "cancelled".
  void cancel();
  // 0: without limit; negative: leave as it is.
  void set_timeouts(int64_t read_ms, int64_t write_ms);
  int64_t read_timeout_ms() const { return read_timeout_ms_.load(std::memory_order_relaxed); }

  // ---- for the other objects of a connection (statements, schemaless)
  // A live channel, after logging in again if need be.
  base::StatusOr<base::Ref<Channel>> channel(base::Deadline limit = base::Deadline::never());
  // Sends a JSON message and waits for the text of its answer.
  base::StatusOr<std::string> ask(Channel &channel, uint64_t req_id, const base::Buffer &request,
                                  base::Deadline deadline, bool *sent = nullptr);
  base::Deadline read_deadline() const { return base::Deadline::after_ms(read_timeout_ms()); }

  // For those who run statements themselves (async_query).
  base::Status usable() const;
  base::Ref<Channel> live_channel();  // empty if there is none without logging in again
  void note_statement(std::string_view sql, const QueryResult &result);
  static base::Status outcome_unknown(const base::Status &why);
  // `then` runs on a library thread once there is a live channel again, or none could be had. However many ask, one
  // thread logs in.
  void when_logged_in(std::function<void(const base::Status &)> then);

  void tend();

 private:
  explicit Connection(const base::ConnectOptions &options);
  base::Status log_in(base::Deadline limit, base::Ref<Channel> *out);
  void log_in_for_all();
  base::Status login_ended(const base::Deadline &limit) const;
  base::Status log_in_at(const base::Host &host, base::Deadline deadline, base::Ref<Channel> *out);
  base::Status log_in_again();
  base::Ref<Channel> current_channel();
  // The process's time zone, where nothing else was said for this connection (taos_options() holds for open ones, too).
  bool zone_is_stale() const;
  void follow_process_zone(Channel &channel);
  std::string default_zone();
  void notify_if_dropped(const base::Status &login);
  void look_for_drop();

  base::ConnectOptions options_;
  std::string version_;
  uint32_t process_;
  std::atomic<bool> closed_{false};
  std::atomic<int64_t> read_timeout_ms_;
  std::atomic<int64_t> write_timeout_ms_;
  std::atomic<uint32_t> stops_{0};  // counts what ends a login under way: cancel() and close()

  base::TimedLock login_mutex_;  // one thread logs in, the others wait for it
  std::mutex mutex_;             // the members below
  base::Ref<Channel> channel_;
  std::string db_;
  bool db_is_known_ = true;                                   // false after a USE whose name could not be read
  std::optional<std::string> timezone_, user_ip_, user_app_;  // set after the login
  int mode_ = -1;
  size_t next_host_ = 0;
  std::vector<std::function<void(const base::Status &)>> after_login_;  // not empty: a thread is at it
  std::string server_info_;
  std::forward_list<std::string> version_texts_;  // handed out; a server may be upgraded
  struct {
    Notify call = nullptr;
    void *param = nullptr;
  } notify_[kNotifyTypes];
  bool drop_was_told_ = false;
  std::atomic<bool> looks_for_drop_{false};

  const bool follows_process_zone_;
  std::mutex zone_mutex_;  // one thread sends the new zone
  std::atomic<uint32_t> zone_generation_;
};

// Whether a statement only reads, so that it may be sent again when its answer was lost.
bool only_reads(std::string_view sql);
// The database that a USE statement names, empty if the name cannot be read; nullopt for any other statement.
std::optional<std::string> database_of_use(std::string_view sql);
// Whether native libtaos works a statement out by itself, so that its rows are there at once: DESCRIBE, and a SELECT
// from nothing.
bool has_rows_at_once(std::string_view sql);

}  // namespace opentaos::client
