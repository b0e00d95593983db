// What all connections share, and the loop that accepts them.
#pragma once

#include <atomic>
#include <compare>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "engine/engine.h"
#include "fault.h"
#include "groups.h"
#include "options.h"
#include "stream.h"

namespace opentaos::sandbox::server {

struct Release {
  int part[4] = {0, 0, 0, 0};
  auto operator<=>(const Release &) const = default;
};

// "3.3.7.5.alpha" is 3.3.7.5; missing parts are 0.
Release parse_release(std::string_view version);

class Server {
 public:
  Server(const Options &options, std::unique_ptr<Engine> engine);
  ~Server();
  Server(const Server &) = delete;
  Server &operator=(const Server &) = delete;

  // Creates the users, takes the faults, opens the port.
  bool start(std::string *error);
  // Serves until `signal_fd` becomes readable or the server has been idle for long enough.
  void run(int signal_fd);

  int port() const { return port_; }
  const Options &options() const { return options_; }
  const std::string &version() const { return version_; }
  const Release &release() const { return release_; }
  bool has(const Release &since) const { return release_ >= since; }
  Engine &engine() { return *engine_; }
  FaultPlan &faults() { return faults_; }
  Groups &groups() { return groups_; }

  // 0, or a code with a text.
  int login(const std::string &user, const std::string &password, const std::string &db, std::string *message);
  // Runs a statement, and notes which users it dropped.
  Outcome execute(Session &session, std::string_view sql);
  // True when the user has been dropped since `since`: its sessions end.
  bool dropped_since(const std::string &user, Clock::time_point since);

  void count(std::string_view action);
  void results_changed(int by) { open_results_ += by; }
  std::string stats_json();
  void log(std::string_view line) const;

 private:
  struct Worker;

  bool create_users(std::string *error);
  bool listen_on_loopback(std::string *error);
  bool write_port_file(std::string *error);
  void accept_one();
  void reap(bool all);

  const Options options_;
  std::unique_ptr<Engine> engine_;
  Groups groups_;
  std::string version_;
  Release release_;
  FaultPlan faults_;
  int listen_fd_ = -1;
  int stop_fd_ = -1;
  int port_ = 0;
  std::list<std::unique_ptr<Worker>> workers_;
  Clock::time_point last_busy_;
  std::atomic<int64_t> open_results_ = 0;
  std::atomic<int64_t> accepted_ = 0;
  std::atomic<int64_t> open_ = 0;
  std::mutex mutex_;  // of what follows
  std::map<std::string, int64_t, std::less<>> counts_;
  std::map<std::string, Clock::time_point> dropped_;
};

}  // namespace opentaos::sandbox::server
