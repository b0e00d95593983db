// A call whose answer is kept as text: for everything that is not worth its own parser on the reading thread.
#pragma once
#include <string>

#include "base/codes.h"
#include "client/channel.h"

namespace opentaos::client {

class TextCall final : public Call {
 public:
  explicit TextCall(Channel &channel) : channel_(channel), waiter_(channel) {}
  ~TextCall() { (void)channel_.forget(*this); }

  void on_answer(net::Message &message, const wire::AnswerKey *key) override {
    if (key)
      text_ = message.text();
    else
      status_ = {base::kErrProtocol, "invalid answer from the server: binary instead of text"};
    channel_.finish_locked(waiter_);
  }
  void on_lost(const base::Status &why) override {
    status_ = why;
    channel_.finish_locked(waiter_);
  }

  // Failure: no answer came.
  base::Status wait(base::Deadline deadline) {
    base::Status s = channel_.wait(waiter_, deadline);
    if (!s) (void)channel_.forget(*this);
    return s ? status_ : s;
  }
  std::string &text() { return text_; }

 private:
  Channel &channel_;
  Waiter waiter_;
  base::Status status_;
  std::string text_;
};

}  // namespace opentaos::client
