// A shared library of the system that is loaded when it is first needed, and never unloaded. Loading OpenSSL takes
// several times as long as everything else here together, and most programs never use TLS
// (docs/internals/artefacts.md).
//
// A user lists the functions in a struct of pointers. In the static library the linker finds them instead: there the
// pointers are set from the start (OTS_LINKED), and there is no file to load.
#pragma once
#include <atomic>
#include <cstddef>
#include <span>

#include "base/process_lock.h"
#include "base/status.h"

#ifdef OTS_LINKED
#define OTS_LATE_FILE(file) nullptr
#define OTS_LATE_VALUE(name) &::name,
#else
#define OTS_LATE_FILE(file) file
#define OTS_LATE_VALUE(name) nullptr,
#endif
#define OTS_LATE_MEMBER(name) decltype(&::name) name;
#define OTS_LATE_SYMBOL(name) #name,

namespace opentaos::base {

class LateLibrary {
 public:
  // `functions`: where the pointers stand, in the order of `names`. `file` nullptr: they are set already.
  constexpr LateLibrary(const char *file, std::span<const char *const> names, void *functions)
      : file_(file), names_(names), functions_(functions) {}

  // Any thread, any number of times. Failure: 0x8000010B and what the system says; the next call tries again.
  Status load();

 private:
  Status load_now();

  const char *file_;
  std::span<const char *const> names_;
  void *functions_;
  std::atomic<bool> loaded_{false};
  ProcessLock lock_;
};

}  // namespace opentaos::base
