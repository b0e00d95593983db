// The calls under way on a connection, found by request id. Open addressing; ids may repeat (programs choose them), the
// oldest call with an id is found first as far as they meet in one run of the table.
#pragma once
#include <cstdint>
#include <cstdlib>
#include <new>
#include <vector>

#include "client/call.h"

namespace opentaos::client {

class CallTable {
 public:
  void insert(Call *c) {
    if ((count_ + 1) * 2 > slots_.size()) grow();
    place(c);
    count_++;
    c->in_table_ = true;
  }
  Call *find(uint64_t req_id) const {
    if (slots_.empty()) return nullptr;
    for (size_t i = home(req_id);; i = (i + 1) & mask()) {
      if (!slots_[i]) return nullptr;
      if (slots_[i]->req_id_ == req_id) return slots_[i];
    }
  }
  void remove(Call *c) {
    if (!c->in_table_) return;
    c->in_table_ = false;
    count_--;
    size_t i = home(c->req_id_);
    while (slots_[i] != c) i = (i + 1) & mask();
    // Backward shift: no tombstones to pile up over millions of calls.
    for (size_t j = i;;) {
      j = (j + 1) & mask();
      if (!slots_[j]) break;
      size_t h = home(slots_[j]->req_id_);
      if (((j - h) & mask()) >= ((j - i) & mask())) {
        slots_[i] = slots_[j];
        i = j;
      }
    }
    slots_[i] = nullptr;
  }
  Call *any() const {
    for (Call *c : slots_)
      if (c) return c;
    return nullptr;
  }
  template <typename F>
  void for_each(F &&f) const {
    for (Call *c : slots_)
      if (c) f(c);
  }
  size_t size() const { return count_; }

 private:
  size_t mask() const { return slots_.size() - 1; }
  size_t home(uint64_t id) const { return (id * 0x9E3779B97F4A7C15ull >> 40) & mask(); }
  void place(Call *c) {
    size_t i = home(c->req_id_);
    while (slots_[i]) i = (i + 1) & mask();
    slots_[i] = c;
  }
  void grow() {
    std::vector<Call *> old(slots_.empty() ? 16 : slots_.size() * 2, nullptr);
    old.swap(slots_);
    for (Call *c : old)
      if (c) place(c);
  }

  std::vector<Call *> slots_;
  size_t count_ = 0;
};

}  // namespace opentaos::client
