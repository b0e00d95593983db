#include "fault.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "http.h"

namespace opentaos::sandbox::server {
namespace {

// `fields` says what follows "name=", separated by ":":
//   a  an action (may be left out when the next field is a number or there is none: "any")
//   n  a number          o  a number that may be left out
//   c  like n, but it says which request: N is short for @N; may be left out
//   p  a place in the payload: a number, or block+N    h  bytes in hexadecimal
//   f, t  text: what to find, what to put (t may be left out)
//   w  one of the words in `words`
struct FaultForm {
  const char *name;
  FaultKind kind;
  const char *fields;
  const char *usage;
  const char *words;
  const char *help;
  int64_t standard;  // for "o" left out
};

constexpr FaultForm kForms[] = {
    {"late", FaultKind::kLate, "an", "late=ACTION:MS", "",
     "answer after MS milliseconds; other answers go out meanwhile", 0},
    {"never", FaultKind::kNever, "a", "never=ACTION", "", "do the work, but do not answer", 0},
    {"cut", FaultKind::kCut, "ac", "cut=ACTION[:N]", "",
     "do the work, then close the TCP connection instead of answering (the Nth)", 0},
    {"cut-before", FaultKind::kCutBefore, "ac", "cut-before=ACTION[:N]", "", "the same without doing the work", 0},
    {"reset", FaultKind::kReset, "ac", "reset=ACTION[:N]", "", "like cut, but with a TCP reset", 0},
    {"cut-after", FaultKind::kCutAfter, "n", "cut-after=BYTES", "",
     "close the TCP connection after BYTES sent bytes; ACTION is connection", 0},
    {"truncate", FaultKind::kTruncate, "an", "truncate=ACTION:BYTES", "",
     "send only the first BYTES of the answer's frame, then close", 0},
    {"garble", FaultKind::kGarble, "aph", "garble=ACTION:PLACE:HEX", "",
     "overwrite bytes of the payload; PLACE is an offset or block+N, counted from the raw block", 0},
    {"flip", FaultKind::kFlip, "ao", "flip=ACTION[:SEED]", "",
     "flip a few bits of the payload, the same ones for a seed", 1},
    {"replace", FaultKind::kReplace, "aft", "replace=ACTION:FROM[:TO]", "",
     "replace FROM in the payload by TO, everywhere; %XX stands for a byte", 0},
    {"pad", FaultKind::kPad, "an", "pad=ACTION:BYTES", "",
     "add BYTES spaces to the payload (small on the wire with permessage-deflate)", 0},
    {"error", FaultKind::kError, "ant", "error=ACTION:CODE[:TEXT]", "", "do nothing and answer with this error", 0},
    {"close-frame", FaultKind::kCloseFrame, "ao", "close-frame=ACTION[:CODE]", "",
     "send a WebSocket close frame instead of the answer; without CODE an empty one", 0},
    {"duplicate", FaultKind::kDuplicate, "a", "duplicate[=ACTION]", "", "answer twice", 0},
    {"unasked", FaultKind::kUnasked, "a", "unasked[=ACTION]", "", "send answers nobody asked for ahead of the answer",
     0},
    {"reorder", FaultKind::kReorder, "a", "reorder[=ACTION]", "",
     "hold the answer until the next one is out, at most 100 ms", 0},
    {"fragment", FaultKind::kFragment, "an", "fragment=[ACTION:]N", "",
     "split messages into WebSocket fragments of N bytes", 0},
    {"slow-drip", FaultKind::kSlowDrip, "ao", "slow-drip[=ACTION][:MS]", "", "send byte by byte, MS milliseconds apart",
     1},
    {"ping-storm", FaultKind::kPingStorm, "an", "ping-storm=[ACTION:]N", "",
     "send N pings ahead of the answer and one between its fragments", 0},
    {"bad-frame", FaultKind::kBadFrame, "aw", "bad-frame=ACTION:KIND",
     "rsv opcode masked huge overlong long-ping "
     "continuation nested compressed short-close",
     "break the WebSocket frame", 0},
    {"refuse-upgrade", FaultKind::kRefuseUpgrade, "n", "refuse-upgrade=STATUS", "",
     "answer the WebSocket upgrade with this HTTP status; ACTION is upgrade", 0},
    {"bad-upgrade", FaultKind::kBadUpgrade, "w", "bad-upgrade=KIND", "accept missing endless silent garbage cut",
     "break the answer to the upgrade; ACTION is upgrade", 0},
};

constexpr size_t kMaxPad = 1u << 30;

std::optional<int64_t> parse_number(std::string_view text) {
  int base = 10;
  if (text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
    base = 16;
    text.remove_prefix(2);
  }
  int64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

std::optional<std::string> parse_hex(std::string_view text) {
  std::string out;
  if (text.empty() || text.size() % 2 != 0) return std::nullopt;
  for (size_t i = 0; i < text.size(); i += 2) {
    unsigned byte = 0;
    auto [end, error] = std::from_chars(text.data() + i, text.data() + i + 2, byte, 16);
    if (error != std::errc() || end != text.data() + i + 2) return std::nullopt;
    out.push_back(static_cast<char>(byte));
  }
  return out;
}

// "@3", "@3+", "@3-5", without the "@".
bool parse_range(std::string_view text, Fault *fault) {
  bool open = !text.empty() && text.back() == '+';
  if (open) text.remove_suffix(1);
  size_t dash = text.find('-');
  auto first = parse_number(text.substr(0, dash));
  auto last = dash == std::string_view::npos ? first : parse_number(text.substr(dash + 1));
  if (!first || !last || *first < 1 || *last < *first || (open && dash != std::string_view::npos)) return false;
  fault->first = *first;
  fault->last = open ? INT64_MAX : *last;
  return true;
}

// One field after another; false when one does not fit.
bool parse_field(const FaultForm &form, char field, std::string_view text, Fault *fault) {
  std::optional<std::string> plain = percent_decode(text, false);
  if (!plain) return false;
  switch (field) {
    case 'a': fault->action = *plain; return !plain->empty();
    case 'n':
    case 'o': {
      auto value = parse_number(*plain);
      fault->number = value.value_or(0);
      return value.has_value();
    }
    case 'c': return parse_range(*plain, fault);
    case 'p': {
      std::string_view place = *plain;
      fault->from_block = place.substr(0, 6) == "block+";
      auto value = parse_number(fault->from_block ? place.substr(6) : place);
      fault->number = value.value_or(0);
      return value.has_value();
    }
    case 'h': {
      auto value = parse_hex(*plain);
      fault->bytes = value.value_or("");
      return value.has_value();
    }
    case 'f': fault->find = *plain; return !plain->empty();
    case 't': fault->bytes = *plain; return true;
    case 'w':
      for (std::string_view word : split(form.words, ' ')) {
        if (word == *plain) {
          fault->bytes = *plain;
          return true;
        }
      }
      return false;
    default: return false;
  }
}

bool may_be_left_out(char field) { return field == 'o' || field == 'c' || field == 't'; }

bool parse_fault(std::string_view item, Fault *fault, std::string *error) {
  size_t at = item.find('@');
  std::string_view head = item.substr(0, at);
  size_t equals = head.find('=');
  std::string_view name = head.substr(0, equals);
  const FaultForm *form = nullptr;
  for (const FaultForm &candidate : kForms) {
    if (name == candidate.name) form = &candidate;
  }
  if (form == nullptr) {
    *error = "unknown fault \"" + std::string(name) + "\"";
    return false;
  }
  *error = "\"" + std::string(item) + "\" is not of the form " + form->usage + "[@N|@N+|@N-M]";
  if (form->words[0] != '\0') *error += std::string(", KIND being one of ") + form->words;

  fault->kind = form->kind;
  fault->number = form->standard;
  bool upgrade = form->kind == FaultKind::kRefuseUpgrade || form->kind == FaultKind::kBadUpgrade;
  fault->action = upgrade ? "upgrade" : form->kind == FaultKind::kCutAfter ? "connection" : "any";
  std::vector<std::string_view> values;
  if (equals != std::string_view::npos) values = split(head.substr(equals + 1), ':');
  std::string_view fields = form->fields;
  // Without an action, "any": fragment=7, late=500, duplicate.
  bool no_action = values.empty() || (values.size() < fields.size() && parse_number(values[0]).has_value());
  if (fields[0] == 'a' && no_action) fields.remove_prefix(1);
  if (values.size() > fields.size()) return false;
  for (size_t i = 0; i < fields.size(); ++i) {
    if (i >= values.size()) {
      if (!may_be_left_out(fields[i])) return false;
    } else if (!parse_field(*form, fields[i], values[i], fault)) {
      return false;
    }
  }
  if (at != std::string_view::npos && !parse_range(item.substr(at + 1), fault)) return false;
  error->clear();
  return true;
}

// "query" and "fetch" mean every way to query and fetch.
bool matches(std::string_view wanted, std::string_view action) {
  if (wanted == action) return true;
  if (wanted == "any") return action != "upgrade" && action != "connection";
  if (wanted == "query") return action == "binary_query";
  if (wanted == "fetch") return action == "fetch_block" || action == "fetch_raw_block";
  return false;
}

void flip_bits(uint64_t seed, std::string *payload) {
  if (payload->empty()) return;
  uint64_t state = seed;
  auto next = [&state] {  // splitmix64
    uint64_t z = state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
  };
  uint64_t count = 1 + next() % 8;
  for (uint64_t i = 0; i < count; ++i) {
    char &byte = (*payload)[next() % payload->size()];
    byte = static_cast<char>(byte ^ (1 << next() % 8));
  }
}

}  // namespace

const Fault *AppliedFaults::find(FaultKind kind) const {
  for (const Fault &fault : faults_) {
    if (fault.kind == kind) return &fault;
  }
  return nullptr;
}

bool FaultPlan::add(std::string_view spec, std::string *error) {
  std::vector<Fault> parsed;
  for (std::string_view item : split(spec, ',')) {
    if (item.empty() || item == "none") continue;
    Fault fault;
    if (!parse_fault(item, &fault, error)) return false;
    if (!known_(fault.action)) {
      *error = "\"" + std::string(item) + "\": there is no action " + fault.action;
      return false;
    }
    parsed.push_back(std::move(fault));
  }
  std::lock_guard lock(mutex_);
  faults_.insert(faults_.end(), parsed.begin(), parsed.end());
  return true;
}

void FaultPlan::clear() {
  std::lock_guard lock(mutex_);
  faults_.clear();
}

AppliedFaults FaultPlan::take(std::string_view action) {
  AppliedFaults applied;
  std::lock_guard lock(mutex_);
  for (Fault &fault : faults_) {
    if (!matches(fault.action, action)) continue;
    ++fault.seen;
    if (fault.seen >= fault.first && fault.seen <= fault.last) applied.add(fault);
  }
  return applied;
}

void edit_payload(const AppliedFaults &faults, size_t block_at, std::string *payload) {
  for (const Fault &fault : faults.all()) {
    if (fault.kind == FaultKind::kReplace) {
      for (size_t at = 0; (at = payload->find(fault.find, at)) != std::string::npos; at += fault.bytes.size()) {
        payload->replace(at, fault.find.size(), fault.bytes);
      }
    } else if (fault.kind == FaultKind::kPad) {
      payload->append(std::min<size_t>(static_cast<size_t>(fault.number), kMaxPad), ' ');
    } else if (fault.kind == FaultKind::kFlip) {
      flip_bits(static_cast<uint64_t>(fault.number), payload);
    } else if (fault.kind == FaultKind::kGarble) {
      if (fault.from_block && block_at == std::string::npos) continue;
      size_t at = static_cast<size_t>(fault.number) + (fault.from_block ? block_at : 0);
      for (size_t i = 0; i < fault.bytes.size() && at + i < payload->size(); ++i) (*payload)[at + i] = fault.bytes[i];
    }
  }
}

std::string fault_help() {
  std::string out;
  for (const FaultForm &form : kForms) {
    std::string usage = std::string("  ") + form.usage;
    usage.resize(std::max<size_t>(usage.size() + 2, 34), ' ');
    out += usage + form.help + "\n";
    if (form.words[0] != '\0') out += std::string(34, ' ') + "KIND: " + form.words + "\n";
  }
  return out;
}

}  // namespace opentaos::sandbox::server
