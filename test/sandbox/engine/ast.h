// What the parser makes of a statement.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/time_text.h"
#include "engine/value.h"

namespace opentaos::sandbox {

struct Expr;
struct Query;
struct ScalarFunction;
using ExprPtr = std::shared_ptr<Expr>;
using QueryPtr = std::shared_ptr<Query>;

enum class ExprKind {
  kLiteral,
  kDuration,
  kColumn,   // table.name; also pseudo columns: tbname, _wstart
  kStar,     // * or table.*
  kCall,     // name(args)
  kCast,     // args[0] to `type`
  kNegate,   // -args[0]
  kBinary,   // arithmetic and bits: name is the operator
  kCompare,  // = <> < <= > >= like match contains: name is the operator
  kLogic,    // and, or
  kNot,
  kIn,       // args[0] in (args[1..])
  kBetween,  // args[0] between args[1] and args[2]
  kIsNull,
  kCase,       // [operand,] when, then, when, then..., else; see has_operand, has_else
  kJsonMember  // args[0] -> args[1]
};

// Where a bound expression finds its value.
enum class Origin { kCompute, kRow, kAggregate, kWindow };

struct Expr {
  ExprKind kind = ExprKind::kLiteral;
  std::string text;   // as written: the default column name
  size_t at = 0;      // where it stands in the statement
  int height = 1;     // of the tree below
  std::string name;   // column, function or operator
  std::string table;  // qualifier of a column
  std::vector<ExprPtr> args;
  Value value;
  Duration duration;
  bool negated = false;  // not in, not like, is not null
  bool has_operand = false, has_else = false;

  // Filled by the binder.
  Field type;
  Origin origin = Origin::kCompute;
  int slot = -1;
  const ScalarFunction *function = nullptr;
};

struct SelectItem {
  ExprPtr expr;
  std::string alias;
};

struct TableRef {
  enum Kind { kTable, kQuery, kJoin } kind = kTable;
  std::string db, name, alias;
  QueryPtr query;
  std::shared_ptr<TableRef> left, right;
  std::string join_kind = "inner";
  ExprPtr on;
};
using TableRefPtr = std::shared_ptr<TableRef>;

struct WindowSpec {
  enum Kind { kNone, kInterval, kSession, kState, kCount, kEvent } kind = kNone;
  Duration length;  // interval, or the gap of a session
  std::optional<Duration> offset, sliding;
  std::string fill;  // "", none, null, null_f, value, value_f, prev, next, linear
  std::vector<ExprPtr> fill_values;
  ExprPtr expr, start, end;  // state; event; the column of a session
  int64_t rows = 0, rows_sliding = 0;
};

struct OrderItem {
  ExprPtr expr;
  bool descending = false;
  std::optional<bool> nulls_first;
};

struct SelectCore {
  bool distinct = false;
  bool tags = false;  // SELECT TAGS: one row per subtable
  std::vector<SelectItem> items;
  TableRefPtr from;
  ExprPtr where;
  std::vector<SelectItem> partition_by;
  WindowSpec window;
  std::vector<ExprPtr> group_by;
  ExprPtr having;
};

struct Limit {
  int64_t count = -1;  // -1: no limit
  int64_t offset = 0;
};

struct Query {
  struct Part {
    SelectCore core;
    bool all = true;  // how it is joined to the parts before: UNION ALL or UNION
  };
  std::vector<Part> parts;
  std::vector<OrderItem> order_by;
  Limit limit, slimit;
};

struct ObjectName {
  std::string db, name;
};

using Options = std::vector<std::pair<std::string, std::string>>;

struct ColumnDef {
  Field field;
  bool primary_key = false;
  std::string encode, compress, level;
};

struct SelectStatement {
  QueryPtr query;
  bool explain = false;
};
struct InsertStatement {};  // parsed while it runs: see insert.h
struct UseStatement {
  std::string db;
};
struct CreateDatabase {
  std::string name;
  bool if_not_exists = false;
  Options options;
};
struct AlterDatabase {
  std::string name;
  Options options;
};
struct DropDatabase {
  std::string name;
  bool if_exists = false;
};
struct CreateTable {
  ObjectName name;
  bool if_not_exists = false;
  bool stable_keyword = false;
  std::vector<ColumnDef> columns, tags;
  Options options;
};
struct CreateSubtables {
  struct Item {
    ObjectName name, super;
    bool if_not_exists = false;
    std::vector<std::string> tag_names;
    size_t tags_at = 0;  // where "(" of TAGS stands in the statement
    Options options;
  };
  std::vector<Item> items;
};
struct DropTable {
  struct Item {
    ObjectName name;
    bool if_exists = false;
  };
  std::vector<Item> items;
  bool stable_keyword = false;
};
struct AlterTable {
  enum Action {
    kAddColumn,
    kDropColumn,
    kModifyColumn,
    kRenameColumn,
    kAddTag,
    kDropTag,
    kModifyTag,
    kRenameTag,
    kSetTag,
    kOptions
  } action = kOptions;
  ObjectName name;
  bool stable_keyword = false;
  ColumnDef column;
  std::string new_name;
  std::vector<std::pair<std::string, size_t>> set_tags;  // name, where its value stands
  Options options;
};
struct Describe {
  ObjectName name;
};
struct Show {
  std::string what;  // databases, tables, stables, create table, ...
  ObjectName name;
  std::string modifier;  // user, system; normal, child; full
  std::optional<std::string> like;
  std::vector<SelectItem> tags;  // show table tags a, b from
  bool all_tags = false;
};
struct DeleteStatement {
  ObjectName name;
  ExprPtr where;
};
struct FlushDatabase {
  std::string name;
};
struct CreateUser {
  std::string name, pass;
  bool if_not_exists = false;
  int sysinfo = 1, createdb = 0;
};
struct AlterUser {
  std::string name;
  std::optional<std::string> pass;
  std::optional<int> enable, sysinfo, createdb;
};
struct DropUser {
  std::string name;
  bool if_exists = false;
};
struct KillStatement {
  std::string what, id;
};
// Refused, but only after its table has been found.
struct UnsupportedOn {
  std::string what;
  ObjectName table;
};
struct CreateTopic {
  enum Kind { kQuery, kStable, kDatabase } kind = kQuery;
  std::string name;
  bool if_not_exists = false;
  bool meta = false;
  ObjectName source;   // a super table; a database has only `db`
  QueryPtr query;      // kQuery
  std::string select;  // its text
};
struct DropTopic {
  std::string name;
  bool if_exists = false;
};
struct DropGroup {
  std::string name, topic;
  bool if_exists = false;
};

using Statement =
    std::variant<SelectStatement, InsertStatement, UseStatement, CreateDatabase, AlterDatabase, DropDatabase,
                 CreateTable, CreateSubtables, DropTable, AlterTable, Describe, Show, DeleteStatement, FlushDatabase,
                 CreateUser, AlterUser, DropUser, KillStatement, CreateTopic, DropTopic, DropGroup, UnsupportedOn>;

}  // namespace opentaos::sandbox
