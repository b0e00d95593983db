#include "engine/geometry.h"

#include <array>
#include <bit>
#include <cctype>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "engine/text.h"

namespace opentaos::sandbox {

namespace {

static_assert(std::endian::native == std::endian::little, "WKB is written with the machine's own byte order");

enum Shape : uint32_t {
  kPoint = 1,
  kLineString = 2,
  kPolygon = 3,
  kMultiPoint = 4,
  kMultiLineString = 5,
  kMultiPolygon = 6,
  kCollection = 7,
};

constexpr std::array<std::string_view, 8> kNames = {
    "", "POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON", "GEOMETRYCOLLECTION"};
constexpr int kMaxDepth = 8;

template <typename T>
void append(std::string *out, T v) {
  char bytes[sizeof v];
  std::memcpy(bytes, &v, sizeof v);
  out->append(bytes, sizeof v);
}

class WktParser {
 public:
  explicit WktParser(std::string_view text) : text_(text) {}

  bool parse(std::string *out) { return shape(out, 0) && at_end(); }

 private:
  void skip() {
    while (i_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[i_]))) i_++;
  }
  bool at_end() {
    skip();
    return i_ == text_.size();
  }
  bool take(char c) {
    skip();
    if (i_ >= text_.size() || text_[i_] != c) return false;
    i_++;
    return true;
  }
  std::string word() {
    skip();
    size_t start = i_;
    while (i_ < text_.size() && std::isalpha(static_cast<unsigned char>(text_[i_]))) i_++;
    return to_upper(text_.substr(start, i_ - start));
  }
  bool empty() {
    size_t start = i_;
    if (word() == "EMPTY") return true;
    i_ = start;
    return false;
  }
  bool number(double *v) {
    skip();
    size_t start = i_;
    while (i_ < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[i_])) || std::strchr("+-.", text_[i_])))
      i_++;
    std::string digits(text_.substr(start, i_ - start));
    char *end = nullptr;
    *v = std::strtod(digits.c_str(), &end);
    return !digits.empty() && *end == '\0' && std::isfinite(*v);
  }
  bool coordinates(std::string *out) {
    double x = 0, y = 0;
    if (!number(&x) || !number(&y)) return false;
    append(out, x);
    append(out, y);
    return true;
  }
  // "(item, item, ...)" or EMPTY, with the count in front.
  template <typename Item>
  bool list(std::string *out, Item item, uint32_t *count_out = nullptr) {
    std::string items;
    uint32_t count = 0;
    if (!empty()) {
      if (!take('(')) return false;
      do {
        if (!item(&items)) return false;
        count++;
      } while (take(','));
      if (!take(')')) return false;
    }
    append(out, count);
    *out += items;
    if (count_out) *count_out = count;
    return true;
  }
  bool points(std::string *out, uint32_t least, bool closed) {
    std::string body;
    uint32_t count = 0;
    if (!list(
            &body, [this](std::string *o) { return coordinates(o); }, &count))
      return false;
    if (count != 0 && count < least) return false;
    if (closed && count != 0 && body.compare(4, 16, body, body.size() - 16, 16) != 0) return false;
    *out += body;
    return true;
  }
  bool rings(std::string *out) {
    return list(out, [this](std::string *o) { return points(o, 4, true); });
  }
  static void head(std::string *out, uint32_t shape) {
    out->push_back(1);
    append(out, shape);
  }
  bool body(uint32_t shape, std::string *out, int depth) {
    switch (shape) {
      case kPoint:
        if (empty()) {
          append(out, std::nan(""));
          append(out, std::nan(""));
          return true;
        }
        return take('(') && coordinates(out) && take(')');
      case kLineString: return points(out, 2, false);
      case kPolygon: return rings(out);
      case kMultiPoint:
        return list(out, [this](std::string *o) {
          head(o, kPoint);
          bool wrapped = take('(');
          return coordinates(o) && (!wrapped || take(')'));
        });
      case kMultiLineString:
        return list(out, [this](std::string *o) {
          head(o, kLineString);
          return points(o, 2, false);
        });
      case kMultiPolygon:
        return list(out, [this](std::string *o) {
          head(o, kPolygon);
          return rings(o);
        });
      default: return list(out, [this, depth](std::string *o) { return this->shape(o, depth + 1); });
    }
  }
  bool shape(std::string *out, int depth) {
    if (depth > kMaxDepth) return false;
    std::string name = word();
    for (uint32_t s = kPoint; s <= kCollection; s++) {
      if (name != kNames[s]) continue;
      head(out, s);
      return body(s, out, depth);
    }
    return false;
  }

  std::string_view text_;
  size_t i_ = 0;
};

class WkbReader {
 public:
  explicit WkbReader(std::string_view bytes) : bytes_(bytes) {}

  bool shape(std::string *out, bool with_name, int depth, uint32_t want = 0) {
    uint8_t order = 0;
    uint32_t type = 0;
    if (depth > kMaxDepth || !take(&order) || order != 1 || !take(&type)) return false;
    if (type < kPoint || type > kCollection || (want != 0 && type != want)) return false;
    if (with_name) *out += std::string(kNames[type]) + " ";
    switch (type) {
      case kPoint: {
        double x = 0, y = 0;
        if (!take(&x) || !take(&y)) return false;
        *out += std::isnan(x) ? "EMPTY" : printf_text("(%.6f %.6f)", x, y);
        return true;
      }
      case kLineString: return points(out);
      case kPolygon: return list(out, [&] { return points(out); });
      case kCollection: return list(out, [&] { return shape(out, true, depth + 1); });
      default: return list(out, [&] { return shape(out, false, depth + 1, type - 3); });
    }
  }
  bool at_end() const { return at_ == bytes_.size(); }

 private:
  template <typename T>
  bool take(T *v) {
    if (bytes_.size() - at_ < sizeof *v) return false;
    std::memcpy(v, bytes_.data() + at_, sizeof *v);
    at_ += sizeof *v;
    return true;
  }
  template <typename Item>
  bool list(std::string *out, Item item) {
    uint32_t count = 0;
    if (!take(&count) || count > bytes_.size()) return false;
    if (count == 0) {
      *out += "EMPTY";
      return true;
    }
    *out += "(";
    for (uint32_t i = 0; i < count; i++) {
      if (i > 0) *out += ", ";
      if (!item()) return false;
    }
    *out += ")";
    return true;
  }
  bool points(std::string *out) {
    return list(out, [&] {
      double x = 0, y = 0;
      if (!take(&x) || !take(&y)) return false;
      *out += printf_text("%.6f %.6f", x, y);
      return true;
    });
  }

  std::string_view bytes_;
  size_t at_ = 0;
};

}  // namespace

std::optional<std::string> wkb_from_wkt(std::string_view wkt) {
  std::string out;
  if (!WktParser(wkt).parse(&out)) return std::nullopt;
  return out;
}

std::optional<std::string> wkt_from_wkb(std::string_view wkb) {
  std::string out;
  WkbReader reader(wkb);
  if (!reader.shape(&out, true, 0) || !reader.at_end()) return std::nullopt;
  return out;
}

}  // namespace opentaos::sandbox
