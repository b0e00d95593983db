#!/usr/bin/env python3
"""check_exports.py finds each fault it is there for: builds small libraries with one fault each.

CC names the compiler (cc).
"""
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
GOOD = ["-fPIC", "-fvisibility=hidden", "-Wl,-z,relro", "-Wl,-z,now", "-Wl,-z,noexecstack", "-Wl,-soname,libx.so.1"]
PUBLIC = '__attribute__((visibility("default"))) '
SOURCE = PUBLIC + "int a(void){return 1;}\n" + PUBLIC + "int b(void){return 2;}\n"
CALLS_NEW = "void *_Znwm(unsigned long);\nvoid *use(void){return _Znwm(1);}\n"


def without(option):
    return [o for o in GOOD if o != option]


# name, source, options, what the check has to say
CASES = [
    ("nothing wrong", SOURCE, GOOD, None),
    ("a missing function", PUBLIC + "int a(void){return 1;}\n", GOOD, "b is not exported"),
    ("one too many", SOURCE + PUBLIC + "int c(void){return 3;}\n", GOOD, "c is exported and should not be"),
    ("data in place of a function", SOURCE.replace("int b(void){return 2;}", "int b = 2;"), GOOD, "b is no function"),
    ("a C++ symbol", SOURCE + CALLS_NEW, GOOD, "_Znwm is needed from a C++ library"),
    ("another SONAME", SOURCE, without(GOOD[-1]) + ["-Wl,-soname,liby.so"], "SONAME is liby.so"),
    ("no SONAME", SOURCE, without(GOOD[-1]), "SONAME is missing"),
    ("a RUNPATH", SOURCE, GOOD + ["-Wl,--enable-new-dtags,-rpath,/opt/x"], "RUNPATH"),
    ("an RPATH", SOURCE, GOOD + ["-Wl,--disable-new-dtags,-rpath,/opt/x"], "RPATH"),
    ("lazy binding", SOURCE, without("-Wl,-z,now") + ["-Wl,-z,lazy"], "does not bind at load time"),
    ("no RELRO", SOURCE, without("-Wl,-z,relro") + ["-Wl,-z,norelro"], "stay writable"),
    ("an executable stack", SOURCE, without("-Wl,-z,noexecstack") + ["-Wl,-z,execstack"], "executable stack"),
    ("a strange library", SOURCE, GOOD + ["-Wl,--no-as-needed", "-L{work}", "-lstrange"], "needs Shared library: [libstrange"),
    ("a call that others can catch", SOURCE.replace("return 2", "return a() + 1"), GOOD, "reaches its own a through"),
    ("an address that others can catch", SOURCE + "int (*table[])(void) = {a};\n", GOOD, "reaches its own a through"),
    ("the same call, bound", SOURCE.replace("return 2", "return a() + 1"), GOOD + ["-Wl,-Bsymbolic-functions"], None),
    ("symbol versions", SOURCE, GOOD + ["-Wl,--version-script={work}/versions"], "carry versions"),
]


def main() -> int:
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        (work / "x.sym").write_text("a\nb\n")
        (work / "versions").write_text("X_1 { global: a; b; local: *; };\n")
        compiler = os.environ.get("CC", "cc").split()
        (work / "strange.c").write_text("int strange(void){return 0;}\n")
        subprocess.run(compiler + ["-shared", "-fPIC", "-Wl,-soname,libstrange.so", "-o", str(work / "libstrange.so"),
                                   str(work / "strange.c")], check=True)
        for number, (name, source, options, complaint) in enumerate(CASES):
            text = work / ("%d.c" % number)
            library = work / ("%d.so" % number)
            text.write_text(source)
            options = [o.replace("{work}", folder) for o in options]
            subprocess.run(compiler + ["-shared", "-o", str(library), str(text)] + options, check=True)
            run = subprocess.run(
                [sys.executable, str(HERE / "check_exports.py"), str(library), str(work / "x.sym"), "--soname", "libx.so.1"],
                capture_output=True, text=True, check=False)
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
