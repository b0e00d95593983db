// How the engine says no: one exception type, thrown anywhere below Engine and turned into an Outcome at its edge.
// Codes and texts are those of a TDengine 3.3 server, except for what the sandbox does not support.
#pragma once

#include <string>
#include <string_view>

namespace opentaos::sandbox {

struct SqlError {
  int code;
  std::string message;
};

enum ErrorCode : int {
  kErrInvalidParameter = 0x0118,
  kErrDecimalOverflow = 0x013d,
  kErrInvalidOperation = 0x0200,
  kErrStatementUsage = 0x022a,
  kErrStatementTable = 0x022b,
  kErrBindNumber = 0x0236,
  kErrInsertSyntax = 0x0216,
  kErrSqlTooLong = 0x0219,
  kErrInvalidQueryId = 0x030c,
  kErrOutOfDnodes = 0x0334,
  kErrUserExists = 0x0350,
  kErrInvalidUser = 0x0351,
  kErrAuthentication = 0x0357,
  kErrStableExists = 0x0360,
  kErrStableNotExist = 0x0362,
  kErrFunctionNotExist = 0x0374,
  kErrDatabaseExists = 0x0381,
  kErrDatabaseNotExist = 0x0388,
  kErrTopicExists = 0x03e0,
  kErrTopicNotExist = 0x03e1,
  kErrTooManyTopics = 0x03e2,
  kErrInvalidTopicQuery = 0x03e4,
  kErrInvalidTopicOption = 0x03e5,
  kErrSubscribeNotExist = 0x03e8,
  kErrTopicSubscribed = 0x03eb,
  kErrGroupUsed = 0x03ec,
  kErrTopicMustBeDropped = 0x03ed,
  kErrTableExists = 0x0603,
  kErrTimestampRange = 0x060b,
  kErrSyntax = 0x2600,
  kErrIncomplete = 0x2601,
  kErrInvalidColumn = 0x2602,
  kErrTableNotExist = 0x2603,
  kErrWrongValueType = 0x2605,
  kErrAmbiguousColumn = 0x2604,
  kErrAggregateMisuse = 0x2608,
  kErrNotSingleGroup = 0x260c,
  kErrTagsNotMatched = 0x260d,
  kErrInvalidTagName = 0x260e,
  kErrPasswordLength = 0x2611,
  kErrDatabaseNotSpecified = 0x2616,
  kErrInvalidIdentifier = 0x2617,
  kErrInvalidOption = 0x2619,
  kErrDuplicatedColumn = 0x263c,
  kErrRowTooLong = 0x263e,
  kErrColumnCount = 0x263f,
  kErrFirstColumn = 0x2641,
  kErrVariableLength = 0x2642,
  kErrNotAllowedFunction = 0x264f,
  kErrPermissionDenied = 0x2644,
  kErrInvalidAlterTable = 0x2649,
  kErrDropColumn = 0x2651,
  kErrModifyColumn = 0x2650,
  kErrValueTooLong = 0x2653,
  kErrDeleteWhere = 0x2656,
  kErrInvalidExpression = 0x2667,
  kErrInvalidVarbinary = 0x266a,
  kErrPrimaryKeyNull = 0x267b,
  kErrParameterCount = 0x2801,
  kErrParameterType = 0x2802,
  kErrParameterValue = 0x2803,
  kErrCastType = 0x3250,
  kErrBlobAsTag = 0x6301,
  kErrOneBlobOnly = 0x6306,
  kErrInternal = 0xffff,
};

[[noreturn]] inline void fail(int code, std::string message) { throw SqlError{code, std::move(message)}; }

// Everything outside the supported subset. `what` completes "taos-sandbox does not support ...".
[[noreturn]] inline void unsupported(std::string_view what) {
  throw SqlError{kErrSyntax, "taos-sandbox does not support " + std::string(what)};
}

}  // namespace opentaos::sandbox
