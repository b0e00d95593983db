#!/bin/bash
# run.sh LIB - measures LIB (a libtaos.so) and the taos-ws crate in turn against the canned server and prints table.py's
# tables: A is LIB, B the crate. Needs a C11 compiler, python3 and cargo, which fetches the crate and compiles it (some minutes).
# Environment: ROUNDS=3  ONLY="rtt fetch_row"  OUT=file for the JSON lines  BENCH_BUILD=folder
#
# Each line of the list below: scenario, parameters for LIB, parameters for the crate. All figures are per operation, so that the
# counts may differ (equal checksums need equal rows). The crate's are small because each of its requests takes 40 ms: it
# sends the head of a frame and its payload in two writes without TCP_NODELAY, so that the second waits for the
# acknowledgement of the first. Compare the CPU too, which knows nothing of that.
set -u
here=$(cd "$(dirname "$0")" && pwd)
[ $# -eq 1 ] || { sed -n 2,5p "$0"; exit 2; }
lib=$(readlink -f "$1")
build=${BENCH_BUILD:-${TMPDIR:-/tmp}/capi_bench_build.$(id -u)}
mkdir -p "$build"
command -v cargo >/dev/null || { echo "cargo is needed"; exit 1; }
for p in capi_bench canned_server raw_floor; do
  ${CC:-cc} -std=c11 -O2 -o "$build/$p" "$here/../$p.c" -ldl -lpthread || exit 1
done
(cd "$here" && CARGO_TARGET_DIR="$build/peer" cargo build --release --locked --quiet) || exit 1

rm -f "$build/ready"
port=$(python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])')
"$build/canned_server" "$port" "$build/ready" 2>"$build/canned.log" &
server=$!
trap 'kill $server 2>/dev/null; wait $server 2>/dev/null' EXIT
for _ in $(seq 100); do [ -s "$build/ready" ] && break; sleep 0.05; done
[ -s "$build/ready" ] || { echo "canned_server did not start"; cat "$build/canned.log"; exit 1; }

out=${OUT:-$build/peer.jsonl}
: >"$out"
while read -r scenario ours theirs; do
  [ -n "${ONLY:-}" ] && case " $ONLY " in *" $scenario "*) ;; *) continue ;; esac
  for _ in $(seq "${ROUNDS:-3}"); do
    timeout 120 "$build/capi_bench" --lib "$lib" --label A --host 127.0.0.1 --port "$port" --canned "$scenario:$ours" >>"$out" ||
      echo "{\"name\":\"$scenario\",\"lib\":\"A\",\"failed\":1}" >>"$out"
    timeout 120 "$build/peer/release/peer-bench" --label B --port "$port" "$scenario:$theirs" >>"$out" ||
      echo "{\"name\":\"$scenario\",\"lib\":\"B\",\"failed\":1}" >>"$out"
    "$build/raw_floor" --port "$port" --label floor "$scenario:$ours" >>"$out"
  done
done <<'END'
connect n=300 n=20
rtt n=3000 n=40
rtt_mt n=1000,t=8 n=20,t=8
rtt_shared n=1000,t=8 n=20,t=8
query_async n=10000,d=16 n=320,d=16
fetch_row rows=200000 rows=200000
nchar_row rows=200000 rows=200000
fetch_block rows=200000 rows=200000
fetch_raw rows=200000 rows=200000
insert_sql n=2000,rows=500 n=40,rows=500
sml_line n=400,rows=2000 n=40,rows=2000
many_conns n=100 n=20
END
python3 "$here/../table.py" "$out" "$(basename "$1")" taos-ws
