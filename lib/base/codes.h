// The error codes this library makes itself or compares with. Codes of the server pass through as they come.
#pragma once
#include <cstdint>

namespace opentaos::base {

constexpr int32_t full_code(uint32_t low) { return static_cast<int32_t>(0x80000000u | low); }

// TDengine's own.
constexpr int32_t kErrUnableToConnect = full_code(0x000B);
constexpr int32_t kErrNotSupported = full_code(0x0100);
constexpr int32_t kErrOutOfMemory = full_code(0x0102);
constexpr int32_t kErrRefInvalid = full_code(0x010A);
constexpr int32_t kErrLibraryNotLoaded = full_code(0x010B);
constexpr int32_t kErrInvalidPara = full_code(0x0118);
constexpr int32_t kErrInvalidConfig = full_code(0x0119);
constexpr int32_t kErrInvalidOperation = full_code(0x0200);
constexpr int32_t kErrInvalidUserLength = full_code(0x0207);
constexpr int32_t kErrInvalidPassLength = full_code(0x0208);
constexpr int32_t kErrInvalidDbLength = full_code(0x0209);
constexpr int32_t kErrTableNameLength = full_code(0x020A);
constexpr int32_t kErrDisconnected = full_code(0x0213);
constexpr int32_t kErrSqlTooLong = full_code(0x0219);
constexpr int32_t kErrInvalidJson = full_code(0x0221);
constexpr int32_t kErrInvalidInput = full_code(0x0229);
constexpr int32_t kErrStmtApi = full_code(0x022A);
constexpr int32_t kErrQueryKilled = full_code(0x022D);
constexpr int32_t kErrAuthFailure = full_code(0x0357);
constexpr int32_t kErrDbNotExist = full_code(0x0388);
constexpr int32_t kErrIncompleteSql = full_code(0x2601);
constexpr int32_t kErrDbNotSpecified = full_code(0x2616);
constexpr int32_t kErrSmlInvalidProtocol = full_code(0x3000);
constexpr int32_t kErrSmlInvalidPrecision = full_code(0x3001);
constexpr int32_t kErrSmlInvalidData = full_code(0x3002);
constexpr int32_t kErrFailed = full_code(0xFFFF);

// The WebSocket libraries'.
constexpr int32_t kErrDsn = full_code(0xE000);
constexpr int32_t kErrWebSocket = full_code(0xE001);
constexpr int32_t kErrClosed = full_code(0xE002);
constexpr int32_t kErrSendTimeout = full_code(0xE003);
constexpr int32_t kErrReadTimeout = full_code(0xE004);
constexpr int32_t kErrUnauthorized = full_code(0xE006);
constexpr int32_t kErrProtocol = full_code(0xE007);
constexpr int32_t kErrTls = full_code(0xE009);

// Ours: a statement that writes was sent and its answer was lost. Whether it took effect is unknown.
constexpr int32_t kErrOutcomeUnknown = full_code(0xE020);
constexpr int32_t kErrForked = full_code(0xE021);  // a handle inherited over fork()
constexpr int32_t kErrCancelled = full_code(0xE022);

}  // namespace opentaos::base
