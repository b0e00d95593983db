// Lets a thread that makes many small requests in a row (callbacks that ask the next question) send them together.
#pragma once
#include <vector>

#include "base/handle.h"

namespace opentaos::client {

class Channel;

class Cork {
 public:
  Cork();   // from here on this thread's messages are held back
  ~Cork();  // and go out here
  Cork(const Cork &) = delete;
  Cork &operator=(const Cork &) = delete;

  static Cork *current();
  void hold(Channel &channel);
  void flush();

 private:
  std::vector<base::Ref<Channel>> held_;
};

}  // namespace opentaos::client
