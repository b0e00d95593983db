#!/usr/bin/env python3
"""Compares the public headers with functions.tsv: every function is declared, with the same types.

    check_functions.py INCLUDE FUNCTIONS_TSV JNI_NAMES
"""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
import public_headers  # noqa: E402


def reference(path: Path) -> list:
    """(name, return type, parameter types, group) of each line."""
    rows = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        name, returns, params, group = line.split("\t")
        rows.append(
            (name, public_headers.normal_type(returns), public_headers.param_types(params), group)
        )
    return rows


def main() -> int:
    if len(sys.argv) != 4:
        print(__doc__)
        return 2
    include, table, jni = (Path(a) for a in sys.argv[1:])
    try:
        declared = {f.name: f for f in public_headers.read_all(include)}
    except public_headers.HeaderError as error:
        print(error)
        return 1
    rows = reference(table)
    wrong = []
    known = set()
    java = set()
    for name, returns, params, group in rows:
        if group == "jni":
            java.add(name)
            continue
        known.add(name)
        f = declared.get(name)
        if f is None:
            wrong.append("%s is not declared" % name)
            continue
        if (f.returns, f.params) != (returns, params):
            wrong.append(
                "%s:%d: %s is %s (%s), should be %s (%s)"
                % (f.header, f.line, name, f.returns, ", ".join(f.params), returns, ", ".join(params))
            )
    for name, f in sorted(declared.items()):
        if name not in known and f.header != "opentaos.h":
            wrong.append("%s:%d: %s is not in %s" % (f.header, f.line, name, table.name))
    exported = {line for line in jni.read_text(encoding="utf-8").split("\n") if line and not line.startswith("#")}
    for name in sorted(java ^ exported):
        wrong.append("%s is only in %s" % (name, table.name if name in java else jni.name))
    for line in wrong:
        print(line)
    print("%d functions and %d JNI names compared, %d wrong" % (len(known), len(java), len(wrong)))
    return 1 if wrong or not known or not java else 0


if __name__ == "__main__":
    sys.exit(main())
