#!/bin/bash
# run.sh BUILD - the tests of this folder (driver-go, linked through cgo) over the library in BUILD, against a sandbox of its own.
# go fetches the driver through its module proxy and compiles it (once). Leaves with 77 and a line that says why if it
# cannot be done here.
set -u
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
work=$build/bindings/go
skip() { echo "SKIP: $1"; exit 77; }

command -v go >/dev/null || skip "no Go (go) on this machine"
needed=$(sed -n 's/^go //p' "$here/go.mod")
found=$(go env GOVERSION | sed 's/^go//; s/[^0-9.].*//')
[ "$(printf '%s\n' "$needed" "$found" | sort -V | head -1)" = "$needed" ] || skip "go $found on this machine, $needed is needed"
mkdir -p "$work"
cd "$here" || exit 1
log=$(go mod download 2>&1) || { echo "$log" | tail -5; skip "the driver could not be fetched"; }
export CGO_ENABLED=1 CGO_CFLAGS="-I$here/../../../include" CGO_LDFLAGS="-L$build/src"
go vet . && go test -c -o "$work/binding.test" . || exit 1
export TAOS_LIBRARY_FOLDER="$build/src"  # where the tests expect the loader to find it
"$here/../with_sandbox.sh" "$build" "$work/binding.test" -test.timeout 10m "${@:2}"
