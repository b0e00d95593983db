#include "client/consumer_config.h"

#include <catch2/catch.hpp>

#include "client/consumer.h"
#include "taos.h"
#include "taosws.h"

using namespace opentaos;
using client::ConsumerConfig;
using client::TopicList;

TEST_CASE("a configuration remembers what was set, under any spelling of the key") {
  ConsumerConfig c{base::Settings()};
  CHECK(c.set("Group.Id", "g") == 0);
  CHECK(c.was_set("group.id"));
  CHECK_FALSE(c.was_set("client.id"));
  CHECK_FALSE(c.was_set("no.such.key"));
  std::string why;
  CHECK(c.set("no.such.key", "1", &why) == -2);
  CHECK(why.find("no.such.key") != std::string::npos);
  CHECK(c.set("session.timeout.ms", "5999", &why) == -1);
  CHECK(c.settings().consumer.session_timeout_ms == 12000);
  CHECK(c.settings().consumer.group_id == "g");
}

TEST_CASE("the array of a list follows the list") {
  TopicList list;
  list.append("one");
  CHECK(std::string(list.array()[0]) == "one");
  for (int i = 0; i < 100; i++) list.append(std::to_string(i));
  REQUIRE(list.names().size() == 101);
  CHECK(std::string(list.array()[0]) == "one");
  CHECK(std::string(list.array()[100]) == "99");
}

TEST_CASE("tmq_conf_set and lists refuse what native refuses") {
  tmq_conf_t *conf = tmq_conf_new();
  REQUIRE(conf);
  CHECK(tmq_conf_set(conf, "group.id", "g") == TMQ_CONF_OK);
  CHECK(tmq_conf_set(conf, "enable.auto.commit", "1") == TMQ_CONF_INVALID);
  CHECK(tmq_conf_set(conf, "unheard.of", "1") == TMQ_CONF_UNKNOWN);
  CHECK(tmq_conf_set(conf, nullptr, "1") == TMQ_CONF_INVALID);
  CHECK(tmq_conf_set(conf, "group.id", nullptr) == TMQ_CONF_INVALID);
  CHECK(tmq_conf_set(nullptr, "group.id", "g") == TMQ_CONF_INVALID);

  tmq_list_t *list = tmq_list_new();
  CHECK(tmq_list_append(list, "a") == 0);
  CHECK(tmq_list_append(list, "") == base::kErrInvalidPara);
  CHECK(tmq_list_append(nullptr, "a") == base::kErrInvalidPara);
  CHECK(tmq_list_get_size(list) == 1);
  // Handles of another kind.
  CHECK(tmq_list_get_size(reinterpret_cast<tmq_list_t *>(conf)) == base::kErrInvalidPara);
  CHECK(tmq_conf_set(reinterpret_cast<tmq_conf_t *>(list), "group.id", "g") == TMQ_CONF_INVALID);
  tmq_list_destroy(list);
  tmq_list_destroy(list);  // twice
  CHECK(tmq_list_get_size(list) == base::kErrInvalidPara);
  tmq_conf_destroy(conf);
  tmq_conf_destroy(conf);
  CHECK(tmq_conf_set(conf, "group.id", "g") == TMQ_CONF_INVALID);
}

TEST_CASE("the ws_ lists take one topic, their copies are the program's") {
  ws_tmq_list_t *list = ws_tmq_list_new();
  CHECK(ws_tmq_list_append(list, "one") == 0);
  CHECK(ws_tmq_list_append(list, "two") == base::full_code(0xE101));
  uint32_t n = 0;
  char **copies = ws_tmq_list_to_c_array(list, &n);
  CHECK(ws_tmq_list_destroy(list) == 0);
  CHECK(ws_tmq_list_destroy(list) == base::kErrFailed);
  REQUIRE(n == 1);
  CHECK(std::string(copies[0]) == "one");
  CHECK(ws_tmq_list_free_c_array(copies, n) == 0);
  CHECK(ws_tmq_conf_set(nullptr, "group.id", "g") == WS_TMQ_CONF_INVALID);
}

TEST_CASE("versions are compared by number") {
  CHECK(client::version_at_least("3.3.7.5.alpha", 3, 3, 3));
  CHECK(client::version_at_least("3.3.3.0", 3, 3, 3));
  CHECK_FALSE(client::version_at_least("3.3.2.9", 3, 3, 3));
  CHECK_FALSE(client::version_at_least("3.2.10.0", 3, 3, 3));
  CHECK(client::version_at_least("3.10.0", 3, 3, 3));
  CHECK(client::version_at_least("", 3, 3, 3));
  CHECK(client::version_at_least("unreadable", 3, 3, 3));
}
