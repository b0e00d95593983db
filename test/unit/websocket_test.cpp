// The WebSocket layer over a transport that is a script: what comes, in pieces of any size, and what is said.
#include "net/websocket.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <random>

#include "base/codes.h"

using namespace opentaos;
using net::Message;
using net::Opcode;
using net::WebSocket;
using Read = WebSocket::ReadResult;

namespace {

// Answers the upgrade, then gives out `script`, at most `piece` bytes a read.
struct Script {
  std::string input;
  size_t piece = SIZE_MAX;
  std::string answer_head;  // instead of a proper upgrade answer
  std::string extra_header;
  std::string written;
  bool ended = false;  // what follows the input: the end of the connection, or nothing
};

class ScriptedTransport final : public net::Transport {
 public:
  explicit ScriptedTransport(Script *s) : s_(*s) {}
  base::Status connect(const net::Endpoint &, const net::TlsOptions &, base::Deadline) override { return {}; }
  ssize_t read(void *to, size_t most, int) override {
    if (!answered_) {
      if (s_.written.find("\r\n\r\n") == std::string::npos) return 0;
      answered_ = true;
      const size_t at = s_.written.find("Sec-WebSocket-Key: ") + 19;
      const std::string key = s_.written.substr(at, s_.written.find("\r\n", at) - at);
      s_.input = (s_.answer_head.empty() ? "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: "
                                           "Upgrade\r\nSec-WebSocket-Accept: " +
                                               net::accept_for_key(key) + "\r\n" + s_.extra_header + "\r\n"
                                         : s_.answer_head) +
                 s_.input;
      s_.written.clear();
    }
    const size_t n = std::min({most, s_.piece, s_.input.size() - at_});
    if (n == 0) return s_.ended ? -1 : 0;
    std::memcpy(to, s_.input.data() + at_, n);
    at_ += n;
    return static_cast<ssize_t>(n);
  }
  ssize_t write(const void *from, size_t n, int) override {
    s_.written.append(static_cast<const char *>(from), n);
    return static_cast<ssize_t>(n);
  }
  int poll_fd() const override { return -1; }
  void shutdown() override {}
  base::Status error() const override { return {base::kErrClosed, "ended"}; }

 private:
  Script &s_;
  size_t at_ = 0;
  bool answered_ = false;
};

std::string frame(Opcode op, std::string_view payload, bool final = true, int rsv = 0) {
  std::string f(1, static_cast<char>((final ? 0x80 : 0) | rsv | static_cast<int>(op)));
  if (payload.size() < 126)
    f += static_cast<char>(payload.size());
  else if (payload.size() < 65536) {
    f += static_cast<char>(126);
    f += static_cast<char>(payload.size() >> 8);
    f += static_cast<char>(payload.size());
  } else {
    f += static_cast<char>(127);
    for (int s = 56; s >= 0; s -= 8) f += static_cast<char>(payload.size() >> s);
  }
  return f.append(payload);
}

base::Status open(WebSocket &ws, net::WebSocketOptions options = {}) {
  return ws.connect({"127.0.0.1", 6041}, {}, options, base::Deadline::after_ms(200));
}

// Reads until something other than "nothing" happens.
Read next(WebSocket &ws, Message *m) {
  for (int i = 0; i < 5000000; i++) {
    Read r = ws.read(m, 1);
    if (r != Read::kNothing) return r;
  }
  return Read::kNothing;
}

}  // namespace

TEST_CASE("websocket: messages of every size arrive whole, whatever the pieces") {
  const size_t sizes[] = {0, 1, 125, 126, 127, 4000, 8177, 8178, 8184, 8185, 8192, 8193, 65535, 65536, 300000};
  for (size_t piece : {size_t{1}, size_t{2}, size_t{7}, size_t{1000}, size_t{8192}, SIZE_MAX}) {
    Script s;
    s.piece = piece;
    std::vector<std::string> sent;
    for (size_t n : sizes) {
      if (piece < 7 && n > 10000) continue;
      std::string payload(n, '\0');
      for (size_t i = 0; i < n; i++) payload[i] = static_cast<char>(i * 31 + n);
      sent.push_back(payload);
      s.input += frame(Opcode::kBinary, payload);
    }
    WebSocket ws(std::make_unique<ScriptedTransport>(&s));
    REQUIRE(open(ws));
    Message m;
    for (const auto &expected : sent) {
      REQUIRE(next(ws, &m) == Read::kMessage);
      CHECK(m.text() == expected);
      base::Buffer own = m.take();
      CHECK(own.text() == expected);
    }
  }
}

TEST_CASE("websocket: fragments, with pings between them") {
  Script s;
  s.input = frame(Opcode::kText, "ab", false) + frame(Opcode::kPing, "hello") +
            frame(Opcode::kContinuation, "", false) + frame(Opcode::kContinuation, std::string(10000, 'c'), true) +
            frame(Opcode::kText, "next");
  WebSocket ws(std::make_unique<ScriptedTransport>(&s));
  REQUIRE(open(ws));
  Message m;
  Read r;
  base::Buffer pong;
  bool ponged = false;
  while ((r = ws.read(&m, 1)) == Read::kNothing && !ponged) ponged = ws.take_pong(&pong);
  CHECK(ponged);
  CHECK(pong.text() == "hello");
  REQUIRE((r == Read::kMessage || next(ws, &m) == Read::kMessage));
  CHECK(m.text() == "ab" + std::string(10000, 'c'));
  REQUIRE(next(ws, &m) == Read::kMessage);
  CHECK(m.text() == "next");
}

TEST_CASE("websocket: what breaks the protocol ends the connection") {
  const std::string bad[] = {
      frame(Opcode::kText, "x", true, 0x40),                         // compressed, but that was not agreed
      frame(Opcode::kText, "x", true, 0x20),                         // reserved bit
      std::string("\x81\x81xxxxy", 7),                               // masked
      std::string("\x83\x00", 2),                                    // unknown opcode
      frame(Opcode::kContinuation, "x"),                             // continues nothing
      frame(Opcode::kText, "a", false) + frame(Opcode::kText, "b"),  // a new message inside another
      frame(Opcode::kPing, "x", false),                              // fragmented control frame
      std::string("\x89\x7e\x00\x7e", 4),                            // long control frame
      std::string("\x82\x7e\x00\x05", 4) + "12345",                  // length in a longer form than needed
      std::string("\x82\x7f\xff\xff\xff\xff\xff\xff\xff\xff", 10),   // more than fits a computer
      std::string("\x82\x7f\x00\x00\x7f\xff\xff\xff\xff\xff", 10),   // more than allowed
  };
  for (const auto &b : bad) {
    Script s;
    s.input = b;
    WebSocket ws(std::make_unique<ScriptedTransport>(&s));
    REQUIRE(open(ws));
    Message m;
    CHECK(next(ws, &m) == Read::kEnded);
    CHECK(ws.read_error().code() == base::kErrProtocol);
    CHECK(ws.read(&m, 1) == Read::kEnded);  // and stays so
  }
}

TEST_CASE("websocket: a promised length gets no memory before its bytes come") {
  Script s;
  s.input = std::string("\x82\x7f\x00\x00\x00\x00\x0f\xff\xff\xff", 10) + "only this";
  s.ended = true;
  WebSocket ws(std::make_unique<ScriptedTransport>(&s));
  REQUIRE(open(ws));
  Message m;
  CHECK(next(ws, &m) == Read::kEnded);
}

TEST_CASE("websocket: a close frame is an end with a reason") {
  Script s;
  s.input = frame(Opcode::kClose, std::string("\x03\xe8", 2));
  WebSocket ws(std::make_unique<ScriptedTransport>(&s));
  REQUIRE(open(ws));
  Message m;
  CHECK(next(ws, &m) == Read::kEnded);
  CHECK(ws.read_error().code() == base::kErrClosed);
  CHECK(ws.read_error().message().find("1000") != std::string::npos);
}

TEST_CASE("websocket: refused upgrades are errors that say why") {
  struct {
    const char *head;
    int32_t code;
  } cases[] = {
      {"HTTP/1.1 404 Not Found\r\n\r\n", base::kErrWebSocket},
      {"HTTP/1.1 401 Unauthorized\r\n\r\n", base::kErrUnauthorized},
      {"HTTP/1.1 307 Temporary Redirect\r\nLocation: https://x/\r\n\r\n", base::kErrWebSocket},
      {"HTTP/1.1 503 Busy\r\n\r\n", base::kErrUnableToConnect},
      {"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: wrong\r\n\r\n",
       base::kErrWebSocket},
      {"SSH-2.0-OpenSSH\r\n", base::kErrWebSocket},
      {"\x15\x03\x01", base::kErrUnableToConnect},
  };
  for (const auto &c : cases) {
    Script s;
    s.answer_head = c.head;
    WebSocket ws(std::make_unique<ScriptedTransport>(&s));
    base::Status status = open(ws);
    CHECK(status.code() == c.code);
    CHECK_FALSE(status.message().empty());
  }
}

TEST_CASE("websocket: an endless header is cut off") {
  Script s;
  s.answer_head = "HTTP/1.1 101 Switching Protocols\r\nX: " + std::string(100000, 'x');
  WebSocket ws(std::make_unique<ScriptedTransport>(&s));
  CHECK_FALSE(open(ws));
}

TEST_CASE("websocket: the upgrade answer torn at every byte") {
  Script s;
  s.piece = 1;
  s.input = frame(Opcode::kText, "first");
  WebSocket ws(std::make_unique<ScriptedTransport>(&s));
  REQUIRE(open(ws));
  Message m;
  REQUIRE(next(ws, &m) == Read::kMessage);
  CHECK(m.text() == "first");
}

TEST_CASE("websocket: what is sent is masked, with another key every time") {
  Script s;
  WebSocket ws(std::make_unique<ScriptedTransport>(&s));
  REQUIRE(open(ws));
  std::string seen[2];
  for (auto &one : seen) {
    base::Buffer out;
    const std::string head = "head-", body(70000, 'b');
    ws.append_frame(&out, Opcode::kBinary, {reinterpret_cast<const uint8_t *>(head.data()), head.size()},
                    {reinterpret_cast<const uint8_t *>(body.data()), body.size()});
    REQUIRE(out.size() == 14 + head.size() + body.size());
    CHECK(out.data()[0] == 0x82);
    CHECK(out.data()[1] == (0x80 | 127));
    uint32_t key = base::load_le<uint32_t>(out.data() + 10);
    std::string plain(out.size() - 14, '\0');
    net::mask(reinterpret_cast<uint8_t *>(plain.data()), out.data() + 14, plain.size(), key);
    CHECK(plain == head + body);
    one = std::string(out.text().substr(10, 4));
  }
  CHECK(seen[0] != seen[1]);
}

TEST_CASE("websocket: masking in place") {
  Script s;
  WebSocket ws(std::make_unique<ScriptedTransport>(&s));
  REQUIRE(open(ws));
  for (size_t n : {size_t{0}, size_t{1}, size_t{125}, size_t{126}, size_t{70000}}) {
    base::Buffer b;
    std::memset(b.extend(net::kMaxClientHeader), 0, net::kMaxClientHeader);
    std::string payload(n, 'p');
    b.append(payload);
    auto sealed = ws.seal_in_place(&b, Opcode::kBinary);
    const size_t header = sealed.size() - n;
    uint32_t key = base::load_le<uint32_t>(sealed.data() + header - 4);
    std::string plain(n, '\0');
    net::mask(reinterpret_cast<uint8_t *>(plain.data()), sealed.data() + header, n, key);
    CHECK(plain == payload);
  }
}

TEST_CASE("mask: any length and phase, against the plain definition") {
  std::mt19937 random(7);
  for (int i = 0; i < 500; i++) {
    std::vector<uint8_t> in(random() % 100), out(in.size()), expected(in.size());
    for (auto &b : in) b = static_cast<uint8_t>(random());
    const uint32_t key = static_cast<uint32_t>(random());
    const size_t phase = random() % 9;
    for (size_t k = 0; k < in.size(); k++) expected[k] = in[k] ^ static_cast<uint8_t>(key >> (8 * ((k + phase) & 3)));
    net::mask(out.data(), in.data(), in.size(), key, phase);
    CHECK(out == expected);
  }
}

TEST_CASE("websocket: compressed messages, and one that would burst the limit") {
  net::Deflater deflater;
  base::Buffer small, bomb;
  const std::string text = "{\"code\":0,\"message\":\"\"}", zeros(4 << 20, '\0');
  REQUIRE(deflater.deflate_message({reinterpret_cast<const uint8_t *>(text.data()), text.size()}, &small));
  REQUIRE(deflater.deflate_message({reinterpret_cast<const uint8_t *>(zeros.data()), zeros.size()}, &bomb));
  Script s;
  s.extra_header =
      "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover\r\n";
  s.input = frame(Opcode::kText, small.text(), true, 0x40) + frame(Opcode::kText, "plain") +
            frame(Opcode::kBinary, bomb.text(), true, 0x40);
  WebSocket ws(std::make_unique<ScriptedTransport>(&s));
  net::WebSocketOptions options;
  options.offer_deflate = true;
  options.max_message = 1 << 20;
  REQUIRE(open(ws, options));
  Message m;
  REQUIRE(next(ws, &m) == Read::kMessage);
  CHECK(m.text() == text);
  REQUIRE(next(ws, &m) == Read::kMessage);
  CHECK(m.text() == "plain");
  CHECK(next(ws, &m) == Read::kEnded);
  CHECK(ws.read_error().message().find("larger") != std::string::npos);
}

TEST_CASE("websocket: damaged compressed data is an error") {
  Script s;
  s.extra_header = "Sec-WebSocket-Extensions: permessage-deflate\r\n";
  s.input = frame(Opcode::kText, "\xff\xff\xff\xff garbage", true, 0x40);
  WebSocket ws(std::make_unique<ScriptedTransport>(&s));
  net::WebSocketOptions options;
  options.offer_deflate = true;
  REQUIRE(open(ws, options));
  Message m;
  CHECK(next(ws, &m) == Read::kEnded);
  CHECK(ws.read_error().code() == base::kErrProtocol);
}
