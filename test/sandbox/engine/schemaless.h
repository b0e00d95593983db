// Schemaless writes: points that say themselves which table they belong to. Tables and columns are made as needed.
//
// schemaless_lines.cpp reads the line and the telnet protocol, schemaless_json.cpp JSON, schemaless.cpp writes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/context.h"

namespace opentaos::sandbox {

struct PointValue {
  std::string key;
  uint8_t type = 0;
  Value value;
  std::string near;  // what the server quotes when it refuses the value
};

struct Point {
  std::string measure;     // the super table
  std::string as_written;  // with its escapes
  std::vector<PointValue> tags, fields;
  int64_t ticks = 0;  // in the database's precision
};

// What reading needs to know.
struct PointContext {
  std::string precision;   // "", "h", "m", "s", "ms", "u", "ns"
  int time_precision = 0;  // the database's
  int64_t now = 0;         // in it
};

// Each throws for the first line that is not right.
std::vector<Point> read_lines(std::string_view data, const PointContext &context);
std::vector<Point> read_telnet(std::string_view data, const PointContext &context);
std::vector<Point> read_json_points(std::string_view data, const PointContext &context);

// "12.5f32", "true", "\"text\"": type and value. `near` is the text from here to the end of the line.
void read_point_value(std::string_view text, std::string_view near, PointValue *out);

// Inside an open transaction. `name_key`: the tag that names the subtable. Returns the number of rows.
int64_t write_points(const std::vector<Point> &points, int ttl, const std::string &name_key, const Context &context);

enum SchemalessError : int {
  kErrLineTime = 0x0127,
  kErrInvalidValue = 0x0203,
  kErrLineMeasure = 0x020a,
  kErrLineKey = 0x021f,
  kErrLineJson = 0x0221,
  kErrInvalidInput = 0x070f,
  kErrLineProtocol = 0x3000,
  kErrLineData = 0x3002,
  kErrLineType = 0x3004,
};

// Refuses a key that was there before.
void check_new_key(const std::vector<PointValue> &values, std::string_view key);
// '.' in the name of a super table becomes '_'.
std::string super_table_name(std::string_view measure);

}  // namespace opentaos::sandbox
