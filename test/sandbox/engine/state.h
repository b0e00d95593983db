// What the engine keeps, and how every call goes into it: under one lock, with what is thrown turned into a code.
#pragma once

#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <unordered_map>

#include "engine/context.h"
#include "engine/engine.h"
#include "engine/errors.h"
#include "engine/log.h"
#include "engine/statements.h"
#include "engine/topics.h"

namespace opentaos::sandbox {

// Runs `f` and turns what it throws into a code and a message.
template <typename F>
inline int guarded(std::string *message, F f) {
  try {
    f();
    return 0;
  } catch (const SqlError &e) {
    *message = e.message;
    return e.code;
  } catch (const std::bad_alloc &) {
    *message = "Out of Memory";
    return 0x0102;
  } catch (const std::exception &e) {
    *message = std::string("taos-sandbox: ") + e.what();
    return kErrInternal;
  }
}

struct Engine::State {
  std::mutex lock;
  Sqlite db;
  Catalog catalog{&db};
  ChangeLog log{&db};
  TopicStore topics{&db};
  std::function<std::vector<ConnectionInfo>()> connections;
  std::function<std::vector<ConsumerInfo>()> consumers;
  std::function<void()> log_listener;
  bool log_grew = false;
  std::unordered_map<std::string, std::shared_ptr<const TimeZone>> zones;

  std::shared_ptr<const TimeZone> zone(const std::string &name) {
    auto it = zones.find(name);
    if (it != zones.end()) return it->second;
    auto z = TimeZone::load(name);
    if (!z) z = TimeZone::utc();  // an unknown zone counts as UTC
    if (zones.size() < 1000) zones[name] = z;
    return z;
  }

  Context context(Session *session) {
    Context c;
    c.db = &db;
    c.catalog = &catalog;
    c.session = session;
    c.log = &log;
    c.topics = &topics;
    c.connections = &connections;
    c.consumers = &consumers;
    c.zone = zone(session->tz);
    c.now_ns = now_ticks(2);
    return c;
  }

  // Runs `f` in a transaction; memory follows SQLite when it fails.
  template <typename F>
  void change(F f) {
    try {
      Transaction t(&db);
      f();
      t.commit();
      catalog.clean();
      if (log.commit()) log_grew = true;
    } catch (...) {
      log.rollback();
      topics.reload();
      if (catalog.dirty()) catalog.reload();
      throw;
    }
  }

  // Tells the listener, once the lock is free.
  void tell() {
    std::function<void()> listener;
    {
      std::lock_guard guard(lock);
      if (log_grew) listener = log_listener;
      log_grew = false;
    }
    if (listener) listener();
  }

  // One call that changes something.
  template <typename F>
  int change_guarded(std::string *message, F f) {
    int code = 0;
    {
      std::lock_guard guard(lock);
      code = guarded(message, f);
    }
    tell();
    return code;
  }

  Outcome run(Session *session, std::string_view sql, const std::vector<Parameter> *parameters = nullptr);
  Outcome answer(Session *session, std::string_view sql, const std::vector<Parameter> *parameters);
  void validate(Session *session, std::string_view sql);
};

}  // namespace opentaos::sandbox
