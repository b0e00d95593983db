#!/bin/bash
# check_copies.sh [ORIGINALS] - the copies of vectors/, conformance/ and bench/ must be what they were copied from.
# Without the originals (a stranger's clone) there is nothing to compare: it says so and succeeds.
set -u
here=$(cd "$(dirname "$0")" && pwd)
origin=${1:-$here/../../shared}
if [ ! -d "$origin/vectors" ]; then echo "no originals beside this clone: nothing to compare"; exit 0; fi
bad=0
for part in vectors conformance bench; do
  while IFS= read -r f; do
    cmp -s "$origin/$part/$f" "$here/$part/$f" || { echo "differs or missing: $part/$f"; bad=$((bad + 1)); }
  done < <(cd "$origin/$part" && find . -type f | sort)
done
[ $bad -eq 0 ] && echo "copies are identical to their originals"
[ $bad -eq 0 ]
