"""Label sets: sorted tuples of pairs, so that equal sets are equal keys."""

import re
from collections.abc import Collection, Mapping
from functools import lru_cache

Labels = tuple[tuple[str, str], ...]

METRIC_NAME = "__name__"
BUCKET_BOUND = "le"
METADATA = frozenset({METRIC_NAME, "__type__", "__unit__"})

_PLAIN_METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*\Z")
_PLAIN_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*\Z")


def from_mapping(pairs: Mapping[str, str]) -> Labels:
    """The label set of these pairs; a label with an empty value is no label."""
    return tuple(sorted((name, value) for name, value in pairs.items() if value))


def get(labels: Labels, name: str) -> str:
    """The value of one label, empty where it is missing."""
    for key, value in labels:
        if key == name:
            return value
    return ""


def metric_name(labels: Labels) -> str:
    """The metric's name, empty where it has none."""
    return get(labels, METRIC_NAME)


def without(labels: Labels, names: Collection[str]) -> Labels:
    """All labels but these."""
    return tuple([pair for pair in labels if pair[0] not in names])


def only(labels: Labels, names: Collection[str]) -> Labels:
    """These labels, as far as they are there."""
    return tuple([pair for pair in labels if pair[0] in names])


def without_metadata(labels: Labels) -> Labels:
    """What remains when the metric's name is dropped."""
    return tuple([pair for pair in labels if pair[0] not in METADATA])


def with_label(labels: Labels, name: str, value: str) -> Labels:
    """One label set to a value; an empty value removes it."""
    others = without(labels, (name,))
    return tuple(sorted((*others, (name, value)))) if value else others


def is_valid_name(name: str) -> bool:
    """Whether this may name a label: any UTF-8 but the empty string."""
    if not name:
        return False
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def quoted(text: str) -> str:
    """A string in quotes as Go writes it, with the bytes that are no UTF-8 as `\\x…`."""
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return f'"{"".join(_ESCAPES.get(char) or _shown(char) for char in text)}"'


def _shown(char: str) -> str:
    code = ord(char)
    if char.isprintable():
        return char
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def readable(text: str) -> str:
    """The text with the replacement character for bytes that are no UTF-8."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


_ESCAPES = {
    '"': '\\"',
    "\\": "\\\\",
    "\n": "\\n",
    "\t": "\\t",
    "\r": "\\r",
    "\a": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\v": "\\v",
}


@lru_cache(maxsize=4096)
def label_key(name: str) -> str:
    """A label's name as queries and series write it: in quotes where it needs them."""
    return name if _PLAIN_LABEL.match(name) else quoted(name)


def braced(labels: Labels) -> str:
    """The label set with the name as one label among the others."""
    return "{" + ", ".join(f"{label_key(key)}={quoted(value)}" for key, value in labels) + "}"


def text(labels: Labels) -> str:
    """The label set as Prometheus prints it: `name{label="value"}`."""
    name = metric_name(labels)
    plain_name = bool(_PLAIN_METRIC.match(name))
    parts = [] if plain_name or not name else [quoted(name)]
    parts += [f"{label_key(key)}={quoted(value)}" for key, value in labels if key != METRIC_NAME]
    if plain_name and not parts:
        return name
    return f"{name if plain_name else ''}{{{', '.join(parts)}}}"
