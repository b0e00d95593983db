// The HTTP upgrade in front of a WebSocket.
#include <strings.h>

#include <algorithm>
#include <cstring>

#include "base/codes.h"
#include "net/connect_failure.h"
#include "net/websocket.h"

namespace opentaos::net {

using base::Deadline;
using base::Status;

namespace {

constexpr size_t kMaxHead = 16 * 1024;

std::string_view trim_spaces(std::string_view s) {
  while (!s.empty() && (s.front() == ' ' || s.front() == '\t')) s.remove_prefix(1);
  while (!s.empty() && (s.back() == ' ' || s.back() == '\t')) s.remove_suffix(1);
  return s;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

// The value of a header line of `head`; empty if it is not there.
std::string_view header(std::string_view head, std::string_view name) {
  size_t at = head.find("\r\n");
  while (at != std::string_view::npos && at + 2 < head.size()) {
    size_t end = head.find("\r\n", at + 2);
    std::string_view line = head.substr(at + 2, end == std::string_view::npos ? end : end - at - 2);
    size_t colon = line.find(':');
    if (colon != std::string_view::npos && equals_ignoring_case(line.substr(0, colon), name))
      return trim_spaces(line.substr(colon + 1));
    at = end;
  }
  return {};
}

// Text from a peer that has proved nothing yet: cut, and without control bytes.
std::string printable(std::string_view s) {
  std::string out(s.substr(0, 200));
  for (char &c : out)
    if (static_cast<unsigned char>(c) < 32 || c == 127) c = '?';
  return out;
}

Status refused(const std::string &where, std::string_view head) {
  std::string_view line = head.substr(0, head.find("\r\n"));
  int status = 0;
  if (line.size() >= 12 && line.substr(0, 5) == "HTTP/") {
    for (char c : line.substr(9, 3)) status = status * 10 + (c >= '0' && c <= '9' ? c - '0' : 100000);
  }
  std::string text = "WebSocket upgrade at " + where + " was answered with '" + printable(line) + "'";
  switch (status) {
    case 301:
    case 302:
    case 307:
    case 308:
      return {base::kErrWebSocket,
              text + ": the server wants TLS (wss) or lives elsewhere; redirects are not followed"};
    case 400: return {base::kErrWebSocket, text + ": a TLS port was asked without TLS, or it is not a taosAdapter"};
    case 401:
    case 403: return {base::kErrUnauthorized, text + ": a gateway refused the credentials"};
    case 404: return {base::kErrWebSocket, text + ": no taosAdapter 3.2.2 or later is listening there"};
    case 503: return {base::kErrUnableToConnect, text + ": the server is overloaded"};
    default: return {base::kErrWebSocket, text};
  }
}

}  // namespace

Status WebSocket::read_response_head(std::string *head, Deadline deadline) {
  bool ended = false;
  for (;;) {
    std::string_view got(reinterpret_cast<const char *>(in_.data()) + head_, tail_ - head_);
    size_t end = got.find("\r\n\r\n");
    if (end != std::string_view::npos) {
      head->append(got.substr(0, end));
      head_ += end + 4;
      return Status::ok();
    }
    if (head->empty() && got.size() >= 5 && got.substr(0, 5) != "HTTP/")
      return {base::kErrWebSocket, "the server does not speak HTTP (a TLS port, or not a taosAdapter)"};
    // Keep three bytes: the end mark may be torn.
    if (got.size() > 3) {
      head->append(got.substr(0, got.size() - 3));
      head_ += got.size() - 3;
      if (head->size() > kMaxHead) return {base::kErrWebSocket, "the server's HTTP header is too long"};
      if (head_ > 0) {
        std::memmove(in_.data(), in_.data() + head_, tail_ - head_);
        tail_ -= head_;
        head_ = 0;
      }
    }
    if (deadline.passed())
      return {base::kErrUnableToConnect, std::string(kCannotConnect) + ": no answer to the WebSocket upgrade in time"};
    if (!fill(deadline.left_ms(1000), &ended) && ended) {
      // An empty answer followed by the end is what a TLS server does with a plain request, too.
      return {base::kErrUnableToConnect,
              std::string(kCannotConnect) + ": connection ended during the WebSocket upgrade"};
    }
  }
}

Status WebSocket::upgrade(const Endpoint &to, bool tls, const WebSocketOptions &options, Deadline deadline) {
  const bool v6 = to.host.find(':') != std::string::npos;
  const std::string host = v6 ? "[" + to.host.substr(0, to.host.find('%')) + "]" : to.host;
  const std::string where = host + ":" + std::to_string(to.port);
  const std::string key = make_upgrade_key();
  std::string request =
      "GET " + options.path + " HTTP/1.1\r\nHost: " + (to.port == (tls ? 443 : 80) ? host : where) +
      "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + key +
      "\r\n";
  if (options.offer_deflate)
    request +=
        "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover\r\n";
  request += "\r\n";
  size_t sent = 0;
  while (sent < request.size()) {
    ssize_t n = transport_->write(request.data() + sent, request.size() - sent, deadline.left_ms(1000));
    if (n < 0)
      return {base::kErrUnableToConnect,
              std::string(kCannotConnect) + ": " + where + ": " + transport_->error().message()};
    sent += static_cast<size_t>(n);
    if (n == 0 && deadline.passed()) return cannot_connect(to, ETIMEDOUT);
  }
  std::string head;
  if (Status s = read_response_head(&head, deadline); !s) return s;
  if (head.size() < 12 || head.compare(0, 9, "HTTP/1.1 ") != 0 || head.compare(9, 3, "101") != 0)
    return refused(where, head);
  if (!equals_ignoring_case(header(head, "Upgrade"), "websocket") ||
      header(head, "Sec-WebSocket-Accept") != accept_for_key(key))
    return {base::kErrWebSocket, "the server's WebSocket upgrade answer does not fit the request"};
  std::string_view extensions = header(head, "Sec-WebSocket-Extensions");
  if (!extensions.empty()) {
    if (!options.offer_deflate || extensions.substr(0, 18) != "permessage-deflate")
      return {base::kErrWebSocket, "the server chose a WebSocket extension that was not offered"};
    inflater_ = std::make_unique<Inflater>();
    deflater_ = std::make_unique<Deflater>();
  }
  return Status::ok();
}

}  // namespace opentaos::net
