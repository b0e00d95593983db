// How a first-generation statement gets to the server. Its calls are carried out here; what reaches the server is the
// outcome of many of them, in one of two ways:
//   - actions of the second generation: one message with everything bound, one to execute it;
//   - those of the first, for servers that have nothing else and for SQL that only they take as the first generation
//     does (values of a statement mixed with question marks).
#pragma once
#include <memory>
#include <span>

#include "client/statement_rows.h"
#include "client/statement_server.h"
#include "client/statement_sql.h"

namespace opentaos::client {

class StatementCarrier {
 public:
  virtual ~StatementCarrier() = default;

  // What is to be bound. `table` is empty unless the statement leaves its name open.
  virtual base::Status describe(const std::string &table, Placeholders *out) = 0;
  // Executes with everything bound. A lost connection is made up for as long as nothing was executed.
  virtual base::Status execute(std::span<const std::unique_ptr<BoundRows>> batches, int64_t *affected) = 0;
  // Of an executed query.
  virtual base::Status result(wire::QueryAnswer *answer, base::Ref<Channel> *channel) = 0;
  // What it holds between two calls, in bytes.
  virtual size_t memory() const = 0;
};

struct CarriedStatement {
  base::Ref<Connection> connection;
  ServerStatement *server;  // what the second generation's actions are sent with
  std::string sql;
  StatementSql scan;
};

std::unique_ptr<StatementCarrier> make_carrier(CarriedStatement statement);
std::unique_ptr<StatementCarrier> make_second_generation_carrier(CarriedStatement statement);
std::unique_ptr<StatementCarrier> make_first_generation_carrier(CarriedStatement statement);

// The parts in which the server takes the tables of a batch.
std::vector<TablePart> parts_of(const BoundRows &rows);

}  // namespace opentaos::client
