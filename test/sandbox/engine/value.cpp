#include "engine/value.h"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "engine/decimal.h"

namespace opentaos::sandbox {

namespace {

struct TypeInfo {
  std::string_view name;
  int32_t width;
};

constexpr TypeInfo kTypes[] = {
    {"NULL", 1},
    {"BOOL", 1},
    {"TINYINT", 1},
    {"SMALLINT", 2},
    {"INT", 4},
    {"BIGINT", 8},
    {"FLOAT", 4},
    {"DOUBLE", 8},
    {"VARCHAR", 0},
    {"TIMESTAMP", 8},
    {"NCHAR", 0},
    {"TINYINT UNSIGNED", 1},
    {"SMALLINT UNSIGNED", 2},
    {"INT UNSIGNED", 4},
    {"BIGINT UNSIGNED", 8},
    {"JSON", 0},
    {"VARBINARY", 0},
    {"DECIMAL", 16},
    {"BLOB", 0},
    {"MEDIUMBLOB", 0},
    {"GEOMETRY", 0},
    {"DECIMAL", 8},
};

template <typename T>
int three_way(const T &a, const T &b) {
  return a < b ? -1 : (b < a ? 1 : 0);
}

bool is_number(const Value &v) { return !is_null(v) && !std::holds_alternative<std::string>(v); }

// Integers of every kind fit into 128 bits; doubles do not.
Int128 to_int128(const Value &v) {
  if (auto *i = std::get_if<int64_t>(&v)) return *i;
  if (auto *u = std::get_if<uint64_t>(&v)) return *u;
  if (auto *b = std::get_if<bool>(&v)) return *b ? 1 : 0;
  return 0;
}

}  // namespace

int32_t fixed_width(uint8_t type) { return type < std::size(kTypes) ? kTypes[type].width : 0; }

std::string_view type_name(uint8_t type) { return type < std::size(kTypes) ? kTypes[type].name : "UNKNOWN"; }

std::string type_text(const Field &field) {
  std::string text(type_name(field.type));
  if (is_decimal_type(field.type)) {
    text += "(" + std::to_string(field.precision) + ", " + std::to_string(field.scale) + ")";
  } else if (is_var_type(field.type) && field.type != kJson && !is_blob_type(field.type)) {
    text += "(" + std::to_string(field.width) + ")";
  }
  return text;
}

int64_t min_of(uint8_t type) {
  switch (type) {
    case kTinyInt: return INT8_MIN;
    case kSmallInt: return INT16_MIN;
    case kInt: return INT32_MIN;
    case kBigInt:
    case kTimestamp: return INT64_MIN;
    default: return 0;
  }
}

uint64_t max_of(uint8_t type) {
  switch (type) {
    case kTinyInt: return INT8_MAX;
    case kSmallInt: return INT16_MAX;
    case kInt: return INT32_MAX;
    case kBigInt:
    case kTimestamp: return INT64_MAX;
    case kUTinyInt: return UINT8_MAX;
    case kUSmallInt: return UINT16_MAX;
    case kUInt: return UINT32_MAX;
    case kUBigInt: return UINT64_MAX;
    default: return 1;
  }
}

Field make_field(std::string name, uint8_t type, int32_t width) {
  Field f;
  f.name = std::move(name);
  f.type = type;
  f.width = width;
  if (fixed_width(type) > 0) f.width = fixed_width(type);
  if (type == kJson) f.width = kJsonWidth;
  if (is_blob_type(type)) f.width = kBlobWidth;
  return f;
}

Field decimal_field(std::string name, int precision, int scale) {
  Field f = make_field(std::move(name), precision <= kMaxDecimal64 ? kDecimal64 : kDecimal128);
  f.precision = static_cast<uint8_t>(precision);
  f.scale = static_cast<uint8_t>(scale);
  return f;
}

std::optional<int> compare(const Value &a, int a_scale, const Value &b, int b_scale) {
  auto *sa = std::get_if<std::string>(&a);
  auto *sb = std::get_if<std::string>(&b);
  if (sa && sb) return three_way(*sa, *sb);
  if (!is_number(a) || !is_number(b)) return std::nullopt;
  bool da = std::holds_alternative<double>(a), db = std::holds_alternative<double>(b);
  if (da || db) {
    double x = to_double(a, a_scale), y = to_double(b, b_scale);
    return three_way(x, y);
  }
  auto *ca = std::get_if<Decimal>(&a);
  auto *cb = std::get_if<Decimal>(&b);
  if (ca || cb) {
    Int128 x = ca ? ca->unscaled : to_int128(a);
    Int128 y = cb ? cb->unscaled : to_int128(b);
    return decimal_compare(x, ca ? a_scale : 0, y, cb ? b_scale : 0);
  }
  return three_way(to_int128(a), to_int128(b));
}

int order(const Value &a, const Value &b) {
  if (is_null(a) || is_null(b)) return three_way(!is_null(a), !is_null(b));
  if (auto r = compare(a, 0, b, 0)) return *r;
  return three_way(a.index(), b.index());
}

double to_double(const Value &v, int scale) {
  if (auto *d = std::get_if<double>(&v)) return *d;
  if (auto *i = std::get_if<int64_t>(&v)) return static_cast<double>(*i);
  if (auto *u = std::get_if<uint64_t>(&v)) return static_cast<double>(*u);
  if (auto *b = std::get_if<bool>(&v)) return *b ? 1 : 0;
  if (auto *s = std::get_if<std::string>(&v)) return std::strtod(s->c_str(), nullptr);
  if (auto *d = std::get_if<Decimal>(&v)) return std::strtod(decimal_text(d->unscaled, scale).c_str(), nullptr);
  return 0;
}

void append_key(std::string *key, const Value &v) {
  key->push_back(static_cast<char>('0' + v.index()));
  auto raw = [&](const auto &x) { key->append(reinterpret_cast<const char *>(&x), sizeof x); };
  if (auto *b = std::get_if<bool>(&v)) key->push_back(*b ? 1 : 0);
  if (auto *i = std::get_if<int64_t>(&v)) raw(*i);
  if (auto *u = std::get_if<uint64_t>(&v)) raw(*u);
  if (auto *d = std::get_if<double>(&v)) raw(*d == 0 ? 0.0 : *d);
  if (auto *d = std::get_if<Decimal>(&v)) raw(d->unscaled);
  if (auto *s = std::get_if<std::string>(&v)) {
    raw(s->size());
    key->append(*s);
  }
}

std::string int128_text(Int128 v) {
  if (v == 0) return "0";
  bool negative = v < 0;
  __extension__ typedef unsigned __int128 Unsigned;
  Unsigned u = negative ? -static_cast<Unsigned>(v) : static_cast<Unsigned>(v);
  std::string digits;
  for (; u != 0; u /= 10) digits.push_back(static_cast<char>('0' + static_cast<int>(u % 10)));
  if (negative) digits.push_back('-');
  return {digits.rbegin(), digits.rend()};
}

}  // namespace opentaos::sandbox
