#include "base/credentials.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <thread>

#include "temp_dir.h"

using namespace opentaos::base;

namespace {

constexpr const char *kTaosdata = "dcc5bed04851fec854c035b2e40263b6";
const Login kLogin{"h1", 6030, "db", "me"};

std::vector<std::string> listed(const TempDir &dir, std::string_view text, const Login &login = kLogin) {
  auto found = passwords_from_file(dir.write("pass", text), login, 6041);
  INFO(found.status().message());
  REQUIRE(found);
  return *found;
}

struct Search {
  std::optional<std::string> password;
  Status why;
};

Search search(const std::string &md5, const ProcessSettings &settings, const Login &login = kLogin) {
  PasswordStore empty;
  Search s;
  s.password = password_for_md5(login, md5, settings, empty, &s.why);
  return s;
}

}  // namespace

TEST_CASE("credentials: MD5") {
  CHECK(md5_hex_of("taosdata") == kTaosdata);
  CHECK(md5_hex_of("") == "d41d8cd98f00b204e9800998ecf8427e");
}

TEST_CASE("credentials: passwords used earlier") {
  PasswordStore store;
  CHECK_FALSE(store.find_md5(md5_hex_of("one")));
  store.remember("one");
  store.remember("two");
  store.remember("one");
  store.remember("");
  CHECK(store.size() == 2);
  CHECK(store.find_md5(md5_hex_of("one")).value() == "one");
  CHECK(store.find_md5(md5_hex_of("two")).value() == "two");
  CHECK_FALSE(store.find_md5(md5_hex_of("three")));
  CHECK_FALSE(store.find_md5(""));
  CHECK_FALSE(store.find_md5("abc"));

  for (size_t i = 0; i < PasswordStore::kMost - 1; i++) store.remember("another " + std::to_string(i));
  CHECK(store.size() == PasswordStore::kMost);
  CHECK(store.find_md5(md5_hex_of("one")));        // used later than "two"
  CHECK_FALSE(store.find_md5(md5_hex_of("two")));  // the oldest left
  store.forget_all();
  CHECK(store.size() == 0);
  CHECK_FALSE(store.find_md5(md5_hex_of("one")));
  CHECK(&PasswordStore::instance() == &PasswordStore::instance());
}

TEST_CASE("credentials: the store is shared by threads") {
  PasswordStore store;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; t++) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 300; i++) {
        store.remember(std::to_string(t * 1000 + i));
        (void)store.find_md5(kTaosdata);
        if (i % 100 == 99) store.forget_all();
      }
    });
  }
  for (auto &t : threads) t.join();
  CHECK(store.size() <= PasswordStore::kMost);
}

TEST_CASE("credentials: lines of the file") {
  TempDir dir;
  CHECK(listed(dir, "h1:6030:db:me:secret\n") == std::vector<std::string>{"secret"});
  CHECK(listed(dir, "H1:6041:db:me:secret") == std::vector<std::string>{"secret"});  // the adapter's port
  CHECK(listed(dir, "h1:6030:db:me:secret", {"h1", 6041, "db", "me"}) == std::vector<std::string>{"secret"});
  CHECK(listed(dir, "h1:6041:db:me:secret", {"h1", 0, "db", "me"}) == std::vector<std::string>{"secret"});
  CHECK(
      listed(dir, "h1:7041:*:*:x\nh1::*:*:x\nh1:60410:*:*:x\nh1:604x:*:*:x\nh1:6041 :*:*:x\nh1:99999:*:*:x\n").empty());
  CHECK(listed(dir, "*:*:*:*:a\nh1:*:*:me:b\r\n") == std::vector<std::string>{"a", "b"});
  CHECK(listed(dir, "# *:*:*:*:x\n\n*:*:*:*:y\n") == std::vector<std::string>{"y"});
  CHECK(listed(dir, "*:*:*:*:a\\:b\\\\c:d\\") == std::vector<std::string>{"a:b\\c:d\\"});
  CHECK(listed(dir, "*:*:*:*: spaces stay ") == std::vector<std::string>{" spaces stay "});
  CHECK(listed(dir, "\\*:*:*:*:x\n*:*:*:\\*:y\n").empty());  // an escaped * is a name
  CHECK(listed(dir, "*:*:*:\\*:y\n", {"h", 1, "", "*"}) == std::vector<std::string>{"y"});
  CHECK(listed(dir, "\\:\\:1:*:*:*:v6\n", {"::1", 6041, "", "me"}) == std::vector<std::string>{"v6"});
  CHECK(listed(dir, "*:*::me:no database\n", {"h", 1, "", "me"}) == std::vector<std::string>{"no database"});
  CHECK(listed(dir, "h2:*:*:*:x\n*:1:*:*:x\n*:*:other:*:x\n*:*:*:you:x\n").empty());
  CHECK(listed(dir, "too:few:fields\n:\n::::\n*:*:*:*\nnothing\n\\\n").empty());
  CHECK(listed(dir, std::string_view("*:*:*:*:a\0b\n", 12)).size() == 1);
  std::string garbage;
  for (int i = 0; i < 100000; i++) garbage += static_cast<char>(i * 7919 >> 3);
  (void)listed(dir, garbage);
}

TEST_CASE("credentials: files that are refused") {
  TempDir dir;
  for (unsigned mode : {0640u, 0604u, 0644u, 0660u, 0620u, 0610u, 0777u}) {
    auto found = passwords_from_file(dir.write("open", "*:*:*:*:x\n", mode), kLogin, 6041);
    REQUIRE_FALSE(found);
    CHECK(static_cast<uint32_t>(found.status().code()) == 0x80000357);
    CHECK(found.status().message().find("0600") != std::string::npos);
  }
  CHECK(passwords_from_file(dir.write("read_only", "", 0400), kLogin, 6041));
  CHECK_FALSE(passwords_from_file(dir.path(), kLogin, 6041));
  CHECK_FALSE(passwords_from_file(dir.path() + "/none", kLogin, 6041));
  CHECK_FALSE(passwords_from_file("/dev/null", kLogin, 6041));
  CHECK_FALSE(passwords_from_file(dir.write("large", std::string(kMaxPassFile + 1, '\n')), kLogin, 6041));
  if (::geteuid() == 0) {
    std::string foreign = dir.write("foreign", "*:*:*:*:x\n");
    REQUIRE(::chown(foreign.c_str(), 65534, 65534) == 0);
    auto found = passwords_from_file(foreign, kLogin, 6041);
    REQUIRE_FALSE(found);
    CHECK(found.status().message().find("another user") != std::string::npos);
  }
}

TEST_CASE("credentials: the password of an MD5") {
  TempDir dir;
  ProcessSettings settings;
  settings.pass_file = dir.write("pass", "*:*:*:me:wrong\nh1:6041:*:me:right\nh2:*:*:me:elsewhere\n");

  CHECK(search(md5_hex_of("right"), settings).password.value() == "right");
  std::string upper = md5_hex_of("right");
  for (char &c : upper) c = static_cast<char>(std::toupper(c));
  CHECK(search(upper, settings).password.value() == "right");
  CHECK_FALSE(search(md5_hex_of("elsewhere"), settings).password);
  CHECK(search(md5_hex_of("elsewhere"), settings, {"h2", 0, "", "me"}).password.value() == "elsewhere");

  settings.auth_password = "configured";
  CHECK(search(md5_hex_of("configured"), settings).password.value() == "configured");

  // The default password is a candidate for the default user, also when that is not named.
  CHECK(search(kTaosdata, settings, {"h1", 6030, "", "root"}).password.value() == "taosdata");
  CHECK(search(kTaosdata, settings, {"", 0, "", ""}).password.value() == "taosdata");
  CHECK_FALSE(search(kTaosdata, settings).password);

  PasswordStore store;
  store.remember("used");
  Status why;
  CHECK(password_for_md5(kLogin, md5_hex_of("used"), settings, store, &why).value() == "used");
  CHECK(why);
  CHECK_FALSE(password_for_md5(kLogin, md5_hex_of("unused"), settings, store, nullptr));
}

TEST_CASE("credentials: no password names the remedy") {
  TempDir dir;
  ProcessSettings settings;
  settings.pass_file = dir.path() + "/none";
  for (std::string md5 :
       {std::string("00000000000000000000000000000000"), std::string("abc"), std::string(), std::string(1000, '0')}) {
    Search s = search(md5, settings);
    CHECK_FALSE(s.password);
    CHECK(static_cast<uint32_t>(s.why.code()) == 0x80000357);
    CHECK(s.why.message().rfind("Authentication failure", 0) == 0);
    CHECK(s.why.message().find("host:port:db:user:password") != std::string::npos);
    CHECK(s.why.message().find("No such file") != std::string::npos);
  }
  settings.pass_file = dir.write("open", "*:*:*:*:x\n", 0644);
  Search s = search(md5_hex_of("x"), settings);
  CHECK_FALSE(s.password);
  CHECK(s.why.message().find("0600") != std::string::npos);
  CHECK(pass_file_path(settings) == settings.pass_file);
  CHECK(pass_file_path({}).ends_with("/.taospass"));
}
