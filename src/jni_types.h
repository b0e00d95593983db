// The Java Native Interface as far as the JDBC driver's natives need it. Types and the order of the function table are
// those of the published standard (JNI 1.6); written down here so that building needs no JDK.
// test/bindings/jdbc compares the table with a jni.h where one is installed.
#pragma once
#include <cstddef>
#include <cstdint>

#define OTS_JNI_EXPORT __attribute__((visibility("default")))

namespace opentaos::jni {

using jboolean = uint8_t;
using jbyte = int8_t;
using jchar = uint16_t;
using jshort = int16_t;
using jint = int32_t;
using jlong = int64_t;
using jfloat = float;
using jdouble = double;
using jsize = jint;

struct Object;
using jobject = Object *;
using jclass = jobject;
using jstring = jobject;
using jarray = jobject;
struct Method;
using jmethodID = Method *;

union jvalue {
  jboolean z;
  jbyte b;
  jchar c;
  jshort s;
  jint i;
  jlong j;
  jfloat f;
  jdouble d;
  jobject l;
};

// What a native method gets: a pointer to this.
struct Env {
  void *const *functions;
};
struct Vm {
  void *const *functions;
};

constexpr jint kVersion16 = 0x00010006;

// Places in the table of an Env.
enum class Slot : size_t {
  kFindClass = 6,
  kExceptionClear = 17,
  kNewGlobalRef = 21,
  kDeleteGlobalRef = 22,
  kDeleteLocalRef = 23,
  kNewObjectA = 30,
  kGetObjectClass = 31,
  kGetMethodID = 33,
  kCallBooleanMethodA = 39,
  kCallVoidMethodA = 63,
  kNewString = 163,
  kGetStringLength = 164,
  kGetArrayLength = 171,
  kNewObjectArray = 172,
  kGetObjectArrayElement = 173,
  kSetObjectArrayElement = 174,
  kNewByteArray = 176,
  kGetByteArrayRegion = 200,
  kSetByteArrayRegion = 208,
  kGetJavaVM = 219,
  kGetStringRegion = 220,
  kExceptionCheck = 228,
};

// Places in the table of a Vm.
enum class VmSlot : size_t {
  kDetachCurrentThread = 5,
  kGetEnv = 6,
  kAttachCurrentThreadAsDaemon = 7,
};

}  // namespace opentaos::jni
