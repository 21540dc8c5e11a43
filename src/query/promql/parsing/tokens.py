"""The words of a query and where they start; the parser itself does not tell."""

import re
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""
      (?P<space>\s+|\#[^\n]*)
    | (?P<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`)
    | (?P<duration>(?:\d+(?:ms|[smhdwy]))+(?![A-Za-z0-9_]))
    | (?P<number>0[xX][0-9a-fA-F_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?)
    | (?P<word>[A-Za-z_:][A-Za-z0-9_:]*)
    | (?P<sign></|>/|==|!=|<=|>=|=~|!~|.)
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    """One word: its kind, its text, and the character it starts at."""

    kind: str
    text: str
    start: int


def tokens(query: str) -> list[Token]:
    """All words of a query, without spaces and comments."""
    return [
        Token(match.lastgroup or "", match.group(), match.start())
        for match in _TOKEN.finditer(query)
        if match.lastgroup != "space"
    ]


# The parser does not know these two, which bind as tightly as comparisons.
_AS_COMPARISON = {"</": "<", ">/": ">"}


EXTENSIONS = frozenset({"anchored", "smoothed"})
_ENDING = re.compile(r"[\]})\w]\Z")


def extends(before: str, word: str) -> bool:
    """Whether a word is a modifier of the selector that ends just before it."""
    is_operator = before.lower() in ("and", "or", "unless", "atan2", "by", "bool")
    return word.lower() in EXTENSIONS and bool(_ENDING.search(before)) and not is_operator


def readable(query: str) -> str:
    """The query as the parser knows it: `1_000` as `1000`, `</` as `<`, no `anchored`."""
    parts, before = [], ""
    for match in _TOKEN.finditer(query):
        text = match.group()
        if extends(before, text):
            continue
        before = before if match.lastgroup == "space" else text
        if match.lastgroup == "number":
            text = text.replace("_", "")
        parts.append(_AS_COMPARISON.get(text, text))
    return "".join(parts)


_SIMPLE = {
    "a": 7,
    "b": 8,
    "f": 12,
    "n": 10,
    "r": 13,
    "t": 9,
    "v": 11,
    "\\": 92,
    "'": 39,
    '"': 34,
}
_ESCAPE = re.compile(
    r"\\(?:x([0-9a-fA-F]{2})|([0-7]{3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", re.DOTALL
)


def unquoted(text: str) -> str:
    """What a quoted string stands for; bytes that are no UTF-8 become lone surrogates."""
    if text[0] == "`":
        return text[1:-1]
    body, out, last = text[1:-1], bytearray(), 0
    for match in _ESCAPE.finditer(body):
        out += body[last : match.start()].encode()
        out += _escaped(match)
        last = match.end()
    out += body[last:].encode()
    return out.decode("utf-8", "surrogateescape")


def _escaped(match: re.Match[str]) -> bytes:
    byte, octal, short, long, simple = match.groups()
    if byte:
        return bytes([int(byte, 16)])
    if octal:
        return bytes([int(octal, 8) & 0xFF])
    if short or long:
        return chr(int(short or long, 16)).encode("utf-8", "surrogatepass")
    return bytes([_SIMPLE.get(simple, ord("?"))])
