// Passwords for taos_connect_auth(): the program has the MD5 of a password, the adapter wants the password. The MD5
// never travels; it only chooses among the passwords that are known here.
#pragma once
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/options.h"
#include "base/status.h"

namespace opentaos::base {

inline constexpr size_t kMaxPassFile = size_t{1} << 20;

// The passwords that this process has logged in with, the latest few. They are wiped when they leave.
class PasswordStore {
 public:
  static constexpr size_t kMost = 64;

  PasswordStore() = default;
  PasswordStore(const PasswordStore &) = delete;
  PasswordStore &operator=(const PasswordStore &) = delete;
  ~PasswordStore() { forget_all(); }

  static PasswordStore &instance();

  void remember(std::string_view password);  // after a login that worked
  void forget_all();                         // taos_cleanup()
  std::optional<std::string> find_md5(std::string_view md5_hex);
  size_t size();

  void lock_for_fork() { mutex_.lock(); }
  void unlock_after_fork() { mutex_.unlock(); }

 private:
  std::mutex mutex_;
  std::vector<std::string> passwords_;  // the latest last
};

// What the caller wants to log in to. Ports are compared by the adapter they lead to: 6030 in the file fits 6041 here.
struct Login {
  std::string_view host;
  uint16_t port = 0;
  std::string_view db;
  std::string_view user;
};

// The password whose MD5 is `md5_hex`: one used earlier in this process, the configured one (authPassword), the default
// password if the user is root, or one from the credentials file. Nothing if there is none: `why` then gets code
// 0x80000357 and says how to make the password known, or why the file was refused.
std::optional<std::string> password_for_md5(const Login &login, std::string_view md5_hex,
                                            const ProcessSettings &settings, PasswordStore &store, Status *why);

// Lower case, 32 characters. Empty if this machine's OpenSSL has no MD5.
std::string md5_hex_of(std::string_view text);

// The credentials file in use: passFile, or .taospass in the home directory; empty if there is no home.
std::string pass_file_path(const ProcessSettings &settings);

// The passwords of all lines that match, in their order. Fails if the file is refused: not regular, of another owner,
// readable by others, too large.
StatusOr<std::vector<std::string>> passwords_from_file(const std::string &path, const Login &login,
                                                       uint16_t configured_adapter_port);

}  // namespace opentaos::base
