"""Values remembered by key, the least recently used of them forgotten first."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Set
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Remembered(Generic[Value]):
    """Of a bounded size in all; any thread may ask."""

    def __init__(self, most: int, size: Callable[[Value], int]) -> None:
        """`size` counts a value, in whatever `most` bounds."""
        self._most = most
        self._size = size
        self._used = 0
        self._values: OrderedDict[Hashable, Value] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Value | None:
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._values.clear()
            self._used = 0

    def others(self, keys: Set[Hashable]) -> Set[Hashable]:
        """The keys of what is remembered but for these."""
        with self._lock:
            return self._values.keys() - keys

    def forget(self, keys: Set[Hashable]) -> None:
        """What is remembered by these keys."""
        with self._lock:
            for key in keys & self._values.keys():
                self._used -= self._size(self._values.pop(key))

    def put(self, key: Hashable, value: Value) -> None:
        with self._lock:
            if key in self._values:
                return
            self._values[key] = value
            self._used += self._size(value)
            while self._used > self._most:
                _, forgotten = self._values.popitem(last=False)
                self._used -= self._size(forgotten)
