#include "tmq_data.h"

#include "block.h"
#include "block_reader.h"
#include "tmq_bytes.h"
#include "types.h"

namespace opentaos::sandbox::server {
namespace {

constexpr int kInvalidParameters = 0x0118;
constexpr int kInvalidData = 0x4018;
constexpr uint8_t kHeadWithLength = 100;
constexpr uint8_t kLogOffset = 0x11;
constexpr size_t kBlockPrefix = 18;
constexpr size_t kBatchEntryHead = 34;
constexpr uint8_t kInStatistics = 1, kAddedLater = 0x80;

void put_offset(std::string &out, int64_t offset) {
  put_u8(out, kLogOffset);
  put_u64(out, static_cast<uint64_t>(offset));
}

void put_head(std::string &out, const TopicMessage &message) {
  put_u8(out, kHeadWithLength);
  put_i32(out, 18);
  put_offset(out, message.from);
  put_offset(out, message.next);
}

void put_prefix(std::string &out, size_t rows, int precision) {
  put_u64(out, 1);
  for (int i = 7; i >= 0; --i)
    put_u8(out, static_cast<uint8_t>(uint64_t{rows} >> (8 * i)));  // the one big-endian number
  put_u8(out, 0);
  put_u8(out, static_cast<uint8_t>(precision));
}

void put_schema(std::string &out, const TopicMessage::Block &block) {
  const std::vector<Field> &fields = block.table.fields;
  put_zvar(out, static_cast<int64_t>(fields.size()));
  put_zvar(out, 0);
  bool whole = !block.columns.empty();
  for (size_t i = 0; i < fields.size(); ++i) {
    put_u8(out, fields[i].type);
    put_u8(out, whole ? static_cast<uint8_t>(kInStatistics | (is_decimal(fields[i].type) ? kAddedLater : 0)) : 0);
    put_zvar(out, schema_width(fields[i]));
    put_zvar(out, whole ? block.columns[i].id : static_cast<int64_t>(i) + 1);
    put_name(out, fields[i].name);
  }
}

bool put_blocks(const TopicMessage &message, bool trailing_byte, std::string *out, std::string *error) {
  put_i32(*out, static_cast<int32_t>(message.blocks.size()));
  if (message.blocks.empty()) return true;
  bool named = !message.blocks[0].name.empty();
  put_u8(*out, named ? 1 : 0);
  put_u8(*out, 1);  // with the schema
  for (const TopicMessage::Block &block : message.blocks) {
    std::string bytes;
    put_prefix(bytes, block.table.rows.size(), block.table.precision);
    if (!encode_block(block, trailing_byte, &bytes, error)) return false;
    put_binary(*out, bytes);
    put_schema(*out, block);
    if (named) put_name(*out, block.name);
  }
  return true;
}

void put_batch(const TopicMessage &message, std::string *out) {
  put_i32(*out, static_cast<int32_t>(message.metas.size()));
  for (const LogRecord &record : message.metas) {
    std::string change;
    uint16_t type = encode_change(record, &change);
    std::string entry(kBatchEntryHead - 1, '\0');
    put_u8(entry, 0x10);
    put_u16(entry, type);
    put_binary(entry, change);
    put_binary(*out, entry);
  }
}

// Reads what put_head() and put_blocks() write. Servers of all ages are understood.
class DataReader {
 public:
  explicit DataReader(std::string_view bytes) : in_(bytes) {}

  bool read(bool with_creations, std::vector<LogRecord> *out) {
    if (!skip_head()) return false;
    int32_t count = in_.i32();
    if (!in_.ok() || count < 0 || static_cast<size_t>(count) > in_.left()) return false;
    if (count > 0) {
      named_ = in_.u8() != 0;
      schema_ = in_.u8() != 0;
      if (!named_ || !schema_) return false;  // nothing says where the rows belong
    }
    for (int32_t i = 0; i < count; ++i) {
      if (!read_block_record(&out->emplace_back())) return false;
    }
    return !with_creations || read_creations(out);
  }

 private:
  bool skip_head() {
    uint8_t first = in_.u8();
    if (first >= kHeadWithLength) {
      int32_t size = in_.i32();
      in_.bytes(size < 0 ? SIZE_MAX : static_cast<size_t>(size));
      return in_.ok();
    }
    in_.bytes(first == 1 ? 8 : 16);
    in_.bytes(in_.u8() == 1 ? 8 : 16);
    return in_.ok();
  }

  bool read_block_record(LogRecord *record) {
    std::string_view bytes = get_binary(in_);
    if (!in_.ok() || bytes.size() < kBlockPrefix) return false;
    record->kind = LogRecord::kRows;
    LoggedTable &table = record->tables.emplace_back();
    table.precision = static_cast<uint8_t>(bytes[kBlockPrefix - 1]);
    BlockView block;
    std::string error;
    if (!read_block(bytes.substr(kBlockPrefix), {}, &block, &error)) return false;
    if (!read_schema(block, &table)) return false;
    table.name = get_name(in_);
    if (!in_.ok() || table.name.empty()) return false;
    record->rows.assign(block.rows, Row(block.columns.size()));
    for (size_t i = 0; i < block.columns.size(); ++i) {
      std::vector<Value> values;
      if (!read_values(block.columns[i], block.rows, &values) || values.size() != block.rows) return false;
      for (size_t row = 0; row < values.size(); ++row) record->rows[row][i] = std::move(values[row]);
    }
    return true;
  }

  bool read_schema(const BlockView &block, LoggedTable *table) {
    int64_t count = get_zvar(in_);
    get_zvar(in_);
    if (!in_.ok() || count != static_cast<int64_t>(block.columns.size())) return false;
    for (const BlockColumn &from : block.columns) {
      Column column;
      column.field.type = in_.u8();
      in_.u8();
      in_.bytes(0);
      get_zvar(in_);
      column.id = static_cast<int>(get_zvar(in_));
      column.field.name = get_name(in_);
      if (!in_.ok() || column.field.type != from.type) return false;
      if (is_decimal(column.field.type)) {
        column.field.scale = static_cast<uint8_t>(from.info);
        column.field.precision = static_cast<uint8_t>(from.info >> 8);
      }
      table->columns.push_back(std::move(column));
    }
    return true;
  }

  // The subtables that came with the rows.
  bool read_creations(std::vector<LogRecord> *records) {
    int32_t count = in_.i32();
    if (!in_.ok() || count < 0 || static_cast<size_t>(count) > in_.left()) return false;
    for (int32_t i = 0; i < count; ++i) {
      LoggedTable made;
      if (!decode_creation(get_binary(in_), &made) || !in_.ok()) return false;
      for (LogRecord &record : *records) {
        LoggedTable &table = record.tables[0];
        if (table.name != made.name) continue;
        made.columns = table.columns;
        made.precision = table.precision;
        table = made;
        record.creates = true;
        break;
      }
    }
    return true;
  }

  ByteReader in_;
  bool named_ = false, schema_ = false;
};

bool decode_batch(std::string_view bytes, std::vector<LogRecord> *out) {
  ByteReader in(bytes);
  int32_t count = in.i32();
  if (!in.ok() || count < 0 || static_cast<size_t>(count) > in.left()) return false;
  for (int32_t i = 0; i < count; ++i) {
    ByteReader entry(get_binary(in));
    entry.bytes(kBatchEntryHead);
    uint16_t type = entry.u16();
    std::string_view change = get_binary(entry);
    if (!in.ok() || !entry.ok() || !decode_change(type, change, &out->emplace_back())) return false;
  }
  return true;
}

}  // namespace

bool encode_block(const TopicMessage::Block &block, bool trailing_byte, std::string *out, std::string *error) {
  size_t start = out->size();
  if (!append_block(block.table, 0, block.table.rows.size(), trailing_byte, out, error)) return false;
  set_u32(*out, start, 2);  // the version that blocks of subscriptions have
  return true;
}

bool encode_raw(const TopicMessage &message, bool batch_meta, bool trailing_byte, RawData *out, std::string *error) {
  out->bytes.clear();
  if (message.kind == TopicMessage::kMeta) {
    if (batch_meta) {
      out->type = kRawBatchMeta;
      put_batch(message, &out->bytes);
    } else {
      out->type = encode_change(message.metas[0], &out->bytes);
    }
    return true;
  }
  out->type = message.kind == TopicMessage::kMetaData ? kRawMetaData : kRawData;
  put_head(out->bytes, message);
  if (!put_blocks(message, trailing_byte, &out->bytes, error)) return false;
  if (out->type == kRawData) {
    put_u64(out->bytes, 0);  // how long a replay would sleep
    return true;
  }
  put_i32(out->bytes, static_cast<int32_t>(message.created.size()));
  for (const LoggedTable &table : message.created) {
    std::string bytes;
    encode_creation(table, &bytes);
    put_binary(out->bytes, bytes);
  }
  return true;
}

std::string json_meta(const TopicMessage &message, bool batch_meta) {
  std::vector<LogRecord> changes = message.metas;
  if (message.kind == TopicMessage::kMetaData) {
    LogRecord created;
    created.kind = LogRecord::kCreateChildren;
    created.tables = message.created;
    changes.push_back(created);
  }
  if (changes.empty()) return "null";
  if (message.kind != TopicMessage::kMeta || !batch_meta) return change_json(changes[0]);
  std::string list;
  for (const LogRecord &change : changes) list += (list.empty() ? "" : ",") + change_json(change);
  return "{\"tmq_meta_version\":\"1.0\",\"metas\":[" + list + "]}";
}

int decode_raw(uint16_t type, std::string_view bytes, std::vector<LogRecord> *out, std::string *message) {
  bool good;
  if (type == kRawData || type == kRawMetaData) {
    good = DataReader(bytes).read(type == kRawMetaData, out);
  } else if (type == kRawBatchMeta) {
    good = decode_batch(bytes, out);
  } else {
    out->emplace_back();
    if (decode_change(type, bytes, &out->back())) return 0;
    *message = "Invalid parameters";
    return kInvalidParameters;
  }
  if (good) return 0;
  *message = "Invalid data";
  return kInvalidData;
}

}  // namespace opentaos::sandbox::server
