#include "base/crypto.h"

#include <openssl/evp.h>

#include "base/late_library.h"

namespace opentaos::base {
namespace {

#define OTS_CRYPTO(F) F(EVP_Digest) F(EVP_EncodeBlock) F(EVP_md5) F(EVP_sha1)

struct Crypto {
  OTS_CRYPTO(OTS_LATE_MEMBER)
};
constinit Crypto g_crypto{OTS_CRYPTO(OTS_LATE_VALUE)};
constexpr const char *kNames[] = {OTS_CRYPTO(OTS_LATE_SYMBOL)};
constinit LateLibrary g_library(OTS_LATE_FILE(OTS_LIBCRYPTO), kNames, &g_crypto);

bool digest(std::string_view text, const EVP_MD *kind, uint8_t *out, size_t size) {
  unsigned n = 0;
  return g_crypto.EVP_Digest(text.data(), text.size(), out, &n, kind, nullptr) == 1 && n == size;
}

}  // namespace

Status load_crypto() { return g_library.load(); }

bool md5(std::string_view text, uint8_t out[kMd5Size]) {
  return load_crypto() && digest(text, g_crypto.EVP_md5(), out, kMd5Size);
}

bool sha1(std::string_view text, uint8_t out[kSha1Size]) {
  return load_crypto() && digest(text, g_crypto.EVP_sha1(), out, kSha1Size);
}

std::string base64(std::span<const uint8_t> bytes) {
  if (!load_crypto()) return {};
  std::string text((bytes.size() + 2) / 3 * 4, '\0');
  // Writes a zero byte behind the text, where std::string has one anyway.
  g_crypto.EVP_EncodeBlock(reinterpret_cast<unsigned char *>(text.data()), bytes.data(),
                           static_cast<int>(bytes.size()));
  return text;
}

}  // namespace opentaos::base
