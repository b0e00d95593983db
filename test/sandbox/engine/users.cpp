// Users and their passwords. Everyone may use every database: the sandbox has no privileges, only accounts.
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <cctype>

#include "engine/statements.h"
#include "engine/text.h"

namespace opentaos::sandbox {

namespace {

std::string random_salt() {
  unsigned char bytes[16];
  if (RAND_bytes(bytes, sizeof bytes) != 1) fail(kErrInternal, "no random numbers");
  return hex_text({reinterpret_cast<char *>(bytes), sizeof bytes});
}

std::string hash_password(const std::string &pass, const std::string &salt) {
  unsigned char out[32];
  auto *s = reinterpret_cast<const unsigned char *>(salt.data());
  if (PKCS5_PBKDF2_HMAC(pass.data(), static_cast<int>(pass.size()), s, static_cast<int>(salt.size()), 1000,
                        EVP_sha256(), sizeof out, out) != 1)
    fail(kErrInternal, "cannot hash a password");
  return hex_text({reinterpret_cast<char *>(out), sizeof out});
}

// The server's rules: 8 to 255 characters of at least three kinds.
void check_strength(const std::string &pass) {
  if (pass.size() < 8) fail(kErrPasswordLength, "Password too short or empty");
  if (pass.size() > 255) fail(0x2610, "Name or password too long");
  bool upper = false, lower = false, digit = false, special = false;
  for (unsigned char ch : pass) {
    upper = upper || std::isupper(ch);
    lower = lower || std::islower(ch);
    digit = digit || std::isdigit(ch);
    special = special || std::ispunct(ch);
  }
  if (upper + lower + digit + special < 3) fail(0x0353, "Invalid password format");
}

void set_password(UserInfo *u, const std::string &pass) {
  u->salt = random_salt();
  u->hash = hash_password(pass, u->salt);
}

bool is_super(const Context &c) {
  UserInfo *me = c.catalog->find_user(c.session->user);
  return me && me->super;
}

[[noreturn]] void denied() { fail(kErrPermissionDenied, "Permission denied or target object not exist"); }

}  // namespace

void create_root(Catalog *catalog) {
  UserInfo root;
  root.name = "root";
  root.super = true;
  root.createdb = 1;
  root.created_ms = now_ticks(0);
  set_password(&root, "taosdata");
  catalog->save_user(root);
}

int check_password(const UserInfo *user, const std::string &pass, std::string *message) {
  if (!user) {
    *message = "Invalid user";
    return kErrInvalidUser;
  }
  std::string hash = hash_password(pass, user->salt);
  if (hash.size() != user->hash.size() || CRYPTO_memcmp(hash.data(), user->hash.data(), hash.size()) != 0) {
    *message = "Authentication failure";
    return kErrAuthentication;
  }
  if (user->enable == 0) {
    *message = "User is disabled";
    return 0x0315;
  }
  return 0;
}

void run_create_user(const CreateUser &s, const Context &c) {
  check_strength(s.pass);
  if (!is_super(c)) denied();
  if (c.catalog->find_user(s.name)) {
    if (s.if_not_exists) return;
    fail(kErrUserExists, "User already exists");
  }
  UserInfo u;
  u.name = s.name;
  u.sysinfo = s.sysinfo;
  u.createdb = s.createdb;
  u.created_ms = c.now(0);
  set_password(&u, s.pass);
  c.catalog->save_user(u);
}

void run_alter_user(const AlterUser &s, const Context &c) {
  if (s.pass) check_strength(*s.pass);
  UserInfo *found = c.catalog->find_user(s.name);
  bool own_password = s.pass && s.name == c.session->user;
  if (!is_super(c) && !own_password) denied();
  if (!found) fail(kErrInvalidUser, "Invalid user");
  UserInfo u = *found;
  if (u.super && !s.pass) denied();
  if (s.pass) set_password(&u, *s.pass);
  if (s.enable) u.enable = *s.enable;
  if (s.sysinfo) u.sysinfo = *s.sysinfo;
  if (s.createdb) u.createdb = *s.createdb;
  c.catalog->save_user(u);
}

void run_drop_user(const DropUser &s, const Context &c) {
  if (s.name == "root" || !is_super(c)) denied();
  if (!c.catalog->find_user(s.name)) {
    if (s.if_exists) return;
    fail(kErrInvalidUser, "Invalid user");
  }
  c.catalog->drop_user(s.name);
}

}  // namespace opentaos::sandbox
