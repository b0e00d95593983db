// A directory that goes when the test ends.
#pragma once
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

class TempDir {
 public:
  TempDir() {
    const char *base = std::getenv("TMPDIR");
    std::string name = std::string(base && *base ? base : "/tmp") + "/ots_test_XXXXXX";
    std::vector<char> text(name.c_str(), name.c_str() + name.size() + 1);
    if (::mkdtemp(text.data()) == nullptr) throw std::runtime_error("no directory for the test");
    path_ = text.data();
  }
  TempDir(const TempDir &) = delete;
  TempDir &operator=(const TempDir &) = delete;
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::string &path() const { return path_; }
  std::string write(const std::string &name, std::string_view text, unsigned mode = 0600) const {
    std::string file = path_ + "/" + name;
    std::ofstream(file, std::ios::binary | std::ios::trunc) << text;
    if (::chmod(file.c_str(), mode) != 0) throw std::runtime_error("cannot set the mode of a file");
    return file;
  }

 private:
  std::string path_;
};
