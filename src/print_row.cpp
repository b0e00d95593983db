// taos_print_row: a row as text, byte for byte as native libtaos writes it.
#include "taos.h"

#include <algorithm>
#include <charconv>
#include <cinttypes>
#include <cstdio>
#include <cstring>

#include "base/bytes.h"
#include "wire/types.h"

using namespace opentaos;

namespace {

// Native's own promise: taos_print_row() has no size, so nobody may rely on more room than this.
constexpr uint32_t kUnsaidSize = UINT32_MAX;

class Printer {
 public:
  Printer(char *to, uint32_t size) : to_(to), size_(size) {}

  bool full() const { return written_ + 1 >= size_; }
  // The length as native counts it: text as far as it was copied, numbers in full even when they were cut.
  uint32_t counted() const { return counted_; }
  void finish() {
    if (size_ > 0) to_[std::min(written_, size_ - 1)] = 0;
  }
  void character(char c) { text(&c, 1); }
  void text(const char *p, size_t n) {
    const uint32_t room = size_ > written_ + 1 ? size_ - written_ - 1 : 0;
    const auto take = static_cast<uint32_t>(std::min<size_t>(n, room));
    std::memcpy(to_ + written_, p, take);
    written_ += take;
    counted_ += take;
  }
  void number(const char *p, size_t n) {
    const uint32_t before = counted_;
    text(p, n);
    counted_ = before + static_cast<uint32_t>(n);
  }

 private:
  char *to_;
  uint32_t size_;
  uint32_t written_ = 0, counted_ = 0;
};

template <typename T>
T value(const void *p) {
  return base::load_le<T>(p);
}

// As printf's %.*g, but with a point whatever the program's locale says.
size_t format_float(char *to, size_t room, int digits, double v) {
  return static_cast<size_t>(std::to_chars(to, to + room, v, std::chars_format::general, digits).ptr - to);
}

void print_value(Printer &out, int type, const void *p) {
  char text[64];
  int n = -1;
  switch (type) {
    case TSDB_DATA_TYPE_BOOL:
    case TSDB_DATA_TYPE_TINYINT: n = std::snprintf(text, sizeof text, "%d", value<int8_t>(p)); break;
    case TSDB_DATA_TYPE_UTINYINT: n = std::snprintf(text, sizeof text, "%u", value<uint8_t>(p)); break;
    case TSDB_DATA_TYPE_SMALLINT: n = std::snprintf(text, sizeof text, "%d", value<int16_t>(p)); break;
    case TSDB_DATA_TYPE_USMALLINT: n = std::snprintf(text, sizeof text, "%u", value<uint16_t>(p)); break;
    case TSDB_DATA_TYPE_INT: n = std::snprintf(text, sizeof text, "%d", value<int32_t>(p)); break;
    case TSDB_DATA_TYPE_UINT: n = std::snprintf(text, sizeof text, "%u", value<uint32_t>(p)); break;
    case TSDB_DATA_TYPE_BIGINT:
    case TSDB_DATA_TYPE_TIMESTAMP: n = std::snprintf(text, sizeof text, "%" PRId64, value<int64_t>(p)); break;
    case TSDB_DATA_TYPE_UBIGINT: n = std::snprintf(text, sizeof text, "%" PRIu64, value<uint64_t>(p)); break;
    case TSDB_DATA_TYPE_FLOAT: out.number(text, format_float(text, sizeof text, 6, value<float>(p))); return;
    case TSDB_DATA_TYPE_DOUBLE: out.number(text, format_float(text, sizeof text, 15, value<double>(p))); return;
    case TSDB_DATA_TYPE_VARCHAR:
    case TSDB_DATA_TYPE_NCHAR:
    case TSDB_DATA_TYPE_GEOMETRY: {
      const auto *s = static_cast<const char *>(p);
      out.text(s, value<uint16_t>(s - 2));
      return;
    }
    case TSDB_DATA_TYPE_VARBINARY: {
      const auto *s = static_cast<const uint8_t *>(p);
      const uint16_t length = value<uint16_t>(s - 2);
      out.text("\\x", 2);
      for (uint16_t i = 0; i < length && !out.full(); i++) {
        std::snprintf(text, sizeof text, "%02X", s[i]);
        out.text(text, 2);
      }
      return;
    }
    case TSDB_DATA_TYPE_BLOB:
    case TSDB_DATA_TYPE_MEDIUMBLOB: {
      const auto *s = static_cast<const uint8_t *>(p);
      const uint32_t length = value<uint32_t>(s - 4);
      out.text("\\x", 2);
      for (uint32_t i = 0; i < length && !out.full(); i++) {
        std::snprintf(text, sizeof text, "%02X", s[i]);
        out.text(text, 2);
      }
      return;
    }
    case TSDB_DATA_TYPE_DECIMAL:
    case TSDB_DATA_TYPE_DECIMAL64:
      out.text(static_cast<const char *>(p), strnlen(static_cast<const char *>(p), 64));
      return;
    default: return;  // JSON prints as nothing, as natively
  }
  if (n > 0) out.text(text, static_cast<size_t>(n));
}

}  // namespace

extern "C" {

int taos_print_row_with_size(char *str, uint32_t size, TAOS_ROW row, TAOS_FIELD *fields, int num_fields) {
  if (!str || !row || !fields || num_fields <= 0 || size == 0) return 0;
  Printer out(str, size);
  for (int i = 0; i < num_fields; i++) {
    if (i > 0) out.character(' ');
    if (!row[i])
      out.text("NULL", 4);
    else
      print_value(out, fields[i].type, row[i]);
    if (out.full()) break;
  }
  out.finish();
  return static_cast<int>(out.counted());
}

int taos_print_row(char *str, TAOS_ROW row, TAOS_FIELD *fields, int num_fields) {
  return taos_print_row_with_size(str, kUnsaidSize, row, fields, num_fields);
}

}  // extern "C"
