#include "json_values.h"

#include "engine/text.h"
#include "engine/time_text.h"
#include "json.h"
#include "types.h"

namespace opentaos::sandbox::server {
namespace {

bool number_value(const cJSON *node, const Field &field, Value *value) {
  if (!cJSON_IsNumber(node)) return false;
  if (field.type == kFloat || field.type == kDouble) {
    *value = node->valuedouble;
    return true;
  }
  if (auto i = exact_i64(node)) {
    *value = *i;
  } else if (auto u = exact_u64(node)) {
    *value = *u;
  } else {
    return false;
  }
  return true;
}

bool time_value(const cJSON *node, int precision, Value *value) {
  if (auto ticks = cJSON_IsNumber(node) ? exact_i64(node) : std::nullopt) {
    *value = *ticks;
    return true;
  }
  if (!cJSON_IsString(node)) return false;
  auto ticks = parse_timestamp(node->valuestring, *TimeZone::utc(), precision);
  if (!ticks) return false;
  *value = *ticks;
  return true;
}

}  // namespace

bool value_from_json(const cJSON *node, const Field &field, int time_precision, Value *value, std::string *error) {
  *value = {};
  if (node == nullptr || cJSON_IsNull(node)) return true;
  bool good = false;
  switch (field.type) {
    case kBool:
      good = cJSON_IsBool(node);
      if (good) *value = cJSON_IsTrue(node) != 0;
      break;
    case kTimestamp: good = time_value(node, time_precision, value); break;
    case kVarchar:
    case kNchar:
    case kJson:
      good = cJSON_IsString(node);
      if (good) *value = std::string(node->valuestring);
      break;
    case kVarbinary:
    case kGeometry: {
      std::string bytes;
      good = cJSON_IsString(node) && from_hex(node->valuestring, &bytes);
      if (good) *value = bytes;
      break;
    }
    default: good = number_value(node, field, value);
  }
  if (!good) *error = "the value of " + field.name + " does not fit its type";
  return good;
}

}  // namespace opentaos::sandbox::server
