#include "engine/log.h"

#include <algorithm>
#include <cstring>

#include "engine/errors.h"
#include "engine/time_text.h"

namespace opentaos::sandbox {

namespace {

// Old records are looked for once in so many.
constexpr int kTrimEvery = 1024;

void put(std::string *out, uint64_t v) {
  for (; v >= 0x80; v >>= 7) out->push_back(static_cast<char>(v | 0x80));
  out->push_back(static_cast<char>(v));
}
void put_signed(std::string *out, int64_t v) {
  put(out, (static_cast<uint64_t>(v) << 1) ^ static_cast<uint64_t>(v >> 63));
}
void put(std::string *out, const std::string &s) {
  put(out, s.size());
  *out += s;
}

void put(std::string *out, const Value &v) {
  out->push_back(static_cast<char>(v.index()));
  if (auto *b = std::get_if<bool>(&v)) {
    out->push_back(*b ? 1 : 0);
  } else if (auto *i = std::get_if<int64_t>(&v)) {
    put_signed(out, *i);
  } else if (auto *u = std::get_if<uint64_t>(&v)) {
    put(out, *u);
  } else if (auto *d = std::get_if<double>(&v)) {
    uint64_t bits;
    std::memcpy(&bits, d, sizeof bits);
    put(out, bits);
  } else if (auto *s = std::get_if<std::string>(&v)) {
    put(out, *s);
  } else if (auto *decimal = std::get_if<Decimal>(&v)) {
    put(out, static_cast<uint64_t>(decimal->unscaled));
    put_signed(out, static_cast<int64_t>(decimal->unscaled >> 64));
  }
}

void put(std::string *out, const Row &row) {
  put(out, row.size());
  for (const Value &v : row) put(out, v);
}

void put(std::string *out, const Field &f) {
  put(out, f.name);
  put(out, uint64_t{f.type});
  put_signed(out, f.width);
  put(out, uint64_t{f.precision});
  put(out, uint64_t{f.scale});
}

void put(std::string *out, const std::vector<Column> &columns) {
  put(out, columns.size());
  for (const Column &c : columns) {
    put_signed(out, c.id);
    put(out, c.field);
    put(out, c.encode);
    put(out, c.compress);
    put(out, c.level);
  }
}

void put(std::string *out, const LoggedTable &t) {
  put(out, static_cast<uint64_t>(t.kind));
  put(out, t.name);
  put(out, t.super);
  put_signed(out, t.uid);
  put_signed(out, t.super_uid);
  put(out, t.columns);
  put(out, t.tags);
  put(out, t.tag_values);
  put_signed(out, t.precision);
  put_signed(out, t.created_ms);
  put_signed(out, t.ttl);
}

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  uint8_t byte() {
    if (bytes_.empty()) damaged();
    auto b = static_cast<uint8_t>(bytes_[0]);
    bytes_.remove_prefix(1);
    return b;
  }
  uint64_t number() {
    uint64_t v = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      uint8_t b = byte();
      v |= uint64_t{b & 0x7fu} << shift;
      if (b < 0x80) return v;
    }
    damaged();
  }
  int64_t signed_number() {
    uint64_t v = number();
    return static_cast<int64_t>(v >> 1) ^ -static_cast<int64_t>(v & 1);
  }
  size_t count() {  // of things that have at least a byte each
    uint64_t n = number();
    if (n > bytes_.size()) damaged();
    return static_cast<size_t>(n);
  }
  std::string text() {
    size_t n = count();
    std::string s(bytes_.substr(0, n));
    bytes_.remove_prefix(n);
    return s;
  }
  Value value() {
    switch (byte()) {
      case 0: return {};
      case 1: return byte() != 0;
      case 2: return signed_number();
      case 3: return number();
      case 4: {
        uint64_t bits = number();
        double d;
        std::memcpy(&d, &bits, sizeof d);
        return d;
      }
      case 5: return text();
      case 6: {
        uint64_t low = number();
        int64_t high = signed_number();
        Decimal d;
        d.unscaled = (static_cast<Decimal::Unscaled>(high) << 64) | static_cast<Decimal::Unscaled>(low);
        return d;
      }
      default: damaged();
    }
  }
  Row row() {
    Row row(count());
    for (Value &v : row) v = value();
    return row;
  }
  Field field() {
    Field f;
    f.name = text();
    f.type = static_cast<uint8_t>(number());
    f.width = static_cast<int32_t>(signed_number());
    f.precision = static_cast<uint8_t>(number());
    f.scale = static_cast<uint8_t>(number());
    return f;
  }
  std::vector<Column> columns() {
    std::vector<Column> list(count());
    for (Column &c : list) {
      c.id = static_cast<int>(signed_number());
      c.field = field();
      c.encode = text();
      c.compress = text();
      c.level = text();
    }
    return list;
  }
  LoggedTable table() {
    LoggedTable t;
    t.kind = static_cast<TableInfo::Kind>(number());
    t.name = text();
    t.super = text();
    t.uid = signed_number();
    t.super_uid = signed_number();
    t.columns = columns();
    t.tags = columns();
    t.tag_values = row();
    t.precision = static_cast<int>(signed_number());
    t.created_ms = signed_number();
    t.ttl = static_cast<int>(signed_number());
    return t;
  }

 private:
  [[noreturn]] static void damaged() { fail(kErrInternal, "taos-sandbox: a record of the log is damaged"); }

  std::string_view bytes_;
};

}  // namespace

LoggedTable logged_table(const TableInfo &table) {
  LoggedTable t;
  t.kind = table.kind;
  t.name = table.name;
  t.uid = table.uid();
  if (table.super) {
    t.super = table.super->name;
    t.super_uid = table.super->uid();
  }
  t.columns = table.columns();
  t.tags = table.tags();
  t.tag_values = table.tag_values;
  t.precision = table.precision;
  t.created_ms = table.created_ms;
  t.ttl = table.ttl;
  return t;
}

std::string encode_record(const LogRecord &r) {
  std::string out;
  out.push_back(static_cast<char>(r.kind));
  out.push_back(static_cast<char>((r.creates ? 1 : 0) | (r.replayed ? 2 : 0)));
  put(&out, r.tables.size());
  for (const LoggedTable &t : r.tables) put(&out, t);
  put(&out, r.rows.size());
  for (const Row &row : r.rows) put(&out, row);
  out.push_back(static_cast<char>(r.alter));
  put(&out, r.field);
  put(&out, r.new_name);
  put(&out, r.value);
  put(&out, r.sql);
  put_signed(&out, r.from);
  put_signed(&out, r.to);
  put_signed(&out, r.affected);
  return out;
}

LogRecord decode_record(std::string_view bytes) {
  Reader in(bytes);
  LogRecord r;
  r.kind = static_cast<LogRecord::Kind>(in.byte());
  uint8_t flags = in.byte();
  r.creates = (flags & 1) != 0;
  r.replayed = (flags & 2) != 0;
  r.tables.resize(in.count());
  for (LoggedTable &t : r.tables) t = in.table();
  r.rows.resize(in.count());
  for (Row &row : r.rows) row = in.row();
  r.alter = static_cast<LogRecord::Alter>(in.byte());
  r.field = in.field();
  r.new_name = in.text();
  r.value = in.value();
  r.sql = in.text();
  r.from = in.signed_number();
  r.to = in.signed_number();
  r.affected = in.signed_number();
  return r;
}

void ChangeLog::create_schema() {
  db_->run(
      "CREATE TABLE IF NOT EXISTS log(vgroup INTEGER, version INTEGER, at INTEGER, record BLOB, "
      "PRIMARY KEY(vgroup, version)) WITHOUT ROWID");
}

// Version 0 is the vgroup's own beginning, as on a server.
ChangeLog::Tail &ChangeLog::tail(int vgroup) {
  auto found = tails_.find(vgroup);
  if (found != tails_.end()) return found->second;
  auto query = db_->prepare("SELECT min(version), max(version) FROM log WHERE vgroup = ?");
  query.bind(1, int64_t{vgroup}).step();
  Tail t;
  t.range.begin = query.integer(0) <= 1 ? 0 : query.integer(0);
  t.range.end = query.integer(1) + 1;
  return tails_[vgroup] = t;
}

ChangeLog::Range ChangeLog::range(int vgroup) { return tail(vgroup).range; }

void ChangeLog::append(const DatabaseInfo &d, int vgroup, const LogRecord &record) {
  if (option_number(d.options, "wal_retention_period") == 0) return;
  Tail &t = tail(vgroup);
  changed_ = true;
  if (!insert_) insert_ = db_->prepare("INSERT INTO log VALUES(?, ?, ?, ?)");
  insert_->bind(1, int64_t{vgroup})
      .bind(2, t.range.end)
      .bind(3, now_ticks(0))
      .bind(4, Value(encode_record(record)))
      .run();
  t.range.end++;
  if (++t.since_trim >= kTrimEvery) trim(d, vgroup, &t);
}

void ChangeLog::append_everywhere(const DatabaseInfo &d, const LogRecord &record) {
  auto groups = static_cast<int>(std::max<int64_t>(option_number(d.options, "vgroups"), 1));
  for (int i = 0; i < groups; i++) append(d, d.first_vgroup + i, record);
}

// The last record stays: it says which version comes next.
void ChangeLog::trim(const DatabaseInfo &d, int vgroup, Tail *tail) {
  tail->since_trim = 0;
  int64_t keep_ms = option_number(d.options, "wal_retention_period") * 1000;
  if (keep_ms < 0) return;
  db_->prepare("DELETE FROM log WHERE vgroup = ? AND at < ? AND version < ?")
      .bind(1, int64_t{vgroup})
      .bind(2, now_ticks(0) - keep_ms)
      .bind(3, tail->range.end - 1)
      .run();
  if (db_->changes() == 0) return;
  auto first = db_->prepare("SELECT min(version) FROM log WHERE vgroup = ?");
  first.bind(1, int64_t{vgroup}).step();
  tail->range.begin = first.integer(0);
}

void ChangeLog::drop_vgroup(int vgroup) {
  changed_ = true;
  db_->prepare("DELETE FROM log WHERE vgroup = ?").bind(1, int64_t{vgroup}).run();
  tails_.erase(vgroup);
}

void ChangeLog::read(int vgroup, int64_t from, const std::function<bool(LogRecord)> &visit) {
  auto rows = db_->prepare("SELECT version, record FROM log WHERE vgroup = ? AND version >= ? ORDER BY version");
  rows.bind(1, int64_t{vgroup}).bind(2, from);
  while (rows.step()) {
    LogRecord record = decode_record(rows.text(1));
    record.vgroup = vgroup;
    record.version = rows.integer(0);
    if (!visit(std::move(record))) return;
  }
}

bool ChangeLog::commit() {
  bool changed = changed_;
  changed_ = false;
  return changed;
}

void ChangeLog::rollback() {
  tails_.clear();
  changed_ = false;
}

}  // namespace opentaos::sandbox
