#include <algorithm>

#include "engine/cast.h"
#include "engine/functions.h"
#include "engine/text.h"

namespace opentaos::sandbox {

namespace {

constexpr int32_t kMaxWidth = 65517;

const std::string &text(const Value &v) { return std::get<std::string>(v); }

// The argument's text type and width.
void bind_text(Expr &e, const Scope &, const Context &) {
  need_text(e, 0);
  e.type = e.args[0]->type;
  e.type.name.clear();
}

void bind_number(Expr &e, const Scope &, const Context &) {
  if (!is_var_type(e.args[0]->type.type)) bad_argument_type(e);
  e.type = make_field("", kBigInt);
}

// NCHAR is four bytes a character inside the server.
Value run_length(const Expr &e, const std::vector<Value> &args, const Context &, int) {
  if (e.args[0]->type.type == kNchar) return utf8_length(text(args[0])) * 4;
  return static_cast<int64_t>(text(args[0]).size());
}
Value run_char_length(const Expr &, const std::vector<Value> &args, const Context &, int) {
  return utf8_length(text(args[0]));
}
Value run_lower(const Expr &, const std::vector<Value> &args, const Context &, int) { return to_lower(text(args[0])); }
Value run_upper(const Expr &, const std::vector<Value> &args, const Context &, int) { return to_upper(text(args[0])); }

Value run_trim(const Expr &e, const std::vector<Value> &args, const Context &, int) {
  std::string_view s = text(args[0]);
  if (e.name != "rtrim")
    while (!s.empty() && s.front() == ' ') s.remove_prefix(1);
  if (e.name != "ltrim")
    while (!s.empty() && s.back() == ' ') s.remove_suffix(1);
  return std::string(s);
}

// Numbers may be joined too. Two bytes of every part's length prefix stay in the width, as on the server.
void bind_concat(Expr &e, const Scope &, const Context &) {
  size_t first = e.name == "concat_ws" ? 1 : 0;
  bool nchar = false;
  int64_t width = 0;
  for (size_t i = 0; i < e.args.size(); i++) {
    const Field &f = e.args[i]->type;
    if (!is_text_type(f.type)) bad_argument_type(e);
    nchar = nchar || f.type == kNchar;
    if (i >= first) width += f.width + 2;
  }
  width -= 2;
  if (first == 1) width += static_cast<int64_t>(e.args.size() - 2) * e.args[0]->type.width;
  e.type = make_field("", nchar ? kNchar : kVarchar, static_cast<int32_t>(std::min<int64_t>(width, kMaxWidth)));
}

Value run_concat(const Expr &, const std::vector<Value> &args, const Context &, int) {
  std::string s;
  for (auto &a : args) s += text(a);
  return s;
}

Value run_concat_ws(const Expr &, const std::vector<Value> &args, const Context &, int) {
  if (is_null(args[0])) return {};
  std::string s;
  bool first = true;
  for (size_t i = 1; i < args.size(); i++) {
    if (is_null(args[i])) continue;
    if (!first) s += text(args[0]);
    s += text(args[i]);
    first = false;
  }
  return s;
}

void bind_substr(Expr &e, const Scope &scope, const Context &context) {
  bind_text(e, scope, context);
  need_numeric(e, 1);
}

// Positions count characters from 1; negative ones from the end.
Value run_substr(const Expr &, const std::vector<Value> &args, const Context &, int) {
  const std::string &s = text(args[0]);
  int64_t size = utf8_length(s);
  auto from = static_cast<int64_t>(to_double(args[1]));
  int64_t count = args.size() > 2 ? static_cast<int64_t>(to_double(args[2])) : size;
  from = from > 0 ? from - 1 : from < 0 ? size + from : size;
  if (from < 0 || count <= 0) return std::string();
  return std::string(utf8_substr(s, from, count));
}

Value run_left_right(const Expr &e, const std::vector<Value> &args, const Context &, int) {
  const std::string &s = text(args[0]);
  auto n = std::max<int64_t>(static_cast<int64_t>(to_double(args[1])), 0);
  int64_t size = utf8_length(s);
  return std::string(utf8_substr(s, e.name == "left" ? 0 : std::max<int64_t>(size - n, 0), n));
}

Value run_substring_index(const Expr &, const std::vector<Value> &args, const Context &, int) {
  const std::string &s = text(args[0]), &by = text(args[1]);
  auto n = static_cast<int64_t>(to_double(args[2]));
  if (by.empty() || n == 0) return std::string();
  size_t at = n > 0 ? 0 : s.size();
  for (int64_t i = 0; i < std::abs(n); i++) {
    if (n > 0) {
      size_t found = s.find(by, i == 0 ? 0 : at + by.size());
      if (found == std::string::npos) return s;
      at = found;
    } else {
      if (at == 0) return s;
      size_t found = s.rfind(by, at - 1);
      if (found == std::string::npos) return s;
      at = found;
    }
  }
  return n > 0 ? s.substr(0, at) : s.substr(at + by.size());
}

void bind_replace(Expr &e, const Scope &, const Context &) {
  for (size_t i = 0; i < e.args.size(); i++) need_text(e, i);
  int64_t width = e.args[0]->type.width * std::max<int64_t>(e.args[2]->type.width, 1);
  e.type = make_field("", e.args[0]->type.type, static_cast<int32_t>(std::min<int64_t>(width, kMaxWidth)));
}
Value run_replace(const Expr &, const std::vector<Value> &args, const Context &, int) {
  const std::string &from = text(args[1]), &to = text(args[2]);
  std::string s = text(args[0]);
  if (from.empty()) return s;
  for (size_t at = 0; (at = s.find(from, at)) != std::string::npos; at += to.size()) s.replace(at, from.size(), to);
  return s.size() > static_cast<size_t>(kMaxWidth) ? Value{} : Value{s};
}

void bind_repeat(Expr &e, const Scope &, const Context &) {
  need_text(e, 0);
  need_numeric(e, 1);
  e.type = make_field("", e.args[0]->type.type, 16382);
}
Value run_repeat(const Expr &e, const std::vector<Value> &args, const Context &, int) {
  auto n = std::max<int64_t>(static_cast<int64_t>(to_double(args[1])), 0);
  const std::string &s = text(args[0]);
  if (!s.empty() && n > e.type.width / static_cast<int64_t>(s.size()))
    fail(kErrParameterValue, "Invalid parameter value : repeat");
  std::string out;
  for (int64_t i = 0; i < n; i++) out += s;
  return out;
}

void bind_position(Expr &e, const Scope &, const Context &) {
  need_text(e, 0);
  need_text(e, 1);
  e.type = make_field("", kBigInt);
}
Value run_position(const Expr &, const std::vector<Value> &args, const Context &, int) {
  size_t at = text(args[1]).find(text(args[0]));
  if (at == std::string::npos) return int64_t{0};
  return utf8_length(std::string_view(text(args[1])).substr(0, at)) + 1;
}

Value run_ascii(const Expr &, const std::vector<Value> &args, const Context &, int) {
  const std::string &s = text(args[0]);
  return s.empty() ? int64_t{0} : int64_t{static_cast<unsigned char>(s[0])};
}

// The server reckons with a length prefix inside: two bytes more than base64 needs.
void bind_base64(Expr &e, const Scope &, const Context &) {
  if (!is_var_type(e.args[0]->type.type)) bad_argument_type(e);
  e.type = make_field("", kVarchar, std::min((e.args[0]->type.width + 2) / 3 * 4 + 2, kMaxWidth));
}
Value run_base64(const Expr &, const std::vector<Value> &args, const Context &, int) {
  return base64_text(text(args[0]));
}

constexpr ScalarFunction kFunctions[] = {
    {"length", 1, 1, bind_number, run_length},
    {"char_length", 1, 1, bind_number, run_char_length},
    {"ascii", 1, 1, bind_number, run_ascii},
    {"lower", 1, 1, bind_text, run_lower},
    {"upper", 1, 1, bind_text, run_upper},
    {"trim", 1, 1, bind_text, run_trim},
    {"ltrim", 1, 1, bind_text, run_trim},
    {"rtrim", 1, 1, bind_text, run_trim},
    {"concat", 2, -1, bind_concat, run_concat},
    {"concat_ws", 3, -1, bind_concat, run_concat_ws, true},
    {"substr", 2, 3, bind_substr, run_substr},
    {"substring", 2, 3, bind_substr, run_substr},
    {"left", 2, 2, bind_substr, run_left_right},
    {"right", 2, 2, bind_substr, run_left_right},
    {"substring_index", 3, 3, bind_text, run_substring_index},
    {"replace", 3, 3, bind_replace, run_replace},
    {"repeat", 2, 2, bind_repeat, run_repeat},
    {"position", 2, 2, bind_position, run_position},
    {"to_base64", 1, 1, bind_base64, run_base64},
};

}  // namespace

std::span<const ScalarFunction> text_functions() { return kFunctions; }

}  // namespace opentaos::sandbox
