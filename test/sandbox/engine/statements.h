// Running what is not a query or an INSERT. Mutating calls expect an open transaction.
#pragma once

#include "engine/ast.h"
#include "engine/context.h"
#include "engine/log.h"

namespace opentaos::sandbox {

// ddl.cpp
void run_use(const UseStatement &s, const Context &c);
void run_create_database(const CreateDatabase &s, const Context &c);
void run_alter_database(const AlterDatabase &s, const Context &c);
void run_drop_database(const DropDatabase &s, const Context &c);
void run_create_table(const CreateTable &s, const Context &c);
void run_create_subtables(const CreateSubtables &s, std::string_view sql, const Context &c);
void run_drop_table(const DropTable &s, const Context &c);
void run_alter_table(const AlterTable &s, std::string_view sql, const Context &c);
int64_t run_delete(const DeleteStatement &s, const Context &c);

// What ddl.cpp notes for those who follow the log.
void log_change(LogRecord record, const TableInfo &table, const Context &c);

// replay.cpp: does to a table of `d` what was done to one of another database. What is so already is left alone.
void replay_record(const LogRecord &record, DatabaseInfo *d, const Context &c);

// show.cpp
Table run_describe(const Describe &s, const Context &c);
Table run_show(const Show &s, const Context &c);

// users.cpp
void run_create_user(const CreateUser &s, const Context &c);
void run_alter_user(const AlterUser &s, const Context &c);
void run_drop_user(const DropUser &s, const Context &c);
void create_root(Catalog *catalog);
// 0, or the code and the message of the refusal.
int check_password(const UserInfo *user, const std::string &pass, std::string *message);

}  // namespace opentaos::sandbox
