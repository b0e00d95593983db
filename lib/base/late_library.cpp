#include "base/late_library.h"

#include <dlfcn.h>
#include <sched.h>
#include <unistd.h>

#include <cstring>
#include <string>

#include "base/codes.h"

namespace opentaos::base {

Status LateLibrary::load() {
  const int self = ::getpid();
  while (file_ && !loaded_.load(std::memory_order_acquire)) {
    int loader = 0;
    if (loader_.compare_exchange_strong(loader, self, std::memory_order_acquire) ||
        (loader != self && loader_.compare_exchange_strong(loader, self, std::memory_order_acquire))) {
      Status s = loaded_.load(std::memory_order_acquire) ? Status::ok() : load_now();
      loader_.store(0, std::memory_order_release);
      return s;
    }
    ::sched_yield();
  }
  return Status::ok();
}

Status LateLibrary::load_now() {
  const auto failed = [&] {
    const char *why = ::dlerror();
    return Status(kErrLibraryNotLoaded, std::string("cannot load ") + file_ + ": " + (why ? why : "no reason given"));
  };
  void *library = ::dlopen(file_, RTLD_LAZY | RTLD_LOCAL);
  if (!library) return failed();
  auto *slot = static_cast<unsigned char *>(functions_);
  for (const char *name : names_) {
    void *function = ::dlsym(library, name);
    if (!function) return failed();
    std::memcpy(slot, &function, sizeof function);
    slot += sizeof function;
  }
  loaded_.store(true, std::memory_order_release);
  return Status::ok();
}

}  // namespace opentaos::base
