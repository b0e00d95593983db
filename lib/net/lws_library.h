// libwebsockets, loaded when the first connection goes through it.
#pragma once
#include <libwebsockets.h>

#include "base/late_library.h"

namespace opentaos::net {

// clang-format off
#define OTS_LWS_FUNCTIONS(F) \
  F(lws_client_connect_via_info) F(lws_context_destroy) F(lws_create_context) F(lws_get_socket_fd) \
  F(lws_service_fd) F(lws_set_log_level) F(lwsl_visible)
// clang-format on

struct LwsFunctions {
  OTS_LWS_FUNCTIONS(OTS_LATE_MEMBER)
};
extern LwsFunctions g_lws;

// Before any of them is called. Failure: 0x8000010B.
base::Status load_lws();

}  // namespace opentaos::net
