#include "base/process_options.h"

#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>

#include "base/codes.h"
#include "base/config_file.h"
#include "base/encoding.h"
#include "base/error_text.h"
#include "base/log.h"

namespace opentaos::base {
namespace {

constexpr int32_t kErrConfigNotFound = full_code(0x0122);
constexpr int32_t kErrRepeatInit = full_code(0x0123);
constexpr int32_t kErrInvalidConfigValue = full_code(0x0133);
constexpr int32_t kErrInvalidArgument = static_cast<int32_t>(0x80ff0000u | EINVAL);

const char *process_environment(const char *name) { return ::getenv(name); }  // NOLINT(concurrency-mt-unsafe)

Status failed(int32_t code, std::string_view what = {}) {
  std::string text(error_text(code));
  if (!what.empty()) text.append(text.empty() ? "" : ": ").append(what);
  return {code, text};
}

bool is_number(std::string_view text) {
  int value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

ProcessOptions::ProcessOptions(Environment environment, std::string default_file)
    : environment_(environment), default_file_(std::move(default_file)) {}

ProcessOptions &ProcessOptions::instance() {
  // Never destroyed: threads of the program may still connect while it exits.
  static ProcessOptions &options = *new ProcessOptions(process_environment, kDefaultConfigFile);
  return options;
}

Status ProcessOptions::set(int option, const char *arg) {
  if (arg == nullptr) return failed(kErrInvalidPara);
  std::string_view value(arg);
  std::lock_guard lock(mutex_);
  switch (static_cast<ProcessOption>(option)) {
    case ProcessOption::kLocale: return set_locale(value);
    case ProcessOption::kCharset: return set_charset(value);
    case ProcessOption::kTimezone: return set_timezone(value);
    case ProcessOption::kConfigDir: return set_config_dir(value);
    case ProcessOption::kShellActivityTimer:
      // Native has the option but no such setting any more; that is what it answers.
      return is_number(value) ? failed(kErrConfigNotFound) : failed(kErrInvalidConfigValue);
    case ProcessOption::kUseAdapter: return {};  // we always do
    case ProcessOption::kDriver: return set_driver(value);
  }
  return {-1, concat({"unknown option ", std::to_string(option)})};
}

Status ProcessOptions::set_config_dir(std::string_view arg) {
  config_dir_ = arg;
  loaded_ = false;  // also after the start: connections that are made from now on follow the new file
  return {};
}

Status ProcessOptions::set_timezone(std::string_view arg) {
  // Native accepts any name and takes one that it does not know for UTC.
  timezone_ = arg.empty() || is_timezone_name(arg) ? std::string(arg) : "UTC";
  timezone_generation_.fetch_add(1, std::memory_order_acq_rel);
  return {};
}

Status ProcessOptions::set_charset(std::string_view arg) {
  if (is_utf8_charset(arg)) return {};
  if (!is_known_charset(arg)) return failed(kErrInvalidArgument, "no such character set");
  return failed(kErrNotSupported, concat({"SQL and results are UTF-8; convert where your program uses ", arg}));
}

Status ProcessOptions::set_locale(std::string_view arg) {
  if (!is_known_locale(arg)) return failed(kErrInvalidConfig, "this machine has no such locale");
  locale_ = arg;
  return {};
}

Status ProcessOptions::set_driver(std::string_view arg) {
  if (started_.load(std::memory_order_relaxed)) return {-1, std::string(error_text(kErrRepeatInit))};
  for (std::string_view known : {"websocket", "native"}) {
    if (!equals_ignoring_case(arg, known)) continue;
    driver_ = known;
    return {};
  }
  return {-1, concat({"there is no driver `", presentable(arg, 64), "`, only websocket and native"})};
}

Status ProcessOptions::start() {
  ProcessSettings log_settings;
  std::vector<std::string> problems;
  Status status;
  {
    std::lock_guard lock(mutex_);
    load();
    started_.store(true, std::memory_order_release);
    status = load_status_;
    if (announced_) return status;
    announced_ = true;
    log_settings = settings_.process;
    problems = problems_;
  }
  // Without the lock: a log callback may call into the library.
  Status log_status = configure_log(log_settings);
  if (!log_status) OTS_LOG(kError, log_status.message());
  for (const std::string &p : problems) OTS_LOG(kWarn, p);
  return status;
}

bool ProcessOptions::file_is_missing() {
  std::lock_guard lock(mutex_);
  return file_missing_;
}

Settings ProcessOptions::settings() {
  std::lock_guard lock(mutex_);
  load();
  Settings s = settings_;
  if (timezone_) s.connect.timezone = *timezone_;
  if (locale_) s.process.locale = *locale_;
  if (driver_) s.process.driver = *driver_;
  return s;
}

ConnectOptions ProcessOptions::connect_options() { return settings().connect; }
ProcessSettings ProcessOptions::process_settings() { return settings().process; }
std::string ProcessOptions::driver() { return settings().process.driver; }
std::string ProcessOptions::timezone() { return settings().connect.timezone; }

std::string ProcessOptions::config_file() {
  std::lock_guard lock(mutex_);
  load();
  return config_file_;
}

std::vector<std::string> ProcessOptions::problems() {
  std::lock_guard lock(mutex_);
  load();
  return problems_;
}

void ProcessOptions::load() {
  if (loaded_) return;
  std::string timezone = settings_.connect.timezone;
  settings_ = {};
  load_status_ = {};
  file_missing_ = false;
  config_file_.clear();
  problems_.clear();
  read_file();
  read_environment();
  if (!timezone_ && settings_.connect.timezone != timezone && started_.load(std::memory_order_relaxed)) {
    timezone_generation_.fetch_add(1, std::memory_order_acq_rel);
  }
  loaded_ = true;
  announced_ = false;
}

void ProcessOptions::read_file() {
  std::string place = config_dir_;
  if (place.empty()) {
    const char *dir = environment("TAOS_CONFIG_DIR");
    if (dir) place = dir;
  }
  bool named = !place.empty();
  auto file = read_config_file(named ? place : default_file_);
  if (!file) {
    // Nothing at the default place is no failure; a file that is there and cannot be used is one.
    if (!named && ::access(default_file_.c_str(), F_OK) != 0) return;
    load_status_ = file.status();
    file_missing_ = named && ::access(config_path(place).c_str(), F_OK) != 0;
    problems_.push_back(load_status_.message());
    return;
  }
  apply_config(*file, settings_);
  config_file_ = std::move(file->path);
  problems_ = std::move(file->problems);
}

void ProcessOptions::read_environment() {
  for (const OptionSpec &spec : option_table()) {
    if (spec.environment.empty()) continue;
    const char *value = environment(spec.environment.data());  // from a literal: ends with NUL
    if (value == nullptr || *value == '\0') continue;
    if (Status s = set_option(settings_, spec, value); !s) {
      problems_.push_back(concat({"environment variable ", spec.environment, ": ", s.message()}));
    }
  }
}

}  // namespace opentaos::base
