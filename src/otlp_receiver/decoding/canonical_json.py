"""An AnyValue as text and back (docs/decoding.md, section 2)."""

import base64
import json
import math
from json.encoder import encode_basestring
from typing import Any

from otlp_receiver.decoding.values import Map, Value, unique


def encode(value: Value) -> str:
    """The canonical JSON of a value."""
    if isinstance(value, str):
        return encode_basestring(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _double(value)
    if isinstance(value, bytes):
        return '{"$bytes":"' + base64.b64encode(value).decode("ascii") + '"}'
    if isinstance(value, list):
        return "[" + ",".join(map(encode, value)) + "]"
    text = encode_object(value.entries)
    keys = list(value.entries)
    return '{"$map":' + text + "}" if len(keys) == 1 and keys[0].startswith("$") else text


def encode_object(entries: dict[str, Value]) -> str:
    """An object as it stands, never wrapped: what attributes are written as."""
    return (
        "{"
        + ",".join([f"{encode_basestring(key)}:{encode(value)}" for key, value in entries.items()])
        + "}"
    )


def encode_attributes(entries: dict[str, Value]) -> str | None:
    """Attributes as a column holds them: None where there are none."""
    return encode_object(entries) if entries else None


def _double(value: float) -> str:
    if math.isfinite(value):
        return repr(value)
    name = "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return '{"$double":"' + name + '"}'


def decode(text: str) -> Value:
    """The value that `encode` wrote as this text."""
    return _value(json.loads(text, object_pairs_hook=_Pairs))


def decode_attributes(text: str | None) -> dict[str, Value]:
    """The attributes that a column's text holds."""
    if text is None:
        return {}
    pairs = json.loads(text, object_pairs_hook=_Pairs)
    return {key: _value(item) for key, item in pairs.pairs}


class _Pairs:
    """An object as parsed, before it is known what it stands for."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        self.pairs = pairs


def _value(parsed: Any) -> Value:
    if isinstance(parsed, list):
        return [_value(item) for item in parsed]
    if not isinstance(parsed, _Pairs):
        plain: Value = parsed
        return plain
    if len(parsed.pairs) == 1 and parsed.pairs[0][0].startswith("$"):
        (key, inner) = parsed.pairs[0]
        if key == "$bytes":
            return base64.b64decode(inner)
        if key == "$double":
            return float(inner)
        return Map({name: _value(item) for name, item in inner.pairs})
    return Map(unique((key, _value(item)) for key, item in parsed.pairs))
