#include "client/statement_rows.h"

#include <algorithm>
#include <cstring>

namespace opentaos::client {

using wire::BindError;
using wire::BindField;
using wire::ColumnInput;

namespace {

// A column keeps no more than this for the next execution.
constexpr size_t kKeepColumn = size_t{4} << 20;

size_t count_characters(const uint8_t *p, size_t n) {
  return static_cast<size_t>(std::count_if(p, p + n, [](uint8_t b) { return (b & 0xc0) != 0x80; }));
}

// Copies values that stand `stride` apart to where they stand back to back. Small ones in one go: what is copied too
// much lies within the value's own place, so all but the last one may be.
uint8_t *pack(uint8_t *to, const uint8_t *from, size_t stride, const int32_t *lengths, const char *nulls, size_t num) {
  size_t i = 0;
  if (stride >= 16 && !nulls) {
    for (; i + 1 < num; i++, from += stride) {
      const auto n = static_cast<size_t>(lengths[i]);
      if (n <= 16)
        std::memcpy(to, from, 16);
      else
        std::memcpy(to, from, n);
      to += n;
    }
  }
  for (; i < num; i++, from += stride) {
    if (nulls && nulls[i]) continue;
    const auto n = static_cast<size_t>(lengths[i]);
    if (n) std::memcpy(to, from, n);
    to += n;
  }
  return to;
}

}  // namespace

void BoundRows::reset(size_t columns, std::span<const BindField> fields, std::span<const BindField> tags) {
  columns_.resize(columns);
  for (size_t i = 0; i < columns; i++) {
    Column &c = columns_[i];
    c.has_field = i < fields.size();
    if (c.has_field) c.field = fields[i];
    c.type = c.has_field ? fields[i].type : 0;
    c.clear();
  }
  tables_.clear();
  names_.clear();
  tag_fields_.assign(tags.begin(), tags.end());
  tags_.clear();
  tag_data_.clear();
}

void BoundRows::start_again() {
  const bool has_table = !tables_.empty();
  std::string name;
  std::vector<Tag> tags;
  base::Buffer data;
  if (has_table) {
    const Table &t = tables_.back();
    name = name_of(t);
    if (t.first_tag >= 0) {
      for (size_t i = 0; i < tag_fields_.size(); i++) {
        Tag tag = tags_[static_cast<size_t>(t.first_tag) + i];
        const size_t at = data.size();
        data.append(tag_data_.data() + tag.at, static_cast<size_t>(tag.length));
        tag.at = at;
        tags.push_back(tag);
      }
    }
  }
  shrink();
  for (Column &c : columns_) c.clear();
  tables_.clear();
  names_.clear();
  tags_.clear();
  tag_data_.clear();
  if (!has_table) return;
  begin_table(name);
  if (tags.empty()) return;
  tags_ = std::move(tags);
  tag_data_ = std::move(data);
  tables_.back().first_tag = 0;
}

void BoundRows::shrink() {
  for (Column &c : columns_) {
    for (base::Buffer *b : {&c.nulls, &c.lengths, &c.data}) {
      if (b->capacity() > kKeepColumn || (b->capacity() > 64 * 1024 && b->capacity() / 8 > b->size())) b->shrink_to(0);
    }
  }
  if (tables_.capacity() > 4096 && tables_.capacity() / 8 > tables_.size()) {
    tables_.shrink_to_fit();
    tags_.shrink_to_fit();
    names_.shrink_to(0);
    tag_data_.shrink_to(0);
  }
}

size_t BoundRows::memory() const {
  size_t sum =
      names_.capacity() + tag_data_.capacity() + tables_.capacity() * sizeof(Table) + tags_.capacity() * sizeof(Tag);
  for (const Column &c : columns_) sum += c.nulls.capacity() + c.lengths.capacity() + c.data.capacity();
  return sum;
}

void BoundRows::begin_table(std::string_view name) {
  end_table();
  if (!tables_.empty() && tables_.back().rows == 0) tables_.pop_back();
  Table t;
  t.name = names_.size();
  t.first = static_cast<int>(rows());
  names_.append(name);
  names_.put<char>(0);
  tables_.push_back(t);
}

void BoundRows::end_table() {
  if (!tables_.empty()) tables_.back().rows = static_cast<int>(rows()) - tables_.back().first;
}

bool BoundRows::is_even() const {
  return std::all_of(columns_.begin(), columns_.end(), [&](const Column &c) { return c.rows == columns_[0].rows; });
}

BindError BoundRows::set_tags(const TAOS_MULTI_BIND *tags) {
  const auto first = static_cast<int>(tags_.size());
  for (size_t i = 0; i < tag_fields_.size(); i++) {
    const TAOS_MULTI_BIND &b = tags[i];
    const BindField &field = tag_fields_[i];
    const ColumnInput value{b.buffer_type, b.buffer, b.buffer_length, b.length, b.is_null, 1};
    Tag tag{};
    if (auto e = wire::check_type(value, &field, 1, tag.type); e != BindError::kNone) return e;
    tag.null = value.null_at(0) ? 1 : 0;
    tag.at = tag_data_.size();
    if (!tag.null) {
      const bool variable = wire::is_variable(tag.type);
      if (!b.buffer || (variable && (!b.length || b.length[0] < 0))) return BindError::kInvalid;
      tag.length = variable ? b.length[0] : wire::fixed_size(tag.type);
      const auto n = static_cast<size_t>(tag.length);
      size_t counted = n;
      if (tag.type == wire::kNchar) counted = count_characters(static_cast<const uint8_t *>(b.buffer), n) * 4;
      if (counted > wire::value_limit(&field)) return BindError::kTooLong;
      tag_data_.append(b.buffer, n);
    }
    tags_.push_back(tag);
  }
  if (!tag_fields_.empty() && !tables_.empty()) tables_.back().first_tag = first;
  return BindError::kNone;
}

BindError BoundRows::append(size_t column, const TAOS_MULTI_BIND &b, int num) {
  Column &c = columns_[column];
  const ColumnInput values{b.buffer_type, b.buffer, b.buffer_length, b.length, b.is_null, num};
  int type = 0;
  if (auto e = wire::check_type(values, c.has_field ? &c.field : nullptr, num, type); e != BindError::kNone) return e;
  if (c.rows == 0) c.type = type;
  if (type != c.type) return BindError::kTypeMismatch;
  const auto n = static_cast<size_t>(num);
  if (c.rows + num > INT32_MAX / 32) return BindError::kMessageTooBig;

  uint8_t *nulls = c.nulls.extend(n);
  if (wire::any_flag(b.is_null, n)) {
    c.has_nulls = true;
    for (size_t i = 0; i < n; i++) nulls[i] = b.is_null[i] != 0;
  } else {
    std::memset(nulls, 0, n);
  }
  const BindError e = wire::is_variable(type) ? append_variable(c, b, n) : append_fixed(c, b, n);
  c.rows += num;
  return e;
}

BindError BoundRows::append_fixed(Column &c, const TAOS_MULTI_BIND &b, size_t num) {
  const size_t size = num * static_cast<size_t>(wire::fixed_size(c.type));
  uint8_t *to = c.data.extend(size);
  if (b.buffer) {
    std::memcpy(to, b.buffer, size);
    return BindError::kNone;
  }
  std::memset(to, 0, size);
  const uint8_t *nulls = c.nulls.end() - num;
  return std::memchr(nulls, 0, num) ? BindError::kInvalid : BindError::kNone;
}

BindError BoundRows::append_variable(Column &c, const TAOS_MULTI_BIND &b, size_t num) {
  const char *nulls = wire::any_flag(b.is_null, num) ? b.is_null : nullptr;
  auto *lengths = reinterpret_cast<int32_t *>(c.lengths.extend(num * 4));
  uint64_t total = 0;
  int32_t all = 0, longest = 0;
  if (!b.length) {
    if (!nulls || std::memchr(nulls, 0, num)) return BindError::kInvalid;
    std::memset(lengths, 0, num * 4);
    return BindError::kNone;
  }
  for (size_t i = 0; i < num; i++) {
    const int32_t n = nulls && nulls[i] ? 0 : b.length[i];
    lengths[i] = n;
    all |= n;
    longest = std::max(longest, n);
    total += static_cast<uint32_t>(n);
  }
  if (all < 0 || (total && !b.buffer)) return BindError::kInvalid;
  if (total + c.data.size() > INT32_MAX) return BindError::kMessageTooBig;
  const auto *from = static_cast<const uint8_t *>(b.buffer);
  const size_t limit = c.has_field ? wire::value_limit(&c.field) : SIZE_MAX;
  if (limit != SIZE_MAX) {
    const auto n = static_cast<size_t>(longest);
    if (c.type != wire::kNchar) {
      if (n > limit) return BindError::kTooLong;
    } else if (n * 4 > limit) {
      for (size_t i = 0; i < num; i++)
        if (count_characters(from + i * b.buffer_length, static_cast<size_t>(lengths[i])) * 4 > limit)
          return BindError::kTooLong;
    }
  }
  // The buffer has room to write a little beyond its end.
  const size_t before = c.data.size();
  uint8_t *to = c.data.extend(static_cast<size_t>(total) + 16);
  if (total) pack(to, from, b.buffer_length, lengths, nulls, num);
  c.data.set_size(before + static_cast<size_t>(total));
  return BindError::kNone;
}

ColumnInput BoundRows::tag_of(const Table &t, size_t i) const {
  const Tag &tag = tags_[static_cast<size_t>(t.first_tag) + i];
  return {tag.type, tag.null ? nullptr : tag_data_.data() + tag.at, 0, &tag.length, &tag.null, 1};
}

ColumnInput BoundRows::column(size_t i) const {
  const Column &c = columns_[i];
  ColumnInput out;
  out.type = c.type;
  out.buffer = c.data.data();
  if (wire::is_variable(c.type)) out.lengths = reinterpret_cast<const int32_t *>(c.lengths.data());
  if (c.has_nulls) out.is_null = reinterpret_cast<const char *>(c.nulls.data());
  out.num = static_cast<int>(c.rows);
  return out;
}

}  // namespace opentaos::client
