"""Functions on text that notifications and rules share, and those that only one of them has."""

import re
from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from typing import Final
from urllib.parse import quote_plus, unquote_plus

import orjson

from alerting import regex
from alerting.templates.humanize import humanize_duration
from alerting.templates.times import Duration, Time
from alerting.templates.values import Function, Record, SafeText, text_of

_WORD: Final = re.compile(r"\w+(?:['’]\w+)*")
# As Go writes JSON, so that it can stand in a page.
_JSON_IN_HTML: Final = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})
_BEGINNING: Final = re.compile(r"(?<!\w)[^\W\d_]")


def _join(separator: str, parts: object) -> str:
    if isinstance(parts, str) or not isinstance(parts, list | tuple):
        raise TypeError(f"expected a list of texts; found {text_of(parts)}")
    return separator.join(map(text_of, parts))


def _title_words(text: str) -> str:
    return _WORD.sub(lambda m: m[0][0].upper() + m[0][1:].lower(), text)


def _title_letters(text: str) -> str:
    return _BEGINNING.sub(lambda m: m[0].upper(), text)


def split_port(address: str) -> tuple[str, str]:
    """Host and `:port`; the port is empty where there is none."""
    host, colon, port = address.rpartition(":")
    if not colon or "]" in port or (":" in host and not host.startswith("[")):
        return address, ""
    return host.removeprefix("[").removesuffix("]"), colon + port


def _strip_domain(address: str) -> str:
    host, port = split_port(address)
    try:
        ip_address(host)
    except ValueError:
        return host.split(".", 1)[0] + port
    return address


def _json(value: object) -> str:
    written = orjson.dumps(value, default=_plain, option=orjson.OPT_PASSTHROUGH_DATACLASS)
    return written.decode().translate(_JSON_IN_HTML)


def _plain(value: object) -> object:
    if isinstance(value, Time):
        return value.format("2006-01-02T15:04:05.999999999Z07:00")
    if isinstance(value, Duration):
        return value.ns
    if isinstance(value, Mapping):
        return dict(sorted(value.items()))
    if isinstance(value, Sequence):
        return list(value)
    if isinstance(value, Record):
        return {name[0].lower() + name[1:]: value.field(name) for name in value.FIELDS}
    raise TypeError(f"{type(value).__name__} has no JSON")


def _dict(*pairs: object) -> dict[str, object]:
    if len(pairs) % 2:
        raise TypeError("dict expects an even number of arguments")
    return {text_of(key): value for key, value in zip(pairs[::2], pairs[1::2], strict=True)}


TEXTS: Final[Mapping[str, Function]] = {
    "toUpper": Function(str.upper, (str,)),
    "toLower": Function(str.lower, (str,)),
    "match": Function(regex.found, (str, str)),
    "reReplaceAll": Function(regex.replace_all, (str, str, str)),
    "safeHtml": Function(SafeText, (str,)),
}
# Only in notifications.
NOTIFICATION_TEXTS: Final[Mapping[str, Function]] = {
    **TEXTS,
    "title": Function(_title_words, (str,)),
    "trimSpace": Function(str.strip, (str,)),
    "join": Function(_join, (str, object)),
    "safeUrl": Function(SafeText, (str,)),
    "urlUnescape": Function(unquote_plus, (str,)),
    "stringSlice": Function(lambda *texts: list(texts), (str,), repeats=True),
    "date": Function(lambda layout, time: time.format(layout), (str, Time)),
    "tz": Function(lambda zone, time: time.within(zone), (str, Time)),
    "humanizeDuration": Function(humanize_duration, (object,)),
    "toJson": Function(_json, (object,)),
    "list": Function(lambda *items: list(items), (object,), repeats=True),
    "append": Function(lambda items, *more: [*items, *more], (list, object), repeats=True),
    "dict": Function(_dict, (object,), repeats=True),
}
# Only in rules.
RULE_TEXTS: Final[Mapping[str, Function]] = {
    **TEXTS,
    "title": Function(_title_letters, (str,)),
    "stripPort": Function(lambda address: split_port(address)[0], (str,)),
    "stripDomain": Function(_strip_domain, (str,)),
    "urlQueryEscape": Function(quote_plus, (str,)),
    "graphLink": Function(lambda e: f"/graph?g0.expr={quote_plus(e)}&g0.tab=0", (str,)),
    "tableLink": Function(lambda e: f"/graph?g0.expr={quote_plus(e)}&g0.tab=1", (str,)),
    "args": Function(
        lambda *values: {f"arg{at}": value for at, value in enumerate(values)},
        (object,),
        repeats=True,
    ),
}
