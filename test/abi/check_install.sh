#!/bin/sh
# Installs a build into an empty folder, moves the folder, and builds programs against it in the ways that the README
# names: pkg-config, CMake (shared and static), plain -ltaos, dlopen by name.
#
#     check_install.sh BUILD VERSION
set -eu
[ $# -eq 2 ] && [ -d "$1" ] || { echo "usage: $0 BUILD VERSION" >&2; exit 2; }
build=$1
version=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM

fail() {
  echo "FAILED: $1"
  [ ! -s "$work/log" ] || sed 's/^/    /' "$work/log" | tail -n 30
  exit 1
}
step() {
  what=$1
  shift
  "$@" >"$work/log" 2>&1 || fail "$what"
  echo "ok: $what"
}

step "install" cmake --install "$build" --prefix "$work/first/usr"
mv "$work/first" "$work/moved"
root=$work/moved/usr
pc=$(find "$root" -name taos.pc)
libdir=$(dirname "$(dirname "$pc")")

# ---- names
for name in taos taosws; do
  [ "$(readlink "$libdir/lib$name.so")" = "lib$name.so.1" ] || fail "lib$name.so is no link to lib$name.so.1"
  [ "$(readlink "$libdir/lib$name.so.1")" = "lib$name.so.$version" ] || fail "lib$name.so.1 is no link to the library"
  [ -f "$libdir/lib$name.so.$version" ] || fail "lib$name.so.$version is missing"
done
[ -f "$libdir/libtaos.a" ] || fail "libtaos.a is missing"
for header in taos.h taosws.h taoserror.h; do
  [ -f "$root/include/$header" ] || fail "$header is missing"
done
echo "ok: libraries, links and headers"

# ---- one program, linked in several ways
cat >"$work/use.c" <<'PROGRAM'
#include <stdio.h>
#include <taos.h>
#include <taoserror.h>
#include <taosws.h>
int main(void) {
  const char *version = taos_get_client_info();
  if (version == NULL || version[0] != '3') return 1;
  printf("client %s\n", version);
  return ws_get_client_info() == NULL;
}
PROGRAM
cat >"$work/open.c" <<'PROGRAM'
#include <dlfcn.h>
#include <stdio.h>
int main(void) {
  void *a = dlopen("libtaos.so", RTLD_NOW), *b = dlopen("libtaosws.so", RTLD_NOW);
  if (a == NULL || b == NULL || a == b) {
    puts(dlerror());
    return 1;
  }
  return dlsym(a, "taos_connect") == NULL || dlsym(b, "ws_connect") == NULL;
}
PROGRAM
export PKG_CONFIG_PATH="$libdir/pkgconfig"
cc=${CC:-cc}
with_library() { LD_LIBRARY_PATH="$libdir" "$@"; }

for name in taos taosws; do
  # shellcheck disable=SC2046  # the flags are several words
  step "pkg-config $name: build" $cc -o "$work/use_$name" "$work/use.c" $(pkg-config --cflags --libs $name)
  step "pkg-config $name: run" with_library "$work/use_$name"
done
step "pkg-config knows the interface's version" pkg-config --atleast-version=3 taos
# shellcheck disable=SC2046
step "pkg-config, static: build" $cc -o "$work/use_static" "$work/use.c" $(pkg-config --cflags taos) "$libdir/libtaos.a" \
  $(pkg-config --libs --static taos | sed 's/-ltaos //')
step "pkg-config, static: run without the library" "$work/use_static"
step "-ltaos: build" $cc -o "$work/use_plain" "$work/use.c" -I"$root/include" -L"$libdir" -ltaos
step "-ltaos: run" with_library "$work/use_plain"
step "dlopen: build" $cc -o "$work/open" "$work/open.c" -ldl
step "dlopen: run" with_library "$work/open"

# ---- CMake, in a project of C alone
mkdir "$work/project"
cat >"$work/project/CMakeLists.txt" <<'PROJECT'
cmake_minimum_required(VERSION 3.20)
project(use LANGUAGES C)
find_package(opentaos REQUIRED COMPONENTS static)
foreach(library taos taosws taos_static)
  add_executable(use_${library} ../use.c)
  target_link_libraries(use_${library} PRIVATE opentaos::${library})
endforeach()
PROJECT
step "CMake: configure" cmake -S "$work/project" -B "$work/project/build" -DCMAKE_PREFIX_PATH="$root" -DCMAKE_C_COMPILER="$cc"
step "CMake: build" cmake --build "$work/project/build"
for name in taos taosws taos_static; do
  step "CMake, opentaos::$name: run" "$work/project/build/use_$name"
done
echo "the installed tree works, also after it was moved"
