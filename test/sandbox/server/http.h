// HTTP/1.1, the server's side: one request at a time, keep-alive, chunked and gzip bodies.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "stream.h"

namespace opentaos::sandbox::server {

struct HttpRequest {
  std::string method;
  std::string path;                            // as sent, still percent-encoded
  std::map<std::string, std::string> query;    // decoded; the first of a repeated name
  std::map<std::string, std::string> headers;  // names in lower case; repeated ones joined by ", "
  std::string body;
  bool body_broken = false;  // a gzip body that cannot be unpacked
  bool keep_alive = true;

  const std::string &header(const std::string &name) const;
  // True when a comma-separated header holds this word, whatever the case.
  bool header_has(const std::string &name, std::string_view word) const;
  std::vector<std::string> segments() const;  // of the path, decoded
};

struct HttpResponse {
  int status = 200;
  std::string type;  // "" sends no Content-Type
  std::string body;
  bool chunked = false;
  bool close = false;
  std::vector<std::pair<std::string, std::string>> headers;

  std::string serialise(bool keep_alive, bool gzip) const;
};

class HttpReader {
 public:
  // `buffer` holds what was received and not yet used; it outlives the reader.
  HttpReader(Stream &stream, std::string &buffer) : stream_(stream), buffer_(buffer) {}

  enum class Result { kRequest, kClosed, kBad };
  // On kBad, `status` says what to answer before closing.
  Result read(HttpRequest *request, int *status);

 private:
  bool fill(Clock::time_point deadline);
  bool read_line(std::string *line, size_t limit, Clock::time_point deadline);
  int read_head(HttpRequest *request, Clock::time_point deadline);  // 0 or a status
  int read_body(HttpRequest *request);
  int read_chunks(std::string *body, Clock::time_point deadline);

  Stream &stream_;
  std::string &buffer_;
};

HttpResponse plain_response(int status, std::string_view text);
HttpResponse json_response(int status, std::string body);
// nullopt for a broken %-sequence.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space);
std::string lower(std::string_view text);
std::string_view trim(std::string_view text);
std::vector<std::string_view> split(std::string_view text, char separator);

}  // namespace opentaos::sandbox::server
