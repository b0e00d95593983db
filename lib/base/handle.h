// Handles: what programs hold instead of pointers to our objects (docs/internals/handles.md).
//
// A handle is an address inside a reserved, never readable range: its place says which slot of a table it means and
// which generation of that slot. So a NULL, a freed handle, a handle of another kind and a stray pointer are all told
// apart without touching the memory they point to. Looking one up costs two loads; no lock.
#pragma once
#include <atomic>
#include <cstdint>

namespace opentaos::base {

enum class HandleKind : uint8_t {
  kFree = 0,
  kConnection,
  kResult,
  kStatement,
  kStatement2,
  kConsumer,
  kConsumerConfig,
  kTopicList,
  kPool,
};

// An object that programs reach through a handle. Counted: the handle holds one reference, a call under way another.
class HandleObject {
 public:
  virtual ~HandleObject() = default;
  void add_ref() { refs_.fetch_add(1, std::memory_order_relaxed); }
  void release() {
    if (refs_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

 private:
  std::atomic<int32_t> refs_{1};
};

// Gives `object` (whose first reference it takes over) a handle. nullptr when the table is full or memory is out; the
// reference is released then.
void *make_handle(HandleKind kind, HandleObject *object);

// The kind of a live handle; kFree for anything else.
HandleKind kind_of_handle(const void *handle);

// The object of a live handle of this kind, without taking a reference: for objects that one thread uses at a time.
HandleObject *peek_handle(HandleKind kind, const void *handle);

// The same with a reference taken, safe against another thread closing the handle meanwhile.
HandleObject *acquire_handle(HandleKind kind, const void *handle);

// Ends the handle and hands its reference to the caller; nullptr if it was not live or of another kind.
HandleObject *close_handle(HandleKind kind, const void *handle);

// Calls `visit` with a reference held on every live object of a kind.
void for_each_handle(HandleKind kind, void (*visit)(HandleObject *object, void *arg), void *arg);

// Counts the forks that lead to this process: what was opened under another number belongs to a parent.
uint32_t process_generation();
void count_fork();  // in the child

// Around fork(): no other thread may hold the table's lock in the child.
void lock_handles_for_fork();
void unlock_handles_after_fork();

// A reference held for the length of a scope.
template <typename T>
class Ref {
 public:
  Ref() = default;
  static Ref adopt(T *p) {
    Ref r;
    r.p_ = p;
    return r;
  }
  static Ref share(T *p) {
    if (p) p->add_ref();
    return adopt(p);
  }
  Ref(const Ref &o) : p_(o.p_) {
    if (p_) p_->add_ref();
  }
  Ref(Ref &&o) noexcept : p_(o.p_) { o.p_ = nullptr; }
  Ref &operator=(Ref o) noexcept {
    T *t = p_;
    p_ = o.p_;
    o.p_ = t;
    return *this;
  }
  ~Ref() {
    if (p_) p_->release();
  }
  T *get() const { return p_; }
  T *operator->() const { return p_; }
  T &operator*() const { return *p_; }
  explicit operator bool() const { return p_ != nullptr; }
  T *detach() {
    T *p = p_;
    p_ = nullptr;
    return p;
  }

 private:
  T *p_ = nullptr;
};

}  // namespace opentaos::base
