// The command line.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace opentaos::sandbox::server {

struct Options {
  std::string host = "127.0.0.1";
  int port = 6041;
  std::string data;  // "" keeps everything in memory
  std::vector<std::pair<std::string, std::string>> users;
  bool root = true;
  std::string port_file;
  std::vector<std::string> faults;
  double ping_seconds = 54;
  double pong_seconds = 60;
  std::string version;  // "" is the engine's
  bool trailing_byte = true;
  int max_connections = 1000;
  double idle_exit = 0;  // 0 never
  bool with_parent = false;
  bool control = false;
  bool quiet = false;
  bool help = false;
};

// False and a sentence in `error` when the command line is wrong.
bool parse_options(int argc, char **argv, Options *options, std::string *error);
std::string help_text();

}  // namespace opentaos::sandbox::server
