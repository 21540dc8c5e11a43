"""What each receiver was last told of each group."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Entry:
    """Fingerprints of the alerts that were firing and resolved, and when that was told."""

    group_key: str
    # Receiver, kind and place in the receiver: `team/webhook/0`.
    integration: str
    at_ns: int
    firing: frozenset[str]
    resolved: frozenset[str]
    expires_at_ns: int


class NotificationLog(Protocol):
    """Durable where it must be: what it was given, it still knows after a restart."""

    def last(self, group_key: str, integration: str, now_ns: int) -> Entry | None:
        """The entry, unless it expired."""
        ...

    def record(self, entry: Entry) -> None:
        """Replaces what was known of the group and the integration."""
        ...


class MemoryLog:
    """A log that is forgotten with the process."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._entries = {(e.group_key, e.integration): e for e in entries}

    def last(self, group_key: str, integration: str, now_ns: int) -> Entry | None:
        entry = self._entries.get((group_key, integration))
        return entry if entry is not None and entry.expires_at_ns > now_ns else None

    def record(self, entry: Entry) -> None:
        self._entries[entry.group_key, entry.integration] = entry

    def forget_expired(self, now_ns: int) -> None:
        self._entries = {k: e for k, e in self._entries.items() if e.expires_at_ns > now_ns}
