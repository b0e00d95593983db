#!/usr/bin/env python3
"""Every function has documentation of its own that says who may call it and since when, and names only what exists.

    check_docs.py INCLUDE
"""
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
import public_headers  # noqa: E402

THREAD_RULES = ("connection", "result", "statement", "consumer", "any", "one thread")
SINCE = re.compile(r"Since: (all|\d+\.\d+(\.\d+)*|a server that )")


def names_of(headers: list, functions: list) -> set:
    """Everything that documentation may mention: functions, types, enumerators, macros."""
    known = {f.name for f in functions}
    for text in headers:
        code = re.sub(r"/\*.*?\*/", " ", text, flags=re.S)
        known |= set(re.findall(r"\w+", code))
    return known


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    include = Path(sys.argv[1])
    try:
        functions = public_headers.read_all(include)
    except public_headers.HeaderError as error:
        print(error)
        return 1
    paths = [include / name for name in public_headers.HEADERS + ("taoserror.h",) if (include / name).exists()]
    known = names_of([path.read_text(encoding="utf-8") for path in paths], functions)
    wrong = []

    def report(f, text):
        wrong.append("%s:%d: %s %s" % (f.header, f.line, f.name, text))

    for f in functions:
        if f.doc is None:
            report(f, "has no documentation")
            continue
        words = re.sub(r"^\s*/?\*+/?", " ", f.doc, flags=re.M)
        words = re.sub(r"\s+", " ", words).strip()
        said = words.split("Threads:")[0].strip()
        if len(said) < 20:
            report(f, "says next to nothing: %r" % said)
        threads = re.search(r"Threads: ([^.]*)\.", words)
        if not threads or not threads.group(1).startswith(THREAD_RULES):
            report(f, "does not say who may call it (Threads:)")
        if not SINCE.search(words):
            report(f, "does not say since when (Since:)")
    mentioned = re.compile(r"\b(?:taos|tmq|ws|ots)_\w+|\b(?:TSDB|TAOS|TMQ|WS|OPENTAOS|SET_CONF)_[A-Z0-9_]+\b(?!\*)")
    for path in paths:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            for name in mentioned.findall(line):
                if name not in known and not name.endswith("_"):
                    wrong.append("%s:%d: %s does not exist" % (path.name, number, name))
    for line in wrong:
        print(line)
    print("documentation of %d functions read, %d complaints" % (len(functions), len(wrong)))
    return 1 if wrong or not functions else 0


if __name__ == "__main__":
    sys.exit(main())
