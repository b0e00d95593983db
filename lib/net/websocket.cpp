#include "net/websocket.h"

#include <algorithm>
#include <cstring>

#include "base/codes.h"
#include "base/crypto.h"
#include "net/connect_failure.h"

namespace opentaos::net {

using base::Buffer;
using base::Deadline;
using base::Status;

namespace {

constexpr size_t kReadBuffer = 8 * 1024;     // small answers; larger ones are received in place
constexpr size_t kFirstLargeStep = 1 << 20;  // a hostile length gets no memory before its bytes come

}  // namespace

Buffer Message::take() {
  if (owned.data() != nullptr && payload.data() >= owned.data() && payload.data() < owned.data() + owned.size() + 1)
    return std::move(owned);
  Buffer b;
  b.reserve_exact(payload.size());
  b.append(payload);
  return b;
}

Status WebSocket::connect(const Endpoint &to, const TlsOptions &tls, const WebSocketOptions &options,
                          Deadline deadline) {
  max_message_ = options.max_message;
  if (Status s = base::load_crypto(); !s) return s;  // the upgrade asks for a digest
  if (Status s = transport_->connect(to, tls, deadline); !s) return s;
  return upgrade(to, tls.mode != TlsOptions::Mode::kOff, options, deadline);
}

// ---------------------------------------------------------------------------------------------------- reading

WebSocket::ReadResult WebSocket::end(Status why) {
  if (read_error_.is_ok()) read_error_ = std::move(why);
  return ReadResult::kEnded;
}

// Receives some bytes into in_. false: nothing came, or the connection has ended.
bool WebSocket::fill(int wait_ms, bool *ended) {
  if (head_ == tail_) head_ = tail_ = 0;
  if (in_.capacity() < kReadBuffer) {
    in_.reserve_exact(kReadBuffer);
  }
  if (tail_ == in_.capacity()) {  // a frame header at the very end of the buffer
    std::memmove(in_.data(), in_.data() + head_, tail_ - head_);
    tail_ -= head_;
    head_ = 0;
  }
  ssize_t n = transport_->read(in_.data() + tail_, in_.capacity() - tail_, wait_ms);
  if (n > 0) {
    tail_ += static_cast<size_t>(n);
    return true;
  }
  *ended = n < 0;
  return false;
}

void WebSocket::give_spare(Buffer &&b) {
  if (b.capacity() > spare_.capacity()) spare_ = std::move(b);
}

bool WebSocket::take_pong(Buffer *payload) {
  if (!pong_due_) return false;
  pong_due_ = false;
  payload->swap(pong_);
  pong_.clear();
  return true;
}

void WebSocket::trim() {
  if (head_ == tail_ && !big_active_ && !fragmented_) {
    Buffer().swap(in_);
    head_ = tail_ = 0;
    Buffer().swap(big_);
  }
  Buffer().swap(spare_);
  Buffer().swap(inflated_);
}

// false: the server has closed.
bool WebSocket::handle_control(const FrameHeader &h, std::span<const uint8_t> payload) {
  switch (h.opcode) {
    case Opcode::kPing:
      // Only the newest of several unanswered pings needs an answer (RFC 6455 5.5.3).
      pong_.clear();
      pong_.append(payload);
      pong_due_ = true;
      return true;
    case Opcode::kClose: {
      std::string why = "the server closed the WebSocket";
      if (payload.size() >= 2) why += " (code " + std::to_string(payload[0] << 8 | payload[1]) + ")";
      (void)end({base::kErrClosed, why});
      return false;
    }
    default: return true;  // an answer to a ping of ours, or an unsolicited one
  }
}

WebSocket::ReadResult WebSocket::finish_message(Message *out, Opcode opcode, bool compressed,
                                                std::span<const uint8_t> payload, Buffer &&owned) {
  out->opcode = opcode;
  if (compressed) {
    Buffer whole;
    if (Status s = inflater_->inflate_message(payload, max_message_, &whole); !s) return end(std::move(s));
    out->owned = std::move(whole);
    out->payload = out->owned.span();
  } else {
    out->owned = std::move(owned);
    out->payload = payload;
  }
  return ReadResult::kMessage;
}

WebSocket::ReadResult WebSocket::read(Message *out, int wait_ms) {
  out->owned.clear();
  if (out->owned.capacity() > 0) give_spare(std::move(out->owned));
  if (!read_error_.is_ok()) return ReadResult::kEnded;
  bool ended = false;
  for (;;) {
    if (big_active_) {
      // The rest of a large payload goes straight to where it stays.
      while (big_missing_ > 0) {
        const size_t room = std::min(big_missing_, std::max(kFirstLargeStep, big_.size()));
        big_.reserve(big_.size() + room);
        ssize_t n = transport_->read(big_.end(), room, wait_ms);
        if (n < 0) return end(transport_->error());
        if (n == 0) return ReadResult::kNothing;
        big_.set_size(big_.size() + static_cast<size_t>(n));
        big_missing_ -= static_cast<size_t>(n);
      }
      big_active_ = false;
      if (big_final_) {
        fragmented_ = false;
        Buffer whole = std::move(big_);
        auto payload = whole.span();
        return finish_message(out, first_opcode_, first_compressed_, payload, std::move(whole));
      }
    }
    FrameHeader h;
    HeaderState state = read_server_header(in_.data() + head_, tail_ - head_, inflater_ != nullptr, &h);
    if (state == HeaderState::kBad) return end({base::kErrProtocol, "the server sent a malformed WebSocket frame"});
    const size_t have = tail_ - head_;
    const bool control = state == HeaderState::kComplete && static_cast<uint8_t>(h.opcode) >= 8;
    if (state == HeaderState::kNeedMore || (control && have < h.size + h.payload)) {
      if (!fill(wait_ms, &ended)) return ended ? end(transport_->error()) : ReadResult::kNothing;
      continue;
    }
    if (control) {
      std::span<const uint8_t> payload(in_.data() + head_ + h.size, static_cast<size_t>(h.payload));
      head_ += h.size + payload.size();
      if (!handle_control(h, payload)) return ReadResult::kEnded;
      if (pong_due_) return ReadResult::kNothing;  // let the caller answer before it waits again
      continue;
    }
    // A data frame.
    if ((h.opcode == Opcode::kContinuation) != fragmented_ || (fragmented_ && h.compressed))
      return end({base::kErrProtocol, "the server sent WebSocket fragments out of order"});
    if (h.payload > max_message_ || (fragmented_ && big_.size() > max_message_ - h.payload))
      return end({base::kErrProtocol, "the server sent a message larger than allowed"});
    const size_t payload_size = static_cast<size_t>(h.payload);
    if (!fragmented_) {
      first_opcode_ = h.opcode;
      first_compressed_ = h.compressed;
      if (h.final && h.size + payload_size <= kReadBuffer) {
        if (have < h.size + payload_size) {
          if (head_ + h.size + payload_size > in_.capacity()) {
            std::memmove(in_.data(), in_.data() + head_, have);
            head_ = 0;
            tail_ = have;
          }
          if (!fill(wait_ms, &ended)) return ended ? end(transport_->error()) : ReadResult::kNothing;
          continue;
        }
        std::span<const uint8_t> payload(in_.data() + head_ + h.size, payload_size);
        head_ += h.size + payload_size;
        return finish_message(out, h.opcode, h.compressed, payload, Buffer());
      }
      big_.clear();
      if (spare_.capacity() > big_.capacity()) big_ = std::move(spare_);
      big_.clear();
      if (h.final && payload_size <= kFirstLargeStep) big_.reserve_exact(payload_size);
    }
    head_ += h.size;
    const size_t here = std::min(payload_size, tail_ - head_);
    big_.append(in_.data() + head_, here);
    head_ += here;
    big_missing_ = payload_size - here;
    big_final_ = h.final;
    big_active_ = true;
    fragmented_ = true;
  }
}

// ---------------------------------------------------------------------------------------------------- writing

void WebSocket::append_frame(Buffer *out, Opcode opcode, std::span<const uint8_t> head, std::span<const uint8_t> body) {
  const bool compress = deflater_ != nullptr && static_cast<uint8_t>(opcode) < 8;
  if (compress) {
    deflate_in_.clear();
    deflate_in_.append(head);
    deflate_in_.append(body);
    deflate_out_.clear();
    if (deflater_->deflate_message(deflate_in_.span(), &deflate_out_)) {
      head = deflate_out_.span();
      body = {};
    } else {
      head = deflate_in_.span();
      body = {};
    }
  }
  const size_t n = head.size() + body.size();
  const uint32_t key = keys_.next();
  out->reserve(out->size() + n + kMaxClientHeader);
  uint8_t *p = out->end();
  const size_t header = write_client_header(p, opcode, n, key, compress);
  p += header;
  mask(p, head.data(), head.size(), key);
  mask(p + head.size(), body.data(), body.size(), key, head.size());
  out->set_size(out->size() + header + n);
  deflate_in_.shrink_to(64 * 1024);
  deflate_out_.shrink_to(64 * 1024);
}

std::span<const uint8_t> WebSocket::seal_in_place(Buffer *message, Opcode opcode, uint32_t key) {
  uint8_t *payload = message->data() + kMaxClientHeader;
  const size_t n = message->size() - kMaxClientHeader;
  uint8_t header[kMaxClientHeader];
  const size_t size = write_client_header(header, opcode, n, key, false);
  mask(payload, payload, n, key);
  uint8_t *start = payload - size;
  std::memcpy(start, header, size);
  return {start, size + n};
}

}  // namespace opentaos::net
