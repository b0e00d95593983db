#include <cJSON.h>

#include <cmath>
#include <limits>
#include <memory>

#include "engine/schemaless.h"
#include "engine/text.h"

namespace opentaos::sandbox {

namespace {

constexpr size_t kMaxMeasure = 192;
constexpr size_t kMaxKey = 64;
constexpr double kLargestTime = 9007199254740992.0 * 1024;  // as far as nanoseconds reach

[[noreturn]] void bad_json() { fail(kErrLineJson, "Invalid JSON format"); }
[[noreturn]] void bad_time() { fail(kErrLineTime, "invalidate json"); }

struct Delete {
  void operator()(cJSON *j) const { cJSON_Delete(j); }
};

const cJSON *member(const cJSON *object, const char *name) { return cJSON_GetObjectItemCaseSensitive(object, name); }

void number_of(const cJSON *node, uint8_t type, PointValue *out) {
  if (!cJSON_IsNumber(node)) bad_json();
  double d = node->valuedouble;
  out->type = type;
  if (is_float_type(type)) {
    if (type == kFloat && std::fabs(d) > double{std::numeric_limits<float>::max()})
      fail(kErrInvalidValue, "invalid data:" + out->key);
    out->value = type == kFloat ? double{static_cast<float>(d)} : d;
  } else if (d < static_cast<double>(min_of(type)) || d > static_cast<double>(max_of(type))) {
    fail(kErrInvalidValue, "invalid data:" + out->key);
  } else {
    out->value = d >= 9223372036854775807.0 ? INT64_MAX : static_cast<int64_t>(d);
  }
}

void text_of(const cJSON *node, uint8_t type, PointValue *out) {
  if (!cJSON_IsString(node)) bad_json();
  out->type = type;
  out->value = std::string(node->valuestring);
}

// A value, or {"value": v, "type": "float"}.
void value_of(const cJSON *node, PointValue *out) {
  if (cJSON_IsBool(node)) {
    out->type = kBool;
    out->value = cJSON_IsTrue(node) != 0;
  } else if (cJSON_IsNumber(node)) {
    number_of(node, kDouble, out);
  } else if (cJSON_IsString(node)) {
    text_of(node, kVarchar, out);
  } else if (cJSON_IsObject(node)) {
    const cJSON *value = member(node, "value"), *type = member(node, "type");
    if (value == nullptr || !cJSON_IsString(type)) bad_json();
    std::string name = to_lower(type->valuestring);
    if (name == "bool") {
      if (!cJSON_IsBool(value)) bad_json();
      value_of(value, out);
    } else if (name == "i8" || name == "tinyint") {
      number_of(value, kTinyInt, out);
    } else if (name == "i16" || name == "smallint") {
      number_of(value, kSmallInt, out);
    } else if (name == "i32" || name == "int") {
      number_of(value, kInt, out);
    } else if (name == "i64" || name == "bigint") {
      number_of(value, kBigInt, out);
    } else if (name == "f32" || name == "float") {
      number_of(value, kFloat, out);
    } else if (name == "f64" || name == "double") {
      number_of(value, kDouble, out);
    } else if (name == "binary" || name == "varchar") {
      text_of(value, kVarchar, out);
    } else if (name == "nchar") {
      text_of(value, kNchar, out);
    } else {
      bad_json();
    }
  } else {
    bad_json();
  }
}

int64_t ticks_of(double value, int from, const PointContext &context) {
  auto n = static_cast<int64_t>(value);
  Int128 ticks = Int128{n} * ticks_per_second(context.time_precision) / ticks_per_second(from);
  if (ticks > INT64_MAX) bad_time();
  return static_cast<int64_t>(ticks);
}

int64_t time_of(const cJSON *node, const PointContext &context) {
  std::string unit = context.precision;
  if (cJSON_IsObject(node)) {
    const cJSON *type = member(node, "type");
    node = member(node, "value");
    if (!cJSON_IsNumber(node) || !cJSON_IsString(type)) bad_time();
    unit = to_lower(type->valuestring);
    if (unit != "s" && unit != "ms" && unit != "us" && unit != "ns") bad_time();
  } else if (!cJSON_IsNumber(node)) {
    bad_time();
  } else {
    // The number of digits says what it is.
    double d = node->valuedouble;
    if (d >= 1e9 && d < 1e10) unit = "s";
    if (d >= 1e12 && d < 1e13) unit = "ms";
  }
  double d = node->valuedouble;
  if (d < 0 || d > kLargestTime) bad_time();
  if (d == 0) return context.now;
  if (unit == "s") return ticks_of(d * 1000, 0, context);
  if (unit == "ms") return ticks_of(d, 0, context);
  if (unit == "us" || unit == "u") return ticks_of(d, 1, context);
  if (unit == "ns") return ticks_of(d, 2, context);
  bad_time();
}

Point point_of(const cJSON *node, const PointContext &context) {
  const cJSON *metric = member(node, "metric"), *time = member(node, "timestamp");
  const cJSON *value = member(node, "value"), *tags = member(node, "tags");
  if (!cJSON_IsObject(node) || !cJSON_IsString(metric) || time == nullptr || value == nullptr || !cJSON_IsObject(tags))
    bad_json();
  Point p;
  p.measure = super_table_name(metric->valuestring);
  p.as_written = p.measure;
  if (p.measure.empty() || p.measure.size() > kMaxMeasure) bad_json();
  for (const cJSON *tag = tags->child; tag != nullptr; tag = tag->next) {
    PointValue v;
    v.key = tag->string;
    v.near = v.key;
    if (v.key.empty() || v.key.size() > kMaxKey) fail(kErrLineKey, "invalid key or key is too long than 64:" + v.key);
    check_new_key(p.tags, v.key);
    value_of(tag, &v);
    p.tags.push_back(std::move(v));
  }
  PointValue field;
  field.key = field.near = "_value";
  value_of(value, &field);
  p.fields.push_back(std::move(field));
  p.ticks = time_of(time, context);
  return p;
}

}  // namespace

std::vector<Point> read_json_points(std::string_view data, const PointContext &context) {
  std::unique_ptr<cJSON, Delete> root(cJSON_ParseWithLength(data.data(), data.size()));
  if (!root) bad_json();
  std::vector<Point> points;
  if (cJSON_IsArray(root.get())) {
    for (const cJSON *item = root->child; item != nullptr; item = item->next) points.push_back(point_of(item, context));
    if (points.empty()) fail(kErrInvalidInput, "invalid input");
  } else {
    points.push_back(point_of(root.get(), context));
  }
  return points;
}

}  // namespace opentaos::sandbox
