"""Which snapshots are out, so that no file vanishes under a query."""

import itertools
import threading


class Pins:
    """Numbers, given out in ascending order and taken back in any."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers = itertools.count()
        self._out: set[int] = set()

    def take(self) -> int:
        with self._lock:
            number = next(self._numbers)
            self._out.add(number)
            return number

    def give_back(self, number: int) -> None:
        with self._lock:
            self._out.discard(number)

    def mark(self) -> int:
        """Snapshots that are out now have smaller numbers, later ones greater."""
        with self._lock:
            return next(self._numbers)

    def any_before(self, mark: int) -> bool:
        with self._lock:
            return any(number < mark for number in self._out)
