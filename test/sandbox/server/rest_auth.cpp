#include <openssl/evp.h>

#include <array>
#include <memory>

#include "rest.h"

namespace opentaos::sandbox::server {
namespace {

constexpr size_t kUserSpace = 24;
constexpr size_t kPasswordSpace = 24;
constexpr size_t kBlock = 8;

std::string base64(std::string_view bytes) {
  std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  int n = EVP_EncodeBlock(reinterpret_cast<uint8_t *>(out.data()), reinterpret_cast<const uint8_t *>(bytes.data()),
                          static_cast<int>(bytes.size()));
  out.resize(static_cast<size_t>(n));
  return out;
}

std::optional<std::string> unbase64(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0) return std::nullopt;
  size_t padding = text.back() != '=' ? 0 : text[text.size() - 2] != '=' ? 1 : 2;
  std::string out(text.size() / 4 * 3, '\0');
  int n = EVP_DecodeBlock(reinterpret_cast<uint8_t *>(out.data()), reinterpret_cast<const uint8_t *>(text.data()),
                          static_cast<int>(text.size()));
  if (n < 0) return std::nullopt;
  out.resize(static_cast<size_t>(n) - padding);
  return out;
}

// DES in ECB mode with the protocol's fixed key. Three times the same key makes triple DES plain DES, and triple DES is
// what OpenSSL still offers.
std::optional<std::string> des(std::string_view bytes, bool encrypt) {
  static constexpr std::array<uint8_t, 24> kKey = {0x40, 0xB6, 0x7A, 0x30, 0x56, 0x73, 0xFD, 0x44,
                                                   0x40, 0xB6, 0x7A, 0x30, 0x56, 0x73, 0xFD, 0x44,
                                                   0x40, 0xB6, 0x7A, 0x30, 0x56, 0x73, 0xFD, 0x44};
  std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  std::string out(bytes.size() + kBlock, '\0');
  int n = 0;
  int last = 0;
  auto *to = reinterpret_cast<uint8_t *>(out.data());
  if (EVP_CipherInit_ex(context.get(), EVP_des_ede3_ecb(), nullptr, kKey.data(), nullptr, encrypt ? 1 : 0) != 1 ||
      EVP_CIPHER_CTX_set_padding(context.get(), 0) != 1 ||
      EVP_CipherUpdate(context.get(), to, &n, reinterpret_cast<const uint8_t *>(bytes.data()),
                       static_cast<int>(bytes.size())) != 1 ||
      EVP_CipherFinal_ex(context.get(), to + n, &last) != 1) {
    return std::nullopt;
  }
  out.resize(static_cast<size_t>(n + last));
  return out;
}

}  // namespace

std::optional<std::string> encode_token(std::string_view user, std::string_view password) {
  if (user.size() > kUserSpace) return std::nullopt;
  std::string plain(user);
  plain.resize(kUserSpace, '\0');
  plain += password;
  size_t size = std::max(password.size(), kPasswordSpace);
  plain.resize(kUserSpace + (size + kBlock - 1) / kBlock * kBlock, '\0');
  std::optional<std::string> cipher = des(plain, true);
  if (!cipher) return std::nullopt;
  return base64(*cipher);
}

bool decode_token(std::string_view token, Credentials *credentials) {
  std::optional<std::string> cipher = unbase64(token);
  if (!cipher || cipher->size() < kUserSpace + kPasswordSpace || cipher->size() % kBlock != 0) return false;
  std::optional<std::string> plain = des(*cipher, false);
  if (!plain) return false;
  credentials->user = plain->substr(0, kUserSpace).c_str();
  credentials->password = plain->substr(kUserSpace).c_str();
  return true;
}

int read_credentials(const HttpRequest &request, Credentials *credentials) {
  const std::string &header = request.header("authorization");
  if (header.empty()) return kNoAuth;
  size_t space = header.find(' ');
  std::string_view scheme = std::string_view(header).substr(0, space);
  std::string_view value = space == std::string::npos ? "" : trim(std::string_view(header).substr(space));
  if (value.empty()) return kBadAuthType;
  if (scheme == "Basic") {
    std::optional<std::string> plain = unbase64(value);
    size_t colon = plain ? plain->find(':') : std::string::npos;
    if (colon == std::string::npos || colon == 0 || colon + 1 == plain->size()) return kBadBasic;
    credentials->user = plain->substr(0, colon);
    credentials->password = plain->substr(colon + 1);
    return 0;
  }
  if (scheme == "Taosd") {
    bool good = decode_token(value, credentials) && !credentials->user.empty() && !credentials->password.empty();
    return good ? 0 : kBadTaosd;
  }
  if (scheme == "Bearer" && request.query.count("token") == 0) return kBearer;
  return kBadAuthType;
}

}  // namespace opentaos::sandbox::server
