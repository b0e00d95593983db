#include "net/openssl_library.h"

namespace opentaos::net {

constinit LibcryptoFunctions g_libcrypto{OTS_LIBCRYPTO_FUNCTIONS(OTS_LATE_VALUE)};
constinit LibsslFunctions g_libssl{OTS_LIBSSL_FUNCTIONS(OTS_LATE_VALUE)};

namespace {

constexpr const char *kCryptoNames[] = {OTS_LIBCRYPTO_FUNCTIONS(OTS_LATE_SYMBOL)};
constexpr const char *kSslNames[] = {OTS_LIBSSL_FUNCTIONS(OTS_LATE_SYMBOL)};
constinit base::LateLibrary g_crypto_library(OTS_LATE_FILE(OTS_LIBCRYPTO), kCryptoNames, &g_libcrypto);
constinit base::LateLibrary g_ssl_library(OTS_LATE_FILE(OTS_LIBSSL), kSslNames, &g_libssl);

}  // namespace

base::Status load_openssl() {
  if (base::Status s = g_crypto_library.load(); !s) return s;
  return g_ssl_library.load();
}

}  // namespace opentaos::net
