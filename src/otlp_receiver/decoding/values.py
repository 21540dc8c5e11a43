"""An AnyValue as a Python value: None, str, bool, int, float, bytes, list, Map."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Union

from goldeneye.limits import MAX_VALUE_DEPTH

Value = Union[None, str, bool, int, float, bytes, "list[Value]", "Map"]


class BodyRefused(Exception):
    """The body cannot be taken; its text says what is wrong and where."""


class TooDeep(BodyRefused):
    def __init__(self) -> None:
        super().__init__(f"arrays and maps are nested more than {MAX_VALUE_DEPTH} deep")


@dataclass(frozen=True)
class Map:
    """Entries in the order sent, keys unique."""

    entries: dict[str, Value]


def unique(pairs: Iterable[tuple[str, Value]]) -> dict[str, Value]:
    """Of equal keys the last one stays, at the last one's place."""
    found: dict[str, Value] = {}
    for key, value in pairs:
        found.pop(key, None)
        found[key] = value
    return found


_SCALARS: Final = frozenset(
    {"string_value", "bool_value", "int_value", "double_value", "bytes_value"}
)


class MessageReader:
    """Reads messages of the opentelemetry-proto classes."""

    def __init__(self, warn: Any) -> None:
        self._warn = warn

    def text(self, field: str) -> str:
        return field

    def has_body(self, record: Any) -> bool:
        return bool(record.HasField("body"))

    def attributes(self, pairs: Iterable[Any]) -> dict[str, Value]:
        """KeyValues, equal keys united."""
        found: dict[str, Value] = {}
        for pair in pairs:
            key, message = pair.key, pair.value
            found.pop(key, None)
            kind = message.WhichOneof("value")
            # Most values by far are scalars: they are read without another call.
            found[key] = getattr(message, kind) if kind in _SCALARS else self.value(message)
            if pair.key_strindex:
                self._warn("string_index")
        return found

    def value(self, message: Any, depth: int = 0) -> Value:
        """`depth` arrays and maps are around it."""
        kind = message.WhichOneof("value")
        if kind is None:
            return None
        if kind == "string_value_strindex":
            if message.string_value_strindex:
                self._warn("string_index")
            return None
        if kind in _SCALARS:
            scalar: Value = getattr(message, kind)
            return scalar
        if depth == MAX_VALUE_DEPTH:
            raise TooDeep
        if kind == "array_value":
            return [self.value(item, depth + 1) for item in message.array_value.values]
        return Map(unique(self._entries(message.kvlist_value.values, depth + 1)))

    def _entries(self, pairs: Iterable[Any], depth: int) -> Iterable[tuple[str, Value]]:
        for pair in pairs:
            if pair.key_strindex:
                self._warn("string_index")
            yield pair.key, self.value(pair.value, depth)
