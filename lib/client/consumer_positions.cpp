#include "client/consumer_positions.h"

#include <utility>

#include "base/bytes.h"

namespace opentaos::client {
namespace {

constexpr uint16_t kData = 2, kDataWithTables = 4, kStoredRows = 6;
constexpr uint8_t kLogOffset = 0x11;  // an i64 follows
constexpr int8_t kSizedHead = 100;    // from this version on the offsets have a length in front
constexpr uint8_t kOldLogOffset = 1;  // the same of old servers

int64_t read_offset(base::ByteReader &in, uint8_t kind_wanted) {
  if (in.u8() != kind_wanted) return kUnknownOffset;
  const int64_t offset = in.i64();
  return in.failed() || offset < 0 ? kUnknownOffset : offset;
}

MessageOffsets read_pair(base::ByteReader in, uint8_t kind) {
  MessageOffsets out;
  out.begin = read_offset(in, kind);
  if (out.begin != kUnknownOffset) out.next = read_offset(in, kind);
  return out;
}

}  // namespace

MessageOffsets read_message_offsets(uint16_t raw_type, std::span<const uint8_t> data) {
  if (raw_type == kStoredRows) return read_pair(base::ByteReader(data), kLogOffset);
  if (raw_type != kData && raw_type != kDataWithTables) return {};
  base::ByteReader in(data);
  const auto version = static_cast<int8_t>(in.u8());
  if (in.failed()) return {};
  if (version < kSizedHead) return read_pair(base::ByteReader(data), kOldLogOffset);
  const int32_t size = in.i32();
  if (size < 0) return {};
  return read_pair(base::ByteReader(in.take(static_cast<uint64_t>(size))), kLogOffset);
}

PositionTable::Entry *PositionTable::find(std::string_view topic, int32_t vgroup) {
  auto it = entries_.find(std::pair<std::string_view, int32_t>(topic, vgroup));
  return it == entries_.end() ? nullptr : &it->second;
}

PositionTable::Entry &PositionTable::at(std::string_view topic, int32_t vgroup) {
  if (Entry *e = find(topic, vgroup)) return *e;
  return entries_[Key(topic, vgroup)];
}

void PositionTable::handed_out(std::string_view topic, int32_t vgroup, int64_t next) {
  at(topic, vgroup) = {next, true, false, false};
}

// Nothing is committed by a seek, but the next commit of everything commits it, as natively.
void PositionTable::sought(std::string_view topic, int32_t vgroup, int64_t offset) {
  at(topic, vgroup) = {offset, true, false, false};
}

void PositionTable::found(std::string_view topic, int32_t vgroup, int64_t offset) {
  Entry &e = at(topic, vgroup);
  if (e.next == kUnknownOffset && !e.uncommitted) e.next = offset;
}

void PositionTable::committed(const VgroupPosition &position) {
  Entry *e = find(position.topic, position.vgroup);
  if (e && e->next == position.next) e->uncommitted = false;
}

void PositionTable::all_committed() {
  for (auto &[key, e] : entries_) e.uncommitted = false;
}

void PositionTable::forget(std::string_view topic, int32_t vgroup) {
  auto it = entries_.find(std::pair<std::string_view, int32_t>(topic, vgroup));
  if (it != entries_.end()) entries_.erase(it);
}

bool PositionTable::any_uncommitted() const {
  for (const auto &[key, e] : entries_)
    if (e.uncommitted) return true;
  return false;
}

std::vector<VgroupPosition> PositionTable::uncommitted(bool *unknown) const {
  std::vector<VgroupPosition> out;
  *unknown = false;
  for (const auto &[key, e] : entries_) {
    if (!e.uncommitted) continue;
    if (e.next == kUnknownOffset)
      *unknown = true;
    else
      out.push_back({key.first, key.second, e.next});
  }
  return out;
}

void PositionTable::resume_all() {
  for (auto &[key, e] : entries_) {
    e.resume = e.next != kUnknownOffset;
    if (!e.resume) e.uncommitted = false;  // it will come again
  }
}

void PositionTable::resumed(std::string_view topic, int32_t vgroup) {
  Entry *e = find(topic, vgroup);
  if (!e) return;
  e->resume = false;
  if (std::exchange(e->set_aside, false)) e->uncommitted = true;
}

void PositionTable::set_aside(std::string_view topic, int32_t vgroup) {
  Entry *e = find(topic, vgroup);
  if (!e) return;
  e->uncommitted = false;
  e->set_aside = true;
}

void PositionTable::overtaken(std::string_view topic, int32_t vgroup, int64_t committed) {
  if (Entry *e = find(topic, vgroup)) *e = {committed, false, false, false};
}

void PositionTable::give_up_resuming() {
  std::erase_if(entries_, [](const auto &item) { return item.second.resume; });
}

bool PositionTable::any_to_resume() const {
  for (const auto &[key, e] : entries_)
    if (e.resume) return true;
  return false;
}

}  // namespace opentaos::client
