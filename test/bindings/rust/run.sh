#!/bin/bash
# run.sh BUILD - the tests of this folder (the taos crate, its native driver) over the library in BUILD, against a sandbox of its
# own. Cargo fetches the crates from its registry and compiles them in the build folder (once). Leaves with 77 and a line
# that says why if it cannot be done here.
set -u
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
skip() { echo "SKIP: $1"; exit 77; }

command -v cargo >/dev/null || skip "no Rust (cargo) on this machine"
needed=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' "$here/Cargo.toml")
found=$(cargo --version | cut -d' ' -f2)
[ "$(printf '%s\n' "$needed" "$found" | sort -V | head -1)" = "$needed" ] || skip "cargo $found on this machine, $needed is needed"
export CARGO_TARGET_DIR="$build/bindings/rust"
mkdir -p "$CARGO_TARGET_DIR"
cd "$here" || exit 1
if ! cargo fetch --locked --offline >/dev/null 2>&1; then
  log=$(cargo fetch --locked 2>&1) || { echo "$log" | tail -5; skip "the crates could not be fetched"; }
fi
export TAOS_LIBRARY_FOLDER="$build/src"  # where the tests expect the loader to find it
cargo test --locked --offline --no-run --quiet || exit 1
# Two tests at a time: the machine runs other tests as well.
"$here/../with_sandbox.sh" "$build" cargo test --locked --offline --quiet -- --test-threads=2 "${@:2}"
