#!/bin/bash
# run.sh BUILD - the JDBC driver's native connection over the library in BUILD, against a sandbox of its own. Fetches the
# driver from Maven Central into the build folder (once). Leaves with 77 and a line that says why if it cannot be done here.
set -u
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
work=$build/bindings/jdbc
skip() { echo "SKIP: $1"; exit 77; }

command -v javac >/dev/null && command -v java >/dev/null || skip "no JDK (javac) on this machine"
command -v mvn >/dev/null || skip "no Maven (mvn) on this machine"
mkdir -p "$work"

# The places in JNI's tables, against the header of this JDK.
home=$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")
if [ -f "$home/include/jni.h" ]; then
  ${CC:-cc} -I"$home/include" -I"$home/include/linux" "$here/slots.c" -o "$work/slots" && "$work/slots" >"$work/slots.txt" || exit 1
  grep -oE 'k[A-Za-z]+ = [0-9]+,' "$here/../../../src/jni_types.h" >"$work/slots.ours"
  diff "$work/slots.ours" "$work/slots.txt" || { echo "FAIL src/jni_types.h disagrees with $home/include/jni.h"; exit 1; }
  echo "ok   the tables of JNI are as in $home/include/jni.h"
fi

version=$(sed -n 's/.*taos-jdbcdriver<.*//; s/.*<version>\([0-9.]*\)<.*/\1/p' "$here/pom.xml" | tail -1)
if [ ! -e "$work/lib/.$version" ]; then
  rm -rf "$work/lib"
  log=$(cd "$work" && mvn -q -B -f "$here/pom.xml" dependency:copy-dependencies -DoutputDirectory="$work/lib" 2>&1) ||
    { echo "$log" | tail -5; skip "the driver could not be fetched from Maven Central"; }
  touch "$work/lib/.$version"
fi
javac -nowarn -cp "$work/lib/*" -d "$work/classes" "$here"/*.java || exit 1
# -Xcheck:jni makes the machine complain about wrong use of JNI.
"$here/../with_sandbox.sh" "$build" java -Xcheck:jni -DTD_LIBRARY_PATH="$build/src" -cp "$work/classes:$work/lib/*" \
  NativeDriver 2>&1 | tee "$work/output.txt"
[ "${PIPESTATUS[0]}" = 0 ] || exit 1
if grep -A3 -E '(WARNING|ERROR) in native method' "$work/output.txt"; then echo "FAIL wrong use of JNI"; exit 1; fi
