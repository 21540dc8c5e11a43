"""String literals as Go writes and reads them."""

import re
from typing import Final

_SIMPLE: Final = {
    "a": 7, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11,
    "\\": 92, "'": 39, '"': 34,
}  # fmt: skip
_NAMED: Final = {7: "\\a", 8: "\\b", 12: "\\f", 10: "\\n", 13: "\\r", 9: "\\t", 11: "\\v"}
_ESCAPE: Final = re.compile(
    r"""\\(?:x([0-9a-fA-F]{2})|([0-3][0-7]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([abfnrtv\\'"]))"""
)


def unquote(literal: str) -> str:
    """What a literal in double quotes, single quotes or backquotes says. Raises ValueError."""
    if len(literal) < 2 or literal[0] != literal[-1] or literal[0] not in "\"'`":
        raise ValueError(f"{literal} is not a quoted string")
    inner = literal[1:-1]
    if literal[0] == "`":
        return inner.replace("\r", "")
    if "\n" in inner:
        raise ValueError("a quoted string holds a line break")
    text = _unescaped(inner, literal[0])
    if literal[0] == "'" and len(text) != 1:
        raise ValueError(f"{literal} is not one character")
    return text


def _unescaped(inner: str, quote_mark: str) -> str:
    parts, at = bytearray(), 0
    while at < len(inner):
        char = inner[at]
        if char == quote_mark:
            raise ValueError("an unescaped quote inside a quoted string")
        if char != "\\":
            parts += char.encode("utf-8", "surrogatepass")
            at += 1
            continue
        found = _ESCAPE.match(inner, at)
        if found is None or found[5] == {'"': "'", "'": '"'}[quote_mark]:
            raise ValueError(f"unknown escape sequence {inner[at : at + 2]}")
        parts += _escaped(found)
        at = found.end()
    try:
        return parts.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError("not valid UTF-8") from error


def _escaped(found: re.Match[str]) -> bytes:
    hexadecimal, octal, short, long, simple = found.groups()
    if simple:
        return bytes([_SIMPLE[simple]])
    if hexadecimal:
        return bytes([int(hexadecimal, 16)])
    if octal:
        return bytes([int(octal, 8)])
    code = int(short or long, 16)
    if code > 0x10FFFF or 0xD800 <= code < 0xE000:
        raise ValueError(f"{found[0]} is no character")
    return chr(code).encode()


def quote(text: str) -> str:
    """A literal in double quotes that says `text`."""
    if text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return '"' + "".join(map(_quoted, text)) + '"'


def _quoted(char: str) -> str:
    code = ord(char)
    if char in '"\\':
        return "\\" + char
    if code in _NAMED:
        return _NAMED[code]
    if char.isprintable():
        return char
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
