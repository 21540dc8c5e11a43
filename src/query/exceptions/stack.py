"""What stays the same of a stack trace: which functions called which, in which files.

Numbers have become `#` already. Lines that are no frames hold messages, which differ from one
occurrence to the next; they are left out where there are frames. Understood are the traces of
Python, Java and its kin, JavaScript, Go and .NET.
"""

import hashlib
import re
from typing import Final

# Of each language: the function, and the file where that tells functions apart.
_FRAMES: Final = (
    re.compile(r'\s*File "(?P<file>[^"]+)", line #, in (?P<function>.+)'),
    re.compile(r"\s*at (?P<function>[^\s(]+)\((?P<file>[^():]*)(?::#)?\)(?: ~?\[.*\])?"),
    re.compile(r"\s*at (?P<function>.+?) \((?P<file>[^()]*?)(?::#)*\)"),
    re.compile(r"\s*at (?P<function>[^()]+\(.*?\))(?: in (?P<file>.+?):line #)?"),
    re.compile(r"\s*at (?:async )?(?P<file>\S+?)(?::#)+(?P<function>)"),
    re.compile(r"(?P<function>(?:created by )?[\w./*()\-{}]+?)\([^()]*\)(?P<file>)"),
    re.compile(r"(?P<function>\S+)@(?P<file>\S+?)(?::#)+"),
)
_CAUSE: Final = re.compile(r"\s*Caused by: (?P<type>[\w.$]+)")
# Folders that differ from one machine or release to the next.
_FOLDERS: Final = re.compile(r"^.*[/\\]")
# What builds and class generators append, other each time: `main.3f2a1b9c.js`, `A$$CGLIB$$1f2e3d`.
_BUILD: Final = re.compile(r"(?<=[.\-_])(?:(?:[a-f]*#){2,}[a-f]*|[a-f]{4,}#[a-f]*)(?=\.\w+$)")
_GENERATED: Final = re.compile(r"(?<=\$\$)(?=[a-f]*#)[a-f#]+\b")
_MAX_LINES: Final = 200


def fingerprint(exception_type: str | None, shape: str, has_stack: bool) -> str:
    """16 hexadecimal digits, equal for exceptions of one type that came about in one way.

    `shape` is the stack trace, or else the message, with `#` for numbers.
    """
    parts = (frames(shape) or [shape]) if has_stack else [shape]
    text = "\n".join([exception_type or "", *parts])
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def frames(shape: str) -> list[str]:
    """`function file` of each frame, and `Caused by: type` between them, as far as understood."""
    found = [_frame(line) for line in shape.splitlines()[:_MAX_LINES]]
    return [one for one in found if one is not None]


def _frame(line: str) -> str | None:
    if cause := _CAUSE.match(line):
        return f"Caused by: {cause['type']}"
    for pattern in _FRAMES:
        if match := pattern.fullmatch(line.rstrip()):
            function = _GENERATED.sub("#", match["function"])
            file = _BUILD.sub("#", _FOLDERS.sub("", match["file"] or ""))
            return f"{function} {file}".strip()
    return None
