#include "base/handle.h"

#include <sys/mman.h>

#include <cstdlib>
#include <mutex>
#include <new>
#include <type_traits>

namespace opentaos::base {
namespace {

// 262,144 slots x 64 generations x 16 bytes of address space = 256 MiB, reserved and never backed by memory.
constexpr size_t kStride = 16;
constexpr size_t kSlots = size_t{1} << 18;
constexpr size_t kGenerations = 64;
constexpr size_t kRange = kSlots * kStride;
constexpr size_t kChunk = 1024;      // slots are made a chunk at a time and never given back
constexpr size_t kQuarantine = 512;  // a freed slot rests while this many others are freed

struct Slot {
  // kind in the low byte, generation above it. Odd moments (opening, closing) happen under the table's mutex.
  std::atomic<uint32_t> state{0};
  uint32_t next_free = 0;
  std::atomic<HandleObject *> object{nullptr};
};

struct Table {
  std::mutex mutex;
  std::atomic<uintptr_t> base{0};
  std::atomic<Slot *> chunks[kSlots / kChunk]{};
  size_t made = 0;  // slots that exist
  size_t free_head = 0, free_tail = 0, free_count = 0;
};

// Without a constructor to run at load and never destroyed: handles may be used while the process ends.
constinit Table the_table;
static_assert(std::is_trivially_destructible_v<Table>);
Table &table() { return the_table; }

uint32_t pack(HandleKind kind, uint32_t generation) { return static_cast<uint32_t>(kind) | generation << 8; }

Slot *slot_at(Table &t, size_t index) {
  Slot *chunk = t.chunks[index / kChunk].load(std::memory_order_acquire);
  return chunk ? chunk + index % kChunk : nullptr;
}

// The slot a handle names and the generation it speaks of; nullptr for what cannot be a handle.
inline Slot *find(Table &t, const void *handle, uint32_t *generation, size_t *index = nullptr) {
  uintptr_t base = t.base.load(std::memory_order_acquire);
  uintptr_t at = reinterpret_cast<uintptr_t>(handle) - base;
  if (base == 0 || at >= kRange * kGenerations || at % kStride != 0) return nullptr;
  *generation = static_cast<uint32_t>(at / kRange);
  size_t i = (at % kRange) / kStride;
  if (index) *index = i;
  return slot_at(t, i);
}

bool reserve_range(Table &t) {
  if (t.base.load(std::memory_order_relaxed) != 0) return true;
  void *p = mmap(nullptr, kRange * kGenerations, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (p == MAP_FAILED) return false;
  t.base.store(reinterpret_cast<uintptr_t>(p), std::memory_order_release);
  return true;
}

bool add_chunk(Table &t) {
  if (t.made >= kSlots) return false;
  auto *chunk = static_cast<Slot *>(std::calloc(kChunk, sizeof(Slot)));
  if (!chunk) return false;
  for (size_t i = 0; i < kChunk; i++) new (chunk + i) Slot;
  t.chunks[t.made / kChunk].store(chunk, std::memory_order_release);
  for (size_t i = 0; i < kChunk; i++) {
    size_t index = t.made + i;
    if (t.free_count == 0)
      t.free_head = index;
    else
      slot_at(t, t.free_tail)->next_free = static_cast<uint32_t>(index);
    t.free_tail = index;
    t.free_count++;
  }
  t.made += kChunk;
  return true;
}

}  // namespace

void *make_handle(HandleKind kind, HandleObject *object) {
  Table &t = table();
  std::unique_lock lock(t.mutex);
  if (!reserve_range(t) || (t.free_count <= kQuarantine && !add_chunk(t) && t.free_count == 0)) {
    lock.unlock();
    object->release();
    return nullptr;
  }
  size_t index = t.free_head;
  Slot *s = slot_at(t, index);
  t.free_head = s->next_free;
  t.free_count--;
  uint32_t generation = ((s->state.load(std::memory_order_relaxed) >> 8) + 1) % kGenerations;
  s->object.store(object, std::memory_order_relaxed);
  s->state.store(pack(kind, generation), std::memory_order_release);
  return reinterpret_cast<void *>(t.base.load(std::memory_order_relaxed) + generation * kRange + index * kStride);
}

HandleKind kind_of_handle(const void *handle) {
  uint32_t generation;
  Slot *s = find(table(), handle, &generation);
  if (!s) return HandleKind::kFree;
  uint32_t state = s->state.load(std::memory_order_acquire);
  return state >> 8 == generation ? static_cast<HandleKind>(state & 0xff) : HandleKind::kFree;
}

HandleObject *peek_handle(HandleKind kind, const void *handle) {
  uint32_t generation;
  Slot *s = find(table(), handle, &generation);
  if (!s || s->state.load(std::memory_order_acquire) != pack(kind, generation)) return nullptr;
  return s->object.load(std::memory_order_relaxed);
}

HandleObject *acquire_handle(HandleKind kind, const void *handle) {
  Table &t = table();
  uint32_t generation;
  Slot *s = find(t, handle, &generation);
  if (!s || s->state.load(std::memory_order_acquire) != pack(kind, generation)) return nullptr;
  // Closing happens under the same mutex, so that the object cannot go between the look and the count.
  std::lock_guard lock(t.mutex);
  if (s->state.load(std::memory_order_relaxed) != pack(kind, generation)) return nullptr;
  HandleObject *o = s->object.load(std::memory_order_relaxed);
  o->add_ref();
  return o;
}

HandleObject *close_handle(HandleKind kind, const void *handle) {
  Table &t = table();
  uint32_t generation;
  size_t index = 0;
  Slot *s = find(t, handle, &generation, &index);
  if (!s) return nullptr;
  std::lock_guard lock(t.mutex);
  if (s->state.load(std::memory_order_relaxed) != pack(kind, generation)) return nullptr;
  HandleObject *o = s->object.load(std::memory_order_relaxed);
  s->state.store(pack(HandleKind::kFree, generation), std::memory_order_release);
  s->object.store(nullptr, std::memory_order_relaxed);
  if (t.free_count == 0)
    t.free_head = index;
  else
    slot_at(t, t.free_tail)->next_free = static_cast<uint32_t>(index);
  t.free_tail = index;
  t.free_count++;
  return o;
}

void for_each_handle(HandleKind kind, void (*visit)(HandleObject *object, void *arg), void *arg) {
  Table &t = table();
  for (size_t i = 0;; i++) {
    HandleObject *o = nullptr;
    {
      std::lock_guard lock(t.mutex);
      if (i >= t.made) return;
      Slot *s = slot_at(t, i);
      if (static_cast<HandleKind>(s->state.load(std::memory_order_relaxed) & 0xff) != kind) continue;
      o = s->object.load(std::memory_order_relaxed);
      o->add_ref();
    }
    visit(o, arg);
    o->release();
  }
}

namespace {
std::atomic<uint32_t> g_process_generation{0};
}

uint32_t process_generation() { return g_process_generation.load(std::memory_order_relaxed); }
void count_fork() { g_process_generation.fetch_add(1, std::memory_order_relaxed); }

void lock_handles_for_fork() { table().mutex.lock(); }
void unlock_handles_after_fork() { table().mutex.unlock(); }

}  // namespace opentaos::base
