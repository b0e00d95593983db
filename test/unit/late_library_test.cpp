#include "base/late_library.h"

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <memory>
#include <thread>
#include <vector>

#include "base/codes.h"

using namespace opentaos::base;

namespace {

struct Functions {
  double (*cos)(double);
  double (*sqrt)(double);
};
constexpr const char *kNames[] = {"cos", "sqrt"};
constexpr const char *kWrongNames[] = {"cos", "no_such_function"};

}  // namespace

TEST_CASE("late_library: many threads load it at once") {
  Functions f{};
  LateLibrary library("libm.so.6", kNames, &f);
  std::atomic<int> good{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; i++)
    threads.emplace_back([&] { good += library.load().is_ok() && f.sqrt(f.cos(0.0) * 4) == 2.0; });
  for (auto &t : threads) t.join();
  CHECK(good == 8);
}

TEST_CASE("late_library: what is not there, or lacks a function, is told each time") {
  Functions f{};
  LateLibrary none("libno_such_library.so.1", kNames, &f), other("libm.so.6", kWrongNames, &f);
  for (int i = 0; i < 2; i++) {
    Status s = none.load();
    CHECK(s.code() == kErrLibraryNotLoaded);
    CHECK(s.message().find("cannot load libno_such_library.so.1: ") == 0);
    s = other.load();
    CHECK(s.code() == kErrLibraryNotLoaded);
    CHECK(s.message().find("no_such_function") != std::string::npos);
  }
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // whose allocators may be locked in the child
TEST_CASE("late_library: a child of fork() loads it although a thread of its parent was at it") {
  // Which thread forks when cannot be chosen: one loads over and over, what it loads into is new each time.
  std::atomic<bool> stop{false};
  std::atomic<LateLibrary *> latest{nullptr};
  std::vector<std::unique_ptr<LateLibrary>> libraries;
  std::vector<std::unique_ptr<Functions>> functions;
  std::thread loader([&] {
    while (!stop) {
      functions.push_back(std::make_unique<Functions>());
      libraries.push_back(std::make_unique<LateLibrary>("libm.so.6", kNames, functions.back().get()));
      latest = libraries.back().get();
      (void)latest.load()->load();
    }
  });
  while (!latest) std::this_thread::yield();
  int good = 0;
  constexpr int kForks = 50;
  for (int i = 0; i < kForks; i++) {
    const pid_t child = ::fork();
    if (child == 0) {
      ::alarm(20);
      ::_exit(latest.load()->load().is_ok() ? 0 : 1);
    }
    int status = -1;
    if (child > 0 && ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0) good++;
  }
  stop = true;
  loader.join();
  CHECK(good == kForks);
}
#endif
