#!/bin/bash
# preload.sh BUILD - a program linked against another libtaos runs on ours with LD_PRELOAD, unchanged.
# The other library is made here: it has every name, and whatever is called says so and ends the program.
set -u
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
build=$(cd "$1" && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
{
  echo '#include <unistd.h>'
  echo 'static void other(void) { static const char t[] = "the other libtaos was called\n"; (void)!write(1, t, sizeof t - 1); _exit(9); }'
  grep -v '^Java_' "$root/src/exports/libtaos.sym" | sed 's/.*/void &(void) { other(); }/'
} >"$tmp/other.c"
cc -shared -fPIC -w -Wl,-soname,libtaos.so -o "$tmp/libtaos.so" "$tmp/other.c" || exit 1
cc -I"$root/include" -o "$tmp/program" "$here/demo.c" -L"$tmp" -ltaos || exit 1
export LD_LIBRARY_PATH="$tmp"
"$tmp/program" 127.0.0.1 1 | grep -q 'the other libtaos was called' || { echo "the program does not use the other library by itself"; exit 1; }

port_file=$tmp/port
env -u LD_LIBRARY_PATH "$build/test/sandbox/taos-sandbox" --port 0 --port-file "$port_file" --with-parent --quiet &
sandbox=$!
trap 'kill $sandbox 2>/dev/null; wait $sandbox 2>/dev/null; rm -rf "$tmp"' EXIT
for _ in $(seq 100); do [ -s "$port_file" ] && break; sleep 0.05; done
LD_PRELOAD="$build/src/libtaos.so.1" "$tmp/program" 127.0.0.1 "$(cat "$port_file")"
