// Codes of native libtaos that only statements use.
#pragma once
#include "base/codes.h"
#include "base/status.h"

namespace opentaos::client {

constexpr int32_t kErrAppError = base::full_code(0x0110);
constexpr int32_t kErrInvalidPointer = base::full_code(0x0117);
constexpr int32_t kErrSqlSyntax = base::full_code(0x0216);
constexpr int32_t kErrStmtTableName = base::full_code(0x022B);
constexpr int32_t kErrBindNumber = base::full_code(0x0236);
constexpr int32_t kErrSyntax = base::full_code(0x2600);
constexpr int32_t kErrTableNotExist = base::full_code(0x2603);
constexpr int32_t kErrBlobNotSupported = base::full_code(0x6301);

inline base::Status stmt_api_error() { return {base::kErrStmtApi, "Stmt API usage error"}; }
inline base::Status table_not_exist(int32_t code) { return {code, "Table does not exist"}; }
inline base::Status bind_number_error() { return {kErrBindNumber, "bind number out of range or not match"}; }
inline base::Status invalid_parameters() { return {base::kErrInvalidPara, "Invalid parameters"}; }

}  // namespace opentaos::client
