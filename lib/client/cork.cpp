#include "client/cork.h"

#include "client/channel.h"

namespace opentaos::client {
namespace {
thread_local Cork *t_cork;
}

Cork::Cork() { t_cork = this; }
Cork::~Cork() {
  t_cork = nullptr;
  flush();
}
Cork *Cork::current() { return t_cork; }

void Cork::hold(Channel &channel) {
  for (auto &c : held_)
    if (c.get() == &channel) return;
  held_.push_back(base::Ref<Channel>::share(&channel));
}

void Cork::flush() {
  for (auto &c : held_) c->flush_queued();
  held_.clear();
}

}  // namespace opentaos::client
