#include "base/small_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/codes.h"
#include "base/encoding.h"

namespace opentaos::base {
namespace {

Status failed(const std::string &path, std::string_view why) {
  return {kErrInvalidConfig, concat({presentable(path, 1024), ": ", why})};
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor &) = delete;
  Descriptor &operator=(const Descriptor &) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

}  // namespace

StatusOr<std::string> read_small_file(const std::string &path, size_t most, struct stat *found) {
  // O_NONBLOCK: a pipe under that name must not hold us up before we know that it is one.
  Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (fd.get() < 0) return failed(path, system_error_text(errno));
  struct stat st;
  if (::fstat(fd.get(), &st) != 0) return failed(path, system_error_text(errno));
  if (!S_ISREG(st.st_mode)) return failed(path, "is not a regular file");
  if (found) *found = st;
  std::string text;
  text.resize(std::min<size_t>(static_cast<size_t>(st.st_size), most) + 1);
  size_t have = 0;
  while (true) {
    if (have == text.size()) {
      // It grew while we read; go on up to the limit. What it held must not stay behind in freed memory.
      if (have > most) break;
      std::string larger(std::min(text.size() * 2, most + 1), '\0');
      larger.replace(0, have, text);
      wipe(text);
      text = std::move(larger);
    }
    ssize_t n = ::read(fd.get(), text.data() + have, text.size() - have);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      int error = errno;
      wipe(text);
      return failed(path, system_error_text(error));
    }
    if (n == 0) break;
    have += static_cast<size_t>(n);
  }
  if (have > most) {
    wipe(text);
    return failed(path, concat({"is larger than ", std::to_string(most), " bytes"}));
  }
  text.resize(have);
  return text;
}

std::string system_error_text(int error) {
  const char *text = ::strerrordesc_np(error);
  return text ? text : "error " + std::to_string(error);
}

}  // namespace opentaos::base
