#!/usr/bin/env python3
"""Looks at a shared library as the dynamic linker does.

    check_exports.py LIBRARY SYMBOLS --soname NAME

It exports exactly the functions of SYMBOLS, without versions; needs no C++ library; carries the given SONAME, no
RPATH or RUNPATH, no text relocations; binds everything when it is loaded, with its tables read-only; wants no
executable stack; and calls its own functions directly, so that those of another library in the same process, which
may have the same names, never take their place. Uses nm and readelf.
"""
import argparse
import re
import subprocess
import sys
from pathlib import Path

# What a library of ours may ask the system for.
NEEDED = re.compile(
    r"(libc|libm|libdl|libpthread|librt|libwebsockets|libcjson|libz|libssl|libcrypto|libcap|ld-linux[-\w]*)\.so(\.\d+)*$"
)
CXX_SYMBOL = re.compile(r"^_Z|^__(cxa|gxx)_|^_Unwind_")
CXX_ALLOWED = {"__cxa_finalize", "__cxa_atexit", "__cxa_thread_atexit_impl"}  # the C library's


def output(*command) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def defined(library: str) -> dict:
    """Exported names and the letter nm has for their kind."""
    found = {}
    for line in output("nm", "-D", "--defined-only", library).splitlines():
        parts = line.split()
        found[parts[-1]] = parts[-2]
    return found


def undefined(library: str) -> list:
    return [line.split()[-1] for line in output("nm", "-D", "--undefined-only", library).splitlines()]


def dynamic(library: str) -> list:
    """(tag, value) of the dynamic section."""
    rows = []
    for line in output("readelf", "-dW", library).splitlines():
        found = re.match(r"\s*0x[0-9a-f]+\s+\((\w+)\)\s+(.*)", line)
        if found:
            rows.append((found.group(1), found.group(2).strip()))
    return rows


def relocated(library: str) -> set:
    """Names that the dynamic linker looks up for the library's own use."""
    names = set()
    for line in output("readelf", "-rW", library).splitlines():
        found = re.match(r"[0-9a-f]{8,}\s+[0-9a-f]{8,}\s+R_\w+\s+[0-9a-f]{8,}\s+([\w.@]+)", line)
        if found:
            names.add(found.group(1).split("@")[0])
    return names


def segments(library: str) -> dict:
    """Flags of the program headers by type."""
    flags = {}
    for line in output("readelf", "-lW", library).splitlines():
        found = re.match(r"\s+(GNU_\w+|LOAD)\s+(?:0x[0-9a-f]+\s+){5}([RWE ]{3})\s", line)
        if found:
            flags.setdefault(found.group(1), []).append(found.group(2))
    return flags


def examine(library: str, symbols: Path, soname: str) -> list:
    """What is wrong with the library, in words."""
    wrong = []
    wanted = {line.strip() for line in symbols.read_text(encoding="utf-8").splitlines() if line.strip()}
    have = defined(library)
    for name in sorted(wanted - set(have)):
        wrong.append("%s is not exported" % name)
    for name in sorted(set(have) - wanted):
        wrong.append("%s is exported and should not be" % name)
    for name, kind in sorted(have.items()):
        if name in wanted and kind not in "TW":
            wrong.append("%s is no function (nm: %s)" % (name, kind))

    for name in undefined(library):
        bare = name.split("@")[0]
        if bare not in CXX_ALLOWED and (CXX_SYMBOL.search(bare) or re.search(r"@(GLIBCXX|CXXABI|GCC)_", name)):
            wrong.append("%s is needed from a C++ library" % name)

    for name in sorted(relocated(library) & set(have)):
        wrong.append("reaches its own %s through the dynamic linker (-Bsymbolic-functions)" % name)

    tags = dynamic(library)
    sonames = [re.sub(r".*\[(.*)\]", r"\1", value) for tag, value in tags if tag == "SONAME"]
    if sonames != [soname]:
        wrong.append("SONAME is %s, should be %s" % (", ".join(sonames) or "missing", soname))
    for tag, value in tags:
        if tag in ("RPATH", "RUNPATH", "TEXTREL"):
            wrong.append("%s in the dynamic section: %s" % (tag, value))
        elif tag == "NEEDED" and not NEEDED.match(re.sub(r".*\[(.*)\]", r"\1", value)):
            wrong.append("needs %s" % value)
        elif tag == "FLAGS" and "TEXTREL" in value:
            wrong.append("text relocations (FLAGS)")
        elif tag == "VERDEF":
            wrong.append("its symbols carry versions")
    bound = any(tag == "BIND_NOW" for tag, _ in tags)
    bound = bound or any(tag == "FLAGS" and "BIND_NOW" in value for tag, value in tags)
    bound = bound or any(tag == "FLAGS_1" and "NOW" in value.split() for tag, value in tags)
    if not bound:
        wrong.append("does not bind at load time (-z now)")

    flags = segments(library)
    if "GNU_RELRO" not in flags:
        wrong.append("its tables stay writable (-z relro)")
    stack = flags.get("GNU_STACK")
    if not stack or any("E" in f for f in stack):
        wrong.append("wants an executable stack")
    if any("W" in f and "E" in f for f in flags.get("LOAD", [])):
        wrong.append("has a segment that is writable and executable")
    if "LOAD" not in flags:
        wrong.append("readelf shows no segments")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("library")
    parser.add_argument("symbols", type=Path)
    parser.add_argument("--soname", required=True)
    args = parser.parse_args()
    try:
        wrong = examine(args.library, args.symbols, args.soname)
    except subprocess.CalledProcessError as error:
        print("%s: %s" % (" ".join(error.cmd), error.stderr.strip()))
        return 1
    for line in wrong:
        print(line)
    print("%s: %s" % (Path(args.library).name, "%d faults" % len(wrong) if wrong else "as it should be"))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
