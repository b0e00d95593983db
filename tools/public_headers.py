"""Reads the public headers: which functions they declare, with which types and which documentation."""
import re
from pathlib import Path
from typing import NamedTuple, Optional

HEADERS = ("taos.h", "taosws.h", "opentaos.h")
API_MACROS = ("DLL_EXPORT", "OPENTAOS_API")


class HeaderError(Exception):
    """A header holds something that this reader does not understand."""


class Function(NamedTuple):
    name: str
    returns: str
    params: list  # types, in order
    doc: Optional[str]  # the comment in front of it, if it is a /** comment
    header: str
    line: int


def normal_type(text: str) -> str:
    """A type in one spelling: no needless blanks, arrays as pointers, bool for _Bool, no struct and enum keywords."""
    text = re.sub(r"\b_Bool\b", "bool", text)
    text = re.sub(r"\b(struct|enum)\b", "", text)
    text = re.sub(r"\[\s*\]", "*", text)
    tokens = re.findall(r"\w+|\*|\.\.\.", text)
    return " ".join(tokens).replace("* *", "**").replace("* *", "**")


def param_type(text: str) -> str:
    """The type of a parameter, whether or not it has a name."""
    if text.strip() == "...":
        return "..."
    array = "[" in text
    tokens = re.findall(r"\w+|\*", re.sub(r"\[.*?\]", "", text))
    words = [t for t in tokens if t not in ("const", "struct", "enum", "*")]
    if len(words) > 1 and re.fullmatch(r"\w+", tokens[-1]):
        tokens.pop()
    return normal_type(" ".join(tokens) + (" *" if array else ""))


def param_types(text: str) -> list:
    """The types of a parameter list; `void` is an empty one."""
    text = text.strip()
    if text in ("", "void"):
        return []
    return [param_type(p) for p in text.split(",")]


def read_header(path: Path) -> list:
    """The functions of a header in their order."""
    source = path.read_text(encoding="utf-8")
    comments = []

    def keep(match):
        comments.append(match.group(0))
        return "\x01%d\x02%s" % (len(comments) - 1, "\n" * match.group(0).count("\n"))

    text = re.sub(r"/\*.*?\*/", keep, source, flags=re.S)
    text = re.sub(r"^[ \t]*#(?:.*\\\n)*.*$", lambda m: "\n" * m.group(0).count("\n"), text, flags=re.M)
    text = re.sub(r'extern\s+"C"\s*\{', "", text)

    functions = []
    for start, statement in _statements(text, path):
        marks = list(re.finditer(r"\x01(\d+)\x02", statement))
        code = re.sub(r"\x01\d+\x02", " ", statement).strip()
        if not code or code.startswith("typedef"):
            continue
        macro, _, rest = code.partition(" ")
        found = re.fullmatch(r"(.*?)\b(\w+)\s*\((.*)\)", rest.strip(), re.S)
        line = text[: start + statement.index(macro)].count("\n") + 1
        if macro not in API_MACROS or not found:
            raise HeaderError("%s:%d: neither a typedef nor an exported function: %s" % (path, line, code[:70]))
        returns, name, params = found.groups()
        before = [m for m in marks if not re.sub(r"\x01\d+\x02", "", statement[: m.start()]).strip()]
        doc = comments[int(before[-1].group(1))] if before else None
        if doc is not None and not doc.startswith("/**"):
            doc = None
        functions.append(Function(name, normal_type(returns), param_types(params), doc, path.name, line))
    return functions


def _statements(text: str, path: Path):
    """Splits at the semicolons outside of braces."""
    depth = 0
    start = 0
    for i, c in enumerate(text):
        if c == "{":
            depth += 1
        elif c == "}":
            depth -= 1
            if depth < 0:  # the end of extern "C"
                rest = re.sub(r"\x01\d+\x02", "", text[i + 1 :]).strip()
                if rest:
                    raise HeaderError("%s: text after the end: %s" % (path, rest[:70]))
                return
        elif c == ";" and depth == 0:
            yield start, text[start:i]
            start = i + 1
    rest = re.sub(r"\x01\d+\x02", "", text[start:]).strip()
    if rest:
        raise HeaderError("%s: unfinished: %s" % (path, rest[:70]))


def read_all(include: Path) -> list:
    """The functions of all public headers; a name declared twice is an error."""
    functions = []
    seen = {}
    for header in HEADERS:
        path = include / header
        if not path.exists():
            if header != "opentaos.h":
                raise HeaderError("%s is missing" % path)
            continue
        for function in read_header(path):
            if function.name in seen:
                raise HeaderError("%s is declared in %s and in %s" % (function.name, seen[function.name], header))
            seen[function.name] = header
            functions.append(function)
    return functions
