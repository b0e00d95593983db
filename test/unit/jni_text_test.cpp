// Texts between Java and C, with a Java that has only strings: a function table of our own.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "jni_env.h"

using namespace opentaos::jni;

namespace {

std::u16string g_made;
int g_attached, g_detached;

jsize string_length(Env *, jstring s) { return static_cast<jsize>(reinterpret_cast<std::u16string *>(s)->size()); }
void string_region(Env *, jstring s, jsize from, jsize n, jchar *to) {
  reinterpret_cast<std::u16string *>(s)->copy(reinterpret_cast<char16_t *>(to), static_cast<size_t>(n),
                                              static_cast<size_t>(from));
}
jstring new_string(Env *, const jchar *units, jsize n) {
  g_made.assign(reinterpret_cast<const char16_t *>(units), static_cast<size_t>(n));
  return reinterpret_cast<jstring>(&g_made);
}

struct FakeJava {
  FakeJava() {
    table[static_cast<size_t>(Slot::kGetStringLength)] = reinterpret_cast<void *>(string_length);
    table[static_cast<size_t>(Slot::kGetStringRegion)] = reinterpret_cast<void *>(string_region);
    table[static_cast<size_t>(Slot::kNewString)] = reinterpret_cast<void *>(new_string);
    env.functions = table.data();
  }
  std::vector<void *> table = std::vector<void *>(240);
  Env env;
};

std::string to_c(std::u16string s) {
  FakeJava fake;
  return *Java(&fake.env).text(reinterpret_cast<jstring>(&s));
}
std::u16string to_java(std::string_view s) {
  FakeJava fake;
  g_made = u"unset";
  Java(&fake.env).string(s);
  return g_made;
}

}  // namespace

TEST_CASE("jni: texts from Java") {
  CHECK(to_c(u"") == "");
  CHECK(to_c(u"abc") == "abc");
  CHECK(to_c(u"a\u00e9\u6f22\U0001F600") == "a\xc3\xa9\xe6\xbc\xa2\xf0\x9f\x98\x80");
  CHECK(to_c(std::u16string(u"a\0b", 3)) == std::string("a\0b", 3));
  // Halves of a pair.
  CHECK(to_c(std::u16string(1, 0xD83D)) == "\xef\xbf\xbd");
  CHECK(to_c(std::u16string{0xDE00, u'x'}) == "\xef\xbf\xbdx");
  CHECK(to_c(std::u16string{0xD83D, u'x'}) == "\xef\xbf\xbdx");
  FakeJava fake;
  CHECK_FALSE(Java(&fake.env).text(nullptr).has_value());
}

TEST_CASE("jni: texts to Java") {
  CHECK(to_java("") == u"");
  CHECK(to_java("a\xc3\xa9\xe6\xbc\xa2\xf0\x9f\x98\x80z") == u"a\u00e9\u6f22\U0001F600z");
  CHECK(to_java(std::string_view("a\0b", 3)) == std::u16string(u"a\0b", 3));
  // What is no UTF-8, byte by byte.
  CHECK(to_java("\xff") == u"\ufffd");
  CHECK(to_java("\xc3") == u"\ufffd");
  CHECK(to_java("\xc3(") == u"\ufffd(");
  CHECK(to_java("\xc0\x80") == u"\ufffd\ufffd");
  CHECK(to_java("\xe0\x80\x80").size() == 3);
  CHECK(to_java("\xed\xa0\x80").size() == 3);
  CHECK(to_java("\xf0\x9f\x98").size() == 3);
  CHECK(to_java("\xf4\x90\x80\x80").size() == 4);
  FakeJava fake;
  CHECK(Java(&fake.env).string(static_cast<const char *>(nullptr)) == nullptr);
}

TEST_CASE("jni: a thread of ours is known to Java only for as long as needed") {
  static FakeJava fake;
  std::vector<void *> table(8);
  table[static_cast<size_t>(VmSlot::kGetEnv)] =
      reinterpret_cast<void *>(+[](Vm *, void **, jint) -> jint { return -2; });
  table[static_cast<size_t>(VmSlot::kAttachCurrentThreadAsDaemon)] =
      reinterpret_cast<void *>(+[](Vm *, void **env, void *) -> jint {
        g_attached++;
        *env = &fake.env;
        return 0;
      });
  table[static_cast<size_t>(VmSlot::kDetachCurrentThread)] = reinterpret_cast<void *>(+[](Vm *) -> jint {
    g_detached++;
    return 0;
  });
  Vm vm{table.data()};
  g_attached = g_detached = 0;
  bool ran = false;
  with_java(&vm, [&](const Java &java) {
    ran = true;
    (void)java.string("x");
    CHECK(g_detached == 0);
  });
  CHECK(ran);
  CHECK(g_attached == 1);
  CHECK(g_detached == 1);
}
