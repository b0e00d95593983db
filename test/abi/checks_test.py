#!/usr/bin/env python3
"""The checks of headers and lists find what they are there for: each gets a repository with one mistake in it."""
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ABI = ROOT / "test" / "abi"


def functions(root):
    return [ABI / "check_functions.py", root / "include", ABI / "functions.tsv", root / "src/exports/jni.names"]


def docs(root):
    return [ABI / "check_docs.py", root / "include"]


def lists(root):
    return [ROOT / "tools" / "gen_exports.py", "--check", "--root", root]


def edit(file, pattern, replacement):
    """A mistake: the first place where the pattern fits becomes something else."""

    def apply(root):
        path = root / file
        text, n = re.subn(pattern, replacement, path.read_text(encoding="utf-8"), count=1, flags=re.S)
        if n != 1:
            raise SystemExit("%s: nothing fits %s" % (file, pattern))
        path.write_text(text, encoding="utf-8")

    return apply


def nothing(root):
    del root


CLOSE = r"DLL_EXPORT void taos_close\(TAOS \*taos\);"

# name, command, mistake, what the check has to say (None: it is content)
CASES = [
    ("functions: no mistake", functions, nothing, None),
    ("functions: one is missing", functions, edit("include/taos.h", CLOSE, ""), "taos_close is not declared"),
    ("functions: another result", functions, edit("include/taos.h", CLOSE, "DLL_EXPORT int taos_close(TAOS *taos);"),
     "taos_close is int (TAOS *), should be void"),
    ("functions: another parameter", functions, edit("include/taos.h", r"int port, char \*details", "long port, char *details"),
     "taos_check_server_status is"),
    ("functions: one parameter less", functions, edit("include/taosws.h", r", bool use_z\)", ")"),
     "ws_timestamp_to_rfc3339 is"),
    ("functions: no longer variadic", functions, edit("include/taos.h", r"const void \*arg, \.\.\.\)", "const void *arg)"),
     "taos_options is"),
    ("functions: const lost", functions, edit("include/taosws.h", r"const WS_RES \*rs\)", "WS_RES *rs)"), "should be"),
    ("functions: one too many", functions, edit("include/taos.h", CLOSE, r"\g<0>\nDLL_EXPORT int taos_more(void);"),
     "taos_more is not in"),
    ("functions: declared twice", functions, edit("include/taosws.h", r"(/\* ---- connecting)", r"OPENTAOS_API int taos_init(void);\n\1"),
     "declared in taos.h and in taosws.h"),
    ("functions: not exported", functions, edit("include/taos.h", r"DLL_EXPORT void taos_close", "void taos_close"),
     "neither a typedef nor an exported function"),
    ("functions: a JNI name less", functions, edit("src/exports/jni.names", r"Java_\w+closeStmt\n", ""), "closeStmt is only in"),
    ("docs: no mistake", docs, nothing, None),
    ("docs: none", docs, edit("include/taos.h", r"/\*\*\n \* Closes a connection\..*?\*/\n", ""), "taos_close has no documentation"),
    ("docs: an ordinary comment", docs, edit("include/taos.h", r"/\*\*\n \* Closes a connection", "/*\n * Closes a connection"),
     "taos_close has no documentation"),
    ("docs: empty", docs, edit("include/taos.h", r" \* Closes a connection\..*? \* Threads:", " * Threads:"), "says next to nothing"),
    ("docs: no rule of threads", docs, edit("include/taos.h", r"Threads: any\.", ""), "who may call it"),
    ("docs: no version", docs, edit("include/taos.h", r"Since: 3\.2\.2\.", ""), "since when"),
    ("docs: a name that does not exist", docs, edit("include/taos.h", r"TSDB_CODE_MND_DB_NOT_EXIST", "TSDB_CODE_NO_DB"),
     "TSDB_CODE_NO_DB does not exist"),
    ("lists: no mistake", lists, nothing, None),
    ("lists: a new function", lists, edit("include/taos.h", CLOSE, r"\g<0>\nDLL_EXPORT int taos_more(void);"), "+ taos_more"),
    ("lists: a function less", lists, edit("include/taos.h", CLOSE, ""), "- taos_close"),
    ("lists: edited by hand", lists, edit("src/exports/libtaosws.map", r"    ws_close;\n", ""), "libtaosws.map: differs"),
]


def main() -> int:
    failures = 0
    for name, command, mistake, complaint in CASES:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            shutil.copytree(ROOT / "include", root / "include")
            shutil.copytree(ROOT / "src" / "exports", root / "src" / "exports")
            mistake(root)
            run = subprocess.run([sys.executable] + [str(a) for a in command(root)], capture_output=True, text=True, check=False)
        if complaint is None:
            good = run.returncode == 0
        else:
            good = run.returncode == 1 and complaint in run.stdout
        print("%s: %s" % ("ok" if good else "FAILED", name))
        if not good:
            print("    expected: %s\n    exit status %d, output:" % (complaint, run.returncode))
            print("    " + (run.stdout + run.stderr).replace("\n", "\n    "))
            failures += 1
    print("%d cases, %d failed" % (len(CASES), failures))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
