#include "net/lws_socket.h"

#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/process_lock.h"
#include "net/lws_library.h"

namespace opentaos::net {

// What libwebsockets calls. The user pointer is the LwsSocket, absent in calls that are not about our connection.
struct LwsCallbacks {
  static int protocol(lws *, lws_callback_reasons reason, void *user, void *in, size_t n) {
    auto *socket = static_cast<LwsSocket *>(user);
    if (!socket) return 0;
    switch (reason) {
      case LWS_CALLBACK_RAW_CONNECTED: socket->connected_ = true; break;
      case LWS_CALLBACK_RAW_RX: socket->receiver_.received(static_cast<const uint8_t *>(in), n); break;
      case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
      case LWS_CALLBACK_RAW_CLOSE:
      case LWS_CALLBACK_WSI_DESTROY:
        socket->wsi_ = nullptr;
        socket->fd_ = -1;
        break;
      default: break;
    }
    return 0;
  }
};

namespace {

// Room for one TLS record of full size with the head that libwebsockets keeps free.
constexpr unsigned kServiceBuffer = 16384 + 256 + LWS_PRE;
constexpr int kKeepAliveIdle = 60, kKeepAliveInterval = 10, kKeepAliveProbes = 6;  // seconds, seconds, count

const lws_protocols kProtocols[] = {{"raw", &LwsCallbacks::protocol, 0, 0, 0, nullptr, 0},
                                    {nullptr, nullptr, 0, 0, 0, nullptr, 0}};

// libwebsockets has state that the whole process shares: what it logs (by default to stderr), and the disposition of
// SIGPIPE, which creating a context sets to "ignored". This class is held for the few microseconds of calls that
// depend on it, by one thread at a time, and puts everything back.
//
// A log level that nobody has set is taken off for good. One that the application has set comes back afterwards.
class GlobalState {
 public:
  GlobalState() {
    lock_.lock();
    level_ = g_lws.lwsl_visible(~0);
    if (level_ != 0) g_lws.lws_set_log_level(0, nullptr);
    if (level_ == (LLL_ERR | LLL_WARN | LLL_NOTICE)) level_ = 0;
  }
  ~GlobalState() {
    if (level_ != 0) g_lws.lws_set_log_level(level_, nullptr);
    lock_.unlock();
  }
  GlobalState(const GlobalState &) = delete;
  GlobalState &operator=(const GlobalState &) = delete;

  static lws_context *create_context(const lws_context_creation_info &info) {
    struct sigaction before, after;
    bool known = ::sigaction(SIGPIPE, nullptr, &before) == 0;
    lws_context *context = g_lws.lws_create_context(&info);
    // If it is something else than "ignored" now, the application has just changed it.
    if (known && ::sigaction(SIGPIPE, nullptr, &after) == 0 && after.sa_handler == SIG_IGN &&
        before.sa_handler != SIG_IGN)
      ::sigaction(SIGPIPE, &before, nullptr);
    return context;
  }

 private:
  static inline constinit base::ProcessLock lock_;
  int level_;
};

}  // namespace

bool LwsSocket::create_context() {
  lws_context_creation_info info;
  std::memset(&info, 0, sizeof info);
  info.port = CONTEXT_PORT_NO_LISTEN;
  info.protocols = kProtocols;
  info.options = LWS_SERVER_OPTION_SKIP_SERVER_CANONICAL_NAME;
  info.fd_limit_per_thread = 4;  // else every context has a table for each descriptor the process may open
  info.pt_serv_buf_size = kServiceBuffer;
  info.ka_time = kKeepAliveIdle;
  info.ka_interval = kKeepAliveInterval;
  info.ka_probes = kKeepAliveProbes;
  // An address with port 0 means "no proxy"; absence would mean "what $http_proxy says", which is not about us.
  info.http_proxy_address = "none:0";
  context_ = GlobalState::create_context(info);
  return context_ != nullptr;
}

int LwsSocket::start(const ResolvedAddress &address) {
  close();
  char host[NI_MAXHOST], port[NI_MAXSERV];
  if (::getnameinfo(reinterpret_cast<const sockaddr *>(&address.addr), address.len, host, sizeof host, port,
                    sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) != 0)
    return EAFNOSUPPORT;

  GlobalState held;
  errno = 0;
  if (!create_context()) return errno ? errno : ENOMEM;

  lws_client_connect_info info;
  std::memset(&info, 0, sizeof info);
  info.context = context_;
  info.address = host;
  info.host = host;
  info.port = address.family == AF_INET6 ? ntohs(reinterpret_cast<const sockaddr_in6 *>(&address.addr)->sin6_port)
                                         : ntohs(reinterpret_cast<const sockaddr_in *>(&address.addr)->sin_port);
  info.method = "RAW";
  info.local_protocol_name = kProtocols[0].name;
  info.userdata = this;
  errno = 0;
  wsi_ = g_lws.lws_client_connect_via_info(&info);
  if (wsi_) {
    fd_ = g_lws.lws_get_socket_fd(wsi_);
    if (fd_ >= 0) return 0;
  }
  int failed = errno;
  wsi_ = nullptr;
  connected_ = false;
  g_lws.lws_context_destroy(context_);
  context_ = nullptr;
  return failed != 0 && failed != EINPROGRESS ? failed : ECONNREFUSED;
}

bool LwsSocket::service(short revents) {
  if (!wsi_) return false;
  lws_pollfd p{fd_, POLLIN | POLLOUT, revents};
  if (connected_) {
    (void)g_lws.lws_service_fd(context_, &p);
  } else {
    GlobalState held;
    (void)g_lws.lws_service_fd(context_, &p);
  }
  return wsi_ != nullptr;
}

void LwsSocket::close() {
  if (!context_) return;
  GlobalState held;
  g_lws.lws_context_destroy(context_);
  context_ = nullptr;
  wsi_ = nullptr;
  fd_ = -1;
  connected_ = false;
}

void LwsSocket::abandon() {
  if (fd_ >= 0) ::close(fd_);
  context_ = nullptr;
  wsi_ = nullptr;
  fd_ = -1;
}

}  // namespace opentaos::net
