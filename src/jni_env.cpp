#include "jni_env.h"

#include <vector>

#include "base/bytes.h"
#include "taos.h"

namespace opentaos::jni {
namespace {

constexpr uint32_t kReplacement = 0xFFFD;

void append_utf8(std::string *out, uint32_t c) {
  if (c < 0x80) {
    *out += static_cast<char>(c);
    return;
  }
  if (c >= 0x10000) {
    *out += static_cast<char>(0xF0 | c >> 18);
    *out += static_cast<char>(0x80 | (c >> 12 & 0x3F));
  } else if (c >= 0x800) {
    *out += static_cast<char>(0xE0 | c >> 12);
  } else {
    *out += static_cast<char>(0xC0 | c >> 6);
    *out += static_cast<char>(0x80 | (c & 0x3F));
    return;
  }
  *out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
  *out += static_cast<char>(0x80 | (c & 0x3F));
}

// The next character of a text that may be anything.
uint32_t next_character(std::string_view *text) {
  const auto at = [&](size_t i) { return static_cast<uint8_t>((*text)[i]); };
  const uint8_t first = at(0);
  const size_t n = first < 0x80                    ? 1
                   : first >= 0xC2 && first < 0xE0 ? 2
                   : first >= 0xE0 && first < 0xF0 ? 3
                   : first >= 0xF0 && first < 0xF5 ? 4
                                                   : 0;
  uint32_t c = n == 1 ? first : n == 2 ? first & 0x1Fu : n == 3 ? first & 0x0Fu : first & 0x07u;
  bool good = n > 0 && n <= text->size();
  for (size_t i = 1; good && i < n; i++) {
    good = (at(i) & 0xC0) == 0x80;
    c = c << 6 | (at(i) & 0x3Fu);
  }
  good = good && !(n == 3 && (c < 0x800 || (c >= 0xD800 && c < 0xE000))) && !(n == 4 && (c < 0x10000 || c > 0x10FFFF));
  text->remove_prefix(good ? n : 1);
  return good ? c : kReplacement;
}

}  // namespace

std::optional<std::string> Java::text(jstring s) const {
  if (!s) return std::nullopt;
  std::vector<jchar> units(static_cast<size_t>(call<jsize>(Slot::kGetStringLength, s)));
  if (!units.empty()) call<void>(Slot::kGetStringRegion, s, jsize{0}, static_cast<jsize>(units.size()), units.data());
  std::string out;
  out.reserve(units.size());
  for (size_t i = 0; i < units.size(); i++) {
    uint32_t c = units[i];
    if (c >= 0xD800 && c < 0xE000) {
      const bool pair = c < 0xDC00 && i + 1 < units.size() && units[i + 1] >= 0xDC00 && units[i + 1] < 0xE000;
      c = pair ? 0x10000 + ((c - 0xD800) << 10) + (units[++i] - 0xDC00u) : kReplacement;
    }
    append_utf8(&out, c);
  }
  return out;
}

jstring Java::string(const char *text) const { return text ? string(std::string_view(text)) : nullptr; }

jstring Java::string(std::string_view text) const {
  std::vector<jchar> units;
  units.reserve(text.size());
  while (!text.empty()) {
    const uint32_t c = next_character(&text);
    if (c >= 0x10000) units.push_back(static_cast<jchar>(0xD800 + ((c - 0x10000) >> 10)));
    units.push_back(static_cast<jchar>(c >= 0x10000 ? 0xDC00 + ((c - 0x10000) & 0x3FF) : c));
  }
  static const jchar kNothing = 0;
  return call<jstring>(Slot::kNewString, units.empty() ? &kNothing : static_cast<const jchar *>(units.data()),
                       static_cast<jsize>(units.size()));
}

std::string Java::bytes(jarray a) const {
  std::string out(static_cast<size_t>(length(a)), '\0');
  if (!out.empty())
    call<void>(Slot::kGetByteArrayRegion, a, jsize{0}, static_cast<jsize>(out.size()),
               reinterpret_cast<jbyte *>(out.data()));
  return out;
}

jarray Java::byte_array(const void *data, size_t size) const {
  jarray a = call<jarray>(Slot::kNewByteArray, static_cast<jsize>(size));
  if (a && size > 0)
    call<void>(Slot::kSetByteArrayRegion, a, jsize{0}, static_cast<jsize>(size), static_cast<const jbyte *>(data));
  return a;
}

jarray Java::string_array(const char *const *texts, size_t n) const {
  jarray a =
      call<jarray>(Slot::kNewObjectArray, static_cast<jsize>(n), find_class("java/lang/String"), jobject{nullptr});
  for (size_t i = 0; a && i < n; i++) {
    jstring s = string(texts[i]);
    call<void>(Slot::kSetObjectArrayElement, a, static_cast<jsize>(i), s);
    drop(s);
  }
  return a;
}

jmethodID Java::method_of(jobject o, const char *name, const char *signature) const {
  jclass c = call<jclass>(Slot::kGetObjectClass, o);
  jmethodID m = method(c, name, signature);
  drop(c);
  return m;
}

jobject Java::make(const char *class_name) const {
  jclass c = find_class(class_name);
  jmethodID constructor = method(c, "<init>", "()V");
  if (!constructor) return nullptr;
  jobject o = call<jobject>(Slot::kNewObjectA, c, constructor, static_cast<const jvalue *>(nullptr));
  if (failed()) return nullptr;
  drop(c);
  return o;
}

bool Java::run(jobject o, const char *name, const char *signature, std::initializer_list<jvalue> args) const {
  if (!o || failed()) return false;
  jmethodID m = method_of(o, name, signature);
  return m && run(o, m, args);
}

void Java::add_to_list(jobject list, jobject item) const {
  if (!list || failed()) return;
  const jvalue args[] = {value(item)};
  if (jmethodID add = method_of(list, "add", "(Ljava/lang/Object;)Z"))
    (void)call<jboolean>(Slot::kCallBooleanMethodA, list, add, static_cast<const jvalue *>(args));
  (void)failed();  // the standard wants it looked at
}

Vm *Java::vm() const {
  Vm *vm = nullptr;
  return call<jint>(Slot::kGetJavaVM, &vm) == 0 ? vm : nullptr;
}

jint add_columns(const Java &java, void *result, jobject list) {
  const TAOS_FIELD *fields = taos_fetch_fields(result);
  const int n = taos_num_fields(result);
  if (!fields || n <= 0) return kNumOfFields0;
  for (int i = 0; i < n && !java.failed(); i++) {
    jobject column = java.make("com/taosdata/jdbc/ColumnMetaData");
    jstring name = java.string(fields[i].name);
    java.run(column, "setColType", "(I)V", {value(jint{fields[i].type})});
    java.run(column, "setColSize", "(I)V", {value(jint{fields[i].bytes})});
    java.run(column, "setColIndex", "(I)V", {value(jint{i})});
    java.run(column, "setColName", "(Ljava/lang/String;)V", {value(name)});
    java.add_to_list(list, column);
    java.drop(name);
    java.drop(column);
  }
  return kSuccess;
}

jint take_block(const Java &java, void *result, jobject block, jobject columns) {
  void *data = nullptr;
  int rows = 0;
  const int code = taos_fetch_raw_block(result, &rows, &data);
  if (rows == 0) return code == 0 ? kFetchEnd : kResultSetNull;
  if (columns) {
    if (const jint bad = add_columns(java, result, columns); bad != kSuccess) return bad;
  }
  const auto size = base::load_le<uint32_t>(static_cast<const uint8_t *>(data) + 4);  // checked when it was received
  jarray bytes = java.byte_array(data, size);
  java.run(block, "setNumOfRows", "(I)V", {value(jint{rows})});
  java.run(block, "setNumOfCols", "(I)V", {value(jint{taos_num_fields(result)})});
  java.run(block, "setByteArray", "([B)V", {value(bytes)});
  java.drop(bytes);
  return java.failed() ? kOutOfMemory : kSuccess;
}

}  // namespace opentaos::jni
