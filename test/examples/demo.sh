#!/bin/bash
# demo.sh BUILD - starts the sandbox on a free loopback port, runs the demo program against it and stops it.
set -u
build=$(cd "${1:?usage: demo.sh BUILD}" && pwd)
port_file=$(mktemp)
"$build/test/sandbox/taos-sandbox" --port 0 --port-file "$port_file" --with-parent --quiet &
sandbox=$!
trap 'kill $sandbox 2>/dev/null; wait $sandbox 2>/dev/null; rm -f "$port_file"' EXIT
for _ in $(seq 100); do [ -s "$port_file" ] && break; sleep 0.05; done
port=$(cat "$port_file")
[ -n "$port" ] || { echo "taos-sandbox did not start"; exit 1; }
echo "== taos-sandbox, a stand-in for TDengine with taosAdapter, listens on 127.0.0.1:$port"
echo "== running a C program that is linked with -ltaos (test/examples/demo.c)"
LD_LIBRARY_PATH="$build/src${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" "$build/test/examples/demo" 127.0.0.1 "$port" || { echo "== the demo failed"; exit 1; }
echo "== done: the same program runs against a real TDengine by naming its host; the sandbox is stopped now"
