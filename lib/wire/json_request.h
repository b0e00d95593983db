// The frame around every JSON request: {"action":"name","args":{"req_id":1, ... }}
#pragma once
#include <cstdint>
#include <string_view>

#include "base/buffer.h"
#include "wire/json_write.h"

namespace opentaos::wire {

class JsonRequest {
 public:
  JsonRequest(base::Buffer &out, std::string_view action, uint64_t req_id) : out_(out), args_(open(out, action)) {
    args_.number("req_id", req_id);
  }
  // One more member of args.
  JsonObjectWriter *operator->() { return &args_; }
  base::Buffer &out() { return out_; }
  void end() {
    args_.end();
    out_.append("}");
  }

 private:
  static base::Buffer &open(base::Buffer &out, std::string_view action) {
    out.reserve(out.size() + 128);
    out.append("{\"action\":\"");
    out.append(action);
    out.append("\",\"args\":");
    return out;
  }

  base::Buffer &out_;
  JsonObjectWriter args_;
};

// The two most common shapes.
inline void plain_request(base::Buffer &out, std::string_view action, uint64_t req_id) {
  JsonRequest(out, action, req_id).end();
}
inline void id_request(base::Buffer &out, std::string_view action, uint64_t req_id, std::string_view id_name,
                       uint64_t id) {
  JsonRequest r(out, action, req_id);
  r->number(id_name, id);
  r.end();
}

}  // namespace opentaos::wire
