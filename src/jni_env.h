// Java seen from here: strings, arrays and calls. Texts go as UTF-16, since what JNI calls UTF-8 is not quite that.
#pragma once
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "edge.h"
#include "jni_types.h"

namespace opentaos::jni {

// What the driver's natives answer besides TDengine's codes.
constexpr jint kSuccess = 0;
constexpr jint kTdengineError = -1;
constexpr jint kConnectionNull = -2;
constexpr jint kResultSetNull = -3;
constexpr jint kNumOfFields0 = -4;
constexpr jint kSqlNull = -5;
constexpr jint kFetchEnd = -6;
constexpr jint kOutOfMemory = -7;
constexpr jint kTmqConfNull = -100;
constexpr jint kTmqConfKeyNull = -101;
constexpr jint kTmqConfValueNull = -102;
constexpr jint kTmqTopicNull = -110;
constexpr jint kTmqTopicNameNull = -111;
constexpr jint kTmqConsumerNull = -120;
constexpr jint kTmqConsumerCreateError = -121;

// Java keeps our handles as numbers.
template <typename T>
T *handle(jlong number) {
  return reinterpret_cast<T *>(static_cast<uintptr_t>(number));
}
inline jlong number(const void *handle) { return static_cast<jlong>(reinterpret_cast<uintptr_t>(handle)); }

inline jvalue value(jint v) {
  jvalue x;
  x.i = v;
  return x;
}
inline jvalue value(jlong v) {
  jvalue x;
  x.j = v;
  return x;
}
inline jvalue value(jobject v) {
  jvalue x;
  x.l = v;
  return x;
}

class Java {
 public:
  explicit Java(Env *env) : env_(env) {}

  // A Java exception is pending: nothing but returning makes sense.
  bool failed() const { return call<jboolean>(Slot::kExceptionCheck) != 0; }
  void clear_exception() const { call<void>(Slot::kExceptionClear); }

  // nullopt for null.
  std::optional<std::string> text(jstring s) const;
  // null for nullptr.
  jstring string(const char *text) const;
  jstring string(std::string_view text) const;

  jsize length(jarray a) const { return a ? call<jsize>(Slot::kGetArrayLength, a) : 0; }
  std::string bytes(jarray a) const;
  jarray byte_array(const void *data, size_t size) const;
  jarray string_array(const char *const *texts, size_t n) const;
  jobject element(jarray a, jsize i) const { return call<jobject>(Slot::kGetObjectArrayElement, a, i); }

  jclass find_class(const char *name) const { return call<jclass>(Slot::kFindClass, name); }
  jmethodID method(jclass c, const char *name, const char *signature) const {
    return c ? call<jmethodID>(Slot::kGetMethodID, c, name, signature) : nullptr;
  }
  jmethodID method_of(jobject o, const char *name, const char *signature) const;
  jobject make(const char *class_name) const;  // with the constructor that takes nothing

  // False if it has thrown.
  bool run(jobject o, jmethodID m, std::initializer_list<jvalue> args) const {
    call<void>(Slot::kCallVoidMethodA, o, m, args.begin());
    return !failed();
  }
  // Looks the method up by name. Does nothing when an exception is pending.
  bool run(jobject o, const char *name, const char *signature, std::initializer_list<jvalue> args) const;
  void add_to_list(jobject list, jobject item) const;

  jobject keep(jobject o) const { return o ? call<jobject>(Slot::kNewGlobalRef, o) : nullptr; }
  void drop_kept(jobject o) const { call<void>(Slot::kDeleteGlobalRef, o); }
  void drop(jobject o) const {
    if (o) call<void>(Slot::kDeleteLocalRef, o);
  }
  Vm *vm() const;

 private:
  template <typename R, typename... Args>
  R call(Slot slot, Args... args) const {
    const auto f = reinterpret_cast<R (*)(Env *, Args...)>(env_->functions[static_cast<size_t>(slot)]);
    return f(env_, args...);
  }

  Env *env_;
};

// Runs `body` with the Java of this thread, which is made known to the machine for that time if it is ours.
template <typename Body>
void with_java(Vm *vm, Body &&body) {
  const auto slot = [&](VmSlot s) { return vm->functions[static_cast<size_t>(s)]; };
  void *env = nullptr;
  bool attached = false;
  if (reinterpret_cast<jint (*)(Vm *, void **, jint)>(slot(VmSlot::kGetEnv))(vm, &env, kVersion16) != 0) {
    const auto attach = reinterpret_cast<jint (*)(Vm *, void **, void *)>(slot(VmSlot::kAttachCurrentThreadAsDaemon));
    if (attach(vm, &env, nullptr) != 0) return;
    attached = true;
  }
  std::forward<Body>(body)(Java(static_cast<Env *>(env)));
  if (attached) (void)reinterpret_cast<jint (*)(Vm *)>(slot(VmSlot::kDetachCurrentThread))(vm);
}

// ---- for several of the groups
// 0, or what the driver is told when a connection or a result is missing.
inline jint missing(jlong connection, jlong result) {
  return connection == 0 ? kConnectionNull : result == 0 ? kResultSetNull : kSuccess;
}
// Describes the columns of a result to a java.util.List of ColumnMetaData.
jint add_columns(const Java &java, void *result, jobject list);
// Puts the next raw block of a result into a TSDBResultSetBlockData.
jint take_block(const Java &java, void *result, jobject block, jobject columns);

}  // namespace opentaos::jni
