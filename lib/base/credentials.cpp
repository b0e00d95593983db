#include "base/credentials.h"

#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>

#include "base/codes.h"
#include "base/crypto.h"
#include "base/encoding.h"
#include "base/small_file.h"

namespace opentaos::base {
namespace {

constexpr size_t kMd5Hex = 32;

bool same_md5(std::string_view password, std::string_view md5_hex) {
  const std::string own = md5_hex_of(password);
  if (own.size() != kMd5Hex || md5_hex.size() != kMd5Hex) return false;
  int different = 0;  // looked at to the end, so that the time says nothing
  for (size_t i = 0; i < kMd5Hex; i++) different |= own[i] ^ md5_hex[i];
  return different == 0;
}

void wipe_all(std::vector<std::string> &passwords) {
  for (std::string &p : passwords) wipe(p);
  passwords.clear();
}

// host:port:db:user:password; a backslash takes the next character as it is. The last field goes to the end of the
// line.
struct PassLine {
  static constexpr size_t kFields = 5;
  std::array<std::string, kFields> fields;
  std::array<bool, kFields> is_any{};  // a bare *

  ~PassLine() { wipe(fields[kFields - 1]); }

  bool parse(std::string_view line) {
    fields[kFields - 1].reserve(line.size());  // it must not move while it grows: a copy would stay behind
    size_t at = 0;
    for (size_t field = 0; field < kFields; field++) {
      size_t begin = at;
      bool last = field == kFields - 1;
      for (; at < line.size() && (last || line[at] != ':'); at++) {
        if (line[at] == '\\' && at + 1 < line.size()) at++;
        fields[field] += line[at];
      }
      if (!last && at == line.size()) return false;
      is_any[field] = line.substr(begin, at - begin) == "*";
      at++;
    }
    return true;
  }

  bool matches(const Login &login, uint16_t configured_adapter_port) const {
    auto field_is = [&](size_t field, std::string_view wanted) { return is_any[field] || fields[field] == wanted; };
    bool host = is_any[0] || equals_ignoring_case(fields[0], login.host);
    return host && port_matches(login, configured_adapter_port) && field_is(2, login.db) && field_is(3, login.user);
  }

  // Two ports are the same if they lead to the same adapter: 6030 and 6041 usually do.
  bool port_matches(const Login &login, uint16_t configured_adapter_port) const {
    if (is_any[1]) return true;
    uint16_t port = 0;
    const char *end = fields[1].data() + fields[1].size();
    auto [stopped, error] = std::from_chars(fields[1].data(), end, port);
    return error == std::errc() && stopped == end &&
           adapter_port(login.host, port, configured_adapter_port) ==
               adapter_port(login.host, login.port, configured_adapter_port);
  }
};

Status refused(const std::string &path, std::string_view why) {
  return {kErrAuthFailure, concat({"credentials file ", presentable(path, 1024), " ", why})};
}

}  // namespace

PasswordStore &PasswordStore::instance() {
  // Never destroyed: threads of the program may still connect while it exits.
  static PasswordStore &store = *new PasswordStore;
  return store;
}

void PasswordStore::remember(std::string_view password) {
  if (password.empty()) return;
  std::lock_guard lock(mutex_);
  auto known = std::find(passwords_.begin(), passwords_.end(), password);
  if (known != passwords_.end()) {
    std::rotate(known, known + 1, passwords_.end());
    return;
  }
  // Moving a short string copies it and leaves the bytes behind: reserve once, and rotate instead of erasing.
  passwords_.reserve(kMost);
  if (passwords_.size() == kMost) {
    std::rotate(passwords_.begin(), passwords_.begin() + 1, passwords_.end());
    wipe(passwords_.back());
    passwords_.pop_back();
  }
  passwords_.emplace_back(password);
}

void PasswordStore::forget_all() {
  std::lock_guard lock(mutex_);
  wipe_all(passwords_);
}

std::optional<std::string> PasswordStore::find_md5(std::string_view md5_hex) {
  std::lock_guard lock(mutex_);
  for (auto p = passwords_.rbegin(); p != passwords_.rend(); ++p) {
    if (same_md5(*p, md5_hex)) return *p;
  }
  return std::nullopt;
}

size_t PasswordStore::size() {
  std::lock_guard lock(mutex_);
  return passwords_.size();
}

std::string md5_hex_of(std::string_view text) {
  std::array<uint8_t, kMd5Size> digest;
  if (!md5(text, digest.data())) return {};
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out;
  for (const uint8_t byte : digest) {
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  }
  ::explicit_bzero(digest.data(), digest.size());
  return out;
}

std::string pass_file_path(const ProcessSettings &settings) {
  if (!settings.pass_file.empty()) return settings.pass_file;
  std::string home;
  if (const char *h = ::getenv("HOME")) home = h;  // NOLINT(concurrency-mt-unsafe)
  if (home.empty()) {
    std::array<char, 4096> buffer;
    passwd entry;
    passwd *found = nullptr;
    if (::getpwuid_r(::geteuid(), &entry, buffer.data(), buffer.size(), &found) == 0 && found && found->pw_dir) {
      home = found->pw_dir;
    }
  }
  if (home.empty()) return {};
  if (home.back() != '/') home += '/';
  return home + ".taospass";
}

StatusOr<std::vector<std::string>> passwords_from_file(const std::string &path, const Login &login,
                                                       uint16_t configured_adapter_port) {
  struct stat st;
  auto text = read_small_file(path, kMaxPassFile, &st);
  if (!text) return Status(kErrAuthFailure, concat({"credentials file ", text.status().message()}));
  std::vector<std::string> out;
  Status bad;
  if (st.st_uid != ::geteuid()) {
    bad = refused(path, "belongs to another user");
  } else if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    bad = refused(path, "is open to others; it must have mode 0600");
  } else {
    for (std::string_view rest = *text; !rest.empty();) {
      size_t end = rest.find('\n');
      std::string_view line = rest.substr(0, end);
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
      if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
      if (line.empty() || line.front() == '#') continue;
      PassLine parsed;
      if (parsed.parse(line) && parsed.matches(login, configured_adapter_port)) out.push_back(parsed.fields.back());
    }
  }
  wipe(*text);
  if (!bad) return bad;
  return out;
}

std::optional<std::string> password_for_md5(const Login &login, std::string_view given_md5,
                                            const ProcessSettings &settings, PasswordStore &store, Status *why) {
  const std::string md5 = to_lower(given_md5);
  const ConnectOptions defaults;
  Login wanted = login;
  if (wanted.user.empty()) wanted.user = defaults.user;

  if (auto used = store.find_md5(md5)) return used;
  if (!settings.auth_password.empty() && same_md5(settings.auth_password, md5)) return settings.auth_password;
  if (wanted.user == defaults.user && same_md5(defaults.password, md5)) return defaults.password;

  std::string path = pass_file_path(settings);
  Status file_status;
  if (!path.empty()) {
    if (wanted.host.empty()) wanted.host = "localhost";
    auto listed = passwords_from_file(path, wanted, settings.adapter_port);
    if (!listed) {
      // Without a file at the usual place there is nothing to say about it.
      if (!settings.pass_file.empty() || ::access(path.c_str(), F_OK) == 0) file_status = listed.status();
    } else {
      std::optional<std::string> found;
      for (const std::string &p : *listed) {
        if (same_md5(p, md5)) found = p;
        if (found) break;
      }
      wipe_all(*listed);
      if (found) return found;
    }
  }
  if (why) {
    std::string text =
        "Authentication failure: the adapter needs the password itself, and none that is known here has this MD5; put "
        "a "
        "line host:port:db:user:password into " +
        (path.empty() ? std::string("the file that passFile names") : presentable(path, 1024)) +
        " (mode 0600), or connect with the password once before";
    if (!file_status) text += "; " + file_status.message();
    *why = {kErrAuthFailure, text};
  }
  return std::nullopt;
}

}  // namespace opentaos::base
