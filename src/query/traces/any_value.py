"""Canonical JSON (docs/decoding.md, section 2) as OTLP's JSON has the same values."""

import json
import math
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]


class _Pairs(list[tuple[str, Any]]):
    """An object as parsed, before it is known what it stands for."""


def any_value(text: str) -> Json:
    """The AnyValue that the text stands for."""
    return _any_value(_parsed(text))


def key_values(text: str | None) -> list[Json]:
    """The attributes of an object."""
    if text is None:
        return []
    return [_key_value(key, value) for key, value in _parsed(text)]


def scalar(value: str | int | float | bool) -> Json:
    """The AnyValue of a value in a promoted column."""
    if isinstance(value, str):
        return {"stringValue": value}
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    return {"doubleValue": value if math.isfinite(value) else _word(value)}


def _parsed(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_Pairs)


def _key_value(key: str, parsed: Any) -> Json:
    return {"key": key, "value": _any_value(parsed)}


def _any_value(parsed: Any) -> Json:
    if parsed is None:
        return {}
    if isinstance(parsed, _Pairs):
        return _of_object(parsed)
    if isinstance(parsed, list):
        return {"arrayValue": {"values": [_any_value(item) for item in parsed]}}
    return scalar(parsed)


def _of_object(pairs: _Pairs) -> Json:
    if len(pairs) == 1:
        key, inner = pairs[0]
        if key == "$bytes":
            return {"bytesValue": inner}
        if key == "$double":
            return {"doubleValue": inner}
        if key == "$map":
            pairs = inner
    return {"kvlistValue": {"values": list(_members(pairs))}}


def _members(pairs: _Pairs) -> Iterator[Json]:
    return (_key_value(key, value) for key, value in pairs)


def _word(value: float) -> str:
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
