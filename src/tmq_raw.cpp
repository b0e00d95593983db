// Messages in the server's own form, to be written to another database, and changes of tables as JSON.
#include "taos.h"

#include "client/text_call.h"
#include "net/ws_frame.h"
#include "tmq_handles.h"
#include "wire/raw_write_frames.h"

using namespace opentaos;
using namespace opentaos::edge;

namespace {

constexpr int32_t kErrInvalidMessage = base::full_code(0x4000);

// In memory of malloc(), which the program gives back.
template <typename T>
T *copied(const void *from, size_t size, size_t extra) {
  auto *to = static_cast<T *>(std::malloc(size + extra + 1));
  if (!to) throw std::bad_alloc();
  if (size) std::memcpy(to, from, size);
  return to;
}

Status write_raw(client::Connection &connection, uint16_t raw_type, std::span<const uint8_t> data) {
  auto channel = connection.channel();
  if (!channel) return channel.status();
  const uint64_t id = (*channel)->next_req_id();
  base::Buffer message;
  message.reserve_exact(net::kMaxClientHeader + data.size() + 64);
  message.set_size(net::kMaxClientHeader);
  if (Status s = wire::append_write_raw(message, id, 0, raw_type, data); !s) return s;
  const base::Deadline deadline = connection.read_deadline();
  client::TextCall call(**channel);
  bool sent = false;
  Status s = (*channel)->start_in_place(call, id, &message, deadline, &sent);
  if (s) s = call.wait(deadline);
  if (!s && sent) {
    return {base::kErrOutcomeUnknown,
            "outcome unknown: the data was sent, but the answer was lost (" + s.message() + ")"};
  }
  wire::AnswerHead head;
  if (s) s = wire::parse_head(call.text(), head);
  return s ? head.status() : s;
}

}  // namespace

extern "C" {

int32_t tmq_get_raw(TAOS_RES *res, tmq_raw_data *raw) {
  return guard<int32_t>(base::kErrOutOfMemory, [&]() -> int32_t {
    if (!raw || !result_of(res)) return base::kErrInvalidPara;
    const client::MessageResult *m = message_of(res);
    if (!m) return kErrInvalidMessage;
    const auto data = m->raw();
    if (data.empty()) return report(kErrInvalidMessage, "the server did not give the raw form of this message");
    raw->raw = copied<void>(data.data(), data.size(), 0);
    raw->raw_len = static_cast<uint32_t>(data.size());
    raw->raw_type = m->raw_type();
    return 0;
  });
}

int32_t tmq_write_raw(TAOS *taos, tmq_raw_data raw) {
  return guard<int32_t>(base::kErrOutOfMemory, [&]() -> int32_t {
    auto connection = connection_of(taos);
    if (!connection || !raw.raw || raw.raw_len == 0) return base::kErrInvalidPara;
    return report(write_raw(*connection, raw.raw_type, {static_cast<const uint8_t *>(raw.raw), raw.raw_len}));
  });
}

void tmq_free_raw(tmq_raw_data raw) { std::free(raw.raw); }

char *tmq_get_json_meta(TAOS_RES *res) {
  return guard<char *>(nullptr, [&]() -> char * {
    const client::MessageResult *m = message_of(res);
    if (!m || m->meta().empty()) return nullptr;
    char *text = copied<char>(m->meta().data(), m->meta().size(), 1);
    text[m->meta().size()] = 0;
    return text;
  });
}

void tmq_free_json_meta(char *jsonMeta) { std::free(jsonMeta); }

}  // extern "C"
