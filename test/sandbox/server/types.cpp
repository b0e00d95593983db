#include "types.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "bytes.h"

namespace opentaos::sandbox::server {
namespace {

constexpr TypeInfo kTypes[] = {
    {kNull, "NULL", 0},
    {kBool, "BOOL", 1},
    {kTinyInt, "TINYINT", 1},
    {kSmallInt, "SMALLINT", 2},
    {kInt, "INT", 4},
    {kBigInt, "BIGINT", 8},
    {kFloat, "FLOAT", 4},
    {kDouble, "DOUBLE", 8},
    {kVarchar, "VARCHAR", 0},
    {kTimestamp, "TIMESTAMP", 8},
    {kNchar, "NCHAR", 0},
    {kUTinyInt, "TINYINT UNSIGNED", 1},
    {kUSmallInt, "SMALLINT UNSIGNED", 2},
    {kUInt, "INT UNSIGNED", 4},
    {kUBigInt, "BIGINT UNSIGNED", 8},
    {kJson, "JSON", 0},
    {kVarbinary, "VARBINARY", 0},
    {kDecimal, "DECIMAL", 16},
    {kBlob, "BLOB", 0},
    {kMediumBlob, "MEDIUMBLOB", 0},
    {kGeometry, "GEOMETRY", 0},
    {kDecimal64, "DECIMAL", 8},
};

constexpr int32_t kJsonWidth = 16384;
constexpr int32_t kBlobUserWidth = 4194304;
constexpr int32_t kBlobSchemaWidth = 5;

template <typename T>
std::optional<T> integer(const Value &value) {
  if (const auto *b = std::get_if<bool>(&value)) return static_cast<T>(*b ? 1 : 0);
  if (const auto *i = std::get_if<int64_t>(&value)) {
    if (!std::is_signed_v<T> && *i < 0) return std::nullopt;
    return static_cast<T>(*i);
  }
  if (const auto *u = std::get_if<uint64_t>(&value)) {
    if (*u > static_cast<uint64_t>(std::numeric_limits<T>::max())) return std::nullopt;
    return static_cast<T>(*u);
  }
  return std::nullopt;
}

}  // namespace

const TypeInfo *type_info(uint8_t code) { return code < std::size(kTypes) ? &kTypes[code] : nullptr; }

bool is_decimal(uint8_t code) { return code == kDecimal || code == kDecimal64; }

int32_t user_width(const Field &field) {
  if (field.type == kJson) return (kJsonWidth - 2) / 4;
  if (field.type == kBlob || field.type == kMediumBlob) return kBlobUserWidth;
  const TypeInfo *info = type_info(field.type);
  return info != nullptr && info->size != 0 ? info->size : field.width;
}

int32_t schema_width(const Field &field) {
  if (field.type == kJson) return kJsonWidth;
  if (field.type == kBlob || field.type == kMediumBlob) return kBlobSchemaWidth;
  if (field.type == kNchar) return 4 * field.width + 2;
  const TypeInfo *info = type_info(field.type);
  return info != nullptr && info->size != 0 ? info->size : field.width + 2;
}

uint32_t block_width(const Field &field) {
  auto width = static_cast<uint32_t>(schema_width(field));
  if (!is_decimal(field.type)) return width;
  return field.scale | uint32_t{field.precision} << 8 | width << 24;
}

bool is_null(const Value &value) { return std::holds_alternative<std::monostate>(value); }

std::optional<int64_t> as_i64(const Value &value) { return integer<int64_t>(value); }
std::optional<uint64_t> as_u64(const Value &value) { return integer<uint64_t>(value); }

std::optional<double> as_double(const Value &value) {
  if (const auto *d = std::get_if<double>(&value)) return *d;
  if (const auto *u = std::get_if<uint64_t>(&value)) return static_cast<double>(*u);
  if (auto i = as_i64(value)) return static_cast<double>(*i);
  return std::nullopt;
}

std::optional<Decimal::Unscaled> as_unscaled(const Value &value) {
  if (const auto *d = std::get_if<Decimal>(&value)) return d->unscaled;
  return std::nullopt;
}

std::string decimal_text(Decimal::Unscaled unscaled, int scale) {
  __extension__ typedef unsigned __int128 Unsigned;
  bool negative = unscaled < 0;
  auto rest = static_cast<Unsigned>(unscaled);
  if (negative) rest = ~rest + 1;
  std::string digits;
  do {
    digits.push_back(static_cast<char>('0' + static_cast<int>(rest % 10)));
    rest /= 10;
  } while (rest != 0);
  while (static_cast<int>(digits.size()) <= scale) digits.push_back('0');
  if (scale > 0) digits.insert(static_cast<size_t>(scale), 1, '.');
  if (negative) digits.push_back('-');
  std::reverse(digits.begin(), digits.end());
  return digits;
}

std::string utf8_to_ucs4(std::string_view text) {
  std::string out;
  out.reserve(4 * text.size());
  size_t i = 0;
  while (i < text.size()) {
    auto lead = static_cast<uint8_t>(text[i]);
    size_t more = lead < 0x80                   ? 0
                  : lead >= 0xc2 && lead < 0xe0 ? 1
                  : lead >= 0xe0 && lead < 0xf0 ? 2
                  : lead < 0xf5                 ? 3
                                                : 9;
    if (lead >= 0x80 && lead < 0xc2) more = 9;
    uint32_t point = more == 0 ? lead : lead & (0x3fu >> more);
    bool good = more <= 3 && i + more < text.size();
    for (size_t k = 1; good && k <= more; ++k) {
      auto next = static_cast<uint8_t>(text[i + k]);
      good = (next & 0xc0) == 0x80;
      point = point << 6 | (next & 0x3f);
    }
    if (good && more == 2) good = point >= 0x800 && (point < 0xd800 || point > 0xdfff);
    if (good && more == 3) good = point >= 0x10000 && point <= 0x10ffff;
    put_u32(out, good ? point : 0xfffd);
    i += good ? more + 1 : 1;
  }
  return out;
}

bool ucs4_to_utf8(std::string_view bytes, std::string *text) {
  if (bytes.size() % 4 != 0) return false;
  ByteReader reader(bytes);
  while (reader.left() > 0) {
    uint32_t point = reader.u32();
    if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return false;
    if (point < 0x80) {
      text->push_back(static_cast<char>(point));
      continue;
    }
    int more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
    constexpr uint32_t kLead[] = {0, 0xc0, 0xe0, 0xf0};
    text->push_back(static_cast<char>(kLead[more] | point >> (6 * more)));
    for (int k = more - 1; k >= 0; --k) text->push_back(static_cast<char>(0x80 | (point >> (6 * k) & 0x3f)));
  }
  return true;
}

}  // namespace opentaos::sandbox::server
