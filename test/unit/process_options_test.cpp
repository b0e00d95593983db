#include "base/process_options.h"

#include <catch2/catch.hpp>
#include <map>
#include <thread>

#include "base/log.h"
#include "temp_dir.h"

using namespace opentaos::base;

namespace {

std::map<std::string, std::string> &fake_environment() {
  static std::map<std::string, std::string> vars;
  return vars;
}

const char *fake_getenv(const char *name) {
  auto found = fake_environment().find(name);
  return found == fake_environment().end() ? nullptr : found->second.c_str();
}

// Options with an environment of their own and a default file that is not there unless the test writes it.
struct Fixture {
  TempDir dir;
  ProcessOptions options{fake_getenv, dir.path() + "/default.cfg"};

  Fixture() { fake_environment().clear(); }
  ~Fixture() {
    set_log_screen(LogLevel::kOff);
    close_log_file();
  }
  int32_t set(ProcessOption option, const char *arg) { return options.set(static_cast<int>(option), arg).code(); }
};

uint32_t bits(int32_t code) { return static_cast<uint32_t>(code); }

}  // namespace

TEST_CASE("process options: taos_options as recorded") {
  Fixture f;
  CHECK(f.set(ProcessOption::kTimezone, "Asia/Shanghai") == 0);
  CHECK(f.set(ProcessOption::kTimezone, "UTC-8") == 0);
  CHECK(f.options.timezone() == "UTC-8");
  CHECK(f.set(ProcessOption::kTimezone, "Not/AZone") == 0);
  CHECK(f.set(ProcessOption::kTimezone, "") == 0);
  CHECK(f.options.timezone().empty());
  CHECK(bits(f.set(ProcessOption::kTimezone, nullptr)) == 0x80000118);
  CHECK(bits(f.set(ProcessOption::kLocale, "xx_XX.none")) == 0x80000119);
  CHECK(f.set(ProcessOption::kLocale, "C") == 0);
  CHECK(f.set(ProcessOption::kCharset, "UTF-8") == 0);
  CHECK(bits(f.set(ProcessOption::kCharset, "no-such-charset")) == 0x80ff0016);
  CHECK(f.options.set(1, "no-such-charset").message().rfind("Invalid argument", 0) == 0);
  CHECK(f.set(ProcessOption::kConfigDir, "/tmp") == 0);
  CHECK(f.set(ProcessOption::kConfigDir, "/no/such/dir/at/all") == 0);
  CHECK(bits(f.set(ProcessOption::kShellActivityTimer, "3")) == 0x80000122);
  CHECK(bits(f.set(ProcessOption::kShellActivityTimer, "x")) == 0x80000133);
  CHECK(f.set(ProcessOption::kUseAdapter, "false") == 0);
  CHECK(f.set(ProcessOption::kDriver, "carrier-pigeon") == -1);
  CHECK(f.options.set(99, "x").code() == -1);
  CHECK(f.options.set(7, "x").code() == -1);
  CHECK(f.options.set(-5, "x").code() == -1);
  CHECK(bits(f.options.set(99, nullptr).code()) == 0x80000118);
  // A character set that exists but that we do not convert is refused, not ignored.
  CHECK(bits(f.set(ProcessOption::kCharset, "ISO-8859-1")) == 0x80000100);
}

TEST_CASE("process options: the driver is chosen before the start") {
  Fixture f;
  CHECK(f.options.driver() == "websocket");
  CHECK(f.set(ProcessOption::kDriver, "native") == 0);
  CHECK(f.options.driver() == "native");
  CHECK(f.set(ProcessOption::kDriver, "WebSocket") == 0);
  CHECK(f.options.driver() == "websocket");
  CHECK_FALSE(f.options.started());
  CHECK(f.options.start());
  CHECK(f.options.started());
  CHECK(f.set(ProcessOption::kDriver, "native") == -1);
  CHECK(f.set(ProcessOption::kDriver, "websocket") == -1);
  CHECK(f.options.driver() == "websocket");
}

TEST_CASE("process options: precedence") {
  Fixture f;
  CHECK(f.options.connect_options().conn_retries == 5);
  CHECK(f.options.config_file().empty());

  Fixture g;
  g.dir.write("default.cfg", "connRetries 1\nretryBackoffMs 1\ntimezone Etc/GMT+1\nadapterPort 7041\n");
  fake_environment()["TAOS_RETRY_BACKOFF_MS"] = "2";
  fake_environment()["TAOS_TIMEZONE"] = "Etc/GMT+2";
  CHECK(g.options.start());
  ConnectOptions o = g.options.connect_options();
  CHECK(o.conn_retries == 1);      // file
  CHECK(o.retry_backoff_ms == 2);  // environment over file
  CHECK(o.timezone == "Etc/GMT+2");
  CHECK(g.options.process_settings().adapter_port == 7041);
  CHECK(g.options.config_file() == g.dir.path() + "/default.cfg");
  REQUIRE(g.set(ProcessOption::kTimezone, "Etc/GMT+3") == 0);
  CHECK(g.options.connect_options().timezone == "Etc/GMT+3");  // taos_options over both
  REQUIRE(g.set(ProcessOption::kTimezone, "") == 0);
  CHECK(g.options.connect_options().timezone.empty());
}

TEST_CASE("process options: where the file is looked for") {
  Fixture f;
  f.dir.write("default.cfg", "connRetries 1\n");
  f.dir.write("taos.cfg", "connRetries 2\n");
  f.dir.write("named.cfg", "connRetries 3\n");
  CHECK(f.options.connect_options().conn_retries == 1);
  REQUIRE(f.set(ProcessOption::kConfigDir, f.dir.path().c_str()) == 0);  // read again
  CHECK(f.options.connect_options().conn_retries == 2);
  fake_environment()["TAOS_CONFIG_DIR"] = f.dir.path() + "/named.cfg";
  REQUIRE(f.set(ProcessOption::kConfigDir, "") == 0);
  CHECK(f.options.connect_options().conn_retries == 3);
  // Connections made after a later call follow it.
  CHECK(f.options.start());
  uint32_t generation = f.options.timezone_generation();
  f.dir.write("late.cfg", "connRetries 4\ntimezone UTC\n");
  REQUIRE(f.set(ProcessOption::kConfigDir, (f.dir.path() + "/late.cfg").c_str()) == 0);
  CHECK(f.options.connect_options().conn_retries == 4);
  CHECK(f.options.timezone_generation() != generation);
}

TEST_CASE("process options: files that cannot be used") {
  Fixture f;
  REQUIRE(f.set(ProcessOption::kConfigDir, "/no/such/dir/at/all") == 0);
  fake_environment()["TAOS_CONN_RETRIES"] = "6";
  Status s = f.options.start();
  CHECK(bits(s.code()) == 0x80000119);
  CHECK(s.message().find("/no/such/dir/at/all/taos.cfg") != std::string::npos);
  CHECK(f.options.connect_options().conn_retries == 6);  // the rest still counts
  CHECK(f.options.problems().size() == 1);
  CHECK(bits(f.options.start().code()) == 0x80000119);  // and says so again
  CHECK(f.options.file_is_missing());

  Fixture g;
  std::filesystem::create_directory(g.dir.path() + "/default.cfg");  // there, but no file
  CHECK(bits(g.options.start().code()) == 0x80000119);
  CHECK_FALSE(g.options.file_is_missing());

  Fixture h;
  fake_environment()["TAOS_CONFIG_DIR"] = "/no/such/dir/at/all";
  CHECK_FALSE(h.options.start());
}

TEST_CASE("process options: problems in file and environment") {
  Fixture f;
  f.dir.write("default.cfg", "connRetries many\n");
  fake_environment()["TAOS_RETRY_BACKOFF_MS"] = "soon";
  fake_environment()["TAOS_COMPRESSION"] = "true";
  fake_environment()["TAOS_ADAPTER_LIST"] = "";  // set but empty: not said
  std::vector<std::string> logged;
  set_log_callback(
      [](int, const char *text, void *user) { static_cast<std::vector<std::string> *>(user)->push_back(text); },
      &logged, LogLevel::kWarn);
  CHECK(f.options.start());
  CHECK(f.options.start());  // told once
  set_log_callback(nullptr, nullptr, LogLevel::kOff);
  auto problems = f.options.problems();
  REQUIRE(problems.size() == 2);
  CHECK(problems[0].find("default.cfg:1: ") != std::string::npos);
  CHECK(problems[1].rfind("environment variable TAOS_RETRY_BACKOFF_MS: ", 0) == 0);
  CHECK(logged == problems);
  CHECK(f.options.connect_options().compression);
}

TEST_CASE("process options: a log file only when it is asked for") {
  Fixture f;
  std::string logs = f.dir.path() + "/logs";
  fake_environment()["TAOS_LOG_DIR"] = logs;
  CHECK(f.options.start());
  CHECK_FALSE(std::filesystem::exists(logs));

  Fixture g;
  fake_environment()["TAOS_LOG_DIR"] = g.dir.path() + "/logs";
  fake_environment()["TAOS_DEBUG_FLAG"] = "135";
  CHECK(g.options.start());
  CHECK(std::filesystem::exists(g.dir.path() + "/logs"));
  CHECK(log_on(LogLevel::kDebug));
}

TEST_CASE("process options: the generation of the time zone") {
  Fixture f;
  CHECK(f.options.start());
  uint32_t first = f.options.timezone_generation();
  f.options.settings();
  CHECK(f.options.timezone_generation() == first);
  REQUIRE(f.set(ProcessOption::kTimezone, "Asia/Tokyo") == 0);
  CHECK(f.options.timezone_generation() == first + 1);
  REQUIRE(f.set(ProcessOption::kTimezone, "a\nb") == 0);  // what cannot be a name counts as UTC
  CHECK(f.options.timezone() == "UTC");
}

TEST_CASE("process options: several threads") {
  Fixture f;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; t++) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 200; i++) {
        (void)f.options.set(2, t % 2 ? "Asia/Tokyo" : "UTC");
        (void)f.options.set(3, t % 2 ? "/tmp" : "");
        std::string zone = f.options.connect_options().timezone;
        if (zone != "Asia/Tokyo" && zone != "UTC") std::terminate();
        (void)f.options.start();
      }
    });
  }
  for (auto &t : threads) t.join();
  CHECK(f.options.started());
}

TEST_CASE("process options: the library's own") {
  CHECK(&ProcessOptions::instance() == &ProcessOptions::instance());
  ProcessOptions::instance().lock_for_fork();
  ProcessOptions::instance().unlock_after_fork();
  CHECK_FALSE(ProcessOptions::instance().driver().empty());
}
