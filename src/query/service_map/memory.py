"""What is remembered of files' calls, for as long as the process lives."""

from collections.abc import Hashable
from typing import Any, Final, Protocol, TypeVar

from goldeneye import limits
from query.service_map.shared import Shared
from query.summaries.counts import Names
from query.summaries.remembered import Remembered

# What a value costs beside its arrays.
_VALUE_BYTES: Final = 500


class _Sized(Protocol):
    @property
    def nbytes(self) -> int: ...


Value = TypeVar("Value", bound=_Sized)


class CallMemory:
    """Shared by all questions; any thread may ask."""

    def __init__(self) -> None:
        self.names = Names()
        self.shared: Shared[Any] = Shared()
        self._values: Remembered[_Sized] = Remembered(
            limits.MAX_REMEMBERED_CALL_BYTES, lambda value: value.nbytes + _VALUE_BYTES
        )

    def get(self, kind: type[Value], key: Hashable) -> Value | None:
        value = self._values.get((kind, key))
        assert value is None or isinstance(value, kind)
        return value

    def put(self, value: _Sized, key: Hashable) -> None:
        self._values.put((type(value), key), value)
