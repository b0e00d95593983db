#!/usr/bin/env python3
"""gen_compatibility.py [--check]

Keeps two parts of docs/compatibility.md in step with the code:
 * "Not available yet": every function whose source calls not_yet("name"), and nothing else;
 * "To be recorded": what test/replay/accepted lists, with its reasons and requests.
Without --check it rewrites the second part and reports the first; with it, nothing is written and any difference fails.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
DOC = ROOT / "docs" / "compatibility.md"
BEGIN, END = "<!-- to be recorded: begin -->", "<!-- to be recorded: end -->"


def not_yet_in_code():
    names = set()
    for f in sorted((ROOT / "src").glob("*.cpp")):
        names |= set(re.findall(r'not_yet\("([A-Za-z0-9_]+)"\)', f.read_text()))
    return names


def not_yet_in_doc(text):
    section = re.search(r"^## Not available yet\n(.*?)(?=^## )", text, re.S | re.M)
    return set(re.findall(r"`((?:taos|tmq|ws|ots|Java)_[A-Za-z0-9_]+|getBuildInfo)`", section.group(1))) if section else set()


def recorded_part():
    out = []
    for f in sorted((ROOT / "test" / "replay" / "accepted").glob("*.txt")):
        lines = f.read_text().splitlines()
        if not any(l and not l.startswith("#") for l in lines):
            continue
        out += ["### " + f.stem, "", "```"]
        skipped, shown = 0, 0
        for line in lines[1:] if lines[0].strip() == "# " + f.stem else lines:
            # A long series of like requests is shown by its first three.
            if line.startswith("! "):
                shown += 1
                if shown > 12:
                    skipped += 1
                    continue
            elif skipped:
                out.append("! ... and %d more like these" % skipped)
                skipped = 0
            out.append(line)
        if skipped:
            out.append("! ... and %d more like these" % skipped)
        while out[-1] == "":
            out.pop()
        out += ["```", ""]
    return "\n".join(out)


def main():
    check = "--check" in sys.argv[1:]
    text = DOC.read_text()
    bad = 0
    code, doc = not_yet_in_code(), not_yet_in_doc(text)
    for name in sorted(code - doc):
        print("%s is not available yet, but docs/compatibility.md does not say so" % name)
        bad += 1
    for name in sorted(doc - code):
        print("docs/compatibility.md says that %s is not available yet, but it is" % name)
        bad += 1
    head, rest = text.split(BEGIN)
    tail = rest.split(END)[1]
    new = head + BEGIN + "\n" + recorded_part() + END + tail
    if new != text:
        if check:
            print("docs/compatibility.md is behind test/replay/accepted: run tools/gen_compatibility.py")
            bad += 1
        else:
            DOC.write_text(new)
            print("docs/compatibility.md rewritten")
    if not bad:
        print("docs/compatibility.md agrees with the code")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
