#!/usr/bin/env python3
"""Tests taos-sandbox from outside, with nothing but the standard library.

usage: selftest.py PATH/TO/taos-sandbox [TEST ...]

The WebSocket client, the frame and block decoders in here are independent of the server's and of the client
library's. Where the repository holds recordings of a real taosAdapter (test/conformance/golden, test/vectors), the
same requests are sent and the answers compared byte for byte, except for times and versions.
The last line is "N passed, N failed"; the exit status is 0 when nothing failed.
"""
import sys
import traceback

sys.dont_write_bytecode = True  # leave the source folder as it is

from st_tools import TESTS, Sandbox

for module in ("process", "socket", "query", "http", "stmt", "write", "golden", "tmq", "faults"):
    __import__("st_" + module)  # each adds its tests to TESTS


def main():
    if len(sys.argv) < 2:
        print(__doc__)
        return 2
    Sandbox.program = sys.argv[1]
    wanted = sys.argv[2:]
    unknown = [name for name in wanted if name not in [test.__name__ for test in TESTS]]
    if unknown:
        print("no such test:", *unknown)
        return 2
    passed = failed = 0
    for test in TESTS:
        if wanted and test.__name__ not in wanted:
            continue
        try:
            test()
            passed += 1
            print("ok   ", test.__name__, flush=True)
        except Exception:  # a failure of any kind counts and must not hide the other tests
            failed += 1
            print("FAIL ", test.__name__)
            print("      " + traceback.format_exc().replace("\n", "\n      ").rstrip(), flush=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
