"""Decoded groups on their way to the commit: a few, and of bounded size."""

import threading
from typing import Final, Generic, TypeVar

from goldeneye.limits import MIB

# More would only add to memory: requests that wait undecoded take no less time.
_MAX_WAITING_GROUPS: Final = 4
# Of bodies; their rows take about as much again. A larger group goes alone.
_MAX_WAITING_BYTES: Final = 16 * MIB

Group = TypeVar("Group")


class Handover(Generic[Group]):
    """One thread puts, one takes."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: list[Group] = []
        self._waiting_bytes = 0
        self._has_ended = False

    def put(self, group: Group, size_bytes: int) -> None:
        """Wait for room, and leave the group there."""
        with self._changed:
            self._changed.wait_for(lambda: self._has_room(size_bytes))
            self._waiting.append(group)
            self._waiting_bytes += size_bytes
            self._changed.notify()

    def _has_room(self, size_bytes: int) -> bool:
        return not self._waiting or (
            len(self._waiting) < _MAX_WAITING_GROUPS
            and self._waiting_bytes + size_bytes <= _MAX_WAITING_BYTES
        )

    def end(self) -> None:
        """Nothing more is put."""
        with self._changed:
            self._has_ended = True
            self._changed.notify()

    def take(self) -> list[Group]:
        """Wait for what there is, and take all of it; empty at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._has_ended)
            taken, self._waiting, self._waiting_bytes = self._waiting, [], 0
            self._changed.notify()
            return taken
