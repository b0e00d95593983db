#!/bin/sh
# The public headers compile without a warning in four dialects, alone and together, and have the layouts of
# layout_*.c in each of them.
#
#     check_headers.sh INCLUDE
#
# CC and CXX name the compilers (cc, c++).
set -u
[ $# -eq 1 ] && [ -d "$1" ] || { echo "usage: $0 INCLUDE" >&2; exit 2; }
include=$1
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT INT TERM
checks=0
failures=0

# run DIALECT FILE [OPTION...]: the exit status of the compiler, its words in $work/log
run() {
  dialect=$1
  file=$2
  shift 2
  case $dialect in
    c99 | c11) compiler="${CC:-cc} -x c" ;;
    *) compiler="${CXX:-c++} -x c++" ;;
  esac
  # shellcheck disable=SC2086  # CC may hold options
  $compiler -std="$dialect" -Wall -Wextra -pedantic -Werror -I"$include" -I"$here" "$@" -fsyntax-only "$file" \
    >"$work/log" 2>&1
}

# passes WHAT DIALECT FILE [OPTION...]
passes() {
  what=$1
  shift
  checks=$((checks + 1))
  if run "$@"; then
    echo "ok: $what, $1"
  else
    echo "FAILED: $what, $1"
    sed 's/^/    /' "$work/log" | head -n 20
    failures=$((failures + 1))
  fi
}

# fails WHAT DIALECT FILE: an assertion that cannot fail is none
fails() {
  what=$1
  shift
  checks=$((checks + 1))
  if run "$@"; then
    echo "FAILED: $what went unnoticed, $1"
    failures=$((failures + 1))
  else
    echo "ok: $what is noticed, $1"
  fi
}

wrong() {
  printf '#include <taos.h>\n#include "layout.h"\n%s\n' "$2" >"$work/$1.c"
}
wrong nothing 'LAYOUT_STRUCT(TAOS_FIELD, 72, 4);'
wrong size 'LAYOUT_STRUCT(TAOS_FIELD, 71, 4);'
wrong align 'LAYOUT_STRUCT(TAOS_FIELD, 72, 8);'
wrong offset 'LAYOUT_MEMBER(TAOS_FIELD, bytes, int32_t, 66);'
wrong value 'LAYOUT_VALUE(TSDB_OPTION_DRIVER, 5);'
wrong sign 'LAYOUT_MEMBER(TAOS_FIELD, type, uint8_t, 65);'

for dialect in c99 c11 c++98 c++20; do
  for name in taos.h taosws.h taoserror.h opentaos.h; do
    [ "$name" = opentaos.h ] && [ ! -e "$include/$name" ] && continue
    printf '#include <%s>\n#include <%s>\n' "$name" "$name" >"$work/alone.c"
    passes "$name alone" "$dialect" "$work/alone.c"
  done
  passes "layouts of taos.h" "$dialect" "$here/layout_taos.c"
  passes "layouts of taosws.h" "$dialect" "$here/layout_taosws.c"
  passes "both headers" "$dialect" "$here/layout_both.c"
  passes "both headers the other way round" "$dialect" "$here/layout_both.c" -DORDER_WS_FIRST
  passes "no mistake" "$dialect" "$work/nothing.c"
  for mistake in size align offset value; do
    fails "a wrong $mistake" "$dialect" "$work/$mistake.c"
  done
  [ "$dialect" = c99 ] || fails "a wrong sign" "$dialect" "$work/sign.c"
done
echo "$checks checks of the headers, $failures failed"
[ "$failures" -eq 0 ]
