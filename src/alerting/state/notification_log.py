"""What each receiver was last told of each group, known after a restart."""

import json
from collections.abc import Mapping
from typing import Any, Final

from alerting.routing.notification_log import Entry, MemoryLog
from alerting.state.database import Database

Remembered = Mapping[str, str]
NOTHING: Final[Remembered] = {}


class DurableLog:
    """See alerting.routing.notification_log.NotificationLog; read from memory."""

    def __init__(self, database: Database) -> None:
        """Raises StorageUnavailable."""
        self._database = database
        found = [(_entry(json.loads(entry)), json.loads(remembered))
                 for entry, remembered in database.rows("select_entries")]  # fmt: skip
        self._memory = MemoryLog(entry for entry, _ in found)
        self._remembered: dict[tuple[str, str], Remembered] = {
            _key(entry): remembered for entry, remembered in found
        }

    def last(self, group_key: str, integration: str, now_ns: int) -> Entry | None:
        return self._memory.last(group_key, integration, now_ns)

    def remembered(self, group_key: str, integration: str) -> Remembered:
        """What the integration asked to be told again; nothing where nothing is known."""
        return self._remembered.get((group_key, integration), {})

    def record(self, entry: Entry, remembered: Remembered = NOTHING) -> None:
        """Raises StorageUnavailable."""
        texts = json.dumps(_plain(entry)), json.dumps(dict(remembered))
        self._database.write("replace_entry", (*_key(entry), *texts, entry.expires_at_ns))
        self.know(entry, remembered)

    def know(self, entry: Entry, remembered: Remembered) -> None:
        """Until the end of the process, where it cannot be kept."""
        self._memory.record(entry)
        self._remembered[_key(entry)] = remembered

    def forget_expired(self, now_ns: int) -> None:
        """Raises StorageUnavailable."""
        self._database.write("delete_entries", (now_ns,))
        self._memory.forget_expired(now_ns)
        self._remembered = {
            key: one
            for key, one in self._remembered.items()
            if self._memory.last(*key, now_ns) is not None
        }


def _key(entry: Entry) -> tuple[str, str]:
    return entry.group_key, entry.integration


def _plain(entry: Entry) -> dict[str, Any]:
    return {
        "group_key": entry.group_key,
        "integration": entry.integration,
        "at_ns": entry.at_ns,
        "firing": sorted(entry.firing),
        "resolved": sorted(entry.resolved),
        "expires_at_ns": entry.expires_at_ns,
    }


def _entry(saved: Mapping[str, Any]) -> Entry:
    firing, resolved = frozenset(saved["firing"]), frozenset(saved["resolved"])
    return Entry(**{**saved, "firing": firing, "resolved": resolved})
