#include "base/handle.h"

#include <catch2/catch.hpp>
#include <thread>
#include <vector>

using namespace opentaos::base;

namespace {
int g_alive = 0;
struct Thing final : HandleObject {
  Thing() { g_alive++; }
  ~Thing() override { g_alive--; }
};
}  // namespace

TEST_CASE("handle: only the right kind of a live handle gives its object") {
  auto *thing = new Thing;
  void *h = make_handle(HandleKind::kResult, thing);
  REQUIRE(h != nullptr);
  CHECK(peek_handle(HandleKind::kResult, h) == thing);
  CHECK(peek_handle(HandleKind::kConnection, h) == nullptr);
  CHECK(kind_of_handle(h) == HandleKind::kResult);
  CHECK(close_handle(HandleKind::kConnection, h) == nullptr);
  CHECK(close_handle(HandleKind::kResult, h) == thing);
  CHECK(close_handle(HandleKind::kResult, h) == nullptr);  // twice
  CHECK(peek_handle(HandleKind::kResult, h) == nullptr);
  CHECK(kind_of_handle(h) == HandleKind::kFree);
  thing->release();
  CHECK(g_alive == 0);
}

TEST_CASE("handle: what never was a handle is none") {
  int local = 0;
  void *strange[] = {nullptr, &local, reinterpret_cast<void *>(1), reinterpret_cast<void *>(~uintptr_t{0}),
                     reinterpret_cast<void *>(uintptr_t{0x7fff00000000})};
  void *h = make_handle(HandleKind::kConnection, new Thing);
  for (void *p : strange) CHECK(kind_of_handle(p) == HandleKind::kFree);
  CHECK(kind_of_handle(static_cast<char *>(h) + 1) == HandleKind::kFree);
  CHECK(kind_of_handle(static_cast<char *>(h) + 16) == HandleKind::kFree);
  close_handle(HandleKind::kConnection, h)->release();
}

TEST_CASE("handle: a freed one stays dead while thousands come and go") {
  void *dead = make_handle(HandleKind::kResult, new Thing);
  close_handle(HandleKind::kResult, dead)->release();
  for (int i = 0; i < 30000; i++) {
    void *h = make_handle(HandleKind::kResult, new Thing);
    REQUIRE(h != dead);
    close_handle(HandleKind::kResult, h)->release();
  }
  CHECK(peek_handle(HandleKind::kResult, dead) == nullptr);
}

TEST_CASE("handle: closing while others look costs nobody the object") {
  for (int round = 0; round < 200; round++) {
    void *h = make_handle(HandleKind::kConnection, new Thing);
    std::vector<std::thread> threads;
    for (int t = 0; t < 3; t++)
      threads.emplace_back([h] {
        for (int i = 0; i < 50; i++)
          if (HandleObject *o = acquire_handle(HandleKind::kConnection, h)) o->release();
      });
    if (HandleObject *o = close_handle(HandleKind::kConnection, h)) o->release();
    for (auto &t : threads) t.join();
  }
  CHECK(g_alive == 0);
}
