/* Both headers in one program; ORDER_WS_FIRST turns them round. The structures they share have one layout. */
#ifdef ORDER_WS_FIRST
#include <taos.h> /* NOLINT: the order is what is tested */
#include <taosws.h>
#else
#include <taos.h>
#include <taosws.h>
#endif
#include <taos.h>
#include <taoserror.h>
#include <taosws.h>

#include "layout.h"
#include "layout_types.h"

#define LAYOUT_SAME(a, b, member) LAYOUT_CHECK(offsetof(a, member) == offsetof(b, member) && sizeof(a) == sizeof(b))
LAYOUT_SAME(TAOS_FIELD, WS_FIELD, bytes);
LAYOUT_SAME(TAOS_MULTI_BIND, WS_MULTI_BIND, num);
LAYOUT_SAME(TAOS_FIELD_E, StmtField, bytes);
LAYOUT_SAME(tmq_topic_assignment, ws_tmq_topic_assignment, end);

/* Codes are negative ints and usable in case labels. */
LAYOUT_VALUE(TSDB_CODE_SUCCESS, 0);
LAYOUT_VALUE(TSDB_CODE_FAILED, -1);
LAYOUT_VALUE(TSDB_CODE_RPC_NETWORK_UNAVAIL, -2147483637);
LAYOUT_VALUE(TSDB_CODE_OPS_NOT_SUPPORT, -2147483392);
LAYOUT_VALUE(TSDB_CODE_INVALID_PARA, -2147483368);
LAYOUT_VALUE(TSDB_CODE_TSC_DISCONNECTED, -2147483117);
LAYOUT_VALUE(TSDB_CODE_MND_AUTH_FAILURE, -2147482793);
LAYOUT_VALUE(TSDB_CODE_PAR_TABLE_NOT_EXIST, -2147473917);
LAYOUT_VALUE(TSDB_CODE_TMQ_RAW_DATA_SPLIT, -2147467239);
LAYOUT_VALUE(TAOS_DEF_ERROR_CODE(1, 2), -2147418110);

int layout_name_code(int code);
int layout_name_code(int code) {
  switch (code) {
    case TSDB_CODE_MND_AUTH_FAILURE: return 1;
    case TSDB_CODE_TSC_DISCONNECTED: return 2;
    case TSDB_CODE_FAILED: return 3;
    default: return TAOS_FAILED(code) ? 4 : 0;
  }
}
