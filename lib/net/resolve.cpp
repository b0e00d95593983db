#include "net/resolve.h"

#include <netdb.h>
#include <pthread.h>
#include <signal.h>

#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <memory>
#include <mutex>
#include <new>
#include <system_error>

namespace opentaos::net {
namespace {

using base::Status;
using base::StatusOr;
using Addresses = std::vector<ResolvedAddress>;

constexpr int32_t kUnableToConnect = static_cast<int32_t>(0x8000000B);
constexpr size_t kMaxHostLength = 255;
// Name service modules (sssd, winbind, mdns) run on this stack; it is address space, not memory.
constexpr size_t kWorkerStack = 1024 * 1024;

Status failure(const std::string &host, const std::string &reason) {
  return Status(kUnableToConnect, "Unable to establish connection: cannot resolve host '" +
                                      host.substr(0, kMaxHostLength) + "': " + reason);
}

std::string reason_of(int gai, int system_error) {
  if (gai == EAI_SYSTEM) return std::system_category().message(system_error);
  return gai_strerror(gai);
}

// What a look-up leaves behind. Owned by the asker and the worker together, so that either may go first.
struct Lookup {
  std::string host;
  std::string service;
  std::mutex mutex;
  std::condition_variable done_cv;
  bool done = false;
  int gai = 0;
  int system_error = 0;
  Addresses addresses;
};

int ask(const std::string &host, const std::string &service, int flags, Addresses &out) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo *list = nullptr;
  int rc = getaddrinfo(host.c_str(), service.c_str(), &hints, &list);
  if (rc != 0) return rc;
  std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(list, &freeaddrinfo);
  for (const addrinfo *a = list; a; a = a->ai_next) {
    if (a->ai_family != AF_INET && a->ai_family != AF_INET6) continue;
    if (a->ai_addrlen > sizeof(sockaddr_storage)) continue;
    ResolvedAddress r{};
    std::memcpy(&r.addr, a->ai_addr, a->ai_addrlen);
    r.len = a->ai_addrlen;
    r.family = a->ai_family;
    out.push_back(r);
  }
  return out.empty() ? EAI_NONAME : 0;
}

int ask_without_throwing(const std::string &host, const std::string &service, Addresses &out, int &system_error) {
  try {
    errno = 0;
    int rc = ask(host, service, 0, out);
    system_error = errno;
    return rc;
  } catch (const std::bad_alloc &) {
    return EAI_MEMORY;
  }
}

void *worker(void *argument) {
  std::unique_ptr<std::shared_ptr<Lookup>> holder(static_cast<std::shared_ptr<Lookup> *>(argument));
  Lookup &lookup = **holder;
  Addresses addresses;
  int system_error = 0;
  int rc = ask_without_throwing(lookup.host, lookup.service, addresses, system_error);
  std::lock_guard<std::mutex> lock(lookup.mutex);
  lookup.gai = rc;
  lookup.system_error = system_error;
  lookup.addresses.swap(addresses);
  lookup.done = true;
  lookup.done_cv.notify_all();
  return nullptr;
}

// Returns 0 or an errno value. The application's signals stay on the application's threads.
int start_worker(const std::shared_ptr<Lookup> &lookup) {
  auto argument = std::make_unique<std::shared_ptr<Lookup>>(lookup);
  pthread_attr_t attributes;
  int rc = pthread_attr_init(&attributes);
  if (rc != 0) return rc;
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&attributes, kWorkerStack);
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread;
  rc = pthread_create(&thread, &attributes, &worker, argument.get());
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  pthread_attr_destroy(&attributes);
  if (rc == 0) (void)argument.release();
  return rc;
}

}  // namespace

StatusOr<Addresses> resolve(const std::string &host, uint16_t port, base::Deadline deadline) {
  if (host.empty()) return failure(host, "the host name is empty");
  if (host.size() > kMaxHostLength) return failure(host, "the host name is too long");
  if (host.find('\0') != std::string::npos) return failure(host.c_str(), "the host name contains a zero byte");

  const std::string service = std::to_string(port);
  Addresses addresses;
  if (ask(host, service, AI_NUMERICHOST, addresses) == 0) return addresses;

  if (deadline.is_never()) {
    int system_error = 0;
    int rc = ask_without_throwing(host, service, addresses, system_error);
    if (rc != 0) return failure(host, reason_of(rc, system_error));
    return addresses;
  }
  if (deadline.passed()) return failure(host, "no time was left to ask");

  auto lookup = std::make_shared<Lookup>();
  lookup->host = host;
  lookup->service = service;
  if (int rc = start_worker(lookup)) return failure(host, std::system_category().message(rc));
  std::unique_lock<std::mutex> lock(lookup->mutex);
  while (!lookup->done) {
    if (deadline.passed()) return failure(host, "no answer from the name service in time");
    lookup->done_cv.wait_for(lock, std::chrono::milliseconds(deadline.left_ms(1000)));
  }
  if (lookup->gai != 0) return failure(host, reason_of(lookup->gai, lookup->system_error));
  return std::move(lookup->addresses);
}

std::string address_text(const ResolvedAddress &address) {
  char host[NI_MAXHOST];
  char port[NI_MAXSERV];
  if (getnameinfo(reinterpret_cast<const sockaddr *>(&address.addr), address.len, host, sizeof host, port, sizeof port,
                  NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    return "?";
  }
  if (address.family == AF_INET6) return std::string("[") + host + "]:" + port;
  return std::string(host) + ":" + port;
}

}  // namespace opentaos::net
