#include "client/consumer_positions.h"

#include <catch2/catch.hpp>

#include "../support/tmq_server.h"

using namespace opentaos::client;
using opentaos::test::TmqServer;

namespace {

MessageOffsets offsets_of(uint16_t type, const std::string &data) {
  return read_message_offsets(type, {reinterpret_cast<const uint8_t *>(data.data()), data.size()});
}

}  // namespace

TEST_CASE("the offsets of a message stand at the head of its data") {
  const std::string head = TmqServer::message_head(5, 9);
  for (uint16_t type : {2, 4}) {
    CHECK(offsets_of(type, head).begin == 5);
    CHECK(offsets_of(type, head).next == 9);
  }
  // Changes of tables have none, whatever their bytes look like.
  CHECK(offsets_of(5, head).next == kUnknownOffset);
  CHECK(offsets_of(531, head).next == kUnknownOffset);
}

TEST_CASE("offsets of old servers and of stored rows") {
  std::string old;
  for (int64_t offset : {3, 4}) {
    old += '\x01';
    TmqServer::put<int64_t>(&old, offset);
  }
  CHECK(offsets_of(2, old).begin == 3);
  CHECK(offsets_of(2, old).next == 4);
  std::string stored;
  for (int64_t offset : {7, 8}) {
    stored += '\x11';
    TmqServer::put<int64_t>(&stored, offset);
  }
  CHECK(offsets_of(6, stored).begin == 7);
  CHECK(offsets_of(6, stored).next == 8);
}

TEST_CASE("offsets that are none of the log, or cut off, are unknown") {
  std::string snapshot = TmqServer::message_head(1, 2);
  snapshot[5] = '\x12';
  CHECK(offsets_of(2, snapshot).begin == kUnknownOffset);
  CHECK(offsets_of(2, snapshot).next == kUnknownOffset);
  std::string negative = TmqServer::message_head(1, -2);
  CHECK(offsets_of(2, negative).next == kUnknownOffset);
  const std::string whole = TmqServer::message_head(1, 2);
  for (size_t n = 0; n < whole.size(); n++) CHECK(offsets_of(2, whole.substr(0, n)).next == kUnknownOffset);
  std::string hostile = whole;
  const int32_t size = -1;
  std::memcpy(hostile.data() + 1, &size, 4);
  CHECK(offsets_of(2, hostile).next == kUnknownOffset);
}

TEST_CASE("a commit of everything covers what was handed out and no more") {
  PositionTable t;
  bool unknown = false;
  CHECK(t.uncommitted(&unknown).empty());
  CHECK_FALSE(t.any_uncommitted());
  t.handed_out("a", 1, 10);
  t.handed_out("a", 2, 20);
  t.found("b", 1, 5);  // told by the server, nothing was read there
  REQUIRE(t.uncommitted(&unknown).size() == 2);
  CHECK_FALSE(unknown);

  t.committed({"a", 1, 10});
  t.committed({"a", 2, 19});  // an older position
  auto left = t.uncommitted(&unknown);
  REQUIRE(left.size() == 1);
  CHECK(left[0].vgroup == 2);
  CHECK(left[0].next == 20);
  t.handed_out("a", 2, kUnknownOffset);  // snapshot data
  CHECK(t.uncommitted(&unknown).empty());
  CHECK(unknown);
  t.all_committed();
  CHECK_FALSE(t.any_uncommitted());
}

TEST_CASE("a position that was told does not replace one that was read") {
  PositionTable t;
  t.handed_out("a", 1, 10);
  t.found("a", 1, 3);
  CHECK(t.find("a", 1)->next == 10);
  t.sought("a", 1, 2);
  CHECK(t.find("a", 1)->next == 2);
  CHECK(t.any_uncommitted());
  CHECK(t.find("a", 2) == nullptr);
  CHECK(t.find("b", 1) == nullptr);
}

TEST_CASE("after a lost session each vgroup is taken up again, or given up") {
  PositionTable t;
  t.handed_out("a", 1, 10);
  t.handed_out("a", 2, kUnknownOffset);
  t.handed_out("a", 3, 30);
  CHECK_FALSE(t.any_to_resume());
  t.resume_all();
  CHECK(t.any_to_resume());
  CHECK_FALSE(t.find("a", 2)->uncommitted);  // what it had will come again
  t.resumed("a", 1);
  CHECK(t.find("a", 1)->uncommitted);
  t.overtaken("a", 3, 33);
  CHECK(t.find("a", 3)->next == 33);
  CHECK_FALSE(t.find("a", 3)->uncommitted);
  CHECK_FALSE(t.any_to_resume());
  t.resume_all();
  t.handed_out("a", 1, 11);  // it came back by itself
  CHECK_FALSE(t.find("a", 1)->resume);
  t.give_up_resuming();
  CHECK(t.find("a", 3) == nullptr);
  CHECK(t.find("a", 1) != nullptr);
}
