#!/bin/bash
# with_sandbox.sh BUILD COMMAND... - runs a command with TAOS_HOST and TAOS_PORT of a sandbox of its own, and with the
# library of BUILD found first by the loader.
set -u
build=$(cd "$1" && pwd)
shift
port_file=$(mktemp)
"$build/test/sandbox/taos-sandbox" --port 0 --port-file "$port_file" --with-parent --quiet ${SANDBOX_ARGS:-} &
sandbox=$!
trap 'kill $sandbox 2>/dev/null; wait $sandbox 2>/dev/null; rm -f "$port_file"' EXIT
for _ in $(seq 200); do [ -s "$port_file" ] && break; sleep 0.05; done
TAOS_PORT=$(cat "$port_file")
[ -n "$TAOS_PORT" ] || { echo "taos-sandbox did not start"; exit 1; }
export TAOS_HOST=127.0.0.1 TAOS_PORT
export LD_LIBRARY_PATH="$build/src${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
"$@"
