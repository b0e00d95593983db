// The log. Off until somebody asks for it: a callback, a file in logDir, or the screen. While it is off a log line
// costs one relaxed load. Passwords and tokens that find their way into a line are replaced before anybody sees it.
#pragma once
#include <atomic>
#include <charconv>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/options.h"
#include "base/status.h"

namespace opentaos::base {

enum class LogLevel : int { kOff = 0, kError = 1, kWarn = 2, kInfo = 3, kDebug = 4, kTrace = 5 };

using LogCallback = void (*)(int level, const char *text, void *user);

namespace log_detail {

extern std::atomic<int> level;  // the most that any sink wants

// A piece of a log line: text or a number, without an allocation.
class Part {
 public:
  Part(std::string_view text) : text_(text) {}               // NOLINT: implicit on purpose
  Part(const char *text) : text_(text ? text : "(null)") {}  // NOLINT
  Part(const std::string &text) : text_(text) {}             // NOLINT
  Part(bool flag) : text_(flag ? "true" : "false") {}        // NOLINT
  template <std::integral T>
  Part(T number) {  // NOLINT
    auto end = std::to_chars(digits_, digits_ + sizeof digits_, number).ptr;
    length_ = static_cast<size_t>(end - digits_);
  }
  std::string_view text() const { return length_ ? std::string_view(digits_, length_) : text_; }

 private:
  std::string_view text_;
  char digits_[24] = {};
  size_t length_ = 0;
};

void write(LogLevel level, std::initializer_list<Part> parts) noexcept;

}  // namespace log_detail

inline bool log_on(LogLevel level) {
  return static_cast<int>(level) <= log_detail::level.load(std::memory_order_relaxed);
}

// OTS_LOG(kWarn, "cannot connect to ", host, ":", port): nothing behind the level is evaluated while it is off.
#define OTS_LOG(log_level, ...)                                                                  \
  do {                                                                                           \
    if (::opentaos::base::log_on(::opentaos::base::LogLevel::log_level)) {                       \
      ::opentaos::base::log_detail::write(::opentaos::base::LogLevel::log_level, {__VA_ARGS__}); \
    }                                                                                            \
  } while (0)

// ---- sinks; each has its own level

// Called on the thread that logs, one line at a time, without a line end. It may call into the library (what that logs
// is dropped). NULL removes it; once this has returned, no call of the old one is running on another thread.
void set_log_callback(LogCallback callback, void *user, LogLevel level);

// Standard error.
void set_log_screen(LogLevel level);

struct LogFileOptions {
  std::string dir;  // made if its parent exists
  LogLevel level = LogLevel::kWarn;
  int keep_days = 30;  // older files of this library go when a new one begins; 0: none go
  int64_t rotation_bytes = int64_t{1} << 30;
};
// dir/opentaos_<pid>.log, mode 0600; when it is full it becomes opentaos_<pid>.1.log.
Status set_log_file(const LogFileOptions &options);
void close_log_file();

// What configuration and environment ask for: a file only with logDir and debugFlag, the screen only with debugFlag
// 199, 207 or TAOS_LOG_OUTPUT_TO_SCREEN. Sinks that nobody asks for stay as they are.
Status configure_log(const ProcessSettings &settings);

// off, error, warn, info, debug, trace (any case). False if it is none of these.
bool parse_log_level(std::string_view word, LogLevel &level);
LogLevel log_level_of_debug_flag(int flag);

// Replaces what follows password=, token=, "password":, user:...@ and the like.
std::string redact_secrets(std::string_view text);

// Around fork(): no other thread may hold the lock in the child.
void lock_log_for_fork();
void unlock_log_after_fork();

}  // namespace opentaos::base
