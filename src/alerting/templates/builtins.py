"""The functions that Go's text/template has of its own."""

import html
from collections.abc import Callable, Mapping, Sequence
from typing import Final
from urllib.parse import quote_plus

from alerting.templates.printf import printf, sprint, sprintln
from alerting.templates.values import Function, text_of, truth, type_name

_JS: Final = str.maketrans(
    {
        "\\": "\\\\",
        "'": "\\'",
        '"': '\\"',
        "<": "\\u003C",
        ">": "\\u003E",
        "&": "\\u0026",
        "=": "\\u003D",
        **{chr(code): f"\\u{code:04X}" for code in range(32)},
    }
)


def _length(value: object) -> int:
    if isinstance(value, str):
        return len(value.encode())
    if isinstance(value, Mapping | Sequence):
        return len(value)
    raise TypeError(f"len of type {type_name(value)}")


def _index(value: object, *keys: object) -> object:
    for key in keys:
        if isinstance(value, Mapping):
            if not isinstance(key, str):
                raise TypeError(f"value has type {type_name(key)}; should be string")
            value = value.get(key, "" if getattr(value, "all_text", False) else None)
            continue
        if not isinstance(value, Sequence):
            raise TypeError(f"can't index item of type {type_name(value)}")
        value = _item(value, key)
    return value


def _item(value: Sequence[object], key: object) -> object:
    position = _position(key)
    items = value.encode() if isinstance(value, str) else value
    if not 0 <= position < len(items):
        raise IndexError(f"index out of range: {position}")
    return items[position]


def _position(key: object) -> int:
    if isinstance(key, bool) or not isinstance(key, int):
        raise TypeError(f"cannot index slice/array with type {type_name(key)}")
    return key


def _slice(value: object, *bounds: object) -> object:
    if not isinstance(value, Sequence) or len(bounds) > 2:
        raise TypeError(f"can't slice item of type {type_name(value)}")
    start, end = [*map(_position, bounds), *[0, _length(value)][len(bounds) :]][:2]
    if not 0 <= start <= end <= _length(value):
        raise IndexError(f"index out of range: {end if start <= end else start}")
    if isinstance(value, str):
        return value.encode()[start:end].decode(errors="replace")
    return value[start:end]


def _comparable(one: object, other: object) -> bool:
    for value in (one, other):
        if isinstance(value, Mapping | Sequence) and not isinstance(value, str):
            raise TypeError(f"non-comparable type {text_of(value)}: {type_name(value)}")
    if one is None or other is None:
        return one is other
    if _kind(one) != _kind(other):
        raise TypeError("incompatible types for comparison")
    return one == other


def _kind(value: object) -> str:
    return next(
        (kind.__name__ for kind in (bool, int, float, str) if isinstance(value, kind)),
        type(value).__name__,
    )


def _equal(first: object, *others: object) -> bool:
    if not others:
        raise TypeError("missing argument for comparison")
    return any(_comparable(first, other) for other in others)


def _less(one: object, other: object) -> bool:
    if _kind(one) != _kind(other):
        raise TypeError("incompatible types for comparison")
    if isinstance(one, str) and isinstance(other, str):
        return one < other
    if isinstance(one, bool):
        raise TypeError("invalid type for comparison")
    if isinstance(one, int | float) and isinstance(other, int | float):
        return one < other
    raise TypeError("invalid type for comparison")


def _less_or_equal(one: object, other: object) -> bool:
    return _less(one, other) or _comparable(one, other)


def _escaping(write: Callable[[str], str]) -> Callable[..., str]:
    def escape(*arguments: object) -> str:
        only = arguments[0] if len(arguments) == 1 else None
        return write(only if isinstance(only, str) else sprint(*arguments))

    return escape


def escaped(text: str) -> str:
    """Safe in HTML, between tags and in quoted attributes."""
    return html.escape(text).replace("&quot;", "&#34;").replace("&#x27;", "&#39;")


BUILTINS: Final[Mapping[str, Function]] = {
    "len": Function(_length, (object,)),
    "index": Function(_index, (object, object), repeats=True),
    "slice": Function(_slice, (object, object), repeats=True),
    "not": Function(lambda value: not truth(value), (object,)),
    "print": Function(sprint, (object,), repeats=True),
    "println": Function(sprintln, (object,), repeats=True),
    "printf": Function(printf, (str, object), repeats=True),
    "html": Function(_escaping(escaped), (object,), repeats=True),
    "js": Function(_escaping(lambda text: text.translate(_JS)), (object,), repeats=True),
    "urlquery": Function(_escaping(quote_plus), (object,), repeats=True),
    "eq": Function(_equal, (object, object), repeats=True),
    "ne": Function(lambda one, other: not _comparable(one, other), (object, object)),
    "lt": Function(_less, (object, object)),
    "le": Function(_less_or_equal, (object, object)),
    "gt": Function(lambda one, other: not _less_or_equal(one, other), (object, object)),
    "ge": Function(lambda one, other: not _less(one, other), (object, object)),
}
# Those that the evaluation itself carries out, since they leave arguments unread.
LAZY: Final = ("and", "or")
