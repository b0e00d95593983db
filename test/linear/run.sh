#!/bin/bash
# run.sh LIBDIR INCDIR [count] - what a row and a table cost, by how many are written at once (linear.cpp).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
lib=$(cd "$1" && pwd)
inc=$(cd "$2" && pwd)
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$work"' EXIT
${CC:-cc} -O2 -std=gnu11 -w -o "$work/canned_server" "$here/../bench/canned_server.c" -lm -lpthread
${CXX:-c++} -O2 -std=c++20 -o "$work/linear" "$here/linear.cpp" -I "$inc" -L "$lib" -ltaos -Wl,-rpath,"$lib"
port=${PORT:-16947}
"$work/canned_server" "$port" "$work/ready" 2> "$work/server.log" &
server=$!
for _ in $(seq 100); do [ -s "$work/ready" ] && break; sleep 0.1; done
[ -s "$work/ready" ] || { cat "$work/server.log"; exit 1; }
if [ "${3:-}" != count ]; then
  "$work/linear" "$port"
  exit
fi
cd "$work"
valgrind --tool=callgrind --callgrind-out-file=counted -q ./linear "$port" 2> log || { cat log; exit 1; }
for f in counted.*; do
  what=$(sed -n 's/^desc: Trigger: Client Request: //p' "$f")
  [ -n "$what" ] || continue
  total=$(sed -n 's/^\(summary\|totals\): //p' "$f" | head -1)
  printf '%-28s %8d  %10d instructions each\n' "${what%:*}" "${what##*:}" $((total / ${what##*:}))
done | sort -k1,1 -k2,2n
