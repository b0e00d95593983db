// The settings of the process: what taos_options() sets, the environment and taos.cfg. Read when first needed, not when
// the library is loaded. Any thread may call anything at any time.
#pragma once
#include <atomic>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/options.h"
#include "base/status.h"

namespace opentaos::base {

// The numbers of TSDB_OPTION in taos.h.
enum class ProcessOption {
  kLocale = 0,
  kCharset = 1,
  kTimezone = 2,
  kConfigDir = 3,
  kShellActivityTimer = 4,
  kUseAdapter = 5,
  kDriver = 6,
};

class ProcessOptions {
 public:
  using Environment = const char *(*)(const char *name);

  // Own objects are for tests; the library uses instance().
  explicit ProcessOptions(Environment environment, std::string default_file);
  ProcessOptions(const ProcessOptions &) = delete;
  ProcessOptions &operator=(const ProcessOptions &) = delete;

  static ProcessOptions &instance();

  // taos_options(). The code is what it returns: native's, -1 among them (its errno is then 0x80000123).
  Status set(int option, const char *arg);

  // taos_init() and everything that connects. Reads environment and file if that has not happened yet; afterwards the
  // driver is fixed. Fails if a file that was named (taos_options(CONFIGDIR) or TAOS_CONFIG_DIR) cannot be used, or the
  // one at the default place is there but cannot be; everything else goes on with its defaults then.
  Status start();
  // Whether start() failed only because there is no file where one was named. Natively that is no failure.
  bool file_is_missing();
  bool started() const { return started_.load(std::memory_order_acquire); }

  // Defaults, overridden by taos.cfg, by the environment, by taos_options(). What a DSN or the arguments of a call say
  // goes over it.
  ConnectOptions connect_options();
  ProcessSettings process_settings();
  Settings settings();

  std::string driver();  // "websocket" or "native"

  // taos_options(TSDB_OPTION_TIMEZONE) holds for connections that are open already, too: a connection compares the
  // generation with the one it logged in with, and sends the new zone if they differ.
  std::string timezone();
  uint32_t timezone_generation() const { return timezone_generation_.load(std::memory_order_acquire); }

  std::string config_file();            // the file in use; empty if none
  std::vector<std::string> problems();  // what was wrong in file and environment, one text each

  // Around fork(): no other thread may hold the lock in the child.
  void lock_for_fork() { mutex_.lock(); }
  void unlock_after_fork() { mutex_.unlock(); }

 private:
  void load();  // with mutex_ held
  void read_file();
  void read_environment();
  const char *environment(const char *name) const { return environment_(name); }

  Status set_config_dir(std::string_view arg);
  Status set_timezone(std::string_view arg);
  Status set_charset(std::string_view arg);
  Status set_locale(std::string_view arg);
  Status set_driver(std::string_view arg);

  const Environment environment_;
  const std::string default_file_;

  std::mutex mutex_;
  bool loaded_ = false;
  bool announced_ = false;  // what was loaded has been logged
  std::atomic<bool> started_{false};
  std::atomic<uint32_t> timezone_generation_{0};
  Settings settings_;  // defaults, file and environment
  Status load_status_;
  bool file_missing_ = false;
  std::string config_file_;
  std::vector<std::string> problems_;

  // What taos_options() said.
  std::string config_dir_;
  std::optional<std::string> timezone_;
  std::optional<std::string> locale_;
  std::optional<std::string> driver_;
};

}  // namespace opentaos::base
