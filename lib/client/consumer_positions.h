// Where a consumer is in its vgroups, as the program has seen it: behind the last message that was handed out. The
// server has a position of its own, which ends with the session; this one outlives it.
#pragma once
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace opentaos::client {

inline constexpr int64_t kUnknownOffset = -1;

// The offsets that the raw data of a message begins with: where reading it started, and where it goes on.
struct MessageOffsets {
  int64_t begin = kUnknownOffset;
  int64_t next = kUnknownOffset;
};
// Unknown where they are no offsets of the log (snapshot data), or the message has none (table metadata).
MessageOffsets read_message_offsets(uint16_t raw_type, std::span<const uint8_t> data);

struct VgroupPosition {
  std::string topic;
  int32_t vgroup = 0;
  int64_t next = kUnknownOffset;
};

class PositionTable {
 public:
  struct Entry {
    int64_t next = kUnknownOffset;
    bool uncommitted = false;  // handed out since the last commit
    bool resume = false;       // the session is a new one: the server must be told where to go on
    bool set_aside = false;    // a commit of it was refused: it is due again when the vgroup comes back
  };
  using Key = std::pair<std::string, int32_t>;

  // nullptr if nothing is known of the vgroup.
  Entry *find(std::string_view topic, int32_t vgroup);

  void handed_out(std::string_view topic, int32_t vgroup, int64_t next);
  void sought(std::string_view topic, int32_t vgroup, int64_t offset);
  // A starting point that the server told; nothing if there is a position already.
  void found(std::string_view topic, int32_t vgroup, int64_t offset);
  // Committed up to `offset`, if the position is still that one.
  void committed(const VgroupPosition &position);
  void all_committed();
  void forget(std::string_view topic, int32_t vgroup);
  bool any_uncommitted() const;
  // What a commit of everything would commit. `unknown` tells whether that cannot be said of some vgroup.
  std::vector<VgroupPosition> uncommitted(bool *unknown) const;

  // ---- after a lost session
  void resume_all();
  bool any_to_resume() const;
  void resumed(std::string_view topic, int32_t vgroup);
  // A commit was refused since the vgroup is not ours at the moment.
  void set_aside(std::string_view topic, int32_t vgroup);
  // Another member of the group has committed beyond our position.
  void overtaken(std::string_view topic, int32_t vgroup, int64_t committed);
  // What has not come back is somebody else's.
  void give_up_resuming();
  void clear() { entries_.clear(); }

 private:
  struct Less {
    using is_transparent = void;
    static std::pair<std::string_view, int32_t> view(const Key &k) { return {k.first, k.second}; }
    static std::pair<std::string_view, int32_t> view(const std::pair<std::string_view, int32_t> &k) { return k; }
    template <typename A, typename B>
    bool operator()(const A &a, const B &b) const {
      return view(a) < view(b);
    }
  };
  Entry &at(std::string_view topic, int32_t vgroup);

  std::map<Key, Entry, Less> entries_;
};

}  // namespace opentaos::client
