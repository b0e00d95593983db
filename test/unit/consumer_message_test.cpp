// MessageResult: messages as results, from recorded ones and from broken ones.
#include <catch2/catch.hpp>
#include <map>

#include "../support/tmq_server.h"
#include "client/message_result.h"
#include "vector_file.h"
#include "wire/frames.h"

using namespace opentaos;
using client::MessageContent;
using client::MessageResult;
using test::TmqEntry;
using test::TmqServer;
using test::VectorFile;
using Message = base::Ref<MessageResult>;

namespace {

Message message_of(const void *data, size_t size, uint16_t raw_type) {
  MessageContent c;
  c.head.topic = "topic";
  c.head.database = "db";
  c.head.vgroup_id = 7;
  c.head.message_type = 1;
  c.raw_type = raw_type;
  c.frame.append(data, size);
  c.data_size = size;
  c.offsets = client::read_message_offsets(raw_type, c.data());
  return Message::adopt(new MessageResult(std::move(c), {}));
}
Message message_of(const std::string &data) { return message_of(data.data(), data.size(), 2); }
Message recorded(const std::string &name) {
  const auto file = VectorFile::load(name);
  wire::TmqRawAnswer answer;
  REQUIRE(wire::decode_tmq_raw_answer(file.bytes(), answer));
  return message_of(answer.data.data(), answer.data.size(), answer.raw_type);
}
int64_t number(void **row, int column) { return base::load_le<int64_t>(row[column]); }
int32_t small(void **row, int column) { return base::load_le<int32_t>(row[column]); }
std::string words(void **row, int column) {
  auto *p = static_cast<const char *>(row[column]);
  return {p, base::load_le<uint16_t>(p - 2)};
}

}  // namespace

TEST_CASE("a recorded message of a query: rows, columns, no table names") {
  auto m = recorded("134_tmq_fetch_raw_data_select");
  CHECK(m->is_update());  // natively so, before the first row
  CHECK(m->fields().empty());
  CHECK(m->affected_rows() == 0);
  CHECK(m->next_offset() == 10);
  void **row = m->fetch_row();
  REQUIRE(row);
  CHECK_FALSE(m->is_update());
  REQUIRE(m->fields().size() == 4);
  CHECK(std::string(m->fields()[2].name) == "n");
  CHECK(m->fields()[2].bytes == 10);  // NCHAR(10)
  CHECK(m->fields()[3].precision == 5);
  CHECK(m->fields()[3].scale == 2);
  CHECK(number(row, 0) == 1700000000000);
  CHECK(small(row, 1) == 1);
  CHECK(words(row, 2) == "涛");
  CHECK(std::string(static_cast<char *>(row[3])) == "1.25");
  CHECK(m->table_name() == nullptr);
  row = m->fetch_row();
  REQUIRE(row);
  CHECK(row[1] == nullptr);
  row = m->fetch_row();
  REQUIRE(row);
  CHECK(words(row, 2) == "auto");
  CHECK(m->fetch_row() == nullptr);
  CHECK(m->fetch_row() == nullptr);
  CHECK(m->status().is_ok());
}

TEST_CASE("the columns and the table follow the block") {
  auto m = recorded("148_tmq_db_msg1_raw2");
  CHECK(m->table_name() == nullptr);  // before the first fetch
  void **row = m->fetch_row();
  REQUIRE(row);
  CHECK(std::string(m->table_name()) == "ct1");
  CHECK(m->fields().size() == 4);
  REQUIRE(m->fetch_row());
  CHECK(std::string(m->table_name()) == "ct1");
  row = m->fetch_row();
  REQUIRE(row);
  CHECK(std::string(m->table_name()) == "nt");
  REQUIRE(m->fields().size() == 2);
  CHECK(m->fields()[1].type == wire::kDouble);
  CHECK(base::load_le<double>(row[1]) == 1.5);
  CHECK(m->fetch_row() == nullptr);
  CHECK(m->table_name() == nullptr);
}

TEST_CASE("blocks of a message, raw and as columns") {
  auto m = recorded("148_tmq_db_msg1_raw2");
  uint32_t rows = 0;
  const void *raw = nullptr;
  REQUIRE(m->fetch_raw_block(&rows, &raw));
  CHECK(rows == 2);
  // In place: the very bytes of the message.
  CHECK(static_cast<const uint8_t *>(raw) > m->raw().data());
  CHECK(static_cast<const uint8_t *>(raw) < m->raw().data() + m->raw().size());
  void **columns = nullptr;
  REQUIRE(m->fetch_block(&rows, &columns));
  CHECK(rows == 1);
  CHECK(base::load_le<double>(columns[1]) == 1.5);
  CHECK(std::string(m->table_name()) == "nt");
  REQUIRE(m->fetch_block(&rows, &columns));
  CHECK(rows == 0);
}

TEST_CASE("a message with tables that were created on the way has its rows too") {
  auto m = recorded("150_tmq_db_msg3_raw4");
  CHECK(m->raw_type() == 4);
  int rows = 0;
  while (m->fetch_row()) rows++;
  CHECK(rows > 0);
  CHECK(m->status().is_ok());
}

TEST_CASE("what is no data has no rows, and is kept for copying") {
  for (const char *name :
       {"145_tmq_db_msg2_raw531", "147_tmq_db_msg2_raw515", "154_tmq_batch_msg2_raw5", "157_tmq_rawdata_msg4_raw6"}) {
    INFO(name);
    auto m = recorded(name);
    CHECK(m->fetch_row() == nullptr);
    CHECK(m->status().is_ok());
    CHECK(m->table_name() == nullptr);
    CHECK_FALSE(m->raw().empty());
  }
}

TEST_CASE("a block without rows is not the end of a message") {
  TmqEntry none{{}, "a", {}, {}}, some{{4, 5}, "b", {}, {}};
  std::string first = TmqServer::data_of({{1}, "a", {}, {}}, 0, true), second = TmqServer::data_of(some, 0, true);
  // head, count, flags; then the blocks of both.
  const size_t start = TmqServer::message_head(0, 1).size() + 6;
  std::string both = first.substr(0, first.size() - 8) + second.substr(start);
  both[start - 6] = 2;
  std::string empty = both;
  // The first block loses its rows: its row count, and the data parts shrink to nothing.
  const std::string b1 = TmqServer::block({1});
  const size_t at = empty.find(b1);
  REQUIRE(at != std::string::npos);
  std::memset(empty.data() + at + 8, 0, 4);
  auto m = message_of(empty);
  void **row = m->fetch_row();
  REQUIRE(row);
  CHECK(small(row, 1) == 4);
  CHECK(std::string(m->table_name()) == "b");
  uint32_t rows = 0;
  const void *raw = nullptr;
  m = message_of(empty);
  REQUIRE(m->fetch_raw_block(&rows, &raw));
  CHECK(rows == 2);
}

TEST_CASE("a message that ends anywhere is an error or shorter, never a crash") {
  for (const char *name : {"134_tmq_fetch_raw_data_select", "148_tmq_db_msg1_raw2", "150_tmq_db_msg3_raw4"}) {
    const auto file = VectorFile::load(name);
    wire::TmqRawAnswer answer;
    REQUIRE(wire::decode_tmq_raw_answer(file.bytes(), answer));
    for (size_t n = 0; n < answer.data.size(); n++) {
      auto m = message_of(answer.data.data(), n, answer.raw_type);
      int rows = 0;
      while (m->fetch_row()) rows++;
      CHECK(rows <= 8);
      if (n < 40 && n > 0) CHECK_FALSE(m->status().is_ok());
    }
  }
}

TEST_CASE("bytes changed at random never lead outside the message") {
  const auto file = VectorFile::load("148_tmq_db_msg1_raw2");
  wire::TmqRawAnswer answer;
  REQUIRE(wire::decode_tmq_raw_answer(file.bytes(), answer));
  test::Random random(5);
  for (int i = 0; i < 3000; i++) {
    std::string data(reinterpret_cast<const char *>(answer.data.data()), answer.data.size());
    for (int k = 0; k < 3; k++) data[random.below(data.size())] = static_cast<char>(random.next());
    auto m = message_of(data);
    for (int rows = 0; rows < 1000 && m->fetch_row(); rows++) (void)m->table_name();
    m = message_of(data);
    uint32_t rows = 1;
    const void *raw = nullptr;
    for (int blocks = 0; blocks < 100 && rows > 0; blocks++)
      if (!m->fetch_raw_block(&rows, &raw)) break;
  }
}

TEST_CASE("a block whose columns are not those of its schema is refused") {
  std::string data = TmqServer::data_of({{1}, "a", {}, {}}, 0, true);
  const size_t at = data.find(std::string("\x04\x01\x08\x04", 4));
  REQUIRE(at != std::string::npos);
  data[at] = 5;  // the schema says BIGINT, the block INT
  auto m = message_of(data);
  CHECK(m->fetch_row() == nullptr);
  CHECK(m->status().code() == base::kErrProtocol);
}

TEST_CASE("without names of columns in the data they come from the server's description") {
  const std::string data = TmqServer::data_of({{3}, "t9", {}, {}}, 0, false);
  MessageContent c;
  c.raw_type = 2;
  c.frame.append(data);
  c.data_size = data.size();
  wire::TmqFetchAnswer described;
  described.table_name = "t9";
  described.fields.resize(2);
  described.fields[0].set_name("ts");
  described.fields[0].type = wire::kTimestamp;
  described.fields[1].set_name("v");
  described.fields[1].type = wire::kInt;
  c.described.push_back(described);
  auto m = Message::adopt(new MessageResult(std::move(c), {}));
  void **row = m->fetch_row();
  REQUIRE(row);
  CHECK(small(row, 1) == 3);
  CHECK(std::string(m->fields()[1].name) == "v");
  CHECK(std::string(m->table_name()) == "t9");
  // With neither there is no way to read it.
  auto without = message_of(data);
  CHECK(without->fetch_row() == nullptr);
  CHECK_FALSE(without->status().is_ok());
}
