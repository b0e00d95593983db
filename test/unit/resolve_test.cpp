#include "net/resolve.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <string>

using opentaos::base::Deadline;
using opentaos::net::address_text;
using opentaos::net::resolve;

namespace {

constexpr int32_t kUnableToConnect = static_cast<int32_t>(0x8000000B);

int threads_of_this_process() {
  int n = 0;
  if (DIR *d = opendir("/proc/self/task")) {
    while (dirent *e = readdir(d)) n += e->d_name[0] != '.';
    closedir(d);
  }
  return n;
}

void require_failure(const std::string &host, Deadline deadline, const std::string &behind) {
  auto r = resolve(host, 6041, deadline);
  REQUIRE_FALSE(r.is_ok());
  CHECK(r.status().code() == kUnableToConnect);
  const std::string &text = r.status().message();
  INFO(text);
  CHECK(text.rfind("Unable to establish connection: cannot resolve host '", 0) == 0);
  CHECK(text.find(behind) != std::string::npos);
}

}  // namespace

TEST_CASE("numeric addresses need no name service, not even time", "[resolve]") {
  auto v4 = resolve("127.0.0.1", 6041, Deadline::already());
  REQUIRE(v4.is_ok());
  REQUIRE(v4->size() == 1);
  const auto &a = v4->front();
  CHECK(a.family == AF_INET);
  CHECK(a.len == sizeof(sockaddr_in));
  const auto *in = reinterpret_cast<const sockaddr_in *>(&a.addr);
  CHECK(in->sin_family == AF_INET);
  CHECK(ntohs(in->sin_port) == 6041);
  CHECK(ntohl(in->sin_addr.s_addr) == 0x7f000001u);
  CHECK(address_text(a) == "127.0.0.1:6041");

  auto v6 = resolve("::1", 65535, Deadline::already());
  REQUIRE(v6.is_ok());
  REQUIRE(v6->size() == 1);
  CHECK(v6->front().family == AF_INET6);
  CHECK(v6->front().len == sizeof(sockaddr_in6));
  CHECK(address_text(v6->front()) == "[::1]:65535");

  auto zone = resolve("fe80::1%lo", 1, Deadline::already());
  REQUIRE(zone.is_ok());
  CHECK(reinterpret_cast<const sockaddr_in6 *>(&zone->front().addr)->sin6_scope_id != 0);
}

TEST_CASE("a numeric address starts no thread", "[resolve]") {
  int before = threads_of_this_process();
  for (int i = 0; i < 100; i++) REQUIRE(resolve("10.1.2.3", 1, Deadline::after_ms(5000)).is_ok());
  CHECK(threads_of_this_process() == before);
}

TEST_CASE("localhost is resolved with and without a deadline", "[resolve]") {
  for (Deadline d : {Deadline::never(), Deadline::after_ms(5000)}) {
    auto r = resolve("localhost", 6041, d);
    REQUIRE(r.is_ok());
    REQUIRE_FALSE(r->empty());
    for (const auto &a : *r) {
      std::string text = address_text(a);
      CHECK((text == "127.0.0.1:6041" || text == "[::1]:6041"));
    }
  }
}

TEST_CASE("what cannot be resolved fails with the native code and a reason", "[resolve]") {
  require_failure("", Deadline::after_ms(1000), "empty");
  require_failure(std::string("local\0host", 10), Deadline::after_ms(1000), "'local': the host name contains a zero");
  require_failure(std::string(256, 'a'), Deadline::after_ms(1000), "too long");
  require_failure(std::string(100000, 'a'), Deadline::after_ms(1000), "too long");
  require_failure("256.256.256.256.invalid", Deadline::after_ms(5000), "'256.256.256.256.invalid': ");
  require_failure("no-such-host.invalid", Deadline::never(), "'no-such-host.invalid': ");
  require_failure("two words", Deadline::after_ms(5000), "'two words': ");
}

TEST_CASE("a passed deadline ends the question, the worker outlives it safely", "[resolve]") {
  require_failure("localhost", Deadline::already(), "no time was left");
  // Deadlines around the time that the look-up takes: whichever side wins, nothing is lost or touched twice.
  auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 40; i++) {
    auto r = resolve("no-such-host.invalid", 1, Deadline::after_ms(1));
    REQUIRE_FALSE(r.is_ok());
    CHECK(r.status().code() == kUnableToConnect);
  }
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
}
