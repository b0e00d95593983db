// What a consumer reads, in the form a server gives it: raw data, blocks, the JSON text of changes of tables; and raw
// data back into changes, for a write into another database.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/topics.h"

namespace opentaos::sandbox::server {

struct RawData {
  uint16_t type = 0;
  std::string bytes;
};

// Raw types with a number of their own; changes of tables have the numbers of the server's messages.
constexpr uint16_t kRawData = 2;
constexpr uint16_t kRawMetaData = 4;
constexpr uint16_t kRawBatchMeta = 5;

// False when a value does not fit its column; `error` says which.
bool encode_raw(const TopicMessage &message, bool batch_meta, bool trailing_byte, RawData *out, std::string *error);
// The block of a `fetch_block`.
bool encode_block(const TopicMessage::Block &block, bool trailing_byte, std::string *out, std::string *error);
// "null" for a message without changes of tables.
std::string json_meta(const TopicMessage &message, bool batch_meta);

// 0, or a code with a text. Nothing is trusted.
int decode_raw(uint16_t type, std::string_view bytes, std::vector<LogRecord> *out, std::string *message);

// tmq_changes.cpp: one change of tables.
uint16_t encode_change(const LogRecord &record, std::string *out);  // gives the raw type
bool decode_change(uint16_t type, std::string_view bytes, LogRecord *out);
std::string change_json(const LogRecord &record);
// A subtable that came with its first rows, with its length in front.
void encode_creation(const LoggedTable &table, std::string *out);
bool decode_creation(std::string_view bytes, LoggedTable *out);

}  // namespace opentaos::sandbox::server
