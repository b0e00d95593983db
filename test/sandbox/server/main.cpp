// taos-sandbox: the command.
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "engine/engine.h"
#include "options.h"
#include "server.h"

namespace {

using namespace opentaos::sandbox;

int complain(const std::string &text) {
  std::fprintf(stderr, "taos-sandbox: %s\n", text.c_str());
  return 1;
}

// SIGTERM and SIGINT as a descriptor: blocked here, before any thread starts, and read by the accept loop.
int signal_descriptor() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  if (pthread_sigmask(SIG_BLOCK, &signals, nullptr) != 0) return -1;
  return signalfd(-1, &signals, SFD_CLOEXEC);
}

}  // namespace

int main(int argc, char **argv) {
  server::Options options;
  std::string error;
  if (!server::parse_options(argc, argv, &options, &error)) {
    complain(error);
    return 2;
  }
  if (options.help) {
    std::fputs(server::help_text().c_str(), stdout);
    return 0;
  }
  pid_t parent = getppid();
  if (options.with_parent) {
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) return 0;  // it died in between
  }
  int signal_fd = signal_descriptor();
  if (signal_fd < 0) return complain("cannot watch for signals");
  std::signal(SIGPIPE, SIG_IGN);

  std::unique_ptr<Engine> engine = Engine::open(options.data, &error);
  if (engine == nullptr) return complain(error);
  server::Server server(options, std::move(engine));
  if (!server.start(&error)) return complain(error);
  const char *form =
      options.host == "::1" ? "taos-sandbox %s listening on [%s]:%d\n" : "taos-sandbox %s listening on %s:%d\n";
  std::printf(form, server.version().c_str(), options.host.c_str(), server.port());
  std::fflush(stdout);
  server.run(signal_fd);
  return 0;
}
