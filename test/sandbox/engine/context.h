// What every statement needs while it runs.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/catalog.h"
#include "engine/engine.h"
#include "engine/errors.h"
#include "engine/sqlite.h"
#include "engine/time_text.h"

namespace opentaos::sandbox {

class ChangeLog;
class TopicStore;

// Rows that a query reads instead of those of its table: what has just been written to a table of it.
struct LoggedRows {
  const TableInfo *owner;
  const std::vector<Column> *columns;  // of the rows, as they were then
  const std::vector<Row> *rows;
};

struct Context {
  Sqlite *db = nullptr;
  Catalog *catalog = nullptr;
  Session *session = nullptr;
  ChangeLog *log = nullptr;
  TopicStore *topics = nullptr;
  const std::function<std::vector<ConnectionInfo>()> *connections = nullptr;
  const std::function<std::vector<ConsumerInfo>()> *consumers = nullptr;
  const LoggedRows *logged = nullptr;
  bool replaying = false;  // what is written comes from another database's log
  std::shared_ptr<const TimeZone> zone;
  int64_t now_ns = 0;  // one moment for the whole statement

  std::vector<ConsumerInfo> consumer_list() const {
    return consumers && *consumers ? (*consumers)() : std::vector<ConsumerInfo>{};
  }
  int64_t now(int precision) const { return convert_precision(now_ns, 2, precision); }

  // The database a name means; kErrDatabaseNotSpecified without one.
  std::string database_of(const std::string &db) const {
    if (!db.empty()) return db;
    if (session->db.empty()) fail(kErrDatabaseNotSpecified, "Database not specified");
    return session->db;
  }
  // kErrDatabaseNotExist, kErrTableNotExist.
  TableInfo &table(const ObjectName &name) const {
    std::string db = database_of(name.db);
    catalog->database(db);
    TableInfo *t = catalog->find_table(db, name.name);
    if (!t) fail(kErrTableNotExist, "Table does not exist");
    return *t;
  }
};

}  // namespace opentaos::sandbox
