"""Questions that run into their deadline are asked seldom and one at a time: others keep theirs."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from goldeneye.clock import Clock
from goldeneye.errors import QueryLate

# So long a question rests at most, after it took too long again and again.
LONGEST_REST_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class _Late:
    reason: str
    rest_s: float
    until_s: float


class HeavyQuestions:
    """Thread-safe; knows questions by their text."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._late = dict[str, _Late]()
        # Of all workers they take one, and not before the one that was ended is replaced.
        self._lane = threading.Lock()
        self._free_s = 0.0

    def knows(self, text: str) -> bool:
        """Whether it was late the last time."""
        return text in self._late

    @contextmanager
    def asking(self, text: str) -> Iterator[None]:
        """What is asked within is remembered where it raises QueryLate.

        Raises QueryLate at once where its time has not come yet. The rest begins with as long as
        it took, and doubles each time.
        """
        late = self._late.get(text)
        if late is None:
            with self._watched(text):
                yield
            return
        left_s = late.until_s - self._clock.monotonic_s()
        if left_s > 0:
            raise QueryLate(f"{late.reason}; it is asked again in {left_s:.0f} s")
        if self._clock.monotonic_s() < self._free_s or not self._lane.acquire(blocking=False):
            raise QueryLate(f"{late.reason}; it is asked again after another one that is as heavy")
        try:
            with self._watched(text):
                yield
            self._late.pop(text, None)
        finally:
            self._lane.release()

    @contextmanager
    def _watched(self, text: str) -> Iterator[None]:
        began_s = self._clock.monotonic_s()
        try:
            yield
        except QueryLate as error:
            now_s = self._clock.monotonic_s()
            before = self._late.get(text)
            took_s = now_s - began_s
            self._free_s = now_s + took_s
            rest_s = min(took_s if before is None else 2 * before.rest_s, LONGEST_REST_S)
            self._late[text] = _Late(str(error), rest_s, now_s + rest_s)
            raise
