// The library's own list of codes and the public one agree.
#include <taoserror.h>
#include <taosws.h>

#include "base/codes.h"

using namespace opentaos::base;

static_assert(kErrUnableToConnect == TSDB_CODE_RPC_NETWORK_UNAVAIL);
static_assert(kErrNotSupported == TSDB_CODE_OPS_NOT_SUPPORT);
static_assert(kErrOutOfMemory == TSDB_CODE_OUT_OF_MEMORY);
static_assert(kErrLibraryNotLoaded == TSDB_CODE_DLL_NOT_LOAD);
static_assert(kErrRefInvalid == TSDB_CODE_REF_NOT_EXIST);
static_assert(kErrInvalidPara == TSDB_CODE_INVALID_PARA);
static_assert(kErrInvalidConfig == TSDB_CODE_INVALID_CFG);
static_assert(kErrInvalidOperation == TSDB_CODE_TSC_INVALID_OPERATION);
static_assert(kErrInvalidUserLength == TSDB_CODE_TSC_INVALID_USER_LENGTH);
static_assert(kErrInvalidPassLength == TSDB_CODE_TSC_INVALID_PASS_LENGTH);
static_assert(kErrInvalidDbLength == TSDB_CODE_TSC_INVALID_DB_LENGTH);
static_assert(kErrTableNameLength == TSDB_CODE_TSC_INVALID_TABLE_ID_LENGTH);
static_assert(kErrDisconnected == TSDB_CODE_TSC_DISCONNECTED);
static_assert(kErrSqlTooLong == TSDB_CODE_TSC_EXCEED_SQL_LIMIT);
static_assert(kErrInvalidJson == TSDB_CODE_TSC_INVALID_JSON);
static_assert(kErrInvalidInput == TSDB_CODE_TSC_INVALID_INPUT);
static_assert(kErrStmtApi == TSDB_CODE_TSC_STMT_API_ERROR);
static_assert(kErrQueryKilled == TSDB_CODE_TSC_QUERY_KILLED);
static_assert(kErrAuthFailure == TSDB_CODE_MND_AUTH_FAILURE);
static_assert(kErrDbNotExist == TSDB_CODE_MND_DB_NOT_EXIST);
static_assert(kErrIncompleteSql == TSDB_CODE_PAR_INCOMPLETE_SQL);
static_assert(kErrDbNotSpecified == TSDB_CODE_PAR_DB_NOT_SPECIFIED);
static_assert(kErrSmlInvalidProtocol == TSDB_CODE_SML_INVALID_PROTOCOL_TYPE);
static_assert(kErrSmlInvalidPrecision == TSDB_CODE_SML_INVALID_PRECISION_TYPE);
static_assert(kErrSmlInvalidData == TSDB_CODE_SML_INVALID_DATA);
static_assert(kErrOutcomeUnknown == OPENTAOS_CODE_OUTCOME_UNKNOWN);
static_assert(kErrForked == OPENTAOS_CODE_FORKED);
static_assert(kErrCancelled == OPENTAOS_CODE_CANCELLED);

static_assert(kErrDsn == full_code(TSDB_CODE_WS_DSN_ERROR));
static_assert(kErrWebSocket == full_code(TSDB_CODE_WS_INTERNAL_ERROR));
static_assert(kErrClosed == full_code(TSDB_CODE_WS_CLOSED));
static_assert(kErrSendTimeout == full_code(TSDB_CODE_WS_SEND_TIMEOUT));
static_assert(kErrReadTimeout == full_code(TSDB_CODE_WS_RECV_TIMEOUT));
