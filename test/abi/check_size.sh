#!/bin/sh
# check_size.sh LIBRARY BYTES: what is installed after stripping has at most that many bytes.
set -eu
stripped=$(mktemp)
trap 'rm -f "$stripped"' EXIT
${STRIP:-strip} --strip-unneeded -o "$stripped" "$1"
size=$(wc -c < "$stripped")
echo "$1: $size bytes stripped, $2 allowed"
[ "$size" -le "$2" ]
