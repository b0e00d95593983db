#include "base/log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "temp_dir.h"

using namespace opentaos::base;

namespace {

struct Line {
  int level;
  std::string text;
};

void collect(int level, const char *text, void *user) {
  static_cast<std::vector<Line> *>(user)->push_back({level, text});
}

// Every sink off again when the test ends.
struct Quiet {
  ~Quiet() {
    set_log_callback(nullptr, nullptr, LogLevel::kOff);
    set_log_screen(LogLevel::kOff);
    close_log_file();
  }
};

std::string contents(const std::string &path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string own_log(const TempDir &dir) { return dir.path() + "/opentaos_" + std::to_string(::getpid()) + ".log"; }

}  // namespace

TEST_CASE("log: off until asked for, and then nothing is evaluated") {
  int evaluated = 0;
  auto costly = [&] { return ++evaluated; };
  CHECK_FALSE(log_on(LogLevel::kError));
  OTS_LOG(kError, "x", costly());
  CHECK(evaluated == 0);
}

TEST_CASE("log: callback") {
  Quiet quiet;
  std::vector<Line> lines;
  set_log_callback(collect, &lines, LogLevel::kInfo);
  CHECK(log_on(LogLevel::kInfo));
  CHECK_FALSE(log_on(LogLevel::kDebug));
  std::string host = "h1";
  OTS_LOG(kWarn, "connect to ", host, ":", uint16_t{6041}, " failed after ", int64_t{-3}, " tries, tls ", true);
  OTS_LOG(kDebug, "not this one");
  OTS_LOG(kInfo, "two\nlines\x1b[0m and \xff");
  const char *missing = nullptr;
  OTS_LOG(kError, missing, std::string_view());
  REQUIRE(lines.size() == 3);
  CHECK(lines[0].level == 2);
  CHECK(lines[0].text == "connect to h1:6041 failed after -3 tries, tls true");
  CHECK(lines[1].text == "two lines [0m and ?");
  CHECK(lines[2].text == "(null)");
  OTS_LOG(kWarn, std::string(100000, 'x'));
  CHECK(lines.back().text.size() == 8192);
  set_log_callback(nullptr, nullptr, LogLevel::kTrace);
  CHECK_FALSE(log_on(LogLevel::kError));
}

TEST_CASE("log: a callback may call into the library") {
  Quiet quiet;
  static int calls;
  calls = 0;
  set_log_callback(
      [](int, const char *, void *) {
        calls++;
        OTS_LOG(kError, "inside");       // dropped
        set_log_screen(LogLevel::kOff);  // does not wait for itself
        set_log_callback(nullptr, nullptr, LogLevel::kOff);
      },
      nullptr, LogLevel::kError);
  OTS_LOG(kError, "outside");
  OTS_LOG(kError, "outside");
  CHECK(calls == 1);
}

TEST_CASE("log: errno survives") {
  Quiet quiet;
  set_log_callback([](int, const char *, void *) { errno = 1; }, nullptr, LogLevel::kError);
  errno = 42;
  OTS_LOG(kError, "x");
  CHECK(errno == 42);
}

TEST_CASE("log: secrets") {
  Quiet quiet;
  std::vector<Line> lines;
  set_log_callback(collect, &lines, LogLevel::kInfo);
  OTS_LOG(kInfo, "upgrade to ws://h:6041/ws?token=", "abc", "&x=1");
  CHECK(lines.at(0).text == "upgrade to ws://h:6041/ws?token=***&x=1");

  CHECK(redact_secrets("ws://root:taosdata@h:6041/db failed") == "ws://root:***@h:6041/db failed");
  CHECK(redact_secrets("ws://root:a@b@h") == "ws://root:***@h");
  CHECK(redact_secrets("ws://root:a?b@h") == "ws://root:***@h");
  CHECK(redact_secrets("ws://root@h:6041/db") == "ws://root@h:6041/db");
  CHECK(redact_secrets("ws://h:6041/db?user_app=a@b") == "ws://h:6041/db?user_app=a@b");
  CHECK(redact_secrets("two: ws://a:b@h, ws://c:d@g") == "two: ws://a:***@h, ws://c:***@g");
  CHECK(redact_secrets(R"({"user":"root","password":"se\"cret","db":""})") ==
        R"({"user":"root","password":***,"db":""})");
  CHECK(redact_secrets(R"("bearer_token" : "x y", "totp_code":123456})") ==
        R"("bearer_token" : ***, "totp_code":***})");
  CHECK(redact_secrets("Authorization: Basic cm9vdA==\r\nHost: h") == "Authorization: ***\r\nHost: h");
  CHECK(redact_secrets("Bearer_Token=x;PASS=y,passwd='z z' td.connect.pass=q") ==
        "Bearer_Token=***;PASS=***,passwd=*** td.connect.pass=***");
  CHECK(redact_secrets("Invalid password length, my_tokens=3, bypass=1") ==
        "Invalid password length, my_tokens=3, bypass=1");
  CHECK(redact_secrets("password=") == "password=");
  CHECK(redact_secrets("password:\"open") == "password:***");
  CHECK(redact_secrets("password:\"open\\") == "password:***");
  CHECK(redact_secrets("://:@") == "://:***@");
  CHECK(redact_secrets("").empty());
}

TEST_CASE("log: file") {
  Quiet quiet;
  TempDir dir;
  REQUIRE(set_log_file({dir.path() + "/sub//", LogLevel::kDebug, 30, 1 << 20}));
  OTS_LOG(kDebug, "hello ", 1);
  OTS_LOG(kTrace, "not this");
  std::string path = dir.path() + "/sub/opentaos_" + std::to_string(::getpid()) + ".log";
  std::string text = contents(path);
  CHECK(text.ends_with(" DEBUG hello 1\n"));
  CHECK(text.find('T') == 10);
  CHECK(text.find('Z') == 26);
  struct stat st;
  REQUIRE(::stat(path.c_str(), &st) == 0);
  CHECK((st.st_mode & 0777) == 0600);
  close_log_file();
  OTS_LOG(kError, "gone");
  CHECK(contents(path) == text);
  REQUIRE(set_log_file({dir.path() + "/sub", LogLevel::kError, 30, 1 << 20}));
  OTS_LOG(kError, "appended");
  CHECK(contents(path).size() > text.size());
}

TEST_CASE("log: rotation and old files") {
  Quiet quiet;
  TempDir dir;
  std::string old = dir.write("opentaos_1.log", "old");
  std::string young = dir.write("opentaos_2.log", "young");
  std::string other = dir.write("something.log", "not ours");
  timespec times[2] = {{1000000, 0}, {1000000, 0}};
  REQUIRE(::utimensat(AT_FDCWD, old.c_str(), times, 0) == 0);
  REQUIRE(::utimensat(AT_FDCWD, other.c_str(), times, 0) == 0);
  REQUIRE(set_log_file({dir.path(), LogLevel::kError, 1, 300}));
  CHECK_FALSE(std::filesystem::exists(old));
  CHECK(std::filesystem::exists(young));
  CHECK(std::filesystem::exists(other));
  for (int i = 0; i < 50; i++) OTS_LOG(kError, "line ", i);
  std::string aside = dir.path() + "/opentaos_" + std::to_string(::getpid()) + ".1.log";
  CHECK(std::filesystem::file_size(own_log(dir)) <= 300);
  CHECK(std::filesystem::file_size(aside) <= 300);
  CHECK(contents(own_log(dir)).ends_with("line 49\n"));
}

TEST_CASE("log: files that cannot be written") {
  Quiet quiet;
  TempDir dir;
  Status s = set_log_file({dir.path() + "/a/b/c", LogLevel::kError, 30, 1 << 20});
  CHECK_FALSE(s);
  CHECK(s.message().find("No such file or directory") != std::string::npos);
  CHECK_FALSE(log_on(LogLevel::kError));
  dir.write("file", "");
  CHECK_FALSE(set_log_file({dir.path() + "/file", LogLevel::kError, 30, 1 << 20}));
  REQUIRE(::symlink("/dev/null", own_log(dir).c_str()) == 0);
  CHECK_FALSE(
      set_log_file({dir.path(), LogLevel::kError, 30, 1 << 20}));  // no links: somebody else may have put it there
  OTS_LOG(kError, "nowhere");
}

TEST_CASE("log: the screen is standard error, and only when asked for") {
  TempDir dir;
  std::string out = dir.path() + "/out";
  pid_t child = ::fork();
  if (child == 0) {
    int fd = ::open(out.c_str(), O_WRONLY | O_CREAT, 0600);
    ::dup2(fd, STDERR_FILENO);
    OTS_LOG(kError, "silent");
    set_log_screen(LogLevel::kWarn);
    OTS_LOG(kError, "shown");
    OTS_LOG(kInfo, "not shown");
    ::_exit(0);
  }
  int status = -1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  std::string text = contents(out);
  CHECK(text.ends_with(" ERROR shown\n"));
  CHECK(std::count(text.begin(), text.end(), '\n') == 1);
}

TEST_CASE("log: what settings ask for") {
  Quiet quiet;
  TempDir dir;
  ProcessSettings settings;
  CHECK(configure_log(settings));
  CHECK_FALSE(log_on(LogLevel::kError));
  settings.debug_flag = 131;  // without a directory there is no place for it
  CHECK(configure_log(settings));
  CHECK_FALSE(log_on(LogLevel::kError));
  settings.log_dir = dir.path();
  CHECK(configure_log(settings));
  CHECK(log_on(LogLevel::kWarn));
  CHECK_FALSE(log_on(LogLevel::kDebug));
  settings.log_dir = dir.path() + "/a/b";
  CHECK_FALSE(configure_log(settings));

  CHECK(log_level_of_debug_flag(0) == LogLevel::kOff);
  CHECK(log_level_of_debug_flag(129) == LogLevel::kError);
  CHECK(log_level_of_debug_flag(131) == LogLevel::kInfo);
  CHECK(log_level_of_debug_flag(135) == LogLevel::kDebug);
  CHECK(log_level_of_debug_flag(143) == LogLevel::kTrace);
  CHECK(log_level_of_debug_flag(207) == LogLevel::kTrace);
  LogLevel level = LogLevel::kOff;
  CHECK(parse_log_level("TRACE", level));
  CHECK(level == LogLevel::kTrace);
  CHECK(parse_log_level("off", level));
  CHECK_FALSE(parse_log_level("loud", level));
  CHECK_FALSE(parse_log_level("", level));
}

TEST_CASE("log: several threads") {
  Quiet quiet;
  TempDir dir;
  static std::atomic<int> seen;
  seen = 0;
  REQUIRE(set_log_file({dir.path(), LogLevel::kError, 30, 1 << 20}));
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; t++) {
    threads.emplace_back([] {
      for (int i = 0; i < 100; i++) {
        OTS_LOG(kError, "from a thread");
        set_log_callback([](int, const char *, void *) { seen++; }, nullptr, LogLevel::kError);
      }
    });
  }
  for (auto &t : threads) t.join();
  std::string text = contents(own_log(dir));
  CHECK(std::count(text.begin(), text.end(), '\n') == 400);
  CHECK(seen > 0);
}

TEST_CASE("log: around a fork") {
  Quiet quiet;
  lock_log_for_fork();
  pid_t child = ::fork();
  unlock_log_after_fork();
  if (child == 0) {
    OTS_LOG(kError, "from the child");
    set_log_screen(LogLevel::kOff);
    ::_exit(7);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WEXITSTATUS(status) == 7);
}
