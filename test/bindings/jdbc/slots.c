/* Where a jni.h says that the functions stand that src/jni_types.h has written down. One line each: name and place. */
#include <jni.h>
#include <stddef.h>
#include <stdio.h>

#define ENV(name) printf("k" #name " = %zu,\n", offsetof(struct JNINativeInterface_, name) / sizeof(void *))
#define VM(name) printf("k" #name " = %zu,\n", offsetof(struct JNIInvokeInterface_, name) / sizeof(void *))

int main(void) {
  ENV(FindClass);
  ENV(ExceptionClear);
  ENV(NewGlobalRef);
  ENV(DeleteGlobalRef);
  ENV(DeleteLocalRef);
  ENV(NewObjectA);
  ENV(GetObjectClass);
  ENV(GetMethodID);
  ENV(CallBooleanMethodA);
  ENV(CallVoidMethodA);
  ENV(NewString);
  ENV(GetStringLength);
  ENV(GetArrayLength);
  ENV(NewObjectArray);
  ENV(GetObjectArrayElement);
  ENV(SetObjectArrayElement);
  ENV(NewByteArray);
  ENV(GetByteArrayRegion);
  ENV(SetByteArrayRegion);
  ENV(GetJavaVM);
  ENV(GetStringRegion);
  ENV(ExceptionCheck);
  VM(DetachCurrentThread);
  VM(GetEnv);
  VM(AttachCurrentThreadAsDaemon);
  return 0;
}
