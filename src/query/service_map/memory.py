"""What is remembered of files' calls, for as long as the process lives."""

import threading
from collections.abc import Callable, Hashable
from typing import Protocol, TypeVar
from weakref import WeakValueDictionary

from goldeneye import limits
from goldeneye.errors import QueryLate
from query.summaries.counts import Names
from query.summaries.remembered import Remembered

# What a value costs beside its arrays.
_VALUE_BYTES = 500


class _Sized(Protocol):
    @property
    def nbytes(self) -> int: ...


Value = TypeVar("Value", bound=_Sized)


class CallMemory:
    """Shared by all questions; any thread may ask."""

    def __init__(self) -> None:
        self.names = Names()
        self._values: Remembered[_Sized] = Remembered(
            limits.MAX_REMEMBERED_CALL_BYTES, lambda value: value.nbytes + _VALUE_BYTES
        )
        self._lock = threading.Lock()
        self._making: WeakValueDictionary[Hashable, threading.Lock] = WeakValueDictionary()

    def get(self, kind: type[Value], key: Hashable) -> Value | None:
        value = self._values.get((kind, key))
        assert value is None or isinstance(value, kind)
        return value

    def put(self, value: _Sized, key: Hashable) -> None:
        self._values.put((type(value), key), value)

    def once(
        self, kind: type[Value], key: Hashable, timeout_s: float, make: Callable[[], Value]
    ) -> Value:
        """What is remembered, or what `make` returns, which may put it: of several that ask for
        one key at once only one makes it at a time. Raises QueryLate."""
        found = self.get(kind, key)
        if found is not None:
            return found
        with self._lock:
            lock = self._making.setdefault((kind, key), threading.Lock())
        if not lock.acquire(timeout=timeout_s):
            raise QueryLate(f"other questions read the same file for {timeout_s:g} s: ask again")
        try:
            return self.get(kind, key) or make()
        finally:
            lock.release()
