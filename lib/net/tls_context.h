// What all TLS connections with the same options share: versions, certification authorities, modes of operation.
#pragma once
#include <openssl/ssl.h>

#include <memory>

#include "base/status.h"
#include "net/transport.h"

namespace opentaos::net {

using TlsContext = std::shared_ptr<SSL_CTX>;

// The context for these options. Reading the system's certification authorities takes 30 ms and most of a megabyte,
// so the last few contexts are kept for the whole process; a CA file is read again when it has changed on disk.
// Whether a certificate's name is checked is a matter of the session (tls_session.h), not of the context.
// Failure: 0x8000E009 with a text that says which option is wrong; 0x8000010B if OpenSSL cannot be loaded.
base::StatusOr<TlsContext> tls_context(const TlsOptions &options);

// The reason that OpenSSL gives for the failure of this thread's last call.
std::string openssl_reason();

}  // namespace opentaos::net
