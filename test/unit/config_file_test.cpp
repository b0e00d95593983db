#include "base/config_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "base/small_file.h"
#include "temp_dir.h"

using namespace opentaos::base;

namespace {

struct Outcome {
  Settings settings;
  std::vector<std::string> problems;
};

Outcome configured(std::string_view text) {
  ConfigFile file = parse_config(text, "x.cfg");
  Outcome out;
  apply_config(file, out.settings);
  out.problems = file.problems;
  return out;
}

}  // namespace

TEST_CASE("taos.cfg: lines") {
  auto o = configured(
      "# a comment\n"
      "\n"
      "   adapterList   h1:6041,h2:7041   # two of them\n"
      "compression\t1\r\n"
      "connRetries = 7\n"
      "retryBackoffMs=11\n"
      "TIMEZONE Asia/Shanghai (CST, +0800)\n"
      "unknownKey whatever\n"
      "firstEp td1:6030\n"
      "connRetries 9\n"
      "wsTlsMode 2\n"
      "wsTlsCa -----BEGIN CERTIFICATE-----\\nabc\\n-----END CERTIFICATE-----\n"
      "logDir /var/log/a#b\n"
      "debugFlag 135");
  CHECK(o.problems.empty());
  CHECK(o.settings.connect.hosts == std::vector<Host>{{"h1", 6041}, {"h2", 7041}});
  CHECK(o.settings.connect.compression);
  CHECK(o.settings.connect.conn_retries == 9);  // the later one
  CHECK(o.settings.connect.retry_backoff_ms == 11);
  CHECK(o.settings.connect.timezone == "Asia/Shanghai");
  CHECK(o.settings.process.first_ep == std::vector<Host>{{"td1", 6030}});
  CHECK(o.settings.connect.tls_mode == TlsMode::kVerifyCa);
  CHECK(o.settings.connect.tls_ca == "-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----");
  CHECK(o.settings.process.log_dir == "/var/log/a#b");
  CHECK(o.settings.process.debug_flag == 135);
}

TEST_CASE("taos.cfg: bad values are reported and leave the default") {
  auto o =
      configured("connRetries many\ncompression perhaps\nwsTlsMode 9\nadapterList h:x\nretryBackoffMs\nauthPassword " +
                 std::string(5000, 's') + "\ntimezone a;b\nconnRetries 3\ncharset GBK\n");
  CHECK(o.settings.connect.conn_retries == 3);
  CHECK_FALSE(o.settings.connect.compression);
  CHECK(o.settings.connect.tls_mode == TlsMode::kOff);
  CHECK(o.settings.connect.hosts.empty());
  CHECK(o.settings.connect.retry_backoff_ms == 200);
  REQUIRE(o.problems.size() == 8);
  CHECK(o.problems[0].rfind("x.cfg:1: ", 0) == 0);
  CHECK(o.problems[0].find("`many`") != std::string::npos);
  CHECK(o.problems[0].find("conn_retries") != std::string::npos);
  CHECK(o.problems[4] == "x.cfg:5: retryBackoffMs has no value");
  CHECK(o.problems[5].find("sss") == std::string::npos);  // a secret's value does not show
  CHECK(o.problems[7].rfind("x.cfg:9: ", 0) == 0);
}

TEST_CASE("taos.cfg: odd bytes") {
  using namespace std::string_literals;
  CHECK(configured("\xef\xbb\xbf"s + "connRetries 2").settings.connect.conn_retries == 2);
  auto nul = configured("connRetries 2\0\nretryBackoffMs 3\n\0\0\0\n"s);
  CHECK(nul.settings.connect.conn_retries == 5);
  CHECK(nul.settings.connect.retry_backoff_ms == 3);
  CHECK(nul.problems.size() == 2);
  auto latin = configured("wsTlsCa \xe4\nconnRetries 4\n");
  CHECK(latin.problems.size() == 1);
  CHECK(latin.settings.connect.conn_retries == 4);
  auto longest =
      configured("wsTlsCa " + std::string(2 << 20, 'x') + "\n" + std::string(1000, 'k') + " v\nconnRetries 6\n");
  CHECK(longest.problems.size() == 2);
  CHECK(longest.settings.connect.conn_retries == 6);
  CHECK(configured("= 1\n").problems.size() == 1);
  CHECK(configured("").problems.empty());
  CHECK(configured("\n\r\n#\n # x\n").problems.empty());
  std::string garbage;
  for (int i = 0; i < 100000; i++) garbage += static_cast<char>(i * 7919 >> 3);
  CHECK(configured(garbage).problems.size() <= 101);
}

TEST_CASE("taos.cfg: files") {
  TempDir dir;
  dir.write("taos.cfg", "connRetries 8\n");
  dir.write("other.conf", "connRetries 9\n");

  auto by_dir = read_config_file(dir.path());
  REQUIRE(by_dir);
  CHECK(by_dir->path == dir.path() + "/taos.cfg");
  CHECK(by_dir->entries.size() == 1);
  REQUIRE(read_config_file(dir.path() + "/"));
  auto by_file = read_config_file(dir.path() + "/other.conf");
  REQUIRE(by_file);
  CHECK(by_file->entries.at(0).value == "9");

  for (const std::string &missing :
       {dir.path() + "/none", dir.path() + "/none.cfg", std::string("/no/such/dir/at/all")}) {
    auto f = read_config_file(missing);
    REQUIRE_FALSE(f);
    CHECK(static_cast<uint32_t>(f.status().code()) == 0x80000119);
    CHECK(f.status().message().find("No such file or directory") != std::string::npos);
    CHECK(f.status().message().find(missing) != std::string::npos);
  }
  CHECK(config_path("/none.cfg") == "/none.cfg");
  CHECK(config_path("/none") == "/none/taos.cfg");
}

TEST_CASE("taos.cfg: files that cannot be used") {
  TempDir dir;
  std::filesystem::create_directory(dir.path() + "/taos.cfg");
  auto f = read_config_file(dir.path());
  REQUIRE_FALSE(f);
  CHECK(f.status().message().find("not a regular file") != std::string::npos);

  std::string pipe = dir.path() + "/pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  CHECK_FALSE(read_config_file(pipe));  // at once: nobody writes into it
  CHECK_FALSE(read_config_file("/dev/zero"));

  dir.write("utf16.cfg", std::string_view("\xff\xfe"
                                          "c\0o\0",
                                          6));
  auto wide = read_config_file(dir.path() + "/utf16.cfg");
  REQUIRE_FALSE(wide);
  CHECK(wide.status().message().find("UTF-16") != std::string::npos);

  dir.write("large.cfg", std::string(kMaxConfigFile + 1, '\n'));
  CHECK_FALSE(read_config_file(dir.path() + "/large.cfg"));
  dir.write("largest.cfg", std::string(kMaxConfigFile, '\n'));
  CHECK(read_config_file(dir.path() + "/largest.cfg"));
  dir.write("empty.cfg", "");
  CHECK(read_config_file(dir.path() + "/empty.cfg"));
  CHECK_FALSE(read_config_file(""));

  if (::geteuid() != 0) {  // root reads everything
    dir.write("closed.cfg", "x y\n");
    REQUIRE(::chmod((dir.path() + "/closed.cfg").c_str(), 0) == 0);
    CHECK_FALSE(read_config_file(dir.path() + "/closed.cfg"));
  }
}

TEST_CASE("small files: sizes that the file system does not tell") {
  auto text = read_small_file("/proc/self/status", 1 << 20);  // says 0 bytes
  REQUIRE(text);
  CHECK(text->find("Name:") != std::string::npos);
  CHECK_FALSE(read_small_file("/proc/self/status", 16));
  CHECK(system_error_text(2) == "No such file or directory");
  CHECK(system_error_text(12345) == "error 12345");
}
