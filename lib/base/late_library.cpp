#include "base/late_library.h"

#include <dlfcn.h>

#include <cstring>
#include <mutex>
#include <string>

#include "base/codes.h"

namespace opentaos::base {

Status LateLibrary::load() {
  if (!file_ || loaded_.load(std::memory_order_acquire)) return Status::ok();
  std::lock_guard lock(lock_);
  return loaded_.load(std::memory_order_relaxed) ? Status::ok() : load_now();
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
