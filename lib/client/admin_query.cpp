#include "client/admin_query.h"

#include <charconv>

#include "base/bytes.h"
#include "base/codes.h"

namespace opentaos::client {

using base::load_le;
using base::Ref;
using base::Status;
using base::StatusOr;

namespace {

template <typename T>
std::string number(const void *p) {
  return std::to_string(load_le<T>(p));
}

bool as_text(int type, const void *value, int32_t length, std::string *out) {
  switch (type) {
    case wire::kBool:
    case wire::kTinyInt: *out = number<int8_t>(value); return true;
    case wire::kSmallInt: *out = number<int16_t>(value); return true;
    case wire::kInt: *out = number<int32_t>(value); return true;
    case wire::kTimestamp:
    case wire::kBigInt: *out = number<int64_t>(value); return true;
    case wire::kUTinyInt: *out = number<uint8_t>(value); return true;
    case wire::kUSmallInt: *out = number<uint16_t>(value); return true;
    case wire::kUInt: *out = number<uint32_t>(value); return true;
    case wire::kUBigInt: *out = number<uint64_t>(value); return true;
    case wire::kVarchar:
    case wire::kNchar: out->assign(static_cast<const char *>(value), static_cast<size_t>(length)); return true;
    default: return false;
  }
}

}  // namespace

StatusOr<std::vector<TextRow>> read_rows(Connection &connection, std::string_view sql, size_t most) {
  auto result = Ref<QueryResult>::adopt(connection.query(sql, 0));
  std::vector<TextRow> rows;
  while (void **row = result->fetch_row()) {
    if (rows.size() == most) {
      result->stop();
      return Status(base::kErrFailed, "more rows than expected in a system table");
    }
    TextRow &to = rows.emplace_back(result->fields().size());
    for (size_t i = 0; i < to.size(); i++) {
      if (row[i] && !as_text(result->fields()[i].type, row[i], result->lengths()[i], &to[i].emplace())) {
        result->stop();
        return Status(base::kErrFailed, "a column of another type than expected in a system table");
      }
    }
  }
  const Status s = result->status();
  result->abandon();
  if (!s) return s;
  return rows;
}

std::string sql_literal(std::string_view text) {
  std::string out = "'";
  for (char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out += '\'';
}

std::string sql_name(std::string_view name) {
  std::string out = "`";
  for (char c : name) {
    if (c == '`') out += '`';
    out += c;
  }
  return out += '`';
}

int64_t integer_of(const std::optional<std::string> &value, int64_t otherwise) {
  if (!value) return otherwise;
  int64_t number = 0;
  const char *end = value->data() + value->size();
  const auto [at, error] = std::from_chars(value->data(), end, number);
  return error == std::errc() && at == end && !value->empty() ? number : otherwise;
}

}  // namespace opentaos::client
