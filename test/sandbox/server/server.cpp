#include "server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <thread>

#include "actions.h"
#include "channel.h"
#include "http.h"
#include "json.h"
#include "rest.h"

namespace opentaos::sandbox::server {
namespace {

constexpr int kUserExists = 0x0350;
constexpr int kAuthenticationFailure = 0x0357;
constexpr int kInvalidUserName = 0x0207;
constexpr int kInvalidPasswordLength = 0x0208;
constexpr int kDatabaseNameTooLong = 0x0209;
constexpr size_t kMaxUser = 23;
constexpr size_t kMaxPassword = 255;
constexpr size_t kMaxDatabase = 64;

std::string quoted(std::string_view text, char quote) {
  std::string out(1, quote);
  for (char c : text) {
    if (c == quote || (quote == '\'' && c == '\\')) out.push_back(quote == '\'' ? '\\' : quote);
    out.push_back(c);
  }
  return out + quote;
}

// The user of "drop user [if exists] NAME", "" for any other statement.
std::string dropped_user(std::string_view sql) {
  std::vector<std::string> words;
  for (std::string_view word : split(trim(sql), ' ')) {
    while (!word.empty() && (word.back() == ';' || word.back() == '\n')) word.remove_suffix(1);
    if (!word.empty()) words.emplace_back(word);
  }
  if (words.size() < 3 || lower(words[0]) != "drop" || lower(words[1]) != "user") return "";
  std::string name = words.back();
  if (name.size() > 2 && name.front() == '`' && name.back() == '`') name = name.substr(1, name.size() - 2);
  return name;
}

void serve_requests(Server &server, Stream &stream) {
  std::string buffer;
  HttpReader reader(stream, buffer);
  for (;;) {
    HttpRequest request;
    int status = 0;
    HttpReader::Result result = reader.read(&request, &status);
    if (result == HttpReader::Result::kClosed) return;
    if (result == HttpReader::Result::kBad) {
      stream.write_all(plain_response(status, "bad request\n").serialise(false, false));
      return;
    }
    std::optional<Endpoint> endpoint = websocket_endpoint(request.path);
    if (endpoint && request.method == "GET") {
      serve_websocket(server, stream, *endpoint, request, std::move(buffer));
      return;
    }
    if (!serve_rest(server, stream, request)) return;
  }
}

// One TCP connection, from the first request to the last.
void serve(Server &server, int fd, int stop_fd) {
  Stream stream(fd, stop_fd);
  serve_requests(server, stream);
  stream.close_gently();
}

}  // namespace

struct Server::Worker {
  std::thread thread;
  std::atomic<bool> done = false;
};

Release parse_release(std::string_view version) {
  Release release;
  size_t i = 0;
  for (std::string_view part : split(version, '.')) {
    if (i == 4) break;
    auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), release.part[i]);
    if (error != std::errc()) break;
    ++i;
  }
  return release;
}

Server::Server(const Options &options, std::unique_ptr<Engine> engine)
    : options_(options),
      engine_(std::move(engine)),
      groups_(*engine_),
      version_(options.version.empty() ? sandbox::version() : options.version),
      release_(parse_release(version_)),
      faults_(is_known_action),
      last_busy_(Clock::now()) {
  engine_->set_consumers([this] { return groups_.list(); });
  engine_->set_log_listener([this] { groups_.wake(); });
}

Server::~Server() {
  if (listen_fd_ >= 0) close(listen_fd_);
  if (stop_fd_ >= 0) {
    uint64_t one = 1;
    if (write(stop_fd_, &one, sizeof one) < 0) std::perror("taos-sandbox: stop");
  }
  reap(true);
  engine_->set_log_listener(nullptr);
  engine_->set_consumers(nullptr);
  if (stop_fd_ >= 0) close(stop_fd_);
}

bool Server::start(std::string *error) {
  stop_fd_ = eventfd(0, EFD_CLOEXEC);
  if (stop_fd_ < 0) {
    *error = std::string("eventfd: ") + std::strerror(errno);
    return false;
  }
  for (const std::string &spec : options_.faults) {
    if (!faults_.add(spec, error)) return false;
  }
  return create_users(error) && listen_on_loopback(error) && write_port_file(error);
}

bool Server::create_users(std::string *error) {
  Session session;
  session.user = "root";
  for (const auto &[name, password] : options_.users) {
    std::string tail = quoted(name, '`') + " pass " + quoted(password, '\'');
    Outcome outcome = engine_->execute(session, "create user " + tail);
    if (outcome.code == kUserExists) outcome = engine_->execute(session, "alter user " + tail);
    if (outcome.code != 0) {
      *error = "--user " + name + ": " + outcome.message;
      return false;
    }
  }
  return true;
}

bool Server::listen_on_loopback(std::string *error) {
  bool v6 = options_.host == "::1";
  sockaddr_storage address{};
  socklen_t size;
  if (v6) {
    auto *in6 = reinterpret_cast<sockaddr_in6 *>(&address);
    in6->sin6_family = AF_INET6;
    in6->sin6_addr = in6addr_loopback;
    in6->sin6_port = htons(static_cast<uint16_t>(options_.port));
    size = sizeof *in6;
  } else {
    auto *in = reinterpret_cast<sockaddr_in *>(&address);
    in->sin_family = AF_INET;
    in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    in->sin_port = htons(static_cast<uint16_t>(options_.port));
    size = sizeof *in;
  }
  listen_fd_ = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  int on = 1;
  if (listen_fd_ < 0 || setsockopt(listen_fd_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      bind(listen_fd_, reinterpret_cast<sockaddr *>(&address), size) != 0 || listen(listen_fd_, 512) != 0 ||
      getsockname(listen_fd_, reinterpret_cast<sockaddr *>(&address), &size) != 0) {
    *error = options_.host + " port " + std::to_string(options_.port) + ": " + std::strerror(errno);
    return false;
  }
  port_ = ntohs(v6 ? reinterpret_cast<sockaddr_in6 *>(&address)->sin6_port
                   : reinterpret_cast<sockaddr_in *>(&address)->sin_port);
  return true;
}

// Under another name first, so that whoever waits for the file never reads half of it.
bool Server::write_port_file(std::string *error) {
  if (options_.port_file.empty()) return true;
  std::string temporary = options_.port_file + ".new";
  std::FILE *file = std::fopen(temporary.c_str(), "we");
  bool good = file != nullptr && std::fprintf(file, "%d\n", port_) > 0;
  if (file != nullptr) good = std::fclose(file) == 0 && good;
  good = good && std::rename(temporary.c_str(), options_.port_file.c_str()) == 0;
  if (!good) *error = options_.port_file + ": " + std::strerror(errno);
  return good;
}

void Server::run(int signal_fd) {
  for (;;) {
    pollfd fds[2] = {{listen_fd_, POLLIN, 0}, {signal_fd, POLLIN, 0}};
    int n = poll(fds, 2, 250);
    if (n < 0 && errno != EINTR) return;
    if (n > 0 && fds[1].revents != 0) return;
    if (n > 0 && fds[0].revents != 0) accept_one();
    reap(false);
    Clock::time_point now = Clock::now();
    if (!workers_.empty()) last_busy_ = now;
    if (options_.idle_exit > 0 && now - last_busy_ >= std::chrono::duration<double>(options_.idle_exit)) return;
  }
}

void Server::accept_one() {
  int fd = accept4(listen_fd_, nullptr, nullptr, SOCK_CLOEXEC);
  if (fd < 0) return;
  ++accepted_;
  last_busy_ = Clock::now();
  if (workers_.size() >= static_cast<size_t>(options_.max_connections)) {
    Stream stream(fd, stop_fd_);
    stream.write_all(plain_response(503, "too many connections\n").serialise(false, false), Clock::now());
    return;
  }
  auto worker = std::make_unique<Worker>();
  Worker *raw = worker.get();
  ++open_;
  raw->thread = std::thread([this, raw, fd] {
    try {
      serve(*this, fd, stop_fd_);
    } catch (const std::exception &e) {
      log(std::string("a connection ended: ") + e.what());
    }
    --open_;
    raw->done = true;
  });
  workers_.push_back(std::move(worker));
}

void Server::reap(bool all) {
  auto finished = [all](const std::unique_ptr<Worker> &worker) {
    if (!all && !worker->done) return false;
    worker->thread.join();
    return true;
  };
  workers_.remove_if(finished);
}

int Server::login(const std::string &user, const std::string &password, const std::string &db, std::string *message) {
  // What the adapter's client library refuses before it asks the database.
  auto refuse = [message](int code, const char *text) {
    *message = text;
    return code;
  };
  if (user.empty() || user.size() > kMaxUser) return refuse(kInvalidUserName, "Invalid user name");
  if (password.empty() || password.size() > kMaxPassword) {
    return refuse(kInvalidPasswordLength, "Invalid password length");
  }
  if (db.size() > kMaxDatabase) return refuse(kDatabaseNameTooLong, "Database name too long");
  if (!options_.root && user == "root") return refuse(kAuthenticationFailure, "Authentication failure");
  return engine_->login(user, password, db, message);
}

Outcome Server::execute(Session &session, std::string_view sql) {
  Outcome outcome = engine_->execute(session, sql);
  if (outcome.code == 0 && outcome.is_update) {
    if (std::string user = dropped_user(sql); !user.empty()) {
      std::lock_guard lock(mutex_);
      dropped_[user] = Clock::now();
    }
  }
  return outcome;
}

bool Server::dropped_since(const std::string &user, Clock::time_point since) {
  std::lock_guard lock(mutex_);
  auto found = dropped_.find(user);
  return found != dropped_.end() && found->second >= since;
}

void Server::count(std::string_view action) {
  std::lock_guard lock(mutex_);
  auto found = counts_.find(action);
  if (found == counts_.end()) found = counts_.emplace(action, 0).first;
  ++found->second;
}

std::string Server::stats_json() {
  JsonObject actions;
  {
    std::lock_guard lock(mutex_);
    for (const auto &[name, count] : counts_) actions.number(name.c_str(), count);
  }
  JsonObject stats;
  stats.number("accepted", accepted_).number("open", open_).number("results", open_results_);
  return stats.raw("requests", actions.done()).done();
}

void Server::log(std::string_view line) const {
  if (!options_.quiet) std::fprintf(stderr, "taos-sandbox: %.*s\n", static_cast<int>(line.size()), line.data());
}

}  // namespace opentaos::sandbox::server
