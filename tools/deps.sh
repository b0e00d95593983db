#!/bin/bash
# deps.sh - finds out what this machine lacks to build and test opentaos; installs it when run as root on a system with
# apt, otherwise prints the one command to run.
set -u
missing=()
need() { missing+=("$1"); }
have() { command -v "$1" >/dev/null 2>&1; }

have c++ || need g++
have cmake || need cmake
have make || need make
have pkg-config || need pkg-config
have clang-format || need clang-format
have python3 || need python3
have git || need git
have ar || need binutils
if have python3; then python3 -m pip --version >/dev/null 2>&1 || need python3-pip; else need python3-pip; fi
lib() { have pkg-config && pkg-config --exists "$1" || need "$2"; }
lib libwebsockets libwebsockets-dev
lib libcjson libcjson-dev
lib zlib zlib1g-dev
lib openssl libssl-dev
lib sqlite3 libsqlite3-dev
[ -e /usr/include/catch2/catch.hpp ] || need catch2
[ -e /usr/share/zoneinfo/Asia/Shanghai ] || need tzdata  # the sandbox reads time zones from it
[ ${#missing[@]} -eq 0 ] && exit 0

if ! have apt-get; then
  echo "Missing (by their Debian names): ${missing[*]}"
  echo "Install them with this system's package manager, then run make again."
  exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
  echo "Missing: ${missing[*]}"
  echo "Run:  sudo apt-get install -y ${missing[*]}"
  exit 1
fi
echo "Installing: ${missing[*]}"
log=$(mktemp)
export DEBIAN_FRONTEND=noninteractive
if ! { apt-get update && apt-get install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
  cat "$log"
  exit 1
fi
rm -f "$log"
