#include "base/log.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <mutex>

#include "base/codes.h"
#include "base/encoding.h"
#include "base/small_file.h"

namespace opentaos::base {
namespace log_detail {

constinit std::atomic<int> level{0};

}  // namespace log_detail

namespace {

constexpr size_t kLongestLine = 8192;
constexpr std::string_view kFilePrefix = "opentaos_";

struct Sinks {
  std::mutex mutex;
  LogCallback callback = nullptr;
  void *user = nullptr;
  LogLevel callback_level = LogLevel::kOff;
  LogLevel screen_level = LogLevel::kOff;
  LogLevel file_level = LogLevel::kOff;
  LogFileOptions file;
  std::string path;
  int fd = -1;
  int64_t written = 0;
};

Sinks &sinks() {
  // Never destroyed: threads may log while the program exits.
  static Sinks &s = *new Sinks;
  return s;
}

// What a callback logs by calling into the library is dropped, and it may change the sinks: it holds the lock already.
thread_local bool in_callback = false;

class SinkLock {
 public:
  explicit SinkLock(Sinks &s) : mutex_(in_callback ? nullptr : &s.mutex) {
    if (mutex_) mutex_->lock();
  }
  SinkLock(const SinkLock &) = delete;
  SinkLock &operator=(const SinkLock &) = delete;
  ~SinkLock() {
    if (mutex_) mutex_->unlock();
  }

 private:
  std::mutex *mutex_;
};

void publish_level(const Sinks &s) {
  LogLevel most = std::max({s.callback_level, s.screen_level, s.file_level});
  log_detail::level.store(static_cast<int>(most), std::memory_order_relaxed);
}

void write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    ssize_t n = ::write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;  // a full disk must not hold up the program
    text.remove_prefix(static_cast<size_t>(n));
  }
}

std::string file_name(std::string_view suffix) { return concat({kFilePrefix, std::to_string(::getpid()), suffix}); }

void remove_old_files(const LogFileOptions &options) {
  if (options.keep_days == 0) return;
  DIR *dir = ::opendir(options.dir.c_str());
  if (dir == nullptr) return;
  time_t oldest = ::time(nullptr) - static_cast<time_t>(std::abs(options.keep_days)) * 24 * 3600;
  while (const dirent *entry = ::readdir(dir)) {  // NOLINT(concurrency-mt-unsafe): a stream of our own
    std::string_view name = entry->d_name;
    if (!name.starts_with(kFilePrefix) || !name.ends_with(".log")) continue;
    struct stat st;
    if (::fstatat(::dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(st.st_mode)) continue;
    if (st.st_uid == ::geteuid() && st.st_mtime < oldest) ::unlinkat(::dirfd(dir), entry->d_name, 0);
  }
  ::closedir(dir);
}

void close_file(Sinks &s) {
  if (s.fd >= 0) ::close(s.fd);
  s.fd = -1;
}

Status open_file(Sinks &s) {
  int fd = ::open(s.path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK, 0600);
  struct stat st;
  if (fd < 0 || ::fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
    int error = fd < 0 ? errno : EINVAL;
    if (fd >= 0) ::close(fd);
    return {kErrInvalidConfig, concat({"log file ", presentable(s.path, 1024), ": ", system_error_text(error)})};
  }
  s.fd = fd;
  s.written = st.st_size;
  return {};
}

void write_file(Sinks &s, std::string_view line) {
  if (s.written + static_cast<int64_t>(line.size()) > s.file.rotation_bytes && s.written > 0) {
    close_file(s);
    std::string aside = concat({s.file.dir, "/", file_name(".1.log")});
    ::rename(s.path.c_str(), aside.c_str());
    if (!open_file(s)) {
      s.file_level = LogLevel::kOff;
      publish_level(s);
      return;
    }
  }
  write_all(s.fd, line);
  s.written += static_cast<int64_t>(line.size());
}

// "2026-01-31T12:00:00.123456Z 4711 WARN  "
std::string line_head(LogLevel level) {
  constexpr const char *kNames[] = {"", "ERROR", "WARN ", "INFO ", "DEBUG", "TRACE"};
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  tm utc{};
  ::gmtime_r(&now.tv_sec, &utc);
  char head[96];
  int n = std::snprintf(head, sizeof head, "%04d-%02d-%02dT%02d:%02d:%02d.%06ldZ %ld %s ", utc.tm_year + 1900,
                        utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, now.tv_nsec / 1000,
                        static_cast<long>(::syscall(SYS_gettid)), kNames[static_cast<int>(level)]);
  return {head, static_cast<size_t>(std::clamp(n, 0, static_cast<int>(sizeof head) - 1))};
}

}  // namespace

void log_detail::write(LogLevel level, std::initializer_list<Part> parts) noexcept {
  if (in_callback) return;
  int saved_errno = errno;
  try {
    std::string text;
    for (const Part &p : parts) {
      text += p.text();
      if (text.size() > 2 * kLongestLine) break;
    }
    text = presentable(redact_secrets(text), kLongestLine);
    std::replace(text.begin(), text.end(), '\n', ' ');

    Sinks &s = sinks();
    SinkLock lock(s);
    if (level <= s.screen_level || (level <= s.file_level && s.fd >= 0)) {
      std::string line = concat({line_head(level), text, "\n"});
      if (level <= s.screen_level) write_all(STDERR_FILENO, line);
      if (level <= s.file_level && s.fd >= 0) write_file(s, line);
    }
    if (level <= s.callback_level && s.callback) {
      in_callback = true;
      s.callback(static_cast<int>(level), text.c_str(), s.user);
      in_callback = false;
    }
  } catch (...) {
    in_callback = false;  // out of memory: the line is lost
  }
  errno = saved_errno;
}

void set_log_callback(LogCallback callback, void *user, LogLevel level) {
  Sinks &s = sinks();
  SinkLock lock(s);
  s.callback = callback;
  s.user = user;
  s.callback_level = callback ? level : LogLevel::kOff;
  publish_level(s);
}

void set_log_screen(LogLevel level) {
  Sinks &s = sinks();
  SinkLock lock(s);
  s.screen_level = level;
  publish_level(s);
}

Status set_log_file(const LogFileOptions &options) {
  Sinks &s = sinks();
  SinkLock lock(s);
  close_file(s);
  s.file_level = LogLevel::kOff;
  publish_level(s);
  s.file = options;
  while (s.file.dir.size() > 1 && s.file.dir.back() == '/') s.file.dir.pop_back();
  if (::mkdir(s.file.dir.c_str(), 0750) != 0 && errno != EEXIST) {
    return {kErrInvalidConfig,
            concat({"log directory ", presentable(s.file.dir, 1024), ": ", system_error_text(errno)})};
  }
  s.path = concat({s.file.dir, "/", file_name(".log")});
  if (Status opened = open_file(s); !opened) return opened;
  remove_old_files(s.file);
  s.file_level = options.level;
  publish_level(s);
  return {};
}

void close_log_file() {
  Sinks &s = sinks();
  SinkLock lock(s);
  close_file(s);
  s.file_level = LogLevel::kOff;
  publish_level(s);
}

Status configure_log(const ProcessSettings &settings) {
  constexpr int kScreenBit = 64;
  LogLevel level = log_level_of_debug_flag(settings.debug_flag);
  if (settings.log_to_screen || (settings.debug_flag & kScreenBit)) {
    set_log_screen(level == LogLevel::kOff ? LogLevel::kWarn : level);
  }
  if (settings.log_dir.empty() || level == LogLevel::kOff) return {};
  return set_log_file({settings.log_dir, level, settings.log_keep_days, settings.log_rotation_bytes});
}

bool parse_log_level(std::string_view word, LogLevel &level) {
  constexpr std::string_view kWords[] = {"off", "error", "warn", "info", "debug", "trace"};
  for (size_t i = 0; i < std::size(kWords); i++) {
    if (!equals_ignoring_case(word, kWords[i])) continue;
    level = static_cast<LogLevel>(i);
    return true;
  }
  return false;
}

LogLevel log_level_of_debug_flag(int flag) {
  if (flag & 8) return LogLevel::kTrace;
  if (flag & 4) return LogLevel::kDebug;
  if (flag & 2) return LogLevel::kInfo;
  if (flag & 1) return LogLevel::kError;
  return LogLevel::kOff;
}

void lock_log_for_fork() { sinks().mutex.lock(); }
void unlock_log_after_fork() { sinks().mutex.unlock(); }

}  // namespace opentaos::base
