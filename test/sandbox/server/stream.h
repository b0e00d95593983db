// A connected socket with deadlines. Every wait also ends when the server is told to stop.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace opentaos::sandbox::server {

using Clock = std::chrono::steady_clock;

class Stream {
 public:
  enum class Event { kReady, kTimeout, kClosed };

  // Owns `fd`. `stop_fd` becomes readable when the server stops.
  Stream(int fd, int stop_fd);
  ~Stream();
  Stream(const Stream &) = delete;
  Stream &operator=(const Stream &) = delete;

  // Appends what has arrived, waiting for it until the deadline.
  Event read_some(std::string &into, Clock::time_point deadline);
  // False when the peer is gone, the deadline passed, or the byte budget is used up.
  bool write_all(std::string_view bytes, Clock::time_point deadline);
  bool write_all(std::string_view bytes);  // within the server's 60 s
  // False when the server stops meanwhile.
  bool sleep(std::chrono::milliseconds time);

  // An eventfd that ends a read as a timeout does. -1: none.
  void set_wake_fd(int fd) { wake_fd_ = fd; }

  // After this many more bytes the connection is cut. For faults.
  void set_budget(int64_t bytes) { budget_ = bytes; }
  // The connection will end with a reset. Always false: it is over.
  bool reset_on_close();
  // Says goodbye so that the peer gets everything that was written: FIN first, then a short look at what it sends.
  void close_gently();

 private:
  Event wait(short events, Clock::time_point deadline);

  int fd_;
  int stop_fd_;
  int wake_fd_ = -1;
  int64_t budget_ = -1;  // unlimited
  bool reset_ = false;
};

}  // namespace opentaos::sandbox::server
