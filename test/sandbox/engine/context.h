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

struct Context {
  Sqlite *db = nullptr;
  Catalog *catalog = nullptr;
  Session *session = nullptr;
  const std::function<std::vector<ConnectionInfo>()> *connections = nullptr;
  std::shared_ptr<const TimeZone> zone;
  int64_t now_ns = 0;  // one moment for the whole statement

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
