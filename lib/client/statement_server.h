// A prepared statement on the server, in the actions of the second generation: one round trip a call, nothing kept of
// what is bound. It lives on one channel and is made anew when that channel is lost; whoever owns it then binds again.
#pragma once
#include <memory>
#include <string_view>
#include <vector>

#include "client/connection.h"
#include "client/text_call.h"
#include "wire/stmt2_frames.h"
#include "wire/stmt_answers.h"

namespace opentaos::client {

// Room in front of a message for its frame header; the mask ends up in its last bytes.
base::Buffer &begin_message(base::Buffer *message);
// Undoes the masking of a message that was sent in place, so that it can be sent again, and puts other ids into it.
void readdress_message(base::Buffer *message, uint64_t req_id, uint64_t stmt_id);

// Between two executions no buffer is kept that is larger than some megabytes, or much larger than what was used of it.
void release_excess(base::Buffer *buffer, size_t used);

// What the server says of a statement's placeholders.
struct Placeholders {
  bool known = false;  // the lists below are; not so for a table that is named later
  bool is_insert = false;
  bool has_name = false;                // of the table
  int params = 0;                       // of a query
  std::vector<wire::StmtField> fields;  // all, in the order of the answer
  std::vector<wire::BindField> all, tags, columns;

  static Placeholders of(wire::StmtAnswer &&answer, bool known);
  bool same_shape(const Placeholders &other) const;
};

// How a request went. `answered`: the server said something, be it an error; otherwise `sent` tells whether it may have
// got the request.
struct Reply {
  base::Status status;
  bool answered = false;
  bool sent = false;
};

class ServerStatement {
 public:
  struct Options {
    int64_t req_id = 0;  // of the first request; 0: any
    bool single_stb_insert = false;
    bool single_table_bind_once = false;
  };

  ServerStatement(base::Ref<Connection> connection, const Options &options);
  ~ServerStatement() { close(); }
  ServerStatement(const ServerStatement &) = delete;
  ServerStatement &operator=(const ServerStatement &) = delete;

  // Asks for a statement on the server ahead of time, without waiting for it.
  void begin();

  // Prepares, on a new statement if there is none or its channel is lost. A lost connection is tried once more: nothing
  // has been executed yet. The server's refusal leaves the statement unusable until something else is prepared.
  Reply prepare(std::string_view sql, bool get_fields, Placeholders *out);
  // Prepared, and as far as is known the server still has it: what an idle connection has received is looked at.
  bool is_ready() const;

  // Sends a bind message (masking it in place) and waits for what the server says of it. Ids are filled in here.
  Reply bind(base::Buffer *message);
  Reply execute(int64_t *affected);
  // One message that binds and executes.
  Reply bind_execute(base::Buffer *message, int64_t *affected);
  Reply result(wire::QueryAnswer *out);

  // Tells the server to drop it, without waiting. It may be prepared anew.
  void close();
  // The server is in a state that prepare() has to mend.
  void spoil() { prepared_ = false; }

  // For calls that nobody waits in.
  const base::Ref<Channel> &channel() const { return channel_; }
  uint64_t id() const { return id_; }
  Connection &connection() const { return *connection_; }

 private:
  Reply open();
  Reply take_id(Reply reply, const std::string &text);
  Reply ask(const base::Buffer &request, uint64_t req_id, std::string *text);
  Reply ask_in_place(base::Buffer *message, std::string *text);
  Reply finish_execute(Reply reply, const std::string &text, int64_t *affected);

  base::Ref<Connection> connection_;
  Options options_;
  base::Ref<Channel> channel_;
  std::unique_ptr<TextCall> opening_;  // begin()'s request is under way
  uint64_t id_ = 0;                    // 0: none
  bool prepared_ = false;
};

// What a failed execution means. Something that writes and may have reached the server has an unknown outcome.
base::Status execution_status(const Reply &reply, bool writes);

// The answer that announces the result of a statement, with the widths programs know: it has schema widths.
void use_declared_widths(wire::QueryAnswer *answer);

// Whether the server binds and executes in one message.
bool has_bind_exec(std::string_view version);
// Whether it has the second generation of statements in the form that is used here.
bool has_stmt2(std::string_view version);

}  // namespace opentaos::client
