// Faults on request: what `--fault SPEC` means. The grammar is one table in fault.cpp, which also writes the help.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace opentaos::sandbox::server {

enum class FaultKind {
  kLate,
  kNever,
  kCut,
  kCutBefore,
  kReset,
  kCutAfter,
  kTruncate,
  kGarble,
  kFlip,
  kReplace,
  kPad,
  kError,
  kCloseFrame,
  kDuplicate,
  kUnasked,
  kReorder,
  kFragment,
  kSlowDrip,
  kPingStorm,
  kBadFrame,
  kRefuseUpgrade,
  kBadUpgrade,
};

struct Fault {
  FaultKind kind{};
  std::string action;       // which requests: an action's name, a group, or "any"
  int64_t number = 0;       // milliseconds, bytes, a code, ... as the kind has it
  bool from_block = false;  // garble: count from the start of the raw block
  std::string bytes;        // garble, replace: what goes in; error: the text; bad-*: which
  std::string find;         // replace: what goes out
  int64_t first = 1;        // of the matching requests, counted from 1
  int64_t last = INT64_MAX;
  int64_t seen = 0;
};

// The faults that hit one request.
class AppliedFaults {
 public:
  const Fault *find(FaultKind kind) const;
  bool has(FaultKind kind) const { return find(kind) != nullptr; }
  // In the order of the SPEC.
  const std::vector<Fault> &all() const { return faults_; }
  void add(const Fault &fault) { faults_.push_back(fault); }

 private:
  std::vector<Fault> faults_;
};

// All faults of a server. Requests are counted over all connections, so that `cut=query:1` cuts once and a client
// that connects again gets through.
class FaultPlan {
 public:
  // `known` says which names an ACTION may be.
  explicit FaultPlan(bool (*known)(std::string_view)) : known_(known) {}

  // Adds to the plan. False and a sentence in `error` when the SPEC is not understood.
  bool add(std::string_view spec, std::string *error);
  void clear();
  // Counts the request and says what happens to it.
  AppliedFaults take(std::string_view action);

 private:
  bool (*known_)(std::string_view);
  std::mutex mutex_;
  std::vector<Fault> faults_;
};

// Changes the payload of an answer: replace, pad, garble, flip. `block_at` is where the raw block starts.
void edit_payload(const AppliedFaults &faults, size_t block_at, std::string *payload);

// For --help and the README.
std::string fault_help();

}  // namespace opentaos::sandbox::server
