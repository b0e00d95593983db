// A pull scanner over one JSON text, for the answers that come with every request. It walks the text once, in the order
// it was written, never recurses and allocates only to undo escapes. Values nobody asked for are skipped, whatever
// their shape. After the first error every call returns false.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace opentaos::wire {

class JsonScan {
 public:
  static constexpr unsigned kMaxDepth = 64;
  enum class Kind : uint8_t { kNone, kNull, kBool, kNumber, kString, kObject, kArray };

  explicit JsonScan(std::string_view text) : p_(text.data()), end_(text.data() + text.size()) {}

  bool failed() const { return failed_; }
  // What the next value is; kNone at the end of the text or when no value starts there.
  Kind peek();

  // Walk: `if (s.enter_object()) while (s.next_member(key)) {read or skip the value}`, then look at failed().
  // The key is valid until the next call.
  bool enter_object() { return enter('{'); }
  bool next_member(std::string_view &key);
  bool enter_array() { return enter('['); }
  bool next_element();

  // Reads of one value. `null` reads as the zero of the type; another type, or a number that does not fit, is an error.
  bool read_bool(bool &out);
  bool read_i64(int64_t &out);
  bool read_u64(uint64_t &out);
  bool read_string(std::string &out);
  // In place when the string has no escapes, otherwise undone into `scratch`.
  bool read_string(std::string_view &out, std::string &scratch);
  // An integer within [low, high].
  bool read_int(int64_t low, int64_t high, int64_t &out);
  bool read_i32(int32_t low, int32_t high, int32_t &out);

  // Passes over the next value. Only strings and the pairing of brackets are looked at inside arrays and objects.
  bool skip_value();
  // The same, and hands out the text of the value.
  bool raw_value(std::string_view &out);
  // For callers that find a value unusable: the scan has failed from here on. Returns false.
  bool reject() { return fail(); }
  // True if only white space is left.
  bool at_end();

 private:
  bool fail() {
    failed_ = true;
    p_ = end_;
    return false;
  }
  void skip_space() {
    while (p_ != end_ && (*p_ == ' ' || *p_ == '\n' || *p_ == '\r' || *p_ == '\t')) ++p_;
  }
  bool enter(char open);
  bool leave_or_separate(char close);
  bool literal(std::string_view word);
  bool take_null();
  // The text between the quotes; has_escape says whether it needs undoing.
  bool string_token(std::string_view &raw, bool &has_escape);
  bool magnitude(bool &negative, uint64_t &value);

  const char *p_;
  const char *end_;
  uint64_t first_ = 0;  // one bit per open level: nothing read there yet
  unsigned depth_ = 0;
  bool failed_ = false;
  std::string key_;
};

// Undoes the escapes of a JSON string token. Lone surrogates become U+FFFD. False if an escape is malformed.
bool unescape_json(std::string_view raw, std::string &out);

}  // namespace opentaos::wire
