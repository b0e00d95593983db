#include "engine/describe.h"

#include "engine/cast.h"
#include "engine/geometry.h"
#include "engine/text.h"

namespace opentaos::sandbox {

namespace {

struct Encoding {
  const char *encode, *compress, *level;
};

// What the server chooses when the definition says nothing.
Encoding default_encoding(uint8_t type) {
  switch (type) {
    case kBool: return {"bit-packing", "zstd", "medium"};
    case kTimestamp: return {"delta-i", "lz4", "medium"};
    case kTinyInt:
    case kSmallInt:
    case kUTinyInt:
    case kUSmallInt: return {"simple8b", "zlib", "medium"};
    case kInt:
    case kBigInt:
    case kUInt:
    case kUBigInt: return {"simple8b", "lz4", "medium"};
    case kFloat:
    case kDouble: return {"delta-d", "lz4", "medium"};
    case kGeometry: return {"disabled", "lz4", "medium"};
    default: return {"disabled", "zstd", "medium"};
  }
}

std::string column_text(const Column &c) {
  std::string text = "`" + c.field.name + "` ";
  if (is_decimal_type(c.field.type)) {
    text += "DECIMAL(" + std::to_string(c.field.precision) + ", " + std::to_string(c.field.scale) + ")";
  } else {
    text += type_text(c.field);
  }
  if (!c.encode.empty()) text += " ENCODE '" + c.encode + "'";
  if (!c.compress.empty()) text += " COMPRESS '" + c.compress + "'";
  if (!c.level.empty()) text += " LEVEL '" + c.level + "'";
  return text;
}

std::string list(const std::vector<Column> &columns) {
  std::string text;
  for (auto &c : columns) text += (text.empty() ? "" : ", ") + column_text(c);
  return text;
}

}  // namespace

Column with_encoding(Column c) {
  Encoding e = default_encoding(c.field.type);
  if (c.encode.empty()) c.encode = e.encode;
  if (c.compress.empty()) c.compress = e.compress;
  if (c.level.empty()) c.level = e.level;
  return c;
}

Column without_default_encoding(Column c) {
  Encoding e = default_encoding(c.field.type);
  if (c.encode == e.encode) c.encode.clear();
  if (c.compress == e.compress) c.compress.clear();
  if (c.level == e.level) c.level.clear();
  return c;
}

Table describe_table(const TableInfo &t) {
  Table out;
  out.fields = {make_field("field", kVarchar, 325), make_field("type", kVarchar, 20),
                make_field("length", kInt),         make_field("note", kVarchar, 16),
                make_field("encode", kVarchar, 12), make_field("compress", kVarchar, 12),
                make_field("level", kVarchar, 12)};
  auto add = [&](const Column &c, bool tag) {
    Encoding e = tag ? Encoding{"disabled", "disabled", "disabled"} : default_encoding(c.field.type);
    std::string type = is_decimal_type(c.field.type) ? type_text(c.field) : std::string(type_name(c.field.type));
    auto choose = [](const std::string &own, const char *usual) { return own.empty() ? std::string(usual) : own; };
    out.rows.push_back({c.field.name, type, int64_t{c.field.width}, std::string(tag ? "TAG" : ""),
                        choose(c.encode, e.encode), choose(c.compress, e.compress), choose(c.level, e.level)});
  };
  for (auto &c : t.columns()) add(c, false);
  for (auto &c : t.tags()) add(c, true);
  return out;
}

Value tag_text(const Value &v, const Field &field) {
  if (is_null(v)) return v;
  switch (field.type) {
    case kFloat: return printf_text("%.5f", std::get<double>(v));
    case kDouble: return printf_text("%.9f", std::get<double>(v));
    case kVarbinary: return "\\x" + hex_text(std::get<std::string>(v), true);
    case kGeometry: return wkt_from_wkb(std::get<std::string>(v)).value_or("");
    default: return value_text(v, field);
  }
}

std::string create_table_text(const TableInfo &t) {
  std::string options;
  if (t.ttl > 0) options += " TTL " + std::to_string(t.ttl);
  if (!t.comment.empty()) options += " COMMENT '" + t.comment + "'";
  if (t.kind == TableInfo::kSuper)
    return "CREATE STABLE `" + t.name + "` (" + list(t.own_columns) + ") TAGS (" + list(t.own_tags) + ")" + options;
  if (t.kind == TableInfo::kNormal) return "CREATE TABLE `" + t.name + "` (" + list(t.own_columns) + ")" + options;
  std::string names, values;
  for (size_t i = 0; i < t.tag_values.size(); i++) {
    const Field &f = t.tags()[i].field;
    Value text = tag_text(t.tag_values[i], f);
    std::string shown = is_null(text) ? "NULL" : std::get<std::string>(text);
    if (!is_null(text) && is_var_type(f.type)) shown = (f.type == kJson ? "'" + shown + "'" : "\"" + shown + "\"");
    names += (names.empty() ? "`" : ", `") + f.name + "`";
    values += (i == 0 ? "" : ", ") + shown;
  }
  return "CREATE TABLE `" + t.name + "` USING `" + t.super->name + "` (" + names + ") TAGS (" + values + ")" + options;
}

}  // namespace opentaos::sandbox
