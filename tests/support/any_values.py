"""Attribute values and log bodies: as AnyValues on the wire and in JSON, and told apart exactly."""

import base64
import math
import struct
from typing import Any, Final

from hypothesis import strategies as st
from support.otlp_wire import sized, tag, varint

from otlp_receiver.decoding.values import Map, Value

INT64: Final = (-(2**63), -(2**63) + 1, -(2**53) - 1, -1, 0, 1, 2**53 + 1, 2**63 - 1)
# Each of them must stay what it is, and be nothing else of these.
# fmt: off
ALIKE: Final[tuple[Value, ...]] = (
    None, "", "null", 0, "0", 0.0, -0.0, "0.0", 1, 1.0, "1", False, "false", True, b"", b"null",
    [], "[]", [None], [[]], [0], [0.0], [False], [""], [b""], [math.nan], [None, None],
    Map({}), "{}", [Map({})], Map({"": None}), Map({"": ""}), Map({"a": Map({})}),
    math.nan, "NaN", math.inf, "Infinity", -math.inf, "-Infinity",
    Map({"$bytes": ""}), Map({"$bytes": b""}), Map({"$double": "NaN"}), Map({"$double": 1.5}),
    Map({"$map": Map({})}), Map({"$map": Map({"$map": Map({})})}), Map({"$": 1}), Map({"$x": 1}),
    Map({"$a": 1, "b": 2}), Map({"b": 2, "$a": 1}), Map({"a": 1}), Map({"$bytes": 1, "b": 2}),
    '{"$bytes":""}', '{"$double":"NaN"}', '"', "\\", "\x00", "\x1f\x7f\u2028", "é😀\ufeff\ufffd",
    5e-324, 1e16, 1e15, 1e-5, 1e-4, 1.7976931348623157e308, b"\xff\xef\xbe", bytes(256),
    *(value for value in INT64 if value not in (0, 1)),
)
# fmt: on

_KEYS: Final = st.sampled_from(("", "$", "$map", "$bytes", "$double", "a")) | st.text(max_size=5)
_SCALARS: Final[st.SearchStrategy[Value]] = (
    st.none()
    | st.booleans()
    | st.sampled_from(INT64)
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats()
    | st.text(max_size=20)
    | st.binary(max_size=20)
)


def _containers(inner: st.SearchStrategy[Value]) -> st.SearchStrategy[Value]:
    maps: st.SearchStrategy[Value] = st.dictionaries(_KEYS, inner, max_size=4).map(Map)
    lists: st.SearchStrategy[Value] = st.lists(inner, max_size=4)
    return lists | maps


def nested(value: Value, keys: list[str | None]) -> Value:
    """The value in one container for each: a map with that key, or an array for None."""
    for key in keys:
        value = [value] if key is None else Map({key: value})
    return value


_SHALLOW: Final = st.recursive(_SCALARS, _containers, max_leaves=8)
_DEEP: Final = st.builds(nested, _SCALARS, st.lists(st.none() | _KEYS, min_size=64, max_size=128))
VALUES: Final[st.SearchStrategy[Value]] = st.sampled_from(ALIKE) | _SHALLOW | _DEEP


def exact(value: Value) -> Any:
    """Equal only for the same value of the same kind: 1 is not 1.0, -0.0 not 0.0, NaN is NaN."""
    kind = type(value).__name__
    if isinstance(value, float):
        return kind, "NaN" if math.isnan(value) else struct.pack("<d", value)
    if isinstance(value, list):
        return kind, [exact(item) for item in value]
    if isinstance(value, Map):
        return kind, [(key, exact(item)) for key, item in value.entries.items()]
    return kind, value


def wire(value: Value) -> bytes:
    """An AnyValue as protobuf, however deep."""
    if value is None:
        return b""
    if isinstance(value, str):
        return sized(1, value.encode())
    if isinstance(value, bool):
        return tag(2, 0) + varint(value)
    if isinstance(value, int):
        return tag(3, 0) + varint(value & (2**64 - 1))
    if isinstance(value, float):
        return tag(4, 1) + struct.pack("<d", value)
    if isinstance(value, bytes):
        return sized(7, value)
    if isinstance(value, list):
        return sized(5, b"".join(sized(1, wire(item)) for item in value))
    return sized(6, b"".join(sized(1, pair(key, item)) for key, item in value.entries.items()))


def pair(key: str, value: Value) -> bytes:
    """A KeyValue as protobuf."""
    return sized(1, key.encode()) + sized(2, wire(value))


def as_json(value: Value) -> Any:
    """An AnyValue as OTLP JSON has it."""
    if value is None:
        return {}
    if isinstance(value, str):
        return {"stringValue": value}
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value if math.isfinite(value) else _word(value)}
    if isinstance(value, bytes):
        return {"bytesValue": base64.b64encode(value).decode()}
    if isinstance(value, list):
        return {"arrayValue": {"values": [as_json(item) for item in value]}}
    return {"kvlistValue": {"values": pairs_json(value.entries)}}


def pairs_json(entries: dict[str, Value]) -> list[Any]:
    """KeyValues as OTLP JSON has them."""
    return [{"key": key, "value": as_json(item)} for key, item in entries.items()]


def _word(value: float) -> str:
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
