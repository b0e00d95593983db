#include "net/lws_library.h"

namespace opentaos::net {

constinit LwsFunctions g_lws{OTS_LWS_FUNCTIONS(OTS_LATE_VALUE)};

namespace {

constexpr const char *kNames[] = {OTS_LWS_FUNCTIONS(OTS_LATE_SYMBOL)};
constinit base::LateLibrary g_library(OTS_LATE_FILE(OTS_LIBWEBSOCKETS), kNames, &g_lws);

}  // namespace

base::Status load_lws() { return g_library.load(); }

}  // namespace opentaos::net
