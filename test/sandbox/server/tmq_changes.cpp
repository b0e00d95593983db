// Changes of tables as a server writes them into its log and into raw data, and as JSON. The layouts are those of
// TDengine 3.3.7.5, seen in recordings; bytes whose meaning is not known are what they were there.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <optional>

#include "block_reader.h"
#include "engine/describe.h"
#include "json.h"
#include "tmq_bytes.h"
#include "tmq_data.h"
#include "types.h"

namespace opentaos::sandbox::server {
namespace {

enum Message : uint16_t {
  kCreateTables = 515,
  kAlterTable = 517,
  kDropTables = 519,
  kCreateSuper = 531,
  kAlterSuper = 533,
  kDropSuper = 535,
  kDeleteRows = 579,
};

constexpr uint8_t kInStatistics = 1, kDecimalFlag = 0x80;
constexpr int kFirstVersion = 1;

struct Named {
  const char *name;
  uint8_t code;
};
constexpr Named kEncodes[] = {{"simple8b", 1}, {"delta-i", 2}, {"bit-packing", 3},
                              {"delta-d", 4},  {"bss", 5},     {"disabled", 255}};
constexpr Named kCompressions[] = {{"lz4", 1}, {"zlib", 2}, {"zstd", 3}, {"tsz", 4}, {"xz", 5}, {"disabled", 255}};
constexpr Named kLevels[] = {{"low", 1}, {"medium", 2}, {"high", 3}};

template <size_t N>
uint8_t code_of(const Named (&list)[N], const std::string &name) {
  for (const Named &n : list)
    if (name == n.name) return n.code;
  return 255;
}
template <size_t N>
std::string name_of(const Named (&list)[N], uint8_t code) {
  for (const Named &n : list)
    if (code == n.code) return n.name;
  return "disabled";
}

// ---- the pieces, written

void put_columns(std::string &out, const std::vector<Column> &columns, bool tags) {
  put_zvar(out, static_cast<int64_t>(columns.size()));
  put_zvar(out, kFirstVersion);
  for (const Column &c : columns) {
    put_u8(out, c.field.type);
    put_u8(out, tags ? 0 : static_cast<uint8_t>(kInStatistics | (is_decimal(c.field.type) ? kDecimalFlag : 0)));
    put_zvar(out, schema_width(c.field));
    put_zvar(out, c.id);
    put_name(out, c.field.name);
  }
}

void put_encodings(std::string &out, const std::vector<Column> &columns, int version) {
  put_zvar(out, static_cast<int64_t>(columns.size()));
  put_zvar(out, version);
  for (const Column &raw : columns) {
    Column c = with_encoding(raw);
    put_zvar(out, c.id);
    put_u8(out, code_of(kLevels, c.level));
    put_u16(out, code_of(kCompressions, c.compress));
    put_u8(out, code_of(kEncodes, c.encode));
  }
}

// What the type code does not say: precision and scale of decimals.
void put_decimals(std::string &out, const std::vector<Column> &columns, bool always = false) {
  bool any =
      always || std::any_of(columns.begin(), columns.end(), [](const Column &c) { return is_decimal(c.field.type); });
  put_u8(out, any ? 1 : 0);
  if (!any) return;
  for (const Column &c : columns) put_zvar(out, is_decimal(c.field.type) ? c.field.precision << 8 | c.field.scale : 0);
}

// The value bytes of a tag, without the length that variable ones have in front.
std::string tag_bytes(const Value &value, const Field &field) {
  if (const auto *text = std::get_if<std::string>(&value)) return field.type == kNchar ? utf8_to_ucs4(*text) : *text;
  const TypeInfo *info = type_info(field.type);
  auto size = static_cast<size_t>(info == nullptr ? 0 : info->size);
  uint64_t bits = 0;
  if (field.type == kDouble) {
    double d = as_double(value).value_or(0);
    std::memcpy(&bits, &d, sizeof bits);
  } else if (field.type == kFloat) {
    auto f = static_cast<float>(as_double(value).value_or(0));
    uint32_t single;
    std::memcpy(&single, &f, sizeof single);
    bits = single;
  } else if (const auto *b = std::get_if<bool>(&value)) {
    bits = *b ? 1 : 0;
  } else {
    bits = as_u64(value).value_or(static_cast<uint64_t>(as_i64(value).value_or(0)));
  }
  std::string out;
  for (size_t i = 0; i < size; ++i) put_u8(out, static_cast<uint8_t>(bits >> (8 * i)));
  return out;
}

// What the user declared, from what a schema says.
int32_t user_width_of(uint8_t type, int64_t schema) {
  switch (type) {
    case kJson: return 4095;
    case kBlob:
    case kMediumBlob: return 4194304;
    case kNchar: return static_cast<int32_t>(std::max<int64_t>(schema - 2, 0) / 4);
    default: break;
  }
  const TypeInfo *info = type_info(type);
  if (info != nullptr && info->size != 0) return info->size;
  return static_cast<int32_t>(std::max<int64_t>(schema - 2, 0));
}

bool is_variable(const Field &field) {
  const TypeInfo *info = type_info(field.type);
  return info == nullptr || info->size == 0;
}

void put_tag_set(std::string &out, const LoggedTable &table) {
  constexpr size_t kHead = 9;
  std::string values, places;
  int count = 0;
  bool json = table.tags.size() == 1 && table.tags[0].field.type == kJson;
  for (size_t i = 0; i < table.tags.size() && i < table.tag_values.size(); ++i) {
    if (server::is_null(table.tag_values[i])) continue;
    put_u8(places, static_cast<uint8_t>(values.size()));
    put_u8(places, static_cast<uint8_t>(values.size() >> 8));
    put_zvar(values, table.tags[i].id);
    put_u8(values, table.tags[i].field.type);
    std::string bytes = tag_bytes(table.tag_values[i], table.tags[i].field);
    if (is_variable(table.tags[i].field)) {
      put_binary(values, bytes);
    } else {
      values += bytes;
    }
    ++count;
  }
  bool wide = values.size() > 255;
  if (!wide) {  // places of one byte each
    std::string narrow;
    for (size_t i = 0; i < places.size(); i += 2) narrow.push_back(places[i]);
    places = narrow;
  }
  std::string set;
  put_u8(set, static_cast<uint8_t>((json ? 0x40 : 0) | (wide ? 0x20 : 0)));
  put_u16(set, static_cast<uint16_t>(kHead + places.size() + values.size()));
  put_u16(set, static_cast<uint16_t>(count));
  put_u32(set, 1);
  put_binary(out, set + places + values);
}

void put_with_length(std::string &out, const std::string &bytes) {
  put_u32(out, static_cast<uint32_t>(bytes.size()));
  out += bytes;
}

// ---- the pieces, read

bool get_columns(ByteReader &in, std::vector<Column> *columns) {
  int64_t count = get_zvar(in);
  get_zvar(in);
  if (!in.ok() || count < 0 || static_cast<uint64_t>(count) > in.left()) return false;
  for (int64_t i = 0; i < count; ++i) {
    Column c;
    c.field.type = in.u8();
    in.u8();
    int64_t width = get_zvar(in);
    c.id = static_cast<int>(get_zvar(in));
    c.field.name = get_name(in);
    const TypeInfo *info = type_info(c.field.type);
    if (!in.ok() || info == nullptr || c.field.name.empty() || width < 0 || width > INT32_MAX) return false;
    c.field.width = user_width_of(c.field.type, static_cast<int32_t>(width));
    columns->push_back(std::move(c));
  }
  return true;
}

bool get_encodings(ByteReader &in, std::vector<Column> *columns) {
  int64_t count = get_zvar(in);
  get_zvar(in);
  if (!in.ok() || count < 0 || static_cast<uint64_t>(count) > in.left()) return false;
  for (int64_t i = 0; i < count; ++i) {
    int64_t id = get_zvar(in);
    uint8_t level = in.u8();
    auto compress = static_cast<uint8_t>(in.u16());
    uint8_t encode = in.u8();
    for (Column &c : *columns) {
      if (c.id != id) continue;
      c.level = name_of(kLevels, level);
      c.compress = name_of(kCompressions, compress);
      c.encode = name_of(kEncodes, encode);
      c = without_default_encoding(c);
    }
  }
  return in.ok();
}

void get_decimals(ByteReader &in, std::vector<Column> *columns) {
  if (in.left() == 0 || in.u8() == 0) return;
  for (Column &c : *columns) {
    int64_t both = get_zvar(in);
    if (!is_decimal(c.field.type)) continue;
    c.field.precision = static_cast<uint8_t>(both >> 8);
    c.field.scale = static_cast<uint8_t>(both);
  }
}

std::optional<Value> tag_value(const Field &field, std::string_view bytes) {
  if (field.type == kNchar) {
    std::string text;
    return ucs4_to_utf8(bytes, &text) ? std::optional(Value(text)) : std::nullopt;
  }
  if (is_variable(field)) return Value(std::string(bytes));
  if (bytes.size() != static_cast<size_t>(type_info(field.type)->size)) return std::nullopt;
  return fixed_value(field.type, bytes);
}

// Fills tags and values of a subtable; the names come separately.
bool get_tag_set(std::string_view bytes, LoggedTable *table) {
  ByteReader in(bytes);
  uint8_t flags = in.u8();
  in.u16();
  uint16_t count = in.u16();
  in.u32();
  in.bytes(size_t{count} * ((flags & 0x20) != 0 ? 2 : 1));
  if (!in.ok()) return false;
  for (uint16_t i = 0; i < count; ++i) {
    Column tag;
    tag.id = static_cast<int>(get_zvar(in));
    tag.field.type = in.u8();
    if (!in.ok() || type_info(tag.field.type) == nullptr) return false;
    std::string_view value =
        is_variable(tag.field) ? get_binary(in) : in.bytes(static_cast<size_t>(type_info(tag.field.type)->size));
    std::optional<Value> read = in.ok() ? tag_value(tag.field, value) : std::nullopt;
    if (!read) return false;
    table->tags.push_back(tag);
    table->tag_values.push_back(*read);
  }
  return true;
}

// ---- whole requests

void put_creation(std::string &out, const LoggedTable &t) {
  put_zvar(out, 0);
  put_name(out, t.name);
  put_u64(out, static_cast<uint64_t>(t.uid));
  put_u64(out, static_cast<uint64_t>(t.created_ms));
  put_i32(out, t.ttl);
  put_u8(out, static_cast<uint8_t>(t.kind));
  put_i32(out, -1);  // no comment
  if (t.kind == TableInfo::kChild) {
    put_name(out, t.super);
    put_u8(out, static_cast<uint8_t>(t.tags.size()));
    put_u64(out, static_cast<uint64_t>(t.super_uid));
    put_tag_set(out, t);
    std::string names;
    uint32_t count = 0;
    for (size_t i = 0; i < t.tags.size() && i < t.tag_values.size(); ++i) {
      if (server::is_null(t.tag_values[i])) continue;
      put_name(names, t.tags[i].field.name);
      ++count;
    }
    put_u32(out, count);
    out += names;
    put_u32(out, 0);
    put_u8(out, 0);
    return;
  }
  put_columns(out, t.columns, false);
  put_u32(out, 0);
  put_encodings(out, t.columns, 0);
  put_decimals(out, t.columns);
}

bool get_creation(std::string_view bytes, LoggedTable *t) {
  ByteReader in(bytes);
  get_zvar(in);
  t->name = get_name(in);
  t->uid = static_cast<int64_t>(in.u64());
  t->created_ms = static_cast<int64_t>(in.u64());
  t->ttl = in.i32();
  t->kind = static_cast<TableInfo::Kind>(in.u8());
  int32_t comment = in.i32();
  if (comment > 0) in.bytes(static_cast<size_t>(comment) + 1);
  if (!in.ok() || t->name.empty()) return false;
  if (t->kind == TableInfo::kNormal) {
    if (!get_columns(in, &t->columns)) return false;
    uint32_t sql = in.u32();
    in.bytes(sql);
    if (in.left() > 1 && !get_encodings(in, &t->columns)) return false;
    get_decimals(in, &t->columns);
    return in.ok();
  }
  if (t->kind != TableInfo::kChild) return false;
  t->super = get_name(in);
  in.u8();
  t->super_uid = static_cast<int64_t>(in.u64());
  std::string_view tags = get_binary(in);
  uint32_t names = in.u32();
  if (!in.ok() || t->super.empty() || !get_tag_set(tags, t) || names != t->tags.size()) return false;
  for (Column &tag : t->tags) tag.field.name = get_name(in);
  return in.ok();
}

void put_super(std::string &out, const LoggedTable &t, const std::string &alter) {
  put_name(out, t.name);
  put_u64(out, static_cast<uint64_t>(t.uid));
  put_u8(out, 0);
  put_columns(out, t.columns, false);
  put_columns(out, t.tags, true);
  put_u32(out, static_cast<uint32_t>(alter.size()));
  if (!alter.empty()) put_binary(out, alter);
  put_u8(out, 0);
  put_u8(out, 1);
  put_encodings(out, t.columns, kFirstVersion);
  put_u64(out, UINT64_MAX);
  put_decimals(out, t.columns, !alter.empty());
  put_u8(out, 0);
}

bool get_super(ByteReader &in, LoggedTable *t, std::string_view *alter) {
  t->kind = TableInfo::kSuper;
  t->name = get_name(in);
  t->uid = static_cast<int64_t>(in.u64());
  if (in.u8() != 0) return false;  // roll-up, for which there is nothing here
  if (!in.ok() || t->name.empty() || !get_columns(in, &t->columns) || !get_columns(in, &t->tags)) return false;
  if (in.u32() != 0) *alter = get_binary(in);
  in.u8();
  if (in.u8() != 0 && !get_encodings(in, &t->columns)) return false;
  in.u64();
  get_decimals(in, &t->columns);
  return in.ok();
}

// What the user asked for, inside of what the vgroups were told.
std::string alter_request(const LogRecord &record) {
  std::string out;
  put_name(out, "1.db." + record.tables[0].name);
  put_u8(out, record.alter);
  bool renames = record.alter == LogRecord::kRenameColumn || record.alter == LogRecord::kRenameTag;
  put_u32(out, renames ? 2 : 1);
  put_u8(out, record.field.type);
  put_i32(out, schema_width(record.field));
  put_name(out, record.field.name);
  if (renames) {
    put_u8(out, record.field.type);
    put_i32(out, schema_width(record.field));
    put_name(out, record.new_name);
  }
  put_u64(out, 0);
  put_u64(out, 0);
  put_u32(out, static_cast<uint32_t>(record.sql.size()));
  put_binary(out, record.sql);
  put_u32(out, 1);
  put_u8(out, 0);
  std::string with_length;
  put_with_length(with_length, out);
  return with_length;
}

bool get_alter_request(std::string_view bytes, LogRecord *record) {
  ByteReader whole(bytes);
  ByteReader in(whole.bytes(whole.u32()));
  get_name(in);
  record->alter = static_cast<LogRecord::Alter>(in.u8());
  uint32_t fields = in.u32();
  if (!in.ok() || fields < 1 || fields > 2) return fields == 0 && in.ok();
  record->field.type = in.u8();
  record->field.width = user_width_of(record->field.type, in.i32());
  record->field.name = get_name(in);
  if (fields == 2) {
    in.u8();
    in.i32();
    record->new_name = get_name(in);
  }
  return in.ok() && type_info(record->field.type) != nullptr;
}

void put_table_alter(std::string &out, const LogRecord &r) {
  std::string body;
  put_name(body, r.tables[0].name);
  put_u8(body, r.alter);
  put_zvar(body, 0);
  switch (r.alter) {
    case LogRecord::kAddColumn:
      put_name(body, r.field.name);
      put_u8(body, r.field.type);
      put_u8(body, kInStatistics);
      put_zvar(body, schema_width(r.field));
      break;
    case LogRecord::kDropColumn: put_name(body, r.field.name); break;
    case LogRecord::kWidenColumn:
      put_name(body, r.field.name);
      put_u8(body, r.field.type);
      put_zvar(body, schema_width(r.field));
      break;
    case LogRecord::kRenameColumn:
      put_name(body, r.field.name);
      put_name(body, r.new_name);
      break;
    case LogRecord::kSetTag: {
      bool null = server::is_null(r.value);
      put_name(body, r.field.name);
      put_u8(body, null ? 1 : 0);
      put_u8(body, r.field.type);
      if (!null) put_binary(body, tag_bytes(r.value, r.field));
      break;
    }
    default: put_zvar(body, r.tables[0].ttl); break;
  }
  put_u64(body, 0);
  put_u8(body, 0);
  put_u32(body, (r.field.precision << 8u) | r.field.scale);
  put_with_length(out, body);
}

bool get_table_alter(ByteReader &outer, LogRecord *r) {
  ByteReader in(outer.bytes(outer.u32()));
  LoggedTable &t = r->tables.emplace_back();
  t.name = get_name(in);
  r->alter = static_cast<LogRecord::Alter>(in.u8());
  get_zvar(in);
  if (r->alter == LogRecord::kOptions) {
    t.ttl = static_cast<int>(get_zvar(in));
    return in.ok();
  }
  r->field.name = get_name(in);
  switch (r->alter) {
    case LogRecord::kAddColumn:
    case LogRecord::kWidenColumn: {
      r->field.type = in.u8();
      if (r->alter == LogRecord::kAddColumn) in.u8();
      r->field.width = user_width_of(r->field.type, static_cast<int32_t>(get_zvar(in)));
      break;
    }
    case LogRecord::kDropColumn: break;
    case LogRecord::kRenameColumn: r->new_name = get_name(in); break;
    case LogRecord::kSetTag: {
      bool null = in.u8() != 0;
      r->field.type = in.u8();
      if (null) break;
      std::string_view bytes = get_binary(in);
      if (!in.ok() || type_info(r->field.type) == nullptr) return false;
      std::optional<Value> value = tag_value(r->field, bytes);
      if (!value) return false;
      r->value = *value;
      break;
    }
    default: return false;
  }
  in.bytes(9);
  uint32_t both = in.u32();
  r->field.precision = static_cast<uint8_t>(both >> 8);
  r->field.scale = static_cast<uint8_t>(both);
  return in.ok() && !t.name.empty();
}

// ---- JSON

std::string columns_json(const std::vector<Column> &columns, bool tags) {
  std::string list;
  for (const Column &raw : columns) {
    Column c = with_encoding(raw);
    JsonObject o;
    o.text("name", c.field.name).number("type", c.field.type);
    bool blob = c.field.type == kBlob || c.field.type == kMediumBlob;
    if (is_variable(c.field)) o.number("length", blob ? 1 : user_width(c.field));
    if (!tags) {
      o.boolean("isPrimarykey", false).text("encode", c.encode);
      o.text("compress", c.compress).text("level", c.level);
    }
    list += (list.empty() ? "" : ",") + o.done();
  }
  return "[" + list + "]";
}

std::string value_json(const Value &value, const Field &field) {
  std::string out;
  if (const auto *text = std::get_if<std::string>(&value)) {
    append_quoted(out, field.type == kJson ? *text : "\"" + *text + "\"");
  } else if (const auto *b = std::get_if<bool>(&value)) {
    out = *b ? "true" : "false";
  } else if (const auto *d = std::get_if<double>(&value)) {
    char digits[40];
    std::snprintf(digits, sizeof digits, "%.17g", *d);
    out = digits;
  } else if (auto i = as_i64(value)) {
    out = std::to_string(*i);
  } else if (auto u = as_u64(value)) {
    out = std::to_string(*u);
  } else {
    out = "null";
  }
  return out;
}

void add_child(JsonObject &o, const LoggedTable &t) {
  std::string tags;
  for (size_t i = 0; i < t.tags.size() && i < t.tag_values.size(); ++i) {
    if (server::is_null(t.tag_values[i])) continue;
    JsonObject tag;
    tag.text("name", t.tags[i].field.name).number("type", t.tags[i].field.type);
    tag.raw("value", value_json(t.tag_values[i], t.tags[i].field));
    tags += (tags.empty() ? "" : ",") + tag.done();
  }
  o.text("tableName", t.name).text("using", t.super).number("tagNum", static_cast<int64_t>(t.tags.size()));
  o.raw("tags", "[" + tags + "]");
}

const char *kind_text(const LoggedTable &t) {
  return t.kind == TableInfo::kSuper ? "super" : t.kind == TableInfo::kChild ? "child" : "normal";
}

std::string alter_json(const LogRecord &r) {
  JsonObject o;
  o.text("type", "alter").text("tableType", kind_text(r.tables[0])).text("tableName", r.tables[0].name);
  o.number("alterType", r.alter);
  if (r.alter == LogRecord::kOptions) return o.done();
  o.text("colName", r.field.name);
  switch (r.alter) {
    case LogRecord::kAddTag:
    case LogRecord::kAddColumn:
    case LogRecord::kWidenTag:
    case LogRecord::kWidenColumn:
      o.number("colType", r.field.type);
      if (is_variable(r.field)) o.number("colLength", user_width(r.field));
      break;
    case LogRecord::kRenameTag:
    case LogRecord::kRenameColumn: o.text("colNewName", r.new_name); break;
    case LogRecord::kSetTag:
      if (!server::is_null(r.value)) {
        const auto *text = std::get_if<std::string>(&r.value);
        o.text("colValue", text != nullptr ? "\"" + *text + "\"" : value_json(r.value, r.field));
      }
      o.boolean("colValueNull", server::is_null(r.value));
      break;
    default: break;
  }
  return o.done();
}

}  // namespace

uint16_t encode_change(const LogRecord &record, std::string *out) {
  const LoggedTable &first = record.tables[0];
  std::string body;
  uint16_t type = kCreateSuper;
  bool super = first.kind == TableInfo::kSuper;
  switch (record.kind) {
    case LogRecord::kCreateTable:
    case LogRecord::kCreateChildren:
      if (super) {
        put_super(body, first, "");
        break;
      }
      type = kCreateTables;
      put_zvar(body, static_cast<int64_t>(record.tables.size()));
      for (const LoggedTable &t : record.tables) encode_creation(t, &body);
      put_u8(body, 0);
      break;
    case LogRecord::kAlter:
      type = super ? kAlterSuper : kAlterTable;
      if (super) {
        put_super(body, first, alter_request(record));
      } else {
        put_table_alter(body, record);
      }
      break;
    case LogRecord::kDrop:
      type = super ? kDropSuper : kDropTables;
      if (super) {
        put_name(body, first.name);
        put_u64(body, static_cast<uint64_t>(first.uid));
        break;
      }
      put_zvar(body, static_cast<int64_t>(record.tables.size()));
      for (const LoggedTable &t : record.tables) {
        std::string one;
        put_name(one, t.name);
        put_u64(one, static_cast<uint64_t>(t.super_uid));
        put_u64(one, static_cast<uint64_t>(t.uid));
        put_u16(one, 0);
        put_with_length(body, one);
      }
      break;
    default:
      type = kDeleteRows;
      put_u64(body, static_cast<uint64_t>(first.super_uid));
      put_zvar(body, 1);
      put_u64(body, static_cast<uint64_t>(first.uid));
      put_u64(body, static_cast<uint64_t>(record.from));
      put_u64(body, static_cast<uint64_t>(record.to));
      put_zvar(body, record.affected);
      put_name(body, first.name);
      put_name(body, first.columns.empty() ? "ts" : first.columns[0].field.name);
      put_u64(body, static_cast<uint64_t>(first.created_ms));
      put_u8(body, 0);
      break;
  }
  bool has_length = type != kDeleteRows;
  put_u32(*out, static_cast<uint32_t>(body.size() + (has_length ? 12 : 8)));
  put_u32(*out, static_cast<uint32_t>(record.vgroup));
  if (has_length) put_u32(*out, static_cast<uint32_t>(body.size()));
  *out += body;
  return type;
}

bool decode_change(uint16_t type, std::string_view bytes, LogRecord *out) {
  ByteReader in(bytes);
  in.u32();
  in.u32();
  if (type != kDeleteRows) in.u32();
  std::string_view alter;
  switch (type) {
    case kCreateSuper: out->kind = LogRecord::kCreateTable; return get_super(in, &out->tables.emplace_back(), &alter);
    case kAlterSuper:
      out->kind = LogRecord::kAlter;
      if (!get_super(in, &out->tables.emplace_back(), &alter) || !get_alter_request(alter, out)) return false;
      for (const auto *list : {&out->tables[0].columns, &out->tables[0].tags})
        for (const Column &c : *list)
          if (c.field.name == out->field.name) out->field = c.field;
      return true;
    case kCreateTables: {
      int64_t count = get_zvar(in);
      if (!in.ok() || count < 1 || static_cast<uint64_t>(count) > in.left()) return false;
      for (int64_t i = 0; i < count; ++i) {
        if (!get_creation(in.bytes(in.u32()), &out->tables.emplace_back()) || !in.ok()) return false;
        bool child = out->tables.back().kind == TableInfo::kChild;
        out->kind = child ? LogRecord::kCreateChildren : LogRecord::kCreateTable;
      }
      return out->kind == LogRecord::kCreateChildren || count == 1;
    }
    case kAlterTable: out->kind = LogRecord::kAlter; return get_table_alter(in, out);
    case kDropSuper:
      out->kind = LogRecord::kDrop;
      out->tables.emplace_back().name = get_name(in);
      return in.ok();
    case kDropTables: {
      out->kind = LogRecord::kDrop;
      int64_t count = get_zvar(in);
      if (!in.ok() || count < 1 || static_cast<uint64_t>(count) > in.left()) return false;
      for (int64_t i = 0; i < count; ++i) {
        ByteReader one(in.bytes(in.u32()));
        out->tables.emplace_back().name = get_name(one);
        if (!one.ok() || !in.ok()) return false;
      }
      return true;
    }
    case kDeleteRows: {
      out->kind = LogRecord::kDelete;
      in.u64();
      int64_t uids = get_zvar(in);
      if (!in.ok() || uids < 0 || static_cast<uint64_t>(uids) > in.left()) return false;
      in.bytes(static_cast<size_t>(uids) * 8);
      out->from = static_cast<int64_t>(in.u64());
      out->to = static_cast<int64_t>(in.u64());
      out->affected = get_zvar(in);
      out->tables.emplace_back().name = get_name(in);
      return in.ok() && !out->tables[0].name.empty();
    }
    default: return false;
  }
}

void encode_creation(const LoggedTable &table, std::string *out) {
  std::string body;
  put_creation(body, table);
  put_with_length(*out, body);
}

bool decode_creation(std::string_view bytes, LoggedTable *out) {
  ByteReader in(bytes);
  std::string_view body = in.bytes(in.u32());
  return in.ok() && get_creation(body, out);
}

std::string change_json(const LogRecord &record) {
  const LoggedTable &first = record.tables[0];
  JsonObject o;
  switch (record.kind) {
    case LogRecord::kCreateTable:
      o.text("type", "create").text("tableType", kind_text(first)).text("tableName", first.name);
      o.raw("columns", columns_json(first.columns, false)).raw("tags", columns_json(first.tags, true));
      return o.done();
    case LogRecord::kCreateChildren: {
      o.text("type", "create").text("tableType", "child");
      add_child(o, first);
      std::string list;
      for (const LoggedTable &t : record.tables) {
        if (record.tables.size() == 1) break;
        JsonObject child;
        add_child(child, t);
        list += (list.empty() ? "" : ",") + child.done();
      }
      o.raw("createList", "[" + list + "]");
      return o.done();
    }
    case LogRecord::kAlter: return alter_json(record);
    case LogRecord::kDrop: {
      o.text("type", "drop");
      if (first.kind == TableInfo::kSuper) return o.text("tableType", "super").text("tableName", first.name).done();
      std::string list;
      for (const LoggedTable &t : record.tables) {
        if (!list.empty()) list += ",";
        append_quoted(list, t.name);
      }
      return o.raw("tableNameList", "[" + list + "]").done();
    }
    default: {
      std::string ts = first.columns.empty() ? "ts" : first.columns[0].field.name;
      o.text("type", "delete");
      o.text("sql", "delete from `" + first.name + "` where `" + ts + "` >= " + std::to_string(record.from) + " and `" +
                        ts + "` <= " + std::to_string(record.to));
      return o.done();
    }
  }
}

}  // namespace opentaos::sandbox::server
