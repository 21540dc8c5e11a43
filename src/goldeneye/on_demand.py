"""A thing that is made when it is first asked for, since many never need it."""

import threading
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar


class Closable(Protocol):
    def close(self) -> None: ...


Thing = TypeVar("Thing", bound=Closable)


class OnDemand(Generic[Thing]):
    """Thread-safe; made once, closed with `close`."""

    def __init__(self, make: Callable[[], Thing]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._thing: Thing | None = None

    def get(self) -> Thing:
        """Raises what making it raises, and is made at the next call then."""
        with self._lock:
            if self._thing is None:
                self._thing = self._make()
            return self._thing

    def close(self) -> None:
        with self._lock:
            if self._thing is not None:
                self._thing.close()
