// OpenSSL, loaded when the first TLS connection is made. Sources that call it include openssl_calls.h last.
#pragma once
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/late_library.h"

namespace opentaos::net {

// clang-format off
#define OTS_LIBCRYPTO_FUNCTIONS(F) \
  F(BIO_clear_flags) F(BIO_free) F(BIO_get_data) F(BIO_get_new_index) F(BIO_meth_free) F(BIO_meth_new) \
  F(BIO_meth_set_create) F(BIO_meth_set_ctrl) F(BIO_meth_set_read) F(BIO_meth_set_write) F(BIO_new) \
  F(BIO_new_mem_buf) F(BIO_set_data) F(BIO_set_flags) F(BIO_set_init) F(ERR_clear_error) F(ERR_error_string_n) \
  F(ERR_peek_error) F(ERR_peek_last_error) F(ERR_reason_error_string) F(PEM_read_bio_X509_AUX) \
  F(X509_STORE_add_cert) F(X509_STORE_set_flags) F(X509_VERIFY_PARAM_set1_host) \
  F(X509_VERIFY_PARAM_set1_ip_asc) F(X509_VERIFY_PARAM_set_hostflags) F(X509_free) \
  F(X509_verify_cert_error_string)
#define OTS_LIBSSL_FUNCTIONS(F) \
  F(SSL_CTX_ctrl) F(SSL_CTX_free) F(SSL_CTX_get_cert_store) F(SSL_CTX_new) F(SSL_CTX_set_alpn_protos) \
  F(SSL_CTX_set_default_verify_paths) F(SSL_CTX_set_options) F(SSL_CTX_set_verify) F(SSL_ctrl) \
  F(SSL_do_handshake) F(SSL_free) F(SSL_get0_param) F(SSL_get_error) F(SSL_get_verify_mode) \
  F(SSL_get_verify_result) F(SSL_get_version) F(SSL_new) F(SSL_pending) F(SSL_read) F(SSL_set_bio) \
  F(SSL_set_connect_state) F(SSL_shutdown) F(SSL_write) F(TLS_client_method)
// clang-format on

struct LibcryptoFunctions {
  OTS_LIBCRYPTO_FUNCTIONS(OTS_LATE_MEMBER)
};
struct LibsslFunctions {
  OTS_LIBSSL_FUNCTIONS(OTS_LATE_MEMBER)
};
extern LibcryptoFunctions g_libcrypto;
extern LibsslFunctions g_libssl;

// Before anything else of OpenSSL is called. Failure: 0x8000010B.
base::Status load_openssl();

}  // namespace opentaos::net
