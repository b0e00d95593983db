#include "http.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>

#include "deflate.h"

namespace opentaos::sandbox::server {
namespace {

constexpr size_t kMaxHead = 64 * 1024;
constexpr size_t kMaxBody = 256u << 20;
constexpr std::chrono::seconds kHeadTimeout{10};
constexpr std::chrono::seconds kIdleTimeout{120};
constexpr std::chrono::seconds kBodyTimeout{60};

const char *reason(int status) {
  static constexpr std::pair<int, const char *> kReasons[] = {{101, "Switching Protocols"},
                                                              {200, "OK"},
                                                              {301, "Moved Permanently"},
                                                              {307, "Temporary Redirect"},
                                                              {400, "Bad Request"},
                                                              {401, "Unauthorized"},
                                                              {403, "Forbidden"},
                                                              {404, "Not Found"},
                                                              {408, "Request Timeout"},
                                                              {413, "Request Entity Too Large"},
                                                              {429, "Too Many Requests"},
                                                              {431, "Request Header Fields Too Large"},
                                                              {500, "Internal Server Error"},
                                                              {501, "Not Implemented"},
                                                              {502, "Bad Gateway"},
                                                              {503, "Service Unavailable"},
                                                              {505, "HTTP Version Not Supported"}};
  for (auto [code, text] : kReasons) {
    if (code == status) return text;
  }
  return "Status";
}

std::string http_date() {
  std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[40];
  size_t n = std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &utc);
  return {text, n};
}

std::optional<size_t> number(std::string_view text, int base) {
  size_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// "GET /path?query HTTP/1.1"; 0 or a status.
int parse_request_line(std::string_view line, HttpRequest *request) {
  std::vector<std::string_view> words = split(line, ' ');
  if (words.size() != 3 || words[0].empty() || words[1].empty() || words[1][0] != '/') return 400;
  if (words[2] != "HTTP/1.1" && words[2] != "HTTP/1.0") return words[2].substr(0, 5) == "HTTP/" ? 505 : 400;
  request->method = words[0];
  request->keep_alive = words[2] == "HTTP/1.1";
  size_t mark = words[1].find('?');
  request->path = words[1].substr(0, mark);
  if (mark == std::string_view::npos) return 0;
  for (std::string_view part : split(words[1].substr(mark + 1), '&')) {
    size_t equals = part.find('=');
    auto name = percent_decode(part.substr(0, equals), true);
    auto value = percent_decode(equals == std::string_view::npos ? "" : part.substr(equals + 1), true);
    if (name && value && !name->empty()) request->query.emplace(*name, *value);
  }
  return 0;
}

}  // namespace

std::string lower(std::string_view text) {
  std::string out(text);
  for (char &c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n\v\f";
  size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      auto byte = number(text.substr(i + 1, 2), 16);
      if (!byte) return std::nullopt;
      out.push_back(static_cast<char>(*byte));
      i += 2;
    } else {
      out.push_back(plus_is_space && text[i] == '+' ? ' ' : text[i]);
    }
  }
  return out;
}

const std::string &HttpRequest::header(const std::string &name) const {
  static const std::string kNone;
  auto found = headers.find(name);
  return found == headers.end() ? kNone : found->second;
}

bool HttpRequest::header_has(const std::string &name, std::string_view word) const {
  for (std::string_view part : split(header(name), ',')) {
    part = trim(part.substr(0, part.find(';')));
    if (lower(part) == word) return true;
  }
  return false;
}

std::vector<std::string> HttpRequest::segments() const {
  std::vector<std::string> out;
  for (std::string_view part : split(std::string_view(path).substr(1), '/')) {
    out.push_back(percent_decode(part, false).value_or(std::string(part)));
  }
  return out;
}

std::string HttpResponse::serialise(bool keep_alive, bool compress) const {
  std::string out = "HTTP/1.1 " + std::to_string(status) + " " + reason(status) + "\r\n";
  bool packed = compress && !body.empty();
  if (packed) out += "Content-Encoding: gzip\r\n";
  if (!type.empty()) out += "Content-Type: " + type + "\r\n";
  if (packed) out += "Vary: Accept-Encoding\r\n";
  out += "Date: " + http_date() + "\r\n";
  for (const auto &[name, value] : headers) out += name + ": " + value + "\r\n";
  const std::string content = packed ? gzip(body) : body;
  if (!chunked) out += "Content-Length: " + std::to_string(content.size()) + "\r\n";
  if (!keep_alive || close) out += "Connection: close\r\n";
  if (chunked) out += "Transfer-Encoding: chunked\r\n";
  out += "\r\n";
  if (!chunked) return out + content;
  constexpr size_t kChunk = 32 * 1024;
  for (size_t at = 0; at < content.size(); at += kChunk) {
    size_t n = std::min(kChunk, content.size() - at);
    std::array<char, 20> hex{};
    auto end = std::to_chars(hex.data(), hex.data() + hex.size(), n, 16).ptr;
    out.append(hex.data(), end);
    out += "\r\n";
    out.append(content, at, n);
    out += "\r\n";
  }
  return out + "0\r\n\r\n";
}

HttpResponse plain_response(int status, std::string_view text) {
  HttpResponse response;
  response.status = status;
  response.type = text.empty() ? "" : "text/plain";
  response.body = text;
  return response;
}

HttpResponse json_response(int status, std::string body) {
  HttpResponse response;
  response.status = status;
  response.type = "application/json; charset=utf-8";
  response.body = std::move(body);
  return response;
}

bool HttpReader::fill(Clock::time_point deadline) {
  return stream_.read_some(buffer_, deadline) == Stream::Event::kReady;
}

bool HttpReader::read_line(std::string *line, size_t limit, Clock::time_point deadline) {
  size_t end;
  while ((end = buffer_.find('\n')) == std::string::npos) {
    if (buffer_.size() > limit || !fill(deadline)) return false;
  }
  if (end > limit) return false;
  *line = buffer_.substr(0, end > 0 && buffer_[end - 1] == '\r' ? end - 1 : end);
  buffer_.erase(0, end + 1);
  return true;
}

HttpReader::Result HttpReader::read(HttpRequest *request, int *status) {
  // Between two requests a connection may be quiet for a while; once a request has begun it has to come quickly.
  Clock::time_point idle = Clock::now() + kIdleTimeout;
  if (buffer_.empty() && !fill(idle)) return Result::kClosed;
  *status = read_head(request, Clock::now() + kHeadTimeout);
  if (*status == 0) *status = read_body(request);
  if (*status < 0) return Result::kClosed;
  return *status == 0 ? Result::kRequest : Result::kBad;
}

int HttpReader::read_head(HttpRequest *request, Clock::time_point deadline) {
  size_t end;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
    if (buffer_.size() > kMaxHead) return 431;
    if (!fill(deadline)) return -1;
  }
  if (end > kMaxHead) return 431;
  std::string head = buffer_.substr(0, end + 2);
  buffer_.erase(0, end + 4);
  bool first = true;
  for (std::string_view line : split(head, '\n')) {
    if (line.empty()) continue;
    if (line.back() != '\r') return 400;
    line.remove_suffix(1);
    if (first) {
      first = false;
      if (int status = parse_request_line(line, request); status != 0) return status;
      continue;
    }
    size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0 || line[0] == ' ' || line[0] == '\t') return 400;
    std::string name = lower(line.substr(0, colon));
    std::string value(trim(line.substr(colon + 1)));
    auto [entry, fresh] = request->headers.emplace(name, value);
    if (!fresh) entry->second += ", " + value;
  }
  if (first) return 400;
  if (request->header_has("connection", "close")) request->keep_alive = false;
  if (request->header_has("connection", "keep-alive")) request->keep_alive = true;
  return 0;
}

int HttpReader::read_body(HttpRequest *request) {
  Clock::time_point deadline = Clock::now() + kBodyTimeout;
  const std::string &coding = request->header("transfer-encoding");
  const std::string &length = request->header("content-length");
  if (coding.empty() && length.empty()) return 0;
  if (!coding.empty() && (lower(coding) != "chunked" || !length.empty())) return coding == "chunked" ? 400 : 501;
  if (lower(request->header("expect")) == "100-continue" && !stream_.write_all("HTTP/1.1 100 Continue\r\n\r\n")) {
    return -1;
  }
  if (!coding.empty()) {
    if (int status = read_chunks(&request->body, deadline); status != 0) return status;
  } else {
    auto size = number(length, 10);
    if (!size) return 400;
    if (*size > kMaxBody) return 413;
    while (buffer_.size() < *size) {
      if (!fill(deadline)) return -1;
    }
    request->body = buffer_.substr(0, *size);
    buffer_.erase(0, *size);
  }
  if (lower(request->header("content-encoding")) == "gzip") {
    std::string unpacked;
    request->body_broken = !gunzip(request->body, kMaxBody, &unpacked);
    request->body = std::move(unpacked);
  }
  return 0;
}

int HttpReader::read_chunks(std::string *body, Clock::time_point deadline) {
  std::string line;
  for (;;) {
    if (!read_line(&line, 4096, deadline)) return -1;
    auto size = number(trim(std::string_view(line).substr(0, line.find(';'))), 16);
    if (!size) return 400;
    if (*size > kMaxBody - body->size()) return 413;
    if (*size == 0) break;
    while (buffer_.size() < *size + 2) {
      if (!fill(deadline)) return -1;
    }
    if (buffer_.compare(*size, 2, "\r\n") != 0) return 400;
    body->append(buffer_, 0, *size);
    buffer_.erase(0, *size + 2);
  }
  do {  // trailers
    if (!read_line(&line, kMaxHead, deadline)) return -1;
  } while (!line.empty());
  return 0;
}

}  // namespace opentaos::sandbox::server
