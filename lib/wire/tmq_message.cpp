#include "wire/tmq_message.h"

#include "wire/protocol_error.h"

namespace opentaos::wire {
namespace {

constexpr int kSkipHead = 100;         // from here on: a length and that many bytes
constexpr size_t kBlockPrefix = 18;    // i64 version, i64 rows (big-endian), compressed, precision
constexpr size_t kMinBlock = 28;       // header of a data block
constexpr int64_t kStoredRows = 2;     // a prefix of opaque messages: not a data block
constexpr int64_t kMaxColumns = 8192;  // as for a result

// Old servers: two offsets, each a type and one or two i64. Current ones: their length and the offsets.
bool skip_head(base::ByteReader &in) {
  int kind = static_cast<int8_t>(in.u8());
  if (kind >= kSkipHead) {
    int32_t size = in.i32();
    if (size < 0) return false;
    in.skip(static_cast<uint64_t>(size));
    return !in.failed();
  }
  for (int i = 0; i < 2; ++i) {
    if (i) kind = static_cast<int8_t>(in.u8());
    if (kind == 1)
      in.skip(8);
    else if (kind == 2 || kind == 3)
      in.skip(16);
    else
      return false;
  }
  return !in.failed();
}

// uvar length, then the bytes, the last of which is the NUL.
std::string_view read_name(base::ByteReader &in) {
  std::string_view text = in.text(in.uvar());
  return text.substr(0, text.find('\0'));
}

bool read_entry(base::ByteReader &in, TmqSchemaEntry &out) {
  out.type = in.u8();
  out.flags = in.u8();
  int64_t bytes = in.zvar();
  int64_t id = in.zvar();
  out.name = read_name(in);
  out.bytes = static_cast<int32_t>(bytes);
  out.column_id = static_cast<int32_t>(id);
  return !in.failed() && bytes >= 0 && bytes <= INT32_MAX && id >= INT32_MIN && id <= INT32_MAX;
}

}  // namespace

bool TmqSchemaReader::next(TmqSchemaEntry &out) {
  if (left_ <= 0) return false;
  --left_;
  return read_entry(in_, out);
}

base::Status TmqMessage::open(std::span<const uint8_t> data) {
  *this = TmqMessage();
  base::ByteReader in(data);
  if (!skip_head(in)) return protocol_error("a subscription message with an unknown head");
  int32_t count = in.i32();
  uint8_t names = 0, schemas = 0;
  if (count > 0) {
    names = in.u8();
    schemas = in.u8();
  }
  if (in.failed()) return protocol_error("a subscription message is too short");
  // A block takes more than its prefix, so the count cannot ask for more than is there.
  if (count < 0 || static_cast<size_t>(count) > in.remaining() / kBlockPrefix || names > 1 || schemas > 1)
    return protocol_error("a subscription message with an impossible head");
  in_ = in;
  block_count_ = count;
  with_table_name_ = names != 0;
  with_schema_ = schemas != 0;
  return base::Status::ok();
}

// An error stays: there is no way to find the next block behind a broken one.
base::Status TmqMessage::broken(std::string_view what) {
  in_ = base::ByteReader(nullptr, 0);
  return protocol_error(what);
}

base::Status TmqMessage::next(TmqBlock &out, bool &done) {
  out = {};
  done = read_ == block_count_;
  if (done) return base::Status::ok();

  uint64_t size = in_.uvar();
  base::ByteReader body(in_.take(size));
  int64_t version = body.i64();
  out.prefix_rows = static_cast<int64_t>(__builtin_bswap64(body.u64()));
  uint8_t compressed = body.u8();
  out.precision = body.u8();
  out.block = body.take(body.remaining());
  if (in_.failed() || body.failed() || out.block.size() < kMinBlock)
    return broken("a subscription message ends inside a block");
  if (version == kStoredRows || compressed != 0 || out.precision > 2)
    return broken("a block of a subscription message in an unknown form");

  if (with_schema_) {
    int64_t columns = in_.zvar();
    int64_t schema_version = in_.zvar();
    if (in_.failed() || columns < 0 || columns > kMaxColumns || schema_version < INT32_MIN ||
        schema_version > INT32_MAX)
      return broken("a subscription message with an impossible schema");
    const uint8_t *start = in_.position();
    TmqSchemaEntry entry;
    for (int64_t i = 0; i < columns; ++i)
      if (!read_entry(in_, entry)) return broken("a subscription message with a broken schema");
    out.has_schema = true;
    out.schema_columns = static_cast<int32_t>(columns);
    out.schema_version = static_cast<int32_t>(schema_version);
    out.schema_bytes = {start, static_cast<size_t>(in_.position() - start)};
  }
  if (with_table_name_) {
    out.table_name = read_name(in_);
    out.has_table_name = true;
    if (in_.failed()) return broken("a subscription message ends inside a table name");
  }
  ++read_;
  return base::Status::ok();
}

}  // namespace opentaos::wire
