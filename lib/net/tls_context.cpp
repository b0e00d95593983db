#include "net/tls_context.h"

#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <string_view>
#include <system_error>
#include <vector>

#include "base/codes.h"
#include "net/openssl_calls.h"

namespace opentaos::net {

using base::Status;
using base::StatusOr;

namespace {

constexpr size_t kMaxCaBytes = 16 * 1024 * 1024;  // the system's bundle has 220 KiB
constexpr size_t kKeptContexts = 8;

struct Free {
  void operator()(BIO *p) const { BIO_free(p); }
  void operator()(X509 *p) const { X509_free(p); }
  void operator()(SSL_CTX *p) const { SSL_CTX_free(p); }
  void operator()(FILE *p) const { std::fclose(p); }
};
using BioPtr = std::unique_ptr<BIO, Free>;
using X509Ptr = std::unique_ptr<X509, Free>;
using FilePtr = std::unique_ptr<FILE, Free>;

Status bad_option(std::string text) { return Status(base::kErrTls, "TLS: " + std::move(text)); }

bool is_pem_text(std::string_view ca) { return ca.find("-----BEGIN") != std::string_view::npos; }

// PEM text often comes out of a URL or a configuration line, where its line ends are the two characters \ and n.
std::string with_real_line_ends(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); i++) {
    if (text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == 'n' || text[i + 1] == 'r')) {
      if (text[i + 1] == 'n') out.push_back('\n');
      i++;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

StatusOr<std::string> file_content(const std::string &path) {
  FilePtr file(std::fopen(path.c_str(), "rbe"));
  if (!file) return bad_option("cannot read the CA file '" + path + "': " + std::system_category().message(errno));
  std::string content;
  char part[16384];
  while (size_t n = std::fread(part, 1, sizeof part, file.get())) {
    content.append(part, n);
    if (content.size() > kMaxCaBytes) return bad_option("the CA file '" + path + "' is too large");
  }
  if (std::ferror(file.get()))
    return bad_option("cannot read the CA file '" + path + "': " + std::system_category().message(errno));
  return content;
}

// OpenSSL would otherwise ask on the terminal for the password of an encrypted PEM block.
int no_password(char *, int, int, void *) { return -1; }

Status add_authorities(SSL_CTX *context, const std::string &ca) {
  std::string where, pem;
  if (is_pem_text(ca)) {
    where = "the CA given as text";
    pem = with_real_line_ends(ca);
  } else {
    where = "the CA file '" + ca + "'";
    auto content = file_content(ca);
    if (!content) return content.status();
    pem = std::move(*content);
  }
  BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  if (!bio) return Status(base::kErrOutOfMemory, "Out of Memory");
  X509_STORE *store = SSL_CTX_get_cert_store(context);
  int count = 0;
  for (;;) {
    ERR_clear_error();
    X509Ptr certificate(PEM_read_bio_X509_AUX(bio.get(), nullptr, &no_password, nullptr));
    if (!certificate) break;
    if (X509_STORE_add_cert(store, certificate.get()) != 1)
      return bad_option("a certificate in " + where + " cannot be used: " + openssl_reason());
    count++;
  }
  // The end of the text shows as "no start line"; anything else is damage.
  unsigned long last = ERR_peek_last_error();
  bool at_end = ERR_GET_LIB(last) == ERR_LIB_PEM && ERR_GET_REASON(last) == PEM_R_NO_START_LINE;
  if (!at_end)
    return bad_option("certificate " + std::to_string(count + 1) + " in " + where +
                      " cannot be decoded: " + openssl_reason());
  ERR_clear_error();
  if (count == 0) return bad_option("no PEM certificate in " + where);
  // Whoever names a certificate means to trust it, also if it is an intermediate one or the server's own.
  X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
  return Status::ok();
}

struct Versions {
  int lowest = TLS1_2_VERSION;
  int highest = TLS1_3_VERSION;
};

StatusOr<Versions> parse_versions(std::string_view list) {
  bool v12 = false, v13 = false;
  while (!list.empty()) {
    size_t end = list.find_first_of(", ;");
    std::string_view one = list.substr(0, end);
    list.remove_prefix(end == std::string_view::npos ? list.size() : end + 1);
    if (one.empty()) continue;
    std::string lower(one);
    for (char &c : lower)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (lower == "tlsv1.2") {
      v12 = true;
    } else if (lower == "tlsv1.3") {
      v13 = true;
    } else {
      return bad_option("version '" + std::string(one.substr(0, 64)) + "' is not one of TLSv1.2, TLSv1.3");
    }
  }
  Versions v;
  if (v12 && !v13) v.highest = TLS1_2_VERSION;
  if (v13 && !v12) v.lowest = TLS1_3_VERSION;
  return v;
}

StatusOr<TlsContext> make_context(const TlsOptions &options) {
  auto versions = parse_versions(options.versions);
  if (!versions) return versions.status();

  ERR_clear_error();
  TlsContext context(SSL_CTX_new(TLS_client_method()), Free());
  if (!context) return bad_option("OpenSSL cannot make a context: " + openssl_reason());
  SSL_CTX *c = context.get();
  if (SSL_CTX_set_min_proto_version(c, versions->lowest) != 1 ||
      SSL_CTX_set_max_proto_version(c, versions->highest) != 1)
    return bad_option("OpenSSL refuses the TLS versions: " + openssl_reason());
  SSL_CTX_set_options(c, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_mode(c, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
  static const unsigned char kAlpn[] = "\x08http/1.1";
  SSL_CTX_set_alpn_protos(c, kAlpn, sizeof kAlpn - 1);

  if (options.mode == TlsOptions::Mode::kNoVerify) {
    SSL_CTX_set_verify(c, SSL_VERIFY_NONE, nullptr);
    return context;
  }
  SSL_CTX_set_verify(c, SSL_VERIFY_PEER, nullptr);
  if (!options.ca.empty()) {
    Status s = add_authorities(c, options.ca);
    if (!s) return s;
  } else if (SSL_CTX_set_default_verify_paths(c) != 1) {
    return bad_option("cannot load the system's certification authorities: " + openssl_reason());
  }
  ERR_clear_error();
  return context;
}

void append(std::string &key, std::string_view part) {
  key += std::to_string(part.size());
  key += ':';
  key += part;
}

std::string key_of(const TlsOptions &options) {
  std::string key;
  append(key, options.versions);
  if (options.mode == TlsOptions::Mode::kNoVerify) return key + "unverified";
  append(key, options.ca);
  struct stat st;
  if (!options.ca.empty() && !is_pem_text(options.ca) && ::stat(options.ca.c_str(), &st) == 0) {
    for (long long n :
         {static_cast<long long>(st.st_dev), static_cast<long long>(st.st_ino), static_cast<long long>(st.st_size),
          static_cast<long long>(st.st_mtim.tv_sec), static_cast<long long>(st.st_mtim.tv_nsec)}) {
      append(key, std::to_string(n));
    }
  }
  return key;
}

struct Cache {
  pid_t pid = 0;
  Cache *inherited = nullptr;  // the parent's, untouched: one of its locks may have been held while it forked
  std::mutex mutex;
  std::vector<std::pair<std::string, TlsContext>> kept;  // the last used first
};

// Never freed: OpenSSL tears itself down at exit in an order that nobody controls.
std::atomic<Cache *> g_cache{nullptr};

Cache &cache_of_this_process() {
  pid_t pid = ::getpid();
  Cache *now = g_cache.load(std::memory_order_acquire);
  while (!now || now->pid != pid) {
    auto fresh = std::make_unique<Cache>();
    fresh->pid = pid;
    fresh->inherited = now;
    if (g_cache.compare_exchange_strong(now, fresh.get(), std::memory_order_acq_rel)) return *fresh.release();
  }
  return *now;
}

}  // namespace

StatusOr<TlsContext> tls_context(const TlsOptions &options) {
  if (options.ca.size() > kMaxCaBytes) return bad_option("the CA given as text is too large");
  if (options.ca.find('\0') != std::string::npos) return bad_option("the CA contains a zero byte");
  if (Status s = load_openssl(); !s) return s;
  std::string key = key_of(options);
  Cache &cache = cache_of_this_process();
  std::lock_guard<std::mutex> lock(cache.mutex);
  auto &kept = cache.kept;
  for (size_t i = 0; i < kept.size(); i++) {
    if (kept[i].first != key) continue;
    for (; i > 0; i--) std::swap(kept[i], kept[i - 1]);
    return kept.front().second;
  }
  auto made = make_context(options);
  if (!made) {
    ERR_clear_error();
    return made;
  }
  if (kept.size() >= kKeptContexts) kept.pop_back();
  kept.emplace(kept.begin(), std::move(key), *made);
  return made;
}

std::string openssl_reason() {
  unsigned long e = ERR_peek_error();
  if (e == 0) return "no reason given";
  if (const char *reason = ERR_reason_error_string(e)) return reason;
  char text[160];
  ERR_error_string_n(e, text, sizeof text);
  return text;
}

}  // namespace opentaos::net
