"""Saying the same thing once a minute, however often it happens."""

import time
from collections.abc import Callable
from typing import Final

_EVERY_S: Final = 60.0


class Occasionally:
    """Tells whether something is to be said now. Keys must be from a bounded set."""

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self._now_s = now_s
        self._due_s: dict[object, float] = {}

    def due(self, key: object) -> bool:
        """Whether a minute has passed since this was last true for the key."""
        now_s = self._now_s()
        if now_s < self._due_s.get(key, now_s):
            return False
        self._due_s[key] = now_s + _EVERY_S
        return True
