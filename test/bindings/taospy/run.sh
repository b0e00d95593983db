#!/bin/bash
# run.sh BUILD - installs taospy from PyPI into the build folder (once) and runs the tests of this folder with it.
set -u
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
packages=$build/bindings/taospy
version=2.8.10
if [ ! -e "$packages/.$version" ]; then
  rm -rf "$packages"
  mkdir -p "$packages"
  log=$(python3 -m pip install --quiet --disable-pip-version-check --no-warn-conflicts --target "$packages" "taospy==$version" 2>&1) ||
    { echo "$log"; echo "cannot install taospy $version from PyPI"; exit 1; }
  touch "$packages/.$version"
fi
export PYTHONPATH="$packages:$here" PYTHONDONTWRITEBYTECODE=1
exec "$here/../with_sandbox.sh" "$build" python3 -m unittest discover -v -s "$here" -p 'test_*.py'
