#include "base/config_file.h"

#include <sys/stat.h>

#include "base/codes.h"
#include "base/encoding.h"
#include "base/small_file.h"

namespace opentaos::base {
namespace {

constexpr size_t kLongestKey = 128;
constexpr size_t kLongestLine = size_t{1} << 20;  // a PEM text in one line fits
constexpr size_t kMostProblems = 100;             // of a file that is no configuration at all

void report(ConfigFile &file, int line, std::string_view why) {
  if (file.problems.size() > kMostProblems) return;
  std::string place = concat({presentable(file.path, 1024), ":", std::to_string(line), ": "});
  file.problems.push_back(place.append(file.problems.size() == kMostProblems ? "more problems follow" : why));
}

// A comment begins at a '#' at the start or behind a space.
std::string_view without_comment(std::string_view line) {
  for (size_t at = line.find('#'); at != std::string_view::npos; at = line.find('#', at + 1)) {
    if (at == 0 || line[at - 1] == ' ' || line[at - 1] == '\t') return line.substr(0, at);
  }
  return line;
}

void parse_line(ConfigFile &file, std::string_view line, int number) {
  line = trim(without_comment(line));
  if (line.empty()) return;
  if (line.size() > kLongestLine) return report(file, number, "the line is too long");
  if (line.find('\0') != std::string_view::npos) return report(file, number, "the line has a NUL byte");
  size_t end = line.find_first_of(" \t=");
  std::string_view key = line.substr(0, end);
  std::string_view value = end == std::string_view::npos ? std::string_view() : trim(line.substr(end));
  if (!value.empty() && value.front() == '=') value = trim(value.substr(1));
  if (key.empty() || key.size() > kLongestKey) return report(file, number, "expected `key value`");
  file.entries.push_back({std::string(key), std::string(value), number});
}

}  // namespace

std::string config_path(const std::string &dir_or_file) {
  struct stat st;
  bool is_file = ::stat(dir_or_file.c_str(), &st) == 0 && !S_ISDIR(st.st_mode);
  if (is_file || (dir_or_file.size() > 4 && dir_or_file.ends_with(".cfg") && ::stat(dir_or_file.c_str(), &st) != 0)) {
    return dir_or_file;
  }
  std::string path = dir_or_file;
  if (path.empty() || path.back() != '/') path += '/';
  return path + "taos.cfg";
}

StatusOr<ConfigFile> read_config_file(const std::string &dir_or_file) {
  std::string path = config_path(dir_or_file);
  auto text = read_small_file(path, kMaxConfigFile);
  if (!text) return Status(kErrInvalidConfig, concat({"configuration file ", text.status().message()}));
  std::string_view head = std::string_view(*text).substr(0, 2);
  if (head == "\xff\xfe" || head == "\xfe\xff") {
    return Status(kErrInvalidConfig,
                  concat({"configuration file ", presentable(path, 1024), ": is UTF-16, expected UTF-8"}));
  }
  ConfigFile file = parse_config(*text, std::move(path));
  wipe(*text);
  return file;
}

ConfigFile parse_config(std::string_view text, std::string path) {
  ConfigFile file;
  file.path = std::move(path);
  if (text.substr(0, 3) == "\xef\xbb\xbf") text.remove_prefix(3);
  for (int number = 1; !text.empty(); number++) {
    size_t end = text.find('\n');
    parse_line(file, text.substr(0, end), number);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return file;
}

void apply_config(ConfigFile &file, Settings &settings) {
  for (const ConfigEntry &entry : file.entries) {
    const OptionSpec *spec = find_option(Door::kFile, entry.key);
    if (spec == nullptr) continue;
    if (entry.value.empty()) {
      report(file, entry.line, concat({spec->file_key, " has no value"}));
    } else if (Status s = set_option(settings, *spec, entry.value); !s) {
      report(file, entry.line, s.message());
    }
  }
}

}  // namespace opentaos::base
