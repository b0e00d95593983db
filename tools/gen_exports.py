#!/usr/bin/env python3
"""Writes what the shared libraries export: the functions of the public headers, for libtaos also the JNI names.

    gen_exports.py            writes src/exports/lib*.map (linker version scripts) and lib*.sym (sorted lists)
    gen_exports.py --check    compares them with what would be written; exit status 1 if they differ
"""
import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import public_headers  # noqa: E402

NOTE = "Generated from the public headers by tools/gen_exports.py: run that, do not edit."


def jni_names(path: Path) -> list:
    lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def version_script(names: list) -> str:
    # Without a node name: symbols carry no version, since programs were linked against libraries that had none.
    body = "".join("    %s;\n" % name for name in names)
    return "/* %s */\n{\n  global:\n%s  local:\n    *;\n};\n" % (NOTE, body)


def generate(root: Path) -> dict:
    api = {function.name for function in public_headers.read_all(root / "include")}
    exports = root / "src" / "exports"
    files = {}
    for library, names in (("libtaos", api | set(jni_names(exports / "jni.names"))), ("libtaosws", api)):
        ordered = sorted(names)
        files[exports / (library + ".map")] = version_script(ordered)
        files[exports / (library + ".sym")] = "".join(name + "\n" for name in ordered)
    return files


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parent.parent, help="the repository")
    args = parser.parse_args()
    try:
        files = generate(args.root)
    except (public_headers.HeaderError, OSError) as error:
        print("gen_exports: %s" % error)
        return 1
    stale = 0
    for path, text in sorted(files.items()):
        old = path.read_text(encoding="utf-8") if path.exists() else None
        name = path.relative_to(args.root)
        if args.check:
            if old == text:
                print("%s: up to date" % name)
            else:
                print("%s: %s" % (name, "missing" if old is None else "differs from the headers"))
                if old is not None:
                    for line in sorted(set(old.splitlines()) ^ set(text.splitlines())):
                        print("    %s %s" % ("-" if line in old.splitlines() else "+", line.strip()))
                stale += 1
        elif old != text:
            path.write_text(text, encoding="utf-8")
            print("%s: written" % name)
    if stale:
        print("run tools/gen_exports.py and commit what it writes")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
