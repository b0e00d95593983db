#!/bin/bash
# late_libraries.sh LIB SANDBOX FRONT CLIENT LIBSSL LIBCRYPTO LIBWEBSOCKETS
#
# OpenSSL and libwebsockets are loaded when a connection needs them, and when they cannot be, that connection says so.
set -u
lib=$1 sandbox_program=$2 front_program=$3 client=$4 libssl=$5 libcrypto=$6 lws=$7
folder=$(mktemp -d)
"$sandbox_program" --port 0 --port-file "$folder/port" --with-parent --quiet &
sandbox=$!
for _ in $(seq 200); do [ -s "$folder/port" ] && break; sleep 0.05; done
port=$(cat "$folder/port")
coproc FRONT { exec "$front_program" "$port"; }
front=$FRONT_PID
trap 'kill $sandbox $front 2>/dev/null; wait $sandbox $front 2>/dev/null; rm -rf "$folder"' EXIT
read -r tls_port <&"${FRONT[0]}"
failed=0
check() { # NAME COMMAND...
  local name=$1 said
  shift
  if said=$("$@" 2>&1); then echo "ok    $name${said:+: $said}"; else echo "FAIL  $name: $said"; failed=1; fi
}
# A folder in which the library of that name is an empty file.
without() {
  mkdir -p "$folder/$1"
  : > "$folder/$1/$1"
  echo "$folder/$1${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
}
wss="taos+wss://root:taosdata@127.0.0.1:$tls_port?tls_mode=1"
ws="taos+ws://root:taosdata@127.0.0.1:$port"

check "plain" "$client" "$lib" plain "$port"
check "tls" "$client" "$lib" tls "$tls_port"
check "plain without $libssl" env LD_LIBRARY_PATH="$(without "$libssl")" "$client" "$lib" plain "$port"
check "plain without $lws" env LD_LIBRARY_PATH="$(without "$lws")" "$client" "$lib" plain "$port"
check "tls without $libssl" env LD_LIBRARY_PATH="$(without "$libssl")" "$client" "$lib" refused "$wss" "$libssl"
check "tls without $lws" env LD_LIBRARY_PATH="$(without "$lws")" "$client" "$lib" refused "$wss" "cannot load $lws"
check "plain without $libcrypto" env LD_LIBRARY_PATH="$(without "$libcrypto")" "$client" "$lib" refused "$ws" \
  "cannot load $libcrypto"
exit $failed
